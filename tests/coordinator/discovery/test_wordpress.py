"""The search of WordPress sites, as pure functions and against a server with WordPress's responses."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.wordpress import api_root_url, is_search_page, read_search, search_page_url, search_url
from coordinator.http.client import HttpClient
from coordinator.http.responses import HttpResponse
from tests.coordinator.hostile_server import HostileServer

pytestmark = pytest.mark.long

URL = "https://wp.test/wp-json/wp/v2/posts?search=tin"
POST = {
    "id": 7,
    "link": "https://wp.test/2026/11/24/tiem-chung/",
    "date_gmt": "2026-11-24T00:30:00",
    "title": {"rendered": "Hà Nội tiêm chủng &#8211; đợt hai"},
}


def asked(address: str) -> tuple[str, str, dict[str, str]]:
    parts = urlsplit(address)
    return parts.netloc, parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_the_address_asks_for_posts_with_our_host_newest_first() -> None:
    host, path, query = asked(search_url("https://wp.test/wp-json/", "lantoa.test/bulletins", page=2))
    assert (host, path) == ("wp.test", "/wp-json/wp/v2/posts")
    assert query == {
        "search": "lantoa.test/bulletins", "per_page": "100", "page": "2", "orderby": "date", "order": "desc",
        "_fields": "link,date_gmt,title",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("root", "path", "route", "home"),
    [
        ("https://wp.test", "/wp-json/wp/v2/posts", None, "/"),
        ("https://wp.test/", "/wp-json/wp/v2/posts", None, "/"),
        ("https://wp.test/wp-json", "/wp-json/wp/v2/posts", None, "/"),
        ("https://wp.test/blog/", "/blog/wp-json/wp/v2/posts", None, "/blog/"),
        ("https://wp.test/blog/wp-json/", "/blog/wp-json/wp/v2/posts", None, "/blog/"),
        ("https://wp.test/?rest_route=/", "/", "/wp/v2/posts", "/"),
        ("https://wp.test/index.php?rest_route=/", "/index.php", "/wp/v2/posts", "/"),
    ],
)
def test_a_site_is_asked_where_it_listens(root: str, path: str, route: str | None, home: str) -> None:
    host, there, query = asked(search_url(root, "a"))
    assert (host, there, query.get("rest_route"), query["search"]) == ("wp.test", path, route, "a")
    assert search_page_url(root, "tin.example:80") == f"https://wp.test{home}?s=tin.example%3A80"


def test_a_search_page_is_distinguished_from_an_api() -> None:
    assert is_search_page("https://wp.test/?s=")
    assert is_search_page("https://wp.test/?s=tin")
    assert not is_search_page("https://wp.test/wp-json/?sort=s")


@pytest.mark.parametrize(
    ("headers", "body", "root"),
    [
        ({"Link": '<https://wp.test/wp-json/>; rel="https://api.w.org/"'}, "", "https://wp.test/wp-json/"),
        (
            {"Link": "<https://wp.test/x>; rel=shortlink, <https://wp.test/?rest_route=/>; rel=https://api.w.org/"},
            "",
            "https://wp.test/?rest_route=/",
        ),
        ({}, '<link rel="https://api.w.org/" href="/wp-json/">', "https://wp.test/wp-json/"),
        ({"Link": '<https://evil.test/wp-json/>; rel="https://api.w.org/"'}, "", None),
        ({"Link": "<>; rel " * 8000}, "", None),
        ({"Link": '<https://wp.test/feed>; rel="alternate"'}, "<p>wp-json</p>", None),
        ({"Link": '<javascript:a>; rel="https://api.w.org/"'}, "", None),
    ],
)
def test_the_api_is_found_by_what_the_site_says(headers: dict[str, str], body: str, root: str | None) -> None:
    page = HttpResponse("https://wp.test/", 200, {"Content-Type": "text/html", **headers}, body.encode())
    assert api_root_url(page) == root


def test_posts_are_read_with_their_time_in_utc() -> None:
    found = read_search(json.dumps([POST]).encode(), URL, {"X-WP-TotalPages": "3"})
    (post,) = found.posts
    assert (post.url, post.title) == ("https://wp.test/2026/11/24/tiem-chung/", "Hà Nội tiêm chủng – đợt hai")
    assert post.published_at == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert found.pages == 3


def test_no_posts_is_an_answer_too() -> None:
    assert read_search(b"[]", URL, {"X-WP-TotalPages": "0"}).posts == ()


@pytest.mark.parametrize(
    "odd",
    [{}, {"link": 5}, {"link": "javascript:a"}, {**POST, "link": None}, 7, None, "text", []],
)
def test_rows_that_are_no_posts_are_passed_over(odd: object) -> None:
    assert len(read_search(json.dumps([odd, POST]).encode(), URL).posts) == 1


def test_a_post_with_odd_parts_is_read_as_far_as_it_goes() -> None:
    odd = {"link": POST["link"], "date_gmt": "0000-00-00T00:00:00", "title": "text", "content": {"rendered": None}}
    (post,) = read_search(json.dumps([odd]).encode(), URL, {"X-WP-TotalPages": "many"}).posts
    assert (post.title, post.published_at) == ("", None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code":"rest_no_route","message":"No route","data":{"status":404}}', "rest_no_route"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"", "empty"),
        (b"null", "NoneType"),
        (b"[" * 200_000, "JSON"),
    ],
)
def test_another_reply_is_reported_to_be_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(DiscoveryError, match=r"wp\.test.*no WordPress search") as exception_info:
        read_search(body, URL)
    assert words in str(exception_info.value)


def test_a_site_is_searched_through_the_door() -> None:
    with HostileServer() as server:
        server.text("/wp-json/wp/v2/posts", json.dumps([POST]), Content_Type="application/json", X_WP_TotalPages=1)
        http_client = HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({f"127.0.0.1:{server.port}"}), pace=0)
        answer = http_client.get(search_url(server.url(""), "lantoa.test"))
        assert read_search(answer.body, answer.url, answer.headers).posts[0].url == POST["link"]
        assert "search=lantoa.test" in server.calls[0].path
