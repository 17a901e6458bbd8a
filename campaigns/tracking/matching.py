"""Is it our text? Which bulletins a page carries, how much of each, and where.

Containment of the bulletin in the page, not likeness of two documents: partners trim, quote, merge and surround. A
bulletin's words that stand on the page in runs are *covered*; runs of twelve words keep the formulas of official
language from counting as copies, and a run counts as far as both texts go on word by word. Where words were replaced
all over a text its runs are short, but they follow each other: joined over the gaps they make *passages*, which turns
of phrase scattered over a page do not. Bulletins of a daily series share most of their words, so the one that explains
the page best is credited first, and another only for what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from campaigns.tracking.alignment import Pair, align
from campaigns.tracking.classifying import (
    DEFAULT_THRESHOLDS,
    Match,
    PageWords,
    Thresholds,
    classify,
    longest_passage,
    longest_run,
    share_of,
    title_share,
)
from campaigns.tracking.covering import COVER_GRAM, among, spread
from campaigns.tracking.fingerprints import FP_VERSION, Hashes, Offsets, Tokens, counted, distinct, fold, tokenize
from campaigns.tracking.formulas import MOST, Formulas
from campaigns.tracking.prepared import PreparedBulletin, bulletin_text, prepare

__all__ = [
    "DEFAULT_THRESHOLDS",
    "RULE_VERSION",
    "Carried",
    "Match",
    "MatchVerdict",
    "PreparedBulletin",
    "Thresholds",
    "bulletin_text",
    "match_page",
    "prepare",
]

RULE_VERSION = "2026.3"

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
class Find:
    """What of one bulletin stands on a page, and what that makes of it."""

    bulletin: PreparedBulletin
    places: Offsets  # the bulletin's runs of COVER_GRAM words that stand on the page, by their first word
    covered: int  # words in them
    match: Match
    why: str

    @property
    def runs(self) -> Hashes:
        """The hashes of those runs."""
        return self.bulletin.cover[self.places]


def _look_for(bulletin: PreparedBulletin, page: PageWords, limits: Thresholds) -> Find:
    places = page.runs.places_of(bulletin.cover)
    match, covered, why = classify(bulletin, places, page, limits)
    return Find(bulletin, places, covered, match, why)


@dataclass(frozen=True)
class _Standing:
    """Of the runs that only one of two revisions has: how many stand on the page, and which share of them."""

    found: int
    share: float


def _standing(one: Find, other: Find) -> _Standing:
    own = np.setdiff1d(one.bulletin.cover, other.bulletin.cover)
    found = int(np.isin(own, one.runs).sum())
    return _Standing(found, found / own.size if own.size else 0.0)


def _carries_older(older: Find, newer: Find) -> bool:
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


def _best_revision(found: Iterable[Find]) -> list[Find]:
    """One find a bulletin: the revision that was copied, the newest where that cannot be told."""
    best: dict[str, Find] = {}
    for one in sorted(found, key=lambda find: -find.bulletin.revision):
        newer = best.get(one.bulletin.id)
        if newer is None or _carries_older(one, newer):
            best[one.bulletin.id] = one
    return list(best.values())


def _evidence(one: Find, common: Hashes, times: Offsets) -> float:
    """Each run of the bulletin that stands on the page, worth 1 / the number of finds that have it."""
    return float((1.0 / times[np.searchsorted(common, distinct(one.runs))]).sum())


def _still_explains(one: Find, credited: Hashes, page: PageWords, limits: Thresholds) -> tuple[Match, str]:
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
    match, _, why = classify(bulletin, one.places[~explained], page, limits)
    return match, why


def _is_formulas(one: Find, formulas: Formulas, page: PageWords, limits: Thresholds) -> bool:
    bulletin = one.bulletin
    notice = bulletin.body < limits.notice_body  # of which a clause or two may be nearly all
    if one.match is Match.FULL and not notice:
        return False
    part = range(bulletin.lead) if one.match is Match.TEASER else range(bulletin.lead, bulletin.count)
    if not formulas.explain(bulletin, one.places, part, longest_run(bulletin, one.places, part, page)):
        return False
    # Headline and lead are so short too that one clause is a passage of them.
    short = notice or one.match is Match.TEASER
    return short or longest_passage(bulletin, one.places, part, page) < MOST * bulletin.body


class Carried:
    """What a page carries of ours. ``finds``: the bulletins credited, the best explained first, none of class ``NONE``;
    a verdict costs more than all that and is made of those that are asked for.

    Arguments are those of ``match_page``.
    """

    def __init__(
        self, candidates: Sequence[PreparedBulletin], limits: Thresholds, headline: str, tokens: Tokens
    ) -> None:
        self._tokens, self._limits = tokens, limits
        self._headline = fold(headline)
        self._page = page = PageWords(tokens.words)
        looked = (_look_for(one, page, limits) for one in candidates[: limits.verify_limit])
        finds = _best_revision(one for one in looked if one.match is not Match.NONE)
        if any(one.match is not Match.FULL or one.bulletin.body < limits.notice_body for one in finds):
            formulas = Formulas(candidates[: limits.verify_limit])
            finds = [one for one in finds if not _is_formulas(one, formulas, page, limits)]
        self.finds = finds if len(finds) < 2 else _credited(finds, page, limits)

    def verdict(self, one: Find) -> MatchVerdict:
        """What was found of one of ``finds``, passage by passage."""
        bulletin, page = one.bulletin, self._page
        starts, ends = self._tokens.starts, self._tokens.ends
        pairs = align(bulletin.cover, one.places, page.ranked, COVER_GRAM)
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
        kept = self._title_kept(one)
        reasons = [one.why, "title_kept: the headline is ours" if kept else "title_changed: the headline is another"]
        return MatchVerdict(
            bulletin=bulletin.id,
            revision=bulletin.revision,
            match=one.match,
            share=share_of(one.bulletin, one.places, page, self._limits),
            longest_run=max((b - a for a, b, _, _ in pairs), default=0),
            title_kept=kept,
            passages=tuple(passages),
            pairs=tuple(placed),
            reasons=tuple(reasons),
        )

    def _title_kept(self, one: Find) -> bool:
        bulletin = one.bulletin
        if not self._headline:
            return title_share(bulletin, one.places) >= DEFAULT_THRESHOLDS.title_kept
        ours = fold(bulletin.text[: int(bulletin.ends[bulletin.title - 1])]) if bulletin.title else ""
        return bool(ours) and f" {ours} " in f" {self._headline} "


def _credited(finds: Sequence[Find], page: PageWords, limits: Thresholds) -> list[Find]:
    """The finds in the order of what they explain of the page, each as what it is worth behind those before it."""
    common, times = counted(np.concatenate([distinct(one.runs) for one in finds]))
    order = sorted(finds, key=lambda one: (-_evidence(one, common, times), one.bulletin.id))
    credited: list[Find] = []
    taken = np.empty(0, dtype=np.int64)
    for one in order:
        match, why = _still_explains(one, taken, page, limits)
        if match is Match.NONE:
            continue
        credited.append(replace(one, match=match, why=why))
        taken = distinct(np.concatenate([taken, one.runs]))
    return credited


def match_page(
    page_text: str,
    candidates: Sequence[PreparedBulletin],
    limits: Thresholds = DEFAULT_THRESHOLDS,
    *,
    headline: str = "",
) -> list[MatchVerdict]:
    """Every bulletin the page carries, the best explained first; never a verdict ``NONE``.

    ``candidates`` come from a lookup of the page's fingerprint, most shared hashes first; several revisions of one
    bulletin may be among them, and the one that fits best is kept. How rare a run is is counted among the finds
    themselves: a series' siblings are all among them, so that no table of frequencies has to be asked.
    ``headline``: the page's, where it is known; it settles whether the title was kept.
    """
    carried = Carried(candidates, limits, headline, tokenize(page_text))
    return [carried.verdict(one) for one in carried.finds]
