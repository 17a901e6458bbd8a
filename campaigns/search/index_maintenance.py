"""Rebuilding the search documents from the rows, and comparing them with the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from campaigns.partners.directory import COMPANY_IN_USE
from campaigns.search.documents import (
    KEY_COLUMNS,
    drop_documents,
    folded_document,
    head_and_body,
    put_documents,
    select_texts,
)
from campaigns.search.index import IndexedKind, documents

BATCH = 500  # rows a transaction of a rebuild: writers wait for one of these at most


class IndexFault(Enum):
    """How the index differs from the rows."""

    MISSING = "missing"  # a subject has no document
    STALE = "stale"  # its document has another text
    EXTRA = "extra"  # a document has no subject
    BROKEN = "broken"  # the database finds its own index damaged


@dataclass(frozen=True)
class IndexDifference:
    """One difference. ``kind`` and ``number``: of the subject; ``None`` and 0 for the index as a whole."""

    wrong: IndexFault
    kind: IndexedKind | None
    number: int
    words: str = ""


def is_complete(session: Session) -> bool:
    """Whether there are as many documents as subjects: false after a restore until the index is rebuilt."""
    kept = session.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()
    return kept == count_subjects(session)


def count_subjects(session: Session) -> int:
    """The number of subjects that can be found."""
    counts = {kind: sa.select(sa.func.count()).select_from(column.class_) for kind, column in KEY_COLUMNS.items()}
    counts[IndexedKind.COMPANY] = counts[IndexedKind.COMPANY].where(COMPANY_IN_USE)
    return sum(session.execute(sa.select(*(query.scalar_subquery() for query in counts.values()))).one())


def rebuild_next(session: Session, kind: IndexedKind, after: int) -> int | None:
    """Write the documents of the next subjects of a kind and delete the documents between them that have no subject.

    Returns the last subject's primary key, ``None`` when no subject is left. The subjects are locked until the
    transaction ends.
    """
    texts = _texts_after(session, kind, after, BATCH, locked=True)
    until = kind.key(max(texts)) if texts else kind.last
    between = sa.select(documents.c.id).where(documents.c.id > kind.key(after), documents.c.id <= until)
    kept = set(session.connection().execute(between).scalars())
    drop_documents(session, kept - {kind.key(number) for number in texts})
    put_documents(session, kind, texts)
    return max(texts) if texts else None


def index_differences(session: Session) -> Iterator[IndexDifference]:
    """All differences between the documents and the rows, by kind and primary key. Reads all of both."""
    for kind in IndexedKind:
        after = 0
        while texts := _texts_after(session, kind, after, BATCH):
            yield from _compare(session, kind, kind.key(after), kind.key(max(texts)), texts)
            after = max(texts)
        yield from _compare(session, kind, kind.key(after), kind.last, {})


def integrity_errors(session: Session) -> IndexDifference | None:
    """What SQLite finds wrong when it compares FTS5's index with the documents. Needs a writing session. PostgreSQL
    has no such check: its columns are generated."""
    if session.get_bind().dialect.name != "sqlite":
        return None
    check = sa.text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
    try:
        session.connection().execute(check)
    except DatabaseError as error:
        return IndexDifference(IndexFault.BROKEN, None, 0, str(error.orig))
    return None


def _texts_after(
    session: Session, kind: IndexedKind, after: int, most: int, *, locked: bool = False
) -> dict[int, tuple[str, str]]:
    query = select_texts(kind).where(KEY_COLUMNS[kind] > after).order_by(KEY_COLUMNS[kind]).limit(most)
    if locked:
        query = query.with_for_update(read=True)
    return {row[0]: head_and_body(kind, row) for row in session.connection().execute(query)}


def _compare(
    session: Session, kind: IndexedKind, after: int, until: int, texts: dict[int, tuple[str, str]]
) -> Iterator[IndexDifference]:
    query = sa.select(documents.c.id, documents.c.head, documents.c.body)
    query = query.where(documents.c.id > after, documents.c.id <= until)
    kept = {key - kind.first: (head, body) for key, head, body in session.connection().execute(query)}
    for number in sorted(texts.keys() | kept.keys()):
        if number not in kept:
            yield IndexDifference(IndexFault.MISSING, kind, number)
        elif number not in texts:
            yield IndexDifference(IndexFault.EXTRA, kind, number)
        elif kept[number] != folded_document(*texts[number]):
            yield IndexDifference(IndexFault.STALE, kind, number)
