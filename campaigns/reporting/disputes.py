"""Disputes: how many copies raise each doubt, and where those are counted meanwhile."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.reporting.tallies import count_if
from campaigns.tracking.doubts import Doubt, condition, queue
from campaigns.tracking.republications import Republication, Status


def by_status(session: Session) -> dict[Doubt, dict[Status, int]]:
    """How many copies raise each doubt, by the status they are counted in."""
    columns: list[Any] = [Republication.status, *(count_if(condition(one)) for one in Doubt)]
    query = sa.select(*columns).group_by(Republication.status)
    found: dict[Doubt, dict[Status, int]] = {one: {} for one in Doubt}
    for status, *figures in session.execute(query):
        for doubt, figure in zip(Doubt, figures, strict=True):
            if figure:
                found[doubt][status] = int(figure)
    return found


def in_queue(session: Session, conditions: Sequence[sa.ColumnElement[bool]] = ()) -> tuple[int, dict[Doubt, int]]:
    """How many copies wait for a person that meet the conditions, and how many of them raise each doubt."""
    columns: list[Any] = [sa.func.count(), *(count_if(condition(one)) for one in Doubt)]
    both = sa.union_all(*(part.where(*conditions) for part in queue(*columns)))
    total, *figures = (sum(map(int, column)) for column in zip(*session.execute(both), strict=True))
    return total, dict(zip(Doubt, figures, strict=True))
