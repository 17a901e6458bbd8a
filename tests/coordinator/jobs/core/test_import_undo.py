"""An import is undone as a whole, to the rows of before; or not at all, and what rests on it is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance import inspections
from campaigns.compliance.cases import content, workflow
from campaigns.compliance.cases.cases import Case, CaseDecision, find_case
from campaigns.compliance.inspections import Inspection
from campaigns.core import journal
from campaigns.core.clock import parse_period
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, Forbidden, NotFound
from campaigns.core.import_runs import ImportKind, ImportRun, ImportStage
from campaigns.core.intervals import NORMAL
from campaigns.discovery import surveys
from campaigns.partners import licences
from campaigns.partners.directory import (
    Company,
    CompanyContent,
    Site,
    SiteKind,
    SiteStanding,
    add_company,
    change_company,
    change_site,
    find_company,
    find_site,
)
from campaigns.partners.licences import LicenceContent, LicenceStanding, LicenceVersion, add_licence, find_licence
from campaigns.people.staff import Actor
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.rollups import rollup
from campaigns.rows import METADATA
from campaigns.search import index_maintenance
from coordinator.db import Database
from coordinator.jobs.core.import_runs import import_file
from coordinator.jobs.core.import_undo import import_uses, undo_import
from coordinator.web.desk.core.import_labels import USE_LABELS, use_label
from tests import factories
from tests.campaigns.compliance.cases.made_cases import organisation, reminder
from tests.campaigns.compliance.made_findings import proposed
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import ADMIN, ANALYST, NOW

HEAD = "Tên doanh nghiệp,Mã số thuế,Số giấy phép,Loại,Ngày cấp,Tên miền"
REGISTER = [
    HEAD,
    "Công ty Sao Mai,0100100100,10/GP,Trang tổng hợp,04/03/2023,saomai.example.vn",
    "Công ty Có Sẵn,,1/GP,Trang tổng hợp,04/03/2023,cosan.example.vn; them.example.vn",  # covers one domain more
    "Công ty Có Sẵn,,2/GP,Trang tổng hợp,04/03/2023,hai.example.vn",  # one more of both
    "Công ty Sai,,99/GP,Trang tổng hợp,hôm nào đó,sai.example.vn",
]
CASES = [
    "Loại đối tượng,Tên,Mã số thuế,Lỗi vi phạm,Ngày vi phạm,Căn cứ,Hình thức,Số quyết định,Cơ quan,Ngày ký,Số tiền",
    "Tổ chức,Công ty Sao Mai,0100100100,Lỗi,05/10/2024,Điều 100,Phạt tiền,1/QĐ,Thanh tra,10/11/2024,15.000.000",
    "Tổ chức,Công ty Sao Hôm,0100100101,Lỗi,05/10/2024,Điều 100,,,,,",
    "Tổ chức,Công ty Sai,0100100102,Lỗi,hôm nào đó,Điều 100,,,,,",
]
FILES = {ImportKind.REGISTER: REGISTER, ImportKind.CASES: CASES}
LATER = NOW + timedelta(hours=1)
# What keeps that something was done, and the changes of owners, of which each has its opposite.
KEPT = {"journal", "journal_head", "import_runs", "import_bad_rows", "tally_changes", "tally_history"}


def taken(database: Database, kind: ImportKind, lines: list[str] | None = None) -> str:
    """Import a file with a bad row; return the public id of its run."""
    body = "\n".join(lines or FILES[kind]).encode()
    report = import_file(database, kind, ADMIN.id, "so.csv", body, skip_bad=True, clock=lambda: NOW)
    assert report.run
    return report.run


def undone(database: Database, kind: ImportKind, run: str, actor: Actor = ADMIN) -> dict[str, int]:
    with database.write() as session:
        return dict(undo_import(session, actor, kind, run, now=LATER))


def rows_of(database: Database) -> dict[str, list[Any]]:
    """Every row of every table but ``KEPT``."""
    with database.read() as session:
        found = {
            name: sorted(map(repr, session.execute(sa.select(table)).all()))
            for name, table in METADATA.tables.items()
            if name not in KEPT
        }
        documents = session.execute(sa.text("SELECT id, head, body FROM search_documents ORDER BY id")).all()
    return found | {"search_documents": list(map(repr, documents))}


def owners(database: Database) -> list[Any]:
    """The site and partner of each ownership that holds, by all changes of owners."""
    with database.write() as session:
        rollup.roll_up(session)
        query = sa.text(
            "SELECT site_id, company_id FROM tally_history WHERE kind = 'owner' AND site_id IS NOT NULL"
            " GROUP BY site_id, company_id HAVING SUM(sign) <> 0 ORDER BY site_id"
        )
        return list(map(tuple, session.execute(query)))


@pytest.fixture
def standing(database: Database) -> Database:
    """A partner with a licence and its site, which stand before the import."""
    with database.write() as session:
        company = add_company(session, "test", CompanyContent(name="Công ty Có Sẵn"), now=NOW - timedelta(days=9))
        factories.site(session, company, "https://cosan.example.vn/", now=NOW - timedelta(days=9))
        add_licence(
            session, "test", company, "1/GP",
            LicenceContent(
                kind=SiteKind.AGGREGATOR, issuer="Sở", issued_on=NOW.date().replace(year=2023),
                domains=["cosan.example.vn"],
            ),
            now=NOW - timedelta(days=9),
        )  # fmt: skip
    return database


@pytest.mark.parametrize("kind", [ImportKind.REGISTER, ImportKind.CASES])
def test_undoing_gives_back_the_rows_of_before_and_the_file_can_be_imported_anew(
    standing: Database, kind: ImportKind
) -> None:
    before, owned = rows_of(standing), owners(standing)
    run = taken(standing, kind)
    assert rows_of(standing) != before
    expected = {
        ImportKind.REGISTER: {"companies": 1, "licences": 3, "sites": 3}, ImportKind.CASES: {"cases": 2, "decisions": 1}
    }  # fmt: skip
    assert undone(standing, kind, run) == expected[kind]
    assert rows_of(standing) == before
    assert owners(standing) == owned, "a later site may have the key of one that is gone"
    with standing.read() as session:
        row = session.execute(sa.select(ImportRun)).scalar_one()
        assert (row.stage, row.changed_at, row.bad) == (ImportStage.UNDONE, LATER, 1)
        (act,) = [entry for entry in journal.history(session, kind.value, run) if entry.act.endswith(".undone")]
        assert (act.actor, json.loads(act.details)) == (ADMIN.id, {"file": "so.csv", **expected[kind]})
        assert journal.verify(session) is None
        assert [found for found in index_maintenance.index_differences(session) if found.kind is not None] == []
    with pytest.raises(Conflict) as refused:
        undone(standing, kind, run)
    assert refused.value.code == "import_stage"
    again = taken(standing, kind)
    assert undone(standing, kind, again) == expected[kind], "what was journalled of the first is not of this one"
    assert rows_of(standing) == before


@pytest.mark.parametrize("kind", [ImportKind.REGISTER, ImportKind.CASES])
def test_who_may_import_may_undo(standing: Database, kind: ImportKind) -> None:
    run = taken(standing, kind)
    with pytest.raises(Forbidden):
        undone(standing, kind, run, factories.WRITER)
    other = {ImportKind.REGISTER: ImportKind.CASES, ImportKind.CASES: ImportKind.REGISTER}[kind]
    with pytest.raises(NotFound):
        undone(standing, other, run)
    if kind is ImportKind.REGISTER:
        with pytest.raises(Forbidden):
            undone(standing, kind, run, ANALYST)
    else:
        assert undone(standing, kind, run, ANALYST)


def _republished(session: Session) -> None:
    bulletin = factories.published(session)
    for _ in range(3):
        make_republication(session, bulletin, find_site(session, "saomai-example-vn"))


def _inspected(session: Session) -> None:
    inspections.enrol_sites(session, NORMAL, now=NOW)
    site = find_site(session, "saomai-example-vn")
    session.execute(sa.update(Inspection).where(Inspection.site_id == site.id).values(done_at=LATER))


def _inspection_asked(session: Session) -> None:
    inspections.request_inspection(session, ADMIN, find_site(session, "saomai-example-vn"), now=LATER)


def _partner_renamed(session: Session) -> None:
    company = find_company(session, "cong-ty-sao-mai")
    given = replace(from_attributes(CompanyContent, company), name="Công ty Sao Mai Mới")
    change_company(session, ADMIN.id, company, given, now=LATER)


def _site_renamed(session: Session) -> None:
    site = find_site(session, "saomai-example-vn")
    change_site(session, ADMIN.id, site, replace(from_attributes(SiteStanding, site), name="Sao Mai"), now=LATER)


def _changed(number: str) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        row = find_licence(session, number)
        given = replace(from_attributes(LicenceStanding, row), issuer="Sở Thông tin")
        licences.change_licence(session, ADMIN.id, row, given, now=LATER)

    return change


def _case_entered(session: Session) -> None:
    workflow.enter_case(session, ANALYST, organisation(tax_code="0100100100"), now=LATER)


def _found_faulty(session: Session) -> None:
    proposed(session, "R1", find_site(session, "hai-example-vn"))


def _surveyed(session: Session) -> None:
    surveys.request_survey(session, find_site(session, "hai-example-vn"), now=LATER)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (
            _republished,
            ["Trang saomai.example.vn đã có 3 địa chỉ bài đã thấy", "Trang saomai.example.vn đã có 3 bài đăng lại"],
        ),
        (_inspected, ["Trang saomai.example.vn đã có 1 lần xem trang chủ"]),
        (
            _inspection_asked,
            [
                "Trang saomai.example.vn đã có 1 việc làm sau lần nhập",
                "Trang saomai.example.vn đã có 1 lần xem trang chủ",
            ],
        ),
        (_partner_renamed, ["Đối tác Công ty Sao Mai Mới đã có 1 việc làm sau lần nhập"]),
        (_site_renamed, ["Trang saomai.example.vn đã có 1 việc làm sau lần nhập"]),
        (_changed("10/GP"), ["Giấy phép 10/GP đã có 1 lần đổi giấy phép"]),
        (_changed("1/GP"), ["Giấy phép 1/GP đã có 1 lần đổi giấy phép"]),
        (_case_entered, ["Đối tác Công ty Sao Mai đã có 1 vụ việc"]),
        (_found_faulty, ["Trang hai.example.vn đã có 1 nghi vấn"]),
        (_surveyed, ["Trang hai.example.vn đã có 1 lần tìm nguồn"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)  # fmt: skip
def test_a_register_on_which_something_rests_stays_whole(
    standing: Database, act: Callable[[Session], None], expected: list[str]
) -> None:
    run = taken(standing, ImportKind.REGISTER)
    with standing.write() as session:
        act(session)
    _assert_refused(standing, ImportKind.REGISTER, run, expected)


def _assert_refused(database: Database, kind: ImportKind, run: str, expected: list[str]) -> None:
    """The import stays as it is, and what rests on it is named; in English in the error."""
    before = rows_of(database)
    with pytest.raises(Conflict) as refused:
        undone(database, kind, run)
    assert refused.value.code == "import_in_use"
    assert len(refused.value.message.split("; ")) == len(expected)
    assert rows_of(database) == before
    with database.read() as session:
        row = session.execute(sa.select(ImportRun).where(ImportRun.public == run)).scalar_one()
        assert row.stage is ImportStage.DONE
        assert [use_label(use) for use in import_uses(session, row)] == expected
        assert [entry.act for entry in journal.history(session, kind.value, run) if "undone" in entry.act] == []


def test_a_planned_inspection_goes_with_its_site(standing: Database) -> None:
    before = rows_of(standing)
    run = taken(standing, ImportKind.REGISTER)
    with standing.write() as session:
        assert inspections.enrol_sites(session, NORMAL, now=NOW) == 4
    undone(standing, ImportKind.REGISTER, run)
    after = rows_of(standing)
    assert len(after.pop("inspections")) == 1, "of the site that stood before"
    before.pop("inspections")
    assert after == before


def test_of_two_imports_the_later_one_is_undone_first(standing: Database) -> None:
    before = rows_of(standing)
    first = taken(standing, ImportKind.REGISTER)
    second = taken(standing, ImportKind.REGISTER, [
        HEAD, "Công ty Sao Mai,0100100100,10/GP,Trang tổng hợp,04/03/2023,saomai.example.vn; nua.example.vn",
        "Công ty Có Sẵn,,1/GP,Trang tổng hợp,04/03/2023,cosan.example.vn; nua2.example.vn",
    ])  # fmt: skip
    _assert_refused(
        standing, ImportKind.REGISTER, first,
        [
            "Đối tác Công ty Sao Mai đã có 1 trang",
            "Giấy phép 1/GP đã có 1 lần đổi giấy phép", "Giấy phép 10/GP đã có 1 lần đổi giấy phép",
        ],
    )  # fmt: skip
    assert undone(standing, ImportKind.REGISTER, second) == {"companies": 0, "licences": 2, "sites": 2}
    with standing.read() as session:
        assert find_licence(session, "1/GP").domains == ["cosan.example.vn", "them.example.vn"]
    assert undone(standing, ImportKind.REGISTER, first) == {"companies": 1, "licences": 3, "sites": 3}
    assert rows_of(standing) == before


def _corrected(session: Session) -> None:
    decision = session.execute(sa.select(CaseDecision)).scalar_one()
    given = replace(content.decision_content_of(decision), paid_on=NOW.date())
    workflow.correct_decision(session, ANALYST, decision.public, 0, given, now=LATER)


def _decided(session: Session) -> None:
    row = session.execute(sa.select(Case).where(Case.subject_name == "Công ty Sao Hôm")).scalar_one()
    workflow.record_case_decision(session, ANALYST, row.public, row.turn, reminder(), now=LATER)


def _withdrawn(session: Session) -> None:
    row = session.execute(sa.select(Case).where(Case.subject_name == "Công ty Sao Hôm")).scalar_one()
    workflow.withdraw_case(session, ANALYST, find_case(session, row.public).public, row.turn, "Nhầm", now=LATER)


@pytest.mark.parametrize(
    ("act", "name"), [(_corrected, "Công ty Sao Mai"), (_decided, "Công ty Sao Hôm"), (_withdrawn, "Công ty Sao Hôm")]
)
def test_cases_on_which_something_was_done_stay(standing: Database, act: Callable[[Session], None], name: str) -> None:
    run = taken(standing, ImportKind.CASES)
    with standing.write() as session:
        act(session)
    _assert_refused(standing, ImportKind.CASES, run, [f"Vụ việc {name} đã có 1 việc làm sau lần nhập"])


@pytest.mark.parametrize("kind", [ImportKind.REGISTER, ImportKind.CASES])
def test_a_frozen_briefing_holds_an_import(standing: Database, kind: ImportKind) -> None:
    run = taken(standing, kind)
    with standing.write() as session:
        row = briefing_text.begin_briefing(session, ANALYST, None, parse_period("2026-Q4"), now=LATER)
        version = versions.freeze_version(session, ANALYST, row.public, now=LATER)
    _assert_refused(standing, kind, run, ["báo cáo của 2026-Q4 đã chốt sau lần nhập"])
    with standing.read() as session:
        assert versions.rederive(session, versions.find_version(session, version.public)).equal


def test_an_import_of_before_its_rows_were_kept_with_it_is_not_undone(standing: Database) -> None:
    run = taken(standing, ImportKind.REGISTER)
    with standing.write() as session:
        session.execute(sa.update(ImportRun).values(before=None))
    _assert_refused(
        standing, ImportKind.REGISTER, run, ["lần nhập này được ghi bằng bản phần mềm chưa giữ dữ liệu để hoàn tác"]
    )


def test_a_failure_in_the_middle_undoes_nothing(standing: Database) -> None:
    run = taken(standing, ImportKind.REGISTER)
    before = rows_of(standing)

    def fail(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("DELETE FROM companies"):
            raise KeyboardInterrupt

    sa.event.listen(standing.engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(KeyboardInterrupt):
            undone(standing, ImportKind.REGISTER, run)
    finally:
        sa.event.remove(standing.engine, "before_cursor_execute", fail)
    assert rows_of(standing) == before
    assert undone(standing, ImportKind.REGISTER, run)["sites"] == 3


def test_every_table_that_can_rest_on_an_import_has_a_label() -> None:
    added = {table.__tablename__ for table in (Company, Site, Case, licences.Licence)}
    referring = {
        table.name
        for table in METADATA.sorted_tables
        if any(key.column.table.name in added for key in table.foreign_keys)
    }
    assert set(USE_LABELS) == referring | {"journal"}
    assert LicenceVersion.__tablename__ in referring
