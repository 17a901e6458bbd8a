"""Rejudgement of stored pages: changes are shown, and written only when adopted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.errors import Conflict, NotFound
from campaigns.core.journal import JournalEntry
from campaigns.matching.matcher import RULE_VERSION, Match
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence import rejudgement
from campaigns.republications.evidence.rejudgement import RejudgementChange, RejudgementScope
from campaigns.republications.republications import (
    Evidence,
    EvidenceLevel,
    Republication,
    RepublicationStatus,
    find_republication,
)
from campaigns.republications.review.decisions import decide
from coordinator.jobs.republications.rejudgement import RejudgeListener, RejudgeTally, rejudge
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite
from tests.factories import ANALYST

OLD = "2025.9"


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


class Run:
    """One run and its output."""

    def __init__(self, scene: JobHarness, scope: RejudgementScope | None = None, *, adopt: bool = False) -> None:
        self.changes: list[RejudgementChange] = []
        self.unreadable: list[tuple[str, str]] = []
        self.steps: list[int] = []
        listener = RejudgeListener(
            self.changes.append, lambda copy, why: self.unreadable.append((copy, why)), self.steps.append
        )
        self.tally: RejudgeTally = rejudge(
            scene.context, scope or RejudgementScope(), listener, adopt="cli" if adopt else ""
        )


def as_older_rules_had_it(
    newsroom: ScriptedSite,
    status: RepublicationStatus,
    match: Match,
    attribution: Attribution,
    *,
    by_person: bool = False,
) -> int:
    """The same kept page with the verdict of earlier rules on it, and the copy as it stood by that; the verdict's
    key."""
    scene = newsroom.scene
    with scene.database.write() as session:
        (row,) = session.execute(sa.select(Republication)).scalars()
        last = row.evidence[-1]
        values = {column.key: getattr(last, column.key) for column in sa.inspect(Evidence).column_attrs}
        values |= {"id": None, "rule_version": OLD, "match": match, "attribution": attribution, "share": 0.5}
        older = Evidence(**values)
        session.add(older)
        row.status, row.match, row.attribution, row.share = status, match, attribution, 0.5
        row.confirmed_at = scene.context.now() if status is RepublicationStatus.CONFIRMED else None
        if by_person:
            decide(
                session,
                ANALYST,
                row,
                confirm=status is RepublicationStatus.CONFIRMED,
                note="đã xem",
                now=scene.context.now(),
            )
        session.flush()
        return older.id


def everything(scene: JobHarness) -> list[object]:
    """All rows that a run could have touched."""
    with scene.database.read() as session:
        return [
            session.execute(sa.select(table).order_by(table.c.id if "id" in table.c else table.c.seq)).all()
            for table in (Republication.__table__, Evidence.__table__, JournalEntry.__table__)
        ]


def test_under_another_public_address_nothing_is_judged(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    before = everything(newsroom.scene)
    newsroom.scene.context = replace(newsroom.scene.context, addresses=PublicAddresses("https://elsewhere.example"))
    with pytest.raises(Conflict, match=r"base_url is https://elsewhere\.example; set LANTOA_BASE_URL"):
        Run(newsroom.scene, adopt=True)
    assert everything(newsroom.scene) == before


def test_a_link_to_the_address_that_the_product_had_before_is_a_link_to_us(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    moved = PublicAddresses("https://elsewhere.example", former=("https://tin.example",))
    newsroom.scene.context = replace(newsroom.scene.context, addresses=moved)
    run = Run(newsroom.scene)
    assert (run.tally.judged, run.tally.changed) == (1, 0)


def test_what_would_change_is_shown_and_nothing_is_written(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    older = as_older_rules_had_it(newsroom, RepublicationStatus.REVIEW, Match.PARTIAL, Attribution.NONE)
    before = everything(newsroom.scene)
    run = Run(newsroom.scene)
    (change,) = run.changes
    assert (change.before.status, change.after.status) == (RepublicationStatus.REVIEW, RepublicationStatus.CONFIRMED)
    assert (change.before.match, change.after.match) == (Match.PARTIAL, Match.FULL)
    assert (change.before.attribution, change.after.attribution) == (Attribution.NONE, Attribution.LINKED_AT_END)
    assert (change.evidence, change.bulletin, change.rules[0]) == (older, code, OLD)
    assert run.tally.changes["status"]["review", "confirmed"] == 1
    assert run.steps == [1]
    assert everything(newsroom.scene) == before


def test_what_is_adopted_is_written_beside_the_older_verdict_and_done_once(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    older = as_older_rules_had_it(newsroom, RepublicationStatus.REVIEW, Match.PARTIAL, Attribution.NONE)
    scene.clock.forward(days=2)
    run = Run(scene, adopt=True)
    assert (run.tally.changed, run.tally.adopted, run.tally.moved) == (1, 1, 0)
    republication = newsroom.copy()
    assert (republication.status, republication.match, republication.attribution) == (
        RepublicationStatus.CONFIRMED,
        Match.FULL,
        Attribution.LINKED_AT_END,
    )
    assert (republication.level, republication.confirmed_at) == (EvidenceLevel.LIVE, scene.context.now())
    fetched, kept, again = republication.evidence
    assert (kept.id, kept.rule_version, kept.match) == (older, OLD, Match.PARTIAL)
    assert (again.rejudged_from, again.rule_version, again.match) == (older, RULE_VERSION, Match.FULL)
    assert again.body_key == fetched.body_key
    assert republication.reasons[0] == f"rejudged: from rules {OLD} to {RULE_VERSION}"
    with scene.database.read() as session:
        acts = [entry.act for entry in session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq)).scalars()]
        last = session.execute(sa.select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(1)).scalar_one()
    assert acts[-3:] == ["evidence.rejudging", "republication.confirmed", "evidence.rejudged"]
    assert '"adopted":1' in last.details
    assert scene.journal_holds()
    assert Run(scene, adopt=True).changes == []
    assert len(newsroom.copy().evidence) == 3


def test_a_copy_that_was_counted_by_mistake_goes_to_a_person(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    as_older_rules_had_it(newsroom, RepublicationStatus.CONFIRMED, Match.FULL, Attribution.LINKED_AT_END)
    Run(newsroom.scene, adopt=True)
    republication = newsroom.copy()
    assert (republication.status, republication.attribution, republication.level) == (
        RepublicationStatus.REVIEW,
        Attribution.NONE,
        EvidenceLevel.MATCHED,
    )
    assert newsroom.scene.journal_holds()


def test_a_persons_conclusion_stands_and_the_verdict_beside_it_is_new(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    as_older_rules_had_it(
        newsroom, RepublicationStatus.CONFIRMED, Match.FULL, Attribution.LINKED_AT_END, by_person=True
    )
    (change,) = Run(newsroom.scene, adopt=True).changes
    assert change.by_person
    republication = newsroom.copy()
    assert (republication.status, republication.attribution, republication.decision_note) == (
        RepublicationStatus.CONFIRMED,
        Attribution.NONE,
        "đã xem",
    )


def test_what_a_partner_cut_later_does_not_take_a_copy_back(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.carries(PATH, code, (*OTHER, PARTS[1], *OTHER[::-1]))
    newsroom.scene.later("page_check", minutes=10)
    republication = newsroom.copy()
    assert (republication.status, republication.match) == (RepublicationStatus.CONFIRMED, Match.EXCERPT)
    run = Run(newsroom.scene, adopt=True)
    assert (run.tally.judged, run.changes) == (1, [])


def test_the_same_rules_change_nothing_whatever_became_of_the_copies(newsroom: ScriptedSite, code: str) -> None:
    scene = newsroom.scene
    for path, given in {
        "/a-40001.html": {},
        "/b-40002.html": {"source": ""},
        "/c-40003.html": {"parts": (*OTHER, PARTS[1], *OTHER[::-1])},
        "/d-40004.html": {"source": ""},
        "/e-40005.html": {},
    }.items():
        newsroom.carries(path, code, **given)  # type: ignore[arg-type]  # its own arguments
        found(newsroom, path)
    newsroom.shows("/d-40004.html", "<html><body><p>Trang đã thay nội dung khác hẳn.</p></body></html>")
    newsroom.removes("/e-40005.html")
    scene.later("page_check", minutes=10)
    scene.later("page_check", minutes=10)
    before = everything(scene)
    run = Run(scene)
    assert run.tally.judged >= 4
    assert run.changes == []
    assert everything(scene) == before


def test_a_page_that_is_lost_or_damaged_is_reported_and_the_others_are_judged(
    newsroom: ScriptedSite, code: str, tmp_path: Path
) -> None:
    for path, parts in {"/a-40001.html": PARTS, "/b-40002.html": PARTS[:4], "/c-40003.html": PARTS[:3]}.items():
        newsroom.carries(path, code, parts)
        found(newsroom, path)
    keys = [republication.evidence[0].body_key for republication in newsroom.copies()]
    (tmp_path / "pages" / str(keys[0])).unlink()
    (tmp_path / "pages" / str(keys[1])).write_bytes(b"something else")
    run = Run(newsroom.scene)
    assert [copy for copy, _ in run.unreadable] == [republication.public for republication in newsroom.copies()[:2]]
    assert (run.tally.judged, run.tally.unreadable, run.steps) == (1, 2, [3])


def test_a_scope_takes_some_and_leaves_the_others(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    day = newsroom.copy().counted_on
    assert Run(newsroom.scene, RejudgementScope(code, day, day)).tally.judged == 1
    assert Run(newsroom.scene, RejudgementScope("", day.replace(year=day.year + 1))).tally.judged == 0
    assert Run(newsroom.scene, RejudgementScope("", None, day.replace(year=day.year - 1))).tally.judged == 0
    with pytest.raises(NotFound):
        Run(newsroom.scene, RejudgementScope("BT-2020-01-01-001"))


def test_a_copy_that_a_person_concluded_on_meanwhile_is_left_alone(
    newsroom: ScriptedSite, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    as_older_rules_had_it(newsroom, RepublicationStatus.REVIEW, Match.PARTIAL, Attribution.NONE)
    ident = newsroom.copy().public
    compare = rejudgement.compare_copy

    def and_then_somebody_concludes(*given: Any, **named: Any) -> RejudgementChange | None:
        change = compare(*given, **named)
        with scene.database.write() as session:
            row = find_republication(session, ident)
            decide(session, ANALYST, row, confirm=False, note="không phải", now=scene.context.now())
        return change

    monkeypatch.setattr(
        rejudgement, "compare_copy", and_then_somebody_concludes
    )  # the moment between judging and writing
    run = Run(scene, adopt=True)
    assert (run.tally.adopted, run.tally.moved) == (0, 1)
    assert newsroom.copy().status is RepublicationStatus.REJECTED


def test_a_front_page_is_judged_as_one_by_the_same_rules(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries("/", code)
    found(newsroom, "/")
    with newsroom.scene.database.write() as session:
        session.execute(sa.update(Republication).values(status=RepublicationStatus.CANDIDATE))
    assert Run(newsroom.scene).changes == []


def test_no_view_of_the_database_is_held_open_while_a_kept_page_is_read(
    newsroom: ScriptedSite, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.carries(PATH, code, PARTS[:2])
    scene.later("page_check", days=1)
    as_older_rules_had_it(newsroom, RepublicationStatus.CONFIRMED, Match.PARTIAL, Attribution.NONE)
    read, open_ones = scene.context.store.read, []
    pool = scene.database.engine.pool
    assert isinstance(pool, sa.QueuePool)

    def watched(key: str) -> bytes:
        open_ones.append(pool.checkedout())
        return read(key)

    monkeypatch.setattr(scene.context.store, "read", watched)
    Run(scene)
    assert set(open_ones) == {0}
