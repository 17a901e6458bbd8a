"""Campaigns, targets and topics."""

import pytest

from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness

PLAN = {
    "plan_number": "174-KH/UBND",
    "name": "Truyền thông quý IV",
    "starts_on": "2026-10-01",
    "ends_on": "2026-12-31",
    "topics": ["dich-benh"],
    "targets": [
        {"metric": "republications", "quota": 12500},
        {"metric": "bulletins", "quota": 330, "topic": "dich-benh", "period": "2026-Q4"},
    ],
}


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_campaign_gets_its_code_from_its_plan(world: ApiHarness) -> None:
    answer = world.caller("admin").post("/campaigns", PLAN)
    assert answer.status_code == 201
    row = answer.get_json()
    assert row["code"] == "174-kh-ubnd"
    assert answer.headers["Location"].endswith("/campaigns/174-kh-ubnd")
    assert row["targets"] == [
        {"metric": "republications", "quota": 12500.0, "topic": None, "period": None, "milestones": []},
        {"metric": "bulletins", "quota": 330.0, "topic": "dich-benh", "period": "2026-Q4", "milestones": []},
    ]
    assert (row["starts_on"], row["ends_on"]) == ("2026-10-01", "2026-12-31")
    assert world.caller("writer").get("/campaigns/174-kh-ubnd").get_json() == row
    assert world.caller("writer").get("/campaigns").get_json()["items"] == [row]
    assert world.caller("approver").post("/campaigns", PLAN).status_code == 409


def test_every_bad_field_of_a_campaign_is_named(world: ApiHarness) -> None:
    bad = PLAN | {
        "code": "có dấu",
        "ends_on": "2026-09-01",
        "topics": ["la"],
        "targets": [
            {"metric": "likes", "quota": 0, "topic": "la", "period": "mai"},
            {"metric": "attribution_rate", "quota": 101},
        ],
    }
    answer = world.caller("admin").post("/campaigns", bad)
    assert {error["field"] for error in answer.get_json()["errors"]} == {
        "code", "ends_on", "topics.0", "targets.0.metric", "targets.0.quota", "targets.0.topic", "targets.0.period",
        "targets.1.quota",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("targets.0.quota", '{"targets": [{"metric": "views", "quota": "12500"}]}'),
        ("targets.0.quota", '{"targets": [{"metric": "views", "quota": true}]}'),
        ("targets.0.quota", '{"targets": [{"metric": "views"}]}'),
        ("targets.0.sum", '{"targets": [{"metric": "views", "quota": 1, "sum": 2}]}'),
        ("starts_on", '{"starts_on": 20261001}'),
        ("starts_on", '{"starts_on": "01/10/2026"}'),
        ("starts_on", '{"starts_on": "2026-02-30"}'),
        ("starts_on", '{"starts_on": "9999-01-01"}'),
        ("starts_on", '{"starts_on": "2026-10-01T00:00:00"}'),
        ("targets.0.period", '{"targets": [{"metric": "views", "quota": 1, "period": "9999"}]}'),
        ("targets.0.period", '{"targets": [{"metric": "views", "quota": 1, "period": "0001"}]}'),
    ],
)
def test_numbers_and_dates_are_what_they_seem(world: ApiHarness, field: str, value: str) -> None:
    world.caller("admin").post("/campaigns", PLAN)
    answer = world.caller("admin").send(
        "PATCH", "/campaigns/174-kh-ubnd", data=value, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"][0]["field"] == field


def test_a_targets_milestones_come_back_as_they_were_set_and_survive_another_change(world: ApiHarness) -> None:
    delay = {"metric": "median_delay", "quota": 3.0, "topic": "dich-benh", "period": "2026-11",
             "milestones": [{"due_on": "2026-11-15", "figure": 5.0}]}  # fmt: skip
    row = world.caller("admin").post("/campaigns", PLAN | {"targets": [delay]}).get_json()
    assert row["targets"] == [delay]
    again = world.caller("admin").patch("/campaigns/174-kh-ubnd", {"name": "Tên khác"}).get_json()
    assert again["targets"] == [delay]
    stood = world.caller("analyst").get("/progress?campaign=174-kh-ubnd").get_json()["targets"][0]
    assert (stood["metric"], stood["known"], stood["status"]) == ("median_delay", False, "on_course")
    assert (stood["first"], stood["last"]) == ("2026-11-01", "2026-11-30")
    assert [item["due_on"] for item in stood["milestones"]] == ["2026-11-15"]


@pytest.mark.parametrize(
    ("field", "target"),
    [
        ("targets.0.period", {"period": "2026-12-31..2026-10-01"}),
        ("targets.0.period", {"period": "2027-01"}),
        ("targets.0.milestones", {"milestones": [{"due_on": "2027-01-01", "figure": 5}]}),
        ("targets.0.milestones.0.figure", {"milestones": [{"due_on": "2026-11-01", "figure": "5"}]}),
        ("targets.0.milestones.0.due_on", {"milestones": [{"due_on": "01/11/2026", "figure": 5}]}),
    ],
)
def test_a_period_or_milestone_that_does_not_fit_is_named(
    world: ApiHarness, field: str, target: dict[str, object]
) -> None:
    bad = PLAN | {"targets": [{"metric": "views", "quota": 9, **target}]}
    answer = world.caller("admin").post("/campaigns", bad)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, field)


def test_a_change_leaves_what_it_does_not_name(world: ApiHarness) -> None:
    before = world.caller("admin").post("/campaigns", PLAN).get_json()
    after = world.caller("admin").patch("/campaigns/174-kh-ubnd", {"name": "Tên khác"}).get_json()
    assert after == before | {"name": "Tên khác"}
    fewer = world.caller("admin").patch("/campaigns/174-kh-ubnd", {"targets": []}).get_json()
    assert (fewer["targets"], fewer["topics"]) == ([], ["dich-benh"])


def test_topics_are_there_from_the_start_and_more_are_added(world: ApiHarness) -> None:
    answer = world.caller("admin").post("/topics", {"code": "giao-thong", "name": "Giao thông"})
    assert (answer.status_code, answer.get_json()) == (201, {"code": "giao-thong", "name": "Giao thông"})
    codes = [row["code"] for row in world.caller("tinven").get("/topics").get_json()["items"]]
    assert codes == ["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong", "giao-thong"]
    assert world.caller("admin").post("/topics", {"code": "giao-thong", "name": "x"}).status_code == 409
    wrong = world.caller("admin").post("/topics", {"code": "giao thông", "name": ""})
    assert {error["field"] for error in wrong.get_json()["errors"]} == {"code", "name"}


def test_a_bulletin_is_filed_under_a_campaign(world: ApiHarness) -> None:
    world.caller("admin").post("/campaigns", PLAN)
    draft = world.draft(campaign="174-kh-ubnd")
    assert draft["campaign"] == "174-kh-ubnd"
    listed = world.caller("writer").get("/bulletins?campaign=174-kh-ubnd").get_json()["items"]
    assert [row["code"] for row in listed] == [draft["code"]]
    gone = world.caller("writer").patch(f"/bulletins/{draft['code']}", {"campaign": None}).get_json()
    assert gone["campaign"] is None
