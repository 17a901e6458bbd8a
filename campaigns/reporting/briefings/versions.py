"""Versions of a briefing: figures frozen with their time, restated as a new version, and derived again.

A frozen version is never edited: the database refuses it. A later restatement is another version, which lists the
differences. A version can be derived again from the history (``tally_history``) and compared.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from campaigns.core import journal
from campaigns.core.base import Base, UTCDateTime, public_id
from campaigns.core.checkpoints import make_checkpoint
from campaigns.core.clock import Period, city_day
from campaigns.core.errors import Conflict, FieldError, Invalid, NotFound
from campaigns.core.import_runs import ImportRun
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaign_snapshots import snapshot_campaign
from campaigns.planning.campaigns import Campaign
from campaigns.reporting.briefings import canonical_text
from campaigns.reporting.briefings.briefing_text import Briefing, BriefingText, check_text, find_briefing
from campaigns.reporting.briefings.canonical_text import FigureChange
from campaigns.reporting.briefings.figures import BriefingFigures, collect_figures
from campaigns.reporting.rollups import rollup, tally_history
from campaigns.reporting.rollups.tally_history import AsOf

LONGEST_REASON = 1000
LONGEST_NUMBER = 60


class BriefingVersion(Base):
    """One frozen version. ``entry``: the last entry of the history; ``figures``: the canonical text, ``hash`` its
    SHA-256; ``differences``: those from the previous version; ``reason``: the reason of a restatement; ``checkpoint``:
    of the journal as it was before, so that each copy of the briefing vouches for it. Only ``given_number`` and
    ``signed_on`` are written later: the records office gives them after the signature.
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
    checkpoint: Mapped[str] = mapped_column(sa.String(300))
    made_by: Mapped[str] = mapped_column(sa.String(200))
    made_by_name: Mapped[str] = mapped_column(sa.String(200))
    given_number: Mapped[str] = mapped_column(sa.String(60), default="")
    signed_on: Mapped[dt.date | None]

    briefing: Mapped[Briefing] = relationship()

    __table_args__ = (sa.UniqueConstraint("briefing_id", "number"),)

    @property
    def frozen_figures(self) -> BriefingFigures:
        """The frozen figures."""
        return canonical_text.figures_from_json(json.loads(self.figures))

    @property
    def frozen_text(self) -> BriefingText:
        """The frozen text, with the number and day that were given since."""
        letter = BriefingText.from_json(self.letter)
        signed_on = self.signed_on.isoformat() if self.signed_on else letter.signed_on
        return replace(letter, number=self.given_number or letter.number, signed_on=signed_on)

    @property
    def changes(self) -> list[FigureChange]:
        """The differences from the previous version."""
        return [FigureChange(**difference) for difference in self.differences]


def versions_of(session: Session, briefing: Briefing) -> Sequence[BriefingVersion]:
    """Return a briefing's versions, the oldest first."""
    query = sa.select(BriefingVersion).where(BriefingVersion.briefing_id == briefing.id)
    return session.execute(query.order_by(BriefingVersion.number)).scalars().all()


def find_version(session: Session, public: str) -> BriefingVersion:
    """Return the version with this id. Raises ``NotFound``."""
    row = session.execute(sa.select(BriefingVersion).where(BriefingVersion.public == public)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no version {public}", version=public)
    return row


def briefings_frozen_since(session: Session, run: ImportRun) -> Sequence[Briefing]:
    """Return the briefings with a version that was frozen after an import: it has the register and the cases of then.

    Freezing holds ``AdvisoryLock.ROLLUP`` until it commits."""
    frozen = sa.select(BriefingVersion.briefing_id).where(BriefingVersion.as_of >= run.changed_at)
    return session.execute(sa.select(Briefing).where(Briefing.id.in_(frozen)).order_by(Briefing.id)).scalars().all()


def frozen_as_of(
    session: Session, campaign: Campaign | None, period: Period, moment: dt.datetime
) -> BriefingVersion | None:
    """Return the version of these days that was frozen in the second of ``moment``; None when there is none."""
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


def freeze_version(
    session: Session, actor: Actor, public: str, *, reason: str = "",
    edits: int | None = None, now: dt.datetime,
) -> BriefingVersion:  # fmt: skip
    """Freeze a briefing's present figures and text; after the first version this is a restatement.

    ``edits``: the number of saves when the actor read the text. Raises ``Forbidden``, ``NotFound``, ``Invalid`` (the
    period is in the future; a restatement needs a reason), ``Conflict`` when the text has changed.
    """
    actor.require(Permission.REPORT)
    briefing = find_briefing(session, public, for_update=True)
    if edits is not None and briefing.edits != edits:
        actor_id = briefing.edited_by_name
        raise Conflict(f"{actor_id} saved in the meantime", code="briefing_moved", who=actor_id)
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
    check_text(BriefingText.from_json(briefing.letter))
    as_of = AsOf(now, _roll_up_all(session))
    outline = snapshot_campaign(briefing.campaign) if briefing.campaign else None
    figures = collect_figures(session, outline, briefing.period, as_of=as_of, now=now)
    text = canonical_text.canonical_text(figures)
    differences = canonical_text.changes_between(before[-1].frozen_figures, figures) if before else []
    row = BriefingVersion(
        public=public_id("brv"),
        briefing=briefing,
        number=len(before) + 1,
        as_of=now,
        entry=as_of.entry,
        rule_version=figures.rule_version,
        figures=text,
        hash=canonical_text.text_hash(text),
        letter=dict(briefing.letter),
        differences=[asdict(change) for change in differences],
        reason=reason.strip(),
        checkpoint=str(make_checkpoint(session, now=now)),
        made_by=actor.id,
        made_by_name=actor.name,
        given_number="",
        signed_on=None,
    )
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
    """Record the number and day that the records office gave. Raises ``Forbidden``, ``Invalid``."""
    actor.require(Permission.REPORT)
    if len(number.strip()) > LONGEST_NUMBER:
        raise Invalid([FieldError("number", "too_long", f"a number has at most {LONGEST_NUMBER} letters")])
    before: dict[str, Any] = {"number": version.given_number, "signed_on": version.signed_on}
    after: dict[str, Any] = {"number": number.strip(), "signed_on": signed_on}
    if before == after:
        return
    version.given_number, version.signed_on = after["number"], signed_on
    session.flush()
    details = {"version": version.number, **after, "before": before}
    journal.record(session, actor.id, "briefing.numbered", "briefing", version.briefing.public, details, now=now)


def _roll_up_all(session: Session) -> int:
    """Roll up all logged changes; returns the last entry of the history. Concurrent writes come after it, whenever they
    commit: entries are numbered when changes move into the history, in one transaction at a time.
    """
    left = rollup.count_pending(session)
    done = rollup.roll_up(session)  # acquires the lock even when no change waits
    while some := (rollup.roll_up(session) if done < left else 0):
        done += some
    return tally_history.newest_entry(session)


@dataclass(frozen=True)
class RederivedVersion:
    """A version derived again. ``sound``: the stored text matches its hash; ``changes``: every figure that differs."""

    figures: BriefingFigures
    sound: bool
    changes: tuple[FigureChange, ...]

    @property
    def equal(self) -> bool:
        """Whether every figure is the same."""
        return self.sound and not self.changes


def rederive(session: Session, version: BriefingVersion) -> RederivedVersion:
    """Derive a version's figures again from the history, for the campaign as it was then."""
    kept = version.frozen_figures
    as_of = AsOf(version.as_of, version.entry)
    again = collect_figures(session, kept.outline, kept.period, as_of=as_of, now=version.as_of)
    # The rule version is part of the frozen figures; today's rules judged none of those pages.
    again = replace(again, rule_version=kept.rule_version)
    sound = canonical_text.text_hash(version.figures) == version.hash
    return RederivedVersion(again, sound, tuple(canonical_text.changes_between(kept, again)))


def all_versions(session: Session) -> Sequence[BriefingVersion]:
    """Return every frozen version, the oldest first."""
    return session.execute(sa.select(BriefingVersion).order_by(BriefingVersion.id)).scalars().all()
