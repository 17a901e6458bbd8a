import hashlib
import hmac
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.errors import Invalid
from coordinator.feeds import websub
from coordinator.feeds.websub import DistributionOutcome, SubscriptionMode

TOPIC = "https://tin.thudo.example/feeds/atom.xml?topic=dich-benh"
HUB = "https://tin.thudo.example/hub"
CALLBACK = "https://doi-tac.example/push?id=7&x=a%20b"


def form(**changed: str) -> dict[str, str]:
    fields = {"mode": "subscribe", "callback": CALLBACK, "topic": TOPIC} | changed
    return {f"hub.{name}": value for name, value in fields.items()}


def read(**changed: str) -> websub.SubscriptionRequest:
    return websub.read_request(form(**changed), TOPIC.__eq__)


def wrong_fields(**changed: str) -> list[str]:
    with pytest.raises(Invalid) as exception_info:
        read(**changed)
    return [error.field for error in exception_info.value.errors]


def test_a_typical_request_is_taken() -> None:
    asked = read(secret="s3cret", lease_seconds="86400")
    assert (asked.mode, asked.callback, asked.topic) == (SubscriptionMode.SUBSCRIBE, CALLBACK, TOPIC)
    assert (asked.lease_seconds, asked.secret) == (86400, "s3cret")


def test_unknown_fields_are_ignored_and_an_empty_secret_is_none() -> None:
    assert read(foo="bar", secret="").secret is None
    assert read(mode="unsubscribe").mode is SubscriptionMode.UNSUBSCRIBE


def test_a_secret_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(read(secret="s3cret"))


@pytest.mark.parametrize(
    ("asked", "granted"),
    [("", 604800), ("0", 300), ("-5", 300), ("299", 300), ("301", 301), ("1209600", 1209600), ("9" * 18, 1209600)],
)
def test_a_lease_is_kept_within_five_minutes_and_fourteen_days(asked: str, granted: int) -> None:
    assert read(lease_seconds=asked).lease_seconds == granted


def test_without_a_lease_seven_days_are_granted() -> None:
    assert read().lease_seconds == 7 * 24 * 3600


@pytest.mark.parametrize("lease", ["soon", "1.5", "1e3", "٣", "9" * 30])
def test_a_lease_that_is_no_number_is_refused(lease: str) -> None:
    assert wrong_fields(lease_seconds=lease) == ["hub.lease_seconds"]


@pytest.mark.parametrize(
    "callback",
    [
        "", "doi-tac.example/push", "/push", "ftp://doi-tac.example/", "javascript:alert(1)", "https://", "https:///push",
        "https://u:p@doi-tac.example/", "https://a@b.example/", "https://doi-tac.example/#x",
        "https://doi-tac.example/a b",        "https://doi-tac.example/\r\nX: 1", "https://doi-tac.example:99999/", "https://[::1/",
        "https://a.example\\@b.example/",        "https://đối-tác.example/", "https://doi-tac.example/" + "a" * 1000,
    ],
)  # fmt: skip
def test_a_callback_that_is_no_plain_web_address_is_refused(callback: str) -> None:
    assert wrong_fields(callback=callback) == ["hub.callback"]


def test_every_wrong_field_is_named_at_once() -> None:
    found = wrong_fields(
        mode="publish", callback="x", topic="https://other.example/feed", lease_seconds="x", secret="s" * 200
    )
    assert found == ["hub.mode", "hub.callback", "hub.topic", "hub.lease_seconds", "hub.secret"]


def test_nothing_at_all_is_refused_without_an_accident() -> None:
    with pytest.raises(Invalid):
        websub.read_request({}, TOPIC.__eq__)


def test_a_secret_is_measured_in_bytes() -> None:
    assert read(secret="s" * 199).secret == "s" * 199
    assert wrong_fields(secret="đ" * 100) == ["hub.secret"]
    assert wrong_fields(secret="\ud800") == ["hub.secret"]


def test_a_verification_keeps_the_callbacks_own_query_and_adds_ours() -> None:
    challenge = websub.new_challenge()
    url = websub.verification_url(
        mode=SubscriptionMode.SUBSCRIBE, callback=CALLBACK, topic=TOPIC, challenge=challenge, lease_seconds=300
    )
    assert url.startswith(CALLBACK + "&")
    assert dict(parse_qsl(urlsplit(url).query)) == {
        "id": "7", "x": "a b", "hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": challenge,
        "hub.lease_seconds": "300",
    }  # fmt: skip


def test_a_verification_of_an_unsubscription_names_no_lease() -> None:
    url = websub.verification_url(
        mode=SubscriptionMode.UNSUBSCRIBE, callback="https://a.example", topic=TOPIC, challenge="c", lease_seconds=300
    )
    assert parse_qs(urlsplit(url).query).keys() == {"hub.mode", "hub.topic", "hub.challenge"}
    assert urlsplit(url).netloc == "a.example"


def test_challenges_differ_and_fit_their_column() -> None:
    made = {websub.new_challenge() for _ in range(100)}
    assert len(made) == 100
    assert max(map(len, made)) <= 64


@pytest.mark.parametrize(
    ("status", "body", "yes"),
    [
        (200, b"abc", True),
        (204, b"abc", True),
        (200, b"abc\n", False),
        (200, b"<html>abc</html>", False),
        (200, b"", False),
        (200, "ábc".encode(), False),
        (301, b"abc", False),
        (404, b"abc", False),
        (500, b"abc", False),
    ],
)
def test_only_a_2xx_with_exactly_the_challenge_says_yes(status: int, body: bytes, yes: bool) -> None:
    assert websub.is_confirmed(status, body, "abc") is yes


def test_a_denial_says_which_topic_and_why() -> None:
    url = websub.denied_url(callback=CALLBACK, topic=TOPIC, reason="nguồn tin đã đóng")
    query = dict(parse_qsl(urlsplit(url).query))
    assert (query["hub.mode"], query["hub.topic"], query["hub.reason"]) == ("denied", TOPIC, "nguồn tin đã đóng")


def test_a_ping_names_the_topic_in_both_ways_hubs_read() -> None:
    assert parse_qs(websub.ping_body(TOPIC).decode()) == {
        "hub.mode": ["publish"], "hub.url": [TOPIC], "hub.topic": [TOPIC],
    }  # fmt: skip


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_a_signature_is_the_hmac_a_subscriber_computes(body: bytes, secret: str) -> None:
    for method in ("sha256", "sha512"):
        sent = websub.distribution_request(
            topic=TOPIC, hub_url=HUB, media_type="application/atom+xml", body=body, secret=secret, method=method
        )
        text, _, digest = dict(sent.headers)["X-Hub-Signature"].partition("=")
        assert text == method
        assert hmac.new(secret.encode(), body, getattr(hashlib, text)).hexdigest() == digest
        assert sent.body == body


def test_a_distribution_carries_the_topics_type_and_its_links_and_no_signature_without_a_secret() -> None:
    sent = websub.distribution_request(
        topic=TOPIC, hub_url=HUB, media_type="application/feed+json", body=b"{}", secret=None
    )
    assert dict(sent.headers) == {
        "Content-Type": "application/feed+json",
        "Link": f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"',
    }


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, DistributionOutcome.TAKEN),
        (202, DistributionOutcome.TAKEN),
        (410, DistributionOutcome.GONE),
        (301, DistributionOutcome.FAILED),
        (404, DistributionOutcome.FAILED),
        (429, DistributionOutcome.FAILED),
        (503, DistributionOutcome.FAILED),
    ],
)
def test_only_2xx_takes_and_only_410_ends(status: int, meaning: DistributionOutcome) -> None:
    assert websub.distribution_outcome(status) is meaning


def test_the_link_header_names_the_hub_the_feed_and_the_next_page() -> None:
    header = websub.link_header(self_url=TOPIC, hub_url=HUB, next_url=f"{TOPIC}&after=abc")
    assert header == f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self", <{TOPIC}&after=abc>; rel="next"'


def test_an_address_cannot_end_the_link_header() -> None:
    header = websub.link_header(self_url='https://a.example/?t=x>; rel="hub"\r\nX-Evil: 1', hub_url=HUB)
    assert "\r" not in header
    assert "\n" not in header
    assert header.count(">") == 2
    assert header.count('"') == 4
