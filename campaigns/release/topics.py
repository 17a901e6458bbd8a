"""Renaming, retiring and restoring topics that bulletins refer to.

A topic keeps its code for ever and is neither removed nor merged: reported figures, targets and partners' feeds refer
to it. A retired topic stays on existing rows and cannot be chosen for new ones.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.vietnamese import fold
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Topic, all_topics
from campaigns.release.series import Series

LONGEST_NAME = 120


def rename_topic(session: Session, actor: Actor, code: str, name: str, *, now: datetime) -> Topic:
    """Rename a topic; everything that refers to it shows the new name from now on.

    Raises ``Invalid`` without a name, for one too long, or for one that another topic has, ignoring case and
    diacritics.
    """
    actor.require(Permission.PLAN)
    topic = _lock_topic(session, code)
    before, name = topic.name, " ".join(name.split())
    if not name:
        raise Invalid([FieldError("name", "required", "a topic needs a name")])
    if len(name) > LONGEST_NAME:
        raise Invalid([FieldError("name", "too_long", f"it has {len(name)} characters; at most {LONGEST_NAME}")])
    if any(fold(other.name) == fold(name) for other in all_topics(session) if other is not topic):
        raise Invalid([FieldError("name", "topic_name_taken", f"another topic is called {name!r}")])
    if name != before:
        topic.name = name
        session.flush()
        details = {"before": before, "name": name}
        journal.record(session, actor.id, "topic.renamed", "topic", code, details, now=now)
    return topic


def retire_topic(session: Session, actor: Actor, code: str, *, now: datetime) -> Topic:
    """Retire a topic. Raises ``Conflict`` while a running series uses it."""
    actor.require(Permission.PLAN)
    topic = _lock_topic(session, code)
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
    """Make a retired topic available again."""
    actor.require(Permission.PLAN)
    topic = _lock_topic(session, code)
    if topic.retired_at is not None:
        topic.retired_at = None
        session.flush()
        journal.record(session, actor.id, "topic.restored", "topic", code, {"name": topic.name}, now=now)
    return topic


def _lock_topic(session: Session, code: str) -> Topic:
    topic = session.execute(sa.select(Topic).where(Topic.code == code).with_for_update()).scalar_one_or_none()
    if topic is None:
        raise NotFound(f"there is no topic {code}", topic=code)
    return topic
