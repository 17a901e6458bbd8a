"""Which way of the index a session's database has."""

from sqlalchemy.orm import Session

from campaigns.searching.fts5 import Fts5Index
from campaigns.searching.index import WordIndex
from campaigns.searching.postgresql import VectorIndex

_FTS5, _VECTORS = Fts5Index(), VectorIndex()


def index_of(session: Session) -> WordIndex:
    """FTS5 on SQLite, vectors on PostgreSQL."""
    return _FTS5 if session.get_bind().dialect.name == "sqlite" else _VECTORS
