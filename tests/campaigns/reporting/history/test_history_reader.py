"""Cells of history as offices write them."""

from collections.abc import Callable
from datetime import date

import pytest

from campaigns.core.imports.cells import BadCell
from campaigns.core.imports.columns import TableColumns, table_with
from campaigns.planning.campaigns import Metric
from campaigns.reporting.history.columns import (
    BULLETINS,
    COPIES,
    TABLES,
    TOTALS,
    parse_figure,
    parse_reported_period,
)
from campaigns.reporting.history.reported import DayTotal, figure_of_period

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("text", "figure"),
    [("12500", 12500), ("12.500", 12500), ("12,500", 12500), ("12 500", 12500), ("1.250.000", 1_250_000), ("0", 0)],
)
def test_a_figure_may_have_signs_between_its_thousands(text: str, figure: int) -> None:
    assert parse_figure(text) == figure


@pytest.mark.parametrize(
    "text", ["12,5 nghìn", "12.5", "1.25", "-3", "mười", "1e4", "12.500,0", "1.250,000", "9" * 20, ""]
)
def test_what_is_no_whole_number_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(BadCell) as refused:
        parse_figure(text)
    assert "expected" in refused.value.message


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Quý III/2025", date(2025, 7, 1), date(2025, 9, 30)),
        ("quý 3 năm 2025", date(2025, 7, 1), date(2025, 9, 30)),
        ("Q4/2025", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("Tháng 8/2025", date(2025, 8, 1), date(2025, 8, 31)),
        ("2025-08", date(2025, 8, 1), date(2025, 8, 31)),
        ("08/2025", date(2025, 8, 1), date(2025, 8, 31)),
        ("Năm 2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("từ 01/07/2025 đến 30/09/2025", date(2025, 7, 1), date(2025, 9, 30)),
        ("01/07/2025 - 30/09/2025", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025-07-01..2025-09-30", date(2025, 7, 1), date(2025, 9, 30)),
    ],
)
def test_a_period_is_read_as_offices_write_it(text: str, first: date, last: date) -> None:
    period = parse_reported_period(text)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "text", ["hồi đó", "Quý V/2025", "tháng 13/2025", "30/09/2025 - 01/07/2025", "từ hôm nọ đến hôm kia", "năm 25"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadCell):
        parse_reported_period(text)


def reader_of(table: TableColumns, field: str) -> Callable[[str], object]:
    return next(column.read for column in table.columns if column.field == field)


def test_metrics_are_known_by_their_names_and_nothing_else_is() -> None:
    parse_metric = reader_of(TOTALS, "metric")
    assert parse_metric("Lượt bài viết lan tỏa") is Metric.REPUBLICATIONS
    assert parse_metric("Số bài đăng lại") is Metric.REPUBLICATIONS
    assert parse_metric("BẢN TIN") is Metric.BULLETINS
    assert parse_metric("views") is Metric.VIEWS
    for text in ("attribution_rate", "Bài báo"):
        with pytest.raises(BadCell):
            parse_metric(text)


def test_an_address_without_a_scheme_is_completed_and_words_are_none() -> None:
    parse_address = reader_of(COPIES, "url")
    assert parse_address("cu.example.vn/tin/2") == "https://cu.example.vn/tin/2"
    for text in ("không phải", "ftp", "http://", "https://a b.vn/x"):
        with pytest.raises(BadCell):
            parse_address(text)


def test_a_table_is_known_by_its_headings() -> None:
    for headings, table in (
        (["Ngày", "Chủ đề", "Tên bản tin", "Link"], BULLETINS),
        (["Bản tin", "Link bài đăng", "Ngày đăng lại", "Trang"], COPIES),
        (["period", "metric", "figure"], TOTALS),
    ):
        assert table_with(TABLES, headings) is table
    assert table_with(TABLES, ["A", "B"]) is None


Q3 = parse_reported_period("2025-Q3")
JULY, QUARTER = (date(2025, 7, 1), date(2025, 7, 31)), (date(2025, 7, 1), date(2025, 9, 30))


@pytest.mark.parametrize(
    ("totals", "rows", "topic", "figure"),
    [
        ([], {}, None, None),
        ([], {(date(2025, 8, 1), 1): 3, (date(2025, 8, 2), 2): 1, (date(2025, 10, 1), 1): 9}, None, 4),
        ([DayTotal(*QUARTER, None, 100)], {(date(2025, 8, 1), 1): 3}, None, 100),
        # A month's total and the rows of the other months.
        ([DayTotal(*JULY, None, 40)], {(date(2025, 7, 2), 1): 5, (date(2025, 8, 1), 1): 3}, None, 43),
        # The quarter's total is not added to that of its month.
        ([DayTotal(*QUARTER, None, 100), DayTotal(*JULY, None, 40)], {}, None, 100),
        # Topics stand for all where there is no total of all.
        ([DayTotal(*QUARTER, 1, 60), DayTotal(*QUARTER, 2, 30)], {}, None, 90),
        ([DayTotal(*QUARTER, None, 100), DayTotal(*QUARTER, 1, 60)], {}, 1, 60),
        ([DayTotal(*QUARTER, None, 100)], {(date(2025, 8, 1), 1): 3, (date(2025, 8, 1), 2): 4}, 1, 3),
    ],
)
def test_a_period_has_the_totals_of_its_parts_and_the_rows_of_its_other_days(
    totals: list[DayTotal], rows: dict[tuple[date, int], int], topic: int | None, figure: int | None
) -> None:
    assert figure_of_period(Q3, topic, totals, rows) == figure
