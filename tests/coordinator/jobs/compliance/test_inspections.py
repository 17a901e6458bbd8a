"""Front pages of a partner's site on loopback: fetched by the HTTP client, stored, and compared with the register."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from campaigns.compliance import inspections
from campaigns.compliance.findings import Finding
from campaigns.compliance.inspections import Inspection, PageRole, PageSnapshot
from campaigns.partners.directory import Company, Site, SiteKind, find_site
from campaigns.partners.licences import LicenceContent, add_licence
from coordinator.jobs import upkeep
from coordinator.jobs.compliance import rule_evaluation
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, PARTS, TITLE, ScriptedSite, page
from tests.factories import ANALYST

NUMBER = "2215/GP-TTĐT"
IMPRINT = """<footer><p>Cơ quan chủ quản: Công ty Cổ phần Truyền thông Nhịp Sông</p>
<p>Chịu trách nhiệm nội dung: Bà Nguyễn Thị Thu Hà</p>
<p>Địa chỉ: 12 phố Hàng Bài, phường Hoàn Kiếm, Hà Nội</p>
<p>Điện thoại: 024 3825 0000 - Email: toasoan@nhipsong.vn</p>
<p>Giấy phép số 2215/GP-TTĐT do Sở Thông tin và Truyền thông Hà Nội cấp ngày 05/3/2024</p></footer>"""
SOURCES = "".join(f'<li><a href="/bai-{n}">Một tin đủ dài để là tin</a> <span class="source">Nguồn: {name}</span></li>'
                  for n, name in enumerate(["Hà Nội mới", "TTXVN", "VnExpress", "Nhân Dân"]))  # fmt: skip


def front(imprint: str = IMPRINT, *, title: str = "Nhịp Sông - Tin tổng hợp", main: str = SOURCES) -> str:
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head><body><main><ul>'
        f"{main}</ul></main>{imprint}</body></html>"
    )


class Fronted:
    """A site with its licence in the register."""

    def __init__(self, scene: JobHarness, server: HostileServer) -> None:
        self.scene, self.newsroom = scene, ScriptedSite(scene, server)
        with scene.database.write() as session:
            company = session.get_one(Company, self.newsroom.company.id)
            company.name = "Công ty CP Truyền thông Nhịp Sông"
            add_licence(
                session,
                "test",
                company,
                NUMBER,
                LicenceContent(
                    kind=SiteKind.AGGREGATOR,
                    issuer="Sở Thông tin và Truyền thông Hà Nội",
                    issued_on=date(2024, 3, 5),
                    expires_on=date(2029, 3, 5),
                    domains=["127.0.0.1"],
                ),
                now=scene.context.now(),
            )

    def inspect(self, html: str, status: str = "200 OK") -> dict[str, Finding]:
        """Put a front page up, ask for a look, and look; every finding there is, by rule."""
        self.newsroom.shows("/", html, status)
        with self.scene.database.write() as session:
            inspections.request_inspection(
                session, ANALYST, find_site(session, self.newsroom.code), now=self.scene.context.now()
            )
        assert self.scene.drain("inspection") == 1
        with self.scene.database.read() as session:
            return {
                finding.code: finding for finding in session.execute(sa.select(Finding).order_by(Finding.id)).scalars()
            }

    def row(self) -> Inspection:
        with self.scene.database.read() as session:
            return session.execute(sa.select(Inspection)).scalar_one()

    def kept(self) -> list[PageSnapshot]:
        with self.scene.database.read() as session:
            return list(session.execute(sa.select(PageSnapshot).order_by(PageSnapshot.id)).scalars())


@pytest.fixture
def fronted(scene: JobHarness, server: HostileServer) -> Fronted:
    """On each kind of database."""
    return Fronted(scene, server)


@pytest.fixture
def staged(stage: JobHarness, server: HostileServer) -> Fronted:
    """Where the kind of database makes no difference."""
    return Fronted(stage, server)


def test_a_front_page_that_tells_everything_is_kept_and_suspected_of_nothing(fronted: Fronted) -> None:
    assert fronted.inspect(front()) == {}
    (kept,) = fronted.kept()
    assert (kept.seen, kept.status) == (PageRole.FRONT, 200)
    assert fronted.scene.context.store.read(kept.body_key) == front().encode()
    row = fronted.row()
    assert (row.error, row.read_at, row.due_at) == (
        "",
        fronted.scene.context.now(),
        fronted.scene.context.now() + timedelta(minutes=5),
    )


LACKS = {
    "name": ("Công ty Cổ phần Truyền thông Nhịp Sông", "Công ty khác"),
    "address": ("Địa chỉ: 12 phố Hàng Bài, phường Hoàn Kiếm, Hà Nội", ""),
    "phone": ("Điện thoại: 024 3825 0000 - ", ""),
    "email": ("Email: toasoan@nhipsong.vn", ""),
    "responsible": ("Chịu trách nhiệm nội dung: Bà Nguyễn Thị Thu Hà", "Chịu trách nhiệm nội dung:"),
    "licence_number": (NUMBER, "3000/GP-TTĐT"),
    "licence_issuer": ("Sở Thông tin và Truyền thông Hà Nội", "Bộ"),
    "licence_date": ("05/3/2024", "06/3/2024"),
}


@pytest.mark.parametrize("item", LACKS)
def test_each_thing_that_a_front_page_lacks_or_tells_otherwise_is_named(staged: Fronted, item: str) -> None:
    old, new = LACKS[item]
    assert old in IMPRINT
    finding = staged.inspect(front(IMPRINT.replace(old, new)))["R1"]
    (kept,) = staged.kept()
    assert (finding.facts["missing"], finding.snapshot_id, finding.page_hash, finding.version) == (
        [item],
        kept.id,
        kept.body_hash,
        2,
    )
    if item == "licence_number":
        assert (finding.facts["shown"], finding.facts["registered"]) == ("3000/GP-TTDT", [NUMBER])


def test_a_company_without_a_managing_organisation_is_suspected_of_nothing(staged: Fronted) -> None:
    assert "Cơ quan chủ quản: " in IMPRINT
    assert staged.inspect(front(IMPRINT.replace("Cơ quan chủ quản: ", ""))) == {}


def test_the_same_words_are_understood_however_they_are_written(staged: Fronted) -> None:
    other = IMPRINT.replace("05/3/2024", "ngày 5 tháng 03 năm 2024").replace("Công ty Cổ phần", "CÔNG TY CP")
    other = other.replace("Email: toasoan@nhipsong.vn", '<a href="mailto:toasoan@nhipsong.vn">Viết cho chúng tôi</a>')
    other = other.replace("024 3825 0000", "(024) 38.250.000").replace(NUMBER, "2215 / GP-TTĐT")
    assert staged.inspect(front(other)) == {}


def test_an_expired_licence_is_not_the_number_that_is_asked_for(staged: Fronted) -> None:
    with staged.scene.database.write() as session:
        session.execute(sa.text("UPDATE licences SET expires_on = '2026-10-31'"))
        company = session.get_one(Company, staged.newsroom.company.id)
        add_licence(
            session,
            "test",
            company,
            "77/GP-TTĐT",
            LicenceContent(
                kind=SiteKind.AGGREGATOR,
                issuer="Sở Văn hóa và Thể thao Hà Nội",
                issued_on=date(2026, 11, 1),
                domains=["127.0.0.1"],
            ),
            now=staged.scene.context.now(),
        )
    assert staged.inspect(front())["R1"].facts["missing"] == ["licence_number", "licence_issuer", "licence_date"]


FEW = (
    '<li>Một tin đủ dài <span class="nguon">VnExpress</span></li><li>Tin nữa <span class="nguon">vnexpress</span></li>'
)
BOXES = {
    "a field": '<section id="binh-luan"><form><textarea name="noi-dung"></textarea></form></section>',
    "its words": '<form><textarea placeholder="Gửi bình luận của bạn"></textarea></form>',
    "a service": '<div class="fb-comments" data-href="/"></div>',
    "a frame": '<iframe src="https://www.facebook.com/plugins/comments.php?x=1"></iframe>',
}


def test_two_names_of_one_source_are_one_and_fewer_than_three_are_reported(staged: Fronted) -> None:
    finding = staged.inspect(front(main=FEW))["R11"]
    assert finding.facts == {"found": ["VnExpress"], "wanted": 3}


def test_a_front_page_without_any_source_says_nothing_of_them(staged: Fronted) -> None:
    assert staged.inspect(front(main="<li>Một tin</li>")) == {}


@pytest.mark.parametrize("box", BOXES)
def test_a_box_for_comments_on_an_article_of_ours_is_seen_there(staged: Fronted, box: str) -> None:
    rule_evaluation.sweep(staged.scene.context)
    code = staged.scene.publish(title=TITLE, body=BODY)
    staged.scene.clock.forward(hours=2)
    html = page(TITLE, PARTS, source=staged.newsroom.link(code), at=staged.scene.context.now())
    staged.newsroom.shows(PATH, html.replace("</article>", f"</article>{BOXES[box]}"))
    found(staged.newsroom)
    finding = staged.inspect(front())["R12"]
    first, article = staged.kept()
    assert (first.seen, article.seen, finding.snapshot_id) == (PageRole.FRONT, PageRole.ARTICLE, article.id)
    assert finding.page_url == staged.newsroom.url(PATH)


def test_a_contact_form_and_a_search_are_no_comments(staged: Fronted) -> None:
    contact = '<form action="/lien-he"><textarea name="loi-nhan" placeholder="Lời nhắn"></textarea></form>'
    assert staged.inspect(front(f'{IMPRINT}{contact}<input type="search">')) == {}


@pytest.mark.parametrize(
    "title", ["Báo Nhịp Sông - Tin tức 24 giờ", "TẠP CHÍ Sông Hồng", "Nhật báo Thủ đô | Trang chủ"]
)
def test_a_name_that_begins_as_a_newspapers_is_reported(staged: Fronted, title: str) -> None:
    assert staged.inspect(front(title=title))["R13"].fault == "press_name"


@pytest.mark.parametrize(
    "title", ["Bão số 3 - Nhịp Sông", "Nhịp Sông, thông báo mỗi ngày", "Báo-giá vật liệu hôm nay x"]
)
def test_a_name_that_only_holds_the_letters_is_not(staged: Fronted, title: str) -> None:
    expected = {"R13"} if title.startswith("Báo-") else set()  # a person will see what is meant
    assert set(staged.inspect(front(title=title))) == expected


def test_a_site_that_is_put_right_is_noted_and_nothing_is_proposed_twice(fronted: Fronted) -> None:
    first = fronted.inspect(front(""))["R1"]
    fronted.scene.clock.forward(days=1)
    assert fronted.inspect(front(""))["R1"].public == first.public
    fronted.scene.clock.forward(days=1)
    again = fronted.inspect(front())["R1"]
    assert (again.public, again.mended_seen_at) == (first.public, fronted.scene.context.now())
    # The same bytes are kept once, however often they come.
    kept_front, two, three = fronted.kept()
    assert kept_front.body_key == two.body_key != two.capture_key
    assert fronted.scene.context.store.read(two.body_key) == front("").encode()
    assert three.body_hash != kept_front.body_hash


def test_robots_txt_is_obeyed_and_reported(staged: Fronted) -> None:
    staged.newsroom.server.text("/robots.txt", "User-agent: *\nDisallow: /")
    assert staged.inspect(front("")) == {}
    assert "robots.txt forbids" in staged.row().error
    assert staged.kept() == []
    assert [call.path for call in staged.newsroom.server.calls] == ["/robots.txt"]


@pytest.mark.parametrize("status", ["500 Internal Server Error", "403 Forbidden"])
def test_a_page_that_does_not_come_is_tried_again_and_accuses_nobody(staged: Fronted, status: str) -> None:
    assert staged.inspect("<html>x</html>", status) == {}
    row = staged.row()
    assert status[:3] in row.error
    assert row.due_at is not None
    assert row.read_at is None


def test_a_page_that_leads_to_another_site_is_not_taken_for_its_own(staged: Fronted, server: HostileServer) -> None:
    with HostileServer() as other:
        other.text("/robots.txt", "", "404 Not Found")
        other.text("/", front(""), Content_Type="text/html")
        staged.newsroom.server.redirect("/", other.url("/").replace("127.0.0.1", "localhost"))
        with staged.scene.database.write() as session:
            inspections.request_inspection(
                session, ANALYST, find_site(session, staged.newsroom.code), now=staged.scene.context.now()
            )
        staged.scene.drain("inspection")
    assert "another site" in staged.row().error
    assert staged.kept() == []


@pytest.mark.parametrize(
    "body", [b"", b"\0" * 5000, b"<" * 100_000, "<html>" + "<div>" * 50_000, b"\xff\xfe\xfa" * 999]
)
def test_no_page_however_odd_breaks_the_look(staged: Fronted, body: bytes | str) -> None:
    raw = body if isinstance(body, bytes) else body.encode()
    staged.newsroom.server.ways["/"] = lambda call: call.answer(raw, Content_Type="text/html")
    with staged.scene.database.write() as session:
        inspections.request_inspection(
            session, ANALYST, find_site(session, staged.newsroom.code), now=staged.scene.context.now()
        )
    assert staged.scene.drain("inspection") == 1
    assert "the program failed" not in staged.row().error


def test_every_active_site_is_taken_up_once_and_spread_over_a_round(scene: JobHarness, server: HostileServer) -> None:
    ScriptedSite(scene, server)
    upkeep.tidy(scene.context)
    upkeep.tidy(scene.context)
    with scene.database.read() as session:
        (row,) = session.execute(sa.select(Inspection)).scalars().all()
    now = scene.context.now()
    assert row.due_at is not None
    assert now <= row.due_at <= now + scene.context.intervals.inspect


def test_a_site_that_is_switched_off_is_not_looked_at(staged: Fronted) -> None:
    staged.newsroom.shows("/", front(""))
    with staged.scene.database.write() as session:
        inspections.enrol_sites(session, staged.scene.context.intervals, now=staged.scene.context.now())
        session.execute(sa.update(Site).values(active=False))
    staged.scene.clock.forward(hours=1)
    assert staged.scene.drain("inspection") == 1
    assert staged.kept() == []
