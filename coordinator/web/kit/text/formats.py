"""Formats of numbers, days and times in Vietnamese and English.

Pure functions of a value and a locale (``vi`` or ``en``); times are aware and shown in the city's zone. Days are
``dd/MM/yyyy`` and times 24-hour ``HH:mm`` in both languages.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern
from markupsafe import Markup, escape

from campaigns.core.clock import CITY
from coordinator.translation import ENGLISH, LANGUAGES, N_, NN_, catalogue, supported

_WEEKDAYS = (N_("Thứ Hai"), N_("Thứ Ba"), N_("Thứ Tư"), N_("Thứ Năm"), N_("Thứ Sáu"), N_("Thứ Bảy"), N_("Chủ Nhật"))
# In seconds, with the singular and the plural.
_UNITS = (
    (86_400, *NN_("%(num)s ngày", "%(num)s ngày")),
    (3_600, *NN_("%(num)s giờ", "%(num)s giờ")),
    (60, *NN_("%(num)s phút", "%(num)s phút")),
    (1, *NN_("%(num)s giây", "%(num)s giây")),
)
_SIZES = ("B", "kB", "MB", "GB", "TB")

Number = int | float | Decimal


def number(value: Number | None, locale: str = "vi", digits: int = 0) -> str:
    """Return ``1.250`` (en ``1,250``), with up to ``digits`` decimals; a dash for None, which is *not known*, never
    zero.
    """
    if value is None:
        return "–"
    if isinstance(value, int):
        # The common case without the library: a page of figures has hundreds of these.
        written = f"{value:,}"
        return written if supported(locale) == ENGLISH else written.replace(",", ".")
    return str(_pattern(digits).apply(value, _LOCALES[supported(locale)]))


_LOCALES = {name: Locale(name) for name in LANGUAGES}


@cache
def _pattern(digits: int) -> NumberPattern:
    """Parse the pattern once; the library would parse it for every number."""
    return parse_pattern("#,##0" + ("." + "#" * digits if digits else ""))


def percent(share: Number | None, locale: str = "vi", digits: int = 1) -> str:
    """Return a share of 1 as ``98,5%`` (en ``98.5%``), no space before the sign; a dash for None."""
    if share is None:
        return "–"
    return number(Decimal(str(share)) * 100, locale, digits) + "%"


@dataclass(frozen=True)
class LinkedFigure:
    """A count, and the address of the list of exactly so many rows."""

    value: int
    href: str

    def html(self, locale: str = "vi") -> str:
        """Return it as a link; 0 as text, since its list is empty."""
        text = number(self.value, locale)
        return f'<a class="figure" href="{escape(self.href)}">{text}</a>' if self.value else text


FigureCell = Number | str | LinkedFigure | None


def figure_html(cell: FigureCell, locale: str = "vi") -> str:
    """Return a cell of a table of figures as HTML."""
    if isinstance(cell, LinkedFigure):
        return cell.html(locale)
    return str(escape(cell)) if isinstance(cell, str) else number(cell, locale)


def figure_rows(rows: Iterable[Sequence[FigureCell]], locale: str = "vi") -> Markup:
    """Return the rows of a table of figures as HTML: the first cell names its row, numbers are formatted as by
    ``number``, a count with its list is a link.

    A year of days has hundreds of cells, for which a template takes several times as long.
    """
    lines = []
    for name, *cells in rows:
        values = [f'<td class="n">{figure_html(cell, locale)}</td>' for cell in cells]
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(values)}</tr>\n')
    return Markup("".join(lines))  # noqa: S704  # escaped above


def city_time(moment: datetime) -> datetime:
    """Return the time in the city's zone. Raises ``ValueError`` for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(CITY)


def _as_day(value: date | datetime) -> date:
    return city_time(value).date() if isinstance(value, datetime) else value


def typed_day(value: date | str | None) -> str:
    """Return what a day's input has: ``24/11/2026`` for a day or ``2026-11-24``, another text as it was typed, "" for
    None.
    """
    if value is None:
        return ""
    try:
        shown = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return f"{shown.day:02}/{shown.month:02}/{shown.year:04}"


def day(value: date | datetime | None) -> str:
    """``24/11/2026``; a dash for None."""
    return "–" if value is None else f"{_as_day(value):%d/%m/%Y}"


def day_month(value: date | datetime) -> str:
    """``24/11``, where the year is clear from the context."""
    return f"{_as_day(value):%d/%m}"


def weekday(value: date | datetime, locale: str = "vi") -> str:
    """``Thứ Ba``."""
    return catalogue(supported(locale)).gettext(_WEEKDAYS[_as_day(value).weekday()])


def long_day(value: date | datetime, locale: str = "vi") -> str:
    """``Thứ Ba, 24/11/2026``."""
    return f"{weekday(value, locale)}, {day(value)}"


def time_of_day(moment: datetime, *, seconds: bool = False) -> str:
    """``14:00``, or ``14:00:07`` where the second matters."""
    return f"{city_time(moment):%H:%M:%S}" if seconds else f"{city_time(moment):%H:%M}"


def full_moment(moment: datetime) -> str:
    """``14:00, 24/11/2026``."""
    return f"{time_of_day(moment)}, {day(moment)}"


def short_moment(moment: datetime, now: datetime, locale: str = "vi") -> str:
    """The shortest exact form on the day ``now``: ``10:42`` today, ``10:42 hôm qua``, ``10:42 ngày mai``, ``10:42,
    13/11`` this year, ``10:42, 13/11/2025`` in another.
    """
    then, today = city_time(moment).date(), city_time(now).date()
    clock = time_of_day(moment)
    near = {-1: N_("hôm qua"), 1: N_("ngày mai")}
    apart = (then - today).days
    if apart == 0:
        return clock
    if apart in near:
        return f"{clock} {catalogue(supported(locale)).gettext(near[apart])}"
    return f"{clock}, {day_month(then) if then.year == today.year else day(then)}"


def duration(length: timedelta | float, locale: str = "vi") -> str:
    """At most two units: ``7 giây``, ``12 phút``, ``1 giờ 47 phút``, ``3 ngày 4 giờ``. A bare number is in seconds."""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    messages = catalogue(supported(locale))
    parts: list[str] = []
    rest = abs(seconds)
    for size, text, many in _UNITS:
        count, rest = divmod(rest, size)
        # Seconds are shown only below a minute.
        if count and not (size == 1 and parts):
            parts.append(messages.ngettext(text, many, count) % {"num": count})
        elif parts:
            break
        if len(parts) == 2:
            break
    text, many = _UNITS[-1][1:]
    return " ".join(parts) or messages.ngettext(text, many, 0) % {"num": 0}


def file_size(octets: int, locale: str = "vi") -> str:
    """``1,2 MB`` in steps of 1000, as file managers show it."""
    size = float(octets)
    step = 0
    while size >= 1000 and step < len(_SIZES) - 1:
        size /= 1000
        step += 1
    return f"{number(round(size, 1), locale, 1)} {_SIZES[step]}"


def initials(name: str) -> str:
    """The initials of the last two words of a name: ``Trần Quốc Bảo`` gives ``QB``."""
    return "".join(word[0] for word in name.split()[-2:]).upper() or "?"


def breakable(text: object) -> object:
    """Return a text in which a line may end after the signs of an address (``/ ? & = _ .``), but not within a
    number; markup as it is."""
    if not isinstance(text, str) or isinstance(text, Markup):
        return text
    return Markup("<wbr>").join(re.split(r"(?<=[/?&=_])(?=\w)|(?<=\.)(?=[^\W\d])", text))


def anchor(text: str) -> str:
    """Return a title as an element's id: ``Cần xử lý`` gives ``can-xu-ly``; the same title always gives the same id."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    folded = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-") or "muc"
