"""Somebody vouches for a copy that no machine can read: the file is inspected, kept, and the copy confirmed with it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Actor, May
from campaigns.tracking import exhibits
from campaigns.tracking.exhibits import Exhibit, ExhibitKind, Kept
from coordinator.imports.clean import Refused
from coordinator.imports.inspecting import inspect
from coordinator.jobs.workplace import Workplace


@dataclass(frozen=True)
class Vouched:
    """What somebody saw: the bulletin's code, the page's address, when, and what is to be seen on the file."""

    bulletin: str
    url: str
    seen_at: datetime
    note: str
    body: bytes


def vouch(
    place: Workplace, actor: Actor, said: Vouched, also: Callable[[Session, Exhibit], None] | None = None
) -> tuple[str, str]:
    """Confirm a copy by a file; returns the public ids of the copy and of the exhibit.

    The words are checked first, so that a slip of the pen does not cost the reading of a file. Raises ``Forbidden``, or
    ``Invalid`` naming every bad field; a file that is refused is kept nowhere.
    """
    actor.require(May.REVIEW)
    now = place.now()
    errors: list[FieldError] = []
    if not said.note.strip():
        errors.append(FieldError("note", "required", "say what is to be seen"))
    try:
        with place.database.read() as session:
            exhibits.place_of(session, said.bulletin, said.url, said.seen_at, now=now)
    except Invalid as invalid:
        errors += invalid.errors
    if not said.body:
        errors.append(FieldError("file", "empty", "choose a picture or a PDF file"))
    if errors:
        raise Invalid(errors)
    try:
        clean = inspect(said.body)
    except Refused as refused:
        raise Invalid([FieldError("file", refused.code, str(refused))]) from refused
    digest, key = place.store.keep(clean.body)
    kept = Kept(
        ExhibitKind(clean.kind), clean.measure, len(clean.body), digest, key, hashlib.sha256(said.body).hexdigest()
    )
    with place.database.write() as session:
        exhibit = exhibits.vouch(
            session, actor, said.bulletin, said.url, said.seen_at, said.note, kept, now=place.now()
        )
        if also is not None:
            also(session, exhibit)
        return exhibit.republication.public, exhibit.public
