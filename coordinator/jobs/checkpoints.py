"""The day's checkpoint of the journal, written to where other machines keep it, with an authority's time stamp.

Nothing here stops other work: what fails is logged and tried again in an hour, and ``lantoa doctor`` names it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from campaigns.core.checkpoints import make_checkpoint
from campaigns.core.clock import city_day
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
    line = _keep(context.checkpoint_stores, f"{day}.txt", lambda: _new_checkpoint(context))
    authority = context.timestamp_authority
    if line is None or authority is None:
        return
    try:
        _keep(context.checkpoint_stores, f"{day}.tsr", lambda: _new_timestamp(context, authority, line))
    except (RequestError, TimestampError) as error:
        log.error("the checkpoint of the journal was not stamped: %s", error)


def _keep(stores: Sequence[BlobStore], key: str, make: Callable[[], bytes]) -> bytes | None:
    """Put one body into every store that lacks it: the one that another store has, else a new one. Returns it; None
    where no store is set or none answers."""
    body: bytes | None = None
    lacking: list[BlobStore] = []
    for store in stores:
        try:
            body = body or store.get(key)
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


def store_state(store: BlobStore, ending: str, *, now: datetime) -> tuple[bool, str]:
    """Whether a checkpoint (``txt``) or a time stamp (``tsr``) of the last two days is in the store, and a sentence."""
    days = [city_day(now - timedelta(days=before)) for before in range(LATE)]
    try:
        newest = next((day for day in days if store.has(f"{day}.{ending}")), None)
    except OSError as error:
        return False, str(error)
    if newest is None:
        return False, f"{store.place}: holds none of the last {LATE} days"
    return True, f"{store.place}: the last of {newest}"
