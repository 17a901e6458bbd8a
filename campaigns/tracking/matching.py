"""Is it our text? Which bulletins a page carries, how much of each, and where.

Containment of the bulletin in the page, not likeness of two documents: partners trim, quote, merge and surround. A
bulletin's words that stand on the page in runs are *covered*; runs of twelve words keep the formulas of official
language from counting as copies. Bulletins of a daily series share most of their words, so the one that explains the
page best is credited first, and another only for what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from campaigns.tracking.alignment import Pair, Ranked, align
from campaigns.tracking.covering import COVER_GRAM, PageRuns, among, spread, stretches
from campaigns.tracking.fingerprints import FP_VERSION, Hashes, Offsets, Tokens, distinct, fold, grams, tokenize
from campaigns.tracking.prepared import PreparedBulletin, bulletin_text, prepare

__all__ = [
    "DEFAULT_THRESHOLDS",
    "RULE_VERSION",
    "Match",
    "MatchVerdict",
    "PreparedBulletin",
    "Thresholds",
    "bulletin_text",
    "match_page",
    "prepare",
]

RULE_VERSION = "2026.1"


class Match(Enum):
    """How much of a bulletin a page carries."""

    FULL = "full"  # all or nearly all of it
    PARTIAL = "partial"  # trimmed, merged or reworked, but clearly it
    EXCERPT = "excerpt"  # a few sentences; a person looks
    TEASER = "teaser"  # headline and lead only; counted apart
    NONE = "none"


@dataclass(frozen=True)
class Thresholds:
    """Where one class ends and the next begins. Shares are of the body's words, counts are words.

    Set on a crawl of real reuse by Vietnamese aggregators; a change is a new ``RULE_VERSION``.
    """

    run: int = 12  # words in a run that formulas do not reach
    full_in_runs: float = 0.70
    full_covered: float = 0.70
    full_covered_in_runs: float = 0.40
    full_covered_alone: float = 0.90
    partial_in_runs: float = 0.25
    partial_words_in_runs: int = 60
    partial_covered: float = 0.45
    partial_body: int = 120
    excerpt_words_in_runs: int = 30
    excerpt_run: int = 25
    teaser_run: int = 10  # words of headline and lead in one run
    teaser_head: float = 0.50  # of headline and lead together; or else the whole headline
    short_body: int = 40  # below it a copy must be nearly whole and unbroken
    short_full: float = 0.90
    short_partial: float = 0.70
    least_words: int = 12  # a bulletin of fewer words says nothing that others do not say too
    title_kept: float = 0.90  # of the headline's words
    own_share: float = 0.50  # of what tells it from an already credited one
    own_words: int = 30
    verify_limit: int = 60  # candidates looked at closely, a page


DEFAULT_THRESHOLDS = Thresholds()
_TELLING_WORDS = 8  # fewer words that two revisions differ by on a page are scraps
_TELLING_RUNS = 3  # runs of one revision alone that must stand on a page before they tell it from another
_TELLING_SHARE = 0.3  # by so much more of the one's own runs than of the other's must be there
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
class _Found:
    """What of one bulletin stands on the page, before anything is credited."""

    bulletin: PreparedBulletin
    places: Offsets  # the bulletin's runs of COVER_GRAM words that stand on the page, by their first word
    covered: int  # words in them
    match: Match
    why: str

    @property
    def runs(self) -> Hashes:
        """The hashes of those runs."""
        return self.bulletin.cover[self.places]


def _classify(bulletin: PreparedBulletin, places: Offsets, limits: Thresholds) -> tuple[Match, int, str]:
    """The class of a cover, the words in it, and the sentence that gives the reason."""
    if bulletin.count < limits.least_words:
        return Match.NONE, 0, "too_short: the bulletin has too few words to be recognised by"
    if places.size == 0:
        return Match.NONE, 0, "none: nothing of it is on the page"
    starts, ends = stretches(places, bulletin.count)
    lengths = ends - starts
    covered, longest = int(lengths.sum()), int(lengths.max())
    if longest < limits.teaser_run and covered < limits.partial_covered * bulletin.body:
        return Match.NONE, covered, "none: only turns of phrase"
    in_body = ends - np.clip(starts, bulletin.lead, ends)
    in_runs = int(in_body[lengths >= limits.run].sum())
    words = max(1, bulletin.body)
    c5, c12 = int(in_body.sum()) / words, in_runs / words
    told = f"{c5:.0%} of the body's words, {c12:.0%} in runs of {limits.run} words or more, longest run {longest}"
    if bulletin.body < limits.short_body:
        if c5 >= limits.short_full and longest >= limits.run:
            return Match.FULL, covered, f"full_short: {told}; a bulletin this short must be nearly whole"
        if c5 >= limits.short_partial and longest >= limits.run:
            return Match.PARTIAL, covered, f"partial_short: {told}"
    else:
        if (
            c12 >= limits.full_in_runs
            or (c5 >= limits.full_covered and c12 >= limits.full_covered_in_runs)
            or c5 >= limits.full_covered_alone
        ):
            return Match.FULL, covered, f"full: {told}"
        if (c12 >= limits.partial_in_runs and in_runs >= limits.partial_words_in_runs) or (
            c5 >= limits.partial_covered and bulletin.body >= limits.partial_body
        ):
            return Match.PARTIAL, covered, f"partial: {told}"
        if in_runs >= limits.excerpt_words_in_runs and longest >= limits.excerpt_run:
            return Match.EXCERPT, covered, f"excerpt: {in_runs} words of the body in runs, longest run {longest}"
    in_head = np.clip(ends, starts, bulletin.lead) - np.clip(starts, 0, bulletin.lead)
    head = int(in_head.clip(0).sum())
    if int(in_head.max()) >= limits.teaser_run and (
        head >= limits.teaser_head * bulletin.lead or _title_share(bulletin, starts, ends) >= limits.title_kept
    ):
        return Match.TEASER, covered, f"teaser: {head} words of headline and lead, {told}"
    return Match.NONE, covered, f"none: {told}"


def class_of(bulletin: PreparedBulletin, places: Offsets, limits: Thresholds = DEFAULT_THRESHOLDS) -> Match:
    """The class of a bulletin of which the runs of COVER_GRAM words at ``places`` (sorted) stand on a page, before
    anything else is credited. It never rises when places are taken away."""
    return _classify(bulletin, places, limits)[0]


def _title_share(bulletin: PreparedBulletin, starts: Offsets, ends: Offsets) -> float:
    """The part of the headline's words in these stretches."""
    if bulletin.title == 0:
        return 0.0
    found = np.clip(ends, 0, bulletin.title) - np.clip(starts, 0, bulletin.title)
    return float(found.sum()) / bulletin.title


def _look_for(bulletin: PreparedBulletin, page: PageRuns, limits: Thresholds) -> _Found:
    places = page.places_of(bulletin.cover)
    match, covered, why = _classify(bulletin, places, limits)
    return _Found(bulletin, places, covered, match, why)


@dataclass(frozen=True)
class _Standing:
    """Of the runs that only one of two revisions has: how many stand on the page, and which share of them."""

    found: int
    share: float


def _standing(one: _Found, other: _Found) -> _Standing:
    own = np.setdiff1d(one.bulletin.cover, other.bulletin.cover)
    found = int(np.isin(own, one.runs).sum())
    return _Standing(found, found / own.size if own.size else 0.0)


def _carries_older(older: _Found, newer: _Found) -> bool:
    """Whether the page's text is the older of two revisions: it has words only that one has, or it is that one whole
    and lacks what the newer added. What fits both is the newer.

    A correction is often one number: a word that changed is five runs that only one of the two has.
    """
    old = _standing(older, newer)
    new = _standing(newer, older)
    if max(old.found, new.found) >= _TELLING_RUNS:
        return old.share >= new.share + _TELLING_SHARE
    if older.covered >= newer.covered + _TELLING_WORDS:
        return True
    missing, missed = older.bulletin.count - older.covered, newer.bulletin.count - newer.covered
    nearly_whole = missing <= _WHOLE_BUT * older.bulletin.count
    return nearly_whole and missed >= missing + _TELLING_WORDS and newer.covered < older.covered + _TELLING_WORDS


def _best_revision(found: Iterable[_Found]) -> list[_Found]:
    """One find a bulletin: the revision that was copied, the newest where that cannot be told."""
    best: dict[str, _Found] = {}
    for one in sorted(found, key=lambda find: -find.bulletin.revision):
        newer = best.get(one.bulletin.id)
        if newer is None or _carries_older(one, newer):
            best[one.bulletin.id] = one
    return list(best.values())


def _evidence(one: _Found, common: Hashes, times: Offsets) -> float:
    """Each run of the bulletin that stands on the page, worth 1 / the number of finds that have it."""
    return float((1.0 / times[np.searchsorted(common, distinct(one.runs))]).sum())


def _still_explains(one: _Found, credited: Hashes, limits: Thresholds) -> tuple[Match, str]:
    """The class of a find when ``credited`` runs (sorted) are already explained by other bulletins.

    It keeps its class when most of what tells it from those stands on the page too (two days of one series, merged);
    else it is worth only what is left.
    """
    bulletin = one.bulletin
    explained = among(one.runs, credited)
    if not explained.any():
        return one.match, one.why
    own = ~spread(one.places[explained], bulletin.count)
    found = spread(one.places, bulletin.count) & own
    own_words, own_found = int(own[bulletin.lead :].sum()), int(found[bulletin.lead :].sum())
    if own_words >= limits.own_words and own_found >= limits.own_share * own_words:
        return one.match, f"{one.why}; {own_found} of the {own_words} words that no other bulletin explains"
    match, _, why = _classify(bulletin, one.places[~explained], limits)
    return match, why


def match_page(
    page_text: str,
    candidates: Sequence[PreparedBulletin],
    limits: Thresholds = DEFAULT_THRESHOLDS,
    *,
    headline: str = "",
    tokens: Tokens | None = None,
) -> list[MatchVerdict]:
    """Every bulletin the page carries, the best explained first; never a verdict ``NONE``.

    ``candidates`` come from a lookup of the page's fingerprint, most shared hashes first; several revisions of one
    bulletin may be among them, and the one that fits best is kept. How rare a run is is counted among the finds
    themselves: a series' siblings are all among them, so that no table of frequencies has to be asked.
    ``headline``: the page's, where it is known; it settles whether the title was kept. ``tokens``: the page's words,
    when they are at hand already.
    """
    if tokens is None:
        tokens = tokenize(page_text)
    runs = grams(tokens.words, COVER_GRAM)
    page = PageRuns(runs)
    looked = (_look_for(one, page, limits) for one in candidates[: limits.verify_limit])
    finds = _best_revision(one for one in looked if one.match is not Match.NONE)
    if not finds:
        return []
    credited: list[_Found] = []
    if len(finds) == 1:
        credited = finds
    else:
        each = [distinct(one.runs) for one in finds]
        common, times = np.unique(np.concatenate(each), return_counts=True)
        order = sorted(finds, key=lambda one: (-_evidence(one, common, times), one.bulletin.id))
        taken = np.empty(0, dtype=np.int64)
        for one in order:
            match, why = _still_explains(one, taken, limits)
            if match is Match.NONE:
                continue
            credited.append(replace(one, match=match, why=why))
            taken = distinct(np.concatenate([taken, one.runs]))
    said = fold(headline)
    ranked = Ranked(runs)
    return [_verdict(one, ranked, tokens.starts, tokens.ends, said) for one in credited]


def _verdict(one: _Found, runs: Ranked, starts: Offsets, ends: Offsets, headline: str) -> MatchVerdict:
    bulletin = one.bulletin
    pairs = align(bulletin.cover, one.places, runs, COVER_GRAM)
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
    found_from, found_to = stretches(one.places, bulletin.count)
    if headline:
        ours = fold(bulletin.text[: int(bulletin.ends[bulletin.title - 1])]) if bulletin.title else ""
        kept = bool(ours) and f" {ours} " in f" {headline} "
    else:
        kept = _title_share(bulletin, found_from, found_to) >= DEFAULT_THRESHOLDS.title_kept
    reasons = [one.why, "title_kept: the headline is ours" if kept else "title_changed: the headline is another"]
    return MatchVerdict(
        bulletin=bulletin.id,
        revision=bulletin.revision,
        match=one.match,
        share=round(one.covered / bulletin.count, 4),
        longest_run=int((found_to - found_from).max()),
        title_kept=kept,
        passages=tuple(passages),
        pairs=tuple(placed),
        reasons=tuple(reasons),
    )
