"""History: kept apart as reported, on both databases; written twice it adds nothing; undone as a whole."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.core import journal
from campaigns.core.base import Base
from campaigns.core.clock import parse_period
from campaigns.core.errors import Conflict, Forbidden
from campaigns.core.import_runs import ImportKind, ImportOutcome, ImportRun, ImportStage, begin_import
from campaigns.core.imports.row_reader import Reading, read_rows
from campaigns.delivery.outbox import Delivery
from campaigns.discovery.sightings import Page, Sighting
from campaigns.matching.fingerprint_index import index_missing
from campaigns.planning.campaigns import Metric
from campaigns.release import workflow
from campaigns.reporting import tallies
from campaigns.reporting.briefings import briefing_text, canonical_text, versions
from campaigns.reporting.briefings.figures import collect_figures
from campaigns.reporting.history.columns import TABLES
from campaigns.reporting.history.comparison import compared_periods
from campaigns.reporting.history.history_reader import HistoryEntry, read_history
from campaigns.reporting.history.history_writer import import_history, preview_history
from campaigns.reporting.history.reported import (
    NOTHING_REPORTED,
    ReportedCopy,
    ReportedTotal,
    reported_figures,
    use_began_on,
)
from campaigns.reporting.tallies import TallyScope
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.search import index_maintenance
from coordinator.imports.tables.table_reader import TableRow
from coordinator.jobs.core.import_undo import undo_import
from tests.factories import (
    ADMIN,
    ANALYST,
    APPROVER,
    DELIVERY_MODES,
    NOW,
    channel,
    company,
    published,
    site,
)

pytestmark = pytest.mark.long

Q3, Q4 = parse_period("2025-Q3"), parse_period("2025-Q4")
BULLETINS = [
    {"day": "14/08/2025", "topic": "Dịch bệnh", "title": "Lịch tiêm", "url": "https://cu.vn/1", "number": "145/2025",
     "text": "Từ ngày 18/8 các trạm y tế phường tiêm cho trẻ dưới sáu tuổi theo lịch của từng tổ dân phố."},
    {"day": "20/11/2025", "topic": "kinh-te-xa-hoi", "title": "Giá nước", "url": "https://cu.vn/2"},
]  # fmt: skip
COPIES = [
    {"bulletin": "145/2025", "url": "https://tinven.vn/a1", "day": "15/08/2025"},
    {"bulletin": "https://cu.vn/2", "url": "https://www.facebook.com/p/3", "day": "21/11/2025", "network": "Facebook"},
]
TOTALS = [
    {"period": "Quý III/2025", "metric": "Lượt lan tỏa", "figure": "12.500"},
    {"period": "Quý III/2025", "metric": "Bản tin", "figure": "330"},
    {"period": "Quý IV/2025", "metric": "Lượt lan tỏa", "figure": "9800"},
]
Rows = Sequence[Mapping[str, str]]


def reading(bulletins: Rows = (), copies: Rows = (), totals: Rows = ()) -> Reading[HistoryEntry]:
    """The rows as a file of three tables."""
    parts = []
    for table, rows in zip(TABLES, (bulletins, copies, totals), strict=True):
        lines = [TableRow(number, row) for number, row in enumerate(rows, start=2)]
        headings = list(dict.fromkeys(name for row in rows for name in row))
        parts.append(read_rows(table, headings, lines, sheet=table.name) if rows else ())
    return read_history(chain(*parts))


def taken(session: Session, read: Reading[HistoryEntry], run: str = "") -> tuple[ImportOutcome, ImportRun]:
    """Import the good rows as a run that is done."""
    row = begin_import(session, ImportKind.HISTORY, ADMIN.id, "cu.xlsx", (), now=NOW)
    result = import_history(session, ADMIN.id, row.public, read.entries, now=NOW)
    row.stage, row.due_at = ImportStage.DONE, None
    session.flush()
    return result, row


def _added(outcome: ImportOutcome) -> tuple[int, ...]:
    return tuple(outcome.counts[name] for name in ("bulletins", "copies", "totals", "unchanged"))


def count(session: Session, table: type[Base], *which: Any) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(table).where(*which)).scalar_one()


@pytest.fixture
def partner(session: Session) -> None:
    site(session, company(session), "https://tinven.vn/")


@pytest.fixture
def imported(session: Session, partner: None) -> ImportRun:  # its site is there first
    result, run = taken(session, reading(BULLETINS, COPIES, TOTALS))
    assert (_added(result), result.counts["on_sites"], result.rejected) == ((2, 2, 3, 0), 1, ())
    return run


def errors(session: Session, *rows: Rows) -> list[tuple[str, int, str, str]]:
    """Every error of these rows by sheet, row, field and code; nothing may be written."""
    before = [count(session, table) for table in (Bulletin, ReportedCopy, ReportedTotal)]
    read = reading(*rows)
    rejected = (*read.rejected, *preview_history(session, read.entries, now=NOW).rejected)
    assert before == [count(session, table) for table in (Bulletin, ReportedCopy, ReportedTotal)]
    return sorted((row.sheet, row.row, row.field, row.code) for row in rejected)


@pytest.mark.usefixtures("imported")
def test_what_was_reported_stands_beside_what_is_proven_and_is_never_added(session: Session) -> None:
    scope = TallyScope(Q3, None)
    reported = reported_figures(session, scope)
    assert (reported.bulletins, reported.republications, reported.whole) == (330, 12_500, True)
    assert tallies.actual(session, scope, Metric.BULLETINS) == 0
    assert tallies.totals(session, scope).confirmed == 0
    fourth = reported_figures(session, TallyScope(Q4, None))
    assert (fourth.bulletins, fourth.republications) == (1, 9800), "a row where there is no total"
    year = reported_figures(session, TallyScope(parse_period("2025"), None))
    assert (year.bulletins, year.republications) == (331, 22_300)
    assert not reported_figures(session, TallyScope(parse_period("2025-Q1"), None))
    assert not reported_figures(session, TallyScope(Q3, None, company_id=1))


@pytest.mark.usefixtures("imported")
def test_an_imported_bulletin_is_published_and_goes_nowhere(session: Session) -> None:
    channel(session)
    rows = session.execute(sa.select(Bulletin).order_by(Bulletin.code)).scalars().all()
    assert [(row.code, row.state, row.reported_on, row.released, row.release_at) for row in rows] == [
        ("BT-2025-08-14-001", BulletinState.PUBLISHED, date(2025, 8, 14), None, None),
        ("BT-2025-11-20-001", BulletinState.PUBLISHED, date(2025, 11, 20), None, None),
    ]
    assert count(session, Delivery) == 0
    assert visibility.newest_released(session, visibility.PUBLIC, now=NOW) == []
    assert visibility.last_change(session, visibility.PUBLIC, now=NOW) is None
    for act in (
        lambda: workflow.recall(session, APPROVER, rows[0].code, "Sai", DELIVERY_MODES, now=NOW),
        lambda: workflow.publish(session, APPROVER, rows[0].code, DELIVERY_MODES, now=NOW),
        lambda: workflow.submit(session, APPROVER, rows[0].code, now=NOW),
    ):
        with pytest.raises(Conflict):
            act()
    assert index_missing(session, now=NOW) == 1, "the text that is known can be found on pages"


@pytest.mark.usefixtures("imported")
def test_a_copy_on_a_registered_site_is_a_claim_and_any_other_stays_reported(session: Session) -> None:
    (claim,) = session.execute(sa.select(Republication)).scalars()
    assert (claim.status, claim.counted_on, claim.reported_on) == (
        RepublicationStatus.CANDIDATE, date(2025, 8, 15), date(2025, 8, 15),
    )  # fmt: skip
    on_site, elsewhere = session.execute(sa.select(ReportedCopy).order_by(ReportedCopy.id)).scalars()
    assert (on_site.republication_id, elsewhere.republication_id, elsewhere.network) == (claim.id, None, "Facebook")
    assert session.execute(sa.select(Page.due_at)).scalar_one() == NOW


def test_the_same_rows_again_add_nothing_and_say_so(session: Session, imported: ImportRun) -> None:
    assert imported.stage is ImportStage.DONE
    again, _run = taken(session, reading(BULLETINS, COPIES, TOTALS))
    assert (_added(again), again.rejected) == ((0, 0, 0, 7), ())
    counts = [count(session, table) for table in (Bulletin, Revision, ReportedCopy, ReportedTotal, Republication)]
    assert counts == [2, 2, 2, 3, 1]


def test_every_bad_row_is_named_with_its_field_and_reason(session: Session) -> None:
    good = {"day": "14/08/2025", "topic": "dich-benh", "title": "A", "url": "https://cu.vn/1", "number": "7"}
    bad = [
        good,
        {**good, "number": "8"},  # the same address
        {**good, "url": "https://cu.vn/2"},  # the same number
        {**good, "url": "https://cu.vn/3", "number": "", "topic": "Thể thao"},
        {**good, "url": "https://cu.vn/4", "number": "", "day": "24/11/2026"},  # today
        {**good, "url": "https://cu.vn/5", "number": "", "day": "hôm qua", "title": ""},
        {**good, "url": "=1+", "number": ""},
    ]
    assert errors(session, bad) == [
        ("bulletins", 3, "url", "repeated"),
        ("bulletins", 4, "number", "number_taken"),
        ("bulletins", 5, "topic", "unknown_topic"),
        ("bulletins", 6, "day", "day_ahead"),
        ("bulletins", 7, "day", "date"),
        ("bulletins", 7, "title", "required"),
        ("bulletins", 8, "url", "formula"),
    ]
    copy = {"bulletin": "7", "url": "https://a.vn/1", "day": "15/08/2025"}
    copies = [
        copy,
        copy,
        {**copy, "bulletin": "99"},
        {**copy, "url": "https://a.vn/2", "day": "13/08/2025"},
        {**copy, "url": "https://a.vn/3", "day": "24/11/2026"},
        # The same pages in other spellings.
        {**copy, "url": "http://m.a.vn/1?utm_source=zalo"},
        {**copy, "url": "https://www.facebook.com/langmoi/posts/7300000001"},
        {**copy, "url": "https://m.facebook.com/langmoi/posts/7300000001?mibextid=a"},
    ]
    assert errors(session, [good], copies) == [
        ("copies", 3, "url", "repeated"),
        ("copies", 4, "bulletin", "unknown_bulletin"),
        ("copies", 5, "day", "before_bulletin"),
        ("copies", 6, "day", "day_ahead"),
        ("copies", 7, "url", "repeated"),
        ("copies", 9, "url", "repeated"),
    ]
    total = {"period": "2025-Q3", "metric": "republications", "figure": "2"}
    totals = [
        total,
        total,
        {**total, "metric": "bulletins", "figure": "0"},  # less than its rows
        {**total, "figure": "12,5 nghìn"},
        {**total, "period": "2026-Q4"},
        {**total, "period": "hồi đó", "metric": "Bài báo"},
        {**total, "topic": "Thể thao"},
        {**total, "topic": "dich-benh", "figure": "5"},  # more than the total of all topics
    ]
    assert errors(session, [good], [copy], totals) == [
        ("totals", 2, "figure", "total_less"),
        ("totals", 3, "figure", "repeated"),
        ("totals", 4, "figure", "total_less"),
        ("totals", 5, "figure", "figure"),
        ("totals", 6, "period", "day_ahead"),
        ("totals", 7, "metric", "metric"),
        ("totals", 7, "period", "period"),
        ("totals", 8, "topic", "unknown_topic"),
        ("totals", 9, "figure", "total_less"),
    ]


def test_of_two_rows_with_one_key_the_good_one_is_taken(session: Session) -> None:
    good = {"day": "14/08/2025", "topic": "dich-benh", "title": "A", "url": "https://cu.vn/1", "number": "7"}
    copy = {"bulletin": "7", "url": "https://a.vn/1", "day": "15/08/2025"}
    total = {"period": "2025-Q3", "metric": "bulletins", "figure": "2"}
    read = reading(
        [{**good, "topic": "Thể thao"}, good],
        [{**copy, "day": "13/08/2025"}, copy],
        [{**total, "figure": "0"}, total],
    )
    result, _run = taken(session, read)
    assert _added(result) == (1, 1, 1, 0)
    assert [(row.sheet, row.row, row.code) for row in result.rejected] == [
        ("bulletins", 2, "unknown_topic"), ("copies", 2, "before_bulletin"), ("totals", 2, "total_less"),
    ]  # fmt: skip


def test_what_contradicts_an_earlier_import_is_refused(session: Session, imported: ImportRun) -> None:
    assert imported.public.startswith("his_")
    assert errors(
        session,
        [{**BULLETINS[0], "day": "15/08/2025"}],
        [{**COPIES[0], "day": "16/08/2025"}],
        [{**TOTALS[0], "figure": "13000"}],
    ) == [("bulletins", 2, "url", "differs"), ("copies", 2, "day", "differs"), ("totals", 2, "figure", "differs")]
    taken(session, reading(totals=[{"period": "2025-11", "metric": "republications", "figure": "1"}]))
    more = {"bulletin": "https://cu.vn/2", "url": "https://zalo.me/g/1", "day": "22/11/2025"}
    assert errors(session, (), [more]) == [("copies", 2, "day", "over_total")]


def test_a_day_since_the_product_is_in_use_is_no_history(session: Session) -> None:
    own = published(session)
    assert use_began_on(session) == date(2026, 11, 24)
    day = {"day": "24/11/2026", "topic": "dich-benh", "title": "A", "url": "https://cu.vn/1"}
    before = {**day, "day": "23/11/2026", "url": "https://cu.vn/2"}
    page = {**before, "url": f"https://tin.example/bulletins/{own.code}?tu=thu"}
    copy = {"bulletin": own.code, "url": "https://a.vn/1", "day": "23/11/2026"}
    total = {"period": "2026-Q4", "metric": "bulletins", "figure": "3"}
    assert errors(session, [day, before, page], [copy], [total]) == [
        ("bulletins", 2, "day", "after_start"),
        ("bulletins", 4, "url", "own_bulletin"),
        ("copies", 2, "bulletin", "own_bulletin"),
        ("totals", 2, "period", "after_start"),
    ]


@pytest.mark.usefixtures("imported")
def test_a_comparison_names_the_side_that_is_reported(session: Session) -> None:
    now, before, year = compared_periods(session, TallyScope(parse_period("2026-Q3"), None))
    assert (before.period.label, year.period.label) == ("2026-Q2", "2025-Q3")
    assert [figure.is_reported for figure in now.figures] == [False, False]
    assert not before.known
    assert [(figure.figure, figure.is_reported, figure.proven) for figure in year.figures] == [
        (330, True, 0), (12_500, True, 0),
    ]  # fmt: skip


def test_a_frozen_briefing_keeps_what_was_reported_and_holds_the_import(session: Session, imported: ImportRun) -> None:
    row = briefing_text.begin_briefing(session, ANALYST, None, parse_period("2025-Q4"), now=NOW)
    version = versions.freeze_version(session, ANALYST, row.public, now=NOW)
    figures = version.frozen_figures
    assert (figures.before.reported.republications, figures.reported.republications) == (12_500, 9800)
    assert figures.totals.confirmed == figures.before.totals.confirmed == 0
    assert versions.rederive(session, version).equal
    later = NOW.replace(day=25)
    again = begin_import(session, ImportKind.HISTORY, ADMIN.id, "them.xlsx", (), now=later)
    import_history(
        session, ADMIN.id, again.public, reading(totals=[{**TOTALS[2], "metric": "views"}]).entries, now=later
    )
    assert versions.rederive(session, version).equal, "what came later was not known then"
    with pytest.raises(Conflict) as refused:
        undo_import(session, ADMIN, ImportKind.HISTORY, imported.public, now=later)
    assert refused.value.code == "import_in_use"
    assert count(session, ReportedTotal, ReportedTotal.came_by == imported.public) == 3


def test_figures_without_history_are_written_as_before(session: Session) -> None:
    figures = collect_figures(session, None, parse_period("2026-Q4"), now=NOW)
    values = canonical_text.figures_to_json(figures)
    assert "reported" not in values
    assert canonical_text.figures_from_json(values).reported == NOTHING_REPORTED


def test_an_import_is_undone_as_a_whole(session: Session, imported: ImportRun) -> None:
    index_missing(session, now=NOW)
    with pytest.raises(Forbidden):
        undo_import(session, ANALYST, ImportKind.HISTORY, imported.public, now=NOW)
    result = undo_import(session, ADMIN, ImportKind.HISTORY, imported.public, now=NOW)
    assert result == {"bulletins": 2, "copies": 2, "totals": 3, "kept": 0}
    tables: tuple[type[Base], ...] = (Bulletin, Revision, ReportedCopy, ReportedTotal, Republication, Sighting)
    assert [count(session, table) for table in tables] == [0] * 6
    assert session.execute(sa.select(Page.due_at)).scalar_one() is None, "nobody waits for the page any more"
    assert imported.stage is ImportStage.UNDONE
    session.commit()
    acts = [entry.act for entry in journal.history(session, "history", imported.public)]
    assert acts == ["history.written", "history.undone"]
    assert [row for row in index_maintenance.index_differences(session) if row.kind is not None] == []
    with pytest.raises(Conflict):
        undo_import(session, ADMIN, ImportKind.HISTORY, imported.public, now=NOW)
    again, _run = taken(session, reading(BULLETINS, COPIES, TOTALS))
    assert _added(again) == (2, 2, 3, 0)


def test_ten_thousand_rows_are_taken_and_each_bad_one_is_named(session: Session) -> None:
    rows = [
        {"day": "14/08/2025", "topic": "dich-benh", "title": f"Tin {number}", "url": f"https://cu.vn/{number}"}
        for number in range(10_000)
    ]
    rows[7_000] = {**rows[7_000], "topic": "khong-co"}
    result, _run = taken(session, reading(rows))
    assert (result.counts["bulletins"], [row.row for row in result.rejected]) == (9_999, [7_002])
    codes = session.execute(sa.select(sa.func.count(sa.distinct(Bulletin.code)))).scalar_one()
    assert codes == 9_999
