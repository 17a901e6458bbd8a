"""Progress: targets and rows, the partner's own figures for a partner."""

import pytest
import sqlalchemy as sa

from campaigns.matching.matcher import RULE_VERSION, Match
from campaigns.republications.republications import Republication
from tests.coordinator.api.harness import ApiHarness
from tests.coordinator.api.test_planning import PLAN


def confirmed(world: ApiHarness, actor_id: str, host: str) -> None:
    code = world.published()["code"]
    row = world.caller(actor_id).post("/republications", {"bulletin": code, "url": f"https://{host}/x"}).get_json()
    world.caller("analyst").post(f"/republications/{row['id']}/confirm", {"note": "ok"})


def test_a_campaign_is_shown_with_its_targets_and_a_row_for_each_partner(world: ApiHarness) -> None:
    world.caller("admin").post("/campaigns", PLAN)
    confirmed(world, "tinven", "tinven.example")
    shown = world.caller("analyst").get("/progress?campaign=174-kh-ubnd&by=partner").get_json()
    assert (shown["campaign"], shown["period"]) == ("174-kh-ubnd", "2026-10-01..2026-12-31")
    assert shown["as_of"] == "2026-11-24T08:00:01+07:00"
    first = shown["targets"][0]
    # Of a plan since October, today is the first day with the product: nothing is late for the weeks before it.
    shown_first = [first[name] for name in ("metric", "quota", "actual", "status")]
    assert shown_first == ["republications", 12500, 1, "on_course"]
    assert isinstance(first["forecast"], float)
    rows = {row["key"]: row for row in shown["rows"]}
    assert rows["tinven"]["confirmed"] == 1
    assert rows["bac"]["confirmed"] == 0
    assert rows["tinven"].keys() >= {"name", "delivered", "review", "rejected", "gone", "attributed"}
    assert shown["totals"]["confirmed"] == 1


def test_partial_copies_stand_beside_the_headline_figure_with_what_makes_them(world: ApiHarness) -> None:
    world.caller("admin").post("/campaigns", PLAN)
    confirmed(world, "tinven", "tinven.example")
    confirmed(world, "bac", "bac.example")
    with world.database.write() as session:
        first = session.execute(sa.select(sa.func.min(Republication.id))).scalar_one()
        session.execute(sa.update(Republication).where(Republication.id == first).values(match=Match.PARTIAL))
    shown = world.caller("analyst").get("/progress?campaign=174-kh-ubnd&by=partner").get_json()
    assert (shown["totals"]["confirmed"], shown["totals"]["partial"]) == (2, 1)
    assert {row["key"]: row["partial"] for row in shown["rows"]} == {"tinven": 1, "bac": 0}
    assert (shown["partial_from"], shown["rules"]) == (0.25, RULE_VERSION)
    assert {row["metric"]: row["partial"] for row in shown["targets"]} == {
        row["metric"]: 1 if row["metric"] == "republications" else None for row in shown["targets"]
    }


@pytest.mark.parametrize("by", ["partner", "site", "topic", "channel", "day"])
@pytest.mark.parametrize("period", ["2026-Q4", "2026-11", "2026-11-24", "2026", "2026-10-01..2026-12-31"])
def test_every_period_and_every_grouping(world: ApiHarness, by: str, period: str) -> None:
    world.webhook()
    confirmed(world, "tinven", "tinven.example")
    shown = world.caller("analyst").get("/progress", query_string={"by": by, "period": period}).get_json()
    assert (shown["by"], shown["period"], shown["targets"]) == (by, period, [])
    if by == "channel":
        assert [row["delivered"] for row in shown["rows"]] == [0]
        assert {row[name] for row in shown["rows"] for name in row.keys() - {"key", "name", "delivered"}} == {None}
    else:
        assert sum(row["confirmed"] for row in shown["rows"]) == 1
    assert {row["delivered"] is None for row in shown["rows"]} == {by == "site"}


def test_without_anything_it_is_the_present_quarter(world: ApiHarness) -> None:
    shown = world.caller("writer").get("/progress").get_json()
    assert (shown["period"], shown["campaign"], shown["by"]) == ("2026-Q4", None, "partner")


def test_a_partner_sees_its_own_figures_alone(world: ApiHarness) -> None:
    world.caller("admin").post("/campaigns", PLAN)
    confirmed(world, "tinven", "tinven.example")
    confirmed(world, "bac", "bac.example")
    for by, keys in (("partner", {"tinven"}), ("site", {"tinven.example"})):
        shown = world.caller("tinven").get(f"/progress?by={by}&campaign=174-kh-ubnd").get_json()
        assert {row["key"] for row in shown["rows"]} == keys
        assert (shown["totals"]["confirmed"], shown["targets"]) == (1, [])


@pytest.mark.parametrize(
    "query", ["by=moon", "period=mai", "period=9999", "period=0001-01-01..9999-12-31", "perid=2026"]
)
def test_a_question_that_is_none_is_422(world: ApiHarness, query: str) -> None:
    answer = world.caller("analyst").get(f"/progress?{query}")
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, query.split("=", maxsplit=1)[0])


def test_an_unknown_campaign_is_404(world: ApiHarness) -> None:
    unknown = world.caller("analyst").get("/progress?campaign=khong")
    assert (unknown.status_code, [error["field"] for error in unknown.get_json()["errors"]]) == (422, ["campaign"])
