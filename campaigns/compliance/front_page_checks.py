"""Checks of a site's front page (R1, R11-R13): pure functions of the page as read and the register's entries.

Words are compared without diacritics and case, with the usual abbreviations of imprints written out ("ĐT", "Đ/c",
"CQCQ", "TP.", "Sở TT&TT"), and without a company's legal form: "Công ty CP" and "CTCP" are the same. Missing items are
reported one by one.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.compliance.rule_parameters import LONGEST_EXCERPT, Checker, Fault, ImprintItem
from campaigns.core.vietnamese import fold, nfc

# Abbreviations in the names of companies and authorities, folded. Applied to the page and to the register.
_ABBREVIATIONS = {
    "ctcp": "cong ty co phan", "cty": "cong ty", "c.ty": "cong ty", "cp": "co phan", "tnhh": "trach nhiem huu han",
    "mtv": "mot thanh vien", "dv": "dich vu", "tm": "thuong mai", "tmdv": "thuong mai dich vu", "dt": "dau tu",
    "cn": "cong nghe", "xnk": "xuat nhap khau", "vn": "viet nam", "tp": "thanh pho", "tphcm": "ho chi minh",
    "tp.hcm": "ho chi minh", "hcm": "ho chi minh", "hn": "ha noi", "tphn": "ha noi", "ubnd": "uy ban nhan dan",
    "tt&tt": "thong tin va truyen thong", "tttt": "thong tin va truyen thong", "tt-tt": "thong tin va truyen thong",
    "vh&tt": "van hoa va the thao", "vhtt": "van hoa va the thao", "vh-tt": "van hoa va the thao",
    "vhttdl": "van hoa the thao va du lich", "vhtt&dl": "van hoa the thao va du lich",
    "vh,tt&dl": "van hoa the thao va du lich", "vh, tt&dl": "van hoa the thao va du lich",
    "ptth&ttdt": "phat thanh truyen hinh va thong tin dien tu", "ttdt": "thong tin dien tu", "&": "va",
}  # fmt: skip
_ABBREVIATED = re.compile(
    r"(?<![\w&])(?:" + "|".join(map(re.escape, sorted(_ABBREVIATIONS, key=len, reverse=True))) + r")(?![\w&])"
)
_PLACE_KIND = re.compile(r"\b(?:thanh pho|tinh)\b")  # "Sở … thành phố Hà Nội" is "Sở … Hà Nội"
_DASHES = str.maketrans("‐‑‒–—−", "------")
_FORMS = re.compile(
    r"^cong ty(?: (?:co phan|trach nhiem huu han|hop danh|mot thanh vien|hai thanh vien(?: tro len)?))* "
)
_PARENT = re.compile(r"\b(?:co quan|don vi|to chuc|cong ty)? ?chu quan\b|\b(?:cq|dv)cq\b|\bco quan cq\b|\btruc thuoc\b")
_STREET = r"(?:so|tang|lo|toa|nha|ngo|ngach|duong|pho|thon|xa|phuong|khu|kdt|p\.|q\.)"
_LABELS = r"(?:dt|sdt|dien thoai|tel|hotline|email|thu dien|giay phep|gp)\b"
_ADDRESS = re.compile(
    r"\b(?:dia chi|d/chi|dchi|tru so|van phong|vp(?:gd|dd)?|address|add)\b[^\w]{0,4}\w"
    # "Đ/c" is an address before a street or a number, a comrade before a name.
    rf"|\b(?:d/c|dc|d\.c)\b[^\w]{{0,4}}(?:{_STREET}|(?:(?!\b{_LABELS})[^:@]){{0,40}}?\d)"
    # Without a label: a house number, then a ward, a district or a town.
    r"|\b(?:(?<!phep )(?<!gp )so|tang|lo|toa|ngo) \d{1,4}[a-z]?\d{0,2}\b(?! ?/ ?g| (?:do|cap|ngay)\b)[^@]{3,90}?"
    r"\b(?:phuong|quan|xa|huyen|thi xa|thanh pho|(?:p|q|h|x|tx|tp)\.) ?\w"
)
_RESPONSIBLE = re.compile(
    r"(?<!khong )\b(?:chiu trach nhiem|chiu tn|phu trach|ctn(?:nd)?)"
    r"(?: (?:chinh|ve|quan ly|xuat ban|thong tin|noi dung|nd|trang|website))*+[^\w]{1,4}"
    rf"(?:d/c:? (?!{_STREET}[ .]))?+(?:(?:ong|ba|dong chi|nha bao|luat su|ths|ts|ks|cn|ls)\b[ .:]*)*+"
    rf"(?!{_LABELS}|dia chi|d/c|so |lien he|ban quyen)[a-z]+ [a-z]+"
)
_EMAIL = re.compile(r"[\w.+-]+ ?(?:@|[\[(] ?(?:at|a|@|a cong|a moc) ?[\])]) ?[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:\(?(?:\+?84|0)\)?[ .-]?)(?:\(?\d{1,3}\)?[ .-]?)(?:\d{2,4}[ .-]?){2,3}\d{0,4}(?!\d)")
# A number without its area code counts after a label.
_LABELLED_PHONE = re.compile(
    r"\b(?:s?dt|dien thoai|tel|phone|hotline|mobile|dtdd|di dong)\b[^\w]{0,4}(?:\d[ .()-]{0,2}){7,11}"
)
_HOTLINE = re.compile(r"(?<!\d)1[89]00[ .-]?\d{3,6}(?!\d)")
# Forms of licence numbers: "2215/GP-TTĐT", "12/GXN-TTĐT".
_NUMBER = re.compile(r"\d{1,5} ?/ ?(?:gp|gxn|gcn)[ /-]*[a-z&-]*")
_AROUND = 160  # characters after a licence's number in which its issuer and day are searched


@dataclass(frozen=True)
class RegisteredLicence:
    """A licence in force for the site, from the register."""

    number: str
    issuer: str
    issued_on: dt.date


@dataclass(frozen=True)
class FrontPage:
    """A front page as read. ``text``: all its words, footer included; ``name``: its own name of the site; ``sources``:
    the distinct sources named at its headlines; ``comments``: a box for readers' comments on one of its articles, '' if
    none was seen; ``mails``: addresses in mailto links."""

    text: str
    name: str
    host: str
    mails: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    comments: str = ""


@dataclass(frozen=True)
class RegisterFacts:
    """From the register: the company, and its licences in force for the site on the day."""

    company: str
    licences: Sequence[RegisteredLicence]


def bare_company_name(name: str) -> str:
    """A company's name without diacritics, case, punctuation, abbreviations and legal form."""
    plain = _written_out(fold(name))
    return _FORMS.sub("", plain) or plain


def _written_out(words: str) -> str:
    """Folded words with abbreviations written out, without punctuation and without the kind of a place."""
    plain = _ABBREVIATED.sub(lambda found: f" {_ABBREVIATIONS[found[0]]} ", words)
    return " ".join(_PLACE_KIND.sub(" ", re.sub(r"[^\w ]", " ", plain)).split())


def _imprint_shown(page: FrontPage, known: RegisterFacts, set_: Mapping[str, Any]) -> Fault | None:
    words = fold(nfc(page.text)).translate(_DASHES)
    lacks = [ImprintItem(name) for name in set_["items"] if not _shows_item(ImprintItem(name), words, page, known)]
    if not lacks:
        return None
    facts: dict[str, Any] = {"missing": [item.value for item in lacks]}
    shown = _NUMBER.search(words)
    if ImprintItem.LICENCE_NUMBER in lacks and shown is not None:
        facts["shown"] = shown[0].upper().strip()
        facts["registered"] = [licence.number for licence in known.licences]
    return Fault("imprint", facts, ",".join(facts["missing"]), _imprint_of(page.text))


def _imprint_of(text: str) -> str:
    """The excerpt that shows the imprint: around the licence or the address, else the end of the page."""
    plain = nfc(text)
    found = re.search(r"giấy phép|chịu trách nhiệm|chủ quản|địa chỉ", plain, re.IGNORECASE)
    begins = max(found.start() - LONGEST_EXCERPT // 4, 0) if found is not None else max(len(plain) - LONGEST_EXCERPT, 0)
    return plain[begins : begins + LONGEST_EXCERPT].strip()


def _shows_item(item: ImprintItem, words: str, page: FrontPage, known: RegisterFacts) -> bool:
    match item:
        case ImprintItem.NAME:
            return bare_company_name(known.company) in _written_out(words)
        case ImprintItem.PARENT:
            return _PARENT.search(words) is not None
        case ImprintItem.ADDRESS:
            return _ADDRESS.search(words) is not None
        case ImprintItem.PHONE:
            return any(pattern.search(words) for pattern in (_PHONE, _HOTLINE, _LABELLED_PHONE))
        case ImprintItem.EMAIL:
            return bool(page.mails) or _EMAIL.search(words) is not None
        case ImprintItem.RESPONSIBLE:
            return _RESPONSIBLE.search(words) is not None
        case ImprintItem.LICENCE_NUMBER:
            if not known.licences:  # without registered licences any number is accepted
                return _NUMBER.search(words) is not None
            return any(re.search(_written_number(licence.number), words) for licence in known.licences)
        case ImprintItem.LICENCE_ISSUER:
            plain = _written_out(words)
            return any(_written_out(fold(licence.issuer)) in plain for licence in known.licences) or (
                not known.licences and _follows_number(words, r"\bcap\b")
            )
        case ImprintItem.LICENCE_DATE:
            days = [pattern for licence in known.licences for pattern in _written_day(licence.issued_on)]
            return any(
                re.search(pattern, words)
                for pattern in days or [r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|ngay \d{1,2} thang \d{1,2}"]
            )


def _written_number(number: str) -> str:
    """A pattern of a licence's number as pages write it: 2215/GP-TTĐT, 2215 / GP – TTĐT, "GP số 2215"."""
    parts = re.findall(r"[a-z]+|\d+", fold(number))
    whole = r"(?<!\d)" + r"[^a-z0-9]*".join(parts) + r"(?![a-z0-9])"
    if not parts or not parts[0].isdigit():
        return whole
    return rf"{whole}|\b(?:giay phep|gp|gxn|gcn)\b[^\d]{{0,60}}(?<!\d){parts[0]}(?!\d| ?[/-])"


def _follows_number(words: str, pattern: str) -> bool:
    found = _NUMBER.search(words)
    return found is not None and re.search(pattern, words[found.end() : found.end() + _AROUND]) is not None


def _written_day(day: dt.date) -> tuple[str, str]:
    """Patterns of a day as pages write it: 05/3/2024, 5-3-24, 5 . 3 . 2024, ngày 05 tháng 3 năm 2024."""
    return (
        rf"(?<!\d)0?{day.day} ?[/.-] ?0?{day.month} ?[/.-] ?(?:{day.year}|{day.year % 100:02d})(?!\d)",
        rf"ngay 0?{day.day} thang 0?{day.month}(?:,? nam |/| / |, ){day.year}",
    )


def _sources_named(page: FrontPage, _known: RegisterFacts, set_: Mapping[str, Any]) -> Fault | None:
    """A page without sources at its headlines may name them in the articles; that is not a fault."""
    if not page.sources or len(page.sources) >= set_["least"]:
        return None
    names = sorted(page.sources)
    return Fault(
        "few_sources",
        {"found": names, "wanted": set_["least"]},
        ",".join(map(fold, names)),
        "; ".join(names)[:LONGEST_EXCERPT],
    )


def _no_comments(page: FrontPage, _known: RegisterFacts, _set: Mapping[str, Any]) -> Fault | None:
    return (
        Fault("comments", {"what": page.comments}, excerpt=page.comments[:LONGEST_EXCERPT]) if page.comments else None
    )


def _name_not_newspaper(page: FrontPage, _known: RegisterFacts, set_: Mapping[str, Any]) -> Fault | None:
    """Compares the beginnings of name and domain; with diacritics, since "báo" is a newspaper and "bão" a storm."""
    name = " ".join(nfc(page.name).split())
    for word in set_["name_begins"]:
        if re.match(rf"{re.escape(word)}\b", name, re.IGNORECASE):
            return Fault("press_name", {"word": word, "name": name}, fold(word), name[:LONGEST_EXCERPT])
    label = page.host.removeprefix("www.").partition(":")[0]
    if any(label.startswith(word) for word in set_["host_except"]):
        return None
    for word in set_["host_begins"]:
        if label.startswith(word):
            return Fault("press_name", {"word": word, "name": label}, word, label)
    return None


FrontPageCheck = Callable[[FrontPage, RegisterFacts, Mapping[str, Any]], Fault | None]
FRONT_PAGE_CHECKS: Mapping[Checker, FrontPageCheck] = {
    Checker.IMPRINT: _imprint_shown,
    Checker.SOURCES: _sources_named,
    Checker.NO_COMMENTS: _no_comments,
    Checker.NAME: _name_not_newspaper,
}
