"""Scheduled reports: the list, one schedule with what it sent, its form, and its acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Invalid
from campaigns.people.staff import May
from campaigns.reporting import schedules, sendings
from campaigns.reporting.schedules import FORMS, Kind, Schedule
from campaigns.reporting.sendings import UNSENT, PostState, Sending
from coordinator.jobs import crontab
from coordinator.web.desk import inputs, schedule_form
from coordinator.web.desk.progress import attachment
from coordinator.web.desk.schedule_form import Typed, kind_name, kind_note
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("schedules", __name__, url_prefix="/desk/schedules")

COMING = 3  # times that a schedule's page names ahead


@dataclass(frozen=True)
class ScheduleLine:
    """One schedule as the list shows it. ``stuck``: letters of its last sendings that need a person."""

    public: str
    name: str
    kind: str
    next_at: datetime | None
    paused: bool
    over: bool
    receivers: int
    last: "SendingLine | None"


@dataclass(frozen=True)
class PostLine:
    """One letter that needs a person."""

    public: str
    address: str
    state: str
    error: str


@dataclass(frozen=True)
class SendingLine:
    """One sending. ``files``: (id, name, length in bytes); ``to``: by whom it was asked for, "" for the clock."""

    at: datetime
    title: str
    state: str
    error: str
    to: str
    files: tuple[tuple[str, str, int], ...]
    sent: int
    letters: int
    stuck: tuple[PostLine, ...]


def _sending(row: Sending) -> SendingLine:
    stuck = [one for one in row.posts if one.state in UNSENT]
    return SendingLine(
        row.at, row.title, row.state.value, row.last_error, row.asked_by,
        tuple((one.public, one.name, one.length) for one in row.files),
        sum(one.state is PostState.SENT for one in row.posts),
        sum(one.state is not PostState.DROPPED for one in row.posts),
        tuple(PostLine(one.public, one.address, one.state.value, one.last_error) for one in stuck),
    )  # fmt: skip


def _line(session: Session, row: Schedule) -> ScheduleLine:
    last = sendings.latest(session, row, 1)
    return ScheduleLine(
        row.public, row.name, kind_name(row.kind), row.next_at, row.paused_at is not None, row.over, len(row.going),
        _sending(last[0]) if last else None,
    )  # fmt: skip


@blueprint.get("/")
@staff(May.REPORT)
def index() -> ResponseReturnValue:
    """Every schedule, the next first, each with its last sending."""
    place = front().place
    with place.database.read() as session:
        lines = [_line(session, row) for row in schedules.all_schedules(session)]
    kinds = [(kind.value, kind_name(kind), kind_note(kind)) for kind in Kind]
    return render_template("schedules/index.html", lines=lines, kinds=kinds, mailed=place.mail is not None)


@blueprint.get("/<public>")
@staff(May.REPORT)
def show(public: str) -> ResponseReturnValue:
    """One schedule: when it goes next, to whom, and what became of each time."""
    place = front().place
    with place.database.read() as session:
        row = schedules.find_schedule(session, public)
        ahead = [one for one in crontab.coming(row.cron, place.now(), COMING) if schedules.within(row, one)]
        page = render_template(
            "schedules/show.html",
            line=_line(session, row),
            note=kind_note(row.kind),
            subject=row.subject,
            forms=row.forms,
            cron=row.cron,
            ends_on=row.ends_on,
            made_by=row.made_by,
            ahead=ahead if row.next_at is not None else [],
            receivers=[(one.public, one.address, one.left_at) for one in row.receivers],
            history=[_sending(one) for one in sendings.latest(session, row)],
            mailed=place.mail is not None,
        )
    return page


@blueprint.route("/_new/<any(day, week, partner, plan, recognition, briefing, list):kind>", methods=["GET", "POST"])
@staff(May.REPORT)
def new(kind: str) -> ResponseReturnValue:
    """Make a schedule of this kind."""
    place, wanted_kind = front().place, Kind(kind)
    if request.method == "GET":
        with place.database.read() as session:
            return _form(session, schedule_form.typed(session, wanted_kind), {}, None)
    with place.database.write() as session:
        given = schedule_form.typed(session, wanted_kind)
        try:
            now = place.now()
            row = schedules.add_schedule(
                session, actor(), schedule_form.wanted(session, given, now=now), now=now
            )  # fmt: skip
        except Invalid as invalid:
            return _form(session, given, _said(invalid), None), 422
        public = row.public
    say_done(_("Đã đặt lịch. Lần gửi đầu ghi ở trang này."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.route("/<public>/edit", methods=["GET", "POST"])
@staff(May.REPORT)
def edit(public: str) -> ResponseReturnValue:
    """Change a schedule; its kind stays."""
    place = front().place
    if request.method == "GET":
        with place.database.read() as session:
            row = schedules.find_schedule(session, public)
            return _form(session, schedule_form.of_row(session, row), {}, row)
    with place.database.write() as session:
        row = schedules.find_schedule(session, public)
        given = schedule_form.typed(session, row.kind)
        try:
            now = place.now()
            wanted = schedule_form.wanted(session, given, now=now)
            schedules.change_schedule(session, actor(), row, wanted, now=now)
        except Invalid as invalid:
            return _form(session, given, _said(invalid), row), 422
    say_done(_("Đã lưu lịch gửi."))
    return redirect(url_for("schedules.show", public=public), 303)


def _said(invalid: Invalid) -> dict[str, str]:
    """Sentences by field; a bad address is said at the list, with its line."""
    return inputs.said(invalid)


def _form(session: Session, given: Typed, errors: Mapping[str, str], row: Schedule | None) -> str:
    return render_template(
        "schedules/form.html",
        typed=given,
        errors=errors,
        public=row.public if row is not None else "",
        title=row.name if row is not None else "",
        kind_name=kind_name(given.kind),
        kind_note=kind_note(given.kind),
        forms=FORMS[given.kind],
        subjects=schedule_form.subjects(session, given.kind),
        rhythms=schedule_form.rhythm_names(),
        of_filter=given.kind is Kind.LIST,
    )


@blueprint.post("/<public>/pause")
@staff(May.REPORT)
def pause(public: str) -> ResponseReturnValue:
    """Send nothing until it is resumed."""
    place = front().place
    with place.database.write() as session:
        schedules.pause(session, actor(), schedules.find_schedule(session, public), now=place.now())
    say_done(_("Đã tạm dừng. Những lần rơi vào lúc dừng sẽ không gửi bù."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/resume")
@staff(May.REPORT)
def resume(public: str) -> ResponseReturnValue:
    """Go on with the next time from now."""
    place = front().place
    with place.database.write() as session:
        row, now = schedules.find_schedule(session, public), place.now()
        schedules.resume(session, actor(), row, crontab.next_after(row.cron, now), now=now)
    say_done(_("Lịch chạy tiếp từ lần sau."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/send")
@staff(May.REPORT)
def send(public: str) -> ResponseReturnValue:
    """The report as of now, to oneself alone."""
    place = front().place
    with place.database.write() as session:
        sendings.send_to_me(session, actor(), schedules.find_schedule(session, public), now=place.now())
    front().runner.nudge("report")
    say_done(_("Đang lập báo cáo và gửi tới %(address)s. Kết quả hiện ở phần Đã gửi.", address=actor().id))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/letters/<letter>/<any(again, leave):choice>")
@staff(May.REPORT)
def settle(public: str, letter: str, choice: str) -> ResponseReturnValue:
    """Decide on a letter that was given up or is in doubt."""
    place = front().place
    try:
        with place.database.write() as session:
            row = sendings.find_post(session, letter)
            sendings.settle_post(session, actor(), row, again=choice == "again", now=place.now())
    except CampaignError as error:
        say_trouble(error_sentence(error, language()))
    else:
        front().runner.nudge("post")
        say_done(_("Thư sẽ được gửi lại.") if choice == "again" else _("Thôi không gửi thư ấy."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/receivers/<receiver>/welcome")
@staff(May.REPORT)
def welcome(public: str, receiver: str) -> ResponseReturnValue:
    """Write again to an address that had stopped it, since whoever reads there asked for it."""
    place = front().place
    with place.database.write() as session:
        schedules.welcome(session, actor(), schedules.find_addressee(session, receiver), now=place.now())
    say_done(_("Địa chỉ ấy sẽ nhận lại từ lần sau."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.get("/files/<ident>")
@staff(May.REPORT)
def file(ident: str) -> Response:
    """A file as it was sent."""
    place = front().place
    with place.database.read() as session:
        row = sendings.find_file(session, ident)
        name, media_type, key = row.name, row.media_type, row.key
    return attachment(place.store.read(key), media_type, name)
