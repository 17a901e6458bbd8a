"""Letters with reports: claim one, put it together, hand it in, settle.

Mail knows no answer but the server's. That a letter is about to be handed in is written down before (``begun``), so
that one whose worker died in between is in doubt and not sent again by itself; a person decides.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy.orm import Session

from campaigns.core import ledger
from campaigns.people.office import office_name
from campaigns.people.staff import find_by_email
from campaigns.reporting.sendings import Post, PostState, SentFile
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about
from coordinator.mail.report_letter import Enclosed, ReportLetter, written
from coordinator.mail.smtp import MailError

log = logging.getLogger(__name__)

# A report that comes later than this, as after a mail server was missing for long, only confuses; its page has it.
LATEST = timedelta(days=7)
MOST_ATTACHED = 8_000_000  # bytes of files in one letter; a third more on the way, and many servers take 10 to 25 MB


@dataclass(frozen=True)
class _Ready:
    """Everything of a letter but the bytes of its files. ``files``: (name, media type, key, address) of each."""

    to: str
    title: str
    office: str
    lines: tuple[str, ...]
    page: str
    files: tuple[tuple[str, str, str, str], ...]
    enclosed: bool
    leave_url: str
    ident: str


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` letters; none where there is no mail server."""
    if place.mail is None:
        return []
    with place.database.write() as session:
        return ledger.claim(session, Post, limit, place.pace.lease, now=place.now())


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Hand one letter in, or find that it may have gone already, or that nobody is to get it."""
    if place.mail is None:
        return
    with place.database.read() as session:
        row = session.get(Post, taken.id)
        if row is None:
            return
        ready = _ready(place, session, row)
    if isinstance(ready, PostState):
        _settle(place, taken, {"state": ready, "due_at": None, "begun": False})
        return
    message = _message(place, ready, place.now())
    with place.database.write() as session:
        if not ledger.holds(session, Post, taken):
            return
        session.get_one(Post, taken.id).begun = True
    try:
        place.mail.hand_in(message)
    except MailError as error:
        _refused(place, taken, error)
        return
    _settle(place, taken, {"state": PostState.SENT, "due_at": None, "sent_at": place.now(), "last_error": ""})
    log.info("letter %s sent", ready.ident, extra=about("sent", work="post", row=taken.id, attempt=taken.attempt))


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug: before it was handed in, tried again on the usual schedule; while it was, in doubt."""
    with place.database.read() as session:
        begun = session.get_one(Post, taken.id).begun
    why = f"the program failed: {error}"
    if begun:
        _settle(place, taken, {"state": PostState.UNKNOWN, "due_at": None, "last_error": why[:2000]})
    else:
        _again(place, taken, why)


def _ready(place: Workplace, session: Session, row: Post) -> _Ready | PostState:
    if row.begun:
        return PostState.UNKNOWN
    if row.receiver is not None and row.receiver.left_at is not None:
        return PostState.DROPPED
    base, sending = place.addresses.base, row.sending
    if sending.made_at is not None and place.now() - sending.made_at > LATEST:
        return PostState.DROPPED
    outside = row.receiver is not None and find_by_email(session, row.address) is None
    return _Ready(
        to=row.address,
        title=sending.title,
        office=office_name(session),
        lines=tuple(sending.summary),
        page=f"{base}{sending.page}",
        files=tuple((one.name, one.media_type, one.key, file_address(place, one)) for one in sending.files),
        enclosed=sum(one.length for one in sending.files) <= MOST_ATTACHED,
        leave_url=leave_address(place, row.receiver.public) if outside and row.receiver is not None else "",
        ident=row.public,
    )


def file_address(place: Workplace, one: SentFile) -> str:
    """Where a file can be fetched by who has the address, as long as the history is kept."""
    return f"{place.addresses.base}/sent/{one.public}.{place.seal.mark(f'sent {one.public}')}"


def leave_address(place: Workplace, receiver: str) -> str:
    """Where whoever gets a report stops it."""
    return f"{place.addresses.base}/unsubscribe/report/{receiver}.{place.seal.mark(f'leave report {receiver}')}"


def _message(place: Workplace, ready: _Ready, now: datetime) -> EmailMessage:
    assert place.mail is not None  # noqa: S101  # the caller has asked
    files = [
        Enclosed(name, media_type, place.store.read(key) if ready.enclosed else None, url)
        for name, media_type, key, url in ready.files
    ]
    return written(
        ReportLetter(
            to=ready.to, sender=place.mail.sender, title=ready.title, office=ready.office, lines=ready.lines,
            page=ready.page, files=files, leave_url=ready.leave_url, ident=ready.ident, at=now,
        )
    )  # fmt: skip


def _refused(place: Workplace, taken: ledger.Claim, error: MailError) -> None:
    why = str(error)[:2000]
    if error.in_doubt:
        _settle(place, taken, {"state": PostState.UNKNOWN, "due_at": None, "last_error": why})
    elif error.permanent:
        _settle(place, taken, {"state": PostState.DEAD, "due_at": None, "begun": False, "last_error": why})
    else:
        _again(place, taken, why)


def _again(place: Workplace, taken: ledger.Claim, why: str) -> None:
    waits = place.pace.retries
    if taken.attempt > len(waits):
        _settle(place, taken, {"state": PostState.DEAD, "due_at": None, "begun": False, "last_error": why[:2000]})
        return
    due = place.now() + waits[taken.attempt - 1]
    _settle(place, taken, {"due_at": due, "begun": False, "last_error": why[:2000]})


def _settle(place: Workplace, taken: ledger.Claim, values: dict[str, object]) -> None:
    with place.database.write() as session:
        ledger.settle(session, Post, taken, values)
    state = values.get("state", "retrying")
    told = state.value if isinstance(state, PostState) else "retrying"
    log.info("letter %d: %s", taken.id, told, extra=about(told, work="post", row=taken.id, attempt=taken.attempt))
