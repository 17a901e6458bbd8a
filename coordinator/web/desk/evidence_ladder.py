"""How far the evidence for one copy reaches, as the eight rungs of the ladder. Pure but for the language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from campaigns.tracking.attribution import NAMES_US, Attribution
from campaigns.tracking.matching import Match
from campaigns.tracking.republications import Level, Life
from campaigns.tracking.sightings import How
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.wording import RUNGS, name_for

SEEN = (How.REPORTED, How.ANNOUNCED, How.COUNTED_IMAGE, How.DISCOVERED, How.FETCHED)


@dataclass(frozen=True)
class Climb:
    """What the rungs are made from. ``ways``: when the page was first seen in each way."""

    ways: Mapping[How, datetime]
    match: Match
    attribution: Attribution
    life: Life
    level: Level
    checked_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True)
class Step:
    """One rung: ``state`` is ``done``, ``part`` or empty; ``note`` the words below its name."""

    state: str
    note: str


def reached(climb: Climb) -> tuple[str, ...]:
    """The names of the rungs that are fully there, in order."""
    states = _states(climb)
    return tuple(rung for rung in RUNGS if states[rung] == "done")


def by_person(climb: Climb) -> bool:
    """Whether a person's word stands in for our own fetch."""
    return How.FETCHED not in climb.ways and (How.PERSON in climb.ways or climb.level is Level.PERSON)


def steps(climb: Climb, now: datetime) -> dict[str, Step]:
    """Every rung with its state and words."""
    notes = _notes(climb, now)
    return {rung: Step(state, notes.get(rung, "")) for rung, state in _states(climb).items()}


def _states(climb: Climb) -> dict[str, str]:
    states = {way.value: "done" if way in climb.ways else "" for way in SEEN}
    if by_person(climb):
        states["fetched"] = "done"
    states["matched"] = {Match.FULL: "done", Match.PARTIAL: "done", Match.NONE: ""}.get(climb.match, "part")
    if climb.attribution is Attribution.LINKED_AT_END:
        states["attributed"] = "done"
    else:
        states["attributed"] = "part" if climb.attribution in NAMES_US else ""
    alive = {Life.LIVE: "done", Life.CHANGED: "part", Life.GONE: ""}[climb.life]
    states["live"] = alive if climb.checked_at is not None and _is_copy(climb) else ""
    return states


def _is_copy(climb: Climb) -> bool:
    """Whether there is anything of ours that could live: a page that carries none of our text is no copy."""
    return climb.match is not Match.NONE or climb.level is Level.PERSON


def _notes(climb: Climb, now: datetime) -> dict[str, str]:
    locale = language()

    def moment(at: datetime) -> str:
        return formats.short_moment(at, now, locale)

    notes = {way.value: moment(climb.ways[way]) for way in SEEN if way in climb.ways}
    if by_person(climb) and How.PERSON in climb.ways:
        notes["fetched"] = moment(climb.ways[How.PERSON])
    if climb.match is not Match.NONE:
        notes["matched"] = name_for("match", climb.match, locale).lower()
    if climb.checked_at is not None:
        notes["attributed"] = name_for("attribution", climb.attribution, locale).lower()
        if _is_copy(climb):
            notes["live"] = moment(climb.checked_at)
        if climb.life is Life.CHANGED:
            notes["live"] = name_for("life", climb.life, locale).lower()
    if climb.life is Life.GONE:
        gone = str(gettext("đã gỡ"))
        notes["live"] = f"{gone} {moment(climb.gone_at)}" if climb.gone_at is not None else gone
    return notes
