"""The library of video, audio and documents: the kept files with their words, and where they are used.

A text has its own copy of the words, in its revision: what is changed here changes no text.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.autosave import WorkingCopy
from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.bulletins.library.picture_library import (
    LONGEST_WORDS,
    PictureBulletin,
    PictureUsage,
    description_errors,
    tidy,
)
from campaigns.bulletins.media import LONGEST_TEXT, MediaFile, MediaKind, MediaUse, find_media
from campaigns.core import journal
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.listing import ListFilter, ListQuery, argument
from campaigns.core.vietnamese import fold, nfc
from campaigns.people.staff import Actor, Permission

_USED = sa.exists().where(MediaUse.media_id == MediaFile.id)


def _has_words(text: str) -> sa.ColumnElement[bool]:
    return sa.and_(sa.true(), *(MediaFile.search.contains(word, autoescape=True) for word in fold(text).split()))


@dataclass(frozen=True)
class MediaFilter(ListFilter):
    """Filter of a list of files. ``q``: words of description, credit, file name and text, with or without
    diacritics."""

    q: str = argument("", longest=LONGEST_WORDS, where=_has_words)
    kind: MediaKind | None = argument(where=lambda kind: MediaFile.kind == kind)
    use: PictureUsage | None = argument(where=lambda use: _USED if use is PictureUsage.USED else sa.not_(_USED))


def media_list(filters: MediaFilter) -> ListQuery[MediaFile]:
    """The files, the newest first; captions stand with what they belong to, not here."""
    conditions = [*filters.conditions(), MediaFile.kind != MediaKind.CAPTIONS]
    return ListQuery(MediaFile, sa.select(MediaFile), conditions, (MediaFile.id.desc(),))


def bulletins_with_media(session: Session, files: Collection[int]) -> Mapping[int, Sequence[PictureBulletin]]:
    """The bulletins that show each of these files (primary keys), the newest first, with one query."""
    newest = sa.orm.aliased(Revision)
    query = (
        sa.select(MediaUse.media_id, Bulletin.id, Bulletin.code, newest.title, Bulletin.state)
        .join(Revision, Revision.id == MediaUse.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .join(newest, sa.and_(newest.bulletin_id == Bulletin.id, newest.number == Bulletin.latest))
        .where(MediaUse.media_id.in_(files))
        .distinct()
        .order_by(Bulletin.id.desc())
    )
    found: dict[int, list[PictureBulletin]] = {ident: [] for ident in files}
    for row in session.execute(query) if files else ():
        found[row.media_id].append(PictureBulletin(row.code, row.title, row.state))
    return found


def describe_media(
    session: Session, actor: Actor, ident: str, *, alt: str, credit: str, transcript: str, now: dt.datetime
) -> MediaFile:
    """Change what the library says of a file. Raises ``NotFound``, ``Invalid``, ``Forbidden``."""
    actor.require(Permission.WRITE)
    file = find_media(session, ident)
    alt, credit, transcript = tidy(alt), tidy(credit), nfc(transcript).replace("\r\n", "\n").strip()
    errors = description_errors(alt, credit)
    if len(transcript) > LONGEST_TEXT:
        message = f"a text alternative has at most {LONGEST_TEXT:,} characters"
        errors.append(FieldError("transcript", "too_long", message))
    if errors:
        raise Invalid(errors)
    if (alt, credit, transcript) != (file.alt, file.credit, file.transcript):
        details = {"was": file.alt, "alt": alt, "credit": credit}
        file.describe(alt, credit, transcript)
        session.flush()
        journal.record(session, actor.id, "media.described", "media", ident, details, now=now)
    return file


def delete_media(session: Session, actor: Actor, ident: str, *, now: dt.datetime) -> None:
    """Remove a file that nothing shows from the library. Raises ``NotFound``, ``Forbidden``, ``Conflict``
    (``media_used`` naming the bulletins; ``media_open`` while an unsaved text has it)."""
    actor.require(Permission.WRITE)
    file = find_media(session, ident)
    if used := bulletins_with_media(session, [file.id])[file.id]:
        codes = ", ".join(row.code for row in used[:5])
        raise Conflict(f"the file is in {codes}", code="media_used", bulletins=codes)
    open_text = sa.select(WorkingCopy.id).where(sa.cast(WorkingCopy.fields, sa.Text).contains(ident)).limit(1)
    if session.execute(open_text).first() is not None:
        raise Conflict("the file is in a text that is being written", code="media_open")
    details = {"name": file.name, "alt": file.alt, "key": file.key}
    session.delete(file)
    session.flush()
    journal.record(session, actor.id, "media.deleted", "media", ident, details, now=now)
