"""The wizard for Zalo, from the addresses to the test, with the labelled sandbox as Zalo."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from campaigns.channels.channels import ChannelState, find_channel
from campaigns.people.staff import Role
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo
from coordinator.demo.sandbox_zalo_account import SandboxAccount
from coordinator.jobs.context import AppContext
from tests.coordinator.channels.fakes import loopback_client
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import channel as add_channel

SETUP = "/desk/channels/_zalo/setup"


@dataclass(frozen=True)
class Sandbox:
    zalo: SandboxZalo
    base: str

    def form(self, **changes: str) -> dict[str, str]:
        account = self.zalo.account
        values = {
            "app_id": account.app_id,
            "oa_id": account.oa_id,
            "app_secret": account.app_secret,
            "webhook_secret": account.oa_secret,
            "author": "Sở Thông tin",
            "cover_url": "https://anh.so.example/bia.jpg",
            "api_base": self.base,
            "oauth_base": self.base,
            **changes,
        }
        return {"name": "Zalo của Sở", "every": "1", "code": "zalo"} | {
            f"settings.{name}": value for name, value in values.items()
        }


@pytest.fixture
def admin(desk: Desk) -> Desk:
    place = replace(desk.office, http_client=loopback_client())
    desk.app.extensions["lantoa"] = AppContext(place, desk.runner, desk.app_context.settings)
    desk.sign_in(Role.ADMIN)
    return desk


@pytest.fixture
def sandbox(admin: Desk) -> Iterator[Sandbox]:
    zalo = SandboxZalo(SandboxAccount(now=admin.office.now))
    with SandboxServer(zalo.app) as base:
        yield Sandbox(zalo, base)


def state(desk: Desk, code: str = "zalo") -> ChannelState:
    with desk.database.read() as session:
        return find_channel(session, code).state


def granted(admin: Desk, page: str, base: str) -> str:
    """Press the button, agree at the sandbox and return where the callback leads."""
    to = str(admin.client.get(Page(page).link("Cấp quyền")).headers["Location"])
    assert to.startswith(base)
    hidden = dict(parse_qsl(urlsplit(to).query))
    answer = requests.post(
        f"{base}/v4/oa/permission",
        data={
            "redirect_uri": hidden["redirect_uri"],
            "code_challenge": hidden["code_challenge"],
            "state": hidden["state"],
        },
        allow_redirects=False,
        timeout=30,
    )
    back = urlsplit(answer.headers["Location"])
    return str(admin.client.get(f"{back.path}?{back.query}").headers["Location"])


def test_the_addresses_come_first_then_zalos_pages_then_the_keys_then_grant_and_test(
    admin: Desk, sandbox: Sandbox
) -> None:
    assert f'href="{SETUP}"' in admin.get("/desk/channels/_new")
    first = admin.get(SETUP)
    assert "/desk/channels/_zalo/callback" in first
    assert "/events/zalo/zalo" in first
    second = admin.get(f"{SETUP}/console?code=zalo")
    assert "Dán Webhook URL" in second
    third = admin.get(f"{SETUP}/keys?code=zalo")
    assert "Khóa bí mật của ứng dụng" in third
    answer = admin.post(f"{SETUP}/keys", sandbox.form())
    assert answer.headers["Location"] == "/desk/channels/zalo/setup"
    assert state(admin) is ChannelState.NEEDS_AUTHORISATION
    fourth = admin.get("/desk/channels/zalo/setup")
    assert "Cấp quyền xong mới thử được" in fourth
    assert granted(admin, fourth, sandbox.base) == "/desk/channels/zalo/setup"
    assert state(admin) is ChannelState.ACTIVE
    answer = admin.post("/desk/channels/zalo/test", {"back": "setup"})
    assert answer.headers["Location"] == "/desk/channels/zalo/setup"
    last = admin.get("/desk/channels/zalo/setup")
    assert "Thiết lập Zalo: đã xong" in last
    assert "đã xác minh, 1250 người quan tâm" in last
    assert admin.post("/desk/channels/zalo/test").headers["Location"] == "/desk/channels/zalo"


@pytest.mark.parametrize(
    ("base", "public"),
    [("https://tin.thudo.example", True), ("http://tin.thudo.example", False), ("https://10.0.0.7", False),
     ("http://localhost:8800", False), ("https://may-chu.local", False)],
)  # fmt: skip
def test_a_system_at_a_private_address_says_that_zalo_cannot_call_it(admin: Desk, base: str, public: bool) -> None:
    context = admin.app.extensions["lantoa"]
    settings = context.settings.model_copy(update={"base_url": base})
    admin.app.extensions["lantoa"] = AppContext(context.job_context, context.runner, settings)
    page = admin.get(SETUP)
    assert f"{base}/events/zalo/zalo" in page
    assert ("Địa chỉ chưa công khai" in page) is not public


def test_a_code_that_is_in_use_is_not_offered_and_not_taken_twice(admin: Desk, sandbox: Sandbox) -> None:
    with admin.database.write() as session:
        add_channel(session, "manual").code = "zalo"
    assert "/events/zalo/zalo-2" in admin.get(SETUP)
    answer = admin.post(f"{SETUP}/keys", sandbox.form())
    assert answer.status_code in {409, 422}
    assert "Làm lại từ bước đầu" in answer.text
    assert admin.post(f"{SETUP}/keys", sandbox.form() | {"code": "zalo-2"}).status_code == 303


def test_wrong_keys_are_named_at_their_fields_and_nothing_is_added(admin: Desk, sandbox: Sandbox) -> None:
    answer = admin.post(
        f"{SETUP}/keys", sandbox.form(app_id="abc", cover_url="http://localhost/bia.jpg", app_secret="")
    )
    assert answer.status_code == 422
    assert "Zalo không tải được ảnh ở localhost hay mạng nội bộ" in answer.text
    assert "Chỉ gồm chữ số" in answer.text
    assert sandbox.zalo.account.oa_secret not in answer.text
    assert "/events/zalo/zalo<" in admin.get(SETUP)


@pytest.mark.parametrize("code", ["", "Không dấu", "../x", "a" * 60])
def test_a_step_without_a_usable_code_leads_back_to_the_first(admin: Desk, code: str) -> None:
    for step in ("console", "keys"):
        answer = admin.client.get(f"{SETUP}/{step}", query_string={"code": code})
        assert (answer.status_code, answer.headers["Location"]) == (303, SETUP)


def test_another_kind_of_channel_has_no_such_page(admin: Desk) -> None:
    with admin.database.write() as session:
        add_channel(session, "manual").code = "tay"
    assert admin.client.get("/desk/channels/tay/setup").status_code == 409
    assert admin.client.get("/desk/channels/khong-co/setup").status_code == 404


def test_a_grant_from_the_channels_page_leads_back_to_it(admin: Desk, sandbox: Sandbox) -> None:
    admin.post("/desk/channels/_new/zalo", sandbox.form())
    assert granted(admin, admin.get("/desk/channels/zalo"), sandbox.base) == "/desk/channels/zalo"
