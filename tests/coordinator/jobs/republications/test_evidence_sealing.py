"""Evidence of an earlier release comes under the journal at an upgrade, once; what is put in later does not."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.republications.evidence import evidence_seals, verification
from campaigns.republications.republications import Evidence
from coordinator.jobs.reporting.count_check import check_count
from coordinator.jobs.republications.evidence_sealing import adopt_evidence, seal_earlier_evidence, unnamed_evidence
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, due_again, found
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite

EARLIER = SimpleNamespace(evidence_hash=lambda *_: None, record_look=lambda *_, **__: None)


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


def looks(newsroom: ScriptedSite, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Looks of an earlier release, which recorded no hashes."""
    scene = newsroom.scene
    with monkeypatch.context() as earlier:
        earlier.setattr(verification, "evidence_seals", EARLIER)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        newsroom.carries(PATH, code)
        found(newsroom)
        for _ in range(count - 1):
            scene.clock.forward(days=1)
            due_again(newsroom)


def faults(scene: JobHarness) -> tuple[list[str], str]:
    """The codes of what is found, and why the journal does not hold."""
    named: list[str] = []
    check = check_count(
        scene.database, scene.context.store, lambda copy: named.extend(fault.code for fault in copy.faults)
    )
    return named, check.journal.why if check.journal is not None else ""


def _put_in(session: Session) -> None:
    last = session.scalars(sa.select(Evidence).order_by(Evidence.id.desc()).limit(1)).one()
    values = {column.key: getattr(last, column.key) for column in Evidence.__table__.c} | {"id": None}
    session.add(Evidence(**values))


def _change(session: Session, statement: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(sa.text("DROP TRIGGER IF EXISTS evidence_no_update"))
        session.execute(sa.text("DROP TRIGGER IF EXISTS evidence_no_delete"))
    session.execute(sa.text(statement))


def test_what_an_earlier_release_wrote_is_named_then_sealed_and_a_change_of_it_found(
    scene: JobHarness, newsroom: ScriptedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_seals, "ROWS_PER_RANGE", 2)
    looks(newsroom, monkeypatch, 5)
    assert faults(scene) == (["evidence_unnamed"] * 5, "")
    assert seal_earlier_evidence(scene.database) == 5
    assert seal_earlier_evidence(scene.database) == 0
    assert faults(scene) == ([], "")
    scene.clock.forward(days=1)
    due_again(newsroom)
    assert faults(scene) == ([], "")
    for statement in (
        "UPDATE evidence SET page_text = 'Khác' WHERE id = (SELECT min(id) FROM evidence)",
        "DELETE FROM evidence WHERE id = (SELECT min(id) + 3 FROM evidence)",
    ):
        with scene.database.write() as session:
            before = session.begin_nested()
            _change(session, statement)
            ranges = evidence_seals.sealed_ranges(session)
            broken = [fault for sealed in ranges if (fault := evidence_seals.check_range(session, sealed))]
            before.rollback()
        assert ["2 at that time" in fault.why for fault in broken] == [True], statement


def test_a_row_that_was_put_in_later_is_sealed_by_no_later_upgrade(
    scene: JobHarness, newsroom: ScriptedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(newsroom, monkeypatch, 2)
    assert seal_earlier_evidence(scene.database) == 2
    with scene.database.write() as session:
        _put_in(session)
    assert seal_earlier_evidence(scene.database) == 0
    assert faults(scene) == (["evidence_unnamed"], "")


def test_an_installation_that_never_had_an_earlier_release_seals_nothing(
    scene: JobHarness, newsroom: ScriptedSite
) -> None:
    code = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    newsroom.carries(PATH, code)
    found(newsroom)
    with scene.database.write() as session:
        _put_in(session)
    assert seal_earlier_evidence(scene.database) == 0
    assert faults(scene) == (["evidence_unnamed"], "")


def test_what_a_process_of_an_earlier_release_wrote_during_the_upgrade_is_sealed_by_an_operator(
    scene: JobHarness, newsroom: ScriptedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(newsroom, monkeypatch, 2)
    seal_earlier_evidence(scene.database)
    with monkeypatch.context() as earlier:
        earlier.setattr(verification, "evidence_seals", EARLIER)
        scene.clock.forward(days=1)
        due_again(newsroom)
    (fault,) = unnamed_evidence(scene.database)
    assert (fault.copy, len(fault.unnamed), fault.changed, fault.removed) == (newsroom.copy().public, 1, (), 0)
    adopt_evidence(scene.database, fault, "cli")
    assert list(unnamed_evidence(scene.database)) == []
    assert faults(scene) == ([], "")
    assert seal_earlier_evidence(scene.database) == 0


def test_a_row_with_a_value_that_the_product_cannot_have_written_is_named(
    scene: JobHarness, newsroom: ScriptedSite
) -> None:
    if not scene.database.on_sqlite:  # PostgreSQL keeps no such value
        return
    code = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    newsroom.carries(PATH, code)
    found(newsroom)
    with scene.database.write() as session:
        _change(session, "UPDATE evidence SET published_at = 'hôm qua', passages = 'x'")
    with scene.database.read() as session:
        batch = evidence_seals.check_evidence(session, [])
    assert [len(fault.changed) for fault in batch.faults] == [1]
