"""HTTP around the feeds: validators, 304, gzip, HEAD, and what caches may keep."""

import gzip

import pytest

from tests.coordinator.web.public.outside import FORMS, Outside
from tests.coordinator.web.public.reading import read

NOT_MODIFIED = ("ETag", "Cache-Control", "Vary")


def tag(outside: Outside, path: str) -> str:
    return outside.get(path).headers["ETag"]


@pytest.mark.parametrize("name", FORMS)
def test_a_reader_that_has_it_already_is_told_304_until_something_changes(outside: Outside, name: str) -> None:
    path = f"/feeds/{name}"
    code = outside.publish("Tin đầu", body="Bản đầu.")
    outside.clock.forward(minutes=1)
    known = outside.get(path)
    for answer in (
        outside.get(path, 304, If_None_Match=known.headers["ETag"]),
        outside.get(path, 304, If_None_Match=f'"x", {known.headers["ETag"]}'),
        outside.get(path, 304, If_Modified_Since=known.headers["Last-Modified"]),
    ):
        assert answer.data == b""
        assert answer.headers["ETag"] == known.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert "Content-Type" not in answer.headers
    seen = {known.headers["ETag"]}
    for change in (
        lambda: outside.publish("Tin hai"),
        lambda: outside.correct(code, "Tin đầu (sửa)", "Bản hai.", "Sửa"),
        lambda: outside.recall(code),
    ):
        outside.clock.forward(minutes=1)
        change()
        outside.clock.forward(minutes=1)
        after = outside.get(path, If_None_Match=known.headers["ETag"])
        outside.get(path, 200, If_Modified_Since=known.headers["Last-Modified"])
        assert after.headers["ETag"] not in seen
        seen.add(after.headers["ETag"])


def test_a_release_changes_the_validator_at_its_moment_without_anybody_doing_anything(outside: Outside) -> None:
    outside.publish()
    outside.schedule("Hẹn giờ", hours=1)
    before = tag(outside, "/feeds/rss.xml")
    outside.clock.forward(hours=1, microseconds=-1)
    outside.get("/feeds/rss.xml", 304, If_None_Match=before)
    outside.clock.forward(microseconds=1)
    assert read("rss.xml", outside.get("/feeds/rss.xml", If_None_Match=before).data).titles[0] == "Hẹn giờ"


def test_scheduling_drafting_and_taking_back_change_no_validator(outside: Outside) -> None:
    outside.publish()
    before = [outside.get(f"/feeds/{name}") for name in FORMS]
    outside.draft("Bản nháp")
    outside.schedule("Hẹn giờ")
    for name, known in zip(FORMS, before, strict=True):
        after = outside.get(f"/feeds/{name}")
        assert (after.headers["ETag"], after.data) == (known.headers["ETag"], known.data)


def test_another_question_has_another_validator(outside: Outside) -> None:
    outside.publish(topic="dich-benh")
    paths = [f"/feeds/{name}{query}" for name in FORMS for query in ("", "?limit=3", "?topic=dich-benh", "?after=")]
    assert len({tag(outside, path) for path in paths}) == len(paths)


@pytest.mark.parametrize("name", FORMS)
def test_a_feed_is_compressed_for_whoever_takes_gzip(outside: Outside, name: str) -> None:
    for number in range(4):
        outside.publish(f"Tin {number}", body="Một đoạn văn khá dài về lịch tiêm. " * 20)
    plain = outside.get(f"/feeds/{name}")
    zipped = outside.get(f"/feeds/{name}", Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) < len(plain.data) / 2
    assert int(zipped.headers["Content-Length"]) == len(zipped.data)
    for answer in (plain, zipped):
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert outside.get(f"/feeds/{name}", Accept_Encoding="gzip;q=0").data == plain.data


@pytest.mark.parametrize("name", FORMS)
def test_head_is_get_without_the_body(outside: Outside, name: str) -> None:
    outside.publish()
    got = outside.get(f"/feeds/{name}")
    head = outside.client.head(f"/feeds/{name}")
    assert (head.status_code, head.data) == (200, b"")
    ours = ("ETag", "Last-Modified", "Link", "Content-Type", "Content-Length", "Cache-Control")
    assert [head.headers[one] for one in ours] == [got.headers[one] for one in ours]


@pytest.mark.parametrize("broken", ["W/", '"', "nonsense", "*,", "W/x" * 4000])
def test_a_malformed_condition_gets_the_whole_feed(outside: Outside, broken: str) -> None:
    outside.publish()
    outside.get("/feeds/atom.xml", 200, If_None_Match=broken)
    outside.get("/feeds/atom.xml", 200, If_Modified_Since=broken[:200])
    outside.get("/feeds/atom.xml", 200, Accept_Encoding=broken)
