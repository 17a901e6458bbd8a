"""The broadcast panel on a delivery's page: who may use each button, and the consequence that it states."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from campaigns.channels import accounts
from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import PlatformAccount
from campaigns.delivery import broadcasts
from campaigns.delivery.broadcasts import Broadcast, BroadcastState
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from tests.coordinator.web.desk.conftest import Desk
from tests.factories import channel, published

ZALO = {"app_id": "123", "oa_id": "456", "author": "Sở", "cover_url": "https://so.example/bia.jpg"}


def article(desk: Desk, **settings: str) -> str:
    """Return the public id of a delivery whose article is at a Zalo account."""
    with desk.database.write() as session:
        made = channel(session, "zalo", settings={**ZALO, **settings})
        bulletin = published(session, title="Lịch tiêm nhắc vắc-xin sởi")
        query = sa.select(Delivery).where(Delivery.bulletin_id == bulletin.id, Delivery.channel_id == made.id)
        row = session.execute(query).scalar_one()
        row.state, row.remote_id, row.due_at, row.url = DeliveryState.DELIVERED, "a1", None, "https://zalo.example/d/a1"
        accounts.read_now(session, made.id, now=desk.office.now())
        read = accounts.last_read(session, made.id)
        assert read is not None
        read.facts = accounts.account_to_json(PlatformAccount(name="Sở", followers=12_500))
        return row.public


def the_row(desk: Desk) -> Broadcast:
    with desk.database.read() as session:
        return session.execute(sa.select(Broadcast)).scalar_one()


def turn(desk: Desk, state: BroadcastState, reason: str = "", error: str = "") -> None:
    with desk.database.write() as session:
        row = session.execute(sa.select(Broadcast)).scalar_one()
        row.state, row.reason, row.error = state, reason, error
        row.due_at = None if state is not BroadcastState.DUE else row.due_at


def test_the_button_says_whom_it_reaches_when_it_goes_and_what_is_left(desk: Desk) -> None:
    ident = article(desk, target_cities="9,4")
    desk.sign_in(Role.APPROVER)
    page = desk.get(f"/desk/deliveries/{ident}")
    for words in (
        "tỉnh, thành số 9, 4",
        "12.500",
        "Đi ngay",
        "còn 1 lần trong ngày, 4 lần trong tháng",
        "Không lấy lại",
    ):
        assert words in page
    answer = desk.post(f"/desk/deliveries/{ident}/broadcast")
    assert answer.status_code == 303
    assert "broadcast" in desk.runner.kinds
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Đợi tới giờ" in page
    assert "Bỏ, không phát" in page
    assert "Không lấy lại được, và mỗi bản tin" not in page


@pytest.mark.parametrize("role", [Role.WRITER, Role.ANALYST, Role.ADMIN])
def test_only_approvers_broadcast(desk: Desk, role: Role) -> None:
    ident = article(desk)
    desk.sign_in(role)
    assert "Không lấy lại được, và mỗi bản tin" not in desk.get(f"/desk/deliveries/{ident}")
    assert desk.post(f"/desk/deliveries/{ident}/broadcast").status_code == 403
    assert desk.post(f"/desk/deliveries/{ident}/broadcast/cancel").status_code == 403


def test_at_night_the_button_says_when_it_will_go(desk: Desk) -> None:
    ident = article(desk)
    desk.office.clock.moment = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
    desk.sign_in(Role.APPROVER)
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Ban đêm không phát" in page
    assert "06:00, 25/11/2026" in page
    assert "Hẹn phát buổi sáng" in page
    desk.post(f"/desk/deliveries/{ident}/broadcast")
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Đã hẹn phát tới người quan tâm lúc 06:00, 25/11/2026" in page
    desk.post(f"/desk/deliveries/{ident}/broadcast/cancel")
    assert the_row(desk).state is BroadcastState.CANCELLED
    assert "Đã có người bỏ trước khi gửi" in desk.get(f"/desk/deliveries/{ident}")


def test_a_spent_budget_and_a_halted_channel_take_the_button_away(desk: Desk) -> None:
    ident = article(desk, broadcasts_a_day="0")
    desk.sign_in(Role.APPROVER)
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Đã dùng hết 0 lần của ngày" in page
    assert "Đi ngay" not in page
    with desk.database.write() as session:
        row = session.execute(sa.select(Delivery)).scalar_one()
        row.channel.settings, row.channel.state = dict(ZALO), ChannelState.PAUSED
    assert "Kênh đang không gửi được" in desk.get(f"/desk/deliveries/{ident}")
    desk.post(f"/desk/deliveries/{ident}/broadcast")
    assert "đang không phát tới người quan tâm được" in desk.get(f"/desk/deliveries/{ident}")


def test_one_in_doubt_is_a_task_and_a_person_settles_it(desk: Desk) -> None:
    ident = article(desk)
    desk.sign_in(Role.APPROVER)
    desk.post(f"/desk/deliveries/{ident}/broadcast")
    turn(desk, BroadcastState.UNKNOWN)
    assert "đã phát tới người quan tâm của" in desk.get("/desk")
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Tin đã tới người quan tâm chưa?" in page
    desk.post(f"/desk/deliveries/{ident}/broadcast/settle", {"outcome": "maybe"})
    assert the_row(desk).state is BroadcastState.UNKNOWN
    desk.post(f"/desk/deliveries/{ident}/broadcast/settle", {"outcome": "not_sent"})
    assert (the_row(desk).state, the_row(desk).reason) == (BroadcastState.REFUSED, broadcasts.NOT_SENT)
    assert desk.post(f"/desk/deliveries/{ident}/broadcast/settle", {"outcome": "sent"}).status_code == 409
    desk.sign_in(Role.APPROVER)
    assert "Không lấy lại được, và mỗi bản tin" in desk.get(f"/desk/deliveries/{ident}"), "it may be asked for anew"
    desk.sign_in(Role.WRITER)
    assert desk.post(f"/desk/deliveries/{ident}/broadcast/settle", {"outcome": "sent"}).status_code == 403


@pytest.mark.parametrize(
    ("state", "reason", "error", "words"),
    [
        (BroadcastState.SENT, "", "", "không lấy lại được"),
        (BroadcastState.REFUSED, "refused", "Zalo error -248: held", "trái quy định"),
        (BroadcastState.REFUSED, "settings", "", "Thiết lập của kênh"),
        (BroadcastState.CANCELLED, "late", "", "Quá một ngày"),
        (BroadcastState.CANCELLED, "recalled", "", "thu hồi trước khi gửi"),
        (BroadcastState.CANCELLED, "budget", "", "Hạn mức của cơ quan đã hết"),
        (BroadcastState.DUE, "", "Zalo error -32: too many", "xin chậm lại"),
        (BroadcastState.SENDING, "", "", "Máy đang gửi"),
    ],
)
def test_every_end_is_reported_in_words(desk: Desk, state: BroadcastState, reason: str, error: str, words: str) -> None:
    ident = article(desk)
    desk.sign_in(Role.APPROVER)
    desk.post(f"/desk/deliveries/{ident}/broadcast")
    turn(desk, state, reason, error)
    assert words in desk.get(f"/desk/deliveries/{ident}")


def test_a_delivery_without_an_article_has_no_panel(desk: Desk) -> None:
    ident = article(desk)
    with desk.database.write() as session:
        session.execute(sa.select(Delivery)).scalar_one().remote_id = None
    desk.sign_in(Role.APPROVER)
    assert "nguoi-quan-tam" not in desk.get(f"/desk/deliveries/{ident}")
    assert desk.post(f"/desk/deliveries/{ident}/broadcast/cancel").status_code == 404
