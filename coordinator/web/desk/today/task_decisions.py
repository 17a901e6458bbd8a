"""One task of the day's page: skip it with a reason, hand it on to another person, or take either back."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.messages import task_decisions
from campaigns.people.staff import Actor
from campaigns.reporting.pending_work import delayed_deliveries
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.today.tasks import Task, decided_tasks
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("tasks", __name__, url_prefix="/desk/tasks")


def _find_task(session: Session, actor: Actor, key: str) -> Task | None:
    context = app_context().job_context
    now = context.now()
    every = decided_tasks(session, actor, context.delivery_modes, delayed_deliveries(session, now=now), now=now)
    return next((task for task in every if task.key == key), None) if key else None


@blueprint.get("/decide")
@staff_required()
def show() -> ResponseReturnValue:
    """Show the task with both forms."""
    return _render_page(request.args.get("key", ""))


def _render_page(key: str, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    with app_context().job_context.database.read() as session:
        task = _find_task(session, actor, key)
    if task is None:
        flash_trouble(_("Việc này không còn ở mục Cần xử lý; có thể người khác vừa làm xong."))
        return redirect(url_for("desk.today"), 303)
    page = render_template(
        "desk/today/task.html",
        task=task, errors=errors or {},
        typed={name: fields.text(name) for name in ("note", "to", "word")},
        may_skip=task.skippable and task_decisions.may_skip(actor),
    )  # fmt: skip
    return page, status


@blueprint.post("/decide")
@staff_required()
def decide() -> ResponseReturnValue:
    """Skip, hand on, or take back."""
    key, context, actor = request.args.get("key", ""), app_context().job_context, current_actor()
    try:
        with context.database.write() as session:
            task = _find_task(session, actor, key)
            if task is None:
                return _render_page(key)
            match request.form.get("do"):
                case "skip" if task.skippable:
                    task_decisions.skip_task(session, actor, key, task.title, fields.text("note"), now=context.now())
                    done = _("Đã bỏ qua. Việc này vẫn xem lại được ở cuối trang.")
                case "hand":
                    to, note = fields.text("to"), fields.text("word")
                    if to not in dict(task.receivers):
                        raise Invalid([FieldError("to", "choice", "choose a person whose role allows the task")])
                    task_decisions.hand_on_task(session, actor, key, task.title, to, note, now=context.now())
                    done = _("Đã giao việc.")
                case "reopen":
                    task_decisions.reopen_task(session, actor, key, now=context.now())
                    done = _("Việc này lại chờ mọi người.")
                case _:
                    return _render_page(key)
    except Invalid as invalid:
        errors = fields.error_messages(invalid)
        if request.form.get("do") == "hand" and "note" in errors:
            errors["word"] = errors.pop("note")
        return _render_page(key, errors, 422)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("desk.today"), 303)
    flash_done(done)
    return redirect(url_for("desk.today"), 303)
