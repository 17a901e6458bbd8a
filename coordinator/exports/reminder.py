"""The letter that reminds a partner of a finding: its words, and what they name. Its form is that of every official
letter (``dispatch``)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coordinator.exports.format import in_city, vi_date
from coordinator.exports.wording import Value, Wording

_GROUP = 16  # letters of a hash in one group: 64 in one would tear the line before them apart


@dataclass(frozen=True)
class Reminder:
    """What the letter tells. ``sentence``: what is wrong, in Vietnamese, as are all words of it; ``page_at`` is aware;
    ``note`` and ``reply_by`` may be absent."""

    company: str
    site: str
    site_url: str
    sentence: str
    page_url: str
    page_at: datetime.datetime
    page_hash: str
    rule: str
    basis: str
    note: str
    reply_by: datetime.date | None

    @property
    def fields(self) -> Mapping[str, Value]:
        """By the names that the words have them under, days and times as a letter writes them."""
        moment = in_city(self.page_at)
        note = self.note.strip()
        return {
            "company": self.company,
            "site": self.site,
            "site_url": self.site_url,
            "sentence": self.sentence,
            "page_url": self.page_url,
            "page_at": f"{moment:%H:%M} ngày {vi_date(moment)}",
            "page_hash": " ".join(self.page_hash[at : at + _GROUP] for at in range(0, len(self.page_hash), _GROUP)),
            "rule": self.rule,
            "basis": self.basis,
            "note": note if not note or note.endswith((".", "!", "?", "…")) else f"{note}.",
            "reply_by": vi_date(self.reply_by) if self.reply_by is not None else "",
        }


_FULL = Reminder(
    company="Công ty mẫu",
    site="Trang mẫu",
    site_url="https://trang-mau.example/",
    sentence="Câu nói điều chưa phù hợp.",
    page_url="https://trang-mau.example/bai",
    page_at=datetime.datetime(2026, 11, 24, 2, 30, tzinfo=datetime.UTC),
    page_hash="0" * 64,
    rule="Tên quy định",
    basis="Căn cứ pháp lý",
    note="Lời kết luận.",
    reply_by=datetime.date(2026, 12, 5),
)

REMINDER = Wording(
    title="Công văn nhắc thực hiện quy định",
    about="nhắc thực hiện quy định khi đăng lại bản tin trên {{ site }}",
    addressed_to="{{ company }}",
    paragraphs=(
        "Qua theo dõi việc đăng lại bản tin của {{ agency }}, {{ agency }} ghi nhận tại trang thông tin điện tử "
        "{{ site }}{% if site != site_url %} ({{ site_url }}){% endif %} của {{ company }} như sau:",
        "{{ sentence }}",
        "Địa chỉ: {{ page_url }}; thời điểm ghi nhận: {{ page_at }}; mã băm SHA-256 của bản chụp: {{ page_hash }}.",
        "Nội dung trên chưa phù hợp với quy định “{{ rule }}” ({{ basis }}).",
        "{%p if note %}",
        "Kết luận của {{ agency }}: {{ note }}",
        "{%p endif %}",
        "Đề nghị {{ company }} khắc phục và trả lời bằng văn bản hoặc qua cổng đối tác"
        "{% if reply_by %} chậm nhất ngày {{ reply_by }}{% endif %}.",
        "Trân trọng./.",
    ),
    samples=(_FULL.fields, replace(_FULL, note="", reply_by=None).fields),
)
