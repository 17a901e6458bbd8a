"""A briefing in Chromium: every number on its page links to as many rows as it states."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
import sqlalchemy as sa

from campaigns.core.clock import parse_period
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.planning.campaigns import TargetContent, find_campaign
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.word_templates import TemplateKind
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.db import Database
from coordinator.exports.documents.letter_texts import THANK_YOU_WORDING
from coordinator.exports.documents.letters import default_letter_template
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republications
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import SCREENS, chromium, expect, open_address, problems_of_page
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.desk.republications.test_review_in_a_browser import opened, signed_in
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import ANALYST, NOW, planned

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture


@pytest.fixture
def served(sqlite: Database, tmp_path: Path) -> Iterator[RunningApplication]:
    """A department with a quarter of copies of every kind."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        with outside.database.write() as session:
            factories.channel(session)
            make_republications(session, 6, 40)
            factories.published(session)
            session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
            planned(
                session,
                date(2026, 10, 1),
                date(2026, 12, 31),
                TargetContent("republications", 100),
                topics=["dich-benh", "kinh-te-xa-hoi", "an-ninh-quoc-phong"],
            )
        yield outside


def draft(outside: RunningApplication) -> str:
    """Return the address of the quarter's draft."""
    with outside.database.write() as session:
        row = briefing_text.begin_briefing(
            session, ANALYST, find_campaign(session, "kh-174"), parse_period("2026-Q4"), now=NOW
        )
        return f"/desk/briefings/{row.public}"


def frozen(outside: RunningApplication) -> str:
    """Return the address of a version, frozen before half of the copies were decided differently."""
    ident = draft(outside).rsplit("/", 1)[1]
    with outside.database.write() as session:
        version = versions.freeze_version(session, ANALYST, ident, now=NOW).public
        session.execute(
            sa.update(Republication)
            .where(Republication.id % 2 == 0, Republication.status != RepublicationStatus.DUPLICATE)
            .values(status=RepublicationStatus.REJECTED)
        )
    return f"/desk/briefings/versions/{version}"


@pytest.mark.parametrize("which", [draft, frozen], ids=["draft", "frozen"])
def test_every_number_leads_to_as_many_rows_as_it_says(chromium: Any, served: RunningApplication, which: Any) -> None:
    path = which(served)
    with opened(chromium, served.app, served.app_context.settings.base_url) as page:
        open_address(page, address(served, path))
        numbers = page.locator("a.figure")
        numbers.first.wait_for()
        found = numbers.evaluate_all("all => all.map(one => [one.textContent.trim(), one.getAttribute('href')])")
        assert len(found) > 60
        for place, (item, href) in enumerate(found):
            wanted = int(re.sub(r"\D", "", item))
            if place < 3:  # by the mouse; the others by a request to the address of the link
                numbers.nth(place).click()
                page.wait_for_url(lambda url, wanted=href: url.endswith(wanted))
                page.locator("#so-dong").wait_for()
                rows = Page(page.content())
                open_address(page, address(served, path))
            else:
                rows = Page(page.request.get(address(served, href)).text())
            assert [int(re.sub(r"\D", "", word)) for word in rows.words("#so-dong")] == [wanted], href
            assert len(rows.tree.css("table.ledger tbody tr")) == min(wanted, 50), href
        assert page.evaluate("violations") == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_the_pages_are_in_order(chromium: Any, served: RunningApplication, screen: Any) -> None:
    version, open_draft = frozen(served), draft(served)
    with opened(chromium, served.app, served.app_context.settings.base_url, screen) as page:
        for path in (
            "/desk/briefings/",
            open_draft,
            version,
            f"{version}/again",
            f"{version}/rows?kind=copies&figure=found",
        ):
            assert problems_of_page(page, address(served, path)) == "", path


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_the_templates_are_in_order_and_a_broken_one_says_where(
    chromium: Any, served: RunningApplication, screen: Any, tmp_path: Path
) -> None:
    document = docx.Document(io.BytesIO(default_letter_template(THANK_YOU_WORDING)))
    document.add_paragraph("Kính chúc {{ ai_do }} thành công./.")
    document.save(str(tmp_path / "mau.docx"))
    base = served.app_context.settings.base_url
    with opened(chromium, served.app, base, screen) as page:
        page.context.add_cookies([{"name": "lantoa", "value": signed_in(served.app, Role.ADMIN), "url": base}])
        for kind in TemplateKind:
            assert problems_of_page(page, address(served, f"/desk/admin/templates/{kind}/")) == "", kind
        page.get_by_role("link", name="Thư cảm ơn", exact=True).click()
        page.get_by_label("Tệp Word").set_input_files(tmp_path / "mau.docx")
        page.get_by_role("button", name="Thử và dùng mẫu này").click()
        expect(page.get_by_role("alert")).to_contain_text("Không có ô nào tên ai_do")
        expect(page.get_by_text("Mẫu gốc, theo thể thức")).to_be_visible()


def test_a_quarter_is_frozen_and_taken_without_a_script(
    chromium: Any, served: RunningApplication, tmp_path: Path
) -> None:
    with opened(chromium, served.app, served.app_context.settings.base_url, java_script_enabled=False) as page:
        page.goto(address(served, "/desk/briefings/"))
        page.get_by_label("Kỳ báo cáo").select_option("2026-Q4")
        page.get_by_role("button", name="Lập báo cáo").click()
        page.get_by_label("Khó khăn, vướng mắc").fill("Ba trang còn chậm.")
        page.get_by_role("button", name="Lưu", exact=True).click()
        page.get_by_role("button", name="Chốt phiên bản 1").click()
        page.get_by_role("heading", name="Báo cáo Quý IV/2026, phiên bản 1").wait_for()
        for title, start in (
            ("Văn bản Word", b"PK"),
            ("PDF", b"%PDF"),
            ("Excel", b"PK"),
            ("CSV", b"\xef\xbb\xbf"),
            ("JSON", b"{"),
        ):
            with page.expect_download() as taken:
                page.get_by_role("link", name=f"Tải {title}").click()
            taken.value.save_as(tmp_path / "file")
            assert (tmp_path / "file").read_bytes().startswith(start), title
