"""A partner's site on loopback with scripted pages: articles, lists, and errors."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source, sync_sources
from campaigns.partners.directory import Company, Site
from campaigns.republications.republications import Republication
from tests import factories
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness

TITLE = "Lịch tiêm nhắc vắc-xin sởi tại 30 phường, xã trong tuần cuối tháng 11"
PARTS = (
    "Từ ngày 24 đến 28/11, trạm y tế của 30 phường, xã mở thêm buổi tiêm chiều cho trẻ từ 18 tháng đến 5 tuổi "
    "chưa đủ hai mũi, phụ huynh mang theo sổ tiêm hoặc mã định danh của con.",
    "Mỗi điểm tiêm có hai bàn khám sàng lọc, một phòng theo dõi sau tiêm ba mươi phút và một tổ cấp cứu lưu động "
    "của bệnh viện quận đứng chờ ngay trong sân trạm.",
    "Trẻ đang sốt, đang dùng thuốc ức chế miễn dịch hoặc mới truyền máu trong sáu tháng được hẹn sang buổi khác; "
    "danh sách hẹn lại dán ở bảng tin của trạm mỗi tối.",
    "Người dân ở xa có thể gọi số 1900 0000 để đặt giờ, tổng đài nhận cuộc gọi từ 7 giờ đến 21 giờ, kể cả thứ bảy "
    "và chủ nhật, và nhắn lại giờ hẹn qua tin nhắn.",
    "Ngành y tế dự kiến tiêm cho khoảng bốn nghìn hai trăm trẻ trong đợt này, số còn lại được rà soát theo từng tổ "
    "dân phố trước ngày 15/12.",
)
BODY = "\n\n".join(PARTS)
OTHER = (
    "Đội bóng nữ của quận thắng trận chung kết tối qua nhờ bàn thắng ở phút bù giờ thứ hai, sau khi bị dẫn trước suốt "
    "cả hiệp một trên sân ướt.",
    "Huấn luyện viên cho biết toàn đội nghỉ ba ngày rồi mới tập lại, ba cầu thủ trẻ được gọi lên đội tuyển thành phố "
    "để chuẩn bị cho giải mùa xuân.",
)


def page(
    title: str,
    parts: Sequence[str],
    *,
    source: str = "",
    canonical: str | None = None,
    at: datetime | None = None,
) -> str:
    """An article's page. ``source``: the line at the end, as HTML; ``at``: the time it says it was published."""
    head = f'<link rel="canonical" href="{escape(canonical)}">' if canonical else ""
    if at is not None:
        head += f'<meta property="article:published_time" content="{at.isoformat()}">'
    body = "".join(f"<p>{escape(part)}</p>" for part in parts)
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head><body>'
        f'<header><nav><a href="/">Trang chủ</a></nav></header><main><article><h1>{escape(title)}</h1>{body}{source}'
        "</article></main><footer><p>Trang thông tin điện tử tổng hợp. Liên hệ quảng cáo: 024 5555 0100</p></footer>"
        "</body></html>"
    )


class ScriptedSite:
    """One registered site on one server."""

    def __init__(self, scene: JobHarness, server: HostileServer, company: Company | None = None) -> None:
        self.scene, self.server = scene, server
        server.text("/robots.txt", "", "404 Not Found")
        with scene.database.write() as session:
            owner = session.merge(company) if company is not None else factories.company(session)
            site = factories.site(session, owner, server.url("/"), now=scene.context.now())
            self.code, self.company = site.code, owner

    def url(self, path: str) -> str:
        """An address of the site."""
        return self.server.url(path)

    def link(self, bulletin: str) -> str:
        """A source line that names and links us."""
        return f'<p>Theo <a href="https://tin.example/bulletins/{bulletin}">Sở Thông tin thành phố</a></p>'

    def carries(self, path: str, bulletin: str, parts: Sequence[str] = PARTS, **given: object) -> str:
        """Put a copy of the text on ``path``, by default with our name and link; returns its address."""
        values = {"source": self.link(bulletin), **given}
        return self.shows(path, page(TITLE, parts, **values))  # type: ignore[arg-type]  # the page's own arguments

    def shows(self, path: str, html: str, status: str = "200 OK", **fields: object) -> str:
        """Put anything on ``path``; returns its address."""
        return self.server.text(path, html, status, **{"Content_Type": "text/html; charset=utf-8", **fields})

    def removes(self, path: str, status: str = "404 Not Found") -> None:
        """Take a page down."""
        self.shows(path, "<html><body>Không tìm thấy</body></html>", status)

    def keeps(self, path: str, html: str, etag: str = '"v1"') -> str:
        """A page that answers 304 to a conditional request."""

        def answer(call: Call) -> None:
            if call.headers.get("if-none-match") == etag:
                call.head("304 Not Modified", ETag=etag)
            else:
                call.answer(html.encode(), Content_Type="text/html; charset=utf-8", ETag=etag)

        self.server.ways[path] = answer
        return self.url(path)

    def lists(self, kind: str, *addresses: str, at: datetime | None = None) -> str:
        """A feed, sitemap or front page that names these addresses, and has us look at it; returns its own."""
        path, body = {
            "feeds": ("/rss.xml", _feed),
            "sitemaps": ("/sitemap-news.xml", _sitemap),
            "listings": ("/", _front),
        }[kind]
        self.server.text(path, body(addresses, at), Content_Type="text/html" if kind == "listings" else "text/xml")
        self.watched(**{kind: [self.url(path)]})
        return self.url(path)

    def watched(self, **sources: list[str]) -> None:
        """Have us look at these ``feeds``, ``sitemaps`` or ``listings``."""
        with self.scene.database.write() as session:
            site = session.execute(sa.select(Site).where(Site.code == self.code)).scalar_one()
            for name, urls in sources.items():
                setattr(site, name, urls)
            sync_sources(session, site, now=self.scene.context.now())

    def source(self) -> Source:
        """The one source of the site."""
        with self.scene.database.read() as session:
            return session.execute(sa.select(Source).where(Source.site.has(code=self.code))).scalar_one()

    def pages(self) -> list[Page]:
        """Every page of the site that was seen."""
        with self.scene.database.read() as session:
            return list(
                session.execute(sa.select(Page).where(Page.site.has(code=self.code)).order_by(Page.id)).scalars()
            )

    def copies(self) -> list[Republication]:
        """Every republication on the site, with its evidence."""
        query = (
            sa.select(Republication)
            .where(Republication.site.has(code=self.code))
            .options(selectinload(Republication.evidence), joinedload(Republication.page))
            .order_by(Republication.id)
        )
        with self.scene.database.read() as session:
            return list(session.execute(query).scalars())

    def copy(self) -> Republication:
        """The one republication on the site."""
        (republication,) = self.copies()
        return republication


def _feed(addresses: Sequence[str], at: datetime | None) -> str:
    when = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    items = "".join(f"<item><title>Tin</title><link>{escape(address)}</link>{when}</item>" for address in addresses)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Tin</title>{items}</channel></rss>'


def _sitemap(addresses: Sequence[str], at: datetime | None) -> str:
    news = (
        f"<n:news><n:publication_date>{at.isoformat()}</n:publication_date><n:title>Tin</n:title></n:news>"
        if at
        else ""
    )
    items = "".join(f"<url><loc>{escape(address)}</loc>{news}</url>" for address in addresses)
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    return f'<?xml version="1.0"?><urlset {spaces}>{items}</urlset>'


def _front(addresses: Sequence[str], at: datetime | None) -> str:
    links = "".join(f'<li><a href="{escape(address)}">Một tin có tên đủ dài</a></li>' for address in addresses)
    return f"<html><body><main><ul>{links}</ul></main></body></html>"
