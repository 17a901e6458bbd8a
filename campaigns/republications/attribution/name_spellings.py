"""Spellings of a name: "TP. Hà Nội", "Tp Hà Nội" and "Thành phố Hà Nội", "Sở TT&TT" and "Sở Thông tin và Truyền thông".

``SPELLINGS`` is the table of abbreviations. A name's pattern accepts every spelling of each of its parts, so that the
abbreviated name of a page matches our full one, and the reverse. Case, marks and punctuation make no difference.

The office's own rows (``OfficeSpellings``) stand beside the table. A spelling of theirs may have parts that the table
knows: with "STTTT = Sở Thông tin và Truyền thông" the name is still found as "Sở TT&TT".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from campaigns.matching.fingerprints import fold

# A row has equal spellings; rows and spellings can be added in any order. An abbreviation in several rows, like "TT",
# stands for each of them: the rest of the name decides. "và", "&", "-" and "," need no spelling of their own.
SPELLINGS: tuple[tuple[str, ...], ...] = (
    ("thành phố", "TP", "T.P"),
    ("Thành phố Hồ Chí Minh", "TP HCM", "TPHCM", "Hồ Chí Minh", "HCM"),
    ("Hà Nội", "HN", "Thủ đô Hà Nội"),
    ("quận", "Q"),
    ("huyện", "H"),
    ("phường", "P"),
    ("thị xã", "TX"),
    ("thị trấn", "TT"),
    ("ủy ban nhân dân", "UBND", "UB nhân dân"),
    ("hội đồng nhân dân", "HĐND"),
    ("văn phòng", "VP"),
    ("ban biên tập", "BBT"),
    ("trung tâm", "TT", "T.tâm"),
    ("thông tin", "TT"),
    ("truyền thông", "TT"),
    ("thể thao", "TT"),
    ("thông tin điện tử", "TTĐT", "T.T.Đ.T", "TT điện tử", "thông tin ĐT"),
    ("cổng thông tin điện tử", "cổng TTĐT", "cổng TT điện tử", "CTTĐT", "cổng T.T.Đ.T", "cổng thông tin"),
    ("trang thông tin điện tử", "trang TTĐT", "trang tin điện tử", "trang tin"),
    ("thông tin truyền thông", "TT&TT", "TTTT", "TT-truyền thông", "thông tin & TT"),
    ("trung tâm truyền thông", "TTTT", "TT truyền thông"),
    ("văn hóa", "VH"),
    ("văn hóa thể thao", "VH&TT", "VHTT"),
    ("văn hóa thông tin", "VH&TT", "VHTT"),
    ("văn hóa thể thao du lịch", "VH, TT & DL", "VHTT&DL", "VHTTDL"),
    ("khoa học công nghệ", "KH&CN", "KHCN"),
    ("giáo dục đào tạo", "GD&ĐT", "GDĐT"),
    ("phát thanh truyền hình", "PT&TH", "PTTH", "PT-TH"),
    ("mặt trận tổ quốc", "MTTQ"),
)  # fmt: skip

_JOINING = frozenset(("va",))  # a name may have these or lack them
_CITY = ("thanh", "pho")
_GAP = r"[\W_]*(?:(?:va|thanh[\W_]*pho|t[\W_]?p)[\W_]+)?"


Words = tuple[str, ...]


def _words(text: str) -> Words:
    return tuple(word for word in fold(text).split() if word not in _JOINING)


@dataclass(frozen=True)
class OfficeSpellings:
    """The rows that the office added, each of equal spellings, as in ``SPELLINGS``."""

    rows: tuple[tuple[str, ...], ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.rows)  # asked for at every text of a page


NO_SPELLINGS = OfficeSpellings()
_EqualSpellings = Mapping[Words, tuple[Words, ...]]


def _equal_spellings(table: Sequence[Sequence[str]]) -> _EqualSpellings:
    """Return the equal spellings of each spelling, as words."""
    rows: dict[Words, dict[Words, None]] = {}
    for row in table:
        spellings = dict.fromkeys(map(_words, row))
        for spelling in spellings:
            rows.setdefault(spelling, {}).update(spellings)
    return {spelling: tuple(equal) for spelling, equal in rows.items()}


_EQUAL = _equal_spellings(SPELLINGS)
_LONGEST = max(map(len, _EQUAL))


@lru_cache(maxsize=16)
def _office_spellings(office: OfficeSpellings) -> tuple[_EqualSpellings, int]:
    """Return the equal spellings of the office's rows, and the number of words of the longest."""
    equal = _equal_spellings(office.rows)
    return equal, max(map(len, equal), default=0)


def _parts(words: Words, office: OfficeSpellings) -> Iterator[tuple[Words, ...]]:
    """Yield the equal spellings of each part of a name; a part is the longest spelling of the tables, or a word."""
    own, longest = _office_spellings(office)
    at = 0
    while at < len(words):
        sizes = range(max(_LONGEST, longest), 0, -1)
        size = next((n for n in sizes if words[at : at + n] in _EQUAL or words[at : at + n] in own), 1)
        part = words[at : at + size]
        yield tuple(dict.fromkeys((*_EQUAL.get(part, ()), *own.get(part, ())))) or (part,)
        at += size


def _literal(words: Words) -> str:
    return _GAP.join(re.escape(word).replace("i", "[iy]") for word in words)


def _alternatives(part: tuple[Words, ...], own: _EqualSpellings) -> str:
    """Return the pattern of any of these spellings, the longest first; those of the office's rows part by part."""
    longest_first = sorted(part, key=lambda words: -sum(map(len, words)))
    return f"(?:{'|'.join(_by_parts(words) if words in own else _literal(words) for words in longest_first)})"


def _by_parts(words: Words) -> str:
    return _GAP.join(_alternatives(part, {}) for part in _parts(words, NO_SPELLINGS))


@lru_cache(maxsize=4096)
def spelling_pattern(name: str, office: OfficeSpellings = NO_SPELLINGS) -> tuple[re.Pattern[str], Words]:
    """Return the pattern of every spelling of a name in text folded by ``campaigns.core.vietnamese.fold``, and the
    words that all spellings have, folded for comparison: a text without one of them need not be searched."""
    own, _ = _office_spellings(office)
    parts = list(_parts(_words(name), office))
    # "Thành phố" may be missing between other words, and the gap allows it where the name lacks it.
    parts = [part for at, part in enumerate(parts) if _CITY not in part or at in {0, len(parts) - 1}]
    pattern = _GAP.join(_alternatives(part, own) for part in parts)
    required = tuple(word for part in parts if len(part) == 1 for word in part[0])
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])"), required


@lru_cache(maxsize=4096)
def _all_words(name: str, office: OfficeSpellings) -> frozenset[str]:
    own, _ = _office_spellings(office)
    spellings = [spelling for part in _parts(_words(name), office) for spelling in part]
    inner = [part for words in spellings if words in own for part in _parts(words, NO_SPELLINGS)]
    return frozenset(word for spelling in chain(spellings, *inner) for word in spelling)


def could_be_short_for(text: str, name: str, office: OfficeSpellings = NO_SPELLINGS) -> bool:
    """Whether a text has nothing but parts of a name: "Sở TT" may stand for "Sở Thông tin Thủ Đô"."""
    known = _all_words(name, office)
    parts = [part for part in _parts(_words(text), office) if _CITY not in part]
    return bool(parts) and all(any(known.issuperset(spelling) for spelling in part) for part in parts)


def are_known_apart(first: str, second: str) -> bool:
    """Whether the table knows both spellings, and not as equal: "Hà Nội" and "HCM", "quận" and "huyện"."""
    one, other = _words(first), _words(second)
    return one in _EQUAL and other in _EQUAL and other not in _EQUAL[one]


def same_words(first: str, second: str) -> bool:
    """Whether two spellings differ in case, marks and punctuation alone, which make no difference."""
    return _words(first) == _words(second)
