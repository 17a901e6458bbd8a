"""Copies on a partner's site on loopback, read and kept by the product, held against the rules of their day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from campaigns.compliance import acting
from campaigns.compliance.findings import Finding, Standing, find_finding, steps_of
from campaigns.compliance.rules import Severity, add_version, versions_of
from campaigns.compliance.sweeping import SETTLED
from campaigns.partners.agreements import add_agreement
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import add_licence
from coordinator.jobs import complying
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.lifetime import PATH, due_again, found
from tests.coordinator.jobs.newsroom import BODY, PARTS, TITLE, Newsroom
from tests.coordinator.jobs.scene import Scene
from tests.factories import ADMIN, ANALYST

LATER = {"hours": 2}


class Copied:
    """A bulletin and a site, whose company has an agreement and a licence for everything."""

    def __init__(self, scene: Scene, server: HostileServer) -> None:
        self.scene = scene
        self.newsroom = Newsroom(scene, server)
        complying.sweep(scene.place)  # from now on
        with scene.database.write() as session:
            company = session.get_one(Company, self.newsroom.company.id)
            self.agreement = add_agreement(
                session,
                "test",
                company,
                number="12/TT",
                starts_on=date(2026, 1, 1),
                ends_on=None,
                now=scene.place.now(),
            ).id
            add_licence(
                session, "test", company, number="2215/GP-TTĐT", kind=SiteKind.AGGREGATOR, issuer="Sở TT&TT",
                issued_on=date(2024, 3, 5), expires_on=date(2029, 3, 5), domains=["127.0.0.1"], scope=[],
                now=scene.place.now(),
            )  # fmt: skip
        self.code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(**LATER)

    def at(self) -> datetime:
        return self.scene.place.now() - timedelta(minutes=10)

    def carries(self, **given: object) -> None:
        """Put the copy up as told, and read it."""
        self.newsroom.carries(PATH, self.code, **{"at": self.at(), **given})
        if self.newsroom.copies():
            due_again(self.newsroom)
        else:
            found(self.newsroom)

    def swept(self) -> dict[str, Finding]:
        """Go through what was read; every finding there is, by rule."""
        self.scene.clock.forward(seconds=SETTLED.total_seconds() + 1)
        complying.sweep(self.scene.place)
        with self.scene.database.read() as session:
            rows = session.execute(sa.select(Finding).order_by(Finding.id)).scalars().all()
            return {one.code: one for one in rows}


@pytest.fixture
def copied(scene: Scene, server: HostileServer) -> Copied:
    """On each kind of database."""
    return Copied(scene, server)


@pytest.fixture
def staged(stage: Scene, server: HostileServer) -> Copied:
    """Where the kind of database makes no difference."""
    return Copied(stage, server)


def _paper(copied: Copied, change: Callable[[Company], None]) -> None:
    with copied.scene.database.write() as session:
        change(session.get_one(Company, copied.newsroom.company.id))


def test_a_copy_that_keeps_every_rule_is_suspected_of_nothing(copied: Copied) -> None:
    copied.carries()
    assert copied.swept() == {}


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
    "a part left out": ({"parts": PARTS[:4]}, {"R6": "not_verbatim"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_of_a_page_is_proposed_by_its_rule_with_the_page_as_proof(staged: Copied, name: str) -> None:
    given, expected = FAULTS[name]
    given = {
        key: value.replace("{code}", staged.code) if isinstance(value, str) else value for key, value in given.items()
    }
    staged.carries(**given)
    told = staged.swept()
    assert {code: one.fault for code, one in told.items()} == expected
    kept = staged.newsroom.copy().evidence[-1]
    for one in told.values():
        assert (one.standing, one.version) == (Standing.PROPOSED, 1)
        assert (one.page_url, one.page_at, one.page_hash) == (kept.final_url, kept.at, kept.body_hash)
        assert one.evidence_id == kept.id
        assert staged.scene.place.store.read(kept.body_key or "")


def test_a_copy_within_the_hour_is_too_soon_by_the_rule_of_its_day(staged: Copied) -> None:
    staged.carries(at=staged.scene.place.now() - timedelta(minutes=100))  # 20 minutes after the release
    (one,) = staged.swept().values()
    assert (one.code, one.version, one.fault, one.facts["minutes"], one.facts["wanted"]) == (
        "R5",
        2,
        "too_soon",
        21,
        60,
    )


def test_what_an_agreement_waives_is_not_asked_once_the_office_says_so(staged: Copied) -> None:
    with staged.scene.database.write() as session:
        newest = versions_of(session, "R5")[0]
        add_version(
            session, ADMIN, "R5", newest.version, title=newest.title, text=newest.text, basis="Thỏa thuận",
            in_force_from=date(2026, 11, 24), in_force_to=None,
            parameters={"delay_minutes": 60, "agreement_waives": True}, severity=Severity.SERIOUS,
            now=staged.scene.place.now(),
        )  # fmt: skip
    staged.carries(at=staged.scene.place.now() - timedelta(minutes=100))
    assert staged.swept() == {}


def test_a_page_from_before_the_release_is_told_so(staged: Copied) -> None:
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


@pytest.mark.parametrize("change", PAPERS, ids=lambda one: one.__name__)
def test_each_paper_that_fails_is_proposed_by_its_rule(copied: Copied, change: Callable[[Copied], None]) -> None:
    change(copied)
    copied.carries()
    (one,) = copied.swept().values()
    code, fault, subject = PAPERS[change]
    assert (one.code, one.fault, one.subject.partition(":")[0]) == (code, fault, subject)
    assert one.republication_id == copied.newsroom.copy().id


def test_no_licence_at_all_is_asked_only_where_the_office_wants_it(staged: Copied) -> None:
    with staged.scene.database.write() as session:
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
    one = copied.swept()["R10"]
    assert (one.fault, one.facts["wanted"]) == ("still_up", 1440)
    assert one.facts["minutes"] >= 1440
    copied.newsroom.removes(PATH)
    for _look in range(3):
        copied.scene.clock.forward(hours=30)
        due_again(copied.newsroom)
    assert copied.swept()["R10"].mended_seen_at is not None


def test_sweeping_again_and_again_proposes_nothing_twice(copied: Copied) -> None:
    copied.carries(source="")
    first = {one.public for one in copied.swept().values()}
    copied.carries(source="", parts=[*PARTS, "Thêm một câu."])
    assert {one.public for one in copied.swept().values()} == first
    assert complying.sweep(copied.scene.place) == 0


def test_a_page_put_right_is_noted_beside_the_finding_and_nothing_is_closed(staged: Copied) -> None:
    staged.carries(source="")
    staged.swept()
    staged.scene.clock.forward(hours=1)
    staged.carries()
    told = staged.swept()
    assert all(one.mended_seen_at is not None and one.standing is Standing.PROPOSED for one in told.values())
    staged.scene.clock.forward(hours=1)
    staged.carries(source="")
    assert all(one.mended_seen_at is None for one in staged.swept().values())
    with staged.scene.database.read() as session:
        row = find_finding(session, told["R2"].public)
        assert [one.happened.value for one in steps_of(session, row)] == ["proposed", "seen_mended", "seen_again"]


def test_a_dismissed_fault_is_not_proposed_again_and_another_one_is(staged: Copied) -> None:
    staged.carries(source="")
    told = staged.swept()
    with staged.scene.database.write() as session:
        for one in told.values():
            acting.conclude(session, ANALYST, one.public, 0, confirm=False, note="Đã gọi", now=staged.scene.place.now())
    staged.scene.clock.forward(hours=1)
    staged.carries(source="", parts=[*PARTS, "Thêm một câu."])
    assert {code: one.public for code, one in staged.swept().items()} == {
        code: one.public for code, one in told.items()
    }
    staged.scene.clock.forward(hours=1)
    staged.carries(source="<p>Nguồn: Báo Bình Minh</p>")
    again = staged.swept()
    assert again["R2"].public != told["R2"].public
    assert again["R2"].fault == "other_source"


def test_an_old_copy_is_judged_by_the_rule_of_its_day_and_keeps_it(staged: Copied) -> None:
    staged.carries(at=staged.scene.place.now() - timedelta(minutes=100))
    before = staged.swept()["R5"]
    with staged.scene.database.write() as session:
        newest = versions_of(session, "R5")[0]
        add_version(
            session, ADMIN, "R5", 2, title=newest.title, text="Không sớm hơn 10 phút.", basis="Nghị định mới",
            in_force_from=date(2026, 11, 25), in_force_to=None, parameters={"delay_minutes": 10},
            severity=Severity.MINOR, now=staged.scene.place.now(),
        )  # fmt: skip
    staged.scene.clock.forward(days=2)
    staged.carries(at=before.page_at - timedelta(minutes=100), parts=[*PARTS, "Thêm một câu."])
    after = staged.swept()["R5"]
    # Read after the change, but about a day before it: the version of that day still judges.
    assert (after.public, after.version, after.rule_id) == (before.public, 2, before.rule_id)


def test_what_was_read_before_the_rules_came_is_left_until_it_is_read_again(
    stage: Scene, server: HostileServer
) -> None:
    newsroom = Newsroom(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    stage.clock.forward(hours=2)
    newsroom.carries(PATH, code, source="")
    found(newsroom)
    stage.clock.forward(hours=1)
    assert complying.sweep(stage.place) == 0
    newsroom.carries(PATH, code, source="", parts=[*PARTS, "Thêm một câu."])
    due_again(newsroom)
    stage.clock.forward(hours=1)
    assert complying.sweep(stage.place) > 0
