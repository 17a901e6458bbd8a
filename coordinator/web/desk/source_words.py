"""Why a source brings nothing, in words that say what to do about it."""

from flask_babel import gettext

from campaigns.tracking.watching import Trouble


def _(words: str) -> str:
    """The words in the reader's language; the library itself promises no type."""
    return str(gettext(words))


def trouble_words(trouble: Trouble) -> tuple[str, str]:
    """What is the matter, and what helps; both empty when nothing is."""
    match trouble:
        case Trouble.NONE:
            return "", ""
        case Trouble.UNREACHABLE:
            return _("Không kết nối được máy chủ"), _(
                "Mở thử bằng trình duyệt; nếu trang đã đổi tên miền thì khai lại."
            )
        case Trouble.SLOW:
            return _("Máy chủ trả lời quá chậm"), _("Thường tự hết; nếu kéo dài, báo đối tác.")
        case Trouble.REFUSED:
            return _("Trang không cho hệ thống vào"), _("Nhờ đối tác mở cho địa chỉ và tên LanToa.")
        case Trouble.MISSING:
            return _("Nguồn không còn ở địa chỉ này"), _("Bấm “Tìm nguồn” để tìm địa chỉ mới.")
        case Trouble.BUSY:
            return _("Trang xin ta hỏi thưa hơn"), _("Hệ thống đã giãn ra; không cần làm gì.")
        case Trouble.BROKEN:
            return _("Trang đang có lỗi"), _("Thường tự hết; nếu kéo dài, báo đối tác.")
        case Trouble.ROBOTS:
            return _("robots.txt của trang không cho đọc"), _("Nhờ đối tác cho phép LanToa, hoặc khai nguồn khác.")
        case Trouble.UNREADABLE:
            return _("Nội dung không đúng loại nguồn đã khai"), _("Kiểm tra lại địa chỉ, hoặc bấm “Tìm nguồn”.")
        case Trouble.TOO_LARGE:
            return _("Nguồn quá lớn"), _("Khai một nguồn nhỏ hơn, chẳng hạn sơ đồ tin tức.")
        case Trouble.MOVED:
            return _("Nguồn chuyển hướng lòng vòng"), _("Kiểm tra lại địa chỉ, hoặc bấm “Tìm nguồn”.")
        case Trouble.PROTOCOL:
            return _("Kết nối bị lỗi hoặc chứng thư không hợp lệ"), _("Báo đối tác kiểm tra chứng thư và máy chủ.")
        case Trouble.PROGRAM:
            return _("Lỗi của chính hệ thống này"), _("Báo người quản trị kỹ thuật, kèm dòng nguyên văn.")
