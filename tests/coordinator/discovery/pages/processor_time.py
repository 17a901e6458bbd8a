"""What reading a hostile page costs."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def costs_less_than(seconds: float) -> Iterator[None]:
    """Assert that the block takes less processor time. Neither what other threads do meanwhile counts, nor the garbage
    collector's walk through what hundreds of other tests have left in this process."""
    gc.freeze()
    began = time.thread_time()
    try:
        yield
        assert time.thread_time() - began < seconds
    finally:
        gc.unfreeze()
