import csv
import io
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.exports.csv import without_formula, write_csv
from coordinator.exports.tables import Column, Table

SEEN = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def one_column(*values: object) -> Table:
    return Table("Tên", (Column("name", "Tên"),), [(value,) for value in values])


def test_values_come_back_as_they_were_and_numbers_are_plain():
    table = Table(
        "Theo trang",
        (
            Column("name", "Trang"),
            Column("count", "Số lượt", "number"),
            Column("share", "Đạt", "percent"),
            Column("day", "Ngày", "date"),
            Column("seen", "Thấy lúc", "datetime"),
        ),
        [
            ('Nhịp "Sông", Đà Nẵng\nhai dòng', 12500, Decimal("0.593"), date(2026, 11, 24), SEEN),
            (None, -5, 0.5, None, None),
        ],
        footer=("Tổng", 12495, None, None, None),
    )
    data = write_csv(table)
    assert data.startswith(b"\xef\xbb\xbf")
    assert read(data) == [
        ["Trang", "Số lượt", "Đạt", "Ngày", "Thấy lúc"],
        ['Nhịp "Sông", Đà Nẵng\nhai dòng', "12500", "0.593", "2026-11-24", "2026-11-24T10:42:00+07:00"],
        ["", "-5", "0.5", "", ""],
    ]


STARTS = ["=1+1", "+84", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"]
DISGUISED = ["＝1+1", "＋1", "－1", "＠x", "﹦1", "  =1", "\ufeff=1", "\u200b=1", "\x0c=1", "\x0b@x", "\x1c\x85+1"]


@pytest.mark.parametrize("text", STARTS + DISGUISED)
def test_a_text_that_a_spreadsheet_could_run_is_made_inert(text):
    assert read(write_csv(one_column(text)))[1] == ["'" + text]


@pytest.mark.parametrize("text", ["0012345678", "Bản tin = tin", "a@b.vn", "174-KH/UBND", "", " ", "≠"])
def test_an_ordinary_text_is_left_alone(text):
    assert without_formula(text) == text


def test_a_column_title_is_guarded_too():
    assert read(write_csv(Table("x", (Column("a", "=cmd"),), [])))[0] == ["'=cmd"]


def test_letters_in_parts_are_written_composed():
    parts = unicodedata.normalize("NFD", "Chuyện Làng Nghề ở Đống Đa")
    assert read(write_csv(one_column(parts)))[1] == ["Chuyện Làng Nghề ở Đống Đa"]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_no_written_cell_begins_like_a_formula_and_nothing_else_is_lost(texts):
    rows = read(write_csv(one_column(*texts)))[1:]
    assert len(rows) == len(texts)
    for (written,), text in zip(rows, texts, strict=True):
        first = unicodedata.normalize("NFKC", written.lstrip()[:1])
        assert not first.startswith(("=", "+", "-", "@"))
        assert not written.startswith(("\t", "\r", "\n", "\0"))
        assert written.removeprefix("'") == unicodedata.normalize("NFC", text).removeprefix("'")
