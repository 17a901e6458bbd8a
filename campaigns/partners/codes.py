"""Free codes for many names at once: what a partner or a site is called in addresses and the API."""

from collections import Counter
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from campaigns.core.bulk import among
from campaigns.core.vietnamese import slug

LONGEST = 50  # characters made of a name; a number may follow
NAMELESS = "doi-tac"  # of a name without a letter that an address can have
ASKED_AT_ONCE = 2000  # codes a statement
SPARE = 8  # numbers looked at beyond those that are needed: some are likely to be taken


def free_codes(session: Session, column: InstrumentedAttribute[str], wanted: Sequence[str]) -> list[str]:
    """A code for each of these names, in their order: its letters and digits, or those with the least number from 2 on
    that neither the table nor a name before it has. What is asked of the database does not grow with the table."""
    bases = [slug(one)[:LONGEST] or NAMELESS for one in wanted]
    counts = Counter(bases)
    asked: set[str] = set(counts)
    taken = _taken(session, column, counts)
    crowded = [base for base, count in counts.items() if count > 1 or base in taken]
    likely = {f"{base}-{number}" for base in crowded for number in range(2, counts[base] + SPARE)} - asked
    taken |= _taken(session, column, likely)
    asked |= likely
    following: dict[str, int] = {}
    codes = []
    for base in bases:
        code = base
        if base in taken:
            number = following.get(base, 2)
            while (code := f"{base}-{number}") in taken or code not in asked:
                if code in asked:
                    number += 1
                else:  # twice as far each time, so that a name which thousands have is asked for a few times
                    more = {f"{base}-{other}" for other in range(number, 2 * number + SPARE)} - asked
                    taken |= _taken(session, column, more)
                    asked |= more
            following[base] = number + 1
        taken.add(code)
        codes.append(code)
    return codes


def _taken(session: Session, column: InstrumentedAttribute[str], codes: Collection[str]) -> set[str]:
    found: set[str] = set()
    ordered = sorted(codes)
    for start in range(0, len(ordered), ASKED_AT_ONCE):
        some = ordered[start : start + ASKED_AT_ONCE]
        found |= set(session.execute(sa.select(column).where(among(session, column, some))).scalars())
    return found
