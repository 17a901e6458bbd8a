"""Webmentions: a page that claims to link to a bulletin is read, and the link is verified."""

from campaigns.core import ledger
from campaigns.discovery import webmentions
from campaigns.discovery.webmentions import Webmention
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.reading import read_fetched
from coordinator.discovery.webmention import read_mention
from coordinator.http.errors import RequestError
from coordinator.jobs.context import JobContext

CAP = 1_000_000  # bytes of the page, decoded
DEADLINE = 10.0  # seconds
GONE = frozenset({404, 410})


def claim(context: JobContext, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` mentions that are due, at most one per host."""
    now = context.now()
    with context.database.write() as session:
        return ledger.claim(session, Webmention, limit, context.intervals.lease, spread=Webmention.host, now=now)


def check_mention(context: JobContext, taken: ledger.Claim) -> None:
    """Read the page once. Its sender requested the fetch, so robots.txt is not applied; all other limits are."""
    with context.database.read() as session:
        row = session.get(Webmention, taken.id)
        if row is None:
            return
        source, target = row.source, context.addresses.bulletin(row.bulletin.code)
        blocked = webmentions.block_of(session, source) is not None
    if blocked:
        _settle(context, taken, linked=False)
        return
    try:
        answer = context.http_client.get(source, cap=CAP, deadline=DEADLINE)
    except RequestError as error:
        _record_unreadable(context, taken, str(error))
        return
    if answer.ok or answer.status in GONE:
        try:
            title = read_fetched(read_mention, answer, target)
        except DiscoveryError as error:
            _record_unreadable(context, taken, str(error))
            return
        _settle(context, taken, linked=title is not None, title=title or "")
    else:
        _record_unreadable(context, taken, f"the page answered {answer.status}")


def record_crash(context: JobContext, taken: ledger.Claim, error: BaseException) -> None:
    """Record an unexpected exception as an unreadable page, which is retried."""
    _record_unreadable(context, taken, f"the program failed: {error}")


def _settle(context: JobContext, taken: ledger.Claim, *, linked: bool, title: str = "") -> None:
    with context.database.write() as session:
        webmentions.settle_webmention(session, taken, linked=linked, title=title, now=context.now())


def _record_unreadable(context: JobContext, taken: ledger.Claim, reason: str) -> None:
    with context.database.write() as session:
        webmentions.record_unread(session, taken, reason, context.intervals, now=context.now())
