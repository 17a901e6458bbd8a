"""The format of numbers, shares and dates for readers: ``12.500``, ``98,5%``, ``24/11/2026``, ``10:42``.

Vietnamese is the default; every function takes ``locale="en"`` for the English pages. A missing value is a dash.
"""

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext

from campaigns.core.clock import CITY
from coordinator.translation import Language

Locale = Language
FormattableNumber = int | float | Decimal

ABSENT = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Digits of the largest float plus its decimals; the default precision of 28 refuses to round 1e30.
_DIGITS = 350
_EXACT = 2**53  # below it a float represents whole numbers exactly
_VIETNAMESE = str.maketrans(",.", ".,")


def vi_number(value: FormattableNumber | None, decimals: int = 0, locale: Locale = "vi") -> str:
    """``12500`` as ``12.500`` (``12,500`` in English), rounded half up to ``decimals``; a dash for none or not finite.

    Half up, not half to even, since readers check figures by hand.
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    if not decimals and -_EXACT < value < _EXACT and value == (whole := int(value)):
        english = f"{whole:,}"  # the usual case, without rounding
    else:
        with localcontext(prec=_DIGITS):
            rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            if rounded == 0:
                rounded = abs(rounded)  # no "-0"
            english = f"{rounded:,f}"
    return english if locale == "en" else english.translate(_VIETNAMESE)


def vi_percent(share: FormattableNumber | None, decimals: int = 1, locale: Locale = "vi") -> str:
    """A share from 0 to 1 as ``98,5%`` (``98.5%`` in English)."""
    if share is None or not math.isfinite(share):
        return ABSENT
    return vi_number(Decimal(str(share)).scaleb(2), decimals, locale) + "%"


def in_city(moment: datetime) -> datetime:
    """Return the time in the city's zone. Raises ``ValueError`` for a naive one, which is ambiguous."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(CITY)


def vi_date(day: date | None, locale: Locale = "vi") -> str:
    """``24/11/2026``, in English ``24 Nov 2026``. A time gives its day in the city's zone."""
    if day is None:
        return ABSENT
    if isinstance(day, datetime):
        day = in_city(day).date()
    return f"{day:%d/%m}/{day.year:04}" if locale == "vi" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def vi_day(day: date, locale: Locale = "vi") -> str:
    """``24/11`` for an axis or a row within one period, in English ``24 Nov``."""
    return f"{day.day:02}/{day.month:02}" if locale == "vi" else f"{day.day} {_MONTHS[day.month - 1]}"


def vi_month(day: date, locale: Locale = "vi") -> str:
    """``Th11``, in English ``Nov``."""
    return f"Th{day.month}" if locale == "vi" else _MONTHS[day.month - 1]


def vi_datetime(moment: datetime | None, locale: Locale = "vi") -> str:
    """``10:42, 24/11/2026`` in the city's zone; the page or sheet names the zone once."""
    if moment is None:
        return ABSENT
    return f"{in_city(moment):%H:%M}, {vi_date(moment, locale)}"


def vi_written_date(day: date) -> str:
    """``ngày 05 tháng 02 năm 2026``, the form of administrative documents.

    A day below 10 and the months 1 and 2 take a leading zero, the other months do not (Nghị định 30/2020, Phụ lục I,
    địa danh và thời gian ban hành).
    """
    month = f"{day.month:02}" if day.month <= 2 else f"{day.month}"
    return f"ngày {day.day:02} tháng {month} năm {day.year}"
