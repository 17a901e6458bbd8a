"""The index on PostgreSQL: two vectors a row under the ``simple`` configuration, found through GIN.

Words of the head carry the weight A. The vectors are written out here, as the ``simple`` configuration would make them
of words that are ASCII letters and digits: the server need not look for words again, and its locale has no say.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from campaigns.searching.asking import Asked
from campaigns.searching.index import Row, Tier
from campaigns.searching.words import SEAM, Indexed

_EXACT, _FOLDED = "exact", "folded"
_AT_ONCE = 250  # rows a statement


class VectorIndex:
    """Words in the table ``search_index``."""

    table = sa.table(
        "search_index",
        sa.column("id", sa.BigInteger), sa.column("mark", sa.String),
        sa.column("exact", TSVECTOR), sa.column("folded", TSVECTOR),
    )  # fmt: skip
    key = table.c.id
    mark = table.c.mark
    in_one_pass = True

    _put = (
        "INSERT INTO search_index (id, mark, exact, folded)"
        " SELECT key, mark, CAST(exact AS tsvector), CAST(folded AS tsvector)"
        " FROM unnest(CAST(string_to_array(%s, ',') AS bigint[]), string_to_array(%s, '|'), string_to_array(%s, '|'),"
        " string_to_array(%s, '|')) AS given (key, mark, exact, folded) ORDER BY key"
        " ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, exact = excluded.exact, folded = excluded.folded"
    )

    def put(self, session: Session, rows: Iterable[Row]) -> None:
        """Keep these rows. In the order of their keys, so that two writers never wait for each other in a ring.

        The driver sends some while the server is still busy with those before: their words are told meanwhile.
        """
        connection = session.connection()
        error: type[Exception] = connection.dialect.loaded_dbapi.Error
        try:
            driver: Any = connection.connection
            with driver.cursor() as cursor:
                cursor.executemany(self._put, _blocks(rows))
        except error as why:
            raise sa.exc.DBAPIError.instance(self._put, None, why, error, hide_parameters=True) from why

    def drop(self, session: Session, keys: Collection[int]) -> None:
        """Forget these keys."""
        if keys:
            session.connection().execute(sa.delete(self.table).where(self.key.in_(sorted(keys))))

    def found(self, asked: Asked) -> sa.ColumnElement[bool]:
        """Every row that fits."""
        return self._match(_FOLDED, _wanted(asked, _FOLDED, begun=asked.open))

    def tiers(self, asked: Asked) -> Mapping[Tier, sa.ColumnElement[bool]]:
        """The rows of each tier."""
        exact_head = self._match(_EXACT, _wanted(asked, _EXACT, head=True))
        exact = self._match(_EXACT, _wanted(asked, _EXACT))
        folded_head = self._match(_FOLDED, _wanted(asked, _FOLDED, head=True))
        folded = self._match(_FOLDED, _wanted(asked, _FOLDED))
        made = {
            Tier.EXACT_HEAD: exact_head,
            Tier.EXACT: sa.and_(exact, sa.not_(exact_head)),
            Tier.FOLDED_HEAD: sa.and_(folded_head, sa.not_(exact)),
            Tier.FOLDED: sa.and_(folded, sa.not_(exact), sa.not_(folded_head)),
        }
        if asked.open:
            begun = self._match(_FOLDED, _wanted(asked, _FOLDED, begun=True))
            made[Tier.BEGUN] = sa.and_(begun, sa.not_(folded))
        return made

    def _match(self, form: str, wanted: str) -> sa.ColumnElement[bool]:
        return self.table.c[form].bool_op("@@")(sa.cast(wanted, TSQUERY))

    def sound(self, session: Session) -> str | None:
        """PostgreSQL keeps its indexes itself and has no such check."""
        del session
        return None


def _blocks(rows: Iterable[Row]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for so many statements: a column of them is one string, which the server cuts up."""
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        vectors = [_vectors(row.words) for row in some]
        exact, folded = "|".join([one for one, _other in vectors]), "|".join([other for _one, other in vectors])
        yield ",".join([str(row.key) for row in some]), "|".join([row.mark for row in some]), exact, folded


def _vectors(words: Indexed) -> tuple[str, str]:
    exact = _vector(words.exact_head, words.exact_body)
    if words.folded_head == words.exact_head and words.folded_body == words.exact_body:  # an address, as a rule
        return exact, exact
    return exact, _vector(words.folded_head, words.folded_body)


def _vector(head: str, body: str) -> str:
    """Written words as PostgreSQL reads a vector: ``word:3A`` with the place where it stands and the weight of the
    head; a word may come again. They are ASCII letters and digits, so that none needs quotation marks; there are no
    more of them than a vector has places for (``words``)."""
    first = head.split()
    parts = [f"{word}:{place}A" for place, word in enumerate(first, start=1)]
    parts += [f"{word}:{place}" for place, word in enumerate([SEAM, *body.split()], start=len(first) + 1)]
    return " ".join(parts)


def _wanted(asked: Asked, form: str, *, head: bool = False, begun: bool = False) -> str:
    """What PostgreSQL is asked. The words are ASCII letters and digits, so nothing in them can be an operator."""
    last = asked.terms[-1].words[-1] if begun else None
    weight = "A" if head else ""
    terms = []
    for term in asked.terms:
        parts = []
        for word in term.words:
            label = ("*" if word is last and term is asked.terms[-1] else "") + weight
            parts.append(getattr(word, form) + (f":{label}" if label else ""))
        terms.append(f"({' <-> '.join(parts)})")
    return " & ".join(terms)
