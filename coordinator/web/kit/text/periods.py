"""Labels of periods, the periods offered for a campaign, and the validity of licences and agreements on a day."""

from collections.abc import Iterable
from datetime import date, timedelta

from babel.dates import get_month_names

from campaigns.core.clock import Period, parse_period, quarter_of
from campaigns.partners.expiries import EXPIRES_SOON
from coordinator.translation import _, language
from coordinator.web.kit.text import formats

_ROMAN = ("I", "II", "III", "IV")
MOST_MONTHS = 24  # months offered for one campaign; longer campaigns are read by quarter and year


def period_name(period: Period) -> str:
    """``Quý IV/2026``, ``Tháng 11/2026``, ``Năm 2026``, ``24/11/2026`` or ``05/10–20/11/2026``."""
    label = canonical_period(period).label
    if "-Q" in label:
        year, quarter = label.split("-Q")
        number = _ROMAN[int(quarter) - 1] if language() == "vi" else quarter
        return str(_("Quý %(quarter)s/%(year)s", quarter=number, year=year))
    if len(label) == 7:
        return month_name(period.first)
    if len(label) == 4:
        return str(_("Năm %(year)s", year=label))
    return period_days(period)


def month_name(day: date) -> str:
    """``Tháng 11/2026``; in English ``November 2026``."""
    month: object = day.month if language() == "vi" else get_month_names("wide", locale=language())[day.month]
    return str(_("Tháng %(month)s/%(year)s", month=month, year=day.year))


def period_days(period: Period) -> str:
    """Return the first and the last day: ``01/10–31/12/2026``; one day alone."""
    if period.first == period.last:
        return formats.day(period.first)
    same = period.first.year == period.last.year
    first = formats.day_month(period.first) if same else formats.day(period.first)
    return f"{first}–{formats.day(period.last)}"


def canonical_period(period: Period) -> Period:
    """Return the same days under their shortest label: a quarter, month or year where they match exactly."""
    first, last = period.first, period.last
    for label in (f"{first.year}", quarter_of(first).label, f"{first:%Y-%m}"):
        known = parse_period(label)
        if (known.first, known.last) == (first, last):
            return known
    return period


def period_choices(whole: Period | None, now_day: date) -> list[tuple[str, str]]:
    """Return (label, name) of the periods offered: a campaign's whole period, its quarters and months, newest first;
    without a campaign the last year's.
    """
    first = whole.first if whole else date(now_day.year - 1, 1, 1)
    last = min(whole.last, now_day) if whole else now_day
    found: dict[str, str] = {}
    if whole is not None:
        found[canonical_period(whole).label] = period_name(whole)
    found |= {period.label: period_name(period) for period in _periods_back(first, last, "quarter")}
    found |= {period.label: period_name(period) for period in _periods_back(first, last, "month")[:MOST_MONTHS]}
    for year in range(last.year, first.year - 1, -1):
        found.setdefault(str(year), period_name(parse_period(str(year))))
    return list(found.items())


MOST_YEARS = 10  # years of a campaign whose periods are offered


def periods_within(first: date, last: date) -> list[tuple[str, str]]:
    """Return (label, name) of the years, quarters and months that lie within these days, each in their order."""
    years = range(first.year, min(last.year, first.year + MOST_YEARS) + 1)
    labels = [
        *(f"{year}" for year in years),
        *(f"{year}-Q{quarter}" for year in years for quarter in range(1, 5)),
        *(f"{year}-{month:02}" for year in years for month in range(1, 13)),
    ]
    found = [parse_period(label) for label in labels]
    return [(period.label, period_name(period)) for period in found if first <= period.first and period.last <= last]


def _periods_back(first: date, last: date, step: str) -> list[Period]:
    """Return the quarters or months from ``last`` back to the one that contains ``first``."""
    periods: list[Period] = []
    day = last
    while day >= first:
        period = quarter_of(day) if step == "quarter" else parse_period(f"{day:%Y-%m}")
        periods.append(period)
        day = period.first - timedelta(days=1)
    return periods


# From best to worst: a partner with one valid document is covered, even if others have expired.
BEST_VALIDITY_FIRST = ("valid", "ending", "future", "ended")


def validity_of(starts_on: date, ends_on: date | None, today: date) -> str:
    """Return ``future``, ``ended``, ``ending`` (within ``SOON``) or ``valid``."""
    if starts_on > today:
        return "future"
    if ends_on is None:
        return "valid"
    if ends_on < today:
        return "ended"
    return "ending" if ends_on - today <= EXPIRES_SOON else "valid"


def best_validity(spans: Iterable[tuple[date, date | None]], today: date) -> str | None:
    """Return the best validity among several; None when there is none."""
    found = {validity_of(first, last, today) for first, last in spans}
    return next((text for text in BEST_VALIDITY_FIRST if text in found), None)
