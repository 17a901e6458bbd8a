"""Help on pages about what partners are held to: findings, front pages, rules."""

from collections.abc import Mapping

# Template -> what it is for and what to do first, in Vietnamese and English.
PAGES: Mapping[str, tuple[str, str]] = {
    "admin/rule.html": (
        "Các bản của một quy tắc: nội dung, căn cứ, ngày hiệu lực, tham số. Luật đổi thì thêm một bản với ngày bắt "
        "đầu của nó; nghi vấn đã nêu vẫn theo bản cũ. Muốn ngừng quy tắc thì thêm một bản bỏ chọn Áp dụng.",
        "The versions of one rule: text, basis, days in force, parameters. When the law changes, add a version with "
        "its first day; findings made before keep theirs. To stop a rule, add a version that is not asked.",
    ),
    "admin/rules.html": (
        "Mười ba quy tắc dùng để nêu nghi vấn với bài đăng lại và trang chủ của đối tác. Mở một quy tắc để xem căn cứ "
        "và thêm bản mới khi văn bản pháp luật hoặc mức của đơn vị thay đổi.",
        "The thirteen rules by which copies and partners' front pages are suspected. Open one to read its basis and to "
        "add a version when the law or the office's own figures change.",
    ),
    "compliance/index.html": (
        "Điều quy tắc thấy đáng nghi, kèm bằng chứng; cái chờ lâu nhất đứng đầu. Mở một dòng, xem bản chụp, rồi kết "
        "luận hoặc bỏ qua kèm lý do. Không có gì tự động xảy ra với đối tác.",
        "What the rules find suspicious, with the evidence; what waits longest comes first. Open a line, look at the "
        "kept page, then confirm or dismiss with a reason. Nothing happens to a partner by itself.",
    ),
    "compliance/kept.html": (
        "Trang của người khác như lúc máy tải về, đã bỏ mọi mã và ảnh. Cần nguyên vẹn thì tải mã trang; mã băm cho "
        "biết nó chưa bị sửa.",
        "Somebody else's page as it was fetched, without scripts and pictures. For the very bytes download its source; "
        "the hash shows that nobody has changed it.",
    ),
    "compliance/show.html": (
        "Một nghi vấn: bằng chứng bên trái, quy tắc của ngày đó và diễn biến bên phải. Có thể hỏi đối tác trước, rồi "
        "kết luận; sau đó ghi công văn nhắc, việc khắc phục hoặc chuyển thanh tra. Việc cuối cùng luôn hoàn tác được.",
        "One finding: the evidence on the left, the rule of its day and the story on the right. Ask the partner first "
        "if you like, then conclude; afterwards note the letter, the mending or the inspection. The last act can be "
        "undone.",
    ),
    "compliance/sites.html": (
        "Trang chủ của mỗi trang được xem thưa, chỉ để kiểm tra thông tin bắt buộc. Trang nào chưa đọc được đứng đầu, "
        "kèm lý do. Bấm Xem ngay sau khi đối tác báo đã sửa.",
        "Each site's front page is looked at rarely, and only for what it has to tell of itself. Those that could not "
        "be read come first, with the reason. Look at once after a partner says that it has put things right.",
    ),
}
