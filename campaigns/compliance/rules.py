"""Rules as dated data: a rule has several versions, of which one applies on each day.

A version is never edited. A later one that covers a day replaces it for that day in new findings; existing findings
keep the version they were judged by.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.compliance.rule_parameters import Checker, checked_parameters
from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, by_value
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import nfc
from campaigns.people.staff import Actor, Permission

LONGEST_TITLE, LONGEST_TEXT = 200, 4000  # characters
MOST_FINE_DONG = 10_000_000_000  # đồng; a higher fine is a typing error


class RuleSeverity(Enum):
    """Severity of a rule, used for sorting and filtering only."""

    MINOR = "minor"
    SERIOUS = "serious"
    GRAVE = "grave"


class Rule(Base):
    """One version of a rule. ``in_force_from`` and ``in_force_to`` are days of the city, both included.

    ``asked``: whether the rule is evaluated; a version with False suspends the rule on its days. ``fine_from`` and
    ``fine_to``: the statutory fine in đồng, shown with a finding and never applied.
    """

    __tablename__ = "compliance_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(8))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(LONGEST_TITLE))
    text: Mapped[str] = mapped_column(sa.Text)
    basis: Mapped[str] = mapped_column(sa.Text)
    in_force_from: Mapped[dt.date]
    in_force_to: Mapped[dt.date | None]
    checker: Mapped[Checker] = mapped_column(by_value(Checker, "checker"))
    parameters: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    severity: Mapped[RuleSeverity] = mapped_column(by_value(RuleSeverity, "severity"))
    asked: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    fine_from: Mapped[int | None] = mapped_column(sa.BigInteger)
    fine_to: Mapped[int | None] = mapped_column(sa.BigInteger)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    added_by: Mapped[str] = mapped_column(sa.String(200))
    added_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (sa.UniqueConstraint("code", "version"),)

    def covers(self, day: dt.date) -> bool:
        """Whether this version is in force on a day."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)


def rule_order(code: str) -> int:
    """Sort key of a rule's code: R2 before R10."""
    return int(code[1:])


def all_rules(session: Session) -> Sequence[Rule]:
    """All versions of all rules, by rule, the oldest version first."""
    found = session.execute(sa.select(Rule).order_by(Rule.version)).scalars().all()
    return sorted(found, key=lambda rule: (rule_order(rule.code), rule.version))


def versions_of(session: Session, code: str) -> Sequence[Rule]:
    """All versions of one rule, the newest first. Raises ``NotFound``."""
    found = session.execute(sa.select(Rule).where(Rule.code == code).order_by(Rule.version.desc())).scalars().all()
    if not found:
        raise NotFound(f"there is no rule {code}", rule=code)
    return found


def rule_in_force(rules: Iterable[Rule], code: str, day: dt.date) -> Rule | None:
    """The version that applies on a day: the latest of those that cover it; None when that one is not evaluated."""
    covering = [rule for rule in rules if rule.code == code and rule.covers(day)]
    newest = max(covering, key=lambda rule: rule.version, default=None)
    return newest if newest is not None and newest.asked else None


def add_version(
    session: Session,
    actor: Actor,
    code: str,
    seen: int,
    *,
    title: str,
    text: str,
    basis: str,
    in_force_from: dt.date,
    in_force_to: dt.date | None,
    parameters: Mapping[str, Any],
    severity: RuleSeverity,
    asked: bool = True,
    fine_from: int | None = None,
    fine_to: int | None = None,
    note: str = "",
    now: dt.datetime,
) -> Rule:
    """Add a version of a rule; existing findings do not change.

    ``seen``: the newest version that the actor has seen. Raises ``Forbidden``, ``NotFound``, ``Invalid`` naming every
    bad field, ``Conflict`` (``rule_moved``) when another version was added since.
    """
    actor.require(Permission.CONFIGURE)
    newest = versions_of(session, code)[0]
    if newest.version != seen:
        raise _moved_error(code)
    errors = _version_errors(title, text, basis, in_force_from, in_force_to, fine_from, fine_to)
    kept: dict[str, Any] = {}
    try:
        kept = checked_parameters(newest.checker, parameters)
    except Invalid as invalid:
        errors += invalid.errors
    if errors:
        raise Invalid(errors)
    made = Rule(
        code=code, version=newest.version + 1, title=nfc(" ".join(title.split())), text=nfc(text.strip()),
        basis=nfc(basis.strip()), in_force_from=in_force_from, in_force_to=in_force_to, checker=newest.checker,
        parameters=kept, severity=severity, asked=asked, fine_from=fine_from, fine_to=fine_to, note=nfc(note.strip()),
        added_by=actor.id, added_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except sa.exc.IntegrityError:
        raise _moved_error(code) from None
    details = {
        "version": made.version, "from": made.in_force_from, "to": made.in_force_to, "parameters": kept,
        "asked": asked, "basis": made.basis, "note": made.note,
    }  # fmt: skip
    journal.record(session, actor.id, "rule.added", "rule", code, details, now=now)
    return made


def _moved_error(code: str) -> Conflict:
    return Conflict(f"another version of {code} was added meanwhile", code="rule_moved", rule=code)


def _version_errors(
    title: str, text: str, basis: str, begins: dt.date, ends: dt.date | None, fine_from: int | None, fine_to: int | None
) -> list[FieldError]:
    errors = []
    for name, words, most in (("heading", title, LONGEST_TITLE), ("text", text, LONGEST_TEXT), ("basis", basis, 1000)):
        if not words.strip():
            errors.append(FieldError(name, "required", f"a rule needs its {name}"))
        elif len(words) > most:
            errors.append(FieldError(name, "too_long", f"at most {most} characters"))
    if ends is not None and ends < begins:
        errors.append(FieldError("in_force_to", "before_start", f"{ends} is before the start, {begins}"))
    for name, amount in (("fine_from", fine_from), ("fine_to", fine_to)):
        if amount is not None and not 0 <= amount <= MOST_FINE_DONG:
            errors.append(FieldError(name, "amount", f"{amount} is not an amount in đồng"))
    if fine_from is not None and fine_to is not None and fine_to < fine_from:
        errors.append(FieldError("fine_to", "amount", "the most is less than the least"))
    return errors
