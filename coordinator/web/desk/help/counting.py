"""Help on pages of copies, progress and reports."""

from collections.abc import Mapping

# Template -> what it is for and what to do first, in Vietnamese and English.
PAGES: Mapping[str, tuple[str, str]] = {
    "progress/index.html": (
        "Kế hoạch đang tới đâu so với chỉ tiêu, và còn kịp không. Chọn kế hoạch và kỳ ở trên; mọi con số bấm vào "
        "được để xem các dòng đứng sau. Số chính chỉ gồm bài đã xác nhận; phần “Vì sao” và “Nếu thì” nói nên làm gì.",
        "How the plan stands against its targets, and whether it will do. Choose plan and period on top; every "
        "figure opens the rows behind it. The main figure is confirmed copies only; why, and what if, say what to do.",
    ),
    "progress/quiet.html": (
        "Các đối tác từng đăng lại trong kỳ này mà hai tuần qua không có lượt nào được xác nhận; ai từng mang nhiều "
        "nhất đứng đầu. Gọi hỏi họ, hoặc xem nguồn tin của trang họ còn đọc được không.",
        "Partners that republished in this period and have had no confirmed copy for two weeks, those that had carried "
        "the most first. Ask them, or look whether their sites can still be read.",
    ),
    "progress/lines.html": (
        "Cùng số liệu, chia theo đối tác, trang, chuyên đề, kênh hoặc ngày. Bấm tiêu đề cột để xếp, tải về Excel "
        "khi cần gửi đi. Đổi bộ lọc thì địa chỉ đổi theo, gửi cho đồng nghiệp được.",
        "The same figures by partner, site, topic, channel or day. Press a heading to sort, take it as a sheet. "
        "The address keeps the filters and can be passed on.",
    ),
    "removals/index.html": (
        "Bài lẽ ra phải gỡ hoặc sửa theo nhưng chưa. Gọi đối tác theo thông tin bên cạnh, rồi bấm xem lại ngay sau "
        "khi họ báo xong. Bài đã theo sẽ tự rời danh sách.",
        "Copies that should be down or changed and are not. Call the partner, then have the page looked at again. "
        "Those that follow leave the list by themselves.",
    ),
    "briefings/index.html": (
        "Báo cáo giao ban của từng kỳ: một nút lập dự thảo, rồi chốt để trình ký. Chọn kế hoạch và kỳ, xem số liệu, "
        "ghi khó khăn và đề xuất, rồi chốt. Bản đã chốt tải về được bất cứ lúc nào.",
        "The briefings of each period. One button makes the draft; look at it, write the words, freeze it. A frozen "
        "one can be taken at any time.",
    ),
    "briefings/show.html": (
        "Dự thảo với số liệu lúc này; bấm con số nào cũng ra các dòng đứng sau. Sửa lời văn, lưu, rồi chốt: từ đó số "
        "liệu của bản ấy không đổi nữa. Số và ngày ký có thể ghi sau.",
        "The draft with the figures of this moment; every figure opens its rows. Edit the words, save, then freeze: "
        "from then on that version stays. Number and day can follow.",
    ),
    "briefings/version.html": (
        "Một bản đã chốt: số liệu đúng như lúc chốt, năm tệp để tải, và những số khác bản trước. Khi văn thư cấp số "
        "thì ghi vào đây. Nút tính lại cho biết số liệu có còn suy ra được từ sổ ghi không.",
        "A frozen version: its figures as they were, five files, and what differs from the one before. Write down the "
        "number once it is given. It can be derived anew from the history.",
    ),
    "briefings/again.html": (
        "Tính lại một bản đã chốt từ sổ ghi các thay đổi, để ai cũng kiểm được. Bằng nhau thì mọi số khớp; không bằng "
        "thì kể từng số khác.",
        "A frozen version derived anew from the history of changes, for anybody to check. Every figure that differs is "
        "listed.",
    ),
    "briefings/rows.html": (
        "Các dòng đứng sau một con số của báo cáo, nhiều đúng bằng con số đó. Với bản đã chốt, đây là các dòng được "
        "tính lúc chốt. Bấm tên để mở chứng cứ.",
        "The rows behind one figure of a briefing, exactly as many. For a frozen one they are those counted then. "
        "Press a name for the evidence.",
    ),
    "reports/index.html": (
        "Lập báo cáo theo kỳ và tải về Word, PDF hoặc Excel theo thể thức văn bản. Xem trước số liệu ở đây rồi mới "
        "tải. Báo cáo ghi thời điểm chốt số; lập lại về sau là bản mới, không sửa bản cũ.",
        "Make the report of a period as Word, PDF or Excel. Look at the figures first. It names the moment it was "
        "frozen; a later one is a new version.",
    ),
    "republications/batch.html": (
        "Kết luận nhiều bài cùng lúc. Bài nào đã có người khác kết luận trong lúc đó thì bỏ qua và được kể ra. Kết "
        "luận chung vẫn hoàn tác được từng bài.",
        "Concludes many copies at once. Those that somebody else concluded meanwhile are left and named. Each can "
        "be taken back by itself.",
    ),
    "republications/disagreements.html": (
        "Những bài mà máy, đối tác và người nói khác nhau. Mở từng bài, xem chứng cứ rồi quyết. Quyết định của "
        "người thắng, và lý do được giữ lại.",
        "Copies on which machine, partner and people differ. Open each, look at the evidence, decide. A person's "
        "decision counts, with its reason.",
    ),
    "republications/index.html": (
        "Mọi bài đăng lại máy tìm thấy hoặc được báo, cùng mức chứng cứ. Số chính chỉ tính bài đã xác nhận; bài "
        "chờ xem xét nằm ở hàng chờ. Thấy một bài máy chưa biết thì bấm ghi nhận.",
        "Every copy that was found or reported, with its evidence. Only confirmed ones count; those that wait are "
        "in the queue. If you know one that is missing, report it.",
    ),
    "republications/kept.html": (
        "Nguyên trang lúc máy đọc, giữ làm chứng cứ. Đoạn trùng với bản tin được tô. Trang thật bây giờ có thể đã "
        "khác.",
        "The page as it was read, kept as proof, with the matching passages marked. The page itself may have "
        "changed since.",
    ),
    "republications/queue.html": (
        "Các bài máy chưa dám kết luận, gấp nhất ở trên. Mở bài đầu, xem hai văn bản cạnh nhau rồi xác nhận hoặc "
        "loại; bài kế tự hiện ra. Phím tắt ghi ở cuối trang.",
        "Copies that the machine will not decide, most pressing first. Open the first, compare, confirm or reject; "
        "the next one follows. Shortcuts are listed below.",
    ),
    "republications/report.html": (
        "Dán địa chỉ bài đăng lại mà bạn thấy. Máy sẽ đọc trang và so với bản tin; đạt thì tự tính, không rõ thì "
        "vào hàng chờ. Trang phải đăng nhập mới xem được thì dùng ghi nhận bằng ảnh chụp.",
        "Paste the address of a copy you have seen. The page is read and compared; it is counted or goes to the "
        "queue. For pages behind a sign-in, use a screenshot.",
    ),
    "republications/review.html": (
        "Bản tin bên này, trang đăng lại bên kia, chỗ trùng được tô. Xác nhận nếu đúng là bản tin của ta và có nêu "
        "nguồn; loại nếu không, kèm lý do. Không chắc thì xem ý kiến thứ hai.",
        "Our text and theirs side by side, with what matches marked. Confirm it if it is ours and names us; else "
        "reject it with a reason. If unsure, look at the second opinion.",
    ),
    "republications/second.html": (
        "Trang đã giữ được một chương trình khác đọc lại và so với bản tin theo cùng luật, để biết máy có đọc nhầm "
        "không. Hai bên khác nhau thì xem chỗ được tô rồi tự kết luận ở trang của bài. Xem ở đây không đổi gì.",
        "The kept page is read again by another program and compared by the same rules, to know whether it was "
        "misread. Where the two differ, look at what is marked and conclude on the copy's page. Nothing changes here.",
    ),
    "republications/show.html": (
        "Một bài đăng lại: vì sao tính hay không tính, từng chứng cứ, và đến nay còn trên trang không. Tải gói "
        "chứng cứ khi cần đưa người khác kiểm. Người xem xét kết luận lại được, lý do vào nhật ký.",
        "One copy: why it counts or not, each piece of evidence, and whether it is still there. Take the bundle "
        "for others to check. A reviewer may conclude anew, with a reason.",
    ),
    "republications/vouch.html": (
        "Cho bài trên mạng xã hội mà máy không đọc được. Chụp cả màn hình có tên trang, giờ đăng và địa chỉ, tải "
        "lên rồi xác nhận. Bài loại này ghi rõ là do người xác nhận.",
        "For pages behind a sign-in. Take a picture with the page's name, time and address, upload and confirm. "
        "Such copies are marked as confirmed by a person.",
    ),
}
