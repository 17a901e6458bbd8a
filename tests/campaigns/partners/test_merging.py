"""One company under two names becomes one: nothing is lost, nothing is half, and no earlier figure changes."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import parse_period
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.core.journal import Entry
from campaigns.partners import hanging, merging
from campaigns.partners.directory import Company, Merged, SiteKind, change_company, find_company, numbered
from campaigns.partners.duplicates import HeldApart, hold_apart
from campaigns.partners.editor_links import EditorLink
from campaigns.partners.editor_visits import EditorVisit
from campaigns.partners.editors import Editor, change_editor
from campaigns.partners.enrolling import enrol
from campaigns.partners.known import KnownCompanies
from campaigns.partners.register import RegisterEntry
from campaigns.partners.spelling import company_key
from campaigns.people.keys import add_key
from campaigns.publishing.fetches import record_quiet
from campaigns.reporting import adding, history, recounting, schedules, tallies
from campaigns.reporting.history import AsOf
from campaigns.reporting.reading import Scope
from campaigns.reporting.saved_filters import Listed, SavedFilter
from campaigns.rows import METADATA
from campaigns.searching import picking, rebuilding
from campaigns.searching.choosing import index_of
from campaigns.searching.picking import Thing
from campaigns.talking import notices
from campaigns.tracking.reported import PageReport
from coordinator.db import Database
from tests import factories
from tests.campaigns.partners.two_companies import FIRST, SECOND, laden, owners, two
from tests.factories import ADMIN, ANALYST, NOW

PERIOD = parse_period("2026-Q4")
KEPT, DROPPED = "cong-ty-co-phan-nhip-song", "ctcp-nhip-song"


def merge(session: Session, keep: str = KEPT, drop: str = DROPPED, **more: Any) -> merging.Moved:
    kept, dropped = find_company(session, keep), find_company(session, drop)
    given = {"name": kept.name, "tax_code": kept.tax_code or "", "seen": merging.seal(session, kept, dropped)}
    return merging.merge(session, ADMIN, keep=keep, drop=drop, now=NOW, **{**given, **more})


def test_every_column_that_points_at_a_company_is_handled() -> None:
    pointing = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.c
        if any(key.column is METADATA.tables["companies"].c.id for key in column.foreign_keys)
    }
    assert set(hanging.HANGING) == pointing
    of_editors = {
        table.name
        for table in METADATA.tables.values()
        for column in table.c
        if any(key.column is METADATA.tables["editors"].c.id for key in column.foreign_keys)
    }
    assert of_editors == {"editor_links", "editor_visits"}, "an editor who worked for both takes these along"
    for name in hanging.JOINED:  # tables in which both may have a row of one key, and no other may
        assert _keyed(name), name
    assert not any(_keyed(name) for name in hanging.OWNED)


def _keyed(name: str) -> bool:
    table = METADATA.tables[name]
    unique = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint | sa.PrimaryKeyConstraint)]
    return any("company_id" in one.columns for one in unique) or any(
        index.unique and "company_id" in index.columns for index in table.indexes
    )


def test_everything_goes_over_and_what_both_had_is_one(database: Database) -> None:
    with database.write() as session:
        pair = laden(session)
        first, second = pair.first.id, pair.second.id
        before = owners(session)
        assert all({first, second} <= set(these) for these in before.values()), before
    with database.write() as session:
        moved = merge(session)
    with database.read() as session:
        after = owners(session)
        assert {one for these in after.values() for one in these} == {first}
        joined = {name: len(before[name]) - len(after[name]) for name in after}
        assert {name: lost for name, lost in joined.items() if lost} == dict.fromkeys(hanging.JOINED, 1)
        assert {name: moved.rows[name] for name in hanging.WITH_COMPANY} == {
            name: these.count(second) for name, these in before.items()
        }
        reading = session.execute(sa.select(notices.Reading)).scalar_one()
        assert (reading.read_at, reading.read_by) == (NOW + timedelta(hours=1), "editor:1")
        assert (reading.confirmed_at, reading.confirmed_by) == (NOW + timedelta(hours=2), "editor:0")
        report = session.execute(sa.select(PageReport).where(PageReport.public == "rpt_both")).scalar_one()
        assert (report.at, report.company_id) == (NOW - timedelta(days=1), first)
        shared = sa.select(Editor).where(Editor.email == "chung@nhipsong.example")
        editor = session.execute(shared).scalar_one()
        for kind in (EditorLink, EditorVisit):
            mine = sa.select(sa.func.count()).select_from(kind).where(kind.editor_id == editor.id)
            assert session.execute(mine).scalar_one() == 2, "the links and visits of both"


def test_the_journal_tells_all_that_went_over(database: Database) -> None:
    with database.write() as session:
        laden(session)
        find_company(session, DROPPED).tax_code = "0101234567"
    with database.write() as session:
        merge(session, tax_code="0101234567")
    with database.read() as session:
        entries = {
            one.act: (one.subject, json.loads(one.details))
            for one in session.execute(sa.select(Entry).where(Entry.subject_kind == "partner")).scalars()
        }
        subject, told = entries["partner.merged"]
        assert (subject, told["merged"], told["was"][1:3]) == (KEPT, DROPPED, [SECOND, "0101234567"])
        assert told["before"][:2] == [KEPT, FIRST]
        assert told["moved"]["sites"] == ["tin-nhipsong-example"]
        assert told["moved"]["licences"] == ["1/GP-TTĐT"]
        assert told["moved"]["editors"] == ["chung@nhipsong.example", "rieng1@nhipsong.example"]
        assert len(told["moved"]["findings"]) == len(told["moved"]["keys"]) == 1
        assert told["rows"]["feed_fetches"] == 1
        assert entries["partner.became"] == (DROPPED, {"into": KEPT})
        assert journal.verify(session) is None


def test_figures_are_one_partners_from_the_merge_on_and_stay_two_before_it(database: Database) -> None:
    with database.write() as session:
        two(session)
    with database.write() as session:
        adding.add_up(session)
        entry = history.newest(session)
    before = AsOf(NOW, entry)

    def rows(session: Session, as_of: AsOf | None) -> dict[str, tuple[str, int]]:
        found = tallies.rows(session, Scope(PERIOD, as_of=as_of), "partner")
        return {row.key: (row.name, row.confirmed) for row in found if as_of is None or row.confirmed}

    with database.read() as session:
        then = rows(session, before)
        assert then == {KEPT: (FIRST, 2), DROPPED: (SECOND, 1)}
    with database.write() as session:
        merge(session)
        assert recounting_of(session) == []
    with database.write() as session:
        assert rows(session, None) == {KEPT: (FIRST, 3)}
        adding.add_up(session)
        assert rows(session, None) == {KEPT: (FIRST, 3)}
        assert rows(session, before) == then
        assert rows(session, AsOf(NOW, history.newest(session))) == {KEPT: (FIRST, 3)}
        assert recounting_of(session) == []
        adding.rebuild(session)
        assert rows(session, before) == then, "counting anew changes nothing of it"


def recounting_of(session: Session) -> list[recounting.Difference]:
    return list(recounting.differences(session))


def test_the_former_code_leads_to_the_one_it_is_now(database: Database) -> None:
    with database.write() as session:
        two(session)
        third = factories.company(session, "Nhịp Sông Media").code
    with database.write() as session:
        merge(session)
    with database.write() as session:
        with pytest.raises(Merged) as told:
            find_company(session, DROPPED)
        assert (told.value.partner, told.value.into, isinstance(told.value, NotFound)) == (DROPPED, KEPT, True)
        merge(session, third, KEPT)
    with database.write() as session:
        with pytest.raises(Merged) as told:
            find_company(session, DROPPED)
        assert told.value.into == third, "in one step, however often it was merged since"
        kept = find_company(session, third)
        assert session.execute(sa.select(numbered(DROPPED))).scalar_one() == kept.id
        assert session.execute(sa.select(numbered("nobody"))).scalar_one() is None
        assert factories.company(session, SECOND).code != DROPPED, "nobody else gets the code"
        assert len(kept.sites) == 2


def test_only_the_one_that_stays_is_found(database: Database) -> None:
    with database.write() as session:
        two(session)
    with database.write() as session:
        merge(session, name="Nhịp Sông Mới")
    with database.read() as session:
        assert [one for one in rebuilding.differences(session) if one.kind is not None] == []
        found = session.execute(sa.select(sa.func.count()).select_from(index_of(session).table)).scalar_one()
        assert rebuilding.subjects(session) == found, "what is said to be found is what can be found"
        assert [one.code for one in picking.few(session, Thing.PARTNER, 50) or ()] == [KEPT]
        assert [one.code for one in picking.suggest(session, Thing.PARTNER, "nhip song").rows] == [KEPT]
        assert [one.code for one in picking.look_up(session, Thing.PARTNER, DROPPED).rows] == [KEPT]
        assert picking.named(session, Thing.PARTNER, [DROPPED])[DROPPED].name == "Nhịp Sông Mới"


def test_reports_by_mail_and_kept_filters_go_on_about_the_one_that_stays(database: Database) -> None:
    with database.write() as session:
        two(session)
        wanted = schedules.Wanted(
            "Báo cáo tháng", schedules.Kind.PARTNER, DROPPED, ["pdf"], "0 7 1 * *", None, ["a@nhipsong.example"],
            NOW + timedelta(days=7),
        )  # fmt: skip
        schedules.add_schedule(session, ADMIN, wanted, now=NOW)
        for name, query in (("của họ", {"partner": DROPPED, "life": "gone"}), ("khác", {"q": DROPPED})):
            session.add(
                SavedFilter(
                    public=f"flt_{name}", listed=Listed.COPIES, name=name, query=query, made_by="test", made_at=NOW
                )
            )
    with database.write() as session:
        merge(session)
    with database.read() as session:
        assert session.execute(sa.select(schedules.Schedule.subject)).scalar_one() == KEPT
        kept = dict(session.execute(sa.select(SavedFilter.name, SavedFilter.query)).all())
        assert kept == {"của họ": {"partner": KEPT, "life": "gone"}, "khác": {"q": DROPPED}}


def test_nobody_gets_in_who_could_not_before(database: Database) -> None:
    with database.write() as session:
        pair = laden(session)
        pair.second.portal_closed_at = NOW
        shared = sa.select(Editor).where(Editor.email == "chung@nhipsong.example", Editor.company == pair.second)
        change_editor(session, ADMIN, session.execute(shared).scalar_one(), active=False, now=NOW)
    with database.write() as session:
        merge(session)
    with database.read() as session:
        kept = find_company(session, KEPT)
        assert kept.portal_closed_at == NOW
        active = dict(session.execute(sa.select(Editor.email, Editor.active)).all())
        assert active["chung@nhipsong.example"] is False
        assert active["rieng1@nhipsong.example"] is True


def test_who_was_not_the_other_is_not_the_one_that_stays(database: Database) -> None:
    with database.write() as session:
        pair = two(session)
        third, fourth = factories.company(session), factories.company(session)
        for one, other in ((pair.second, third), (pair.first, third), (pair.second, fourth), (pair.first, pair.second)):
            hold_apart(session, ADMIN, one, other, now=NOW)
        wanted = {(pair.first.id, third.id), (pair.first.id, fourth.id)}
    with database.write() as session:
        merge(session)
    with database.read() as session:
        assert {(one.low_id, one.high_id) for one in session.execute(sa.select(HeldApart)).scalars()} == wanted


def test_a_row_written_under_the_former_number_is_the_one_partners(database: Database) -> None:
    with database.write() as session:
        pair = laden(session)
        first, second = pair.first.id, pair.second.id
        key = session.execute(sa.select(METADATA.tables["keys"].c.id)).scalars().first()
        assert key is not None
    with database.write() as session:
        merge(session)
    with database.write() as session:
        record_quiet(session, [(key, second, "rss.xml", 304, NOW)])  # read before, and written down after
        factories.site(session, session.get_one(Company, second), "https://muon.example/")
    with database.read() as session:
        assert set(owners(session)["feed_fetches"]) == set(owners(session)["sites"]) == {first}
        assert recounting_of(session) == []
        assert tallies.totals(session, Scope(PERIOD, company_id=first)).confirmed == 3


@pytest.mark.parametrize("change", ["name", "site", "editor"])
def test_what_was_changed_since_it_was_seen_is_not_merged(database: Database, change: str) -> None:
    with database.write() as session:
        pair = two(session)
        seen = merging.seal(session, pair.first, pair.second)
        assert seen == merging.seal(session, pair.second, pair.first)
        if change == "name":
            change_company(session, "test", pair.second, name="Khác hẳn", now=NOW)
        elif change == "site":
            factories.site(session, pair.first, "https://moi.example/")
        else:
            merging_editor(session, pair.second)
    with pytest.raises(Conflict) as told, database.write() as session:
        merge(session, seen=seen)
    assert told.value.code == "partners_moved"
    with database.read() as session:
        assert find_company(session, DROPPED).merged_into_id is None


def merging_editor(session: Session, company: Company) -> None:
    session.add(
        Editor(public="edt_x", company_id=company.id, email="x@x.example", name="X", invited_by="t", created_at=NOW)
    )
    session.flush()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"tax_code": "12"}, "tax_code"),
        ({"drop": KEPT}, "other"),
    ],
)
def test_bad_input_merges_nothing(session: Session, given: dict[str, str], field: str) -> None:
    two(session)
    with pytest.raises(Invalid) as told:
        merge(session, **given)
    assert [one.field for one in told.value.errors] == [field]


def test_only_who_configures_may_merge(session: Session) -> None:
    two(session)
    with pytest.raises(Forbidden):
        merging.merge(session, ANALYST, keep=KEPT, drop=DROPPED, name="X", tax_code="", seen="", now=NOW)


def statements(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []
    engine = session.connection().engine

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", count)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", count)


def test_a_merge_takes_as_many_statements_with_thousands_of_rows_as_with_one(database: Database) -> None:
    took = []
    for size in (1, 400):
        names = (f"Công ty {size}", f"Cong ty {size}")
        with database.write() as session:
            kept, dropped = (factories.company(session, name) for name in names)
            key = merging_key(session, dropped)
            for number in range(size):
                factories.site(session, dropped, f"https://s{size}-{number}.example/")
            record_quiet(session, [(key, dropped.id, "rss.xml", 304, NOW) for _ in range(5 * size)])
            codes = kept.code, dropped.code
        with database.write() as session:
            told = statements(session)
            seen = next(told)
            assert merge(session, *codes).rows["feed_fetches"] == 5 * size
            session.flush()
            next(told, None)
            took.append(len(seen))
    assert took[0] == took[1] <= 60


def merging_key(session: Session, company: Company) -> int:
    return add_key(session, "test", name="Khóa", company_id=company.id, now=NOW).row.id


def entry(name: str, number: str, tax_code: str | None = None) -> RegisterEntry:
    return RegisterEntry(
        company_name=name, tax_code=tax_code, licence_number=f"{number}/GP-TTĐT", kind=SiteKind.AGGREGATOR, issuer="Sở",
        issued_on=date(2024, 1, 1), expires_on=None, domains=(f"s{number}.vn",), pages=(), scope=(), status="", row=2,
    )  # fmt: skip


def test_an_import_finds_the_one_that_stays_by_every_name_and_tax_code_there_was(database: Database) -> None:
    known = KnownCompanies()
    with database.write() as session:
        pair = two(session)
        pair.second.tax_code = "0100112437"
        first, second = pair.first.id, pair.second.id
    with database.write() as session:
        enrol(session, "test", "reg_1", [entry(SECOND, "1"), entry("Khác", "2", "0100112437")], known=known, now=NOW)
    with database.read() as session:
        assert owners(session)["licences"] == [second, second]
    with database.write() as session:
        merge(session, tax_code="0100112437", name="Nhịp Sông Mới")
    with database.write() as session:  # the import goes on, and what it knew is out of date
        more = [entry(SECOND, "3"), entry(FIRST, "4"), entry("Khác", "5", "0100112437"), entry("Nhịp sông mới", "6")]
        done = enrol(session, "test", "reg_1", more, known=known, now=NOW)
        assert (done.companies, done.licences, done.rejected) == (0, 4, ())
    with database.read() as session:
        assert set(owners(session)["licences"]) == set(owners(session)["sites"]) == {first}
        anew = KnownCompanies()
        anew.catch_up(session)
        assert anew.by_name(company_key(SECOND)) == anew.by_tax("0100112437") == first
