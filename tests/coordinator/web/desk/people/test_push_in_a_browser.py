"""The service worker in Chromium: what is pushed to it through the browser's protocol is shown, and opens its page.

A subscription itself needs the browser vendor's service, which no test reaches: the page's script is tried with a
subscription of ours in its place.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.push.subscriptions import subscriptions_of
from campaigns.people.staff import Role, find_by_email
from coordinator.db import Database
from tests.conftest import need
from tests.coordinator.installation import until
from tests.coordinator.live_server import serving
from tests.coordinator.push.service import Browser, PushService, push_service
from tests.coordinator.web.application import RunningApplication
from tests.coordinator.web.chromium import expect, problems_of_page, until_true
from tests.coordinator.web.desk.browser_writers import writer
from tests.coordinator.web.public.test_public_pages_in_a_browser import address
from tests.coordinator.web.signed_in import add_staff_of_each_role
from tests.factories import WRITER

pytestmark = pytest.mark.browser
ACCOUNT = "/desk/account"
SUBSCRIBED = """([endpoint, keys]) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const made = { endpoint, options: {}, unsubscribe: async () => true, getKey: (name) => bytes(keys[name]).buffer };
  let kept = null;
  PushManager.prototype.getSubscription = async () => JSON.parse(localStorage.getItem("on") || "null") && made;
  PushManager.prototype.subscribe = async () => { localStorage.setItem("on", "1"); return made; };
}"""

CLICKED = """async (elsewhere) => {
  let opened = "";
  const open = Clients.prototype.openWindow;
  Clients.prototype.openWindow = async (url) => { opened = url; };
  if (elsewhere) await self.registration.showNotification("x", {data: {url: elsewhere}});
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", {notification}));
  await new Promise((done) => setTimeout(done, 300));
  Clients.prototype.openWindow = open;
  return [opened, (await self.registration.getNotifications()).length];
}"""


@pytest.fixture(scope="module")
def chromium(running_chromium: Any) -> Iterator[Any]:
    """The whole browser: its small headless build shows no notifications."""
    path = shutil.which("chromium")
    if path is None:
        need("Chromium", "install the package chromium")
    opened = running_chromium.browser_type.launch(
        executable_path=path, chromium_sandbox=False, args=["--headless=new", "--disable-background-networking"]
    )
    yield opened
    opened.close()


@pytest.fixture
def pushed(sqlite: Database, tmp_path: Path) -> Iterator[tuple[RunningApplication, PushService]]:
    with push_service() as service, serving(sqlite, tmp_path, allow_hosts=f"127.0.0.1:{service.port}") as outside:
        add_staff_of_each_role(outside)
        yield outside, service


def test_a_browser_is_switched_on_known_again_and_switched_off(
    chromium: Any, pushed: tuple[RunningApplication, PushService]
) -> None:
    outside, service = pushed
    browser = Browser()
    with writer(chromium, outside) as page:
        page.context.grant_permissions(["notifications"], origin=address(outside, ""))
        given = f"({SUBSCRIBED})([{service.endpoint()!r}, {browser.keys!r}])"
        page.context.add_init_script(given)
        page.goto(address(outside, ACCOUNT))
        assert problems_of_page(page, address(outside, ACCOUNT), both_schemes=True) == ""
        with page.expect_navigation():
            page.get_by_role("button", name="Bật trên trình duyệt này").click()
        expect(page.locator("[data-here]")).to_be_visible()
        expect(page.locator("[data-switch-on]")).to_be_hidden()
        with outside.database.read() as session:
            person = find_by_email(session, WRITER.id)
            assert person is not None
            assert len(subscriptions_of(session, person.id)) == 1
        with page.expect_navigation():
            page.locator("[data-browser]").get_by_role("button", name="Tắt").click()
        expect(page.get_by_text("Chưa bật trên trình duyệt nào")).to_be_visible()


def test_a_pushed_message_is_shown_and_leads_into_the_desk(
    chromium: Any, pushed: tuple[RunningApplication, PushService]
) -> None:
    outside, _service = pushed
    with writer(chromium, outside, role=Role.APPROVER) as page:
        page.context.grant_permissions(["notifications"], origin=address(outside, ""))
        page.goto(address(outside, ACCOUNT))
        page.evaluate("navigator.serviceWorker.register('/desk/push-worker.js', {scope: '/desk/'})")
        until_true(page, "navigator.serviceWorker.ready.then((one) => one.active.state === 'activated')")
        protocol = page.context.new_cdp_session(page)
        found: dict[str, str] = {}
        protocol.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.update({row["scopeURL"]: row["registrationId"] for row in event["registrations"]}),
        )
        protocol.send("ServiceWorker.enable")
        until("the worker is known", lambda: page.evaluate("true") and bool(found))
        text = '{"title":"Chờ duyệt: BT-1","body":"Lịch tiêm","url":"/desk/bulletins","tag":"BT-1"}'
        given = {"origin": address(outside, "/"), "registrationId": found[address(outside, "/desk/")], "data": text}
        shown = "navigator.serviceWorker.ready.then((one) => one.getNotifications())"

        def is_shown() -> bool:
            # One that comes before the browser has stored the worker is lost; of the same tag one is shown.
            protocol.send("ServiceWorker.deliverPushMessage", given)
            page.wait_for_timeout(300)
            return bool(page.evaluate(f"{shown}.then((all) => all.length === 1)"))

        until("the message is shown", is_shown, 60)
        told = page.evaluate(f"{shown}.then(([one]) => [one.title, one.body, one.tag, one.data.url])")
        assert told == ["Chờ duyệt: BT-1", "Lịch tiêm", "BT-1", "/desk/bulletins"]
        # Only a person's own click may open a window: the address that the worker opens is read in its place.
        (worker,) = page.context.service_workers
        assert worker.evaluate(CLICKED, None) == [address(outside, "/desk/bulletins"), 0]
        assert worker.evaluate(CLICKED, "https://elsewhere.example/desk") == ["", 0]
