"""Acts: one transaction each, with everything that follows from it, and the workers nudged once it is committed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Forbidden, Invalid
from campaigns.core.journal import Entry
from campaigns.publishing import subscriptions
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.outbox import Delivery
from campaigns.publishing.subscriptions import Subscription
from coordinator.jobs import acts
from coordinator.jobs.acts import Stood
from tests.coordinator.jobs.scene import Scene
from tests.factories import ANALYST, APPROVER, WRITER, text


def _created(scene: Scene, **given: object) -> Stood:
    return acts.create(scene.front, WRITER, text("Lịch cấp nước"), topic="dich-benh", **given)  # type: ignore[arg-type]


def _approved(scene: Scene) -> Stood:
    made = _created(scene)
    acts.submit(scene.front, WRITER, made.code)
    return acts.approve(scene.front, APPROVER, made.code, made.revision_hash)


def _count(scene: Scene, kind: type[Bulletin] | type[Delivery] | type[Entry]) -> int:
    with scene.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(kind)).scalar_one()


def test_the_whole_way_of_a_bulletin(scene: Scene) -> None:
    scene.channel()
    made = _created(scene)
    assert (made.state, made.revision) == ("draft", 1)
    again = acts.revise(scene.front, WRITER, made.code, text("Lịch cấp nước, bản hai"), expected=1)
    assert (again.revision, again.revision_hash != made.revision_hash) == (2, True)
    assert acts.submit(scene.front, WRITER, made.code).state == "submitted"
    assert acts.return_for_changes(scene.front, APPROVER, made.code, "Thiếu giờ").state == "draft"
    acts.submit(scene.front, WRITER, made.code)
    assert scene.runner.kinds == []
    assert acts.approve(scene.front, APPROVER, made.code, again.revision_hash).state == "approved"
    assert acts.publish(scene.front, APPROVER, made.code).state == "published"
    assert set(scene.runner.kinds) == {"deliver", "tell"}
    corrected = acts.correct(scene.front, APPROVER, made.code, text("Lịch cấp nước, đã sửa"), "Sửa giờ", expected=2)
    assert (corrected.state, corrected.revision) == ("published", 3)
    assert acts.recall(scene.front, APPROVER, made.code, "Sai ngày").state == "recalled"
    assert scene.journal_holds()


def test_what_is_written_beside_an_act_is_written_if_and_only_if_the_act_is(scene: Scene) -> None:
    def also(session: Session, bulletin: Bulletin) -> None:
        session.execute(sa.update(Bulletin).where(Bulletin.id == bulletin.id).values(return_note="bên cạnh"))

    made = _created(scene, also=also)
    with scene.database.read() as session:
        assert session.execute(sa.select(Bulletin.return_note)).scalar_one() == "bên cạnh"

    def fails(session: Session, bulletin: Bulletin) -> None:
        raise KeyError("beside it")

    before = (_count(scene, Bulletin), _count(scene, Entry))
    with pytest.raises(KeyError):
        _created(scene, also=fails)
    acts.submit(scene.front, WRITER, made.code)
    acts.approve(scene.front, APPROVER, made.code, made.revision_hash)
    scene.channel()
    scene.runner.kinds.clear()
    with pytest.raises(KeyError):
        acts.publish(scene.front, APPROVER, made.code, also=fails)
    assert (_count(scene, Bulletin), _count(scene, Delivery)) == (before[0], 0)
    assert scene.runner.kinds == []
    assert scene.journal_holds()


def test_an_act_that_is_refused_changes_nothing_and_nudges_nobody(scene: Scene) -> None:
    scene.channel()
    made = _created(scene)
    before = _count(scene, Entry)
    with pytest.raises(Conflict):
        acts.publish(scene.front, APPROVER, made.code)
    with pytest.raises(Forbidden):
        acts.submit(scene.front, ANALYST, made.code)
    with pytest.raises(Invalid):
        acts.create(scene.front, WRITER, text("x"), topic="khong-co")
    assert (_count(scene, Entry), _count(scene, Delivery), scene.runner.kinds) == (before, 0, [])


def test_publishing_announces_to_the_subscribers_and_scheduling_waits(scene: Scene) -> None:
    now = scene.place.now()
    with scene.database.write() as session:
        row = subscriptions.ask(
            session, topic="https://tin.example/feeds/atom.xml", sealed_topic="", callback="https://doc.example/",
            subscribe=True, lease_seconds=86_400, sealed_secret=None, challenge="c", now=now,
        )  # fmt: skip
        assert row is not None
        subscriptions.confirm(session, row, now=now)
    later = acts.publish(scene.front, APPROVER, _approved(scene).code, now + timedelta(hours=1))
    assert later.state == "scheduled"
    acts.publish(scene.front, APPROVER, _approved(scene).code)
    with scene.database.read() as session:
        assert session.execute(sa.select(Subscription.due_at)).scalar_one() == now


def test_of_two_releases_at_one_moment_the_later_has_the_later_time(scene: Scene) -> None:
    codes = [acts.publish(scene.front, APPROVER, _approved(scene).code).code for _ in range(3)]
    with scene.database.read() as session:
        query = sa.select(Bulletin.code).where(Bulletin.changed_at.is_not(None)).order_by(Bulletin.changed_at)
        assert session.execute(query).scalars().all() == codes
        moments = session.execute(sa.select(Bulletin.changed_at)).scalars().all()
    assert len(set(moments)) == 3


def test_a_text_is_cleaned_and_its_plain_text_derived(scene: Scene) -> None:
    made = acts.make_text("Tin", "Dẫn", body_html="<p onclick='x()'>Một <b>hai</b></p><script>alert(1)</script>")
    assert "script" not in made.body_html
    assert "onclick" not in made.body_html
    assert made.body_text.split() == ["Một", "hai"]
    plain = acts.make_text("Tin", "Dẫn", body_text="Một < hai\n\nBa")
    assert plain.body_text.split("\n\n") == ["Một < hai", "Ba"]
    assert "&lt;" in plain.body_html


def test_the_newest_text_is_what_a_change_starts_from(scene: Scene) -> None:
    made = _created(scene)
    acts.revise(scene.front, WRITER, made.code, text("Bản hai"))
    newest, number = acts.current_text(scene.front, made.code)
    assert (newest.title, number) == ("Bản hai", 2)
