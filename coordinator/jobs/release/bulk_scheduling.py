"""Scheduling, rescheduling and taking back several bulletins at once: each in its own transaction by the act that a
single one uses, so that one that is refused changes nothing and the others are done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.people.staff import Actor
from campaigns.release.workflow import SeenReleaseTime
from coordinator.jobs.context import AppContext
from coordinator.jobs.release import commands

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class SeenBulletin:
    """A bulletin as the form showed it: its release time then, and the number of its newest text."""

    code: str
    seen: SeenReleaseTime
    revision: int


@dataclass(frozen=True)
class BulkResult:
    """What came of it. ``done``: codes; ``kept``: the bulletins that stayed as they were, each with the reason."""

    done: tuple[str, ...]
    kept: tuple[tuple[str, CampaignError], ...]


def schedule_all(app: AppContext, actor: Actor, plan: Sequence[tuple[SeenBulletin, datetime]]) -> BulkResult:
    """Schedule or reschedule each bulletin. A time that is past, and a bulletin that somebody changed since the form
    showed it, are refused. Raises ``Forbidden`` as ``workflow.publish``."""

    def act(row: SeenBulletin, at: datetime) -> None:
        # ``workflow.publish`` treats a time just past as "now"; a person who chose a time meant a future one.
        if at <= app.job_context.now():
            raise Invalid([FieldError("at", "past", "the release time is in the past")])
        commands.publish(app, actor, row.code, at, seen=row.seen, also=_same_text(row))

    return _each([(row.code, partial(act, row, at)) for row, at in plan])


def clear_all(app: AppContext, actor: Actor, rows: Sequence[SeenBulletin]) -> BulkResult:
    """Remove the release time of each; they stay approved."""
    return _each([(row.code, partial(commands.clear_time, app, actor, row.code, row.seen)) for row in rows])


def return_all(app: AppContext, actor: Actor, rows: Sequence[SeenBulletin], note: str) -> BulkResult:
    """Return each to its writer with one note. Raises ``Invalid`` without a note, before anything is done."""
    if not note.strip():
        raise Invalid([FieldError("note", "required", "say what has to change")])
    act = partial(commands.return_for_changes, app, actor)
    return _each([(row.code, partial(act, row.code, note, also=_same_text(row))) for row in rows])


def _same_text(row: SeenBulletin) -> commands.InSameTransaction:
    """Refuse, within the transaction of the act, a bulletin whose text is no longer the one that was shown."""

    def also(_session: Session, bulletin: Bulletin) -> None:
        if bulletin.latest != row.revision:
            raise Conflict(f"{row.code} has a newer text", code="text_changed", bulletin=row.code)

    return also


def _each(acts: Sequence[tuple[str, Callable[[], object]]]) -> BulkResult:
    done: list[str] = []
    kept: list[tuple[str, CampaignError]] = []
    for code, act in acts:
        try:
            act()
        except CampaignError as error:
            kept.append((code, error))
        else:
            done.append(code)
    return BulkResult(tuple(done), tuple(kept))
