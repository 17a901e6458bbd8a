"""Help on pages where staff and partners talk: notices and questions."""

from collections.abc import Mapping

# Template -> what it is for and what to do first, in Vietnamese and English.
PAGES: Mapping[str, tuple[str, str]] = {
    "notices/form.html": (
        "Viết điều Sở muốn đối tác biết, chọn ai nhận và hạn. Lưu nháp thì chưa ai thấy; phát rồi thì hiện ngay "
        "trong cổng của họ. Sửa thông báo đã phát là mời mọi nơi đọc lại.",
        "Write what partners should know, choose who receives it and by when. A draft is seen by nobody; once "
        "published it is in their portal at once. A change asks all of them to read again.",
    ),
    "notices/index.html": (
        "Thông báo của Sở cho đối tác và mỗi nơi đã đọc, đã xác nhận hay chưa. Bắt đầu bằng Soạn thông báo. Thông "
        "báo quá hạn mà chưa đọc thì mở ra xem còn thiếu ai để nhắc.",
        "Notices to partners, and who has read or confirmed them. Begin by writing one. Where one is overdue, open "
        "it to see whom to remind.",
    ),
    "notices/show.html": (
        "Một thông báo: nội dung, các bản đã phát, từng đối tác đã đọc và xác nhận lúc nào. Chưa phát thì phát ở "
        "đây; sai thì sửa hoặc thu hồi kèm lý do. Thu hồi rồi vẫn cho hiệu lực trở lại được.",
        "One notice: its text, its versions, and when each partner read and confirmed it. Publish it here, or "
        "correct or withdraw it with a reason. A withdrawn one can be put back.",
    ),
    "questions/index.html": (
        "Câu hỏi đối tác gửi từ cổng, câu chờ lâu nhất đứng đầu. Mở một câu để trả lời; đối tác đã hỏi thấy ngay. "
        "Điều đáng cho mọi nơi biết thì viết lại và đăng chung.",
        "Questions from the portal, the one that waits longest first. Open one to answer; the partner sees it at "
        "once. What all should know can be rewritten and published.",
    ),
    "questions/show.html": (
        "Trao đổi với một đối tác về một câu hỏi. Trả lời ở đây, chỉ đối tác đó thấy. Muốn đăng cho mọi đối tác thì "
        "viết lại, bỏ tên và chi tiết riêng.",
        "The exchange with one partner about one question. Answer here; only that partner sees it. To publish it, "
        "write it anew without names and private details.",
    ),
}
