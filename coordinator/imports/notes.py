"""What was left out or changed on the way in, counted and said in words: nothing disappears without a note."""

from collections.abc import Iterable
from dataclasses import dataclass

# code -> (English, Vietnamese). {n} is how many.
SENTENCES: dict[str, tuple[str, str]] = {
    "script": ("{n} piece(s) of script or style removed", "đã bỏ {n} đoạn mã lệnh hoặc kiểu trình bày"),
    "embedded": (
        "{n} embedded frame(s), form field(s) or media removed",
        "đã bỏ {n} khung nhúng, ô nhập liệu hoặc tệp đa phương tiện",
    ),
    "hidden": ("{n} hidden part(s) removed", "đã bỏ {n} phần bị ẩn"),
    "struck": ("{n} struck-out or deleted part(s) removed", "đã bỏ {n} phần bị gạch ngang hoặc đã xóa"),
    "image": (
        "{n} embedded image(s) removed; add them as image files",
        "đã bỏ {n} ảnh nhúng trong văn bản, hãy thêm ảnh bằng tệp riêng",
    ),
    "image_address": (
        "{n} image(s) without a usable http or https address removed",
        "đã bỏ {n} ảnh không có địa chỉ http hoặc https dùng được",
    ),
    "pixel": ("{n} invisible counting image(s) removed", "đã bỏ {n} ảnh đếm không nhìn thấy"),
    "link": (
        "{n} link(s) without a usable http, https or mailto address removed, their text kept",
        "đã bỏ {n} liên kết không có địa chỉ http, https hoặc mailto dùng được, giữ lại phần chữ",
    ),
    "control": ("{n} invisible control character(s) removed", "đã bỏ {n} ký tự điều khiển không nhìn thấy"),
    "depth": ("{n} part(s) nested too deep were flattened", "đã làm phẳng {n} phần lồng nhau quá sâu"),
    "list": ("{n} typed list(s) turned into real lists", "đã chuyển {n} danh sách gõ tay thành danh sách thật"),
    "official_header": (
        "{n} heading table(s) of an official letter removed",
        "đã bỏ {n} bảng tiêu đề thể thức văn bản hành chính",
    ),
    "footnote": ("{n} footnote(s) or comment(s) may need a look", "có {n} chú thích hoặc bình luận cần xem lại"),
    "lead": ("the lead was taken from the first paragraph", "sapo được lấy từ đoạn đầu tiên"),
    "summary_only": (
        "the feed gives only a summary of this text",
        "nguồn cấp tin chỉ cho phần tóm tắt của bài này",
    ),
}


@dataclass(frozen=True)
class Note:
    """One kind of thing that happened ``count`` times. ``str(note)`` is English; pages use ``vietnamese``."""

    code: str
    count: int = 1

    def __str__(self) -> str:
        return SENTENCES[self.code][0].format(n=self.count)

    @property
    def vietnamese(self) -> str:
        """The same for the people who work here."""
        return SENTENCES[self.code][1].format(n=self.count)


def tally(codes: Iterable[str]) -> tuple[Note, ...]:
    """Notes for a run of codes, each once with its count, in the order they first came."""
    counts: dict[str, int] = {}
    for code in codes:
        counts[code] = counts.get(code, 0) + 1
    return tuple(Note(code, count) for code, count in counts.items())
