"""The text of a briefing around the figures of one plan and period, carried over from quarter to quarter.

Number, symbol, signer, place and recipients are entered by people and never generated.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.clock import Period
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.office import current_office, office_on, signer_for
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Campaign

# An A4 page of 14 point has some 2,500 characters; a text of more than eight pages belongs in an annex.
LONGEST_TEXT = 20_000
LONGEST_LINE = 300
_TEXTS = ("difficulties", "proposals")
_LINES = ("addressed_to", "basis", "recipients")


@dataclass(frozen=True)
class BriefingText:
    """The text around the figures. The records office gives ``number`` and ``signed_on`` (an ISO day): '' until then.
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
    def from_json(cls, kept: Mapping[str, Any]) -> "BriefingText":
        """Return the text from stored JSON."""
        values: dict[str, Any] = {name: tuple(value) if name in _LINES else value for name, value in kept.items()}
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the text as JSON."""
        return {name: list(value) if name in _LINES else value for name, value in asdict(self).items()}


class Briefing(Base):
    """One plan's briefing of one period. ``letter``: the text being edited; every frozen version has its own copy.
    ``edits``: the number of saves, so that concurrent edits are detected."""

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
        """The days that it covers."""
        return Period(self.first, self.last, self.label)


def find_briefing(session: Session, public: str, *, for_update: bool = False) -> Briefing:
    """Return the briefing with this id, locked for a change on request. Raises ``NotFound``."""
    query = sa.select(Briefing).where(Briefing.public == public)
    if for_update:
        query = query.with_for_update(of=Briefing).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no briefing {public}", briefing=public)
    return row


def briefing_of(session: Session, campaign_id: int | None, period: Period) -> Briefing | None:
    """Return the briefing of exactly these days, under any label; None when there is none."""
    same = Briefing.campaign_id.is_(None) if campaign_id is None else Briefing.campaign_id == campaign_id
    query = sa.select(Briefing).where(Briefing.first == period.first, Briefing.last == period.last, same)
    return session.execute(query.order_by(Briefing.id).limit(1)).scalar_one_or_none()


def all_briefings(session: Session) -> Sequence[Briefing]:
    """Return every briefing, the newest period first."""
    return session.execute(sa.select(Briefing).order_by(Briefing.last.desc(), Briefing.id.desc())).scalars().all()


def text_of(session: Session, campaign: Campaign | None, period: Period) -> BriefingText | None:
    """Return the text being edited; None when there is no briefing of these days."""
    row = briefing_of(session, campaign.id if campaign else None, period)
    return BriefingText.from_json(row.letter) if row is not None else None


def begin_briefing(
    session: Session, actor: Actor, campaign: Campaign | None, period: Period, *, now: dt.datetime
) -> Briefing:
    """Create a briefing, or return the existing one. Its initial text is that of the previous briefing.

    Raises ``Forbidden`` for a role that makes no reports.
    """
    actor.require(Permission.REPORT)
    campaign_id = campaign.id if campaign else None
    if (briefing := briefing_of(session, campaign_id, period)) is not None:
        return briefing
    row = Briefing(
        public=public_id("brf"), campaign=campaign, label=period.label, first=period.first, last=period.last,
        letter=initial_text(session, campaign, period).to_json(), begun_at=now, edited_at=now, edited_by=actor.id,
        edited_by_name=actor.name, edits=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"period": period.label, "campaign": campaign.code if campaign else None}
    journal.record(session, actor.id, "briefing.begun", "briefing", row.public, details, now=now)
    return row


def initial_text(session: Session, campaign: Campaign | None, period: Period) -> BriefingText:
    """Return the initial text: that of the previous briefing without its number and day, with the office and the signer
    of the period's end. Without recipients of its own it has the usual ones of the office."""
    same = Briefing.campaign_id == campaign.id if campaign else Briefing.campaign_id.is_(None)
    query = sa.select(Briefing).where(Briefing.last < period.first, same).order_by(Briefing.last.desc()).limit(1)
    before = session.execute(query).scalar_one_or_none()
    office, signer = office_on(session, period.last), signer_for(session, period.last)
    if before is not None:
        letter = replace(BriefingText.from_json(before.letter), number="", signed_on="")
    else:
        basis = (f"Căn cứ Kế hoạch số {campaign.plan_number}",) if campaign else ()
        letter = BriefingText(basis=basis, addressed_to=(office.parent,) if office.parent else ())
    letter = replace(letter, office=office.name, parent=office.parent, place=office.place)
    letter = replace(letter, symbol=office.symbol or letter.symbol)
    letter = replace(letter, recipients=letter.recipients or tuple(current_office(session).recipients))
    if signer is not None:
        letter = replace(letter, authority=signer.authority, signer=signer.name)
    return letter


def edit_text(
    session: Session, actor: Actor, row: Briefing, letter: BriefingText, *, edits: int, now: dt.datetime
) -> None:
    """Save the text. Frozen versions keep theirs.

    Raises ``Forbidden``, ``Invalid`` naming every invalid field, ``Conflict`` when there was a save after ``edits``.
    """
    actor.require(Permission.REPORT)
    check_text(letter)
    if row.edits != edits:
        raise Conflict(f"{row.edited_by_name} saved in the meantime", code="briefing_moved", who=row.edited_by_name)
    changed = [
        field.name
        for field in fields(BriefingText)
        if getattr(letter, field.name) != getattr(BriefingText.from_json(row.letter), field.name)
    ]
    if not changed:
        return
    row.letter, row.edited_at, row.edited_by, row.edited_by_name = letter.to_json(), now, actor.id, actor.name
    row.edits += 1
    session.flush()
    journal.record(session, actor.id, "briefing.edited", "briefing", row.public, {"fields": changed}, now=now)


def check_text(letter: BriefingText) -> None:
    """Raise ``Invalid`` naming every invalid field."""
    errors: list[FieldError] = []
    for field in fields(BriefingText):
        value = getattr(letter, field.name)
        most = LONGEST_TEXT if field.name in _TEXTS else LONGEST_LINE
        for line in value if isinstance(value, tuple) else (value,):
            if len(line) > most:
                errors.append(FieldError(field.name, "too_long", f"{len(line)} letters; at most {most}"))
                break
    if letter.signed_on:
        try:
            dt.date.fromisoformat(letter.signed_on)
        except ValueError:
            errors.append(FieldError("signed_on", "day", f"{letter.signed_on!r} is not a day"))
    if errors:
        raise Invalid(errors)
