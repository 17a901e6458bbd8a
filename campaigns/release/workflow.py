"""State machine of a bulletin, one function a transition.

``draft → submitted → approved → scheduled → published → recalled``; a return leads back to draft, a correction is a new
revision of a published bulletin. Nobody approves a text of which they wrote any revision since the last that a second
person read (``second_person``), under whatever account or key, and an approval names the hash of all that readers and
receivers get, so that another text needs another approval. Each function writes the state, the journal and the
deliveries in the caller's transaction and sends nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import (
    Approval,
    Bulletin,
    BulletinState,
    Revision,
    changed_parts,
    find_bulletin,
    plain_text_hash,
    text_hash,
)
from campaigns.bulletins.drafts import (
    BulletinText,
    add_revision,
    check_filing,
    check_references,
    filing_of,
    is_out,
    readiness_errors,
    stored_media,
    stored_presentation,
    text_errors,
    text_of,
)
from campaigns.bulletins.presentation import Presentation, from_json
from campaigns.channels.transport import DeliveryAct
from campaigns.core import journal
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from campaigns.delivery import outbox
from campaigns.delivery.outbox import DeliveryModes
from campaigns.people.powers.account_messages import AccountEvent, settle_messages
from campaigns.people.powers.identities import require_person, share_a_person
from campaigns.people.staff import Actor, Permission
from campaigns.release.second_person import barred_from_approval, text_without, unread_authors
from campaigns.release.single_signature_releases import record_one_signature
from campaigns.release.work_messages import tell_approvers, tell_writers


def _wrong_state(bulletin: Bulletin, act: str) -> Conflict:
    return Conflict(
        f"{bulletin.code} is {bulletin.state.value}; it cannot be {act}",
        code="wrong_state",
        bulletin=bulletin.code,
        state=bulletin.state.value,
        act=act,
    )


def revise(
    session: Session,
    actor: Actor,
    code: str,
    text: BulletinText,
    *,
    topic: str | None = None,
    campaign: str | None = None,
    source_url: str | None = None,
    channels: Sequence[str] | None = None,
    cleared: Collection[str] = (),
    expected: int | None = None,
    now: datetime,
) -> Bulletin:
    """Save another text of a bulletin that is not out yet. This voids an approval and cancels a schedule.

    None keeps a field as it is; ``cleared`` names fields to be emptied (``campaign``, ``source_url``, ``channels``).
    ``expected`` is the revision the writer started from: if another was saved since, ``Conflict`` (code
    ``text_changed``) is raised and nothing is overwritten. Saving the same text again adds no revision. Raises
    ``Invalid``, ``Forbidden``.
    """
    actor.require(Permission.WRITE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.reported_on is not None:
        raise Conflict(f"{code} was imported; it is not changed here", code="imported_bulletin", bulletin=code)
    if is_out(bulletin, now) or bulletin.state is BulletinState.RECALLED:
        raise Conflict(f"{code} is out; correct it instead", code="already_published", bulletin=code)
    if expected is not None and expected != bulletin.latest:
        raise Conflict(
            f"{code} was changed by somebody else: it is at revision {bulletin.latest}",
            code="text_changed",
            bulletin=code,
            revision=bulletin.latest,
        )
    errors = text_errors(text)
    check_references(session, text, errors)
    found_topic, found_campaign = check_filing(
        session, topic or bulletin.topic.code, campaign, source_url, channels, errors, kept=bulletin.topic.code
    )
    if errors or found_topic is None:
        raise Invalid(errors)
    before = bulletin.revision(bulletin.latest)
    bulletin.topic = found_topic
    if campaign is not None or "campaign" in cleared:
        bulletin.campaign = found_campaign
    if source_url is not None or "source_url" in cleared:
        bulletin.source_url = source_url
    if channels is not None or "channels" in cleared:
        bulletin.wanted_channels = list(channels) if channels is not None else None
    session.flush()
    title, lead = " ".join(text.title.split()), text.lead.strip()
    presentation = stored_presentation(text, before)
    media = stored_media(text, before)
    if before.hash == text_hash(title, lead, text.body_html, presentation, media=media, filing=filing_of(bulletin)):
        return bulletin
    revision = add_revision(session, actor, bulletin, text, note="", now=now)
    return_to_draft(session, bulletin, now=now)
    parts = [part.value for part in changed_parts(before, revision)]
    details = {
        "revision": revision.number, "hash": revision.hash, "plain_hash": plain_text_hash(revision.body_text),
        "title": revision.title, "changed": parts,
    }  # fmt: skip
    journal.record(session, actor.id, "bulletin.revised", "bulletin", code, details, now=now)
    return bulletin


def return_to_draft(session: Session, bulletin: Bulletin, *, now: datetime) -> None:
    """Return a bulletin to draft: void the approval, clear the release time, cancel deliveries that have not begun."""
    if bulletin.state is BulletinState.SCHEDULED:
        outbox.drop_unbegun(session, bulletin)
    bulletin.state = BulletinState.DRAFT
    bulletin.approved = bulletin.released = None
    bulletin.release_at = bulletin.changed_at = bulletin.released_on = None
    bulletin.edited_at = now
    session.flush()
    settle_messages(session, AccountEvent.TO_APPROVE, bulletin.code, now=now)


def submit(session: Session, actor: Actor, code: str, *, now: datetime) -> Bulletin:
    """Submit a draft for approval. Raises ``Invalid`` for an incomplete text, ``Conflict`` in another state."""
    actor.require(Permission.WRITE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state is not BulletinState.DRAFT:
        raise _wrong_state(bulletin, "submitted")
    revision = bulletin.revision(bulletin.latest)
    if errors := readiness_errors(revision):
        raise Invalid(errors)
    bulletin.state, bulletin.submitted_at, bulletin.return_note = BulletinState.SUBMITTED, now, ""
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash}
    journal.record(session, actor.id, "bulletin.submitted", "bulletin", code, details, now=now)
    settle_messages(session, AccountEvent.RETURNED, code, now=now)
    tell_approvers(session, code, barred_from_approval(session, bulletin), by=actor.id, now=now)
    return bulletin


def return_for_changes(session: Session, actor: Actor, code: str, note: str, *, now: datetime) -> Bulletin:
    """Return a bulletin to its writer with a note; an approval or a schedule that has not come due is cancelled.

    For a published bulletin, the pending correction is dropped. Raises ``Invalid`` without a note, ``Conflict``.
    """
    actor.require(Permission.APPROVE)
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
        settle_messages(session, AccountEvent.TO_APPROVE, code, now=now)
        tell_writers(session, code, unread_authors(session, bulletin), by=actor.id, now=now)
        return bulletin
    if is_out(bulletin, now) or bulletin.state not in {
        BulletinState.SUBMITTED,
        BulletinState.APPROVED,
        BulletinState.SCHEDULED,
    }:
        raise _wrong_state(bulletin, "returned")
    return_to_draft(session, bulletin, now=now)
    bulletin.return_note = note.strip()
    session.flush()
    journal.record(session, actor.id, "bulletin.returned", "bulletin", code, details, now=now)
    tell_writers(session, code, unread_authors(session, bulletin), by=actor.id, now=now)
    return bulletin


def ask_back(session: Session, actor: Actor, code: str, number: int, note: str, *, now: datetime) -> Bulletin:
    """Give a text that the actor changed back to the writer of revision ``number``, who is asked to submit that one, so
    that the actor may approve it: back to draft, with the note. ``resubmit`` takes the revision up again.

    Raises ``Invalid`` without a note, ``Conflict`` in another state or (code ``text_changed``) when it is not the
    newest text in which the actor had no part.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state not in {BulletinState.DRAFT, BulletinState.SUBMITTED}:
        raise _wrong_state(bulletin, "given back")
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say what is asked")])
    wanted = text_without(session, bulletin, actor.id)
    if wanted is None or wanted.number != number:
        raise Conflict(
            f"revision {number} of {code} is not the newest without your words",
            code="text_changed", bulletin=code, revision=bulletin.latest,
        )  # fmt: skip
    return_to_draft(session, bulletin, now=now)
    bulletin.return_note = note.strip()
    session.flush()
    details = {"note": note.strip(), "revision": wanted.number}
    journal.record(session, actor.id, "bulletin.returned", "bulletin", code, details, now=now)
    tell_writers(session, code, {wanted.author}, by=actor.id, now=now)
    return bulletin


def resubmit(session: Session, actor: Actor, code: str, number: int, *, expected: int, now: datetime) -> Bulletin:
    """Take an earlier text of a draft up again, with its topic, plan, source and receivers, and submit it. The actor is
    an author of it from now on. Raises as ``revise`` and ``submit``, ``NotFound`` for a revision that is not there."""
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state is not BulletinState.DRAFT:
        raise _wrong_state(bulletin, "submitted")
    if not 1 <= number <= bulletin.latest:
        raise NotFound(f"{code} has no revision {number}", bulletin=code, revision=number)
    old = bulletin.revision(number)
    filed = {"campaign": old.campaign_code, "source_url": old.source_url, "channels": old.wanted_channels}
    revise(
        session, actor, code,
        text_of(old),
        topic=old.topic_code, campaign=old.campaign_code, source_url=old.source_url, channels=old.wanted_channels,
        cleared={name for name, value in filed.items() if value is None}, expected=expected, now=now,
    )  # fmt: skip
    return submit(session, actor, code, now=now)


def approve(
    session: Session, actor: Actor, code: str, revision_hash: str, delivery_modes: DeliveryModes, *, now: datetime
) -> Bulletin:
    """Approve one exact text: the submitted one, or the pending correction of a published bulletin, which is then
    released.

    Raises ``Forbidden`` (code ``own_bulletin``) when a person behind the approver wrote a revision since the last text
    that a second person read, or the template of a bulletin of which nobody read any, or (``key_without_person``) for a
    key that belongs to nobody when a person wrote one; ``Conflict`` (code ``text_changed``) when the hash is not that
    of the text waiting for approval.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    correction = bulletin.pending is not None
    if not correction and bulletin.state is not BulletinState.SUBMITTED:
        raise _wrong_state(bulletin, "approved")
    revision = bulletin.revision(bulletin.pending if bulletin.pending is not None else bulletin.latest)
    if revision.hash != revision_hash.strip().lower():
        raise Conflict(
            f"the text of {code} changed: revision {revision.number} has another hash",
            code="text_changed",
            bulletin=code,
            revision=revision.number,
        )
    barred = barred_from_approval(session, bulletin)
    require_person(session, actor.id, barred)
    if share_a_person(session, actor.id, barred):
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
        bulletin.state = BulletinState.APPROVED
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash}
    journal.record(session, actor.id, "bulletin.approved", "bulletin", code, details, now=now)
    settle_messages(session, AccountEvent.TO_APPROVE, code, now=now)
    if correction:
        _release_correction(session, actor, bulletin, revision, delivery_modes, now=now)
    return bulletin


@dataclass(frozen=True)
class SeenReleaseTime:
    """The release time shown on the form that was submitted; None if there was none."""

    release_at: datetime | None


def publish(
    session: Session,
    actor: Actor,
    code: str,
    delivery_modes: DeliveryModes,
    *,
    at: datetime | None = None,
    seen: SeenReleaseTime | None = None,
    now: datetime,
) -> Bulletin:
    """Publish an approved bulletin now, or schedule it when ``at`` is ahead; a scheduled one is rescheduled.

    Writes one delivery per channel in this transaction, due at the release time. Raises ``Conflict`` (code
    ``moved_meanwhile``) when the release time is no longer ``seen``, unless it already equals ``at`` (a form sent
    twice). Raises ``Invalid`` for a time in the past, ``Conflict`` in another state or when the approved text is not
    the newest.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    timed = bulletin.state in {BulletinState.APPROVED, BulletinState.SCHEDULED}
    if seen is not None and timed and bulletin.release_at != seen.release_at:
        if at is not None and bulletin.release_at == at:
            return bulletin
        raise Conflict(f"{code} was given another time", code="moved_meanwhile", bulletin=code)
    movable = bulletin.state is BulletinState.SCHEDULED and not is_out(bulletin, now)
    if bulletin.state is not BulletinState.APPROVED and not movable:
        raise _wrong_state(bulletin, "published")
    # A form may name the minute in which it was filled in; anything older is a mistake.
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
    moment = at if later and at is not None else _next_change_at(session, now)
    bulletin.release_at = bulletin.changed_at = moment
    bulletin.released_on = city_day(moment)
    bulletin.released = revision.number
    bulletin.state = BulletinState.SCHEDULED if later else BulletinState.PUBLISHED
    revision.released_at = None if later else moment
    session.flush()
    channels = outbox.entitled_channels(session, bulletin)
    due_at = moment if later else now
    outbox.enqueue_deliveries(
        session, bulletin, channels, revision.number, DeliveryAct.PUBLISH, delivery_modes, due_at=due_at, now=now
    )
    return bulletin


def clear_release_time(session: Session, actor: Actor, code: str, *, seen: SeenReleaseTime, now: datetime) -> Bulletin:
    """Clear a scheduled bulletin's release time; it stays approved. Raises ``Conflict`` when it is out, has no release
    time or another one than ``seen``."""
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state is not BulletinState.SCHEDULED or is_out(bulletin, now):
        raise _wrong_state(bulletin, "taken off the calendar")
    if bulletin.release_at != seen.release_at:
        raise Conflict(f"{code} was given another time", code="moved_meanwhile", bulletin=code)
    details = {"revision": bulletin.approved, "release_at": bulletin.release_at}
    outbox.drop_unbegun(session, bulletin)
    bulletin.state = BulletinState.APPROVED
    bulletin.released = bulletin.release_at = bulletin.changed_at = bulletin.released_on = None
    session.flush()
    journal.record(session, actor.id, "bulletin.unscheduled", "bulletin", code, details, now=now)
    return bulletin


def release_due(session: Session, *, now: datetime) -> list[str]:
    """Publish scheduled bulletins whose release time has come: set the state and the journal. Returns their codes.

    Visibility to readers does not depend on this: it follows the release time.
    """
    rows = session.execute(
        sa.select(Bulletin)
        .where(Bulletin.state == BulletinState.SCHEDULED, Bulletin.release_at <= now)
        .order_by(Bulletin.release_at)
        .with_for_update(skip_locked=True, of=Bulletin, key_share=True)
    ).scalars()
    codes = []
    for bulletin in rows:
        assert bulletin.released is not None  # noqa: S101  # set when scheduled
        assert bulletin.release_at is not None  # noqa: S101  # set when scheduled
        revision = bulletin.revision(bulletin.released)
        revision.released_at = bulletin.release_at
        bulletin.state = BulletinState.PUBLISHED
        session.flush()
        details = {"revision": revision.number, "hash": revision.hash, "release_at": bulletin.release_at}
        journal.record(session, journal.SYSTEM, "bulletin.published", "bulletin", bulletin.code, details, now=now)
        codes.append(bulletin.code)
    return codes


def correct(
    session: Session,
    actor: Actor,
    code: str,
    text: BulletinText,
    note: str,
    delivery_modes: DeliveryModes,
    *,
    expected: int | None = None,
    now: datetime,
) -> Bulletin:
    """Correct a published bulletin: released at once by an approver, and then to be reviewed by a second person
    (``single_signature_releases``); waiting for approval from a writer.

    Every channel that got the old text gets the new one; pending deliveries of the old one are cancelled. ``expected``
    is the revision the correction was made from, pending or released: if another replaced it since, raises ``Conflict``
    (code ``text_changed``). A text without presentation keeps the cover and loses texts fitted to single channels.
    Raises ``Invalid`` without a note or for a bad text, ``Conflict`` when the bulletin is not out or nothing changed.
    """
    actor.require(Permission.WRITE)
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
    assert bulletin.released is not None  # noqa: S101  # is_out() means a revision is out
    out = bulletin.revision(bulletin.released)
    before = out if current is None else bulletin.revision(current)
    if text.media is None:
        text = replace(text, media=text_of(before).media)
    errors = text_errors(text)
    errors += [error for error in readiness_errors(text) if (error.field, error.code) != ("title", "required")]
    check_references(session, text, errors)
    if not note.strip():
        errors.append(FieldError("note", "required", "say what was corrected"))
    if errors:
        raise Invalid(errors)
    if text.presentation is None:
        # Texts fitted to single channels would repeat what the correction takes back; only the cover is kept.
        text = replace(text, presentation=Presentation(from_json(before.presentation).cover))
    title, lead = " ".join(text.title.split()), text.lead.strip()
    presentation = stored_presentation(text, None)
    media = stored_media(text, None)
    filing = filing_of(bulletin)
    if text_hash(title, lead, text.body_html, presentation, media=media, filing=filing, note=out.note) == out.hash:
        raise Conflict(f"the corrected text of {code} is the one that is out", code="nothing_changed", bulletin=code)
    revision = add_revision(session, actor, bulletin, text, note=note.strip(), now=now)
    details = {
        "revision": revision.number, "hash": revision.hash, "plain_hash": plain_text_hash(revision.body_text),
        "note": note.strip(),
    }  # fmt: skip
    journal.record(session, actor.id, "bulletin.correction_written", "bulletin", code, details, now=now)
    if actor.may(Permission.APPROVE):
        bulletin.pending = None
        record_one_signature(session, actor, bulletin, revision, revision.note, correction=True, now=now)
        _release_correction(session, actor, bulletin, revision, delivery_modes, now=now)
    else:
        bulletin.pending = revision.number
        bulletin.submitted_at = now
        session.flush()
        tell_approvers(session, code, barred_from_approval(session, bulletin), by=actor.id, now=now)
    return bulletin


def _release_correction(
    session: Session,
    actor: Actor,
    bulletin: Bulletin,
    revision: Revision,
    delivery_modes: DeliveryModes,
    *,
    now: datetime,
) -> None:
    details = {"revision": revision.number, "hash": revision.hash}
    journal.record(session, actor.id, "bulletin.corrected", "bulletin", bulletin.code, details, now=now)
    moment = _next_change_at(session, now)
    bulletin.released, bulletin.changed_at, bulletin.pending = revision.number, moment, None
    bulletin.state = BulletinState.PUBLISHED
    revision.released_at = moment
    session.flush()
    had = outbox.reached_channels(session, bulletin)
    outbox.cancel_open(session, bulletin, "overtaken", now=now)
    channels = {channel.id: channel for channel in [*had, *outbox.entitled_channels(session, bulletin)]}
    outbox.enqueue_deliveries(
        session, bulletin, channels.values(), revision.number, DeliveryAct.CORRECT, delivery_modes,
        due_at=now, note=revision.note, now=now,
    )  # fmt: skip


def recall(
    session: Session, actor: Actor, code: str, reason: str, delivery_modes: DeliveryModes, *, now: datetime
) -> Bulletin:
    """Withdraw a published bulletin everywhere; each channel that got it, paused ones included, gets the recall.

    Raises ``Invalid`` without a reason, ``Conflict`` when it is not out.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if not is_out(bulletin, now):
        raise _wrong_state(bulletin, "recalled")
    if not reason.strip():
        raise Invalid([FieldError("reason", "required", "say why it is recalled")])
    journal.record(session, actor.id, "bulletin.recalled", "bulletin", code, {"reason": reason.strip()}, now=now)
    assert bulletin.released is not None  # noqa: S101  # is_out() means a revision is out
    moment = _next_change_at(session, now)
    bulletin.state, bulletin.recall_reason, bulletin.pending = BulletinState.RECALLED, reason.strip(), None
    bulletin.recalled_at = bulletin.changed_at = moment
    revision = bulletin.revision(bulletin.released)
    revision.released_at = revision.released_at or bulletin.release_at
    session.flush()
    had = outbox.reached_channels(session, bulletin)
    outbox.cancel_open(session, bulletin, "recalled", now=now)
    outbox.enqueue_deliveries(
        session,
        bulletin,
        had,
        revision.number,
        DeliveryAct.RECALL,
        delivery_modes,
        due_at=now,
        note=reason.strip(),
        now=now,
    )
    return bulletin


def _next_change_at(session: Session, now: datetime) -> datetime:
    """A moment not before ``now`` and after every visible change, so that no reader's cursor has passed it."""
    acquire_until_commit(session, AdvisoryLock.RELEASES)  # held until commit: the next caller sees this moment
    # A published change may be slightly ahead of ``now``: a concurrent act with a later ``now`` may have committed
    # first.
    out = sa.or_(Bulletin.changed_at <= now, Bulletin.state.in_((BulletinState.PUBLISHED, BulletinState.RECALLED)))
    last = session.execute(sa.select(sa.func.max(Bulletin.changed_at)).where(out)).scalar_one()
    return now if last is None or last < now else last + timedelta(microseconds=1)
