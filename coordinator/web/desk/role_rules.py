"""Rules by which the city's accounts come in without an invitation."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.people.identities import add_rule, remove_rule, rules
from campaigns.people.staff import May, Role
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("role_rules", __name__, url_prefix="/role-rules")


@blueprint.get("")
@staff(May.CONFIGURE, fresh=True)
def index() -> ResponseReturnValue:
    """Every rule, and the form for another."""
    return _page({})


@blueprint.post("")
@staff(May.CONFIGURE, fresh=True)
def add() -> ResponseReturnValue:
    """Make a rule."""
    role = next((one for one in Role if one.value == inputs.text("role")), None)
    place = front().place
    try:
        with place.database.write() as writing:
            add_rule(
                writing, actor(), claim=inputs.text("claim"), value=inputs.text("value"), role=role, now=place.now()
            )
    except CampaignError as error:
        return _page(inputs.said(error)), 422
    say_done(_("Đã thêm quy tắc."))
    return redirect(url_for("admin.role_rules.index"), 303)


@blueprint.post("/<public>/remove")
@staff(May.CONFIGURE, fresh=True)
def remove(public: str) -> ResponseReturnValue:
    """Remove a rule; who came in by it stays."""
    place = front().place
    with place.database.write() as writing:
        remove_rule(writing, actor(), public, now=place.now())
    say_done(_("Đã gỡ quy tắc. Người đã vào nhờ quy tắc này vẫn còn tài khoản."))
    return redirect(url_for("admin.role_rules.index"), 303)


def _page(errors: dict[str, str]) -> str:
    with front().place.database.read() as reading:
        rows = rules(reading)
    values = {name: request.form.get(name, "") for name in ("claim", "value", "role")}
    roles = [role for role in Role if role is not Role.ADMIN]
    return render_template("admin/role_rules.html", rows=rows, values=values, errors=errors, roles=roles)
