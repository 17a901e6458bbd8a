"""Topics: what bulletins are about. They are added and never removed, because bulletins and figures refer to them."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from campaigns.core.errors import CampaignError
from campaigns.core.vietnamese import slug
from campaigns.people.staff import May
from campaigns.planning.campaigns import Topic, add_topic
from campaigns.publishing.bulletins import Bulletin
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("topics", __name__, url_prefix="/topics")


@dataclass(frozen=True)
class TopicRow:
    """A topic and how many bulletins it has."""

    code: str
    name: str
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
        query = (
            sa.select(Topic.code, Topic.name, sa.func.count(Bulletin.id))
            .outerjoin(Bulletin, Bulletin.topic_id == Topic.id)
            .group_by(Topic.id, Topic.code, Topic.name)
            .order_by(Topic.id)
        )
        rows = [TopicRow(*row) for row in session.execute(query)]
    values = {name: request.form.get(name, "") for name in ("name", "code")}
    shown = render_template(
        "admin/topics.html", rows=rows, values=values, errors=errors, may_configure=actor().may(May.CONFIGURE)
    )
    return (shown, 422) if errors else shown
