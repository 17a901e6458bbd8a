"""Commands: one transaction each with all effects, and workers are nudged after the commit."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.core.journal import JournalEntry
from campaigns.delivery import websub_subscriptions
from campaigns.delivery.outbox import Delivery
from campaigns.delivery.websub_subscriptions import WebsubSubscription
from coordinator.jobs.release import commands
from coordinator.jobs.release.commands import BulletinStatus
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import ANALYST, APPROVER, WRITER, text


def _created(scene: JobHarness, **given: object) -> BulletinStatus:
    return commands.create(scene.app_context, WRITER, text("Lịch cấp nước"), topic="dich-benh", **given)  # type: ignore[arg-type]


def _approved(scene: JobHarness) -> BulletinStatus:
    made = _created(scene)
    commands.submit(scene.app_context, WRITER, made.code)
    return commands.approve(scene.app_context, APPROVER, made.code, made.revision_hash)


def _count(scene: JobHarness, kind: type[Bulletin] | type[Delivery] | type[JournalEntry]) -> int:
    with scene.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(kind)).scalar_one()


def test_the_whole_way_of_a_bulletin(scene: JobHarness) -> None:
    scene.channel()
    made = _created(scene)
    assert (made.state, made.revision) == ("draft", 1)
    again = commands.revise(scene.app_context, WRITER, made.code, text("Lịch cấp nước, bản hai"), expected=1)
    assert (again.revision, again.revision_hash != made.revision_hash) == (2, True)
    assert commands.submit(scene.app_context, WRITER, made.code).state == "submitted"
    assert commands.return_for_changes(scene.app_context, APPROVER, made.code, "Thiếu giờ").state == "draft"
    commands.submit(scene.app_context, WRITER, made.code)
    assert scene.runner.kinds == []
    assert commands.approve(scene.app_context, APPROVER, made.code, again.revision_hash).state == "approved"
    assert commands.publish(scene.app_context, APPROVER, made.code).state == "published"
    assert set(scene.runner.kinds) == {"delivery", "websub"}
    corrected = commands.correct(
        scene.app_context, APPROVER, made.code, text("Lịch cấp nước, đã sửa"), "Sửa giờ", expected=2
    )
    assert (corrected.state, corrected.revision) == ("published", 3)
    assert commands.recall(scene.app_context, APPROVER, made.code, "Sai ngày").state == "recalled"
    assert scene.journal_holds()


def test_what_is_written_beside_an_act_is_written_if_and_only_if_the_act_is(scene: JobHarness) -> None:
    def also(session: Session, bulletin: Bulletin) -> None:
        session.execute(sa.update(Bulletin).where(Bulletin.id == bulletin.id).values(return_note="bên cạnh"))

    made = _created(scene, also=also)
    with scene.database.read() as session:
        assert session.execute(sa.select(Bulletin.return_note)).scalar_one() == "bên cạnh"

    def fails(session: Session, bulletin: Bulletin) -> None:
        raise KeyError("beside it")

    before = (_count(scene, Bulletin), _count(scene, JournalEntry))
    with pytest.raises(KeyError):
        _created(scene, also=fails)
    commands.submit(scene.app_context, WRITER, made.code)
    commands.approve(scene.app_context, APPROVER, made.code, made.revision_hash)
    scene.channel()
    scene.runner.kinds.clear()
    with pytest.raises(KeyError):
        commands.publish(scene.app_context, APPROVER, made.code, also=fails)
    assert (_count(scene, Bulletin), _count(scene, Delivery)) == (before[0], 0)
    assert scene.runner.kinds == []
    assert scene.journal_holds()


def test_an_act_that_is_refused_changes_nothing_and_nudges_nobody(scene: JobHarness) -> None:
    scene.channel()
    made = _created(scene)
    before = _count(scene, JournalEntry)
    with pytest.raises(Conflict):
        commands.publish(scene.app_context, APPROVER, made.code)
    with pytest.raises(Forbidden):
        commands.submit(scene.app_context, ANALYST, made.code)
    with pytest.raises(Invalid):
        commands.create(scene.app_context, WRITER, text("x"), topic="khong-co")
    assert (_count(scene, JournalEntry), _count(scene, Delivery), scene.runner.kinds) == (before, 0, [])


def test_publishing_announces_to_the_subscribers_and_scheduling_waits(scene: JobHarness) -> None:
    now = scene.context.now()
    with scene.database.write() as session:
        row = websub_subscriptions.request_subscription(
            session, topic="https://tin.example/feeds/atom.xml", encrypted_topic="", callback="https://doc.example/",
            subscribe=True, lease_seconds=86_400, encrypted_secret=None, challenge="c", now=now,
        )  # fmt: skip
        assert row is not None
        websub_subscriptions.confirm_subscription(session, row, now=now)
    later = commands.publish(scene.app_context, APPROVER, _approved(scene).code, now + timedelta(hours=1))
    assert later.state == "scheduled"
    commands.publish(scene.app_context, APPROVER, _approved(scene).code)
    with scene.database.read() as session:
        assert session.execute(sa.select(WebsubSubscription.due_at)).scalar_one() == now


def test_of_two_releases_at_one_moment_the_later_has_the_later_time(scene: JobHarness) -> None:
    codes = [commands.publish(scene.app_context, APPROVER, _approved(scene).code).code for _ in range(3)]
    with scene.database.read() as session:
        query = sa.select(Bulletin.code).where(Bulletin.changed_at.is_not(None)).order_by(Bulletin.changed_at)
        assert session.execute(query).scalars().all() == codes
        moments = session.execute(sa.select(Bulletin.changed_at)).scalars().all()
    assert len(set(moments)) == 3


def test_a_text_is_cleaned_and_its_plain_text_derived(scene: JobHarness) -> None:
    made = commands.make_text("Tin", "Dẫn", body_html="<p onclick='x()'>Một <b>hai</b></p><script>alert(1)</script>")
    assert "script" not in made.body_html
    assert "onclick" not in made.body_html
    assert made.body_text.split() == ["Một", "hai"]
    plain = commands.make_text("Tin", "Dẫn", body_text="Một < hai\n\nBa")
    assert plain.body_text.split("\n\n") == ["Một < hai", "Ba"]
    assert "&lt;" in plain.body_html


def test_the_newest_text_is_what_a_change_starts_from(scene: JobHarness) -> None:
    made = _created(scene)
    commands.revise(scene.app_context, WRITER, made.code, text("Bản hai"))
    newest, number = commands.current_text(scene.app_context, made.code)
    assert (newest.title, number) == ("Bản hai", 2)
