"""Saved filters: what is kept, what one of them opens, and a form for the choice that one comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Invalid, NotFound
from campaigns.people.staff import May
from campaigns.reporting import saved_filters
from campaigns.reporting.saved_filters import KEPT, Listed, SavedFilter
from coordinator.jobs.papers import gone_from
from coordinator.web.desk import inputs
from coordinator.web.desk.day_span import asked_days
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("filters", __name__, url_prefix="/desk/filters")


@dataclass(frozen=True)
class FilterLine:
    """One filter as the page lists it. ``gone``: codes it names and nobody has; ``mine``: else the office's."""

    public: str
    name: str
    listed: str
    url: str
    said: str
    mine: bool
    gone: tuple[str, ...]
    made_by: str
    made_at: datetime


def list_name(listed: Listed) -> str:
    """Which list a filter is for."""
    return {Listed.COPIES: _("Bài lan tỏa"), Listed.PROGRESS: _("Tiến độ")}[listed]


def list_url(listed: Listed, query: Mapping[str, str]) -> str:
    """The list with a filter on."""
    given = {name: value for name, value in query.items() if name in KEPT[listed] and value}
    if listed is Listed.COPIES:
        path, given = url_for("republications.index"), {"status": "all", **given}
    else:
        path = url_for("progress.lines", by=given.pop("by", "partner"))
    return f"{path}?{urlencode(given)}"


def said_query(query: Mapping[str, str]) -> str:
    """A choice in words: each field with its value as the address has it."""
    words = {
        "status": _("Trạng thái"), "life": _("Trên trang"), "site": _("Trang"), "bulletin": _("Mã bản tin"),
        "topic": _("Chuyên đề"), "campaign": _("Kế hoạch"), "partner": _("Đối tác"), "attribution": _("Dẫn nguồn"),
        "doubt": _("Vì sao ngờ"), "answered": _("Đối tác trả lời"), "from": _("Từ ngày"), "to": _("Đến ngày"),
        "q": _("Tìm"), "period": _("Kỳ"), "by": _("Cách gộp"), "sort": _("Thứ tự"),
    }  # fmt: skip
    return ", ".join(f"{words.get(name, name)}: {value}" for name, value in sorted(query.items()))


def _line(session: Session, row: SavedFilter) -> FilterLine:
    return FilterLine(
        row.public,
        row.name,
        list_name(row.listed),
        list_url(row.listed, row.query),
        said_query(row.query) or _("không điều kiện nào"),
        row.person_id is not None,
        tuple(code for _name, code in gone_from(session, row.query)),
        row.made_by,
        row.made_at,
    )


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """One's own filters and the office's; with a list and its choice in the address, a form to keep it."""
    return _page({}, 200)


def _page(errors: Mapping[str, str], status: int) -> ResponseReturnValue:
    wanted = {one.value: one for one in Listed}.get(request.values.get("listed", ""))
    query = _query(wanted)
    with front().place.database.read() as session:
        lines = [_line(session, row) for row in saved_filters.filters_for(session, actor())]
    page = render_template(
        "filters/index.html",
        lines=lines,
        wanted=wanted,
        query=urlencode(query),
        said=said_query(query),
        opens=list_url(wanted, query) if wanted is not None else "",
        list_name=list_name(wanted) if wanted is not None else "",
        errors=errors,
        typed={"name": inputs.text("name"), "for_all": inputs.text("for_all")},
        may_report=actor().may(May.REPORT),
    )
    return page, status


def _query(wanted: Listed | None) -> dict[str, str]:
    """The choice that is to be kept: from the form, else from the address."""
    if wanted is None:
        return {}
    given = dict(parse_qsl(request.form["query"][:4000])) if "query" in request.form else request.args.to_dict()
    given = asked_days(given).settled(given)  # days that the list itself refused are no choice
    return {name: value for name, value in given.items() if name in KEPT[wanted] and value.strip()}


@blueprint.post("/save")
@staff()
def save() -> ResponseReturnValue:
    """Keep a choice under a name, for oneself or for all."""
    wanted = {one.value: one for one in Listed}.get(inputs.text("listed"))
    if wanted is None:
        raise NotFound("there is no such list")
    place = front().place
    try:
        with place.database.write() as session:
            row = saved_filters.save_filter(
                session, actor(), wanted, inputs.text("name"), _query(wanted),
                for_all=inputs.text("for_all") == "1", now=place.now(),
            )  # fmt: skip
            name = row.name
    except (Invalid, Conflict) as error:
        return _page(inputs.said(error), 422)
    say_done(_("Đã lưu bộ lọc %(name)s.", name=name))
    return redirect(url_for("filters.index"), 303)


@blueprint.post("/<public>/remove")
@staff()
def remove(public: str) -> ResponseReturnValue:
    """Drop one's own, or, as who makes reports, one of the office's."""
    place = front().place
    with place.database.write() as session:
        name = saved_filters.remove_filter(session, actor(), public, now=place.now())
    say_done(_("Đã bỏ bộ lọc %(name)s.", name=name))
    return redirect(url_for("filters.index"), 303)


def filters_url(listed: str, **more: str) -> str:
    """The page of filters with the choice of the page at hand, to be kept. ``more``: what stands in its path."""
    kept = KEPT[Listed(listed)]
    given = {name: value for name, value in request.args.items() if name in kept and value} | more
    return f"{url_for('filters.index')}?{urlencode({'listed': listed, **given})}"


@blueprint.app_context_processor
def _addresses() -> dict[str, object]:
    return {"filters_url": filters_url}
