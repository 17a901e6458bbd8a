"""The hub's subscribers: shown with their feed and their errors, never with a key; removed by an administrator."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.core.journal import JournalEntry
from campaigns.delivery import websub_subscriptions
from campaigns.delivery.websub_subscriptions import SubscriptionState, WebsubSubscription
from campaigns.partners.directory import CompanyContent, add_company
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from coordinator.web.kit.text.state_labels import state_label
from tests.coordinator.web.desk.conftest import Desk
from tests.factories import ADMIN, NOW

LIST = "/desk/channels/_listeners"


def subscribe(desk: Desk, topic: str, callback: str) -> None:
    """Subscribe to a feed as a program does."""
    asked = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback}
    assert desk.client.post("/hub", data=asked).status_code == 202


def feed(desk: Desk, name: str, key: str | None = None) -> str:
    return desk.app_context.job_context.addresses.feed(name, key)


def test_before_anybody_subscribed_it_says_what_a_listener_is(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    assert "Chưa có chương trình nào đăng ký" in desk.get(LIST)


def test_a_listener_is_shown_with_its_feed_and_whose_it_is_but_not_with_the_key(desk: Desk) -> None:
    with desk.database.write() as session:
        company = add_company(session, ADMIN.id, CompanyContent(name="Nhịp Sông"), now=NOW)
        key = add_key(session, ADMIN.id, name="nguồn", company_id=company.id, now=NOW).text
    subscribe(desk, feed(desk, "rss.xml"), "https://doc-gia.example/nghe")
    subscribe(desk, feed(desk, "atom.xml", key), "https://nhipsong.example/nghe")
    desk.sign_in(Role.WRITER)
    page = desk.get(LIST)
    assert "doc-gia.example/nghe" in page
    assert "nguồn công khai" in page
    assert "Nhịp Sông" in page
    assert key not in page
    assert key.split("_", 2)[2] not in page
    assert page.count("Đang hỏi lại") == 2
    assert "Ngừng báo" not in page  # only an administrator may


def test_what_went_wrong_is_reported(desk: Desk) -> None:
    subscribe(desk, feed(desk, "rss.xml"), "https://doc-gia.example/nghe")
    with desk.database.write() as session:
        row = session.execute(sa.select(WebsubSubscription)).scalar_one()
        now = desk.office.now()
        websub_subscriptions.confirm_subscription(session, row, now=now)
        row.attempt, row.due_at, row.last_error = 2, now + timedelta(minutes=5), "the callback answered 503"
    desk.sign_in(Role.ANALYST)
    page = desk.get(LIST)
    assert "Đang nghe" in page
    assert "2 lần chưa được" in page
    assert "the callback answered 503" in page


def test_an_administrator_ends_one_and_it_is_in_the_journal(desk: Desk) -> None:
    subscribe(desk, feed(desk, "rss.xml"), "https://doc-gia.example/nghe")
    with desk.database.read() as session:
        ident = session.execute(sa.select(WebsubSubscription.id)).scalar_one()
    desk.sign_in(Role.APPROVER)
    assert desk.post(f"{LIST}/{ident}/end", {}).status_code == 403
    desk.sign_in(Role.ADMIN)
    assert desk.post(f"{LIST}/{ident}/end", {}).status_code == 303
    page = desk.get(LIST)
    assert "doc-gia.example không còn được báo nữa" in page
    with desk.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(WebsubSubscription)).scalar_one() == 0
        acts = session.execute(sa.select(JournalEntry.act, JournalEntry.subject)).all()
    assert ("subscription.ended", "doc-gia.example") in [tuple(act) for act in acts]
    assert desk.post(f"{LIST}/{ident}/end", {}).status_code == 404


def test_many_are_shown_in_pages_with_as_many_statements_as_one(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    subscribe(desk, feed(desk, "rss.xml"), "https://doc-gia.example/nghe")
    few = desk.statements(LIST)
    for number in range(59):
        subscribe(desk, feed(desk, "rss.xml"), f"https://doc-gia-{number}.example/nghe")
    assert "1–50 trong 60" in desk.get(LIST)
    assert "51–60 trong 60" in desk.get(f"{LIST}?page=2")
    assert desk.statements(LIST) == few


@pytest.mark.parametrize("state", SubscriptionState)
def test_every_state_has_its_word(state: SubscriptionState) -> None:
    assert state_label("listener", state).label != state.value
