"""The thank-you letter: its words, and what they name. Its form is that of every official letter (``dispatch``)."""

from collections.abc import Mapping
from dataclasses import dataclass

from coordinator.exports.wording import Value, Wording


@dataclass(frozen=True)
class Thanks:
    """What one letter says. ``period`` is in words ("quý IV năm 2026"); ``figures`` are sentences, each ended."""

    partner: str
    period: str
    figures: tuple[str, ...]

    @property
    def fields(self) -> Mapping[str, Value]:
        """By the names that the words have them under."""
        return {"partner": self.partner, "period": self.period, "figures": self.figures}


_FULL = Thanks("Công ty mẫu", "quý IV năm 2026", ("Câu có số liệu thứ nhất.", "Câu có số liệu thứ hai."))
_BARE = Thanks("Công ty mẫu", "quý IV năm 2026", ())

THANKS = Wording(
    title="Thư cảm ơn",
    about="cảm ơn đơn vị đăng lại bản tin {{ period }}",
    addressed_to="{{ partner }}",
    paragraphs=(
        "{{ agency }} trân trọng cảm ơn {{ partner }} đã đăng lại bản tin chính thức của thành phố trong {{ period }}.",
        "{%p for line in figures %}",
        "{{ line }}",
        "{%p endfor %}",
        "Việc đăng đủ toàn văn, nêu rõ nguồn và dẫn về bản gốc giúp người dân đọc được thông tin đúng và kiểm lại "
        "được khi cần. {{ agency }} ghi nhận sự phối hợp ấy và mong tiếp tục cùng {{ partner }} trong thời gian tới.",
        "Trân trọng./.",
    ),
    samples=(_FULL.fields, _BARE.fields),
)
