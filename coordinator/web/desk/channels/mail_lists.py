"""Adding many mail addresses at once: a pasted list is checked as a whole, then added as a whole."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.channels import channels
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core.errors import Invalid
from campaigns.people.staff import Permission
from coordinator.channels import registry
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.channels.forms import TopicChoice
from coordinator.web.kit.forms.field_types import FlagField, ManyField, TextField
from coordinator.web.kit.forms.page_form import PageForm
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("mail_lists", __name__)

MOST_ADDRESSES = 500  # addresses in one list; a longer list is pasted in parts, each checked within a second
MOST_ERRORS_SHOWN = 20  # bad lines listed; more suggest that the wrong text was pasted
_ADDRESS = re.compile(r"[^\s<>;,()]+@[^\s<>;,()]+")
_AROUND = " \t;,<>()\"'"


@dataclass(frozen=True)
class MailListEntry:
    """One line: its number from 1, the recipient's name, and the address; both as typed."""

    line: int
    name: str
    address: str


class MailListForm(TopicChoice, PageForm):
    """The pasted list, and the topics of all its addresses."""

    entries = TextField(name="list", required=True)
    every = FlagField()
    topics = ManyField()


@blueprint.route("/_many/email", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def add() -> ResponseReturnValue:
    """Read a list and report every bad line, or add a channel for each line."""
    faults: list[str] = []
    context = app_context().job_context
    form = MailListForm.of_request({"every": True})
    if request.method == "POST":
        entries = parse_list(form.entries.data)
        with context.database.write() as session:
            faults = _entry_errors(session, entries)
            if not faults:
                _add_channels(session, entries, form.chosen_topics)
        if not faults:
            flash_done(_("Đã thêm %(count)s địa chỉ thư.", count=len(entries)))
            return redirect(url_for("channels.index"), 303)
        form.add_messages({"list": faults[0]})
    with context.database.read() as session:
        topics = report_scope.topic_choices(session)
    page = render_template(
        "desk/channels/mail_list.html",
        form=form,
        faults=faults[:MOST_ERRORS_SHOWN],
        more=max(len(faults) - MOST_ERRORS_SHOWN, 0),
        most=MOST_ADDRESSES,
        topics=topics,
    )
    return page, form.status


def parse_list(typed: str) -> list[MailListEntry]:
    """Return the non-empty lines: a name and an address in any order, separated by a tab, a semicolon, a comma, or
    angle brackets. A line without an address has ''; without a name, the address is the name.
    """
    found = []
    for number, line in enumerate(typed.splitlines(), 1):
        if not line.strip():
            continue
        at = _ADDRESS.search(line)
        address = at[0] if at is not None else ""
        rest = line if at is None else line[: at.start()] + " " + line[at.end() :]
        found.append(MailListEntry(number, " ".join(rest.strip(_AROUND).split()) or address, address))
    return found


def _entry_errors(session: Session, entries: Sequence[MailListEntry]) -> list[str]:
    """Return the errors by line; nothing is added unless this is empty."""
    if not entries:
        return [_("Dán danh sách vào đây, mỗi dòng một địa chỉ.")]
    if len(entries) > MOST_ADDRESSES:
        return [_("Danh sách có %(count)s dòng; mỗi lần nhiều nhất %(most)s.", count=len(entries), most=MOST_ADDRESSES)]
    known = _known_addresses(session)
    seen: dict[str, int] = {}
    faults = []
    for entry in entries:
        if words := _entry_error(entry, known, seen):
            faults.append(_("Dòng %(line)s: %(what)s", line=entry.line, what=words))
        seen.setdefault(entry.address.lower(), entry.line)
    return faults


def _entry_error(entry: MailListEntry, known: dict[str, ChannelState], seen: dict[str, int]) -> str:
    if not entry.address:
        return _("không có địa chỉ thư trong “%(text)s”.", text=entry.name[:60])
    try:
        registry.check_settings("email", {"address": entry.address})
    except Invalid:
        return _("“%(text)s” không phải địa chỉ thư.", text=entry.address[:60])
    key = entry.address.lower()
    if key in seen:
        return _("%(address)s đã có ở dòng %(line)s.", address=entry.address, line=seen[key])
    if known.get(key) is ChannelState.RETIRED:
        return _("%(address)s đã ngừng nhận. Người nhận đổi ý thì thêm riêng địa chỉ này.", address=entry.address)
    return _("%(address)s đang nhận rồi.", address=entry.address) if key in known else ""


def _known_addresses(session: Session) -> dict[str, ChannelState]:
    """Return the state of the channel of each lower-case address; that of an active one where several share it."""
    known: dict[str, ChannelState] = {}
    query = sa.select(Channel.settings, Channel.state).where(Channel.kind == "email")
    for settings, state in session.execute(query):
        key = str(settings.get("address", "")).lower()
        if known.get(key, ChannelState.RETIRED) is ChannelState.RETIRED:
            known[key] = state
    return known


def _add_channels(session: Session, entries: Iterable[MailListEntry], topics: list[str] | None) -> None:
    now = app_context().job_context.now()
    for entry in entries:
        plain, _secrets = registry.check_settings("email", {"address": entry.address})
        channels.add_channel(
            session,
            current_actor(),
            code=None,
            kind="email",
            name=entry.name,
            company=None,
            topics=topics,
            settings=plain,
            encrypted_secrets=None,
            now=now,
        )
