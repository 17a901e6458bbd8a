"""Open data at the desk: which tables there are, where they are read, and whether without a key."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from campaigns.people.staff import May
from campaigns.reporting import open_tables
from campaigns.reporting.open_tables import SCHEMA, TABLES
from coordinator.web.desk import inputs
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("open_data", __name__, url_prefix="/desk/open-data")


def table_words(name: str) -> str:
    """What a row of a table is; a table without words is shown by its own."""
    return {
        "campaigns": _("mỗi dòng một kế hoạch truyền thông"),
        "targets": _("mỗi dòng một chỉ tiêu của kế hoạch"),
        "topics": _("mỗi dòng một chuyên đề"),
        "partners": _("mỗi dòng một đối tác, chỉ mã và tên"),
        "sites": _("mỗi dòng một trang của đối tác"),
        "bulletins": _("mỗi dòng một bản tin đã phát hoặc đã thu hồi"),
        "republications": _("mỗi dòng một bài đăng lại đã xác nhận"),
        "daily": _("mỗi dòng một ngày và một chuyên đề, với các con số"),
        "views_daily": _("mỗi dòng một ngày và một bản tin, với lượt xem"),
    }.get(name, TABLES[name].about)


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """The tables with their addresses."""
    place = front().place
    with place.database.read() as session:
        is_open = open_tables.is_open(session)
    tables = [
        (name, table_words(name), [column.name for column in one.columns], f"/open-data/{name}.csv")
        for name, one in TABLES.items()
    ]
    return render_template(
        "open_data/index.html",
        tables=tables,
        is_open=is_open,
        base=place.addresses.base,
        schema=SCHEMA,
        on_postgresql=not place.database.on_sqlite,
        may_configure=actor().may(May.CONFIGURE),
    )


@blueprint.post("/open")
@staff(May.CONFIGURE)
def switch() -> ResponseReturnValue:
    """Let anybody read the tables, or only who has a key."""
    place, wanted = front().place, inputs.text("open") == "1"
    with place.database.write() as session:
        open_tables.set_open(session, actor(), wanted, now=place.now())
    say_done(_("Ai cũng đọc được các bảng này từ bây giờ.") if wanted else _("Từ bây giờ phải có khóa mới đọc được."))
    return redirect(url_for("open_data.index"), 303)
