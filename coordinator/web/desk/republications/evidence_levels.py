"""The level of evidence of one copy, as eight levels. Pure except for the language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.discovery.sightings import SightingMethod
from campaigns.matching.classification import CARRIED
from campaigns.matching.matcher import Match
from campaigns.republications.attribution.verdicts import NAMES_US, Attribution
from campaigns.republications.republications import EvidenceLevel, RepublicationLife
from coordinator.translation import _, language
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.state_labels import EVIDENCE_LEVELS, value_label

SEEN = (
    SightingMethod.REPORTED,
    SightingMethod.ANNOUNCED,
    SightingMethod.COUNTED_IMAGE,
    SightingMethod.DISCOVERED,
    SightingMethod.FETCHED,
)


@dataclass(frozen=True)
class EvidenceFacts:
    """The facts behind the levels. ``ways``: when the page was first seen by each method."""

    ways: Mapping[SightingMethod, datetime]
    match: Match
    attribution: Attribution
    life: RepublicationLife
    level: EvidenceLevel
    checked_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True)
class EvidenceStep:
    """One level: ``state`` is ``done``, ``part`` or empty; ``note``: the text below its name."""

    state: str
    note: str


def reached_levels(facts: EvidenceFacts) -> tuple[str, ...]:
    """Return the names of the levels that are fully reached, in order."""
    states = _states(facts)
    return tuple(level for level in EVIDENCE_LEVELS if states[level] == "done")


def confirmed_by_person(facts: EvidenceFacts) -> bool:
    """Whether a person's confirmation takes the place of the program's fetch."""
    return SightingMethod.FETCHED not in facts.ways and (
        SightingMethod.PERSON in facts.ways or facts.level is EvidenceLevel.PERSON
    )


def evidence_levels(facts: EvidenceFacts, now: datetime) -> dict[str, EvidenceStep]:
    """Return every level with its state and note."""
    notes = _notes(facts, now)
    return {level: EvidenceStep(state, notes.get(level, "")) for level, state in _states(facts).items()}


def _states(facts: EvidenceFacts) -> dict[str, str]:
    states = {way.value: "done" if way in facts.ways else "" for way in SEEN}
    if confirmed_by_person(facts):
        states["fetched"] = "done"
    states["matched"] = "done" if facts.match in CARRIED else "" if facts.match is Match.NONE else "part"
    if facts.attribution is Attribution.LINKED_AT_END:
        states["attributed"] = "done"
    else:
        states["attributed"] = "part" if facts.attribution in NAMES_US else ""
    alive = {
        RepublicationLife.LIVE: "done",
        RepublicationLife.CHANGED: "part",
        RepublicationLife.GONE: "",
        RepublicationLife.UNREADABLE: "",
    }[facts.life]
    states["live"] = alive if facts.checked_at is not None and _is_copy(facts) else ""
    return states


def _is_copy(facts: EvidenceFacts) -> bool:
    """Whether the page carries any of the bulletin's text, so that it can be live or gone."""
    return facts.match is not Match.NONE or facts.level is EvidenceLevel.PERSON


def _notes(facts: EvidenceFacts, now: datetime) -> dict[str, str]:
    locale = language()

    def moment(at: datetime) -> str:
        return formats.short_moment(at, now, locale)

    notes = {way.value: moment(facts.ways[way]) for way in SEEN if way in facts.ways}
    if confirmed_by_person(facts) and SightingMethod.PERSON in facts.ways:
        notes["fetched"] = moment(facts.ways[SightingMethod.PERSON])
    if facts.match is not Match.NONE:
        notes["matched"] = value_label("match", facts.match).lower()
    if facts.checked_at is not None:
        notes["attributed"] = value_label("attribution", facts.attribution).lower()
        if _is_copy(facts):
            notes["live"] = moment(facts.checked_at)
        if facts.life in {RepublicationLife.CHANGED, RepublicationLife.UNREADABLE}:
            notes["live"] = value_label("life", facts.life).lower()
    if facts.life is RepublicationLife.GONE:
        gone = str(_("đã gỡ"))
        notes["live"] = f"{gone} {moment(facts.gone_at)}" if facts.gone_at is not None else gone
    return notes
