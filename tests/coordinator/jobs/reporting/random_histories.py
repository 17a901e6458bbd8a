"""Random histories of partners, pages, claims and decisions, lived through by the product's own jobs.

The partners' sites are a dictionary in the place of the door; everything else is as in real use: claims are noted,
pages fetched, judged, merged, missed and found gone, and people decide.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, find_bulletin
from campaigns.core.clock import city_day
from campaigns.core.errors import Conflict
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.partners.directory import Company, Site
from campaigns.people.keys import add_key
from campaigns.release import workflow
from campaigns.republications.counted_copy import counted_elsewhere
from campaigns.republications.republications import EvidenceLevel, Republication, RepublicationStatus, claim_copy
from campaigns.republications.review.decisions import decide
from coordinator.http.responses import HttpResponse
from tests import factories
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import PARTS, TITLE, page
from tests.factories import ANALYST, APPROVER, DELIVERY_MODES

# Another bulletin of the same day, which shares no run of words with the first.
SECOND_TITLE = "Từ 1/12, ba tuyến xe buýt điện chạy thử miễn phí trong nội thành"
SECOND_PARTS = (
    "Ba tuyến xe buýt điện nối bến phía tây với khu đô thị mới, ga trung tâm và bệnh viện nhi bắt đầu chạy thử từ "
    "đầu tháng, mười lăm phút một chuyến, mỗi xe chở được sáu mươi người.",
    "Hành khách không phải mua vé trong ba mươi ngày đầu, chỉ cần quét mã ở cửa trước để đơn vị vận hành biết tuyến "
    "nào đông vào giờ nào mà điều thêm xe.",
    "Trạm sạc đặt ở hai đầu bến, dùng điện mặt trời vào ban ngày; phần còn thiếu lấy từ lưới vào giờ thấp điểm, lúc "
    "giá điện thấp nhất.",
    "Người khuyết tật và người già được nhân viên đỡ lên xe bằng cầu gập, mỗi xe có hai chỗ khóa xe lăn và một chuông "
    "riêng ở ngang tầm tay.",
    "Sau thời gian chạy thử, thành phố lấy ý kiến hành khách qua phiếu phát trên xe rồi mới quyết định giá vé và số "
    "chuyến của từng tuyến.",
)
TEXTS = ((TITLE, PARTS), (SECOND_TITLE, SECOND_PARTS))
TOPICS = ("dich-benh", "kinh-te-xa-hoi")
PAGES = 3  # articles of each site
SITES = 3  # the first two belong to one company

# One page under many forms of its address.
VARIANTS: tuple[Callable[[str, str, int], str], ...] = (
    lambda host, path, _n: f"https://{host}{path}",
    lambda host, path, n: f"https://{host}{path}?utm_source=zalo{n}&utm_medium=x",
    lambda host, path, n: f"https://{host}{path}#muc-{n}",
    lambda host, path, n: f"https://{host}{path}?fbclid=a{n}",
    lambda host, path, _n: f"http://{host}{path}",
    lambda host, path, _n: f"https://www.{host}{path}/",
    lambda host, path, n: f"https://m.{host}{path}?gclid={n}",
    lambda host, path, _n: f"https://{host.upper()}{path.upper()}",
)


@dataclass(frozen=True)
class Put:
    """An article's page shows something now: a bulletin in some shape."""

    site: int
    page: int
    bulletin: int
    shape: str  # full, unnamed, half, teaser, other


@dataclass(frozen=True)
class Take:
    """A page is taken down."""

    site: int
    page: int


@dataclass(frozen=True)
class Point:
    """A page says that its right address is that of another page of the site."""

    site: int
    page: int
    to: int


@dataclass(frozen=True)
class Say:
    """The partner says that a page carries a bulletin, under some forms of its address."""

    site: int
    page: int
    bulletin: int
    variant: int
    times: int


@dataclass(frozen=True)
class Find:
    """A list names the page."""

    site: int
    page: int
    variant: int


@dataclass(frozen=True)
class Decide:
    """A person confirms or rejects one of the copies there are, or thinks better of it."""

    which: int
    confirm: bool


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    hours: int


@dataclass(frozen=True)
class Recall:
    """A bulletin is recalled."""

    bulletin: int


Event = Put | Take | Point | Say | Find | Decide | Wait | Recall


def place_of(url: str) -> str:
    """The form of an address in the dictionary: what a site serves the same page for."""
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    return host + parts.path.rstrip("/")


@dataclass
class Web:
    """The partners' sites; stands in for the door."""

    pages: dict[str, str] = field(default_factory=dict)

    def get(self, url: str, **_given: Any) -> HttpResponse:
        """The page at an address, or 404."""
        kind = {"Content-Type": "text/html; charset=utf-8"}
        html = self.pages.get(place_of(url))
        return HttpResponse(url, 404, kind, b"<p>404") if html is None else HttpResponse(url, 200, kind, html.encode())


class History:
    """A world and what happened in it. ``counted``: public id to day of every copy that ever was counted."""

    def __init__(self, scene: JobHarness, web: Web) -> None:
        self.scene, self.web = scene, web
        self.counted: dict[str, Any] = {}
        self.decided: set[str] = set()
        self.carried: dict[tuple[int, int], tuple[int, str]] = {}
        self.pointed: set[int] = set()
        self.said: dict[tuple[int, int, int], bool] = {}  # whether the page has been as it is since it was first said
        now = scene.context.now()
        with scene.database.write() as session:
            self.companies = [factories.company(session) for _ in range(2)]
            owners = (self.companies[0], self.companies[0], self.companies[1])
            self.sites = [factories.site(session, owner, now=now) for owner in owners]
            self.keys = [
                add_key(session, "test", name="k", company_id=owner.id, now=now).row.actor.id for owner in owners
            ]
            factories.channel(session, company=self.companies[0], now=now)
            factories.channel(session, now=now)
            self.codes = [
                factories.published(session, title=title, body="\n\n".join(parts), topic=topic, now=now).code
                for (title, parts), topic in zip(TEXTS, TOPICS, strict=True)
            ]
        scene.clock.forward(minutes=30)

    def path(self, number: int) -> str:
        """An article's path."""
        return f"/thoi-su/mot-bai-da-dang-{40001 + number}.html"

    def live(self, event: Event) -> None:
        """Let one thing happen, and do what is due because of it."""
        match event:
            case Put():
                self._put(event)
            case Take():
                self.web.pages.pop(place_of(self.address(event.site, event.page)), None)
                self._changed(event.site, event.page, None)
            case Point():
                key = place_of(self.address(event.site, event.page))
                if key in self.web.pages and event.to != event.page:
                    link = f'<link rel="canonical" href="{self.address(event.site, event.to)}">'
                    self.web.pages[key] = self.web.pages[key].replace("</head>", f"{link}</head>", 1)
                    self.pointed.add(event.site)
            case Say():
                self._say(event)
            case Find():
                with self.scene.database.write() as session:
                    site = session.get_one(Site, self.sites[event.site].id)
                    url = self.address(event.site, event.page, event.variant)
                    record_sighting(
                        session,
                        site,
                        url,
                        SightingMethod.DISCOVERED,
                        "https://rss.example/",
                        now=self.scene.context.now(),
                    )
            case Decide():
                self._decide(event)
            case Wait():
                self.scene.clock.forward(hours=event.hours)
            case Recall():
                self._recall(event)
        self.scene.drain("page_check")
        self._keep_watch()

    def address(self, site: int, number: int, variant: int = 0, nth: int = 0) -> str:
        """An address of an article."""
        return VARIANTS[variant](self.sites[site].host, self.path(number), nth)

    def _put(self, event: Put) -> None:
        title, parts = TEXTS[event.bulletin]
        source = f'<p>Theo <a href="https://tin.example/bulletins/{self.codes[event.bulletin]}">Sở Thông tin</a></p>'
        html = {
            "full": lambda: page(title, parts, source=source),
            "unnamed": lambda: page(title, parts),
            "half": lambda: page("Một tít khác hẳn", parts[:3], source=source),
            "teaser": lambda: page(title, ["Tiêm miễn phí."]),
            "other": lambda: page("Đội bóng nữ của quận vô địch", ["Đội bóng thắng trận chung kết tối qua trên sân."]),
        }[event.shape]()
        self.web.pages[place_of(self.address(event.site, event.page))] = html
        self._changed(event.site, event.page, (event.bulletin, event.shape))

    def _changed(self, site: int, number: int, shown: tuple[int, str] | None) -> None:
        for key in self.said:
            if key[:2] == (site, number):
                self.said[key] = False
        if shown is None:
            self.carried.pop((site, number), None)
        else:
            self.carried[site, number] = shown

    def _say(self, event: Say) -> None:
        now = self.scene.context.now()
        with self.scene.database.write() as session:
            bulletin, site = find_bulletin(session, self.codes[event.bulletin]), self.sites[event.site]
            key = self.keys[event.site]
            for nth in range(event.times):
                url = self.address(event.site, event.page, (event.variant + nth) % len(VARIANTS), nth)
                seen, _ = record_sighting(
                    session,
                    session.get_one(Site, site.id),
                    url,
                    SightingMethod.REPORTED,
                    key,
                    bulletin=bulletin,
                    now=now,
                )
                claim_copy(session, key, bulletin, seen, EvidenceLevel.REPORTED, day=city_day(now), now=now)
        self.said.setdefault((event.site, event.page, event.bulletin), True)

    def _decide(self, event: Decide) -> None:
        with self.scene.database.write() as session:
            rows = session.execute(sa.select(Republication).order_by(Republication.id)).scalars().all()
            if rows:
                row = rows[event.which % len(rows)]
                try:
                    decide(session, ANALYST, row, confirm=event.confirm, note="đã xem", now=self.scene.context.now())
                except Conflict:
                    # Nobody confirms a further address of what is counted already.
                    if counted_elsewhere(session, row) is None:
                        raise
                else:
                    self.decided.add(row.public)

    def _recall(self, event: Recall) -> None:
        now = self.scene.context.now()
        with self.scene.database.write() as session:
            bulletin = find_bulletin(session, self.codes[event.bulletin])
            if bulletin.state is BulletinState.PUBLISHED:
                workflow.recall(session, APPROVER, bulletin.code, "Sai số liệu", DELIVERY_MODES, now=now)

    def _keep_watch(self) -> None:
        """Counted once for ever, on one day, unless a person says otherwise."""
        with self.scene.database.read() as session:
            for row in session.execute(sa.select(Republication)).scalars():
                if row.status is RepublicationStatus.CONFIRMED:
                    assert self.counted.setdefault(row.public, row.counted_on) == row.counted_on
                elif row.public in self.counted:
                    assert row.public in self.decided, (row.canonical_url, row.reasons)

    def settle(self) -> None:
        """Let enough time pass for everything that waits to be seen twice."""
        for _ in range(5):
            self.live(Wait(30))

    def must_count(self) -> set[tuple[str, str]]:
        """(bulletin, host and path) of what stands up in full with our name and link, was said so once it stood there,
        on sites where no page ever pointed to another."""
        return {
            (self.codes[bulletin], place_of(self.address(site, number)))
            for (site, number), (bulletin, shape) in self.carried.items()
            if shape == "full" and site not in self.pointed and self.said.get((site, number, bulletin))
        }


def companies_of(session: Session) -> list[Company]:
    """Every company, in order."""
    return list(session.execute(sa.select(Company).order_by(Company.id)).scalars())


def bulletins_of(session: Session) -> list[Bulletin]:
    """Every bulletin, in order."""
    return list(session.execute(sa.select(Bulletin).order_by(Bulletin.id)).scalars())
