"""The index on SQLite: one FTS5 table whose columns are the head and the body, exact and folded."""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from campaigns.searching.asking import Asked
from campaigns.searching.index import Row, Tier

_EXACT, _FOLDED = "exact", "folded"
_AT_ONCE = 500  # rows a statement


class Fts5Index:
    """Words in the virtual table ``search_index``."""

    table = sa.table(
        "search_index",
        sa.column("rowid", sa.BigInteger), sa.column("mark", sa.String), sa.column("search_index", sa.String),
    )  # fmt: skip
    key = table.c.rowid
    mark = table.c.mark
    in_one_pass = False

    _put = (
        "INSERT OR REPLACE INTO search_index (rowid, mark, exact_head, exact_body, folded_head, folded_body)"
        " VALUES (?, ?, ?, ?, ?, ?)"
    )

    def put(self, session: Session, rows: Iterable[Row]) -> None:
        """Keep these rows."""
        connection, left = session.connection(), iter(rows)
        # In the driver's own form: these rows are most of what an import writes.
        while given := [(row.key, row.mark, *row.words) for row in islice(left, _AT_ONCE)]:
            connection.exec_driver_sql(self._put, given)

    def drop(self, session: Session, keys: Collection[int]) -> None:
        """Forget these keys."""
        if keys:
            gone = sa.text("DELETE FROM search_index WHERE rowid = :key")
            session.connection().execute(gone, [{"key": key} for key in sorted(keys)])

    def found(self, asked: Asked) -> sa.ColumnElement[bool]:
        """Every row that fits."""
        return self._match(_wanted(asked, _FOLDED, begun=asked.open))

    def tiers(self, asked: Asked) -> Mapping[Tier, sa.ColumnElement[bool]]:
        """The rows of each tier."""
        exact_head, exact = _wanted(asked, _EXACT, head=True), _wanted(asked, _EXACT)
        folded_head, folded = _wanted(asked, _FOLDED, head=True), _wanted(asked, _FOLDED)
        made = {
            Tier.EXACT_HEAD: exact_head,
            Tier.EXACT: f"({exact}) NOT ({exact_head})",
            Tier.FOLDED_HEAD: f"({folded_head}) NOT ({exact})",
            Tier.FOLDED: f"({folded}) NOT (({exact}) OR ({folded_head}))",
        }
        if asked.open:
            made[Tier.BEGUN] = f"({_wanted(asked, _FOLDED, begun=True)}) NOT ({folded})"
        return {tier: self._match(one) for tier, one in made.items()}

    def _match(self, wanted: str) -> sa.ColumnElement[bool]:
        return self.table.c.search_index.op("MATCH", is_comparison=True)(wanted)

    def sound(self, session: Session) -> str | None:
        """FTS5's own check of its table."""
        check = sa.text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 0)")
        try:
            session.connection().execute(check)
        except DatabaseError as error:
            return str(error.orig)
        return None


def _wanted(asked: Asked, form: str, *, head: bool = False, begun: bool = False) -> str:
    """What FTS5 is asked. The words are ASCII letters and digits, so nothing in them can be taken for an operator."""
    last = len(asked.terms) - 1
    terms = []
    for number, term in enumerate(asked.terms):
        row = " ".join(getattr(word, form) for word in term.words)
        terms.append(f'"{row}"' + (" *" if begun and number == last else ""))
    columns = f"{form}_head" if head else f"{{{form}_head {form}_body}}"
    return f"{columns} : ({' AND '.join(terms)})"
