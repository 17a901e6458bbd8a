"""Topics of bulletins: added, renamed and retired, never removed, because figures refer to them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.errors import CampaignError, Invalid
from campaigns.core.vietnamese import slug
from campaigns.people.staff import Permission
from campaigns.planning.campaigns import Topic, add_topic
from campaigns.release.topics import rename_topic, restore_topic, retire_topic
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence, field_sentence

blueprint = Blueprint("topics", __name__, url_prefix="/topics")


@dataclass(frozen=True)
class TopicRow:
    """A topic and how many bulletins it has."""

    code: str
    name: str
    retired_at: datetime | None
    bulletins: int


@blueprint.route("/", methods=["GET", "POST"])
@staff_required(Permission.PLAN)
def index() -> ResponseReturnValue:
    """Show every topic, and a form for a new one."""
    context = app_context().job_context
    errors: dict[str, str] = {}
    if request.method == "POST":
        name = fields.text("name")
        try:
            with context.database.write() as session:
                code = fields.text("code") or slug(name)[:60]
                add_topic(session, current_actor().id, code=code, name=name, now=context.now())
        except CampaignError as error:
            errors = fields.error_messages(error)
        else:
            flash_done(_("Đã thêm chuyên đề %(name)s.", name=name))
            return redirect(url_for("admin.topics.index"), 303)
    with context.database.read() as session:
        rows = _topic_rows(session)
    values = {name: request.form.get(name, "") for name in ("name", "code")}
    page = render_template(
        "desk/planning/topics.html",
        rows=rows,
        values=values,
        errors=errors,
        may_configure=current_actor().may(Permission.CONFIGURE),
    )
    return (page, 422) if errors else page


@blueprint.post("/<code>")
@staff_required(Permission.PLAN)
def change(code: str) -> ResponseReturnValue:
    """Rename, retire or restore; ``do`` says which."""
    context, do = app_context().job_context, request.form.get("do", "rename")
    try:
        with context.database.write() as session:
            if do == "retire":
                topic = retire_topic(session, current_actor(), code, now=context.now())
            elif do == "restore":
                topic = restore_topic(session, current_actor(), code, now=context.now())
            else:
                topic = rename_topic(session, current_actor(), code, fields.text("name"), now=context.now())
            name = topic.name
    except Invalid as invalid:
        flash_trouble(_("Chưa đổi tên: %(why)s.", why=field_sentence(invalid.errors[0])))
    except CampaignError as error:
        flash_trouble(error_sentence(error))
    else:
        flash_done(
            {
                "retire": _("Đã ngừng dùng %(name)s; bản tin cũ không đổi.", name=name),
                "restore": _("%(name)s chọn được trở lại.", name=name),
            }.get(do, _("Chuyên đề %(code)s nay tên là %(name)s; mã và số liệu giữ nguyên.", code=code, name=name))
        )
    return redirect(url_for("admin.topics.index"), 303)


def _topic_rows(session: Session) -> list[TopicRow]:
    query = (
        # Bulletins ever assigned to the topic, drafts included; not those published in a period.
        sa.select(Topic.code, Topic.name, Topic.retired_at, sa.func.count(Bulletin.id))
        .outerjoin(Bulletin, Bulletin.topic_id == Topic.id)
        .group_by(Topic.id, Topic.code, Topic.name, Topic.retired_at)
        .order_by(Topic.retired_at.is_not(None), Topic.id)
    )
    return [TopicRow(*row) for row in session.execute(query)]
