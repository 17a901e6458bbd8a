"""The office's own abbreviations: what they make of a name, what is refused, and the journal's entry."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.core.journal import JournalEntry
from campaigns.people.office import OfficeContent, current_office, save_office
from campaigns.republications.attribution.name_spellings import OfficeSpellings, could_be_short_for
from campaigns.republications.attribution.office_spellings import (
    MOST_CHARACTERS,
    MOST_ROWS,
    office_source_names,
    save_spellings,
)
from campaigns.republications.attribution.source_lines import SourceLine, SourceName, our_name_in, read_source_line
from tests.factories import NOW

NAME = "Sở Thông tin và Truyền thông thành phố Bến Đò"
ROWS = OfficeSpellings((("STTTT", "Sở Thông tin và Truyền thông"), ("BĐ", "Bến Đò")))


@pytest.fixture
def office(session: Session) -> Session:
    save_office(
        session,
        "admin@tin.example",
        OfficeContent(name=NAME, source_names=["Cổng tin Bến Đò"], not_us=["Sở Thông tin tỉnh Hạ Trì"]),
        now=NOW,
    )
    return session


def saved(session: Session, *lines: str, others: tuple[str, ...] = ()) -> None:
    save_spellings(session, "admin@tin.example", lines, others=others, now=NOW)


def codes(session: Session, *lines: str, others: tuple[str, ...] = ()) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        saved(session, *lines, others=others)
    return {error.field: error.code for error in caught.value.errors}


def entries(session: Session) -> list[dict[str, list[str]]]:
    session.commit()
    query = sa.select(JournalEntry.details).where(JournalEntry.act == "office.spellings_changed")
    return [json.loads(details) for details in session.execute(query.order_by(JournalEntry.seq)).scalars()]


@pytest.mark.parametrize(
    "written",
    ["STTTT BĐ", "STTTT Bến Đò", "Sở TT&TT TP BĐ", "Sở Thông tin và Truyền thông TP. Bến Đò", "stttt bđ"],
)
def test_a_name_is_found_in_the_offices_spelling_and_in_those_of_the_table(written: str) -> None:
    plain, names = (SourceName(NAME),), (SourceName(NAME, spellings=ROWS),)
    assert read_source_line(f"Theo {written}", names) == SourceLine(True, NAME)
    if "STTTT" in written.upper():
        assert our_name_in(f"Theo {written}", plain) is None


def test_the_full_name_is_found_where_the_office_listed_the_short_one() -> None:
    names = (SourceName("STTTT Bến Đò", spellings=ROWS),)
    for written in (NAME, "Sở TT&TT Bến Đò", "STTTT BĐ"):
        assert our_name_in(f"Nguồn: {written}", names) == "STTTT Bến Đò", written


def test_another_name_stays_another() -> None:
    names = (SourceName(NAME, spellings=ROWS),)
    assert our_name_in("Theo STTTT Hạ Trì", names) is None
    assert our_name_in("Theo BĐ", names) is None


def test_a_short_form_with_the_offices_abbreviation_is_no_accusation() -> None:
    assert read_source_line("Theo STTTT", (SourceName(NAME, spellings=ROWS),)) is None
    assert could_be_short_for("STTTT", NAME, ROWS)
    assert could_be_short_for("Sở TT&TT", NAME, ROWS)
    assert not could_be_short_for("STTTT Hạ Trì", NAME, ROWS)


def test_rows_are_kept_read_by_the_judge_and_journalled(office: Session) -> None:
    saved(office, "STTTT = Sở Thông tin và Truyền thông", "BĐ=Bến Đò", "BĐ = Bến Đò")
    assert current_office(office).spellings == [["STTTT", "Sở Thông tin và Truyền thông"], ["BĐ", "Bến Đò"]]
    names = office_source_names(current_office(office))
    assert our_name_in("Theo STTTT BĐ", names) == NAME
    assert names[0].not_us == ("Sở Thông tin tỉnh Hạ Trì",)
    saved(office, "STTTT = Sở Thông tin và Truyền thông", "BĐ = Bến Đò")
    saved(office, "BĐ = Bến Đò")
    first, second = entries(office)
    assert first == {"spellings_added": ["STTTT = Sở Thông tin và Truyền thông", "BĐ = Bến Đò"]}
    assert second == {"spellings_removed": ["STTTT = Sở Thông tin và Truyền thông"]}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("STTTT", "spelling_form"),
        ("= Sở Thông tin", "spelling_form"),
        ("STTTT =", "spelling_form"),
        ("A = B = C", "spelling_form"),
        (f"S = {'x' * (MOST_CHARACTERS + 1)}", "too_long"),
        ("TP. = tp", "spelling_equal"),
        ("bến-đò = Bến Đò", "spelling_equal"),
        ("& = và", "spelling_equal"),
        ("HN = HCM", "spelling_joins"),
        ("huyện = quận", "spelling_joins"),
        ("Hạ Trì = Bến Đò", "spelling_joins"),
        ("Báo Bến = Cổng tin", "spelling_joins"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_kept(office: Session, line: str, code: str) -> None:
    others = ("Sở Thông tin và Truyền thông Hạ Trì", "Báo Bến Bến Đò")
    assert codes(office, "BĐ = Bến Đò", line, others=others) == {"spellings.1": code}
    assert current_office(office).spellings == []
    assert entries(office) == []


def test_rows_that_join_two_names_only_together_are_refused(office: Session) -> None:
    lines = ("Nhật báo = Sở Thông tin và Truyền thông", "Bờ Tây = Bến Đò")
    assert codes(office, *lines, others=("Nhật báo Bờ Tây",)) == {"spellings": "spelling_joins"}
    saved(office, lines[0], others=("Nhật báo Bờ Tây",))


def test_too_many_rows_are_refused(office: Session) -> None:
    lines = [f"V{number} = Việc số {number}" for number in range(MOST_ROWS + 1)]
    assert codes(office, *lines) == {"spellings": "too_many_rows"}
    saved(office, *lines[:-1])


def test_before_the_office_is_entered_its_default_is_kept_with_the_rows(session: Session) -> None:
    saved(session, "STT = Sở Thông tin")
    assert our_name_in("Theo STT thành phố", office_source_names(current_office(session))) is not None
