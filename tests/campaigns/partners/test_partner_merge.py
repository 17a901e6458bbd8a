"""The merge of two partners: no row is lost, the merge is atomic, and no earlier figure changes."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.compliance.cases.cases import CaseOrigin, DecisionForm, SubjectKind
from campaigns.compliance.cases.content import CaseContent, CheckedCase, DecisionContent
from campaigns.compliance.cases.workflow import enter_checked_cases
from campaigns.compliance.finding_workflow import RuleSubject, propose_finding
from campaigns.compliance.rule_parameters import Fault
from campaigns.core import journal
from campaigns.core.clock import parse_period
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.core.journal import JournalEntry
from campaigns.delivery.feed_fetches import record_fetch, record_unchanged
from campaigns.delivery.outbox import DeliveryModes
from campaigns.messages import notice_readers, notice_workflow, notices
from campaigns.messages.questions import QuestionSubject, ask_question
from campaigns.partners import merge_rules, partner_merge
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import (
    Company,
    CompanyContent,
    PartnerMerged,
    Site,
    SiteKind,
    change_company,
    current_company_id,
    find_company,
)
from campaigns.partners.editor_access import EditorLink
from campaigns.partners.editors import Editor, add_editor, change_editor
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.partners.register.register_reader import RegisterEntry
from campaigns.partners.register.register_writer import import_entries
from campaigns.partners.similar_partners import NotDuplicates, mark_distinct
from campaigns.people.keys import add_key
from campaigns.people.sessions import UserSession
from campaigns.reporting import tallies
from campaigns.reporting.rollups import rollup, tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.reporting.saved_filters import FilteredList, SavedFilter
from campaigns.reporting.schedules import schedules
from campaigns.republications.page_reports import PageReport, report_page
from campaigns.rows import METADATA
from campaigns.search import autocomplete, index_maintenance
from campaigns.search.autocomplete import PickableKind
from campaigns.search.index import documents
from coordinator.db import Database
from tests import factories
from tests.campaigns.compliance.made_findings import proof, rule
from tests.campaigns.partners.two_companies import FIRST, SECOND, laden, owners, two
from tests.factories import ADMIN, ANALYST, NOW

PERIOD = parse_period("2026-Q4")
KEPT, DROPPED = "cong-ty-co-phan-nhip-song", "ctcp-nhip-song"


def merge(session: Session, keep: str = KEPT, drop: str = DROPPED, **more: Any) -> partner_merge.MergeResult:
    kept, dropped = find_company(session, keep), find_company(session, drop)
    given = {
        "name": kept.name,
        "tax_code": kept.tax_code or "",
        "seen": partner_merge.pair_version_tag(session, kept, dropped),
    }
    return partner_merge.merge(session, ADMIN, keep=keep, drop=drop, now=NOW, **{**given, **more})


def test_every_column_that_points_at_a_company_is_handled() -> None:
    pointing = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.c
        if any(key.column is METADATA.tables["companies"].c.id for key in column.foreign_keys)
    }
    assert set(merge_rules.MERGE_RULES) == pointing
    of_editors = {
        table.name
        for table in METADATA.tables.values()
        for column in table.c
        if any(key.column is METADATA.tables["editors"].c.id for key in column.foreign_keys)
    }
    assert of_editors == {"one_time_links", "sessions"}, "an editor who worked for both takes these along"
    for name in merge_rules.JOINED_TABLES:  # tables in which both may have a row of one key, and no other may
        assert _keyed(name), name
    assert not any(_keyed(name) for name in merge_rules.OWNED_TABLES)


def _keyed(name: str) -> bool:
    table = METADATA.tables[name]
    unique = [
        constraint
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint)
    ]
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
        assert {number for these in after.values() for number in these} == {first}
        joined = {name: len(before[name]) - len(after[name]) for name in after}
        assert {name: lost for name, lost in joined.items() if lost} == dict.fromkeys(merge_rules.JOINED_TABLES, 1)
        assert {name: moved.rows[name] for name in merge_rules.COMPANY_TABLES} == {
            name: these.count(second) for name, these in before.items()
        }
        reading = session.execute(sa.select(notices.NoticeReadReceipt)).scalar_one()
        assert (reading.read_at, reading.read_by) == (NOW + timedelta(hours=1), "editor:1")
        assert (reading.confirmed_at, reading.confirmed_by) == (NOW + timedelta(hours=2), "editor:0")
        report = session.execute(sa.select(PageReport).where(PageReport.public == "rpt_both")).scalar_one()
        assert (report.at, report.company_id) == (NOW - timedelta(days=1), first)
        shared = sa.select(Editor).where(Editor.email == "chung@nhipsong.example")
        editor = session.execute(shared).scalar_one()
        for kind in (EditorLink, UserSession):
            mine = sa.select(sa.func.count()).select_from(kind).where(kind.editor_id == editor.id)
            assert session.execute(mine).scalar_one() == 2, "the links and visits of both"


def test_the_journal_tells_all_that_went_over(database: Database) -> None:
    with database.write() as session:
        laden(session)
        find_company(session, DROPPED).tax_code = "0101234567"
        find_company(session, DROPPED).contact = "Chị Hạnh 0900 000 000"
    with database.write() as session:
        merge(session, tax_code="0101234567")
    with database.read() as session:
        entries = {
            journal_entry.act: (journal_entry.subject, json.loads(journal_entry.details))
            for journal_entry in session.execute(
                sa.select(JournalEntry).where(JournalEntry.subject_kind == "partner")
            ).scalars()
        }
        subject, item = entries["partner.merged"]
        assert (subject, item["merged"], item["was"][1:3]) == (KEPT, DROPPED, [SECOND, "0101234567"])
        assert item["before"][:2] == [KEPT, FIRST]
        assert find_company(session, KEPT).contact == "Chị Hạnh 0900 000 000"
        assert "Hạnh" not in str(entries), "a person's data"
        assert item["moved"]["sites"] == ["tin-nhipsong-example"]
        assert item["moved"]["licences"] == ["1/GP-TTĐT"]
        assert item["moved"]["editors"] == ["chung@nhipsong.example", "rieng1@nhipsong.example"]
        assert len(item["moved"]["findings"]) == len(item["moved"]["keys"]) == 1
        assert item["rows"]["feed_fetches"] == 1
        assert entries["partner.became"] == (DROPPED, {"into": KEPT})
        assert journal.verify(session) is None


def test_figures_are_one_partners_from_the_merge_on_and_stay_two_before_it(database: Database) -> None:
    with database.write() as session:
        two(session)
    with database.write() as session:
        rollup.roll_up(session)
        entry = tally_history.newest_entry(session)
    before = AsOf(NOW, entry)

    def rows(session: Session, as_of: AsOf | None) -> dict[str, tuple[str, int]]:
        found = tallies.rows(session, TallyScope(PERIOD, as_of=as_of), "partner")
        return {row.key: (row.name, row.confirmed) for row in found if as_of is None or row.confirmed}

    with database.read() as session:
        then = rows(session, before)
        assert then == {KEPT: (FIRST, 2), DROPPED: (SECOND, 1)}
    with database.write() as session:
        merge(session)
        assert recounting_of(session) == []
    with database.write() as session:
        assert rows(session, None) == {KEPT: (FIRST, 3)}
        rollup.roll_up(session)
        assert rows(session, None) == {KEPT: (FIRST, 3)}
        assert rows(session, before) == then
        assert rows(session, AsOf(NOW, tally_history.newest_entry(session))) == {KEPT: (FIRST, 3)}
        assert recounting_of(session) == []
        rollup.rebuild_sums(session)
        assert rows(session, before) == then, "counting anew changes nothing of it"


def recounting_of(session: Session) -> list[rollup.FigureDifference]:
    return list(rollup.find_differences(session))


def test_the_former_code_leads_to_the_one_it_is_now(database: Database) -> None:
    with database.write() as session:
        two(session)
        third = factories.company(session, "Nhịp Sông Media").code
    with database.write() as session:
        merge(session)
    with database.write() as session:
        with pytest.raises(PartnerMerged) as exception_info:
            find_company(session, DROPPED)
        assert (
            exception_info.value.partner,
            exception_info.value.into,
            isinstance(exception_info.value, NotFound),
        ) == (DROPPED, KEPT, True)
        merge(session, third, KEPT)
    with database.write() as session:
        with pytest.raises(PartnerMerged) as exception_info:
            find_company(session, DROPPED)
        assert exception_info.value.into == third, "in one step, however often it was merged since"
        kept = find_company(session, third)
        assert session.execute(sa.select(current_company_id(DROPPED))).scalar_one() == kept.id
        assert session.execute(sa.select(current_company_id("nobody"))).scalar_one() is None
        assert factories.company(session, SECOND).code != DROPPED, "nobody else gets the code"
        assert len(kept.sites) == 2


def test_only_the_one_that_stays_is_found(database: Database) -> None:
    with database.write() as session:
        two(session)
    with database.write() as session:
        merge(session, name="Nhịp Sông Mới")
    with database.read() as session:
        assert [
            difference for difference in index_maintenance.index_differences(session) if difference.kind is not None
        ] == []
        found = session.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()
        assert index_maintenance.count_subjects(session) == found, "what is said to be found is what can be found"
        assert [suggestion.code for suggestion in autocomplete.all_if_few(session, PickableKind.PARTNER, 50) or ()] == [
            KEPT
        ]
        assert [
            suggestion.code for suggestion in autocomplete.suggest(session, PickableKind.PARTNER, "nhip song").rows
        ] == [KEPT]
        assert [
            suggestion.code for suggestion in autocomplete.look_up(session, PickableKind.PARTNER, DROPPED).rows
        ] == [KEPT]
        assert autocomplete.find_by_codes(session, PickableKind.PARTNER, [DROPPED])[DROPPED].name == "Nhịp Sông Mới"


def test_reports_by_mail_and_kept_filters_go_on_about_the_one_that_stays(database: Database) -> None:
    with database.write() as session:
        two(session)
        wanted = schedules.ScheduleDraft(
            "Báo cáo tháng", schedules.ReportKind.PARTNER, DROPPED, ["pdf"], "0 7 1 * *", None, ["a@nhipsong.example"],
            NOW + timedelta(days=7),
        )  # fmt: skip
        schedules.add_schedule(session, ADMIN, wanted, now=NOW)
        for name, query in (("của họ", {"partner": DROPPED, "life": "gone"}), ("khác", {"q": DROPPED})):
            session.add(
                SavedFilter(
                    public=f"flt_{name}",
                    listed=FilteredList.COPIES,
                    name=name,
                    query=query,
                    made_by="test",
                    made_at=NOW,
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
        for company, other in (
            (pair.second, third),
            (pair.first, third),
            (pair.second, fourth),
            (pair.first, pair.second),
        ):
            mark_distinct(session, ADMIN, company, other, now=NOW)
        wanted = {(pair.first.id, third.id), (pair.first.id, fourth.id)}
    with database.write() as session:
        merge(session)
    with database.read() as session:
        assert {
            (partners.low_id, partners.high_id) for partners in session.execute(sa.select(NotDuplicates)).scalars()
        } == wanted


def test_every_row_written_under_the_former_id_is_the_one_partners(database: Database) -> None:
    """Every function that inserts a row of a partner follows a merge that came after its caller read the partner."""
    with database.write() as session:
        pair = laden(session)
        first, second = pair.first.id, pair.second.id
        key = session.execute(sa.select(METADATA.tables["keys"].c.id)).scalars().first()
        notice = session.execute(sa.select(notices.Notice)).scalar_one()
        assert key is not None
    with database.write() as session:
        merge(session)
        for table in ("notice_receivers", "notice_read_receipts"):
            session.execute(sa.delete(METADATA.tables[table]))
        before = {name: len(these) for name, these in owners(session).items()}
    with database.write() as session:
        former, site = session.get_one(Company, second), session.get_one(Site, pair.site.id)
        factories.site(session, former, "https://muon.example/")
        add_licence(
            session,
            "test",
            former,
            "9/GP-TTĐT",
            LicenceContent(kind=SiteKind.AGGREGATOR, issuer="Sở", issued_on=date(2024, 1, 1)),
            now=NOW,
        )
        add_agreement(session, "test", former, "9/CT", AgreementContent(starts_on=date(2025, 1, 1)), now=NOW)
        factories.channel(session, company=former)
        merging_key(session, former)
        editor = add_editor(session, ADMIN, former, email="muon@nhipsong.example", name="Thu Hà", now=NOW)
        record_unchanged(session, [(key, second, "rss.xml", 304, NOW)])
        record_fetch(
            session, key_id=key, company_id=second, feed="rss.xml", status=200, carried=[],
            delivery_modes=DeliveryModes(), now=NOW,
        )  # fmt: skip
        ask_question(session, editor.actor, second, "Hỏi", "Khi nào?", QuestionSubject(), "form-9", now=NOW)
        notice_workflow._set_receivers(session, session.merge(notice), {first, second})
        notice_readers.confirm_notice(session, editor.actor, second, notice.public, 1, now=NOW)
        report_page(session, editor.actor, second, f"{site.url}bai-muon", now=NOW)
        subject, fault = RuleSubject(second, site.id), Fault("no_agreement")
        assert propose_finding(session, rule(session, "R9"), subject, fault, proof(), day=NOW.date(), now=NOW)
        entered = CaseContent(
            SubjectKind.ORGANISATION, origin=CaseOrigin.INSPECTION, what="Đăng lại thiếu nguồn", fault="Thiếu nguồn",
            fault_on=NOW.date(),
        )  # fmt: skip
        decided = DecisionContent(DecisionForm.REMINDER, "9/NN", "Sở", NOW.date())
        enter_checked_cases(session, ANALYST, [(CheckedCase(entered, former, None), decided)], now=NOW)
    with database.read() as session:
        after = owners(session)
        assert {number for these in after.values() for number in these} == {first}
        assert all(len(after[name]) > before[name] for name in merge_rules.COMPANY_TABLES), (before, after)
        assert recounting_of(session) == []
        assert tallies.totals(session, TallyScope(PERIOD, company_id=first)).confirmed == 3


@pytest.mark.parametrize("change", ["name", "site", "editor"])
def test_what_was_changed_since_it_was_seen_is_not_merged(database: Database, change: str) -> None:
    with database.write() as session:
        pair = two(session)
        seen = partner_merge.pair_version_tag(session, pair.first, pair.second)
        assert seen == partner_merge.pair_version_tag(session, pair.second, pair.first)
        if change == "name":
            change_company(
                session,
                "test",
                pair.second,
                replace(from_attributes(CompanyContent, pair.second), name="Khác hẳn"),
                now=NOW,
            )
        elif change == "site":
            factories.site(session, pair.first, "https://moi.example/")
        else:
            merging_editor(session, pair.second)
    with pytest.raises(Conflict) as exception_info, database.write() as session:
        merge(session, seen=seen)
    assert exception_info.value.code == "partners_moved"
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
    with pytest.raises(Invalid) as exception_info:
        merge(session, **given)
    assert [error.field for error in exception_info.value.errors] == [field]


def test_only_who_configures_may_merge(session: Session) -> None:
    two(session)
    with pytest.raises(Forbidden):
        partner_merge.merge(session, ANALYST, keep=KEPT, drop=DROPPED, name="X", tax_code="", seen="", now=NOW)


def merging_key(session: Session, company: Company) -> int:
    return add_key(session, "test", name="Khóa", company_id=company.id, now=NOW).row.id


def entry(name: str, number: str, tax_code: str | None = None) -> RegisterEntry:
    return RegisterEntry(
        company_name=name, tax_code=tax_code, licence_number=f"{number}/GP-TTĐT", kind=SiteKind.AGGREGATOR, issuer="Sở",
        issued_on=date(2024, 1, 1), expires_on=None, domains=(f"s{number}.vn",), pages=(), scope=(), status="", row=2,
    )  # fmt: skip


def test_an_import_finds_the_one_that_stays_by_every_name_and_tax_code_there_was(database: Database) -> None:
    with database.write() as session:
        pair = two(session)
        pair.second.tax_code = "0100112437"
        first, second = pair.first.id, pair.second.id
    with database.write() as session:
        import_entries(session, "test", "reg_1", [entry(SECOND, "1"), entry("Khác", "2", "0100112437")], now=NOW)
    with database.read() as session:
        assert owners(session)["licences"] == [second, second]
    with database.write() as session:
        merge(session, tax_code="0100112437", name="Nhịp Sông Mới")
    with database.write() as session:  # the import goes on
        more = [entry(SECOND, "3"), entry(FIRST, "4"), entry("Khác", "5", "0100112437"), entry("Nhịp sông mới", "6")]
        done = import_entries(session, "test", "reg_1", more, now=NOW)
        assert (done.counts["companies"], done.counts["licences"], done.rejected) == (0, 4, ())
    with database.read() as session:
        assert set(owners(session)["licences"]) == set(owners(session)["sites"]) == {first}
