"""The kinds of background work, in one literal table: how each is claimed, carried out, and given up on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from campaigns.core.ledger import Claim
from coordinator.jobs import (
    accounts,
    alarms,
    broadcasting,
    check_pages,
    deliver,
    inspecting,
    letters,
    look,
    mention,
    posts,
    read_counts,
    registering,
    sendings,
    survey,
    tell,
)
from coordinator.jobs.workplace import Workplace


@dataclass(frozen=True)
class Kind:
    """``claim`` leases up to so many due rows; ``act`` carries one through and settles it; ``broken`` settles one whose
    act raised something unforeseen, so that it is tried again later and never for ever in a row. ``at_once``: how many
    one thread claims together; one where a row may take its whole deadline, so that none waits behind a slow host."""

    claim: Callable[[Workplace, int], list[Claim]]
    act: Callable[[Workplace, Claim], None]
    broken: Callable[[Workplace, Claim, BaseException], None]
    at_once: int = 8


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "deliver": Kind(deliver.claim, deliver.act, deliver.broken),
        "broadcast": Kind(broadcasting.claim, broadcasting.act, broadcasting.broken, at_once=1),
        "account": Kind(accounts.claim, accounts.act, accounts.broken, at_once=1),
        "tell": Kind(tell.claim, tell.act, tell.broken),
        "look": Kind(look.claim, look.act, look.broken, at_once=1),
        "check": Kind(check_pages.claim, check_pages.act, check_pages.broken, at_once=1),
        "count": Kind(read_counts.claim, read_counts.act, read_counts.broken),
        "mention": Kind(mention.claim, mention.act, mention.broken, at_once=1),
        "letter": Kind(letters.claim, letters.act, letters.broken, at_once=1),
        "alarm": Kind(alarms.claim, alarms.act, alarms.broken, at_once=1),
        "report": Kind(sendings.claim, sendings.act, sendings.broken, at_once=1),
        "post": Kind(posts.claim, posts.act, posts.broken, at_once=1),
        "register": Kind(registering.claim, registering.act, registering.broken, at_once=1),
        "inspect": Kind(inspecting.claim, inspecting.act, inspecting.broken, at_once=1),
        "survey": Kind(survey.claim, survey.act, survey.broken, at_once=1),
    }
)
