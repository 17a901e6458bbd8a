"""Versions of a briefing: figures frozen with their moment, stated again as a new version, and derived anew.

A frozen version is never edited: the database itself refuses. What is found to be different later is another version,
which says what differs. Anybody can derive a version anew from the history (``history``) and compare.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, public_id
from campaigns.core.clock import Period, UTCDateTime, city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Campaign
from campaigns.planning.outlines import outline_of
from campaigns.reporting import adding, canonical, history
from campaigns.reporting.briefing import Figures, figures
from campaigns.reporting.canonical import Change
from campaigns.reporting.history import AsOf
from campaigns.reporting.signing import Briefing, Letter, check, find_briefing

LONGEST_REASON = 1000


class BriefingVersion(Base):
    """One frozen version. ``entry``: up to which entry of the history; ``figures``: the canonical text, ``hash`` its
    SHA-256; ``differences``: what differs from the version before; ``reason``: why there is another.

    ``given_number`` and ``signed_on`` alone are written later: the records office gives them once it is signed.
    """

    __tablename__ = "briefing_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(sa.String(30), unique=True)
    briefing_id: Mapped[int] = mapped_column(sa.ForeignKey("briefings.id"))
    number: Mapped[int]
    as_of: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    entry: Mapped[int] = mapped_column(sa.BigInteger)
    rule_version: Mapped[str] = mapped_column(sa.String(20))
    figures: Mapped[str] = mapped_column(sa.Text)
    hash: Mapped[str] = mapped_column(sa.String(64))
    letter: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    differences: Mapped[list[Any]] = mapped_column(sa.JSON)
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_by_name: Mapped[str] = mapped_column(sa.String(200))
    given_number: Mapped[str] = mapped_column(sa.String(60), default="")
    signed_on: Mapped[dt.date | None]

    briefing: Mapped[Briefing] = relationship()

    __table_args__ = (sa.UniqueConstraint("briefing_id", "number"),)

    @property
    def told(self) -> Figures:
        """The figures as they were frozen."""
        return canonical.from_json(json.loads(self.figures))

    @property
    def words(self) -> Letter:
        """The words as they were frozen, with the number and day that were given since."""
        letter = Letter.of(self.letter)
        signed_on = self.signed_on.isoformat() if self.signed_on else letter.signed_on
        return replace(letter, number=self.given_number or letter.number, signed_on=signed_on)

    @property
    def changes(self) -> list[Change]:
        """What differs from the version before."""
        return [Change(**one) for one in self.differences]


def versions_of(session: Session, briefing: Briefing) -> Sequence[BriefingVersion]:
    """A briefing's versions, the first one first."""
    query = sa.select(BriefingVersion).where(BriefingVersion.briefing_id == briefing.id)
    return session.execute(query.order_by(BriefingVersion.number)).scalars().all()


def find_version(session: Session, public: str) -> BriefingVersion:
    """The version with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(BriefingVersion).where(BriefingVersion.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no version {public}", version=public)
    return row


def frozen_as_of(
    session: Session, campaign: Campaign | None, period: Period, moment: dt.datetime
) -> BriefingVersion | None:
    """The version of these days that was frozen in the second of ``moment``; None when none was."""
    same = Briefing.campaign_id == campaign.id if campaign else Briefing.campaign_id.is_(None)
    second = moment.replace(microsecond=0)
    query = (
        sa.select(BriefingVersion)
        .join(Briefing, Briefing.id == BriefingVersion.briefing_id)
        .where(
            Briefing.first == period.first,
            Briefing.last == period.last,
            same,
            BriefingVersion.as_of >= second,
            BriefingVersion.as_of < second + dt.timedelta(seconds=1),
        )
        .order_by(BriefingVersion.number.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def freeze(
    session: Session, actor: Actor, public: str, *, reason: str = "",
    edits: int | None = None, now: dt.datetime,
) -> BriefingVersion:  # fmt: skip
    """Freeze a briefing's figures and words as they stand; after the first time that states it again.

    ``edits``: how often the words had been saved when whoever freezes read them. Raises ``Forbidden``, ``NotFound``,
    ``Invalid`` (the period is ahead; a statement made again needs its reason), ``Conflict`` when the words have
    changed.
    """
    actor.require(May.REPORT)
    briefing = find_briefing(session, public, for_update=True)
    if edits is not None and briefing.edits != edits:
        who = briefing.edited_by_name
        raise Conflict(f"{who} saved in the meantime", code="briefing_moved", who=who)
    before = versions_of(session, briefing)
    errors = []
    if briefing.first > city_day(now):
        errors.append(FieldError("period", "period_ahead", f"{briefing.first} is ahead"))
    if before and not reason.strip():
        errors.append(FieldError("reason", "required", "a statement made again needs its reason"))
    if len(reason) > LONGEST_REASON:
        errors.append(FieldError("reason", "too_long", f"at most {LONGEST_REASON} letters"))
    if errors:
        raise Invalid(errors)
    check(Letter.of(briefing.letter))
    as_of = AsOf(now, _drained(session))
    outline = outline_of(briefing.campaign) if briefing.campaign else None
    told = figures(session, outline, briefing.period, as_of=as_of, now=now)
    text = canonical.written(told)
    differences = canonical.changes_between(before[-1].told, told) if before else []
    row = BriefingVersion(
        public=public_id("brv"), briefing=briefing, number=len(before) + 1, as_of=now, entry=as_of.entry,
        rule_version=told.rule_version, figures=text, hash=canonical.digest(text), letter=dict(briefing.letter),
        differences=[asdict(one) for one in differences], reason=reason.strip(), made_by=actor.id,
        made_by_name=actor.name, given_number="", signed_on=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    details = {"version": row.number, "period": briefing.label, "hash": row.hash, "differences": len(differences)}
    if row.reason:
        details["reason"] = row.reason
    act = "briefing.restated" if before else "briefing.frozen"
    journal.record(session, actor.id, act, "briefing", briefing.public, details, now=now)
    return row


def give_number(
    session: Session,
    actor: Actor,
    version: BriefingVersion,
    number: str,
    signed_on: dt.date | None,
    *,
    now: dt.datetime,
) -> None:
    """Write down the number and day that the records office gave. Raises ``Forbidden``, ``Invalid``."""
    actor.require(May.REPORT)
    if len(number.strip()) > 60:
        raise Invalid([FieldError("number", "too_long", "a number has at most 60 letters")])
    before: dict[str, Any] = {"number": version.given_number, "signed_on": version.signed_on}
    after: dict[str, Any] = {"number": number.strip(), "signed_on": signed_on}
    if before == after:
        return
    version.given_number, version.signed_on = after["number"], signed_on
    session.flush()
    details = {"version": version.number, **after, "before": before}
    journal.record(session, actor.id, "briefing.numbered", "briefing", version.briefing.public, details, now=now)


def _drained(session: Session) -> int:
    """Add up everything noted so far; returns the last entry of the history. What others are writing at this moment
    comes after it, whenever they commit: numbers are given where changes move into the history, one adder at a time.
    """
    left = adding.waiting(session)
    done = adding.add_up(session)  # takes the line even when nothing waits
    while some := (adding.add_up(session) if done < left else 0):
        done += some
    return history.newest(session)


@dataclass(frozen=True)
class Derived:
    """A version derived anew. ``sound``: the text kept is the one that was hashed; ``changes``: every figure that comes
    out differently."""

    figures: Figures
    sound: bool
    changes: tuple[Change, ...]

    @property
    def equal(self) -> bool:
        """Whether it is the version to the figure."""
        return self.sound and not self.changes


def derive(session: Session, version: BriefingVersion) -> Derived:
    """Derive a version's figures anew from the history, for the campaign as it was then."""
    kept = version.told
    as_of = AsOf(version.as_of, version.entry)
    again = figures(session, kept.outline, kept.period, as_of=as_of, now=version.as_of)
    # By which rules the pages were judged is part of what was frozen; those of today judged none of them.
    again = replace(again, rule_version=kept.rule_version)
    sound = canonical.digest(version.figures) == version.hash
    return Derived(again, sound, tuple(canonical.changes_between(kept, again)))


def all_versions(session: Session) -> Sequence[BriefingVersion]:
    """Every frozen version, the oldest first."""
    return session.execute(sa.select(BriefingVersion).order_by(BriefingVersion.id)).scalars().all()
