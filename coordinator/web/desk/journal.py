"""The journal as a list: who did what to what, and whether the chain still holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import day_start
from campaigns.core.journal import Entry
from campaigns.people.staff import May
from coordinator.exports.tables import Column, Kind, Table
from coordinator.exports.xlsx import write_xlsx
from coordinator.web import formats
from coordinator.web.desk import listing
from coordinator.web.desk.actors import actor_names, actors_called
from coordinator.web.desk.day_span import DaySpan, asked_days
from coordinator.web.desk.journal_words import ACTS, SUBJECTS, act_words, detail_words, subject_words
from coordinator.web.desk.progress import attachment
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import front, staff

blueprint = Blueprint("journal", __name__, url_prefix="/journal")

MOST_TAKEN = 50_000  # entries of one sheet
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class EntryRow:
    """One act. ``who``: by which name its actor is known now. ``details``: (name, value) pairs in words."""

    seq: int
    at: datetime
    actor: str
    who: str
    act: str
    kind: str
    subject: str
    details: tuple[tuple[str, str], ...]
    hash: str


@blueprint.get("/")
@staff(May.CONFIGURE)
def index() -> ResponseReturnValue:
    """Acts, the newest first, found by who, what and when."""
    number = listing.page_number()
    with front().place.database.read() as session:
        days = asked_days(request.args)
        conditions = _conditions(session, days)
        total = session.execute(sa.select(sa.func.count()).select_from(Entry).where(*conditions)).scalar_one()
        query = (
            sa.select(Entry)
            .where(*conditions)
            .order_by(Entry.seq.desc())
            .offset((number - 1) * listing.PAGE)
            .limit(listing.PAGE)
        )
        entries = session.execute(query).scalars().all()
        names = actor_names(session, {one.actor for one in entries})
        rows = [_row(one, names) for one in entries]
    page = render_template(
        "admin/journal.html",
        part=listing.Part(rows, total, number),
        days=days,
        acts=[(code, act_words(code)) for code in ACTS],
        kinds=[(code, subject_words(code)) for code in SUBJECTS],
        act_words=act_words,
        subject_words=subject_words,
        system=journal.SYSTEM,
    )
    return page, days.status


@blueprint.get("/download.xlsx")
@staff(May.CONFIGURE)
def download() -> ResponseReturnValue:
    """What the filters let through, oldest first, as a sheet: in words, and with each entry's hash to be checked by."""
    asked: dict[str, Any] = request.args.to_dict()
    days = asked_days(request.args)
    if days.errors:
        return redirect(url_for("admin.journal.index", **asked), 303)  # which says what is wrong with them
    with front().place.database.read() as session:
        conditions = _conditions(session, days)
        total = session.execute(sa.select(sa.func.count()).select_from(Entry).where(*conditions)).scalar_one()
        if total > MOST_TAKEN:
            most = formats.number(MOST_TAKEN, language())
            say_trouble(_("Kết quả lọc có hơn %(most)s mục. Thu hẹp ngày hoặc việc rồi tải lại.", most=most))
            return redirect(url_for("admin.journal.index", **asked), 303)
        names = actor_names(
            session, set(session.execute(sa.select(Entry.actor).where(*conditions).distinct()).scalars())
        )
        query = sa.select(Entry).where(*conditions).order_by(Entry.seq).execution_options(yield_per=1000)
        lines = []
        for entry in session.execute(query).scalars():
            row = _row(entry, names)
            told = "\n".join(f"{name}: {value}" for name, value in row.details)
            what = (act_words(row.act), subject_words(row.kind), row.subject, told, row.actor, row.act, row.hash)
            lines.append((row.seq, row.at, row.who, *what))
            session.expunge(entry)
    titles: tuple[tuple[str, str, Kind], ...] = (
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
    facts = [(detail_words(name), value) for name, value in request.args.items() if value.strip()]
    made = write_xlsx(_("Nhật ký"), [table], facts, front().place.now(), "en" if language() == "en" else "vi")
    return attachment(made, XLSX, "nhat-ky.xlsx")


@blueprint.post("/verify")
@staff(May.CONFIGURE)
def verify() -> ResponseReturnValue:
    """Walk the whole chain and say whether it holds."""
    place = front().place
    with place.database.read() as session:
        broken = journal.verify(session)
        last = session.execute(sa.select(sa.func.max(Entry.seq))).scalar_one() or 0
    if broken is None:
        count = formats.number(last, language())
        at = formats.time_of_day(place.now())
        say_done(_("Nhật ký nguyên vẹn: %(count)s mục nối liền nhau, kiểm lúc %(at)s.", count=count, at=at))
    else:
        say_trouble(
            _(
                "Nhật ký không còn nguyên vẹn, gãy từ mục số %(seq)s. Giữ nguyên máy chủ và bản sao lưu, báo người phụ "
                "trách an toàn thông tin. Nguyên văn: %(why)s",
                seq=broken.seq,
                why=broken.why,
            )
        )
    return redirect(url_for("admin.journal.index"), 303)


def _conditions(session: Session, days: DaySpan) -> list[sa.ColumnElement[bool]]:
    args, conditions = request.args, []
    if actor := args.get("actor", "").strip():
        called = Entry.actor.in_(actors_called(session, actor))
        conditions.append(sa.or_(Entry.actor.icontains(actor, autoescape=True), called))
    if act := args.get("act", "").strip():
        conditions.append(Entry.act == act)
    if kind := args.get("kind", "").strip():
        conditions.append(Entry.subject_kind == kind)
    if subject := args.get("subject", "").strip():
        conditions.append(Entry.subject.icontains(subject, autoescape=True))
    if days.first is not None:
        conditions.append(Entry.at >= day_start(days.first))
    if days.last is not None:
        conditions.append(Entry.at < day_start(days.last + timedelta(days=1)))
    return conditions


def _row(entry: Entry, names: Mapping[str, str]) -> EntryRow:
    details: dict[str, Any] = json.loads(entry.details)
    who = _("Hệ thống") if entry.actor == journal.SYSTEM else names.get(entry.actor, entry.actor)
    pairs = tuple((detail_words(name), _said(value)) for name, value in details.items())
    about = (entry.act, entry.subject_kind, entry.subject)
    return EntryRow(entry.seq, entry.at, entry.actor, who, *about, pairs, entry.hash)


def _said(value: Any) -> str:
    """What was written down beside an act, as a line."""
    if isinstance(value, str):
        return value
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value) or "–"
    if isinstance(value, dict):
        return "; ".join(f"{detail_words(name)}: {_said(one)}" for name, one in value.items()) or "–"
    return json.dumps(value, ensure_ascii=False)
