"""The index on PostgreSQL: two vectors a row under the ``simple`` configuration, found through GIN.

Words of the head carry the weight A. The vectors are made of words that are ASCII letters and digits beginning with a
letter: the parser of the ``simple`` configuration takes each of them as it stands, whatever the server's locale.
"""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from campaigns.searching.asking import Asked
from campaigns.searching.index import Row, Tier
from campaigns.searching.words import SEAM

_EXACT, _FOLDED = "exact", "folded"
_AT_ONCE = 500  # rows a statement


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

    _put = sa.text(
        "INSERT INTO search_index (id, mark, exact, folded) SELECT key, mark,"
        " setweight(to_tsvector('simple', exact_head), 'A') || to_tsvector('simple', :seam || exact_body),"
        " setweight(to_tsvector('simple', folded_head), 'A') || to_tsvector('simple', :seam || folded_body)"
        " FROM unnest(CAST(:keys AS bigint[]), CAST(:marks AS text[]), CAST(:exact_heads AS text[]),"
        " CAST(:exact_bodies AS text[]), CAST(:folded_heads AS text[]), CAST(:folded_bodies AS text[]))"
        " AS given (key, mark, exact_head, exact_body, folded_head, folded_body) ORDER BY key"
        " ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, exact = excluded.exact, folded = excluded.folded"
    )

    def put(self, session: Session, rows: Sequence[Row]) -> None:
        """Keep these rows. In the order of their keys, so that two writers never wait for each other in a ring."""
        ordered = sorted(rows, key=lambda row: row.key)
        for start in range(0, len(ordered), _AT_ONCE):
            some = ordered[start : start + _AT_ONCE]
            given = {
                "seam": f"{SEAM} ",
                "keys": [row.key for row in some],
                "marks": [row.mark for row in some],
                "exact_heads": [row.words.exact_head for row in some],
                "exact_bodies": [row.words.exact_body for row in some],
                "folded_heads": [row.words.folded_head for row in some],
                "folded_bodies": [row.words.folded_body for row in some],
            }
            session.connection().execute(self._put, given)

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
