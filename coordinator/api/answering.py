"""A partner's answer to what was found on a copy of its own, and a conclusion that is taken back."""

from typing import Annotated

from flask import Response
from pydantic import Field

from campaigns.core.errors import NotFound
from campaigns.people.staff import Actor, May
from campaigns.tracking import answers, deciding
from campaigns.tracking.answers import LONGEST, Said
from campaigns.tracking.mending import Mend
from campaigns.tracking.republications import find_republication
from coordinator.api import fields
from coordinator.api.auth import caller, front, staff
from coordinator.api.fields import Body
from coordinator.api.idempotency import Keep, once
from coordinator.api.reading import takes
from coordinator.api.republication_rows import AnswerRow, RepublicationRow, answer_row, row_of
from coordinator.api.republications import bp


class Answered(Body):
    """``mended``: put right, the page is read again at once; ``disagree``: a person is to look; ``note``: an
    explanation. ``text`` may be left out with ``mended`` alone; ``finding``: one of the copy's ``to_mend``."""

    answer: Said
    text: Annotated[fields.Words, Field(max_length=LONGEST)] = ""
    finding: Mend | None = None


class Undone(Body):
    """Which conclusion: the ``decision`` of the answer to ``confirm`` or ``reject``, or of one republication."""

    decision: fields.Code


@bp.post("/republications/<ident>/answer")
@takes(Answered)
@bp.output(AnswerRow, 201)
def give(ident: str, body: Answered) -> Response:
    """Answer what was found on one of your own copies. No status and no figure changes by it; a person reads it."""
    company_id = caller().require_partner()
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = find_republication(session, ident)
            if row.site.company_id != company_id:
                raise NotFound(f"there is no republication {ident}", republication=ident)
            who = Actor(caller().actor.id, row.site.company.name, None)
            finding = body.finding.value if body.finding is not None else ""
            made = answers.give(session, who, row, body.answer, body.text, finding, now=place.now())
            keep(session, answer_row(made), 201, location=f"/api/v1/republications/{ident}")
        if body.answer is Said.MENDED:
            front().runner.nudge("check")

    return once(act)


@bp.post("/republications/<ident>/undo")
@takes(Undone)
@bp.output(RepublicationRow)
def undo(ident: str, body: Undone) -> Response:
    """Take a conclusion back: the republication stands as before it. 409 when something newer was concluded."""
    actor = staff(May.REVIEW)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            row = find_republication(session, ident)
            deciding.undo(session, actor, row, body.decision, now=place.now())
            last = deciding.last_of(session, row)
            keep(session, row_of(row, decision=last.public if last is not None else None))

    return once(act)
