"""Signatures agree with the specification's example and with an independent implementation."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from coordinator.channels.webhook import signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENT_AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_comes_out_to_the_letter() -> None:
    assert signing.sign(SECRET, MESSAGE_ID, 1614265330, BODY) == SIGNATURE


@given(body=st.text(st.characters(codec="utf-8")), key=st.binary(min_size=24, max_size=64))
def test_an_independent_implementation_signs_alike(body: str, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    assert signing.sign(secret, "m1", 1614265330, body.encode()) == Webhook(secret).sign("m1", SENT_AT, body)


def test_a_new_secret_is_accepted_everywhere_and_never_the_same_twice() -> None:
    first, second = signing.new_secret(), signing.new_secret()
    assert first != second
    assert len(signing.key_bytes(first)) == 32
    assert Webhook(first).sign("m1", SENT_AT, "x") == signing.sign(first, "m1", 1614265330, b"x")


@pytest.mark.parametrize(
    "secret",
    [
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_not base64 at all!!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(ValueError) as refused:
        signing.key_bytes(secret)
    assert secret.removeprefix("whsec_") == "" or secret not in str(refused.value)


def test_a_secret_without_padding_is_understood() -> None:
    key = b"k" * 25
    assert signing.key_bytes("whsec_" + base64.b64encode(key).decode().rstrip("=")) == key


@pytest.mark.parametrize("message_id", ["", "a.b"])
def test_an_id_that_would_make_the_signed_text_ambiguous_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="webhook id"):
        signing.sign(SECRET, message_id, 1, b"")
