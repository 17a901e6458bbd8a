"""Setting up every kind of channel at the desk: invalid settings and wrong responses are reported in Vietnamese. The
forms are the real ones; the endpoints are on loopback and misbehave; the real HTTP client calls them."""

import socket
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.people.staff import Role
from coordinator.channels import registry
from coordinator.channels.registry import kind_name
from coordinator.channels.setup_guides import GUIDES
from coordinator.http.client import HttpClient
from coordinator.jobs.context import AppContext
from coordinator.web.kit import templating
from tests.coordinator.channels.fakes import loopback_client
from tests.coordinator.channels.peers import PEERS, ReceivedCalls, say
from tests.coordinator.channels.test_contract import SECRETS, VALUES
from tests.coordinator.channels.test_contract_hostile import HurriedHttpClient
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.http.test_tls import TLSServer, certificate
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import published

KINDS = sorted(PEERS)
OFFERED = [kind for kind, row in registry.KINDS.items() if row.offered]
SECRET_FIELDS = [(kind, name) for kind in KINDS for name in registry.KINDS[kind].settings.secret_names()]

# An invalid value for every setting that can be invalid, by its name.
BAD: Mapping[str, str] = {
    "account": "@so@mxh.example",
    "address": "toasoan",
    "app_id": "12a",
    "author": "x" * 51,
    "broadcast_path": "https://elsewhere.example",
    "broadcasts_a_day": "nhiều",
    "broadcasts_a_month": "-1",
    "category": "tin",
    "chat": "so_tttt",
    "comments": "maybe",
    "contact": "x" * 201,
    "instructions": "x" * 2001,
    "lead_length": "301",
    "oa_id": "OA của Sở",
    "older_quota_path": "v2.0",
    "picture": "maybe",
    "picture_wait": "lâu",
    "quota_owner": "của Sở",
    "quota_path": "v2.0",
    "quota_product": "tin tư vấn",
    "status": "now",
    "target_ages": "0-7",
    "target_cities": "Hà Nội",
    "target_gender": "9",
    "target_locations": "3",
    "target_platforms": "0",
    "title_length": "nhiều",
    "user": "so:1",
    "views_metrics": "Lượt xem",
    "visibility": "direct",
    **dict.fromkeys(
        ("api_base", "cover_url", "hub_url", "oauth_base", "page_url", "profile_url", "server_url", "site_url", "url"),
        "ftp://so.example/#x",
    ),
    **dict.fromkeys(
        (
            *("access_token", "app_secret", "bot_token", "password", "refresh_token", "secret", "webhook_secret"),
            "page_token",
        ),
        "canary canary",
    ),
    "page_id": "trang của Sở",
    "version": "25",
}


def fields(kind: str, base: str | None = None) -> dict[str, str]:
    """Return the valid form of a kind."""
    values = PEERS[kind].settings(base) if base is not None else VALUES.get(kind, {})
    given = {**values, **SECRETS.get(kind, {})}
    return {f"settings.{name}": str(value) for name, value in given.items()} | {"name": "Kênh thử", "every": "1"}


def anchor(name: str) -> str:
    """Return the id of a setting's field on the page."""
    return f"settings-{name.replace('_', '-')}"


def add(desk: Desk, kind: str, base: str) -> str:
    answer = desk.post(f"/desk/channels/_new/{kind}", fields(kind, base))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def tried(desk: Desk, kind: str, base: str) -> str:
    """Add a channel by its form, press *Thử ngay* and return the message."""
    where = add(desk, kind, base)
    assert "Thử ngay" in desk.get(where)
    assert desk.post(f"{where}/test").status_code == 303
    shown = desk.get(where)
    assert not [name for name, secret in SECRETS[kind].items() if secret in shown]
    return shown


@pytest.fixture
def admin(desk: Desk) -> Desk:
    """A desk with an administrator and an HTTP client that may call loopback."""
    through(desk, loopback_client())
    desk.sign_in(Role.ADMIN)
    return desk


def through(desk: Desk, http_client: HttpClient | HurriedHttpClient) -> None:
    """Make the desk use this HTTP client."""
    place = replace(desk.office, http_client=http_client)  # type: ignore[arg-type]  # adapters use this much of it
    desk.app.extensions["lantoa"] = AppContext(place, desk.runner, desk.app_context.settings)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as made:
        yield made


def always(server: HostileServer, way: Callable[[Call], None]) -> str:
    """Make every path of a server answer alike; returns its base address."""
    server.ways = defaultdict(lambda: way)
    return server.url("")


def html(call: Call) -> None:
    call.answer("<html>Đăng nhập Wi-Fi</html>".encode(), Content_Type="text/html", Connection="close")


@pytest.mark.parametrize("kind", OFFERED)
def test_every_wrong_setting_is_reported_at_its_field_in_vietnamese(desk: Desk, kind: str) -> None:
    desk.sign_in(Role.ADMIN)
    known = {field.name for field in registry.setting_fields(kind) if not isinstance(field.default, bool)}
    assert known <= set(BAD), "a setting that can be wrong has something wrong here"
    form = {f"settings.{name}": BAD[name] for name in known} | {"name": "Kênh thử", "every": "1"}
    answer = desk.post(f"/desk/channels/_new/{kind}", form)
    if not known:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    errors = Page(answer.text).errors()
    assert set(errors) == {anchor(name) for name in known}
    for name, words in errors.items():
        assert "Giá trị chưa đúng" not in words, name
        assert "expected" not in words.lower(), name
    assert "canary" not in answer.text, "a secret is never shown again, not even a wrong one"


@pytest.mark.parametrize(("kind", "name"), SECRET_FIELDS)
@pytest.mark.parametrize("around", ["  {}", "{}\n", "\r\n\t{} \n", "\u00a0{}"])
def test_a_secret_pasted_with_spaces_and_line_ends_is_kept_bare(desk: Desk, kind: str, name: str, around: str) -> None:
    desk.sign_in(Role.ADMIN)
    form = fields(kind) | {f"settings.{name}": around.format(SECRETS[kind][name])}
    assert desk.post(f"/desk/channels/_new/{kind}", form).status_code == 303
    with desk.database.read() as session:
        encrypted_secrets = session.execute(sa.select(Channel.encrypted_secrets)).scalar_one()
    assert desk.office.encryption.decrypt(encrypted_secrets)[name] == SECRETS[kind][name]


@pytest.mark.parametrize(("kind", "name"), SECRET_FIELDS)
def test_a_secret_with_a_line_end_in_the_middle_is_reported(desk: Desk, kind: str, name: str) -> None:
    desk.sign_in(Role.ADMIN)
    secret = SECRETS[kind][name]
    form = fields(kind) | {f"settings.{name}": f"{secret[:9]}\n{secret[9:]}"}
    answer = desk.post(f"/desk/channels/_new/{kind}", form)
    if kind == "wordpress":  # shows its passwords in groups, so that spaces are ignored
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert list(Page(answer.text).errors()) == [anchor(name)]
    assert secret[:9] not in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_address_is_reported_and_not_called(desk: Desk, server: HostileServer, kind: str) -> None:
    desk.sign_in(Role.ADMIN)
    base = always(server, html)
    assert "nằm trong mạng nội bộ" in tried(desk, kind, base)
    assert server.calls == []


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_there_is_reported(admin: Desk, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert "Không nối được tới bên nhận" in tried(admin, kind, f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_host_that_does_not_exist_is_reported(admin: Desk, kind: str) -> None:
    assert "Không có máy chủ nào mang tên này" in tried(admin, kind, "https://khong-co.invalid")


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_certificate_is_reported(admin: Desk, pem: Path, kind: str) -> None:
    stranger = TLSServer(pem)
    try:
        assert "Chứng thư bảo mật" in tried(admin, kind, f"https://127.0.0.1:{stranger.port}")
    finally:
        stranger.listener.close()
    assert stranger.requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_silence_is_reported(admin: Desk, server: HostileServer, kind: str) -> None:
    through(admin, HurriedHttpClient())
    assert "không trả lời kịp" in tried(admin, kind, always(server, lambda call: call.stopped.wait() and None))


@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_is_reported_and_not_followed(admin: Desk, server: HostileServer, kind: str) -> None:
    with HostileServer() as elsewhere:
        there = always(elsewhere, html)
        shown = tried(admin, kind, always(server, lambda call: say(call, 302, None, Location=f"{there}/moi")))
        assert elsewhere.calls == []
    assert "chuyển hướng" in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_web_page_in_place_of_an_interface_is_reported(admin: Desk, server: HostileServer, kind: str) -> None:
    shown = tried(admin, kind, always(server, html))
    if kind == "websub":  # a hub may show a page about itself to a GET
        assert "trả lời tốt" in shown
    elif kind == "webhook":  # any 2xx is accepted, so it is a warning
        assert "câu trả lời là một trang web" in shown
    else:
        assert "trả lời bằng thứ khác" in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_server_is_reported(admin: Desk, server: HostileServer, kind: str) -> None:
    shown = tried(admin, kind, always(server, lambda call: say(call, 503, None)))
    assert "đang lỗi (503)" in shown or "trả lời bằng thứ khác" in shown


OTHER: Mapping[str, tuple[Any, str]] = {
    "facebook": ({"id": "999", "name": "Trang khác"}, "của một tài khoản khác"),
    "mastodon": ({"id": "8", "acct": "nguoi-khac"}, "của một tài khoản khác"),
    "telegram": ({"ok": True, "result": {"id": 1, "type": "group", "username": "bot"}}, "Bot không thấy kênh này"),
    "zalo": ({"error": 0, "data": {"oa_id": "999", "name": "OA khác"}}, "của một tài khoản khác"),
    "wordpress": ({"id": 3, "name": "khách", "capabilities": {}}, "thiếu quyền đăng"),
}


@pytest.mark.parametrize("kind", sorted(OTHER))
def test_access_to_another_account_is_reported(admin: Desk, server: HostileServer, kind: str) -> None:
    item, words = OTHER[kind]
    with admin.database.write() as session:
        session.execute(sa.delete(Channel))
    base = always(server, lambda call: say(call, 200, token_or(item, call)))
    assert words in tried(admin, kind, base)


def token_or(item: Any, call: Call) -> Any:
    """Let Zalo's token exchange succeed: the account behind the tokens is what is tested."""
    if call.path.endswith("/access_token"):
        return {"access_token": "t", "refresh_token": "r", "expires_in": "90000"}
    return item


def test_the_steps_of_a_new_channel_are_ticked_off_as_they_are_done(admin: Desk, server: HostileServer) -> None:
    peer = PEERS["mastodon"]
    base = always(server, lambda call: say(call, *peer.polite(call, ReceivedCalls(server.url("")))))
    where = add(admin, "mastodon", base)
    fresh = steps(admin.get(where))
    assert fresh == {"Khai thiết lập": True, "Bấm Thử ngay": False, "Phát một bản tin": False}
    admin.post(f"{where}/test")
    assert steps(admin.get(where)) == {**fresh, "Bấm Thử ngay": True}
    with admin.database.write() as session:
        made = session.execute(sa.select(Channel)).scalar_one()
        bulletin = published(session)
        query = sa.select(Delivery).where(Delivery.bulletin_id == bulletin.id, Delivery.channel_id == made.id)
        session.execute(query).scalar_one().state = DeliveryState.DELIVERED
    assert steps(admin.get(where)) == {}


def test_a_zalo_account_has_the_step_of_its_grant(admin: Desk, server: HostileServer) -> None:
    given = fields("zalo", server.url(""))
    del given["settings.refresh_token"]
    del given["settings.access_token"]
    where = str(admin.post("/desk/channels/_new/zalo", given).headers["Location"])
    assert steps(admin.get(where))["Bấm Cấp quyền"] is False


STEPS = ("Khai thiết lập", "Bấm Cấp quyền", "Bấm Thử ngay", "Phát một bản tin")


def steps(page: str) -> dict[str, bool]:
    """Return the first words of every step, and whether it is done."""
    rows = Page(page).words("section[aria-labelledby='cac-buoc'] li")
    return {next(words for words in STEPS if words in row): row.startswith("Đạt") for row in rows}


def test_every_kind_is_prepared_then_entered_then_tested_and_common_ones_come_first(admin: Desk) -> None:
    offered = {kind for kind, row in registry.KINDS.items() if row.offered}
    assert set(GUIDES) == offered
    glyphs = (Path(templating.__file__).parents[1] / "static/icons.svg").read_text("utf-8")
    page = Page(admin.get("/desk/channels/_new"))
    assert page.words("li.task h3")[:3] == [kind_name(kind) for kind in ("zalo", "facebook", "feed")]
    for kind, guide in GUIDES.items():
        assert f'id="i-{guide.glyph}"' in glyphs
        prepare = Page(admin.get(f"/desk/channels/_new/{kind}/prepare"))
        assert prepare.words(".wizard .here") == ["1 Chuẩn bị"]
        assert all(prepare.has(needed) for needed in guide.needed)
        assert Page(admin.get(f"/desk/channels/_new/{kind}")).words(".wizard .here") == ["2 Nhập"]
        drawings = prepare.tree.css("figure.step-picture svg")
        assert len(drawings) == sum(bool(step.picture) for step in guide.steps)
        assert all((drawing.attributes.get("aria-label") or "").strip() for drawing in drawings)
    console = Page(admin.get("/desk/channels/_zalo/setup/console?code=zalo"))
    assert len(console.tree.css("figure.step-picture svg")) == 2
    assert sum(len([step for step in guide.steps if step.picture]) for guide in GUIDES.values()) == 3
    assert Page(admin.get("/desk/channels/_new/feed/prepare?partner=x")).has("/feeds/KHÓA/rss.xml")
    admin.get("/desk/channels/_new/memory/prepare", 404)
    where = add(admin, "webhook", "https://nhan.example")
    assert Page(admin.get(where)).words(".wizard .here") == ["3 Thử"]
