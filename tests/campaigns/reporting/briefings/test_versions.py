"""Frozen briefings are derived again exactly, after any later events, on both databases."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core import journal
from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import Conflict, Forbidden, Invalid, NotFound
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.messages import notice_readers, questions
from campaigns.messages.questions import QuestionSubject
from campaigns.partners.directory import SiteKind, find_company
from campaigns.partners.licences import find_licence
from campaigns.partners.partner_merge import merge, pair_version_tag
from campaigns.people.office import OfficeContent, SignerContent, add_signer, save_office
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import TargetContent, Topic, find_campaign
from campaigns.release import workflow
from campaigns.reporting import tallies
from campaigns.reporting.briefings import briefing_text, canonical_text, versions
from campaigns.reporting.briefings.briefing_text import BriefingText
from campaigns.reporting.briefings.drilldown import COPY_FIGURES, FigureSelection, drilldown_rows
from campaigns.reporting.briefings.figures import collect_figures, period_before
from campaigns.reporting.briefings.management_figures import ManagementFigures
from campaigns.reporting.rollups import rollup, tally_history
from campaigns.reporting.rollups.rollup_query import TallyScope
from campaigns.reporting.rollups.tally_history import AsOf
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from coordinator.db import Database
from tests import factories
from tests.campaigns.messages.test_message_figures import EDITOR, send
from tests.campaigns.partners.test_register_figures import licence, renew
from tests.campaigns.reporting.rollups.test_rollup_tables import Acts
from tests.campaigns.reporting.sample_republications import TOPICS, make_republication, make_republications
from tests.conftest import seeds
from tests.factories import ADMIN, ANALYST, APPROVER, DELIVERY_MODES, NOW, WRITER

pytestmark = pytest.mark.long

PERIOD = parse_period("2026-Q4")


def planned(session: Session) -> None:
    """A plan with targets, and copies of every kind."""
    make_republications(session, 3)
    factories.planned(
        session,
        PERIOD.first,
        PERIOD.last,
        TargetContent("republications", 100),
        TargetContent("partners", 3),
        TargetContent("bulletins", 9),
        topics=list(TOPICS[:2]),
    )


def frozen(session: Session, *, reason: str = "") -> versions.BriefingVersion:
    """The plan's fourth quarter, frozen."""
    row = briefing_text.begin_briefing(session, ANALYST, find_campaign(session, "kh-174"), PERIOD, now=NOW)
    return versions.freeze_version(session, ANALYST, row.public, reason=reason, now=NOW)


@pytest.mark.parametrize("seed", seeds(3))
def test_a_frozen_briefing_is_derived_to_the_figure_after_a_year_of_new_data(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    with database.write() as session:
        planned(session)
        acts = Acts(session, dice)
        acts.begin()
        for _ in range(20):
            acts.one()
        public = frozen(session).public
    for _ in range(3):  # later decisions on old copies, new ones, refiled bulletins, copies that vanish or come back
        with database.write() as session:
            acts.session = session
            for _ in range(25):
                acts.one()
            if dice.random() < 0.7:
                rollup.roll_up(session)
    with database.write() as session:
        campaign = find_campaign(session, "kh-174")
        factories.planned(
            session,
            date(2027, 1, 1),
            date(2027, 12, 31),
            TargetContent("republications", 7),
            campaign=campaign,
            topics=[TOPICS[2]],
            plan_number="175-KH/UBND",
            name="Khác",
        )
        rollup.rebuild_sums(session)
    with database.read() as session:
        version = versions.find_version(session, public)
        derived = versions.rederive(session, version)
        assert derived.changes == ()
        assert derived.sound
        assert canonical_text.canonical_text(derived.figures) == version.figures
        today = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
        assert canonical_text.changes_between(version.frozen_figures, today)


def test_figures_as_of_now_are_the_present_ones(database: Database) -> None:
    with database.write() as session:
        planned(session)
        version = frozen(session)
        present = collect_figures(session, snapshot_campaign(find_campaign(session, "kh-174")), PERIOD, now=NOW)
        assert canonical_text.changes_between(version.frozen_figures, present) == []
        assert version.frozen_figures.totals == tallies.totals(
            session, TallyScope(PERIOD, find_campaign(session, "kh-174").id)
        )
        assert version.frozen_figures.totals.confirmed > 0
        assert (
            canonical_text.figures_from_json(canonical_text.figures_to_json(version.frozen_figures))
            == version.frozen_figures
        )


def test_figures_can_be_had_as_of_any_moment_since_the_history_began(database: Database) -> None:
    with database.write() as session:
        row = make_republication(
            session, factories.published(session), factories.site(session), counted_on=date(2026, 11, 3)
        )
        public = row.public
    with database.write() as session:
        rollup.roll_up(session)
        between = session.execute(sa.select(sa.func.max(tally_history.tally_history.c.noted_at))).scalar_one()
        later = between + timedelta(seconds=1)
    while True:  # the database's clock has to have moved on
        with database.write() as session:
            other = session.execute(sa.select(Republication).where(Republication.public == public)).scalar_one()
            other.counted_on = date(2026, 11, 4 if other.counted_on.day == 3 else 3)  # stays in the quarter
            session.flush()
            rollup.roll_up(session)
            if session.execute(sa.select(sa.func.max(tally_history.tally_history.c.noted_at))).scalar_one() > later:
                other.status = RepublicationStatus.REJECTED
                break
    with database.read() as session:
        then = collect_figures(session, None, PERIOD, as_of=AsOf(between), now=NOW)
        assert (then.totals.confirmed, then.totals.rejected, then.bulletins) == (1, 0, 1)
        assert [day.key for day in then.by_day if day.confirmed] == ["2026-11-03"]
        now = collect_figures(session, None, PERIOD, now=NOW)
        assert (now.totals.confirmed, now.totals.rejected) == (0, 1)
        with pytest.raises(Invalid) as refused:
            tally_history.require_as_of(session, NOW + timedelta(days=9000), now=NOW)
        assert refused.value.errors[0].code == "as_of_ahead"


def test_a_history_that_began_late_says_so(session: Session) -> None:
    make_republication(session, factories.published(session), factories.site(session))
    session.execute(sa.delete(tally_history.tally_history))
    rollup.discard_changes(session)
    rollup.rebuild_sums(session)
    begun = session.execute(sa.select(sa.func.min(tally_history.tally_history.c.noted_at))).scalar_one()
    with pytest.raises(Invalid) as refused:
        tally_history.require_as_of(session, begun - timedelta(days=1), now=begun + timedelta(days=1))
    assert refused.value.errors[0].code == "as_of_early"
    tally_history.require_as_of(session, begun, now=begun + timedelta(days=1))


def test_counting_anew_changes_no_frozen_figure_and_puts_nothing_down_twice(session: Session) -> None:
    planned(session)
    version = frozen(session)
    before = tally_history.newest_entry(session)
    rollup.rebuild_sums(session)
    assert tally_history.newest_entry(session) == before
    assert versions.rederive(session, version).equal


def test_a_restatement_is_a_new_version_that_says_what_differs_and_why(session: Session) -> None:
    planned(session)
    first = frozen(session)
    with pytest.raises(Invalid) as refused:
        frozen(session)
    assert [(error.field, error.code) for error in refused.value.errors] == [("reason", "required")]
    topics = snapshot_campaign(find_campaign(session, "kh-174")).topics
    query = sa.select(Republication).join(Bulletin).where(Bulletin.topic_id.in_(topics))
    query = query.where(Republication.status == RepublicationStatus.CONFIRMED, Republication.counted_on >= PERIOD.first)
    row = session.execute(query.limit(1)).scalar_one()
    row.status = RepublicationStatus.REJECTED
    session.flush()
    second = frozen(session, reason="Hai bài không phải của ta")
    assert (second.number, second.briefing_id) == (2, first.briefing_id)
    totals = {change.figure: (change.before, change.after) for change in second.changes if change.part == "totals"}
    assert totals["confirmed"] == (first.frozen_figures.totals.confirmed, first.frozen_figures.totals.confirmed - 1)
    assert totals["rejected"] == (first.frozen_figures.totals.rejected, first.frozen_figures.totals.rejected + 1)
    assert versions.rederive(session, first).equal
    assert versions.rederive(session, second).equal
    session.commit()
    acts = [one.act for one in journal.history(session, "briefing", first.briefing.public)]
    assert acts == ["briefing.begun", "briefing.frozen", "briefing.restated"]


def test_the_database_itself_refuses_to_change_a_frozen_version(database: Database) -> None:
    with database.write() as session:
        planned(session)
        frozen(session)
    for statement in ("UPDATE briefing_versions SET figures = '{}'", "DELETE FROM briefing_versions"):
        with pytest.raises(sa.exc.DBAPIError, match="kept as it is"), database.write() as session:
            session.execute(sa.text(statement))
    with database.write() as session:
        (version,) = versions.all_versions(session)
        versions.give_number(session, ANALYST, version, "12", date(2027, 1, 8), now=NOW)
        assert (version.frozen_text.number, version.frozen_text.signed_on) == ("12", "2027-01-08")


def test_a_hand_in_the_history_is_found(session: Session) -> None:
    planned(session)
    version = frozen(session)
    kept = tally_history.tally_history.c
    topics = sa.select(Topic.id).where(Topic.code.in_(TOPICS[:2]))
    reported = (
        kept.status == "confirmed", kept.day.between(PERIOD.first, PERIOD.last), kept.topic_id.in_(topics),
    )  # fmt: skip
    entry = sa.select(sa.func.max(kept.id)).where(*reported).scalar_subquery()
    session.execute(sa.delete(tally_history.tally_history).where(kept.id == entry))
    derived = versions.rederive(session, version)
    assert derived.sound
    assert not derived.equal
    assert any(change.figure == "confirmed" for change in derived.changes)


def test_every_figure_has_as_many_rows_behind_it_as_it_says(database: Database) -> None:
    with database.write() as session:
        planned(session)
        channel = factories.channel(session)
        factories.published(session, topic=TOPICS[0])
        for delivery in session.execute(sa.text("SELECT id FROM deliveries")).scalars().all():
            session.execute(sa.text("UPDATE deliveries SET state = 'delivered' WHERE id = :id"), {"id": delivery})
        version = frozen(session)
        assert channel.id
        for row in session.execute(sa.select(Republication)).scalars().all()[::2]:
            row.duplicate_of, row.status = None, RepublicationStatus.CANDIDATE
        session.flush()
    with database.read() as session:
        figures = versions.all_versions(session)[0].frozen_figures
        outline = figures.outline
        assert outline is not None
        scope = TallyScope(PERIOD, outline.id, as_of=AsOf(version.as_of, version.entry), topics=outline.topics)
        assert len(drilldown_rows(session, scope, FigureSelection("bulletins"), now=NOW)) == figures.bulletins
        assert len(drilldown_rows(session, scope, FigureSelection("partners"), now=NOW)) == figures.partners
        before = replace(scope, period=period_before(PERIOD))
        assert (
            len(drilldown_rows(session, before, FigureSelection("copies", "confirmed"), now=NOW))
            == figures.before.totals.confirmed
        )
        counted = 0
        for by in ("month", "topic", "partner", "site", "channel", "day"):
            for line in getattr(figures, f"by_{by}"):
                for figure in COPY_FIGURES[:7]:
                    found = len(
                        drilldown_rows(session, scope, FigureSelection("copies", figure, by, line.key), now=NOW)
                    )
                    if by != "channel":
                        assert found == getattr(line, figure), (by, line, figure)
                        counted += 1
                if by != "site":
                    assert (
                        len(drilldown_rows(session, scope, FigureSelection("delivered", "", by, line.key), now=NOW))
                        == line.delivered
                    ), by
        assert counted > 50
        assert any(line.delivered for line in figures.by_channel)


def test_removals_are_those_that_were_known_at_the_moment(session: Session) -> None:
    bulletin = factories.published(session)
    site = factories.site(session)
    gone, up, late = (make_republication(session, bulletin, site) for _ in range(3))
    workflow.recall(session, APPROVER, bulletin.code, "Sai số liệu", DELIVERY_MODES, now=NOW + timedelta(hours=1))
    gone.life, gone.gone_at = RepublicationLife.GONE, NOW + timedelta(hours=4)
    session.flush()
    row = briefing_text.begin_briefing(session, ANALYST, None, PERIOD, now=NOW)
    moment = NOW + timedelta(days=1)
    version = versions.freeze_version(session, ANALYST, row.public, now=moment)
    (line,) = version.frozen_figures.recalled.partners
    assert (version.frozen_figures.recalled.recalls, version.frozen_figures.recalled.corrections) == (1, 0)
    assert (line.removed, line.still_up, line.median, line.longest) == (1, 2, 10800.0, 10800.0)
    up.life, up.gone_at = RepublicationLife.GONE, NOW + timedelta(days=3)
    late.status = RepublicationStatus.REJECTED
    session.flush()
    assert versions.rederive(session, version).equal
    scope = TallyScope(PERIOD, as_of=AsOf(version.as_of, version.entry))
    assert len(drilldown_rows(session, scope, FigureSelection("still_up", "", "partner", line.code), now=NOW)) == 2
    (now,) = collect_figures(session, None, PERIOD, now=moment).recalled.partners
    assert (now.removed, now.still_up) == (2, 0)


def test_words_are_kept_from_quarter_to_quarter_and_frozen_with_their_version(session: Session) -> None:
    planned(session)
    campaign = find_campaign(session, "kh-174")
    row = briefing_text.begin_briefing(session, ANALYST, campaign, PERIOD, now=NOW)
    assert BriefingText.from_json(row.letter).basis == ("Căn cứ Kế hoạch số 174-KH/UBND",)
    words = replace(
        BriefingText.from_json(row.letter), difficulties="x" * 10_000, recipients=("Như trên", "Lưu: VT"), number="5"
    )
    briefing_text.edit_text(session, ANALYST, row, words, edits=0, now=NOW)
    with pytest.raises(Conflict):
        briefing_text.edit_text(session, ANALYST, row, words, edits=0, now=NOW)
    version = versions.freeze_version(session, ANALYST, row.public, edits=1, now=NOW)
    briefing_text.edit_text(session, ANALYST, row, replace(words, proposals="Khác"), edits=1, now=NOW)
    assert version.frozen_text.proposals == ""
    following = briefing_text.begin_briefing(session, ANALYST, campaign, parse_period("2027-Q1"), now=NOW)
    assert BriefingText.from_json(following.letter) == replace(words, proposals="Khác", number="")
    with pytest.raises(Invalid) as refused:
        versions.freeze_version(session, ANALYST, following.public, now=NOW)
    assert refused.value.errors[0].code == "period_ahead"
    with pytest.raises(Invalid) as long:
        briefing_text.edit_text(session, ANALYST, row, replace(words, difficulties="x" * 20_001), edits=2, now=NOW)
    assert [(error.field, error.code) for error in long.value.errors] == [("difficulties", "too_long")]
    with pytest.raises(Forbidden):
        briefing_text.edit_text(session, WRITER, row, words, edits=2, now=NOW)
    assert (
        briefing_text.begin_briefing(session, ADMIN, campaign, Period(PERIOD.first, PERIOD.last, "x"), now=NOW) is row
    )


def test_an_empty_quarter_says_nought(session: Session) -> None:
    row = briefing_text.begin_briefing(session, ANALYST, None, parse_period("2025-Q1"), now=NOW)
    figures = versions.freeze_version(session, ANALYST, row.public, now=NOW).frozen_figures
    assert (figures.bulletins, figures.partners, figures.totals.confirmed, figures.by_partner, figures.by_day) == (
        0,
        0,
        0,
        (),
        (),
    )


def test_the_register_the_messages_and_the_accounts_stay_as_they_were_frozen(database: Database) -> None:
    """Each figure has as many rows as it says, at its moment, whatever is entered, read, answered or merged later."""
    later = NOW + timedelta(days=3)
    with database.write() as session:
        first, second = factories.company(session, "Một"), factories.company(session, "Hai")
        own = factories.channel(session)
        old = licence(session, first, expires_on=date(2027, 1, 10))
        licence(session, second, issued_on=date(2026, 10, 3), kind=SiteKind.SOCIAL)
        licence(session, second, expires_on=date(2026, 10, 3))
        licence(session, first, withdrawn_on=date(2026, 11, 3))
        renew(session, old, date(2027, 1, 15))
        notice = send(session, must_confirm=True)
        notice_readers.mark_read(session, EDITOR, first.id, notice, 1, now=NOW)
        asked = questions.ask_question(session, EDITOR, first.id, "Hỏi", "Hỏi", QuestionSubject(), "q", now=NOW).public
        factories.published(session)
        session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
        row = briefing_text.begin_briefing(session, ANALYST, None, PERIOD, now=NOW)
        version = versions.freeze_version(session, ANALYST, row.public, now=NOW)
        kept = version.frozen_figures.management
        assert (kept.register.licences, kept.register.companies, kept.accounts.bulletins) == (2, 2, 1)
        assert (kept.messages.partners, kept.messages.read, kept.messages.answered) == (2, 1, 0)
    with database.write() as session:
        first, second = (find_company(session, code) for code in ("mot", "hai"))
        renew(session, find_licence(session, old.number), date(2026, 10, 20), now=later)
        seen = pair_version_tag(session, first, second)
        merge(session, ADMIN, keep="mot", drop="hai", name="Một", tax_code="", seen=seen, now=later)
        notice_readers.confirm_notice(session, EDITOR, first.id, notice, 1, now=later)
        questions.answer_question(session, ADMIN, asked, "Đáp", "a", 1, now=later)
        session.execute(sa.update(Delivery).values(state=DeliveryState.UNKNOWN))
        assert own.id
    with database.read() as session:
        version = versions.all_versions(session)[0]
        assert versions.rederive(session, version).changes == ()
        present = collect_figures(session, None, PERIOD, now=later).management
        assert (present.register.licences, present.register.companies, present.accounts.bulletins) == (1, 1, 0)
        assert present.messages.answered == 1
        for scope, figures in (
            (TallyScope(PERIOD, as_of=AsOf(version.as_of, version.entry)), kept),
            (TallyScope(PERIOD), present),
        ):
            for which, count in _figures_with_rows(figures):
                assert len(drilldown_rows(session, scope, which, now=later)) == count, which
    for which in (
        FigureSelection("licences", "all"),
        FigureSelection("licences", "new", "licence_kind", "radio"),
        FigureSelection("accounts", "", "channel", "khong-co"),
    ):
        with database.read() as session, pytest.raises(NotFound):
            drilldown_rows(session, TallyScope(PERIOD), which, now=later)


def _figures_with_rows(figures: ManagementFigures) -> Iterator[tuple[FigureSelection, int]]:
    for row in figures.register.rows:
        kind = row.kind.value
        for name in ("new", "changed", "expired", "withdrawn", "ending"):
            yield FigureSelection("licences", name, "licence_kind", kind), getattr(row, name)
        yield FigureSelection("licences", "in_force", "licence_kind", kind), row.licences
        yield FigureSelection("licensed", "", "licence_kind", kind), row.companies
    yield FigureSelection("licensed"), figures.register.companies
    yield FigureSelection("notices"), figures.messages.notices
    yield FigureSelection("briefed"), figures.messages.partners
    yield FigureSelection("questions"), figures.messages.questions
    yield FigureSelection("answered"), figures.messages.answered
    yield FigureSelection("accounts"), figures.accounts.bulletins
    for account in figures.accounts.accounts:
        yield FigureSelection("account_deliveries", "", "channel", account.code), account.bulletins


def test_a_briefing_tells_of_the_targets_that_have_a_day_in_its_period(session: Session) -> None:
    factories.planned(
        session,
        date(2026, 10, 1),
        date(2027, 3, 31),
        TargetContent("republications", 12_500, period="2026-Q4"),
        TargetContent("republications", 9_000, period="2027-Q1"),
        TargetContent("bulletins", 330),
        TargetContent("partners", 4, period="2026-11"),
        topics=list(TOPICS),
    )
    outline = snapshot_campaign(find_campaign(session, "kh-174"))
    for period, quotas in (
        ("2026-Q3", []), ("2026-Q4", [12_500, 330, 4]), ("2026-10", [12_500, 330]), ("2027-Q1", [9_000, 330]),
        ("2026-11-30..2027-01-01", [12_500, 9_000, 330, 4]), ("2027-Q2", []),
    ):  # fmt: skip
        figures = collect_figures(session, outline, parse_period(period), now=NOW)
        assert [goal.quota for goal in figures.targets] == quotas, period


def test_the_first_text_has_the_offices_recipients_and_the_first_signer_after_the_period(session: Session) -> None:
    save_office(session, "test", OfficeContent(name="Sở A"), recipients=["Lưu: VT"], now=NOW)
    add_signer(session, ADMIN, SignerContent(authority="GIÁM ĐỐC", name="An", since=date(2026, 11, 1)), now=NOW)
    add_signer(session, ADMIN, SignerContent(authority="GIÁM ĐỐC", name="Bình", since=date(2027, 1, 1)), now=NOW)
    early = briefing_text.initial_text(session, None, parse_period("2026-Q3"))
    assert (early.recipients, early.authority, early.signer) == (("Lưu: VT",), "GIÁM ĐỐC", "An")
    assert briefing_text.initial_text(session, None, parse_period("2026-Q4")).signer == "An"
    assert briefing_text.initial_text(session, None, parse_period("2027-Q1")).signer == "Bình"
    row = briefing_text.begin_briefing(session, ANALYST, None, parse_period("2026-Q3"), now=NOW)
    own = replace(BriefingText.from_json(row.letter), recipients=("Như trên", "Lưu: VT, TH"))
    briefing_text.edit_text(session, ANALYST, row, own, edits=0, now=NOW)
    assert briefing_text.initial_text(session, None, parse_period("2026-Q4")).recipients == ("Như trên", "Lưu: VT, TH")
