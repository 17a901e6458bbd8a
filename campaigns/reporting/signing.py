"""Briefings one can sign: the words around the figures of one plan and period, kept from quarter to quarter.

Number, symbol, signer, place and recipients are what somebody enters: nothing here makes them up.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, public_id
from campaigns.core.clock import Period, UTCDateTime
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.letterheads import office_on, signer_on
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Campaign

# A4 pages of 14 point hold some 2,500 letters; what is longer than eight of them is an annex of its own.
LONGEST_TEXT = 20_000
LONGEST_LINE = 300
_TEXTS = ("difficulties", "proposals")
_LINES = ("addressed_to", "basis", "recipients")


@dataclass(frozen=True)
class Letter:
    """The words around the figures. ``number`` and ``signed_on`` (an ISO day) are the records office's: '' until given.
    ``symbol``: after the slash (``BC-SVHTT``); ``authority``: lines over the name (``KT. GIÁM ĐỐC``, ``PHÓ GIÁM ĐỐC``);
    ``addressed_to``, ``basis``, ``recipients``: in order."""

    number: str = ""
    symbol: str = ""
    signed_on: str = ""
    place: str = ""
    office: str = ""
    parent: str = ""
    authority: str = ""
    signer: str = ""
    addressed_to: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    difficulties: str = ""
    proposals: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Letter":
        """From what was kept."""
        told: dict[str, Any] = {name: tuple(value) if name in _LINES else value for name, value in kept.items()}
        return cls(**told)

    def kept(self) -> dict[str, Any]:
        """As it is kept."""
        return {name: list(value) if name in _LINES else value for name, value in asdict(self).items()}


class Briefing(Base):
    """One plan's briefing of one period. ``letter``: as it is being edited; every frozen version has its own copy.
    ``edits``: how often it was saved, so that two people do not write over each other."""

    __tablename__ = "briefings"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    label: Mapped[str] = mapped_column(sa.String(30))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    letter: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    begun_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    edited_by: Mapped[str] = mapped_column(sa.String(200))
    edited_by_name: Mapped[str] = mapped_column(sa.String(200))
    edits: Mapped[int]

    campaign: Mapped[Campaign | None] = relationship()

    __table_args__ = (sa.Index("ix_briefings_first_last", "first", "last"),)

    @property
    def period(self) -> Period:
        """The days it is about."""
        return Period(self.first, self.last, self.label)


def find_briefing(session: Session, public: str, *, for_update: bool = False) -> Briefing:
    """The briefing with this id, locked if it is about to change. Raises ``NotFound``."""
    query = sa.select(Briefing).where(Briefing.public == public)
    if for_update:
        query = query.with_for_update(of=Briefing).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no briefing {public}", briefing=public)
    return row


def briefing_of(session: Session, campaign_id: int | None, period: Period) -> Briefing | None:
    """The briefing of these very days, whatever they are called; None when nobody began one."""
    same = Briefing.campaign_id.is_(None) if campaign_id is None else Briefing.campaign_id == campaign_id
    query = sa.select(Briefing).where(Briefing.first == period.first, Briefing.last == period.last, same)
    return session.execute(query.order_by(Briefing.id).limit(1)).scalar_one_or_none()


def all_briefings(session: Session) -> Sequence[Briefing]:
    """Every briefing, the newest period first."""
    return session.execute(sa.select(Briefing).order_by(Briefing.last.desc(), Briefing.id.desc())).scalars().all()


def letter_of(session: Session, campaign: Campaign | None, period: Period) -> Letter | None:
    """The words as they are being edited; None when nobody began a briefing of these days."""
    row = briefing_of(session, campaign.id if campaign else None, period)
    return Letter.of(row.letter) if row is not None else None


def begin(session: Session, actor: Actor, campaign: Campaign | None, period: Period, *, now: dt.datetime) -> Briefing:
    """Begin a briefing, or give the one there is. Its words begin as those of the last one before it did.

    Raises ``Forbidden`` for a role that makes no reports.
    """
    actor.require(May.REPORT)
    campaign_id = campaign.id if campaign else None
    if (there := briefing_of(session, campaign_id, period)) is not None:
        return there
    row = Briefing(
        public=public_id("brf"), campaign=campaign, label=period.label, first=period.first, last=period.last,
        letter=first_letter(session, campaign, period).kept(), begun_at=now, edited_at=now, edited_by=actor.id,
        edited_by_name=actor.name, edits=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"period": period.label, "campaign": campaign.code if campaign else None}
    journal.record(session, actor.id, "briefing.begun", "briefing", row.public, details, now=now)
    return row


def first_letter(session: Session, campaign: Campaign | None, period: Period) -> Letter:
    """What the words begin as: those of the last briefing before, less its number and day, with the office and the
    signer of the period's end."""
    same = Briefing.campaign_id == campaign.id if campaign else Briefing.campaign_id.is_(None)
    query = sa.select(Briefing).where(Briefing.last < period.first, same).order_by(Briefing.last.desc()).limit(1)
    before = session.execute(query).scalar_one_or_none()
    office, signer = office_on(session, period.last), signer_on(session, period.last)
    if before is not None:
        letter = replace(Letter.of(before.letter), number="", signed_on="")
    else:
        basis = (f"Căn cứ Kế hoạch số {campaign.plan_number}",) if campaign else ()
        letter = Letter(basis=basis, addressed_to=(office.parent,) if office.parent else ())
    letter = replace(letter, office=office.name, parent=office.parent, place=office.place)
    letter = replace(letter, symbol=office.symbol or letter.symbol)
    if signer is not None:
        letter = replace(letter, authority=signer.authority, signer=signer.name)
    return letter


def edit(session: Session, actor: Actor, row: Briefing, letter: Letter, *, edits: int, now: dt.datetime) -> None:
    """Save the words. Versions that are frozen keep theirs.

    Raises ``Forbidden``, ``Invalid`` naming every bad field, ``Conflict`` when somebody saved after ``edits``.
    """
    actor.require(May.REPORT)
    check(letter)
    if row.edits != edits:
        raise Conflict(f"{row.edited_by_name} saved in the meantime", code="briefing_moved", who=row.edited_by_name)
    changed = [
        one.name for one in fields(Letter) if getattr(letter, one.name) != getattr(Letter.of(row.letter), one.name)
    ]
    if not changed:
        return
    row.letter, row.edited_at, row.edited_by, row.edited_by_name = letter.kept(), now, actor.id, actor.name
    row.edits += 1
    session.flush()
    journal.record(session, actor.id, "briefing.edited", "briefing", row.public, {"fields": changed}, now=now)


def check(letter: Letter) -> None:
    """Raise ``Invalid`` naming every field that cannot stand in a briefing."""
    errors: list[FieldError] = []
    for one in fields(Letter):
        value = getattr(letter, one.name)
        most = LONGEST_TEXT if one.name in _TEXTS else LONGEST_LINE
        for line in value if isinstance(value, tuple) else (value,):
            if len(line) > most:
                errors.append(FieldError(one.name, "too_long", f"{len(line)} letters; at most {most}"))
                break
    if letter.signed_on:
        try:
            dt.date.fromisoformat(letter.signed_on)
        except ValueError:
            errors.append(FieldError("signed_on", "day", f"{letter.signed_on!r} is not a day"))
    if errors:
        raise Invalid(errors)
