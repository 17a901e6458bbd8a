"""The receivers of a bulletin: the forecast before its release, and the outcome of each delivery after."""

import sqlalchemy as sa

from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.release import workflow
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW


def test_before_it_is_out_the_rules_say_who_will_get_it_and_after_it_what_happened(desk: Desk) -> None:
    with desk.database.write() as session:
        names = [factories.channel(session).name for _ in range(3)]
        code = factories.approved(session).code
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/receivers"))
    assert page.heading == "Ai nhận?"
    assert page.has("Xem thử, chưa gửi gì")
    with desk.database.write() as session:
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=NOW)
        first, second, third = session.execute(sa.select(Delivery).order_by(Delivery.id)).scalars()
        first.state, first.settled_at = DeliveryState.DELIVERED, NOW
        second.state, third.state = DeliveryState.DEAD, DeliveryState.RETRYING
    page = Page(desk.get(f"/desk/bulletins/{code}/receivers"))
    assert page.heading == "Ai đã nhận?"
    assert [row[0] for row in page.rows("Đã tới")] == names[:1]
    assert [row[0] for row in page.rows("Không gửi được")] == names[1:2]
    assert not page.has("Xem thử")
    # Deliveries that need a person come first.
    assert page.words("main h2")[:3] == ["Không gửi được (1)", "Đang thử lại (1)", "Đã tới (1)"]
    page = Page(desk.get(f"/desk/bulletins/{code}"))
    assert page.has("Không gửi được 1 nơi")
    assert page.has("Đã tới 1 nơi")


def test_a_receiver_is_shown_with_its_newest_delivery(desk: Desk) -> None:
    with desk.database.write() as session:
        factories.channel(session)
        code = factories.published(session).code
        session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED, settled_at=NOW))
        workflow.recall(session, APPROVER, code, "Sai số liệu", DELIVERY_MODES, now=NOW)
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/receivers"))
    (row,) = page.rows("Chờ gửi")
    assert row[2] == "Thu hồi, phiên bản 1"
    assert not page.has("Đã tới")


def test_without_any_channel_it_says_so_and_leads_to_them(desk: Desk) -> None:
    with desk.database.write() as session:
        code = factories.published(session).code
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/receivers"))
    assert page.has("nên chưa gửi tới đâu")
    assert "Xem các kênh" in page.words(".empty a")


def test_one_revision_alone_is_shown_and_not_compared_with_itself(desk: Desk) -> None:
    with desk.database.write() as session:
        code = factories.published(session, title="Lịch tiêm").code
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get(f"/desk/bulletins/{code}/compare"))
    assert page.heading == "Phiên bản 1"
    assert page.has("chưa có gì để so sánh")
