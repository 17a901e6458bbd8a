"""Which of the bulletins that fit a page are credited with it: each part of the page goes to one of them.

Bulletins of a series share most of their words, so that a copy of one day makes its siblings look like copies too. The
one that explains the page best is credited first, and the others for what is left of the page. Between bulletins that
explain it equally well or nearly so decide, in this order: their figures, the page's link, the words that only one of
them has, where they were delivered, and the nearest release before the page's date.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

import numpy as np

from campaigns.matching.alignment import COVER_GRAM, covered_mask, membership_mask
from campaigns.matching.classification import Match, PageWords, Thresholds, classify, quick_match
from campaigns.matching.fingerprints import Hashes, Offsets, Tokens, distinct, distinct_with_counts
from campaigns.matching.numbers_in_text import (
    FigureComparison,
    FigureVerdict,
    MaskedText,
    compare_figures,
    judge_figures,
    masked_text,
)
from campaigns.matching.prepared_bulletin import PreparedBulletin


@dataclass(frozen=True)
class CandidateEvidence:
    """What tells a bulletin from others of the same words, besides its text.

    ``linked``: 2 for a link to it at the end of the copy, 1 for one elsewhere or its address in letters, 0 for none.
    ``delivered``: 3 to this very address, 2 reported on it, 1 to this page's partner, 0 not known. ``lag``: from its
    release to the page's date; None where either is not known.
    """

    linked: int = 0
    delivered: int = 0
    lag: timedelta | None = None


NO_EVIDENCE = CandidateEvidence()
EvidenceOf = Callable[[PreparedBulletin], CandidateEvidence]

OTHER_FIGURES = "other_figures"
UPDATED_FIGURES = "figures_updated"
_OTHER_FIGURES_SAID = (
    f"{OTHER_FIGURES}: the sentences are this bulletin's and its figures are not there: another day's, or changed"
)
_CLOSE_WORDS = 8  # by fewer words of its own a bulletin fits hardly better than another
_FAR_RUNS = 40  # so many runs more are more than those words: a quick look that spares most siblings the comparison
_WORTH_OF_FIGURE = 4  # words
_SAME_PLACE = 0.5  # of a bulletin's runs on the page are another's too: they are rivals for the same text
_CLOCKS = timedelta(minutes=15)  # a page may be dated so long before the release it copies
_DENSE_COVER = 0.4  # of a notice's words on the page, for its figures to be read
_DENSE_FIGURES = 3  # that must be there then, or all of fewer,
_NEARLY_ALL = 0.95  # with so much of its masked words
_SIBLINGS_READ = 6  # other bulletins whose figures are compared to learn which of them change
_SIBLING_SHARE = 0.65  # of a bulletin's masked words that another has too: they are of one series
_OWN_PLACE_WORDS = 12  # words, or
_OWN_PLACE_SHARE = 0.3  # of the bulletin, that stand in a place of their own


@dataclass(frozen=True)
class FoundBulletin:
    """What of one bulletin stands on a page, and what that makes of it. ``figures``: what its figures say."""

    bulletin: PreparedBulletin
    places: Offsets  # the bulletin's runs of COVER_GRAM words that are on the page, by their first word
    covered: int  # words in them
    match: Match
    why: str
    figures: FigureVerdict = FigureVerdict.FIT

    @property
    def runs(self) -> Hashes:
        """The hashes of those runs."""
        return self.bulletin.cover[self.places]


def match_bulletins(bulletins: Sequence[PreparedBulletin], page: PageWords, limits: Thresholds) -> list[FoundBulletin]:
    """Those of the bulletins that may stand on a page: those of a class, and notices that are there if their figures
    are read."""
    found = []
    for bulletin, look in zip(bulletins, quick_match(bulletins, page, limits), strict=True):
        if look.highest is not Match.NONE or may_be_dense(bulletin, look.words, limits):
            places = page.runs.places_of(bulletin.cover)
            match, covered, why = classify(bulletin, places, page, limits)
            found.append(FoundBulletin(bulletin, places, covered, match, why))
    return found


class _PageText:
    """A page's words, and those with masked figures that no credited bulletin explains."""

    def __init__(self, text: str, tokens: Tokens, page: PageWords) -> None:
        self._text, self._tokens, self.page = text, tokens, page
        self._taken: list[tuple[int, int]] = []  # in masked words
        self._masked_left: MaskedText | None = None

    @cached_property
    def masked(self) -> MaskedText:
        """The whole page."""
        return masked_text(self._text, self._tokens)

    def take(self, stretches: Sequence[tuple[int, int]]) -> None:
        """These masked words are explained."""
        self._taken += stretches
        self._masked_left = None

    @property
    def masked_left(self) -> MaskedText:
        """What no credited bulletin explains."""
        if self._masked_left is None:
            self._masked_left = self.masked.without(self._taken)
        return self._masked_left


def _evidence(match: FoundBulletin, common: Hashes, times: Offsets) -> float:
    """Each run of the bulletin that is on the page, worth 1 / the number of finds that have it."""
    return float((1.0 / times[np.searchsorted(common, distinct(match.runs))]).sum())


def own_words_found(bulletin: FoundBulletin, rival: FoundBulletin) -> int:
    """Words of a bulletin on the page that its rival there does not have."""
    shared = membership_mask(bulletin.runs, distinct(rival.runs))
    found = covered_mask(bulletin.places, bulletin.bulletin.count)
    return int((found & ~covered_mask(bulletin.places[shared], bulletin.bulletin.count)).sum())


def _is_rival(found_bulletin: FoundBulletin, other: FoundBulletin) -> bool:
    """Whether most of what either has on the page is the other's too."""
    shared = int(membership_mask(found_bulletin.runs, distinct(other.runs)).sum())
    return shared >= _SAME_PLACE * min(found_bulletin.places.size, other.places.size)


@dataclass(frozen=True)
class RivalEvidence:
    """What is known of one of several bulletins that fit the same text. ``figures``: those found less those that
    differ. ``own_words``: words found that the best of them by words does not have, less those that only that has."""

    figures: int
    own_words: int
    evidence: CandidateEvidence

    @property
    def rank(self) -> tuple[int, int, int, int, bool, timedelta]:
        """Larger for the better one. The order of the criteria is the rule."""
        lag = self.evidence.lag
        before = lag is not None and lag >= -_CLOCKS
        nearness = -abs(lag) if lag is not None else timedelta.min
        return self.figures, self.evidence.linked, self.own_words, self.evidence.delivered, before, nearness


def best_rival(rivals: Sequence[RivalEvidence]) -> int:
    """Which of several bulletins that fit the same text equally well or nearly so is credited with it; the first of
    equal ones."""
    return max(range(len(rivals)), key=lambda at: (rivals[at].rank, -at))


def may_be_dense(bulletin: PreparedBulletin, covered: int, limits: Thresholds) -> bool:
    """Whether a bulletin of which ``covered`` words stand on a page may be there with its figures written otherwise,
    though too few of them stand in runs: a notice has a figure in every few words."""
    notice = limits.least_words <= bulletin.count and bulletin.body < limits.notice_body
    return notice and covered >= _DENSE_COVER * bulletin.count


def credited(
    finds: Sequence[FoundBulletin],
    dense: Sequence[FoundBulletin],
    candidates: Sequence[PreparedBulletin],
    text: str,
    tokens: Tokens,
    page: PageWords,
    limits: Thresholds,
    evidence_of: EvidenceOf | None = None,
) -> list[FoundBulletin]:
    """The finds in the order of what they explain of the page, each as what it is worth behind those before it.

    A find whose figures are another day's is not credited. Where nothing is credited in its place, it is returned as an
    excerpt with ``FigureVerdict.OTHER``, for a person. ``dense``: bulletins that are no finds by their words as
    written, and may be with their figures read. ``candidates``: all bulletins that share something with the page.
    ``evidence_of``: what is known besides the texts.
    """
    ordered = finds
    if len(finds) > 1:
        common, times = distinct_with_counts(np.concatenate([distinct(match.runs) for match in finds]))
        ordered = sorted(finds, key=lambda match: (-_evidence(match, common, times), match.bulletin.id))
    judge = _Crediting(candidates, _PageText(text, tokens, page), limits, evidence_of or (lambda _: NO_EVIDENCE))
    return judge.credit(list(ordered), dense)


class _Crediting:
    def __init__(
        self,
        candidates: Sequence[PreparedBulletin],
        page: _PageText,
        limits: Thresholds,
        evidence_of: EvidenceOf,
    ) -> None:
        self._candidates, self._page, self._limits, self._evidence_of = candidates, page, limits, evidence_of
        self._taken: Hashes = np.empty(0, dtype=np.int64)
        self._explained: deque[FoundBulletin] = deque()  # whose part of the page is to be taken away
        self._compared: dict[int, FigureComparison] = {}  # by the bulletin's identity, for what is left of the page

    def credit(self, remaining: list[FoundBulletin], dense: Sequence[FoundBulletin]) -> list[FoundBulletin]:
        found: list[FoundBulletin] = []
        apart: list[FoundBulletin] = []
        while remaining:
            match, why = self._still_explains(remaining[0])
            if match is Match.NONE:
                remaining.pop(0)
                continue
            group = self._group(remaining)
            winner = group[0] if len(group) == 1 else self._winner(group)
            if winner is not group[0]:
                match, why = self._still_explains(winner)
                if match is Match.NONE:
                    remaining = [other for other in remaining if other is not winner]
                    continue
            figures = self._figures(winner) if match is not Match.TEASER else FigureVerdict.FIT
            if figures is FigureVerdict.OTHER:
                apart.append(replace(winner, match=Match.EXCERPT, why=_OTHER_FIGURES_SAID, figures=figures))
                remaining = [other for other in remaining if not any(other is member for member in group)]
                continue
            if figures is FigureVerdict.UPDATED:
                why = f"{why}; its figures are others"
            remaining = [other for other in remaining if other is not winner]
            found.append(replace(winner, match=match, why=why, figures=figures))
            self._take(winner, match is not Match.TEASER and bool(remaining or dense))
        for masked in self._dense(dense):
            (apart if masked.figures is FigureVerdict.OTHER else found).append(masked)
        taken = self._taken
        return found + [
            other for other in apart[:1] if 2 * int(membership_mask(other.runs, taken).sum()) < other.places.size
        ]

    def _dense(self, dense: Sequence[FoundBulletin]) -> list[FoundBulletin]:
        """Of notices that are dense with figures those that stand on what is left of the page, however their figures
        are written."""
        found: list[FoundBulletin] = []
        remaining = list(dense)
        while remaining:
            fitting = [
                (compared.score, member)
                for member in remaining
                if _stands_with_figures(member.bulletin, compared := self._compare(member), self._limits)
            ]
            if not fitting:
                break
            best = max(score for score, _ in fitting)
            # The figures of equal ones are the same; what else is known decides.
            group = [member for score, member in fitting if score == best]
            winner = group[0] if len(group) == 1 else self._winner(group)
            compared = self._compare(winner)
            figures = judge_figures(winner.bulletin.masked, compared, self._siblings(winner.bulletin))
            if figures is FigureVerdict.OTHER:
                found.append(replace(winner, match=Match.EXCERPT, why=_OTHER_FIGURES_SAID, figures=figures))
                break
            share = compared.words() / len(winner.bulletin.masked.words)
            every = bool(compared.equal) and not compared.differing and share >= _NEARLY_ALL
            if len(compared.equal) < _DENSE_FIGURES and not every:
                break
            full = share >= self._limits.short_full
            why = f"{share:.0%} of the words, {len(compared.equal)} figures in them written as they are or otherwise"
            said = f"full_figures: {why}" if full else f"partial_figures: {why}"
            match = Match.FULL if full else Match.PARTIAL
            found.append(replace(winner, match=match, why=said, figures=figures))
            remaining = [other for other in remaining if other.bulletin.id != winner.bulletin.id]
            self._take(winner, bool(remaining))
        return found

    def _group(self, remaining: Sequence[FoundBulletin]) -> list[FoundBulletin]:
        """The first of these and those that fit the same text nearly as well by their words."""
        first = remaining[0]
        group = [first]
        settled = _has_its_figures(first)
        for other in remaining[1:]:
            if settled and first.places.size - other.places.size >= _FAR_RUNS:
                continue
            if other.match is Match.TEASER and first.match is not Match.TEASER:
                continue
            if not _is_rival(first, other):
                continue
            ahead = own_words_found(first, other) - own_words_found(other, first)
            if ahead < _CLOSE_WORDS or (not settled and self._figures_outweigh(first, other, ahead)):
                group.append(other)
        return group

    def _figures_outweigh(self, first: FoundBulletin, other: FoundBulletin, ahead: int) -> bool:
        """Whether the figures of the second speak for it more than the words do for the first."""
        gain = self._compare(other).net - self._compare(first).net
        return gain > 0 and _WORTH_OF_FIGURE * gain > ahead

    def _winner(self, group: Sequence[FoundBulletin]) -> FoundBulletin:
        first = group[0]
        rivals = [
            RivalEvidence(
                self._compare(member).net,
                own_words_found(member, first) - own_words_found(first, member),
                self._evidence_of(member.bulletin),
            )
            for member in group
        ]
        return group[best_rival(rivals)]

    def _compare(self, found: FoundBulletin) -> FigureComparison:
        while self._explained:
            earlier = self._explained.popleft()
            self._page.take(compare_figures(earlier.bulletin.masked, self._page.masked_left).stretches)
            self._compared.clear()
        known = self._compared.get(id(found.bulletin))
        if known is None:
            known = compare_figures(found.bulletin.masked, self._page.masked_left)
            self._compared[id(found.bulletin)] = known
        return known

    def _figures(self, found: FoundBulletin) -> FigureVerdict:
        if _has_its_figures(found):
            return FigureVerdict.FIT
        # On the whole page: what was credited before may have taken phrases of this text.
        compared = compare_figures(found.bulletin.masked, self._page.masked)
        if not compared.differing:
            return FigureVerdict.FIT
        return judge_figures(found.bulletin.masked, compared, self._siblings(found.bulletin))

    def _siblings(self, bulletin: PreparedBulletin) -> list[MaskedText]:
        """Other candidates on the same sentences."""
        found: list[MaskedText] = []
        runs = distinct(bulletin.masked.runs)
        for other in self._candidates:
            if other.id == bulletin.id or len(found) >= _SIBLINGS_READ:
                continue
            shared = int(membership_mask(other.masked.runs, runs).sum())
            if shared + COVER_GRAM >= _SIBLING_SHARE * len(bulletin.masked.words):
                found.append(other.masked)
        return found

    def _take(self, found: FoundBulletin, whole: bool) -> None:
        """A bulletin explains its runs, and with ``whole`` the part of the page that follows it, which is taken away
        when figures are compared the next time: most pages need no more."""
        self._taken = distinct(np.concatenate([self._taken, found.runs]))
        if whole:
            self._explained.append(found)

    def _still_explains(self, found_bulletin: FoundBulletin) -> tuple[Match, str]:
        """The class of a find behind those already credited.

        It keeps its class when most of what tells it from those is on the page too, in a place of its own or in enough
        words (two days of one series, merged); else it is worth only what is left.
        """
        bulletin, limits = found_bulletin.bulletin, self._limits
        explained = membership_mask(found_bulletin.runs, self._taken)
        if not explained.any():
            return found_bulletin.match, found_bulletin.why
        own = ~covered_mask(found_bulletin.places[explained], bulletin.count)
        found = covered_mask(found_bulletin.places, bulletin.count) & own
        own_words, own_found = int(own[bulletin.lead :].sum()), int(found[bulletin.lead :].sum())
        if own_found >= limits.own_share * own_words and own_words:
            why = f"{found_bulletin.why}; {own_found} of the {own_words} words that no other bulletin explains"
            if own_words >= limits.own_words or self._has_own_place(found_bulletin):
                return found_bulletin.match, why
        match, _, why = classify(bulletin, found_bulletin.places[~explained], self._page.page, limits)
        return match, why

    def _has_own_place(self, found_bulletin: FoundBulletin) -> bool:
        """Whether the bulletin's text with its figures stands on what the credited ones leave of the page."""
        masked = found_bulletin.bulletin.masked
        compared = self._compare(found_bulletin)
        least = max(_OWN_PLACE_WORDS, _OWN_PLACE_SHARE * len(masked.words))
        return compared.words() >= least and compared.net >= 0


def _stands_with_figures(bulletin: PreparedBulletin, compared: FigureComparison, limits: Thresholds) -> bool:
    """Whether so much of a bulletin's body stands on a page as of a short text must, its figures read. Headline and
    lead alone are an announcement."""
    body = int(np.searchsorted(bulletin.masked.first, bulletin.lead))
    return compared.words(body) >= limits.short_partial * (len(bulletin.masked.words) - body)


def _has_its_figures(found: FoundBulletin) -> bool:
    """Whether all figures of a bulletin stand on the page in its own words: a quick look that spares most copies the
    comparison."""
    masked = found.bulletin.masked
    if not masked.places:
        return True
    missing = np.concatenate(([0], np.cumsum(~covered_mask(found.places, found.bulletin.count))))  # before each word
    strong = [place for place in masked.places if not masked.figures[place].weak]
    return not (missing[masked.end[strong]] > missing[masked.first[strong]]).any()
