"""A retired channel: waiting deliveries are cancelled, sent ones stay, and it can be restored."""

import sqlalchemy as sa

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels.channels import Channel, ChannelState, find_channel
from campaigns.channels.transport import DeliveryAct
from campaigns.core import journal
from campaigns.delivery import outbox
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW


def waiting_at(desk: Desk, kind: str) -> str:
    """Add a channel of a kind with one bulletin delivered and one waiting; returns its code."""
    with desk.database.write() as session:
        channel = factories.channel(session, kind)
        for state in (DeliveryState.DELIVERED, DeliveryState.DUE):
            bulletin = factories.published(session)
            outbox.enqueue_deliveries(
                session,
                bulletin,
                [channel],
                1,
                DeliveryAct.PUBLISH,
                desk.app_context.job_context.delivery_modes,
                due_at=NOW,
                now=NOW,
            )
            session.execute(
                sa.update(Delivery).where(Delivery.bulletin_id == bulletin.id).values(state=state),
                execution_options={"synchronize_session": False},
            )
        return channel.code


def test_what_waits_is_given_up_and_announced_before(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    code = waiting_at(desk, "webhook")
    page = f"/desk/channels/{code}"
    assert Page(desk.get(page)).link("Ngừng sử dụng…") == f"{page}/retire"
    asked = Page(desk.get(f"{page}/retire"))
    assert asked.has("1 lượt đang đợi bị bỏ và không gửi nữa")
    assert desk.post(f"{page}/retire", {}).status_code == 303
    after = Page(desk.get(page))
    assert after.has("1 lượt đang đợi được bỏ")
    assert after.has("Kênh đã ngừng sử dụng.")
    with desk.database.read() as session:
        states = {tuple(row) for row in session.execute(sa.select(Delivery.state, Delivery.reason))}
        assert states == {(DeliveryState.DELIVERED, ""), (DeliveryState.SKIPPED, "channel_retired")}
        channel = find_channel(session, code)
        assert channel.state is ChannelState.RETIRED
        bulletin = session.execute(sa.select(Bulletin).limit(1)).scalar_one()
        assert outbox.entitled_channels(session, bulletin) == []
        last = sa.select(journal.JournalEntry).order_by(journal.JournalEntry.seq.desc()).limit(1)
        entry = session.execute(last).scalar_one()
        assert entry.act == "channel.retired"
        assert '"skipped":1' in entry.details.replace(" ", "")
    assert desk.post(f"{page}/retire", {}).status_code == 409  # the second time changes nothing and says so


def test_taken_up_again_it_rests_until_somebody_lets_it_go_on(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    code = waiting_at(desk, "webhook")
    page = f"/desk/channels/{code}"
    assert desk.post(f"{page}/bring-back", {}).status_code == 409  # it is in use
    desk.post(f"{page}/retire", {})
    assert desk.post(f"{page}/bring-back", {}).status_code == 303
    assert Page(desk.get(page)).has("đang tạm dừng")
    with desk.database.read() as session:
        assert find_channel(session, code).state is ChannelState.PAUSED
        skipped = sa.select(sa.func.count()).where(Delivery.state == DeliveryState.SKIPPED)
        assert session.execute(skipped).scalar_one() == 1


def test_an_address_that_left_has_to_ask_itself(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    code = waiting_at(desk, "email")
    page = f"/desk/channels/{code}"
    assert Page(desk.get(f"{page}/retire")).has("bên nhận phải tự đăng ký lại")
    desk.post(f"{page}/retire", {})
    assert "Dùng lại" not in Page(desk.get(page)).words(".head-actions button, form button")
    refused = desk.post(f"{page}/bring-back", {})
    assert refused.status_code == 409
    assert "do bên nhận tự đăng ký" in refused.text
    with desk.database.read() as session:
        assert session.execute(sa.select(Channel.state)).scalar_one() is ChannelState.RETIRED


def test_only_administrators_retire(desk: Desk) -> None:
    code = waiting_at(desk, "webhook")
    desk.sign_in(Role.APPROVER)
    assert desk.post(f"/desk/channels/{code}/retire", {}).status_code == 403
    assert "Ngừng sử dụng…" not in desk.get(f"/desk/channels/{code}")
