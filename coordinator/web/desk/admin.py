"""Administration: one page that leads to people, keys, the department, topics, campaigns and the journal."""

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.compliance.rules import Rule
from campaigns.core.journal import Entry
from campaigns.people.keys import Key
from campaigns.people.office import show_guide, the_office
from campaigns.people.staff import May, Person
from campaigns.planning.campaigns import Campaign, Topic
from campaigns.tracking.mentions import MentionBlock
from coordinator.web.desk import (
    blocks,
    campaigns,
    journal,
    keys,
    letterheads,
    office,
    people,
    role_rules,
    rules,
    topics,
    word_templates,
)
from coordinator.web.desk.first_steps import guide_hidden
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("admin", __name__, url_prefix="/desk/admin")
for child in (
    people, role_rules, keys, office, letterheads, word_templates, topics, campaigns, journal, blocks, rules,
):  # fmt: skip
    blueprint.register_blueprint(child.blueprint)


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """What there is to administer, with how much of it."""
    place = front().place
    with place.database.read() as session:

        def count(kind: type, *conditions: sa.ColumnElement[bool]) -> int:
            return session.execute(sa.select(sa.func.count()).select_from(kind).where(*conditions)).scalar_one()

        now = place.now()
        live = sa.and_(Key.revoked_at.is_(None), sa.or_(Key.expires_at.is_(None), Key.expires_at > now))
        counts = {
            "people": count(Person, Person.active.is_(True)),
            "keys": count(Key, live),
            "topics": count(Topic),
            "campaigns": count(Campaign),
            "blocks": count(MentionBlock),
            "rules": count(Rule),
            "journal": session.execute(sa.select(sa.func.max(Entry.seq))).scalar_one() or 0,
        }
        department = the_office(session).name
        hidden = guide_hidden(session)
    return render_template("admin/index.html", counts=counts, department=department, guide_hidden=hidden)


@blueprint.post("/guide")
@staff(May.CONFIGURE)
def guide() -> ResponseReturnValue:
    """Put the first steps away, or bring them back."""
    place, shown = front().place, request.form.get("shown") == "1"
    with place.database.write() as session:
        show_guide(session, actor().id, shown, now=place.now())
    say_done(_("Các bước đầu lại hiện ở trang Hôm nay.") if shown else _("Đã ẩn hướng dẫn; mở lại ở trang Quản trị."))
    return redirect(url_for("desk.today"), 303)
