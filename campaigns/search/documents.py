"""The searchable texts of each kind, and the event that writes them with the rows they come from.

Every writing session writes the documents of a flush at its end, in the same transaction or savepoint: what undoes the
rows undoes their documents.
"""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import InstrumentedAttribute, ORMExecuteState, Session, sessionmaker

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.partners.directory import COMPANY_IN_USE, Company, Site
from campaigns.partners.licences import Licence
from campaigns.republications.republications import Republication
from campaigns.search.index import IndexedKind, documents
from campaigns.search.words import folded_text

KEY_COLUMNS: dict[IndexedKind, InstrumentedAttribute[int]] = {
    IndexedKind.BULLETIN: Bulletin.id,
    IndexedKind.SITE: Site.id,
    IndexedKind.COMPANY: Company.id,
    IndexedKind.LICENCE: Licence.id,
    IndexedKind.COPY: Republication.id,
}
_KINDS: dict[Any, IndexedKind] = {column.class_: kind for kind, column in KEY_COLUMNS.items()}

# The columns each kind is found by; a change of any other column changes no document.
_TEXT_COLUMNS: dict[IndexedKind, frozenset[str]] = {
    IndexedKind.BULLETIN: frozenset({"code", "latest"}),
    IndexedKind.SITE: frozenset({"name", "host", "code", "url"}),
    IndexedKind.COMPANY: frozenset({"name", "code", "tax_code", "contact", "merged_into_id", "sample"}),
    IndexedKind.LICENCE: frozenset({"number", "issuer", "domains", "scope"}),
    IndexedKind.COPY: frozenset({"headline", "author", "canonical_url"}),
}

_NEWEST = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
_READ_COLUMNS: dict[IndexedKind, tuple[Any, ...]] = {
    IndexedKind.BULLETIN: (Bulletin.id, Bulletin.code, Revision.title, Revision.lead, Revision.body_text),
    IndexedKind.SITE: (Site.id, Site.name, Site.host, Site.code, Site.url),
    IndexedKind.COMPANY: (Company.id, Company.name, Company.tax_code, Company.code, Company.contact),
    IndexedKind.LICENCE: (Licence.id, Licence.number, Licence.issuer, Licence.domains, Licence.scope),
    IndexedKind.COPY: (Republication.id, Republication.headline, Republication.author, Republication.canonical_url),
}

_ROWS_AT_ONCE = 500  # rows a statement


def select_texts(kind: IndexedKind) -> sa.Select[Any]:
    """The subjects of a kind with the columns that ``head_and_body`` reads."""
    query = sa.select(*_READ_COLUMNS[kind])
    if kind is IndexedKind.COMPANY:
        return query.where(COMPANY_IN_USE)
    return query.join(Revision, _NEWEST) if kind is IndexedKind.BULLETIN else query


def head_and_body(kind: IndexedKind, row: Sequence[Any]) -> tuple[str, str]:
    """The texts a subject is found by, as they are written; ``row``: of ``select_texts``."""
    if kind is IndexedKind.BULLETIN:
        _, code, title, lead, text = row
        return f"{title}\n{code}", f"{lead}\n{text}"
    if kind is IndexedKind.SITE:
        _, name, host, code, url = row
        return f"{name}\n{host}", f"{code}\n{url}"
    if kind is IndexedKind.COMPANY:
        _, name, tax_code, code, contact = row
        return name, f"{tax_code or ''}\n{code}\n{contact}"
    if kind is IndexedKind.LICENCE:
        _, number, issuer, domains, scope = row
        return number, "\n".join((issuer, *domains, *scope))
    _, headline, author, url = row
    # An address often repeats the headline: /tin/phong-chong-dich-123.html.
    return headline, f"{author}\n{unquote(url)}"


def texts_of(session: Session, kind: IndexedKind, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Head and body of these subjects by primary key; a subject that does not exist is left out."""
    found: dict[int, tuple[str, str]] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        query = select_texts(kind).where(KEY_COLUMNS[kind].in_(wanted[start : start + _ROWS_AT_ONCE]))
        found.update((row[0], head_and_body(kind, row)) for row in session.connection().execute(query))
    return found


def folded_document(head: str, body: str) -> tuple[str, str]:
    """Head and body as a document stores them."""
    return folded_text(head), folded_text(body)


_PUT = sa.text(
    "INSERT INTO search_documents (id, head, body) VALUES (:id, :head, :body)"
    " ON CONFLICT (id) DO UPDATE SET head = excluded.head, body = excluded.body"
)


def write_documents(session: Session, kind: IndexedKind, numbers: Collection[int]) -> None:
    """Write the documents of these subjects, and delete those of subjects that do not exist."""
    texts = texts_of(session, kind, numbers)
    put_documents(session, kind, texts)
    drop_documents(session, [kind.key(number) for number in set(numbers) - texts.keys()])


def put_documents(session: Session, kind: IndexedKind, texts: dict[int, tuple[str, str]]) -> None:
    """Write documents from the texts of ``texts_of``, in the order of their keys."""
    rows = []
    for number, text in sorted(texts.items()):
        head, body = folded_document(*text)
        rows.append({"id": kind.key(number), "head": head, "body": body})
    if rows:
        session.connection().execute(_PUT, rows)


def drop_documents(session: Session, keys: Collection[int]) -> None:
    """Delete the documents with these keys."""
    dropped = sorted(keys)
    for start in range(0, len(dropped), _ROWS_AT_ONCE):
        chosen = documents.c.id.in_(dropped[start : start + _ROWS_AT_ONCE])
        session.connection().execute(sa.delete(documents).where(chosen))


def keep_documents(makers: sessionmaker[Session]) -> None:
    """Let every session of these makers write the documents of the rows it writes."""
    event.listen(makers, "after_flush", _write_flushed)
    event.listen(makers, "do_orm_execute", _write_inserted)
    event.listen(makers, "do_orm_execute", _drop_deleted)


def _write_flushed(session: Session, _context: object) -> None:
    written: dict[IndexedKind, set[int]] = {}
    for row in session.new:
        if isinstance(row, Revision):
            written.setdefault(IndexedKind.BULLETIN, set()).add(row.bulletin_id)
    for row in (*session.new, *session.deleted, *(row for row in session.dirty if _text_has_changed(row))):
        kind = _KINDS.get(type(row))
        if kind is not None:
            written.setdefault(kind, set()).add(row.id)
    for kind, numbers in sorted(written.items(), key=lambda pair: pair[0].value):
        write_documents(session, kind, numbers)


def _text_has_changed(row: object) -> bool:
    kind = _KINDS.get(type(row))
    if kind is None:
        return False
    state = sa.inspect(row, raiseerr=True)
    return any(state.attrs[name].history.has_changes() for name in _TEXT_COLUMNS[kind])


def _write_inserted(state: ORMExecuteState) -> sa.Result[Any] | None:
    """The documents of rows that an INSERT statement adds. Primary keys rise, so that the new rows are those above the
    highest one before; rows that other transactions add meanwhile are written twice with the same text."""
    if not state.is_insert or state.bind_mapper is None:
        return None
    table = state.bind_mapper.class_
    kind = IndexedKind.BULLETIN if table is Revision else _KINDS.get(table)
    if kind is None:
        return None
    connection = state.session.connection()
    highest = connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.id), 0))).scalar_one()
    inserted = state.invoke_statement()
    subject = Revision.bulletin_id if table is Revision else table.id
    write_documents(
        state.session, kind, connection.execute(sa.select(subject).where(table.id > highest)).scalars().all()
    )
    return inserted


def _drop_deleted(state: ORMExecuteState) -> None:
    """Delete the documents of rows that a DELETE statement is about to delete."""
    if not state.is_delete or state.bind_mapper is None:
        return
    kind = _KINDS.get(state.bind_mapper.class_)
    if kind is None or not isinstance(state.statement, sa.Delete):
        return
    doomed = sa.select(KEY_COLUMNS[kind])
    if state.statement.whereclause is not None:
        doomed = doomed.where(state.statement.whereclause)
    drop_documents(state.session, [kind.key(number) for number in state.session.connection().execute(doomed).scalars()])
