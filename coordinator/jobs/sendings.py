"""A sending: claim it, make its files, keep them, and have a letter for each address."""

import logging
from collections.abc import Sequence

from campaigns.core import ledger
from campaigns.core.base import public_id
from campaigns.core.errors import CampaignError
from campaigns.reporting.sendings import Sending, SendingState, SentFile, address_letters
from coordinator.jobs import papers
from coordinator.jobs.reporting import Report
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about

log = logging.getLogger(__name__)


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` sendings that are to be made."""
    with place.database.write() as session:
        return ledger.claim(session, Sending, limit, place.pace.lease, now=place.now())


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Make the files with the figures of now. What no second try would mend is said in the history."""
    base, now = place.addresses.base, place.now()
    try:
        with place.database.read() as session:
            row = session.get(Sending, taken.id)
            if row is None:
                return
            made = papers.make(session, place.natures, base, row.schedule, row.at, now=now)
    except CampaignError as error:
        _give_up(place, taken, str(error))
        return
    # Kept before the rows name them, outside of any transaction: the place may be a bucket far away.
    kept = [(one, place.store.keep(one.body)[1]) for one in made.files]
    with place.database.write() as session:
        if not ledger.holds(session, Sending, taken):
            return
        row = session.get_one(Sending, taken.id)
        row.files = [_file(one, key) for one, key in kept]
        row.title, row.summary, row.page = made.title[:300], list(made.lines), made.page[:500]
        session.flush()
        letters = address_letters(session, row, now=now)
        values = {"state": SendingState.MADE, "made_at": now, "due_at": None, "last_error": ""}
        ledger.settle(session, Sending, taken, values)
    told = about("made", work="report", row=taken.id, attempt=taken.attempt)
    log.info("report %d made, %d letters", taken.id, letters, extra=told)


def _file(one: Report, key: str) -> SentFile:
    return SentFile(public=public_id("rfl"), name=one.name, media_type=one.media_type, length=len(one.body), key=key)


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while making it, or a place for files that does not answer: tried again on the usual schedule."""
    waits: Sequence[object] = place.pace.retries
    why = f"the program failed: {error}"
    if taken.attempt > len(waits):
        _give_up(place, taken, why)
        return
    due = place.now() + place.pace.retries[taken.attempt - 1]
    with place.database.write() as session:
        ledger.settle(session, Sending, taken, {"due_at": due, "last_error": why[:2000]})


def _give_up(place: Workplace, taken: ledger.Claim, why: str) -> None:
    with place.database.write() as session:
        values = {"state": SendingState.FAILED, "due_at": None, "last_error": why[:2000]}
        ledger.settle(session, Sending, taken, values)
    log.warning("report %d: %s", taken.id, why, extra=about("dead", work="report", row=taken.id))
