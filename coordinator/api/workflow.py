"""A bulletin's way out: submitted, approved, returned, published, corrected, recalled."""

from apiflask import APIBlueprint
from flask import Response

from campaigns.people.staff import May
from campaigns.publishing.bulletins import find_bulletin
from coordinator.api import bulletin_rows
from coordinator.api.auth import front, staff
from coordinator.api.bulletin_rows import Approved, BulletinRow, Correction, Recall, Release, Returned
from coordinator.api.bulletins import kept
from coordinator.api.idempotency import once
from coordinator.api.reading import takes
from coordinator.jobs import acts

bp = APIBlueprint("workflow", __name__, tag="Bulletins")


@bp.post("/bulletins/<code>/submit")
@bp.output(BulletinRow)
def submit(code: str) -> Response:
    """Hand a draft over for approval. No body is read."""
    actor = staff(May.WRITE)
    return once(lambda keep: _done(acts.submit(front(), actor, code, also=kept(keep))))


@bp.post("/bulletins/<code>/approve")
@takes(Approved)
@bp.output(BulletinRow)
def approve(code: str, body: Approved) -> Response:
    """Approve one exact text, as another person than its writer.

    A pending correction goes out with its approval. The hash of another text is a 409 (`text_changed`).
    """
    actor = staff(May.APPROVE)
    return once(lambda keep: _done(acts.approve(front(), actor, code, body.revision_hash, also=kept(keep))))


@bp.post("/bulletins/<code>/return")
@takes(Returned)
@bp.output(BulletinRow)
def give_back(code: str, body: Returned) -> Response:
    """Give it back to its writer with a note."""
    actor = staff(May.APPROVE)
    return once(lambda keep: _done(acts.return_for_changes(front(), actor, code, body.note, also=kept(keep))))


@bp.post("/bulletins/<code>/publish")
@takes(Release, optional=True)
@bp.output(BulletinRow)
def publish(code: str, body: Release) -> Response:
    """Release an approved bulletin now, or schedule it when `at` is ahead."""
    actor = staff(May.APPROVE)
    return once(lambda keep: _done(acts.publish(front(), actor, code, body.at, also=kept(keep))))


@bp.post("/bulletins/<code>/correct")
@takes(Correction)
@bp.output(BulletinRow)
def correct(code: str, body: Correction) -> Response:
    """Correct what is out: at once for an approver; a writer's correction waits for `approve`."""
    actor = staff(May.WRITE)
    with front().place.database.read() as session:
        found = find_bulletin(session, code)
        before = found.revision(bulletin_rows.shown_number(found))
        text = bulletin_rows.changed_text(body, before)
        # Of a bulletin that is not out there is nothing to have been corrected meanwhile; the act refuses it itself.
        made_from = before.number if found.released is not None else None
    expected = body.revision if body.revision is not None else made_from
    return once(
        lambda keep: _done(acts.correct(front(), actor, code, text, body.note, expected=expected, also=kept(keep)))
    )


@bp.post("/bulletins/<code>/recall")
@takes(Recall)
@bp.output(BulletinRow)
def recall(code: str, body: Recall) -> Response:
    """Withdraw what is out; every channel that had it is told."""
    actor = staff(May.APPROVE)
    return once(lambda keep: _done(acts.recall(front(), actor, code, body.reason, also=kept(keep))))


def _done(how: acts.Stood) -> None:
    """The answer was kept by the act itself."""
