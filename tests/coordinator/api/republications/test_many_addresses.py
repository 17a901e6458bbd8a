"""By API: any number of claimed addresses of one article counts once, and is read a few times only."""

import sqlalchemy as sa

from campaigns.discovery.sightings import Page
from campaigns.republications.counted_copy import MOST_ADDRESSES
from tests.coordinator.api.harness import ApiHarness

ARTICLE = "https://tinven.example/thoi-su/lich-tiem.html"


def invented(number: int) -> str:
    """One of many spellings of the article's address: queries, subdomains, steps of the path."""
    return (
        f"{ARTICLE}?bai={number}",
        f"https://s{number}.tinven.example/thoi-su/lich-tiem.html",
        f"https://tinven.example/tin-{number}/lich-tiem.html",
        f"{ARTICLE}?utm_source={number}",  # no address of its own
    )[number % 4]


def test_many_claims_of_one_article_are_read_five_times_and_count_once(world: ApiHarness) -> None:
    code, partner, analyst = world.published()["code"], world.caller("tinven"), world.caller("analyst")
    known = set()
    for number in range(120):
        answer = partner.send("POST", "/republications", json={"bulletin": code, "url": invented(number)})
        assert answer.status_code == 202, answer.text
        known.add(answer.get_json()["id"])
    assert len(known) == 91  # 90 addresses, and the one that every tracking parameter leads to
    with world.database.read() as session:
        due = session.execute(sa.select(sa.func.count()).where(Page.due_at.is_not(None))).scalar_one()
        assert due == MOST_ADDRESSES
    waiting = analyst.get("/republications?status=candidate&limit=100").get_json()["items"]
    first = sorted(row["id"] for row in waiting)[0]
    answer = analyst.send("POST", f"/republications/{first}/confirm", json={"note": "Thấy đủ bài"})
    assert answer.status_code == 200, answer.text
    counted = analyst.get("/republications?status=confirmed").get_json()["items"]
    assert [row["id"] for row in counted] == [first]
    assert counted[0]["duplicate_of"] is None
    duplicates = analyst.get("/republications?status=duplicate&limit=100").get_json()["items"]
    assert {row["duplicate_of"] for row in duplicates} == {first}
    assert len(duplicates) >= 91 - 1 - MOST_ADDRESSES  # those on their way to be read are judged when they are
    other = duplicates[0]["id"]
    refused = analyst.send("POST", f"/republications/{other}/confirm", json={"note": "Thấy đủ bài"})
    assert refused.status_code == 409
    assert (refused.get_json()["code"], refused.get_json()["params"]["counted"]) == ("counted_elsewhere", first)
    body = {"note": "Văn bản khác", "second_posting": True}
    refused = analyst.send("POST", f"/republications/{other}/confirm", json=body)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "second_not_read")
    mine = partner.get(f"/republications/{other}").get_json()
    assert (mine["status"], mine["duplicate_of"], mine["second_posting"]) == ("duplicate", first, False)
    figures = analyst.get("/progress?by=partner&period=2026-Q4").get_json()
    assert sum(row["confirmed"] for row in figures["rows"]) == 1
