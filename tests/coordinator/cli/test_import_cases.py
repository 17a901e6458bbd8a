"""``lantoa import cases``: the whole file or nothing of it, and what stands there already is left alone."""

from tests.coordinator.cli.conftest import Machine

HEAD = "Loại đối tượng,Tên,Mã số thuế,Lỗi vi phạm,Ngày vi phạm,Hình thức,Số quyết định,Cơ quan,Ngày ký,Số tiền,Cán bộ"
ROWS = [
    f"Tổ chức,Công ty {number},01{number:08},Lỗi,05/10/2024,Phạt tiền,{number}/QĐ,Thanh tra,10/11/2024,15.000.000,An"
    for number in range(2)
]


def test_cases_are_taken_whole_and_a_second_time_add_nothing(lantoa: Machine) -> None:
    def written(*rows: str) -> str:
        (lantoa.folder / "vu.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
        return "vu.csv"

    unknown = "vu.csv: these columns are not known and were not read: Cán bộ"
    bad = ROWS[0].replace("10/11/2024", "01/10/2024").replace("0/QĐ", "9/QĐ").replace("Công ty 0", "Công ty 9")
    refused = lantoa("import", "cases", written(*ROWS, bad.replace("0100000000", "0100000009")))
    assert (refused.status, refused.out) == (2, "")
    assert refused.complaints == [
        "vu.csv:4: on (column I): 01/10/2024 is before the fault, 05/10/2024",
        unknown,
        "vu.csv: nothing imported; 1 bad rows, 2 good (--skip-bad takes those)",
    ]
    added = "2 cases, 2 decisions, 30000000 đồng of fines; 0 rows were there already; 0 bad rows\n"
    assert lantoa("import", "cases", written(*ROWS), "--dry-run").out == f"would import {added}"
    done = lantoa("import", "cases", "vu.csv")
    first, hint = done.out.splitlines()
    assert (done.status, f"{first}\n", done.complaints) == (0, f"imported {added}", [unknown])
    again = lantoa("import", "cases", written(*ROWS, ROWS[1]))
    assert again.out.startswith("imported 0 cases, 0 decisions, 0 đồng of fines; 2 rows were there already; 0 bad rows")
    assert again.complaints == [unknown, "vu.csv: 4: it says nothing that is not in row 3"]
    assert lantoa.well(*hint.removeprefix("to take it back: lantoa ").split()) == "took back 2 cases, 2 decisions\n"
    twice = lantoa(*hint.removeprefix("to take it back: lantoa ").split())
    assert twice.status != 0
    assert "this import is undone" in twice.complaints[-1]
