"""Recognises our texts: which bulletins a page carries, how much of each, and where.

Containment of the bulletin in the page, not likeness of two documents: partners trim, quote, merge and surround. A
bulletin's words that are on the page in runs are *covered*; runs of twelve words keep the formulas of official
language from counting as copies, and a run counts as far as both texts go on word by word. Where words were replaced
all over a text its runs are short, but they follow each other: joined over the gaps they make *passages*, which turns
of phrase scattered over a page do not. Bulletins of a daily series share most of their words, so the one that explains
the page best is credited first, and another only for what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from campaigns.matching.alignment import COVER_GRAM, Pair, align
from campaigns.matching.classification import (
    DEFAULT_THRESHOLDS,
    Match,
    PageWords,
    Thresholds,
    longest_passage,
    longest_run,
    share_of,
    shared_with,
    title_share,
    words_in_runs,
)
from campaigns.matching.crediting import (
    UPDATED_FIGURES,
    EvidenceOf,
    FoundBulletin,
    credited,
    match_bulletins,
    may_be_dense,
)
from campaigns.matching.fingerprints import (
    FP_VERSION,
    Hashes,
    Offsets,
    Tokens,
    distinct,
    distinct_with_counts,
    fold,
    tokenize,
)
from campaigns.matching.numbers_in_text import FigureVerdict
from campaigns.matching.prepared_bulletin import PreparedBulletin, bulletin_text, prepare_bulletin

# Formulas: words that occur in many bulletins say little about a page's source.


_LEAST_BULLETINS = 5  # with fewer, common phrases cannot be recognised
_COMMON_WORTH = 0.05  # of a run that occurs in all of them; one in a single one of sixty is worth 4.1
_WORTH_SHARE = 0.40  # of all a text's worth: so much of it is a copy, however it is spread
_WORTH_RATIO = 0.82  # of worth found to runs found, below which only formulas were found; less where a run is long:
# Added for each word of it, since formulas meet with the same names and numbers seldom.
_WORTH_RATIO_PER_WORD = 0.0035
_LONG_RUN = 75  # words of a run that formulas do not reach
# A text of which so much stands in one passage, in its order, is a copy with words replaced all over.
PASSAGE_COPY_SHARE = 0.60


class OwnExcerpt(NamedTuple):
    """Words of a bulletin's body on a page in runs that formulas do not reach, and words of the longest of them."""

    words: int
    longest: int


class CommonPhrases:
    """How common each run of words is among the bulletins that share something with a page."""

    def __init__(self, candidates: Sequence[PreparedBulletin]) -> None:
        by_id: dict[str, list[Hashes]] = {}
        for prepared in candidates:
            by_id.setdefault(prepared.id, []).append(prepared.cover)
        self._count = len(by_id)
        self._covers = by_id

    @cached_property
    def _known(self) -> tuple[Hashes, Offsets]:
        """Every run, sorted, and in how many bulletins it occurs."""
        return distinct_with_counts(
            np.concatenate([distinct(np.concatenate(covers)) for covers in self._covers.values()])
        )

    def _worth(self, runs: Hashes) -> NDArray[np.float64]:
        known, times = self._known
        return np.log(self._count / times[np.searchsorted(known, runs)]) + _COMMON_WORTH

    def explain(self, bulletin: PreparedBulletin, places: Offsets, part: range, longest: int) -> bool:
        """Whether what is on the page of the bulletin's words in ``part`` is formulas alone.

        ``places``: the bulletin's runs that are on the page; ``longest``: words of the longest run of it there. The
        bounds were set on texts put together from fourteen clauses, of which any two have a third in common.
        """
        if self._count < _LEAST_BULLETINS or longest >= _LONG_RUN:
            return False
        end = min(part.stop, bulletin.cover.size)
        inside = places[(places >= part.start) & (places < end)]
        if inside.size == 0:
            return False
        worth = self._worth(bulletin.cover[part.start : end])
        whole = float(worth.sum())
        if whole <= 0:
            return False
        share = float(worth[inside - part.start].sum()) / whole
        ratio = share / (inside.size / (end - part.start))
        return share < _WORTH_SHARE and ratio < _WORTH_RATIO - _WORTH_RATIO_PER_WORD * longest

    def own_excerpt(
        self, bulletin: PreparedBulletin, places: Offsets, page: PageWords, limits: Thresholds, least: float
    ) -> OwnExcerpt | None:
        """What of a bulletin stands on a page, where that is more than formulas: at least this share of its body in
        runs, and so many words in a row that no other bulletin has half of them. None else."""
        runs = shared_with(bulletin, places, range(bulletin.lead, bulletin.count), page)
        found = OwnExcerpt(*words_in_runs(runs, limits))
        if found.words < least * bulletin.body:
            return None
        return found if self._has_own_run(bulletin, runs, limits.own_run) else None

    def _has_own_run(self, bulletin: PreparedBulletin, runs: Offsets, words: int) -> bool:
        grams = words - COVER_GRAM + 1
        own = np.zeros(max(0, bulletin.count - words + 1), dtype=np.bool_)  # by the first of so many words
        for start, end in runs[runs[:, 1] - runs[:, 0] >= words, :2].tolist():
            own[start : end - words + 1] = True
        for ident, covers in self._covers.items():
            if not own.any():
                return False
            if ident != bulletin.id:
                common = np.isin(bulletin.cover, np.concatenate(covers))
                own &= 2 * np.convolve(common, np.ones(grams, dtype=np.int64), "valid") < grams
        return bool(own.any())


__all__ = [
    "DEFAULT_THRESHOLDS",
    "RULE_VERSION",
    "Match",
    "MatchVerdict",
    "PageMatches",
    "PreparedBulletin",
    "Thresholds",
    "bulletin_text",
    "match_page",
    "prepare_bulletin",
]

RULE_VERSION = "2026.12"

_DECISIVE_WORDS = 8  # fewer words that two revisions differ by on a page are too few to decide
_DECISIVE_RUNS = 3  # runs of one revision alone that must stand on a page before they tell it from another
_DECISIVE_SHARE = 0.3  # by so much more of the one's own runs than of the other's must be there
_REWRITTEN_SHARE = 0.65  # of a bulletin's words; a page with more of them that is not credited has another's text
_WHOLE_BUT = 0.03  # of a revision's words may be missing for a copy to be all of it


@dataclass(frozen=True)
class MatchVerdict:
    """What was found of one bulletin on one page.

    ``share``: the part of the bulletin's words found, 0–1. ``longest_run``: words. ``passages``: character offsets
    ``(start, end)`` in the page's text. ``pairs``: ``(ours_start, ours_end, theirs_start, theirs_end)``, character
    offsets into ``bulletin_text`` and the page's text, in the page's order. ``reasons``: short sentences, each with
    its code before a colon.
    """

    bulletin: str
    revision: int
    match: Match
    share: float
    longest_run: int
    title_kept: bool
    passages: tuple[tuple[int, int], ...]
    pairs: tuple[Pair, ...]
    reasons: tuple[str, ...]
    rule_version: str = RULE_VERSION
    fp_version: str = FP_VERSION


@dataclass(frozen=True)
class _RevisionOverlap:
    """Of the runs that only one of two revisions has: how many are on the page, and which share of them."""

    found: int
    share: float


def _revision_overlap(match: FoundBulletin, other: FoundBulletin) -> _RevisionOverlap:
    own = np.setdiff1d(match.bulletin.cover, other.bulletin.cover)
    found = int(np.isin(own, match.runs).sum())
    return _RevisionOverlap(found, found / own.size if own.size else 0.0)


def _carries_older(older: FoundBulletin, newer: FoundBulletin) -> bool:
    """Whether the page's text is the older of two revisions: it has words only that one has, or it is that one whole
    and lacks what the newer added. What fits both is the newer.

    A correction is often one number: a word that changed is five runs that only one of the two has.
    """
    old = _revision_overlap(older, newer)
    new = _revision_overlap(newer, older)
    if max(old.found, new.found) >= _DECISIVE_RUNS:
        return old.share >= new.share + _DECISIVE_SHARE
    if older.covered >= newer.covered + _DECISIVE_WORDS:
        return True
    missing, missed = older.bulletin.count - older.covered, newer.bulletin.count - newer.covered
    nearly_whole = missing <= _WHOLE_BUT * older.bulletin.count
    return nearly_whole and missed >= missing + _DECISIVE_WORDS and newer.covered < older.covered + _DECISIVE_WORDS


def _best_revision(found: Iterable[FoundBulletin]) -> list[FoundBulletin]:
    """Keep one result for each bulletin: the copied revision, or the newest where that cannot be decided."""
    best: dict[str, FoundBulletin] = {}
    for match in sorted(found, key=lambda find: -find.bulletin.revision):
        newer = best.get(match.bulletin.id)
        if newer is None or _carries_older(match, newer):
            best[match.bulletin.id] = match
    return list(best.values())


def _is_common_phrases(match: FoundBulletin, formulas: CommonPhrases, page: PageWords, limits: Thresholds) -> bool:
    bulletin = match.bulletin
    notice = bulletin.body < limits.notice_body  # of which a clause or two may be nearly all
    if match.match is Match.FULL and not notice:
        return False
    part = range(bulletin.lead) if match.match is Match.TEASER else range(bulletin.lead, bulletin.count)
    if not formulas.explain(bulletin, match.places, part, longest_run(bulletin, match.places, part, page)):
        return False
    # Headline and lead are so short too that one clause is a passage of them.
    short = notice or match.match is Match.TEASER
    return short or longest_passage(bulletin, match.places, part, page) < PASSAGE_COPY_SHARE * bulletin.body


class PageMatches:
    """What a page carries of ours. ``finds``: the bulletins credited, the best explained first, none of class ``NONE``;
    a verdict costs more than all that and is made of those that are asked for.

    Arguments are those of ``match_page``.
    """

    def __init__(
        self,
        candidates: Sequence[PreparedBulletin],
        limits: Thresholds,
        headline: str,
        text: str,
        tokens: Tokens,
        evidence_of: EvidenceOf | None = None,
    ) -> None:
        self._tokens, self._limits = tokens, limits
        self._headline = fold(headline)
        self._page = page = PageWords(tokens.words)
        candidates = candidates[: limits.verify_limit]
        looked = match_bulletins(candidates, page, limits)
        finds = _best_revision(match for match in looked if match.match is not Match.NONE)
        self._formulas = CommonPhrases(candidates)
        finds = [match for match in finds if not _is_common_phrases(match, self._formulas, page, limits)]
        kept = {find.bulletin.id for find in finds if find.match is not Match.TEASER}
        dense = [
            find
            for find in looked
            if find.bulletin.id not in kept and may_be_dense(find.bulletin, find.covered, limits)
        ]
        found = credited(finds, dense, candidates, text, tokens, page, limits, evidence_of)
        shown = {find.bulletin.id: find for find in found}
        for match in _best_revision(looked):
            known = shown.get(match.bulletin.id)
            if known is None or known.match is Match.TEASER or known.figures is FigureVerdict.OTHER:
                excerpt = self._rewritten(known or match)
                if excerpt is not None:
                    shown[match.bulletin.id] = excerpt
        self.finds = list(shown.values())

    def _rewritten(self, match: FoundBulletin) -> FoundBulletin | None:
        """A bulletin that is not credited as an excerpt for a person, when a run of words that no other bulletin has
        stands on the page: an editor wrote the rest anew, and perhaps other figures. None where it does not."""
        bulletin = match.bulletin
        if match.covered >= _REWRITTEN_SHARE * bulletin.count:
            return None
        # Where the figures are others, the sentences were found to be this bulletin's already.
        least = 0.0 if match.figures is FigureVerdict.OTHER else self._limits.own_excerpt
        excerpt = self._formulas.own_excerpt(bulletin, match.places, self._page, self._limits, least)
        if excerpt is None:
            return None
        why = (
            f"excerpt: {excerpt.words} words of the body in runs, longest run {excerpt.longest}, "
            "and one that no other bulletin has"
        )
        if match.figures is FigureVerdict.OTHER:
            return replace(match, why=f"{why}; its figures are others", figures=FigureVerdict.CHANGED)
        return replace(match, match=Match.EXCERPT, why=why)

    def verdict(self, match: FoundBulletin) -> MatchVerdict:
        """What was found of one of ``finds``, passage by passage."""
        bulletin, page = match.bulletin, self._page
        starts, ends = self._tokens.starts, self._tokens.ends
        pairs = align(bulletin.cover, match.places, page.ranked, COVER_GRAM)
        placed: list[Pair] = [
            (int(bulletin.starts[a]), int(bulletin.ends[b - 1]), int(starts[c]), int(ends[d - 1]))
            for a, b, c, d in ((a, min(b, bulletin.count), c, min(d, starts.size)) for a, b, c, d in pairs)
        ]
        placed.sort(key=lambda pair: (pair[2], pair[0]))
        passages: list[tuple[int, int]] = []
        for _, _, start, end in placed:
            if passages and start <= passages[-1][1] + 1:
                passages[-1] = (passages[-1][0], max(passages[-1][1], end))
            else:
                passages.append((start, end))
        kept = self._title_kept(match)
        reasons = [match.why, "title_kept: the headline is ours" if kept else "title_changed: the headline is another"]
        if match.figures is FigureVerdict.UPDATED:
            reasons.append(f"{UPDATED_FIGURES}: its figures were changed; so few make no other day's text of it")
        return MatchVerdict(
            bulletin=bulletin.id,
            revision=bulletin.revision,
            match=match.match,
            share=share_of(match.bulletin, match.places, page, self._limits),
            longest_run=max((b - a for a, b, _, _ in pairs), default=0),
            title_kept=kept,
            passages=tuple(passages),
            pairs=tuple(placed),
            reasons=tuple(reasons),
        )

    def _title_kept(self, match: FoundBulletin) -> bool:
        bulletin = match.bulletin
        if not self._headline:
            return title_share(bulletin, match.places) >= DEFAULT_THRESHOLDS.title_kept
        ours = fold(bulletin.text[: int(bulletin.ends[bulletin.title - 1])]) if bulletin.title else ""
        return bool(ours) and f" {ours} " in f" {self._headline} "


def match_page(
    page_text: str,
    candidates: Sequence[PreparedBulletin],
    limits: Thresholds = DEFAULT_THRESHOLDS,
    *,
    headline: str = "",
    evidence_of: EvidenceOf | None = None,
) -> list[MatchVerdict]:
    """Every bulletin the page carries, the best explained first; never a verdict ``NONE``.

    ``candidates`` come from a lookup of the page's fingerprint, most shared hashes first; several revisions of one
    bulletin may be among them, and the one that fits best is kept. How rare a run is is counted among the finds
    themselves: a series' siblings are all among them, so that no table of frequencies has to be asked.
    ``headline``: the page's, where it is known; it settles whether the title was kept. ``evidence_of``: what tells
    bulletins of the same words apart besides their texts.
    """
    carried = PageMatches(candidates, limits, headline, page_text, tokenize(page_text), evidence_of)
    return [carried.verdict(match) for match in carried.finds]
