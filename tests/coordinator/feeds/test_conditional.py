import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.feeds import conditional
from coordinator.feeds.conditional import Asked, FeedReply, Validators, not_modified, strong_etag, wants_gzip, weak_etag
from coordinator.feeds.dates import http_date, last_modified, parse_http_date, rfc822
from coordinator.feeds.links import link_header

CHANGED = datetime(2026, 11, 24, 0, 30, 5, 250_000, tzinfo=UTC)
SAME, BEFORE, AFTER = (http_date(CHANGED + timedelta(seconds=by)) for by in (0, -1, 1))
LATER = CHANGED + timedelta(hours=1)
TAG = 'W/"abc"'
BODY = "Bản tin ".encode() * 200


@pytest.mark.parametrize(
    ("tags", "since", "known"),
    [
        (None, None, False),
        ('W/"abc"', None, True),
        ('"abc"', None, True),  # weak comparison, RFC 9110 8.8.3.2
        ('"x", W/"abc" , "y"', None, True),
        ('"x","y"', None, False),
        ("*", None, True),
        (" * ", None, True),
        ("abc", None, False),  # without quotes it is no entity tag
        ("", None, False),
        ('"ABC"', None, False),
        ('"x"', SAME, False),  # If-None-Match decides alone
        ('"abc"', BEFORE, True),
        (None, SAME, True),
        (None, AFTER, True),
        (None, BEFORE, False),
        (None, "Tue Nov 24 00:30:05 2026", True),
        (None, "Tuesday, 24-Nov-26 00:30:05 GMT", True),
        (None, "yesterday", False),
        (None, "", False),
    ],
)
def test_who_already_has_it_is_told_so(tags: str | None, since: str | None, known: bool) -> None:
    assert not_modified(tags, since, TAG, CHANGED) is known


def test_a_feed_with_nothing_in_it_has_no_date_to_compare() -> None:
    assert not not_modified(None, SAME, TAG, None)


@given(st.text(), st.text())
def test_no_header_whatever_makes_it_fail(tags: str, since: str) -> None:
    assert not_modified(tags, since, TAG, CHANGED) in {True, False}
    assert not_modified(None, since, TAG, CHANGED) in {True, False}
    assert wants_gzip(tags) in {True, False}


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_date_header_reads_back_to_the_second(moment: datetime) -> None:
    assert parse_http_date(http_date(moment)) == moment.replace(microsecond=0)
    assert parse_http_date(rfc822(moment)) == moment.replace(microsecond=0)


def test_a_change_within_the_second_of_a_reply_is_not_lost_on_readers_who_only_know_dates() -> None:
    told = http_date(last_modified(CHANGED, CHANGED + timedelta(milliseconds=100)))
    again = CHANGED + timedelta(milliseconds=500)
    assert not not_modified(None, told, TAG, again)
    settled = http_date(last_modified(again, again + timedelta(seconds=2)))
    assert not_modified(None, settled, TAG, again)


def test_an_entity_tag_tells_states_and_queries_apart() -> None:
    tags = {
        weak_etag(CHANGED, 3, "topic"),
        weak_etag(CHANGED + timedelta(microseconds=1), 3, "topic"),
        weak_etag(CHANGED, 4, "topic"),
        weak_etag(CHANGED, 3, "topi", "c"),
        weak_etag(CHANGED, "3", "topic"),
        weak_etag(None, 0, "topic"),
    }
    assert len(tags) == 6
    assert weak_etag(CHANGED, 3) == weak_etag(CHANGED, 3)
    assert all(tag.startswith('W/"') and tag.endswith('"') for tag in tags)
    assert strong_etag(b"a") != strong_etag(b"b")
    assert not strong_etag(b"a").startswith("W/")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("br", False),
        ("identity", False),
        ("identity, gzip", True),
        ("identity;q=1, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=0.8", True),
        ("gzip;q=0.1", True),
        ("gzip;q=abc", False),
        ("gzip;q=-1", False),
        ("gzip;q=1.5", False),
        ("gzip;level=9", True),
        ("notgzip", False),
        (",,gzip,", True),
    ],
)
def test_gzip_is_sent_to_those_who_want_it(header: str | None, wanted: bool) -> None:
    assert wants_gzip(header) is wanted


def reply(asked: Asked, body: bytes = BODY, etag: str = TAG, next_url: str | None = None) -> FeedReply:
    return conditional.full(
        asked,
        Validators(etag, CHANGED),
        body,
        media_type="application/rss+xml; charset=utf-8",
        cache_control=conditional.PUBLIC,
        self_url="https://a.example/feeds/rss.xml?topic=x&limit=2",
        hub_url="https://a.example/hub",
        next_url=next_url,
        now=LATER,
    )


def test_a_whole_reply_carries_its_validators_and_links() -> None:
    shown = reply(Asked(), next_url="https://a.example/feeds/rss.xml?after=abc")
    headers = dict(shown.headers)
    assert (shown.status, shown.body) == (200, BODY)
    assert headers["ETag"] == TAG
    assert headers["Last-Modified"] == "Tue, 24 Nov 2026 00:30:05 GMT"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Length"] == str(len(BODY))
    assert "Content-Encoding" not in headers
    assert headers["Link"] == (
        '<https://a.example/hub>; rel="hub", <https://a.example/feeds/rss.xml?topic=x&limit=2>; rel="self", '
        '<https://a.example/feeds/rss.xml?after=abc>; rel="next"'
    )


def test_a_compressed_reply_unpacks_to_the_plain_one() -> None:
    shown = reply(Asked(accept_encoding="gzip"))
    headers = dict(shown.headers)
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(shown.body) == BODY
    assert headers["Content-Length"] == str(len(shown.body))
    assert len(shown.body) < len(BODY)
    assert shown == reply(Asked(accept_encoding="gzip"))


def test_a_strong_tag_is_weak_on_the_compressed_form_and_still_recognised() -> None:
    etag = strong_etag(BODY)
    assert dict(reply(Asked(), etag=etag).headers)["ETag"] == etag
    zipped = dict(reply(Asked(accept_encoding="gzip"), etag=etag).headers)["ETag"]
    assert zipped == f"W/{etag}"
    assert not_modified(zipped, None, etag, CHANGED)


def test_short_bodies_are_sent_as_they_are() -> None:
    assert reply(Asked(accept_encoding="gzip"), body=b"x" * 100).body == b"x" * 100


def test_compression_can_come_from_a_cache_and_is_only_asked_for_when_sent() -> None:
    called: list[bytes] = []

    def zipped(body: bytes) -> bytes:
        called.append(body)
        return b"kept"

    def ask(header: str | None) -> bytes:
        return conditional.full(
            Asked(accept_encoding=header), Validators(TAG, None), BODY, media_type="x/y", cache_control="no-cache",
            self_url="https://a.example/", zipped=zipped, now=LATER,
        ).body  # fmt: skip

    assert ask(None) == BODY
    assert called == []
    assert ask("gzip") == b"kept"
    assert called == [BODY]


def test_a_304_has_no_body_and_keeps_the_headers_caches_need() -> None:
    shown = conditional.unchanged(Asked(if_none_match=TAG), Validators(TAG, CHANGED), cache_control="private, no-cache")
    assert shown is not None
    assert (shown.status, shown.body) == (304, b"")
    assert dict(shown.headers) == {"ETag": TAG, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    other = conditional.unchanged(Asked(if_none_match='"old"'), Validators(TAG, CHANGED), cache_control="no-cache")
    assert other is None


def test_an_address_cannot_end_the_link_header() -> None:
    shown = link_header(self_url='https://a.example/?t=x>; rel="hub"\r\nX-Evil: 1')
    assert "\r" not in shown
    assert "\n" not in shown
    assert shown.count(">") == 1
    assert shown.count('"') == 2
