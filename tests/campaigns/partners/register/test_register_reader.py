"""The register reader: accepted rows, rejected rows with reasons, and no duplicates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core import import_runs
from campaigns.core.imports.row_reader import Reading, read_rows
from campaigns.partners.directory import SiteKind
from campaigns.partners.register import register_reader
from campaigns.partners.register.columns import REGISTER
from campaigns.partners.register.register_reader import UNKNOWN_ISSUER, RegisterEntry, read_register


@dataclass(frozen=True)
class Line:
    """A row of a sheet, for tests."""

    number: int
    cells: Mapping[str, str]


GOOD = {
    "Tên doanh nghiệp": "Công ty cổ phần Truyền thông Sao Khuê",
    "Mã số thuế": "0109876543",
    "Số giấy phép": "2215/GP-TTĐT",
    "Loại": "Trang tổng hợp",
    "Cơ quan cấp": "Sở Thông tin và Truyền thông Hà Nội",
    "Ngày cấp": "04/03/2023",
    "Ngày hết hạn": "04/03/2028",
    "Tên miền": "saokhue.example.vn; tin.saokhue.example.vn",
    "Trang mạng xã hội": "mxh.example.vn/saokhue",
    "Lĩnh vực": "Kinh tế; Xã hội, đời sống; Y tế",
    "Trạng thái": "Còn hiệu lực",
}


def read(*rows: Mapping[str, str]) -> Reading[RegisterEntry]:
    lines = [Line(number, cells) for number, cells in enumerate(rows, start=2)]
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return read_register(read_rows(REGISTER, headings, lines))


def problems(*rows: Mapping[str, str]) -> list[tuple[int, str, str]]:
    return [(row.row, row.field, row.code) for row in read(*rows).rejected]


def test_a_full_row_is_read_whole() -> None:
    reading = read(GOOD)
    (entry,) = reading.entries
    assert reading.rejected == ()
    assert reading.notes == ()
    assert entry.company_name == "Công ty cổ phần Truyền thông Sao Khuê"
    assert (entry.tax_code, entry.licence_number, entry.kind) == ("0109876543", "2215/GP-TTĐT", SiteKind.AGGREGATOR)
    assert entry.issuer == "Sở Thông tin và Truyền thông Hà Nội"
    assert (entry.issued_on, entry.expires_on) == (date(2023, 3, 4), date(2028, 3, 4))
    assert entry.domains == ("saokhue.example.vn", "tin.saokhue.example.vn")
    assert entry.pages == ("https://mxh.example.vn/saokhue",)
    assert entry.scope == ("Kinh tế", "Xã hội, đời sống", "Y tế")
    assert (entry.status, entry.row) == ("Còn hiệu lực", 2)
    assert entry.keys == (("2215/GP-TTĐT", "saokhue.example.vn"), ("2215/GP-TTĐT", "tin.saokhue.example.vn"))


def test_the_public_registers_own_names_are_understood() -> None:
    row = {
        "licenceNumber": "102/GP-MXH",
        "companyName": "Công ty TNHH Mạng Sen",
        "domainList": "Sen.Example.vn\nwww.sen2.example.vn",
        "validFrom": "2024-01-31T17:30:00Z",
        "validTo": "2029-02-01",
        "status": "active",
        "kind": "s",
    }
    (entry,) = read(row).entries
    assert (entry.kind, entry.issued_on, entry.expires_on) == (SiteKind.SOCIAL, date(2024, 2, 1), date(2029, 2, 1))
    assert entry.domains == ("sen.example.vn", "www.sen2.example.vn")
    assert entry.issuer == UNKNOWN_ISSUER
    assert [note.code for note in read(row).notes] == ["issuer"]


@pytest.mark.parametrize(
    "heading", ["Số giấy phép", "so giay phep", "SỐ GIẤY PHÉP (*)", "licenceNumber", "License number", "Số GP"]
)
def test_headings_are_known_in_every_spelling(heading: str) -> None:
    assert REGISTER.headings.field_of(heading) == "licence_number"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Số giấy phép": ""}, ("licence_number", "required")),
        ({"Số giấy phép": " - "}, ("licence_number", "required")),
        ({"Số giấy phép": "x" * 81}, ("licence_number", "too_long")),
        ({"Tên doanh nghiệp": ""}, ("company_name", "required")),
        ({"Mã số thuế": "12345"}, ("tax_code", "tax_code")),
        ({"Loại": "Báo in"}, ("kind", "kind")),
        ({"Loại": "", "Số giấy phép": "17/QĐ-STTTT"}, ("kind", "required")),
        ({"Ngày cấp": ""}, ("issued_on", "required")),
        ({"Ngày cấp": "31/02/2023"}, ("issued_on", "date")),
        ({"Ngày cấp": "04/03/23"}, ("issued_on", "date")),
        ({"Ngày cấp": "04/03/0202"}, ("issued_on", "date")),
        ({"Ngày cấp": "44989"}, ("issued_on", "day_number")),
        ({"Ngày hết hạn": "sang năm"}, ("expires_on", "date")),
        ({"Ngày hết hạn": "03/03/2023"}, ("expires_on", "before_issue")),
        ({"Tên miền": ""}, ("domains", "required")),
        ({"Tên miền": "không có"}, ("domains", "required")),
        ({"Tên miền": "saokhue"}, ("domains", "domain")),
        ({"Tên miền": "http://a_b!.vn"}, ("domains", "domain")),
        ({"Tên miền": "javascript:alert(1)"}, ("domains", "domain")),
        ({"Tên miền": "https://user:pw@saokhue.example.vn"}, ("domains", "domain")),
        ({"Trang mạng xã hội": "trang"}, ("pages", "url")),
    ],
)
def test_what_is_wrong_with_a_row_is_named_by_field(change: dict[str, str], problem: tuple[str, str]) -> None:
    found = [(field, code) for _, field, code in problems({**GOOD, **change})]
    assert set(found) == {problem}


def test_of_a_file_with_far_too_many_errors_each_further_row_is_named_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "MOST_PROBLEMS", 4)
    bad = {
        "Tên doanh nghiệp": "Sao Khuê",
        "Số giấy phép": "1/GP",
        "Ngày cấp": "x",
        "Ngày hết hạn": "y",
        "Tên miền": "?",
    }
    found = [row for row, _field, _code in problems(*[bad] * 5)]
    whole = found.count(found[0])
    assert whole > 2
    assert [found.count(row) for row in dict.fromkeys(found)][-1] == 1
    assert len(set(found)) == 5


def test_a_message_says_what_is_wrong_and_what_was_expected() -> None:
    (row,) = read({**GOOD, "Ngày cấp": "4.3"}).rejected
    assert row.message == "'4.3' is not a date; expected day/month/year such as 04/03/2023, or 2023-03-04"
    (row,) = read({**GOOD, "Số giấy phép": ""}).rejected
    assert row.message == "the licence number is missing; expected one such as 2215/GP-TTĐT"


def test_all_problems_of_a_row_are_named_and_good_rows_beside_it_are_taken() -> None:
    reading = read({**GOOD, "Số giấy phép": "", "Ngày cấp": "x", "Tên miền": ""}, GOOD)
    assert [(row.row, row.field) for row in reading.rejected] == [
        (2, "licence_number"),
        (2, "issued_on"),
        (2, "domains"),
    ]
    assert [entry.row for entry in reading.entries] == [3]


@pytest.mark.parametrize(
    "written",
    [
        "4/3/2023",
        "04-03-2023",
        "04.03.2023",
        "2023-03-04",
        "2023-03-04 00:00:00",
        "2023-03-03T17:00:00Z",
        "2023-03-04T00:00:00+07:00",
        "1677862800000",
        "ngày 04 tháng 3 năm 2023",
        "Hà Nội, ngày 4 tháng 03 năm 2023",
        " 04/03/2023 ",
    ],
)
def test_a_date_is_read_as_people_and_programs_write_it(written: str) -> None:
    assert read({**GOOD, "Ngày cấp": written}).entries[0].issued_on == date(2023, 3, 4)


@pytest.mark.parametrize("written", ["", "Không thời hạn", "-"])
def test_a_licence_may_have_no_end(written: str) -> None:
    assert read({**GOOD, "Ngày hết hạn": written}).entries[0].expires_on is None


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("https://SaoKhue.Example.vn/trang-chu?x=1", ("saokhue.example.vn",)),
        ("a.example.vn, b.example.vn\nc.example.vn d.example.vn", tuple(f"{x}.example.vn" for x in "abcd")),
        ("www.a.example.vn; a.example.vn", ("www.a.example.vn",)),
        ("báo-mới.example.vn", ("xn--bo-mi-xqa5384c.example.vn",)),
        ("a.example.vn.", ("a.example.vn",)),
        ("http://127.0.0.1:8801/", ("127.0.0.1:8801",)),
    ],
)
def test_domains_are_reduced_to_hosts(written: str, hosts: tuple[str, ...]) -> None:
    assert read({**GOOD, "Tên miền": written}).entries[0].domains == hosts


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("i", "1/GP", SiteKind.AGGREGATOR),
        ("S", "1/GP", SiteKind.SOCIAL),
        ("Trang thông tin điện tử tổng hợp", "1/GP", SiteKind.AGGREGATOR),
        ("Mạng xã hội", "1/GP-TTĐT", SiteKind.SOCIAL),
        ("", "1/GP-TTĐT", SiteKind.AGGREGATOR),
        ("", "1/GP-MXH", SiteKind.SOCIAL),
    ],
)
def test_the_kind_is_what_the_sheet_says_or_else_the_number(kind: str, number: str, expected: SiteKind) -> None:
    assert read({**GOOD, "Loại": kind, "Số giấy phép": number}).entries[0].kind is expected


def test_a_zero_that_a_sheet_dropped_from_a_tax_code_is_put_back_with_a_note() -> None:
    reading = read({**GOOD, "Mã số thuế": "100112437"})
    assert reading.entries[0].tax_code == "0100112437"
    assert [note.code for note in reading.notes] == ["tax_code"]
    assert read({**GOOD, "Mã số thuế": "0109876543001"}).entries[0].tax_code == "0109876543-001"


def test_nine_digits_that_no_zero_makes_a_tax_code_are_reported_and_not_guessed_at() -> None:
    (problem,) = read({**GOOD, "Mã số thuế": "109876543"}).rejected
    assert (problem.field, problem.code) == ("tax_code", "tax_code_short")
    assert "'109876543' has 9 digits: a leading 0 may be lost, but 0109876543 is no tax code" in problem.message


@pytest.mark.parametrize(
    "typed", ["ngày 4/3/2023", "04 / 03 / 2023", "Ngày 04-03-2023", "04/03/2023 09:30", "4.3.2023"]
)
def test_days_as_people_type_them_are_read(typed: str) -> None:
    assert read({**GOOD, "Ngày cấp": typed}).entries[0].issued_on == date(2023, 3, 4)


def test_one_row_a_domain_is_joined_into_one_licence() -> None:
    other = {**GOOD, "Tên miền": "www.khac.example.vn", "Lĩnh vực": "Văn hóa"}
    reading = read(GOOD, other)
    (entry,) = reading.entries
    assert entry.domains == ("saokhue.example.vn", "tin.saokhue.example.vn", "www.khac.example.vn")
    assert entry.scope[-1] == "Văn hóa"
    assert [(note.row, note.code) for note in reading.notes] == [(3, "joined")]


def test_the_same_row_again_is_one_entry_and_a_note() -> None:
    spelled = {**GOOD, "Số giấy phép": "2215 / gp-ttđt", "Tên miền": "WWW.saokhue.example.vn"}
    reading = read(GOOD, GOOD, spelled)
    assert len(reading.entries) == 1
    assert [(note.row, note.code) for note in reading.notes] == [(3, "repeated"), (4, "repeated")]


def test_one_licence_of_two_companies_is_refused_where_it_stands_second() -> None:
    other = {**GOOD, "Tên doanh nghiệp": "Công ty TNHH Khác", "Mã số thuế": "0101111111", "Tên miền": "khac.example.vn"}
    assert problems(GOOD, other) == [(3, "licence_number", "licence_taken")]
    assert "row 2" in read(GOOD, other).rejected[0].message


def test_rows_of_one_licence_that_contradict_each_other_are_refused() -> None:
    assert problems(GOOD, {**GOOD, "Ngày cấp": "05/03/2023"}) == [(3, "issued_on", "contradiction")]
    assert problems(GOOD, {**GOOD, "Loại": "Mạng xã hội"}) == [(3, "kind", "contradiction")]


def test_one_domain_of_two_companies_is_refused_where_it_stands_second() -> None:
    other = {
        **GOOD,
        "Tên doanh nghiệp": "Công ty TNHH Khác",
        "Mã số thuế": "",
        "Số giấy phép": "9/GP-TTĐT",
        "Tên miền": "www.saokhue.example.vn",
    }
    assert problems({**GOOD, "Mã số thuế": ""}, other) == [(3, "domains", "domain_taken")]


def test_a_company_may_renew_a_licence_for_the_same_domain() -> None:
    renewed = {**GOOD, "Số giấy phép": "3000/GP-TTĐT", "Ngày cấp": "05/03/2028", "Ngày hết hạn": "05/03/2033"}
    reading = read(GOOD, renewed)
    assert reading.rejected == ()
    assert len(reading.entries) == 2


def test_empty_rows_are_passed_over() -> None:
    reading = read({"Số giấy phép": " ", "Tên miền": ""}, GOOD, {})
    assert (len(reading.entries), reading.rejected) == (1, ())
    assert read() == Reading(())


@given(
    st.lists(st.dictionaries(st.sampled_from([column.heading for column in REGISTER.columns]), st.text()), max_size=6)
)
def test_any_cells_at_all_are_read_or_refused_and_never_both(rows: list[dict[str, str]]) -> None:
    reading = read(*rows)
    bad = {row.row for row in reading.rejected}
    assert not bad & {entry.row for entry in reading.entries}
    assert all(row.message for row in reading.rejected)


def test_rows_behind_more_domains_pages_and_fields_than_a_file_has_are_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(register_reader, "MOST_PARTS", 9)

    def row(number: int) -> Mapping[str, str]:
        own = {"Tên doanh nghiệp": f"Công ty {number}", "Mã số thuế": "", "Số giấy phép": f"{number}/GP-TTĐT"}
        return GOOD | own | {"Tên miền": f"a{number}.example.vn; b{number}.example.vn"}

    # Two domains and a page each; the three fields are the same in every row, and count once.
    reading = read(*map(row, range(4)))
    assert [entry.row for entry in reading.entries] == [2, 3, 4]
    assert [(bad.row, bad.code) for bad in reading.rejected] == [(5, "too_many_parts")]
