"""The copies that words lead to: by what the copy itself says, by the bulletin it carries, by the site it stands on."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.vietnamese import slug
from campaigns.partners.directory import Site
from campaigns.searching.asking import ask
from campaigns.searching.choosing import index_of
from campaigns.searching.index import Kind
from campaigns.tracking.republications import Republication

FEW = 1000  # copies that are gathered, to be counted and put in order; more are soon met in the order of any list


@dataclass(frozen=True)
class Reached:
    """``condition``: on ``Republication``. ``few``: whether they are so few that whoever lists them can count them."""

    condition: sa.ColumnElement[bool]
    few: bool


def copies(session: Session, typed: str) -> Reached:
    """The copies whose own words (headline, author, address), whose bulletin's or whose site's hold all that was typed,
    as the search reads it; and those of sites with it inside their name or code, as hosts are often remembered.

    One statement, which stops looking beyond ``FEW``.
    """
    asked, index = ask(typed), index_of(session)
    names = [sa.func.lower(Site.name).contains(typed.lower(), autoescape=True)]
    if short := slug(typed):
        names.append(Site.code.contains(short, autoescape=True))
    sites: sa.Select[int] | sa.CompoundSelect[int] = sa.select(Site.id).where(sa.or_(*names))
    words: dict[Kind, sa.Select[int]] = {}
    if asked:
        for kind in (Kind.BULLETIN, Kind.SITE, Kind.COPY):
            within = sa.and_(index.key > kind.first, index.key <= kind.last)
            words[kind] = sa.select(index.key - kind.first).select_from(index.table).where(index.found(asked), within)
        sites = sa.union(sites, words[Kind.SITE])
    few = [sa.select(Republication.id).where(Republication.site_id.in_(sites))]
    # The same as asked of each copy in the order of a list, and never gathered first: hence "+ 0".
    many = [(Republication.site_id + 0).in_(sites)]
    if asked:
        of_bulletins, own = words[Kind.BULLETIN], words[Kind.COPY]
        few += [sa.select(Republication.id).where(Republication.bulletin_id.in_(of_bulletins)), own]
        many += [(Republication.bulletin_id + 0).in_(of_bulletins), (Republication.id + 0).in_(own)]
    gathered = list(session.execute(sa.union_all(*few).limit(FEW + 1)).scalars())
    if len(gathered) <= FEW:
        return Reached(Republication.id.in_(sorted(set(gathered))), few=True)
    return Reached(sa.or_(*many), few=False)
