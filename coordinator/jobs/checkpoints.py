"""The day's checkpoint of the journal, written to where other machines keep it, with an authority's time stamp.

Nothing here stops other work: what fails is logged and tried again in an hour, and ``lantoa doctor`` names it. What a
store gives back is checked each time: another text, or a checkpoint that the journal does not contain, is named and
never copied to another store.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from campaigns.core.checkpoints import Checkpoint, NoCheckpoint, make_checkpoint, verify_against
from campaigns.core.clock import city_day
from coordinator.health_facts import Fact, fact
from coordinator.http.errors import RequestError
from coordinator.jobs.context import JobContext
from coordinator.storage.blobs import BlobStore
from coordinator.storage.timestamps import REPLY_TYPE, REQUEST_TYPE, TimestampAuthority, TimestampError

log = logging.getLogger(__name__)

LATE = 2  # days: an upkeep that ran late yesterday is no fault
TIMESTAMP_DEADLINE = 20.0  # seconds


def keep_checkpoint(context: JobContext) -> None:
    """Write the checkpoint of this day and its time stamp, each once a day and to every store."""
    day = city_day(context.now())
    stores = context.checkpoint_stores
    line = _keep(
        stores, f"{day}.txt", lambda: _new_checkpoint(context), lambda body: _check_against_journal(context, body, day)
    )
    authority = context.timestamp_authority
    if line is None or authority is None:
        return
    try:
        _keep(
            stores, f"{day}.tsr", lambda: _new_timestamp(context, authority, line),
            lambda body: authority.verify(body, line),
        )  # fmt: skip
    except (RequestError, TimestampError) as error:
        log.error("the checkpoint of the journal was not stamped: %s", error)


def _keep(
    stores: Sequence[BlobStore], key: str, make: Callable[[], bytes], check: Callable[[bytes], object]
) -> bytes | None:
    """Put one body into every store that lacks it: the one that another store has, else a new one. Returns it; None
    where no store is set or none answers. ``check`` raises for a body that was not written here."""
    body: bytes | None = None
    lacking: list[BlobStore] = []
    for store in stores:
        try:
            found = store.get(key)
            check(found)
            body = body or found
        except (NoCheckpoint, TimestampError) as error:
            log.error("%s: %s is not the checkpoint of the journal that was written there: %s", store.place, key, error)
        except FileNotFoundError:
            lacking.append(store)
        except OSError as error:
            log.error("the checkpoint of the journal could not be read: %s", error)
    for store in lacking:
        try:
            body = body or make()
            store.put(key, body)
        except OSError as error:
            log.error("the checkpoint of the journal could not be written: %s", error)
    return body


def _new_checkpoint(context: JobContext) -> bytes:
    with context.database.read() as session:
        return f"{make_checkpoint(session, now=context.now())}\n".encode()


def _new_timestamp(context: JobContext, authority: TimestampAuthority, line: bytes) -> bytes:
    """Ask the authority for a stamp and verify it. Raises ``RequestError``, ``TimestampError``."""
    request = authority.request(line)
    headers = {"Content-Type": REQUEST_TYPE, "Accept": REPLY_TYPE}
    reply = context.http_client.post(
        authority.url, body=request.as_bytes(), headers=headers, deadline=TIMESTAMP_DEADLINE
    )
    if reply.status != 200:
        raise TimestampError(f"{authority.url} answered {reply.status}")
    authority.verify(reply.body, line, request=request)
    return reply.body


def _read_checkpoint(body: bytes, day: date) -> Checkpoint:
    """Read the checkpoint of a day. Raises ``NoCheckpoint``."""
    checkpoint = Checkpoint.parse(body.decode("utf-8", "replace"))
    if (made := city_day(checkpoint.at)) != day:
        raise NoCheckpoint(f"it is of {made}")
    return checkpoint


def _check_against_journal(context: JobContext, body: bytes, day: date) -> None:
    """Raise ``NoCheckpoint`` for a body that is not a checkpoint of this day, or is not in the journal."""
    checkpoint = _read_checkpoint(body, day)
    with context.database.read() as session:
        broken = verify_against(session, checkpoint)
    if broken is not None:
        raise NoCheckpoint(f"the journal does not contain it: entry {broken.seq}: {broken.why}")


def store_state(
    store: BlobStore, authority: TimestampAuthority | None = None, *, now: datetime
) -> tuple[bool, list[Fact]]:
    """Whether the store gives back a checkpoint of the last two days, with ``authority`` its time stamp, and what was
    found. Raises ``OSError`` for a store that cannot be read."""
    for day in (city_day(now - timedelta(days=before)) for before in range(LATE)):
        try:
            line = store.get(f"{day}.txt")
            _read_checkpoint(line, day)
            if authority is not None:
                authority.verify(store.get(f"{day}.tsr"), line)
        except FileNotFoundError:
            continue
        except (NoCheckpoint, TimestampError) as error:
            return False, [fact("wrong_checkpoint", place=store.place, day=str(day), why=str(error))]
        return True, [fact("checkpoint", place=store.place, day=str(day))]
    return False, [fact("no_checkpoint", place=store.place, days=LATE)]
