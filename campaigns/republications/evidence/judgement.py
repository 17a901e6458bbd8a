"""Judgement of a page: the bulletins it carries, how it names their source, since when, and the outcome."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property, partial
from typing import Protocol

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import (
    PLAIN_PROFILE,
    SiteProfile,
    canonical_url,
    is_front_page,
    page_key,
    same_page,
    same_site,
)
from campaigns.matching.alignment import longest_stretch
from campaigns.matching.candidates import CANDIDATE_LIMIT, CandidateSource
from campaigns.matching.classification import CARRIED, PageWords, classify, quick_match
from campaigns.matching.crediting import OTHER_FIGURES, CandidateEvidence, may_be_dense
from campaigns.matching.fingerprints import Tokens, fold, lookup_hashes, tokenize
from campaigns.matching.matcher import (
    DEFAULT_THRESHOLDS,
    CommonPhrases,
    Match,
    MatchVerdict,
    PageMatches,
    Thresholds,
)
from campaigns.matching.numbers_in_text import FigureVerdict
from campaigns.matching.parsed_page import (
    CUT_REASON,
    UNREAD_STYLE_REASON,
    PagePicture,
    PagePlayer,
    PageRegion,
    ParsedPage,
    TimeClaim,
    entry_body,
)
from campaigns.matching.pictures.comparison import MediaWay
from campaigns.matching.prepared_bulletin import PreparedBulletin
from campaigns.republications.attribution.site_templates import NO_TEMPLATE, SiteTemplate
from campaigns.republications.attribution.verdicts import (
    NAMES_US,
    Attribution,
    AttributionVerdict,
    OurSource,
    judge_attribution,
)
from campaigns.republications.dating.publication_time import PublicationTime, read_publication_time
from campaigns.republications.evidence.copy_location import CopyFinder, CopySpan, medium_span


class JudgementOutcome(Enum):
    """Outcome of a judgement. The first two are states of republications; the others create none."""

    CONFIRMED = "confirmed"  # counted
    REVIEW = "review"  # waits for a person's decision
    TEASER = "teaser"  # counted separately
    NOTHING = "none"


@dataclass(frozen=True)
class OutcomeDecision:
    """An outcome and its reason."""

    outcome: JudgementOutcome
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class MediaFind:
    """A picture or player of a page that carries a bulletin: its ``address`` there, the ``ident`` of ours, and what the
    comparison said.

    ``ident``: of a picture with its crop (as in ``PictureFingerprint``), "" where only the text was found; of a player
    that of our video or audio. ``digest``: SHA-256 of the found file, "" where none was fetched; ``agrees``: no person
    has to look at it; ``text``: what was read in a picture, None where nobody asked."""

    bulletin: str
    revision: int
    address: str
    digest: str
    ident: str
    by: MediaWay
    agrees: bool
    distance: int
    share: float | None
    reason: str
    text: str | None = None
    framed: bool = False  # found in a frame


@dataclass(frozen=True)
class Judgement:
    """The judgement of one bulletin on one page."""

    match: MatchVerdict
    attribution: AttributionVerdict
    published: PublicationTime | None
    canonical_url: str
    decision: OutcomeDecision
    medium: MediaFind | None = None  # of a bulletin that is found as a picture, video or audio

    @property
    def bulletin(self) -> str:
        """The bulletin's id, as in ``PreparedBulletin``."""
        return self.match.bulletin

    @property
    def has_other_figures(self) -> bool:
        """Whether the text fits the bulletin's sentences with none of its figures: for a person, credited to nobody."""
        return any(reason.startswith(f"{OTHER_FIGURES}:") for reason in self.match.reasons)

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons, in order."""
        return (*self.match.reasons, *self.attribution.reasons, *self.decision.reasons)


@dataclass(frozen=True)
class JudgementSettings:
    """``thresholds`` of matching; ``profile`` and ``template`` of the page's site."""

    thresholds: Thresholds = DEFAULT_THRESHOLDS
    profile: SiteProfile = PLAIN_PROFILE
    template: SiteTemplate = NO_TEMPLATE


class BulletinRecords(Protocol):
    """What is known of our bulletins besides their texts; ids as in ``PreparedBulletin``."""

    def bulletin_at(self, url: str) -> str | None:
        """The bulletin whose address this is, also below it; None for any other address."""
        ...

    def released_at(self, ident: str) -> datetime | None:
        """When a bulletin was released."""
        ...

    def delivered(self, ident: str) -> int:
        """Whether a bulletin went to this page's site, as in ``CandidateEvidence.delivered``."""
        ...


class NoRecords:
    """Nothing is known but the texts."""

    def bulletin_at(self, url: str) -> str | None:
        """None."""
        return None

    def released_at(self, ident: str) -> datetime | None:
        """None."""
        return None

    def delivered(self, ident: str) -> int:
        """Not known."""
        return 0


NO_RECORDS = NoRecords()
_DEFAULTS = JudgementSettings()
_LINKED = {
    Attribution.LINKED_AT_END: 2,
    Attribution.LINKED_ELSEWHERE: 1,
    Attribution.URL_TEXT_ONLY: 1,
}
CONFIRMED_REASON = "confirmed"  # the code of the reason for counting a copy
PICTURE_REVIEW = "picture_review"  # of that for showing a picture to a person
# Common phrases of a headline stand in other articles too. Fewer of its runs than this outside of boxes, none of them
# longer than that, make no block of the page a part of a copy (``copy_location``), or less of it than the box holds.
_FEW_RUNS = 6
_SHORT_RUN = 7  # words
_MOSTLY = 0.5  # share of matched words in boxes above which the page itself does not carry the text


def decide_outcome(
    match: Match, attribution: Attribution, *, front: bool = False, picture_agrees: bool | None = None
) -> OutcomeDecision:
    """The outcome of a match and an attribution.

    Confirmed: a full or partial match, or the bulletin's picture, on a page that names or links us. The same without
    either is often common wire text and goes to review, as do excerpts, and pictures that a person has to look at
    (``picture_agrees`` false). A teaser is counted separately. ``front``: the page is its site's front page; some
    sites show whole articles there for a while, and only the article's own address counts.
    """
    if front and match in CARRIED | {Match.EXCERPT}:
        return OutcomeDecision(
            JudgementOutcome.REVIEW, ("front_page: the text stands on the site's front page, not on an article's",)
        )
    if match is Match.PICTURE:
        if not picture_agrees:
            return OutcomeDecision(JudgementOutcome.REVIEW, (f"{PICTURE_REVIEW}: a picture like ours; a person looks",))
        if attribution in NAMES_US:
            why = f"{CONFIRMED_REASON}: our picture, video or audio, and the page names or links us"
            return OutcomeDecision(JudgementOutcome.CONFIRMED, (why,))
        why = "review: our picture, video or audio without our name or link"
        return OutcomeDecision(JudgementOutcome.REVIEW, (why,))
    if match in {Match.FULL, Match.PARTIAL}:
        if attribution in NAMES_US:
            return OutcomeDecision(
                JudgementOutcome.CONFIRMED, (f"{CONFIRMED_REASON}: our text, and the page names or links us",)
            )
        return OutcomeDecision(
            JudgementOutcome.REVIEW, ("review: our text without our name or link; it may come from elsewhere",)
        )
    if match is Match.EXCERPT:
        return OutcomeDecision(JudgementOutcome.REVIEW, ("review: an excerpt",))
    if match is Match.TEASER:
        return OutcomeDecision(JudgementOutcome.TEASER, ("teaser: headline and lead only; counted apart",))
    return OutcomeDecision(JudgementOutcome.NOTHING, ("none: not our text",))


def counted_address(page: ParsedPage, profile: SiteProfile = PLAIN_PROFILE) -> str:
    """The address a page counts under: its ``rel=canonical`` if that is on the same site and not the front page, else
    its own. Raises ``Invalid`` when its own is invalid."""
    own = canonical_url(page.url, profile)
    if page.canonical is None or not same_site(page.url, page.canonical):
        return own
    try:
        declared = canonical_url(page.canonical, profile)
    except Invalid:
        return own
    # Some templates wrongly declare every page to be the front page, which would make a site one page.
    return own if is_front_page(declared) and declared != own else declared


def _is_outside_article(page: ParsedPage, bulletin: PreparedBulletin, match: Match, span: CopySpan | None) -> bool:
    """Whether the match is outside the page's article: mostly in menus, side columns or boxes of other articles, or in
    a list that links to the article itself.

    A whole text in such a box is a copy unless the page has more text elsewhere: some site builders call the element
    around everything a sidebar.
    """
    if span is None:
        return match in {Match.TEASER, Match.EXCERPT}
    if span.aside >= _MOSTLY:
        if match in {Match.TEASER, Match.EXCERPT}:
            return True
        elsewhere = sum(len(block.text) for block in page.blocks if block.region is PageRegion.MAIN)
        return elsewhere > 2 * (span.end - span.start)
    return match is Match.TEASER and _only_announces(page, bulletin, span)


def _only_announces(page: ParsedPage, bulletin: PreparedBulletin, span: CopySpan) -> bool:
    """Whether the bulletin's headline is a link to another page, as in a list of articles."""
    title = fold(bulletin.text[: int(bulletin.ends[bulletin.title - 1])]) if bulletin.title else ""
    if not title or title in fold(page.h1 or page.title):
        return False
    found = [
        link
        for link in page.links
        if (span.first - 2 <= link.block <= span.last or link.region is PageRegion.RELATED) and title in fold(link.text)
    ]
    return bool(found) and all(same_site(link.href, page.url) and not same_page(link.href, page.url) for link in found)


class _PageReader:
    """What a page says besides its text, read at most once for each place of a copy."""

    def __init__(
        self,
        page: ParsedPage,
        source_of: Callable[[str], OurSource],
        records: BulletinRecords,
        claims: Iterable[TimeClaim],
        first_seen: datetime | None,
        now: datetime | None,
    ) -> None:
        self._page, self._source_of, self._records = page, source_of, records
        self._claims, self._first_seen, self._now = tuple(claims), first_seen, now
        self._published: dict[CopySpan | None, PublicationTime | None] = {}

    @cached_property
    def finder(self) -> CopyFinder:
        """The words of the whole page."""
        return CopyFinder(self._page.body)

    def attribution(self, bulletin: PreparedBulletin, span: CopySpan | None) -> AttributionVerdict:
        """How the page names the source of a bulletin's copy."""

        is_other = partial(_is_other, self._records, bulletin.id)
        return judge_attribution(self._page, span, self._source_of(bulletin.id), is_other)

    def published(self, span: CopySpan | None) -> PublicationTime | None:
        """When the page was published."""
        if span not in self._published:
            self._published[span] = read_publication_time(
                self._page, span, claims=self._claims, first_seen=self._first_seen, now=self._now
            )
        return self._published[span]

    @property
    def linked(self) -> list[str]:
        """The bulletins that the page links, anywhere."""
        found = (self._records.bulletin_at(link.href) for link in self._page.links)
        return list(dict.fromkeys(ident for ident in found if ident is not None))

    @property
    def latest(self) -> datetime | None:
        """The latest moment at which the page can have been published, by its date."""
        published = self.published(None)
        return None if published is None else _latest(published)

    def evidence_of(self, bulletin: PreparedBulletin) -> CandidateEvidence:
        """What tells a bulletin from others of the same words."""
        span = self.finder.locate(bulletin)
        attribution = self.attribution(bulletin, span).attribution
        released, published = self._records.released_at(bulletin.id), self.published(span)
        lag = None
        if released is not None and published is not None:
            lag = _latest(published) - released
        return CandidateEvidence(_LINKED.get(attribution, 0), self._records.delivered(bulletin.id), lag)


def _latest(published: PublicationTime) -> datetime:
    """The last moment that a publication time, perhaps a date without an hour, may mean."""
    return published.at if published.exact else published.at + timedelta(hours=24)


def judge_candidates(
    page: ParsedPage,
    candidates: Sequence[PreparedBulletin],
    source_of: Callable[[str], OurSource],
    settings: JudgementSettings = _DEFAULTS,
    *,
    records: BulletinRecords = NO_RECORDS,
    siblings_of: Callable[[PreparedBulletin], Sequence[PreparedBulletin]] = lambda _: (),
    tokens: Tokens | None = None,
    claims: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
) -> list[Judgement]:
    """Judge a page against these bulletins; one judgement for each that it carries.

    ``source_of``: our source names and addresses for a bulletin's id. ``records``: what tells bulletins of the same
    words apart. ``siblings_of``: further bulletins like one whose figures the page does not have. ``claims``:
    publication times from feeds and sitemaps. ``now``: later claimed times are rejected. Teasers and excerpts in boxes
    beside the article are omitted, and texts with another day's figures that do not name us.

    Raises ``Invalid`` when the page's address is invalid.
    """
    address = counted_address(page, settings.profile)
    front = is_front_page(address)
    words = tokenize(page.text) if tokens is None else tokens
    if page.entries:
        return _judge_entries(page, candidates, source_of, settings, words, claims, first_seen, now, records)
    headline = page.h1 or page.title
    page_without_template = settings.template.without(page)
    reader = _PageReader(page_without_template, source_of, records, claims, first_seen, now)
    carried = PageMatches(candidates, settings.thresholds, headline, page.text, words, reader.evidence_of)
    others = [find.bulletin for find in carried.finds if find.figures in {FigureVerdict.OTHER, FigureVerdict.CHANGED}]
    known = {candidate.id for candidate in candidates}
    if others and (more := [bulletin for bulletin in siblings_of(others[0]) if bulletin.id not in known]):
        both = [*more, *candidates]
        carried = PageMatches(both, settings.thresholds, headline, page.text, words, reader.evidence_of)
    if not carried.finds:
        return []
    judged = []
    for find in carried.finds:
        small = find.match in {Match.TEASER, Match.EXCERPT}
        span = reader.finder.locate(find.bulletin, teaser=find.match is Match.TEASER, boxed=not small)
        if _is_outside_article(page, find.bulletin, find.match, span):
            continue
        attribution = reader.attribution(find.bulletin, span)
        if find.figures is FigureVerdict.OTHER and attribution.attribution not in NAMES_US:
            continue  # a text on the same template that does not say that it is ours
        decision = decide_outcome(find.match, attribution.attribution, front=front)
        if page_without_template is not page:
            why = "template: what all pages of the site carry that names or links us was left out; it is no source"
            decision = replace(decision, reasons=(*decision.reasons, why))
        if page.data_name:
            where = f"page_data: the text stands in the page's data ({page.data_name}), which only a script shows"
            decision = replace(decision, reasons=(*decision.reasons, where))
        if page.cut or page.body.cut:
            decision = replace(decision, reasons=(*decision.reasons, CUT_REASON))
        if _is_unread(page, span, attribution):
            decision = replace(decision, reasons=(*decision.reasons, UNREAD_STYLE_REASON))
        judged.append(
            Judgement(
                match=carried.verdict(find),
                attribution=attribution,
                published=reader.published(span),
                canonical_url=address,
                decision=decision,
            )
        )
    return judged


def _is_unread(page: ParsedPage, span: CopySpan | None, attribution: AttributionVerdict) -> bool:
    """Whether a style that was not understood may hide some of a copy, or its source line."""
    if span is None:
        return page.unread_styles
    places = set(span.own) or set(range(span.first, span.last + 1))
    if attribution.offset is not None and page.blocks:
        places.add(page.body.block_at(attribution.offset))
    return any(page.blocks[place].unread for place in places)


def _judge_entries(
    page: ParsedPage,
    candidates: Sequence[PreparedBulletin],
    source_of: Callable[[str], OurSource],
    settings: JudgementSettings,
    words: Tokens,
    claims: Iterable[TimeClaim],
    first_seen: datetime | None,
    now: datetime | None,
    records: BulletinRecords,
) -> list[Judgement]:
    """Judge each entry of a live blog as a page of its own, with its own source line; of several entries with one
    bulletin the one with most of it counts."""
    best: dict[str, Judgement] = {}
    claims = tuple(claims)
    for entry in page.entries:
        inside = (words.starts >= entry.start) & (words.ends <= entry.stop)
        tokens = Tokens(words.words[inside], words.starts[inside], words.ends[inside])
        part = ParsedPage(
            url=page.url, title=page.title, text=page.text, canonical=page.canonical, times=page.times, cut=page.cut,
            data_name=page.data_name, read_body=partial(entry_body, page.body, entry),
        )  # fmt: skip
        for judgement in judge_candidates(
            part, candidates, source_of, settings, records=records, tokens=tokens, claims=claims,
            first_seen=first_seen, now=now,
        ):  # fmt: skip
            known = best.get(judgement.bulletin)
            if known is None or judgement.match.share > known.match.share:
                best[judgement.bulletin] = judgement
    return list(best.values())


def may_carry(page: ParsedPage, candidates: CandidateSource, limits: Thresholds) -> bool:
    """Whether a bulletin may be anything on the page, by its words alone: of most pages this says that the article need
    not be separated from the rest.

    The main text has no words that the page does not have, and a class never rises when words are taken away. Teasers
    and excerpts in menus and boxes are omitted by ``judge_candidates`` too; those are looked for outside of them again.
    """
    words = tokenize(page.all_text).words
    found = candidates.lookup(lookup_hashes(words))
    if len(found) >= CANDIDATE_LIMIT:
        return True  # a bulletin that shares less with the page than these may share more with its main text
    whole, formulas = PageWords(words), CommonPhrases(found)
    announced = []  # the runs of those that are announced on the page, or quoted
    for prepared, look in zip(found, quick_match(found, whole, limits), strict=True):
        if may_be_dense(prepared, look.words, limits):
            return True
        match = look.highest
        if match is Match.FULL:
            places = whole.runs.places_of(prepared.cover)
            match, _, _ = classify(prepared, places, whole, limits)
            if match in {Match.FULL, Match.PARTIAL}:
                return True
            if formulas.own_excerpt(prepared, places, whole, limits, limits.own_excerpt) is not None:
                match = Match.EXCERPT
        if match is not Match.NONE:
            announced.append(prepared.cover[: prepared.lead] if match is Match.TEASER else prepared.cover)
    if not announced:
        return False
    outside = PageWords(tokenize(page.text_outside_boxes).words)
    left = map(outside.runs.places_of, announced)
    return any(array.size > _FEW_RUNS or (array.size and longest_stretch(array) > _SHORT_RUN) for array in left)


def judge_page(
    page: ParsedPage,
    candidates: CandidateSource,
    source_of: Callable[[str], OurSource],
    settings: JudgementSettings = _DEFAULTS,
    *,
    records: BulletinRecords = NO_RECORDS,
    claims: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
) -> list[Judgement]:
    """``judge_candidates`` with the candidates found by the page's fingerprint. Of more bulletins of the same words
    than are compared, those that the page links come first, then those released last before the page's date."""
    if not may_carry(page, candidates, settings.thresholds):
        return []
    tokens = tokenize(page.text)
    hashes = lookup_hashes(tokens.words)
    reader = _PageReader(page, source_of, records, claims, first_seen, now)
    found = candidates.lookup(hashes)
    if len(found) >= CANDIDATE_LIMIT:
        found = candidates.lookup(hashes, first=reader.linked, before=reader.latest)
    return judge_candidates(
        page,
        found,
        source_of,
        settings,
        records=records,
        siblings_of=lambda other: candidates.lookup(other.fingerprint, 1, before=reader.latest),
        tokens=tokens,
        claims=claims,
        first_seen=first_seen,
        now=now,
    )


def judge_media(
    page: ParsedPage,
    finds: Sequence[MediaFind],
    source_of: Callable[[str], OurSource],
    settings: JudgementSettings = _DEFAULTS,
    *,
    records: BulletinRecords = NO_RECORDS,
    claims: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
) -> list[Judgement]:
    """Judge a page by the pictures and players of ours that were found on it; arguments as in ``judge_candidates``.

    A frame with our player shows our name and leads to the bulletin, and a platform's player names our account, so that
    they name us where the page does not. Raises ``Invalid`` when the page's address is invalid."""
    address = counted_address(page, settings.profile)
    front = is_front_page(address)
    page_without_template = settings.template.without(page)
    reader = _PageReader(page_without_template, source_of, records, claims, first_seen, now)
    judged = []
    for find in finds:
        place = medium_at(find.address, page_without_template)
        span = medium_span(page_without_template.body, place) if place is not None else None
        attribution = _named_by_player(
            find,
            judge_attribution(
                page_without_template, span, source_of(find.bulletin), partial(_is_other, records, find.bulletin)
            ),
        )
        match = MatchVerdict(
            bulletin=find.bulletin, revision=find.revision, match=Match.PICTURE, share=find.share or 0.0,
            longest_run=0, title_kept=False, passages=(), pairs=(), reasons=(find.reason,),
        )  # fmt: skip
        decision = decide_outcome(Match.PICTURE, attribution.attribution, front=front, picture_agrees=find.agrees)
        judged.append(Judgement(match, attribution, reader.published(span), address, decision, find))
    return judged


def _named_by_player(find: MediaFind, attribution: AttributionVerdict) -> AttributionVerdict:
    linked = {Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE}
    if find.by is MediaWay.EMBED and find.framed and attribution.attribution not in linked:
        why = "player: the frame shows our name and links the bulletin"
        return AttributionVerdict(
            Attribution.LINKED_ELSEWHERE, source_link=find.address, reasons=(*attribution.reasons, why)
        )
    if find.by is MediaWay.UPLOAD and attribution.attribution not in NAMES_US:
        why = "player: the platform's player names our account"
        return AttributionVerdict(Attribution.NAMED_ONLY, source_link=find.address, reasons=(*attribution.reasons, why))
    return attribution


def _is_other(records: BulletinRecords, bulletin: str, url: str) -> bool:
    return records.bulletin_at(url) not in {None, bulletin}


def medium_at(url: str, page: ParsedPage) -> PagePicture | PagePlayer | None:
    """The picture or player of a page that may be had from an address; None where none is."""
    key = page_key(url) if url else None
    if key is None:
        return None
    media: tuple[PagePicture | PagePlayer, ...] = (*page.body.pictures, *page.body.players)
    return next((medium for medium in media if any(page_key(address) == key for address in medium.addresses)), None)
