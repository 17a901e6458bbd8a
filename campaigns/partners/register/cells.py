"""Reads single cells of a licence register: dates, domains, kinds and codes as people write them.

Each function returns the value or raises ``BadCell`` with a message that says what was expected.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from campaigns.core.errors import Invalid
from campaigns.core.imports.cells import BadCell, cell_text, parse_day
from campaigns.core.vietnamese import fold
from campaigns.partners.directory import SiteKind, host_key

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


def parse_kind(text: str) -> SiteKind | None:
    """Aggregator or social network: the register's letters i and s, or words for them; None for an empty cell."""
    line = fold(cell_text(text))
    found = _LETTERS.get(line) or _kind_of_words(line)
    if line and found is None:
        raise BadCell("kind", f"{text.strip()!r} is not a kind; expected trang tổng hợp (i) or mạng xã hội (s)")
    return found


def kind_of_number(number: str) -> SiteKind | None:
    """The kind that the sign of a licence names (GP-TTĐT, GP-MXH)."""
    return _kind_of_words(fold(number))


def parse_tax_code(text: str) -> str | None:
    """A tax code, or None. A leading zero that a sheet has dropped is restored where the tenth digit, which is computed
    from the nine before it, confirms it; else the cell is refused."""
    digits = re.sub(r"[\s.]", "", cell_text(text))
    if not digits:
        return None
    if re.fullmatch(r"\d{9}(-?\d{3})?", digits):
        if not _check_digit_fits(f"0{digits}"):
            raise BadCell(
                "tax_code_short",
                f"{text.strip()!r} has 9 digits: a leading 0 may be lost, but 0{digits} is no tax code",
            )
        digits = f"0{digits}"
    found = re.fullmatch(r"(\d{10})(?:-?(\d{3}))?", digits)
    if found is None:
        raise BadCell(
            "tax_code", f"{text.strip()!r} is not a tax code; expected 10 digits, or 10 digits, - and 3 digits"
        )
    return f"{found[1]}-{found[2]}" if found[2] else found[1]


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


def distinct_hosts(hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts in their order, each once with or without www."""
    distinct: dict[str, str] = {}
    for host in hosts:
        distinct.setdefault(bare_host(host), host)
    return tuple(distinct.values())


def parse_page_address(text: str) -> str:
    """An absolute http or https address, "" for an empty cell; https is put before one that lacks it."""
    line = text.strip()
    if not line:
        return ""
    address = line if re.match(r"(?i)https?://", line) else f"https://{line}"
    try:
        host = host_key(address)
    except Invalid:
        host = ""
    if "." not in host and not host.startswith("localhost"):
        raise BadCell("url", f"{line!r} is not an address; expected one such as https://mxh.example.vn/ten-trang")
    return address
