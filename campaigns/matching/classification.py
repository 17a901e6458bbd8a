"""How much of a bulletin stands on a page, and what that makes of the page: thresholds, classes and shares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from campaigns.matching.alignment import (
    COVER_GRAM,
    RunSet,
    SortedRuns,
    aligned_word_count,
    covered_stretches,
    diagonals,
    passages,
)
from campaigns.matching.fingerprints import Offsets, Words, grams
from campaigns.matching.prepared_bulletin import PreparedBulletin

_SENTENCE = 8  # words of a run that is more than a turn of phrase, in a text that is known to be ours


class Match(Enum):
    """How much of a bulletin a page carries."""

    FULL = "full"  # all or nearly all of it
    PARTIAL = "partial"  # trimmed, merged or reworked, but clearly it
    PICTURE = "picture"  # its picture, or its text in a picture
    EXCERPT = "excerpt"  # a few sentences; a person looks
    TEASER = "teaser"  # headline and lead only; counted apart
    NONE = "none"


# The bulletin itself; an excerpt or a headline may come from anybody.
CARRIED: Final = frozenset({Match.FULL, Match.PARTIAL, Match.PICTURE})


@dataclass(frozen=True)
class Thresholds:
    """Where one class ends and the next begins. Shares are of the body's words, counts are words.

    Set on a crawl of real reuse by Vietnamese aggregators; a change is a new ``RULE_VERSION``.
    """

    run: int = 12  # words in a run that formulas do not reach
    passage: int = 30  # words found in a passage that common phrases do not reach
    passage_share: float = 0.50  # or of the body, in a short bulletin
    gathered: float = 0.12  # of the body, at one distance, for a passage to be looked for at all
    full_in_runs: float = 0.70
    full_in_passages: float = 0.70  # with so much of it in runs
    full_in_passages_in_runs: float = 0.40
    full_in_passages_alone: float = 0.90
    partial_in_runs: float = 0.25
    partial_words_in_runs: int = 60
    partial_in_passages: float = 0.30
    partial_words_in_passages: int = 60
    partial_half: float = 0.45  # in passages, of a body of fewer words than that asks for
    excerpt_words_in_runs: int = 30
    excerpt_run: int = 25
    own_run: int = 20  # words of a run that no other bulletin has, in an excerpt of a text that an editor wrote anew
    own_excerpt: float = 0.20  # of the body, in runs, of such a text
    teaser_run: int = 10  # words of headline and lead in one run
    teaser_head: float = 0.50  # of headline and lead together; or else the whole headline
    short_body: int = 40  # below it a copy must be nearly whole and unbroken
    short_full: float = 0.90
    short_partial: float = 0.70
    notice_body: int = 120  # below it more is required the shorter it is, and the rare words must be there too
    least_words: int = 12  # a bulletin of fewer words has nothing of its own
    title_kept: float = 0.90  # of the headline's words
    own_share: float = 0.50  # of what tells it from an already credited one
    own_words: int = 30
    verify_limit: int = 60  # candidates looked at closely, a page


DEFAULT_THRESHOLDS = Thresholds()


class PageWords:
    """A page's words and runs, sorted once for all the bulletins looked for on it."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.hashes = grams(words, COVER_GRAM)
        self.runs = RunSet(self.hashes)
        self._shared: dict[int, tuple[Offsets, Offsets]] = {}

    @cached_property
    def ranked(self) -> SortedRuns:
        """The runs, for alignment."""
        return SortedRuns(self.hashes)

    def shared(self, bulletin: PreparedBulletin, places: Offsets) -> Offsets:
        """``diagonals`` of a bulletin's runs at these places. The same array is asked for several times for a find."""
        known = self._shared.get(id(places))
        if known is None or known[0] is not places:
            known = places, diagonals(bulletin.cover, places, self.ranked, COVER_GRAM)
            self._shared[id(places)] = known  # with the array itself, so that no other one can have its place
        return known[1]

    @cached_property
    def words(self) -> list[int]:
        """The words' hashes."""
        words: list[int] = self._words.tolist()
        return words


def classify(
    bulletin: PreparedBulletin, places: Offsets, page: PageWords, limits: Thresholds
) -> tuple[Match, int, str]:
    """The class of a cover, the words in it, and the sentence that gives the reason."""
    if bulletin.count < limits.least_words:
        return Match.NONE, 0, "too_short: the bulletin has too few words to be recognised by"
    if places.size == 0:
        return Match.NONE, 0, "none: nothing of it is on the page"
    starts, ends = covered_stretches(places, bulletin.count)
    covered = int((ends - starts).sum())
    shared = page.shared(bulletin, places)
    match, why = _class_of_body(bulletin, shared, page, limits)
    if match is not Match.NONE:
        return match, covered, why
    longest, head, title = _headline_and_lead(bulletin, shared)
    if longest >= limits.teaser_run and (
        (head >= limits.teaser_head * bulletin.lead and longest >= limits.run)
        or title >= limits.title_kept * max(1, bulletin.title)
    ):
        return Match.TEASER, covered, f"teaser: {head} words of headline and lead, {why}"
    return Match.NONE, covered, f"none: {why}"


class QuickMatch(NamedTuple):
    """What of a bulletin is on a page: the words in its runs there, and the class that they cannot exceed, even if each
    stretch of them were on the page in one piece: ``NONE``, ``TEASER``, or ``FULL`` where only ``classify`` tells."""

    words: int
    highest: Match


def quick_match(bulletins: Sequence[PreparedBulletin], page: PageWords, limits: Thresholds) -> list[QuickMatch]:
    """A quick estimate, after which most candidates need no ``classify``. At least half of what a passage counts stands
    in stretches.

    The runs of all bulletins are one array: a page has up to sixty candidates, and each step of an array costs as much
    for one of them as for all.
    """
    if not bulletins:
        return []
    sizes = np.array([bulletin.cover.size for bulletin in bulletins])
    behind = np.cumsum(sizes)
    places = page.runs.places_of(np.concatenate([bulletin.cover for bulletin in bulletins]))
    owners = behind.searchsorted(places, side="right")
    places -= (behind - sizes)[owners]
    shapes = np.array([(bulletin.title, bulletin.lead, bulletin.count) for bulletin in bulletins])
    # A stretch begins where another bulletin does, or where a run does not touch the one before it.
    begins = np.ones(places.size, dtype=np.bool_)
    begins[1:] = (owners[1:] != owners[:-1]) | (places[1:] - places[:-1] > COVER_GRAM)
    first = begins.nonzero()[0]
    last = np.append(first[1:], places.size)[: first.size] - 1
    who = owners[first]
    title, lead, count = shapes[who].T
    starts, ends = places[first], np.minimum(places[last] + COVER_GRAM, count)

    def words_in(begin: Offsets | int, end: Offsets) -> tuple[Offsets, Offsets]:
        """Of each bulletin the words of all its stretches in a part of it, and those of the longest one."""
        lengths = np.maximum(np.minimum(ends, end) - np.maximum(starts, begin), 0)
        longest = np.zeros(len(bulletins), dtype=np.int64)
        np.maximum.at(longest, who, lengths)
        return np.bincount(who, lengths, len(bulletins)), longest

    words, _ = words_in(0, count)
    in_body, in_body_longest = words_in(lead, count)
    in_head, in_head_longest = words_in(0, lead)
    in_title, _ = words_in(0, title)
    title, lead, count = shapes.T
    body = (in_body_longest >= limits.own_run) | (2 * in_body >= limits.partial_in_passages * (count - lead))
    head = (in_head >= limits.teaser_head * lead) | (in_title >= limits.title_kept * np.maximum(1, title))
    teaser = (in_head_longest >= limits.teaser_run) & head
    known = (words > 0) & (count >= limits.least_words)
    return [
        QuickMatch(
            int(found), Match.NONE if not enough else Match.FULL if full else Match.TEASER if some else Match.NONE
        )
        for found, enough, full, some in zip(
            words.tolist(), known.tolist(), body.tolist(), teaser.tolist(), strict=True
        )
    ]


def _class_of_body(
    bulletin: PreparedBulletin, shared: Offsets, page: PageWords, limits: Thresholds
) -> tuple[Match, str]:
    """The class by the body alone, whatever of headline and lead is on the page too."""
    inside = shared[shared[:, 1] > bulletin.lead]
    body = _clipped(shared, bulletin.lead, bulletin.count)
    in_runs, longest = words_in_runs(body, limits)
    words = max(1, bulletin.body)
    figures = f"{in_runs / words:.0%} of the body's words in runs of {limits.run} or more, longest run {longest}"
    if bulletin.body < limits.short_body:
        found = _words_covered(body[:, 0], body[:, 1])
        figures = f"{found / words:.0%} of the body's words, longest run {longest}"
        if found >= limits.short_full * words and longest >= min(limits.run, bulletin.body):
            return Match.FULL, f"full_short: {figures}; a bulletin this short must be nearly whole"
        if found >= limits.short_partial * words and longest >= limits.run:
            return Match.PARTIAL, f"partial_short: {figures}"
        return Match.NONE, figures
    if in_runs >= limits.full_in_runs * words and bulletin.body >= limits.notice_body:
        return Match.FULL, f"full: {figures}"
    in_passages = max(in_runs, _in_passages(bulletin, inside, page, limits))
    figures = f"{in_passages / words:.0%} of the body's words in passages, {figures}"
    if bulletin.body < limits.notice_body:
        return _class_of_notice(in_passages, in_runs, longest, words, figures, limits)
    if in_passages >= limits.full_in_passages_alone * words or (
        in_passages >= limits.full_in_passages * words and in_runs >= limits.full_in_passages_in_runs * words
    ):
        return Match.FULL, f"full: {figures}"
    if (
        (in_runs >= limits.partial_in_runs * words and in_runs >= limits.partial_words_in_runs)
        or (in_passages >= limits.partial_in_passages * words and in_passages >= limits.partial_words_in_passages)
        or in_passages >= limits.partial_half * words
    ):
        return Match.PARTIAL, f"partial: {figures}"
    return _excerpt(in_runs, longest, figures, limits)


def _class_of_notice(
    in_passages: int, in_runs: int, longest: int, words: int, figures: str, limits: Thresholds
) -> tuple[Match, str]:
    """The class of a text of few words, of which a clause or two are much: the fewer, the more of it must be there."""
    longer = (words - limits.short_body) / (limits.notice_body - limits.short_body)
    full = limits.short_full + longer * (limits.full_in_runs - limits.short_full)
    partial = limits.short_partial + longer * (limits.partial_half - limits.short_partial)
    if in_passages >= full * words:
        return Match.FULL, f"full_notice: {figures}; of one this short {full:.0%} are asked for"
    if in_passages >= max(limits.excerpt_words_in_runs, partial * words):
        return Match.PARTIAL, f"partial_notice: {figures}; of one this short {partial:.0%} are asked for"
    return _excerpt(in_runs, longest, figures, limits)


def _excerpt(in_runs: int, longest: int, figures: str, limits: Thresholds) -> tuple[Match, str]:
    if in_runs >= limits.excerpt_words_in_runs and longest >= limits.excerpt_run:
        return Match.EXCERPT, f"excerpt: {in_runs} words of the body in runs, longest run {longest}"
    return Match.NONE, figures


def words_in_runs(runs: Offsets, limits: Thresholds) -> tuple[int, int]:
    """Words in those of these runs that formulas do not reach, and words of the longest; rows as in ``shared_with``."""
    starts, ends = runs[:, 0], runs[:, 1]
    lengths = ends - starts
    long = lengths >= limits.run
    return _words_covered(starts[long], ends[long]), int(lengths.max(initial=0))


def _words_covered(starts: Offsets, ends: Offsets) -> int:
    """Words in any of these stretches; ``starts`` ascend."""
    if starts.size == 0:
        return 0
    reach = np.concatenate((starts[:1], np.maximum.accumulate(ends)[:-1]))
    return int(np.maximum(ends - np.maximum(starts, reach), 0).sum())


def _in_passages(bulletin: PreparedBulletin, shared: Offsets, page: PageWords, limits: Thresholds) -> int:
    """Words of the body in passages; ``shared`` are its stretches, which may begin in the lead."""
    if shared.shape[0] == 0:
        return 0
    least = math.ceil(min(limits.passage, limits.passage_share * bulletin.body))
    inside = _clipped(shared, bulletin.lead, bulletin.count)
    # Half of a passage's words stand in stretches, or nearly: what has too few of them at one distance has none.
    if aligned_word_count(inside[:, :3]) < max(least / 2, limits.gathered * bulletin.body):
        return 0
    found = passages([(a, b, c, d) for a, b, c, d in inside.tolist()], _words_of(bulletin), page.words, least)
    return min(bulletin.body, sum(passage.found for passage in found))


def _clipped(shared: Offsets, begin: int, end: int) -> Offsets:
    """The parts of stretches within the bulletin's words ``[begin, end)``, as rows ``(ours_start, ours_end,
    theirs_start, theirs_end)``."""
    rows = shared[(shared[:, 0] < end) & (shared[:, 1] > begin)]
    parts = np.empty((rows.shape[0], 4), dtype=np.int64)
    parts[:, 0], parts[:, 1] = np.maximum(rows[:, 0], begin), np.minimum(rows[:, 1], end)
    parts[:, 2:] = parts[:, :2] + (rows[:, 2] - rows[:, 0])[:, None]
    return parts


def _words_of(bulletin: PreparedBulletin) -> list[int]:
    words: list[int] = bulletin.words.tolist()
    return words


def _headline_and_lead(bulletin: PreparedBulletin, shared: Offsets) -> tuple[int, int, int]:
    """(longest run in headline and lead, words of both found, words of the headline found)."""
    inside = shared[shared[:, 0] < bulletin.lead]
    starts, ends = inside[:, 0], np.minimum(inside[:, 1], bulletin.lead)
    longest = int((ends - starts).max(initial=0))
    of_title = starts < bulletin.title
    title = _words_covered(starts[of_title], np.minimum(ends[of_title], bulletin.title))
    return longest, _words_covered(starts, ends), title


def title_share(bulletin: PreparedBulletin, places: Offsets) -> float:
    """The part of the headline's words, 0–1, in runs at these places."""
    if bulletin.title == 0 or places.size == 0:
        return 0.0
    starts, ends = covered_stretches(places, bulletin.count)
    found = np.clip(ends, 0, bulletin.title) - np.clip(starts, 0, bulletin.title)
    return float(found.sum()) / bulletin.title


def share_of(bulletin: PreparedBulletin, places: Offsets, page: PageWords, limits: Thresholds) -> float:
    """The part of the bulletin's words, 0–1, that are on the page in sentences or passages: no common phrases."""
    shared = page.shared(bulletin, places)
    starts, ends = np.maximum(shared[:, 0], bulletin.lead), np.minimum(shared[:, 1], bulletin.count)
    sentences = ends - starts >= _SENTENCE
    whole = _words_covered(starts[sentences], ends[sentences])
    if whole < bulletin.body:
        whole = max(whole, _in_passages(bulletin, shared[shared[:, 1] > bulletin.lead], page, limits))
    return round((_headline_and_lead(bulletin, shared)[1] + whole) / bulletin.count, 4)


def shared_with(bulletin: PreparedBulletin, places: Offsets, part: range, page: PageWords) -> Offsets:
    """The runs that the bulletin's words in ``part`` share with the page, as rows ``(ours_start, ours_end,
    theirs_start, theirs_end)``."""
    return _clipped(page.shared(bulletin, places), part.start, part.stop)


def longest_run(bulletin: PreparedBulletin, places: Offsets, part: range, page: PageWords) -> int:
    """Words of the longest run of the bulletin's words in ``part`` that is on the page."""
    inside = shared_with(bulletin, places, part, page)
    return int((inside[:, 1] - inside[:, 0]).max(initial=0))


def longest_passage(bulletin: PreparedBulletin, places: Offsets, part: range, page: PageWords) -> int:
    """Words found in the longest passage of the bulletin's words in ``part`` on the page."""
    inside = shared_with(bulletin, places, part, page)
    joined = passages([(a, b, c, d) for a, b, c, d in inside.tolist()], _words_of(bulletin), page.words, COVER_GRAM)
    return max((passage.found for passage in joined), default=0)
