"""robots.txt as RFC 9309 wants it, pure and through the door."""

import pytest

from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.robots import FAILURE_MAX_AGE, MAX_AGE, RobotsCache, RobotsRules, parse_rules
from tests.coordinator.hostile_server import Call, HostileServer

SITE = "https://site.test"


def read(text: str) -> RobotsRules:
    return parse_rules("LanToa", 200, text.encode())


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/tim-kiem", False),
        ("/tim-kiem/a", False),
        ("/bai?s=1", False),
        ("/bai", True),
        ("/rieng/a", False),
        ("/rieng/mo", True),
        ("/a.pdf", False),
        ("/a.pdf?x", True),
    ],
)
def test_wildcards_ends_and_the_longest_rule_count(path: str, allowed: bool) -> None:
    text = (
        "User-agent: *\nDisallow: /tim-kiem*\nDisallow: /*?s=\nDisallow: /rieng/\nAllow: /rieng/mo\nDisallow: /*.pdf$\n"
    )
    assert read(text).allow(SITE + path) is allowed


def test_a_group_of_our_own_replaces_the_one_for_all() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: lantoa\nDisallow: /kin\nCrawl-delay: 5\n"
    assert read(text).allow(SITE + "/bai")
    assert not read(text).allow(SITE + "/kin")
    assert read(text).delay == 5


def test_a_crawl_delay_is_honoured_up_to_half_a_minute() -> None:
    assert read("User-agent: *\nCrawl-delay: 3600\n").delay == 30
    assert read("User-agent: *\nCrawl-delay: soon\n").delay is None


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (404, True),
        (403, True),
        (401, True),
        (410, True),
        (429, False),
        (500, False),
        (503, False),
        (None, False),
        (304, False),
    ],
)
def test_no_rules_means_all_and_no_answer_means_nothing(status: int | None, allowed: bool) -> None:
    assert parse_rules("LanToa", status).allow(SITE + "/bai") is allowed


def test_rules_far_down_a_long_file_are_read() -> None:
    text = "# filling\n" * 50_000 + "User-agent: *\nDisallow: /kin\n"
    assert len(text) > 500 * 1024 - 20_000
    assert not read(text).allow(SITE + "/kin")


def test_an_html_page_in_the_place_of_rules_forbids_nothing() -> None:
    assert read("<!DOCTYPE html><html><body>Trang chủ</body></html>").allow(SITE + "/bai")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_rules_are_remembered_for_a_day_and_a_failure_for_a_minute() -> None:
    clock = Clock()
    book = RobotsCache(clock)
    asked: list[int | None] = []

    def ask(status: int | None, body: bytes = b"User-agent: *\nDisallow: /kin") -> RobotsRules:
        asked.append(status)
        return parse_rules("LanToa", status, body)

    book.rules_of(SITE, lambda: ask(None))
    clock.now = FAILURE_MAX_AGE - 1
    assert not book.rules_of(SITE, lambda: ask(200)).allow(SITE + "/bai")
    clock.now = FAILURE_MAX_AGE + 1
    assert book.rules_of(SITE, lambda: ask(200)).allow(SITE + "/bai")
    clock.now += MAX_AGE - 1
    book.rules_of(SITE, lambda: ask(404))
    assert asked == [None, 200]
    clock.now += 2
    # The site cannot be reached now: what it said before stays in force.
    known = book.rules_of(SITE, lambda: ask(None))
    assert known.allow(SITE + "/bai")
    assert not known.allow(SITE + "/kin")
    assert asked == [None, 200, None]


def test_the_door_asks_once_and_keeps_out(server: HostileServer, http_client: HttpClient) -> None:
    server.text("/robots.txt", "User-agent: *\nDisallow: /kin\n")
    server.text("/kin", "secret")
    assert http_client.get(server.url("/"), robots=True).status == 200
    with pytest.raises(RequestError) as exception_info:
        http_client.get(server.url("/kin"), robots=True)
    assert (exception_info.value.kind, exception_info.value.sent) == (RequestErrorKind.ROBOTS, False)
    assert [call.path for call in server.calls] == ["/robots.txt", "/"]
    assert http_client.get(server.url("/kin")).text() == "secret"  # asked for by a person, not by the watch


def test_a_redirect_into_a_forbidden_place_is_not_followed(server: HostileServer, http_client: HttpClient) -> None:
    server.text("/robots.txt", "User-agent: *\nDisallow: /kin\n")
    server.text("/kin", "secret")
    with pytest.raises(RequestError) as exception_info:
        http_client.get(server.redirect("/bai", "/kin"), robots=True)
    assert exception_info.value.kind is RequestErrorKind.ROBOTS


def test_robots_txt_may_be_redirected_five_times(server: HostileServer, http_client: HttpClient) -> None:
    server.redirect("/robots.txt", "/r1")
    for number in range(1, 5):
        server.redirect(f"/r{number}", f"/r{number + 1}")
    server.text("/r5", "User-agent: *\nDisallow: /\n")
    with pytest.raises(RequestError):
        http_client.get(server.url("/"), robots=True)


def test_robots_txt_that_leads_in_circles_counts_as_none(server: HostileServer, http_client: HttpClient) -> None:
    server.redirect("/robots.txt", "/robots.txt")
    assert http_client.get(server.url("/"), robots=True).status == 200


@pytest.mark.parametrize("way", ["/half", "/reset"])
def test_robots_txt_that_cannot_be_read_keeps_us_out(server: HostileServer, http_client: HttpClient, way: str) -> None:
    server.ways["/robots.txt"] = server.ways[way]
    with pytest.raises(RequestError) as exception_info:
        http_client.get(server.url("/"), robots=True)
    assert exception_info.value.kind is RequestErrorKind.ROBOTS
    assert "cannot be read" in str(exception_info.value)


def test_of_an_endless_robots_txt_the_head_is_read(server: HostileServer, http_client: HttpClient) -> None:
    def endless(call: Call) -> None:
        call.head()
        call.send(b"User-agent: *\nDisallow: /kin\n")
        call.flood(b"#\n" * 999)

    server.ways["/robots.txt"] = endless
    assert http_client.get(server.url("/"), robots=True).status == 200
    with pytest.raises(RequestError):
        http_client.get(server.url("/kin"), robots=True)


def test_a_crawl_delay_becomes_the_pace_of_the_host(server: HostileServer, http_client: HttpClient) -> None:
    server.text("/robots.txt", "User-agent: *\nCrawl-delay: 20\n")
    http_client.get(server.url("/"), robots=True)
    with pytest.raises(RequestError) as exception_info:
        http_client.get(server.url("/"), robots=True, deadline=5)
    assert exception_info.value.kind is RequestErrorKind.BUSY
