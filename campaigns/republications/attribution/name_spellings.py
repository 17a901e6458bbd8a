"""Spellings of a name: "TP. Hà Nội", "Tp Hà Nội" and "Thành phố Hà Nội", "Sở TT&TT" and "Sở Thông tin và Truyền thông".

``SPELLINGS`` is the table of abbreviations. A name's pattern accepts every spelling of each of its parts, so that the
abbreviated name of a page matches our full one, and the reverse. Case, marks and punctuation make no difference.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

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


def _rows() -> dict[Words, tuple[Words, ...]]:
    """Return the equal spellings of each spelling, as words."""
    rows: dict[Words, dict[Words, None]] = {}
    for row in SPELLINGS:
        spellings = dict.fromkeys(map(_words, row))
        for spelling in spellings:
            rows.setdefault(spelling, {}).update(spellings)
    return {spelling: tuple(equal) for spelling, equal in rows.items()}


_EQUAL = _rows()
_LONGEST = max(map(len, _EQUAL))


def _parts(words: Words) -> Iterator[tuple[Words, ...]]:
    """Yield the equal spellings of each part of a name; a part is the longest spelling of the table, or a word."""
    at = 0
    while at < len(words):
        size = next((n for n in range(_LONGEST, 0, -1) if words[at : at + n] in _EQUAL), 0)
        yield _EQUAL[words[at : at + size]] if size else (words[at : at + 1],)
        at += max(1, size)


def _literal(words: Words) -> str:
    return _GAP.join(re.escape(word).replace("i", "[iy]") for word in words)


@lru_cache(maxsize=4096)
def spelling_pattern(name: str) -> tuple[re.Pattern[str], Words]:
    """Return the pattern of every spelling of a name in text folded by ``campaigns.core.vietnamese.fold``, and the
    words that all spellings have, folded for comparison: a text without one of them need not be searched."""
    parts = list(_parts(_words(name)))
    # "Thành phố" may be missing between other words, and the gap allows it where the name lacks it.
    parts = [part for at, part in enumerate(parts) if _CITY not in part or at in {0, len(parts) - 1}]
    longest_first = (sorted(part, key=lambda words: -sum(map(len, words))) for part in parts)
    pattern = _GAP.join(f"(?:{'|'.join(map(_literal, part))})" for part in longest_first)
    required = tuple(word for part in parts if len(part) == 1 for word in part[0])
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])"), required


@lru_cache(maxsize=4096)
def _all_words(name: str) -> frozenset[str]:
    return frozenset(word for part in _parts(_words(name)) for spelling in part for word in spelling)


def could_be_short_for(text: str, name: str) -> bool:
    """Whether a text has nothing but parts of a name: "Sở TT" may stand for "Sở Thông tin Thủ Đô"."""
    known = _all_words(name)
    parts = [part for part in _parts(_words(text)) if _CITY not in part]
    return bool(parts) and all(any(known.issuperset(spelling) for spelling in part) for part in parts)
