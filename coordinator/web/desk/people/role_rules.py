"""Rules by which accounts of the city's identity provider get a role without an invitation."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.people.external_identities import add_role_rule, remove_role_rule, role_rules
from campaigns.people.staff import Permission, Role
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("role_rules", __name__, url_prefix="/role-rules")


@blueprint.get("")
@staff_required(Permission.CONFIGURE, fresh=True)
def index() -> ResponseReturnValue:
    """Show every rule, and the form for a new one."""
    return _render_page({})


@blueprint.post("")
@staff_required(Permission.CONFIGURE, fresh=True)
def add() -> ResponseReturnValue:
    """Add a rule."""
    role = next((role for role in Role if role.value == fields.text("role")), None)
    context = app_context().job_context
    try:
        with context.database.write() as writing:
            add_role_rule(
                writing,
                current_actor(),
                claim=fields.text("claim"),
                value=fields.text("value"),
                role=role,
                now=context.now(),
            )
    except CampaignError as error:
        return _render_page(fields.error_messages(error)), 422
    flash_done(_("Đã thêm quy tắc."))
    return redirect(url_for("admin.role_rules.index"), 303)


@blueprint.post("/<public>/remove")
@staff_required(Permission.CONFIGURE, fresh=True)
def remove(public: str) -> ResponseReturnValue:
    """Remove a rule; people who signed in by it keep their accounts."""
    context = app_context().job_context
    with context.database.write() as writing:
        remove_role_rule(writing, current_actor(), public, now=context.now())
    flash_done(_("Đã gỡ quy tắc. Người đã vào nhờ quy tắc này vẫn còn tài khoản."))
    return redirect(url_for("admin.role_rules.index"), 303)


def _render_page(errors: dict[str, str]) -> str:
    with app_context().job_context.database.read() as reading:
        rows = role_rules(reading)
    values = {name: request.form.get(name, "") for name in ("claim", "value", "role")}
    roles = [role for role in Role if role is not Role.ADMIN]
    return render_template("desk/people/role_rules.html", rows=rows, values=values, errors=errors, roles=roles)
