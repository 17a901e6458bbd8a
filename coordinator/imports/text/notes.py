"""Notes for the writer of what an import or a paste left out, one sentence for each kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from coordinator.translation import N_, _

# By code; {n} is the number of parts.
NOTE_SENTENCES: Mapping[str, str] = {
    "script": N_("đã bỏ {n} đoạn mã lệnh, khung nhúng hoặc ô nhập liệu"),
    "hidden": N_("đã bỏ {n} phần bị ẩn, bị gạch ngang hoặc đã xóa"),
    "image": N_("đã bỏ {n} ảnh nhúng trong văn bản, hãy thêm ảnh bằng tệp riêng"),
    "image_address": N_("đã bỏ {n} ảnh không có địa chỉ http hoặc https dùng được"),
    "link": N_("đã bỏ {n} liên kết không có địa chỉ http, https hoặc mailto dùng được, giữ lại phần chữ"),
    "official_header": N_("đã bỏ {n} bảng tiêu đề thể thức văn bản hành chính"),
    "lead": N_("sapo được lấy từ đoạn đầu tiên"),
    "summary_only": N_("nguồn cấp tin chỉ cho phần tóm tắt của bài này"),
}


@dataclass(frozen=True)
class ImportNote:
    """One kind of change, made ``count`` times. ``str(note)`` is the sentence in the reader's language."""

    code: str
    count: int = 1

    def __str__(self) -> str:
        return _(NOTE_SENTENCES[self.code]).format(n=self.count)
