"""The columns of a licence register and their headings, in Vietnamese offices and in the public register's export."""

import sys
from typing import Final

from campaigns.core.imports.cells import cell_text, each_address, limited, line_up_to, parse_day, split_phrases
from campaigns.core.imports.columns import Column, TableColumns
from campaigns.partners.normalisation import licence_number
from campaigns.partners.register import cells

LONGEST_NUMBER: Final = 80
LONGEST_NAME: Final = 300


def _number(text: str) -> str:
    return licence_number(limited(cell_text(text), LONGEST_NUMBER))


def _domains(text: str) -> tuple[str, ...]:
    return cells.distinct_hosts(each_address(cells.parse_domain)(text))


# Of merged cells every one but domains and pages counts for each of its rows: a domain belongs to one licence.
REGISTER: Final = TableColumns("Giấy phép", (
    Column(
        "company_name", "Tên doanh nghiệp", "Tên đầy đủ của tổ chức, doanh nghiệp được cấp phép.",
        "Công ty cổ phần Truyền thông Sao Khuê",
        line_up_to(LONGEST_NAME), needed=True, spread=True,
        others="ten cong ty, ten to chuc, ten to chuc doanh nghiep, ten don vi, doanh nghiep, cong ty, don vi, "
        "to chuc, companyName, company, company.name, name, partner",
    ),
    Column(
        "tax_code", "Mã số thuế",
        "10 chữ số, hoặc 10 chữ số, gạch nối và 3 chữ số. Để định dạng ô là văn bản để không mất số 0 ở đầu.",
        "0109876543",
        cells.parse_tax_code, spread=True,
        others="mst, ma so doanh nghiep, taxCode, company.taxCode, tax",
    ),
    Column(
        "licence_number", "Số giấy phép", "Số và ký hiệu đúng như trên giấy phép.", "2215/GP-TTĐT",
        _number, needed=True, spread=True,
        others="so gp, gp so, giay phep so, giay phep, so va ky hieu, so va ky hieu giay phep, so ky hieu giay phep, "
        "so hieu giay phep, licenceNumber, licenceNo, licence, number",
    ),
    Column(
        "kind", "Loại", "Trang tổng hợp, hoặc Mạng xã hội.", "Trang tổng hợp",
        cells.parse_kind, spread=True, choices=("Trang tổng hợp", "Mạng xã hội"),
        others="loai hinh, loai giay phep, loai trang, kind, type, licenceType, licenceKind",
    ),
    Column(
        "issuer", "Cơ quan cấp", "Tên cơ quan tại thời điểm cấp.", "Sở Thông tin và Truyền thông Hà Nội",
        lambda text: sys.intern(cell_text(text)), spread=True,
        others="co quan cap phep, noi cap, don vi cap, issuer, issuedBy, authority",
    ),
    Column(
        "issued_on", "Ngày cấp", "Ngày/tháng/năm.", "04/03/2023",
        parse_day, needed=True, spread=True,
        others="ngay cap phep, ngay ky, ngay cap giay phep, hieu luc tu, co hieu luc tu, validFrom, issuedOn, "
        "issueDate, issuedDate, issuedAt",
    ),
    Column(
        "expires_on", "Ngày hết hạn", "Ngày/tháng/năm; để trống nếu giấy phép không ghi thời hạn.", "04/03/2028",
        cells.parse_last_day, spread=True,
        others="het han, ngay het hieu luc, het hieu luc, hieu luc den, co gia tri den, thoi han den, thoi han, "
        "validTo, validUntil, expiresOn, expiryDate, expires",
    ),
    Column(
        "domains", "Tên miền", "Một hay nhiều tên miền, cách nhau bằng dấu chấm phẩy.",
        "saokhue.example.vn; tin.saokhue.example.vn",
        _domains, needed=True, parts=("domain", "tenmien"),
        others="dia chi trang, dia chi website, website, trang web, url, host, hosts, site, sites",
    ),
    Column(
        "pages", "Trang mạng xã hội", "Địa chỉ đầy đủ của các trang, tài khoản; cách nhau bằng dấu chấm phẩy.",
        "https://mxh.example.vn/saokhue",
        each_address(cells.parse_page_address),
        others="tai khoan mang xa hoi, kenh mang xa hoi, fanpage, pages, socialPages, social",
    ),
    Column(
        "scope", "Lĩnh vực", "Các lĩnh vực thông tin ghi trên giấy phép, cách nhau bằng dấu chấm phẩy.",
        "Kinh tế; Xã hội; Y tế",
        split_phrases, spread=True,
        others="pham vi, noi dung, noi dung cung cap, chuyen muc, linh vuc thong tin, scope, scopes",
    ),
    Column(
        "status", "Trạng thái", "Còn hiệu lực, Hết hiệu lực hoặc Thu hồi; để trống nếu không rõ.", "Còn hiệu lực",
        lambda text: sys.intern(cells.parse_status(text)), spread=True,
        others="tinh trang, hieu luc, status, state",
    ),
))  # fmt: skip
