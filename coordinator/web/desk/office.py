"""The department: its name, what stands above it, and the names that count as naming it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.people.office import save_office, the_office
from campaigns.people.staff import May
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("office", __name__, url_prefix="/office")

FIELDS = ("name", "parent", "place", "source_names", "not_us")


@blueprint.route("/", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def page() -> ResponseReturnValue:
    """Read or change it."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                save_office(
                    session,
                    actor().id,
                    name=inputs.text("name"),
                    parent=inputs.text("parent"),
                    place=inputs.text("place"),
                    source_names=inputs.phrases("source_names"),
                    not_us=inputs.phrases("not_us"),
                    now=place.now(),
                )
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            say_done(_("Đã lưu. Từ lần đọc trang tới, các tên này tính là nêu nguồn."))
            return redirect(url_for("admin.office.page"), 303)
        values = {name: request.form.get(name, "") for name in FIELDS}
    else:
        with place.database.read() as session:
            row = the_office(session)
            values = {
                "name": row.name,
                "parent": row.parent,
                "place": row.place,
                # The name itself always counts and is not listed again.
                "source_names": "\n".join(one for one in row.source_names if one != row.name),
                "not_us": "\n".join(row.not_us),
            }
    shown = render_template("admin/office.html", values=values, errors=errors)
    return (shown, 422) if errors else shown
