"""Changes added up, and sums made anew from the rows."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.core.lines import Line, stand_in
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import history
from campaigns.reporting.sums import (
    CUBES,
    FINER,
    Cube,
    arrivals,
    cells,
    changes,
    facts,
    from_finer,
    widened,
)
from campaigns.tracking.republications import Evidence, Republication

BATCH = 2000  # changes that are added up in one go


def add_up(session: Session) -> int:
    """Add the oldest changes to the sums; returns how many there were. Nobody waits for this but another adding."""
    stand_in(session, Line.ADDING)
    picked = sa.select(changes.c.id).order_by(changes.c.id).limit(BATCH)
    numbers = list(session.execute(picked).scalars())
    if not numbers:
        return 0
    # Those very rows: others may be committed in between, with smaller numbers.
    these = changes.c.id.in_(numbers)
    for cube in CUBES:
        for made in cells(cube, changes, these):
            _add(session, cube, made)
    history.keep(session, these)
    session.execute(sa.delete(changes).where(these))
    return len(numbers)


def _add(session: Session, cube: Cube, made: sa.Select[Any]) -> None:
    kind = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = cube.table
    statement: Any = kind(table).from_select(["span", *cube.keys, *cube.figures], made)
    summed = {figure: table.c[figure] + statement.excluded[figure] for figure in cube.figures}
    session.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=summed))


def forget(session: Session) -> None:
    """Throw away what is noted and not added up: for a restore, whose rows have a history of their own."""
    session.execute(sa.delete(changes))


def rebuild(session: Session) -> int:
    """Make every sum anew from the rows, and have the history say the same; returns how many things are counted.
    Writers of what counts wait meanwhile."""
    stand_in(session, Line.SUMS)
    stand_in(session, Line.ADDING)
    history.keep(session, sa.true())
    forget(session)
    read = sa.exists().where(Evidence.republication_id == Republication.id)
    session.execute(
        sa.update(Republication).where(Republication.was_read != read).values(was_read=read),
        execution_options={"synchronize_session": False},
    )
    session.execute(sa.delete(arrivals))
    pairs = (
        sa.select(Delivery.bulletin_id, Delivery.channel_id, sa.func.count())
        .where(Delivery.state == DeliveryState.DELIVERED)
        .group_by(Delivery.bulletin_id, Delivery.channel_id)
    )
    session.execute(sa.insert(arrivals).from_select(["bulletin_id", "channel_id", "deliveries"], pairs))
    history.reconcile(session)
    forget(session)
    rows = facts()
    for cube in CUBES:
        session.execute(sa.delete(cube.table))
        by_day = from_finer(cube) if cube in FINER else cells(cube, rows)[0]
        session.execute(sa.insert(cube.table).from_select(["span", *cube.keys, *cube.figures], by_day))
        if cube.whole:
            for wider in widened(cube):
                session.execute(sa.insert(cube.table).from_select(["span", *cube.keys, *cube.figures], wider))
    return counted(session)


def counted(session: Session) -> int:
    """How many copies, teasers and arrivals are counted."""
    return session.execute(sa.select(sa.func.count()).select_from(facts())).scalar_one()


def waiting(session: Session) -> int:
    """How many changes are not added up yet."""
    return session.execute(sa.select(sa.func.count()).select_from(changes)).scalar_one()
