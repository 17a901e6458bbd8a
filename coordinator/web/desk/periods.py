"""Periods in words, and the ones worth offering for a campaign."""

from datetime import date, timedelta

from campaigns.core.clock import Period, parse_period, quarter_of
from coordinator.web import formats
from coordinator.web.saying import _

_ROMAN = ("I", "II", "III", "IV")
MOST_MONTHS = 24  # months offered for one campaign; longer plans are read by quarter and year


def period_name(period: Period) -> str:
    """``Quý IV/2026``, ``Tháng 11/2026``, ``Năm 2026``, ``24/11/2026`` or ``05/10–20/11/2026``."""
    label = settled(period).label
    if "-Q" in label:
        year, quarter = label.split("-Q")
        return str(_("Quý %(quarter)s/%(year)s", quarter=_ROMAN[int(quarter) - 1], year=year))
    if len(label) == 7:
        return str(_("Tháng %(month)s/%(year)s", month=int(label[5:]), year=label[:4]))
    if len(label) == 4:
        return str(_("Năm %(year)s", year=label))
    return span(period)


def span(period: Period) -> str:
    """The first and the last day: ``01/10–31/12/2026``; one day alone."""
    if period.first == period.last:
        return formats.day(period.first)
    same = period.first.year == period.last.year
    first = formats.day_month(period.first) if same else formats.day(period.first)
    return f"{first}–{formats.day(period.last)}"


def settled(period: Period) -> Period:
    """The same days under their shortest label: a quarter, month or year where they are exactly that."""
    first, last = period.first, period.last
    for label in (f"{first.year}", quarter_of(first).label, f"{first:%Y-%m}"):
        known = parse_period(label)
        if (known.first, known.last) == (first, last):
            return known
    return period


def offered(whole: Period | None, now_day: date) -> list[tuple[str, str]]:
    """(label, name) of the periods worth choosing: a campaign's whole time, its quarters and months, newest first;
    without a campaign the last year's."""
    first = whole.first if whole else date(now_day.year - 1, 1, 1)
    last = min(whole.last, now_day) if whole else now_day
    found: dict[str, str] = {}
    if whole is not None:
        found[settled(whole).label] = period_name(whole)
    found |= {one.label: period_name(one) for one in _back(first, last, "quarter")}
    found |= {one.label: period_name(one) for one in _back(first, last, "month")[:MOST_MONTHS]}
    for year in range(last.year, first.year - 1, -1):
        found.setdefault(str(year), period_name(parse_period(str(year))))
    return list(found.items())


def _back(first: date, last: date, step: str) -> list[Period]:
    """The quarters or months from ``last`` back to the one with ``first`` in it."""
    periods: list[Period] = []
    day = last
    while day >= first:
        one = quarter_of(day) if step == "quarter" else parse_period(f"{day:%Y-%m}")
        periods.append(one)
        day = one.first - timedelta(days=1)
    return periods
