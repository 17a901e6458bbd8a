"""Why a source brings nothing, in words that say what to do about it."""

from campaigns.tracking.watching import Trouble
from coordinator.web.saying import _


def trouble_words(trouble: Trouble) -> tuple[str, str]:
    """What is the matter, and what helps; both empty when nothing is."""
    return {
        Trouble.NONE: ("", ""),
        Trouble.UNREACHABLE: (
            _("Không kết nối được máy chủ"),
            _("Mở thử bằng trình duyệt; nếu trang đã đổi tên miền thì khai lại."),
        ),
        Trouble.SLOW: (_("Máy chủ trả lời quá chậm"), _("Thường tự hết; nếu kéo dài, báo đối tác.")),
        Trouble.REFUSED: (_("Trang không cho hệ thống vào"), _("Nhờ đối tác mở cho địa chỉ và tên LanToa.")),
        Trouble.MISSING: (_("Nguồn không còn ở địa chỉ này"), _("Bấm “Tìm nguồn” để tìm địa chỉ mới.")),
        Trouble.BUSY: (_("Trang xin ta hỏi thưa hơn"), _("Hệ thống đã giãn ra; không cần làm gì.")),
        Trouble.BROKEN: (_("Trang đang có lỗi"), _("Thường tự hết; nếu kéo dài, báo đối tác.")),
        Trouble.ROBOTS: (
            _("robots.txt của trang không cho đọc"),
            _("Nhờ đối tác cho phép LanToa, hoặc khai nguồn khác."),
        ),
        Trouble.UNREADABLE: (
            _("Nội dung không đúng loại nguồn đã khai"),
            _("Kiểm tra lại địa chỉ, hoặc bấm “Tìm nguồn”."),
        ),
        Trouble.TOO_LARGE: (_("Nguồn quá lớn"), _("Khai một nguồn nhỏ hơn, chẳng hạn sơ đồ tin tức.")),
        Trouble.MOVED: (_("Nguồn chuyển hướng lòng vòng"), _("Kiểm tra lại địa chỉ, hoặc bấm “Tìm nguồn”.")),
        Trouble.PROTOCOL: (
            _("Kết nối bị lỗi hoặc chứng thư không hợp lệ"),
            _("Báo đối tác kiểm tra chứng thư và máy chủ."),
        ),
        Trouble.PROGRAM: (_("Lỗi của chính hệ thống này"), _("Báo người quản trị kỹ thuật, kèm dòng nguyên văn.")),
    }[trouble]
