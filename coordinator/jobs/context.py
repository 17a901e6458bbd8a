"""The context of every job: the database, the HTTP client, and the configuration of this installation."""

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

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.channels.channels import Channel
from campaigns.core import leases
from campaigns.core.clock import utc_now
from campaigns.core.intervals import Intervals
from campaigns.delivery.outbox import DeliveryModes
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.encryption import Encryption
from coordinator.http.client import HttpClient
from coordinator.jobs.view_buffers import FeedReadBuffer, FeedResponseCounts, ViewBuffer
from coordinator.mail.smtp import MailServer
from coordinator.rendering.browser import Renderer
from coordinator.storage.blobs import BlobStore
from coordinator.storage.database_copy import DatabaseCopy
from coordinator.storage.noted_head import NotedHead
from coordinator.storage.pages import PageStore
from coordinator.storage.timestamps import TimestampAuthority

# Longer than one token exchange, including the deadline of the HTTP client.
REFRESH_LEASE = timedelta(seconds=45)


@dataclass(frozen=True)
class AlarmWebhook:
    """The address for alarms, and the ``whsec_…`` secret that signs them."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class JobContext:
    """The context of jobs, built by a composition root and shared by every thread of a process. ``randomness`` spreads
    retries in time. ``silent_limit``: the largest number of concurrent
    messages to channels that did not answer last time. ``mail``: None without a mail server; ``locale``: the office's
    language, for mails to people who have chosen none; ``alarm_after``: how long a channel fails before administrators
    get an alarm; ``alarm_webhook``: None without one; ``looks_with_browser``: whether a
    process looks at pages in a browser; ``checkpoint_stores``: where the
    journal's checkpoints go; ``timestamp_authority``: None where none is set; ``renderer``: only in the process that
    drives a browser; ``database_copy``: where SQLite's database is copied to, None where it is not; ``noted_head``:
    where the journal's end is noted; ``stopping``: set
    when this process is to end, for long jobs; ``uploads``: held while a process sends a video or other large file, of
    which it sends one at a time."""

    database: Database
    http_client: HttpClient
    encryption: Encryption
    store: PageStore
    delivery_modes: DeliveryModes
    addresses: PublicAddresses
    intervals: Intervals
    view_buffer: ViewBuffer = field(default_factory=ViewBuffer)
    feed_reads: FeedReadBuffer = field(default_factory=FeedReadBuffer)
    feed_responses: FeedResponseCounts = field(default_factory=FeedResponseCounts)
    randomness: random.Random = field(default_factory=random.SystemRandom)
    silent_limit: int = 1
    mail: MailServer | None = None
    locale: str = "vi"
    alarm_after: timedelta = timedelta(days=3)
    alarm_webhook: AlarmWebhook | None = None
    looks_with_browser: bool = False
    checkpoint_stores: tuple[BlobStore, ...] = ()
    timestamp_authority: TimestampAuthority | None = None
    renderer: Renderer | None = None
    database_copy: DatabaseCopy | None = None
    noted_head: NotedHead | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    uploads: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(1))

    def now(self) -> datetime:
        """Return the present time."""
        return utc_now()


class ChannelSecrets:
    """One channel's secrets in the database, encrypted. ``save`` is on disk before it returns."""

    def __init__(self, context: JobContext, channel_id: int) -> None:
        self._context, self._channel_id = context, channel_id

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Exclude every other thread and process from the refresh of this channel's secrets.

        A lease row, not a transaction, because the refresh crosses the network. A process that dies in between blocks
        the others only until its lease has run out.
        """
        name, holder = f"secrets:{self._channel_id}", token_hex(8)
        while True:
            with self._context.database.write() as session:
                if leases.acquire_lease(session, name, holder, REFRESH_LEASE, now=self._context.now()):
                    break
            time.sleep(0.2)
        try:
            yield
        finally:
            with self._context.database.write() as session:
                leases.release_lease(session, name, holder, now=self._context.now())

    def load(self) -> Mapping[str, str]:
        """Return the present secrets, which may have changed since the job began."""
        with self._context.database.read() as session:
            encrypted_secrets = session.execute(
                sa.select(Channel.encrypted_secrets).where(Channel.id == self._channel_id)
            ).scalar_one()
        return self._context.encryption.decrypt(encrypted_secrets)

    def save(self, secrets: Mapping[str, str]) -> None:
        """Replace the secrets."""
        with self._context.database.write() as session:
            session.execute(
                sa.update(Channel)
                .where(Channel.id == self._channel_id)
                .values(encrypted_secrets=self._context.encryption.encrypt(secrets))
            )


class Runner(Protocol):
    """Starts background work. A nudge carries no data; losing or doubling it is harmless."""

    def nudge(self, kind: str, key: str = "") -> None:
        """Report possible work of a kind in ``coordinator.jobs.work_kinds``. Called after commit."""
        ...


class NullRunner:
    """Starts nothing: the clock's next tick finds the work. For the command line and tests."""

    def nudge(self, kind: str, key: str = "") -> None:
        """Do nothing."""


@dataclass(frozen=True)
class AppContext:
    """The context of pages and the API, built by the composition root; stored in ``app.extensions["lantoa"]``."""

    job_context: JobContext
    runner: Runner
    settings: Settings

    def now(self) -> datetime:
        """Return the time of the job context, timezone-aware."""
        return self.job_context.now()
