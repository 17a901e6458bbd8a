"""Letters: claim one, make what it brings, hand it in, settle."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.compliance.findings import find_finding
from campaigns.core import ledger
from campaigns.core.clock import CITY
from campaigns.core.errors import NotFound
from campaigns.partners import editor_links
from campaigns.partners.editors import editor_by_id
from campaigns.people.invitations import Purpose, link_for_letter
from campaigns.people.letters import FORGOTTEN_LASTS, LATEST, Letter, LetterKind
from campaigns.people.office import office_name
from campaigns.people.staff import Person, find_by_email
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about
from coordinator.mail import smtp, words

log = logging.getLogger(__name__)

FORM = "%H:%M %d/%m/%Y"


@dataclass(frozen=True)
class _Written:
    subject: str
    text: str


def claim(place: Workplace, limit: int) -> list[ledger.Claim]:
    """Lease up to ``limit`` letters; none where there is no mail server."""
    if place.mail is None:
        return []
    with place.database.write() as session:
        return ledger.claim(session, Letter, limit, place.pace.lease, now=place.now())


def act(place: Workplace, taken: ledger.Claim) -> None:
    """Send one letter, or find that nobody is to get it."""
    if place.mail is None:
        return
    now = place.now()
    with place.database.write() as session:
        if not ledger.holds(session, Letter, taken):
            return
        letter = session.get_one(Letter, taken.id)
        if now - letter.asked_at > LATEST:
            ledger.settle(session, Letter, taken, {"due_at": None, "last_error": "too late to be of use"})
            return
        written = _write(place, session, letter, now)
        address = letter.address
        if written is None:
            ledger.settle(session, Letter, taken, {"due_at": None, "last_error": ""})
            return
    ready = smtp.Letter(address, written.subject, written.text, f"letter-{taken.id}-{taken.fence}", now)
    try:
        place.mail.send(ready)
    except smtp.MailError as error:
        _failed(place, taken, str(error), again=not error.permanent)
        return
    with place.database.write() as session:
        ledger.settle(session, Letter, taken, {"due_at": None, "sent_at": place.now(), "last_error": ""})
    log.info("letter %d sent", taken.id, extra=about("sent", work="letter", row=taken.id, attempt=taken.attempt))


def broken(place: Workplace, taken: ledger.Claim, error: BaseException) -> None:
    """A bug while sending: tried again on the usual schedule."""
    _failed(place, taken, f"the program failed: {error}", again=True)


def _failed(place: Workplace, taken: ledger.Claim, why: str, *, again: bool) -> None:
    waits = place.pace.retries
    due = place.now() + waits[taken.attempt - 1] if again and taken.attempt <= len(waits) else None
    with place.database.write() as session:
        ledger.settle(session, Letter, taken, {"due_at": due, "last_error": why[:2000]})
    state = "retrying" if due is not None else "dead"
    log.warning("letter %d: %s", taken.id, why, extra=about(state, work="letter", row=taken.id, attempt=taken.attempt))


def _write(place: Workplace, session: Session, letter: Letter, now: datetime) -> _Written | None:
    if letter.kind is LetterKind.EDITOR:
        return _to_editor(place, session, letter, now)
    if letter.kind is LetterKind.FINDING:
        return _of_finding(place, session, letter)
    person = find_by_email(session, letter.address)
    if person is None or not person.active:
        return None
    locale = "en" if (person.locale or place.locale) == "en" else "vi"
    if letter.kind is LetterKind.ALARM:
        about = {"name": person.name, "at": _told(letter.asked_at), "base": place.addresses.base}
        return _Written(*words.alarm(letter.what, locale, about=letter.more, **about))
    if letter.kind is LetterKind.NOTICE:
        told = {"name": person.name, "at": _told(letter.asked_at), "base": place.addresses.base}
        return _Written(*words.notice(letter.what, locale, letter.more, **told))
    return _Written(*_with_link(place, session, letter, person, locale, now))


def _with_link(
    place: Workplace, session: Session, letter: Letter, person: Person, locale: str, now: datetime
) -> tuple[str, str]:
    forgotten = letter.kind is LetterKind.FORGOTTEN
    made = link_for_letter(
        session, person.email if forgotten else letter.asked_by, person,
        lasts=FORGOTTEN_LASTS if forgotten else None, now=now,
    )  # fmt: skip
    kind = "invitation" if made.row.purpose is Purpose.INVITATION else "password"
    return words.link_letter(
        kind,
        locale,
        name=person.name,
        by=_asker(session, letter),
        link=f"{place.addresses.base}/join/{made.secret}",
        until=_told(made.row.expires_at),
        base=place.addresses.base,
    )


def _to_editor(place: Workplace, session: Session, letter: Letter, now: datetime) -> _Written | None:
    """The way into the portal for an editor who may enter."""
    editor = editor_by_id(session, letter.more)
    if editor is None or not editor.may_enter:
        return None
    again = editor_links.has_entered(session, editor)
    made = editor_links.link_for_letter(session, letter.asked_by, editor, now=now)
    return _Written(
        *words.link_letter(
            "editor_again" if again else "editor",
            "en" if place.locale == "en" else "vi",
            name=editor.name,
            by=_asker(session, letter),
            office=office_name(session),
            partner=editor.company.name,
            link=f"{place.addresses.base}/portal/join/{made.secret}",
            until=_told(made.row.expires_at),
            base=place.addresses.base,
        )
    )


def _of_finding(place: Workplace, session: Session, letter: Letter) -> _Written | None:
    """What a partner is asked to answer, for one of its editors; nothing once it is hidden again or closed."""
    editor = editor_by_id(session, letter.more)
    if editor is None or not editor.may_enter:
        return None
    try:
        row = find_finding(session, letter.what, editor.company_id)
    except NotFound:
        return None
    if row.closed:
        return None
    return _Written(
        *words.finding_letter(
            "en" if place.locale == "en" else "vi",
            row.reply_by.strftime("%d/%m/%Y") if row.reply_by is not None else "",
            name=editor.name,
            office=office_name(session),
            partner=editor.company.name,
            site=row.site.name,
            rule=row.rule.title,
            link=f"{place.addresses.base}/portal/findings/{row.public}",
            base=place.addresses.base,
        )
    )


def _asker(session: Session, letter: Letter) -> str:
    """By which name whoever had the letter sent is known."""
    by = find_by_email(session, letter.asked_by)
    return by.name if by is not None else letter.asked_by


def _told(moment: datetime) -> str:
    return moment.astimezone(CITY).strftime(FORM)
