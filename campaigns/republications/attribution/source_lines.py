"""Source lines: whether a line at an article's end names us, another source, or none.

"Theo Sở A", "Nguồn: B", "(Vũ Dũng/C)" name a source; "Theo ông D", "Theo báo cáo…" name a speaker, "Ảnh: E" a
photographer. Names are compared in every spelling (``name_spellings``), the longest first, so that a longer name that
is not ours (a *negative* alias) takes precedence over a shorter one that is; and a name that continues in capitals
after ours ("Báo A Mới", where ours is "Báo A") is another's, listed or not. A name that may be a shorter form of ours
is nobody's: to say that a page names another source is the worst error.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from campaigns.core.vietnamese import fold as fold_marks
from campaigns.core.vietnamese import nfc
from campaigns.matching.fingerprints import fold
from campaigns.republications.attribution.name_spellings import (
    NO_SPELLINGS,
    OfficeSpellings,
    could_be_short_for,
    spelling_pattern,
)

# Phrases before the name of a source, folded by ``fold_marks``; the first that fits is taken.
_LEADS = (
    r"(?:tong hop|bien tap|suu tam) (?:tu|theo)",
    r"theo(?: nguon)?(?: (?:thong )?tin)?(?: (?:duoc|da))?(?: (?:dang tai|dang|cong bo))? (?:tu|cua|tren|tai)",
    r"theo nguon tin",
    r"theo(?: nguon)?",
    r"(?:thong )?tin tu",
    r"nguon(?: bai viet| tin| bai)?(?: tu)?",
    r"trich(?: nguon| dan| tu)?",
    r"dan (?:nguon|lai|theo)(?: tu)?",
    r"dang lai (?:tu|cua|theo)",
    r"(?:(?:xuat ban|dang(?: tai)?|cong bo) lan dau|lan dau (?:xuat ban|dang(?: tai)?|cong bo)) (?:tren|tai|o|boi)",
    r"(?:xem |link |doc )?bai (?:viet )?goc(?: tren| tai| cua)?",
    r"bai(?: viet)?(?: duoc| da)? dang (?:tren|tai)",
    r"ban goc",
    r"source",
    r"via",
    r"ban bien tap",
    r"nguon (?:tham khao|dan|thong tin|goc)(?=\s*:)",
    r"(?:dang |xuat ban )?lan dau(?=\s*:)",
    r"(?:tac gia|tong hop|bien tap|suu tam|credit|ban quyen)(?=\s*:)",
    r"(?:tin|bai)(?:(?:\s*[,/&+]\s*|\s+va\s+)anh)?(?=\s*:)",
)
_LEAD = re.compile(rf"(?:(?<=^)|(?<=[^a-z0-9]))(?P<lead>{'|'.join(_LEADS)})(?P<colon>\s*[:|]\s*|\s+-\s+|\s+)(?=[^\s])")
# These lead to an author as well as to a medium.
_CREDITS = re.compile(r"(?:tin|bai)(?:\s*[,/&+]| va|$)|(?:tac gia|tong hop|bien tap|credit|ban quyen|ban bien tap)$")
# After these a speaker or a document may follow as well as a source.
_SPOKEN = ("theo", "tin tu", "thong tin tu", "via", "ban bien tap")
# Full-width signs of East Asian keyboards.
_SIGNS = str.maketrans("：（）／｜－＆", ":()/|-&")
_PHOTO = r"(?:anh|hinh|photo|video|clip|do hoa|infographic|tranh)"
_PHOTO_BEFORE = re.compile(rf"(?<![a-z0-9]){_PHOTO}(?: minh hoa| tu lieu| bia)?\s*[:\-/(.,]?\s*$")
_PHOTO_FIRST = re.compile(rf"\W*{_PHOTO}\b")
_PHOTO_AFTER = re.compile(r"(?:anh|hinh|video|clip|photo|tu lieu)\b")
# "Theo …" before one of these refers to a speaker or a quoted document.
_SPEAKER = re.compile(
    r"(?:ong|ba|anh|chi|em|co|chu|bac|do|day|luat su|pgs|gs|ts|ths|bs|bac si|thac si|tien si|giao su|dai dien|lanh dao"
    r"|chuyen gia|bao cao|thong ke|so lieu|ket qua|quyet dinh|ke hoach|quy dinh|nghi dinh|nghi quyet|thong tu|luat"
    r"|chi thi|cong van|du kien|du bao|ghi nhan|tim hieu|loi|nhan dinh|danh gia|phan anh|khao sat|chuong trinh"
    r"|huong dan|yeu cau|de nghi|de an|lich|cach|hinh thuc|dung|tung|thoi gian|thu tu|muc|nhu|toi|chung toi|thong tin"
    r"|thong bao|nguyen tac|van ban|to trinh|doi|duoi|chan|chu tich|pho|giam doc|bi thu|nguoi dan|ban doc"
    r"|dieu|khoan|bo luat|phap luat|phap lenh|hien phap|tieu chuan|am lich|tet|mau|chu truong|phuong an|lo trinh"
    r"|lay link|link|sao chep|copy|tai day|xem|bam|nhan vao|\d{1,2}\s?[/.:h-]\s?\d{1,2})\b"
)
# Words, as written, that a sentence has and the name of a medium hardly ever.
_SENTENCE = re.compile(r"\s(?:là|đã|đang|sẽ|bị|được|không|rằng|hơn|nên|vẫn|cũng)\s")
_SLASH = r"(?:/(?!\d)|(?<!\d)/)"  # none within a date
_BY_OUTLET = re.compile(rf"^[^/()|]{{2,40}}\s*(?:{_SLASH}|\()\s*(?P<name>[^/()|]{{2,60}}?)\)?\s*[.)]*$")
_PARTS = re.compile(rf"\s*(?:[|•·]|{_SLASH})\s*|\s+[-–—]\s+")  # between an author, a section and a source in one line
_OPENING = re.compile(r"\W*(?P<lead>theo|nguon(?: tin)?|(?:theo )?(?:thong )?tin tu|via)?\W*$")  # text before a name
_OPENED = re.compile(r"\s*(?:[)\]]|[-–—]\s)")  # text after it
_OPENED_THEO = re.compile(r"\s*[,:]")  # where "theo" is before the name
_OPENED_REPORT = re.compile(r"\s*(?:vua )?(?:dua tin|cho biet|cho hay)\b")
# "Sở A vừa có thông báo, nguyên văn như sau:", "Dưới đây là bản tin của Sở A:": a line that introduces the copy.
_INTRODUCES = re.compile(
    r"\b(?:thong bao|thong cao|ban tin|thong tin|noi dung|nguyen van|cong bo|canh bao|cho biet|cho hay|dua tin)\b"
)
_REPORTS = re.compile(r"\s*\b(?:dua tin|cho biet|cho hay)$")
# Words that may stand beside a name alone in its line.
_BESIDE_NAME = re.compile(
    r"\b(?:ban bien tap|bbt|dua tin|cho biet|cho hay|thong tin|dang tai|theo|logo|bieu trung|website|trang|bai|tin"
    r"|do|cung cap|ban quyen|thuoc(?: ve)?|cre|credit|link goc|\d+)\b"
)
# After one of our names these belong to the page, not to a longer name.
_PAGE_PHRASES = (
    "lay copy sao chia xem link ban thu ngay cap dang theo nguon tac anh like share in gui print email facebook "
    "zalo twitter messenger bai tag tags tu chu doc luot binh quay ve thich luu tai url goc http https www "
    "tweet pinterest follow google hotline bien xuat sang chieu toi hom gio luc loi gop online"
)
_NO_NAME = frozenset(_PAGE_PHRASES.split())
_ORGANISATIONS = re.compile(r"(?:tap chi|thoi|dai|trung tam|hoi|vien|truong|cong ty|tap doan|cau lac bo)\s+$")
_HOST = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})+")
_MEDIUM = re.compile(r"(?:bao(?: dien tu)?|tap chi|dai|trang|cong|kenh|chuyen trang|ban tin|tin|website|fanpage) ")
_UPPER = "".join(letter for letter in map(chr, range(0x41, 0x1F00)) if letter.isupper() and letter.isalpha())
_LOWER = _UPPER.lower()
_CAMEL = re.compile(f"(?<=[{_LOWER}])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}[^\W\d_](?!\w)")  # U.B.N.D
# A line that is marked as the source's names an outlet with one of these; without, it may name the author.
_OUTLET = re.compile(
    r"\W*(?:bao|tap chi|thoi bao|dai|ttxvn|vov|vtv|vtc|thong tan xa|cong (?:ttdt|thong tin)|trang|kenh|chuyen trang)\b"
)
_LINE = 160  # characters; a longer block is a paragraph, in which only a phrase at its end is a source line
_SHORT = 100  # a line this short may be author, section and source with separators
_LONGEST = 600
_CLAUSE = 20  # characters after "Theo Sở A," that are a sentence and not another name
_REST = 60  # characters that may follow the name in its line: a date, "Lấy link"


@lru_cache(maxsize=2048)  # each bulletin looked for on a page asks about the same lines
def begins_like_source(text: str) -> bool:
    """Whether a text begins with words that lead to a source's name."""
    return _LEAD.match(fold_marks(text[:_LINE].translate(_SIGNS))) is not None


@dataclass(frozen=True)
class SourceName:
    """One of our names, its other spellings, longer similar names of others, and the office's own abbreviations, which
    are those of all our names."""

    name: str
    aliases: tuple[str, ...] = ()
    not_us: tuple[str, ...] = ()
    spellings: OfficeSpellings = NO_SPELLINGS


@dataclass(frozen=True)
class SourceLine:
    """A line that names a source: ours (``name`` as listed) or, with ``ours`` false, another's as written."""

    ours: bool
    name: str


@lru_cache(maxsize=64)
def _aliases(sources: tuple[SourceName, ...]) -> tuple[tuple[str, str | None], ...]:
    """Return (folded alias, our name or None for a negative one)."""
    pairs: dict[str, str | None] = {}
    for source in sources:
        for alias in (source.name, *source.aliases):
            pairs.setdefault(fold(alias), source.name)
    for source in sources:
        for alias in source.not_us:
            pairs[fold(alias)] = None
    return tuple((alias, name) for alias, name in pairs.items() if alias)


@dataclass(frozen=True)
class _NameMention:
    """A name in a text, at ``fold_marks(text)[start:end]``; ``name`` is ours as listed, None for another's."""

    start: int
    end: int
    name: str | None


def _mentions(text: str, sources: Sequence[SourceName]) -> tuple[_NameMention, ...]:
    return _mentions_of(text, tuple(sources))


@lru_cache(maxsize=2048)
def _mentions_of(text: str, sources: tuple[SourceName, ...]) -> tuple[_NameMention, ...]:
    """Return every mention of a listed name, in order; where two overlap the longer counts, and of two spellings of one
    name the one that is written."""
    flat, folded = fold_marks(text), fold(text)
    glued = folded.replace(" ", "")
    found: list[tuple[int, bool, int, _NameMention]] = []
    for alias, name in _aliases(sources):
        pattern, required = spelling_pattern(alias, sources[0].spellings)
        if all(word in glued for word in required):
            as_listed = f" {alias} " in f" {folded} "
            for place in pattern.finditer(flat):
                start, end = place.span()
                found.append((end - start, as_listed, len(alias), _NameMention(start, end, name)))
    kept: list[_NameMention] = []
    for *_, mention in sorted(found, key=lambda each: each[:3], reverse=True):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    kept.sort(key=lambda mention: mention.start)
    return tuple(replace(each, name=None) if _is_longer(text, flat, each, sources) else each for each in kept)


def _is_longer(text: str, flat: str, mention: _NameMention, sources: Sequence[SourceName]) -> bool:
    """Whether a name is part of a longer one: it continues with a capital letter, or follows a word for an
    organisation. Words of our other names do not make it another's: "Sở A Thủ Đô", where "Sở A" and "Cổng Thủ Đô" are
    ours."""
    whole = _as_written(text)
    if len(whole) != len(flat) or mention.name is None:
        return False
    before, behind = whole[: mention.start], whole[mention.end :]
    if _ORGANISATIONS.search(flat[: mention.start]) and not before.rstrip().endswith((":", ",")):
        return True
    further = re.match(r"\s(?:(?:TP|Tp|tp|[Tt]hành [Pp]hố)\W*)?(\w+)", behind)
    if further is None or whole[mention.start : mention.end].isupper() or not further[1][0].isupper():
        return False
    word = fold_marks(further[1])
    return word not in _NO_NAME and not any(
        word in fold_marks(own).split() for source in sources for own in (source.name, *source.aliases)
    )


def our_name_in(text: str, sources: Sequence[SourceName]) -> str | None:
    """Return our name that occurs in a text as whole words; None without one."""
    return next((mention.name for mention in _mentions(text, sources) if mention.name is not None), None)


def name_alone(text: str, sources: Sequence[SourceName]) -> str | None:
    """Return our name when the text has only it and possibly a date, or words like "đưa tin"."""
    for mention in _mentions(text, sources):
        flat = fold_marks(text)
        left = _BESIDE_NAME.sub(" ", f"{flat[: mention.start]} {flat[mention.end :]}")
        return None if fold(left) else mention.name
    return None


def name_that_opens(text: str, sources: Sequence[SourceName]) -> str | None:
    """Return our name where a text begins with it: "(Theo Sở A) - Sáng nay…", "Sở A – Sáng nay…", "Theo Sở A, …"."""
    begin = _plain(text[:_LINE])
    for mention in _mentions(begin, sources)[:1]:
        flat = fold_marks(begin)
        opening, behind = _OPENING.match(flat[: mention.start]), flat[mention.end :]
        opened = _OPENED.match(behind) or _OPENED_REPORT.match(behind)
        if opening and (opened or (opening["lead"] and _OPENED_THEO.match(behind))):
            return mention.name
    return None


def name_that_introduces(text: str, sources: Sequence[SourceName]) -> str | None:
    """Return our name in a line above the copy that introduces it: "Sở A vừa có thông báo, nguyên văn như sau:"."""
    line = _plain(text[: _LINE + 1]).rstrip(" \"'“”")
    if len(text) > _LINE or not line.endswith(":"):
        return None
    for mention in _mentions(line, sources)[:1]:
        flat = fold_marks(line)
        beside = f"{flat[: mention.start]} {flat[mention.end :]}"
        if _INTRODUCES.search(beside) is not None and not _PHOTO_FIRST.match(flat):
            return mention.name
    return None


def _lead_phrases(text: str) -> Iterable[tuple[str, str, bool]]:
    """Yield (lead words, following text, whether a colon is between) for every lead-in that is not a photo credit."""
    flat = fold_marks(text)
    for found in _LEAD.finditer(flat):
        if _PHOTO_BEFORE.search(flat[max(0, found.start() - 30) : found.start()]):
            continue
        rest = flat[found.end() :]
        if found["lead"].startswith("nguon") and _PHOTO_AFTER.match(rest):
            continue
        yield found["lead"], rest, not found["colon"].isspace()


def _written_tail(text: str, tail: str) -> str:
    """Return the end of ``text`` that ``fold_marks`` maps to ``tail``; both have the same number of characters."""
    whole = _as_written(text)
    return whole[-len(tail) :] if len(fold_marks(whole)) == len(whole) else tail


def _plain(text: str) -> str:
    """Return a text with usual signs for full-width ones, and without dots between the letters of an abbreviation."""
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), text.translate(_SIGNS))


def _as_written(text: str) -> str:
    """Return a text as ``fold_marks`` reads it, but with its marks and capitals."""
    return " ".join(_INVISIBLE.sub("", nfc(text)).split())


def read_source_line(text: str, sources: Sequence[SourceName], *, marked: bool = False) -> SourceLine | None:
    """Return the source that a block after or above an article names; None when it is no source line.

    ``marked``: its element says that it is one (class ``source``, ``author``…).
    """
    line = _as_written(_plain(text))
    found = _read(line, sources, marked)
    if found is None or not found.ours:
        apart = _CAMEL.sub(" ", line)  # "TheoCổng": elements without a space between them
        if apart != line and (again := _read(apart, sources, marked)) is not None and again.ours:
            return again
    if found is not None and not found.ours and _could_be_us(found.name, sources):
        return None
    return found


def _could_be_us(name: str, sources: Sequence[SourceName]) -> bool:
    """Whether another's name may be a short form of one of ours, or has parts of several, or is "Ban Biên tập" without
    a name: no accusation rests on it."""
    if any(mention.name is None for mention in _mentions(name, sources)):
        return False
    ours = " ".join(alias for alias, own in _aliases(tuple(sources)) if own is not None)
    spellings = sources[0].spellings if sources else NO_SPELLINGS
    return could_be_short_for(name, f"ban bien tap tong hop {ours}", spellings)


def _read(line: str, sources: Sequence[SourceName], marked: bool) -> SourceLine | None:
    line = line[-_LONGEST:]  # a paragraph names its source at its end
    phrases = list(_lead_phrases(line))
    spoken, ours = _name_after_lead(line, phrases, sources, marked)
    marked = marked and not spoken  # whatever the element is called
    photo = _PHOTO_FIRST.match(fold_marks(line)) is not None
    ours = name_alone(line, sources) or ours
    if ours is None and not photo and len(line) <= _SHORT:
        ours = _name_in_short_line(line, sources, spoken)
    if ours is None and not photo and marked and len(line) <= _LINE:
        ours = our_name_in(line, sources)
    if ours is not None:
        return SourceLine(True, ours)
    other = _other_source(line, phrases)
    if other is None and not photo and marked and len(line) <= _REST and _OUTLET.match(fold_marks(line)):
        return SourceLine(False, line.strip(" .)("))
    return other


def _name_after_lead(
    line: str, phrases: Sequence[tuple[str, str, bool]], sources: Sequence[SourceName], marked: bool
) -> tuple[bool, str | None]:
    """Whether a phrase such as "theo thông báo của …" says who speaks or which document is announced, and our name
    where a phrase gives it as the source."""
    spoken = False
    for lead, rest, colon in phrases:
        written = _written_tail(line, rest)
        if not colon and lead.startswith(_SPOKEN) and not _begins_like_source(written, rest, sources):
            spoken = True
            continue
        as_source = colon or (marked and not spoken)
        name = our_name_in(written if as_source else written[: _LINE - 40], sources)
        if name is not None and (as_source or _ends_soon(written, sources)):
            return spoken, name
    return spoken, None


def _name_in_short_line(line: str, sources: Sequence[SourceName], spoken: bool) -> str | None:
    by_outlet = None if spoken else _BY_OUTLET.match(line)
    if by_outlet is not None and not _PHOTO_FIRST.match(fold_marks(by_outlet["name"])):
        name = our_name_in(by_outlet["name"], sources)
        if name is not None:
            return name
    return next((name for part in _PARTS.split(line) if (name := name_alone(part, sources))), None)


def _begins_like_source(written: str, rest: str, sources: Sequence[SourceName]) -> bool:
    """Whether what follows "theo" is a source: our name, or a name that is no speaker's and no document's."""
    if any(mention.start == 0 and mention.name is not None for mention in _mentions(rest, sources)):
        return True
    return _SPEAKER.match(rest) is None and _begins_like_name(written)


def _begins_like_name(written: str) -> bool:
    """Whether a text begins with a capital, a digit, a host name, or a word for a medium before one of these."""
    medium = _MEDIUM.match(fold_marks(written))
    name = written[medium.end() :] if medium else written
    return any(text[:1].isupper() or text[:1].isdecimal() for text in (written, name)) or bool(_HOST.match(written))


def _ends_soon(rest: str, sources: Sequence[SourceName]) -> bool:
    """Whether the line ends soon after our name in it: a sentence that continues names a speaker."""
    for mention in _mentions(rest, sources):
        if mention.name is not None:
            behind = fold_marks(rest)[mention.end :]
            return len(behind) <= _REST and not (behind.lstrip().startswith(",") and len(behind) > _CLAUSE)
    return False


def _other_source(line: str, phrases: Sequence[tuple[str, str, bool]]) -> SourceLine | None:
    for lead, rest, colon in phrases:
        written = _written_tail(line, rest).strip(" .")
        reports = _REPORTS.search(fold_marks(written))
        if reports:
            written = written[: reports.start()].rstrip(" ,")
        if (reports or _CREDITS.match(lead)) and not _OUTLET.match(fold_marks(written)):
            continue  # a person
        if len(written) > _REST or _SPEAKER.match(rest) or not _begins_like_name(written):
            continue
        if not colon and (len(written.partition(", ")[2]) > _CLAUSE or _SENTENCE.search(f"{written} ")):
            continue
        if len(line) > _LINE and not colon and not line.rstrip(" .").endswith(")"):
            continue
        inner = re.search(r"\(([^()]{2,60})\)?$", written)
        name = (inner[1] if inner and lead.startswith("theo") else written).strip(" .)(")
        if name:
            return SourceLine(False, name)
    if (
        len(line) <= 60
        and not any(lead.startswith(_SPOKEN) for lead, *_ in phrases)
        and not _PHOTO_FIRST.match(fold_marks(line))
        and (found := re.match(r"^[^/()|]{2,40}\s*/\s*(?P<name>[A-ZĐ][\w .&+-]{1,40})$", line))
    ):
        return SourceLine(False, found["name"].strip())
    return None


def first_name_in(texts: Iterable[str], sources: Sequence[SourceName]) -> str | None:
    """Return the first of our names in any of these texts."""
    return next(chain((name for text in texts if (name := our_name_in(text, sources))), (None,)))
