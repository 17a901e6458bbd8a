"""A repeated POST acts once: later, at the same moment, and after a crash."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from campaigns.people import idempotency
from campaigns.people.idempotency import IdempotencyKey
from coordinator.api.idempotency import ReplyKeeper
from tests.coordinator.api.harness import ApiHarness

DRAFT = {"title": "Tin", "body_text": "Chữ", "topic": "dich-benh"}


def key(text: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": text}}


def count(world: ApiHarness) -> int:
    with world.database.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(Bulletin)).scalar_one()


def test_the_same_request_gets_the_same_answer_and_acts_once(world: ApiHarness) -> None:
    writer = world.caller("writer")
    first = writer.post("/bulletins", DRAFT, **key("một".encode().hex()))
    world.clock.forward(hours=1)
    second = writer.post("/bulletins", DRAFT, **key("một".encode().hex()))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_data() == second.get_data()
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(world) == 1


def test_another_request_under_the_same_key_is_409(world: ApiHarness) -> None:
    writer = world.caller("writer")
    code = writer.post("/bulletins", DRAFT, **key("k")).get_json()["code"]
    for path, body in (("/bulletins", DRAFT | {"title": "Khác"}), (f"/bulletins/{code}/submit", None)):
        answer = writer.post(path, body, **key("k"))
        assert (answer.status_code, answer.get_json()["code"]) == (409, "idempotency_key_reused")
    assert count(world) == 1
    assert writer.get(f"/bulletins/{code}").get_json()["state"] == "draft"


def test_each_caller_has_keys_of_its_own(world: ApiHarness) -> None:
    codes = {
        world.caller(actor_id).post("/bulletins", DRAFT, **key("k")).get_json()["code"]
        for actor_id in ("writer", "approver")
    }
    assert len(codes) == 2


def test_what_was_refused_is_not_kept_and_may_be_sent_again(world: ApiHarness) -> None:
    draft = world.draft()
    path = f"/bulletins/{draft['code']}"
    approve = {"revision_hash": draft["revision_hash"]}
    assert world.caller("approver").post(f"{path}/approve", approve, **key("k")).status_code == 409
    world.caller("writer").post(f"{path}/submit")
    assert world.caller("approver").post(f"{path}/approve", approve, **key("k")).status_code == 200


def test_after_a_day_the_key_is_free_again(world: ApiHarness) -> None:
    writer = world.caller("writer")
    first = writer.post("/bulletins", DRAFT, **key("k")).get_json()["code"]
    world.clock.forward(hours=24)
    second = writer.post("/bulletins", DRAFT | {"title": "Hôm sau"}, **key("k")).get_json()["code"]
    assert first != second
    with world.database.read() as session:
        assert len(session.execute(sa.select(IdempotencyKey)).scalars().all()) == 1


def test_every_act_on_a_bulletin_can_be_repeated(world: ApiHarness) -> None:
    draft = world.draft()
    path, approver = f"/bulletins/{draft['code']}", world.caller("approver")
    steps: list[tuple[str, str, dict[str, Any] | None]] = [
        ("writer", "submit", None),
        ("approver", "approve", {"revision_hash": draft["revision_hash"]}),
        ("approver", "publish", {}),
        ("approver", "correct", {"title": "Sửa", "note": "sai"}),
        ("approver", "recall", {"reason": "nhầm"}),
    ]
    for actor_id, step, body in steps:
        answers = [world.caller(actor_id).post(f"{path}/{step}", body, **key(step)) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200], (step, answers[1].text)
        assert answers[0].get_data() == answers[1].get_data()
        world.clock.forward(seconds=1)
    with world.database.read() as session:
        assert session.execute(sa.select(Bulletin.latest)).scalar_one() == 2
    assert approver.get(path).get_json()["state"] == "recalled"


@pytest.mark.parametrize("path", ["/bulletins", "submit"])
def test_twins_at_the_same_moment_act_once_and_get_the_same_answer(world: ApiHarness, path: str) -> None:
    if path == "submit":
        path, body = f"/bulletins/{world.draft()['code']}/submit", None
    else:
        body = DRAFT
    before = count(world)
    start = threading.Barrier(6)
    answers: list[tuple[int, bytes, str | None]] = []

    def send() -> None:
        start.wait()
        answer = world.caller("writer").post(path, body, **key("twin"))
        answers.append((answer.status_code, answer.get_data(), answer.headers.get("Idempotency-Replayed")))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _, _ in answers} == {201 if body else 200}
    assert len({data for _, data, _ in answers}) == 1
    assert sorted(str(replayed) for _, _, replayed in answers) == ["None"] + ["true"] * 5
    assert count(world) == before + (1 if body else 0)


def test_a_crash_before_the_commit_leaves_neither_act_nor_answer(
    world: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ReplyKeeper.__call__

    def die(self: ReplyKeeper, *args: Any, **kwargs: Any) -> None:
        kept(self, *args, **kwargs)
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(ReplyKeeper, "__call__", die)
    assert world.caller("writer").post("/bulletins", DRAFT, **key("k")).status_code == 500
    monkeypatch.undo()
    assert count(world) == 0
    with world.database.read() as session:
        assert session.execute(sa.select(IdempotencyKey)).first() is None
    assert world.caller("writer").post("/bulletins", DRAFT, **key("k")).status_code == 201
    assert count(world) == 1


@pytest.mark.parametrize("text", ["", "a" * 201, "dấu"])
def test_a_key_that_is_none_is_named(world: ApiHarness, text: str) -> None:
    answer = world.caller("writer").post(
        "/bulletins", DRAFT, headers={"Idempotency-Key": text.encode().decode("latin-1")}
    )
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert count(world) == 0


def test_an_answer_that_can_no_longer_be_read_is_not_acted_again(world: ApiHarness) -> None:
    world.caller("writer").post("/bulletins", DRAFT, **key("k"))
    with world.database.write() as session:
        session.execute(sa.update(IdempotencyKey).values(body="of another secret key"))
    answer = world.caller("writer").post("/bulletins", DRAFT, **key("k"))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "reply_lost")
    assert count(world) == 1


def test_kept_answers_are_forgotten_in_time(world: ApiHarness) -> None:
    world.caller("writer").post("/bulletins", DRAFT, **key("k"))
    with world.database.write() as session:
        now = world.office.now()
        assert idempotency.forget_replies(session, now=now + timedelta(hours=23)) == 0
        assert idempotency.forget_replies(session, now=now + timedelta(hours=24)) == 1
