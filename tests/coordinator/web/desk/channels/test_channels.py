"""Channels: added by kind, their secrets shown at most once, paused after a confirmation, tested, and authorised."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel, ChannelState, find_channel
from campaigns.core import journal
from campaigns.people.staff import Role
from coordinator.channels.zalo.oauth import code_challenge
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.jobs.context import AppContext
from coordinator.web.desk.channels.responses import receipt_message
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

ZALO = {"app_id": "123", "oa_id": "456", "author": "Sở", "cover_url": "https://so.example/bia.jpg"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""


@dataclass
class FakeHttpClient:
    """The part of the HTTP client that adapters use. ``answers`` are returned in order; an empty list means no
    response."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, str, bytes | None]] = field(default_factory=list)

    def request(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        deadline: float, cap: int,
    ) -> Answer:  # fmt: skip
        self.asked.append((method, url, body))
        if not self.answers:
            raise RequestError("nobody takes the connection", kind=RequestErrorKind.UNREACHABLE)
        return self.answers.pop(0)


@pytest.fixture
def http_client(desk: Desk) -> FakeHttpClient:
    """Replace the HTTP client of this desk."""
    pretended = FakeHttpClient()
    place = replace(desk.office, http_client=pretended)  # type: ignore[arg-type]  # adapters use this much of it
    desk.app.extensions["lantoa"] = AppContext(place, desk.runner, desk.app_context.settings)
    return pretended


def only(desk: Desk) -> Channel:
    with desk.database.read() as session:
        return session.execute(sa.select(Channel)).scalar_one()


def secrets_of(desk: Desk) -> dict[str, str]:
    return desk.office.encryption.decrypt(only(desk).encrypted_secrets)


def webhook(desk: Desk, **more: str) -> str:
    """Add a webhook and return the address of its page."""
    answer = desk.post(
        "/desk/channels/_new/webhook",
        {"name": "Phố Tin", "settings.url": "https://photin.example/nhan", "every": "1"} | more,
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_every_offered_kind_has_a_form_with_its_settings(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    kinds = Page(desk.get("/desk/channels/_new"))
    for kind, field_name in (
        ("webhook", "settings.url"), ("zalo", "settings.oa_id"), ("lotus", "settings.profile_url"),
        ("feed", "settings.contact"), ("manual", "settings.instructions"),
    ):  # fmt: skip
        form = f"/_new/{kind}" if kind != "zalo" else "/_zalo/setup"  # the wizard leads to the form
        assert any(form in (node.attributes["href"] or "") for node in kinds.tree.css("a"))
        Page(desk.get(f"/desk/channels/_new/{kind}")).value(field_name)
    assert desk.client.get("/desk/channels/_new/memory").status_code == 404
    assert desk.client.get("/desk/channels/_new/fax").status_code == 404


def test_a_webhooks_secret_is_made_and_shown_exactly_once(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    secret = secrets_of(desk)["secret"]
    assert secret.startswith("whsec_")
    assert secret in desk.get(where)
    assert secret not in desk.get(where)
    assert secret not in desk.get(f"{where}/edit")
    with desk.client.session_transaction("/login") as visit:
        assert "once" not in visit


def test_a_secret_on_its_way_cannot_be_read_in_the_cookie(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    webhook(desk)
    with desk.client.session_transaction("/login") as visit:
        assert secrets_of(desk)["secret"] not in json.dumps(dict(visit))


def test_another_page_does_not_take_the_secret(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    secret = secrets_of(desk)["secret"]
    assert secret not in desk.get("/desk/channels/")
    assert secret in desk.get(where)


def test_bad_settings_come_back_at_their_fields_without_the_secret(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    answer = desk.post(
        "/desk/channels/_new/webhook", {"name": "", "settings.url": "ftp://x", "settings.secret": "nope", "every": "1"}
    )
    assert answer.status_code == 422
    page = Page(answer.text)
    assert set(page.errors()) == {"name", "settings-url", "settings-secret"}
    assert page.errors()["settings-url"].startswith("Nhập địa chỉ bắt đầu bằng http")
    assert page.value("settings.url") == "ftp://x"
    assert "nope" not in answer.text


def test_a_new_zalo_account_waits_for_its_grant_from_the_start(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    given = {f"settings.{name}": value for name, value in ZALO.items()}
    desk.post("/desk/channels/_new/zalo", given | {"name": "Zalo", "settings.app_secret": "kín", "every": "1"})
    channel = only(desk)
    assert channel.state is ChannelState.NEEDS_AUTHORISATION
    assert secrets_of(desk) == {"app_secret": "kín"}
    assert "kín" not in json.dumps(channel.settings)
    # An unchecked box means off, not "unchanged".
    assert channel.settings["escape_text"] is False


def test_a_change_keeps_the_secrets_that_are_not_given_again(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    before = secrets_of(desk)
    answer = desk.post(
        f"{where}/edit", {"name": "Phố Tin 2", "settings.url": "https://photin.example/moi", "topics": ["dich-benh"]}
    )
    assert answer.status_code == 303
    channel = only(desk)
    assert (channel.name, channel.settings["url"], channel.topics) == (
        "Phố Tin 2",
        "https://photin.example/moi",
        ["dich-benh"],
    )
    assert secrets_of(desk) == before


def test_a_new_signing_secret_signs_beside_the_old_one(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    old = secrets_of(desk)["secret"]
    desk.get(where)
    desk.post(
        f"{where}/edit",
        {"name": "Phố Tin", "settings.url": "https://photin.example/nhan", "every": "1", "renew_secret": "1"},
    )
    new = secrets_of(desk)
    assert new["secret"] != old
    assert new["previous_secret"] == old
    assert new["secret"] in desk.get(where)


def test_pausing_says_how_much_will_wait_before_it_does_anything(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    with desk.database.write() as session:
        factories.published(session)
        factories.published(session)
    page = Page(desk.get(f"{where}/pause"))
    assert page.has("2 lượt đang đợi sẽ đợi tiếp")
    assert only(desk).state is ChannelState.ACTIVE
    desk.post(f"{where}/pause")
    assert only(desk).state is ChannelState.PAUSED
    assert Page(desk.get(where)).has("Kênh đang tạm dừng: 2 lượt đang đợi")
    desk.runner.kinds.clear()
    desk.post(f"{where}/resume")
    assert only(desk).state is ChannelState.ACTIVE
    assert desk.runner.kinds == ["delivery"]


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("signed in as Sở VHTT; may write, pictures too", "Vào được với tên Sở VHTT; được gửi bài và ảnh."),
        (
            "signed in as Sở VHTT; may write, no pictures: it lacks upload_files",
            "Vào được với tên Sở VHTT; được gửi bài, không được tải ảnh lên.",
        ),
        (
            "sotttt: 12 followers, posts of up to 500 characters",
            "Tài khoản sotttt, 12 người theo dõi; một bài dài nhất 500 ký tự.",
        ),
        ("@tin_bot may post in Tin thành phố", "@tin_bot được đăng ở Tin thành phố."),
        ("what no adapter says", ""),
    ],
)
def test_what_a_channel_says_when_it_is_tried_is_reported_in_plain_words(desk: Desk, detail: str, words: str) -> None:
    with desk.app.test_request_context("/"):
        assert receipt_message(detail) == words


def test_trying_a_channel_tells_what_its_server_answered(desk: Desk, http_client: FakeHttpClient) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    desk.get(where)
    http_client.answers = [Answer(204)]
    assert desk.post(f"{where}/test").status_code == 303
    assert Page(desk.get(where)).has("trả lời tốt, chưa đăng gì cả")
    assert json.loads(http_client.asked[0][2] or b"")["type"] == "endpoint.test"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([], "Không nối được tới bên nhận"),
        ([Answer(403)], "Bên nhận từ chối chữ ký hoặc quyền (403)"),
        ([Answer(302, headers={"Location": "https://x.example/"})], "chuyển hướng (302)"),
        ([Answer(410)], "đã ngừng sử dụng (410)"),
        ([Answer(500)], "Máy chủ của bên nhận đang lỗi (500)"),
    ],
)
def test_a_refusal_is_reported_in_plain_words(
    desk: Desk, http_client: FakeHttpClient, answers: list[Answer], words: str
) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    http_client.answers = list(answers)
    desk.post(f"{where}/test")
    (text,) = Page(desk.get(where)).words("[role=alert]")
    assert words in text


def test_a_channel_that_cannot_be_tried_offers_no_button_and_refuses(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    desk.post("/desk/channels/_new/manual", {"name": "Bảng tin", "every": "1"})
    assert not Page(desk.get("/desk/channels/bang-tin")).has("Thử ngay")
    assert desk.post("/desk/channels/bang-tin/test").status_code == 409


def test_a_pulled_channel_shows_its_feeds_and_where_the_key_is_made(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    with desk.database.write() as session:
        factories.company(session, "Nền tảng A")
    desk.post("/desk/channels/_new/lotus", {"name": "Trang Lotus", "partner": "nen-tang-a", "every": "1"})
    page = Page(desk.get("/desk/channels/trang-lotus"))
    assert page.has("http://localhost:8800/feeds/KHÓA/ninjs.json")
    assert page.link("Tạo khóa ở trang của đối tác, gửi riêng cho đối tác") == "/desk/partners/nen-tang-a#khoa-doi-tac"


def zalo(desk: Desk, state: ChannelState = ChannelState.NEEDS_AUTHORISATION) -> None:
    with desk.database.write() as session:
        row = factories.channel(
            session, "zalo", settings=ZALO, encrypted_secrets=desk.office.encryption.encrypt({"app_secret": "kín"})
        )
        row.code, row.state = "zalo", state


def begun(desk: Desk) -> dict[str, list[str]]:
    answer = desk.client.get("/desk/channels/zalo/grant")
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    assert (parts.netloc, parts.path) == ("oauth.zaloapp.com", "/v4/oa/permission")
    return parse_qs(parts.query)


GRANTED = json.dumps({"access_token": "at", "refresh_token": "rt", "expires_in": "90000"}).encode()


def test_a_grant_goes_out_to_zalo_and_comes_back_to_a_working_channel(desk: Desk, http_client: FakeHttpClient) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk)
    asked = begun(desk)
    assert asked["redirect_uri"] == ["http://localhost:8800/desk/channels/_zalo/callback"]
    http_client.answers = [Answer(200, GRANTED)]
    answer = desk.client.get(f"/desk/channels/_zalo/callback?code=c&oa_id=456&state={asked['state'][0]}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/channels/zalo")
    form = parse_qs((http_client.asked[0][2] or b"").decode())
    assert form["code"] == ["c"]
    assert code_challenge(form["code_verifier"][0]) == asked["code_challenge"][0]
    assert secrets_of(desk)["refresh_token"] == "rt"
    assert only(desk).state is ChannelState.ACTIVE
    assert desk.runner.kinds == ["delivery", "broadcast", "account_check"]
    with desk.database.read() as session:
        assert [entry.act for entry in journal.history(session, "channel", "zalo")][-1:] == ["channel.resumed"]


@pytest.mark.parametrize("query", ["code=c&oa_id=456&state=other", "code=c&oa_id=456"])
def test_a_return_that_did_not_begin_here_changes_nothing(desk: Desk, http_client: FakeHttpClient, query: str) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk)
    begun(desk)
    desk.client.get(f"/desk/channels/_zalo/callback?{query}")
    assert http_client.asked == []
    assert only(desk).state is ChannelState.NEEDS_AUTHORISATION


def test_a_state_is_good_for_one_return(desk: Desk, http_client: FakeHttpClient) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk)
    state = begun(desk)["state"][0]
    http_client.answers = [Answer(200, GRANTED), Answer(200, GRANTED)]
    for _ in range(2):
        desk.client.get(f"/desk/channels/_zalo/callback?code=c&oa_id=456&state={state}")
    assert len(http_client.asked) == 1


def test_access_to_another_account_is_refused_in_words(desk: Desk, http_client: FakeHttpClient) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk)
    state = begun(desk)["state"][0]
    answer = desk.client.get(f"/desk/channels/_zalo/callback?code=c&oa_id=999&state={state}")
    (text,) = Page(desk.get(answer.headers["Location"])).words("[role=alert]")
    assert "Chưa nhận được quyền từ Zalo" in text
    assert only(desk).state is ChannelState.NEEDS_AUTHORISATION


def test_a_grant_that_was_declined_leaves_the_channel_as_it_was(desk: Desk, http_client: FakeHttpClient) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk)
    state = begun(desk)["state"][0]
    answer = desk.client.get(f"/desk/channels/_zalo/callback?state={state}")
    assert Page(desk.get(answer.headers["Location"])).has("Zalo không cấp quyền")
    assert http_client.asked == []


def test_a_channel_that_a_person_paused_stays_paused_after_a_grant(desk: Desk, http_client: FakeHttpClient) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk, ChannelState.PAUSED)
    http_client.answers = [Answer(200, GRANTED)]
    desk.client.get(f"/desk/channels/_zalo/callback?code=c&oa_id=456&state={begun(desk)['state'][0]}")
    assert only(desk).state is ChannelState.PAUSED


def test_only_a_zalo_channel_is_granted(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    assert desk.client.get(f"{where}/grant").status_code == 409


def test_the_list_tells_the_departments_own_from_partners_and_can_be_filtered(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    with desk.database.write() as session:
        factories.channel(session, "manual").name = "Bảng tin"
        broken = factories.channel(session, "webhook", company=factories.company(session, "Phố Tin"))
        broken.name, broken.state, broken.failures = "Máy nhận", ChannelState.FAILING, 7
    page = Page(desk.get("/desk/channels/"))
    assert page.rows("Kênh của cơ quan")[0][0].startswith("Bảng tin")
    (row,) = page.rows("Kênh của đối tác")
    assert row[1].startswith("Đang lỗi")
    assert row[-1] == "7"
    assert Page(desk.get("/desk/channels/?state=failing")).rows("Kênh của cơ quan") == []


def test_others_read_and_may_change_nothing(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    where = webhook(desk)
    desk.get(where)
    desk.sign_in(Role.APPROVER)
    page = Page(desk.get(where))
    assert page.tree.css("main form[method=post]") == []
    for path in ("/desk/channels/_new/webhook", f"{where}/edit", f"{where}/pause", f"{where}/resume", f"{where}/test"):
        assert desk.post(path, {"name": "X"}).status_code == 403
    with desk.database.read() as session:
        assert find_channel(session, "pho-tin").name == "Phố Tin"


@pytest.mark.parametrize("kind", ["mastodon", "facebook"])
def test_a_channel_whose_token_was_replaced_can_be_let_go_on(desk: Desk, kind: str) -> None:
    desk.sign_in(Role.ADMIN)
    values = {"server_url": "https://mxh.example", "account": "so"} if kind == "mastodon" else {"page_id": "12"}
    with desk.database.write() as session:
        row = factories.channel(session, kind, settings=values)
        row.code, row.state = "tai-khoan", ChannelState.NEEDS_AUTHORISATION
    link = Page(desk.get("/desk/channels/tai-khoan")).link("Chạy tiếp…")
    assert link.endswith("/desk/channels/tai-khoan/resume")
    desk.post(link)
    assert only(desk).state is ChannelState.ACTIVE


def test_a_zalo_account_without_its_grant_is_not_simply_let_go_on(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    zalo(desk)
    assert "Chạy tiếp…" not in desk.get("/desk/channels/zalo")
