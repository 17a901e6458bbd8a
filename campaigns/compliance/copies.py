"""What is asked of one copy of a bulletin (R2-R10): pure, over what the product keeps of it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.compliance.faults import LONGEST, Fault
from campaigns.compliance.parameters import Checker
from campaigns.core.vietnamese import slug
from campaigns.tracking.attribution import Attribution
from campaigns.tracking.republications import TOLD_TO

# Where no machine and no person saw us named. ``home_page_only`` and ``url_text_only`` name us by our address.
_UNNAMED = frozenset({Attribution.NONE, Attribution.NAMED_OTHER_SOURCE})
_LINKED = frozenset({Attribution.LINKED_AT_END, Attribution.LINKED_ELSEWHERE})


@dataclass(frozen=True)
class Paper:
    """A licence or an agreement of the site's company. ``holds``: whether it was good for the site on the day in
    question; ``until``: its last day, None without one; ``names``: what it is for, empty for everything."""

    number: str
    holds: bool
    until: dt.date | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carried:
    """One copy as its newest evidence shows it, on ``day``, the day it appeared (or, for R10, on which it should have
    been gone). ``published_at``: as the page or the site's feed tells it, ``dated``: whether the page itself does;
    ``first_seen_at``: when we first saw it; ``checked_at``: when it was last seen to stand there; ``up``: whether it
    still does."""

    day: dt.date
    attribution: Attribution
    source_name: str
    source_text: str
    link_position: float | None
    author: str
    title: str
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
    licences: Sequence[Paper]
    agreements: Sequence[Paper]


def _source_named(copy: Carried, _set: Mapping[str, Any]) -> Fault | None:
    if copy.attribution not in _UNNAMED:
        return None
    if copy.attribution is Attribution.NAMED_OTHER_SOURCE:
        values = {"name": copy.source_name}
        return Fault("other_source", values, slug(copy.source_name)[:100], copy.source_text[:LONGEST])
    return Fault("unnamed", excerpt=copy.source_text[:LONGEST])


def _source_linked(copy: Carried, set_: Mapping[str, Any]) -> Fault | None:
    match copy.attribution:
        case Attribution.LINKED_AT_END:
            return None
        case Attribution.LINKED_ELSEWHERE:
            if not set_["at_end"]:
                return None
            return Fault("not_at_end", {"position": copy.link_position}, excerpt=copy.source_text[:LONGEST])
        case Attribution.HOME_PAGE_ONLY:
            code = "home_page_only"
        case Attribution.URL_TEXT_ONLY:
            code = "url_text_only"
        case _:
            code = "no_link"
    return Fault(code, excerpt=copy.source_text[:LONGEST])


def _signed(copy: Carried, set_: Mapping[str, Any]) -> Fault | None:
    lacks = [name for name, there in (("time", copy.dated), ("author", copy.author)) if set_[name] and not there]
    if not lacks:
        return None
    return Fault("_".join(f"no_{name}" for name in lacks), excerpt=copy.title[:LONGEST])


def _not_early(copy: Carried, set_: Mapping[str, Any]) -> Fault | None:
    """By the page's own time, or by ours where we saw it sooner. Pages cut the seconds off: a minute is allowed."""
    seen = copy.first_seen_at
    appeared = min(seen, copy.published_at + TOLD_TO) if copy.published_at is not None else seen
    values: dict[str, Any] = {
        "appeared": min(seen, copy.published_at or seen).isoformat(),
        "released": copy.released_at.isoformat(),
    }
    if appeared <= copy.released_at:
        values["minutes"] = _minutes(copy.released_at - appeared)
        return Fault("before_release", values, excerpt=copy.title[:LONGEST])
    if set_["agreement_waives"] and any(one.holds for one in copy.agreements):
        return None
    delay = dt.timedelta(minutes=set_["delay_minutes"])
    # What was first seen after the delay, on a page without a time, may have appeared sooner: no proof of anything.
    if appeared >= copy.released_at + delay:
        return None
    values |= {"minutes": _minutes(appeared - copy.released_at), "wanted": set_["delay_minutes"]}
    return Fault("too_soon", values, excerpt=copy.title[:LONGEST])


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)


def _verbatim(copy: Carried, set_: Mapping[str, Any]) -> Fault | None:
    if copy.share >= set_["least_share"]:
        return None
    return Fault(
        "not_verbatim", {"share": round(copy.share, 4), "least": set_["least_share"]}, excerpt=copy.title[:LONGEST]
    )


def _names(paper: Paper, copy: Carried) -> bool:
    """Whether a paper is for everything, or names the bulletin's topic by its code or in words."""
    return not paper.names or bool({copy.topic, slug(copy.topic_name)} & {slug(word) for word in paper.names})


def _in_scope(copy: Carried, _set: Mapping[str, Any]) -> Fault | None:
    """Only against a licence that holds: without one there is no scope to be outside of (R9)."""
    good = [one for one in copy.licences if one.holds]
    if not good or any(_names(one, copy) for one in good):
        return None
    values = {"number": good[0].number, "scope": "; ".join(good[0].names), "topic": copy.topic_name}
    return Fault("out_of_scope", values, f"{good[0].number}/{copy.topic}", copy.title[:LONGEST])


def _agreed(copy: Carried, _set: Mapping[str, Any]) -> Fault | None:
    good = [one for one in copy.agreements if one.holds]
    if any(_names(one, copy) for one in good):
        return None
    if good:
        values = {"number": good[0].number, "topic": copy.topic_name}
        return Fault("agreement_other_topic", values, f"{good[0].number}/{copy.topic}", copy.title[:LONGEST])
    if (last := _last_ended(copy.agreements, copy.day)) is not None:
        return Fault("agreement_ended", _ended(last), last.number, copy.title[:LONGEST])
    return Fault("no_agreement", excerpt=copy.title[:LONGEST])


def _licensed(copy: Carried, set_: Mapping[str, Any]) -> Fault | None:
    if any(one.holds for one in copy.licences):
        return None
    if (last := _last_ended(copy.licences, copy.day)) is not None:
        return Fault("licence_ended", _ended(last), last.number, copy.title[:LONGEST])
    # A register that was never brought in lacks everybody's licences; that says nothing of anybody.
    return Fault("no_licence", excerpt=copy.title[:LONGEST]) if set_["none_at_all"] else None


def _last_ended(papers: Sequence[Paper], day: dt.date) -> Paper | None:
    ended = [(one.until, one.number, one) for one in papers if one.until is not None and one.until < day]
    return max(ended)[2] if ended else None


def _ended(paper: Paper) -> dict[str, str]:
    return {"number": paper.number, "ended": paper.until.isoformat() if paper.until is not None else ""}


def _taken_down(copy: Carried, set_: Mapping[str, Any]) -> Fault | None:
    if copy.recalled_at is None or not copy.up:
        return None
    over = copy.checked_at - copy.recalled_at
    if over <= dt.timedelta(minutes=set_["minutes"]):
        return None
    values = {"minutes": _minutes(over), "wanted": set_["minutes"], "recalled": copy.recalled_at.isoformat()}
    return Fault("still_up", values, excerpt=copy.title[:LONGEST])


Asking = Callable[[Carried, Mapping[str, Any]], Fault | None]
# Of the text that a page carries, and of the papers behind the site it stands on.
OF_TEXT: Mapping[Checker, Asking] = {
    Checker.SOURCE_NAMED: _source_named,
    Checker.SOURCE_LINKED: _source_linked,
    Checker.SIGNED: _signed,
    Checker.NOT_EARLY: _not_early,
    Checker.VERBATIM: _verbatim,
    Checker.IN_SCOPE: _in_scope,
}
OF_PAPERS: Mapping[Checker, Asking] = {Checker.AGREED: _agreed, Checker.LICENSED: _licensed}
OF_RECALL: Mapping[Checker, Asking] = {Checker.TAKEN_DOWN: _taken_down}
