"""The day's page: tasks, texts that wait for approval, releases, and the campaign's progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.core.clock import Period, city_day, day_start, parse_period
from campaigns.delivery.outbox import DeliveryFilter
from campaigns.messages.task_decisions import may_skip
from campaigns.partners.directory import Site
from campaigns.people.powers.identities import people_behind
from campaigns.people.staff import Actor, Permission
from campaigns.planning.campaigns import Campaign, Metric, Target
from campaigns.planning.target_progress import TargetProgress
from campaigns.release.second_person import barred_by_bulletin
from campaigns.reporting import pending_work, tallies
from campaigns.reporting.pending_work import texts_to_approve
from campaigns.reporting.reach import BulletinReach, reach_of
from campaigns.reporting.tallies import TallyScope
from campaigns.reporting.target_status import current_campaign, target_progress
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.silent_partners import SILENT_DAYS, silent_partners
from coordinator.exports.charts.render import Sparkline, sparkline
from coordinator.translation import _, counted, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.delivery import queries
from coordinator.web.desk.today import first_day_page
from coordinator.web.desk.today.first_day import first_day, guide_hidden, has_bulletin, has_counted_copy
from coordinator.web.desk.today.tasks import decided_tasks, skipped_tasks, tasks_in_sight
from coordinator.web.kit.links import page_url
from coordinator.web.kit.text import formats, periods


@dataclass(frozen=True)
class ReleaseRow:
    """One bulletin of the day. ``out``: its release time has passed."""

    code: str
    title: str
    state: BulletinState
    at: datetime
    out: bool
    reach: BulletinReach
    topic: str
    topic_code: str


@dataclass(frozen=True)
class WaitingRow:
    """One revision that waits for approval. ``mine``: this reader may decide on it; ``own``: this reader wrote it."""

    code: str
    title: str
    author: str
    revision: int
    correction: bool
    submitted_at: datetime | None
    mine: bool
    own: bool


def day_releases(session: Session, first: date, last: date, *, now: datetime) -> list[ReleaseRow]:
    """Return past and future releases of the days from ``first`` to ``last``, in order; recalled ones are included."""
    query = (
        sa.select(Bulletin, Revision.title)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.released))
        .where(
            Bulletin.state.in_((BulletinState.SCHEDULED, BulletinState.PUBLISHED, BulletinState.RECALLED)),
            Bulletin.release_at >= day_start(first),
            Bulletin.release_at < day_start(last + timedelta(days=1)),
        )
        .order_by(Bulletin.release_at, Bulletin.id)
    )
    rows = session.execute(query).all()
    reach = reach_of(session, [bulletin.id for bulletin, _title in rows])
    found = []
    for bulletin, title in rows:
        assert bulletin.release_at is not None  # noqa: S101  # the query selects rows with a time only
        out = bulletin.release_at <= now
        found.append(
            ReleaseRow(
                code=bulletin.code,
                title=title,
                state=BulletinState.PUBLISHED if out and bulletin.state is BulletinState.SCHEDULED else bulletin.state,
                at=bulletin.release_at,
                out=out,
                reach=reach[bulletin.id],
                topic=bulletin.topic.name,
                topic_code=bulletin.topic.code,
            )
        )
    return found


def waiting_texts(session: Session, actor: Actor) -> list[WaitingRow]:
    """Return every revision that waits for approval, oldest first."""
    number = sa.func.coalesce(Bulletin.pending, Bulletin.latest)
    query = (
        sa.select(Bulletin, Revision)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == number))
        .where(texts_to_approve())
        .order_by(Bulletin.submitted_at, Bulletin.id)
    )
    found = []
    rows = session.execute(query).all()
    authors = barred_by_bulletin(session, {bulletin.id: revision.number for bulletin, revision in rows})
    behind = people_behind(session, [(actor.id, None), *(wrote for some in authors.values() for wrote in some.items())])
    for bulletin, revision in rows:
        own = any(behind[actor.id, None] & behind[wrote] for wrote in authors.get(bulletin.id, {}).items())
        found.append(
            WaitingRow(
                code=bulletin.code,
                title=revision.title,
                author=revision.author_name,
                revision=revision.number,
                correction=bulletin.pending is not None,
                submitted_at=bulletin.submitted_at,
                mine=actor.may(Permission.APPROVE) and not own,
                own=own,
            )
        )
    return found


blueprint = Blueprint("desk", __name__)

SPARK_DAYS = 30


@dataclass(frozen=True)
class CampaignProgress:
    """The present campaign: its target for confirmed republications where it has one, and the last days."""

    plan: str
    name: str
    period: Period
    period_name: str
    target: TargetProgress | None
    actual: int
    spent: float
    days: tuple[date, ...]
    daily: tuple[int, ...]
    drawing: Markup


@dataclass(frozen=True)
class RecentCopy:
    """One newly found copy."""

    ident: str
    site: str
    title: str
    status: RepublicationStatus
    seen_at: datetime


@dataclass(frozen=True)
class DayCounts:
    """The day's figures. ``week_ago``: confirmed on the same weekday a week before, the whole day."""

    published: int
    planned: int
    confirmed: int
    week_ago: int


@blueprint.get("/desk", strict_slashes=False)
@staff_required()
def today() -> ResponseReturnValue:
    """Show the day's page; in a new installation that of the first day. A request of the page's script gets the
    changing part only, and just the time while the part equals what it has ``seen``.
    """
    context, actor = app_context().job_context, current_actor()
    now = context.now()
    part = request.headers.get("HX-Request") == "true"
    with context.database.read() as session:
        guided = not has_counted_copy(session) and not guide_hidden(session)
        if guided and not has_bulletin(session):
            return first_day_page.render()
        guided = guided and actor.may(Permission.CONFIGURE) and not part
        day = first_day(session, actor, now=now) if guided else None
        shown = _page_values(session, actor, now)
    stand = _page_digest(shown, now)
    if not part:
        answer = make_response(render_template("desk/today/index.html", **shown, stand=stand, day=day))
    else:
        changed = request.args.get("seen") != stand
        answer = make_response(
            render_template("desk/today/part.html", **shown, stand=stand, changed=changed, part=True)
        )
        if not changed:
            answer.headers["HX-Reswap"] = "none"
    answer.vary.add("HX-Request")
    return answer


def sending_note(*, troubled: int = 0, delayed: int = 0, retrying: int = 0, tasks: int = 0) -> str:
    """Return what is said of deliveries: the most urgent thing that is so. ``troubled``: those that need a person;
    ``delayed``: those that ought to be sent; ``retrying``: those that failed and are tried again; ``tasks``: those of
    the page."""

    def figure(count: int) -> str:
        return formats.number(count, language())

    if troubled:
        return counted("%(count)s lượt phát đợi người", troubled, count=figure(troubled))
    if delayed:
        return counted("%(count)s lượt phát đang trễ", delayed, count=figure(delayed))
    if retrying:
        return counted("%(count)s lượt phát lỗi, đang thử lại", retrying, count=figure(retrying))
    return _("Không có lượt phát lỗi; còn việc bên dưới") if tasks else _("Không có lượt phát lỗi")


def nothing_to_do_note(*, waiting: int, skipped: int) -> str:
    """Return what an empty list of tasks says. ``waiting``: texts that this reader may approve; ``skipped``: tasks that
    somebody skipped."""
    if waiting:
        count = formats.number(waiting, language())
        return counted("Không có việc nào khác; %(count)s bản tin chờ bạn duyệt.", waiting, count=count)
    if skipped:
        count = formats.number(skipped, language())
        return counted("Không còn gì cần xử lý; %(count)s việc đã bỏ qua.", skipped, count=count)
    return _("Không có gì cần xử lý.")


def _page_values(session: Session, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return all values of the page, with a constant number of queries."""
    context, day = app_context().job_context, city_day(now)
    released = day_releases(session, day, day, now=now)
    course = _campaign_progress(session, now)
    delayed = pending_work.delayed_deliveries(session, now=now)
    every = decided_tasks(session, actor, context.delivery_modes, delayed, now=now)
    tasks, skipped, waiting = tasks_in_sight(every, actor), skipped_tasks(every), waiting_texts(session, actor)
    sending = sending_note(
        troubled=queries.count_deliveries(session, DeliveryFilter(needs=True), context.delivery_modes, now=now),
        delayed=sum(row.count for row in delayed),
        retrying=pending_work.retrying_count(session),
        tasks=len(tasks),
    )
    return {
        "counts": _day_counts(session, day, len(released)),
        "tasks": tasks,
        "skipped": skipped,
        "sending_note": sending,
        "nothing_note": nothing_to_do_note(waiting=sum(row.mine for row in waiting), skipped=len(skipped)),
        "waiting": waiting,
        "releases": released,
        "next_release": next((row for row in released if not row.out), None),
        "course": course,
        "spark_rows": [(formats.day(day), count) for day, count in zip(course.days, course.daily, strict=True)]
        if course
        else [],
        "copies": _recent_copies(session),
        "silence": silent_partners(session, day),
        "silent_days": SILENT_DAYS,
        "may_write": actor.may(Permission.WRITE),
        "may_approve": actor.may(Permission.APPROVE),
        "may_skip": may_skip(actor),
        "page_of": page_url,
    }


def _page_digest(shown: Mapping[str, Any], now: datetime) -> str:
    """Return a hash of what is shown, and of the minute at which the timeline marks the present."""
    values = [(name, value) for name, value in sorted(shown.items()) if name != "page_of"]
    return blake2b(repr((values, formats.time_of_day(now), language())).encode(), digest_size=8).hexdigest()


def _day_counts(session: Session, day: date, planned: int) -> DayCounts:
    before = day - timedelta(weeks=1)
    scope = TallyScope(Period(before, day, ""))
    confirmed = tallies.daily(session, scope, Metric.REPUBLICATIONS, (before, day))
    published = tallies.daily(session, scope, Metric.BULLETINS, (day,))
    return DayCounts(published[0], max(planned, published[0]), confirmed[1], confirmed[0])


def _campaign_progress(session: Session, now: datetime) -> CampaignProgress | None:
    campaign = current_campaign(session, now)
    if campaign is None:
        return None
    today = city_day(now)
    target = _headline(campaign, today)
    how = target_progress(session, campaign, target, now) if target else None
    period = parse_period(target.period) if target is not None and target.period else campaign.period
    days = tuple(today - timedelta(days=back) for back in range(SPARK_DAYS - 1, -1, -1))
    daily = tallies.daily(session, TallyScope(Period(days[0], today, ""), campaign.id), Metric.REPUBLICATIONS, days)
    return CampaignProgress(
        plan=campaign.plan_number,
        name=campaign.name,
        period=period,
        period_name=periods.period_name(period),
        target=how,
        actual=int(
            how.actual if how else tallies.actual(session, TallyScope(period, campaign.id), Metric.REPUBLICATIONS)
        ),
        spent=min(max((today - period.first).days + 1, 0) / period.length, 1),
        days=days,
        daily=tuple(daily),
        drawing=_spark(daily),
    )


def _headline(campaign: Campaign, today: date) -> Target | None:
    """Return the target for confirmed republications of every topic, over the shortest period that includes today."""
    fitting = [
        (parse_period(target.period) if target.period else campaign.period, target)
        for target in campaign.targets
        if target.metric is Metric.REPUBLICATIONS and target.topic_id is None
    ]
    now = [(period.length, target.id, target) for period, target in fitting if today in period]
    return min(now)[2] if now else None


def _spark(daily: Sequence[int]) -> Markup:
    low, high = (formats.number(bound(daily), language()) for bound in (min, max))
    figure = Sparkline(
        "ngay",
        _("Số lượt đã xác nhận mỗi ngày, %(days)s ngày qua", days=len(daily)),
        _("Thấp nhất %(low)s, cao nhất %(high)s.", low=low, high=high),
        daily,
    )
    return sparkline(figure, locale=language())


def _recent_copies(session: Session) -> list[RecentCopy]:
    newest_first = (Republication.first_seen_at.desc(), Republication.id.desc())
    counted = Republication.status.in_((RepublicationStatus.CONFIRMED, RepublicationStatus.REVIEW))
    # The five ids are found in an index before anything is joined.
    newest = sa.select(Republication.id).where(counted).order_by(*newest_first).limit(5)
    query = (
        sa.select(Republication.public, Site.name, Revision.title, Republication.status, Republication.first_seen_at)
        .join(Site, Site.id == Republication.site_id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Republication.id.in_(newest))
        .order_by(*newest_first)
    )
    return [RecentCopy(*row) for row in session.execute(query)]
