"""The ledger of due work: mixins for rows that fall due, and the functions that claim, begin and settle them.

A row *is* the queue entry. A worker claims a batch (lease and fence, committed), acts outside any transaction, and
settles under the fence. A crash in between leaves an expired lease, which the next claim picks up; a late writer with
an old fence is refused. ``due_at`` is NULL when there is nothing to do.

Work that ends the process of its worker is given up at the second time, by the claim, before anything is read. All that
a process had leased is suspect after its end. Suspect rows are claimed one at a time in the whole installation, so that
a second end is due to the row that was at work, and not to its neighbours. A row during which the processes are killed
from outside twice is given up too; a person starts it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, rows_changed
from campaigns.core.errors import Conflict, NotFound

MOST_LOST: Final = 2  # leases in a row that ran out, after which a row is given up
ENDED_PROCESS: Final = "ended_process"  # the reason of a row that was given up, where it has one
ENDED_TWICE: Final = "the process ended twice while this was being done"
# Columns by which people know a row, the first that its table has.
_SUBJECTS: Final = ("url", "source", "callback", "address", "what", "public")


class WorkItem:
    """Columns of work that falls due. ``fence`` grows by one with each claim; ``attempt`` counts claims since reset;
    ``lost`` counts the leases that ran out since a worker last settled the row, which their workers did not live to do.
    """

    id: Any
    __tablename__: Any

    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    lost: Mapped[int] = mapped_column(default=0, server_default="0")

    @classmethod
    def record_given_up(cls, session: Session, rows: Sequence[int], *, now: datetime) -> None:
        """Record for people that these rows are given up: ``GivenUpWork``, which keeps them from being claimed.

        A class overrides this whose rows have a state in which their own page shows it and lets a person decide.
        """
        names: Any = next((getattr(cls, name) for name in _SUBJECTS if hasattr(cls, name)), None)
        named = session.execute(
            sa.select(cls.id, cls.lost, sa.literal("") if names is None else names).where(cls.id.in_(rows))
        )
        session.execute(
            sa.insert(GivenUpWork),
            [
                {"work": cls.__tablename__, "row_id": ident, "subject": str(subject)[:500], "lost": lost, "at": now}
                for ident, lost, subject in named
            ],
        )


class GivenUpWork(Base):
    """A row of work that ended its process again and again. ``work``: its table; ``subject``: what people know it by;
    ``left_at``: when a person decided that it stays undone."""

    __tablename__ = "given_up_work"
    __table_args__ = (sa.UniqueConstraint("work", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    work: Mapped[str] = mapped_column(sa.String(60))
    row_id: Mapped[int]
    subject: Mapped[str] = mapped_column(sa.String(500))
    lost: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SendItem(WorkItem):
    """Work that is sent to somebody else. ``begun``: the last worker to claim it committed that its send begins and has
    not settled it since; set by ``begin`` for what can neither be repeated nor looked up."""

    begun: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


def due_index(table: str) -> sa.Index:
    """The index that ``claim`` reads: only rows with work to do, in the order they fall due."""
    wanted = sa.text("due_at IS NOT NULL")
    return sa.Index(f"ix_{table}_due_at", "due_at", sqlite_where=wanted, postgresql_where=wanted)


def lease_index(table: str) -> sa.Index:
    """The index for kinds that are claimed with ``spread``: finds the few leased rows without reading the rest."""
    wanted = sa.text("lease_until IS NOT NULL")
    return sa.Index(f"ix_{table}_lease_until", "lease_until", sqlite_where=wanted, postgresql_where=wanted)


class StaleFence(Conflict):
    """Another worker has claimed the row since; the outcome must not be written."""

    code = "stale_fence"


@dataclass(frozen=True)
class Claim:
    """One claimed row: its primary key, the fence to settle under, the number of this try (from 1), and whether a lease
    had expired, that is, whether an earlier worker died before it settled the row."""

    id: int
    fence: int
    attempt: int
    reclaimed: bool


Row = TypeVar("Row", bound=WorkItem)

SPREAD_OVER = 8  # rows looked at for each that is to be claimed with ``spread``


def claim(
    session: Session,
    kind: type[Row],
    limit: int,
    lease: timedelta,
    *extra: sa.ColumnElement[bool],
    values: Mapping[str, Any] | None = None,
    spread: Any = None,
    now: datetime,
) -> list[Claim]:
    """Lease up to ``limit`` due rows that meet the ``extra`` conditions, oldest first. The caller commits before it
    acts.

    Rows that have ended their process too often are given up instead, and a suspect one is leased only while no other
    is, see above. ``values`` are written with the lease. ``spread``: a column of which each value is claimed once at
    most, so that what is claimed together can be done side by side. On PostgreSQL two claimers never see the same row
    (``SKIP LOCKED``); on SQLite the write transaction excludes others.
    """
    chosen = _due_rows(session, kind, limit, extra, spread, now)
    if any(map(_is_suspect, chosen)):
        suspects = [row for row in chosen if _is_suspect(row)]
        if ended := [row.id for row in suspects if _lost(row) >= MOST_LOST and row.lease_until is not None]:
            _give_up(session, kind, ended, now)
        first = [row for row in suspects if row.id not in ended][:1]
        if first and _suspect_at_work(session, now):
            first = []
        sound = (kind.lease_until.is_(None), kind.lost == 0)
        chosen = first + _due_rows(session, kind, limit - len(first), (*extra, *sound), spread, now)
        if spread is not None:
            chosen = list({row[-1]: row for row in reversed(chosen)}.values())
    if not chosen:
        return []
    session.execute(
        sa.update(kind)
        .where(kind.id.in_([row.id for row in chosen]))
        .values(
            lease_until=now + lease,
            fence=kind.fence + 1,
            attempt=kind.attempt + 1,
            lost=kind.lost + sa.case((kind.lease_until.is_not(None), 1), else_=0),
            **(values or {}),
        )
        .execution_options(synchronize_session=False)
    )
    return [Claim(row.id, row.fence + 1, row.attempt + 1, row.lease_until is not None) for row in chosen]


def _due_rows(
    session: Session, kind: type[Row], limit: int, extra: Sequence[sa.ColumnElement[bool]], spread: Any, now: datetime
) -> list[Any]:
    """Up to ``limit`` due rows that nobody has leased, locked, oldest first."""
    if limit < 1:
        return []
    free = sa.or_(kind.lease_until.is_(None), kind.lease_until <= now)
    columns = (kind.id, kind.fence, kind.attempt, kind.lease_until, kind.lost)
    chosen = session.execute(
        sa.select(*columns, *([] if spread is None else [spread]))
        .where(kind.due_at.is_not(None), kind.due_at <= now, free, is_claimable(kind), *extra)
        .order_by(kind.due_at)
        # Many rows of one value may come first; the rest is found by the next claim, which excludes that value.
        .limit(limit if spread is None else limit * SPREAD_OVER)
        .with_for_update(skip_locked=True, of=kind, key_share=True)
    ).all()
    if spread is None:
        return list(chosen)
    first: dict[Any, Any] = {}
    for row in chosen:
        first.setdefault(row[-1], row)
    return list(first.values())[:limit]


def is_claimable(kind: type[WorkItem]) -> sa.ColumnElement[bool]:
    """The condition of rows that were not given up: a tick may make a given-up row due, a person alone starts it."""
    return sa.not_(sa.exists().where(GivenUpWork.work == kind.__tablename__, GivenUpWork.row_id == kind.id))


def _lost(row: Any) -> int:
    return int(row.lost) + (row.lease_until is not None)


def _is_suspect(row: Any) -> bool:
    return _lost(row) > 0


def _suspect_at_work(session: Session, now: datetime) -> bool:
    """Whether a suspect row of any kind is leased."""
    leased = [
        sa.select(sa.literal(1)).where(kind.lease_until.is_not(None), kind.lease_until > now, kind.lost > 0)
        for kind in work_item_classes()
    ]
    return session.execute(sa.union_all(*leased).limit(1)).first() is not None


def _give_up(session: Session, kind: type[WorkItem], rows: Sequence[int], now: datetime) -> None:
    session.execute(
        sa.update(kind)
        .where(kind.id.in_(rows))
        .values(due_at=None, lease_until=None, fence=kind.fence + 1, lost=kind.lost + 1)
        .execution_options(synchronize_session=False)
    )
    kind.record_given_up(session, rows, now=now)


def given_up_count(session: Session) -> int:
    """The number of rows that were given up and wait for a person's decision."""
    query = sa.select(sa.func.count()).select_from(GivenUpWork).where(GivenUpWork.left_at.is_(None))
    return session.execute(query).scalar_one()


def given_up_work(session: Session) -> Sequence[GivenUpWork]:
    """The rows that were given up, the newest first, those that stay undone last; at most 200."""
    query = sa.select(GivenUpWork).order_by(GivenUpWork.left_at.is_not(None), GivenUpWork.at.desc(), GivenUpWork.id)
    return session.execute(query.limit(200)).scalars().all()


def restart_work(session: Session, actor: str, ident: int, *, now: datetime) -> GivenUpWork:
    """Make a row due that was given up. It stays suspect: a third end of its process gives it up at once. Raises
    ``NotFound``."""
    row = _given_up_row(session, ident)
    kind = next(kind for kind in work_item_classes() if kind.__tablename__ == row.work)
    session.execute(sa.update(kind).where(kind.id == row.row_id).values(due_at=now, attempt=0))
    session.delete(row)
    session.flush()
    _record_decision(session, actor, "work.restarted", row, now)
    return row


def leave_undone(session: Session, actor: str, ident: int, *, now: datetime) -> GivenUpWork:
    """Record that a row stays undone. Raises ``NotFound``."""
    row = _given_up_row(session, ident)
    row.left_at = now
    session.flush()
    _record_decision(session, actor, "work.left", row, now)
    return row


def _given_up_row(session: Session, ident: int) -> GivenUpWork:
    row = session.get(GivenUpWork, ident, with_for_update=True)
    if row is None:
        raise NotFound("there is no such given-up work", row=ident)
    return row


def _record_decision(session: Session, actor: str, act: str, row: GivenUpWork, now: datetime) -> None:
    details = {"work": row.work, "about": row.subject}
    journal.record(session, actor, act, "work", f"{row.work}:{row.row_id}", details, now=now)


def forget_given_up(session: Session) -> int:
    """Delete what is known of rows that no longer exist; returns how many."""
    done = 0
    for kind in work_item_classes():
        gone = sa.and_(GivenUpWork.work == kind.__tablename__, GivenUpWork.row_id.not_in(sa.select(kind.id)))
        done += rows_changed(session.execute(sa.delete(GivenUpWork).where(gone)))
    return done


def names_of_due(session: Session, tables: Mapping[str, type[WorkItem]], *, now: datetime) -> list[str]:
    """The names of the tables in which at least one row is due and not leased, by one statement."""
    looks = [
        sa.select(sa.literal(name).label("name")).where(
            sa.exists().where(
                kind.due_at.is_not(None),
                kind.due_at <= now,
                sa.or_(kind.lease_until.is_(None), kind.lease_until <= now),
                is_claimable(kind),
            )
        )
        for name, kind in tables.items()
    ]
    return list(session.scalars(sa.union_all(*looks)))


def begin(session: Session, kind: type[SendItem], taken: Claim) -> None:
    """Write down that the send of a claimed row begins; the caller commits before it sends.

    After a crash, what was claimed and not begun is sent by the next worker, and only what was begun is in doubt.
    Raises ``StaleFence``.
    """
    written = session.execute(sa.update(kind).where(kind.id == taken.id, kind.fence == taken.fence).values(begun=True))
    if rows_changed(written) != 1:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def extend(session: Session, kind: type[WorkItem], taken: Claim, until: datetime) -> None:
    """Let a lease last until ``until`` at least. Raises ``StaleFence`` when another worker has claimed the row."""
    later = sa.case((kind.lease_until < until, sa.literal(until, UTCDateTime())), else_=kind.lease_until)
    ours = (kind.id == taken.id, kind.fence == taken.fence)
    if rows_changed(session.execute(sa.update(kind).where(*ours).values(lease_until=later))) != 1:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def check_claim(session: Session, kind: type[WorkItem], taken: Claim) -> None:
    """Raise ``StaleFence`` when another worker has claimed the row since."""
    if session.scalar(sa.select(kind.fence).where(kind.id == taken.id)) != taken.fence:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def settle(session: Session, kind: type[Row], taken: Claim, values: Mapping[str, Any]) -> None:
    """Write an outcome and end the lease. ``values`` must contain ``due_at``: None when the work is done.

    Raises ``StaleFence`` when the row was claimed by another worker since; nothing is written then.
    """
    if "due_at" not in values:
        raise ValueError("settling must say when the row is due again, or None")
    ended: dict[str, Any] = {"lease_until": None, "lost": 0} | ({"begun": False} if issubclass(kind, SendItem) else {})
    written = session.execute(
        sa.update(kind).where(kind.id == taken.id, kind.fence == taken.fence).values(ended | dict(values))
    )
    if rows_changed(written) != 1:
        raise StaleFence(f"row {taken.id} of {kind.__tablename__} was claimed again", row=taken.id)


def still_holds(session: Session, kind: type[Row], taken: Claim) -> bool:
    """Whether no other worker has claimed the row since; locks the row for the rest of the transaction."""
    fence = session.execute(
        sa.select(kind.fence).where(kind.id == taken.id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return fence == taken.fence


# No work is claimed for longer, and a machine's clock that is this far off is noticed.
LONGEST_LEASE = timedelta(minutes=15)


def end_overlong_leases(session: Session, *, now: datetime) -> int:
    """End the leases of every kind of work that last longer than ``LONGEST_LEASE``; returns how many.

    They were taken while a machine's clock was ahead, and the work would wait until that moment comes.
    """
    done = 0
    for kind in work_item_classes():
        written = session.execute(
            sa.update(kind)
            .where(kind.lease_until > now + LONGEST_LEASE)
            .values(lease_until=now)
            .execution_options(synchronize_session=False)
        )
        done += rows_changed(written)
    return done


def work_item_classes() -> list[type[WorkItem]]:
    """Every imported class of rows that fall due."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, WorkItem)]
