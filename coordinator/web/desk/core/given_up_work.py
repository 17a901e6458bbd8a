"""Work that was given up because it ended its process twice: a list, with a button to start each again."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import ledger
from campaigns.people.staff import Permission
from coordinator.translation import N_, _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("given_up", __name__, url_prefix="/given-up")

# By the table of the work.
WORK_LABELS: Mapping[str, str] = {
    "account_checks": N_("Đọc số liệu của một tài khoản"),
    "alarms": N_("Báo động qua webhook"),
    "engagement_checks": N_("Đọc lượt xem của một bài đăng"),
    "inspections": N_("Kiểm tra trang chủ của đối tác"),
    "pages": N_("Đọc một trang"),
    "personal_mails": N_("Gửi một thư"),
    "push_messages": N_("Gửi một tin báo tới trình duyệt"),
    "sources": N_("Đọc nguồn tin của đối tác"),
    "surveys": N_("Tìm nguồn của một trang"),
    "webmentions": N_("Đọc trang trong lời báo Webmention"),
    "websub_subscriptions": N_("Báo cho một nơi nghe nguồn tin"),
}


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show all given-up work, the newest first."""
    with app_context().job_context.database.read() as session:
        rows = ledger.given_up_work(session)
    labels = {row.id: _(WORK_LABELS[row.work]) if row.work in WORK_LABELS else row.work for row in rows}
    return render_template("desk/core/given_up_work.html", rows=rows, labels=labels)


@blueprint.post("/<int:number>")
@staff_required(Permission.CONFIGURE)
def decide(number: int) -> ResponseReturnValue:
    """Start one again, or leave it undone."""
    context = app_context().job_context
    again = request.form.get("act") != "leave"
    act = ledger.restart_work if again else ledger.leave_undone
    with context.database.write() as session:
        act(session, current_actor().id, number, now=context.now())
    flash_done(_("Việc này sẽ được làm lại ngay.") if again else _("Việc này để nguyên, không làm nữa."))
    return redirect(url_for("admin.given_up.index"), 303)
