"""Media in the API: brought in, used by bulletins, and given back with them."""

import io
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from coordinator.db import Database
from tests import sample_media
from tests.coordinator.api.harness import ApiHarness, Caller
from tests.coordinator.web.desk.bulletins.test_pictures import photograph


@pytest.fixture
def database(sqlite: Database) -> Database:
    """The kind of database makes no difference here."""
    sample_media.need_ffmpeg()
    return sqlite


def bring(caller: Caller, body: bytes, name: str, **words: str) -> TestResponse:
    """Send a file with its words."""
    _, whole = encode_multipart({**words, "file": FileStorage(io.BytesIO(body), name)}, boundary="b")
    given: dict[str, Any] = {"data": whole, "content_type": "multipart/form-data; boundary=b"}
    return caller.send("POST", "/media", **given)


def test_a_video_is_brought_once_with_a_poster_and_its_words(world: ApiHarness) -> None:
    writer = world.caller("writer")
    made = bring(writer, sample_media.video(), "tiem.mp4", alt="Y tá  tiêm", credit="Đặng Hà", transcript="Lời.")
    row = made.get_json()
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/media/{row['id']}"
    assert (row["kind"], row["type"], row["width"], row["height"], row["seconds"]) == (
        "video",
        "video/mp4",
        320,
        240,
        3.0,
    )
    assert (row["alt"], row["credit"], row["transcript"], row["name"]) == ("Y tá tiêm", "Đặng Hà", "Lời.", "tiem.mp4")
    assert row["url"].endswith(f"/media/{row['id']}.mp4")
    assert row["poster"].endswith(".jpg")
    assert bring(writer, sample_media.video(), "khac.mp4", alt="Lời khác").get_json() == row
    listed = world.caller("analyst").get("/media?q=y+ta&kind=video&use=unused").get_json()["items"]
    assert listed == [row]
    assert writer.get("/media?kind=audio").get_json()["items"] == []
    changed = writer.patch(f"/media/{row['id']}", {"transcript": "Lời khác."}).get_json()
    assert changed == row | {"transcript": "Lời khác."} == writer.get(f"/media/{row['id']}").get_json()


def test_a_bulletin_of_a_video_with_captions_is_written_changed_and_read(world: ApiHarness) -> None:
    writer = world.caller("writer")
    video = bring(writer, sample_media.video(), "tiem.mp4", alt="Y tá tiêm").get_json()
    captions = bring(writer, sample_media.CAPTIONS.encode(), "tiem.vtt").get_json()
    poster = bring(writer, photograph((800, 600)), "bia.jpg", alt="Trạm y tế").get_json()
    assert (captions["kind"], captions["transcript"]) == ("captions", sample_media.TRANSCRIPT)
    media = [
        {"id": video["id"], "transcript": sample_media.TRANSCRIPT, "captions": captions["id"], "poster": poster["id"]}
    ]
    made = writer.post("/bulletins", {"title": "Tiêm nhắc", "topic": "dich-benh", "media": media})
    assert made.status_code == 201, made.text
    row = made.get_json()
    (medium,) = row["media"]
    assert medium == {
        "id": video["id"], "kind": "video", "url": video["url"], "type": "video/mp4", "bytes": video["bytes"],
        "width": 320, "height": 240, "seconds": 3.0, "alt": "Y tá tiêm", "captions_url": captions["url"],
        "transcript": sample_media.TRANSCRIPT, "poster": poster["url"],
    }  # fmt: skip
    assert row["body_text"] == sample_media.TRANSCRIPT
    assert writer.get(f"/media/{video['id']}").get_json()["bulletins"] == [row["code"]]
    # A change of the title keeps the media; other media are another text with another hash.
    renamed = writer.patch(f"/bulletins/{row['code']}", {"title": "Tiêm nhắc sởi"}).get_json()
    assert renamed["media"] == row["media"]
    bare = writer.patch(f"/bulletins/{row['code']}", {"media": [], "body_text": "Một lời."}).get_json()
    assert (bare["media"], bare["body_text"]) == ([], "Một lời.")
    assert len({row["revision_hash"], renamed["revision_hash"], bare["revision_hash"]}) == 3


def test_a_file_that_is_not_taken_is_refused_with_the_command_that_makes_one(world: ApiHarness) -> None:
    writer = world.caller("writer")
    answer = bring(writer, sample_media.video(1, "128x96", "-c:v", "mpeg4"), "cu.mp4")
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert (error["field"], error["code"]) == ("file", "codec")
    assert " ffmpeg -i TEP_GOC " in error["message"]
    assert bring(writer, b"<svg/>", "anh.jpg").get_json()["errors"][0]["code"] == "unknown_media_type"
    assert bring(world.caller("analyst"), sample_media.video(), "tiem.mp4").status_code == 403


def test_media_that_do_not_exist_or_do_not_fit_are_named(world: ApiHarness) -> None:
    writer = world.caller("writer")
    audio = bring(writer, sample_media.audio(), "loa.mp3").get_json()
    for use, field in (
        ({"id": "f" * 32}, "media.0"),
        ({"id": audio["id"], "poster": audio["id"]}, "media.0.poster"),
        ({"id": audio["id"], "captions": "e" * 32}, "media.0.captions"),
    ):
        answer = writer.post("/bulletins", {"title": "Tiêm", "topic": "dich-benh", "media": [use]})
        assert answer.status_code == 422
        assert [(one["field"], one["code"]) for one in answer.get_json()["errors"]] == [(field, "unknown_media")]
    code = writer.post(
        "/bulletins", {"title": "Tiêm", "topic": "dich-benh", "media": [{"id": audio["id"]}]}
    ).get_json()["code"]
    answer = writer.post(f"/bulletins/{code}/submit")
    assert {error["field"] for error in answer.get_json()["errors"]} >= {"media.0.alt", "media.0.text"}
    twice = {"title": "Tiêm", "topic": "dich-benh", "body_text": "a", "body_html": "a", "media": [{"id": audio["id"]}]}
    assert writer.post("/bulletins", twice).status_code == 422
