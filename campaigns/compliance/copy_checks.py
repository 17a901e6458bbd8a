"""Checks of one copy of a bulletin (R2-R10): pure functions of its stored facts."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.compliance.rule_parameters import LONGEST_EXCERPT, Checker, Fault
from campaigns.core.vietnamese import slug
from campaigns.matching.classification import Match
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import TIME_GRANULARITY

# Neither the machine nor a person saw our name. ``home_page_only`` and ``url_text_only`` name us by our address.
_UNNAMED = frozenset({Attribution.NONE, Attribution.NAMED_OTHER_SOURCE})


@dataclass(frozen=True)
class PartnerDocument:
    """A licence or an agreement of the site's company. ``holds``: whether it was in force for the site on the day in
    question; ``until``: its last day, None without one; ``names``: the topics it covers, empty for all;
    ``delay_minutes``: the delay that an agreement asks for, 0 for none."""

    number: str
    holds: bool
    until: dt.date | None
    names: tuple[str, ...] = ()
    delay_minutes: int = 0


@dataclass(frozen=True)
class CopyFacts:
    """One copy as its newest evidence shows it, on ``day``: the day it appeared or, for R10, the day by which it
    should have been removed. ``published_at``: from the page or the site's feed, ``dated``: whether from the page
    itself; ``first_seen_at``: when we first saw it; ``checked_at``: when it was last seen online; ``up``: whether it
    still is."""

    day: dt.date
    attribution: Attribution
    source_name: str
    source_text: str
    link_position: float | None
    author: str
    title: str
    match: Match
    share: float
    topic: str
    topic_name: str
    released_at: dt.datetime
    published_at: dt.datetime | None
    dated: bool
    first_seen_at: dt.datetime
    recalled_at: dt.datetime | None
    checked_at: dt.datetime
    up: bool
    licences: Sequence[PartnerDocument]
    agreements: Sequence[PartnerDocument]


def _source_named(copy: CopyFacts, _set: Mapping[str, Any]) -> Fault | None:
    if copy.attribution not in _UNNAMED:
        return None
    if copy.attribution is Attribution.NAMED_OTHER_SOURCE:
        facts = {"name": copy.source_name}
        return Fault("other_source", facts, slug(copy.source_name)[:100], copy.source_text[:LONGEST_EXCERPT])
    return Fault("unnamed", excerpt=copy.source_text[:LONGEST_EXCERPT])


def _source_linked(copy: CopyFacts, set_: Mapping[str, Any]) -> Fault | None:
    match copy.attribution:
        case Attribution.LINKED_AT_END:
            return None
        case Attribution.LINKED_ELSEWHERE:
            if not set_["at_end"]:
                return None
            return Fault("not_at_end", {"position": copy.link_position}, excerpt=copy.source_text[:LONGEST_EXCERPT])
        case Attribution.HOME_PAGE_ONLY:
            code = "home_page_only"
        case Attribution.URL_TEXT_ONLY:
            code = "url_text_only"
        case _:
            code = "no_link"
    return Fault(code, excerpt=copy.source_text[:LONGEST_EXCERPT])


def _author_named(copy: CopyFacts, set_: Mapping[str, Any]) -> Fault | None:
    lacks = [name for name, present in (("time", copy.dated), ("author", copy.author)) if set_[name] and not present]
    if not lacks:
        return None
    return Fault("_".join(f"no_{name}" for name in lacks), excerpt=copy.title[:LONGEST_EXCERPT])


def _not_early(copy: CopyFacts, set_: Mapping[str, Any]) -> Fault | None:
    """Uses the page's own time, or ours when we saw it sooner. Pages truncate seconds, so one minute is tolerated.

    The delay is the longer one of the rule's and those of the agreements in force for the bulletin's topic."""
    seen = copy.first_seen_at
    appeared = min(seen, copy.published_at + TIME_GRANULARITY) if copy.published_at is not None else seen
    facts: dict[str, Any] = {
        "appeared": min(seen, copy.published_at or seen).isoformat(),
        "released": copy.released_at.isoformat(),
    }
    if appeared <= copy.released_at:
        facts["minutes"] = _minutes(copy.released_at - appeared)
        return Fault("before_release", facts, excerpt=copy.title[:LONGEST_EXCERPT])
    holding = [document for document in copy.agreements if document.holds]
    general = 0 if set_["agreement_waives"] and holding else set_["delay_minutes"]
    agreed = max(
        (document for document in holding if _covers_topic(document, copy)),
        key=lambda document: document.delay_minutes,
        default=None,
    )
    wanted = max(general, agreed.delay_minutes if agreed is not None else 0)
    delay = dt.timedelta(minutes=wanted)
    # A page without a time that was first seen after the delay may have appeared sooner; this proves nothing.
    if appeared >= copy.released_at + delay:
        return None
    facts |= {"minutes": _minutes(appeared - copy.released_at), "wanted": wanted}
    if agreed is not None and wanted > general:
        facts["agreement"] = agreed.number
    return Fault("too_soon", facts, excerpt=copy.title[:LONGEST_EXCERPT])


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)


def _text_unchanged(copy: CopyFacts, _set: Mapping[str, Any]) -> Fault | None:
    """Whether the copy is a full one: the thresholds are those of matching, so that no page calls a copy full that the
    rule accuses. A picture has no text to change."""
    if copy.match in {Match.FULL, Match.PICTURE}:
        return None
    return Fault("not_verbatim", {"share": round(copy.share, 4)}, excerpt=copy.title[:LONGEST_EXCERPT])


def _covers_topic(paper: PartnerDocument, copy: CopyFacts) -> bool:
    """Whether a document covers all topics, or names the bulletin's topic by its code or its name."""
    return not paper.names or bool({copy.topic, slug(copy.topic_name)} & {slug(word) for word in paper.names})


def _within_licence_scope(copy: CopyFacts, _set: Mapping[str, Any]) -> Fault | None:
    """Compares with licences in force only: without one there is no scope (R9 reports that)."""
    good = [document for document in copy.licences if document.holds]
    if not good or any(_covers_topic(document, copy) for document in good):
        return None
    facts = {"number": good[0].number, "scope": "; ".join(good[0].names), "topic": copy.topic_name}
    return Fault("out_of_scope", facts, f"{good[0].number}/{copy.topic}", copy.title[:LONGEST_EXCERPT])


def _agreement_in_force(copy: CopyFacts, _set: Mapping[str, Any]) -> Fault | None:
    good = [document for document in copy.agreements if document.holds]
    if any(_covers_topic(document, copy) for document in good):
        return None
    if good:
        facts = {"number": good[0].number, "topic": copy.topic_name}
        return Fault("agreement_other_topic", facts, f"{good[0].number}/{copy.topic}", copy.title[:LONGEST_EXCERPT])
    if (last := _last_ended(copy.agreements, copy.day)) is not None:
        return Fault("agreement_ended", _ended(last), last.number, copy.title[:LONGEST_EXCERPT])
    return Fault("no_agreement", excerpt=copy.title[:LONGEST_EXCERPT])


def _licence_in_force(copy: CopyFacts, set_: Mapping[str, Any]) -> Fault | None:
    if any(document.holds for document in copy.licences):
        return None
    if (last := _last_ended(copy.licences, copy.day)) is not None:
        return Fault("licence_ended", _ended(last), last.number, copy.title[:LONGEST_EXCERPT])
    # A register that was never imported has no licences at all; that is not evidence against anybody.
    return Fault("no_licence", excerpt=copy.title[:LONGEST_EXCERPT]) if set_["none_at_all"] else None


def _last_ended(documents: Sequence[PartnerDocument], day: dt.date) -> PartnerDocument | None:
    ended = [
        (document.until, document.number, document)
        for document in documents
        if document.until is not None and document.until < day
    ]
    return max(ended)[2] if ended else None


def _ended(paper: PartnerDocument) -> dict[str, str]:
    return {"number": paper.number, "ended": paper.until.isoformat() if paper.until is not None else ""}


def _taken_down(copy: CopyFacts, set_: Mapping[str, Any]) -> Fault | None:
    if copy.recalled_at is None or not copy.up:
        return None
    over = copy.checked_at - copy.recalled_at
    if over <= dt.timedelta(minutes=set_["minutes"]):
        return None
    facts = {"minutes": _minutes(over), "wanted": set_["minutes"], "recalled": copy.recalled_at.isoformat()}
    return Fault("still_up", facts, excerpt=copy.title[:LONGEST_EXCERPT])


CopyCheck = Callable[[CopyFacts, Mapping[str, Any]], Fault | None]
# Checks of the copy's text, and of the documents of its site's company.
TEXT_CHECKS: Mapping[Checker, CopyCheck] = {
    Checker.SOURCE_NAMED: _source_named,
    Checker.SOURCE_LINKED: _source_linked,
    Checker.SIGNED: _author_named,
    Checker.NOT_EARLY: _not_early,
    Checker.VERBATIM: _text_unchanged,
    Checker.IN_SCOPE: _within_licence_scope,
}
DOCUMENT_CHECKS: Mapping[Checker, CopyCheck] = {
    Checker.AGREED: _agreement_in_force,
    Checker.LICENSED: _licence_in_force,
}
RECALL_CHECKS: Mapping[Checker, CopyCheck] = {Checker.TAKEN_DOWN: _taken_down}
