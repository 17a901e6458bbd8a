"""Findings in the API: the list, one with its story, and what staff and its partner do to it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session, joinedload

from campaigns.compliance import bulk_decisions, finding_workflow
from campaigns.compliance.bulk_decisions import MOST_AT_ONCE, BulkDecision
from campaigns.compliance.cases.amounts import MOST_DONG
from campaigns.compliance.cases.cases import DecisionForm, finding_decisions
from campaigns.compliance.finding_filter import FindingFilter, WaitingFor
from campaigns.compliance.finding_workflow import LONGEST_NOTE, LONGEST_REPLY
from campaigns.compliance.findings import (
    Finding,
    FindingOutcome,
    FindingStatus,
    FindingStep,
    StepKind,
    find_finding,
    steps_of,
)
from campaigns.compliance.rules import RuleSeverity
from campaigns.core.base import public_id
from campaigns.core.clock import city_day
from campaigns.core.errors import FieldError, Invalid
from campaigns.core.listing import ListQuery
from campaigns.people.staff import Permission
from coordinator.api import fields, paging
from coordinator.api.auth import app_context, caller, for_partners, for_staff
from coordinator.api.fields import RequestBody, ResponseBody, Time, row_of
from coordinator.api.idempotency import row_response, run_act
from coordinator.api.paging import DaysQuery, ListPage, PageQuery
from coordinator.api.partners.companies import known_rows
from coordinator.api.request_parsing import refuse_unused, with_body, with_query
from coordinator.jobs.compliance.finding_mail import MAIL_WORK_KIND, queue_batch_mail, queue_finding_mail

bp = APIBlueprint("findings", __name__, tag="Findings")

# Steps that a partner does not see: they are the department's own.
_INTERNAL_STEPS = frozenset({StepKind.READ, StepKind.UNDONE, StepKind.DISMISSED})


class FindingQuery(DaysQuery, PageQuery):
    """Filters of the list. ``from`` and ``to``: days of the city that findings are about, both included."""

    standing: FindingStatus | None = None
    outcome: FindingOutcome | None = None
    rule: fields.Code | None = None
    severity: RuleSeverity | None = None
    partner: fields.Code | None = None
    waits: WaitingFor | None = None


class TurnBody(RequestBody):
    """``turn``: of the finding as it was read; an act after another one since is a 409."""

    turn: fields.Count


class AskBody(TurnBody):
    """A suspicion is shown to its partner, who is asked to reply by a day."""

    reply_by: fields.Day


class ConcludeBody(TurnBody):
    """``confirm`` or dismiss. ``note``: the reason; of a confirmed finding its partner reads it too."""

    confirm: fields.StrictBool
    note: Annotated[fields.ComposedText, Field(max_length=LONGEST_NOTE)]
    reply_by: fields.Day | None = None


class OutcomeBody(TurnBody):
    """What came of a confirmed finding. ``number`` and ``on``: of a letter (``reminded``) or a decision (``decided``),
    with its ``amount`` in đồng and
    the ``authority`` that made it; ``note``: needed for ``mended`` and ``handed``."""

    outcome: FindingOutcome
    number: fields.Code = ""
    on: fields.Day | None = None
    amount: Annotated[int | None, Field(strict=True, ge=0, le=MOST_DONG)] = None
    authority: fields.ShortText = ""
    note: Annotated[fields.ComposedText, Field(max_length=LONGEST_NOTE)] = ""


# The fields that are of another outcome.
_UNUSED: Final = {
    FindingOutcome.REMINDED: ("amount", "authority"),
    FindingOutcome.MENDED: ("number", "on", "amount", "authority"),
    FindingOutcome.HANDED: ("number", "on", "amount", "authority"),
    FindingOutcome.DECIDED: (),
}


class ReplyBody(RequestBody):
    """A reply of the partner."""

    text: Annotated[fields.ComposedText, Field(max_length=LONGEST_REPLY)]


class TurnOfFinding(RequestBody):
    """A finding with the turn it was read at."""

    id: fields.Code
    turn: fields.Count


class BulkBody(RequestBody):
    """One decision on several findings. ``note``: needed to confirm and to dismiss; ``reply_by``: needed to ask."""

    decision: BulkDecision
    findings: Annotated[list[TurnOfFinding], Field(min_length=1, max_length=MOST_AT_ONCE)]
    note: Annotated[fields.ComposedText, Field(max_length=LONGEST_NOTE)] = ""
    reply_by: fields.Day | None = None


class StepRow(ResponseBody):
    """One step of a finding's story. ``ours``: by the department or the product."""

    happened: StepKind
    at: Time
    actor: str
    ours: bool
    text: str
    details: dict[str, Any]


class FindingRow(ResponseBody):
    """A finding. ``fault`` and ``facts``: what the rule found; ``page``: the page that proves it, with the SHA-256 of
    its bytes; ``turn``: to be given with an act. A partner sees neither ``turn`` nor ``note`` of what is not confirmed.
    """

    id: str
    rule: str
    rule_version: int
    severity: RuleSeverity
    standing: FindingStatus
    outcome: FindingOutcome | None = None
    partner: str
    site: str
    republication: str | None = None
    day: fields.Day
    fault: str
    facts: dict[str, Any]
    excerpt: str
    page_url: str
    page_at: Time
    page_sha256: str
    proposed_at: Time
    last_seen_at: Time
    mended_seen_at: Time | None = None
    note: str
    shown_at: Time | None = None
    reply_by: fields.Day | None = None
    waits_since: Time | None = None
    closed_at: Time | None = None
    turn: int | None = None


class FindingDecision(ResponseBody):
    """A letter or decision in force on a finding: its form, number, day, authority, and amount in đồng."""

    form: DecisionForm
    number: str
    on: fields.Day
    authority: str
    amount: int | None = None


class FindingView(FindingRow):
    """A finding with its story, oldest step first, and the letters and decisions on it."""

    steps: list[StepRow]
    decisions: list[FindingDecision]


class FindingList(ListPage):
    """One page of findings."""

    items: list[FindingRow]


class KeptFinding(ResponseBody):
    """A finding that a bulk decision left as it is; ``code``: why."""

    id: str
    code: str
    detail: str


class BulkRow(ResponseBody):
    """The result of a bulk decision. ``batch`` names it for undoing it."""

    batch: str
    done: list[FindingRow]
    kept: list[KeptFinding]


@bp.get("/findings")
@for_staff(Permission.READ, partners=True)
@with_query(FindingQuery)
@bp.output(FindingList)
def findings(query: FindingQuery) -> Response:
    """Findings, newest first; a partner's key sees those on its own sites that were shown to it."""
    context = app_context().job_context
    with context.database.read() as session:
        filters = query.filters(FindingFilter)
        filters.check_codes(session, known_rows())
        conditions = filters.conditions_on(city_day(context.now()))
        if (own := caller().company_id) is not None:
            conditions += [Finding.company_id == own, Finding.shown_at.is_not(None)]
        select = sa.select(Finding).options(
            joinedload(Finding.company), joinedload(Finding.site), joinedload(Finding.rule),
            joinedload(Finding.republication),
        )  # fmt: skip
        page, listing = paging.cursor_page(session, ListQuery(Finding, select, conditions, (Finding.id.desc(),)), query)
        return row_response(FindingList(items=[finding_row(row) for (row,) in page], **listing))


@bp.get("/findings/<ident>")
@for_staff(Permission.READ, partners=True)
@bp.output(FindingView)
def finding(ident: str) -> Response:
    """One finding: what a rule suspects, the evidence, and every act on it so far."""
    own = caller().company_id
    with app_context().job_context.database.read() as session:
        return row_response(_finding_view(session, find_finding(session, ident, own)))


@bp.post("/findings/<ident>/ask")
@for_staff(Permission.REVIEW)
@with_body(AskBody)
@bp.output(FindingView)
def ask(ident: str, body: AskBody) -> Response:
    """Show a suspicion to its partner and ask for a reply."""
    actor = caller().actor

    def act(session: Session) -> FindingView:
        row = finding_workflow.show_to_partner(session, actor, ident, body.turn, body.reply_by, now=_now())
        queue_finding_mail(app_context(), session, row, actor.id)
        return _finding_view(session, row)

    return _run_and_mail(act)


@bp.post("/findings/<ident>/conclude")
@for_staff(Permission.REVIEW)
@with_body(ConcludeBody)
@bp.output(FindingView)
def conclude(ident: str, body: ConcludeBody) -> Response:
    """Confirm or dismiss; a confirmed finding is shown to its partner."""
    actor = caller().actor
    if not body.confirm:
        refuse_unused(body, ["reply_by"], "a dismissal")

    def act(session: Session) -> FindingView:
        row = finding_workflow.conclude_finding(
            session, actor, ident, body.turn, confirm=body.confirm, note=body.note, reply_by=body.reply_by, now=_now()
        )
        if body.confirm:
            queue_finding_mail(app_context(), session, row, actor.id)
        return _finding_view(session, row)

    return _run_and_mail(act)


@bp.post("/findings/<ident>/outcome")
@for_staff(Permission.REVIEW)
@with_body(OutcomeBody)
@bp.output(FindingView)
def outcome(ident: str, body: OutcomeBody) -> Response:
    """Record what came of a confirmed finding."""
    actor = caller().actor

    def act(session: Session) -> FindingView:
        refuse_unused(body, _UNUSED[body.outcome], f"the outcome {body.outcome.value}")
        if body.on is None and body.outcome in {FindingOutcome.REMINDED, FindingOutcome.DECIDED}:
            raise Invalid([FieldError("on", "required", "a document needs its day")])
        on, now = body.on or date.min, _now()
        match body.outcome:
            case FindingOutcome.REMINDED:
                row = finding_workflow.record_letter(
                    session, actor, ident, body.turn, body.number, on, body.note, now=now
                )
            case FindingOutcome.MENDED:
                row = finding_workflow.record_mended(session, actor, ident, body.turn, body.note, now=now)
            case FindingOutcome.HANDED:
                row = finding_workflow.hand_to_inspection(session, actor, ident, body.turn, body.note, now=now)
            case FindingOutcome.DECIDED:
                row = finding_workflow.record_decision(
                    session, actor, ident, body.turn, body.number, on, body.amount, body.note, body.authority, now=now
                )
        return _finding_view(session, row)

    return run_act(act)


@bp.post("/findings/<ident>/read")
@for_staff(Permission.REVIEW)
@with_body(TurnBody)
@bp.output(FindingView)
def read(ident: str, body: TurnBody) -> Response:
    """Mark the partner's reply to a finding as read by the department."""
    actor = caller().actor
    return run_act(
        lambda session: _finding_view(
            session, finding_workflow.mark_reply_read(session, actor, ident, body.turn, now=_now())
        )
    )


@bp.post("/findings/<ident>/undo")
@for_staff(Permission.REVIEW)
@with_body(TurnBody)
@bp.output(FindingView)
def undo(ident: str, body: TurnBody) -> Response:
    """Undo the last act on a finding; a reply since then stays and waits to be read."""
    actor = caller().actor
    return run_act(
        lambda session: _finding_view(
            session, finding_workflow.undo_last_act(session, actor, ident, body.turn, now=_now())
        )
    )


@bp.post("/findings/<ident>/reply")
@for_partners
@with_body(ReplyBody)
@bp.output(FindingView, 201)
def reply(ident: str, body: ReplyBody) -> Response:
    """Reply as the partner; an act of staff that was prepared before the reply is refused."""
    company = caller().partner_id
    actor = caller().actor

    def act(session: Session) -> FindingView:
        finding_workflow.reply_to_finding(session, actor, company, ident, body.text, public_id("api"), now=_now())
        return _finding_view(session, find_finding(session, ident, company))

    return run_act(act, 201, location=lambda _: f"/api/v1/findings/{ident}")


@bp.post("/findings/decide")
@for_staff(Permission.REVIEW)
@with_body(BulkBody)
@bp.output(BulkRow)
def decide(body: BulkBody) -> Response:
    """One decision on several findings; those on which something was done since are left and named."""
    actor = caller().actor
    unused = {BulkDecision.DISMISS: ["reply_by"], BulkDecision.ASK: ["note"]}
    refuse_unused(body, unused.get(body.decision, []), f"the decision {body.decision.value}")
    turns: Mapping[str, int] = {chosen.id: chosen.turn for chosen in body.findings}

    def act(session: Session) -> BulkRow:
        result = bulk_decisions.decide_findings(
            session, actor, body.decision, turns, note=body.note, reply_by=body.reply_by, now=_now()
        )
        if body.decision is not BulkDecision.DISMISS:
            queue_batch_mail(app_context(), session, result.done, actor.id)
        return _bulk_row(result)

    return _run_and_mail(act)


@bp.post("/findings/batches/<batch>/undo")
@for_staff(Permission.REVIEW)
@bp.output(BulkRow)
def undo_batch(batch: str) -> Response:
    """Undo a bulk decision, except where something was done since."""
    actor = caller().actor
    return run_act(lambda session: _bulk_row(bulk_decisions.undo_batch(session, actor, batch, now=_now())))


def _now() -> datetime:
    return app_context().job_context.now()


def _run_and_mail(act: Callable[[Session], BaseModel]) -> Response:
    response = run_act(act)
    app_context().runner.nudge(MAIL_WORK_KIND)
    return response


def _bulk_row(result: bulk_decisions.BulkResult) -> BulkRow:
    return BulkRow(
        batch=result.batch,
        done=[finding_row(row) for row in result.done],
        kept=[KeptFinding(id=public, code=error.code, detail=str(error)) for public, error in result.kept],
    )


def finding_row(row: Finding) -> FindingRow:
    """The row of a finding, as the caller may see it; requires its session to be open."""
    return row_of(FindingRow, row, **_as_seen(row))


def _finding_view(session: Session, row: Finding) -> FindingView:
    steps = [_step_row(step) for step in steps_of(session, row) if not _is_hidden(step)]
    decisions = [row_of(FindingDecision, made, on=made.on_day) for made in finding_decisions(session, row)]
    return row_of(FindingView, row, **_as_seen(row), steps=steps, decisions=decisions)


def _is_hidden(step: FindingStep) -> bool:
    return caller().is_partner and step.happened in _INTERNAL_STEPS


def _step_row(step: FindingStep) -> StepRow:
    # A partner learns what the department did, not who of it.
    name = "" if caller().is_partner and step.ours else step.actor_name
    return row_of(StepRow, step, actor=name)


def _as_seen(row: Finding) -> dict[str, Any]:
    staff = not caller().is_partner
    return {
        "id": row.public,
        "rule": row.code,
        "rule_version": row.version,
        "severity": row.rule.severity,
        "partner": row.company.code,
        "site": row.site.code,
        "republication": row.republication.public if row.republication is not None else None,
        "page_sha256": row.page_hash,
        "note": row.note if staff or row.standing is FindingStatus.CONFIRMED else "",
        "turn": row.turn if staff else None,
    }
