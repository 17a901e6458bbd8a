"""Open data settings: the tables, their addresses, and whether they are readable without a key."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import Permission
from campaigns.reporting import open_data
from campaigns.reporting.open_data import SCHEMA, TABLES
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("open_data", __name__, url_prefix="/desk/open-data")


def table_label(name: str) -> str:
    """Return what a row of a table is; a table without a label is shown by its name."""
    return {
        "campaigns": _("mỗi dòng một kế hoạch truyền thông"),
        "targets": _("mỗi dòng một chỉ tiêu của kế hoạch"),
        "topics": _("mỗi dòng một chuyên đề"),
        "partners": _("mỗi dòng một đối tác, chỉ mã và tên"),
        "sites": _("mỗi dòng một trang của đối tác"),
        "licences": _("mỗi dòng một giấy phép, còn hay hết hiệu lực"),
        "bulletins": _("mỗi dòng một bản tin đã phát hoặc đã thu hồi"),
        "republications": _("mỗi dòng một bài đăng lại đã xác nhận"),
        "daily": _("mỗi dòng một ngày và một chuyên đề, với các con số"),
        "views_daily": _("mỗi dòng một ngày và một bản tin, với lượt xem"),
    }.get(name, TABLES[name].about)


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the tables with their addresses."""
    context = app_context().job_context
    with context.database.read() as session:
        is_open = open_data.is_open(session)
    tables = [
        (name, table_label(name), [column.name for column in table.columns], f"/open-data/{name}.csv")
        for name, table in TABLES.items()
    ]
    return render_template(
        "desk/reporting/open_data.html",
        tables=tables,
        is_open=is_open,
        base=context.addresses.base,
        schema=SCHEMA,
        on_postgresql=not context.database.on_sqlite,
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


@blueprint.post("/open")
@staff_required(Permission.CONFIGURE)
def switch() -> ResponseReturnValue:
    """Allow reading without a key, or only with one."""
    context, wanted = app_context().job_context, fields.text("open") == "1"
    with context.database.write() as session:
        open_data.set_open(session, current_actor(), wanted, now=context.now())
    flash_done(_("Ai cũng đọc được các bảng này từ bây giờ.") if wanted else _("Từ bây giờ phải có khóa mới đọc được."))
    return redirect(url_for("open_data.index"), 303)
