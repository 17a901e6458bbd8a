"""Spellings of one company and of one licence number, and names that only look alike."""

import pytest

from campaigns.partners.normalisation import company_key, licence_number


@pytest.mark.parametrize(
    "other",
    [
        "CTCP Truyền thông Hoà An", "Công ty CP truyền thông Hòa An", "CÔNG TY CỔ PHẦN TRUYỀN THÔNG HÒA AN",
        "Cty cổ phần Truyền thông “Hòa An”", "C.ty CP Truyền thông Hòa An.",
        "Công\u00a0ty cổ phần Truyền  thông Hòa\u200b An",
    ],
)  # fmt: skip
def test_one_company_is_known_in_every_spelling(other: str) -> None:
    assert company_key(other) == company_key("Công ty cổ phần Truyền thông Hòa An")


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("Công ty TNHH MTV Sao", "Công ty trách nhiệm hữu hạn một thành viên Sao"),
        ("Công ty T.N.H.H 1 thành viên Sao", "Công ty TNHH một thành viên Sao"),
        ("DNTN Sao", "Doanh nghiệp tư nhân Sao"),
        ("Công ty Sao & Trăng", "Công ty Sao và Trăng"),
    ],
)
def test_legal_forms_are_one_written_out_or_shortened(short: str, whole: str) -> None:
    assert company_key(short) == company_key(whole)


def test_companies_that_differ_in_more_than_spelling_stay_two() -> None:
    names = ["Công ty TNHH Sao", "Công ty cổ phần Sao", "Công ty TNHH MTV Sao", "Công ty TNHH Sao 2", "新聞", "!!!"]
    assert len({company_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "written",
    [
        "2215/GP-TTĐT", " 2215 / GP – TTĐT ", "2215/gp-ttđt", "Số: 2215/GP-TTDT", "22\u200b15/GP-TTĐT",
        "GP số 2215/GP-TTĐT",
    ],
)  # fmt: skip
def test_a_licence_number_is_kept_in_one_spelling(written: str) -> None:
    assert licence_number(written) == "2215/GP-TTĐT"
    assert licence_number(licence_number(written)) == "2215/GP-TTĐT"
