"""Room for calls that go deep, such as those that lay out the tables of a page.

CPython keeps the frames of running functions in pieces of 16 kB and gives a piece back to the system as soon as its
first frame is left. Work that goes up and down across the edge of one asks the system for memory each time: a PDF of
26 pages did 25,000 to 86,000 times, up to a third of its time, depending on nothing but how deep its caller stood.

A frame that wants more than a piece gets a piece as large as it wants, rounded up to a power of two, and the calls
below it have what is left: with 33,000 slots of 8 bytes it is half of 512 kB, as much as some thousand calls take.
What is never used of it is never in memory.
"""

from collections.abc import Callable
from functools import update_wrapper
from types import FunctionType
from typing import ParamSpec, TypeVar, cast

_SLOTS = 33_000

P = ParamSpec("P")
R = TypeVar("R")


def deep(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, called with room for a thousand calls below it."""

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    roomy = FunctionType(call.__code__.replace(co_stacksize=_SLOTS), call.__globals__, closure=call.__closure__)
    return cast("Callable[P, R]", update_wrapper(roomy, function))
