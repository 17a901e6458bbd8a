"""Saved filters: the list, the addresses they open, and the form that saves one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Invalid, NotFound
from campaigns.people.staff import Permission
from campaigns.reporting import saved_filters
from campaigns.reporting.saved_filters import KEPT_FIELDS, FilteredList, SavedFilter
from coordinator.jobs.reporting.scheduled_reports import missing_references
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.forms import fields
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("filters", __name__, url_prefix="/desk/filters")


@dataclass(frozen=True)
class FilterRow:
    """One filter in the list. ``gone``: unknown codes in it; ``mine``: personal, else shared by the office."""

    public: str
    name: str
    listed: str
    url: str
    conditions: str
    mine: bool
    gone: tuple[str, ...]
    made_by: str
    made_at: datetime


def list_label(listed: FilteredList) -> str:
    """Return the label of the list a filter is for."""
    return {FilteredList.COPIES: _("Bài đăng lại"), FilteredList.PROGRESS: _("Tiến độ")}[listed]


def list_url(listed: FilteredList, query: Mapping[str, str]) -> str:
    """Return the address of the list with a filter applied."""
    given = {name: value for name, value in query.items() if name in KEPT_FIELDS[listed] and value}
    if listed is FilteredList.COPIES:
        path, given = url_for("republications.index"), {"status": "all", **given}
    else:
        path = url_for("progress.lines", by=given.pop("by", "partner"))
    return f"{path}?{urlencode(given)}"


def query_label(query: Mapping[str, str]) -> str:
    """Return a filter as text: each field with its value in the address."""
    words = {
        "status": _("Trạng thái"), "life": _("Trên trang"), "site": _("Trang"), "bulletin": _("Mã bản tin"),
        "topic": _("Chuyên đề"), "campaign": _("Kế hoạch"), "partner": _("Đối tác"), "attribution": _("Dẫn nguồn"),
        "match": _("Mức khớp"), "doubt": _("Lý do cần xem xét"),
        "figure": _("Bậc bằng chứng"), "delay": _("Xuất hiện sau giờ phát hành"), "but_topics": _("Trừ chuyên đề"),
        "but_partners": _("Trừ đối tác"), "but_sites": _("Trừ trang"),
        "answered": _("Đối tác trả lời"), "network": _("Mạng xã hội"), "from": _("Từ ngày"), "to": _("Đến ngày"),
        "q": _("Tìm"), "period": _("Kỳ"), "by": _("Cách gộp"), "sort": _("Thứ tự"),
    }  # fmt: skip
    return ", ".join(f"{words.get(name, name)}: {value}" for name, value in sorted(query.items()))


def _filter_row(session: Session, row: SavedFilter) -> FilterRow:
    return FilterRow(
        row.public,
        row.name,
        list_label(row.listed),
        list_url(row.listed, row.query),
        query_label(row.query) or _("không điều kiện nào"),
        row.person_id is not None,
        tuple(code for _name, code in missing_references(session, row.query)),
        row.made_by,
        row.made_at,
    )


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the person's and the office's filters; with a list and its filter in the address, also
    the form to save it.
    """
    return _render_page({}, 200)


def _render_page(errors: Mapping[str, str], status: int) -> ResponseReturnValue:
    wanted = {filtered.value: filtered for filtered in FilteredList}.get(request.values.get("listed", ""))
    query = _sent_query(wanted)
    with app_context().job_context.database.read() as session:
        lines = [_filter_row(session, row) for row in saved_filters.filters_for(session, current_actor())]
    page = render_template(
        "desk/reporting/saved_filters.html",
        lines=lines,
        wanted=wanted,
        query=urlencode(query),
        description=query_label(query),
        opens=list_url(wanted, query) if wanted is not None else "",
        list_name=list_label(wanted) if wanted is not None else "",
        errors=errors,
        typed={"name": fields.text("name"), "for_all": fields.text("for_all")},
        may_report=current_actor().may(Permission.REPORT),
    )
    return page, status


def _sent_query(wanted: FilteredList | None) -> dict[str, str]:
    """Return the filter to save: from the form, else from the address."""
    if wanted is None:
        return {}
    given = dict(parse_qsl(request.form["query"][:4000])) if "query" in request.form else request.args.to_dict()
    given = requested_days(given).settled(given)  # invalid days are not part of the filter
    return {name: value for name, value in given.items() if name in KEPT_FIELDS[wanted] and value.strip()}


@blueprint.post("/save")
@staff_required()
def save() -> ResponseReturnValue:
    """Save a filter under a name, for the person or for the office."""
    wanted = {filtered.value: filtered for filtered in FilteredList}.get(fields.text("listed"))
    if wanted is None:
        raise NotFound("there is no such list")
    context = app_context().job_context
    try:
        with context.database.write() as session:
            row = saved_filters.save_filter(
                session, current_actor(), wanted, fields.text("name"), _sent_query(wanted),
                for_all=fields.text("for_all") == "1", now=context.now(),
            )  # fmt: skip
            name = row.name
    except (Invalid, Conflict) as error:
        return _render_page(fields.error_messages(error), 422)
    flash_done(_("Đã lưu bộ lọc %(name)s.", name=name))
    return redirect(url_for("filters.index"), 303)


@blueprint.post("/<public>/remove")
@staff_required()
def remove(public: str) -> ResponseReturnValue:
    """Remove a personal filter or, with the right to make reports, one of the office's."""
    context = app_context().job_context
    with context.database.write() as session:
        name = saved_filters.remove_filter(session, current_actor(), public, now=context.now())
    flash_done(_("Đã bỏ bộ lọc %(name)s.", name=name))
    return redirect(url_for("filters.index"), 303)


def filters_url(listed: str, **more: str) -> str:
    """Return the address of the filters page with the present page's filter. ``more``: values of its path."""
    kept = KEPT_FIELDS[FilteredList(listed)]
    given = {name: value for name, value in request.args.items() if name in kept and value} | more
    return f"{url_for('filters.index')}?{urlencode({'listed': listed, **given})}"


@blueprint.app_context_processor
def _addresses() -> dict[str, object]:
    return {"filters_url": filters_url}
