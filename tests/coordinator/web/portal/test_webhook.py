"""A partner's webhook: set up, tested against a real server, its secret replaced, both valid for a while, its log."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from campaigns.channels.channels import Channel, ChannelState, pause
from campaigns.channels.transport import DeliveryAct
from campaigns.core import journal
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from campaigns.partners.directory import find_company
from campaigns.people.staff import Role
from coordinator.http.client import HttpClient
from tests import factories
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.portal.conftest import Portal
from tests.coordinator.web.portal.editors import COMPANY_CODE, enter_as_editor
from tests.factories import ADMIN, NOW


@pytest.fixture
def server(portal: Portal) -> Iterator[HostileServer]:
    """The partner's own server, which the settings allow to be called."""
    with HostileServer() as made:
        place = f"127.0.0.1:{made.port}"
        settings = portal.desk.app_context.settings.model_copy(update={"allow_hosts": place})
        office = replace(portal.desk.office, http_client=HttpClient(user_agent="test", allow_hosts=frozenset({place})))
        app = replace(portal.desk.app_context, job_context=office, settings=settings)
        portal.desk.app.extensions["lantoa"] = app
        enter_as_editor(portal)
        made.text("/hook", "{}")
        yield made


def send(portal: Portal, path: str, **form: str) -> Page:
    return Page(portal.desk.post(f"/portal/push{path}", form, follow_redirects=True).text)


def channel(portal: Portal) -> Channel:
    with portal.desk.database.read() as session:
        return session.execute(sa.select(Channel).where(Channel.kind == "webhook")).scalar_one()


def signed_with(secret: str, call: object) -> bool:
    """Whether one of a request's signatures was made with a secret."""
    headers, body = call.headers, call.body  # type: ignore[attr-defined]  # the server's own record
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mine = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return mine in headers["webhook-signature"].split()


def test_an_address_is_set_once_its_secret_shown_once_and_tried(portal: Portal, server: HostileServer) -> None:
    page = send(portal, "/address", url=server.url("/hook"))
    (secret,) = page.words("#khoa")
    assert secret not in portal.desk.get("/portal/push")
    row = channel(portal)
    assert (row.company_id is not None, row.topics, row.settings) == (
        True, None, {"url": server.url("/hook"), "whole_text": False},
    )  # fmt: skip
    page = send(portal, f"/{row.code}/test")
    assert page.has("Máy chủ của đơn vị trả lời 200: đã nhận.")
    assert signed_with(secret, server.calls[-1])
    assert send(portal, f"/{row.code}/test").has("Vừa thử cách đây vài giây.")
    assert len(server.calls) == 1
    portal.desk.office.clock.forward(seconds=11)
    server.text("/hook", "x", "500 Internal Server Error")
    assert send(portal, f"/{row.code}/test").has("Máy chủ của đơn vị đang lỗi (500).")
    with portal.desk.database.read() as session:
        acts = session.execute(
            sa.select(journal.JournalEntry.act, journal.JournalEntry.actor).order_by(journal.JournalEntry.seq)
        ).all()
    actor_id = "editor:lan@nhipsong.vn"
    assert [tuple(act) for act in acts[-3:]] == [
        ("channel.added", actor_id), ("channel.tested", actor_id), ("channel.tested", actor_id),
    ]  # fmt: skip


def test_a_partner_chooses_that_the_whole_text_comes_along_and_a_new_address_keeps_it(
    portal: Portal, server: HostileServer
) -> None:
    send(portal, "/address", url=server.url("/hook"))
    code = channel(portal).code
    page = send(portal, "/address", code=code, url=server.url("/hook"), whole_text="1")
    assert page.has("Đã lưu. Tin gửi từ nay theo thiết lập mới.")
    assert channel(portal).settings == {"url": server.url("/hook"), "whole_text": True}
    assert page.tree.css_first("input[name=whole_text][checked]") is not None
    send(portal, "/address", code=code, url=server.url("/khac"), whole_text="1")
    assert channel(portal).settings == {"url": server.url("/khac"), "whole_text": True}
    assert send(portal, "/address", code=code, url=server.url("/khac"), whole_text="1").has("Không có gì thay đổi.")
    send(portal, "/address", code=code, url=server.url("/khac"))
    assert channel(portal).settings["whole_text"] is False
    wrong = Page(portal.desk.post("/portal/push/address", {"code": code, "url": "", "whole_text": "1"}).text)
    assert wrong.tree.css_first("input[name=whole_text][checked]") is not None


def test_a_new_secret_signs_beside_the_former_and_no_third_cuts_it_off(portal: Portal, server: HostileServer) -> None:
    (first,) = send(portal, "/address", url=server.url("/hook")).words("#khoa")
    code = channel(portal).code
    (second,) = send(portal, f"/{code}/secret").words("#khoa")
    page = send(portal, f"/{code}/secret")
    assert page.words("#khoa") == []
    assert page.has("khóa cũ còn hiệu lực; kết thúc khóa cũ trước khi đổi lần nữa")
    send(portal, f"/{code}/test")
    assert [signed_with(text, server.calls[-1]) for text in (first, second)] == [True, True]
    assert send(portal, f"/{code}/secret", drop="1").has("Khóa cũ đã ngừng ký.")
    portal.desk.office.clock.forward(seconds=11)
    send(portal, f"/{code}/test")
    assert [signed_with(text, server.calls[-1]) for text in (first, second)] == [False, True]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Mục này không được để trống"),
        ("http://nhan.example/", "Địa chỉ phải bắt đầu bằng https://: qua http://, ai ở giữa đường cũng đọc được tin"),
        ("https://10.1.2.3/hook", "Không gọi tới được địa chỉ này"),
        ("https://[::1]/hook", "Không gọi tới được địa chỉ này"),
        ("https://localhost/hook", "Không gọi tới được địa chỉ này"),
        ("https://nhan.example:8443/", "Không gọi tới được địa chỉ này"),
        ("https://a:b@nhan.example/", "Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên"),
        ("ftp://nhan.example/", "Nhập địa chỉ bắt đầu bằng http:// hoặc https://, không có tên"),
    ],
)
def test_an_address_that_cannot_be_called_comes_back(
    portal: Portal, server: HostileServer, url: str, words: str
) -> None:
    answer = portal.desk.post("/portal/push/address", {"url": url})
    assert answer.status_code == 422
    (text,) = Page(answer.text).errors().values()
    assert text.startswith(words)
    assert Page(answer.text).value("url") == url
    with portal.desk.database.read() as session:
        assert session.execute(sa.select(Channel)).first() is None


def test_what_a_partner_receives_is_not_widened_and_a_second_push_is_not_made(
    portal: Portal, server: HostileServer
) -> None:
    with portal.desk.database.write() as session:
        factories.channel(session, "feed", company=find_company(session, COMPANY_CODE), topics=["dich-benh"])
    send(portal, "/address", url=server.url("/hook"))
    assert channel(portal).topics == ["dich-benh"]
    assert send(portal, "/address", url=server.url("/other")).has("Đã có webhook")


def test_a_channel_that_the_department_paused_stays_so_and_one_that_failed_goes_on(
    portal: Portal, server: HostileServer
) -> None:
    send(portal, "/address", url=server.url("/hook"))
    code = channel(portal).code
    with portal.desk.database.write() as session:
        row = session.execute(sa.select(Channel).where(Channel.code == code)).scalar_one()
        row.state, row.failures = ChannelState.FAILING, 9
    send(portal, "/address", url=server.url("/moved"), code=code)
    assert (channel(portal).state, channel(portal).failures) == (ChannelState.ACTIVE, 0)
    assert portal.desk.runner.kinds[-1] == "delivery"
    with portal.desk.database.write() as session:
        pause(session, ADMIN, session.execute(sa.select(Channel).where(Channel.code == code)).scalar_one(), now=NOW)
    assert send(portal, "/address", url=server.url("/hook"), code=code).has("Sở đang tạm dừng kênh này")
    assert channel(portal).state is ChannelState.PAUSED


def test_the_log_says_what_was_sent_what_came_back_and_what_to_do(portal: Portal, server: HostileServer) -> None:
    send(portal, "/address", url=server.url("/hook"))
    code = factories_published(portal)
    with portal.desk.database.write() as session:
        delivery = session.execute(sa.select(Delivery).where(Delivery.act == DeliveryAct.PUBLISH)).scalar_one()
        delivery.state = DeliveryState.RETRYING
        at = portal.desk.office.now()
        failed = {"outcome": AttemptOutcome.FAILED, "status": 403, "error": "answered 403"}
        session.add(Attempt(delivery_id=delivery.id, at=at, ended_at=at, **failed))
        name = session.get_one(Channel, delivery.channel_id).name
    (row,) = portal.page("/push").rows(f"Đã gửi tới {name}")
    assert row[0].startswith(code)
    assert "403" in row[3]
    assert "Đối chiếu khóa ký ở máy chủ của đơn vị. Máy sẽ tự gửi lại." in row[3]


def factories_published(portal: Portal) -> str:
    with portal.desk.database.write() as session:
        return factories.published(session, title="Phun thuốc", now=portal.desk.office.now()).code


def test_anothers_push_and_the_departments_own_are_nobodys(portal: Portal, server: HostileServer) -> None:
    with portal.desk.database.write() as session:
        other = find_company(session, "cong-ty-cp-truyen-thong-cong-tin-sang")
        codes = [
            factories.channel(session, company=other, settings={"url": "https://bi-mat.example/"}).code,
            factories.channel(session, settings={"url": "https://cua-so.example/"}).code,
        ]
    text = portal.desk.get("/portal/push")
    assert "bi-mat.example" not in text
    assert "cua-so.example" not in text
    for code in codes:
        for path in (f"/{code}/test", f"/{code}/secret"):
            assert portal.desk.post(f"/portal/push{path}").status_code == 404
        form = {"code": code, "url": server.url("/hook")}
        assert portal.desk.post("/portal/push/address", form).status_code == 404
    assert server.calls == []


def test_staff_see_at_the_desk_what_the_partner_set(portal: Portal, server: HostileServer) -> None:
    send(portal, "/address", url=server.url("/hook"))
    portal.desk.sign_in(Role.ANALYST)
    assert server.url("/hook") in portal.desk.get(f"/desk/channels/{channel(portal).code}")
