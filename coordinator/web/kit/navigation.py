"""The navigation entries in the order of the work, from planning to reporting; sidebar, menu and tabs use them.

An entry names an endpoint. An entry whose endpoint does not exist in the application, or which the reader's role may
not open, is omitted, so that no link leads to a 404 or a 403.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask import current_app, request, url_for

from campaigns.people.staff import ROLE_PERMISSIONS, Permission, Role
from coordinator.translation import N_, _


@dataclass(frozen=True)
class NavigationItem:
    """One entry. ``waiting``: the key of its count; ``waits``: what the counted items wait for.
    ``also``: the blueprints of pages without an own entry that belong to this one.
    """

    label: str
    icon: str
    endpoint: str
    waiting: str | None = None
    waits: str = ""
    needs: Permission | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaitingCount:
    """The work waiting at an entry: its amount, and whether this reader can act on it (shown in amber)."""

    number: int
    mine: bool = False


@dataclass(frozen=True)
class NavigationEntry:
    """An entry as rendered for one reader on one page; ``waiting``: the key of its count, whether present or not."""

    label: str
    icon: str
    url: str
    current: bool
    count: WaitingCount | None
    waits: str
    waiting: str | None = None


PIPELINE_MENU = (
    NavigationItem(N_("Hôm nay"), "sun", "desk.today"),
    NavigationItem(
        N_("Bản tin"),
        "doc",
        "bulletins.index",
        "bulletins",
        N_("chờ duyệt"),
        also=("templates", "pictures_library", "media_library"),
    ),
    NavigationItem(N_("Lịch phát hành"), "cal", "calendar.index", "calendar", N_("bị thiếu")),
    NavigationItem(N_("Lượt phát"), "send", "deliveries.index", "deliveries", N_("cần xử lý")),
    NavigationItem(
        N_("Bài đăng lại"), "spread", "republications.index", "republications", N_("chờ xem xét"), also=("removals",)
    ),
    NavigationItem(N_("Tiến độ"), "chart", "progress.index"),
)
MANAGEMENT_MENU = (
    NavigationItem(
        N_("Đối tác và giấy phép"),
        "house",
        "partners.index",
        "partners",
        N_("sắp hết hiệu lực"),
        also=("licence_register",),
    ),
    NavigationItem(N_("Tuân thủ"), "shield", "compliance.index"),
    NavigationItem(N_("Thông báo đối tác"), "bell", "notices.index"),
    NavigationItem(N_("Câu hỏi của đối tác"), "mail", "questions.index", "questions", N_("chờ trả lời")),
    NavigationItem(N_("Tài khoản chính thức"), "horn", "channels.index", "channels", N_("cần cấp quyền lại")),
    NavigationItem(N_("Báo cáo"), "report", "reports.index"),
    NavigationItem(N_("Quản trị"), "slide", "admin.index", needs=Permission.CONFIGURE),
    NavigationItem(N_("Hướng dẫn"), "ask", "manual.index"),
)
PHONE_TABS = (
    NavigationItem(N_("Hôm nay"), "sun", "desk.today"),
    NavigationItem(N_("Bản tin"), "doc", "bulletins.index"),
    NavigationItem(N_("Lịch"), "cal", "calendar.index"),
    NavigationItem(N_("Xem xét"), "spread", "republications.review.queue", also=("removals",)),
    NavigationItem(N_("Tiến độ"), "chart", "progress.index"),
)
ACCOUNT_MENU = (NavigationItem(N_("Tài khoản của tôi"), "person", "account.index"),)


def navigation_entries(
    places: Collection[NavigationItem], role: Role | None = None, counts: Mapping[str, WaitingCount] | None = None
) -> Iterator[NavigationEntry]:
    """Return the entries that the application has and this role may open, with their addresses and waiting work."""
    here = (request.endpoint or "").split(".")[0]
    may = ROLE_PERMISSIONS[role] if role else frozenset()
    for place in places:
        if place.endpoint not in current_app.view_functions or (place.needs and place.needs not in may):
            continue
        count = (counts or {}).get(place.waiting or "")
        yield NavigationEntry(
            label=_(place.label),
            icon=place.icon,
            url=url_for(place.endpoint),
            current=bool(here) and here in {place.endpoint.split(".")[0], *place.also},
            count=count if count and count.number else None,
            waits=_(place.waits) if place.waits else "",
            waiting=place.waiting,
        )
