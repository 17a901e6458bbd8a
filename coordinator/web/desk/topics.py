"""Topics: what bulletins are about. They are added, renamed and retired, never removed: figures refer to them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Invalid
from campaigns.core.vietnamese import slug
from campaigns.people.staff import May
from campaigns.planning.campaigns import Topic, add_topic
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.topic_acts import rename_topic, restore_topic, retire_topic
from coordinator.web.desk import inputs
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence, field_sentence

blueprint = Blueprint("topics", __name__, url_prefix="/topics")


@dataclass(frozen=True)
class TopicRow:
    """A topic and how many bulletins it has."""

    code: str
    name: str
    retired_at: datetime | None
    bulletins: int


@blueprint.route("/", methods=["GET", "POST"])
@staff(May.PLAN)
def index() -> ResponseReturnValue:
    """Every topic, and a form for one more."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        name = inputs.text("name")
        try:
            with place.database.write() as session:
                code = inputs.text("code") or slug(name)[:60]
                add_topic(session, actor().id, code=code, name=name, now=place.now())
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã thêm chuyên đề %(name)s.", name=name))
            return redirect(url_for("admin.topics.index"), 303)
    with place.database.read() as session:
        rows = _rows(session)
    values = {name: request.form.get(name, "") for name in ("name", "code")}
    shown = render_template(
        "admin/topics.html", rows=rows, values=values, errors=errors, may_configure=actor().may(May.CONFIGURE)
    )
    return (shown, 422) if errors else shown


@blueprint.post("/<code>")
@staff(May.PLAN)
def change(code: str) -> ResponseReturnValue:
    """Rename, retire or take up again; ``do`` says which."""
    place, do = front().place, request.form.get("do", "rename")
    try:
        with place.database.write() as session:
            if do == "retire":
                topic = retire_topic(session, actor(), code, now=place.now())
            elif do == "restore":
                topic = restore_topic(session, actor(), code, now=place.now())
            else:
                topic = rename_topic(session, actor(), code, inputs.text("name"), now=place.now())
            name = topic.name
    except Invalid as invalid:
        say_trouble(_("Chưa đổi tên: %(why)s.", why=field_sentence(invalid.errors[0], language())))
    except CampaignError as error:
        say_trouble(error_sentence(error, language()))
    else:
        say_done(
            {
                "retire": _("Đã ngừng dùng %(name)s; bản tin cũ không đổi.", name=name),
                "restore": _("%(name)s chọn được trở lại.", name=name),
            }.get(do, _("Chuyên đề %(code)s nay tên là %(name)s; mã và số liệu giữ nguyên.", code=code, name=name))
        )
    return redirect(url_for("admin.topics.index"), 303)


def _rows(session: Session) -> list[TopicRow]:
    query = (
        sa.select(Topic.code, Topic.name, Topic.retired_at, sa.func.count(Bulletin.id))
        .outerjoin(Bulletin, Bulletin.topic_id == Topic.id)
        .group_by(Topic.id, Topic.code, Topic.name, Topic.retired_at)
        .order_by(Topic.retired_at.is_not(None), Topic.id)
    )
    return [TopicRow(*row) for row in session.execute(query)]
