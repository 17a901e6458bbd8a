"""Reads single cells of a licence register: dates, domains, kinds and codes as people write them.

Each function returns the value or raises ``BadCell`` with a message that says what was expected.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import SiteKind, host_key

_EMPTY_WORDS: Final = frozenset({"", "-", "--", "n/a", "na", "null", "none", "khong", "khong co", "chua co", "x"})
_NO_END: Final = frozenset({"khong thoi han", "vo thoi han", "khong xac dinh", "khong xac dinh thoi han"})
_LETTERS: Final = {"i": SiteKind.AGGREGATOR, "s": SiteKind.SOCIAL}
_AGGREGATORS: Final = ("tong hop", "ttdt", "aggregator", "trang thong tin")
_SOCIALS: Final = ("mang xa hoi", "mxh", "social")
# Words for a licence that is in force or has ended; which of the two is decided by ``import_plan`` from its dates.
_STANDING: Final = re.compile(
    r"\b(?:hieu luc|hoat dong|da cap|cap moi|cap lai|gia han|sua doi|bo sung|thu hoi|het han|con han|huy bo|cham dut"
    r"|active|valid|in force|effective|granted|issued|published|renewed|amended"
    r"|revoked|expired|cancell?ed|withdrawn|terminated)\b"
)
# "Tạm dừng hoạt động" and "không hoạt động" contain one of those words, and do not say since when.
_IN_DOUBT: Final = re.compile(r"\b(?:tam|ngung|dung|dinh chi|khong hoat dong|chua hoat dong|suspended|pending)\b")
_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)  # of a tax code's first nine digits
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


class BadCell(ValueError):
    """A cell that cannot be read; ``code`` is stable, the message says what was expected."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def cell_text(text: str) -> str:
    """The text of a cell on one line, "" for words such as "không có"."""
    line = " ".join(text.split())
    return "" if fold(line) in _EMPTY_WORDS else line


_DAY_NUMBER: Final = re.compile(r"\d{5}(\.\d+)?")


def parse_day(text: str) -> date | None:
    """A date as dd/MM/yyyy, yyyy-MM-dd, an ISO moment (its day in the city) or "ngày 4 tháng 3 năm 2023".

    None for an empty cell. The public register's milliseconds are read too; two-digit years are refused.
    """
    line = cell_text(text)
    if not line:
        return None
    if _DAY_NUMBER.fullmatch(line):
        # The same number is another day, four years and a day off, in a workbook that counts from 1904.
        raise BadCell(
            "day_number", f"{line!r} is Excel's number of a day, not a date; give the column the form of a date"
        )
    found = _parse_day_line(line)
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise BadCell("date", f"{line!r} is not a date; expected day/month/year such as 04/03/2023, or 2023-03-04")
    return found


def _parse_day_line(line: str) -> date | None:
    # "ngày 4 - 3 - 2023" and "04/03 /2023" are how people type it.
    tight = re.sub(r"\s*([/.\-])\s*", r"\1", re.sub(r"(?i)^ngày\s+(?=\d{1,2}\s*[/.\-])", "", line))
    parts = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?", tight)
    parts = parts or re.fullmatch(r"(?:.*, )?ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})", fold(line))
    try:
        if parts:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
        if re.fullmatch(r"\d{13}", line):
            return city_day(datetime.fromtimestamp(int(line) / 1000, UTC))
        if re.match(r"\d{4}-\d{2}-\d{2}", line):
            moment = datetime.fromisoformat(line)
            return city_day(moment) if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
    return None


_ERROR: Final = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|BLOCKED!|FIELD!)")


def refuse_formula_error(text: str) -> None:
    """Raise ``BadCell`` for the error of a formula, or a formula without its value."""
    if found := _ERROR.search(text):
        raise BadCell("formula_error", f"{found[0]!r} is an error that a formula came to; expected the value itself")
    if text.lstrip().startswith("="):
        raise BadCell("formula", f"{text.strip()!r} is a formula without its value; expected the value itself")


def parse_status(text: str) -> str:
    """The register's own word for the status of a licence. An unknown word is refused: it may mean an end."""
    line = cell_text(text)
    folded = fold(line)
    if line and (not _STANDING.search(folded) or _IN_DOUBT.search(folded)):
        raise BadCell(
            "status", f"{line!r} is not a known status; expected Còn hiệu lực, Hết hiệu lực or Thu hồi, or nothing"
        )
    return line


def parse_last_day(text: str) -> date | None:
    """As ``parse_day``; None too for a licence without an end."""
    return None if fold(text) in _NO_END else parse_day(text)


def _kind_of_words(words: str) -> SiteKind | None:
    if any(word in words for word in _SOCIALS):
        return SiteKind.SOCIAL
    return SiteKind.AGGREGATOR if any(word in words for word in _AGGREGATORS) else None


def parse_kind(text: str, number: str) -> SiteKind:
    """Aggregator or social network: the register's letters i and s, words for them, else the sign in the number."""
    line = fold(cell_text(text))
    # The sign of a licence (GP-TTĐT, GP-MXH) names its kind when the sheet does not.
    found = _LETTERS.get(line) or _kind_of_words(line or fold(number))
    if found is not None:
        return found
    if line:
        raise BadCell("kind", f"{text.strip()!r} is not a kind; expected trang tổng hợp (i) or mạng xã hội (s)")
    raise BadCell("required", "the kind is missing; expected trang tổng hợp (i) or mạng xã hội (s)")


def parse_tax_code(text: str) -> tuple[str | None, bool]:
    """A tax code, or None; and whether a leading zero was restored that a sheet had dropped.

    It is restored only where the tenth digit, which is computed from the nine before it, confirms it; else the cell is
    refused.
    """
    digits = re.sub(r"[\s.]", "", cell_text(text))
    if not digits:
        return None, False
    restored = bool(re.fullmatch(r"\d{9}(-?\d{3})?", digits))
    if restored:
        if not _check_digit_fits(f"0{digits}"):
            raise BadCell(
                "tax_code_short",
                f"{text.strip()!r} has 9 digits: a leading 0 may be lost, but 0{digits} is no tax code",
            )
        digits = f"0{digits}"
    if found := re.fullmatch(r"(\d{10})-?(\d{3})", digits):
        return f"{found[1]}-{found[2]}", restored
    if not re.fullmatch(r"\d{10}", digits):
        raise BadCell(
            "tax_code", f"{text.strip()!r} is not a tax code; expected 10 digits, or 10 digits, - and 3 digits"
        )
    return digits, restored


def _check_digit_fits(code: str) -> bool:
    """Whether the tenth digit is ten minus the weighted sum of the first nine modulo eleven."""
    return int(code[9]) == 10 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, code, strict=False)) % 11


def same_tax_payer(first: str | None, second: str | None) -> bool:
    """Whether two tax codes may be one company's: a branch has its company's ten digits and three of its own."""
    return first is None or second is None or first[:10] == second[:10]


def parse_domain(text: str) -> str:
    """The host of a domain or address: lower case, punycode, no scheme, no path; a leading www. stays."""
    bare = text.strip()
    try:
        key = host_key(bare if "://" in bare else f"http://{bare}")
    except Invalid:
        key = ""
    host, _, port = key.partition(":")
    labels = host.split(".")
    good = all(re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?", label) for label in labels)
    if not good or (len(labels) < 2 and host != "localhost") or len(host) > 253:
        raise BadCell("domain", f"{bare!r} is not a domain name; expected one such as tin.example.vn")
    www = re.match(r"(?i)(?:https?://)?www\.", bare)
    return f"www.{key}" if www and not port else key


def bare_host(host: str) -> str:
    """The host without www., by which hosts are compared."""
    return host.removeprefix("www.")


_GAPS: Final = re.compile(r"[;,\s]+")


def split_addresses(text: str) -> list[str]:
    """The domains or addresses of a cell, separated by ; , white space or new lines."""
    return [part for part in _GAPS.split(text) if cell_text(part)]


def split_phrases(text: str) -> list[str]:
    """The phrases of a cell, separated by ; or new lines, by commas only where there is neither."""
    parts = re.split(r"[;\n]+", text) if re.search(r"[;\n]", text.strip()) else text.split(",")
    return [phrase for part in parts if (phrase := cell_text(part.strip(" .-•")))]


def parse_page_address(text: str) -> str:
    """The address of a social page: absolute, http or https; https is put before one that lacks it."""
    address = text if re.match(r"(?i)https?://", text) else f"https://{text}"
    try:
        host = host_key(address)
    except Invalid:
        host = ""
    if "." not in host and not host.startswith("localhost"):
        raise BadCell("url", f"{text!r} is not an address; expected one such as https://mxh.example.vn/ten-trang")
    return address
