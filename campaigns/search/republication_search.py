"""The republications that words lead to: through their own text, their bulletin's text, or their site's name."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.vietnamese import slug
from campaigns.partners.directory import Site
from campaigns.republications.republications import Republication
from campaigns.search.index import IndexedKind, index_match, subject_matches
from campaigns.search.query import parse_query

# Republications that are read to be counted and sorted; more of them are soon met in the order of any list.
MOST_GATHERED = 1000


@dataclass(frozen=True)
class MatchingCopies:
    """``condition``: on ``Republication``. ``few``: whether a list can afford to count them."""

    condition: sa.ColumnElement[bool]
    few: bool


def matching_copies(session: Session, typed: str) -> MatchingCopies:
    """The republications whose own words (headline, author, address), whose bulletin's or whose site's words match the
    query; and those of sites whose name or code contains what was typed, since hosts are often remembered in part.

    Uses one statement, which stops after ``MOST_GATHERED`` rows.
    """
    query = parse_query(typed)
    names = [sa.func.lower(Site.name).contains(typed.lower(), autoescape=True)]
    if short := slug(typed):
        names.append(Site.code.contains(short, autoescape=True))
    sites: sa.Select[int] | sa.CompoundSelect[int] = sa.select(Site.id).where(sa.or_(*names))
    words: dict[IndexedKind, sa.Select[int]] = {}
    if query:
        match = index_match(session, query)
        for kind in (IndexedKind.SITE, IndexedKind.COPY):
            found = sa.select(match.key - kind.first).select_from(match.table)
            words[kind] = found.where(match.begun, match.of_kind(kind))
        sites = sa.union(sites, words[IndexedKind.SITE])
    few = [sa.select(Republication.id).where(Republication.site_id.in_(sites))]
    # "+ 0" keeps the database from using an index: each republication is checked in the order of the list.
    many: list[sa.ColumnElement[bool]] = [(Republication.site_id + 0).in_(sites)]
    if query:
        # A join and not a list of the bulletins: a word that stands in most of them would all be listed first.
        bulletin = match.key - IndexedKind.BULLETIN.first
        few += [
            sa.select(Republication.id)
            .join(match.table, Republication.bulletin_id == bulletin)
            .where(match.begun, match.of_kind(IndexedKind.BULLETIN)),
            words[IndexedKind.COPY],
        ]
        many += [
            subject_matches(session, match, IndexedKind.BULLETIN, Republication.bulletin_id),
            subject_matches(session, match, IndexedKind.COPY, Republication.id),
        ]
    gathered = list(session.execute(sa.union_all(*few).limit(MOST_GATHERED + 1)).scalars())
    if len(gathered) <= MOST_GATHERED:
        return MatchingCopies(Republication.id.in_(sorted(set(gathered))), few=True)
    return MatchingCopies(sa.or_(*many), few=False)
