"""What people and Excel do to a register, one kind after the other: what must be refused, and what must be read right.

A kind takes dice and what is true, and gives what then stands in one cell. Texts go into every kind of file; numbers,
days, formulas and errors only into a workbook.
"""

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from tests.coordinator.imports.tables.sample_register import TrueRecord, tax_code


@dataclass(frozen=True)
class Formula:
    """A formula and the value that the file holds beside it: "" for none, ``#REF!`` and the like for an error."""

    text: str
    value: str = ""


Cell: TypeAlias = str | float | datetime | Formula
CellMaker: TypeAlias = Callable[[random.Random, TrueRecord], Cell]


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault. ``code``: what the import must call it, "" where it must read the cell right."""

    name: str
    field: str
    code: str
    make: CellMaker


def _always(*texts: str) -> CellMaker:
    return lambda dice, _truth: dice.choice(texts)


def _apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _day(truth: TrueRecord, field: str) -> date:
    return truth.issued_on if field == "issued_on" else truth.expires_on or truth.issued_on


def _serial(field: str) -> CellMaker:
    return lambda _dice, truth: float((_day(truth, field) - date(1899, 12, 30)).days)


def _short_code(dice: random.Random, _truth: TrueRecord) -> Cell:
    right = tax_code(dice)
    return right[1:9] + str((int(right[9]) + 1) % 10)


def _before(dice: random.Random, truth: TrueRecord) -> Cell:
    return f"{truth.issued_on - timedelta(days=dice.randint(1, 900)):%d/%m/%Y}"


FIELDS = ("company_name", "tax_code", "licence_number", "kind", "issued_on", "expires_on", "domains", "status")

REFUSED: tuple[FaultKind, ...] = (
    *(
        FaultKind(name, field, "date", make)
        for field in ("issued_on", "expires_on")
        for name, make in (
            ("the 31st of a short month", _always("31/02/2023", "31/04/2024", "31/09/2021", "30/02/2024")),
            ("the 29th of February in no leap year", _always("29/02/2023", "29/02/2022")),
            ("month and day changed round", _always("03/25/2023", "12/31/2022")),
            ("a year of two digits", _always("04/03/23", "4/3/24", "04-03-22")),
            ("a year too far", _always("04/03/0203", "04/03/2230")),
            ("words", _always("hôm qua", "đầu năm 2023", "chưa rõ ngày", "quý 3/2023")),
            ("half a date", _always("4.3", "03/2023", "2023")),
        )
    ),
    *(FaultKind("a day's number", field, "day_number", _serial(field)) for field in ("issued_on", "expires_on")),
    FaultKind("the end before the issue", "expires_on", "before_issue", _before),
    FaultKind("no day of issue", "issued_on", "required", _always("", "-", "  ")),
    FaultKind("no number", "licence_number", "required", _always("", " ", "-", "chưa có", "\u00a0")),
    FaultKind("a number too long", "licence_number", "too_long", lambda _dice, truth: f"{truth.number} " * 12),
    FaultKind("no name", "company_name", "required", _always("", "không có", "\u200b")),
    FaultKind("a name too long", "company_name", "too_long", lambda _dice, truth: f"{truth.company} " * 20),
    FaultKind("a tax code too short", "tax_code", "tax_code", _always("12345", "0109", "01098765")),
    FaultKind("letters in a tax code", "tax_code", "tax_code", lambda _dice, truth: f"{truth.tax_code[:9]}O"),
    FaultKind("a tax code as Excel rounds it", "tax_code", "tax_code", _always("1.09877E+08", "1,0988E+09")),
    FaultKind("a tax code that lost more than a zero", "tax_code", "tax_code_short", _short_code),
    FaultKind("no domain", "domains", "required", _always("", "chưa có", "-")),
    FaultKind("a mail address", "domains", "domain", lambda _dice, truth: f"toasoan@{truth.domains[0]}"),
    FaultKind("a word", "domains", "domain", _always("trangchu", "website")),
    FaultKind("two dots", "domains", "domain", _always("tin..example.vn", "a.example..vn")),
    FaultKind("signs that no domain has", "domains", "domain", _always("tin_a!.example.vn", "tin$.example.vn")),
    FaultKind("an address with a password", "domains", "domain", _always("https://a:b@tin.example.vn")),
    FaultKind("a comma for a dot", "domains", "domain", _always("tin123,example")),
    FaultKind("another kind of press", "kind", "kind", _always("Báo in", "Tạp chí điện tử", "Khác", "1")),
    FaultKind("a page that is none", "pages", "url", _always("trang-cua-toi", "xem")),
    FaultKind(
        "a status nobody knows", "status", "status", _always("Tạm đình chỉ", "Đang xem xét", "OK", "Ngừng hoạt động")
    ),
    *(
        FaultKind(
            "a formula that failed",
            field,
            "formula_error",
            lambda dice, _truth: Formula(
                "=VLOOKUP(A1,B:C,2,0)", dice.choice(("#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!"))
            ),
        )
        for field in (*FIELDS, "issuer")
    ),
    *(FaultKind("a formula's error as text", field, "formula_error", _always("#REF!", "#N/A")) for field in FIELDS),
    *(
        FaultKind("a formula without its value", field, "formula", lambda _dice, _truth: Formula("=Khac!A1"))
        for field in (*FIELDS, "scope")
    ),
    *(FaultKind("a formula as text", field, "formula", _always("=A2", "=B7&C7")) for field in FIELDS),
)

# These need another row, or exclude a second fault in the same row.
ALONE: Mapping[str, tuple[str, str]] = {
    "a licence of somebody else": ("licence_number", "licence_taken"),
    "one number, two days of issue": ("issued_on", "contradiction"),
    "a domain of somebody else": ("domains", "domain_taken"),
    "another tax code": ("tax_code", "tax_code_other"),
    "revoked, and no day": ("status", "ended_without_date"),
}


def _written(form: str, field: str) -> CellMaker:
    def make(_dice: random.Random, truth: TrueRecord) -> Cell:
        day = _day(truth, field)
        return form.format(day, day, day, d=day.day, m=day.month, y=day.year)

    return make


def _real(field: str) -> CellMaker:
    return lambda _dice, truth: datetime.combine(_day(truth, field), datetime.min.time())


_FORMS = (
    ("a day without zeros", "{d}/{m}/{y}"), ("hyphens", "{:%d-%m-%Y}"), ("dots", "{:%d.%m.%Y}"), ("ISO", "{:%Y-%m-%d}"),
    ("blanks", " {:%d} / {:%m} / {:%Y} "), ("a day in words", "ngày {d} tháng {m} năm {y}"),
    ("a place before it", "Hà Nội, ngày {:%d} tháng {:%m} năm {:%Y}"), ("a time behind it", "{:%d/%m/%Y} 00:00"),
    ("blanks that do not break", "\u00a0{:%d/%m/%Y}\u00a0"), ("blanks of no width", "{:%d}/\u200b{:%m/%Y}\ufeff"),
    ("the word before it", "Ngày {:%d/%m/%Y}"),
)  # fmt: skip


def _old_tones(name: str) -> str:
    for new, old in (("òa", "oà"), ("óa", "oá"), ("ủy", "uỷ")):
        name = name.replace(new, old)
    return name


def _shortened(name: str) -> str:
    forms = {"cổ phần": "CP", "một thành viên": "MTV", "TNHH": "Trách nhiệm hữu hạn"}
    for whole, short in forms.items():
        name = name.replace(whole, short)
    return name.replace("Công ty CP", "CTCP")


def _number(change: Callable[[str], str]) -> CellMaker:
    return lambda _dice, truth: change(truth.number)


def _name(change: Callable[[str], str]) -> CellMaker:
    return lambda _dice, truth: change(truth.company)


def _hosts(change: Callable[[str], str], between: str = "; ") -> CellMaker:
    return lambda _dice, truth: between.join(change(domain) for domain in truth.domains)


HARMLESS: tuple[FaultKind, ...] = (
    *(
        FaultKind(name, field, "", _written(form, field))
        for field in ("issued_on", "expires_on")
        for name, form in _FORMS
    ),
    *(FaultKind("a real day", field, "", _real(field)) for field in ("issued_on", "expires_on")),
    FaultKind("a number in small letters", "licence_number", "", _number(str.lower)),
    FaultKind("blanks in a number", "licence_number", "", _number(lambda text: f" {text.replace('/', ' / ')} ")),
    FaultKind("a number apart", "licence_number", "", _number(_apart)),
    FaultKind(
        "nothing wide in a number", "licence_number", "", _number(lambda text: text.replace("/", "\u200d/\u200b"))
    ),
    FaultKind("a long dash", "licence_number", "", _number(lambda text: text.replace("-", "–"))),
    FaultKind("no stroke", "licence_number", "", _number(lambda text: text.replace("TTĐT", "TTDT"))),
    FaultKind("the word before it", "licence_number", "", _number(lambda text: f"Số: {text}")),
    FaultKind("a number reckoned", "licence_number", "", lambda _dice, truth: Formula("=A1&B1", truth.number)),
    FaultKind("a name apart", "company_name", "", _name(_apart)),
    FaultKind("a name in capitals", "company_name", "", _name(str.upper)),
    FaultKind("old tone marks", "company_name", "", _name(_old_tones)),
    FaultKind("a legal form shortened", "company_name", "", _name(_shortened)),
    FaultKind("blanks in a name", "company_name", "", _name(lambda text: text.replace(" ", "\u00a0 "))),
    FaultKind("nothing wide in a name", "company_name", "", _name(lambda text: text.replace(" ", " \u200b\u200d", 2))),
    FaultKind("a name reckoned", "company_name", "", lambda _dice, truth: Formula("=Khac!B2", truth.company)),
    FaultKind("a tax code as a number", "tax_code", "", lambda _dice, truth: float(truth.tax_code)),
    FaultKind(
        "blanks in a tax code", "tax_code", "", lambda _dice, truth: f"{truth.tax_code[:4]} {truth.tax_code[4:]} "
    ),
    FaultKind("a scheme and a path", "domains", "", _hosts(lambda text: f"https://{text}/trang-chu.html?x=1")),
    FaultKind("the usual port", "domains", "", _hosts(lambda text: f"https://{text}:443/")),
    FaultKind("capitals in a domain", "domains", "", _hosts(lambda text: text.upper().replace("EXAMPLE", "Example"))),
    FaultKind("a dot at the end", "domains", "", _hosts(lambda text: f"{text}.")),
    FaultKind("www", "domains", "", _hosts(lambda text: f"www.{text}")),
    FaultKind("a line each", "domains", "", _hosts(str, "\n")),
    FaultKind("commas", "domains", "", _hosts(str, ", ")),
    FaultKind("a domain apart", "domains", "", _hosts(_apart)),
    FaultKind("nothing wide in a domain", "domains", "", _hosts(lambda text: f"\u200b{text}\u00a0")),
    FaultKind("punycode", "domains", "", _hosts(lambda text: text.encode("idna").decode())),
    FaultKind("a kind in capitals", "kind", "", lambda _dice, truth: truth.cells["kind"].upper()),
    FaultKind("a kind apart", "kind", "", lambda _dice, truth: _apart(truth.cells["kind"])),
    FaultKind("a kind's letter", "kind", "", lambda _dice, truth: {"T": "i", "M": "s"}[truth.cells["kind"][0]]),
    FaultKind(
        "a status in other words", "status", "", _always("CÒN HIỆU LỰC", "active", "Đã gia hạn", " còn hiệu lực", "")
    ),
    FaultKind("an end that is none", "expires_on", "", _always("không thời hạn", "-", "Vô thời hạn")),
)
