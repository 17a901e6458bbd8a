"""Source lines: whether a line at an article's end names us, somebody else, or nobody.

"Theo Sở A", "Nguồn: B", "(Vũ Dũng/C)" name a source; "Theo ông D", "Theo báo cáo…" name a speaker, "Ảnh: E" a
photographer. Names are compared folded, the longest first, so that a longer name that is not ours (a *negative* alias)
takes its words away from a shorter one that is; and a name that goes on in capitals behind ours ("Báo A Mới", where
ours is "Báo A") is another's even when nobody listed it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from campaigns.core.vietnamese import fold as plain
from campaigns.core.vietnamese import nfc
from campaigns.tracking.fingerprints import fold

# What leads to the name of a source, without marks, as ``plain`` leaves it.
_LEAD = re.compile(
    r"(?:(?<=^)|(?<=[^a-z0-9]))"
    r"(?P<lead>tong hop (?:tu|theo)|theo(?: nguon)?|nguon(?: bai viet| tin| bai)?|trich(?: nguon| dan| tu)?"
    r"|dan (?:nguon|lai|theo)(?: tu)?|dang lai tu|(?:xem |link |doc )?bai (?:viet )?goc(?: tren| tai| cua)?|ban goc"
    r"|source|(?:tin|bai)(?:(?:\s*[,/&+]\s*|\s+va\s+)anh)?(?=\s*:))"
    r"(?P<colon>\s*[:|]\s*|\s+-\s+|\s+)(?=[^\s])"
)
_PHOTO = r"(?:anh|hinh|photo|video|clip|do hoa|infographic|tranh)"
_PHOTO_BEFORE = re.compile(rf"(?<![a-z0-9]){_PHOTO}(?: minh hoa| tu lieu| bia)?\s*[:\-/(.,]?\s*$")
_PHOTO_FIRST = re.compile(rf"\W*{_PHOTO}\b")
_PHOTO_AFTER = re.compile(r"(?:anh|hinh|video|clip|photo|tu lieu)\b")
# "Theo …" before one of these is about somebody who speaks or something that is quoted.
_SPEAKER = re.compile(
    r"(?:ong|ba|anh|chi|em|co|chu|bac|do|day|luat su|pgs|gs|ts|ths|bs|bac si|thac si|tien si|giao su|dai dien|lanh dao"
    r"|chuyen gia|bao cao|thong ke|so lieu|ket qua|quyet dinh|ke hoach|quy dinh|nghi dinh|nghi quyet|thong tu|luat"
    r"|chi thi|cong van|du kien|du bao|ghi nhan|tim hieu|loi|nhan dinh|danh gia|phan anh|khao sat|chuong trinh"
    r"|huong dan|yeu cau|de nghi|de an|lich|cach|hinh thuc|dung|tung|thoi gian|thu tu|muc|nhu|toi|chung toi|thong tin"
    r"|thong bao|nguyen tac|van ban|to trinh|doi|chan|lay link|link|sao chep|copy|tai day|xem|bam|nhan vao)\b"
)
_BY_OUTLET = re.compile(r"^[^/()|]{2,40}\s*(?:/|\()\s*(?P<name>[^/()|]{2,60}?)\)?\s*[.)]*$")
_PARTS = re.compile(r"\s*[|•·/]\s*|\s+[-–—]\s+")  # between an author, a section and a source in one line
_OPENING = re.compile(r"\W*(?:theo|nguon(?: tin)?)?\W*$")  # what may stand before a name that opens a text
_OPENED = re.compile(r"\s*(?:[)\]]|[-–—]\s)")  # and what stands behind it
# Behind a name of ours these belong to the page, not to a longer name.
_FURNITURE = (
    "lay copy sao chia xem link ban thu ngay cap dang theo nguon tac anh like share in gui print email facebook "
    "zalo twitter messenger bai tag tags tu chu doc luot binh quay ve thich luu tai url goc http https www "
    "tweet pinterest follow google hotline bien xuat sang chieu toi hom gio luc loi gop"
)
_NO_NAME = frozenset(_FURNITURE.split())
_ORGANISATIONS = re.compile(r"(?:tap chi|thoi|dai|trung tam|hoi|vien|truong|cong ty|ban tin|tap doan|cau lac bo)\s+$")
_OUTLET_START = re.compile(r"[A-ZĐÀ-ỸÂĂÊÔƠƯ0-9]|[\w-]{1,63}(?:\.[\w-]{1,63})+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# With one of these a line that is marked as the source's names an outlet; without, it may name the author.
_OUTLET = re.compile(
    r"\W*(?:bao|tap chi|thoi bao|dai|ttxvn|vov|vtv|vtc|thong tan xa|cong (?:ttdt|thong tin)|trang|kenh|chuyen trang)\b"
)
_LINE = 160  # characters; a longer block is a paragraph, in which only a phrase at its end is a source line
_SHORT = 100  # and one this short may be author, section and source, with signs between
_LONGEST = 600
_CLAUSE = 20  # characters behind "Theo Sở A," that are a sentence and not another name
_REST = 60  # characters that may follow the name in its line: a date, "Lấy link"


@lru_cache(maxsize=2048)  # each bulletin looked for on a page asks about the same lines
def begins_like_source(text: str) -> bool:
    """Whether a text begins with words that lead to a source's name."""
    return _LEAD.match(plain(text[:_LINE])) is not None


@dataclass(frozen=True)
class SourceName:
    """One name of ours as we write it, its other spellings, and longer names that only look like it."""

    name: str
    aliases: tuple[str, ...] = ()
    not_us: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceLine:
    """A line that names a source: ours (``name`` as we write it) or, with ``ours`` false, another's as written."""

    ours: bool
    name: str


@lru_cache(maxsize=64)
def _aliases(sources: tuple[SourceName, ...]) -> tuple[tuple[str, str | None], ...]:
    """(folded alias, our name or None for a negative one), the longest first."""
    pairs: dict[str, str | None] = {}
    for source in sources:
        for alias in (source.name, *source.aliases):
            pairs.setdefault(fold(alias), source.name)
    for source in sources:
        for alias in source.not_us:
            pairs[fold(alias)] = None
    return tuple(sorted(((a, n) for a, n in pairs.items() if a), key=lambda pair: -len(pair[0])))


@lru_cache(maxsize=4096)
def _spelled(alias: str) -> re.Pattern[str]:
    """A folded alias in text that ``plain`` left: with its signs, and with y beside i."""
    inner = r"[\W_]+".join(re.escape(word).replace("i", "[iy]") for word in alias.split())
    return re.compile(rf"(?<![^\W_]){inner}(?![^\W_])")


@dataclass(frozen=True)
class _Mention:
    """A name in a text, at ``plain(text)[start:end]``; ``name`` is ours as we write it, None for another's."""

    start: int
    end: int
    name: str | None


def _mentions(text: str, sources: Sequence[SourceName]) -> list[_Mention]:
    """Every name of the list, in order; where two overlap the longer counts."""
    flat, folded = plain(text), f" {fold(text)} "
    found: list[_Mention] = []
    for alias, name in _aliases(tuple(sources)):
        if f" {alias} " not in folded:
            continue
        for place in _spelled(alias).finditer(flat):
            start, end = place.span()
            if all(end <= one.start or one.end <= start for one in found):
                found.append(_Mention(start, end, None if _is_longer(text, flat, start, end) else name))
    return sorted(found, key=lambda one: one.start)


def _is_longer(text: str, flat: str, start: int, end: int) -> bool:
    """Whether the name at ``flat[start:end]`` is part of a longer one: it goes on with a capital letter, or a word for
    an organisation stands right before it."""
    whole = _as_written(text)
    if len(whole) != len(flat):
        return False
    if _ORGANISATIONS.search(flat[:start]) and not whole[:start].rstrip().endswith((":", ",")):
        return True
    behind = re.match(r"\s(\w+)", whole[end:])
    if behind is None or whole[start:end].isupper() or not behind[1][0].isupper():
        return False
    return plain(behind[1]) not in _NO_NAME


def our_name_in(text: str, sources: Sequence[SourceName]) -> str | None:
    """The name of ours that stands in a text as whole words; None when none does."""
    return next((one.name for one in _mentions(text, sources) if one.name is not None), None)


def _is_only(text: str, sources: Sequence[SourceName]) -> str | None:
    """Our name when the text is nothing else but perhaps a date."""
    for one in _mentions(text, sources):
        flat = plain(text)
        left = fold(f"{flat[: one.start]} {flat[one.end :]}").split()
        return one.name if all(word.isdecimal() for word in left) else None
    return None


def name_that_opens(text: str, sources: Sequence[SourceName]) -> str | None:
    """Our name where a text begins with it as with a place: "(Theo Sở A) - Sáng nay…", "Sở A – Sáng nay…"."""
    begin = text[:_LINE]
    for one in _mentions(begin, sources)[:1]:
        flat = plain(begin)
        if _OPENING.match(flat[: one.start]) and _OPENED.match(flat[one.end :]):
            return one.name
    return None


def _phrases(text: str) -> Iterable[tuple[str, str, bool]]:
    """(lead words, what follows them, whether a colon stands between) for every lead-in that is not a photo credit."""
    flat = plain(text)
    for found in _LEAD.finditer(flat):
        if _PHOTO_BEFORE.search(flat[max(0, found.start() - 30) : found.start()]):
            continue
        rest = flat[found.end() :]
        if found["lead"].startswith("nguon") and _PHOTO_AFTER.match(rest):
            continue
        yield found["lead"], rest, not found["colon"].isspace()


def _written(text: str, tail: str) -> str:
    """The end of ``text`` as it was written that ``plain`` made ``tail`` of; both have one character for each other."""
    whole = _as_written(text)
    return whole[-len(tail) :] if len(plain(whole)) == len(whole) else tail


def _as_written(text: str) -> str:
    """A text as ``plain`` reads it, but with its marks and capitals."""
    return " ".join(_INVISIBLE.sub("", nfc(text)).split())


def read_source_line(text: str, sources: Sequence[SourceName], *, marked: bool = False) -> SourceLine | None:
    """The source that a block behind or above an article names; None when it is no source line.

    ``marked``: its element says that it is one (class ``source``, ``author``…).
    """
    line = text.strip()
    if len(line) > _LONGEST:
        line = line[-_LONGEST:]  # a paragraph names its source at its end
    if not line:
        return None
    if (only := _is_only(line, sources)) is not None:
        return SourceLine(True, only)
    phrases = list(_phrases(line))
    for lead, rest, colon in phrases:
        if not colon and lead.startswith("theo") and _SPEAKER.match(rest) and not _begins_with_us(rest, sources):
            continue
        written = _written(line, rest)
        close = written if colon or marked else written[: _LINE - 40]
        name = our_name_in(close, sources)
        if name is not None and (colon or marked or _ends_soon(written, sources)):
            return SourceLine(True, name)
    photo = _PHOTO_FIRST.match(plain(line)) is not None
    if len(line) <= _SHORT and not photo:
        if (found := _BY_OUTLET.match(line)) and not _PHOTO_FIRST.match(plain(found["name"])):
            name = our_name_in(found["name"], sources)
            if name is not None:
                return SourceLine(True, name)
        name = next((name for part in _PARTS.split(line) if (name := _is_only(part, sources))), None)
        if name is not None:
            return SourceLine(True, name)
    if photo:
        return _other(line, phrases)
    if marked and len(line) <= _LINE and (name := our_name_in(line, sources)) is not None:
        return SourceLine(True, name)
    other = _other(line, phrases)
    if other is None and marked and len(line) <= _REST and _OUTLET.match(plain(line)):
        return SourceLine(False, line.strip(" .)("))
    return other


def _begins_with_us(rest: str, sources: Sequence[SourceName]) -> bool:
    folded = f"{fold(rest)} "
    return any(name is not None and folded.startswith(f"{alias} ") for alias, name in _aliases(tuple(sources)))


def _ends_soon(rest: str, sources: Sequence[SourceName]) -> bool:
    """Whether the line is over soon after the name of ours in it: a sentence that goes on names a speaker."""
    for one in _mentions(rest, sources):
        if one.name is not None:
            behind = plain(rest)[one.end :]
            return len(behind) <= _REST and not (behind.lstrip().startswith(",") and len(behind) > _CLAUSE)
    return False


def _other(line: str, phrases: Iterable[tuple[str, str, bool]]) -> SourceLine | None:
    for lead, rest, colon in phrases:
        written = _written(line, rest).strip(" .")
        if len(written) > _REST or _SPEAKER.match(rest) or not _OUTLET_START.match(written):
            continue
        if not colon and len(written.partition(", ")[2]) > _CLAUSE:
            continue
        if len(line) > _LINE and not colon and not line.rstrip(" .").endswith(")"):
            continue
        inner = re.search(r"\(([^()]{2,60})\)?$", written)
        name = (inner[1] if inner and lead.startswith("theo") else written).strip(" .)(")
        if name:
            return SourceLine(False, name)
    if (
        len(line) <= 60
        and not _PHOTO_FIRST.match(plain(line))
        and (found := re.match(r"^[^/()|]{2,40}\s*/\s*(?P<name>[A-ZĐ][\w .&+-]{1,40})$", line))
    ):
        return SourceLine(False, found["name"].strip())
    return None


def names_of(texts: Iterable[str], sources: Sequence[SourceName]) -> str | None:
    """The first name of ours in any of these texts."""
    return next(chain((name for text in texts if (name := our_name_in(text, sources))), (None,)))
