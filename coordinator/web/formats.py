"""How numbers, days and times are written for people, in Vietnamese and English.

Pure functions over a value and a locale (``vi`` or ``en``); moments are aware and shown in the city's zone. Days are
``dd/MM/yyyy`` and times 24-hour ``HH:mm`` in both languages, so that one office reads one calendar.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern
from markupsafe import Markup, escape

from campaigns.core.clock import CITY

_WEEKDAYS = {
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_SIZES = ("B", "kB", "MB", "GB", "TB")

Number = int | float | Decimal


def _language(locale: str) -> str:
    return "en" if locale.startswith("en") else "vi"


def number(value: Number | None, locale: str = "vi", digits: int = 0) -> str:
    """``1.250`` (en ``1,250``), with up to ``digits`` decimals; a dash for None, which is *not known*, never zero."""
    if value is None:
        return "–"
    if isinstance(value, int):
        # A page of figures has hundreds of these: the same without asking how.
        written = f"{value:,}"
        return written if _language(locale) == "en" else written.replace(",", ".")
    return str(_pattern(digits).apply(value, _LOCALES[_language(locale)]))


_LOCALES = {name: Locale(name) for name in ("vi", "en")}


@cache
def _pattern(digits: int) -> NumberPattern:
    """Read once: the library would read it, and look for the locale, with every number."""
    return parse_pattern("#,##0" + ("." + "#" * digits if digits else ""))


def percent(share: Number | None, locale: str = "vi", digits: int = 1) -> str:
    """A share of 1 as ``98,5%`` (en ``98.5%``), no space before the sign; a dash for None."""
    if share is None:
        return "–"
    return number(Decimal(str(share)) * 100, locale, digits) + "%"


def figure_rows(rows: Iterable[Sequence[Number | str | None]], locale: str = "vi") -> Markup:
    """The rows of a table of figures: the first cell names its row, numbers are written as ``number`` does.

    Put together here: a year of days is hundreds of cells, which a template takes several times as long over.
    """
    lines = []
    for name, *cells in rows:
        told = [f'<td class="n">{escape(one) if isinstance(one, str) else number(one, locale)}</td>' for one in cells]
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(told)}</tr>\n')
    return Markup("".join(lines))  # noqa: S704  # escaped above


def city_time(moment: datetime) -> datetime:
    """The moment in the city's zone. Raises ``ValueError`` for one without a zone, which could mean any moment."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(CITY)


def _as_day(value: date | datetime) -> date:
    return city_time(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """``24/11/2026``; a dash for None."""
    return "–" if value is None else f"{_as_day(value):%d/%m/%Y}"


def day_month(value: date | datetime) -> str:
    """``24/11``, where the year is plain from what stands around it."""
    return f"{_as_day(value):%d/%m}"


def weekday(value: date | datetime, locale: str = "vi") -> str:
    """``Thứ Ba``."""
    return _WEEKDAYS[_language(locale)][_as_day(value).weekday()]


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
    """The least that is still exact on the day ``now``: ``10:42`` today, ``10:42 hôm qua``, ``10:42 ngày mai``,
    ``10:42, 13/11`` this year, ``10:42, 13/11/2025`` in another."""
    then, today = city_time(moment).date(), city_time(now).date()
    clock = time_of_day(moment)
    near = {-1: ("hôm qua", "yesterday"), 1: ("ngày mai", "tomorrow")}
    apart = (then - today).days
    if apart == 0:
        return clock
    if apart in near:
        return f"{clock} {near[apart][_language(locale) == 'en']}"
    return f"{clock}, {day_month(then) if then.year == today.year else day(then)}"


def duration(length: timedelta | float, locale: str = "vi") -> str:
    """Two units at most: ``7 giây``, ``12 phút``, ``1 giờ 47 phút``, ``3 ngày 4 giờ``. A bare number is in seconds."""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    units = (
        (86_400, "ngày", "day"),
        (3_600, "giờ", "hour"),
        (60, "phút", "minute"),
        (1, "giây", "second"),
    )
    english = _language(locale) == "en"
    parts: list[str] = []
    rest = abs(seconds)
    for size, vi, en in units:
        count, rest = divmod(rest, size)
        # Seconds beside minutes are noise to a reader; below a minute they are all there is.
        if count and not (size == 1 and parts):
            parts.append(f"{count} {en + ('s' if count != 1 else '') if english else vi}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or ("0 seconds" if english else "0 giây")


def file_size(octets: int, locale: str = "vi") -> str:
    """``1,2 MB`` in steps of 1000, as file managers show it."""
    size = float(octets)
    step = 0
    while size >= 1000 and step < len(_SIZES) - 1:
        size /= 1000
        step += 1
    return f"{number(round(size, 1), locale, 1)} {_SIZES[step]}"


def initials(name: str) -> str:
    """The letters of the last two words of a name: ``Trần Quốc Bảo`` gives ``QB``, the way the person is addressed."""
    return "".join(word[0] for word in name.split()[-2:]).upper() or "?"


def anchor(text: str) -> str:
    """A title as an element's id: ``Cần xử lý`` gives ``can-xu-ly``; the same title, the same id on every visit."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    folded = "".join(letter for letter in plain if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-") or "muc"
