"""Choosing one of many by a few letters: partners, sites and channels, from the index of words.

Nothing here reads a whole directory: every question is answered by an index and ends after as many rows as are shown.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.vietnamese import nfc, slug, sort_key
from campaigns.partners.directory import IN_USE, Company, Site, numbered
from campaigns.partners.licences import Licence
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.searching.asking import Asked, ask
from campaigns.searching.choosing import index_of
from campaigns.searching.index import Kind, Tier
from campaigns.searching.words import words_of

MOST = 12  # offered at once: what is read at a glance; whoever wants another types a letter more


class Thing(Enum):
    """What can be picked, by its name in addresses."""

    PARTNER = "partner"
    SITE = "site"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Offer:
    """One that fits. ``note``: what tells it from its likes: a host and a tax code, or whose it is."""

    number: int
    code: str
    name: str
    note: str


@dataclass(frozen=True)
class Offers:
    """Those that fit, the best first. ``more``: there are others that are not among them."""

    rows: Sequence[Offer] = ()
    more: bool = False


def suggest(session: Session, thing: Thing, typed: str, *, most: int = MOST) -> Offers:
    """What to show while somebody types: whole words first, then those that begin like the last one."""
    asked = ask(typed)
    if not asked:
        return Offers()
    exact = _exactly(session, thing, typed)
    if exact and "." in typed:  # a whole host: nothing else begins like it
        return _offers(session, thing, exact, most)
    first = [*exact, *_begun_codes(session, thing, typed, most + 1)]
    return _offers(session, thing, _gathered(session, thing, asked, most + 1, first), most)


def look_up(session: Session, thing: Thing, typed: str, *, most: int = MOST) -> Offers:
    """What somebody meant who typed this and sent it. One row: no doubt is left.

    A code, a host, a licence number, or a whole name that only one has is that one, though others begin like it; else
    whose words all fit; else those that begin like it.
    """
    asked = ask(typed)
    if not asked:
        return Offers()
    exact = _exactly(session, thing, typed)
    if len(exact) == 1:
        return _offers(session, thing, exact, most)
    whole = _gathered(session, thing, Asked(asked.terms, open=False), most + 1, exact)
    if named := _same_name(session, thing, whole, typed):
        return _offers(session, thing, named, most)
    begun = _begun_codes(session, thing, typed, most + 1)
    found = whole or _gathered(session, thing, asked, most + 1, begun)
    return _offers(session, thing, found, most)


def named(session: Session, thing: Thing, codes: Collection[str]) -> dict[str, Offer]:
    """The ones with these codes, by the code that was asked for; what nobody has is left out. A partner's former code
    leads to the partner it is now."""
    table = _TABLES[thing]
    number = sa.func.coalesce(Company.merged_into_id, Company.id) if thing is Thing.PARTNER else table.id
    numbers: dict[str, int] = {}
    wanted = sorted(set(codes) - {""})
    for start in range(0, len(wanted), 500):
        query = sa.select(table.code, number).where(table.code.in_(wanted[start : start + 500]))
        numbers.update({row[0]: row[1] for row in session.execute(query)})
    found = {one.number: one for one in _shown(session, thing, list(dict.fromkeys(numbers.values())))}
    return {code: found[one] for code, one in numbers.items()}


def few(session: Session, thing: Thing, most: int) -> list[Offer] | None:
    """Every one by name, None when there are more than ``most``: then nobody reads down a list of them."""
    table = _TABLES[thing]
    numbers = session.execute(sa.select(table.id).where(*_usable(thing)).limit(most + 1)).scalars().all()
    if len(numbers) > most:
        return None
    shown = _shown(session, thing, numbers)
    return sorted(shown, key=lambda one: (one.note if thing is Thing.CHANNEL else "", sort_key(one.name), one.number))


_TABLES: Mapping[Thing, Any] = {Thing.PARTNER: Company, Thing.SITE: Site, Thing.CHANNEL: Channel}


def _usable(thing: Thing) -> list[sa.ColumnElement[bool]]:
    if thing is Thing.PARTNER:
        return [IN_USE]
    return [Channel.state != ChannelState.RETIRED] if thing is Thing.CHANNEL else []


def _exactly(session: Session, thing: Thing, typed: str) -> list[int]:
    """Those whose code, or whose host, is what was typed."""
    table, text = _TABLES[thing], typed.strip()
    if thing is Thing.PARTNER:
        query = sa.select(Company.id).where(Company.id == numbered(text))
    else:
        query = sa.select(table.id).where(table.code == text, *_usable(thing))
    found = list(session.execute(query).scalars())
    if not found and thing is not Thing.CHANNEL and "." in text:
        host = text.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").split("/")[0]
        column = Site.company_id if thing is Thing.PARTNER else Site.id
        found = list(session.execute(sa.select(column).where(Site.host == host)).scalars())
    return found


def _begun_codes(session: Session, thing: Thing, typed: str, most: int) -> list[int]:
    """Channels whose codes begin like what was typed: a code is a name without marks, and theirs are in no index."""
    begun = slug(typed)
    if thing is not Thing.CHANNEL or not begun:
        return []
    query = sa.select(Channel.id).where(Channel.code.startswith(begun, autoescape=True), *_usable(thing))
    return list(session.execute(query.order_by(Channel.code).limit(most)).scalars())


def _gathered(session: Session, thing: Thing, asked: Asked, most: int, first: Iterable[int]) -> list[int]:
    """Numbers without repeats, at most so many, in the order of the ways of fitting; a way is asked only when those
    before it left room."""
    found = dict.fromkeys(first)
    for way in _WAYS[thing]:
        if len(found) >= most:
            break
        found.update(dict.fromkeys(way(session, asked, most)))
    return list(found)[:most]


def _hits(session: Session, kind: Kind, asked: Asked, most: int) -> list[int]:
    """The newest subjects of a kind that fit: as typed in the headline before all others. Each question stops at the
    last row it can use, so that a word that everybody has costs no more than a rare one."""
    index = index_of(session)
    between = (index.key > kind.first, index.key <= kind.last)

    def keys(fits: sa.ColumnElement[bool]) -> list[int]:
        query = sa.select(index.key).where(fits, *between).order_by(index.key.desc()).limit(most)
        return [key - kind.first for key in session.execute(query).scalars()]

    found = dict.fromkeys(keys(index.tiers(asked)[Tier.EXACT_HEAD]))
    if len(found) < most:
        found.update(dict.fromkeys(keys(index.found(asked))))
    return list(found)[:most]


def _companies(session: Session, asked: Asked, most: int) -> list[int]:
    return _hits(session, Kind.COMPANY, asked, most)


def _owners(kind: Kind, table: type[Site] | type[Licence]) -> Callable[[Session, Asked, int], list[int]]:
    """The companies of the sites, or of the licences, that fit; in their order."""

    def find(session: Session, asked: Asked, most: int) -> list[int]:
        numbers = _hits(session, kind, asked, most)
        query = sa.select(table.id, table.company_id).where(table.id.in_(numbers))
        owner = {row[0]: row[1] for row in session.execute(query)}
        return list(dict.fromkeys(owner[one] for one in numbers if one in owner))

    return find


def _sites(session: Session, asked: Asked, most: int) -> list[int]:
    return _hits(session, Kind.SITE, asked, most)


def _sites_of_companies(session: Session, asked: Asked, most: int) -> list[int]:
    companies = _companies(session, asked, most)
    query = sa.select(Site.id).where(Site.company_id.in_(companies)).order_by(Site.id).limit(most)
    return list(session.execute(query).scalars())


def _own_channels(session: Session, asked: Asked, most: int) -> list[int]:
    """The department's own accounts are few, and their names stand in no index."""
    query = sa.select(Channel.id, Channel.name, Channel.code).where(
        Channel.company_id.is_(None), Channel.state != ChannelState.RETIRED
    )
    wanted = [word.folded for term in asked.terms for word in term.words]
    found = []
    for number, name, code in session.execute(query.order_by(Channel.name, Channel.id)):
        words = [word.folded for word in words_of(f"{name} {code}")]
        last = len(wanted) - 1
        if all(
            any(word.startswith(one) if asked.open and place == last else word == one for word in words)
            for place, one in enumerate(wanted)
        ):
            found.append(number)
    return found[:most]


def _channels_of_companies(session: Session, asked: Asked, most: int) -> list[int]:
    companies = _gathered(session, Thing.PARTNER, asked, most, ())
    query = sa.select(Channel.id).where(Channel.company_id.in_(companies), Channel.state != ChannelState.RETIRED)
    return list(session.execute(query.order_by(Channel.name, Channel.id).limit(most)).scalars())


_WAYS: Mapping[Thing, Sequence[Callable[[Session, Asked, int], list[int]]]] = {
    Thing.PARTNER: (_companies, _owners(Kind.SITE, Site), _owners(Kind.LICENCE, Licence)),
    Thing.SITE: (_sites, _sites_of_companies),
    Thing.CHANNEL: (_own_channels, _channels_of_companies),
}


def _same_name(session: Session, thing: Thing, numbers: Sequence[int], typed: str) -> list[int]:
    """Those among these whose whole name was typed, marks and case aside."""
    table = _TABLES[thing]
    wanted = [word.folded for word in words_of(nfc(typed))]
    query = sa.select(table.id, table.name).where(table.id.in_(numbers))
    same = {row[0] for row in session.execute(query) if [word.folded for word in words_of(row[1])] == wanted}
    return [one for one in numbers if one in same]


def _offers(session: Session, thing: Thing, numbers: Sequence[int], most: int) -> Offers:
    return Offers(_shown(session, thing, numbers[:most]), len(numbers) > most)


def _shown(session: Session, thing: Thing, numbers: Sequence[int]) -> list[Offer]:
    """These in their order, in one or two statements; none for nothing."""
    if not numbers:
        return []
    if thing is Thing.PARTNER:
        told = _partners(session, numbers)
    elif thing is Thing.SITE:
        told = _told(session, sa.select(Site.id, Site.code, Site.name, Site.host).where(Site.id.in_(numbers)))
    else:
        query = sa.select(Channel.id, Channel.code, Channel.name, Company.name)
        query = query.outerjoin(Company, Company.id == Channel.company_id)
        told = _told(session, query.where(Channel.id.in_(numbers)))
    return [told[one] for one in numbers if one in told]


def _told(session: Session, query: Any) -> dict[int, Offer]:
    return {row[0]: Offer(row[0], row[1], row[2], row[3] or "") for row in session.execute(query)}


def _partners(session: Session, numbers: Sequence[int]) -> dict[int, Offer]:
    hosts: dict[int, str] = {}
    query = sa.select(Site.company_id, Site.host).where(Site.company_id.in_(numbers)).order_by(Site.id)
    for company, host in session.execute(query):
        hosts.setdefault(company, host)
    columns: tuple[Any, ...] = (Company.id, Company.code, Company.name, Company.tax_code)
    return {
        number: Offer(number, code, name, " · ".join(part for part in (hosts.get(number), tax_code) if part))
        for number, code, name, tax_code in session.execute(sa.select(*columns).where(Company.id.in_(numbers)))
    }
