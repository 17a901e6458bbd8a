"""One bulletin with everything about it: its text, how it stands, its texts so far, where it went."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.partners.directory import Site
from campaigns.people.staff import Actor, May
from campaigns.publishing import outbox
from campaigns.publishing.bulletins import Bulletin, Revision, State, approvals_of, find_bulletin
from campaigns.publishing.drafting import is_out
from campaigns.publishing.dressing import Dress, of_json
from campaigns.publishing.outbox import DeliveryState
from campaigns.reporting import tallies
from campaigns.reporting.reach import Reach, reach_of
from campaigns.tracking import mentions
from campaigns.tracking.republications import Republication, Status
from coordinator.web.desk import bulletin_story
from coordinator.web.desk.bulletin_list import topic_shades
from coordinator.web.desk.bulletin_story import Event
from coordinator.web.desk.elsewhere import page_of
from coordinator.web.desk.looking import Look, look_at
from coordinator.web.desk.outcomes import by_state, outcomes
from coordinator.web.desk.previews import BARE
from coordinator.web.desk.receivers import Receivers, receivers_of
from coordinator.web.desk.urgent_mark import urgent_of
from coordinator.web.desk.view_figures import BulletinViews, read_views
from coordinator.web.security import actor, front, staff

MOST_COPIES = 8  # on the bulletin's own page; the list has them all


@dataclass(frozen=True)
class Text:
    """One revision as it is read. ``seal``: the first words of its hash, enough to tell texts apart by eye."""

    number: int
    title: str
    lead: str
    body_html: str
    body_text: str
    hash: str
    author_id: str
    author: str
    note: str
    at: datetime
    released_at: datetime | None
    dress: Dress = BARE

    @property
    def seal(self) -> str:
        """The hash's first sixteen digits in fours."""
        return " ".join(self.hash[place : place + 4] for place in range(0, 16, 4))

    @property
    def words(self) -> int:
        """How many words title, lead and body have, as people count them."""
        return len(f"{self.title} {self.lead} {self.body_text}".split())


@dataclass(frozen=True)
class Version:
    """One line in the list of texts."""

    number: int
    author: str
    at: datetime
    note: str
    approver: str
    released_at: datetime | None
    seal: str


@dataclass(frozen=True)
class Copy:
    """One republication on the bulletin's page."""

    ident: str
    site: str
    status: Status
    seen_at: datetime


@dataclass(frozen=True)
class Elsewhere:
    """A page of somebody who is no partner that links to the bulletin: shown, never counted."""

    host: str
    url: str
    title: str
    at: datetime


@dataclass(frozen=True)
class Acts:
    """What this reader may do with the bulletin as it stands now."""

    edit: bool
    submit: bool
    approve: bool
    release: bool
    move: bool
    correct: bool
    recall: bool
    urgent: bool
    own: bool  # waits for approval, but this reader wrote it


@dataclass(frozen=True)
class Whole:
    """Everything the page shows. ``out``: outsiders see it. ``reached``: places that may have a text of it."""

    code: str
    state: State
    out: bool
    topic: str
    shade: int
    campaign: str | None
    source_url: str | None
    writer: str
    created_at: datetime
    release_at: datetime | None
    changed_at: datetime | None
    recalled_at: datetime | None
    recall_reason: str
    return_note: str
    pending: int | None
    released: int | None
    chosen: bool
    text: Text
    versions: tuple[Version, ...]
    receivers: Receivers
    look: Look
    reached: Receivers
    deliveries: dict[DeliveryState, int]
    reach: Reach
    copies: tuple[Copy, ...]
    views: BulletinViews
    elsewhere: tuple[Elsewhere, ...]
    events: tuple[Event, ...]
    acts: Acts

    @property
    def shown_state(self) -> State:
        """The state a reader should see: one whose time has come is out, even before the clock has noted it."""
        return State.PUBLISHED if self.out else self.state


def text_of(revision: Revision) -> Text:
    """A revision's row as it is read."""
    return Text(
        revision.number,
        revision.title,
        revision.lead,
        revision.body_html,
        revision.body_text,
        revision.hash,
        revision.author,
        revision.author_name,
        revision.note,
        revision.created_at,
        revision.released_at,
        of_json(revision.dress),
    )


def waiting_revision(bulletin: Bulletin) -> int | None:
    """The number of the text that waits for approval; None when none does."""
    if bulletin.pending is not None:
        return bulletin.pending
    return bulletin.latest if bulletin.state is State.SUBMITTED else None


def acts_of(bulletin: Bulletin, author: str, who: Actor, now: datetime) -> Acts:
    """What ``who`` may do now; ``author`` wrote the text that would be approved."""
    out = is_out(bulletin, now)
    writes, approves = who.may(May.WRITE), who.may(May.APPROVE)
    waits = waiting_revision(bulletin) is not None
    own = who.id in {bulletin.writer, author}
    return Acts(
        edit=writes and not out and bulletin.state is not State.RECALLED,
        submit=writes and bulletin.state is State.DRAFT,
        approve=approves and waits and not own,
        release=approves and bulletin.state is State.APPROVED,
        move=approves and bulletin.state is State.SCHEDULED and not out,
        correct=writes and out,
        recall=approves and out,
        urgent=approves and bulletin.state in {State.DRAFT, State.SUBMITTED},
        own=approves and waits and own,
    )


def read(session: Session, code: str, who: Actor, now: datetime) -> Whole:
    """Collect everything about one bulletin. Raises ``NotFound``."""
    bulletin = find_bulletin(session, code)
    revisions = list(bulletin.revisions)
    approvers = {approval.revision: approval.approver_name for approval in approvals_of(session, bulletin)}
    shown = bulletin.released if is_out(bulletin, now) or bulletin.state is State.RECALLED else bulletin.latest
    text = text_of(next(one for one in revisions if one.number == (shown or bulletin.latest)))
    waiting = waiting_revision(bulletin)
    entitled = outbox.entitled(session, bulletin)
    author = next((one.author for one in revisions if one.number == waiting), bulletin.writer)
    return Whole(
        code=bulletin.code,
        state=bulletin.state,
        out=is_out(bulletin, now),
        topic=bulletin.topic.name,
        shade=topic_shades(session)[bulletin.topic.code],
        campaign=bulletin.campaign.plan_number if bulletin.campaign else None,
        source_url=bulletin.source_url,
        writer=bulletin.writer_name,
        created_at=bulletin.created_at,
        release_at=bulletin.release_at,
        changed_at=bulletin.changed_at,
        recalled_at=bulletin.recalled_at,
        recall_reason=bulletin.recall_reason,
        return_note=bulletin.return_note,
        pending=bulletin.pending,
        released=bulletin.released,
        chosen=bulletin.wanted_channels is not None,
        text=text,
        versions=tuple(
            Version(
                one.number,
                one.author_name,
                one.created_at,
                one.note,
                approvers.get(one.number, ""),
                one.released_at,
                text_of(one).seal,
            )
            for one in reversed(revisions)
        ),
        receivers=receivers_of(entitled),
        look=look_at(session, next(one for one in revisions if one.number == text.number), entitled),
        reached=receivers_of(outbox.reached(session, bulletin)),
        deliveries=tallies.delivery_states(session, bulletin),
        reach=reach_of(session, [bulletin.id])[bulletin.id],
        copies=_copies(session, bulletin),
        views=read_views(session, bulletin, city_day(now)),
        elsewhere=tuple(
            Elsewhere(one.host, one.source, one.title, one.first_at)
            for one in mentions.linking(session, bulletin, MOST_COPIES)
        ),
        events=tuple(bulletin_story.story(session, code)),
        acts=acts_of(bulletin, author, who, now),
    )


def _copies(session: Session, bulletin: Bulletin) -> tuple[Copy, ...]:
    query = (
        sa.select(Republication.public, Site.name, Republication.status, Republication.first_seen_at)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.bulletin_id == bulletin.id, Republication.status != Status.REJECTED)
        .order_by(Republication.first_seen_at.desc(), Republication.id.desc())
        .limit(MOST_COPIES)
    )
    return tuple(Copy(*row) for row in session.execute(query))


@staff()
def show(code: str) -> ResponseReturnValue:
    """The bulletin's page."""
    place = front().place
    with place.database.read() as session:
        whole = read(session, code, actor(), place.now())
        went = by_state(outcomes(session, find_bulletin(session, code)))
        urgent = urgent_of(session, find_bulletin(session, code), actor())
    return render_template(
        "bulletins/show.html",
        one=whole,
        urgent=urgent,
        outcomes=went,
        page_of=page_of,
        public_url=place.addresses.bulletin(code) if whole.out or whole.state is State.RECALLED else None,
        kit_url=place.addresses.republish(code) if whole.out else None,
    )
