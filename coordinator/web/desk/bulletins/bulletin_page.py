"""The page of one bulletin: its text and state, its revisions, its release with one signature, its views, and where it
was sent and republished.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import sqlalchemy as sa
from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins import media
from campaigns.bulletins.bulletins import (
    Bulletin,
    BulletinState,
    Revision,
    RevisionPart,
    approvals_of,
    changed_parts,
    find_bulletin,
    pictures_lost_since_release,
)
from campaigns.bulletins.drafts import is_out
from campaigns.bulletins.library import video_addresses
from campaigns.bulletins.media import MediaItem
from campaigns.bulletins.presentation import Presentation, from_json
from campaigns.core.clock import city_day
from campaigns.core.contents import from_attributes
from campaigns.delivery import engagement, outbox
from campaigns.delivery.engagement import LatestCount
from campaigns.delivery.outbox import DeliveryState
from campaigns.discovery import webmentions
from campaigns.matching.fingerprints import tokenize
from campaigns.matching.prepared_bulletin import bulletin_text
from campaigns.partners.directory import Site
from campaigns.people.powers.identities import share_a_person
from campaigns.people.staff import Actor, Permission
from campaigns.release import urgent_releases
from campaigns.release.comments import comments_on
from campaigns.release.second_person import barred_from_approval, free_approvers, text_without, unread_authors
from campaigns.release.single_signature_releases import ReviewOutcome
from campaigns.reporting import tallies
from campaigns.reporting.reach import BulletinReach, reach_of
from campaigns.reporting.tallies import DayViews, HostViews, ViewFigures
from campaigns.republications.republications import NO_COPIES, Republication, RepublicationStatus
from coordinator.exports.charts.render import HALF, LineChart, line_chart, responsive
from coordinator.exports.format import Locale
from coordinator.translation import N_, _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.bulletins import history
from coordinator.web.desk.bulletins.history import HistoryEvent
from coordinator.web.desk.bulletins.list_page import topic_colours
from coordinator.web.desk.bulletins.preview import NO_PRESENTATION, TextCheck, check_revision
from coordinator.web.desk.bulletins.recipient_counts import Recipients, recipients_of
from coordinator.web.desk.bulletins.recipients import delivery_outcomes, outcomes_by_state
from coordinator.web.desk.reporting.progress.charts import Chart, ChartCell
from coordinator.web.kit.links import page_url
from coordinator.web.kit.text import formats


@dataclass(frozen=True)
class UrgentReleaseView:
    """A release with one signature. ``waits``: no second person has reviewed it; ``mine``: this
    reader may review it.
    """

    revision: int
    correction: bool
    signer: str
    at: datetime
    reason: str
    waits: bool
    mine: bool
    reviewer: str
    reviewed_at: datetime | None
    objection: bool
    note: str


def urgent_release_view(session: Session, bulletin: Bulletin, actor: Actor) -> UrgentReleaseView | None:
    """Return the urgent release of a bulletin; None for a release that two people approved."""
    found = urgent_releases.find_urgent_release(session, bulletin)
    if found is None:
        return None
    waits = urgent_releases.find_awaiting(session, bulletin) is found
    involved = urgent_releases.barred_from_review(session, [found])[found.id]
    return from_attributes(
        UrgentReleaseView,
        found,
        signer=found.signer_name,
        waits=waits,
        mine=waits and actor.may(Permission.APPROVE) and not share_a_person(session, actor.id, involved),
        reviewer=found.reviewer_name or "",
        objection=found.outcome is ReviewOutcome.OBJECTION,
    )


MOST_HOSTS = 8  # on the bulletin's own page


@dataclass(frozen=True)
class ViewCounts:
    """View counts of a bulletin. ``ours``: one row per version of the rules, newest last; ``reported``: the numbers
    that channels report."""

    ours: Sequence[ViewFigures]
    hosts: Sequence[HostViews]
    drawing: Chart | None
    reported: Sequence[LatestCount]


def view_counts(session: Session, bulletin: Bulletin, today: date) -> ViewCounts:
    """Return the view counts of one bulletin."""
    days = tallies.bulletin_views_by_day(session, bulletin.id)
    return ViewCounts(
        ours=tallies.bulletin_views(session, bulletin.id),
        hosts=tallies.bulletin_views_by_host(session, bulletin.id)[:MOST_HOSTS],
        drawing=_views_chart(days, today) if days else None,
        reported=engagement.latest_counts(session, bulletin.id),
    )


def _views_chart(days: Sequence[DayViews], today: date) -> Chart:
    """Return a chart of cumulative guarded views under the newest rule version; the table has every day and version."""
    locale: Locale = language()
    rules = days[-1].rules
    total, course = 0, []
    for views in days:
        if views.rules == rules:
            total += views.guarded
            course.append((views.day, float(total)))
    first, last = course[0][0], max(today, course[-1][0])
    course.append((last, float(total)))
    figure = LineChart(
        key="luot-xem",
        title=_("Lượt xem đã lọc, cộng dồn"),
        description=_(
            "Từ %(first)s đến %(last)s: %(count)s lượt xem đã lọc, theo quy tắc tính, phiên bản %(rules)s.",
            first=formats.day(first), last=formats.day(last), count=formats.number(total, language()), rules=rules,
        ),
        first=first,
        last=last,
        actual=course,
        unit=_("lượt xem"),
    )  # fmt: skip
    rows: list[tuple[ChartCell, ...]] = [
        (formats.day_month(views.day), views.guarded, views.raw, views.rules) for views in days
    ]
    return Chart(
        title=_("Lượt xem từng ngày"),
        svg=responsive(line_chart, figure, HALF, locale),
        heads=(_("Ngày"), _("Đã lọc"), _("Thô"), _("Quy tắc tính")),
        rows=tuple(rows),
    )


MOST_COPIES = 8  # on the bulletin's own page; the page of copies lists all


@dataclass(frozen=True)
class RevisionText:
    """One revision for display. ``checksum``: the first digits of its hash, enough to tell revisions apart."""

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
    presentation: Presentation = NO_PRESENTATION
    media: tuple[MediaItem, ...] = ()
    filing: str = ""  # where it goes and where it is from, a line each

    @property
    def checksum(self) -> str:
        """Return the first sixteen digits of the hash in groups of four."""
        return " ".join(self.hash[place : place + 4] for place in range(0, 16, 4))

    @property
    def words(self) -> int:
        """Return the number of words in title, lead and body, as they are compared with those of a page."""
        return len(tokenize(bulletin_text(self.title, self.lead, self.body_text)))


@dataclass(frozen=True)
class RevisionRow:
    """One row in the list of revisions."""

    number: int
    author: str
    at: datetime
    note: str
    approver: str
    released_at: datetime | None
    checksum: str


@dataclass(frozen=True)
class BulletinCopyRow:
    """One republication on the bulletin's page."""

    ident: str
    site: str
    status: RepublicationStatus
    seen_at: datetime


@dataclass(frozen=True)
class OutsideLink:
    """A page of a site that is no partner and links to the bulletin: shown, never counted."""

    host: str
    url: str
    title: str
    at: datetime


@dataclass(frozen=True)
class LapsedApproval:
    """An approval that later changes have ended: the revision, who approved it, and what was changed since, by whom."""

    revision: int
    approver: str
    at: datetime
    parts: tuple[RevisionPart, ...]
    changed_by: tuple[str, ...]

    @property
    def part_names(self) -> list[str]:
        """Return the changed parts in the reader's language."""
        return [_(_PARTS[part]) for part in self.parts]


_PARTS = {
    RevisionPart.TITLE: N_("tiêu đề"),
    RevisionPart.LEAD: N_("sapo"),
    RevisionPart.BODY: N_("nội dung"),
    RevisionPart.PRESENTATION: N_("ảnh bìa hoặc lời riêng theo kênh"),
    RevisionPart.MEDIA: N_("video, âm thanh, tài liệu hoặc ảnh kèm theo"),
    RevisionPart.TOPIC: N_("chuyên đề"),
    RevisionPart.CAMPAIGN: N_("kế hoạch"),
    RevisionPart.SOURCE: N_("bài gốc"),
    RevisionPart.CHANNELS: N_("nơi nhận"),
}


def _lapsed_approval(session: Session, bulletin: Bulletin, revisions: Sequence[Revision]) -> LapsedApproval | None:
    """Return the last approval of a text that was never released, if a later text has ended it."""
    if bulletin.approved is not None or bulletin.released is not None:
        return None
    approvals = approvals_of(session, bulletin)
    if not approvals:
        return None
    last, by_number = approvals[-1], {revision.number: revision for revision in revisions}
    parts = changed_parts(by_number[last.revision], by_number[bulletin.latest])
    later = [revision.author_name for revision in revisions if revision.number > last.revision]
    return LapsedApproval(last.revision, last.approver_name, last.at, parts, tuple(dict.fromkeys(later)))


@dataclass(frozen=True)
class AllowedActions:
    """The actions that this reader may take on the bulletin in its present state."""

    edit: bool
    submit: bool
    approve: bool
    release: bool
    move: bool
    correct: bool
    recall: bool
    urgent: bool
    template: bool
    own: bool  # waits for approval, and this reader wrote it


@dataclass(frozen=True)
class SecondPersonView:
    """Who may approve the newest text instead of a reader who may not. ``why``: the reader wrote its ``template``,
    ``wrote`` it alone, or ``changed`` it; ``others``: names of who may; ``colleague``: who wrote ``number``, the newest
    text that the reader could approve, "" where there is none."""

    why: str
    others: tuple[str, ...]
    colleague: str = ""
    number: int = 0


def second_person_view(session: Session, bulletin: Bulletin, actor: Actor) -> SecondPersonView | None:
    """Return who approves the newest text where the actor, an approver, may not; None where the actor may."""
    barred = barred_from_approval(session, bulletin)
    if not actor.may(Permission.APPROVE) or not share_a_person(session, actor.id, barred):
        return None
    authors = unread_authors(session, bulletin)
    wrote = share_a_person(session, actor.id, authors)
    unreleased = bulletin.state in {BulletinState.DRAFT, BulletinState.SUBMITTED}
    earlier = text_without(session, bulletin, actor.id) if unreleased else None
    return SecondPersonView(
        why="template" if not wrote else "changed" if len(authors) > 1 else "wrote",
        others=tuple(person.name for person in free_approvers(session, barred)),
        colleague=earlier.author_name if earlier else "",
        number=earlier.number if earlier else 0,
    )


def others_once_saved(session: Session, bulletin: Bulletin, actor: Actor, *, now: datetime) -> SecondPersonView | None:
    """Return who may approve a text that the actor, who may do so now, has changed; None where the actor may not."""
    barred = barred_from_approval(session, bulletin)
    if not actor.may(Permission.APPROVE) or share_a_person(session, actor.id, barred):
        return None
    others = free_approvers(session, {**barred, actor.id: now})
    return SecondPersonView(why="changed", others=tuple(person.name for person in others))


def retakable_revision(bulletin: Bulletin, actor: Actor) -> int | None:
    """Return the actor's own newest revision of a draft that somebody else wrote last."""
    if bulletin.state is not BulletinState.DRAFT or not actor.may(Permission.WRITE):
        return None
    if bulletin.revision(bulletin.latest).author == actor.id:
        return None
    return max((revision.number for revision in bulletin.revisions if revision.author == actor.id), default=None)


NO_ERRORS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CommentRow:
    """One comment; ``resolved_at``: None while it is open."""

    public: str
    revision: int
    author_name: str
    at: datetime
    text: str
    resolved_by_name: str
    resolved_at: datetime | None


@dataclass(frozen=True)
class VideoRow:
    """An upload of the bulletin's video on another platform. ``who``: "" for one that a channel told."""

    id: int
    url: str
    who: str
    at: datetime


@dataclass(frozen=True)
class BulletinView:
    """Content of the page. ``out``: the bulletin is public. ``reached``: the recipients that may have a text of it.
    ``lost_pictures``: addresses of foreign pictures that could not be fetched since the last release; ``lapsed``: an
    approval that a later change has ended.
    """

    code: str
    state: BulletinState
    out: bool
    topic: str
    shade: int
    campaign: str | None
    source_url: str | None
    writer: str
    created_at: datetime
    release_at: datetime | None
    reported_on: date | None
    changed_at: datetime | None
    recalled_at: datetime | None
    recall_reason: str
    return_note: str
    pending: int | None
    released: int | None
    chosen: bool
    text: RevisionText
    versions: tuple[RevisionRow, ...]
    receivers: Recipients
    look: TextCheck
    reached: Recipients
    deliveries: dict[DeliveryState, int]
    reach: BulletinReach
    copies: tuple[BulletinCopyRow, ...]
    views: ViewCounts
    elsewhere: tuple[OutsideLink, ...]
    events: tuple[HistoryEvent, ...]
    lost_pictures: tuple[str, ...]
    lapsed: LapsedApproval | None
    acts: AllowedActions
    second: SecondPersonView | None
    retakable: int | None  # of a draft that somebody else wrote last: the reader's own newest revision
    comments: tuple[CommentRow, ...]
    may_comment: bool
    has_recordings: bool
    videos: tuple[VideoRow, ...]

    @property
    def display_state(self) -> BulletinState:
        """Return the state to show: a bulletin whose release time has passed is published, even before the job has
        recorded it.
        """
        return BulletinState.PUBLISHED if self.out else self.state


def revision_text(revision: Revision) -> RevisionText:
    """Return the display form of a revision."""
    return from_attributes(
        RevisionText,
        revision,
        author_id=revision.author,
        author=revision.author_name,
        at=revision.created_at,
        presentation=from_json(revision.presentation),
        media=media.from_json(revision.media),
        filing=_filing_lines(revision),
    )


def _filing_lines(revision: Revision) -> str:
    channels = revision.wanted_channels
    lines = [
        _("Chuyên đề: %(topic)s", topic=revision.topic_code),
        _("Nơi nhận: %(channels)s", channels=", ".join(sorted(channels)))
        if channels is not None
        else _("Nơi nhận: mọi nơi nhận chuyên đề này"),
    ]
    if revision.campaign_code:
        lines.append(_("Kế hoạch: %(campaign)s", campaign=revision.campaign_code))
    if revision.source_url:
        lines.append(_("Bài gốc: %(url)s", url=revision.source_url))
    return "\n".join(lines)


def waiting_revision(bulletin: Bulletin) -> int | None:
    """Return the number of the revision that waits for approval; None when there is none."""
    if bulletin.pending is not None:
        return bulletin.pending
    return bulletin.latest if bulletin.state is BulletinState.SUBMITTED else None


def allowed_actions(bulletin: Bulletin, own: bool, actor: Actor, now: datetime) -> AllowedActions:
    """Return the actions ``actor`` may take now. ``own``: the actor may not approve the newest text, as one of those
    who wrote it."""
    out = is_out(bulletin, now)
    writes, approves = actor.may(Permission.WRITE), actor.may(Permission.APPROVE)
    waits = waiting_revision(bulletin) is not None
    return AllowedActions(
        edit=writes and not out and bulletin.state is not BulletinState.RECALLED and bulletin.reported_on is None,
        submit=writes and bulletin.state is BulletinState.DRAFT,
        approve=approves and waits and not own,
        release=approves and bulletin.state is BulletinState.APPROVED,
        move=approves and bulletin.state is BulletinState.SCHEDULED and not out,
        correct=writes and out,
        recall=approves and out,
        urgent=approves and bulletin.state in {BulletinState.DRAFT, BulletinState.SUBMITTED},
        template=writes and bulletin.reported_on is None,
        own=approves and waits and own,
    )


def bulletin_view(session: Session, bulletin: Bulletin, actor: Actor, now: datetime) -> BulletinView:
    """Return the content of the page of a bulletin, within its session."""
    revisions = list(bulletin.revisions)
    approvers = {approval.revision: approval.approver_name for approval in approvals_of(session, bulletin)}
    shown = bulletin.released if is_out(bulletin, now) or bulletin.state is BulletinState.RECALLED else bulletin.latest
    text = revision_text(next(revision for revision in revisions if revision.number == (shown or bulletin.latest)))
    waiting = waiting_revision(bulletin)
    entitled = outbox.entitled_channels(session, bulletin)
    unapproved = waiting is not None or bulletin.state is BulletinState.DRAFT
    second = second_person_view(session, bulletin, actor) if unapproved else None
    return from_attributes(
        BulletinView,
        bulletin,
        out=is_out(bulletin, now),
        topic=bulletin.topic.name,
        shade=topic_colours(session)[bulletin.topic.code],
        campaign=bulletin.campaign.plan_number if bulletin.campaign else None,
        writer=bulletin.writer_name,
        chosen=bulletin.wanted_channels is not None,
        text=text,
        versions=tuple(
            RevisionRow(
                revision.number,
                revision.author_name,
                revision.created_at,
                revision.note,
                approvers.get(revision.number, ""),
                revision.released_at,
                revision_text(revision).checksum,
            )
            for revision in reversed(revisions)
        ),
        receivers=recipients_of(entitled),
        look=check_revision(
            session, next(revision for revision in revisions if revision.number == text.number), entitled
        ),
        reached=recipients_of(outbox.reached_channels(session, bulletin)),
        deliveries=tallies.delivery_states(session, bulletin),
        reach=reach_of(session, [bulletin.id])[bulletin.id],
        copies=_copy_rows(session, bulletin),
        views=view_counts(session, bulletin, city_day(now)),
        elsewhere=tuple(
            OutsideLink(webmention.host, webmention.source, webmention.title, webmention.first_at)
            for webmention in webmentions.linking_pages(session, bulletin, MOST_COPIES)
        ),
        events=tuple(history.bulletin_history(session, bulletin.code)),
        lost_pictures=tuple(pictures_lost_since_release(session, bulletin)),
        lapsed=_lapsed_approval(session, bulletin, revisions),
        acts=allowed_actions(bulletin, second is not None, actor, now),
        second=second,
        retakable=retakable_revision(bulletin, actor),
        comments=tuple(
            CommentRow(
                row.public, row.revision, row.author_name, row.at, row.text, row.resolved_by_name, row.resolved_at
            )
            for row in comments_on(session, bulletin)
        ),
        may_comment=actor.may(Permission.WRITE),
        has_recordings=video_addresses.has_recordings(session, bulletin),
        videos=tuple(
            VideoRow(row.id, row.url, row.actor_name, row.created_at)
            for row in video_addresses.video_addresses(session, bulletin.id)
        ),
    )


def _copy_rows(session: Session, bulletin: Bulletin) -> tuple[BulletinCopyRow, ...]:
    query = (
        sa.select(Republication.public, Site.name, Republication.status, Republication.first_seen_at)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.bulletin_id == bulletin.id, Republication.status.not_in(NO_COPIES))
        .order_by(Republication.first_seen_at.desc(), Republication.id.desc())
        .limit(MOST_COPIES)
    )
    return tuple(BulletinCopyRow(*row) for row in session.execute(query))


@staff_required()
def show(code: str) -> ResponseReturnValue:
    """Show the bulletin's page."""
    return render(code)


def render(code: str, *, comment: str = "", video: str = "", errors: Mapping[str, str] = NO_ERRORS) -> str:
    """Render the page; ``comment``, ``video`` and ``errors``: of a comment, or the address of a video, that was
    refused."""
    context = app_context().job_context
    with context.database.read() as session:
        bulletin = find_bulletin(session, code)
        whole = bulletin_view(session, bulletin, current_actor(), context.now())
        went = outcomes_by_state(delivery_outcomes(session, bulletin))
        urgent = urgent_release_view(session, bulletin, current_actor())
    return render_template(
        "desk/bulletins/show.html",
        bulletin=whole,
        urgent=urgent,
        outcomes=went,
        page_of=page_url,
        public_url=context.addresses.bulletin(code) if whole.out or whole.state is BulletinState.RECALLED else None,
        kit_url=context.addresses.republish(code) if whole.out else None,
        comment=comment,
        video=video,
        errors=errors,
    )
