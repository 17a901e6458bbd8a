"""Scheduled reports: the list, one schedule with its past runs, its form, and its actions."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Invalid
from campaigns.people.staff import Permission
from campaigns.reporting.schedules import report_mail, schedules
from campaigns.reporting.schedules.report_mail import UNSENT, ReportMailState, ReportRun
from campaigns.reporting.schedules.schedules import REPORT_FORMATS, ReportKind, Schedule
from coordinator.jobs.reporting import crontab
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.reporting import schedule_forms
from coordinator.web.desk.reporting.schedule_forms import ScheduleForm, kind_name, kind_note
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("schedules", __name__, url_prefix="/desk/schedules")

COMING = 3  # future times shown on a schedule's page


@dataclass(frozen=True)
class ScheduleRow:
    """One schedule in the list. ``stuck``: mails of its last runs that need a person."""

    public: str
    name: str
    kind: str
    next_at: datetime | None
    paused: bool
    over: bool
    receivers: int
    last: "ReportRunRow | None"


@dataclass(frozen=True)
class PendingMailRow:
    """One mail that needs a person."""

    public: str
    address: str
    state: str
    error: str


@dataclass(frozen=True)
class ReportRunRow:
    """One run. ``files``: (id, name, length in bytes); ``to``: the person who requested it, "" for the schedule."""

    at: datetime
    title: str
    state: str
    error: str
    to: str
    files: tuple[tuple[str, str, int], ...]
    sent: int
    letters: int
    stuck: tuple[PendingMailRow, ...]


def _run_row(row: ReportRun) -> ReportRunRow:
    stuck = [mail for mail in row.mails if mail.state in UNSENT]
    return ReportRunRow(
        row.at, row.title, row.state.value, row.last_error, row.asked_by,
        tuple((report_file.public, report_file.name, report_file.length) for report_file in row.files),
        sum(mail.state is ReportMailState.SENT for mail in row.mails),
        sum(mail.state is not ReportMailState.DROPPED for mail in row.mails),
        tuple(PendingMailRow(mail.public, mail.address, mail.state.value, mail.last_error) for mail in stuck),
    )  # fmt: skip


def _schedule_row(session: Session, row: Schedule) -> ScheduleRow:
    last = report_mail.latest_runs(session, row, 1)
    return ScheduleRow(
        row.public, row.name, kind_name(row.kind), row.next_at, row.paused_at is not None, row.over, len(row.going),
        _run_row(last[0]) if last else None,
    )  # fmt: skip


@blueprint.get("/")
@staff_required(Permission.REPORT)
def index() -> ResponseReturnValue:
    """Show every schedule, the next to run first, each with its last run."""
    context = app_context().job_context
    with context.database.read() as session:
        lines = [_schedule_row(session, row) for row in schedules.all_schedules(session)]
    kinds = [(kind.value, kind_name(kind), kind_note(kind)) for kind in ReportKind]
    return render_template("desk/reporting/schedules.html", lines=lines, kinds=kinds, mailed=context.mail is not None)


@blueprint.get("/<public>")
@staff_required(Permission.REPORT)
def show(public: str) -> ResponseReturnValue:
    """Show one schedule: its next times, its recipients, and its past runs."""
    context = app_context().job_context
    with context.database.read() as session:
        row = schedules.find_schedule(session, public)
        ahead = [
            time for time in crontab.next_times(row.cron, context.now(), COMING) if schedules.within_end(row, time)
        ]
        page = render_template(
            "desk/reporting/schedule.html",
            schedule=_schedule_row(session, row),
            note=kind_note(row.kind),
            subject=row.subject,
            forms=row.forms,
            cron=row.cron,
            ends_on=row.ends_on,
            made_by=row.made_by,
            ahead=ahead if row.next_at is not None else [],
            receivers=[(receiver.public, receiver.address, receiver.left_at) for receiver in row.receivers],
            history=[_run_row(run) for run in report_mail.latest_runs(session, row)],
            mailed=context.mail is not None,
        )
    return page


@blueprint.route("/_new/<any(day, week, partner, plan, recognition, briefing, list):kind>", methods=["GET", "POST"])
@staff_required(Permission.REPORT)
def new(kind: str) -> ResponseReturnValue:
    """Add a schedule of this kind."""
    context, wanted_kind = app_context().job_context, ReportKind(kind)
    form = ScheduleForm.of_kind(wanted_kind, None)
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                now = context.now()
                wanted = schedule_forms.parse_form(session, form, wanted_kind, now=now)
                public = schedules.add_schedule(session, current_actor(), wanted, now=now).public
        except Invalid as invalid:
            form.add_errors(invalid)
        else:
            flash_done(_("Đã đặt lịch. Lần gửi đầu ghi ở trang này."))
            return redirect(url_for("schedules.show", public=public), 303)
    return _render_form(form, wanted_kind)


@blueprint.route("/<public>/edit", methods=["GET", "POST"])
@staff_required(Permission.REPORT)
def edit(public: str) -> ResponseReturnValue:
    """Change a schedule; its kind is fixed."""
    context = app_context().job_context
    with context.database.read() as session:
        row = schedules.find_schedule(session, public)
        kind, title = row.kind, row.name
        form = ScheduleForm.of_kind(kind, row)
    if request.method == "POST" and form.validate():
        try:
            with context.database.write() as session:
                now, row = context.now(), schedules.find_schedule(session, public)
                wanted = schedule_forms.parse_form(session, form, kind, now=now)
                schedules.change_schedule(session, current_actor(), row, wanted, now=now)
        except Invalid as invalid:
            form.add_errors(invalid)
        else:
            flash_done(_("Đã lưu lịch gửi."))
            return redirect(url_for("schedules.show", public=public), 303)
    return _render_form(form, kind, public, title)


def _render_form(form: ScheduleForm, kind: ReportKind, public: str = "", title: str = "") -> ResponseReturnValue:
    with app_context().job_context.database.read() as session:
        subjects = schedule_forms.subject_choices(session, kind)
    page = render_template(
        "desk/reporting/schedule_form.html",
        form=form,
        public=public,
        title=title,
        kind_name=kind_name(kind),
        kind_note=kind_note(kind),
        forms=REPORT_FORMATS[kind],
        subjects=subjects,
        rhythms=schedule_forms.rhythm_choices(),
        of_filter=kind is ReportKind.LIST,
    )
    return page, form.status


@blueprint.post("/<public>/pause")
@staff_required(Permission.REPORT)
def pause(public: str) -> ResponseReturnValue:
    """Pause until the schedule is resumed."""
    context = app_context().job_context
    with context.database.write() as session:
        schedules.pause_schedule(session, current_actor(), schedules.find_schedule(session, public), now=context.now())
    flash_done(_("Đã tạm dừng. Những lần rơi vào lúc dừng sẽ không gửi bù."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/resume")
@staff_required(Permission.REPORT)
def resume(public: str) -> ResponseReturnValue:
    """Resume with the next time from now."""
    context = app_context().job_context
    with context.database.write() as session:
        row, now = schedules.find_schedule(session, public), context.now()
        schedules.resume_schedule(session, current_actor(), row, crontab.next_after(row.cron, now), now=now)
    flash_done(_("Lịch chạy tiếp từ lần sau."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/send")
@staff_required(Permission.REPORT)
def send(public: str) -> ResponseReturnValue:
    """Send the present report to the person who asks, alone."""
    context = app_context().job_context
    with context.database.write() as session:
        report_mail.send_to_self(session, current_actor(), schedules.find_schedule(session, public), now=context.now())
    app_context().runner.nudge("scheduled_report")
    flash_done(_("Đang lập báo cáo và gửi tới %(address)s. Kết quả hiện ở phần Đã gửi.", address=current_actor().id))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/letters/<letter>/<any(again, leave):choice>")
@staff_required(Permission.REPORT)
def settle(public: str, letter: str, choice: str) -> ResponseReturnValue:
    """Decide on a mail that failed or whose outcome is unknown."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            row = report_mail.find_mail(session, letter)
            report_mail.settle_mail(session, current_actor(), row, again=choice == "again", now=context.now())
    except CampaignError as error:
        flash_trouble(error_sentence(error))
    else:
        app_context().runner.nudge("report_mail")
        flash_done(_("Thư sẽ được gửi lại.") if choice == "again" else _("Không gửi thư ấy nữa."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.post("/<public>/receivers/<receiver>/welcome")
@staff_required(Permission.REPORT)
def welcome(public: str, receiver: str) -> ResponseReturnValue:
    """Remove a receiver's unsubscription, at the receiver's request."""
    context = app_context().job_context
    with context.database.write() as session:
        schedules.restore_receiver(
            session, current_actor(), schedules.find_receiver(session, receiver), now=context.now()
        )
    flash_done(_("Địa chỉ ấy sẽ nhận lại từ lần sau."))
    return redirect(url_for("schedules.show", public=public), 303)


@blueprint.get("/files/<ident>")
@staff_required(Permission.REPORT)
def file(ident: str) -> Response:
    """Return a file as sent."""
    context = app_context().job_context
    with context.database.read() as session:
        row = report_mail.find_file(session, ident)
        name, media_type, key = row.name, row.media_type, row.key
    return attachment(context.store.read(key), media_type, name)
