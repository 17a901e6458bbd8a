"""Urgent releases: published with one signature, marked, and then reviewed by a second person.

The signature and its review are in ``single_signature_releases``. Every text is seen by two people; for an urgent one
the second review comes after publication, and the release is listed as waiting until then.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision, find_bulletin
from campaigns.bulletins.drafts import readiness_errors
from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Forbidden, Invalid
from campaigns.delivery.outbox import DeliveryModes
from campaigns.people.powers.identities import require_person, share_a_person
from campaigns.people.staff import Actor, Permission
from campaigns.release import workflow
from campaigns.release.second_person import barred_by_bulletin
from campaigns.release.single_signature_releases import (
    ReviewOutcome,
    UrgentRelease,
    awaits_review,
    record_one_signature,
)


def publish_urgent(
    session: Session,
    actor: Actor,
    code: str,
    revision_hash: str,
    reason: str,
    delivery_modes: DeliveryModes,
    *,
    now: dt.datetime,
) -> Bulletin:
    """Publish the newest text at once with the approver's signature alone, even if the approver wrote it.

    Raises ``Invalid`` without a reason or for an incomplete text, ``Conflict`` (code ``text_changed``) when the hash is
    not that of the newest text, ``Conflict`` when the bulletin is out or withdrawn, ``Forbidden``.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    if bulletin.state not in {BulletinState.DRAFT, BulletinState.SUBMITTED}:
        raise Conflict(
            f"{code} is {bulletin.state.value}; it cannot be released urgently",
            code="wrong_state", bulletin=code, state=bulletin.state.value, act="released urgently",
        )  # fmt: skip
    revision = bulletin.revision(bulletin.latest)
    if revision.hash != revision_hash.strip().lower():
        raise Conflict(
            f"the text of {code} changed: revision {revision.number} has another hash",
            code="text_changed", bulletin=code, revision=revision.number,
        )  # fmt: skip
    errors = readiness_errors(revision)
    if not reason.strip():
        errors.append(FieldError("reason", "why_urgent", "say why it cannot wait for a second person"))
    if errors:
        raise Invalid(errors)
    record_one_signature(session, actor, bulletin, revision, reason.strip(), correction=False, now=now)
    bulletin.approved, bulletin.state, bulletin.return_note = revision.number, BulletinState.APPROVED, ""
    session.flush()
    details = {"revision": revision.number, "hash": revision.hash, "reason": reason.strip()}
    journal.record(session, actor.id, "bulletin.urgent", "bulletin", code, details, now=now)
    return workflow.publish(session, actor, code, delivery_modes, now=now)


def review_urgent(
    session: Session, actor: Actor, code: str, outcome: ReviewOutcome, note: str, *, now: dt.datetime
) -> UrgentRelease:
    """Record the review of the text that readers see with one signature, by a person who neither signed nor wrote it,
    under whatever account or key.

    Raises ``Forbidden`` (codes ``own_bulletin``, ``key_without_person``), ``Conflict`` (code ``nothing_to_review``: it
    was reviewed, corrected again or recalled), ``Invalid`` for an objection without a note.
    """
    actor.require(Permission.APPROVE)
    bulletin = find_bulletin(session, code, for_update=True)
    waiting = find_awaiting(session, bulletin)
    if waiting is None:
        raise Conflict(f"{code} has no urgent release to review", code="nothing_to_review", bulletin=code)
    barred = barred_from_review(session, [waiting])[waiting.id]
    require_person(session, actor.id, barred)
    if share_a_person(session, actor.id, barred):
        raise Forbidden("who wrote or signed it cannot be its second person", code="own_bulletin", bulletin=code)
    if outcome is ReviewOutcome.OBJECTION and not note.strip():
        raise Invalid([FieldError("note", "required", "say what is wrong with it")])
    waiting.reviewed_at, waiting.reviewer, waiting.reviewer_name = now, actor.id, actor.name
    waiting.outcome, waiting.note = outcome, note.strip()
    session.flush()
    details = {
        "revision": waiting.revision, "hash": waiting.revision_hash, "outcome": outcome.value, "note": note.strip(),
    }  # fmt: skip
    journal.record(session, actor.id, "bulletin.urgent_reviewed", "bulletin", code, details, now=now)
    return waiting


def barred_from_review(session: Session, releases: Iterable[UrgentRelease]) -> dict[int, Mapping[str, dt.datetime]]:
    """By the primary keys of releases, at most one a bulletin: the ids of all who may not review it -> since when. It
    is who may not approve such a text, and its signer."""
    listed = list(releases)
    barred = barred_by_bulletin(session, {release.bulletin_id: release.revision for release in listed})
    return {release.id: {release.signer: release.at} | barred[release.bulletin_id] for release in listed}


def find_awaiting(session: Session, bulletin: Bulletin) -> UrgentRelease | None:
    """The text that readers of a bulletin see and no second person has read; None where there is none."""
    query = sa.select(UrgentRelease).join(Bulletin, Bulletin.id == UrgentRelease.bulletin_id)
    return session.execute(query.where(Bulletin.id == bulletin.id, awaits_review())).scalar_one_or_none()


def find_urgent_release(session: Session, bulletin: Bulletin) -> UrgentRelease | None:
    """The newest text of a bulletin that was released with one signature, or None."""
    query = sa.select(UrgentRelease).where(UrgentRelease.bulletin_id == bulletin.id).order_by(UrgentRelease.id.desc())
    return session.execute(query.limit(1)).scalar_one_or_none()


def unreviewed_by_bulletin(session: Session, bulletins: Iterable[int]) -> dict[int, bool]:
    """Which of these bulletins were released with one signature: by bulletin id, whether a review is still open."""
    query = (
        sa.select(UrgentRelease.bulletin_id, awaits_review())
        .join(Bulletin, Bulletin.id == UrgentRelease.bulletin_id)
        .where(UrgentRelease.bulletin_id.in_(list(bulletins)))
    )
    found: dict[int, bool] = {}
    for bulletin, waits in session.execute(query):
        found[bulletin] = found.get(bulletin, False) or waits
    return found


def awaiting_review(session: Session) -> Sequence[sa.Row[UrgentRelease, str, str]]:
    """Texts released with one signature that wait for review, oldest first: the release, the bulletin's code, the
    released title."""
    query = (
        sa.select(UrgentRelease, Bulletin.code, Revision.title)
        .join(Bulletin, Bulletin.id == UrgentRelease.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == UrgentRelease.revision))
        .where(awaits_review())
        .order_by(UrgentRelease.at, UrgentRelease.id)
    )
    return session.execute(query).all()
