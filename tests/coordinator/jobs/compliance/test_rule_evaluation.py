"""Copies on a partner's site on loopback: read, stored, and evaluated against the rules of their day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.compliance import finding_workflow
from campaigns.compliance.findings import Finding, FindingStatus, find_finding, steps_of
from campaigns.compliance.rule_evaluation import SETTLED_AFTER
from campaigns.compliance.rules import RuleSeverity, add_version, versions_of
from campaigns.matching.matcher import Match
from campaigns.partners.agreements import Agreement, AgreementContent, add_agreement, change_agreement
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.republications.browser_looks import LookCause
from campaigns.republications.republications import BrowserLook, Republication, RepublicationStatus
from coordinator.jobs.compliance import rule_evaluation
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, due_again, found
from tests.coordinator.jobs.scripted_site import BODY, PARTS, TITLE, ScriptedSite
from tests.factories import ADMIN, ANALYST

LATER = {"hours": 2}


class Copied:
    """A bulletin and a site, whose company has an agreement and a licence for everything."""

    def __init__(self, scene: JobHarness, server: HostileServer) -> None:
        self.scene = scene
        self.newsroom = ScriptedSite(scene, server)
        rule_evaluation.sweep(scene.context)  # from now on
        with scene.database.write() as session:
            company = session.get_one(Company, self.newsroom.company.id)
            self.agreement = add_agreement(
                session, "test", company, "12/TT", AgreementContent(starts_on=date(2026, 1, 1)), now=scene.context.now()
            ).id
            add_licence(
                session,
                "test",
                company,
                "2215/GP-TTĐT",
                LicenceContent(
                    kind=SiteKind.AGGREGATOR,
                    issuer="Sở TT&TT",
                    issued_on=date(2024, 3, 5),
                    expires_on=date(2029, 3, 5),
                    domains=["127.0.0.1"],
                ),
                now=scene.context.now(),
            )
        self.code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(**LATER)

    def at(self) -> datetime:
        return self.scene.context.now() - timedelta(minutes=10)

    def carries(self, **given: object) -> None:
        """Publish the copy with these options, and read it."""
        self.newsroom.carries(PATH, self.code, **{"at": self.at(), **given})
        if self.newsroom.copies():
            due_again(self.newsroom)
        else:
            found(self.newsroom)

    def swept(self) -> dict[str, Finding]:
        """Go through what was read; every finding there is, by rule."""
        self.scene.clock.forward(seconds=SETTLED_AFTER.total_seconds() + 1)
        rule_evaluation.sweep(self.scene.context)
        with self.scene.database.read() as session:
            rows = session.execute(sa.select(Finding).order_by(Finding.id)).scalars().all()
            return {finding.code: finding for finding in rows}


@pytest.fixture
def copied(scene: JobHarness, server: HostileServer) -> Copied:
    """On each kind of database."""
    return Copied(scene, server)


@pytest.fixture
def staged(stage: JobHarness, server: HostileServer) -> Copied:
    """Where the kind of database makes no difference."""
    return Copied(stage, server)


def _paper(copied: Copied, change: Callable[[Company], None]) -> None:
    with copied.scene.database.write() as session:
        change(session.get_one(Company, copied.newsroom.company.id))


def test_a_copy_that_keeps_every_rule_is_suspected_of_nothing(copied: Copied) -> None:
    copied.carries()
    assert copied.swept() == {}


def test_a_copy_of_four_fifths_is_called_full_and_not_accused_of_a_part(staged: Copied) -> None:
    staged.carries(parts=PARTS[1:])
    copy = staged.newsroom.copy()
    assert 0.75 < copy.share < 0.82
    assert copy.match is Match.FULL
    assert staged.swept() == {}


FAULTS = {
    "no source": ({"source": ""}, {"R2": "unnamed", "R3": "no_link"}),
    "another source": ({"source": "<p>Nguồn: Báo Bình Minh</p>"}, {"R2": "other_source", "R3": "no_link"}),
    "named only": ({"source": "<p>Theo Sở Thông tin thành phố</p>"}, {"R3": "no_link"}),
    "home page": (
        {"source": '<p>Theo <a href="https://tin.example/">Sở Thông tin thành phố</a></p>'},
        {"R3": "home_page_only"},
    ),
    "address in letters": (
        {"source": "<p>Theo Sở Thông tin thành phố: https://tin.example/bulletins/{code}</p>"},
        {"R3": "url_text_only"},
    ),
    "no time": ({"at": None}, {"R4": "no_time"}),
    "a part left out": ({"parts": PARTS[:3]}, {"R6": "not_verbatim"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_a_page_is_proposed_by_its_rule_with_the_page_as_proof(staged: Copied, name: str) -> None:
    given, expected = FAULTS[name]
    given = {
        key: value.replace("{code}", staged.code) if isinstance(value, str) else value for key, value in given.items()
    }
    staged.carries(**given)
    swept = staged.swept()
    assert {code: finding.fault for code, finding in swept.items()} == expected
    kept = staged.newsroom.copy().evidence[-1]
    for finding in swept.values():
        assert (finding.standing, finding.version) == (FindingStatus.PROPOSED, 1)
        assert (finding.page_url, finding.page_at, finding.page_hash) == (kept.final_url, kept.at, kept.body_hash)
        assert finding.evidence_id == kept.id
        assert staged.scene.context.store.read(kept.body_key or "")


def _agreed(staged: Copied, minutes: int, topics: tuple[str, ...] = ()) -> None:
    with staged.scene.database.write() as session:
        change_agreement(
            session,
            "test",
            session.get_one(Agreement, staged.agreement),
            AgreementContent(starts_on=date(2026, 1, 1), topics=topics, delay_minutes=minutes),
            now=staged.scene.context.now(),
        )


def test_a_prompt_copy_is_not_accused_where_no_agreement_asks_for_a_delay(staged: Copied) -> None:
    staged.carries(at=staged.scene.context.now() - timedelta(minutes=118))
    assert staged.swept() == {}


def test_a_copy_within_the_delay_of_its_agreement_is_too_soon_and_the_agreement_is_named(staged: Copied) -> None:
    _agreed(staged, 60)
    staged.carries(at=staged.scene.context.now() - timedelta(minutes=100))  # 20 minutes after the release
    (finding,) = staged.swept().values()
    assert (finding.code, finding.version, finding.fault) == ("R5", 3, "too_soon")
    assert {name: finding.facts[name] for name in ("minutes", "wanted", "agreement")} == {
        "minutes": 21, "wanted": 60, "agreement": "12/TT",
    }  # fmt: skip


def test_the_delay_of_an_agreement_for_other_topics_is_not_asked(staged: Copied) -> None:
    _agreed(staged, 60, ("an-ninh-quoc-phong",))
    staged.carries(at=staged.scene.context.now() - timedelta(minutes=100))
    assert "R5" not in staged.swept()


def test_what_an_agreement_waives_is_not_asked_once_the_office_says_so(staged: Copied) -> None:
    with staged.scene.database.write() as session:
        newest = versions_of(session, "R5")[0]
        add_version(
            session, ADMIN, "R5", newest.version, title=newest.title, text=newest.text, basis="Thỏa thuận",
            in_force_from=date(2026, 11, 24), in_force_to=None,
            parameters={"delay_minutes": 60, "agreement_waives": True}, severity=RuleSeverity.SERIOUS,
            now=staged.scene.context.now(),
        )  # fmt: skip
    staged.carries(at=staged.scene.context.now() - timedelta(minutes=100))
    assert staged.swept() == {}


def test_a_page_from_before_the_release_is_reported_so(staged: Copied) -> None:
    # Put out for tomorrow, and seen today.
    with staged.scene.database.write() as session:
        session.execute(sa.text("UPDATE bulletins SET release_at = :at"), {"at": "2026-11-24 05:00:00.000000"})
    staged.carries(at=None)
    assert staged.swept()["R5"].fault == "before_release"


def _ended_agreement(copied: Copied) -> None:
    with copied.scene.database.write() as session:
        session.execute(sa.text("UPDATE agreements SET ends_on = '2026-10-31'"))


def _agreement_for_another_topic(copied: Copied) -> None:
    with copied.scene.database.write() as session:
        session.execute(sa.text("UPDATE agreements SET topics = '[\"kinh-te-xa-hoi\"]'"))


def _no_agreement(copied: Copied) -> None:
    with copied.scene.database.write() as session:
        session.execute(sa.text("DELETE FROM agreements"))


def _ended_licence(copied: Copied) -> None:
    with copied.scene.database.write() as session:
        session.execute(sa.text("UPDATE licences SET expires_on = '2026-10-31'"))


def _narrow_licence(copied: Copied) -> None:
    with copied.scene.database.write() as session:
        session.execute(sa.text("UPDATE licences SET scope = '[\"Văn hóa\"]'"))


PAPERS = {
    _ended_agreement: ("R8", "agreement_ended", "site"),
    _agreement_for_another_topic: ("R8", "agreement_other_topic", "site"),
    _no_agreement: ("R8", "no_agreement", "site"),
    _ended_licence: ("R9", "licence_ended", "site"),
    _narrow_licence: ("R7", "out_of_scope", "rep"),
}


@pytest.mark.parametrize("change", PAPERS, ids=lambda item: item.__name__)
def test_each_paper_that_fails_is_proposed_by_its_rule(copied: Copied, change: Callable[[Copied], None]) -> None:
    change(copied)
    copied.carries()
    (finding,) = copied.swept().values()
    code, fault, subject = PAPERS[change]
    assert (finding.code, finding.fault, finding.subject.partition(":")[0]) == (code, fault, subject)
    assert finding.republication_id == copied.newsroom.copy().id


def test_no_licence_at_all_is_asked_only_where_the_office_wants_it(staged: Copied) -> None:
    with staged.scene.database.write() as session:
        session.execute(sa.text("DELETE FROM licence_versions"))
        session.execute(sa.text("DELETE FROM licences"))
    staged.carries()
    assert staged.swept() == {}


def test_a_withdrawn_copy_is_proposed_after_its_time_and_not_before(copied: Copied) -> None:
    copied.carries()
    copied.swept()
    copied.scene.recall(copied.code)
    copied.scene.clock.forward(hours=23)
    due_again(copied.newsroom)
    assert "R10" not in copied.swept()
    copied.scene.clock.forward(hours=2)
    due_again(copied.newsroom)
    finding = copied.swept()["R10"]
    assert (finding.fault, finding.facts["wanted"]) == ("still_up", 1440)
    assert finding.facts["minutes"] >= 1440
    copied.newsroom.removes(PATH)
    for _look in range(3):
        copied.scene.clock.forward(hours=30)
        due_again(copied.newsroom)
    assert copied.swept()["R10"].mended_seen_at is not None


def test_a_recalled_bulletin_has_to_go_from_every_address_and_other_rules_look_at_the_counted_one(
    copied: Copied,
) -> None:
    other = "/tin/suc-khoe-ban-khac.html"
    for path in (PATH, other):
        copied.newsroom.carries(path, copied.code, at=copied.at(), **({"source": ""} if path == other else {}))
        found(copied.newsroom, path)
    copies = {row.canonical_url.rpartition("/")[2]: row for row in copied.newsroom.copies()}
    assert {name: row.status for name, row in copies.items()} == {
        PATH.rpartition("/")[2]: RepublicationStatus.CONFIRMED, other.rpartition("/")[2]: RepublicationStatus.DUPLICATE,
    }  # fmt: skip
    assert copied.swept() == {}, "the other address names no source, and is not the one that counts"
    copied.scene.recall(copied.code)
    copied.scene.clock.forward(hours=25)
    due_again(copied.newsroom)
    copied.swept()
    with copied.scene.database.read() as session:
        rows = session.execute(sa.select(Finding.republication_id).where(Finding.code == "R10")).scalars().all()
    assert sorted(rows) == sorted(row.id for row in copies.values())


def test_sweeping_again_and_again_proposes_nothing_twice(copied: Copied) -> None:
    copied.carries(source="")
    first = {finding.public for finding in copied.swept().values()}
    copied.carries(source="", parts=[*PARTS, "Thêm một câu."])
    assert {finding.public for finding in copied.swept().values()} == first
    assert rule_evaluation.sweep(copied.scene.context) == 0


def test_a_page_put_right_is_noted_beside_the_finding_and_nothing_is_closed(staged: Copied) -> None:
    staged.carries(source="")
    staged.swept()
    staged.scene.clock.forward(hours=1)
    staged.carries()
    swept = staged.swept()
    assert all(
        finding.mended_seen_at is not None and finding.standing is FindingStatus.PROPOSED for finding in swept.values()
    )
    staged.scene.clock.forward(hours=1)
    staged.carries(source="")
    assert all(finding.mended_seen_at is None for finding in staged.swept().values())
    with staged.scene.database.read() as session:
        row = find_finding(session, swept["R2"].public)
        assert [step.happened.value for step in steps_of(session, row)] == ["proposed", "seen_mended", "seen_again"]


def test_a_dismissed_fault_is_not_proposed_again_and_another_one_is(staged: Copied) -> None:
    staged.carries(source="")
    swept = staged.swept()
    with staged.scene.database.write() as session:
        for finding in swept.values():
            finding_workflow.conclude_finding(
                session, ANALYST, finding.public, 0, confirm=False, note="Đã gọi", now=staged.scene.context.now()
            )
    staged.scene.clock.forward(hours=1)
    staged.carries(source="", parts=[*PARTS, "Thêm một câu."])
    assert {code: finding.public for code, finding in staged.swept().items()} == {
        code: finding.public for code, finding in swept.items()
    }
    staged.scene.clock.forward(hours=1)
    staged.carries(source="<p>Nguồn: Báo Bình Minh</p>")
    again = staged.swept()
    assert again["R2"].public != swept["R2"].public
    assert again["R2"].fault == "other_source"


def test_an_old_copy_is_judged_by_the_rule_of_its_day_and_keeps_it(staged: Copied) -> None:
    _agreed(staged, 60)
    staged.carries(at=staged.scene.context.now() - timedelta(minutes=100))
    before = staged.swept()["R5"]
    with staged.scene.database.write() as session:
        newest = versions_of(session, "R5")[0]
        add_version(
            session, ADMIN, "R5", 3, title=newest.title, text="Không sớm hơn 10 phút.", basis="Nghị định mới",
            in_force_from=date(2026, 11, 25), in_force_to=None, parameters={"delay_minutes": 10},
            severity=RuleSeverity.MINOR, now=staged.scene.context.now(),
        )  # fmt: skip
    staged.scene.clock.forward(days=2)
    staged.carries(at=before.page_at - timedelta(minutes=100), parts=[*PARTS, "Thêm một câu."])
    after = staged.swept()["R5"]
    # Read after the change, but about a day before it: the version of that day still judges.
    assert (after.public, after.version, after.rule_id) == (before.public, 3, before.rule_id)


def test_what_was_read_before_the_rules_came_is_left_until_it_is_read_again(
    stage: JobHarness, server: HostileServer
) -> None:
    newsroom = ScriptedSite(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    stage.clock.forward(hours=2)
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    stage.clock.forward(hours=1)
    assert rule_evaluation.sweep(stage.context) == 0
    newsroom.carries(PATH, code, source="", parts=[*PARTS, "Thêm một câu."])
    due_again(newsroom)
    stage.clock.forward(hours=1)
    assert rule_evaluation.sweep(stage.context) > 0


def test_a_copy_about_which_a_rule_has_a_suspicion_is_looked_at_by_a_browser(staged: Copied) -> None:
    staged.carries(at=None)
    with staged.scene.database.write() as session:
        session.execute(sa.update(Republication).values(browser_look=BrowserLook.NOT_NEEDED, look_note=""))
    assert set(staged.swept()) == {"R4"}
    copy = staged.newsroom.copy()
    assert (copy.browser_look, copy.look_note) == (BrowserLook.NEEDED, LookCause.SUSPECTED.value)
