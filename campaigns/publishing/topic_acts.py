"""What is done to a topic once bulletins refer to it: another name, retired, taken up again.

A topic keeps its code for ever, and is neither removed nor merged into another: figures that were reported, targets and
partners' feeds name it. A retired one is left where it is and cannot be chosen for anything new.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import fold
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Topic, all_topics
from campaigns.publishing.series import Series

LONGEST_NAME = 120


def rename_topic(session: Session, actor: Actor, code: str, name: str, *, now: datetime) -> Topic:
    """Give a topic another name; whatever refers to it shows that from now on.

    Raises ``Invalid`` without a name, for one too long, or one that another topic has in any spelling.
    """
    actor.require(May.PLAN)
    topic = _held(session, code)
    before, name = topic.name, " ".join(name.split())
    if not name:
        raise Invalid([FieldError("name", "required", "a topic needs a name")])
    if len(name) > LONGEST_NAME:
        raise Invalid([FieldError("name", "too_long", f"it has {len(name)} characters; at most {LONGEST_NAME}")])
    if any(fold(one.name) == fold(name) for one in all_topics(session) if one is not topic):
        raise Invalid([FieldError("name", "topic_name_taken", f"another topic is called {name!r}")])
    if name != before:
        topic.name = name
        session.flush()
        details = {"before": before, "name": name}
        journal.record(session, actor.id, "topic.renamed", "topic", code, details, now=now)
    return topic


def retire_topic(session: Session, actor: Actor, code: str, *, now: datetime) -> Topic:
    """Let nothing new be written on a topic. Raises ``Conflict`` while a series goes on under it."""
    actor.require(May.PLAN)
    topic = _held(session, code)
    if topic.retired_at is not None:
        return topic
    today = city_day(now)
    living = sa.select(Series).where(sa.or_(Series.ends_on.is_(None), Series.ends_on >= today)).order_by(Series.id)
    for series in session.execute(living).scalars():
        rules = [rule for rule in (series.rule_on(today), *series.rules) if rule is not None]
        if any(rule.topic_id == topic.id for rule in rules if rule is rules[0] or rule.starts_on > today):
            raise Conflict(f"the series {series.name} is on this topic", code="topic_in_series", series=series.name)
    topic.retired_at = now
    session.flush()
    journal.record(session, actor.id, "topic.retired", "topic", code, {"name": topic.name}, now=now)
    return topic


def restore_topic(session: Session, actor: Actor, code: str, *, now: datetime) -> Topic:
    """Let it be chosen again."""
    actor.require(May.PLAN)
    topic = _held(session, code)
    if topic.retired_at is not None:
        topic.retired_at = None
        session.flush()
        journal.record(session, actor.id, "topic.restored", "topic", code, {"name": topic.name}, now=now)
    return topic


def _held(session: Session, code: str) -> Topic:
    topic = session.execute(sa.select(Topic).where(Topic.code == code).with_for_update()).scalar_one_or_none()
    if topic is None:
        raise NotFound(f"there is no topic {code}", topic=code)
    return topic
