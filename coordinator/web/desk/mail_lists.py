"""Many mail addresses at once: a list as it stands in a letter or a spreadsheet, checked whole, then added whole."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Invalid
from campaigns.people.staff import May
from campaigns.publishing import channels as rows
from campaigns.publishing.channels import Channel, ChannelState
from coordinator.channels import registry
from coordinator.web.desk import choosing, inputs
from coordinator.web.desk.channel_forms import chosen_topics, topics_shown
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("mail_lists", __name__)

MOST = 500  # addresses in one list: longer ones are pasted in parts, and each part is checked in a second
MOST_TOLD = 20  # lines that are said to be wrong; whoever has more pasted something else
_ADDRESS = re.compile(r"[^\s<>;,()]+@[^\s<>;,()]+")
_AROUND = " \t;,<>()\"'"


@dataclass(frozen=True)
class Entry:
    """One line: its number from 1, who it is for, and the address; both as typed."""

    line: int
    name: str
    address: str


@blueprint.route("/_many/email", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def add() -> ResponseReturnValue:
    """Read a list, say every line that is wrong, or add a channel for each."""
    faults: list[str] = []
    place = front().place
    if request.method == "POST":
        entries = read(inputs.text("list"))
        with place.database.write() as session:
            faults = _faults(session, entries)
            if not faults:
                _add(session, entries)
        if not faults:
            say_done(_("Đã thêm %(count)s địa chỉ thư.", count=len(entries)))
            return redirect(url_for("channels.index"), 303)
    with place.database.read() as session:
        topics = choosing.topics(session)
    shown = render_template(
        "channels/mail_list.html",
        typed=request.form.get("list", ""),
        faults=faults[:MOST_TOLD],
        more=max(len(faults) - MOST_TOLD, 0),
        most=MOST,
        **topics_shown(topics, None),
    )
    return (shown, 422) if faults else shown


def read(typed: str) -> list[Entry]:
    """The lines that are not empty: a name and an address in any order, parted by a tab, a semicolon, a comma, or the
    angle brackets of mail programs. A line without an address has '' for one; without a name it is the address."""
    found = []
    for number, line in enumerate(typed.splitlines(), 1):
        if not line.strip():
            continue
        at = _ADDRESS.search(line)
        address = at[0] if at is not None else ""
        rest = line if at is None else line[: at.start()] + " " + line[at.end() :]
        found.append(Entry(number, " ".join(rest.strip(_AROUND).split()) or address, address))
    return found


def _faults(session: Session, entries: Sequence[Entry]) -> list[str]:
    """What is wrong, line by line; nothing is added unless this is empty."""
    if not entries:
        return [_("Dán danh sách vào đây, mỗi dòng một địa chỉ.")]
    if len(entries) > MOST:
        return [_("Danh sách có %(count)s dòng; mỗi lần nhiều nhất %(most)s.", count=len(entries), most=MOST)]
    known = _known(session)
    seen: dict[str, int] = {}
    faults = []
    for one in entries:
        if words := _fault(one, known, seen):
            faults.append(_("Dòng %(line)s: %(what)s", line=one.line, what=words))
        seen.setdefault(one.address.lower(), one.line)
    return faults


def _fault(one: Entry, known: dict[str, ChannelState], seen: dict[str, int]) -> str:
    if not one.address:
        return _("không có địa chỉ thư trong “%(text)s”.", text=one.name[:60])
    try:
        registry.check_settings("email", {"address": one.address})
    except Invalid:
        return _("“%(text)s” không phải địa chỉ thư.", text=one.address[:60])
    key = one.address.lower()
    if key in seen:
        return _("%(address)s đã có ở dòng %(line)s.", address=one.address, line=seen[key])
    if known.get(key) is ChannelState.RETIRED:
        return _("%(address)s đã thôi nhận. Họ đổi ý thì thêm riêng địa chỉ này.", address=one.address)
    return _("%(address)s đang nhận rồi.", address=one.address) if key in known else ""


def _known(session: Session) -> dict[str, ChannelState]:
    """By address in small letters; where several channels had one, whether any still goes there."""
    known: dict[str, ChannelState] = {}
    query = sa.select(Channel.settings, Channel.state).where(Channel.kind == "email")
    for settings, state in session.execute(query):
        key = str(settings.get("address", "")).lower()
        if known.get(key, ChannelState.RETIRED) is ChannelState.RETIRED:
            known[key] = state
    return known


def _add(session: Session, entries: Iterable[Entry]) -> None:
    topics, now = chosen_topics(), front().place.now()
    for one in entries:
        plain, _secrets = registry.check_settings("email", {"address": one.address})
        rows.add_channel(
            session, actor(), code=None, kind="email", name=one.name, company=None, topics=topics, settings=plain,
            sealed=None, now=now,
        )  # fmt: skip
