"""Reporting a copy in the portal: a page on a real server, read by the usual job, with the result as text."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.core import journal
from campaigns.core.clock import CITY
from campaigns.discovery.sightings import Page as PageRow
from campaigns.partners.directory import Company, SiteContent, SiteKind, add_site
from campaigns.partners.editor_access import make_editor_link
from campaigns.partners.editors import add_editor
from campaigns.reporting.partner_claims import claim_counts
from campaigns.republications import page_reports
from campaigns.republications.page_reports import PageReport
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.db import Database
from coordinator.jobs.republications import page_check
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.desk.copies import PARTS, TITLE
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.desk.republications.test_uploaded_evidence import png
from tests.coordinator.web.signed_in import csrf_token
from tests.factories import ADMIN

BODY = "".join(f"<p>{part}</p>" for part in PARTS)


@dataclass
class Partner:
    """A signed-in editor, and the server of the partner's site."""

    outside: RunningApplication
    server: HostileServer
    code: str

    def post(self, path: str, **form: str) -> Page:
        """Submit a form of the portal and return the resulting page."""
        client = self.outside.client
        sent = {"csrf_token": csrf_token(self.outside, client), **form}
        return Page(client.post(path, data=sent, follow_redirects=True).text)

    def send(self, path: str, *, file: bytes, **form: str) -> Page:
        """Submit a form with a picture and return the resulting page."""
        client = self.outside.client
        sent = {"csrf_token": csrf_token(self.outside, client), **form, "file": (io.BytesIO(file), "anh.png")}
        return Page(client.post(path, data=sent, follow_redirects=True).text)

    def report(self, url: str, bulletin: str = "") -> Page:
        return self.post("/portal/report", url=url, bulletin=bulletin)

    def check(self) -> int:
        """Run the due checks and return their number."""
        place, done = self.outside.office, 0
        while taken := page_check.claim(place, 10):
            for claim in taken:
                page_check.check_page(place, claim)
                done += 1
        return done

    def shown(self) -> Page:
        """Return the page of the only report."""
        with self.outside.database.read() as session:
            ident = session.execute(sa.select(PageReport.public)).scalar_one()
        return Page(self.outside.client.get(f"/portal/report/{ident}").text)


@pytest.fixture
def partner(sqlite: Database, tmp_path: Path) -> Iterator[Partner]:
    """A partner whose site is on loopback, with one published bulletin."""
    with HostileServer() as server:
        server.text("/robots.txt", "User-agent: *\nAllow: /\n", Content_Type="text/plain")
        outside = open_application(sqlite, tmp_path, allow_hosts=f"127.0.0.1:{server.port}")
        code = outside.publish(TITLE, body="\n\n".join(PARTS))
        company_id, _ = outside.partner("Nhịp Sông", kind=None)
        with outside.database.write() as session:
            company = session.get_one(Company, company_id)
            now = outside.office.now()
            kind = SiteKind.AGGREGATOR
            add_site(session, "test", company, SiteContent(name="Nhịp Sông", url=server.url("/"), kind=kind), now=now)
            other = factories.company(session, "Tin Sáng")
            add_site(
                session, "test", other, SiteContent(name="Tin Sáng", url="https://tinsang.example/", kind=kind), now=now
            )
            editor = add_editor(session, ADMIN, company, email="lan@a.vn", name="Ngọc Lan", now=now)
            secret = make_editor_link(session, ADMIN, editor, now=now).secret
        made = Partner(outside, server, code)
        made.post(f"/portal/join/{secret}")
        yield made


def article(partner: Partner, path: str, source: str) -> str:
    """Serve a page with our text; returns its address."""
    head = f"<head><title>{TITLE}</title></head>"
    html = f'<html lang="vi">{head}<body><article><h1>{TITLE}</h1>{BODY}{source}</article></body></html>'
    return partner.server.text(path, html, Content_Type="text/html; charset=utf-8")


def link(partner: Partner) -> str:
    return f'<p>Theo <a href="http://localhost:8800/bulletins/{partner.code}">Sở Thông tin</a></p>'


def test_a_pasted_address_is_read_and_judged_without_saying_which_bulletin(partner: Partner) -> None:
    url = article(partner, "/tin/tiem-soi.html", link(partner))
    page = partner.report(url)
    assert page.has("Đang xem.")
    assert page.link("Xem kết quả bây giờ").startswith("/portal/report/rpt_")
    assert partner.outside.runner.kinds[-1] == "page_check"
    assert partner.check() == 1
    page = partner.shown()
    assert page.has("Đã tính là một lượt lan tỏa.")
    assert page.pairs()["Phần văn bản thấy trên trang"] == "98%"  # the lead is not on the page
    assert page.pairs()["Dẫn nguồn"] == "Có đường dẫn ở cuối"
    assert not page.has("Đang xem")


def test_what_is_to_be_mended_is_reported_and_another_look_sees_it_mended(partner: Partner) -> None:
    url = article(partner, "/tin/tiem-soi.html", "")
    partner.report(url, partner.code)
    partner.check()
    page = partner.shown()
    assert page.has("Cán bộ của Sở sẽ xem rồi kết luận.")
    assert page.has("Không nêu nguồn")
    assert page.has(f'<p>Theo <a href="http://localhost:8800/bulletins/{partner.code}">')
    article(partner, "/tin/tiem-soi.html", link(partner))
    again = page.tree.css_first("form[action$='/again']")
    assert again is not None
    path = again.attributes["action"] or ""
    assert partner.post(path).has("chưa đầy một phút trước")
    partner.outside.clock.forward(minutes=2)
    assert partner.post(path).has("Đang xem.")
    partner.check()
    assert partner.shown().has("Đã tính là một lượt lan tỏa.")
    with partner.outside.database.read() as session:
        company = session.execute(sa.select(PageReport.company_id)).scalar_one()
        assert claim_counts(session, company).confirmed == 1
        query = sa.select(journal.JournalEntry.actor).where(journal.JournalEntry.act == "page.reported")
        actors = set(session.execute(query).scalars())
    assert actors == {"editor:lan@a.vn"}


def test_every_form_of_an_address_is_one_report_and_one_look(partner: Partner) -> None:
    url = article(partner, "/tin/tiem-soi.html", link(partner))
    for form in (url, f"{url}?utm_source=zalo", f"{url}#binh-luan", f"  {url} "):
        partner.report(form, partner.code)
    assert partner.check() == 1
    with partner.outside.database.read() as session:
        for table in (PageReport, PageRow, Republication):
            assert session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 1
        assert session.execute(sa.select(Republication.status)).scalar_one() is RepublicationStatus.CONFIRMED
    partner.report(url)
    assert partner.check() == 0  # the response of a moment ago is reused


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Mục này không được để trống"),
        ("nhipsong", "Nhập địa chỉ đầy đủ của bài"),
        ("javascript:alert(1)", "Nhập địa chỉ đầy đủ của bài"),
        ("http://localhost/tin", "Đây là địa chỉ nội bộ"),
        ("http://10.0.0.8/tin", "Đây là địa chỉ nội bộ"),
        ("http://[::1]/tin", "Đây là địa chỉ nội bộ"),
        ("http://169.254.169.254/latest/meta-data", "Đây là địa chỉ nội bộ"),
        ("https://la.example/tin", "la.example không phải trang của đơn vị"),
        ("https://tinsang.example/tin", "tinsang.example không phải trang của đơn vị"),
        ("https://a.example/" + "x" * 2000, "Mục này quá dài"),
    ],
)
def test_an_address_that_is_not_theirs_comes_back_in_plain_words(partner: Partner, url: str, words: str) -> None:
    page = partner.report(url)
    (text,) = page.errors().values()
    assert text.startswith(words)
    with partner.outside.database.read() as session:
        assert session.execute(sa.select(PageRow)).first() is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/khong-co", "Địa chỉ này trả lời 404"),
        ("/loi", "Máy chủ của trang trả lời lỗi 500"),
        ("/anh.png", "Địa chỉ này không phải trang bài viết"),
        ("/khac", "Không thấy bản tin của Sở."),
        ("/cam/bai", "robots.txt"),
    ],
)
def test_what_cannot_be_read_is_reported_with_what_to_do(partner: Partner, path: str, words: str) -> None:
    ways = partner.server
    ways.text("/robots.txt", "User-agent: *\nDisallow: /cam/\n", Content_Type="text/plain")
    ways.text("/khong-co", "x", "404 Not Found")
    ways.text("/loi", "x", "500 Internal Server Error")
    ways.text("/anh.png", "x", Content_Type="image/png")
    ways.text("/khac", "<p>Tin khác hẳn.</p>", Content_Type="text/html")
    ways.text("/cam/bai", "x", Content_Type="text/html")
    partner.report(ways.url(path))
    partner.check()
    assert partner.shown().has(words)


def test_a_program_gone_wrong_is_sent_to_the_api(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_reports, "MAX_REPORTS_PER_HOUR", 2)
    for number in range(2):
        assert partner.report(partner.server.url(f"/tin/{number}")).has("Đang xem.")
    assert partner.report(partner.server.url("/tin/3")).has("Đã báo 2 trang trong một giờ.")
    partner.outside.clock.forward(hours=1, seconds=1)
    assert partner.report(partner.server.url("/tin/3")).has("Đang xem.")


def test_a_post_is_reported_with_its_time_and_picture_and_another_one_is_added(partner: Partner) -> None:
    with partner.outside.database.write() as session:
        company = session.execute(sa.select(Company).where(Company.name == "Nhịp Sông")).scalar_one()
        now = partner.outside.office.now()
        url = "https://www.facebook.com/nhipsong"
        add_site(session, "test", company, SiteContent(name="Trang Facebook", url=url, kind=SiteKind.SOCIAL), now=now)
    assert Page(partner.outside.client.get("/portal/report").text).has("Ảnh chụp bài")
    at = now.astimezone(CITY)
    sent = {"url": f"{url}/posts/1234567890", "bulletin": partner.code, "day": f"{at:%Y-%m-%d}"}
    assert partner.post("/portal/report", **sent, time="25:00").has("Chưa báo được")
    page = partner.send("/portal/report", **sent, time=f"{at:%H:%M}", file=png())
    assert page.has("Đã gửi 1 ảnh")
    with partner.outside.database.read() as session:
        copy = session.execute(sa.select(Republication)).scalar_one()
        report = session.execute(sa.select(PageReport.public)).scalar_one()
        assert copy.status is RepublicationStatus.REVIEW
        assert copy.published_at is not None
    assert partner.send(f"/portal/report/{report}/picture", file=b"<html>").has("Chỉ nhận ảnh")
    assert partner.send(f"/portal/report/{report}/picture", file=png(colour="red")).has("Đã gửi 2 ảnh")
    other = partner.outside.client.post("/portal/report/rpt_none/picture", data={
        "csrf_token": csrf_token(partner.outside, partner.outside.client)
    })  # fmt: skip
    assert other.status_code == 404
