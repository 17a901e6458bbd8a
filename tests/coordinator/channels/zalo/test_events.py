"""Zalo's signature, with the vector that was published for it, and what is read of an event."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from coordinator.channels.zalo.events import (
    CLOCK_TOLERANCE,
    MAX_AGE,
    UNKNOWN_EVENT,
    EventFault,
    InvalidEvent,
    ZaloEvent,
    event_signature,
    is_address_check,
    read_event,
)

BODY = b'{"app_id":"app_123","event_name":"user_send_text","timestamp":"1700000000"}'
MAC = "764ea128a821126dde67bf6277cdecc02cd267b1f11da28298d6366a67362ca3"
SENT = datetime.fromtimestamp(1_700_000_000, UTC)


def read(
    body: bytes = BODY, signature: str = f"mac={MAC}", now: datetime = SENT, secret: str = "oa_secret_xyz"
) -> ZaloEvent:
    return read_event(body, signature, app_id="app_123", oa_id="456", secret=secret, now=now)


def fault(**given: object) -> EventFault:
    with pytest.raises(InvalidEvent) as refused:
        read(**given)  # type: ignore[arg-type]  # what a case gives is what ``read`` takes
    return refused.value.fault


def signed(now: datetime = SENT, **fields: object) -> tuple[bytes, str]:
    values = {"app_id": "app_123", "event_name": "follow", "timestamp": str(int(now.timestamp() * 1000)), **fields}
    body = json.dumps(values).encode()
    return body, f"mac={event_signature('app_123', body, str(values['timestamp']), 'oa_secret_xyz')}"


def test_the_published_vector_is_accepted() -> None:
    assert event_signature("app_123", BODY, "1700000000", "oa_secret_xyz") == MAC
    assert (read().name, read().at, read().ours) == ("user_send_text", SENT, True)


@pytest.mark.parametrize(
    "signature", ["", "mac=", MAC, f"mac={MAC.upper()}", f"mac={MAC[:-1]}0", f"sha256={MAC}", "mac=é"]
)
def test_any_other_signature_is_refused(signature: str) -> None:
    assert fault(signature=signature) is EventFault.SIGNATURE


def test_another_key_another_body_and_another_application_are_refused() -> None:
    assert fault(secret="other") is EventFault.SIGNATURE
    assert fault(body=BODY.replace(b"user_send_text", b"user_send_gif_")) is EventFault.SIGNATURE
    body = BODY.replace(b"app_123", b"app_124")
    assert (
        fault(body=body, signature=f"mac={event_signature('app_124', body, '1700000000', 'oa_secret_xyz')}")
        is EventFault.SIGNATURE
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b'"x"'])
def test_what_is_no_object_is_no_event(body: bytes) -> None:
    assert fault(body=body) is EventFault.FORM


@pytest.mark.parametrize("stamp", ["", "soon", "170000000", "-1700000000", "17000000000000"])
def test_a_signed_body_without_a_moment_is_no_event(stamp: str) -> None:
    body, signature = signed(timestamp=stamp)
    assert fault(body=body, signature=signature) is EventFault.FORM


def test_seconds_and_milliseconds_are_both_moments() -> None:
    for stamp in ("1700000000", "1700000000000", 1_700_000_000_000):
        body, signature = signed(timestamp=stamp)
        assert read(body, signature).at == SENT


@pytest.mark.parametrize(
    ("passed", "taken"),
    [
        (MAX_AGE, True),
        (MAX_AGE + timedelta(seconds=1), False),
        (-CLOCK_TOLERANCE, True),
        (-CLOCK_TOLERANCE - timedelta(seconds=1), False),
    ],
)
def test_an_event_is_taken_for_as_long_as_zalo_repeats_it(passed: timedelta, taken: bool) -> None:
    if taken:
        assert read(now=SENT + passed).at == SENT
    else:
        assert fault(now=SENT + passed) is EventFault.AGE


@pytest.mark.parametrize("name", ["", "Follow", "x" * 61, "a b", "1", None, {"a": 1}])
def test_a_name_that_is_none_is_counted_as_other(name: object) -> None:
    body, signature = signed(event_name=name)
    assert read(body, signature).name == UNKNOWN_EVENT


def test_a_name_nobody_documents_keeps_its_name() -> None:
    body, signature = signed(event_name="oa_something_new")
    assert read(body, signature).name == "oa_something_new"


def test_the_mark_is_the_bodys_and_another_account_is_distinguished() -> None:
    first, second = signed(oa_id="456"), signed(oa_id="457")
    assert read(*first).mark == read(*first).mark != read(*second).mark
    assert read(*first).ours
    assert not read(*second).ours


def test_the_timestamp_of_the_header_comes_first_and_the_bodys_will_do() -> None:
    body = b'{"app_id":"app_123","event_name":"follow"}'
    in_header = f"mac={event_signature('app_123', body, '1700000000000', 'oa_secret_xyz')}"

    def taken(body: bytes, signature: str, header: str) -> ZaloEvent:
        return read_event(
            body, signature, header, app_id="app_123", oa_id="456", secret="oa_secret_xyz", now=SENT
        )  # fmt: skip

    assert taken(body, in_header, "1700000000000").at == SENT
    assert taken(BODY, f"mac={MAC}", "1700000009").at == SENT, "signed over the body's timestamp all the same"
    with pytest.raises(InvalidEvent):
        taken(body, in_header, "1700000000001")
    with pytest.raises(InvalidEvent):
        taken(body, in_header, "")


def test_the_same_body_at_another_time_is_another_event_where_only_the_header_has_the_time() -> None:
    body = b'{"app_id":"app_123","event_name":"follow"}'
    marks = set()
    for stamp in ("1700000000000", "1700000001000"):
        mac = f"mac={event_signature('app_123', body, stamp, 'oa_secret_xyz')}"
        marks.add(read_event(body, mac, stamp, app_id="app_123", oa_id="456", secret="oa_secret_xyz", now=SENT).mark)
    assert len(marks) == 2


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b" { } "])
def test_an_unsigned_nothing_is_the_consoles_check(body: bytes) -> None:
    assert is_address_check(body, "")
    assert not is_address_check(body, "mac=abc")


@pytest.mark.parametrize("body", [BODY, b"[]", b"null", b'{"a":1}', b"hello"])
def test_anything_else_unsigned_is_not(body: bytes) -> None:
    assert not is_address_check(body, "")
