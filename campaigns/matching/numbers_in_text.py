"""The numbers, days and hours of a text, however they are written, and how they compare with those of another text.

Notices of one series share their sentences and differ in their figures. A figure is compared with the one that stands
at the same place of the other text: both texts are aligned with every figure taken for one word, whatever it says. So
a page's own date, a clock or a phone number is never compared with a number of the bulletin.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from campaigns.matching.alignment import COVER_GRAM, RunSet, SortedRuns, diagonals
from campaigns.matching.fingerprints import Hashes, Offsets, Tokens, Words, grams, tokenize


class FigureKind(Enum):
    """What a figure says."""

    DAY = "day"
    HOUR = "hour"
    NUMBER = "number"


@dataclass(frozen=True)
class Figure:
    """One figure at ``text[start:end]``. ``values``: all that it may mean: ``(day, month)`` or ``(day, month, year)``,
    ``(hour, minute)``, or numbers ("12.500" is 12500 and 12,5; "1,2 triệu" is 1.2 and 1200000). ``weak``: a single
    numeral in letters ("hai"), which is often a turn of phrase and compares with digits only."""

    kind: FigureKind
    start: int
    end: int
    values: frozenset[tuple[float, ...]]
    weak: bool = False


_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_BEFORE_DAY = ("ngày", "sáng", "trưa", "chiều", "tối", "đêm", "nay", "mùng", "mồng")
_DAY_WORD = "|".join(rf"(?<={word}\s)" for word in _BEFORE_DAY)
_SCALES = {
    "trăm": 1e2, "nghìn": 1e3, "ngàn": 1e3, "vạn": 1e4, "triệu": 1e6, "tỷ": 1e9, "tỉ": 1e9,
    "mm": 1e-3, "cm": 1e-2, "m": 1.0, "mét": 1.0, "km": 1e3, "cây số": 1e3, "ki-lô-mét": 1e3,
    "g": 1e-3, "gam": 1e-3, "kg": 1.0, "ki-lô-gam": 1.0, "kí": 1.0, "tạ": 1e2, "tấn": 1e3,
}  # fmt: skip
_UNITS = "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True))
_FIGURE = re.compile(
    rf"""(?<![\w.,/-])(?:
      (?P<skip>\d+(?:/\d{{4}})?/[^\W\d_][\w-]+               # the number of a document
        |0\d{{2,3}}[. ]?\d{{3}}[. ]?\d{{3,4}}(?!\d)|1[89]00[. ]?\d{{4,6}}|\d{{9,}}  # a telephone's
        |24/24(?!\d))
      |(?P<day>{_DAY})(?:\s?/\s?|\s+tháng\s+)(?P<month>{_MONTH})(?:(?:\s?/\s?|\s*,?\s*năm\s+)(?P<year>{_YEAR}))?(?![\d/]*\d)
      |(?P<day2>{_DAY})[-.](?P<month2>{_MONTH})[-.](?P<year2>{_YEAR})(?!\d)
      |(?:{_DAY_WORD}|(?<=\())(?P<day3>{_DAY})[-.](?P<month3>{_MONTH})(?![\d.-]*\d)
      |(?P<hour>[01]?\d|2[0-4])\s?(?:giờ|h(?![^\W\d_])|[g:](?=[0-5]\d))\s?(?P<minute>[0-5]\d(?!\d))?(?:\s?(?:phút|ph)\b)?
      |(?P<number>\d{{1,3}}(?:[.,  ]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?!\d)
       (?:\s?(?P<percent>%|‰|phần\s+trăm\b)
        |\s?(?:°\s?[cC]?|độ(?:\s+C)?)(?!\w)
        |(?:\s?(?P<scale>trăm|nghìn|ngàn|vạn|triệu|tỷ|tỉ)(?!\w))?(?:\s?(?P<unit>{_UNITS})(?!\w))?)
       (?![^\W\d_])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR_WORD = re.compile(r"năm\s+$", re.IGNORECASE)
_HOTLINE = re.compile(r"(?:tổng đài|đường dây nóng|hotline|điện thoại)[^.;\d]{0,12}$", re.IGNORECASE)
_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10,
}  # fmt: skip
_NUMERAL = re.compile(
    r"(?<!\w)(?:một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín|mười)"
    r"(?:\s(?:không|một|mốt|hai|ba|bốn|tư|năm|lăm|nhăm|sáu|bảy|bẩy|tám|chín|mười|mươi|trăm|linh|lẻ|nghìn|ngàn|triệu|tỷ|tỉ))*"
    r"(?!\w)(?:\s(?:(?P<percent>phần\s+trăm)|(?P<hour>giờ))\b)?",
    re.IGNORECASE,
)
# Letters that patterns without regard to case take for others, and that ``lower`` leaves as they are.
_SAME_IN_CAPITALS = str.maketrans("İıſ\u212a", "iisk")
_UNTOLD = frozenset({"một", "năm"})  # alone an article and "year"
_LONGEST_DATE = 60  # characters of a line that is a date alone
# Letters that a line of nothing but a date has besides its figures.
_CALENDAR = frozenset(
    (
        "ngày", "tháng", "năm", "thứ", "hai", "ba", "tư", "sáu", "bảy", "chủ", "nhật", "cn", "lúc", "giờ", "phút",
        "gmt", "utc", "am", "pm", "cập", "đăng", "xuất", "bản", "sáng", "chiều",
    )
)  # fmt: skip


def read_figures(text: str) -> list[Figure]:
    """The figures of a text in composed letters (NFC), in order. The numbers of documents and telephones, years, and
    lines of nothing but a date are none."""
    text = text.translate(_SAME_IN_CAPITALS)
    found = [*_in_digits(text), *_in_letters(text)]
    found.sort(key=lambda figure: (figure.start, -figure.end))
    apart: list[Figure] = []
    for figure in found:
        if not apart or figure.start >= apart[-1].end:
            apart.append(figure)
    dated = {_line_of(text, figure) for figure in apart if figure.kind is not FigureKind.NUMBER}
    lines = {line for line in dated if _is_date_line(text[slice(*line)])}
    return [figure for figure in apart if not lines or _line_of(text, figure) not in lines]


def _in_digits(text: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(text):
        if match["skip"]:
            continue
        for day, month, year in (("day", "month", "year"), ("day2", "month2", "year2"), ("day3", "month3", "")):
            if match[day]:
                parts = [match[day], match[month], *([match[year]] if year and match[year] else [])]
                yield Figure(FigureKind.DAY, *match.span(), frozenset({tuple(float(part) for part in parts)}))
        if match["hour"]:
            value = float(match["hour"]), float(match["minute"] or 0)
            yield Figure(FigureKind.HOUR, *match.span(), frozenset({value}))
        if match["number"]:
            before = text[max(0, match.start() - 40) : match.start()]
            is_year = bool(re.fullmatch(_YEAR, match["number"]) and _YEAR_WORD.search(before))
            if not is_year and not _HOTLINE.search(before):
                values = _readings(match["number"], (match["scale"] or "").lower(), (match["unit"] or "").lower())
                yield Figure(FigureKind.NUMBER, *match.span(), values)


def _readings(written: str, scale: str, unit: str) -> frozenset[tuple[float, ...]]:
    """What a number in digits may mean: "12.500" is thousands to one writer and a fraction to another."""
    digits = re.sub(r"[\s ]", "", written)
    plain: set[float] = set()
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        plain.add(float(re.sub(r"[.,]", "", digits)))
    if len(re.findall(r"[.,]", digits)) <= 1:
        plain.add(float(digits.replace(",", ".")))
    elif not plain:
        head, _, tail = digits.rpartition("," if digits.rfind(",") > digits.rfind(".") else ".")
        plain.add(float(f"{re.sub(r'[.,]', '', head)}.{tail}"))
    scaled = {value * _SCALES[scale] for value in plain} if scale else set()
    base = plain | scaled
    if unit:
        base |= {value * _SCALES[unit] for value in scaled or plain}
    return frozenset((round(value, 6),) for value in base)


def _in_letters(text: str) -> Iterator[Figure]:
    for match in _NUMERAL.finditer(text):
        words = match[0].lower().split()
        if match["percent"] or match["hour"]:
            words = words[: -2 if match["percent"] else -1]
        value = _numeral(words)
        if value is not None and match["hour"]:
            yield Figure(FigureKind.HOUR, *match.span(), frozenset({(float(value), 0.0)}))
        elif value is not None and not (len(words) == 1 and words[0] in _UNTOLD):
            yield Figure(FigureKind.NUMBER, *match.span(), frozenset({(float(value),)}), weak=len(words) == 1)


def _numeral(words: Sequence[str]) -> int | None:
    """The number that these words say; None for a row of numerals that is none ("hai ba")."""
    total = part = 0
    last = ""
    for word in words:
        if word in {"nghìn", "ngàn", "triệu", "tỷ", "tỉ"}:
            total, part = total + max(part, 1) * int(_SCALES[word]), 0
        elif word == "trăm":
            part *= 100
        elif word == "mươi":
            part += 9 * (part % 10)
        elif word not in {"linh", "lẻ"}:
            if last in _DIGITS and not (last == "mười" and word != "mười"):
                return None
            part += _DIGITS[word]
        last = word
    return total + part


def _line_of(text: str, figure: Figure) -> tuple[int, int]:
    start = text.rfind("\n", 0, figure.start) + 1
    end = text.find("\n", figure.end)
    return start, end if end >= 0 else len(text)


def _is_date_line(line: str) -> bool:
    """Whether a line has nothing but a date: a page's own, above or below its text."""
    if len(line) > _LONGEST_DATE:
        return False
    return all(word in _CALENDAR or word.isdigit() for word in re.findall(r"[^\W_]+", line.lower()))


def same_figure(one: Figure, other: Figure) -> bool:
    """Whether two figures may say the same."""
    if one.kind is not other.kind:
        return any(value[0] == there[0] for value in one.values for there in other.values)
    return any(
        value == there or (one.kind is FigureKind.DAY and value[:2] == there[:2] and len(value) != len(there))
        for value in one.values
        for there in other.values
    )


_PLACEHOLDER = np.uint64(0x9D3C_51A7_0F6B_28E5)  # the word that every figure is while texts are aligned


class MaskedText:
    """The words of a text with each figure as one word. ``figures``: by the place of that word. ``first``, ``end``:
    the words of the text itself, ``[first[i], end[i])``, that the masked word ``i`` stands for."""

    def __init__(self, words: Words, first: Offsets, end: Offsets, figures: dict[int, Figure]) -> None:
        self.words, self.first, self.end, self.figures = words, first, end, figures
        self.places = sorted(figures)

    @cached_property
    def runs(self) -> Hashes:
        """The hash of every run of COVER_GRAM masked words."""
        return grams(self.words, COVER_GRAM)

    @cached_property
    def ranked(self) -> SortedRuns:
        """The runs, for alignment."""
        return SortedRuns(self.runs)

    @cached_property
    def run_set(self) -> RunSet:
        """The runs, to be looked up."""
        return RunSet(self.runs)

    def without(self, stretches: Sequence[tuple[int, int]]) -> "MaskedText":
        """The same with the masked words of these stretches replaced by words that no text has."""
        words = self.words.copy()
        for start, end in stretches:
            words[start:end] = np.arange(start + 1, end + 1, dtype=np.uint64) * np.uint64(0xD6E8_FEB8_6659_FD93)
        return MaskedText(words, self.first, self.end, self.figures)


def masked_text(text: str, tokens: Tokens | None = None) -> MaskedText:
    """A text's words with each figure as one word. ``tokens``: the text's, where they are at hand."""
    composed = unicodedata.normalize("NFC", text)
    own = tokens if tokens is not None and composed == text else tokenize(composed)
    count = len(own)
    kept = np.ones(count, dtype=np.bool_)
    words = own.words.copy()
    found: dict[int, Figure] = {}
    for figure in read_figures(composed):
        begin = int(np.searchsorted(own.starts, figure.start))
        stop = int(np.searchsorted(own.starts, figure.end))
        if begin < stop:
            words[begin] = _PLACEHOLDER
            kept[begin + 1 : stop] = False
            found[begin] = figure
    first = np.flatnonzero(kept)
    end = np.append(first[1:], count)
    places = {int(np.searchsorted(first, at)): figure for at, figure in found.items()}
    return MaskedText(words[first], first, end, places)


_LOOK_BACK = 40  # stretches that the next one may follow
_GAP = 80  # words between two stretches of one instance
_EQUAL = 4  # words that a figure found at its place is worth, and one that differs costs
_MOST_STRETCHES = 400
_PAIRED_GAP = 12  # words between two stretches in which figures are paired by their order


@dataclass(frozen=True)
class FigureComparison:
    """A bulletin's figures against those at the same places of the part of a page that fits it best.

    ``equal``, ``differing``: places of the bulletin's masked words. ``found``: its stretches that stand there, and
    ``stretches``: those of the page, in masked words. ``score``: words, and figures in words' worth.
    """

    equal: frozenset[int]
    differing: frozenset[int]
    found: tuple[tuple[int, int], ...]
    stretches: tuple[tuple[int, int], ...]
    score: float

    def words(self, begin: int = 0) -> int:
        """The bulletin's masked words found, from the one at ``begin`` on."""
        return sum(max(0, end - max(start, begin)) for start, end in self.found)

    @property
    def net(self) -> int:
        """Figures found less figures that differ."""
        return len(self.equal) - len(self.differing)


_NOTHING = FigureComparison(frozenset(), frozenset(), (), (), 0.0)


def compare_figures(ours: MaskedText, theirs: MaskedText) -> FigureComparison:
    """Find the part of ``theirs`` that follows ``ours`` best, word by word and in its figures, and compare these."""
    places = theirs.run_set.places_of(ours.runs)
    rows = diagonals(ours.runs, places, theirs.ranked, COVER_GRAM)
    if rows.shape[0] == 0:
        return _NOTHING
    if rows.shape[0] > _MOST_STRETCHES:
        longest = np.argsort(rows[:, 0] - rows[:, 1], kind="stable")[:_MOST_STRETCHES]
        rows = rows[np.sort(longest)]
    parts: list[tuple[int, int, int]] = [
        (start, min(end, len(ours.words)), there) for start, end, there in rows.tolist()
    ]
    worth = [_worth(ours, theirs, part) for part in parts]
    best, before = list(worth), [-1] * len(parts)
    for at, (start, end, there) in enumerate(parts):
        for earlier in range(max(0, at - _LOOK_BACK), at):
            begin, stop, place = parts[earlier]
            overlap = max(0, stop - start, place + stop - begin - there)
            if start <= begin or there <= place or overlap >= end - start or start - stop > _GAP:
                continue
            if there - (place + stop - begin) > _GAP:
                continue
            sum_ = best[earlier] + worth[at] - overlap * max(1.0, worth[at] / (end - start))
            if sum_ > best[at]:
                best[at], before[at] = sum_, earlier
    at = max(range(len(parts)), key=best.__getitem__)
    score, chain = best[at], []
    while at >= 0:
        chain.append(parts[at])
        at = before[at]
    chain.reverse()
    equal, differing = _compared(ours, theirs, chain)
    return FigureComparison(
        frozenset(equal),
        frozenset(differing - equal),
        tuple((start, end) for start, end, _ in chain),
        tuple((there, there + end - start) for start, end, there in chain),
        score,
    )


def _worth(ours: MaskedText, theirs: MaskedText, part: tuple[int, int, int]) -> float:
    start, end, there = part
    worth = float(end - start)
    for same in _pairs(ours, theirs, start, end, there).values():
        worth += _EQUAL if same else -_EQUAL
    return worth


def _pairs(ours: MaskedText, theirs: MaskedText, start: int, end: int, there: int) -> dict[int, bool]:
    """Of the figures in one stretch, by their place in ours, whether they are the same on the other side."""
    found: dict[int, bool] = {}
    for place in ours.places[bisect_left(ours.places, start) : bisect_left(ours.places, end)]:
        other = theirs.figures.get(place - start + there)
        if other is None or (other.weak and ours.figures[place].weak):
            continue
        same = same_figure(ours.figures[place], other)
        # At an end of a stretch a figure may be another's: the week in a headline, and a number above the text.
        if same or start < place < end - 1 or place in {0, len(ours.words) - 1}:
            found[place] = same
    return found


def _compared(ours: MaskedText, theirs: MaskedText, chain: Sequence[tuple[int, int, int]]) -> tuple[set[int], set[int]]:
    equal: set[int] = set()
    differing: set[int] = set()
    last = last_there = -1
    for start, end, there in chain:
        pairs = _pairs(ours, theirs, start, end, there)
        if 0 <= last < start <= last + _PAIRED_GAP and last_there <= there <= last_there + _PAIRED_GAP:
            mine = ours.places[bisect_left(ours.places, last) : bisect_left(ours.places, start)]
            other = theirs.places[bisect_left(theirs.places, last_there) : bisect_left(theirs.places, there)]
            if len(mine) == len(other):
                pairs |= {
                    a: same_figure(ours.figures[a], theirs.figures[b])
                    for a, b in zip(mine, other, strict=True)
                    if not (ours.figures[a].weak and theirs.figures[b].weak)
                }
        equal |= {place for place, same in pairs.items() if same}
        differing |= {place for place, same in pairs.items() if not same}
        last, last_there = end, there + end - start
    return equal, differing


class FigureVerdict(Enum):
    """What a bulletin's figures say of a text that fits its sentences."""

    FIT = "fit"  # enough of them stand there, or none can be compared
    UPDATED = "updated"  # the one or two there are differ, and nothing says that this is another day's
    OTHER = "other"  # they are another day's, or another office's
    CHANGED = "changed"  # they are others in a part of the text that no other bulletin has


_LEAST_COMPARED = 3  # figures, below which only a known series tells an updated number from another day's
_UPDATED_SHARE = 0.5  # of the figures that change within a series must be there
_REDATED_SHARE = 0.75  # where the day is another one: among many siblings small numbers are alike by chance
_ALONE_SHARE = 0.25  # more than this of all compared, where no other of the series is known


def judge_figures(ours: MaskedText, compared: FigureComparison, siblings: Sequence[MaskedText]) -> FigureVerdict:
    """Whether the text that a bulletin was compared with has this bulletin's figures.

    ``siblings``: other bulletins on the same sentences. Where there are any, what is the same in all of them says
    nothing, and of the rest at least half must be there: a copy that updates a number is still a copy. Where the day is
    another one, more must be there, since small numbers are often alike by chance. Numbers decide where three or more
    were compared: days alone may be those of another office's notice. One or two figures without a
    sibling are an update, unless the day differs and what else there is with it.
    """
    places = compared.equal | compared.differing
    if siblings:
        varying: set[int] = set()
        for sibling in siblings:
            varying |= compare_figures(ours, sibling).differing
        places &= varying
    kinds = {place: ours.figures[place].kind for place in places}
    days = {place for place in places if kinds[place] is FigureKind.DAY}
    numbers = {place for place in places if kinds[place] is FigureKind.NUMBER}
    another_day = bool(days) and not days & compared.equal
    if len(numbers) >= _LEAST_COMPARED:
        places = frozenset(numbers)
    equal, count = len(places & compared.equal), len(places)
    if equal == count:
        return FigureVerdict.FIT
    if siblings:
        least = _REDATED_SHARE if another_day else _UPDATED_SHARE
        enough = equal >= least * count and (not another_day or len(numbers) >= _LEAST_COMPARED)
        return FigureVerdict.FIT if enough else FigureVerdict.OTHER
    if count >= _LEAST_COMPARED:
        least = _UPDATED_SHARE if another_day else _ALONE_SHARE
        return FigureVerdict.FIT if equal > least * count else FigureVerdict.OTHER
    if equal:
        return FigureVerdict.FIT
    return FigureVerdict.OTHER if days and len(set(kinds.values())) > 1 else FigureVerdict.UPDATED
