"""A resting channel, its pace, sending again and what came too late, in Chromium, by phone and at a wide screen."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.people.staff import Role
from campaigns.publishing.channels import ChannelState
from campaigns.publishing.outbox import Delivery, DeliveryState
from coordinator.db import Database
from tests import factories
from tests.coordinator.live import serving
from tests.coordinator.web.desk.writing_desk import writer
from tests.coordinator.web.looking import PHONE, WIDE, chromium, look_at
from tests.coordinator.web.public.outside import Outside
from tests.coordinator.web.public.test_in_a_browser import address
from tests.coordinator.web.signing_in import people

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # another file's fixture


@pytest.fixture
def troubled(sqlite: Database, tmp_path: Path) -> Iterator[tuple[Outside, list[str]]]:
    """A webhook that has failed for days and rests, with something that arrived before, and a letter that is late; the
    pages to be looked at."""
    with serving(sqlite, tmp_path) as outside:
        people(outside)
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
            "/", "/desk/channels/", where, f"{where}/limits", f"{where}/replay", f"{where}/replay?{span}",
            *[f"/desk/deliveries/{ident}" for ident in idents],
        ]  # fmt: skip


@pytest.mark.parametrize("screen", [PHONE, WIDE], ids=["phone", "wide"])
def test_none_of_it_scrolls_sideways_or_keeps_anybody_out(
    chromium: Any, troubled: tuple[Outside, list[str]], screen: tuple[int, int, str]
) -> None:
    outside, pages = troubled
    found = {}
    with writer(chromium, outside, screen, Role.ADMIN) as page:
        for path in pages:
            found[path] = look_at(page, address(outside, path))
    assert {path: told for path, told in found.items() if told} == {}
