"""Coordinates of values in a chart: round steps, linear scales, labels that do not overlap."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_ROUND_STEPS = (1.0, 2.0, 2.5, 4.0, 5.0, 10.0)


# Larger than any count; keeps sums of invalid values finite.
_MOST = 1e15


def chart_value(value: float | None) -> float:
    """Return the value for a bar: at least 0 and finite."""
    return min(float(value), _MOST) if value is not None and math.isfinite(value) and value > 0 else 0.0


def round_step(span: float, parts: int) -> float:
    """Return the smallest of 1, 2, 2.5, 4, 5 × 10ⁿ that covers ``span`` in at most ``parts`` steps; a whole number."""
    raw = max(span / parts, 1e-9)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _ROUND_STEPS if factor * power >= raw * (1 - 1e-9))
    return max(1.0, step if step % 1 == 0 else math.ceil(step))


def ticks(top: float, parts: int) -> tuple[float, ...]:
    """Return round values from 0 to at most ``top``; only 0 when there is no value."""
    if top <= 0:
        return (0.0,)
    step = round_step(top, parts)
    return tuple(step * index for index in range(math.floor(top / step + 1e-9) + 1))


@dataclass(frozen=True)
class Scale:
    """A linear map from values to coordinates: ``low`` is at ``start``, ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return self.start
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def each(self, values: Iterable[float]) -> list[float]:
        """Return the coordinates of many values."""
        if self.high == self.low:
            return [self.start for _ in values]
        low, start, slope = self.low, self.start, (self.end - self.start) / (self.high - self.low)
        return [start + (value - low) * slope for value in values]


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions in the same order, at least ``gap`` apart and within ``low``–``high``, as near to ``wanted`` as
    possible.

    ``wanted`` ascends. Isotonic least squares (pool adjacent violators): labels that collide move apart evenly.
    """
    pools: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        mean, size = place - index * gap, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean = (before * count + mean * size) / (count + size)
            size += count
        pools.append((mean, size))
    ceiling = high - (len(wanted) - 1) * gap
    flat = [min(max(mean, low), max(ceiling, low)) for mean, size in pools for _ in range(size)]
    return [place + index * gap for index, place in enumerate(flat)]


def axis_days(first: date, last: date) -> tuple[date, ...]:
    """Return the days with a label on an axis from ``first`` to ``last``, in order, both ends included.

    Up to two weeks every day, up to six weeks every seventh from the first, up to about four months the 1st and 15th,
    beyond that the first of each month. The chart leaves out labels that do not fit.
    """
    span = (last - first).days
    if span <= 0:
        return (first,)
    every = 1 if span < 14 else 7
    if span < 46:
        inner: Iterable[date] = (first + timedelta(days=offset) for offset in range(every, span, every))
    else:
        marks = (1, 15) if span <= 125 else (1,)
        inner = (day for offset in range(1, span) if (day := first + timedelta(days=offset)).day in marks)
    return (first, *inner, last)
