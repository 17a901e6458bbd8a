"""Today: what needs somebody, what waits for approval, the day's releases, and how the campaign stands."""

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

from campaigns.core.clock import Period, city_day, parse_period
from campaigns.partners.directory import Site
from campaigns.people.staff import Actor, May
from campaigns.planning.campaigns import Campaign, Metric, Target
from campaigns.planning.progress import TargetProgress
from campaigns.publishing.bulletins import Bulletin, Revision
from campaigns.reporting import tallies
from campaigns.reporting.reach import silence
from campaigns.reporting.standing import current_campaign, target_progress
from campaigns.reporting.tallies import Scope
from campaigns.tracking.republications import Republication, Status
from coordinator.exports.charts import Sparkline, sparkline
from coordinator.web import formats
from coordinator.web.desk import delivery_rows, periods, river
from coordinator.web.desk.elsewhere import page_of
from coordinator.web.desk.first_steps import any_bulletin, first_steps, guide_hidden
from coordinator.web.desk.tasks import tasks
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("desk", __name__)

SPARK_DAYS = 30
SILENT_DAYS = 7


@dataclass(frozen=True)
class Course:
    """The running campaign: its target for confirmed republications where it has one, and the last days."""

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
class Copy:
    """One copy that just appeared."""

    ident: str
    site: str
    title: str
    status: Status
    seen_at: datetime


@dataclass(frozen=True)
class Counts:
    """The day's figures. ``week_ago``: confirmed on the same weekday a week before, the whole day."""

    published: int
    planned: int
    confirmed: int
    week_ago: int


@blueprint.get("/")
@staff()
def today() -> ResponseReturnValue:
    """The day's page; the first steps while nothing was ever written. Asked by its own script, only the part that
    changes, and of that nothing but the time while it stands as it was ``seen``."""
    place, who = front().place, actor()
    now = place.now()
    part = request.headers.get("HX-Request") == "true"
    with place.database.read() as session:
        guides = who.may(May.CONFIGURE) and not part
        hidden = (guides or not any_bulletin(session)) and guide_hidden(session)
        if not hidden and not any_bulletin(session):
            return render_template(
                "today/first.html", steps=first_steps(session, who), may_configure=who.may(May.CONFIGURE)
            )
        steps = first_steps(session, who) if guides and not hidden else []
        shown = _shown(session, who, now)
    stand = _stand(shown, now)
    if not part:
        left = steps if any(not one.done for one in steps) else []  # done: nothing is left to be guided to
        answer = make_response(
            render_template("today/index.html", **shown, stand=stand, steps=left, may_configure=True)
        )
    else:
        changed = request.args.get("seen") != stand
        answer = make_response(render_template("today/part.html", **shown, stand=stand, changed=changed, part=True))
        if not changed:
            answer.headers["HX-Reswap"] = "none"
    answer.vary.add("HX-Request")
    return answer


def _shown(session: Session, who: Actor, now: datetime) -> dict[str, Any]:
    """Everything the page shows, in as many statements whatever the day."""
    place, day = front().place, city_day(now)
    released = river.releases(session, day, day, now=now)
    course = _course(session, now)
    return {
        "counts": _counts(session, day, len(released)),
        "tasks": tasks(session, who, place.natures, now=now),
        "troubled": delivery_rows.count(session, delivery_rows.Asked(needs=True), place.natures, now=now),
        "waiting": river.waiting(session, who),
        "releases": released,
        "next_release": next((one for one in released if not one.out), None),
        "course": course,
        "spark_rows": [(formats.day(one), count) for one, count in zip(course.days, course.daily, strict=True)]
        if course
        else [],
        "copies": _copies(session),
        "silence": silence(session, day - timedelta(days=SILENT_DAYS)),
        "silent_days": SILENT_DAYS,
        "may_write": who.may(May.WRITE),
        "may_approve": who.may(May.APPROVE),
        "page_of": page_of,
    }


def _stand(shown: Mapping[str, Any], now: datetime) -> str:
    """A digest of what is shown, and of the minute that the river's *now* stands at."""
    told = [(name, value) for name, value in sorted(shown.items()) if name != "page_of"]
    return blake2b(repr((told, formats.time_of_day(now), language())).encode(), digest_size=8).hexdigest()


def _counts(session: Session, day: date, planned: int) -> Counts:
    before = day - timedelta(days=SILENT_DAYS)
    scope = Scope(Period(before, day, ""))
    confirmed = tallies.daily(session, scope, Metric.REPUBLICATIONS, (before, day))
    published = tallies.daily(session, scope, Metric.BULLETINS, (day,))
    return Counts(published[0], max(planned, published[0]), confirmed[1], confirmed[0])


def _course(session: Session, now: datetime) -> Course | None:
    campaign = current_campaign(session, now)
    if campaign is None:
        return None
    today = city_day(now)
    target = _headline(campaign, today)
    how = target_progress(session, campaign, target, now) if target else None
    period = parse_period(target.period) if target is not None and target.period else campaign.period
    days = tuple(today - timedelta(days=back) for back in range(SPARK_DAYS - 1, -1, -1))
    daily = tallies.daily(session, Scope(Period(days[0], today, ""), campaign.id), Metric.REPUBLICATIONS, days)
    return Course(
        plan=campaign.plan_number,
        name=campaign.name,
        period=period,
        period_name=periods.period_name(period),
        target=how,
        actual=int(how.actual if how else tallies.actual(session, Scope(period, campaign.id), Metric.REPUBLICATIONS)),
        spent=min(max((today - period.first).days + 1, 0) / period.length, 1),
        days=days,
        daily=tuple(daily),
        drawing=_spark(daily),
    )


def _headline(campaign: Campaign, today: date) -> Target | None:
    """The target for confirmed republications of every topic, over the period that today lies in; the shortest such."""
    fitting = [
        (parse_period(one.period) if one.period else campaign.period, one)
        for one in campaign.targets
        if one.metric is Metric.REPUBLICATIONS and one.topic_id is None
    ]
    now = [(period.length, one.id, one) for period, one in fitting if today in period]
    return min(now)[2] if now else None


def _spark(daily: Sequence[int]) -> Markup:
    low, high = (formats.number(bound(daily), language()) for bound in (min, max))
    figure = Sparkline(
        "ngay",
        _("Số lượt đã xác nhận mỗi ngày, %(days)s ngày qua", days=len(daily)),
        _("Thấp nhất %(low)s, cao nhất %(high)s.", low=low, high=high),
        daily,
    )
    return sparkline(figure, locale="en" if language() == "en" else "vi")


def _copies(session: Session) -> list[Copy]:
    newest_first = (Republication.first_seen_at.desc(), Republication.id.desc())
    counted = Republication.status.in_((Status.CONFIRMED, Status.REVIEW))
    # Which five is found in an index, before anything is joined.
    newest = sa.select(Republication.id).where(counted).order_by(*newest_first).limit(5)
    query = (
        sa.select(Republication.public, Site.name, Revision.title, Republication.status, Republication.first_seen_at)
        .join(Site, Site.id == Republication.site_id)
        .join(Bulletin, Bulletin.id == Republication.bulletin_id)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Republication.id.in_(newest))
        .order_by(*newest_first)
    )
    return [Copy(*row) for row in session.execute(query)]
