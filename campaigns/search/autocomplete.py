"""Choosing one partner, site, channel or bulletin of many by a few letters, through the search index.

No function reads a whole table of partners or sites: each query uses an index and stops after the rows that are shown.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.vietnamese import nfc, slug, sort_key
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site, SiteKind, current_company_id
from campaigns.partners.licences import Licence
from campaigns.partners.social_addresses import SocialNetwork
from campaigns.search.index import IndexedKind
from campaigns.search.query import SearchQuery, parse_query
from campaigns.search.results import find_hits
from campaigns.search.words import words_of

MOST = 12  # suggestions at once, as many as are read at a glance


class PickableKind(Enum):
    """What a field offers, by its name in addresses."""

    PARTNER = "partner"
    SITE = "site"
    CHANNEL = "channel"
    BULLETIN = "bulletin"  # released ones
    FACEBOOK = "facebook"  # pages and accounts of one network, and so on
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    ZALO = "zalo"


_NETWORK_OF: Mapping[PickableKind, SocialNetwork] = {
    PickableKind.FACEBOOK: SocialNetwork.FACEBOOK,
    PickableKind.TIKTOK: SocialNetwork.TIKTOK,
    PickableKind.YOUTUBE: SocialNetwork.YOUTUBE,
    PickableKind.ZALO: SocialNetwork.ZALO,
}
ACCOUNTS_ON: Mapping[SocialNetwork, PickableKind] = {network: thing for thing, network in _NETWORK_OF.items()}
_ACCOUNTS_LOOKED_AT = 200  # sites that fit, of all kinds, among which a network's accounts are looked for


@dataclass(frozen=True)
class Suggestion:
    """One row that fits. ``note``: what distinguishes it from namesakes: host and tax code, or its owner."""

    number: int
    code: str
    name: str
    note: str


@dataclass(frozen=True)
class Suggestions:
    """The rows that fit, the best first. ``more``: whether others were left out."""

    rows: Sequence[Suggestion] = ()
    more: bool = False


def suggest(session: Session, thing: PickableKind, typed: str, *, most: int = MOST) -> Suggestions:
    """Suggestions while a person types: whole words first, then words that begin like the last one."""
    query = parse_query(typed)
    if not query:
        return Suggestions()
    exact = _exact_matches(session, thing, typed)
    if exact and "." in typed:  # a whole host: no other begins like it
        return _suggestions(session, thing, exact, most)
    first = [*exact, *_codes_beginning(session, thing, typed, most + 1)]
    return _suggestions(session, thing, _collect_numbers(session, thing, query, most + 1, first), most)


def look_up(session: Session, thing: PickableKind, typed: str, *, most: int = MOST) -> Suggestions:
    """The rows that may be meant by a submitted text; a single row is unambiguous.

    A code, a host, a licence number, or a whole name that only one row has means that row, although others begin like
    it. Otherwise rows that have all words come first, then rows whose words begin like them.
    """
    query = parse_query(typed)
    if not query:
        return Suggestions()
    exact = _exact_matches(session, thing, typed)
    if len(exact) == 1:
        return _suggestions(session, thing, exact, most)
    whole = _collect_numbers(session, thing, SearchQuery(query.terms, open=False), most + 1, exact)
    if named := _same_name(session, thing, whole, typed):
        return _suggestions(session, thing, named, most)
    begun = _codes_beginning(session, thing, typed, most + 1)
    found = whole or _collect_numbers(session, thing, query, most + 1, begun)
    return _suggestions(session, thing, found, most)


def find_by_codes(session: Session, thing: PickableKind, codes: Collection[str]) -> dict[str, Suggestion]:
    """The rows with these codes, by code; unknown codes are left out. A merged partner's former code leads to the
    partner it was merged into."""
    table = _TABLES[thing]
    number = sa.func.coalesce(Company.merged_into_id, Company.id) if thing is PickableKind.PARTNER else table.id
    numbers: dict[str, int] = {}
    wanted = sorted(set(codes) - {""})
    for start in range(0, len(wanted), 500):
        query = sa.select(table.code, number).where(table.code.in_(wanted[start : start + 500]))
        numbers.update({row[0]: row[1] for row in session.execute(query)})
    rows = _suggestions_by_number(session, thing, list(dict.fromkeys(numbers.values())))
    found = {row.number: row for row in rows}
    return {code: found[row_id] for code, row_id in numbers.items()}


def all_if_few(session: Session, thing: PickableKind, most: int) -> list[Suggestion] | None:
    """All rows by name; None when there are more than ``most``, too many for a list to choose from, and for bulletins,
    whose number grows every day."""
    if thing is PickableKind.BULLETIN:
        return None
    table = _TABLES[thing]
    numbers = session.execute(sa.select(table.id).where(*_is_usable(thing)).limit(most + 1)).scalars().all()
    if len(numbers) > most:
        return None
    rows = _suggestions_by_number(session, thing, numbers)
    by_owner = thing is PickableKind.CHANNEL
    return sorted(rows, key=lambda row: (row.note if by_owner else "", sort_key(row.name), row.number))


_TABLES: Mapping[PickableKind, Any] = {
    PickableKind.PARTNER: Company,
    PickableKind.SITE: Site,
    PickableKind.CHANNEL: Channel,
    PickableKind.BULLETIN: Bulletin,
    **dict.fromkeys(_NETWORK_OF, Site),
}


def _is_usable(thing: PickableKind) -> list[sa.ColumnElement[bool]]:
    if thing is PickableKind.PARTNER:
        return [COMPANY_IN_USE]
    if thing is PickableKind.BULLETIN:
        return [Bulletin.released.is_not(None)]
    if (network := _NETWORK_OF.get(thing)) is not None:
        return [Site.kind == SiteKind.SOCIAL, Site.host.startswith(f"{network.value}/", autoescape=True)]
    return [Channel.state != ChannelState.RETIRED] if thing is PickableKind.CHANNEL else []


def _exact_matches(session: Session, thing: PickableKind, typed: str) -> list[int]:
    """The rows whose code or whose host is what was typed."""
    table, text = _TABLES[thing], typed.strip()
    if thing is PickableKind.PARTNER:
        query = sa.select(Company.id).where(Company.id == current_company_id(text))
    else:
        query = sa.select(table.id).where(table.code == text, *_is_usable(thing))
    found = list(session.execute(query).scalars())
    if not found and table in {Company, Site} and "." in text:
        address = text.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
        column = Site.company_id if thing is PickableKind.PARTNER else Site.id
        # An account on a social network is a site by its name there (``facebook.com/sotttt``).
        for host in dict.fromkeys((address, address.split("/")[0])):
            hosts = sa.select(column).where(Site.host == host)
            if thing in _NETWORK_OF:
                hosts = hosts.where(*_is_usable(thing))
            found = found or list(session.execute(hosts).scalars())
    return found


def _codes_beginning(session: Session, thing: PickableKind, typed: str, most: int) -> list[int]:
    """Channels whose codes begin like what was typed; channels have no search documents."""
    begun = slug(typed)
    if thing is not PickableKind.CHANNEL or not begun:
        return []
    query = sa.select(Channel.id).where(Channel.code.startswith(begun, autoescape=True), *_is_usable(thing))
    return list(session.execute(query.order_by(Channel.code).limit(most)).scalars())


def _collect_numbers(
    session: Session, thing: PickableKind, query: SearchQuery, most: int, first: Iterable[int]
) -> list[int]:
    """At most ``most`` primary keys: from ``first``, then from each search until there are enough."""
    found = dict.fromkeys(first)
    for search in _SEARCHES[thing]:
        if len(found) >= most:
            break
        found.update(dict.fromkeys(search(session, query, most)))
    return list(found)[:most]


def _hits(session: Session, kind: IndexedKind, query: SearchQuery, most: int) -> list[int]:
    return [hit.number for hit in find_hits(session, kind, query, most=most).rows]


def _companies(session: Session, query: SearchQuery, most: int) -> list[int]:
    return _hits(session, IndexedKind.COMPANY, query, most)


def _owners(kind: IndexedKind, table: type[Site] | type[Licence]) -> Callable[[Session, SearchQuery, int], list[int]]:
    """A search for the companies of the sites, or of the licences, that fit, in the order of these."""

    def find(session: Session, query: SearchQuery, most: int) -> list[int]:
        numbers = _hits(session, kind, query, most)
        rows = session.execute(sa.select(table.id, table.company_id).where(table.id.in_(numbers)))
        owner = {row[0]: row[1] for row in rows}
        return list(dict.fromkeys(owner[number] for number in numbers if number in owner))

    return find


def _sites(session: Session, query: SearchQuery, most: int) -> list[int]:
    return _hits(session, IndexedKind.SITE, query, most)


def _sites_of_companies(session: Session, query: SearchQuery, most: int) -> list[int]:
    companies = _companies(session, query, most)
    sites = sa.select(Site.id).where(Site.company_id.in_(companies)).order_by(Site.id).limit(most)
    return list(session.execute(sites).scalars())


def _accounts_on(thing: PickableKind) -> Callable[[Session, SearchQuery, int], list[int]]:
    """A search for the accounts of one network, by their own names and by those of their companies."""

    def find(session: Session, query: SearchQuery, most: int) -> list[int]:
        numbers = _sites(session, query, _ACCOUNTS_LOOKED_AT)
        companies = _companies(session, query, _ACCOUNTS_LOOKED_AT)
        wanted = sa.or_(Site.id.in_(numbers), Site.company_id.in_(companies))
        rows = set(session.execute(sa.select(Site.id).where(wanted, *_is_usable(thing))).scalars())
        return [number for number in dict.fromkeys((*numbers, *sorted(rows))) if number in rows][:most]

    return find


def _released_bulletins(session: Session, query: SearchQuery, most: int) -> list[int]:
    numbers = _hits(session, IndexedKind.BULLETIN, query, most)
    released = sa.select(Bulletin.id).where(Bulletin.id.in_(numbers), *_is_usable(PickableKind.BULLETIN))
    kept = set(session.execute(released).scalars())
    return [number for number in numbers if number in kept]


def _own_channels(session: Session, query: SearchQuery, most: int) -> list[int]:
    """The department's own accounts: few rows without search documents, compared one by one."""
    channels = sa.select(Channel.id, Channel.name, Channel.code).where(
        Channel.company_id.is_(None), Channel.state != ChannelState.RETIRED
    )
    wanted = [word.folded for term in query.terms for word in term.words]
    last = len(wanted) - 1
    found = []
    for number, name, code in session.execute(channels.order_by(Channel.name, Channel.id)):
        words = [word.folded for word in words_of(f"{name} {code}")]
        if all(
            any(word.startswith(folded) if query.open and place == last else word == folded for word in words)
            for place, folded in enumerate(wanted)
        ):
            found.append(number)
    return found[:most]


def _channels_of_companies(session: Session, query: SearchQuery, most: int) -> list[int]:
    companies = _collect_numbers(session, PickableKind.PARTNER, query, most, ())
    channels = sa.select(Channel.id).where(Channel.company_id.in_(companies), Channel.state != ChannelState.RETIRED)
    return list(session.execute(channels.order_by(Channel.name, Channel.id).limit(most)).scalars())


_SEARCHES: Mapping[PickableKind, Sequence[Callable[[Session, SearchQuery, int], list[int]]]] = {
    PickableKind.PARTNER: (_companies, _owners(IndexedKind.SITE, Site), _owners(IndexedKind.LICENCE, Licence)),
    PickableKind.SITE: (_sites, _sites_of_companies),
    PickableKind.CHANNEL: (_own_channels, _channels_of_companies),
    PickableKind.BULLETIN: (_released_bulletins,),
    **{thing: (_accounts_on(thing),) for thing in _NETWORK_OF},
}


def _same_name(session: Session, thing: PickableKind, numbers: Sequence[int], typed: str) -> list[int]:
    """The rows among these whose whole name was typed, with or without marks."""
    table = _TABLES[thing]
    wanted = [word.folded for word in words_of(nfc(typed))]
    query = (
        sa.select(table.id, table.name).where(table.id.in_(numbers))
        if thing is not PickableKind.BULLETIN
        else (_bulletin_titles(Bulletin.id, Revision.title).where(Bulletin.id.in_(numbers)))
    )
    same = {row[0] for row in session.execute(query) if [word.folded for word in words_of(row[1])] == wanted}
    return [number for number in numbers if number in same]


def _suggestions(session: Session, thing: PickableKind, numbers: Sequence[int], most: int) -> Suggestions:
    return Suggestions(_suggestions_by_number(session, thing, numbers[:most]), len(numbers) > most)


def _suggestions_by_number(session: Session, thing: PickableKind, numbers: Sequence[int]) -> list[Suggestion]:
    """The suggestions of these rows in their order, in one or two statements."""
    if not numbers:
        return []
    if thing is PickableKind.PARTNER:
        found = _partners(session, numbers)
    elif _TABLES[thing] is Site:
        sites = sa.select(Site.id, Site.code, Site.name, Site.host).where(Site.id.in_(numbers))
        found = _suggestions_of(session, sites)
    elif thing is PickableKind.BULLETIN:
        titles = _bulletin_titles(Bulletin.id, Bulletin.code, Revision.title, Bulletin.code)
        found = _suggestions_of(session, titles.where(Bulletin.id.in_(numbers)))
    else:
        query = sa.select(Channel.id, Channel.code, Channel.name, Company.name)
        query = query.outerjoin(Company, Company.id == Channel.company_id)
        found = _suggestions_of(session, query.where(Channel.id.in_(numbers)))
    return [found[number] for number in numbers if number in found]


def _bulletin_titles(*columns: Any) -> sa.Select[Any]:
    shown = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released)
    return sa.select(*columns).join_from(Bulletin, Revision, shown)


def _suggestions_of(session: Session, query: Any) -> dict[int, Suggestion]:
    return {row[0]: Suggestion(row[0], row[1], row[2], row[3] or "") for row in session.execute(query)}


def _partners(session: Session, numbers: Sequence[int]) -> dict[int, Suggestion]:
    hosts: dict[int, str] = {}
    query = sa.select(Site.company_id, Site.host).where(Site.company_id.in_(numbers)).order_by(Site.id)
    for company, host in session.execute(query):
        hosts.setdefault(company, host)
    columns: tuple[Any, ...] = (Company.id, Company.code, Company.name, Company.tax_code)
    return {
        number: Suggestion(number, code, name, " · ".join(part for part in (hosts.get(number), tax_code) if part))
        for number, code, name, tax_code in session.execute(sa.select(*columns).where(Company.id.in_(numbers)))
    }
