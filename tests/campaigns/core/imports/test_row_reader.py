"""What the imports of all kinds have in common: headings, needed columns, and every error of a row at once."""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from campaigns.compliance.cases.columns import CASES
from campaigns.core.imports.columns import (
    RETURNED_HEADINGS,
    TableColumns,
    joined_headings,
    own_headings,
)
from campaigns.core.imports.row_reader import read_rows
from campaigns.partners.register.columns import REGISTER
from campaigns.reporting.history.columns import TABLES

KINDS = (REGISTER, CASES, *TABLES)


@dataclass(frozen=True)
class Line:
    """A row of a sheet, for tests."""

    number: int
    cells: Mapping[str, str]


def sample_of(table: TableColumns) -> dict[str, str]:
    return {column.heading: column.sample for column in table.columns}


@pytest.mark.parametrize("table", KINDS, ids=lambda table: table.title)
def test_every_column_is_known_by_its_heading_and_its_field_and_reads_its_sample(table: TableColumns) -> None:
    for column in table.columns:
        assert table.headings.field_of(f"  {column.heading.upper()} (*)") == column.field
        assert table.headings.field_of(column.field) == column.field
    sample = sample_of(table)
    (row,) = read_rows(table, list(sample), [Line(2, sample)])
    assert (row.problems, row.values.keys()) == ([], {column.field for column in table.columns})


@pytest.mark.parametrize("table", KINDS, ids=lambda table: table.title)
def test_every_error_of_a_row_is_named_at_once(table: TableColumns) -> None:
    bad = dict.fromkeys(sample_of(table), "#REF!")
    (row,) = read_rows(table, list(bad), [Line(7, bad), Line(8, dict.fromkeys(bad, " "))], sheet="Sổ")
    assert {(error.row, error.code, error.sheet) for error in row.problems} == {(7, "formula_error", "Sổ")}
    assert [error.field for error in row.problems] == [column.field for column in table.columns]
    empty = {**dict.fromkeys(bad, "không có"), "Ghi chú": "x"}
    (row,) = read_rows(table, list(empty), [Line(9, empty)])
    needed = [column.field for column in table.columns if column.needed]
    assert [(error.field, error.code) for error in row.problems] == [(field, "required") for field in needed]


@pytest.mark.parametrize("table", KINDS, ids=lambda table: table.title)
def test_a_table_without_needed_columns_is_told_once_with_each(table: TableColumns) -> None:
    sample = sample_of(table)
    needed = [column for column in table.columns if column.needed]
    for column in needed:
        del sample[column.heading]
    (row,) = read_rows(table, list(sample), [Line(2, sample), Line(3, sample)])
    assert [(error.row, error.field, error.code) for error in row.problems] == [
        (2, column.field, "column") for column in needed
    ]
    assert all(f"there is no column {column.heading!r}" in row.problems[at].message for at, column in enumerate(needed))


def test_unknown_columns_are_named_but_for_those_that_were_left_out_or_have_no_heading() -> None:
    headings = replace(REGISTER.headings, chosen={"Người lập": "", "Cty": "company_name"})
    assert headings.field_of(" Cty ") == "company_name"
    assert headings.unknown(["Số giấy phép", "Cty", "Ghi chú", "Người lập", "[5]"]) == ["Ghi chú"]
    # "Lỗi" is what some offices call the fault of a case.
    again = ("Lỗi", "Tên", *RETURNED_HEADINGS)
    assert own_headings(again) == ("Lỗi", "Tên")
    assert own_headings(again[:2]) == ("Lỗi", "Tên")


def test_two_columns_of_one_field_are_read_as_one_cell() -> None:
    row = {**sample_of(REGISTER), "Tên miền khác": "khac.example.vn"}
    (read,) = read_rows(REGISTER, list(row), [Line(2, row)])
    assert read.values["domains"] == ("saokhue.example.vn", "tin.saokhue.example.vn", "khac.example.vn")


def test_the_child_that_reads_a_file_loads_no_database() -> None:
    pickled = [pickle.dumps(headings.field_of) for headings in (REGISTER.headings, joined_headings(TABLES))]
    program = (
        "import pickle, sys, coordinator.imports.tables.table_reader\n"
        f"found = [pickle.loads(known)('ngày cấp') or pickle.loads(known)('ngày phát') for known in {pickled!r}]\n"
        "assert found == ['issued_on', 'day'], found\n"
        "assert 'sqlalchemy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
