"""The briefing as a document: what stands in it, in order, before it is Word or PDF."""

import datetime
import re
from dataclasses import dataclass

from coordinator.exports.fitting import words_width, wrapped
from coordinator.exports.form import Form
from coordinator.exports.format import in_city, vi_date, vi_written_date
from coordinator.exports.tables import Table

_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_BLANK_NUMBER = "\u00a0" * 8
_DOTS_A_MM, _JUDGED_PT = 96 / 25.4, 9  # ``words_width`` is of letters of 12 px, which are 9 pt
# Words of agencies' names that no line parts, and "và" that begins one.
_GLUED = re.compile(
    r"ỦY BAN NHÂN DÂN|THÀNH PHỐ|(?:VÀ )?(?:VĂN HÓA|TRUYỀN THÔNG|THÔNG TIN|THỂ THAO|DU LỊCH|KHOA HỌC|CÔNG NGHỆ)|VÀ \S+"
)
_GLUE = "\ue000"  # stands for the space between them
_STEP = 4.0  # px by which a line is made shorter
_BLANK_PLACE = "………"
_BLANK_DATE = "ngày … tháng … năm …"


@dataclass(frozen=True)
class Section:
    """One numbered part: sentences, points by letters, figures with their labels, at most one drawing, tables.

    ``chart`` is an SVG element from ``coordinator.exports.charts``, drawn ``with_key=True``, and nothing from outside.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    chart: str | None = None
    points: tuple[str, ...] = ()

    @property
    def point_lines(self) -> tuple[str, ...]:
        """``a) …;`` ``b) …;`` … ``đ) ….``"""
        return tuple(f"{letter(number)}) {line}" for number, line in enumerate(_ended(self.points)))


@dataclass(frozen=True)
class Signature:
    """Who signs: the office in one or more lines ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), and the name or nothing."""

    title: str
    name: str = ""


@dataclass(frozen=True)
class Briefing:
    """A report in the administrative form.

    ``number`` and ``date`` are the records office's to give: left empty they stay open. ``symbol`` is the part after
    the slash ("BC-STTTT"). ``title`` is the kind of document ("BÁO CÁO"), ``abstract`` its trích yếu. ``period`` is in
    words; ``as_of`` (aware) and ``rule_version`` say when and by which rule was counted. ``recipients`` are in order,
    the last one the archive; ``addressed_to`` and ``basis`` (căn cứ) may be absent. An agency's name may have line
    breaks where the head shall break it.
    """

    parent_agency: str
    agency: str
    place: str
    title: str
    abstract: str
    period: str
    as_of: datetime.datetime
    rule_version: str
    sections: tuple[Section, ...]
    signature: Signature
    recipients: tuple[str, ...] = ()
    number: str = ""
    symbol: str = ""
    date: datetime.date | None = None
    addressed_to: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    annexes: tuple[Section, ...] = ()

    @property
    def number_line(self) -> str:
        """``Số: 05/BC-STTTT``: below 10 with a leading zero, open when there is none yet."""
        return number_line(self.number, self.symbol)

    @property
    def place_line(self) -> str:
        """``Hà Nội, ngày 05 tháng 01 năm 2027``."""
        return place_line(self.place, self.date)

    @property
    def basis_lines(self) -> tuple[str, ...]:
        """The legal basis, a line each, ended by ``;`` and the last by ``.``."""
        return _ended(self.basis)

    @property
    def addressed_lines(self) -> tuple[str, ...]:
        """Those it is addressed to where they are several, a line each: ``- Ủy ban …;`` … ``- Sở ….``; none for one,
        who stands in the line of "Kính gửi:" itself."""
        return tuple(f"- {line}" for line in _ended(self.addressed_to)) if len(self.addressed_to) > 1 else ()

    @property
    def recipient_lines(self) -> tuple[str, ...]:
        """``- Như trên;`` … ``- Lưu: VT.``"""
        return tuple(f"- {line}" for line in _ended(self.recipients))

    @property
    def attached_line(self) -> str:
        """What an annex says of the document it belongs to; what is not given stays open."""
        number = number_line(self.number, self.symbol).removeprefix("Số: ")
        day = vi_written_date(self.date) if self.date else _BLANK_DATE
        agency = " ".join(self.agency.split())
        return f"(Kèm theo {self.title.capitalize()} số {number} {day} của {agency})"

    @property
    def counted_line(self) -> str:
        """The sentence that dates every figure in the document."""
        moment = in_city(self.as_of)
        return (
            f"Kỳ báo cáo: {self.period}. Số liệu chốt lúc {moment:%H:%M} ngày {vi_date(moment)} (giờ Việt Nam), "
            f"theo luật đếm {self.rule_version}."
        )


def head_lines(name: str, form: Form) -> tuple[str, ...]:
    """An agency's name in capitals as the head has it, a line each: broken where somebody broke it, else into the
    fewest lines there is room for, of about the same length."""
    lines: list[str] = []
    room = form.left_column * _DOTS_A_MM * _JUDGED_PT / form.agency_size
    for given in name.upper().splitlines():
        glued = _GLUED.sub(lambda found: found[0].replace(" ", _GLUE), " ".join(given.split()))
        widest = max((words_width(word) for word in glued.split()), default=0.0)
        broken, width = wrapped(glued, max(room, widest)), room
        while width > widest and len(evener := wrapped(glued, max(width, widest))) == len(broken):
            broken, width = evener, width - _STEP
        lines += (line.replace(_GLUE, " ") for line in broken)
    return tuple(lines)


def number_line(number: str, symbol: str) -> str:
    """``Số: 05/BC-STTTT``; see ``Briefing.number_line``. A number that brings its own symbol keeps it."""
    number = number.strip()
    if "/" in number:
        return f"Số: {number}"
    number = f"{number:0>2}" if number.isdecimal() else number or _BLANK_NUMBER
    return f"Số: {number}/{symbol}"


def place_line(place: str, date: datetime.date | None) -> str:
    """``Hà Nội, ngày 05 tháng 01 năm 2027``; what is not given stays open."""
    return f"{place or _BLANK_PLACE}, {vi_written_date(date) if date else _BLANK_DATE}"


def _ended(lines: tuple[str, ...]) -> tuple[str, ...]:
    bare = [line.strip().rstrip(";.").rstrip() for line in lines]
    return tuple(line + (";" if index < len(bare) - 1 else ".") for index, line in enumerate(bare))


# Points stand in the order of the Vietnamese alphabet (Nghị định 30/2020, Phụ lục I): without f, j, w, z, and with đ
# after d; letters that differ by a mark alone (ă, â, ê, ô, ơ, ư) are left out, since a reader would mistake them.
_ALPHABET = "abcdđeghiklmnopqrstuvxy"


def letter(number: int) -> str:
    """The letter of a point, the first being 0; after ``y`` come ``aa``, ``ab`` …"""
    whole, rest = divmod(number, len(_ALPHABET))
    return (letter(whole - 1) if whole else "") + _ALPHABET[rest]


def roman(number: int) -> str:
    """``4`` as ``IV``; for the numbers of parts, from 1 to 89."""
    written = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        written += letters * count
    return written
