"""A paused channel, its rate limits, a replay and late deliveries, in Chromium on both screens."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.channels import accounts
from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import AccountQuota, PlatformAccount
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.live_server import serving
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import PHONE, WIDE, chromium, open_address, problems_of_page
from tests.coordinator.web.desk.browser_writers import writer
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # another file's fixture


@pytest.fixture
def troubled(sqlite: Database, tmp_path: Path) -> Iterator[tuple[RunningApplication, list[str]]]:
    """A webhook that has failed for days and is paused, with an earlier delivery that arrived, and a late mail; the
    pages to check."""
    with serving(sqlite, tmp_path) as outside:
        add_staff_of_each_role(outside)
        now = outside.office.now()
        with outside.database.write() as session:
            hook, mail = factories.channel(session, now=now), factories.channel(session, "email", now=now)
            hook.name = "Trang thông tin điện tử tổng hợp Phố Nhỏ Online (đẩy)"
            hook.state, hook.failures, hook.last_error = ChannelState.FAILING, 41, "nhan.example: connection refused"
            hook.opened, hook.silent, hook.open_until = 4, 41, now + timedelta(minutes=8)
            hook.failing_since, hook.alarmed_at = now - timedelta(days=4), now - timedelta(days=1)
            for _ in range(2):
                factories.published(session, now=now)
            rows = list(session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars())
            arrived, waits = (row for row in rows if row.channel_id == hook.id)
            late = next(row for row in rows if row.channel_id == mail.id)
            arrived.state, arrived.due_at, arrived.settled_at = DeliveryState.DELIVERED, None, now
            late.due_at, late.reason = None, "late"
            where, idents = f"/desk/channels/{hook.code}", [waits.public, late.public]
        span = "since=2020-01-01T00:00&until=2099-01-01T00:00"
        yield outside, [
            "/desk", "/desk/channels/", where, f"{where}/limits", f"{where}/replay", f"{where}/replay?{span}",
            *[f"/desk/deliveries/{ident}" for ident in idents],
        ]  # fmt: skip


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_none_of_it_scrolls_sideways_or_keeps_anybody_out(
    chromium: Any, troubled: tuple[RunningApplication, list[str]], screen: tuple[int, int, str]
) -> None:
    outside, pages = troubled
    found = {}
    with writer(chromium, outside, screen, Role.ADMIN) as page:
        for path in pages:
            found[path] = problems_of_page(page, address(outside, path))
    assert {path: text for path, text in found.items() if text} == {}


def test_a_long_name_leaves_half_of_a_narrow_column_to_the_values(
    chromium: Any, troubled: tuple[RunningApplication, list[str]]
) -> None:
    outside, _pages = troubled
    now = outside.office.now()
    with outside.database.write() as session:
        settings = {"app_id": "1", "oa_id": "2", "author": "Sở", "cover_url": "https://so.example/bia.jpg"}
        row = factories.channel(session, "zalo", settings=settings, now=now)
        accounts.read_now(session, row.id, now=now)
        read = accounts.last_read(session, row.id)
        assert read is not None
        quotas = (AccountQuota("promotion sub_quota", 40, 40),)
        read.facts, read.read_at = accounts.account_to_json(PlatformAccount("Sở Thông tin", quotas=quotas)), now
        where = f"/desk/channels/{row.code}"
    with writer(chromium, outside, WIDE, Role.ADMIN) as page:
        open_address(page, address(outside, where))
        value = page.get_by_text("Sở Thông tin", exact=True)
        widths = [value.bounding_box()["width"], page.locator("dl.pairs", has=value).bounding_box()["width"]]
    assert widths[0] > 0.35 * widths[1]
