"""The index kept in step: whatever a session writes of what can be found is indexed before the same commit.

The session itself says what was written, so no act can forget the index, nor can one that is yet to be written. Rows
written without a session's knowledge (a restored backup) are indexed by ``rebuilding``.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from campaigns.core.bulk import take_added
from campaigns.partners.directory import Company, Site
from campaigns.partners.licences import Licence
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.searching.choosing import index_of
from campaigns.searching.index import Kind, key_of
from campaigns.searching.texts import COLUMNS, NUMBERS, rows_added, rows_of
from campaigns.tracking.republications import Republication

_KINDS: dict[type[Any], Kind] = {
    Bulletin: Kind.BULLETIN,
    Site: Kind.SITE,
    Company: Kind.COMPANY,
    Licence: Kind.LICENCE,
    Republication: Kind.COPY,
}
_WRITTEN = "searching.written"  # under which a session remembers what it has yet to index
_BEFORE = "searching.before"  # and the last number of each kind before an INSERT of its own added some


def keep_in_step(makers: sessionmaker[Session]) -> None:
    """Have every session made by these index what it writes."""
    event.listen(makers, "after_flush", _remember)
    event.listen(makers, "do_orm_execute", _remember_bulk)
    # Before the journal writes what was put down: nothing is locked after its head.
    event.listen(makers, "before_commit", _index, insert=True)
    event.listen(makers, "after_rollback", _forget)


def _remember(session: Session, _context: object) -> None:
    written: set[tuple[Kind, int]] = session.info.setdefault(_WRITTEN, set())
    for one in session.new:
        if type(one) is Revision:
            written.add((Kind.BULLETIN, one.bulletin_id))
        elif (kind := _KINDS.get(type(one))) is not None:
            written.add((kind, one.id))
    for one in session.dirty:
        kind = _KINDS.get(type(one))
        if kind is not None and _changed(one, COLUMNS[kind]):
            written.add((kind, one.id))
    for one in session.deleted:
        if (kind := _KINDS.get(type(one))) is not None:
            written.add((kind, one.id))


def _remember_bulk(state: ORMExecuteState) -> None:
    """Rows that an INSERT adds past the session's objects and past ``bulk``: their numbers are above every one that
    could be seen before, since numbers are given out in their order. What others add meanwhile is indexed twice, which
    is the same."""
    if not state.is_insert or state.bind_mapper is None or (kind := _KINDS.get(state.bind_mapper.class_)) is None:
        return
    before: dict[Kind, int] = state.session.info.setdefault(_BEFORE, {})
    if kind not in before:
        before[kind] = state.session.connection().execute(sa.select(sa.func.max(NUMBERS[kind]))).scalar() or 0


def _changed(one: object, columns: frozenset[str]) -> bool:
    state = sa.inspect(one, raiseerr=True)
    return any(state.attrs[name].history.has_changes() for name in columns)


def _index(session: Session) -> None:
    if session.in_nested_transaction():
        return  # once, before the whole is committed
    session.flush()
    written: set[tuple[Kind, int]] = session.info.pop(_WRITTEN, set())
    before: dict[Kind, int] = session.info.pop(_BEFORE, {})
    added = [(kind, one) for one in take_added(session) if (kind := _KINDS.get(one.kind)) is not None]
    if not written and not before and not added:
        return
    index = index_of(session)
    for kind in Kind:
        numbers = {number for one, number in written if one is kind}
        if kind in before:
            more = sa.select(NUMBERS[kind]).where(NUMBERS[kind] > before[kind])
            numbers.update(session.connection().execute(more).scalars())
        for one in (one for of, one in added if of is kind):
            index.put(session, rows_added(kind, one, numbers))
        if numbers:
            rows = rows_of(session, kind, numbers)
            index.put(session, rows)
            index.drop(session, {key_of(kind, number) for number in numbers} - {row.key for row in rows})


def _forget(session: Session) -> None:
    added = take_added(session)
    if session.in_nested_transaction():
        # Only what the savepoint had is undone. Which of it that was is read before the commit.
        written: set[tuple[Kind, int]] = session.info.setdefault(_WRITTEN, set())
        for one in added:
            if (kind := _KINDS.get(one.kind)) is not None:
                written.update((kind, number) for number in one.numbers)
        return
    session.info.pop(_WRITTEN, None)
    session.info.pop(_BEFORE, None)
