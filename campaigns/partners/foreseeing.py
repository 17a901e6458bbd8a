"""What an import of the register would do, found out by reading alone: nobody who writes is held up by a check."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.partners.enrolling import Enrolled
from campaigns.partners.known import KnownCompanies, look_up
from campaigns.partners.reckoning import Book, reckon
from campaigns.partners.register import RegisterEntry, RejectedRow

AT_ONCE = 2000  # entries looked up together


def foresee(session: Session, entries: Sequence[RegisterEntry], *, now: datetime) -> Enrolled:
    """What ``enrol`` would answer now: the same counts, the same entries rejected."""
    known = KnownCompanies()
    known.catch_up(session)
    book = Book(known)
    today = city_day(now)
    companies = licences = sites = unchanged = 0
    rejected: list[RejectedRow] = []
    for start in range(0, len(entries), AT_ONCE):
        some = entries[start : start + AT_ONCE]
        look_up(session, book, some)
        done = reckon(book, some, today)
        companies += len(done.companies)
        licences += done.changed
        sites += len(done.sites)
        unchanged += done.unchanged
        rejected.extend(done.rejected)
    return Enrolled(companies, licences, sites, unchanged, tuple(rejected))
