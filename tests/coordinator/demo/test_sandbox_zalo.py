"""The simulated Zalo account follows the documented behaviour and is labelled as a sandbox."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from flask import Flask, request

from coordinator.channels.zalo.events import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    InvalidEvent,
    is_address_check,
    read_event,
)
from coordinator.channels.zalo.oauth import code_challenge
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import LABEL, SandboxZalo
from coordinator.demo.sandbox_zalo_account import SandboxAccount, ZaloRefusal

ARTICLE: dict[str, Any] = {
    "type": "normal",
    "title": "Lịch tiêm chủng",
    "author": "Sở",
    "description": "Lịch tuần này",
    "cover": {"cover_type": "photo", "photo_url": "https://tin.thudo.example/bia.png", "status": "show"},
    "body": [{"type": "text", "content": "Một đoạn."}],
    "status": "show",
    "comment": "hide",
}


class Moment:
    """A clock to move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def account(**more: Any) -> SandboxAccount:
    return SandboxAccount(now=Moment(), **more)


def move(zalo: SandboxAccount, **length: float) -> None:
    assert isinstance(zalo.now, Moment)
    zalo.now.now += timedelta(**length)


def refusal(act: Any, *arguments: Any) -> int:
    with pytest.raises(ZaloRefusal) as refused:
        act(*arguments)
    return refused.value.code


def code_form(zalo: SandboxAccount, code: str, verifier: str = "v") -> dict[str, str]:
    return {"grant_type": "authorization_code", "app_id": zalo.app_id, "code": code, "code_verifier": verifier}


def refresh_form(zalo: SandboxAccount, token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "app_id": zalo.app_id, "refresh_token": token}


def test_a_code_is_good_once_for_ten_minutes_and_with_its_verifier() -> None:
    zalo = account()
    code = zalo.grant(code_challenge("v"))
    exchange = zalo.exchange(code_form(zalo, code), zalo.app_secret)
    assert exchange["expires_in"] == "90000"
    zalo.admit(exchange["access_token"])
    assert refusal(zalo.exchange, code_form(zalo, code), zalo.app_secret) == -14002
    late = zalo.grant(code_challenge("v"))
    move(zalo, minutes=10)
    assert refusal(zalo.exchange, code_form(zalo, late), zalo.app_secret) == -14002
    wrong = zalo.grant(code_challenge("v"))
    assert refusal(zalo.exchange, code_form(zalo, wrong, "w"), zalo.app_secret) == -14003
    assert refusal(zalo.exchange, code_form(zalo, wrong), "wrong secret") == -14001


def test_a_refresh_token_is_good_once_and_gives_a_new_one() -> None:
    zalo = account()
    _, refresh = zalo.issue()
    exchange = zalo.exchange(refresh_form(zalo, refresh), zalo.app_secret)
    assert exchange["refresh_token"] != refresh
    assert refusal(zalo.exchange, refresh_form(zalo, refresh), zalo.app_secret) == -14014
    assert zalo.exchange(refresh_form(zalo, exchange["refresh_token"]), zalo.app_secret)["access_token"]


def test_an_access_token_ends_at_its_stated_time() -> None:
    zalo = account(lasts=3600)
    access, _ = zalo.issue()
    move(zalo, seconds=3599)
    zalo.admit(access)
    move(zalo, seconds=1)
    assert refusal(zalo.admit, access) == -220
    assert refusal(zalo.admit, "made up") == -216
    assert refusal(zalo.admit, None) == -216


def test_an_article_is_processed_for_a_while_and_then_has_one_id() -> None:
    zalo = account(looks=2)
    token = zalo.create(ARTICLE)
    assert [refusal(zalo.verify, token) for _ in range(2)] == [-214, -214]
    assert zalo.articles == {}
    first = zalo.verify(token)
    assert zalo.verify(token) == first
    assert len(zalo.articles) == 1
    assert refusal(zalo.verify, "made up") == -200


def test_making_the_same_article_twice_makes_two() -> None:
    zalo = account(looks=0)
    assert zalo.verify(zalo.create(ARTICLE)) != zalo.verify(zalo.create(ARTICLE))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 150},
        {"title": " "},
        {"author": "x" * 51},
        {"author": ""},
        {"description": "x" * 300},
        {"description": None},
        {"cover": None},
        {"cover": {"cover_type": "photo", "photo_url": "ftp://a.example/bia.png"}},
        {"body": []},
        {"body": [{"type": "text", "content": "hai\ndòng"}]},
        {"body": [{"type": "text", "content": ""}]},
        {"body": [{"type": "image", "url": "a.jpg", "caption": ""}]},
        {"body": [{"type": "video", "url": "https://a.example/v.mp4"}]},
        {"body": [{"type": "table"}]},
        {"status": "publish"},
        {"type": "story"},
    ],
)
def test_an_article_outside_the_limits_is_refused(change: dict[str, Any]) -> None:
    zalo = account()
    assert refusal(zalo.create, {**ARTICLE, **change}) == -201


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "anh.example"])
def test_a_picture_that_cannot_be_fetched_shows_when_the_article_is_verified(host: str) -> None:
    zalo = account(looks=1, refused_hosts=("anh.example",))
    token = zalo.create({**ARTICLE, "cover": {"cover_type": "photo", "photo_url": f"http://{host}/bia.png"}})
    assert [refusal(zalo.verify, token) for _ in range(3)] == [-214, -200, -200]
    assert zalo.articles == {}
    body = [{"type": "image", "url": f"http://{host}/a.png", "caption": ""}]
    token = zalo.create({**ARTICLE, "body": body})
    assert [refusal(zalo.verify, token) for _ in range(2)] == [-214, -200]


def test_the_list_has_at_most_ten_a_page_and_the_newest_first() -> None:
    zalo = account(looks=0)
    for _ in range(12):
        move(zalo, seconds=1)
        zalo.verify(zalo.create(ARTICLE))
    total, page = zalo.page(0, 10)
    assert (total, len(page)) == (12, 10)
    assert page[0].created > page[-1].created
    assert len(zalo.page(10, 10)[1]) == 2
    assert refusal(zalo.page, 0, 11) == -210
    assert refusal(zalo.page, -1, 10) == -210


@pytest.fixture
def served() -> Iterator[tuple[SandboxZalo, str]]:
    zalo = SandboxZalo(account(looks=0))
    with SandboxServer(zalo.app) as base:
        yield zalo, base


def test_every_answer_and_page_is_labelled(served: tuple[SandboxZalo, str]) -> None:
    zalo, base = served
    article_id = zalo.account.verify(zalo.account.create({**ARTICLE, "title": "<b>Đậm</b>"}))
    for path in ("/", f"/d/{article_id}", "/d/none", "/__sandbox/posts", "/v2.0/article/getslice", "/v4/oa/permission"):
        assert requests.get(base + path, timeout=30).headers["X-Sandbox"] == LABEL
    page = requests.get(base, timeout=30).text
    assert "SANDBOX – not Zalo" in page
    assert "&lt;b&gt;Đậm" in page, "what was posted is shown, never run"


def test_an_error_comes_with_http_200(served: tuple[SandboxZalo, str]) -> None:
    _, base = served
    answer = requests.post(f"{base}/v2.0/article/create", json=ARTICLE, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["error"] == -216


def test_reading_an_article_is_counted_as_a_view(served: tuple[SandboxZalo, str]) -> None:
    zalo, base = served
    article_id = zalo.account.verify(zalo.account.create(ARTICLE))
    for _ in range(3):
        requests.get(f"{base}/d/{article_id}", timeout=30)
    tokens = requests.post(f"{base}/__sandbox/tokens", timeout=30).json()
    listed = requests.get(
        f"{base}/v2.0/article/getslice?offset=0&limit=10&type=normal",
        headers={"access_token": tokens["access_token"]},
        timeout=30,
    ).json()
    assert listed["data"]["medias"][0]["total_view"] == 3
    assert requests.get(f"{base}/__sandbox/posts", timeout=30).json()["posts"][0]["total_view"] == 3


def test_faults_can_be_ordered_over_http_and_are_spent(served: tuple[SandboxZalo, str]) -> None:
    zalo, base = served
    access, _ = zalo.account.issue()
    order = {"path": "/v2.0/oa/getoa", "kind": "error", "code": -32, "times": 2}
    assert requests.post(f"{base}/__sandbox/faults", json=order, timeout=30).status_code == 204
    assert requests.post(f"{base}/__sandbox/faults", json={**order, "kind": "flood"}, timeout=30).status_code == 400
    codes = [
        requests.get(f"{base}/v2.0/oa/getoa", headers={"access_token": access}, timeout=30).json()["error"]
        for _ in range(3)
    ]
    assert codes == [-32, -32, 0]


def test_a_cut_answer_is_cut_and_its_work_is_done(served: tuple[SandboxZalo, str]) -> None:
    zalo, base = served
    access, _ = zalo.account.issue()
    requests.post(f"{base}/__sandbox/faults", json={"path": "/v2.0/article/create", "kind": "cut"}, timeout=30)
    with pytest.raises(requests.RequestException):
        requests.post(f"{base}/v2.0/article/create", json=ARTICLE, headers={"access_token": access}, timeout=30)
    assert len(zalo.account._works) == 1


@pytest.mark.parametrize("check", [b"{}", b""])
def test_the_console_saves_an_address_only_after_its_unsigned_check_was_answered_200(check: bytes) -> None:
    zalo = SandboxZalo(account())
    receiver = Flask(__name__)
    receiver.add_url_rule("/no", "no", lambda: ("", 401), methods=["POST"])
    receiver.add_url_rule("/yes", "yes", lambda: ("", 200), methods=["POST"])
    with SandboxServer(receiver) as base:
        assert zalo.save_webhook(f"{base}/no", check) == 401
        assert zalo.account.webhook_url == ""
        assert zalo.save_webhook(f"{base}/yes", check) == 200
        assert zalo.account.webhook_url == f"{base}/yes"
    assert zalo.save_webhook(f"{base}/yes", check) == 0, "nobody answers there any more"


@pytest.mark.parametrize("in_header", [True, False])
def test_its_events_are_signed_so_that_the_product_takes_them(in_header: bool) -> None:
    zalo = SandboxZalo(account())
    seen: list[str] = []
    receiver = Flask(__name__)

    @receiver.post("/events")
    def take() -> tuple[str, int]:
        body, signature = request.get_data(), request.headers.get(SIGNATURE_HEADER, "")
        if is_address_check(body, signature):
            return "", 200
        event = read_event(
            body,
            signature,
            request.headers.get(TIMESTAMP_HEADER, ""),
            app_id=zalo.account.app_id,
            oa_id=zalo.account.oa_id,
            secret=zalo.account.oa_secret,
            now=zalo.account.now(),
        )
        seen.append(event.name)
        return "", 200

    receiver.register_error_handler(InvalidEvent, lambda _error: ("", 401))
    with SandboxServer(receiver) as base:
        assert zalo.save_webhook(f"{base}/events") == 200
        assert zalo.send_event("follow", stamp_in_header=in_header) == 200
    assert seen == ["follow"]
