"""The wordings of official letters and the values of their fields. Their layout is in ``letters``."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coordinator.exports.documents.briefing import Signature
from coordinator.exports.format import in_city, vi_date

# The wording and the sender of an official letter.


NO_SIGNATURE = Signature("")
LetterValue = str | tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LetterWording:
    """The wording of one kind of letter in the shipped template, with fields in braces.

    ``title`` names the file's content; ``about``: after "V/v"; ``addressed_to``: after "Kính gửi:"; ``paragraphs`` in
    order, a template tag written as ``{%p … %}``; ``recipients``: below "Nơi nhận:". ``samples``: examples of its
    fields to check templates with, the one with all values first and the one with the fewest last.
    """

    title: str
    about: str
    addressed_to: str
    paragraphs: tuple[str, ...]
    samples: tuple[Mapping[str, LetterValue], ...]
    recipients: tuple[str, ...] = ("- Như trên;", "- Lưu: VT.")


@dataclass(frozen=True)
class LetterSender:
    """The sender on the day of the letter. A place and a signer that are not set are left blank, and so are number,
    symbol and date, which the records office gives. A name may have line breaks."""

    agency: str
    parent_agency: str = ""
    place: str = ""
    signature: Signature = NO_SIGNATURE


# The letter that reminds a partner of a finding.


_GROUP = 16  # characters of a hash in one group, since a word of 64 would leave a gap in the line before it


@dataclass(frozen=True)
class ReminderLetter:
    """The values of the letter. ``sentence``: the finding, in Vietnamese, as all its text; ``page_at`` is aware;
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
    def fields(self) -> Mapping[str, LetterValue]:
        """Return the values by the names of the template's fields, days and times in the form of a letter."""
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


_FULL_REMINDER = ReminderLetter(
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

REMINDER_WORDING = LetterWording(
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
    samples=(_FULL_REMINDER.fields, replace(_FULL_REMINDER, note="", reply_by=None).fields),
)


@dataclass(frozen=True)
class ThankYouLetter:
    """The values of one letter. ``period`` is text ("quý IV năm 2026"); ``figures`` are complete sentences."""

    partner: str
    period: str
    figures: tuple[str, ...]

    @property
    def fields(self) -> Mapping[str, LetterValue]:
        """Return the values by the names of the template's fields."""
        return {"partner": self.partner, "period": self.period, "figures": self.figures}


_FULL_THANK_YOU = ThankYouLetter(
    "Công ty mẫu", "quý IV năm 2026", ("Câu có số liệu thứ nhất.", "Câu có số liệu thứ hai.")
)
_BARE_THANK_YOU = ThankYouLetter("Công ty mẫu", "quý IV năm 2026", ())

THANK_YOU_WORDING = LetterWording(
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
    samples=(_FULL_THANK_YOU.fields, _BARE_THANK_YOU.fields),
)
