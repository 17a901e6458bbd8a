"""A content of the domain, and what follows from its fields: limits, form, bodies and rows of the API."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import pytest
from annotated_types import Ge, Le, MaxLen
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField

from campaigns.core.contents import Day, Line, differences, from_attributes, limit_errors
from campaigns.core.errors import Invalid
from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import LicenceContent
from coordinator.api.fields import ContentBody, ResponseBody, row_of
from coordinator.api.problems import RequestRefused
from coordinator.api.request_parsing import changed, validated
from coordinator.web.desk.partners.agreements import AgreementForm
from coordinator.web.desk.partners.licences import LicenceForm
from coordinator.web.desk.partners.routes import CompanyForm
from coordinator.web.desk.partners.sites import SiteForm
from coordinator.web.desk.people.office import OfficeForm
from coordinator.web.kit import templating
from coordinator.web.kit.forms.content_form import form_of
from coordinator.web.kit.forms.field_types import ManyField


@dataclass(frozen=True, kw_only=True)
class Widened(LicenceContent):
    """A licence with fields that it has not, one of each kind."""

    seat: Annotated[str, MaxLen(10)] = ""
    floors: Annotated[int, Ge(0), Le(99)] = 1
    share: float = 0.0
    open: bool = False
    opened_on: Day | None = None
    rooms: Annotated[Sequence[Line], MaxLen(2)] = ()


class Body(ContentBody, Widened):
    """What a program sends."""

    code: str


class Row(ResponseBody, Widened):
    """What a program gets."""

    code: str


WideForm = form_of(Widened)
GIVEN = {"kind": "social", "issuer": "Sở", "issued_on": "2026-01-02"}
CONTENT = Widened(kind=SiteKind.SOCIAL, issuer="Sở", issued_on=date(2026, 1, 2))


def test_a_field_that_is_added_to_a_content_is_in_the_form() -> None:
    form = WideForm(MultiDict(GIVEN | {"seat": " Hà Nội ", "floors": "12", "rooms": "A\nB", "opened_on": "24/11/2026"}))
    assert form.validate()
    content = form.content(Widened)
    assert (content.seat, content.floors, content.rooms) == ("Hà Nội", 12, ["A", "B"])
    assert (content.opened_on, content.open, content.share) == (date(2026, 11, 24), False, 0.0)
    assert form.content(LicenceContent) == from_attributes(LicenceContent, content)


def test_an_empty_box_has_the_contents_own_default_and_a_needed_one_is_reported() -> None:
    form = WideForm(MultiDict(GIVEN | {"floors": "", "issued_on": ""}))
    assert not form.validate()
    assert list(form.messages) == ["issued_on"]
    assert WideForm(MultiDict(GIVEN | {"floors": ""})).content(Widened).floors == 1
    assert WideForm()["issuer"].flags.required
    assert not WideForm()["seat"].flags.required


def test_a_field_of_another_kind_is_named_in_the_call() -> None:
    form = form_of(Widened, rooms=ManyField())(MultiDict([*GIVEN.items(), ("rooms", "A"), ("rooms", "B")]))
    assert form.content(Widened).rooms == ["A", "B"]


def test_it_is_in_bodies_and_rows_with_its_limits() -> None:
    body = validated(Body, {**GIVEN, "code": "a", "seat": "Ha\u0300 No\u0323\u0302i"}, "body")
    assert (body.seat, body.kind, body.issued_on) == ("Hà Nội", SiteKind.SOCIAL, date(2026, 1, 2))
    assert row_of(Row, body, code="b").model_dump(mode="json")["seat"] == "Hà Nội"
    assert Body.model_json_schema()["properties"]["floors"] == {
        "default": 1, "maximum": 99, "minimum": 0, "title": "Floors", "type": "integer",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("seat", "x" * 11, "too_long"),
        ("seat", None, "string_type"),
        ("floors", 100, "less_than_equal"),
        ("floors", "3", "int_type"),
        ("issued_on", 20260102, "date_type"),
        ("issued_on", "2026-01-02T00:00:00", "date_parsing"),
        ("issued_on", "1899-12-31", "greater_than_equal"),
        ("kind", "SOCIAL", "enum"),
        ("rooms", ["a", "b", "c"], "too_long"),
        ("rooms", "a", "list_type"),
        ("chair", 1, "unknown_field"),
        ("seat", "\ud800", "invalid"),
    ],
)
def test_a_body_is_refused_at_the_field(field: str, value: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        validated(Body, {**GIVEN, "code": "a", field: value}, "body")
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_a_nul_is_refused_where_it_stands() -> None:
    with pytest.raises(RequestRefused) as refused:
        validated(Body, {**GIVEN, "code": "a", "rooms": ["a", "b\x00"]}, "body")
    assert [error.field for error in refused.value.errors] == ["rooms.1"]


def test_a_change_is_what_is_stored_with_the_given_fields_laid_over_it() -> None:
    stored = row_of(Row, CONTENT, code="a")
    after = changed(Body, stored, {"opened_on": "2026-11-24", "floors": 3})
    assert differences(CONTENT, from_attributes(Widened, after)) == {"opened_on": date(2026, 11, 24), "floors": 3}
    assert differences(CONTENT, from_attributes(Widened, changed(Body, stored, {}))) == {}
    with pytest.raises(Invalid, match="issuer"):
        changed(Body, stored, {"issuer": None})


def test_what_was_stored_before_there_was_a_limit_is_shown() -> None:
    stored = replace(CONTENT, seat="x" * 11, rooms=["a", "b", "c"])
    shown = row_of(Row, stored, code="a").model_dump(mode="json")
    assert (shown["seat"], shown["rooms"], shown["issued_on"]) == ("x" * 11, ["a", "b", "c"], "2026-01-02")
    with pytest.raises(AttributeError, match="code"):
        row_of(Row, stored)


def test_limits_hold_for_everybody_who_writes_one() -> None:
    wrong = replace(CONTENT, seat="x" * 11, floors=-1, opened_on=date(1800, 1, 1), rooms=["y" * 501, "b", "c"])
    assert [(error.field, error.code) for error in limit_errors(wrong)] == [
        ("seat", "too_long"),
        ("floors", "range"),
        ("opened_on", "year"),
        ("rooms", "too_long"),
        ("rooms.0", "too_long"),
    ]
    assert limit_errors(CONTENT) == []


TEMPLATES = Path(templating.__file__).parents[1] / "templates" / "desk"
FORMS = {
    "partners/agreements/form.html": AgreementForm,
    "partners/licence_form.html": LicenceForm,
    "partners/form.html": CompanyForm,
    "partners/site_form.html": SiteForm,
    "people/office.html": OfficeForm,
}


@pytest.mark.parametrize("template", FORMS)
def test_every_field_of_a_form_stands_on_its_page(template: str) -> None:
    """A field that is not on the page is empty in what is sent, and what was stored is lost."""
    source = (TEMPLATES / template).read_text("utf-8")
    names = [name for name, made in vars(FORMS[template]).items() if isinstance(made, UnboundField)]
    assert names
    written = r"\bform\.(\w+)|\bform\[\"(\w+)\"\]|name=\"(\w+)\""
    there = {name for found in re.findall(written, source) for name in found if name}
    assert [name for name in names if name not in there] == []
