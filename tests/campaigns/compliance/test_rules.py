"""Versions of rules: which one applies on a day, what a new one may contain, and the rules of a new database."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.compliance.rule_parameters import PARAMETERS, Checker, checked_parameters, usual_parameters
from campaigns.compliance.rules import Rule, RuleSeverity, add_version, all_rules, rule_in_force, versions_of
from campaigns.compliance.shipped_rules import FIRST_RULES
from campaigns.core import journal
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import ADMIN, ANALYST, NOW

GIVEN: dict[str, Any] = {
    "title": "Không đăng trước giờ", "text": "Sau 2 giờ.", "basis": "Nghị định mới", "in_force_from": date(2027, 1, 1),
    "in_force_to": None, "parameters": {"delay_minutes": 120}, "severity": RuleSeverity.GRAVE,
}  # fmt: skip


def add(session: Session, seen: int = 3, **changes: Any) -> Rule:
    return add_version(session, ADMIN, "R5", seen, **{**GIVEN, **changes}, now=NOW)


def test_a_fresh_database_holds_the_shipped_versions_to_the_letter(session: Session) -> None:
    columns = [name for name in (rule.name for rule in Rule.__table__.columns) if name != "id"]

    def columns_of(row: Any) -> dict[str, Any]:
        found = {name: getattr(row, name) for name in columns}
        return found | {"checker": row.checker.value, "severity": row.severity.value}

    rows = [columns_of(rule) for rule in all_rules(session)]
    assert rows == [rule.row() for rule in FIRST_RULES]


def test_thirteen_rules_each_with_its_checker_and_the_checkers_usual_parameters() -> None:
    assert {rule.code for rule in FIRST_RULES} == {f"R{number}" for number in range(1, 14)}
    assert {rule.checker for rule in FIRST_RULES} == set(Checker) == set(PARAMETERS)
    for rule in FIRST_RULES:
        assert checked_parameters(rule.checker, rule.parameters) == rule.parameters
        if rule.version == max(other.version for other in FIRST_RULES if other.code == rule.code):
            assert rule.parameters == usual_parameters(rule.checker)


@pytest.mark.parametrize(
    ("day", "version", "minutes"),
    [
        (date(2019, 10, 28), None, None),
        (date(2019, 10, 29), 1, 180),
        (date(2024, 12, 24), 1, 180),
        (date(2024, 12, 25), 3, 0),
        (date(2026, 11, 24), 3, 0),
    ],
)
def test_three_hours_once_and_no_general_delay_since(
    session: Session, day: date, version: int | None, minutes: int | None
) -> None:
    found = rule_in_force(all_rules(session), "R5", day)
    assert (found.version if found else None) == version
    assert (found.parameters["delay_minutes"] if found else None) == minutes


def test_a_new_version_takes_its_own_days_and_is_in_the_journal(session: Session) -> None:
    made = add(session, in_force_to=date(2027, 1, 31))
    session.commit()
    rules = all_rules(session)
    by_day = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 31), date(2027, 2, 1)]
    assert [rule.version for day in by_day if (rule := rule_in_force(rules, "R5", day))] == [3, 4, 4, 3]
    assert made.parameters == {"delay_minutes": 120, "agreement_waives": False}
    (entry,) = journal.history(session, "rule", "R5")
    assert (entry.act, entry.actor) == ("rule.added", ADMIN.id)


def test_a_version_that_is_not_asked_ends_the_rule_for_its_days(session: Session) -> None:
    add(session, asked=False)
    rules = all_rules(session)
    assert rule_in_force(rules, "R5", date(2027, 1, 1)) is None
    assert rule_in_force(rules, "R5", date(2026, 12, 31)) is not None


@given(
    st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 60)), min_size=1, max_size=8), st.integers(-5, 70)
)
def test_the_latest_version_that_covers_a_day_judges_it(spans: list[tuple[int, int | None]], at: int) -> None:
    first = date(2026, 1, 1)
    rules = [
        Rule(code="R5", version=number, in_force_from=first + timedelta(begins), asked=True,
             in_force_to=None if length is None else first + timedelta(begins + length))
        for number, (begins, length) in enumerate(spans, 1)
    ]  # fmt: skip
    day = first + timedelta(at)
    covering = [n for n, (b, length) in enumerate(spans, 1) if b <= at and (length is None or at <= b + length)]
    found = rule_in_force(rules, "R5", day)
    assert (found.version if found else None) == max(covering, default=None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "heading"),
        ({"title": "x" * 201}, "heading"),
        ({"text": ""}, "text"),
        ({"basis": ""}, "basis"),
        ({"in_force_to": date(2026, 12, 31)}, "in_force_to"),
        ({"fine_from": -1}, "fine_from"),
        ({"fine_from": 5, "fine_to": 4}, "fine_to"),
        ({"parameters": {"delay_minutes": -1}}, "parameters.delay_minutes"),
        ({"parameters": {"delay_minutes": 1.5}}, "parameters.delay_minutes"),
        ({"parameters": {"delay_minutes": True}}, "parameters.delay_minutes"),
        ({"parameters": {"agreement_waives": "có"}}, "parameters.agreement_waives"),
        ({"parameters": {"minutes": 5}}, "parameters.minutes"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(session: Session, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(session, **changes)
    assert field in {error.field for error in refused.value.errors}
    assert len(versions_of(session, "R5")) == 3


@pytest.mark.parametrize(
    ("checker", "given"),
    [
        (Checker.VERBATIM, {"least_share": 0.9}),
        (Checker.IMPRINT, {"items": []}),
        (Checker.IMPRINT, {"items": ["name", "hobby"]}),
        (Checker.NAME, {"name_begins": ["x" * 61]}),
        (Checker.NAME, {"name_begins": ["Báo", " "]}),
        (Checker.NAME, {"name_begins": "Báo"}),
        (Checker.SOURCES, {"least": 0}),
    ],
)
def test_parameters_keep_their_shape(checker: Checker, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        checked_parameters(checker, given)


def test_only_an_administrator_adds_one_and_only_to_what_they_saw(session: Session) -> None:
    with pytest.raises(Forbidden):
        add_version(session, ANALYST, "R5", 2, **GIVEN, now=NOW)
    with pytest.raises(NotFound):
        add_version(session, ADMIN, "R14", 1, **GIVEN, now=NOW)
    add(session)
    with pytest.raises(Conflict) as moved:
        add(session)
    assert moved.value.code == "rule_moved"
