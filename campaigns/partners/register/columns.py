"""The columns of a licence register and their headings, in Vietnamese offices and in the public register's export."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from campaigns.core.vietnamese import fold


class SheetRow(Protocol):
    """A row of a sheet: its number as the sheet shows it, and its cells by heading."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class RegisterColumn:
    """One column: its field, its heading, what belongs in it, a sample, and other headings it is known by.

    ``others`` is separated by commas. ``needed``: a row without it is rejected.
    """

    field: str
    heading: str
    hint: str
    sample: str
    needed: bool = False
    others: str = ""


COLUMNS: Final = (
    RegisterColumn(
        "company_name",
        "Tên doanh nghiệp",
        "Tên đầy đủ của tổ chức, doanh nghiệp được cấp phép.",
        "Công ty cổ phần Truyền thông Sao Khuê",
        needed=True,
        others="ten cong ty, ten to chuc, ten to chuc doanh nghiep, ten don vi, doanh nghiep, cong ty, don vi, "
        "to chuc, companyName, company, company.name, name, partner",
    ),
    RegisterColumn(
        "tax_code",
        "Mã số thuế",
        "10 chữ số, hoặc 10 chữ số, gạch nối và 3 chữ số. Để định dạng ô là văn bản để không mất số 0 ở đầu.",
        "0109876543",
        others="mst, ma so doanh nghiep, taxCode, company.taxCode, tax",
    ),
    RegisterColumn(
        "licence_number",
        "Số giấy phép",
        "Số và ký hiệu đúng như trên giấy phép.",
        "2215/GP-TTĐT",
        needed=True,
        others="so gp, gp so, giay phep so, giay phep, so va ky hieu, so va ky hieu giay phep, so ky hieu giay phep, "
        "so hieu giay phep, licenceNumber, licenceNo, licence, number",
    ),
    RegisterColumn(
        "kind",
        "Loại",
        "Trang tổng hợp, hoặc Mạng xã hội.",
        "Trang tổng hợp",
        others="loai hinh, loai giay phep, loai trang, kind, type, licenceType, licenceKind",
    ),
    RegisterColumn(
        "issuer",
        "Cơ quan cấp",
        "Tên cơ quan tại thời điểm cấp.",
        "Sở Thông tin và Truyền thông Hà Nội",
        others="co quan cap phep, noi cap, don vi cap, issuer, issuedBy, authority",
    ),
    RegisterColumn(
        "issued_on",
        "Ngày cấp",
        "Ngày/tháng/năm.",
        "04/03/2023",
        needed=True,
        others="ngay cap phep, ngay ky, ngay cap giay phep, hieu luc tu, co hieu luc tu, validFrom, issuedOn, "
        "issueDate, issuedDate, issuedAt",
    ),
    RegisterColumn(
        "expires_on",
        "Ngày hết hạn",
        "Ngày/tháng/năm; để trống nếu giấy phép không ghi thời hạn.",
        "04/03/2028",
        others="het han, ngay het hieu luc, het hieu luc, hieu luc den, co gia tri den, thoi han den, thoi han, "
        "validTo, validUntil, expiresOn, expiryDate, expires",
    ),
    RegisterColumn(
        "domains",
        "Tên miền",
        "Một hay nhiều tên miền, cách nhau bằng dấu chấm phẩy.",
        "saokhue.example.vn; tin.saokhue.example.vn",
        needed=True,
        others="dia chi trang, dia chi website, website, trang web, url, host, hosts, site, sites",
    ),
    RegisterColumn(
        "pages",
        "Trang mạng xã hội",
        "Địa chỉ đầy đủ của các trang, tài khoản; cách nhau bằng dấu chấm phẩy.",
        "https://mxh.example.vn/saokhue",
        others="tai khoan mang xa hoi, kenh mang xa hoi, fanpage, pages, socialPages, social",
    ),
    RegisterColumn(
        "scope",
        "Lĩnh vực",
        "Các lĩnh vực thông tin ghi trên giấy phép, cách nhau bằng dấu chấm phẩy.",
        "Kinh tế; Xã hội; Y tế",
        others="pham vi, noi dung, noi dung cung cap, chuyen muc, linh vuc thong tin, scope, scopes",
    ),
    RegisterColumn(
        "status",
        "Trạng thái",
        "Còn hiệu lực, Hết hiệu lực hoặc Thu hồi; để trống nếu không rõ.",
        "Còn hiệu lực",
        others="tinh trang, hieu luc, status, state",
    ),
)


# Fields whose merged cell counts for every row it covers. A domain does not: it belongs to one licence.
SPREAD_FIELDS: Final = frozenset(
    {"company_name", "tax_code", "licence_number", "kind", "issuer", "issued_on", "expires_on", "scope", "status"}
)


def compact_heading(heading: str) -> str:
    """A heading without what varies: remarks in brackets, case, marks, spaces, British or American spelling."""
    bare = re.sub(r"\([^)]*\)", "", fold(heading))
    return re.sub(r"[^a-z0-9]", "", bare).replace("license", "licence")


_FIELDS: Final = {
    compact_heading(name): column.field
    for column in COLUMNS
    for name in (column.heading, column.field, *column.others.split(", "))
}


_LONGEST_HEADING: Final = 200  # characters; a longer text is not a heading


def field_of(heading: str) -> str | None:
    """The field that a heading names, or None. Any heading with the word domain names the domains."""
    if len(heading) > _LONGEST_HEADING:
        return None
    compact = compact_heading(heading)
    if compact in _FIELDS:
        return _FIELDS[compact]
    return "domains" if "domain" in compact or "tenmien" in compact else None


def chosen_field(heading: str, chosen: Mapping[str, str]) -> str | None:
    """The field of a heading: the one a person chose, else the one it names."""
    heading = " ".join(heading.split())
    return (chosen[heading] or None) if heading in chosen else field_of(heading)


def is_spread(heading: str, chosen: Mapping[str, str]) -> bool:
    """Whether a merged cell under this heading counts for every row it covers."""
    return chosen_field(heading, chosen) in SPREAD_FIELDS


def missing_columns(headings: Iterable[str], chosen: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The needed columns that are missing: field -> expected heading.

    ``chosen``: heading -> field as a person chose it, "" for a column that is not used.
    """
    found = {chosen_field(heading, chosen) for heading in headings}
    return {column.field: column.heading for column in COLUMNS if column.needed and column.field not in found}
