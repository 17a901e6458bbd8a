"""The portal as an editor uses it: sign-in by a link, a copy reported and checked on the open page; every page is
accessible."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from campaigns.partners.directory import Company, SiteContent, SiteKind, add_site
from campaigns.partners.editor_access import make_editor_link
from campaigns.partners.editors import add_editor
from coordinator.db import Database
from coordinator.jobs.republications import page_check
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, open_page, problems_of_page
from tests.coordinator.web.desk.copies import PARTS, TITLE
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import PASSWORD, add_staff_of_each_role
from tests.factories import ADMIN

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@dataclass
class Stage:
    """The application, the partner's server, and the sign-in path."""

    outside: RunningApplication
    server: HostileServer
    article: str
    code: str
    recalled: str
    partner: str
    editor: str
    secret: str


@pytest.fixture
def stage(sqlite: Database, tmp_path: Path) -> Iterator[Stage]:
    """A partner with an editor, a key, a feed, a failed push, and a site that carries a bulletin."""
    with HostileServer() as server:
        server.text("/robots.txt", "User-agent: *\nAllow: /\n", Content_Type="text/plain")
        server.text("/hook", "x", "500 Internal Server Error")
        with serving(sqlite, tmp_path, allow_hosts=f"127.0.0.1:{server.port}") as outside:
            add_staff_of_each_role(outside)
            company_id, _ = outside.partner("Nhịp Sông")
            with outside.database.write() as session:
                now, company = outside.office.now(), session.get_one(Company, company_id)
                kind, url = SiteKind.AGGREGATOR, server.url("/")
                add_site(session, "test", company, SiteContent(name="Nhịp Sông", url=url, kind=kind), now=now)
                editor = add_editor(session, ADMIN, company, email="lan@nhipsong.vn", name="Ngọc Lan", now=now)
                secret, known = make_editor_link(session, ADMIN, editor, now=now).secret, (company.code, editor.public)
                encrypted_secrets = outside.office.encryption.encrypt({"secret": "whsec_" + "A" * 43 + "="})
                hook = {"url": server.url("/hook")}
                factories.channel(session, company=company, settings=hook, encrypted_secrets=encrypted_secrets, now=now)
            recalled = outside.publish("Bản tin thu hồi")
            outside.recall(recalled)
            code = outside.publish(TITLE, body="\n\n".join(PARTS))
            body = "".join(f"<p>{part}</p>" for part in PARTS)
            html = f"<title>{TITLE}</title><article><h1>{TITLE}</h1>{body}</article>"
            article = server.text("/tin/tiem-soi.html", html, Content_Type="text/html; charset=utf-8")
            yield Stage(outside, server, article, code, recalled, *known, secret)


def check(outside: RunningApplication) -> None:
    """Run the due jobs."""
    while taken := page_check.claim(outside.office, 10):
        for claim in taken:
            page_check.check_page(outside.office, claim)


@pytest.mark.promise("The partner portal")
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_an_editor_comes_in_reports_a_copy_and_sees_it_judged_and_every_page_is_open_to_every_reader(
    chromium: Any, stage: Stage, screen: tuple[int, int, str]
) -> None:
    page = open_page(chromium, *screen)
    outside, wrong = stage.outside, {}

    def look(path: str) -> None:
        if found := problems_of_page(page, address(outside, path)):
            wrong[path] = found

    look(f"/portal/join/{stage.secret}")
    page.locator("main button").click()
    page.wait_for_url(address(outside, "/portal"))
    page.goto(address(outside, f"/portal/report?bulletin={stage.code}"))
    page.fill("[name=url]", stage.article)
    page.locator("main form:has([name=url]) button").click()
    page.wait_for_url(re.compile("/portal/report/rpt_"))
    report = page.url.removeprefix(address(outside, ""))
    page.get_by_text("Đang xem.").wait_for()
    look(report)
    page.goto(address(outside, report))
    check(outside)
    page.get_by_text("Cán bộ của Sở sẽ xem rồi kết luận.").wait_for()  # the page refreshes by itself
    page.get_by_text("Không nêu nguồn").first.wait_for()
    page.goto(address(outside, "/portal/push"))
    page.get_by_role("button", name="Gửi tin thử").click()
    page.get_by_text("Máy chủ của đơn vị đang lỗi (500).").first.wait_for()
    page.goto(address(outside, "/portal/feeds"))
    page.locator("details.more summary").first.click()
    page.get_by_role("button", name="dùng thêm 7 ngày").click()
    page.locator("#khoa").wait_for()
    for path in (
        "", "/tasks", "/quarter", "/results", "/bulletins",
        "/bulletins?q=khong+co", f"/bulletins/{stage.code}", f"/bulletins/{stage.recalled}",
        "/report", "/copies", "/removals", "/claims", "/feeds", "/push", f"/join/{stage.secret}",
    ):  # fmt: skip
        look(f"/portal{path}")
    look(report)
    page.context.close()
    assert wrong == {}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_the_desks_pages_of_who_may_enter_are_open_to_every_reader(
    chromium: Any, stage: Stage, screen: tuple[int, int, str]
) -> None:
    page = open_page(chromium, *screen)
    outside, wrong = stage.outside, {}
    page.goto(address(outside, "/login"))
    page.fill("[name=email]", ADMIN.id)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form:has(.input) button").first.click()
    page.wait_for_url(address(outside, "/desk"))
    for path in ("", "/portal", "/editors/_new", f"/editors/{stage.editor}"):
        if found := problems_of_page(page, address(outside, f"/desk/partners/{stage.partner}{path}")):
            wrong[path] = found
    page.context.close()
    assert wrong == {}
