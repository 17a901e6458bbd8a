"""What every job is handed: the database, the door, and how this installation is set up."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from campaigns.core.clock import utc_now
from campaigns.core.pace import Pace
from campaigns.publishing.addresses import Addresses
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Natures
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.http import Door
from coordinator.keeping import PageStore
from coordinator.sealing import Seal


@dataclass(frozen=True)
class Workplace:
    """Chosen by a composition root, shared by every thread of a process. ``chance`` spreads retries in time."""

    database: Database
    door: Door
    seal: Seal
    store: PageStore
    natures: Natures
    addresses: Addresses
    pace: Pace
    chance: random.Random = field(default_factory=random.SystemRandom)

    def now(self) -> datetime:
        """The present moment."""
        return utc_now()


class ChannelVault:
    """One channel's secrets in the database, sealed. ``save`` is on disk before it returns."""

    def __init__(self, place: Workplace, channel_id: int) -> None:
        self._place, self._channel_id = place, channel_id

    def load(self) -> Mapping[str, str]:
        """The secrets as they are now, not as they were when the job began."""
        with self._place.database.read() as session:
            sealed = session.execute(sa.select(Channel.sealed).where(Channel.id == self._channel_id)).scalar_one()
        return self._place.seal.open(sealed)

    def save(self, secrets: Mapping[str, str]) -> None:
        """Put another set in their place."""
        with self._place.database.write() as session:
            session.execute(
                sa.update(Channel).where(Channel.id == self._channel_id).values(sealed=self._place.seal.close(secrets))
            )


class Nudges(Protocol):
    """Whoever can be told that there may be work: a runner, as pages and the API see it."""

    def nudge(self, kind: str, key: str = "") -> None:
        """There may be work of this kind. Called after commit; lost or doubled, no harm."""
        ...


@dataclass(frozen=True)
class Front:
    """What pages and the API are handed by the composition root, kept under ``app.extensions["lantoa"]``."""

    place: Workplace
    runner: Nudges
    settings: Settings
