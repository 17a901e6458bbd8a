import base64
import hashlib
import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.errors import Invalid
from coordinator.feeds.cursor import decode_cursor, encode_cursor

MOMENT = datetime(2026, 11, 24, 7, 30, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
moments = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(0, 2**63 - 1)


@given(moments, numbers)
def test_a_cursor_names_exactly_the_place_it_was_made_for(moment: datetime, number: int) -> None:
    text = encode_cursor(moment, number)
    assert decode_cursor(text) == (moment, number)
    assert len(text) == 28
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_another_zone_is_the_same_moment() -> None:
    assert encode_cursor(MOMENT, 5) == encode_cursor(MOMENT.astimezone(UTC), 5)


def test_an_empty_cursor_means_from_the_oldest() -> None:
    assert decode_cursor("") is None


@given(moments, numbers, st.integers(0, 27), st.sampled_from("ABab09-_"))
def test_a_changed_character_is_noticed(moment: datetime, number: int, at: int, other: str) -> None:
    text = encode_cursor(moment, number)
    changed = text[:at] + other + text[at + 1 :]
    if changed != text:
        with pytest.raises(Invalid):
            decode_cursor(changed)


@given(st.text(min_size=1))
def test_anything_else_is_refused_by_the_name_of_its_field(text: str) -> None:
    with pytest.raises(Invalid) as exception_info:
        decode_cursor(text)
    assert [error.field for error in exception_info.value.errors] == ["after"]


@pytest.mark.parametrize(
    "change", [lambda text: text + "=", lambda text: text[:-1], lambda text: f" {text}", str.swapcase]
)
def test_a_mangled_cursor_is_refused(change: object) -> None:
    with pytest.raises(Invalid):
        decode_cursor(change(encode_cursor(MOMENT, 5)))  # type: ignore[operator]  # parametrize gives objects


def test_what_is_no_place_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="zone"):
        encode_cursor(MOMENT.replace(tzinfo=None), 1)
    with pytest.raises(ValueError, match="number"):
        encode_cursor(MOMENT, -1)


@pytest.mark.parametrize(("version", "microseconds", "ident"), [(1, 2**62, 1), (1, 0, 2**64 - 1), (2, 0, 1)])
def test_a_forged_cursor_with_a_right_check_sum_is_refused_where_it_names_no_place(
    version: int, microseconds: int, ident: int
) -> None:
    payload = struct.pack(">BqQ", version, microseconds, ident)
    check = hashlib.blake2s(payload, digest_size=4, person=b"cursor").digest()
    with pytest.raises(Invalid):
        decode_cursor(base64.urlsafe_b64encode(payload + check).decode())
