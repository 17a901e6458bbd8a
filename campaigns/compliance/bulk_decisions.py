"""Decisions on many findings at once, with one reason, and undoing such a batch.

Each finding is decided by its own transition and its own step: one on which something was done since the form was
opened is left as it is and reported by name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import finding_workflow
from campaigns.compliance.findings import Finding, FindingStep
from campaigns.core.base import public_id
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, Permission

MOST_AT_ONCE = 200  # findings


class BulkDecision(Enum):
    """What is done with all of them."""

    ASK = "ask"  # shown to the partners, who are asked to reply; not decided yet
    CONFIRM = "confirm"
    DISMISS = "dismiss"


@dataclass
class BulkResult:
    """``done``: the findings that were changed; ``kept``: those that were not, each with the reason; ``batch``: names
    the batch for undoing it."""

    batch: str = ""
    done: list[Finding] = field(default_factory=list)
    kept: list[tuple[str, Conflict | NotFound]] = field(default_factory=list)


def decide_findings(
    session: Session,
    actor: Actor,
    decision: BulkDecision,
    turns: Mapping[str, int],
    *,
    note: str,
    reply_by: date | None,
    now: datetime,
) -> BulkResult:
    """Apply one decision to several findings. ``turns``: the version of each on the form, by public id.

    Raises ``Forbidden``, and ``Invalid`` naming each bad field; nothing is changed then.
    """
    actor.require(Permission.REVIEW)
    errors = [] if decision is BulkDecision.ASK else finding_workflow.check_note(note)
    if decision is BulkDecision.ASK and reply_by is None:
        errors.append(FieldError("reply_by", "required", "say until when"))
    elif decision is not BulkDecision.DISMISS and reply_by is not None:
        errors += finding_workflow.check_future_day(reply_by, now)
    if not 0 < len(turns) <= MOST_AT_ONCE:
        errors.append(FieldError("findings", "how_many", f"expected 1 to {MOST_AT_ONCE} findings"))
    if errors:
        raise Invalid(errors)
    result = BulkResult(batch=public_id("bat"))
    for public in _in_lock_order(session, turns):
        try:
            result.done.append(
                _decide(session, actor, decision, public, turns[public], note, reply_by, result.batch, now)
            )
        except (Conflict, NotFound) as error:
            result.kept.append((public, error))
    return result


def _decide(
    session: Session,
    actor: Actor,
    decision: BulkDecision,
    public: str,
    turn: int,
    note: str,
    reply_by: date | None,
    batch: str,
    now: datetime,
) -> Finding:
    if decision is BulkDecision.ASK:
        assert reply_by is not None, "checked for all of them"  # noqa: S101  # a bug, not input
        return finding_workflow.show_to_partner(session, actor, public, turn, reply_by, batch=batch, now=now)
    confirm = decision is BulkDecision.CONFIRM
    return finding_workflow.conclude_finding(
        session, actor, public, turn, confirm=confirm, note=note, reply_by=reply_by if confirm else None, batch=batch,
        now=now,
    )  # fmt: skip


def undo_batch(session: Session, actor: Actor, batch: str, *, now: datetime) -> BulkResult:
    """Undo a batch. A finding on which something was done since is left as it is and reported.

    Raises ``Forbidden``, ``NotFound`` for an unknown batch.
    """
    actor.require(Permission.REVIEW)
    query = (
        sa.select(Finding.public, Finding.turn, FindingStep.id)
        .join(FindingStep, FindingStep.finding_id == Finding.id)
        .where(FindingStep.batch == batch)
        .order_by(Finding.id)
    )
    steps = session.execute(query).all()
    if not steps:
        raise NotFound(f"there is no batch {batch}", batch=batch)
    result = BulkResult(batch=batch)
    for public, turn, step in steps:
        try:
            result.done.append(finding_workflow.undo_last_act(session, actor, public, turn, expected=step, now=now))
        except Conflict as conflict:
            result.kept.append((public, conflict))
    return result


def _in_lock_order(session: Session, wanted: Iterable[str]) -> Sequence[str]:
    """The public ids in the order of their rows, so that two batches cannot wait for each other; unknown ones last."""
    chosen = list(wanted)
    query = sa.select(Finding.public).where(Finding.public.in_(chosen)).order_by(Finding.id)
    known = list(session.execute(query).scalars())
    return [*known, *(public for public in chosen if public not in set(known))]
