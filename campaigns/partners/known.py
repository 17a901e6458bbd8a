"""What is known of the directory while a register is gone through: every company, and what a few entries may touch."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.bulk import among
from campaigns.core.errors import Invalid
from campaigns.core.journal import Entry
from campaigns.partners.directory import Company, Site, host_key
from campaigns.partners.licences import Licence
from campaigns.partners.reckoning import Book
from campaigns.partners.register import RegisterEntry
from campaigns.partners.spelling import company_key

ASKED_AT_ONCE = 2000  # numbers or hosts a statement
WRITTEN = "register.written"  # the act of a turn of an import
MERGED = "partner.merged"
_NAMING = ("partner.added", "partner.changed", MERGED, WRITTEN)  # acts after which a name may be somebody else's
# And those after which an entry may come to something else.
_WRITING = (*_NAMING, "licence.added", "licence.changed", "site.added", "site.changed")


class Overtaken(Exception):
    """Somebody else has written into the directory while it was being gone through: to be begun again."""


class KnownCompanies:
    """Who is in the directory, by name and tax code; where two have the same, the one that came last.

    Read once, and after that only who came since: names are compared by a key, which no database can do. Whether others
    have named anybody in the meantime is told by the journal; then all is read again.
    """

    def __init__(self, run: str = "") -> None:
        self._run = run  # the import whose own acts are no news
        self._said: dict[int, str] = {}  # names as they are written
        self._names: dict[str, int] = {}
        self._taxes: dict[str, int] = {}
        self._codes: dict[int, str] = {}  # the other way round
        self._last, self._seq = 0, -1  # of the companies read, and of the journal when they were

    def by_tax(self, tax_code: str) -> int | None:
        """Whose tax code it is."""
        return self._taxes.get(tax_code)

    def by_name(self, key: str) -> int | None:
        """Whose name it is, by what names are compared by."""
        return self._names.get(key)

    def tax(self, ident: int) -> str | None:
        """Its tax code."""
        return self._codes.get(ident)

    def name(self, ident: int) -> str:
        """How it is called. Raises ``Overtaken``."""
        if ident not in self._said:
            raise Overtaken(f"company {ident} has come since the directory was read")
        return self._said[ident]

    def catch_up(self, session: Session) -> None:
        """Know who is there now."""
        news = sa.select(Entry.seq).where(
            Entry.seq > self._seq, Entry.act.in_(_NAMING), sa.or_(Entry.act != WRITTEN, Entry.subject != self._run)
        )
        # The end of the journal first: what is written after it is news the next time.
        seq, _hash = journal.end_of(session)
        if self._seq >= 0 and session.execute(news.limit(1)).first() is not None:
            self._said, self._names, self._taxes, self._codes, self._last = {}, {}, {}, {}, 0
        self._seq = seq
        columns = (Company.id, Company.name, Company.tax_code, Company.merged_into_id)
        query = sa.select(*columns).where(Company.id > self._last)
        # Those that were merged first: their names and tax codes are the other one's, unless somebody has them now.
        for ident, name, tax, into in session.execute(query.order_by(Company.merged_into_id.is_(None), Company.id)):
            self._last = max(self._last, ident)
            self._names[company_key(name)] = into or ident
            if tax:
                self._taxes[tax] = into or ident
            if into is None:
                self._said[ident] = name
                if tax:
                    self._codes[ident] = tax

    def moved(self, session: Session) -> bool:
        """Whether anybody has written into the directory since it was caught up with."""
        news = sa.select(Entry.seq).where(Entry.seq > self._seq, Entry.act.in_(_WRITING))
        return session.execute(news.limit(1)).first() is not None


def look_up(session: Session, book: Book, entries: Sequence[RegisterEntry]) -> None:
    """Write into the book what the directory has of the numbers and hosts of these entries. What the book has already
    stays: it may be what became of it since."""
    numbers = dict.fromkeys(one.licence_number for one in entries)
    for some in _in_parts(list(numbers)):
        held = sa.select(Licence.number, Licence.company_id, Licence.domains)
        for number, owner, domains in session.execute(held.where(among(session, Licence.number, some))):
            book.licences.setdefault(number, (owner, tuple(domains)))
    hosts = dict.fromkeys(host for one in entries for domain in one.domains for host in _host(domain))
    for some in _in_parts(list(hosts)):
        taken = sa.select(Site.host, Site.company_id)
        for host, owner in session.execute(taken.where(among(session, Site.host, some))):
            book.sites.setdefault(host, owner)


def _host(domain: str) -> Iterator[str]:
    try:
        yield host_key(f"http://{domain}")
    except Invalid:
        return  # its entry is refused


def _in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), ASKED_AT_ONCE):
        yield values[start : start + ASKED_AT_ONCE]
