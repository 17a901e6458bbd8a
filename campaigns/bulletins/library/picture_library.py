"""The picture library: every kept picture with its description and credit, where it is used, and its removal.

A text has its own copy of a description, in its revision: what is changed here changes no text.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.autosave import WorkingCopy
from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.bulletins.pictures import Picture, PictureUse, find_picture
from campaigns.bulletins.presentation import LONGEST_ALT
from campaigns.core import journal
from campaigns.core.clock import city_day, day_start, parse_period
from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.core.listing import ListFilter, ListQuery, argument
from campaigns.core.vietnamese import fold, nfc
from campaigns.people.staff import Actor, Permission

LONGEST_CREDIT = 200  # characters
LONGEST_WORDS = 400  # characters of a search that are read
_USED = sa.exists().where(PictureUse.picture_id == Picture.id)


class PictureUsage(Enum):
    """Whether a text shows the picture."""

    USED = "used"
    UNUSED = "unused"


def _has_words(text: str) -> sa.ColumnElement[bool]:
    return sa.and_(sa.true(), *(Picture.search.contains(word, autoescape=True) for word in fold(text).split()))


def _in_month(month: str) -> sa.ColumnElement[bool]:
    period = parse_period(month, "month")
    after = period.last + dt.timedelta(days=1)
    return sa.and_(Picture.created_at >= day_start(period.first), Picture.created_at < day_start(after))


@dataclass(frozen=True)
class PictureFilter(ListFilter):
    """Filter of a list of pictures. ``q``: words of description, credit and file name, with or without diacritics;
    ``month``: the month it was brought in (``2026-11``); ``bare``: without a description."""

    q: str = argument("", longest=LONGEST_WORDS, where=_has_words)
    use: PictureUsage | None = argument(where=lambda use: _USED if use is PictureUsage.USED else sa.not_(_USED))
    month: str | None = argument(longest=7, where=_in_month)
    bare: bool = argument(False, where=lambda _: Picture.alt == "")


def picture_list(filters: PictureFilter, *, described: bool = False) -> ListQuery[Picture]:
    """The pictures, the newest first. ``described``: only those that a text may be given from the library."""
    conditions = [*filters.conditions(), *([Picture.alt != ""] if described else [])]
    return ListQuery(Picture, sa.select(Picture), conditions, (Picture.id.desc(),))


def months_with_pictures(session: Session) -> Sequence[str]:
    """The months from the first picture to the last one (``2026-11``), the newest first."""
    span = sa.select(sa.func.min(Picture.created_at), sa.func.max(Picture.created_at))
    start, end = (city_day(moment) if moment else None for moment in session.execute(span).one())
    if start is None or end is None:
        return []
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    numbers = (end.year * 12 + end.month - 1 - back for back in range(count))
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]


@dataclass(frozen=True)
class PictureBulletin:
    """A bulletin that shows a picture in one of its revisions: its code, newest title and state."""

    code: str
    title: str
    state: BulletinState


def bulletins_with(session: Session, pictures: Collection[int]) -> Mapping[int, Sequence[PictureBulletin]]:
    """The bulletins that show each of these pictures (primary keys), the newest first, with one query."""
    newest = sa.orm.aliased(Revision)
    query = (
        sa.select(PictureUse.picture_id, Bulletin.id, Bulletin.code, newest.title, Bulletin.state)
        .join(Revision, Revision.id == PictureUse.revision_id)
        .join(Bulletin, Bulletin.id == Revision.bulletin_id)
        .join(newest, sa.and_(newest.bulletin_id == Bulletin.id, newest.number == Bulletin.latest))
        .where(PictureUse.picture_id.in_(pictures))
        .distinct()
        .order_by(Bulletin.id.desc())
    )
    found: dict[int, list[PictureBulletin]] = {ident: [] for ident in pictures}
    for row in session.execute(query) if pictures else ():
        found[row.picture_id].append(PictureBulletin(row.code, row.title, row.state))
    return found


def description_errors(alt: str, credit: str, prefix: str = "") -> list[FieldError]:
    """The errors of a description and a credit. ``prefix``: of the names of their fields."""
    errors = []
    if not alt:
        message = "say what is on the picture, for who does not see it"
        errors.append(FieldError(f"{prefix}alt", "required", message))
    elif len(alt) > LONGEST_ALT:
        errors.append(FieldError(f"{prefix}alt", "too_long", f"a description has at most {LONGEST_ALT} characters"))
    if len(credit) > LONGEST_CREDIT:
        errors.append(FieldError(f"{prefix}credit", "too_long", f"a credit has at most {LONGEST_CREDIT} characters"))
    return errors


def tidy(text: str) -> str:
    """A description or credit as it is stored: composed letters, single spaces."""
    return " ".join(nfc(text).split())


def describe_picture(session: Session, actor: Actor, ident: str, *, alt: str, credit: str, now: dt.datetime) -> Picture:
    """Change the description and the credit; returns the picture. Texts that show it keep their own words. Raises
    ``NotFound``, ``Invalid``, ``Forbidden``."""
    actor.require(Permission.WRITE)
    picture = find_picture(session, ident)
    alt, credit = tidy(alt), tidy(credit)
    if errors := description_errors(alt, credit):
        raise Invalid(errors)
    if (alt, credit) != (picture.alt, picture.credit):
        details = {"was": picture.alt, "alt": alt, "credit": credit}
        picture.describe(alt, credit)
        session.flush()
        journal.record(session, actor.id, "picture.described", "picture", ident, details, now=now)
    return picture


def delete_picture(session: Session, actor: Actor, ident: str, *, now: dt.datetime) -> None:
    """Remove a picture that nothing shows from the library. Raises ``NotFound``, ``Forbidden``, ``Conflict``
    (``picture_used`` naming the bulletins; ``picture_open`` while an unsaved text shows it)."""
    actor.require(Permission.WRITE)
    picture = find_picture(session, ident)
    if used := bulletins_with(session, [picture.id])[picture.id]:
        codes = ", ".join(row.code for row in used[:5])
        raise Conflict(f"the picture is in {codes}", code="picture_used", bulletins=codes)
    open_text = sa.select(WorkingCopy.id).where(sa.cast(WorkingCopy.fields, sa.Text).contains(ident)).limit(1)
    if session.execute(open_text).first() is not None:
        raise Conflict("the picture is in a text that is being written", code="picture_open")
    details = {"name": picture.name, "alt": picture.alt, "key": picture.key}
    session.delete(picture)
    session.flush()
    journal.record(session, actor.id, "picture.deleted", "picture", ident, details, now=now)
