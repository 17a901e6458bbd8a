"""The runner's port: a nudge says that there may be work of a kind. It carries no data; lost or doubled, no harm."""

from typing import Protocol


class Runner(Protocol):
    """Structural, so that pages and the API, which may not import this room, can be handed one all the same."""

    def nudge(self, kind: str, key: str = "") -> None:
        """There may be work of a kind in ``coordinator.jobs.kinds``. Called after commit."""
        ...


class Silent:
    """Nobody to nudge: the next tick finds the work. For the command line and tests."""

    def nudge(self, kind: str, key: str = "") -> None:
        """Do nothing."""
