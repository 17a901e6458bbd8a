"""What scripts of other sites may read, the list of the feeds, and where the API's bare addresses lead."""

import pytest
from lxml import etree

from coordinator.feeds.formats import FORMATS
from coordinator.web.kit.security_headers import READABLE_ELSEWHERE
from tests.coordinator.web.application import BASE, RunningApplication

ELSEWHERE = {"Origin": "https://toa-soan.example"}
ALLOWED = "Access-Control-Allow-Origin"


def test_public_texts_and_data_are_read_by_any_site_and_nothing_else_is(outside: RunningApplication) -> None:
    code = outside.publish("Một bản tin")
    _, key = outside.partner("Nhịp Sông", ["dich-benh"])
    public = [f"/feeds/{name}" for name in (*FORMATS, "opml.xml")]
    public += [f"/bulletins/{code}.json", f"/bulletins/{code}.txt", f"/bulletins/{code}/republish.json", "/api"]
    public += [f"/oembed?url={BASE}/bulletins/{code}", "/api/v1", "/api/v1/openapi.json", "/open-data/none.csv"]
    for path in public:
        answer = outside.client.get(path, headers=ELSEWHERE)
        assert answer.headers[ALLOWED] == "*", path
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers, path
    others = [f"/feeds/{key}/{name}" for name in (*FORMATS, "opml.xml")]
    others += ["/", "/login", "/desk/", "/api/v1/bulletins", f"/bulletins/{code}", "/metrics", "/feeds/lk_none/rss.xml"]
    for path in others:
        assert ALLOWED not in outside.client.get(path, headers=ELSEWHERE).headers, path


def test_every_address_that_may_be_read_elsewhere_exists(outside: RunningApplication) -> None:
    assert set(outside.app.view_functions) >= READABLE_ELSEWHERE


def test_a_script_may_ask_whether_a_feed_changed_and_a_key_is_never_taken_from_one(outside: RunningApplication) -> None:
    outside.publish("Một bản tin")
    tag = outside.get("/feeds/rss.xml").headers["ETag"]
    unchanged = outside.get("/feeds/rss.xml", 304, **ELSEWHERE, If_None_Match=tag)
    assert unchanged.headers[ALLOWED] == "*"
    asked = outside.client.open("/feeds/rss.xml", method="OPTIONS", headers=ELSEWHERE)
    assert asked.headers["Access-Control-Allow-Headers"] == "If-None-Match, If-Modified-Since"
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    keyed = outside.client.get("/open-data/none.csv", headers=ELSEWHERE | {"Authorization": "Bearer lk_none"})
    assert ALLOWED not in keyed.headers


@pytest.mark.parametrize("own", [False, True])
def test_the_list_names_every_feed_of_its_reader_and_each_can_be_read(outside: RunningApplication, own: bool) -> None:
    _, key = outside.partner("Nhịp Sông", ["dich-benh"])
    outside.publish("Dịch", topic="dich-benh")
    place = f"/feeds/{key}" if own else "/feeds"
    answer = outside.get(f"{place}/opml.xml")
    assert answer.mimetype == "text/x-opml"
    root = etree.fromstring(answer.data)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    outlines = root.findall("./body/outline")
    assert all(outline.get("type") == "rss" and outline.get("text") for outline in outlines)
    addresses = [str(outline.get("xmlUrl")) for outline in outlines]
    topics = {address.rpartition("topic=")[2] for address in addresses if "topic=" in address}
    assert topics == ({"dich-benh"} if own else {"dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"})
    assert {address for address in addresses if "?" not in address} == {f"{BASE}{place}/{name}" for name in FORMATS}
    for address in addresses:
        outside.get(address)
    outside.get(f"{place}/opml.xml", 304, If_None_Match=answer.headers["ETag"])


def test_a_list_needs_a_key_that_opens_something(outside: RunningApplication) -> None:
    outside.get("/feeds/lk_none/opml.xml", 404)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/"])
def test_the_api_s_bare_addresses_say_where_to_go(outside: RunningApplication, path: str) -> None:
    answer = outside.get(path)
    assert answer.mimetype == "application/json"
    links = answer.json if "v1" in path else answer.json["versions"][0]
    for name, value in links.items():
        if name != "version":
            outside.get(value)
    outside.get("/api/none", 404)
