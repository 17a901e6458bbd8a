from datetime import UTC, datetime

import pytest

from coordinator.exports.tables import Column, Table, display_value

COLUMNS = (Column("name", "Tên"), Column("count", "Số lượt", "number"))


def test_rows_may_be_mappings_or_tuples():
    table = Table("Theo trang", COLUMNS, [{"count": 3, "name": "Nhịp Sông", "spare": 1}, ("Phố Nhỏ", 2)])
    assert list(table.lines()) == [("Nhịp Sông", 3), ("Phố Nhỏ", 2)]


def test_a_row_that_does_not_fit_the_columns_is_refused():
    with pytest.raises(ValueError, match="1 values under 2 columns"):
        list(Table("Theo trang", COLUMNS, [("Phố Nhỏ",)]).lines())
    with pytest.raises(KeyError):
        list(Table("Theo trang", COLUMNS, [{"name": "Phố Nhỏ"}]).lines())


def test_a_value_is_shown_by_the_kind_of_its_column():
    moment = datetime(2026, 11, 24, 3, 42, tzinfo=UTC)
    assert display_value(7412, "number") == "7.412"
    assert display_value(136.44, "number") == "136,4"
    assert display_value(float("nan"), "number") == "–"
    assert display_value(0.593, "percent") == "59,3%"
    assert display_value(moment, "datetime") == "10:42, 24/11/2026"
    assert display_value(moment, "date", "en") == "24 Nov 2026"
    assert display_value(2026, "text") == "2026"
    assert display_value(None, "number") == ""
    assert display_value("chưa đủ số liệu", "number") == "chưa đủ số liệu"
