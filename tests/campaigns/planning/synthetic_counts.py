"""Daily series generated from a seed; in each family the future differs from the past in another way."""

import math
import random
from collections.abc import Sequence
from datetime import date, timedelta

from campaigns.planning.holidays import is_public_holiday

WEEK = (1.2, 1.25, 1.2, 1.15, 1.1, 0.6, 0.5)  # Monday to Sunday, of the mean day
# What makes each family what it is; the table of docs/explanation/forecast.md has them in this order.
FAMILIES = (
    "even",  # every day alike but for chance
    "weekdays",  # quiet weekends; holidays are days as others
    "holidays",  # quiet weekends, holidays quieter still, among them the new year's week
    "wandering",  # a level that strays by 15 % and comes back within days
    "drifting",  # a level that strays by 4 % a week and does not come back
    "beginning",  # three weeks until partners have joined
    "bursts",  # few bulletins, each of which brings many copies or few
    "slackening",  # a quarter less at the end than at the beginning
    "growing",  # a quarter more at the end than at the beginning
    "bulletins",  # three or four a day
)
# Quarters whose holidays differ: one day, the lunar new year, four days in spring, two in September.
QUARTERS = (date(2026, 10, 1), date(2027, 1, 1), date(2026, 4, 1), date(2026, 7, 1))
DAYS = 90


def events(dice: random.Random, mean: float) -> int:
    """How many of independent events happen that are ``mean`` on average."""
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    bound, number, product = math.exp(-mean), 0, dice.random()
    while product > bound:
        number += 1
        product *= dice.random()
    return number


def _restless(dice: random.Random, mean: float, shape: float) -> int:
    """The same where the mean itself differs from day to day."""
    return events(dice, dice.gammavariate(shape, mean / shape))


def series(family: str, seed: int) -> tuple[date, list[int]]:
    """The first day of a quarter and its ninety figures. The same seed makes the same ones."""
    dice = random.Random(f"{family} {seed}")
    first = QUARTERS[seed % len(QUARTERS)]
    base, level, figures = dice.uniform(40, 200), 0.0, []
    for number in range(DAYS):
        day = first + timedelta(days=number)
        weekday = WEEK[day.weekday()]
        part = 0.4 if is_public_holiday(day) else weekday
        match family:
            case "even":
                figures.append(events(dice, base))
            case "weekdays":
                figures.append(_restless(dice, base * weekday, 15))
            case "wandering":
                level = 0.9 * level + dice.gauss(0, 0.15 * math.sqrt(1 - 0.81))
                figures.append(_restless(dice, base * part * math.exp(level), 20))
            case "drifting":
                level += dice.gauss(0, 0.04 / math.sqrt(7))
                figures.append(_restless(dice, base * part * math.exp(level), 20))
            case "beginning":
                figures.append(_restless(dice, base * part * min(1, (number + 3) / 21), 15))
            case "bursts":
                spread = (dice.lognormvariate(3.0, 0.6) for _ in range(events(dice, 3.6 * part)))
                figures.append(sum(min(120, round(value)) for value in spread))
            case "slackening":
                figures.append(_restless(dice, base * part * (1 - 0.003 * number), 15))
            case "growing":
                figures.append(_restless(dice, base * part * (1 + 0.003 * number), 15))
            case "bulletins":
                figures.append(events(dice, 3.6 * part))
            case _:
                figures.append(_restless(dice, base * part, 15))
    return first, figures


def partners(dice: random.Random, *, known: int, mean: float, shape: float) -> list[float]:
    """How many copies each partner brings on average in a quarter: unequal by ``shape``, one in seven none at all."""
    return [dice.gammavariate(shape, mean / shape) if dice.random() < 6 / 7 else 0.0 for _ in range(known)]


def counted(dice: random.Random, rates: Sequence[float], part: float) -> list[int]:
    """What each partner brings in a part of the quarter."""
    return [events(dice, rate * part) for rate in rates]
