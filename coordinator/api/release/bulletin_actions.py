"""Actions on bulletins in the API: submit, approve, return, publish, correct, recall."""

from apiflask import APIBlueprint
from flask import Response

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.people.staff import Permission
from coordinator.api.auth import app_context, caller, for_staff
from coordinator.api.bulletins import bulletins
from coordinator.api.bulletins.bulletins import (
    ApprovalBody,
    BulletinRow,
    CorrectionBody,
    RecallBody,
    ReleaseBody,
    ReturnBody,
    keep_bulletin,
)
from coordinator.api.idempotency import run_once
from coordinator.api.request_parsing import with_body
from coordinator.jobs.release import commands

bp = APIBlueprint("workflow", __name__, tag="Bulletins")


@bp.post("/bulletins/<code>/submit")
@for_staff(Permission.WRITE)
@bp.output(BulletinRow)
def submit(code: str) -> Response:
    """Submit a draft for approval by another person than its writers."""
    actor = caller().actor
    return run_once(lambda keep: _act_response(commands.submit(app_context(), actor, code, also=keep_bulletin(keep))))


@bp.post("/bulletins/<code>/approve")
@for_staff(Permission.APPROVE)
@with_body(ApprovalBody)
@bp.output(BulletinRow)
def approve(code: str, body: ApprovalBody) -> Response:
    """Approve one exact text; its writer may not approve it, nor may a key that belongs to nobody approve a person's.

    Approval publishes a pending correction. The hash of another text is a 409 (`text_changed`).
    """
    actor = caller().actor
    return run_once(
        lambda keep: _act_response(
            commands.approve(app_context(), actor, code, body.revision_hash, also=keep_bulletin(keep))
        )
    )


@bp.post("/bulletins/<code>/return")
@for_staff(Permission.APPROVE)
@with_body(ReturnBody)
@bp.output(BulletinRow)
def give_back(code: str, body: ReturnBody) -> Response:
    """Return a bulletin to its writer with a note."""
    actor = caller().actor
    return run_once(
        lambda keep: _act_response(
            commands.return_for_changes(app_context(), actor, code, body.note, also=keep_bulletin(keep))
        )
    )


@bp.post("/bulletins/<code>/publish")
@for_staff(Permission.APPROVE)
@with_body(ReleaseBody, optional=True)
@bp.output(BulletinRow)
def publish(code: str, body: ReleaseBody) -> Response:
    """Release an approved bulletin now, or schedule it if `at` is in the future."""
    actor = caller().actor
    return run_once(
        lambda keep: _act_response(commands.publish(app_context(), actor, code, body.at, also=keep_bulletin(keep)))
    )


@bp.post("/bulletins/<code>/correct")
@for_staff(Permission.WRITE)
@with_body(CorrectionBody)
@bp.output(BulletinRow)
def correct(code: str, body: CorrectionBody) -> Response:
    """Correct a published bulletin: at once for an approver; a writer's correction waits for `approve`."""
    actor = caller().actor
    with app_context().job_context.database.read() as session:
        found = find_bulletin(session, code)
        before = found.revision(bulletins.shown_revision_number(found))
        text = bulletins.changed_text(body, before)
        # An unpublished bulletin has no published revision to compare; the act refuses it.
        made_from = before.number if found.released is not None else None
    expected = body.revision if body.revision is not None else made_from
    return run_once(
        lambda keep: _act_response(
            commands.correct(app_context(), actor, code, text, body.note, expected=expected, also=keep_bulletin(keep))
        )
    )


@bp.post("/bulletins/<code>/recall")
@for_staff(Permission.APPROVE)
@with_body(RecallBody)
@bp.output(BulletinRow)
def recall(code: str, body: RecallBody) -> Response:
    """Recall a published bulletin; every channel that received it is notified."""
    actor = caller().actor
    return run_once(
        lambda keep: _act_response(commands.recall(app_context(), actor, code, body.reason, also=keep_bulletin(keep)))
    )


def _act_response(_status: commands.BulletinStatus) -> None:
    """Discard the state that an act returns: the act has stored its answer itself."""
