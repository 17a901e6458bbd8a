"""Import: the register of partners and texts of bulletins, whole or not at all unless told to skip the bad."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import sqlalchemy as sa

from campaigns.core.clock import utc_now
from campaigns.partners.columns import meaning
from campaigns.partners.directory import Site
from campaigns.partners.enrolling import enrol
from campaigns.partners.register import RejectedRow, read_register
from campaigns.people.staff import Actor
from campaigns.planning.campaigns import all_topics
from campaigns.publishing import drafting
from campaigns.publishing.drafting import Text
from campaigns.tracking.watching import watch
from coordinator.db import Database
from coordinator.http import DoorError
from coordinator.imports.documents import read_any
from coordinator.imports.feedtext import read_feed
from coordinator.imports.sheets import Row, read_sheet
from coordinator.imports.texts import ImportedText, RejectedText, Texts
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.jobs import acts
from coordinator.jobs.acts import Stood
from coordinator.jobs.workplace import Front, Workplace


@dataclass(frozen=True)
class Heading:
    """A column of the file: what stands first below it, and the field it was read as ("" = none)."""

    name: str
    sample: str
    field: str


@dataclass(frozen=True)
class RegisterImport:
    """What an import of the register did, or would do. ``good``: rows that can be taken."""

    companies: int
    licences: int
    sites: int
    unchanged: int
    good: int
    rejected: tuple[RejectedRow, ...]
    headings: tuple[Heading, ...] = ()


class _Undo(Exception):
    """Leaves a transaction without committing it."""


def import_register(
    database: Database,
    actor: str,
    name: str,
    body: bytes,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> RegisterImport:
    """Read a sheet and enrol its rows in one transaction. With bad rows nothing is written unless ``skip_bad``."""
    rows = read_sheet(name, body)
    reading = read_register(rows, chosen=chosen)
    now = utc_now()
    done = None
    rejected: tuple[RejectedRow, ...] = reading.rejected
    try:
        with database.write() as session:
            enrolled = enrol(session, actor, reading.entries, now=now)
            rejected = (*reading.rejected, *enrolled.rejected)
            done = RegisterImport(
                enrolled.companies,
                enrolled.licences,
                enrolled.sites,
                enrolled.unchanged,
                len(reading.entries) - len(enrolled.rejected),
                tuple(sorted(rejected, key=lambda row: row.row)),
                _headings(rows, chosen),
            )
            for code in enrolled.new_sites:
                watch(session, session.execute(sa.select(Site).where(Site.code == code)).scalar_one(), now=now)
            if dry_run or (rejected and not skip_bad):
                raise _Undo
    except _Undo:
        pass
    assert done is not None, "enrol() either returned or raised"  # noqa: S101  # a bug, not input
    return done


def _headings(rows: Sequence[Row], chosen: Mapping[str, str]) -> tuple[Heading, ...]:
    first: dict[str, str] = {}
    for row in rows:
        for heading, text in row.cells.items():
            first.setdefault(heading, text)
    return tuple(Heading(name, text, meaning(name, chosen) or "") for name, text in first.items())


def read_source(place: Workplace, source: str) -> Texts:
    """The texts of a file or a feed's address. Raises ``UnreadableDocument`` for one that cannot be read as a whole."""
    if source.startswith(("http://", "https://")):
        try:
            answer = place.door.get(source, cap=5_000_000)
        except DoorError as error:
            raise UnreadableDocument(f"the feed could not be fetched: {error}", code="unreachable") from error
        if answer.status != 200:
            raise UnreadableDocument(f"the feed's server answered {answer.status}", code="unreachable")
        return read_feed(answer.body, base=answer.url)
    path = Path(source)
    return read_any(path.name, path.read_bytes())


def without_topic(front: Front, texts: Sequence[ImportedText], topic: str) -> list[RejectedText]:
    """The texts whose topic, or the one they would be given, does not exist."""
    with front.place.database.read() as session:
        known = {one.code for one in all_topics(session)}
    return [
        RejectedText(
            one.row, "topic", "unknown_topic", f"there is no topic {wanted!r}; expected {', '.join(sorted(known))}"
        )
        for one in texts
        if (wanted := one.topic or topic) not in known
    ]


def import_texts(front: Front, actor: Actor, texts: Sequence[ImportedText], topic: str) -> list[Stood]:
    """A draft for each text, all in one transaction; ``topic`` is for those that name none."""
    with front.place.database.write() as session:
        return [
            acts.stood(
                drafting.create(
                    session,
                    actor,
                    Text(one.title, one.lead, one.body_html, one.body_text),
                    topic=one.topic or topic,
                    campaign=one.campaign,
                    source_url=one.source_url,
                    now=front.place.now(),
                )
            )
            for one in texts
        ]
