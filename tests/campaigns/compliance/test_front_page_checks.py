"""Imprints as aggregators write them, with the abbreviations of their footers."""

from datetime import date

import pytest

from campaigns.compliance.front_page_checks import (
    FRONT_PAGE_CHECKS,
    FrontPage,
    RegisteredLicence,
    RegisterFacts,
    bare_company_name,
)
from campaigns.compliance.rule_parameters import Checker, usual_parameters

HANOI = RegisterFacts(
    "Công ty Cổ phần Truyền thông Nhịp Sông Việt Nam",
    [RegisteredLicence("2215/GP-TTĐT", "Sở Thông tin và Truyền thông Hà Nội", date(2024, 3, 5))],
)
SAIGON = RegisterFacts(
    "Công ty TNHH MTV Dịch vụ Tin Bến Nghé",
    [RegisteredLicence("47/GP-STTTT", "Sở Thông tin và Truyền thông Thành phố Hồ Chí Minh", date(2023, 11, 20))],
)
ANOTHER = RegisterFacts(
    "Công ty TNHH Hai thành viên trở lên Mạng Lúa Vàng",
    [
        RegisteredLicence(
            "318/GP-TTĐT", "Cục Phát thanh, truyền hình và thông tin điện tử", date(2025, 1, 9)
        )
    ],
)  # fmt: skip

COMPLETE = {
    "written out": (
        HANOI,
        "Cơ quan chủ quản: Công ty Cổ phần Truyền thông Nhịp Sông Việt Nam. Chịu trách nhiệm nội dung: Bà Trần Thu Hà. "
        "Địa chỉ: 12 phố Hàng Bài, Hà Nội. Điện thoại: 024 3825 0000. Email: toasoan@nhipsong.example. "
        "Giấy phép số 2215/GP-TTĐT do Sở Thông tin và Truyền thông Hà Nội cấp ngày 05/03/2024.",
    ),
    "the shortest": (
        HANOI,
        "CQCQ: CTCP Truyền thông Nhịp Sông VN | Đ/c: Số 12 Hàng Bài, P. Cửa Nam, TP. Hà Nội | SĐT: 3825.0000 | "
        "Email: toasoan[at]nhipsong.example | CTNND: Trần Thu Hà | GP số 2215 do Sở TT&TT TP. Hà Nội cấp 5/3/24",
    ),
    "a comrade": (
        HANOI,
        "CQ chủ quản: Cty CP Truyền thông Nhịp Sông Việt Nam. Chịu TN nội dung: Đ/c Trần Thu Hà - Giám đốc. ĐC: Tầng "
        "5, số 12 Hàng Bài, Q. Hoàn Kiếm. ĐT: (024) 38 250 000 – Hotline: 1900 6789. Mail: toasoan@nhipsong.example. "
        "GPTTĐT 2215 / GP – TTĐT của Sở TTTT Hà Nội, cấp ngày 5 tháng 3 năm 2024",
    ),
    "an address without a label": (
        SAIGON,
        "© Công ty TNHH Một thành viên DV Tin Bến Nghé, trực thuộc Cty Mẹ. Tòa 3, ngõ 8 Lê Lợi, Q. 1, TP.HCM. "
        "Tel: 028-3822 1111; toasoan (a) bennghe.example. Phụ trách nội dung: Ông Lê Văn Bình. "
        "Giấy phép thiết lập trang TTĐT tổng hợp số: 47/GP - STTTT, Sở Thông tin & Truyền thông TPHCM cấp 20.11.2023.",
    ),
    "the office in front": (
        SAIGON,
        "Đơn vị chủ quản: CÔNG TY TNHH MTV DỊCH VỤ TIN BẾN NGHÉ. VPGD: 45 đường Lê Lợi, phường Bến Thành, TP. Hồ Chí "
        "Minh. ĐTDĐ: 0912 345 678. Người chịu trách nhiệm quản lý nội dung: ThS. Lê Văn Bình. Liên hệ: "
        "tin@bennghe.example. Số GP: 47/GP-STTTT do Sở TT-TT Tp. HCM cấp ngày 20 – 11 – 2023.",
    ),
    "of a ministry's department": (
        ANOTHER,
        "Công ty chủ quản: Cty TNHH 2 TV? Mạng Lúa Vàng (Công ty TNHH Hai thành viên trở lên Mạng Lúa Vàng). Trụ sở: "
        "Lô B2 KCN Trà Nóc, Cần Thơ. Chịu trách nhiệm chính về nội dung: Nguyễn Thị Lúa. Điện thoại (0292) 3.888.999, "
        "lienhe@luavang.example. Giấy phép 318/GP-TTDT, Cục PTTH&TTĐT cấp ngày 09/01/2025",
    ),
}


def missing(register: RegisterFacts, text: str) -> list[str]:
    page = FrontPage(text=text, name="Trang", host="trang.example")
    fault = FRONT_PAGE_CHECKS[Checker.IMPRINT](page, register, usual_parameters(Checker.IMPRINT))
    return [] if fault is None else list(fault.facts["missing"])


@pytest.mark.parametrize("name", COMPLETE)
def test_an_imprint_with_the_usual_abbreviations_is_complete(name: str) -> None:
    assert missing(*COMPLETE[name]) == []


LACKING = {
    "a comrade is no address": ("Đ/c: Số 12 Hàng Bài, P. Cửa Nam, TP. Hà Nội", "Đ/c Trần Thu Hà", ["address"]),
    "a number of a licence is no address": ("Đ/c: Số 12 Hàng Bài, P. Cửa Nam, TP. Hà Nội | ", "", ["address"]),
    "a label without a person": ("CTNND: Trần Thu Hà", "CTNND: SĐT", ["responsible"]),
    "a street is no person": ("CTNND: Trần Thu Hà", "CTNND: Đ/c: phố Hàng Bài", ["responsible"]),
    "a disclaimer is no person": ("CTNND: Trần Thu Hà", "Không chịu trách nhiệm nội dung các trang", ["responsible"]),
    "another licence": ("GP số 2215 do", "GP số 3215 do", ["licence_number"]),
    "a longer number": ("GP số 2215 do", "GP số 22150 do", ["licence_number"]),
    "the number with another series": ("GP số 2215 do", "GP số 2215/GP-BTTTT do", ["licence_number"]),
    "another city's authority": ("Sở TT&TT TP. Hà Nội", "Sở TT&TT TP. Đà Nẵng", ["licence_issuer"]),
    "another day": ("5/3/24", "5/3/25", ["licence_date"]),
    "a day with more digits": ("5/3/24", "5/3/241", ["licence_date"]),
    "no telephone": ("SĐT: 3825.0000 | ", "", ["phone"]),
    "another company": ("CTCP Truyền thông Nhịp Sông VN", "CTCP Truyền thông Nhịp Sóng Mới", ["name"]),
    "nothing above it, which a private company has not": ("CQCQ: ", "", []),
    "no e-mail": ("toasoan[at]nhipsong.example", "toasoan", ["email"]),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_is_missing_or_differs_is_still_named(name: str) -> None:
    register, text = COMPLETE["the shortest"]
    old, new, expected = LACKING[name]
    assert old in text
    assert missing(register, text.replace(old, new)) == expected


def test_an_empty_page_lacks_everything_and_a_long_one_is_read_in_time() -> None:
    assert missing(HANOI, "") == usual_parameters(Checker.IMPRINT)["items"]
    assert missing(HANOI, "số 12 chịu trách nhiệm đ/c a. " * 20_000 + COMPLETE["the shortest"][1]) == []


def test_names_of_companies_are_compared_without_form_and_abbreviations() -> None:
    names = ("Công ty Cổ phần Đầu tư Mây VN", "CTCP ĐT Mây Việt Nam", "Cty CP Đầu tư Mây Việt Nam")
    assert len({bare_company_name(name) for name in names}) == 1
