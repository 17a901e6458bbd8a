"""What a page amounts to: which bulletins it carries, how it names their source, since when, and what follows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from campaigns.core.errors import Invalid
from campaigns.tracking.attribution import NAMES_US, Attribution, AttributionVerdict, OurSource, judge_attribution
from campaigns.tracking.candidates import Candidates
from campaigns.tracking.dating import Published, published
from campaigns.tracking.fingerprints import Tokens, fold, looked_up, tokenize
from campaigns.tracking.locating import Finder, Span
from campaigns.tracking.matching import DEFAULT_THRESHOLDS, Carried, Match, MatchVerdict, Thresholds
from campaigns.tracking.pages import CUT, ParsedPage, Region, TimeClaim
from campaigns.tracking.prepared import PreparedBulletin
from campaigns.tracking.urls import PLAIN, SiteProfile, canonical_url, is_front_page, same_page, same_site


class Outcome(Enum):
    """What follows from a judgement. The first two are republications' states; the others make no republication."""

    CONFIRMED = "confirmed"  # counted
    REVIEW = "review"  # a person decides
    TEASER = "teaser"  # counted apart
    NOTHING = "none"


@dataclass(frozen=True)
class Decision:
    """An outcome and why."""

    outcome: Outcome
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """One bulletin on one page, judged."""

    match: MatchVerdict
    attribution: AttributionVerdict
    published: Published | None
    canonical_url: str
    decision: Decision

    @property
    def bulletin(self) -> str:
        """The bulletin's id, as it was prepared."""
        return self.match.bulletin

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that was decided, in order."""
        return (*self.match.reasons, *self.attribution.reasons, *self.decision.reasons)


@dataclass(frozen=True)
class JudgingSettings:
    """``thresholds`` of matching; ``profile`` of the page's site."""

    thresholds: Thresholds = DEFAULT_THRESHOLDS
    profile: SiteProfile = PLAIN


_DEFAULTS = JudgingSettings()
_MOSTLY = 0.5  # of what was found in boxes: the page does not carry it, its boxes do


def decide(match: Match, attribution: Attribution, *, front: bool = False) -> Decision:
    """What a match and an attribution amount to.

    Confirmed: full or partial, and the page names or links us. The same text without either is often common wire text,
    so a person looks; so for excerpts, whatever they name. A teaser is counted apart. ``front``: the page is its site's
    front page. Some sites show whole articles there for a while; each has an address of its own, which is what counts.
    """
    if front and match in {Match.FULL, Match.PARTIAL, Match.EXCERPT}:
        return Decision(Outcome.REVIEW, ("front_page: the text stands on the site's front page, not on an article's",))
    if match in {Match.FULL, Match.PARTIAL}:
        if attribution in NAMES_US:
            return Decision(Outcome.CONFIRMED, ("confirmed: our text, and the page names or links us",))
        return Decision(Outcome.REVIEW, ("review: our text without our name or link; it may come from elsewhere",))
    if match is Match.EXCERPT:
        return Decision(Outcome.REVIEW, ("review: an excerpt",))
    if match is Match.TEASER:
        return Decision(Outcome.TEASER, ("teaser: headline and lead only; counted apart",))
    return Decision(Outcome.NOTHING, ("none: not our text",))


def canonical_of(page: ParsedPage, profile: SiteProfile = PLAIN) -> str:
    """The address a page counts under: its ``rel=canonical`` when that lies on the same site and is not the front page,
    else its own. Raises ``Invalid`` when its own is no address."""
    own = canonical_url(page.url, profile)
    if page.canonical is None or not same_site(page.url, page.canonical):
        return own
    try:
        declared = canonical_url(page.canonical, profile)
    except Invalid:
        return own
    # Templates that declare every page to be the front page are a known fault; they would make a site one page.
    return own if is_front_page(declared) and declared != own else declared


def _is_beside(page: ParsedPage, bulletin: PreparedBulletin, match: Match, span: Span | None) -> bool:
    """Whether what was found is not what the page is about: it stands mostly in menus, side columns or boxes of other
    articles, or in a list that links to the article itself.

    A whole text in such a box is a copy all the same, unless the page has more to read elsewhere: some builders call
    the element that holds everything a sidebar.
    """
    if span is None:
        return match in {Match.TEASER, Match.EXCERPT}
    if span.aside >= _MOSTLY:
        if match in {Match.TEASER, Match.EXCERPT}:
            return True
        elsewhere = sum(len(one.text) for one in page.blocks if one.region is Region.MAIN)
        return elsewhere > 2 * (span.end - span.start)
    return match is Match.TEASER and _only_announces(page, bulletin, span)


def _only_announces(page: ParsedPage, bulletin: PreparedBulletin, span: Span) -> bool:
    """Whether the bulletin's headline is a link to another page, as in a list of articles."""
    title = fold(bulletin.text[: int(bulletin.ends[bulletin.title - 1])]) if bulletin.title else ""
    if not title or title in fold(page.h1 or page.title):
        return False
    found = [link for link in page.links if span.first - 2 <= link.block <= span.last and title in fold(link.text)]
    return bool(found) and all(same_site(link.href, page.url) and not same_page(link.href, page.url) for link in found)


def judge_candidates(
    page: ParsedPage,
    candidates: Sequence[PreparedBulletin],
    source_of: Callable[[str], OurSource],
    settings: JudgingSettings = _DEFAULTS,
    *,
    tokens: Tokens | None = None,
    told: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
) -> list[Judgement]:
    """Judge a page against these bulletins; one judgement for each it carries, none for a page that carries none.

    ``source_of``: what counts as ours for a bulletin's id. ``told``: publication times of feeds and sitemaps. ``now``:
    claimed times after it are not believed. Teasers and excerpts that stand in boxes beside the article are left out.
    Raises ``Invalid`` when the page's address is none.
    """
    address = canonical_of(page, settings.profile)
    front = is_front_page(address)
    words = tokenize(page.text) if tokens is None else tokens
    carried = Carried(candidates, settings.thresholds, page.h1 or page.title, words)
    if not carried.finds:
        return []
    finder = Finder(page.body)
    judged = []
    for find in carried.finds:
        small = find.match in {Match.TEASER, Match.EXCERPT}
        span = finder.locate(find.bulletin, whole=find.match is Match.TEASER, boxed=not small)
        if _is_beside(page, find.bulletin, find.match, span):
            continue
        attribution = judge_attribution(page, span, source_of(find.bulletin.id))
        decision = decide(find.match, attribution.attribution, front=front)
        if page.cut or page.body.cut:
            decision = replace(decision, reasons=(*decision.reasons, CUT))
        judged.append(
            Judgement(
                match=carried.verdict(find),
                attribution=attribution,
                published=published(page, span, told=told, first_seen=first_seen, now=now),
                canonical_url=address,
                decision=decision,
            )
        )
    return judged


def judge(
    page: ParsedPage,
    candidates: Candidates,
    source_of: Callable[[str], OurSource],
    settings: JudgingSettings = _DEFAULTS,
    *,
    told: Iterable[TimeClaim] = (),
    first_seen: datetime | None = None,
    now: datetime | None = None,
) -> list[Judgement]:
    """``judge_candidates`` with the candidates looked up by the page's own fingerprint."""
    tokens = tokenize(page.text)
    found = candidates.lookup(looked_up(tokens.words))
    return judge_candidates(page, found, source_of, settings, tokens=tokens, told=told, first_seen=first_seen, now=now)
