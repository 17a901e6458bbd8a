"""Placeholders in the texts of templates and the titles of series: ``{ngày}`` becomes the release day.

Some are filled from the day (``{ngày}``, ``{thứ}``, ``{tuần}``, ``{tháng}``, ``{năm}``). Others are for the writer
(``{số}``, ``{điền: số ca mắc}``) and stay as they are; a bulletin that still holds one is not submitted. They are
read with or without marks and in any case. Braces around anything else are text. Pure functions.
"""

import html
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import unquote

from campaigns.core.vietnamese import fold

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
ALLOWED = "{ngày}, {thứ}, {tuần}, {tháng}, {năm}, {số}, {điền: …}"

_BRACES = re.compile(r"\{([^{}]*)\}")
_DAY_NAMES = frozenset({"ngay", "thu", "tuan", "thang", "nam"})
_NUMBER = "so"
_TO_FILL = re.compile(r"dien\b.*", re.DOTALL)
_TAG = re.compile(r"(<[^>]*>)")
_DESCRIPTION = re.compile(r'(\b(?:alt|title)=")([^"]*)(")')


def _name(inside: str) -> str:
    return fold(" ".join(inside.split()))


def _is_known(inside: str) -> bool:
    name = _name(inside)
    return name in _DAY_NAMES or name == _NUMBER or _TO_FILL.fullmatch(name) is not None


def placeholders_in(text: str) -> list[str]:
    """The placeholders in a text as they stand in it (``{số}``), each once."""
    return list(dict.fromkeys(found[0] for found in _BRACES.finditer(text) if _is_known(found[1])))


def unknown_in(text: str) -> list[str]:
    """What stands in braces and is no placeholder, with its braces."""
    return [found[0] for found in _BRACES.finditer(text) if not _is_known(found[1])]


def fill(text: str, day: date | None) -> str:
    """The text with the placeholders of the day filled in; without a day unchanged."""
    if day is None:
        return text
    values = {
        "ngay": f"{day:%d/%m/%Y}",
        "thu": WEEKDAYS[day.weekday()],
        "tuan": str(day.isocalendar().week),
        "thang": str(day.month),
        "nam": str(day.year),
    }
    return _BRACES.sub(lambda found: values.get(_name(found[1]), found[0]), text)


def fill_html(body: str, day: date | None) -> str:
    """The same for clean HTML: its text and the descriptions of pictures and links, never an address. What is filled in
    has no character with a meaning in HTML."""
    return "".join(
        _DESCRIPTION.sub(lambda found: found[1] + fill(found[2], day) + found[3], part)
        if part.startswith("<")
        else fill(part, day)
        for part in _TAG.split(body)
    )


def in_tags(body: str) -> list[str]:
    """The placeholders inside the tags of clean HTML: in descriptions, and in addresses, percent-encoded or not."""
    return placeholders_in(" ".join(_tags(body)))


def in_addresses(body: str) -> list[str]:
    """The placeholders in the addresses of links and pictures, which are not filled."""
    return placeholders_in(" ".join(_DESCRIPTION.sub("", tag) for tag in _tags(body)))


def in_pieces(body: str, text: str) -> list[str]:
    """The placeholders that readers see in a text but that formatting cuts in the HTML, so that they are not filled."""
    whole = {html.unescape(found) for part in _TAG.split(body) for found in placeholders_in(part)}
    return [found for found in placeholders_in(text) if found not in whole]


def _tags(body: str) -> Iterator[str]:
    return (unquote(html.unescape(part)) for part in _TAG.split(body) if part.startswith("<"))
