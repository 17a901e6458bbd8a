"""Lists: filters read from an address, counted pages, cursors and whole files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import incidents
from campaigns.core.errors import Invalid
from campaigns.core.incidents import Incident
from campaigns.core.listing import ListFilter, ListPage, ListQuery, argument, page_of
from campaigns.planning.campaigns import Topic
from coordinator.exports.csv import write_csv
from coordinator.exports.tables import Column, Table
from tests.factories import NOW


class Colour(Enum):
    """A choice."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class ThingFilter(ListFilter):
    """One field of each type."""

    colour: Colour | None = argument(tab=True)
    q: str = argument("", longest=5)
    code: str | None = None
    late: bool = False
    scans: bool | None = argument(values={"none": False, "some": True})
    first: date | None = argument(name="from")


EVERY = {"colour": "green", "q": "sởi", "code": "so-y-te", "late": "1", "scans": "none", "from": "2026-11-24"}


def test_fields_are_parsed_by_their_type() -> None:
    assert ThingFilter.from_args(EVERY) == ThingFilter(Colour.GREEN, "sởi", "so-y-te", True, False, date(2026, 11, 24))


@pytest.mark.parametrize(
    "args",
    [
        {},
        dict.fromkeys(EVERY, ""),
        dict.fromkeys(EVERY, "  "),
        {"colour": "all"},
        {"first": "2026-11-24", "page": "2", "sort": "-q"},
    ],
)
def test_an_empty_field_matches_all(args: dict[str, str]) -> None:
    assert ThingFilter.from_args(args) == ThingFilter()


@pytest.mark.parametrize(
    ("field", "text", "code", "expected"),
    [
        ("colour", "blue", "filter_value", "red, green, all"),
        ("late", "yes", "filter_value", "1"),
        ("scans", "0", "filter_value", "none, some"),
        ("from", "2026/11/24", "day", ""),
        ("from", "31/11/2026", "day", ""),
        ("from", "2026-02-30", "day", ""),
        ("from", "9999-12-31", "year", ""),
        ("from", "0001-01-01", "year", ""),
    ],
)
def test_a_text_that_is_no_value_is_an_error_with_what_is_expected(
    field: str, text: str, code: str, expected: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ThingFilter.from_args(EVERY | {field: text})
    (error,) = refused.value.errors
    assert (error.field, error.code, error.expected) == (field, code, expected)


@dataclass(frozen=True)
class DaysFilter(ListFilter):
    """A range of days."""

    first: date | None = argument(name="from")
    last: date | None = argument(name="to")


def test_a_range_of_days_that_ends_before_it_begins_is_an_error_of_its_end() -> None:
    with pytest.raises(Invalid) as refused:
        DaysFilter.from_args({"from": "2026-12-31", "to": "2026-10-01"})
    assert [(error.field, error.code) for error in refused.value.errors] == [("to", "before_start")]
    assert DaysFilter.from_args({"from": "2026-12-31", "to": "2026-12-31"}).last == date(2026, 12, 31)


def test_every_wrong_field_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        ThingFilter.from_args({"colour": "blue", "scans": "0", "from": "x", "q": "anything"})
    assert [error.field for error in refused.value.errors] == ["colour", "scans", "from"]


@dataclass(frozen=True)
class SharedFilter(ListFilter):
    """Two fields with one name."""

    colour: Colour | None = argument(name="state")
    late: bool | None = argument(name="state", values={"late": True})


def test_a_name_of_two_fields_accepts_the_values_of_both() -> None:
    assert SharedFilter.from_args({"state": "red"}) == SharedFilter(colour=Colour.RED)
    assert SharedFilter.from_args({"state": "late"}) == SharedFilter(late=True)
    with pytest.raises(Invalid) as refused:
        SharedFilter.from_args({"state": "blue"})
    (error,) = refused.value.errors
    assert error.expected == "red, green, late"


def test_a_code_that_no_row_has_is_an_error_and_so_is_one_that_the_reader_may_not_know_of(session: Session) -> None:
    @dataclass(frozen=True)
    class TopicFilter(ListFilter):
        subject: str | None = argument(name="topic", of=Topic)

    TopicFilter().check_codes(session)
    TopicFilter("dich-benh").check_codes(session)
    for filters, visible in (
        (TopicFilter("khong-co"), {}),
        (TopicFilter(""), {}),
        (TopicFilter("dich-benh"), {"subject": [Topic.name == "another"]}),
    ):
        with pytest.raises(Invalid) as refused:
            filters.check_codes(session, visible)
        assert [(error.field, error.code) for error in refused.value.errors] == [("topic", "unknown_code")]


def test_text_is_stripped_and_cut() -> None:
    assert ThingFilter.from_args({"q": "  sốt xuất huyết "}).q == "sốt x"


def test_only_the_named_fields_are_read() -> None:
    assert ThingFilter.from_args(EVERY, ("q", "late")) == ThingFilter(q="sởi", late=True)


def test_the_fields_that_are_set_give_the_conditions() -> None:
    @dataclass(frozen=True)
    class IncidentFilter(ListFilter):
        code: str | None = argument(tab=True, where=lambda code: Incident.code == code)
        subject: str | None = argument(where=lambda text: Incident.subject == text)
        q: str = ""

    def names(conditions: Sequence[sa.ColumnElement[bool]]) -> list[str]:
        return [str(condition).split(" ")[0].partition(".")[2] for condition in conditions]

    filters = IncidentFilter("no_clock", "", "words")
    assert names(filters.conditions()) == ["code", "subject"]
    assert names(filters.conditions(tab=False)) == ["subject"]
    assert names(IncidentFilter().conditions()) == []


def test_a_tab_does_not_narrow_the_list() -> None:
    assert not ThingFilter().narrowed
    assert not ThingFilter(colour=Colour.RED).narrowed
    assert ThingFilter(scans=False).narrowed
    assert ThingFilter(code="").narrowed  # a program that gives an empty code is answered with nothing


def test_a_filter_gives_the_address_it_came_from() -> None:
    assert ThingFilter.from_args(EVERY).to_args() == EVERY
    assert ThingFilter().to_args() == {}
    assert ThingFilter.names() == tuple(EVERY)


@pytest.mark.parametrize(("number", "shown"), [(1, 1), (3, 3), (4, 3), (99, 3), (0, 1), (-5, 1)])
def test_a_page_beyond_the_end_is_the_last(number: int, shown: int) -> None:
    page = page_of(lambda most, skip: range(25)[skip : skip + most], 25, number, 10)
    assert page.number == shown
    assert page.rows[0] == (shown - 1) * 10
    assert (page.previous, page.next) == (shown - 1 or None, shown + 1 if shown < 3 else None)


def test_the_range_of_a_page_and_of_an_empty_list() -> None:
    page = page_of(lambda most, skip: range(25)[skip : skip + most], 25, 3, 10)
    assert (page.first, page.last) == (21, 25)
    none: ListPage[int] = page_of(lambda _most, _skip: [], 0, 7)
    assert (none.number, none.total, none.previous, none.next) == (1, 0, None, None)
    assert page.with_rows(["a"]) == ListPage(["a"], 25, 3, 10)


@pytest.fixture
def listed(session: Session) -> ListQuery[str]:
    """The subjects of seven incidents with one code, the newest first, among others; two began at the same moment."""
    for number in range(7):
        at = NOW + timedelta(minutes=number - number % 2)
        incidents.begin_incident(session, "no_clock", f"may-{number}", now=at)
        incidents.begin_incident(session, "disk_nearly_full", f"may-{number}", now=at)
    order = (Incident.raised_at.desc(), Incident.id.desc())
    return ListQuery(Incident, sa.select(Incident.subject), [Incident.code == "no_clock"], order)


def subjects(rows: Sequence[sa.Row[str]]) -> str:
    """The numbers of the subjects in one word."""
    return "".join(row.subject.removeprefix("may-") for row in rows)


def test_a_statement_is_counted_and_paged(session: Session, listed: ListQuery[str]) -> None:
    assert listed.count(session) == 7
    assert [subjects(listed.page(session, number, size=3).rows) for number in (1, 2, 3, 4)] == ["654", "321", "0", "0"]
    page = listed.page(session, 2, size=3)
    assert (page.total, page.number, page.next) == (7, 2, 3)
    assert subjects(listed.page(session, 9, total=3, size=3).rows) == "654"  # the number that the caller knows


def test_a_list_that_is_not_counted_knows_whether_it_goes_on(session: Session, listed: ListQuery[str]) -> None:
    first, last, beyond = (listed.uncounted_page(session, number, 3) for number in (1, 3, 8))
    assert (subjects(first.rows), first.counted, first.next) == ("654", False, 2)
    assert (subjects(last.rows), last.counted, last.next, last.total) == ("0", True, None, 7)
    assert (subjects(beyond.rows), beyond.number, beyond.total) == ("0", 3, 7)


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    "order", [(Incident.raised_at, Incident.id), (Incident.raised_at.desc(), Incident.id.desc())], ids=["up", "down"]
)
def test_a_cursor_reads_every_row_once(session: Session, order: Sequence[sa.ColumnElement[Any]]) -> None:
    listed = ListQuery(Incident, sa.select(Incident), (), order)
    position: list[Any] | None = None
    read: list[Incident] = []
    while rows := listed.after(session, position, 2):
        read += [row for (row,) in rows]
        position = [getattr(read[-1], column.key) for column in listed.key]
    assert read == [row for (row,) in listed.rows(session, 99)]
    assert len(read) == 14
    place = [getattr(read[9], column.key) for column in listed.key]
    assert [row for (row,) in listed.before(session, place, 3)] == [read[8], read[7], read[6]]
    assert listed.before(session, [getattr(read[0], column.key) for column in listed.key], 1) == []


def test_a_file_has_all_rows_up_to_its_bound(session: Session, listed: ListQuery[str]) -> None:
    table = Table("x", (Column("subject", "Máy"),), [tuple(row) for row in listed.rows(session, 50_000)])
    lines = write_csv(table).decode("utf-8-sig").split()
    assert lines == ["Máy", *(f"may-{number}" for number in (6, 5, 4, 3, 2, 1, 0))]
    assert subjects(listed.rows(session, 2)) == "65"
