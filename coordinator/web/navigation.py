"""Where one can go, in the order of the river; the side, the menu and the tabs are all drawn from here.

A place names an endpoint. One whose endpoint the application does not have, or that the reader's role may not enter,
is left out, so a page never links to a 404 or a 403.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l

from campaigns.people.staff import ROLE_MAY, May, Role


@dataclass(frozen=True)
class Place:
    """One entry. ``waiting`` is the key of its count and ``waits`` says what the counted things wait for. ``also``: the
    room of pages that have no entry of their own and are reached from this one."""

    label: str
    icon: str
    endpoint: str
    waiting: str | None = None
    waits: str = ""
    needs: May | None = None
    also: str = ""


@dataclass(frozen=True)
class Waiting:
    """Work waiting at a place: how much, and whether it waits for this very reader (shown in amber)."""

    number: int
    mine: bool = False


@dataclass(frozen=True)
class Entry:
    """A place as drawn for one reader on one page; ``waiting``: the key of its count, there or not."""

    label: str
    icon: str
    url: str
    current: bool
    count: Waiting | None
    waits: str
    waiting: str | None = None


RIVER = (
    Place(_l("Hôm nay"), "sun", "desk.today"),
    Place(_l("Bản tin"), "doc", "bulletins.index", "bulletins", _l("chờ duyệt")),
    Place(_l("Lịch phát hành"), "cal", "calendar.index", "calendar", _l("bị thiếu")),
    Place(_l("Lượt phát"), "send", "deliveries.index", "deliveries", _l("cần xử lý")),
    Place(_l("Bài lan tỏa"), "spread", "republications.index", "republications", _l("chờ xem xét"), also="removals"),
    Place(_l("Tiến độ"), "chart", "progress.index"),
)
SHELF = (
    Place(_l("Đối tác và giấy phép"), "house", "partners.index", "partners", _l("sắp hết hiệu lực")),
    Place(_l("Tuân thủ"), "shield", "compliance.index"),
    Place(_l("Thông báo đối tác"), "bell", "notices.index"),
    Place(_l("Câu hỏi của đối tác"), "mail", "questions.index", "questions", _l("chờ trả lời")),
    Place(_l("Tài khoản chính thức"), "horn", "channels.index", "channels", _l("cần cấp quyền lại")),
    Place(_l("Báo cáo"), "report", "reports.index"),
    Place(_l("Quản trị"), "slide", "admin.index", needs=May.CONFIGURE),
)
TABS = (
    Place(_l("Hôm nay"), "sun", "desk.today"),
    Place(_l("Bản tin"), "doc", "bulletins.index"),
    Place(_l("Lịch"), "cal", "calendar.index"),
    Place(_l("Xem xét"), "spread", "republications.index", also="removals"),
    Place(_l("Tiến độ"), "chart", "progress.index"),
)
PERSON = (Place(_l("Tài khoản của tôi"), "person", "account.index"),)


def entries(
    places: Collection[Place], role: Role | None = None, counts: Mapping[str, Waiting] | None = None
) -> Iterator[Entry]:
    """The places this application has and this role may enter, with their addresses and waiting work."""
    here = (request.endpoint or "").split(".")[0]
    may = ROLE_MAY[role] if role else frozenset()
    for place in places:
        if place.endpoint not in current_app.view_functions or (place.needs and place.needs not in may):
            continue
        count = (counts or {}).get(place.waiting or "")
        yield Entry(
            label=str(place.label),
            icon=place.icon,
            url=url_for(place.endpoint),
            current=bool(here) and here in {place.endpoint.split(".")[0], place.also},
            count=count if count and count.number else None,
            waits=str(place.waits),
            waiting=place.waiting,
        )
