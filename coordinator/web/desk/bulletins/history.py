"""The history of a bulletin, from the journal, in sentences."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns.core import journal
from coordinator.translation import _
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.actors import actor_names


@dataclass(frozen=True)
class HistoryEvent:
    """One entry for ``ui.timeline``, without its time."""

    icon: str
    ink: str
    what: str
    note: str
    actor_name: str
    at: datetime


@dataclass(frozen=True)
class _EventLabel:
    icon: str
    ink: str
    what: Callable[[Mapping[str, Any]], str]


def _release_label(details: Mapping[str, Any]) -> str:
    at = details.get("release_at")
    return formats.full_moment(datetime.fromisoformat(at)) if at else ""


_ACT_LABELS: Mapping[str, _EventLabel] = {
    "bulletin.written": _EventLabel("pen", "faint", lambda _details: str(_("Soạn bản đầu"))),
    "bulletin.revised": _EventLabel(
        "pen", "faint", lambda d: str(_("Lưu phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.submitted": _EventLabel(
        "eye", "move", lambda d: str(_("Gửi duyệt phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.commented": _EventLabel(
        "talk", "faint", lambda d: str(_("Góp ý về phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.comment_resolved": _EventLabel("check", "faint", lambda _details: str(_("Xong một ý kiến"))),
    "bulletin.returned": _EventLabel("undo", "bad", lambda _details: str(_("Trả lại để sửa"))),
    "bulletin.approved": _EventLabel(
        "check", "good", lambda d: str(_("Duyệt phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.scheduled": _EventLabel("clock", "move", lambda d: str(_("Hẹn phát lúc %(at)s", at=_release_label(d)))),
    "bulletin.unscheduled": _EventLabel("undo", "faint", lambda _details: str(_("Bỏ giờ phát, vẫn được duyệt"))),
    "bulletin.published": _EventLabel(
        "send", "good", lambda d: str(_("Phát hành phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.correction_written": _EventLabel(
        "pen", "move", lambda d: str(_("Viết đính chính, phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.correction_returned": _EventLabel("undo", "bad", lambda _details: str(_("Trả lại bản đính chính"))),
    "bulletin.corrected": _EventLabel(
        "send", "good", lambda d: str(_("Phát đính chính, phiên bản %(number)s", number=d.get("revision")))
    ),
    "bulletin.urgent": _EventLabel(
        "flag", "wait", lambda d: str(_("Phát gấp phiên bản %(number)s với một chữ ký", number=d.get("revision")))
    ),
    "bulletin.urgent_reviewed": _EventLabel(
        "eye",
        "good",
        lambda d: str(
            _("Đọc lại sau phát gấp: chưa đúng") if d.get("outcome") == "objection" else _("Đọc lại sau phát gấp: đúng")
        ),
    ),
    "bulletin.recalled": _EventLabel("ban", "bad", lambda _details: str(_("Thu hồi"))),
}


def bulletin_history(session: Session, code: str) -> Sequence[HistoryEvent]:
    """Return all journal entries of a bulletin, oldest first."""
    entries = list(journal.history(session, "bulletin", code))
    names = actor_names(session, {entry.actor for entry in entries})
    events = []
    for entry in entries:
        details = json.loads(entry.details)
        telling = _ACT_LABELS.get(entry.act)
        events.append(
            HistoryEvent(
                icon=telling.icon if telling else "info",
                ink=telling.ink if telling else "faint",
                what=telling.what(details) if telling else entry.act,
                note=str(details.get("note") or details.get("reason") or ""),
                actor_name=names.get(entry.actor, entry.actor),
                at=entry.at,
            )
        )
    return events
