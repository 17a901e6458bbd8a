"""The briefing as a document: its content in order, independent of Word and PDF."""

import datetime
import re
from dataclasses import dataclass

from coordinator.exports.charts.text_fit import text_width, wrapped_text
from coordinator.exports.documents.layout import DocumentLayout
from coordinator.exports.format import in_city, vi_date, vi_written_date
from coordinator.exports.tables import Table

_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_BLANK_NUMBER = "\u00a0" * 8
_DOTS_A_MM, _JUDGED_PT = 96 / 25.4, 9  # ``text_width`` is of letters of 12 px, which are 9 pt
# Words of agencies' names that stay on one line, and "và", which begins a line.
_UNBROKEN_NAMES = re.compile(
    r"ỦY BAN NHÂN DÂN|THÀNH PHỐ|(?:VÀ )?(?:VĂN HÓA|TRUYỀN THÔNG|THÔNG TIN|THỂ THAO|DU LỊCH|KHOA HỌC|CÔNG NGHỆ)|VÀ \S+"
)
_SPACE_MARK = "\ue000"  # replaces the space between them
_STEP = 4.0  # px by which a line is shortened
_BLANK_PLACE = "………"
_BLANK_DATE = "ngày … tháng … năm …"


@dataclass(frozen=True)
class BriefingSection:
    """One numbered part: sentences, lettered points, at most one chart, tables.

    ``chart`` is an SVG element from ``coordinator.exports.charts.render``, drawn ``with_key=True``; it loads nothing.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: str | None = None
    points: tuple[str, ...] = ()

    @property
    def point_lines(self) -> tuple[str, ...]:
        """``a) …;`` ``b) …;`` … ``đ) ….``"""
        return tuple(f"{point_letter(number)}) {line}" for number, line in enumerate(_punctuated_lines(self.points)))


@dataclass(frozen=True)
class Signature:
    """The signer: the office in one or more lines ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), and the name or ''."""

    title: str
    name: str = ""


@dataclass(frozen=True)
class Briefing:
    """A report in the form of an administrative document.

    The records office gives ``number`` and ``date``: empty ones are left blank. ``symbol`` is the part after the slash
    ("BC-STTTT"). ``title`` is the kind of document ("BÁO CÁO"), ``abstract`` its trích yếu. ``period`` is text;
    ``as_of`` (aware) and ``rule_version`` are the time and the rule of the count. ``recipients`` are in order, the last
    one the archive; ``addressed_to`` and ``basis`` (căn cứ) may be empty. An agency's name may have line breaks.
    """

    parent_agency: str
    agency: str
    place: str
    title: str
    abstract: str
    period: str
    as_of: datetime.datetime
    rule_version: str
    sections: tuple[BriefingSection, ...]
    signature: Signature
    recipients: tuple[str, ...] = ()
    number: str = ""
    symbol: str = ""
    date: datetime.date | None = None
    addressed_to: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    annexes: tuple[BriefingSection, ...] = ()

    @property
    def number_line(self) -> str:
        """``Số: 05/BC-STTTT``: below 10 with a leading zero, blank when there is none yet."""
        return number_line(self.number, self.symbol)

    @property
    def place_line(self) -> str:
        """``Hà Nội, ngày 05 tháng 01 năm 2027``."""
        return place_line(self.place, self.date)

    @property
    def basis_lines(self) -> tuple[str, ...]:
        """The lines of the legal basis, ended by ``;`` and the last by ``.``."""
        return _punctuated_lines(self.basis)

    @property
    def addressed_lines(self) -> tuple[str, ...]:
        """The addressees where they are several, one on a line: ``- Ủy ban …;`` … ``- Sở ….``; empty for one, who is on
        the line of "Kính gửi:" itself."""
        return tuple(f"- {line}" for line in _punctuated_lines(self.addressed_to)) if len(self.addressed_to) > 1 else ()

    @property
    def recipient_lines(self) -> tuple[str, ...]:
        """``- Như trên;`` … ``- Lưu: VT.``"""
        return tuple(f"- {line}" for line in _punctuated_lines(self.recipients))

    @property
    def attached_line(self) -> str:
        """The line of an annex that names its document; missing values are left blank."""
        number = number_line(self.number, self.symbol).removeprefix("Số: ")
        day = vi_written_date(self.date) if self.date else _BLANK_DATE
        agency = " ".join(self.agency.split())
        return f"(Kèm theo {self.title.capitalize()} số {number} {day} của {agency})"

    @property
    def counted_line(self) -> str:
        """The sentence with the time of all figures in the document."""
        moment = in_city(self.as_of)
        return (
            f"Kỳ báo cáo: {self.period}. Số liệu chốt lúc {moment:%H:%M} ngày {vi_date(moment)} (giờ Việt Nam), "
            f"theo quy tắc tính, phiên bản {self.rule_version}."
        )


def head_lines(name: str, form: DocumentLayout) -> tuple[str, ...]:
    """Return the lines of an agency's name in capitals, for the head: broken at its own line breaks, else into the
    fewest lines that fit, of about the same length."""
    lines: list[str] = []
    available = form.left_column * _DOTS_A_MM * _JUDGED_PT / form.agency_size
    for given in name.upper().splitlines():
        glued = _UNBROKEN_NAMES.sub(lambda found: found[0].replace(" ", _SPACE_MARK), " ".join(given.split()))
        widest = max((text_width(word) for word in glued.split()), default=0.0)
        broken, width = wrapped_text(glued, max(available, widest)), available
        while width > widest and len(evener := wrapped_text(glued, max(width, widest))) == len(broken):
            broken, width = evener, width - _STEP
        lines += (line.replace(_SPACE_MARK, " ") for line in broken)
    return tuple(lines)


def number_line(number: str, symbol: str) -> str:
    """``Số: 05/BC-STTTT``; see ``Briefing.number_line``. A number with its own symbol keeps it."""
    number = number.strip()
    if "/" in number:
        return f"Số: {number}"
    number = f"{number:0>2}" if number.isdecimal() else number or _BLANK_NUMBER
    return f"Số: {number}/{symbol}"


def place_line(place: str, date: datetime.date | None) -> str:
    """``Hà Nội, ngày 05 tháng 01 năm 2027``; missing values are left blank."""
    return f"{place or _BLANK_PLACE}, {vi_written_date(date) if date else _BLANK_DATE}"


def _punctuated_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    bare = [line.strip().rstrip(";.").rstrip() for line in lines]
    return tuple(line + (";" if index < len(bare) - 1 else ".") for index, line in enumerate(bare))


# Points are in the order of the Vietnamese alphabet (Nghị định 30/2020, Phụ lục I): without f, j, w, z, and with đ
# after d; letters that differ only by a mark (ă, â, ê, ô, ơ, ư) are left out, since they are easily confused.
_ALPHABET = "abcdđeghiklmnopqrstuvxy"


def point_letter(number: int) -> str:
    """Return the letter of a point, the first being 0; after ``y`` come ``aa``, ``ab`` …"""
    whole, rest = divmod(number, len(_ALPHABET))
    return (point_letter(whole - 1) if whole else "") + _ALPHABET[rest]


def roman(number: int) -> str:
    """Return a number as a Roman numeral; for the numbers of parts, from 1 to 89."""
    written = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        written += letters * count
    return written
