"""Compliance rules in administration: read, and extended by a dated version through the form."""

import re
from datetime import date

import pytest

from campaigns.compliance.rule_parameters import PARAMETERS, Checker
from campaigns.compliance.rules import all_rules, versions_of
from campaigns.people.staff import Role
from coordinator.web.kit.text.finding_labels import parameter_name
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

FORM = {
    "seen": "3", "heading": "Không đăng trước giờ được phép", "text": "Sau 2 giờ.", "basis": "Nghị định 1/2027/NĐ-CP",
    "in_force_from": "01/01/2027", "asked": "1", "parameters.delay_minutes": "120",
    "severity": "grave", "fine_from": "5.000.000",
    "fine_to": "10.000.000", "note": "Theo công văn 1",
}  # fmt: skip


@pytest.fixture
def admin(desk: Desk) -> Desk:
    """A desk with an administrator signed in."""
    desk.sign_in(Role.ADMIN)
    return desk


def test_the_thirteen_rules_are_listed_each_with_the_version_of_today(admin: Desk) -> None:
    rows = Page(admin.get("/desk/admin/rules/")).rows("Các quy tắc")
    assert [line[0].partition(".")[0] for line in rows] == [f"R{number}" for number in range(1, 14)]
    assert rows[4][2:] == ["phiên bản 3, từ 25/12/2024", "3"]


def test_every_rules_page_shows_each_of_its_parameters(admin: Desk) -> None:
    with admin.database.read() as session:
        rules = {rule.code: rule for rule in all_rules(session)}
    with admin.app.test_request_context():
        names = {code: [parameter_name(p.name) for p in PARAMETERS[rule.checker]] for code, rule in rules.items()}
    for code in rules:
        html = admin.get(f"/desk/admin/rules/{code}")
        assert all(name in html for name in names[code]), code


def test_a_version_is_added_by_the_form_and_the_old_one_stays(admin: Desk) -> None:
    assert admin.post("/desk/admin/rules/R5", FORM).status_code == 303
    with admin.database.read() as session:
        newest, before, *_first = versions_of(session, "R5")
    assert (newest.version, newest.in_force_from, newest.in_force_to) == (4, date(2027, 1, 1), None)
    assert newest.parameters == {"delay_minutes": 120, "agreement_waives": False}
    assert (newest.fine_from, newest.fine_to, newest.note) == (5_000_000, 10_000_000, "Theo công văn 1")
    assert before.parameters["delay_minutes"] == 0
    page = Page(admin.get("/desk/admin/rules/R5"))
    assert page.has("Nghị định 1/2027/NĐ-CP")
    assert admin.post("/desk/admin/rules/R5", FORM).status_code == 422, "it was made from version 3"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"heading": ""}, "heading"),
        ({"in_force_from": ""}, "in_force_from"),
        ({"in_force_from": "32/13/2027"}, "in_force_from"),
        ({"in_force_to": "2026-01-01"}, "in_force_to"),
        ({"severity": "x"}, "severity"),
        ({"fine_from": "nhiều"}, "fine_from"),
        ({"parameters.delay_minutes": "một giờ"}, "parameters.delay_minutes"),
        ({"parameters.delay_minutes": "99999999"}, "parameters.delay_minutes"),
    ],
)
def test_what_is_wrong_is_reported_at_its_field(admin: Desk, change: dict[str, str], field: str) -> None:
    answer = admin.post("/desk/admin/rules/R5", FORM | change)
    assert answer.status_code == 422
    assert re.sub(r"[._]", "-", field) in Page(answer.text).errors()
    with admin.database.read() as session:
        assert len(versions_of(session, "R5")) == 3


@pytest.mark.parametrize("code", ["R1", "R3", "R4", "R6", "R9", "R10", "R11", "R13"])
def test_what_the_form_shows_is_what_it_sends_back(admin: Desk, code: str) -> None:
    page = Page(admin.get(f"/desk/admin/rules/{code}"))
    form = page.tree.css_first("form.sheet")
    assert form is not None
    sent: dict[str, str | list[str]] = {}
    for field in form.css("input[name], textarea[name], select[name]"):
        name, kind = field.attributes["name"] or "", field.attributes.get("type")
        if name == "csrf_token" or (kind in {"checkbox", "radio"} and "checked" not in field.attributes):
            continue
        if field.tag == "select":
            chosen = field.css_first("option[selected]")
            value = (chosen.attributes["value"] if chosen is not None else "") or ""
        else:
            value = field.text() if field.tag == "textarea" else field.attributes.get("value") or ""
        before = sent.get(name)
        sent[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    assert admin.post(f"/desk/admin/rules/{code}", sent).status_code == 303
    with admin.database.read() as session:
        newest, before_it, *_rest = versions_of(session, code)
    for name in ("title", "text", "basis", "checker", "parameters", "severity", "fine_from", "fine_to", "asked"):
        assert getattr(newest, name) == getattr(before_it, name), name


def test_nobody_else_reads_or_adds(desk: Desk) -> None:
    for role in (Role.WRITER, Role.APPROVER, Role.ANALYST):
        desk.sign_in(role)
        assert desk.client.get("/desk/admin/rules/").status_code == 403
        assert desk.post("/desk/admin/rules/R5", FORM).status_code == 403
    desk.sign_in(Role.ADMIN)
    assert desk.client.get("/desk/admin/rules/R99").status_code == 404
    assert re.search(r"bản quy tắc", desk.get("/desk/admin/"))
    assert set(PARAMETERS) == set(Checker)
