import inspect
import resource

import pytest

from coordinator.deep import deep

DEPTHS = range(1, 300)
TIMES = 200


def _leaf() -> int:
    """A call that is left at once; with a larger frame than ``_down``, so that at some depth it is the one too many."""
    a = b = c = d = e = f = g = h = i = j = k = m = n = o = p = q = 1
    return a + b + c + d + e + f + g + h + i + j + k + m + n + o + p + q


def _down(depth: int) -> int:
    """Go down so far, call many times there, and say how many pages of memory the system had to give for it."""
    if depth:
        return _down(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(TIMES):
        _leaf()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def _worst() -> int:
    return max(map(_down, DEPTHS))


def test_no_depth_asks_the_system_for_memory_at_every_call():
    assert deep(_worst)() < TIMES // 2


def test_without_room_some_depth_does():
    """Should this fail, CPython keeps the pieces of its stack, and ``deep`` has nothing left to do."""
    assert _worst() >= TIMES // 2


def test_the_frames_of_whoever_calls_can_be_looked_at():
    names = [frame.function for frame in deep(inspect.stack)()]
    assert "test_the_frames_of_whoever_calls_can_be_looked_at" in names


def test_it_is_the_same_function_otherwise():
    def told(one: int, *, two: int = 2) -> tuple[int, int]:
        """What it was given."""
        if one < 0:
            raise ValueError("below nothing")
        return one, two

    roomy = deep(told)
    assert roomy(1) == (1, 2)
    assert roomy(one=3, two=4) == (3, 4)
    assert (roomy.__name__, roomy.__doc__, roomy.__module__) == (told.__name__, told.__doc__, told.__module__)
    with pytest.raises(ValueError, match="below nothing"):
        roomy(-1)
    with pytest.raises(TypeError, match="three"):
        roomy(1, three=3)
