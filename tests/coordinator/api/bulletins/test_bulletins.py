"""Bulletins are written, changed, found and listed."""

import threading

import pytest

from coordinator.api.request_parsing import MOST_ERRORS
from coordinator.db import Database
from tests.coordinator.api.harness import ApiHarness


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    return sqlite


def test_a_draft_is_answered_with_its_code_and_all_its_fields(world: ApiHarness) -> None:
    draft = world.draft(title="Mở lại chợ Bưởi", source_url="https://hanoi.example/goc")
    assert draft["code"] == "BT-2026-11-24-001"
    assert (draft["state"], draft["revision"]) == ("draft", 1)
    assert draft["body_text"] == "Người dân hạn chế ra đường."
    assert draft["url"] == "https://tin.example/bulletins/BT-2026-11-24-001"
    assert draft["created_at"] == "2026-11-24T08:00:00+07:00"
    assert draft["source_url"] == "https://hanoi.example/goc"
    assert draft["release_at"] is None
    assert len(draft["revision_hash"]) == 64
    assert world.caller("analyst").get(f"/bulletins/{draft['code']}").get_json() == draft


def test_the_answer_to_a_draft_says_where_it_is(world: ApiHarness) -> None:
    answer = world.caller("writer").post(
        "/bulletins", {"title": "Tin", "body_text": "Một đoạn.\n\nHai đoạn.", "topic": "dich-benh"}
    )
    assert answer.headers["Location"].endswith(f"/api/v1/bulletins/{answer.get_json()['code']}")
    assert answer.get_json()["body_html"] == "<p>Một đoạn.</p><p>Hai đoạn.</p>"


def test_the_body_is_cleaned_and_a_picture_that_cannot_be_fetched_is_named(world: ApiHarness) -> None:
    draft = world.draft(
        body_html="<p onclick=x()>Chữ</p><script>alert(1)</script>",
        images=[{"url": "https://anh.example/a.jpg", "alt": "Hồ", "caption": 'Hồ "Gươm" <b>'}],
    )
    assert "script" not in draft["body_html"]
    assert "onclick" not in draft["body_html"]
    assert draft["body_html"] == "<p>Chữ</p>"
    assert draft["lost_pictures"] == ["https://anh.example/a.jpg"]


def test_every_bad_field_of_a_draft_is_named(world: ApiHarness) -> None:
    answer = world.caller("writer").post(
        "/bulletins",
        {
            "title": " ",
            "body_text": "x",
            "topic": "khong-co",
            "campaign": "khong",
            "channels": ["la"],
            "source_url": "a",
        },
    )
    assert answer.status_code == 422
    fields = {error["field"]: error["code"] for error in answer.get_json()["errors"]}
    assert fields == {
        "title": "required",
        "topic": "unknown_topic",
        "campaign": "unknown_campaign",
        "channels.0": "unknown_channel",
        "source_url": "url",
    }


def test_shapes_are_checked_and_misspelt_fields_named(world: ApiHarness) -> None:
    answer = world.caller("writer").post(
        "/bulletins",
        {"titel": "x", "title": 5, "body_html": "<p>x", "images": [{"url": "javascript:x"}], "topic": None},
    )
    assert answer.status_code == 422
    fields = {error["field"]: error["code"] for error in answer.get_json()["errors"]}
    assert fields.keys() == {"titel", "title", "images.0.url", "topic"}
    assert fields["titel"] == "unknown_field"
    many = world.caller("writer").post("/bulletins", {f"k{number}": 1 for number in range(1000)})
    assert len(many.get_json()["errors"]) == MOST_ERRORS


@pytest.mark.parametrize("bodies", [{}, {"body_html": "<p>a</p>", "body_text": "a"}])
def test_a_draft_has_one_body(world: ApiHarness, bodies: dict[str, str]) -> None:
    answer = world.caller("writer").post("/bulletins", {"title": "x", "topic": "dich-benh", **bodies})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["code"] == "one_body"


def test_a_change_makes_a_new_revision_and_leaves_the_rest(world: ApiHarness) -> None:
    draft = world.draft(source_url="https://hanoi.example/goc")
    answer = world.caller("writer").patch(f"/bulletins/{draft['code']}", {"title": "Tên mới"})
    two = answer.get_json()
    assert (two["revision"], two["title"], two["lead"]) == (2, "Tên mới", draft["lead"])
    assert two["body_html"] == draft["body_html"]
    assert two["source_url"] == "https://hanoi.example/goc"
    assert two["revision_hash"] != draft["revision_hash"]


def test_null_empties_a_place_and_absence_does_not(world: ApiHarness) -> None:
    channel = world.webhook()["code"]
    draft = world.draft(source_url="https://hanoi.example/goc", channels=[channel])
    path = f"/bulletins/{draft['code']}"
    assert world.caller("writer").patch(path, {"title": "Khác"}).get_json()["channels"] == [channel]
    changed = world.caller("writer").patch(path, {"source_url": None, "channels": None}).get_json()
    assert (changed["source_url"], changed["channels"]) == (None, None)


def test_a_change_made_from_an_older_revision_overwrites_nothing(world: ApiHarness) -> None:
    draft = world.draft()
    path = f"/bulletins/{draft['code']}"
    assert world.caller("approver").patch(path, {"title": "Người khác sửa", "revision": 1}).status_code == 200
    late = world.caller("writer").patch(path, {"title": "Của tôi", "revision": 1})
    assert (late.status_code, late.get_json()["code"]) == (409, "text_changed")
    assert world.caller("writer").get(path).get_json()["title"] == "Người khác sửa"


def test_what_is_out_is_corrected_and_not_changed(world: ApiHarness) -> None:
    published = world.published()
    answer = world.caller("writer").patch(f"/bulletins/{published['code']}", {"title": "Khác"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_published")


def test_search_finds_with_and_without_marks(world: ApiHarness) -> None:
    world.draft(title="Hà Nội mưa lớn")
    world.draft(title="Cấp đường dây nóng")
    titles = [
        [item["title"] for item in world.caller("analyst").get("/bulletins", query_string={"q": q}).get_json()["items"]]
        for q in ("HÀ NỘI", "ha noi", "duong NÓNG", "100%", "mua lon noi")
    ]
    assert titles == [["Hà Nội mưa lớn"], ["Hà Nội mưa lớn"], ["Cấp đường dây nóng"], [], ["Hà Nội mưa lớn"]]


def test_lists_are_filtered(world: ApiHarness) -> None:
    first, second = world.draft(), world.draft(topic="kinh-te-xa-hoi")
    out = world.published()
    analyst = world.caller("analyst")

    def codes(query: str) -> list[str]:
        return [item["code"] for item in analyst.get(f"/bulletins?{query}").get_json()["items"]]

    assert codes("") == [out["code"], second["code"], first["code"]]
    assert codes("topic=kinh-te-xa-hoi") == [second["code"]]
    assert codes("state=published") == [out["code"]]
    assert codes("state=draft&topic=dich-benh") == [first["code"]]


def test_pages_follow_one_another_without_gap_or_repeat(world: ApiHarness) -> None:
    codes = [world.draft()["code"] for _ in range(5)]
    seen, path = [], "/bulletins?limit=2"
    while path:
        page = world.caller("analyst").get(path).get_json()
        seen += [item["code"] for item in page["items"]]
        path = page["next"]
        if page["next"]:
            assert "limit=2" in page["next"]
            assert page["next_cursor"]
    assert seen == codes[::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=abc", "limit=1&limit=2", "stat=draft", "state=x"]
)
def test_a_query_that_cannot_be_taken_names_its_parameter(world: ApiHarness, query: str) -> None:
    answer = world.caller("analyst").get(f"/bulletins?{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


def test_a_cursor_of_another_list_is_refused(world: ApiHarness) -> None:
    world.draft()
    world.draft()
    cursor = world.caller("analyst").get("/bulletins?limit=1").get_json()["next_cursor"]
    assert world.caller("analyst").get("/topics", query_string={"cursor": cursor}).status_code == 422


def test_a_code_that_is_none_is_404(world: ApiHarness) -> None:
    for path in ("/bulletins/BT-2000-01-01-001", "/bulletins/%00", "/bulletins/%F0%9F%98%80"):
        assert world.caller("analyst").get(path).status_code == 404


def test_drafts_written_at_the_same_moment_get_a_code_each(world: ApiHarness) -> None:
    world.draft()
    start, codes = threading.Barrier(8), []

    def write() -> None:
        start.wait()
        codes.append(world.draft()["code"])

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [f"BT-2026-11-24-{number:03d}" for number in range(2, 10)]
