"""Amounts as people write them: grouped digits are read, words are refused with the figure to write."""

import pytest

from campaigns.compliance.cases.amounts import parse_amount
from campaigns.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("15000000", 15_000_000),
        ("15.000.000", 15_000_000),
        ("15,000,000", 15_000_000),
        ("15 000 000", 15_000_000),
        ("15.000.000 đồng", 15_000_000),
        ("15.000.000đ", 15_000_000),
        ("15.000.000 VND", 15_000_000),
        ("0", 0),
        ("  ", None),
    ],
)
def test_an_amount_is_read(text: str, amount: int | None) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("15 triệu", "amount_words", "15000000"),
        ("15tr", "amount_words", "15000000"),
        ("7,5 triệu đồng", "amount_words", "7500000"),
        ("1.5 tỷ", "amount_words", "1500000000"),
        ("15.000 nghìn đồng", "amount_words", "15000000"),
        ("1.500 triệu", "amount_words", "1500000000"),
        ("15,000 nghìn", "amount", ""),
        ("15 triệu 500 nghìn", "amount", ""),
        ("mười lăm triệu", "amount", ""),
        ("15.000.000,5", "amount", ""),
        ("15.00.000", "amount", ""),
        ("1e7", "amount", ""),
        ("-5.000.000", "amount_negative", ""),
        ("999.999.999.999", "amount_huge", ""),
        ("9" * 200, "amount", ""),
    ],
)
def test_what_is_no_amount_is_refused(text: str, code: str, expected: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_amount(text)
    (error,) = refused.value.errors
    assert (error.field, error.code, error.expected) == ("amount", code, expected)
