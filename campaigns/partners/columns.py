"""What the columns of a licence register are called, in Vietnamese offices and in the public register's own export."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from campaigns.core.vietnamese import fold


@dataclass(frozen=True)
class Column:
    """One column: our name of it, the heading a person reads and writes, what belongs in it, and its other names.

    ``others`` is parted by commas. ``needed``: a row without it cannot be taken.
    """

    field: str
    heading: str
    hint: str
    sample: str
    needed: bool = False
    others: str = ""


COLUMNS: Final = (
    Column(
        "company_name",
        "Tên doanh nghiệp",
        "Tên đầy đủ của tổ chức, doanh nghiệp được cấp phép.",
        "Công ty cổ phần Truyền thông Sao Khuê",
        needed=True,
        others="ten cong ty, ten to chuc, ten to chuc doanh nghiep, ten don vi, doanh nghiep, cong ty, don vi, "
        "to chuc, companyName, company, company.name, name, partner",
    ),
    Column(
        "tax_code",
        "Mã số thuế",
        "10 chữ số, hoặc 10 chữ số, gạch nối và 3 chữ số. Để định dạng ô là văn bản để không mất số 0 ở đầu.",
        "0109876543",
        others="mst, ma so doanh nghiep, taxCode, company.taxCode, tax",
    ),
    Column(
        "licence_number",
        "Số giấy phép",
        "Số và ký hiệu đúng như trên giấy phép.",
        "2215/GP-TTĐT",
        needed=True,
        others="so gp, gp so, giay phep so, giay phep, so va ky hieu, so va ky hieu giay phep, so ky hieu giay phep, "
        "so hieu giay phep, licenceNumber, licenceNo, licence, number",
    ),
    Column(
        "kind",
        "Loại",
        "Trang tổng hợp, hoặc Mạng xã hội.",
        "Trang tổng hợp",
        others="loai hinh, loai giay phep, loai trang, kind, type, licenceType, licenceKind",
    ),
    Column(
        "issuer",
        "Cơ quan cấp",
        "Tên cơ quan tại thời điểm cấp.",
        "Sở Thông tin và Truyền thông Hà Nội",
        others="co quan cap phep, noi cap, don vi cap, issuer, issuedBy, authority",
    ),
    Column(
        "issued_on",
        "Ngày cấp",
        "Ngày/tháng/năm.",
        "04/03/2023",
        needed=True,
        others="ngay cap phep, ngay ky, ngay cap giay phep, hieu luc tu, co hieu luc tu, validFrom, issuedOn, "
        "issueDate, issuedDate, issuedAt",
    ),
    Column(
        "expires_on",
        "Ngày hết hạn",
        "Ngày/tháng/năm; để trống nếu giấy phép không ghi thời hạn.",
        "04/03/2028",
        others="het han, ngay het hieu luc, het hieu luc, hieu luc den, co gia tri den, thoi han den, thoi han, "
        "validTo, validUntil, expiresOn, expiryDate, expires",
    ),
    Column(
        "domains",
        "Tên miền",
        "Một hay nhiều tên miền, cách nhau bằng dấu chấm phẩy.",
        "saokhue.example.vn; tin.saokhue.example.vn",
        needed=True,
        others="dia chi trang, dia chi website, website, trang web, url, host, hosts, site, sites",
    ),
    Column(
        "pages",
        "Trang mạng xã hội",
        "Địa chỉ đầy đủ của các trang, tài khoản; cách nhau bằng dấu chấm phẩy.",
        "https://mxh.example.vn/saokhue",
        others="tai khoan mang xa hoi, kenh mang xa hoi, fanpage, pages, socialPages, social",
    ),
    Column(
        "scope",
        "Lĩnh vực",
        "Các lĩnh vực thông tin ghi trên giấy phép, cách nhau bằng dấu chấm phẩy.",
        "Kinh tế; Xã hội; Y tế",
        others="pham vi, noi dung, noi dung cung cap, chuyen muc, linh vuc thong tin, scope, scopes",
    ),
    Column(
        "status",
        "Trạng thái",
        "Còn hiệu lực, Hết hiệu lực hoặc Thu hồi; để trống nếu không rõ.",
        "Còn hiệu lực",
        others="tinh trang, hieu luc, status, state",
    ),
)


# What is meant for every row that a merged cell reaches over. A domain is not: it belongs to one licence.
SPREAD: Final = frozenset(
    {"company_name", "tax_code", "licence_number", "kind", "issuer", "issued_on", "expires_on", "scope", "status"}
)


def _compact(heading: str) -> str:
    """A heading without what people vary: remarks in brackets, case, marks, spaces, British or American spelling."""
    bare = re.sub(r"\([^)]*\)", "", fold(heading))
    return re.sub(r"[^a-z0-9]", "", bare).replace("license", "licence")


_FIELDS: Final = {
    _compact(name): column.field
    for column in COLUMNS
    for name in (column.heading, column.field, *column.others.split(", "))
}


_LONGEST_HEADING: Final = 200  # characters; what is longer is text that stands where a heading might


def field_of(heading: str) -> str | None:
    """Which of our fields a heading names, or None. Any heading about domain names is about domains."""
    if len(heading) > _LONGEST_HEADING:
        return None
    compact = _compact(heading)
    if compact in _FIELDS:
        return _FIELDS[compact]
    return "domains" if "domain" in compact or "tenmien" in compact else None


def meaning(heading: str, chosen: Mapping[str, str]) -> str | None:
    """The field of a heading: as a person chose it, else as it is known by."""
    return (chosen[heading] or None) if heading in chosen else field_of(heading)


def missing(headings: Iterable[str], chosen: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The columns that no register can do without and this one has not: our name of it -> the heading expected.

    ``chosen``: what a person says that a heading means, "" for nothing; it goes before what the heading says itself.
    """
    found = {meaning(heading, chosen) for heading in headings}
    return {column.field: column.heading for column in COLUMNS if column.needed and column.field not in found}
