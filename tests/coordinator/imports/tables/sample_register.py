"""A city's licence registers of the real size, all of it made up: no company, tax code or domain is anybody's.

443 companies have 658 licences of aggregators, 349 have 487 of social networks; some have both. The same seed makes the
same registers.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.partners.directory import SiteKind
from campaigns.partners.normalisation import company_key

AGGREGATORS = (443, 658)  # companies, licences
SOCIALS = (349, 487)
BOTH = 87  # companies with licences of both kinds

FORMS = ("Công ty cổ phần", "Công ty TNHH", "Công ty TNHH một thành viên", "Công ty cổ phần Truyền thông")
WORDS = (
    "Hòa An", "Thủy Nguyên", "Khóa Vàng", "Sao Khuê", "Nhịp Sông", "Lúa Mới", "Trúc Xanh", "Đồng Nội", "Ánh Dương",
    "Mây Trắng", "Bến Thuyền", "Gió Mùa", "Hạt Sen", "Phố Cũ", "Đường Quê", "Rặng Tre", "Sóng Biếc", "Vườn Chè",
)  # fmt: skip
TAILS = ("Một", "Hai", "Số", "Việt", "Á Đông", "Toàn Cảnh", "Mạng", "Tin Nhanh", "Đa Phương Tiện", "Kết Nối")
ISSUERS = ("Sở Thông tin và Truyền thông", "Sở Khoa học và Công nghệ", "Cục Phát thanh, truyền hình")
SCOPES = ("Kinh tế", "Xã hội", "Y tế", "Giáo dục", "Văn hóa và thể thao", "Công nghệ")
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True)
class TrueRecord:
    """One licence as the paper says it, and whose it is. ``domains`` as people write them, marks and all."""

    company: str
    tax_code: str
    number: str
    kind: SiteKind
    issuer: str
    issued_on: date
    expires_on: date | None
    domains: tuple[str, ...]
    pages: tuple[str, ...]
    scope: tuple[str, ...]

    @property
    def cells(self) -> dict[str, str]:
        """As a careful clerk types it."""
        return {
            "company_name": self.company,
            "tax_code": self.tax_code,
            "licence_number": self.number,
            "kind": "Trang tổng hợp" if self.kind is SiteKind.AGGREGATOR else "Mạng xã hội",
            "issuer": self.issuer,
            "issued_on": f"{self.issued_on:%d/%m/%Y}",
            "expires_on": f"{self.expires_on:%d/%m/%Y}" if self.expires_on else "",
            "domains": "; ".join(self.domains),
            "pages": "; ".join(self.pages),
            "scope": "; ".join(self.scope),
            "status": "Còn hiệu lực",
        }


def tax_code(dice: random.Random) -> str:
    """Ten digits whose last bears out the nine before it."""
    while True:
        nine = [0, *(dice.randrange(10) for _place in range(8))]
        last = 10 - sum(weight * digit for weight, digit in zip(_WEIGHTS, nine, strict=True)) % 11
        if last < 10:
            return "".join(map(str, [*nine, last]))


def city_register(seed: int) -> tuple[list[TrueRecord], list[TrueRecord]]:
    """The register of aggregators and that of social networks, each sorted by company."""
    dice = random.Random(seed)
    names: dict[str, str] = {}
    while len(names) < AGGREGATORS[0] + SOCIALS[0] - BOTH:
        first, second = dice.sample(WORDS, 2)
        name = f"{dice.choice(FORMS)} {first} {second} {dice.choice(TAILS)}"
        names.setdefault(company_key(name), name)
    taxes: set[str] = set()
    while len(taxes) < len(names):
        taxes.add(tax_code(dice))
    companies = list(zip(names.values(), sorted(taxes), strict=True))
    ours, theirs = companies[: AGGREGATORS[0]], companies[AGGREGATORS[0] - BOTH :]
    return (
        _register(dice, ours, AGGREGATORS[1], SiteKind.AGGREGATOR, 1),
        _register(dice, theirs, SOCIALS[1], SiteKind.SOCIAL, 5001),
    )


def _register(
    dice: random.Random, companies: list[tuple[str, str]], licences: int, kind: SiteKind, first: int
) -> list[TrueRecord]:
    extra = [dice.choice(companies) for _one in range(licences - len(companies))]
    sign, place = ("GP-TTĐT", "tin") if kind is SiteKind.AGGREGATOR else ("GP-MXH", "mang")
    rows = []
    for number, (company, tax) in enumerate(sorted([*companies, *extra]), start=first):
        issued = date(2019, 1, 1) + timedelta(days=dice.randrange(2500))
        lasting = dice.random() < 0.8
        domains = [f"{place}{number}.example.vn", *(f"{place}{number}{text}.example.vn" for text in "ab")]
        if dice.random() < 0.05:
            domains[0] = f"báo-{domains[0]}"
        page = (f"https://mxh.example.vn/trang-{number}",) if dice.random() < 0.3 else ()
        rows.append(
            TrueRecord(
                company, tax, f"{number}/{sign}", kind, dice.choice(ISSUERS), issued,
                issued + timedelta(days=1825) if lasting else None, tuple(domains[: dice.randint(1, 3)]), page,
                tuple(dice.sample(SCOPES, dice.randint(1, 3))),
            )
        )  # fmt: skip
    return rows
