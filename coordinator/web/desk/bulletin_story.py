"""What was done to a bulletin, from the journal, in sentences."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core import journal
from coordinator.web import formats
from coordinator.web.desk.actors import actor_names
from coordinator.web.saying import _


@dataclass(frozen=True)
class Event:
    """One entry as ``ui.timeline`` draws it, but for the moment."""

    icon: str
    ink: str
    what: str
    note: str
    who: str
    at: datetime


@dataclass(frozen=True)
class _Telling:
    icon: str
    ink: str
    what: Callable[[Mapping[str, Any]], str]


def _release(details: Mapping[str, Any]) -> str:
    at = details.get("release_at")
    return formats.full_moment(datetime.fromisoformat(at)) if at else ""


_ACTS: Mapping[str, _Telling] = {
    "bulletin.written": _Telling("pen", "faint", lambda _details: str(_("Soạn bản đầu"))),
    "bulletin.revised": _Telling("pen", "faint", lambda d: str(_("Lưu bản sửa %(number)s", number=d.get("revision")))),
    "bulletin.submitted": _Telling(
        "eye", "move", lambda d: str(_("Gửi duyệt bản sửa %(number)s", number=d.get("revision")))
    ),
    "bulletin.returned": _Telling("undo", "bad", lambda _details: str(_("Trả lại để sửa"))),
    "bulletin.approved": _Telling(
        "check", "good", lambda d: str(_("Duyệt bản sửa %(number)s", number=d.get("revision")))
    ),
    "bulletin.scheduled": _Telling("clock", "move", lambda d: str(_("Hẹn phát lúc %(at)s", at=_release(d)))),
    "bulletin.unscheduled": _Telling("undo", "faint", lambda _details: str(_("Bỏ giờ phát, vẫn được duyệt"))),
    "bulletin.published": _Telling(
        "send", "good", lambda d: str(_("Phát hành bản sửa %(number)s", number=d.get("revision")))
    ),
    "bulletin.correction_written": _Telling(
        "pen", "move", lambda d: str(_("Viết đính chính, bản sửa %(number)s", number=d.get("revision")))
    ),
    "bulletin.correction_returned": _Telling("undo", "bad", lambda _details: str(_("Trả lại bản đính chính"))),
    "bulletin.corrected": _Telling(
        "send", "good", lambda d: str(_("Phát đính chính, bản sửa %(number)s", number=d.get("revision")))
    ),
    "bulletin.urgent": _Telling(
        "flag", "wait", lambda d: str(_("Phát gấp bản sửa %(number)s với một chữ ký", number=d.get("revision")))
    ),
    "bulletin.urgent_reviewed": _Telling(
        "eye",
        "good",
        lambda d: str(
            _("Đọc lại sau phát gấp: chưa đúng") if d.get("outcome") == "objection" else _("Đọc lại sau phát gấp: đúng")
        ),
    ),
    "bulletin.recalled": _Telling("ban", "bad", lambda _details: str(_("Thu hồi"))),
}


def story(session: Session, code: str) -> Sequence[Event]:
    """Everything done to a bulletin, oldest first."""
    entries = list(journal.history(session, "bulletin", code))
    names = actor_names(session, {entry.actor for entry in entries})
    events = []
    for entry in entries:
        details = json.loads(entry.details)
        telling = _ACTS.get(entry.act)
        events.append(
            Event(
                icon=telling.icon if telling else "info",
                ink=telling.ink if telling else "faint",
                what=telling.what(details) if telling else entry.act,
                note=str(details.get("note") or details.get("reason") or ""),
                who=names.get(entry.actor, entry.actor),
                at=entry.at,
            )
        )
    return events
