"""Where the portal leads: its ways, in one place. A room of the portal adds one line here."""

from dataclasses import dataclass

from flask import request

from coordinator.web.portal.counting import waiting
from coordinator.web.saying import _


@dataclass(frozen=True)
class WayTo:
    """One entry of the portal's navigation. ``here``: the page at hand is it, or lies below it. ``waits``: how many
    things there wait for this partner; ``says``: for what."""

    endpoint: str
    words: str
    here: bool
    waits: int = 0
    says: str = ""


def ways() -> list[WayTo]:
    """The ways in their order. Each names its endpoint, its word, and the other endpoints that lie below it."""
    at, waits = request.endpoint or "", waiting()
    return [
        WayTo(endpoint, words, at == endpoint or at in below, waits.get(endpoint, 0), _says(endpoint))
        for endpoint, words, below in (
            ("portal.home", _("Tổng quan"), ()),
            ("portal.notices.index", _("Thông báo"), ("portal.notices.show",)),
            ("portal.bulletins.index", _("Bản tin"), ("portal.bulletins.show", "portal.bulletins.download")),
            ("portal.reporting.new", _("Báo bài đã đăng"), ("portal.reporting.show",)),
            ("portal.findings.index", _("Điều Sở hỏi"), ("portal.findings.show", "portal.findings.reply")),
            ("portal.copies", _("Bài trên trang của bạn"), ("portal.copy", "portal.answer")),
            ("portal.removals", _("Phải gỡ hoặc thay"), ()),
            ("portal.results.show", _("Kết quả"), ()),
            ("portal.claims", _("Bài đã báo"), ()),
            ("portal.feeds.index", _("Nguồn tin, khóa"), ()),
            ("portal.push.index", _("Webhook"), ("portal.push.address",)),
            (
                "portal.questions.index",
                _("Hỏi Sở"),
                ("portal.questions.show", "portal.questions.new", "portal.questions.add", "portal.questions.shared"),
            ),
        )
    ]


def _says(endpoint: str) -> str:
    return _("chờ bạn trả lời") if endpoint == "portal.findings.index" else _("chờ bạn đọc hoặc xác nhận")
