"""The search index: the kinds it holds, and the conditions that a query becomes on each database.

The table ``search_documents`` has a row for every searchable subject: its key, its folded head and its folded body.
The database keeps the index of it: on SQLite the FTS5 table ``search_index`` through triggers, on PostgreSQL two
generated ``tsvector`` columns with GIN indexes. Both see only words that ``words.folded_text`` has separated.
"""

from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from campaigns.search.query import SearchQuery

_SPAN = 1 << 40  # more rows than any table has

documents = sa.table(
    "search_documents",
    sa.column("id", sa.BigInteger), sa.column("head", sa.Text), sa.column("body", sa.Text),
    sa.column("head_words", TSVECTOR), sa.column("words", TSVECTOR),  # on PostgreSQL only
)  # fmt: skip
_fts5 = sa.table("search_index", sa.column("rowid", sa.BigInteger), sa.column("search_index", sa.String))


class IndexedKind(Enum):
    """The kinds of subjects that can be found. A document's key is made of the kind and the subject's primary key, so
    that the newest of a kind have the highest keys."""

    BULLETIN = 1
    SITE = 2
    COMPANY = 3
    LICENCE = 4
    COPY = 5

    @property
    def code(self) -> str:
        """Its name in addresses."""
        return self.name.lower()

    @property
    def first(self) -> int:
        """The key below every key of this kind."""
        return self.value * _SPAN

    @property
    def last(self) -> int:
        """The key above every key of this kind."""
        return self.first + _SPAN - 1

    def key(self, number: int) -> int:
        """The key of the document about the subject with this primary key."""
        return self.first + number


@dataclass(frozen=True)
class IndexMatch:
    """A query's conditions on the database of a session. ``key``: the column of keys in ``table``. ``in_head``: all
    words in the head; ``complete``: all words anywhere; ``begun``: these, and documents in which the last word is the
    beginning of a longer one."""

    table: sa.TableClause
    key: sa.ColumnElement[int]
    in_head: sa.ColumnElement[bool]
    complete: sa.ColumnElement[bool]
    begun: sa.ColumnElement[bool]

    def of_kind(self, kind: IndexedKind) -> sa.ColumnElement[bool]:
        """Whether a key is of this kind."""
        return sa.and_(self.key > kind.first, self.key <= kind.last)


def index_match(session: Session, query: SearchQuery) -> IndexMatch:
    """The query's conditions: FTS5 on SQLite, text search on PostgreSQL."""
    if session.get_bind().dialect.name == "sqlite":
        matches = _fts5.c.search_index.op("MATCH", is_comparison=True)
        complete, begun = _fts5_query(query), _fts5_query(query, begun=query.open)
        return IndexMatch(
            _fts5,
            _fts5.c.rowid,
            matches(f"head : ({complete})"),
            matches(complete),
            matches(begun),
        )
    found, found_in_head = documents.c.words.bool_op("@@"), documents.c.head_words.bool_op("@@")
    return IndexMatch(
        documents,
        documents.c.id,
        found_in_head(_to_tsquery(_vector_query(query, weighted=False))),
        found(_to_tsquery(_vector_query(query))),
        found(_to_tsquery(_vector_query(query, begun=query.open))),
    )


def subject_matches(
    session: Session, match: IndexMatch, kind: IndexedKind, number: sa.SQLColumnExpression[int]
) -> sa.ColumnElement[bool]:
    """Whether the subject with this primary key matches, for a query that checks rows in the order of a list until its
    page is full.

    PostgreSQL reads the document of each row; SQLite collects the keys once, and "+ 0" keeps it from starting there.
    """
    if session.get_bind().dialect.name == "postgresql":
        found = sa.select(match.begun).where(match.key == sa.cast(number, sa.BigInteger) + kind.first)
        return sa.func.coalesce(found.scalar_subquery(), sa.false())
    return (number + 0).in_(sa.select(match.key - kind.first).where(match.begun, match.of_kind(kind)))


def _to_tsquery(text: str) -> sa.ColumnElement[str]:
    return sa.func.to_tsquery("simple", text)


def _fts5_query(query: SearchQuery, *, begun: bool = False) -> str:
    """The query in the language of FTS5. Words are letters and digits within quotes: none can be an operator."""
    terms = [f'"{term.folded}"' for term in query.terms]
    return " AND ".join(terms) + (" *" if begun else "")


def _vector_query(query: SearchQuery, *, begun: bool = False, weighted: bool = True) -> str:
    """The query in the language of ``to_tsquery``. Words are letters and digits within quotes: none can be an operator.

    ``weighted``: a phrase must stand within the head (weight A) or within the body (weight B), as it does on FTS5.
    """
    last = query.terms[-1].words[-1] if begun else None
    terms = []
    for number, term in enumerate(query.terms, start=1):
        labels = ["*" if word is last and number == len(query.terms) else "" for word in term.words]
        weights = ("A", "B") if weighted and len(term.words) > 1 else ("",)
        phrases = []
        for weight in weights:
            marked = zip(term.words, labels, strict=True)
            words = [f"'{word.folded}'" + (f":{label}{weight}" if label or weight else "") for word, label in marked]
            phrases.append(f"({' <-> '.join(words)})")
        terms.append(f"({' | '.join(phrases)})")
    return " & ".join(terms)
