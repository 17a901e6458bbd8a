"""Channels paused by the circuit breaker or failing for days, their rate limits, and replaying lost deliveries."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.rate_limits import RateLimit
from campaigns.core.clock import CITY
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page


def _channel(desk: Desk, kind: str = "webhook", **values: object) -> str:
    """Set these columns of a channel and return its page."""
    with desk.database.write() as session:
        row = factories.channel(session, kind, now=desk.office.now())
        for name, value in values.items():
            setattr(row, name, value)
        return f"/desk/channels/{row.code}"


def _row(desk: Desk) -> Channel:
    with desk.database.read() as session:
        return session.execute(sa.select(Channel)).scalar_one()


def _publish(desk: Desk, state: DeliveryState = DeliveryState.DUE, reason: str = "") -> list[str]:
    """Publish a bulletin with deliveries in these states; returns their ids."""
    now = desk.office.now()
    with desk.database.write() as session:
        bulletin = factories.published(session, now=now)
        rows = session.execute(sa.select(Delivery).where(Delivery.bulletin_id == bulletin.id)).scalars().all()
        for row in rows:
            row.state, row.reason = state, reason
            if state is DeliveryState.DELIVERED or reason:
                row.due_at = None
            row.settled_at = now if state is DeliveryState.DELIVERED else None
        return [row.public for row in rows]


def test_a_resting_channel_says_until_when_on_its_page_the_list_and_what_waits_for_it(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    until = desk.office.now() + timedelta(minutes=4)
    where = _channel(desk, state=ChannelState.FAILING, opened=3, silent=12, open_until=until, failures=12)
    (ident,) = _publish(desk)
    words = f"Tạm nghỉ gọi tới {until.astimezone(CITY):%H:%M}, rồi thử một tin"
    assert Page(desk.get(where)).has(words)
    assert Page(desk.get("/desk/channels/")).has(words)
    page = Page(desk.get(f"/desk/deliveries/{ident}"))
    assert page.has(words)
    assert page.has("không mất lần thử nào")
    desk.office.clock.forward(minutes=5)
    assert Page(desk.get(where)).has("Đã nghỉ xong: thử một tin")
    desk.post(f"{where}/resume")
    row = _row(desk)
    assert (row.opened, row.open_until, row.state) == (0, None, ChannelState.ACTIVE)
    assert not Page(desk.get(where)).has("nghỉ")


@pytest.mark.parametrize(
    ("decision", "state", "words"),
    [
        ("send", DeliveryState.DUE, "3 lượt quá hạn được gửi, lần lượt từng lượt."),
        ("cancel", DeliveryState.CANCELLED, "Đã bỏ 3 lượt quá hạn, không gửi."),
    ],
)
def test_late_deliveries_of_a_channel_are_one_task_and_one_press(
    desk: Desk, decision: str, state: DeliveryState, words: str
) -> None:
    desk.sign_in(Role.APPROVER)
    where = _channel(desk, state=ChannelState.PAUSED)
    idents = [*_publish(desk), *_publish(desk), *_publish(desk)]
    desk.office.clock.forward(days=84)
    fresh = _publish(desk)
    desk.sign_in(Role.ADMIN)
    desk.post(f"{where}/resume")
    desk.sign_in(Role.APPROVER)
    today = Page(desk.get("/desk"))
    assert today.has("3 lượt phát đã quá hạn")
    assert not today.has("đã trễ")  # no task of each beside it
    page = Page(desk.get(where))
    assert page.has("3 lượt chưa gửi, bản tin cũ nhất phát hành 10:00, 24/11/2026. Máy không tự gửi tin cũ")
    assert desk.post(f"{where}/backlog", {"decision": "later"}).status_code == 400
    desk.post(f"{where}/backlog", {"decision": decision})
    page = Page(desk.get(where))
    assert page.has(words)
    assert not page.has("Lượt phát quá hạn")
    with desk.database.read() as session:
        rows = session.execute(sa.select(Delivery.public, Delivery.state)).all()
    assert {row.state for row in rows if row.public in idents} == {state}
    assert {row.state for row in rows if row.public not in idents} == {DeliveryState.DUE}
    assert fresh


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (ChannelState.PAUSED, "Kênh đang tạm dừng"), (ChannelState.FAILING, "Kênh không trả lời"),
        (ChannelState.ACTIVE, "Xem tiến trình lantoa work còn chạy không"),
    ],
)  # fmt: skip
def test_a_delay_is_a_task_with_its_cause_and_nothing_is_said_to_go_well_beside_it(
    desk: Desk, state: ChannelState, advice: str
) -> None:
    desk.sign_in(Role.ADMIN)
    _channel(desk, state=state)
    _publish(desk)
    assert Page(desk.get("/desk")).has("Không có lượt phát lỗi")
    desk.office.clock.forward(days=84)
    page = Page(desk.get("/desk"))
    assert page.has("1 lượt phát đang trễ")
    assert page.has("1 lượt phát trễ, lâu nhất từ")
    assert page.has(advice)
    assert not page.has("Không có lượt phát lỗi")


def test_who_only_writes_does_not_decide_on_late_deliveries(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    where = _channel(desk)
    assert desk.post(f"{where}/backlog", {"decision": "send"}).status_code == 403


def test_a_channel_that_failed_for_days_is_reported_today_and_on_its_page(desk: Desk) -> None:
    desk.sign_in(Role.APPROVER)
    now = desk.office.now()
    where = _channel(
        desk, state=ChannelState.FAILING, failures=40, failing_since=now - timedelta(days=4), alarmed_at=now
    )
    _publish(desk)
    today = Page(desk.get("/desk"))
    assert today.has("lỗi từ 10:00, 20/11")
    assert today.has("40 lần lỗi liền, chưa lượt nào tới; 1 lượt đang đợi")
    assert Page(desk.get(where)).has("đã báo người quản trị")


def test_the_pace_is_shown_set_checked_and_put_back_to_what_is_usual(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = _channel(desk)
    usual = desk.office.delivery_modes.limits_of("webhook")
    assert usual == RateLimit(120, 30, 1)
    assert Page(desk.get(where)).has("120 lượt mỗi phút, gửi liền nhiều nhất 30, 1 lượt cùng lúc")
    refused = desk.post(f"{where}/limits", {"rate": "0", "burst": "nhiều", "at_once": "17"})
    assert refused.status_code == 422
    assert Page(refused.text).has("Nhập một số nguyên")
    refused = desk.post(f"{where}/limits", {"rate": "0", "burst": "5", "at_once": "17"})
    assert Page(refused.text).has("Số này quá lớn hoặc quá nhỏ")
    assert desk.post(f"{where}/limits", {"rate": "1.200", "burst": "5", "at_once": "4"}).status_code == 303
    row = _row(desk)
    assert (row.rate, row.burst, row.at_once) == (1200, 5, 4)
    assert Page(desk.get(where)).has("1.200 lượt mỗi phút, gửi liền nhiều nhất 5, 4 lượt cùng lúc")
    desk.post(f"{where}/limits", {"rate": "", "burst": "", "at_once": ""})
    assert (_row(desk).rate, _row(desk).burst, _row(desk).at_once) == (None, None, None)


def test_a_kind_that_takes_one_at_a_time_is_not_offered_more(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = _channel(desk, "zalo")
    page = Page(desk.get(f"{where}/limits"))
    assert page.has("Loại kênh này nhận từng lượt một")
    refused = desk.post(f"{where}/limits", {"rate": "", "burst": "", "at_once": "2"})
    assert refused.status_code == 422
    assert _row(desk).at_once is None


def test_sending_again_says_how_much_first_and_then_does_it(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = _channel(desk)
    sent = [*_publish(desk, DeliveryState.DELIVERED), *_publish(desk, DeliveryState.DELIVERED)]
    desk.office.clock.forward(hours=1)
    assert Page(desk.get(where)).has("Gửi lại…")
    span = {"since": "2026-11-24T07:00", "until": "2026-11-24T11:00"}
    query = "&".join(f"{name}={value}" for name, value in span.items())
    page = Page(desk.get(f"{where}/replay?{query}"))
    assert page.has("Gửi lại 2 lượt tới")
    assert page.has("Giữ khóa cũ")
    with desk.database.read() as session:
        assert set(session.execute(sa.select(Delivery.state)).scalars()) == {DeliveryState.DELIVERED}
    desk.runner.kinds.clear()
    assert desk.post(f"{where}/replay", span).status_code == 303
    assert desk.runner.kinds == ["delivery"]
    with desk.database.read() as session:
        rows = session.execute(sa.select(Delivery)).scalars().all()
    assert {row.public for row in rows if row.state is DeliveryState.RETRYING} == set(sent)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=hom-qua&until=2026-11-24T09:00", "Nhập ngày và giờ"),
        ("since=2026-11-24T09:00&until=2026-11-24T08:00", "Lúc kết thúc phải sau lúc bắt đầu"),
    ],
)
def test_a_span_that_is_none_comes_back_with_what_is_wrong(desk: Desk, query: str, words: str) -> None:
    desk.sign_in(Role.ADMIN)
    where = _channel(desk)
    assert Page(desk.get(f"{where}/replay?{query}", 422)).has(words)


def test_an_empty_span_has_nothing_to_press_and_a_kind_that_posts_twice_is_refused(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = _channel(desk, "telegram")
    assert not Page(desk.get(where)).has("Gửi lại…")
    query = "since=2026-11-24T07:00&until=2026-11-24T09:00"
    assert Page(desk.get(f"{where}/replay?{query}", 422)).has("gửi lại là đăng lần thứ hai")
    answer = desk.post(f"{where}/replay", {"since": "2026-11-24T07:00", "until": "2026-11-24T11:00"})
    assert answer.status_code == 303
    other = _channel(desk)
    assert Page(desk.get(f"{other}/replay?{query}")).has("Không có lượt nào")


@pytest.mark.parametrize(("reason", "words"), [("late", "Đã quá 12 giờ"), ("day_passed", "của một ngày đã qua")])
def test_what_came_too_late_is_asked_about_today_and_sent_or_dropped(desk: Desk, reason: str, words: str) -> None:
    desk.sign_in(Role.APPROVER)
    _channel(desk, "email")
    (first,), (second,) = _publish(desk, reason=reason), _publish(desk, reason=reason)
    assert Page(desk.get("/desk")).has("2 lượt phát đã quá hạn")
    page = Page(desk.get(f"/desk/deliveries/{first}"))
    assert page.has(words)
    assert page.has("Còn gửi tin này không?")
    desk.post(f"/desk/deliveries/{first}/settle", {"outcome": "again"})
    assert Page(desk.get("/desk")).has("đã trễ")
    desk.post(f"/desk/deliveries/{second}/settle", {"outcome": "drop"})
    with desk.database.read() as session:
        states = {row[0]: row[1] for row in session.execute(sa.select(Delivery.public, Delivery.state))}
    assert states == {first: DeliveryState.RETRYING, second: DeliveryState.DEAD}
    assert not Page(desk.get("/desk")).has("đã trễ")


def test_what_waited_for_a_channel_that_ended_says_so(desk: Desk) -> None:
    desk.sign_in(Role.APPROVER)
    _channel(desk)
    (ident,) = _publish(desk, DeliveryState.SKIPPED, "channel_retired")
    page = Page(desk.get(f"/desk/deliveries/{ident}"))
    assert page.has("Bỏ qua")
    assert page.has("Kênh đã ngừng sử dụng khi lượt này còn đang đợi")
