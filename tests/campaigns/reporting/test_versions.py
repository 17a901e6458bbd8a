"""Frozen briefings: derived anew to the figure, whatever happened since, on both databases."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.planning.campaigns import TargetInput, find_campaign, save_campaign
from campaigns.planning.outlines import outline_of
from campaigns.publishing import workflow
from campaigns.publishing.bulletins import Bulletin
from campaigns.reporting import adding, canonical, history, signing, tallies, versions
from campaigns.reporting.behind import COPIES, Slice, rows_behind
from campaigns.reporting.briefing import figures, period_before
from campaigns.reporting.history import AsOf
from campaigns.reporting.reading import Scope
from campaigns.reporting.signing import Letter
from campaigns.tracking.republications import Life, Republication, Status
from coordinator.db import Database
from tests import factories
from tests.campaigns.reporting.copies import TOPICS, copy, many
from tests.campaigns.reporting.test_sums import Acts
from tests.factories import ADMIN, ANALYST, APPROVER, NATURES, NOW, WRITER

PERIOD = parse_period("2026-Q4")


def planned(session: Session) -> None:
    """A plan with targets, and copies of every kind."""
    many(session, 3)
    save_campaign(
        session, "test", None, code="kh-174", plan_number="174-KH/UBND", name="Lan tỏa", starts_on=PERIOD.first,
        ends_on=PERIOD.last, topics=list(TOPICS[:2]),
        targets=[TargetInput("republications", 100), TargetInput("partners", 3), TargetInput("bulletins", 9)], now=NOW,
    )  # fmt: skip


def frozen(session: Session, *, reason: str = "") -> versions.BriefingVersion:
    """The plan's fourth quarter, frozen."""
    row = signing.begin(session, ANALYST, find_campaign(session, "kh-174"), PERIOD, now=NOW)
    return versions.freeze(session, ANALYST, row.public, reason=reason, now=NOW)


@pytest.mark.parametrize("seed", range(3))
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
                adding.add_up(session)
    with database.write() as session:
        campaign = find_campaign(session, "kh-174")
        save_campaign(
            session, "test", campaign, code="kh-174", plan_number="175-KH/UBND", name="Khác",
            starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31), topics=[TOPICS[2]],
            targets=[TargetInput("republications", 7)], now=NOW,
        )  # fmt: skip
        adding.rebuild(session)
    with database.read() as session:
        version = versions.find_version(session, public)
        derived = versions.derive(session, version)
        assert derived.changes == ()
        assert derived.sound
        assert canonical.written(derived.figures) == version.figures
        today = figures(session, outline_of(find_campaign(session, "kh-174")), PERIOD, now=NOW)
        assert canonical.changes_between(version.told, today)


def test_figures_as_of_now_are_the_present_ones(database: Database) -> None:
    with database.write() as session:
        planned(session)
        version = frozen(session)
        present = figures(session, outline_of(find_campaign(session, "kh-174")), PERIOD, now=NOW)
        assert canonical.changes_between(version.told, present) == []
        assert version.told.totals == tallies.totals(session, Scope(PERIOD, find_campaign(session, "kh-174").id))
        assert version.told.totals.confirmed > 0
        assert canonical.from_json(canonical.to_json(version.told)) == version.told


def test_figures_can_be_had_as_of_any_moment_since_the_history_began(database: Database) -> None:
    with database.write() as session:
        row = copy(session, factories.published(session), factories.site(session), counted_on=date(2026, 11, 3))
        public = row.public
    with database.write() as session:
        adding.add_up(session)
        between = session.execute(sa.select(sa.func.max(history.history.c.noted_at))).scalar_one()
        later = between + timedelta(seconds=1)
    while True:  # the database's clock has to have moved on
        with database.write() as session:
            other = session.execute(sa.select(Republication).where(Republication.public == public)).scalar_one()
            other.counted_on += timedelta(days=1)
            session.flush()
            adding.add_up(session)
            if session.execute(sa.select(sa.func.max(history.history.c.noted_at))).scalar_one() > later:
                other.status = Status.REJECTED
                break
    with database.read() as session:
        then = figures(session, None, PERIOD, as_of=AsOf(between), now=NOW)
        assert (then.totals.confirmed, then.totals.rejected, then.bulletins) == (1, 0, 1)
        assert [day.key for day in then.by_day if day.confirmed] == ["2026-11-03"]
        now = figures(session, None, PERIOD, now=NOW)
        assert (now.totals.confirmed, now.totals.rejected) == (0, 1)
        with pytest.raises(Invalid) as refused:
            history.require(session, NOW + timedelta(days=9000), now=NOW)
        assert refused.value.errors[0].code == "as_of_ahead"


def test_a_history_that_began_late_says_so(session: Session) -> None:
    copy(session, factories.published(session), factories.site(session))
    session.execute(sa.delete(history.history))
    adding.forget(session)
    adding.rebuild(session)
    begun = session.execute(sa.select(sa.func.min(history.history.c.noted_at))).scalar_one()
    with pytest.raises(Invalid) as refused:
        history.require(session, begun - timedelta(days=1), now=begun + timedelta(days=1))
    assert refused.value.errors[0].code == "as_of_early"
    history.require(session, begun, now=begun + timedelta(days=1))


def test_counting_anew_changes_no_frozen_figure_and_puts_nothing_down_twice(session: Session) -> None:
    planned(session)
    version = frozen(session)
    before = history.newest(session)
    adding.rebuild(session)
    assert history.newest(session) == before
    assert versions.derive(session, version).equal


def test_a_restatement_is_a_new_version_that_says_what_differs_and_why(session: Session) -> None:
    planned(session)
    first = frozen(session)
    with pytest.raises(Invalid) as refused:
        frozen(session)
    assert [(one.field, one.code) for one in refused.value.errors] == [("reason", "required")]
    topics = outline_of(find_campaign(session, "kh-174")).topics
    query = sa.select(Republication).join(Bulletin).where(Bulletin.topic_id.in_(topics))
    query = query.where(Republication.status == Status.CONFIRMED, Republication.counted_on >= PERIOD.first)
    row = session.execute(query.limit(1)).scalar_one()
    row.status = Status.REJECTED
    session.flush()
    second = frozen(session, reason="Hai bài không phải của ta")
    assert (second.number, second.briefing_id) == (2, first.briefing_id)
    totals = {one.figure: (one.before, one.after) for one in second.changes if one.part == "totals"}
    assert totals["confirmed"] == (first.told.totals.confirmed, first.told.totals.confirmed - 1)
    assert totals["rejected"] == (first.told.totals.rejected, first.told.totals.rejected + 1)
    assert versions.derive(session, first).equal
    assert versions.derive(session, second).equal
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
        assert (version.words.number, version.words.signed_on) == ("12", "2027-01-08")


def test_a_hand_in_the_history_is_found(session: Session) -> None:
    planned(session)
    version = frozen(session)
    kept = history.history.c
    entry = sa.select(sa.func.max(kept.id)).where(kept.status == "confirmed").scalar_subquery()
    session.execute(sa.delete(history.history).where(kept.id == entry))
    derived = versions.derive(session, version)
    assert derived.sound
    assert not derived.equal
    assert any(one.figure == "confirmed" for one in derived.changes)


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
            row.status = Status.CANDIDATE
        session.flush()
    with database.read() as session:
        told = versions.all_versions(session)[0].told
        outline = told.outline
        assert outline is not None
        scope = Scope(PERIOD, outline.id, as_of=AsOf(version.as_of, version.entry), topics=outline.topics)
        assert len(rows_behind(session, scope, Slice("bulletins"))) == told.bulletins
        assert len(rows_behind(session, scope, Slice("partners"))) == told.partners
        before = replace(scope, period=period_before(PERIOD))
        assert len(rows_behind(session, before, Slice("copies", "confirmed"))) == told.before.totals.confirmed
        counted = 0
        for by in ("month", "topic", "partner", "site", "channel", "day"):
            for line in getattr(told, f"by_{by}"):
                for figure in COPIES[:6]:
                    found = len(rows_behind(session, scope, Slice("copies", figure, by, line.key)))
                    if by != "channel":
                        assert found == getattr(line, figure), (by, line, figure)
                        counted += 1
                if by != "site":
                    assert len(rows_behind(session, scope, Slice("delivered", "", by, line.key))) == line.delivered, by
        assert counted > 50
        assert any(line.delivered for line in told.by_channel)


def test_removals_are_those_that_were_known_at_the_moment(session: Session) -> None:
    bulletin = factories.published(session)
    site = factories.site(session)
    gone, up, late = (copy(session, bulletin, site) for _ in range(3))
    workflow.recall(session, APPROVER, bulletin.code, "Sai số liệu", NATURES, now=NOW + timedelta(hours=1))
    gone.life, gone.gone_at = Life.GONE, NOW + timedelta(hours=4)
    session.flush()
    row = signing.begin(session, ANALYST, None, PERIOD, now=NOW)
    moment = NOW + timedelta(days=1)
    version = versions.freeze(session, ANALYST, row.public, now=moment)
    (line,) = version.told.recalled.partners
    assert (version.told.recalled.recalls, version.told.recalled.corrections) == (1, 0)
    assert (line.removed, line.still_up, line.median, line.longest) == (1, 2, 10800.0, 10800.0)
    up.life, up.gone_at = Life.GONE, NOW + timedelta(days=3)
    late.status = Status.REJECTED
    session.flush()
    assert versions.derive(session, version).equal
    scope = Scope(PERIOD, as_of=AsOf(version.as_of, version.entry))
    assert len(rows_behind(session, scope, Slice("still_up", "", "partner", line.code))) == 2
    (now,) = figures(session, None, PERIOD, now=moment).recalled.partners
    assert (now.removed, now.still_up) == (2, 0)


def test_words_are_kept_from_quarter_to_quarter_and_frozen_with_their_version(session: Session) -> None:
    planned(session)
    campaign = find_campaign(session, "kh-174")
    row = signing.begin(session, ANALYST, campaign, PERIOD, now=NOW)
    assert Letter.of(row.letter).basis == ("Căn cứ Kế hoạch số 174-KH/UBND",)
    words = replace(Letter.of(row.letter), difficulties="x" * 10_000, recipients=("Như trên", "Lưu: VT"), number="5")
    signing.edit(session, ANALYST, row, words, edits=0, now=NOW)
    with pytest.raises(Conflict):
        signing.edit(session, ANALYST, row, words, edits=0, now=NOW)
    version = versions.freeze(session, ANALYST, row.public, edits=1, now=NOW)
    signing.edit(session, ANALYST, row, replace(words, proposals="Khác"), edits=1, now=NOW)
    assert version.words.proposals == ""
    following = signing.begin(session, ANALYST, campaign, parse_period("2027-Q1"), now=NOW)
    assert Letter.of(following.letter) == replace(words, proposals="Khác", number="")
    with pytest.raises(Invalid) as refused:
        versions.freeze(session, ANALYST, following.public, now=NOW)
    assert refused.value.errors[0].code == "period_ahead"
    with pytest.raises(Invalid) as long:
        signing.edit(session, ANALYST, row, replace(words, difficulties="x" * 20_001), edits=2, now=NOW)
    assert [(one.field, one.code) for one in long.value.errors] == [("difficulties", "too_long")]
    with pytest.raises(Forbidden):
        signing.edit(session, WRITER, row, words, edits=2, now=NOW)
    assert signing.begin(session, ADMIN, campaign, Period(PERIOD.first, PERIOD.last, "x"), now=NOW) is row


def test_an_empty_quarter_says_nought(session: Session) -> None:
    row = signing.begin(session, ANALYST, None, parse_period("2025-Q1"), now=NOW)
    told = versions.freeze(session, ANALYST, row.public, now=NOW).told
    assert (told.bulletins, told.partners, told.totals.confirmed, told.by_partner, told.by_day) == (0, 0, 0, (), ())
