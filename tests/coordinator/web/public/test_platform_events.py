"""Zalo's events: answered at once, counted by name and day, and nothing stored of the person who caused them."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.channels import accounts
from campaigns.channels.accounts import PlatformEvent
from campaigns.channels.channels import ChannelState, find_channel
from campaigns.core.clock import city_day
from coordinator.channels.zalo.events import SIGNATURE_HEADER, TIMESTAMP_HEADER, event_signature
from coordinator.web.kit.body_limits import ANONYMOUS_BODY
from tests import factories
from tests.coordinator.web.application import RunningApplication

SETTINGS = {"app_id": "123", "oa_id": "456", "author": "Sở", "cover_url": "https://so.example/bia.jpg"}
READER = "7654321098765432100"


def account(outside: RunningApplication, **secrets: str) -> None:
    with outside.database.write() as session:
        encrypted_secrets = outside.office.encryption.encrypt(
            secrets or {"app_secret": "a", "webhook_secret": "oa-key"}
        )
        factories.channel(session, "zalo", settings=SETTINGS, encrypted_secrets=encrypted_secrets).code = "zalo"


def tell(
    outside: RunningApplication, path: str = "/events/zalo/zalo", *, key: str = "oa-key", **fields: object
) -> TestResponse:
    stamp = str(int(outside.clock.moment.timestamp() * 1000))
    values = {"app_id": "123", "oa_id": "456", "event_name": "follow", "timestamp": stamp, **fields}
    body = json.dumps({**values, "follower": {"id": READER}}).encode()
    mac = event_signature(str(values["app_id"]), body, str(values["timestamp"]), key)
    return outside.client.post(
        path, data=body, content_type="application/json", headers={SIGNATURE_HEADER: f"mac={mac}"}
    )


def counted(outside: RunningApplication) -> dict[str, int]:
    with outside.database.read() as session:
        return {event.event: event.count for event in session.execute(sa.select(PlatformEvent)).scalars()}


def test_signed_events_are_answered_and_counted_by_name(outside: RunningApplication) -> None:
    account(outside)
    for name in ("follow", "unfollow", "follow", "never_heard_of"):
        outside.clock.forward(seconds=1)
        answer = tell(outside, event_name=name)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert "Set-Cookie" not in answer.headers
    assert counted(outside) == {"follow": 2, "unfollow": 1, "never_heard_of": 1}
    day = city_day(outside.clock.moment)
    with outside.database.read() as session:
        ident = find_channel(session, "zalo").id
        assert next((count.event, count.count) for count in accounts.event_counts(session, ident, day=day)) == (
            "follow",
            2,
        )
        assert accounts.event_counts(session, ident, day=day + timedelta(days=40)) == []


def test_an_event_sent_again_is_answered_and_counted_once(outside: RunningApplication) -> None:
    account(outside)
    stamp = str(int(outside.clock.moment.timestamp() * 1000))
    for _ in range(3):
        assert tell(outside, timestamp=stamp).status_code == 200
        outside.clock.forward(minutes=30)
    assert counted(outside) == {"follow": 1}
    outside.clock.forward(hours=13)
    assert tell(outside, timestamp=stamp).status_code == 410
    assert counted(outside) == {"follow": 1}


def test_nothing_of_who_caused_it_is_kept(outside: RunningApplication) -> None:
    account(outside)
    tell(outside)
    with outside.database.read() as session:
        for table in sa.inspect(outside.database.engine).get_table_names():
            for row in session.execute(sa.text(f'SELECT * FROM "{table}"')):  # the names are ours
                assert READER not in str(tuple(row)), table


def test_what_is_not_zalos_is_refused_and_not_counted(outside: RunningApplication) -> None:
    account(outside)
    assert tell(outside, key="guess").status_code == 401
    assert tell(outside, app_id="999").status_code == 401
    assert outside.client.post("/events/zalo/zalo", data=b"hello").status_code == 400
    assert outside.client.get("/events/zalo/zalo").status_code == 405
    assert counted(outside) == {}


def test_an_event_of_another_account_of_the_application_is_answered_and_not_counted(
    outside: RunningApplication,
) -> None:
    account(outside)
    assert tell(outside, oa_id="457").status_code == 200
    assert counted(outside) == {}


def test_where_no_events_are_taken_there_is_nothing(outside: RunningApplication) -> None:
    assert tell(outside).status_code == 404
    account(outside, app_secret="a")
    assert tell(outside).status_code == 404
    with outside.database.write() as session:
        row = find_channel(session, "zalo")
        row.encrypted_secrets, row.state = (
            outside.office.encryption.encrypt({"webhook_secret": "oa-key"}),
            ChannelState.RETIRED,
        )
        factories.channel(session, "manual").code = "tay"
    assert tell(outside).status_code == 404
    assert tell(outside, "/events/zalo/tay").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{}", b" {}\n"])
def test_the_consoles_unsigned_check_is_answered_before_and_after_the_keys_are_entered(
    outside: RunningApplication, body: bytes
) -> None:
    before = outside.client.post("/events/zalo/zalo", data=body, content_type="application/json")
    assert before.status_code == 200, "the address is entered at Zalo before the channel exists"
    account(outside)
    assert outside.client.post("/events/zalo/zalo", data=body).status_code == 200
    assert counted(outside) == {}


@pytest.mark.parametrize("body", [b"[]", b'{"event_name":"follow"}', b"null", b"x"])
def test_nothing_else_unsigned_is_answered_so(outside: RunningApplication, body: bytes) -> None:
    account(outside)
    assert outside.client.post("/events/zalo/zalo", data=body).status_code in {400, 401}
    assert outside.client.post("/events/zalo/zalo", data=b"{}", headers={SIGNATURE_HEADER: "mac=x"}).status_code == 401
    assert counted(outside) == {}


def test_an_event_whose_time_is_in_the_header_alone_is_counted(outside: RunningApplication) -> None:
    account(outside)
    stamp = str(int(outside.clock.moment.timestamp() * 1000))
    body = json.dumps({"app_id": "123", "oa_id": "456", "event_name": "follow"}).encode()
    headers = {SIGNATURE_HEADER: f"mac={event_signature('123', body, stamp, 'oa-key')}", TIMESTAMP_HEADER: stamp}
    assert outside.client.post("/events/zalo/zalo", data=body, headers=headers).status_code == 200
    assert counted(outside) == {"follow": 1}


@pytest.mark.parametrize("path", ["/events/zalo/zalo", "/hub", "/login"])
@pytest.mark.parametrize("form", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_a_body_too_large_is_refused_unread_whatever_it_says_it_is(
    outside: RunningApplication, path: str, form: str
) -> None:
    account(outside)
    big = outside.client.post(path, data=b"x" * (ANONYMOUS_BODY + 1), content_type=form)
    assert big.status_code in {400, 413} if path != "/events/zalo/zalo" else big.status_code == 413
