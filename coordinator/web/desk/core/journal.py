"""The journal as a list: actor, action and subject of each entry, and the verification of the hash chain."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.checkpoints import Checkpoint, NoCheckpoint, make_checkpoint, verify_against
from campaigns.core.clock import city_day, day_start
from campaigns.core.journal import JournalEntry
from campaigns.core.listing import ListFilter, ListQuery, argument
from campaigns.people.journal_check import verify_journal
from campaigns.people.staff import Permission
from campaigns.release.released_texts import verify_texts
from coordinator.exports.tables import Column, ColumnKind, Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.jobs.core.noted_head import check_noted
from coordinator.translation import _, language
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.core.journal_labels import (
    ACTS,
    SUBJECTS,
    act_label,
    detail_label,
    detail_value,
    subject_label,
)
from coordinator.web.kit.forms.datetimes import DayRange, requested_days
from coordinator.web.kit.lists.downloads import attachment
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.actors import actor_names, actors_by_name

blueprint = Blueprint("journal", __name__, url_prefix="/journal")

MOST_TAKEN = 50_000  # entries of one file
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class EntryRow:
    """One entry. ``actor_name``: the actor's present name. ``details``: (name, value) pairs as labels."""

    seq: int
    at: datetime
    actor: str
    actor_name: str
    act: str
    kind: str
    subject: str
    details: tuple[tuple[str, str], ...]
    hash: str


@dataclass(frozen=True)
class JournalFilter(ListFilter):
    """Filter of the journal. ``actor``: a part of a name or address; ``subject``: a part of a code or id."""

    actor: str = ""
    act: str | None = argument(where=lambda act: JournalEntry.act == act)
    kind: str | None = argument(where=lambda kind: JournalEntry.subject_kind == kind)
    subject: str = argument("", where=lambda text: JournalEntry.subject.icontains(text, autoescape=True))
    first: date | None = argument(name="from", where=lambda day: JournalEntry.at >= day_start(day))
    last: date | None = argument(name="to", where=lambda day: JournalEntry.at < day_start(day + timedelta(days=1)))


def _filtered_entries(session: Session, filters: JournalFilter) -> ListQuery[JournalEntry]:
    conditions = filters.conditions()
    if filters.actor:
        called = JournalEntry.actor.in_(actors_by_name(session, filters.actor))
        conditions.append(sa.or_(JournalEntry.actor.icontains(filters.actor, autoescape=True), called))
    return ListQuery(JournalEntry, sa.select(JournalEntry), conditions, (JournalEntry.seq.desc(),))


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Show entries, newest first, filtered by actor, action and time."""
    filters, days = _requested_filter()
    with app_context().job_context.database.read() as session:
        page = _filtered_entries(session, filters).page(session, page_number())
        entries = [entry for (entry,) in page.rows]
        names = actor_names(session, {entry.actor for entry in entries})
        part = page.with_rows([_entry_row(entry, names) for entry in entries])
        checkpoint = make_checkpoint(session, now=app_context().job_context.now())
    html = render_template(
        "desk/core/journal.html",
        part=part,
        days=days,
        acts=[(code, act_label(code)) for code in ACTS],
        kinds=[(code, subject_label(code)) for code in SUBJECTS],
        act_words=act_label,
        subject_words=subject_label,
        system=journal.SYSTEM,
        checkpoint=checkpoint,
    )
    return html, days.status


@blueprint.get("/download.xlsx")
@staff_required(Permission.CONFIGURE)
def download() -> ResponseReturnValue:
    """Return the filtered entries, oldest first, as a spreadsheet: labels, and each entry's hash for verification."""
    asked: dict[str, Any] = request.args.to_dict()
    filters, days = _requested_filter()
    if days.errors:
        return redirect(url_for("admin.journal.index", **asked), 303)  # that page shows the errors of the filters
    with app_context().job_context.database.read() as session:
        listed = _filtered_entries(session, filters)
        if listed.count(session) > MOST_TAKEN:
            most = formats.number(MOST_TAKEN, language())
            flash_trouble(_("Kết quả lọc có hơn %(most)s mục. Thu hẹp ngày hoặc việc rồi tải lại.", most=most))
            return redirect(url_for("admin.journal.index", **asked), 303)
        names = actor_names(
            session, set(session.execute(sa.select(JournalEntry.actor).where(*listed.conditions).distinct()).scalars())
        )
        query = (
            sa.select(JournalEntry)
            .where(*listed.conditions)
            .order_by(JournalEntry.seq)
            .execution_options(yield_per=1000)
        )
        lines = []
        for entry in session.execute(query).scalars():
            row = _entry_row(entry, names)
            text = "\n".join(f"{name}: {value}" for name, value in row.details)
            what = (act_label(row.act), subject_label(row.kind), row.subject, text, row.actor, row.act, row.hash)
            lines.append((row.seq, row.at, row.actor_name, *what))
            session.expunge(entry)
    titles: tuple[tuple[str, str, ColumnKind], ...] = (
        ("seq", _("Số"), "number"),
        ("at", _("Lúc"), "datetime"),
        ("actor", _("Ai"), "text"),
        ("words", _("Việc"), "text"),
        ("kind", _("Với"), "text"),
        ("subject", _("Mã, số"), "text"),
        ("details", _("Chi tiết"), "text"),
        ("account", _("Tài khoản"), "text"),
        ("act", _("Mã việc"), "text"),
        ("hash", _("Mã băm"), "text"),
    )
    table = Table(_("Nhật ký"), tuple(Column(key, title, kind) for key, title, kind in titles), lines)
    facts = [(detail_label(name), value) for name, value in request.args.items() if value.strip()]
    made = write_xlsx(_("Nhật ký"), [table], facts, app_context().job_context.now(), language())
    return attachment(made, XLSX, "nhat-ky.xlsx")


@blueprint.post("/verify")
@staff_required(Permission.CONFIGURE)
def verify() -> ResponseReturnValue:
    """Verify the whole chain, also against a checkpoint that was given, and show the result."""
    context = app_context().job_context
    given = request.form.get("checkpoint", "").strip()
    try:
        checkpoint = Checkpoint.parse(given) if given else None
        cut = check_noted(context.database, context.noted_head)
        with context.database.read() as session:
            broken = verify_journal(session)
            if broken is None and checkpoint is not None:
                broken = verify_against(session, checkpoint)
            broken = broken or cut or verify_texts(session).broken
            last = session.execute(sa.select(sa.func.max(JournalEntry.seq))).scalar_one() or 0
    except NoCheckpoint:
        flash_trouble(
            _(
                "Dòng đã dán không phải là mốc kiểm tra do hệ thống này ký, hoặc đã bị sửa. Dán lại nguyên cả dòng, "
                "bắt đầu bằng lantoa-journal."
            )
        )
        return redirect(url_for("admin.journal.index"), 303)
    if broken is None:
        count = formats.number(last, language())
        at = formats.time_of_day(context.now())
        flash_done(_("Nhật ký nguyên vẹn: %(count)s mục nối liền nhau, kiểm lúc %(at)s.", count=count, at=at))
        if checkpoint is not None:
            seq, day = formats.number(checkpoint.seq, language()), formats.day(city_day(checkpoint.at))
            flash_done(_("Nhật ký còn đủ tới mục %(seq)s của mốc ngày %(day)s.", seq=seq, day=day))
    else:
        flash_trouble(
            _(
                "Nhật ký không còn nguyên vẹn, gãy từ mục số %(seq)s. Giữ nguyên máy chủ và bản sao lưu, báo người phụ "
                "trách an toàn thông tin. Nguyên văn: %(why)s",
                seq=broken.seq,
                why=broken.why,
            )
        )
    return redirect(url_for("admin.journal.index"), 303)


def _requested_filter() -> tuple[JournalFilter, DayRange]:
    days = requested_days(request.args)
    choices = {"act": ACTS, "kind": SUBJECTS}
    return requested_filter(JournalFilter, days.settled(request.args), choices=choices), days


def _entry_row(entry: JournalEntry, names: Mapping[str, str]) -> EntryRow:
    details: dict[str, Any] = json.loads(entry.details)
    actor_id = _("Hệ thống") if entry.actor == journal.SYSTEM else names.get(entry.actor, entry.actor)
    pairs = tuple(
        (detail_label(name), _value_label(entry.subject_kind, name, value)) for name, value in details.items()
    )
    about = (entry.act, entry.subject_kind, entry.subject)
    return EntryRow(entry.seq, entry.at, entry.actor, actor_id, *about, pairs, entry.hash)


def _value_label(subject: str, name: str, value: Any) -> str:
    """Return a stored detail as one line. ``subject``: the kind of the entry's subject."""
    if isinstance(value, str):
        return detail_value(subject, name, value)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(detail_value(subject, name, item) for item in value) or "–"
    if isinstance(value, dict):
        parts = (f"{detail_label(part)}: {_value_label(subject, part, item)}" for part, item in value.items())
        return "; ".join(parts) or "–"
    return json.dumps(value, ensure_ascii=False)
