"""Why an uploaded picture or PDF file is refused, in sentences that say what to do; by the codes of ``imports``."""

from coordinator.imports.pictures import LEAST, MOST_PIXELS
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _


def refusals(most_bytes: int, most_pages: int) -> dict[str, str]:
    """The sentences, for a form that takes so many bytes and so many pages."""
    million = formats.number(MOST_PIXELS // 1_000_000, language())
    return {
        "empty": _("Chọn một ảnh hoặc tệp PDF."),
        "too_large": _("Tệp lớn hơn %(most)s.", most=formats.file_size(most_bytes, language())),
        "too_many_pixels": _("Ảnh có hơn %(count)s triệu điểm ảnh. Chụp lại, hoặc chia làm nhiều ảnh.", count=million),
        "too_small": _(
            "Ảnh nhỏ quá để đọc được; ít nhất %(width)s × %(height)s điểm.", width=LEAST[0], height=LEAST[1]
        ),
        "unreadable": _("Tệp hỏng hoặc bị cắt ngang. Lưu lại rồi chọn lần nữa."),
        "too_heavy": _("Tệp cần quá nhiều bộ nhớ hoặc thời gian để đọc. Lưu lại dưới dạng ảnh."),
        "encrypted": _("Tệp PDF có mật khẩu. Bỏ mật khẩu rồi chọn lại."),
        "too_many_pages": _("Tệp PDF phải có từ 1 đến %(count)s trang.", count=most_pages),
        "scripts": _("Tệp PDF có mã chạy bên trong. In lại thành PDF rồi chọn tệp mới."),
        "embedded": _("Tệp PDF có tệp khác đính kèm bên trong. In lại thành PDF rồi chọn tệp mới."),
        "launch": _("Tệp PDF có lệnh mở chương trình hoặc gửi dữ liệu. In lại thành PDF rồi chọn tệp mới."),
    }
