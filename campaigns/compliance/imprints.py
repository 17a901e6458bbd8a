"""What is asked of a site's front page (R1, R11-R13): pure, over the page as it was read and the register's entries.

Words are compared without accents and case, and a company's legal form is left aside: "Công ty CP" and "Công ty Cổ
phần" are the same. What is missing is told item by item.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.compliance.faults import LONGEST, Fault
from campaigns.compliance.parameters import Checker, Item
from campaigns.core.vietnamese import fold, nfc

_FORMS = re.compile(
    r"^(?:cong ty|cty)(?: (?:co phan|cp|trach nhiem huu han|tnhh|hop danh|mot thanh vien|mtv|hai thanh vien))* "
)
_PARENT = re.compile(r"\b(?:co quan|don vi|to chuc|cong ty)? ?chu quan\b|\btruc thuoc\b")
_ADDRESS = re.compile(r"\b(?:dia chi|tru so|van phong|address)\b[^\w]{0,4}\w")
_RESPONSIBLE = re.compile(
    r"\b(?:chiu trach nhiem|phu trach)(?: (?:chinh|ve|quan ly))?(?: noi dung)?[^\w]{1,4}(?:(?:ong|ba)\b[ .:]*)?"
    r"(?!noi dung|dien thoai|dia chi|email|thu dien|giay phep|so |tel|hotline|lien he|ban quyen)[a-z]+ [a-z]+"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:\(?(?:\+?84|0)\)?[ .-]?)(?:\(?\d{1,3}\)?[ .-]?)(?:\d{2,4}[ .-]?){2,3}\d{0,4}(?!\d)")
_HOTLINE = re.compile(r"(?<!\d)1[89]00[ .-]?\d{3,6}(?!\d)")
# As licences are numbered: "2215/GP-TTĐT", "12/GXN-TTĐT".
_NUMBER = re.compile(r"\d{1,5} ?/ ?(?:gp|gxn|gcn)[ /-]*[a-z&-]*")
_AROUND = 160  # characters beside a licence's number in which its issuer and day are looked for


@dataclass(frozen=True)
class Licensed:
    """A licence in force for the site, as the register has it."""

    number: str
    issuer: str
    issued_on: dt.date


@dataclass(frozen=True)
class FrontPage:
    """A front page as it was read. ``text``: all its words, footer included; ``name``: what it calls itself;
    ``sources``: the sources that its headlines are told to come from, each once; ``comments``: a box for readers'
    comments on an article of it, '' where none was seen. ``mails``: addresses behind links."""

    text: str
    name: str
    host: str
    mails: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    comments: str = ""


@dataclass(frozen=True)
class Registered:
    """What the register says: the company, and its licences that hold for the site on the day."""

    company: str
    licences: Sequence[Licensed]


def bare(name: str) -> str:
    """A company's name without accents, case, signs and legal form."""
    plain = " ".join(re.sub(r"[^\w ]", " ", fold(name)).split())
    return _FORMS.sub("", plain) or plain


def _imprint(page: FrontPage, known: Registered, set_: Mapping[str, Any]) -> Fault | None:
    said = fold(nfc(page.text))
    lacks = [Item(name) for name in set_["items"] if not _tells(Item(name), said, page, known)]
    if not lacks:
        return None
    values: dict[str, Any] = {"missing": [one.value for one in lacks]}
    shown = _NUMBER.search(said)
    if Item.LICENCE_NUMBER in lacks and shown is not None:
        values["shown"] = shown[0].upper().strip()
        values["registered"] = [one.number for one in known.licences]
    return Fault("imprint", values, ",".join(values["missing"]), _imprint_of(page.text))


def _imprint_of(text: str) -> str:
    """Where the page tells of itself: around its licence or its address, else its end."""
    plain = nfc(text)
    found = re.search(r"giấy phép|chịu trách nhiệm|chủ quản|địa chỉ", plain, re.IGNORECASE)
    begins = max(found.start() - LONGEST // 4, 0) if found is not None else max(len(plain) - LONGEST, 0)
    return plain[begins : begins + LONGEST].strip()


def _tells(item: Item, said: str, page: FrontPage, known: Registered) -> bool:
    match item:
        case Item.NAME:
            return bare(known.company) in " ".join(re.sub(r"[^\w ]", " ", said).split())
        case Item.PARENT:
            return _PARENT.search(said) is not None
        case Item.ADDRESS:
            return _ADDRESS.search(said) is not None
        case Item.PHONE:
            return _PHONE.search(said) is not None or _HOTLINE.search(said) is not None
        case Item.EMAIL:
            return bool(page.mails) or _EMAIL.search(said) is not None
        case Item.RESPONSIBLE:
            return _RESPONSIBLE.search(said) is not None
        case Item.LICENCE_NUMBER:
            if not known.licences:  # nothing to compare with: a number is asked for, whichever
                return _NUMBER.search(said) is not None
            return any(_number(one.number) in said.replace(" ", "") for one in known.licences)
        case Item.LICENCE_ISSUER:
            return any(fold(one.issuer) in said for one in known.licences) or (
                not known.licences and _beside(said, r"\bcap\b")
            )
        case Item.LICENCE_DATE:
            days = [pattern for one in known.licences for pattern in _written(one.issued_on)]
            return any(
                re.search(one, said) for one in days or [r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|ngay \d{1,2} thang \d{1,2}"]
            )


def _number(number: str) -> str:
    return fold(number).replace(" ", "")


def _beside(said: str, pattern: str) -> bool:
    found = _NUMBER.search(said)
    return found is not None and re.search(pattern, said[found.end() : found.end() + _AROUND]) is not None


def _written(day: dt.date) -> tuple[str, str]:
    """A day as pages write it: 05/3/2024, 5-3-2024, ngày 05 tháng 3 năm 2024."""
    return (
        rf"(?<!\d)0?{day.day}[/.-]0?{day.month}[/.-]{day.year}",
        rf"ngay 0?{day.day} thang 0?{day.month},? nam {day.year}",
    )


def _sources(page: FrontPage, _known: Registered, set_: Mapping[str, Any]) -> Fault | None:
    """A page that names no source beside its headlines may name them on the articles; that is no suspicion."""
    if not page.sources or len(page.sources) >= set_["least"]:
        return None
    told = sorted(page.sources)
    return Fault(
        "few_sources", {"found": told, "wanted": set_["least"]}, ",".join(map(fold, told)), "; ".join(told)[:LONGEST]
    )


def _comments(page: FrontPage, _known: Registered, _set: Mapping[str, Any]) -> Fault | None:
    return Fault("comments", {"what": page.comments}, excerpt=page.comments[:LONGEST]) if page.comments else None


def _name(page: FrontPage, _known: Registered, set_: Mapping[str, Any]) -> Fault | None:
    """By how name and domain begin; with accents, since "báo" is a newspaper and "bão" a storm."""
    name = " ".join(nfc(page.name).split())
    for word in set_["name_begins"]:
        if re.match(rf"{re.escape(word)}\b", name, re.IGNORECASE):
            return Fault("press_name", {"word": word, "name": name}, fold(word), name[:LONGEST])
    label = page.host.removeprefix("www.").partition(":")[0]
    if any(label.startswith(word) for word in set_["host_except"]):
        return None
    for word in set_["host_begins"]:
        if label.startswith(word):
            return Fault("press_name", {"word": word, "name": label}, word, label)
    return None


Asking = Callable[[FrontPage, Registered, Mapping[str, Any]], Fault | None]
OF_FRONT: Mapping[Checker, Asking] = {
    Checker.IMPRINT: _imprint,
    Checker.SOURCES: _sources,
    Checker.NO_COMMENTS: _comments,
    Checker.NAME: _name,
}
