"""Secrets are not in the database file, on pages or in logs; and internal addresses cannot be reached."""

import logging
import secrets
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.signed_in import PASSWORD, add_staff_of_each_role, client_of_role

PLANTED = "whsec_" + "Q2FuYXJ5VGhhdE11c3ROb3RCZUZvdW5kSW5UaGVGaWxl"


def stored(outside: RunningApplication) -> bytes:
    """Return every byte that the installation stores, without the key file."""
    folder = outside.app_context.settings.data_dir
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "secret.key")


def send(outside: RunningApplication, key: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return outside.client.post(f"/api/v1{path}", json=body, headers=sent)


def webhook(outside: RunningApplication, key: str, url: str, **headers: str) -> Any:
    body = {"kind": "webhook", "name": "Máy chủ", "settings": {"url": url, "secret": PLANTED}}
    return send(outside, key, "/channels", body, **headers)


def test_no_secret_can_be_read_in_the_database_or_in_a_log(
    outside: RunningApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    add_staff_of_each_role(outside)
    admin = outside.role_key(Role.ADMIN)
    made = webhook(outside, admin, "https://nhan.example/", Idempotency_Key="một lần".encode().hex())
    assert made.status_code == 201, made.text
    other = send(
        outside, admin, "/channels", {"kind": "webhook", "name": "B", "settings": {"url": "https://b.example/"}}
    )
    shown_once = other.get_json()["secret"]
    _, partner = outside.partner("Nhịp Sông")
    outside.publish()
    outside.get(f"/feeds/{partner}/atom.xml")
    outside.client.get("/api/v1/channels", headers={"Authorization": f"Bearer {admin}"})
    canary = secrets.token_urlsafe(24)
    own = f"http://localhost:8800/feeds/{partner}/atom.xml"
    subscribed = {"hub.mode": "subscribe", "hub.topic": own, "hub.secret": canary}
    assert outside.client.post("/hub", data={**subscribed, "hub.callback": "https://d.example/"}).status_code == 202
    kept = stored(outside)
    assert b"nhan.example" in kept  # proves that the search finds existing text
    hidden = (PLANTED.removeprefix("whsec_"), shown_once.removeprefix("whsec_"), canary, PASSWORD)
    for secret in (*hidden, factories.secret_of(admin), factories.secret_of(partner)):
        assert secret.encode() not in kept
        assert secret not in caplog.text


def test_a_secret_given_is_shown_by_no_answer_and_on_no_page(outside: RunningApplication) -> None:
    add_staff_of_each_role(outside)
    admin = outside.role_key(Role.ADMIN)
    made = webhook(outside, admin, "https://nhan.example/")
    code = made.get_json()["code"]
    api = {"Authorization": f"Bearer {admin}"}
    texts = [
        made.text,
        *(outside.client.get(f"/api/v1{text}", headers=api).text for text in ("/channels", f"/channels/{code}")),
    ]
    desk = client_of_role(outside, Role.ADMIN)
    texts += [
        desk.get(path).text for path in ("/desk/channels/", f"/desk/channels/{code}", f"/desk/channels/{code}/edit")
    ]
    assert all(code in text for text in texts[:3])
    assert not [text for text in texts if PLANTED.removeprefix("whsec_") in text]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "127.1"])
def test_a_channel_to_this_machine_is_reached_only_when_the_settings_allow_it(
    sqlite: Database, tmp_path: Path, host: str
) -> None:
    with HostileServer() as server:
        server.ways["/hook"] = lambda call: call.answer(b"{}")
        address = server.url("/hook").replace("127.0.0.1", host)
        outside = open_application(sqlite, tmp_path)
        admin = outside.role_key(Role.ADMIN)
        made = webhook(outside, admin, address)
        if made.status_code == 201:
            tried = send(outside, admin, f"/channels/{made.get_json()['code']}/test")
            assert (tried.status_code, tried.content_type) == (502, "application/problem+json")
        else:
            assert made.status_code == 422
        assert server.calls == []


def test_a_channel_to_an_allowed_host_is_reached(sqlite: Database, tmp_path: Path) -> None:
    with HostileServer() as server:
        server.ways["/hook"] = lambda call: call.answer(b"{}")
        netloc = server.url("").removeprefix("http://")
        outside = open_application(sqlite, tmp_path, allow_hosts=netloc)
        admin = outside.role_key(Role.ADMIN)
        code = webhook(outside, admin, server.url("/hook")).get_json()["code"]
        tried = send(outside, admin, f"/channels/{code}/test")
        assert (tried.status_code, tried.get_json()["ok"]) == (200, True)
