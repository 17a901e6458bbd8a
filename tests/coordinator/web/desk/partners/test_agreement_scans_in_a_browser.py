"""Scans in Chromium, on both screens: uploaded, downloaded, removed; an interrupted upload leaves nothing behind."""

import hashlib
import re
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from campaigns.core.clock import city_day
from campaigns.partners.agreements import AgreementContent, AgreementScan, add_agreement
from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.imports.files.test_upload_inspection import paper, picture
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, expect, problems_of_page
from tests.coordinator.web.desk.browser_writers import writer
from tests.coordinator.web.desk.republications.test_review_in_a_browser import signed_in
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import NOW

__all__ = ["chromium"]  # a fixture

NUMBER = "1248/TTHT-STTTT/2026"
AT = f"/desk/partners/_agreements/_scans?number={NUMBER}"
ALL = "/desk/partners/_agreements/_all"
OWNER = "Công ty cổ phần Truyền thông và Công nghệ Nhịp Sông"
NAME = "Văn bản chấp thuận đăng lại bản tin của Sở có dấu và chữ ký.pdf"


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with an agreement that is about to end and one without an end."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        soon = city_day(outside.office.now()) + timedelta(days=20)
        with outside.database.write() as session:
            owner = factories.company(session, OWNER)
            for number, ends_on in ((NUMBER, soon), ("2/TT", None)):
                add_agreement(
                    session,
                    "test",
                    owner,
                    number,
                    AgreementContent(
                        starts_on=date(2026, 1, 1), ends_on=ends_on, note="Đăng nguyên văn, dẫn nguồn ở cuối bài."
                    ),
                    now=NOW,
                )
        yield outside


def scans(outside: RunningApplication) -> list[AgreementScan]:
    with outside.database.read() as session:
        return list(session.execute(sa.select(AgreementScan).order_by(AgreementScan.id)).scalars())


@pytest.mark.browser
@pytest.mark.parametrize("screen", SCREENS, ids=["desk", "phone"])
def test_a_scan_is_added_saved_and_removed_by_hand(
    chromium: Any, served: RunningApplication, screen: Any, tmp_path: Path
) -> None:
    body = paper(pages=2)
    with writer(chromium, served, screen, Role.ADMIN) as page:
        for path in (AT, ALL):
            assert problems_of_page(page, address(served, path)) == ""
        page.get_by_role("link", name=NUMBER).click()
        box = page.get_by_label("Bản quét của văn bản")
        box.set_input_files({"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic0000"})
        page.get_by_role("button", name="Thêm bản quét").click()
        expect(page.locator(".summary")).to_contain_text("Đây là ảnh HEIC của điện thoại")
        for name, kind, whole in ((NAME, "application/pdf", body), ("anh.png", "image/png", picture("PNG"))):
            page.get_by_label("Bản quét của văn bản").set_input_files({"name": name, "mimeType": kind, "buffer": whole})
            page.get_by_role("button", name="Thêm bản quét").click()
            expect(page.locator("[data-toast]")).to_contain_text("Đã thêm bản quét")
        assert problems_of_page(page, address(served, AT)) == ""
        with page.expect_download() as saving:
            page.get_by_role("link", name=NAME, exact=True).click()
        saved = saving.value
        assert saved.suggested_filename == NAME
        saved.save_as(tmp_path / "saved.pdf")
        assert hashlib.sha256((tmp_path / "saved.pdf").read_bytes()).hexdigest() == hashlib.sha256(body).hexdigest()
        page.get_by_role("link", name=re.compile(r"^Gỡ… anh\.png")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Gỡ bản quét")
        assert problems_of_page(page, page.url) == ""
        page.get_by_role("button", name="Gỡ bản quét").click()
        expect(page.locator("[data-toast]")).to_contain_text("Đã gỡ bản quét anh.png.")
        assert problems_of_page(page, address(served, AT)) == ""
        page.locator("nav").get_by_role("link", name=OWNER).click()
        expect(page.get_by_role("link", name="1 bản quét")).to_be_visible()
        assert problems_of_page(page, page.url) == ""
    assert [scan.removed_at is None for scan in scans(served)] == [True, False]


def test_an_upload_that_breaks_off_leaves_nothing(served: RunningApplication, tmp_path: Path) -> None:
    base, body = served.app_context.settings.base_url, paper(pages=200)
    cookie = signed_in(served.app, Role.ADMIN)
    client = served.app.test_client()
    client.set_cookie("lantoa", cookie)
    page = client.get(AT).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token[1]}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    ).encode() + body
    whole = form + b"\r\n--b--\r\n"
    head = (
        f"POST {AT} HTTP/1.1\r\nHost: {urlsplit(base).netloc}\r\nCookie: lantoa={client.get_cookie('lantoa').value}\r\n"  # type: ignore[union-attr]  # it was set above
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(whole)}\r\nConnection: close\r\n\r\n"
    ).encode()

    def send(part: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", urlsplit(base).port or 0), 20) as line:
            line.sendall(head + part)
            line.shutdown(socket.SHUT_WR)
            data = b""
            while more := line.recv(65536):
                data += more
            return data

    for much in (len(form) // 2, len(form), len(whole) - 1):
        send(whole[:much])
        assert scans(served) == []
        assert not list(tmp_path.rglob("*.gz"))
    assert b" 303 " in send(whole).splitlines()[0], "the same bytes, whole, are taken"
    assert len(scans(served)) == 1
