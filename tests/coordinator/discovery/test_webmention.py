"""Receiving Webmentions: valid requests, and the verification of links."""

import json

import pytest

from coordinator.discovery.webmention import InvalidMention, WebmentionRequest, is_linked, parse_request
from coordinator.http.client import HttpClient
from coordinator.http.responses import HttpResponse
from tests.coordinator.hostile_server import HostileServer

TARGET = "https://lantoa.test/bulletins/BT-2026-11-24-001"
SOURCE = "https://tin.test/bai-1.html"


def ours(address: str) -> bool:
    return address.startswith("https://lantoa.test/bulletins/")


def page(body: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> HttpResponse:
    return HttpResponse(SOURCE, status, {"Content-Type": kind}, body.encode())


def test_a_good_request_names_source_and_target() -> None:
    form = {"source": f" {SOURCE} ", "target": TARGET + "#p2", "vouch": "x"}
    assert parse_request(form, ours) == WebmentionRequest(SOURCE, TARGET)


@pytest.mark.parametrize(
    ("source", "target", "field"),
    [
        (None, TARGET, "source"),
        ("", TARGET, "source"),
        (SOURCE, None, "target"),
        (SOURCE, "  ", "target"),
        ("bai-1.html", TARGET, "source"),
        ("//tin.test/a", TARGET, "source"),
        ("ftp://tin.test/a", TARGET, "source"),
        ("javascript:alert(1)", TARGET, "source"),
        ("https://a:b@tin.test/", TARGET, "source"),
        ("https://tin.test\\@lantoa.test/", TARGET, "source"),
        ("https://tin.test/" + "a" * 5000, TARGET, "source"),
        (SOURCE, "mailto:a@lantoa.test", "target"),
        (SOURCE, "https://khac.test/bulletins/BT-1", "target"),
        (SOURCE, "https://lantoa.test/login", "target"),
        (TARGET, TARGET, "source"),
        (TARGET + "#a", TARGET + "/?utm_source=b", "source"),
    ],
)
def test_a_bad_request_is_refused_with_the_name_of_the_field(
    source: str | None, target: str | None, field: str
) -> None:
    form = {name: value for name, value in {"source": source, "target": target}.items() if value is not None}
    with pytest.raises(InvalidMention) as exception_info:
        parse_request(form, ours)
    assert exception_info.value.field == field


@pytest.mark.parametrize(
    "body",
    [
        f'<p>Nguồn: <a href="{TARGET}">Lan Tỏa</a></p>',
        f'<a href=" {TARGET}#p3 ">x</a>',
        f'<a href="{TARGET}?utm_source=tin&amp;utm_medium=web">x</a>',
        f'<a href="{TARGET}/">x</a>',
        f'<a href="http{TARGET[5:]}">x</a>',
        f'<img src="{TARGET}">',
        f'<img srcset="a.jpg 1x, {TARGET} 2x">',
        f'<video src="{TARGET}"></video>',
        f'<audio><source src="{TARGET}"></audio>',
        f'<blockquote cite="{TARGET}">x</blockquote>',
        f'<link rel="canonical" href="{TARGET}">',
        '<base href="https://lantoa.test/bulletins/"><a href="BT-2026-11-24-001">x</a>',
    ],
)
def test_a_link_in_any_attribute_that_holds_addresses_counts(body: str) -> None:
    assert is_linked(page(f"<!DOCTYPE html><html><body>{body}"), TARGET)


@pytest.mark.parametrize(
    "body",
    [
        "",
        TARGET,
        f"<!-- <a href='{TARGET}'>x</a> -->",
        f"<script>'<a href=\"{TARGET}\">'</script>",
        f'<a data-href="{TARGET}">x</a>',
        f'<a href="{TARGET}2">x</a>',
        f'<a href="https://go.test/?u={TARGET}">x</a>',
        '<a href="https://lantoa.test/">x</a>',
        f'<textarea><a href="{TARGET}">x</a></textarea>',
        "<div>" * 400_000 + f'<a href="{TARGET}">x</a>',
    ],
)
def test_a_mere_text_a_comment_or_another_address_does_not(body: str) -> None:
    assert not is_linked(page(f"<!DOCTYPE html><html><body>{body}"), TARGET)


def test_json_and_plain_text_are_looked_through_as_what_they_are() -> None:
    assert is_linked(page(json.dumps({"items": [{"source": TARGET}]}), "application/feed+json"), TARGET)
    assert not is_linked(page(json.dumps({"text": f"see {TARGET}"}), "application/json"), TARGET)
    assert not is_linked(page("[" * 200_000, "application/json"), TARGET)
    assert is_linked(page(f"Nguồn: {TARGET}.", "text/plain"), TARGET)
    assert not is_linked(page("Nguồn: Lan Tỏa", "text/plain"), TARGET)


@pytest.mark.parametrize("status", [404, 410, 500, 304])
def test_a_page_that_is_not_there_links_nowhere(status: int) -> None:
    assert not is_linked(page(f'<a href="{TARGET}">x</a>', status=status), TARGET)


def test_a_source_is_fetched_through_the_door_and_looked_at() -> None:
    with HostileServer() as server:
        http_client = HttpClient(user_agent="LanToa/1.0", allow_hosts=frozenset({f"127.0.0.1:{server.port}"}), pace=0)
        good = server.text("/good", f'<a href="{TARGET}">x</a>', Content_Type="text/html")
        liar = server.text("/liar", "<p>nothing here</p>", Content_Type="text/html")
        assert is_linked(http_client.get(good), TARGET)
        assert not is_linked(http_client.get(liar), TARGET)
