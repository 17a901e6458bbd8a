import base64
import hashlib
import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.errors import Invalid
from coordinator.feeds.cursor import decode, encode

MOMENT = datetime(2026, 11, 24, 7, 30, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
moments = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(0, 2**63 - 1)


@given(moments, numbers)
def test_a_cursor_names_exactly_the_place_it_was_made_for(moment: datetime, number: int) -> None:
    text = encode(moment, number)
    assert decode(text) == (moment, number)
    assert len(text) == 28
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_another_zone_is_the_same_moment() -> None:
    assert encode(MOMENT, 5) == encode(MOMENT.astimezone(UTC), 5)


def test_an_empty_cursor_means_from_the_oldest() -> None:
    assert decode("") is None


@given(moments, numbers, st.integers(0, 27), st.sampled_from("ABab09-_"))
def test_a_changed_character_is_noticed(moment: datetime, number: int, at: int, other: str) -> None:
    text = encode(moment, number)
    changed = text[:at] + other + text[at + 1 :]
    if changed != text:
        with pytest.raises(Invalid):
            decode(changed)


@given(st.text(min_size=1))
def test_anything_else_is_refused_by_the_name_of_its_field(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(text)
    assert [error.field for error in caught.value.errors] == ["after"]


@pytest.mark.parametrize(
    "change", [lambda text: text + "=", lambda text: text[:-1], lambda text: f" {text}", str.swapcase]
)
def test_a_mangled_cursor_is_refused(change: object) -> None:
    with pytest.raises(Invalid):
        decode(change(encode(MOMENT, 5)))  # type: ignore[operator]  # parametrize gives objects


def test_what_is_no_place_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="zone"):
        encode(MOMENT.replace(tzinfo=None), 1)
    with pytest.raises(ValueError, match="number"):
        encode(MOMENT, -1)


@pytest.mark.parametrize(("version", "microseconds", "ident"), [(1, 2**62, 1), (1, 0, 2**64 - 1), (2, 0, 1)])
def test_a_forged_cursor_with_a_right_check_sum_is_refused_where_it_names_no_place(
    version: int, microseconds: int, ident: int
) -> None:
    payload = struct.pack(">BqQ", version, microseconds, ident)
    check = hashlib.blake2s(payload, digest_size=4, person=b"cursor").digest()
    with pytest.raises(Invalid):
        decode(base64.urlsafe_b64encode(payload + check).decode())
