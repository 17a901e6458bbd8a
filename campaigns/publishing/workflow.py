"""The state machine of a bulletin, one function a transition.

``draft → submitted → approved → scheduled → published → recalled``; a return leads back to draft, a correction is a new
revision of a published bulletin. Two people: nobody approves what they wrote, and an approval names the hash of the
text, so that another text is another approval. Each function writes the state, the journal and the deliveries in the
caller's one transaction and sends nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.core.lines import Line, stand_in
from campaigns.people.staff import Actor, May
from campaigns.publishing import outbox
from campaigns.publishing.bulletins import Approval, Bulletin, Revision, State, find_bulletin, text_hash
from campaigns.publishing.drafting import Text, add_revision, check_ready, check_text, check_worn, is_out, unplan, worn
from campaigns.publishing.dressing import Dress, of_json
from campaigns.publishing.outbox import Natures
from campaigns.publishing.transport import Act


def _wrong_state(bulletin: Bulletin, act: str) -> Conflict:
    return Conflict(
        f"{bulletin.code} is {bulletin.state.value}; it cannot be {act}",
        code="wrong_state",
        bulletin=bulletin.code,
        state=bulletin.state.value,
        act=act,
    )


def submit(session: Session, actor: Actor, code: str, *, now: datetime) -> Bulletin:
    """Hand a draft to a colleague. Raises ``Invalid`` when the text lacks something, ``Conflict`` in another state."""
    actor.require(May.WRITE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state is not State.DRAFT:
        raise _wrong_state(bulletin, "submitted")
    revision = bulletin.revision(bulletin.latest)
    if errors := check_ready(revision):
        raise Invalid(errors)
    bulletin.state, bulletin.submitted_at, bulletin.return_note = State.SUBMITTED, now, ""
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash}
    journal.record(session, actor.id, "bulletin.submitted", "bulletin", code, details, now=now)
    return bulletin


def return_for_changes(session: Session, actor: Actor, code: str, note: str, *, now: datetime) -> Bulletin:
    """Back to the writer with a note; also takes back an approval or a schedule that has not come due.

    A pending correction of a published bulletin is dropped. Raises ``Invalid`` without a note, ``Conflict``.
    """
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say what has to change")])
    details: dict[str, object] = {"note": note.strip()}
    if bulletin.pending is not None:
        details["revision"] = bulletin.pending
        bulletin.pending = None
        bulletin.return_note = note.strip()
        session.flush()
        journal.record(session, actor.id, "bulletin.correction_returned", "bulletin", code, details, now=now)
        return bulletin
    if is_out(bulletin, now) or bulletin.state not in {State.SUBMITTED, State.APPROVED, State.SCHEDULED}:
        raise _wrong_state(bulletin, "returned")
    unplan(session, bulletin, now=now)
    bulletin.return_note = note.strip()
    session.flush()
    journal.record(session, actor.id, "bulletin.returned", "bulletin", code, details, now=now)
    return bulletin


def approve(
    session: Session, actor: Actor, code: str, revision_hash: str, natures: Natures, *, now: datetime
) -> Bulletin:
    """Approve one exact text: the submitted one, or the pending correction of a published bulletin, which then goes
    out.

    Raises ``Forbidden`` when the approver wrote any part of it, ``Conflict`` (code ``text_changed``) when the hash is
    not that of the text now waiting.
    """
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    correction = bulletin.pending is not None
    if not correction and bulletin.state is not State.SUBMITTED:
        raise _wrong_state(bulletin, "approved")
    revision = bulletin.revision(bulletin.pending if bulletin.pending is not None else bulletin.latest)
    if revision.hash != revision_hash.strip().lower():
        raise Conflict(
            f"the text of {code} changed: revision {revision.number} has another hash",
            code="text_changed",
            bulletin=code,
            revision=revision.number,
        )
    if actor.id in {bulletin.writer, revision.author}:
        raise Forbidden("a writer cannot approve their own bulletin", code="own_bulletin", bulletin=code)
    session.add(
        Approval(
            bulletin_id=bulletin.id,
            revision=revision.number,
            revision_hash=revision.hash,
            approver=actor.id,
            approver_name=actor.name,
            at=now,
        )
    )
    bulletin.approved = revision.number
    if not correction:
        bulletin.state = State.APPROVED
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash}
    journal.record(session, actor.id, "bulletin.approved", "bulletin", code, details, now=now)
    if correction:
        _release_correction(session, actor, bulletin, revision, natures, now=now)
    return bulletin


@dataclass(frozen=True)
class Seen:
    """The release time that stood on the form somebody decided on; None = there was none."""

    release_at: datetime | None


def publish(
    session: Session,
    actor: Actor,
    code: str,
    natures: Natures,
    *,
    at: datetime | None = None,
    seen: Seen | None = None,
    now: datetime,
) -> Bulletin:
    """Release an approved bulletin now, or schedule it when ``at`` is ahead; a scheduled one is moved.

    One delivery a channel is written in this transaction, due at the release time. ``seen``: if another time took the
    place of that one, ``Conflict`` (code ``moved_meanwhile``), but the same form sent twice does nothing the second
    time. Raises ``Invalid`` for a time in the past, ``Conflict`` in another state or when the approved text is not the
    newest.
    """
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if seen is not None and bulletin.state is State.SCHEDULED and bulletin.release_at != seen.release_at:
        if at is not None and bulletin.release_at == at:
            return bulletin
        raise Conflict(f"{code} was given another time", code="moved_meanwhile", bulletin=code)
    movable = bulletin.state is State.SCHEDULED and not is_out(bulletin, now)
    if bulletin.state is not State.APPROVED and not movable:
        raise _wrong_state(bulletin, "published")
    # A form filled in a moment ago may name the present minute; anything older is a mistake.
    if at is not None and at < now - timedelta(seconds=60):
        raise Invalid([FieldError("at", "past", f"the release time {at.isoformat()} is in the past")])
    if bulletin.approved is None or bulletin.approved != bulletin.latest:
        raise Conflict(f"the newest text of {code} is not approved", code="not_approved", bulletin=code)
    later = at is not None and at > now
    act = "bulletin.scheduled" if later else "bulletin.published"
    if movable:
        outbox.drop_unbegun(session, bulletin)
    revision = bulletin.revision(bulletin.approved)
    details = {"revision": revision.number, "hash": revision.hash, "release_at": at or now}
    journal.record(session, actor.id, act, "bulletin", code, details, now=now)
    moment = at if later and at is not None else _after_all(session, now)
    bulletin.release_at = bulletin.changed_at = moment
    bulletin.released_on = city_day(moment)
    bulletin.released = revision.number
    bulletin.state = State.SCHEDULED if later else State.PUBLISHED
    revision.released_at = None if later else moment
    session.flush()
    channels = outbox.entitled(session, bulletin)
    due_at = moment if later else now
    outbox.enqueue(session, bulletin, channels, revision.number, Act.PUBLISH, natures, due_at=due_at, now=now)
    return bulletin


def clear_time(session: Session, actor: Actor, code: str, *, seen: Seen, now: datetime) -> Bulletin:
    """Take a scheduled bulletin's time away; it stays approved. Raises ``Conflict`` when it is out, has no time or got
    another one than ``seen``."""
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state is not State.SCHEDULED or is_out(bulletin, now):
        raise _wrong_state(bulletin, "taken off the calendar")
    if bulletin.release_at != seen.release_at:
        raise Conflict(f"{code} was given another time", code="moved_meanwhile", bulletin=code)
    details = {"revision": bulletin.approved, "release_at": bulletin.release_at}
    outbox.drop_unbegun(session, bulletin)
    bulletin.state = State.APPROVED
    bulletin.released = bulletin.release_at = bulletin.changed_at = bulletin.released_on = None
    session.flush()
    journal.record(session, actor.id, "bulletin.unscheduled", "bulletin", code, details, now=now)
    return bulletin


def release_due(session: Session, *, now: datetime) -> list[str]:
    """Write down what became visible since the last look: scheduled bulletins whose time has come. Returns their codes.

    Readers do not depend on it; the state and the journal do.
    """
    rows = session.execute(
        sa.select(Bulletin)
        .where(Bulletin.state == State.SCHEDULED, Bulletin.release_at <= now)
        .order_by(Bulletin.release_at)
        .with_for_update(skip_locked=True, of=Bulletin, key_share=True)
    ).scalars()
    codes = []
    for bulletin in rows:
        assert bulletin.released is not None  # noqa: S101  # set when scheduled
        assert bulletin.release_at is not None  # noqa: S101  # set when scheduled
        revision = bulletin.revision(bulletin.released)
        revision.released_at = bulletin.release_at
        bulletin.state = State.PUBLISHED
        session.flush()
        details = {"revision": revision.number, "hash": revision.hash, "release_at": bulletin.release_at}
        journal.record(session, journal.SYSTEM, "bulletin.published", "bulletin", bulletin.code, details, now=now)
        codes.append(bulletin.code)
    return codes


def correct(
    session: Session,
    actor: Actor,
    code: str,
    text: Text,
    note: str,
    natures: Natures,
    *,
    expected: int | None = None,
    now: datetime,
) -> Bulletin:
    """A corrected text of a published bulletin: at once from an approver, waiting for approval from a writer.

    Every channel that had the old text gets the new one; what was still waiting is overtaken and cancelled.
    ``expected`` is the revision the correction was made from, pending or out: if another took its place since,
    ``Conflict`` (code ``text_changed``). Without a dress of its own it keeps the cover, and every channel gets the
    corrected words. Raises ``Invalid`` without a note or for a bad text, ``Conflict`` when it is
    not out or nothing changed.
    """
    actor.require(May.WRITE)
    bulletin = find_bulletin(session, code, for_update=True)
    if not is_out(bulletin, now):
        raise _wrong_state(bulletin, "corrected")
    current = bulletin.pending if bulletin.pending is not None else bulletin.released
    if expected is not None and expected != current:
        raise Conflict(
            f"{code} was corrected by somebody else: it is at revision {current}",
            code="text_changed",
            bulletin=code,
            revision=current,
        )
    errors = check_text(text) + [error for error in check_ready(text) if error.field != "title"]
    check_worn(session, text, errors)
    if not note.strip():
        errors.append(FieldError("note", "required", "say what was corrected"))
    if errors:
        raise Invalid(errors)
    assert bulletin.released is not None  # noqa: S101  # is_out() means a revision is out
    out = bulletin.revision(bulletin.released)
    if text.dress is None:
        # Words fitted to a channel would go on saying there what the correction takes back; the cover stays.
        before = out if current is None else bulletin.revision(current)
        text = replace(text, dress=Dress(of_json(before.dress).cover))
    if text_hash(" ".join(text.title.split()), text.lead.strip(), text.body_html, worn(text, None)) == out.hash:
        raise Conflict(f"the corrected text of {code} is the one that is out", code="nothing_changed", bulletin=code)
    revision = add_revision(session, actor, bulletin, text, note=note.strip(), now=now)
    details = {"revision": revision.number, "hash": revision.hash, "note": note.strip()}
    journal.record(session, actor.id, "bulletin.correction_written", "bulletin", code, details, now=now)
    if actor.may(May.APPROVE):
        bulletin.pending = None
        _release_correction(session, actor, bulletin, revision, natures, now=now)
    else:
        bulletin.pending = revision.number
        bulletin.submitted_at = now
        session.flush()
    return bulletin


def _release_correction(
    session: Session, actor: Actor, bulletin: Bulletin, revision: Revision, natures: Natures, *, now: datetime
) -> None:
    details = {"revision": revision.number, "hash": revision.hash}
    journal.record(session, actor.id, "bulletin.corrected", "bulletin", bulletin.code, details, now=now)
    moment = _after_all(session, now)
    bulletin.released, bulletin.changed_at, bulletin.pending = revision.number, moment, None
    bulletin.state = State.PUBLISHED
    revision.released_at = moment
    session.flush()
    had = outbox.reached(session, bulletin)
    outbox.cancel_open(session, bulletin, "overtaken", now=now)
    channels = {channel.id: channel for channel in [*had, *outbox.entitled(session, bulletin)]}
    outbox.enqueue(
        session, bulletin, channels.values(), revision.number, Act.CORRECT, natures,
        due_at=now, note=revision.note, now=now,
    )  # fmt: skip


def recall(session: Session, actor: Actor, code: str, reason: str, natures: Natures, *, now: datetime) -> Bulletin:
    """Withdraw a published bulletin from every exit; each channel that had it is told, paused ones too.

    Raises ``Invalid`` without a reason, ``Conflict`` when it is not out.
    """
    actor.require(May.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if not is_out(bulletin, now):
        raise _wrong_state(bulletin, "recalled")
    if not reason.strip():
        raise Invalid([FieldError("reason", "required", "say why it is recalled")])
    journal.record(session, actor.id, "bulletin.recalled", "bulletin", code, {"reason": reason.strip()}, now=now)
    assert bulletin.released is not None  # noqa: S101  # is_out() means a revision is out
    moment = _after_all(session, now)
    bulletin.state, bulletin.recall_reason, bulletin.pending = State.RECALLED, reason.strip(), None
    bulletin.recalled_at = bulletin.changed_at = moment
    revision = bulletin.revision(bulletin.released)
    revision.released_at = revision.released_at or bulletin.release_at
    session.flush()
    had = outbox.reached(session, bulletin)
    outbox.cancel_open(session, bulletin, "recalled", now=now)
    outbox.enqueue(
        session, bulletin, had, revision.number, Act.RECALL, natures, due_at=now, note=reason.strip(), now=now
    )
    return bulletin


def _after_all(session: Session, now: datetime) -> datetime:
    """A moment not before ``now`` and after every change already visible, so that no reader's cursor has passed it."""
    stand_in(session, Line.RELEASES)  # the next one sees this moment, and is committed after it
    # What is published may be a little ahead of ``now``: another act that asked for the time after us committed first.
    out = sa.or_(Bulletin.changed_at <= now, Bulletin.state.in_((State.PUBLISHED, State.RECALLED)))
    last = session.execute(sa.select(sa.func.max(Bulletin.changed_at)).where(out)).scalar_one()
    return now if last is None or last < now else last + timedelta(microseconds=1)
