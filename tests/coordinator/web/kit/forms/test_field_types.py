"""The field types of the desk's forms: what each reads, what it reports, and what it shows again."""

from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from campaigns.core.errors import FieldError, Invalid
from campaigns.search.autocomplete import PickableKind
from coordinator.web.kit.forms import field_types
from coordinator.web.kit.forms.page_form import PageForm
from tests import factories
from tests.coordinator.web.desk.conftest import Desk


class Shape(Enum):
    ROUND = "round"
    SQUARE = "square"


class Part(PageForm):
    text = field_types.TextField()
    number = field_types.NumberField()


class Sample(PageForm):
    text = field_types.TextField()
    optional = field_types.OptionalTextField()
    clean = field_types.CleanTextField()
    lines = field_types.LinesField()
    phrases = field_types.LinesField(semicolons=True)
    words = field_types.CleanLinesField()
    day = field_types.DateField()
    needed_day = field_types.DateField(required=True)
    clock = field_types.TimeField()
    number = field_types.NumberField()
    needed_number = field_types.NumberField(required=True, code="parameter")
    whole = field_types.WholeNumberField()
    percent = field_types.PercentField()
    shape = field_types.EnumField(Shape)
    one = field_types.OneOfField(("all", "chosen"))
    flag = field_types.FlagField()
    many = field_types.ManyField()
    version = field_types.VersionField()
    mark = field_types.TokenField()
    rows = field_types.RowsField(Part, 3)


def sent(**values: Any) -> Sample:
    form = Sample(MultiDict(values))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("name", "typed", "data"),
    [
        ("text", "  Sở \r\n", "Sở"),
        ("optional", "   ", None),
        ("optional", " a ", "a"),
        ("clean", " a\x00b\r\nc ", "ab\nc"),
        ("lines", "a\r\n\r\n b \n", ["a", "b"]),
        ("phrases", "a; b\n;c", ["a", "b", "c"]),
        ("words", "a\x00\nb", ["a", "b"]),
        ("day", "2026-11-24", date(2026, 11, 24)),
        ("day", "24/11/2026", date(2026, 11, 24)),
        ("day", "", None),
        ("clock", "14:00", time(14)),
        ("clock", "14h30", time(14, 30)),
        ("number", "12.500", 12500.0),
        ("number", "98,5", 98.5),
        ("number", "", None),
        ("whole", "1.250", 1250),
        ("percent", "98,5", 0.985),
        ("shape", "square", Shape.SQUARE),
        ("one", "chosen", "chosen"),
        ("one", "nothing of the kind", "all"),
        ("flag", "1", True),
        ("flag", "0", False),
        ("many", ["b", "a"], ["b", "a"]),
        ("version", "12", 12),
        ("version", "²", 0),
        ("mark", "abc", "abc"),
    ],
)
def test_a_field_reads_what_people_type(name: str, typed: object, data: object) -> None:
    field = sent(**{name: typed})[name]
    assert field.data == data
    assert not field.errors


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("day", "31/02/2026", "Nhập ngày theo mẫu 24/11/2026"),
        ("day", "24/11/0026", "Năm phải từ 1900 đến 2199"),
        ("needed_day", "", "Mục này không được để trống"),
        ("clock", "25:00", "Nhập giờ theo mẫu 14:00"),
        ("clock", "24:00", "24:00 là 00:00 ngày hôm sau: chọn ngày hôm sau và gõ 00:00"),
        ("clock", "", "Nhập giờ theo mẫu 14:00"),
        ("number", "nhiều", "Nhập một con số, ví dụ 12.500 hoặc 98,5"),
        ("needed_number", "", "Giá trị này không hợp với tham số"),
        ("whole", "2,5", "Nhập một số nguyên"),
        ("shape", "star", "Mục này không được để trống"),
    ],
)
def test_a_field_reports_what_it_cannot_read_and_shows_it_again(name: str, typed: str, sentence: str) -> None:
    field = sent(**{name: typed})[name]
    assert field.errors == [sentence]
    assert field.data is None
    assert field._value() == typed


@pytest.mark.parametrize(
    ("name", "stored", "shown"),
    [
        ("text", None, ""),
        ("text", 587, "587"),
        ("optional", None, ""),
        ("lines", ["a", "b"], "a\nb"),
        ("day", date(2026, 11, 24), "2026-11-24"),
        ("clock", time(6, 30), "06:30"),
        ("number", 12500, "12.500"),
        ("whole", None, ""),
        ("percent", 0.985, "98,5"),
        ("shape", Shape.ROUND, "round"),
        ("one", None, "all"),
    ],
)
def test_a_stored_value_is_shown_as_it_is_read_back(name: str, stored: object, shown: str) -> None:
    assert Sample(data={name: stored})[name]._value() == shown


def test_what_a_submitted_form_leaves_out_is_empty_and_not_the_stored_value() -> None:
    form = Sample(MultiDict({"csrf_token": "x"}), data={"text": "a", "flag": True, "many": ["a"], "lines": ["a"]})
    assert (form.text.data, form.flag.data, form.many.data, form.lines.data) == ("", False, [], [])


def test_a_shown_form_has_a_token_and_a_submitted_one_keeps_its_own() -> None:
    assert len(Sample().mark.data) == 20
    assert Sample().mark.data != Sample().mark.data
    assert sent(mark="x" * 100).mark.data == "x" * 40


def test_rows_are_read_by_their_number_up_to_the_most_and_trailing_blank_ones_are_dropped() -> None:
    form = sent(**{
        "rows.0.text": "a", "rows.1.text": "", "rows.2.text": "", "rows.3.text": "one too many", "rows.².text": "b",
    })  # fmt: skip
    assert [row.text.name for row in form.rows] == ["rows.0.text", "rows.1.text", "rows.2.text"]
    form.rows.drop_trailing(lambda row: not row.text.data)
    assert [row.text.data for row in form.rows] == ["a"]


def test_an_error_of_a_row_names_the_row() -> None:
    form = sent(**{"rows.0.number": "1", "rows.1.number": "x"})
    assert form.messages["rows.1.number"] == "Dòng 2: Nhập một con số, ví dụ 12.500 hoặc 98,5"


class Picks(PageForm):
    partner = field_types.PickField(PickableKind.PARTNER)
    reach = field_types.OneOfField(("all", "chosen"))
    partners = field_types.PickManyField(PickableKind.PARTNER, ("reach", "chosen"))


@pytest.fixture
def codes(desk: Desk) -> list[str]:
    with desk.database.write() as session:
        return [factories.company(session, f"Công ty {name}").code for name in ("Hồng Hà", "Hồng Hà Media", "Sông Đà")]


def test_a_pick_takes_a_code_or_a_text_that_means_one_row(desk: Desk, codes: list[str]) -> None:
    with desk.app.test_request_context():
        assert Picks(MultiDict({"partner": codes[0]})).partner.data == codes[0]
        assert Picks(MultiDict({"partner.q": "song da"})).partner.data == codes[2]
        assert Picks(data={"partner": codes[1]}).partner.pick.text == "Công ty Hồng Hà Media"


def test_a_pick_whose_text_means_several_rows_is_an_error_of_the_field(desk: Desk, codes: list[str]) -> None:
    with desk.app.test_request_context():
        form = Picks(MultiDict({"partner.q": "hong ha"}))
        assert not form.validate()
        assert form.partner.data == ""
        assert {row.code for row in form.partner.pick.found} == set(codes[:2])
        assert form.messages["partner"].startswith("“hong ha” hợp với 2 nơi")


def test_several_picks_count_only_under_the_choice_that_goes_with_them(desk: Desk, codes: list[str]) -> None:
    with desk.app.test_request_context():
        other = Picks(MultiDict({"reach": "all", "partners": codes[:2], "partners.q": "hong ha"}))
        assert other.partners.data == []
        assert [row.code for row in other.partners.pick.chosen] == codes[:2]
        assert other.validate()
        assert not other.partners.unsettled
        chosen = Picks(MultiDict({"reach": "chosen", "partners": [codes[0]], "partners.q": "song da"}))
        assert chosen.partners.data == [codes[0], codes[2]]
        added = Picks(MultiDict({"reach": "all", "partners.q": "song da", "add": "partners"}))
        assert (added.partners.data, added.partners.unsettled) == ([codes[2]], True)


def test_a_member_can_be_chosen_in_place_of_what_was_submitted() -> None:
    form = Sample(MultiDict({"shape": "star"}))
    form.shape.choose(Shape.ROUND)
    form.validate()
    assert (form.shape.data, form.shape.errors) == (Shape.ROUND, [])


def test_a_moment_is_typed_in_the_citys_zone_and_read_in_utc() -> None:
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    shown = field_types.MomentForm(data=field_types.MomentForm.values_of(moment))
    assert (shown.day._value(), shown.time._value()) == ("2026-11-25", "06:30")
    read = field_types.MomentForm(MultiDict({"day": "25/11/2026", "time": "6h30"}))
    assert read.validate()
    assert read.moment == moment
    read.add_errors(Invalid([FieldError("at", "past", "")]))
    assert list(read.messages) == ["time"]
