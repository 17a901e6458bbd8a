"""Replying: a partner answers a finding that it was shown, in its own words, more than once if it has more to say.

What it says changes neither the finding's standing nor any figure; it waits for somebody to read it.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.compliance.findings import Finding, Happened, Step, find_finding
from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import Actor

LONGEST = 4000  # characters
MOST_A_DAY = 20  # replies of one partner to one finding; more are a program gone wrong


def reply(
    session: Session, actor: Actor, company_id: int, public: str, text: str, form: str, *, now: dt.datetime
) -> bool:
    """Put a partner's words beside its finding. False when this form was taken before.

    Raises ``NotFound`` for what is not its own or was not shown to it, ``Invalid``, ``Conflict`` (``finding_settled``
    once it is closed, ``too_many_replies``).
    """
    row = find_finding(session, public, company_id, lock=True)
    if _said(session, row, form):
        return False
    if row.closed:
        raise Conflict(f"{public} is closed", code="finding_settled", finding=public)
    if not text.strip():
        raise Invalid([FieldError("text", "required", "say what you mean")])
    if len(text) > LONGEST:
        raise Invalid([FieldError("text", "too_long", f"at most {LONGEST} characters")])
    lately = sa.select(sa.func.count()).where(
        Step.finding_id == row.id, Step.happened == Happened.REPLIED, Step.at > now - dt.timedelta(days=1)
    )
    if session.execute(lately).scalar_one() >= MOST_A_DAY:
        raise Conflict(f"more than {MOST_A_DAY} replies a day", code="too_many_replies", most=MOST_A_DAY)
    words = nfc(text.strip())
    step = Step(
        finding_id=row.id, happened=Happened.REPLIED, at=now, actor=actor.id, actor_name=actor.name, ours=False,
        text=words, details={}, form=form,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(step)
            session.flush()
    except IntegrityError:
        raise Conflict(f"the form {form!r} was sent with something else") from None
    row.waits_since = row.waits_since or now
    row.turn += 1  # whoever decides at this moment has not read it
    session.flush()
    journal.record(session, actor.id, "finding.replied", "finding", row.public, {"text": words}, now=now)
    return True


def _said(session: Session, row: Finding, form: str) -> bool:
    query = sa.select(Step.id).where(Step.form == form, Step.finding_id == row.id)
    return session.execute(query).first() is not None


def asked_of(session: Session, company_id: int, day: dt.date) -> tuple[int, int, dt.date | None]:
    """Findings that a partner is shown, that are open and that it has not answered: how many, for how many the time is
    over on ``day``, and the nearest day by which."""
    answered = sa.exists().where(Step.finding_id == Finding.id, Step.happened == Happened.REPLIED)
    query = sa.select(
        sa.func.count(), sa.func.count().filter(Finding.reply_by < day), sa.func.min(Finding.reply_by)
    ).where(Finding.company_id == company_id, Finding.shown_at.is_not(None), Finding.closed_at.is_(None), ~answered)
    count, late, nearest = session.execute(query).one()
    return int(count), int(late), nearest
