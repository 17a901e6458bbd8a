"""What every job is handed: the database, the door, and how this installation is set up."""

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Protocol

import sqlalchemy as sa

from campaigns.core import leading
from campaigns.core.clock import utc_now
from campaigns.core.pace import Pace
from campaigns.publishing.addresses import Addresses
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Natures
from campaigns.reporting.monitoring import Figures
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.feeds.cache import FeedCache
from coordinator.feeds.replies import Replies
from coordinator.feeds.standing import Standings
from coordinator.http import Door
from coordinator.jobs.loads import Loads
from coordinator.jobs.reads import FeedReader, Reads
from coordinator.keeping import PageStore
from coordinator.mail.smtp import MailServer
from coordinator.sealing import Seal

# Longer than one exchange of tokens may take, deadline of the door included.
REFRESH_LEASE = timedelta(seconds=45)


@dataclass(frozen=True)
class AlarmHook:
    """Where alarms are posted, and the ``whsec_…`` secret that signs them."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Workplace:
    """Chosen by a composition root, shared by every thread of a process. ``chance`` spreads retries in time.
    ``figuring``: held by who reads ``figures``.
    ``aside``: how many messages may be on their way to channels that did not answer last time.
    ``mail``: None where nothing is mailed; ``locale``: the office's language, for letters to who has chosen none;
    ``alarm_after``: how long a channel fails before administrators are told; ``alarm_hook``: who else is told, if
    anybody; ``stopping``: set when this process is to end, for the few jobs that take longer than one may wait."""

    database: Database
    door: Door
    seal: Seal
    store: PageStore
    natures: Natures
    addresses: Addresses
    pace: Pace
    feeds: FeedCache = field(default_factory=FeedCache)
    standings: Standings[FeedReader | None] = field(default_factory=Standings)
    loads: Loads = field(default_factory=Loads)
    reads: Reads = field(default_factory=Reads)
    replies: Replies = field(default_factory=Replies)
    figures: Figures = field(default_factory=Figures)
    figuring: threading.Lock = field(default_factory=threading.Lock)
    chance: random.Random = field(default_factory=random.SystemRandom)
    aside: int = 1
    mail: MailServer | None = None
    locale: str = "vi"
    alarm_after: timedelta = timedelta(days=3)
    alarm_hook: AlarmHook | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def now(self) -> datetime:
        """The present moment."""
        return utc_now()


class ChannelVault:
    """One channel's secrets in the database, sealed. ``save`` is on disk before it returns."""

    def __init__(self, place: Workplace, channel_id: int) -> None:
        self._place, self._channel_id = place, channel_id

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only one who refreshes this channel's secrets, in this process and any other.

        A lease row, not a transaction: what is done meanwhile crosses the network. Whoever waits goes on after the
        lease has run out, so a process that died in between holds nobody up for ever.
        """
        name, holder = f"secrets:{self._channel_id}", token_hex(8)
        while True:
            with self._place.database.write() as session:
                if leading.lead(session, name, holder, REFRESH_LEASE, now=self._place.now()):
                    break
            time.sleep(0.2)
        try:
            yield
        finally:
            with self._place.database.write() as session:
                leading.step_down(session, name, holder, now=self._place.now())

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
