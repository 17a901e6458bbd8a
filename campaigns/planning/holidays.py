"""Which days are holidays: the table's rules and notices worked out for a year, days in lieu included."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from campaigns.core.lunar import solar_of
from campaigns.planning.holiday_table import FIRST_YEAR, LAST_YEAR, NOTICES, YEARLY, Notice, Yearly

IN_LIEU = "Bộ luật Lao động 45/2019/QH14, Điều 111 khoản 3"


@dataclass(frozen=True)
class Holiday:
    """One day that has a name. ``rest``: offices are closed. ``in_lieu``: for a holiday that fell on a weekend.

    ``expected``: the day's own rule is law, but that it is this very day waits for the year's notice.
    """

    day: date
    key: str
    vi: str
    en: str
    rest: bool
    source: str
    in_lieu: bool = False
    expected: bool = False

    def name(self, locale: str) -> str:
        """Its name in a language."""
        return self.en if locale.startswith("en") else self.vi


def holiday_on(day: date) -> Holiday | None:
    """The holiday of a day, one with rest before one without; None on ordinary days and outside the table's years."""
    return _year(day.year).get(day)


def holidays(first: date, last: date) -> list[Holiday]:
    """Every holiday from ``first`` to ``last``, in order."""
    return [
        one
        for year in range(first.year, last.year + 1)
        for day, one in sorted(_year(year).items())
        if first <= day <= last
    ]


def rests(day: date) -> bool:
    """Whether it is a public holiday. A weekend is none."""
    found = holiday_on(day)
    return found is not None and found.rest


@lru_cache(maxsize=256)
def _year(year: int) -> MappingProxyType[date, Holiday]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return MappingProxyType({})
    found: dict[date, Holiday] = {}
    notices = {one.key: one for one in NOTICES if one.year == year}
    # Those with rest first: a day that has two names shows the one that closes offices.
    for rule in sorted(YEARLY, key=lambda rule: not rule.rest):
        core = solar_of(rule.day, rule.month, year) if rule.lunar else date(year, rule.month, rule.day)
        if core < rule.since:
            continue
        for one in _days(rule, core, notices.get(rule.key)):
            found.setdefault(one.day, one)
    _add_in_lieu(found, {day for notice in notices.values() for day in notice.worked})
    return MappingProxyType({day: one for day, one in found.items() if day.year == year})


def _days(rule: Yearly, core: date, notice: Notice | None) -> list[Holiday]:
    if notice is not None:
        whole = [notice.first + timedelta(days=step) for step in range((notice.last - notice.first).days + 1)]
        return [
            Holiday(day, rule.key, rule.vi, rule.en, True, rule.source if day == core else notice.source)
            for day in [*whole, *notice.off]
        ]
    return [
        Holiday(core + timedelta(days=step), rule.key, rule.vi, rule.en, rule.rest, rule.source,
                expected=not _fixed(rule, step))
        for step in range(-rule.before, rule.after + 1)
    ]  # fmt: skip


def _fixed(rule: Yearly, step: int) -> bool:
    """Whether the law itself fixes the day: of the new year's five, the first three by every choice it allows."""
    return step == 0 or (rule.key == "tet" and step in {1, 2})


def _add_in_lieu(found: dict[date, Holiday], worked: set[date]) -> None:
    """A holiday on a weekend moves to the next working day (Labour Code, article 111, paragraph 3)."""
    for day in sorted(day for day, one in found.items() if one.rest and day.weekday() >= 5):
        holiday, free = found[day], day
        while free.weekday() >= 5 or (free in found and found[free].rest):
            free += timedelta(days=1)
        if free in worked:
            continue
        # Where the days before it are only expected, the one it moves to is so as well.
        expected = any(one.expected for one in found.values() if one.key == holiday.key)
        found[free] = Holiday(
            free, holiday.key, f"Nghỉ bù {holiday.vi}", f"{holiday.en} (in lieu)", True, IN_LIEU, True, expected
        )
