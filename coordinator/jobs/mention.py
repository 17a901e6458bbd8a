"""Mention: read a stranger's page that says it links to a bulletin, and see whether it does."""

from campaigns.core import ledger
from campaigns.tracking import mentions
from campaigns.tracking.mentions import Mention
from coordinator.discovery.webmention import links_to, title_of
from coordinator.http import DoorError
from coordinator.jobs.workplace import Workplace

CAP = 1_000_000  # bytes of a page of a stranger, decoded
DEADLINE = 10.0  # seconds
GONE = frozenset({404, 410})


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` mentions that are to be looked at, of as many hosts."""
    now = place.now()
    with place.database.write() as session:
        return ledger.claim(session, Mention, limit, place.pace.lease, spread=Mention.host, now=now)


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Read the page once. It asked to be read, so its robots.txt is not asked; everything else is as for any page."""
    with place.database.read() as session:
        row = session.get(Mention, taken.id)
        if row is None:
            return
        source, target = row.source, place.addresses.bulletin(row.bulletin.code)
        blocked = mentions.block_of(session, source) is not None
    if blocked:
        _settle(place, taken, linked=False)
        return
    try:
        answer = place.door.get(source, cap=CAP, deadline=DEADLINE)
    except DoorError as error:
        _unread(place, taken, str(error))
        return
    if answer.ok or answer.status in GONE:
        linked = links_to(answer, target)
        _settle(place, taken, linked=linked, title=title_of(answer) if linked else "")
    else:
        _unread(place, taken, f"the page answered {answer.status}")


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while reading: tried again as if the page could not be read."""
    _unread(place, taken, f"the program failed: {error}")


def _settle(place: Workplace, taken: ledger.Claim, *, linked: bool, title: str = "") -> None:
    with place.database.write() as session:
        mentions.settle(session, taken, linked=linked, title=title, now=place.now())


def _unread(place: Workplace, taken: ledger.Claim, why: str) -> None:
    with place.database.write() as session:
        mentions.unread(session, taken, why, place.pace, now=place.now())
