"""Where a worker dies. The product knows nothing of this: in a process that is to die, a function of it is replaced."""

import os
import signal
import threading
from collections.abc import Callable
from enum import Enum
from typing import Any

from campaigns.core import ledger
from coordinator.jobs import sending
from coordinator.jobs.delivery.deliveries import DeliveryKind

IN_THE_SEND = 0.01  # seconds after the call began; the sink takes three times as long to answer


class Point(Enum):
    """A place on a delivery's way, in order."""

    CLAIMING = "before the claim commits"
    CLAIMED = "after the claim"
    SENDING = "in the send"
    SENT = "after the send, before settling"
    SETTLED = "after settling"


def die() -> None:
    """End the process as by ``kill -9``: nothing is closed, rolled back or reported."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: Point, passes: int) -> None:
    """Let this process die at the ``passes``-th time that it comes to ``point``."""
    left = [passes]
    lock = threading.Lock()

    def now() -> bool:
        with lock:
            left[0] -= 1
            return left[0] == 0

    match point:
        case Point.CLAIMING:
            _wrap(ledger, "claim", after=lambda claims: die() if claims and now() else None)
        case Point.CLAIMED:
            _wrap(DeliveryKind, "compose", before=lambda: die() if now() else None)
        case Point.SENDING:
            timer = threading.Timer(IN_THE_SEND, die)
            _wrap(DeliveryKind, "send", before=lambda: timer.start() if now() else None)
        case Point.SENT:
            _wrap(sending, "settle", before=lambda: die() if now() else None)
        case Point.SETTLED:
            _wrap(sending, "settle", after=lambda _: die() if now() else None)


def _wrap(
    module: Any, name: str, before: Callable[[], object] | None = None, after: Callable[[Any], object] | None = None
) -> None:
    inner = getattr(module, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        if before is not None:
            before()
        found = inner(*given, **named)
        if after is not None:
            after(found)
        return found

    setattr(module, name, wrapped)
