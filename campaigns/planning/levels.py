"""Where figures that do not add up day by day will end: partners, a rate, a median. Pure.

Each looks at what is left of the period: new partners appear ever more rarely, and a rate or a median of the whole
moves only as far as the copies still to come can move it.
"""

import math
from collections.abc import Sequence

from campaigns.planning.forecasting import EIGHT_IN_TEN, FEW_WEEKS, Forecast

# The shape of how unequal partners are (a gamma distribution of their rates), held before anything is known of them,
# and how many copies beyond each partner's first weigh as much as that.
USUAL_SHAPE, SHAPE_WEIGHT = 0.8, 60.0
_SHAPES = (0.05, 100.0)  # between "a few carry everything" and "all alike"
_STEPS = 40  # halvings of an interval: further than a float is exact
# Beyond chance, the number of those not seen yet is itself a guess from those seen once.
GUESSED = 2.0
# Delays of one week are more alike than those of different ones; by so much chance alone is too narrow.
WEEKS_DIFFER = 1.3


def forecast_partners(copies: Sequence[int], ahead: float, known: int) -> Forecast:
    """How many partners will have at least one copy. ``copies``: of each that has some, in any order; ``ahead``: the
    time that is left as a part of the time that is over; ``known``: how many partners there are.

    Partners' rates are taken as gamma distributed, so their counts as negative binomial without the zeros; its shape
    and mean follow from the mean count and from how many have exactly one (after B. Efron, R. Thisted, "Estimating the
    number of unseen species", Biometrika 63, 1976).
    """
    seen, copied = len(copies), sum(copies)
    if not seen or ahead <= 0 or known <= seen:
        return Forecast(seen, seen, seen)
    ones = sum(count == 1 for count in copies)
    mean = copied / seen
    found = _shape(mean, ones / seen)
    evidence = copied - seen
    weight = evidence / (evidence + SHAPE_WEIGHT)
    shape = math.exp(weight * math.log(found) + (1 - weight) * math.log(USUAL_SHAPE))
    rate = _rate(shape, mean)
    nothing_yet = (1 + rate / shape) ** -shape
    unseen = min(seen * nothing_yet / (1 - nothing_yet), known - seen)
    still_nothing = ((1 + rate / shape) / (1 + rate * (1 + ahead) / shape)) ** shape
    new = unseen * (1 - still_nothing)
    band = EIGHT_IN_TEN * math.sqrt(max(new, 0.5) * (1 + GUESSED * new / max(ones, 1)))
    return Forecast(seen + new, max(seen, seen + new - band), min(known, seen + new + band))


def _shape(mean: float, ones: float) -> float:
    """The shape for which a partner with copies has ``mean`` of them, and just one with the chance ``ones``."""
    low, high = (math.log(bound) for bound in _SHAPES)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        shape = math.exp(middle)
        rate = _rate(shape, mean)
        nothing = (1 + rate / shape) ** -shape
        just_one = rate * (1 + rate / shape) ** (-shape - 1) / (1 - nothing)
        low, high = (middle, high) if just_one > ones else (low, middle)
    return math.exp((low + high) / 2)


def _rate(shape: float, mean: float) -> float:
    """The mean over all partners for which those with copies have ``mean``: 1 at the least, by its making."""
    low, high = 1e-9, max(mean, 1e-9)
    for _ in range(_STEPS):
        rate = (low + high) / 2
        if rate / -math.expm1(-shape * math.log1p(rate / shape)) < mean:
            low = rate
        else:
            high = rate
    return (low + high) / 2


def forecast_rate(weeks: Sequence[tuple[int, int]], counted: int, fulfilling: int, coming: float) -> Forecast:
    """A rate in per cent at the end. ``weeks``: of each week up to now, the oldest first, how many copies and how many
    of them fulfil it; ``counted`` and ``fulfilling``: the same of the whole period; ``coming``: copies expected.

    What comes is taken to be as the last four weeks were. Weeks differ by more than chance; that excess widens the
    band.
    """
    now = 100 * fulfilling / counted if counted else 0.0
    last = [(many, well) for many, well in weeks if many][-4:]
    if not counted or coming <= 0 or not last:
        return Forecast(now, now, now)
    recent, well = sum(many for many, _ in last), sum(good for _, good in last)
    rate = well / recent
    # One of each kind more: a rate of none or all is not certain for ever.
    spread = (well + 1) / (recent + 2) * (1 - (well + 1) / (recent + 2))
    excess = sum((good - many * rate) ** 2 / (many * spread) for many, good in last) / max(len(last) - 1, 1)
    part = coming / (counted + coming)
    weekly = recent / len(last)
    variance = spread * max(1.0, excess) * (1 / max(coming, weekly) + 1 / recent)
    band = 100 * part * EIGHT_IN_TEN * math.sqrt(variance * (1 + FEW_WEEKS / len(last)))
    value = 100 * (fulfilling + rate * coming) / (counted + coming)
    return Forecast(value, max(0.0, value - band), min(100.0, value + band))


def forecast_median(
    counts: Sequence[tuple[float, int]], recent: Sequence[tuple[float, int]], coming: float
) -> Forecast:
    """The median at the end. ``counts``: values with how many have each, of the whole; ``recent``: of the last weeks;
    ``coming``: how many more are expected, distributed as the recent ones.

    The band are the values that lie as far from the middle as chance moves it: by the share of those to come, times the
    deviation of a share of one half among them and among the recent ones that they are taken to be like.
    """
    whole, latest = sum(many for _, many in counts), sum(many for _, many in recent)
    if not whole:
        return Forecast(0.0, 0.0, 0.0)
    if coming <= 0 or not latest:
        now = _quantile(counts, 0.5)
        return Forecast(now, now, now)
    mixed = [*counts, *((value, many * coming / latest) for value, many in recent)]
    part = coming / (whole + coming)
    away = part * EIGHT_IN_TEN * 0.5 * math.sqrt(1 / coming + 1 / latest) * WEEKS_DIFFER
    bounds = [_quantile(mixed, 0.5 + side * min(away, 0.5)) for side in (-1, 0, 1)]
    return Forecast(bounds[1], bounds[0], bounds[2])


def _quantile(counts: Sequence[tuple[float, float]], part: float) -> float:
    """The value below which this part of all lies."""
    ordered = sorted(counts)
    wanted = part * sum(many for _, many in ordered)
    reached = 0.0
    for value, many in ordered:
        reached += many
        if many and reached >= wanted:
            return value
    return ordered[-1][0]
