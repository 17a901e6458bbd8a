"""``lantoa import partners``: the whole register or nothing of it, and every bad row reported with its number."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter

from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.imports.tables.register_files import FIELDS, plain_workbook
from tests.coordinator.imports.tables.test_city_register import BOOKS, planted

HEAD = ("Tên doanh nghiệp", "Mã số thuế", "Số giấy phép", "Loại", "Ngày cấp", "Ngày hết hạn", "Tên miền", "Trạng thái")
GOOD = (
    ("Công ty Sao Khuê", "0109876543", "2215/GP-TTĐT", "Trang tổng hợp", "04/03/2023", "", "www.saokhue.example", ""),
    ("Công ty Ven Sông", "0101111111", "118/GP-TTĐT", "Trang tổng hợp", "05/06/2024", "05/06/2029", "ven.example", ""),
)
BAD = (
    ("Công ty Sai Ngày", "", "9/GP-TTĐT", "Trang tổng hợp", "31/02/2024", "", "sai.example", ""),
    ("Công ty Hết Phép", "", "8/GP-TTĐT", "Trang tổng hợp", "01/02/2020", "", "het.example", "Thu hồi"),
)


def csv(lantoa: Machine, *rows: tuple[str, ...], name: str = "so.csv") -> str:
    lines = [",".join(f'"{cell}"' for cell in row) for row in (HEAD, *rows)]
    (lantoa.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return name


def counts(lantoa: Machine) -> tuple[int, int, int]:
    database = lantoa.database
    with database.read() as session:
        found = [session.execute(sa.select(sa.func.count()).select_from(cls)).scalar_one() for cls in
                 (Company, Licence, Site)]  # fmt: skip
    database.dispose()
    return found[0], found[1], found[2]


@pytest.mark.promise("Plan")
def test_a_good_register_is_taken_whole_and_a_second_time_changes_nothing(lantoa: Machine) -> None:
    name = csv(lantoa, *GOOD)
    assert lantoa.well("import", "partners", name, "--dry-run").startswith(
        "would import 2 companies, 2 licences, 2 sites"
    )
    assert counts(lantoa) == (0, 0, 0)
    assert lantoa.well("import", "partners", name).startswith("imported 2 companies, 2 licences, 2 sites")
    assert counts(lantoa) == (2, 2, 2)
    assert "imported 0 companies, 0 licences, 0 sites; 2 rows were there already" in lantoa.well(
        "import", "partners", name
    )
    assert counts(lantoa) == (2, 2, 2)


def test_bad_rows_are_reported_each_with_its_row_and_nothing_is_half_imported(lantoa: Machine) -> None:
    name = csv(lantoa, GOOD[0], BAD[0], GOOD[1], BAD[1])
    done = lantoa("import", "partners", name)
    assert (done.status, done.out) == (2, "")
    date, ended, summary = done.complaints
    assert date.startswith("so.csv:3: issued_on (column E): '31/02/2024' is not a date; expected day/month/year")
    assert ended.startswith("so.csv:5: status (column H): its status is 'Thu hồi', but by its dates it has no end;")
    assert summary == "so.csv: nothing imported; 2 bad rows, 2 good (--skip-bad takes those)"
    assert counts(lantoa) == (0, 0, 0)
    tried = lantoa("import", "partners", name, "--dry-run", "--skip-bad")
    assert tried.status == 2
    assert counts(lantoa) == (0, 0, 0)
    skipped = lantoa("import", "partners", name, "--skip-bad")
    assert skipped.status == 2
    assert skipped.out.startswith("imported 2 companies, 2 licences, 2 sites")
    assert skipped.out.splitlines()[0].endswith("2 bad rows")
    assert len(skipped.complaints) == 2
    assert counts(lantoa) == (2, 2, 2)


def test_the_same_register_as_a_workbook_and_as_json_is_the_same(lantoa: Machine) -> None:
    path = lantoa.folder / "so.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Danh sách giấy phép"])
        for number, row in enumerate((HEAD, *GOOD), start=2):
            sheet.write_row(number, 0, row)
    assert lantoa.well("import", "partners", "so.xlsx").startswith("imported 2 companies")
    rows = [dict(zip(HEAD, row, strict=True)) for row in GOOD]
    (lantoa.folder / "so.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    assert "2 rows were there already" in lantoa.well("import", "partners", "so.json")


def test_a_file_that_cannot_be_read_is_one_line(lantoa: Machine) -> None:
    for name, data, text in (
        ("bad.xlsx", b"PK\x03\x04 not really", ""),
        ("old.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        ("empty.csv", b"", "the sheet is empty"),
        ("latin.csv", "Tên".encode("utf-16-le")[1:], ""),
    ):
        Path(lantoa.folder / name).write_bytes(data)
        line = lantoa.refused("import", "partners", name)
        assert line.startswith(f"{name}:1: ")
        assert text in line
    assert counts(lantoa) == (0, 0, 0)


def test_every_fault_of_a_whole_register_is_one_line_with_its_row_and_column(lantoa: Machine) -> None:
    register = planted(BOOKS[1])
    body, numbers = plain_workbook(register)
    (lantoa.folder / "so.xlsx").write_bytes(body)
    done = lantoa("import", "partners", "so.xlsx")
    assert (done.status, done.out) == (2, "")
    said = {line.split(": ", 2)[0] + ": " + line.split(": ", 2)[1] for line in done.complaints}
    letters = dict(zip(FIELDS, "BCDEFGHIJKL", strict=True))
    for place, field, _code in register.refused():
        assert f"so.xlsx:{numbers[place]}: {field} (column {letters[field]})" in said
    assert counts(lantoa) == (0, 0, 0)
