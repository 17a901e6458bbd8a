"""What of each kind can be found: a head, which weighs more, and a body. Read from the rows, in one place."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.bulk import Added, among
from campaigns.partners.directory import IN_USE, Company, Site
from campaigns.partners.licences import Licence
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.searching.index import Kind, Row, row_of
from campaigns.tracking.republications import Republication

NUMBERS: dict[Kind, InstrumentedAttribute[int]] = {
    Kind.BULLETIN: Bulletin.id,
    Kind.SITE: Site.id,
    Kind.COMPANY: Company.id,
    Kind.LICENCE: Licence.id,
    Kind.COPY: Republication.id,
}

# The columns each kind is found by; a change of any other leaves the index as it is.
COLUMNS: dict[Kind, frozenset[str]] = {
    Kind.BULLETIN: frozenset({"code", "latest"}),
    Kind.SITE: frozenset({"name", "host", "code", "url"}),
    Kind.COMPANY: frozenset({"name", "code", "tax_code", "contact", "merged_into_id"}),
    Kind.LICENCE: frozenset({"number", "issuer", "domains", "scope"}),
    Kind.COPY: frozenset({"headline", "author", "canonical_url"}),
}


_NEWEST = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
_READ: dict[Kind, tuple[Any, ...]] = {
    Kind.BULLETIN: (Bulletin.id, Bulletin.code, Revision.title, Revision.lead, Revision.body_text),
    Kind.SITE: (Site.id, Site.name, Site.host, Site.code, Site.url),
    Kind.COMPANY: (Company.id, Company.name, Company.tax_code, Company.code, Company.contact),
    Kind.LICENCE: (Licence.id, Licence.number, Licence.issuer, Licence.domains, Licence.scope),
    Kind.COPY: (Republication.id, Republication.headline, Republication.author, Republication.canonical_url),
}


def _select(kind: Kind) -> sa.Select[Any]:
    query = sa.select(*_READ[kind])
    if kind is Kind.COMPANY:
        return query.where(IN_USE)
    return query.join(Revision, _NEWEST) if kind is Kind.BULLETIN else query


def _row(kind: Kind, told: Sequence[Any]) -> Row:
    """``told``: the columns of ``_READ``."""
    if kind is Kind.BULLETIN:
        number, code, title, lead, text = told
        head, body = f"{title}\n{code}", f"{lead}\n{text}"
    elif kind is Kind.SITE:
        number, name, host, code, url = told
        head, body = f"{name}\n{host}", f"{code}\n{url}"
    elif kind is Kind.COMPANY:
        number, head, tax_code, code, contact = told
        body = f"{tax_code or ''}\n{code}\n{contact}"
    elif kind is Kind.LICENCE:
        number, head, issuer, domains, scope = told
        body = "\n".join((issuer, *domains, *scope))
    else:
        number, head, author, url = told
        # An address's words are as often its headline as anything else: /tin/phong-chong-dich-123.html.
        body = f"{author}\n{unquote(url)}"
    return row_of(kind, number, head, body)


def rows_added(kind: Kind, added: Added, but: Collection[int]) -> Iterator[Row]:
    """What is to be kept about subjects that were just added, in the order of their keys: told by what was written, not
    read again. Not about those whose number is in ``but``."""
    names = [column.key for column in _READ[kind][1:]]
    same = added.same
    for number, row in zip(added.numbers, added.rows, strict=True):
        if number not in but:
            yield _row(kind, (number, *[row[name] if name in row else same[name] for name in names]))


def rows_of(session: Session, kind: Kind, numbers: Collection[int]) -> Sequence[Row]:
    """What is to be kept about these subjects now; nothing for one that is no longer there."""
    found: list[Row] = []
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        query = _select(kind).where(among(session, NUMBERS[kind], wanted[start : start + 500]))
        found += [_row(kind, one) for one in session.connection().execute(query)]
    return found


def some_after(session: Session, kind: Kind, number: int, most: int, *, held: bool = False) -> Sequence[Row]:
    """The next subjects after this number, at most so many. ``held``: nobody changes them before the transaction
    ends."""
    query = _select(kind).where(NUMBERS[kind] > number).order_by(NUMBERS[kind]).limit(most)
    if held:
        query = query.with_for_update(read=True)
    return [_row(kind, one) for one in session.connection().execute(query)]


def every(session: Session, kind: Kind, most: int = 1000) -> Iterator[Sequence[Row]]:
    """All subjects of a kind, some at a time, in the order of their keys."""
    after = 0
    while rows := some_after(session, kind, after, most):
        yield rows
        after = rows[-1].key - kind.first
