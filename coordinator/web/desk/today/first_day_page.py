"""The page of the first day: seven steps to the first counted copy, with the sample partner for who has none yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask import session as visit
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict
from campaigns.people.office import current_office
from campaigns.people.staff import Permission
from campaigns.reporting import monitoring
from campaigns.republications import sample_partner
from campaigns.republications.republications import Republication
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.republications.evidence_levels import EvidenceStep, evidence_levels
from coordinator.web.desk.republications.queries import evidence_facts, first_sightings
from coordinator.web.desk.today.first_day import FirstDay, first_day, guide_hidden
from coordinator.web.kit.links import page_url
from coordinator.web.kit.templating import flash_done, flash_trouble

blueprint = Blueprint("first_day", __name__, url_prefix="/desk/first-day")

ON_THE_WAY = "first_day"  # in the session: this person is on the way through the steps


@dataclass(frozen=True)
class CountedCopy:
    """The first counted copy, as the page shows it."""

    id: str
    title: str
    site: str
    steps: Mapping[str, EvidenceStep]

    @property
    def reached(self) -> int:
        """The number of levels of evidence that it reached."""
        return sum(step.state == "done" for step in self.steps.values())


def _counted_copy(session: Session, row: Republication, now: datetime) -> CountedCopy:
    ways = first_sightings(session, [row.page_id]).get(row.page_id, {})
    revision = row.bulletin.revision(row.bulletin.released or row.bulletin.latest)
    return CountedCopy(row.public, revision.title, row.site.name, evidence_levels(evidence_facts(row, ways), now))


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the steps, and at their end the first counted copy with its evidence."""
    return render()


def render() -> ResponseReturnValue:
    """Return the page; in a new installation the day's page is this one."""
    context, actor = app_context().job_context, current_actor()
    now = context.now()
    with context.database.read() as session:
        day = first_day(session, actor, now=now)
        shown = _counted_copy(session, day.copy, now) if day.copy is not None else None
        backed_up = monitoring.last_backup(session) is not None
        lacks_place = not current_office(session).place
        hidden = guide_hidden(session)
        sample = sample_partner.sample_site(session) is not None
    stand = _page_digest(day, sample)
    if request.headers.get("HX-Request") == "true":
        if day.finished:
            return Response("", headers={"HX-Refresh": "true"})  # the copy is counted: the whole page is another one
        if request.args.get("seen") == stand:
            return Response(status=204)  # nothing is exchanged, so that the reader keeps the place
    if day.finished or hidden:
        visit.pop(ON_THE_WAY, None)
    else:
        visit[ON_THE_WAY] = True  # every page leads back here meanwhile
    return render_template(
        "desk/today/first_day.html",
        day=day,
        stand=stand,
        on_first_day=True,
        copy=shown,
        backed_up=backed_up,
        lacks_place=lacks_place,
        hidden=hidden,
        sample=sample,
        may_configure=actor.may(Permission.CONFIGURE),
        page_of=page_url,
    )


def _page_digest(day: FirstDay, sample: bool) -> str:
    """Return a hash of what changes by itself while the page is open."""
    values = (day.steps, day.used, day.copy.public if day.copy is not None else "", sample, language())
    return blake2b(repr(values).encode(), digest_size=8).hexdigest()


@blueprint.post("/sample")
@staff_required(Permission.CONFIGURE)
def add_sample() -> ResponseReturnValue:
    """Add the sample partner with its site, feed and account."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            sample_partner.add_sample(session, current_actor(), context.addresses.base, now=context.now())
    except Conflict as error:
        flash_trouble(
            _("Chưa thêm được đối tác mẫu: tên miền %(host)s đã là trang của một đối tác.", host=error.params["host"])
        )
    else:
        app_context().runner.nudge("source_check")
        flash_done(_("Đã thêm đối tác mẫu và tài khoản mẫu; không tính vào số liệu."))
    return redirect(url_for("first_day.index"), 303)


@blueprint.post("/sample/remove")
@staff_required(Permission.CONFIGURE)
def remove_sample() -> ResponseReturnValue:
    """Remove the sample partner with everything of it."""
    context = app_context().job_context
    with context.database.write() as session:
        sample_partner.remove_sample(session, current_actor(), now=context.now())
    flash_done(_("Đã gỡ đối tác mẫu, tài khoản mẫu và bài trên trang mẫu. Nhật ký vẫn ghi các việc đã làm."))
    return redirect(url_for("first_day.index"), 303)
