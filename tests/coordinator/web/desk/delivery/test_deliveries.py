"""The list and the page of deliveries, and the actions of each role."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from campaigns.bulletins.bulletins import BulletinState
from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import DeliveryAct
from campaigns.core import journal
from campaigns.delivery.outbox import Attempt, AttemptOutcome, Delivery, DeliveryState
from campaigns.people.staff import Role
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.channels.zalo.errors import CODES, ErrorMeaning, error_for, picture_error
from coordinator.web.desk.delivery import queries
from coordinator.web.desk.delivery.problems import DeliveryFacts, ProblemAction, find_problem
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import APPROVER, DELIVERY_MODES, NOW, approved, channel, published


def delivery(
    desk: Desk,
    state: DeliveryState = DeliveryState.DUE,
    *,
    kind: str = "webhook",
    status: int | None = None,
    error: str = "",
    reason: str = "",
    title: str = "Lịch tiêm nhắc vắc-xin sởi",
) -> str:
    """Add one delivery in a state, with a last attempt if there is an error; returns its public id."""
    with desk.database.write() as session:
        made = channel(session, kind, settings={"page_url": "https://kenh.example/dang"} if kind == "manual" else {})
        bulletin = published(session, title=title)
        row = session.execute(
            select(Delivery).where(Delivery.bulletin_id == bulletin.id, Delivery.channel_id == made.id)
        ).scalar_one()
        row.state, row.reason = state, reason
        if state is not DeliveryState.DUE:
            row.due_at = NOW + timedelta(hours=3) if state is DeliveryState.RETRYING else None
        if error or status:
            outcome = {
                DeliveryState.UNKNOWN: AttemptOutcome.UNKNOWN,
                DeliveryState.DEAD: AttemptOutcome.REFUSED,
            }.get(state, AttemptOutcome.FAILED)
            session.add(
                Attempt(
                    delivery_id=row.id, at=NOW, ended_at=NOW + timedelta(seconds=3), outcome=outcome,
                    status=status, error=error,
                )
            )  # fmt: skip
        return row.public


def now_of(desk: Desk, ident: str) -> Delivery:
    with desk.database.read() as session:
        return session.execute(select(Delivery).where(Delivery.public == ident)).scalar_one()


def test_nobody_sees_deliveries_without_signing_in(desk: Desk) -> None:
    ident = delivery(desk)
    for path in ("/desk/deliveries", f"/desk/deliveries/{ident}"):
        answer = desk.client.get(path)
        assert answer.status_code == 302
        assert "/login" in answer.headers["Location"]


def test_the_list_opens_on_what_waits_for_a_person(desk: Desk) -> None:
    delivery(desk, DeliveryState.DELIVERED, title="Bản tin đã tới nơi")
    delivery(desk, DeliveryState.UNKNOWN, error="the answer was lost", title="Bản tin chưa rõ kết quả")
    desk.sign_in(Role.ANALYST)
    page = desk.get("/desk/deliveries")
    assert "Bản tin chưa rõ kết quả" in page
    assert "Bản tin đã tới nơi" not in page
    assert "Cần xử lý (1)" in page
    everything = desk.get("/desk/deliveries?view=all")
    assert "Bản tin đã tới nơi" in everything


def test_an_address_with_a_filter_is_not_narrowed_further(desk: Desk) -> None:
    delivery(desk, DeliveryState.UNKNOWN, title="Bản tin chưa rõ kết quả")
    ident = delivery(desk, DeliveryState.DELIVERED, title="Bản tin đã tới nơi")
    with desk.database.read() as session:
        code = session.execute(select(Delivery).where(Delivery.public == ident)).scalar_one().bulletin.code
    desk.sign_in(Role.WRITER)
    page = desk.get(f"/desk/deliveries?bulletin={code}")
    assert "Bản tin đã tới nơi" in page
    assert "Bản tin chưa rõ kết quả" not in page
    assert "Bản tin đã tới nơi" in desk.get("/desk/deliveries?state=delivered")


def test_a_page_beyond_the_end_is_the_last_and_a_filter_may_match_nothing(desk: Desk) -> None:
    delivery(desk, title="Bản tin đang chờ")
    desk.sign_in(Role.WRITER)
    assert "Bản tin đang chờ" in desk.get("/desk/deliveries?view=all&state=&page=-4")
    assert "Bản tin đang chờ" in desk.get("/desk/deliveries?view=all&page=999")
    assert "không có lượt phát nào hợp" in desk.get("/desk/deliveries?state=dead").lower()


def test_deliveries_stand_under_their_bulletin_with_sums_and_what_did_not_arrive_first(desk: Desk) -> None:
    with desk.database.write() as session:
        for number in range(8):
            channel(session).name = f"Kênh số {number}"
        first = published(session, title="Bản tin có nhiều kênh").code
        rows = session.execute(select(Delivery).order_by(Delivery.id)).scalars().all()
        for row in rows[1:]:
            row.state, row.due_at = DeliveryState.DELIVERED, None
        rows[0].state, rows[0].due_at = DeliveryState.UNKNOWN, None
        later = published(session, title="Bản tin sau").code
    desk.sign_in(Role.ANALYST)
    page = Page(desk.get("/desk/deliveries?view=all"))
    later_group, group = page.tree.css("details.group")
    assert later in later_group.text()
    assert first in group.text()
    assert [pill.text(strip=True) for pill in group.css("summary .pill")] == ["Chưa rõ kết quả (1)", "Đã tới (7)"]
    shown = [cell.text() for cell in group.css("tbody th")]
    assert len(shown) == queries.ROWS_IN_GROUP
    assert "Kênh số 0" in shown[0]
    assert "1–2 trong 2 · 16 lượt phát" in page.words("footer")[0]
    (rest,) = [link for link in group.css("a") if "cả 8 lượt phát" in link.text()]
    alone = Page(desk.get(str(rest.attributes["href"])))
    assert len(alone.tree.css("tbody tr")) == 8
    assert "1–8 trong 8" in alone.words("footer")[0]
    only = Page(desk.get("/desk/deliveries?state=unknown"))
    (group,) = only.tree.css("details.group")
    assert "open" in group.attributes
    assert [pill.text(strip=True) for pill in group.css("summary .pill")] == ["Chưa rõ kết quả (1)"]


def test_the_list_has_pages_of_bulletins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "GROUPS_ON_PAGE", 2)
    for number in range(3):
        delivery(desk, DeliveryState.DELIVERED, title=f"Bản tin thứ {number}")
    desk.sign_in(Role.ANALYST)
    titles = Page(desk.get("/desk/deliveries?view=all&page=2")).words("details.group b")
    assert titles == ["Bản tin thứ 0"]


def test_an_empty_list_says_what_it_is_for(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    assert "xuất hiện ở đây khi một bản tin được phát hành" in desk.get("/desk/deliveries")


def test_the_page_tells_every_try_with_the_answer_and_the_words(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.DEAD, status=401, error="answered 401: bad signature", reason="refused")
    desk.sign_in(Role.APPROVER)
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Lần 1: Bị từ chối" in page
    assert "Máy nhận trả lời 401 sau 3 giây" in page
    assert "answered 401: bad signature" in page
    assert "không chấp nhận chữ ký" in page
    assert ident in page  # the key that keeps it from being sent twice


TRIES = [
    (AttemptOutcome.FAILED, 503, "answered 503", "Máy nhận đang gặp lỗi (503)."),
    (AttemptOutcome.FAILED, None, "a.example: Connection refused", "Không liên lạc được với máy nhận."),
    (
        AttemptOutcome.REFUSED,
        404,
        "the post is no longer there: the site has removed it",
        "bên nhận đã gỡ nên không sửa được",
    ),
    (
        AttemptOutcome.REFUSED,
        404,
        "answered 404: rest_post_invalid_id: Invalid post ID.",
        "bên nhận đã gỡ nên không sửa được",
    ),
    (AttemptOutcome.REFUSED, 404, "answered 404: Record not found", "bên nhận đã gỡ nên không sửa được"),
    (AttemptOutcome.REFUSED, 404, "answered 404", "Địa chỉ nhận của kênh không đúng (404)."),
    (AttemptOutcome.REFUSED, 401, "the site takes us for nobody (401)", "không nhận ra tên người dùng hoặc mật khẩu"),
    (AttemptOutcome.UNKNOWN, 200, "the site answered something that is not WordPress's", "trả lời bằng thứ khác"),
    (AttemptOutcome.DELIVERED, 200, "waits there as pending", "chờ biên tập viên ở đó duyệt"),
    (AttemptOutcome.DELIVERED, 200, "waits there as pending; found by its slug", "máy tìm thấy bài nên không đăng lại"),
    (AttemptOutcome.DELIVERED, 200, "this server deletes no posts: …; its picture is still there", "gỡ ảnh bằng tay"),
]


@pytest.mark.parametrize(("outcome", "status", "error", "words"), TRIES)
def test_every_try_on_the_timeline_is_reported_in_plain_words_before_the_other_sides_own(
    desk: Desk, outcome: AttemptOutcome, status: int | None, error: str, words: str
) -> None:
    ident = delivery(desk, DeliveryState.DELIVERED)
    with desk.database.write() as session:
        row = session.execute(select(Delivery).where(Delivery.public == ident)).scalar_one()
        session.add(Attempt(delivery_id=row.id, at=NOW, ended_at=NOW, outcome=outcome, status=status, error=error))
    desk.sign_in(Role.WRITER)
    (story,) = [word for word in Page(desk.get(f"/desk/deliveries/{ident}")).words(".timeline li") if "Lần 1" in word]
    assert story.index(words) < story.index(f"Nguyên văn: {error}")


def test_a_delivery_in_the_hands_of_a_worker_says_when_it_is_taken_up_again_should_that_end(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.SENDING)
    with desk.database.write() as session:
        row = session.execute(select(Delivery).where(Delivery.public == ident)).scalar_one()
        row.lease_until = datetime(2026, 11, 24, 2, 5, 9, tzinfo=UTC)
    desk.sign_in(Role.WRITER)
    assert "được làm tiếp sau 09:05:09" in Page(desk.get(f"/desk/deliveries/{ident}")).words(".timeline")[0]
    with desk.database.write() as session:
        row = session.execute(select(Delivery).where(Delivery.public == ident)).scalar_one()
        row.state = DeliveryState.DELIVERED
    assert "được làm tiếp sau" not in desk.get(f"/desk/deliveries/{ident}")


def test_a_page_that_is_not_there_is_404(desk: Desk) -> None:
    desk.sign_in(Role.WRITER)
    desk.get("/desk/deliveries/dlv_none", 404)


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.APPROVER, True), (Role.ADMIN, True), (Role.WRITER, False), (Role.ANALYST, False)]
)
def test_retrying_is_for_approvers_and_administrators(desk: Desk, role: Role, allowed: bool) -> None:
    ident = delivery(desk, DeliveryState.DEAD, status=503, error="answered 503", reason="tries_used_up")
    desk.sign_in(role)
    assert (f"/desk/deliveries/{ident}/retry" in desk.get(f"/desk/deliveries/{ident}")) is allowed
    assert (f"/desk/deliveries/{ident}/retry" in desk.get("/desk/deliveries")) is allowed
    answer = desk.post(f"/desk/deliveries/{ident}/retry")
    assert answer.status_code == (303 if allowed else 403)
    assert now_of(desk, ident).state is (DeliveryState.RETRYING if allowed else DeliveryState.DEAD)
    assert ("delivery" in desk.runner.kinds) is allowed


def test_a_retry_keeps_the_key_and_is_journalled(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.DEAD, status=503, error="answered 503", reason="tries_used_up")
    desk.sign_in(Role.APPROVER)
    desk.post(f"/desk/deliveries/{ident}/retry")
    assert now_of(desk, ident).key == ident
    with desk.database.read() as session:
        assert [entry.act for entry in journal.history(session, "delivery", ident)] == ["delivery.retried"]


def test_a_retry_of_what_has_arrived_is_refused_with_a_sentence(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.DELIVERED)
    desk.sign_in(Role.APPROVER)
    answer = desk.post(f"/desk/deliveries/{ident}/retry", follow_redirects=True)
    assert "không thử lại được nữa" in answer.text
    assert now_of(desk, ident).state is DeliveryState.DELIVERED


def test_a_form_without_its_token_changes_nothing(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.DEAD, reason="refused", status=400)
    desk.sign_in(Role.APPROVER)
    assert desk.client.post(f"/desk/deliveries/{ident}/retry").status_code == 400
    assert now_of(desk, ident).state is DeliveryState.DEAD


def test_an_unknown_one_is_settled_as_posted_with_its_address(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.UNKNOWN, error="the answer was lost")
    desk.sign_in(Role.ANALYST)
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Không rõ bài đã đăng hay chưa" in page
    assert "Chưa đăng, gửi lại" in page
    answer = desk.post(f"/desk/deliveries/{ident}/settle", {"outcome": "arrived", "url": "https://kenh.example/bai/1"})
    assert answer.status_code == 303
    row = now_of(desk, ident)
    assert (row.state, row.url) == (DeliveryState.DELIVERED, "https://kenh.example/bai/1")
    assert "https://kenh.example/bai/1" in desk.get(f"/desk/deliveries/{ident}")


@pytest.mark.parametrize(("outcome", "state"), [("again", DeliveryState.RETRYING), ("drop", DeliveryState.DEAD)])
def test_an_unknown_one_that_is_not_there_goes_again_or_is_given_up(
    desk: Desk, outcome: str, state: DeliveryState
) -> None:
    ident = delivery(desk, DeliveryState.UNKNOWN)
    desk.sign_in(Role.APPROVER)
    assert desk.post(f"/desk/deliveries/{ident}/settle", {"outcome": outcome}).status_code == 303
    assert now_of(desk, ident).state is state


def test_given_up_by_a_person_no_longer_waits_for_one(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.UNKNOWN)
    desk.sign_in(Role.APPROVER)
    desk.post(f"/desk/deliveries/{ident}/settle", {"outcome": "drop"})
    assert "Cần xử lý (0)" in desk.get("/desk/deliveries")


def test_a_dead_one_ends_with_a_reason_and_that_of_a_recalled_bulletin_ends_by_itself(desk: Desk) -> None:
    desk.sign_in(Role.APPROVER)
    ident = delivery(desk, DeliveryState.DEAD, status=422, error="no", reason="refused")
    address = f"/desk/deliveries/{ident}"
    assert "Cần xử lý (1)" in desk.get("/desk/deliveries")
    silent = desk.post(f"{address}/settle", {"outcome": "drop", "note": " "})
    assert silent.status_code == 422
    assert Page(silent.text).errors() == {"note": "Ghi rõ lý do để người khác hiểu"}
    assert desk.post(f"{address}/settle", {"outcome": "again"}).status_code == 303
    assert "không cần kết luận" in desk.get(address)
    desk.post(f"{address}/settle", {"outcome": "drop", "note": "Đối tác đã đóng trang"})
    page = desk.get(address)
    assert "Đối tác đã đóng trang" in page
    assert "Kết thúc lượt này" not in page
    assert "Cần xử lý (0)" in desk.get("/desk/deliveries")
    other = delivery(desk, DeliveryState.DEAD, status=422, error="no")
    with desk.database.write() as session:
        row = session.execute(select(Delivery).where(Delivery.public == other)).scalar_one()
        row.bulletin.state, row.bulletin.recalled_at = BulletinState.RECALLED, desk.office.now()
    assert "Cần xử lý (0)" in desk.get("/desk/deliveries")
    page = desk.get(f"/desk/deliveries/{other}")
    assert "Bản tin đã thu hồi, nên lượt không tới này" in page
    assert "Gửi lại tới" not in page
    answer = desk.post(f"/desk/deliveries/{other}/retry")
    assert "đã thu hồi, nên lượt này không gửi lại" in desk.get(answer.location or "")


def test_a_conclusion_that_is_missing_or_a_bad_address_comes_back_with_its_words(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.UNKNOWN)
    desk.sign_in(Role.APPROVER)
    nothing = desk.post(f"/desk/deliveries/{ident}/settle", {})
    assert nothing.status_code == 422
    assert "Chọn một kết luận" in nothing.text
    wrong = desk.post(f"/desk/deliveries/{ident}/settle", {"outcome": "arrived", "url": "javascript:alert(1)"})
    assert wrong.status_code == 422
    assert "Nhập địa chỉ bắt đầu bằng http" in wrong.text
    assert 'value="javascript:alert(1)"' in wrong.text  # the typed text is kept, as text
    assert now_of(desk, ident).state is DeliveryState.UNKNOWN


def test_a_writer_does_not_settle(desk: Desk) -> None:
    ident = delivery(desk, DeliveryState.UNKNOWN)
    desk.sign_in(Role.WRITER)
    assert f"/desk/deliveries/{ident}/settle" not in desk.get(f"/desk/deliveries/{ident}")
    assert desk.post(f"/desk/deliveries/{ident}/settle", {"outcome": "drop"}).status_code == 403


def test_a_manual_channel_offers_the_text_to_copy_and_takes_the_address(desk: Desk) -> None:
    ident = delivery(desk, kind="manual", title="Thông báo đăng tay")
    desk.sign_in(Role.APPROVER)
    assert "Thông báo đăng tay" in desk.get("/desk/deliveries")  # it waits for a person
    page = desk.get(f"/desk/deliveries/{ident}")
    assert 'data-copy="copy-text"' in page
    assert "trạm y tế 30 phường" in page
    assert "/republish" in page
    assert "https://kenh.example/dang" in page
    assert "Chưa đăng, gửi lại" not in page  # no adapter can send it
    desk.post(f"/desk/deliveries/{ident}/settle", {"outcome": "arrived", "url": "https://kenh.example/bai/9"})
    assert now_of(desk, ident).state is DeliveryState.DELIVERED


def test_a_manual_channel_shows_nothing_to_post_before_the_release(desk: Desk) -> None:
    with desk.database.write() as session:
        channel(session, "manual")
        bulletin = approved(session)
        later = desk.office.now() + timedelta(hours=4)
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, at=later, now=NOW)
        ident = session.execute(select(Delivery.public).where(Delivery.bulletin_id == bulletin.id)).scalar_one()
    desk.sign_in(Role.APPROVER)
    assert "Cần xử lý (0)" in desk.get("/desk/deliveries")
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Chưa tới giờ phát hành" in page
    assert "data-copy" not in page


def test_a_recall_at_a_manual_channel_says_what_to_take_down(desk: Desk) -> None:
    ident = delivery(desk, kind="manual")
    with desk.database.write() as session:
        row = session.execute(select(Delivery).where(Delivery.public == ident)).scalar_one()
        row.act, row.note = DeliveryAct.RECALL, "sai số liệu"
    desk.sign_in(Role.APPROVER)
    page = desk.get(f"/desk/deliveries/{ident}")
    assert "Gỡ bài đã đăng" in page
    assert "sai số liệu" in page


CASES = [
    (DeliveryFacts(DeliveryState.DELIVERED), None, None),
    (DeliveryFacts(DeliveryState.UNKNOWN, error="the answer was lost"), "không trả lời kịp", ProblemAction.SETTLE),
    (
        DeliveryFacts(DeliveryState.UNKNOWN, error="the worker ended in the middle of sending"),
        "dừng giữa chừng",
        ProblemAction.SETTLE,
    ),
    (DeliveryFacts(DeliveryState.DEAD, "refused", 404), "Địa chỉ nhận của kênh không đúng", ProblemAction.RETRY),
    (DeliveryFacts(DeliveryState.DEAD, "refused", 413), "quá lớn", ProblemAction.RETRY),
    (DeliveryFacts(DeliveryState.DEAD, "endpoint_gone", 410), "không còn nữa", ProblemAction.CHANNEL),
    (DeliveryFacts(DeliveryState.DEAD, "tries_used_up", 503), "hết số lần", ProblemAction.RETRY),
    (DeliveryFacts(DeliveryState.DEAD, "not_sent"), "ghi nhận là không đăng", ProblemAction.NOTHING),
    (DeliveryFacts(DeliveryState.RETRYING, "", 429), "xin chậm lại", ProblemAction.RETRY),
    (DeliveryFacts(DeliveryState.RETRYING, "", 302), "chuyển sang địa chỉ khác", ProblemAction.RETRY),
    (
        DeliveryFacts(DeliveryState.RETRYING, channel=ChannelState.NEEDS_AUTHORISATION),
        "hết quyền đăng",
        ProblemAction.CHANNEL,
    ),
    (DeliveryFacts(DeliveryState.DUE, channel=ChannelState.PAUSED), "tạm dừng", ProblemAction.CHANNEL),
    (
        DeliveryFacts(DeliveryState.RETRYING, error="a.example: nobody takes the connection"),
        "Không liên lạc được",
        ProblemAction.RETRY,
    ),
    (
        DeliveryFacts(DeliveryState.RETRYING, error="Zalo error -211: the quota is used up"),
        "hết số bài",
        ProblemAction.RETRY,
    ),
    (DeliveryFacts(DeliveryState.CANCELLED, "overtaken"), "đính chính mới hơn", ProblemAction.NOTHING),
    (DeliveryFacts(DeliveryState.SKIPPED, "never_received"), "không có gì để thu hồi", ProblemAction.NOTHING),
    (DeliveryFacts(DeliveryState.DUE, manual=True), "do người đăng", ProblemAction.POST),
    (DeliveryFacts(DeliveryState.DUE, manual=True, act=DeliveryAct.CORRECT), "do người đăng", ProblemAction.POST),
    (DeliveryFacts(DeliveryState.DUE, manual=True, released=False), "Chưa tới giờ", ProblemAction.NOTHING),
    (DeliveryFacts(DeliveryState.DUE, pulled=True), "Chờ đối tác", ProblemAction.NOTHING),
    (DeliveryFacts(DeliveryState.DUE), None, None),
]


@pytest.mark.parametrize(("facts", "words", "helps"), CASES)
def test_every_trouble_has_plain_words_and_the_act_that_helps(
    desk: Desk, facts: DeliveryFacts, words: str | None, helps: ProblemAction | None
) -> None:
    with desk.app.test_request_context("/"):
        problem = find_problem(facts)
    if words is None:
        assert problem is None
    else:
        assert problem is not None
        assert words in problem.words
        assert problem.help is helps


@pytest.mark.parametrize("state", [DeliveryState.RETRYING, DeliveryState.DEAD, DeliveryState.UNKNOWN])
def test_every_code_of_zalo_has_words_of_its_own_and_says_what_to_do(desk: Desk, state: DeliveryState) -> None:
    reason = "refused" if state is DeliveryState.DEAD else ""
    for code in (*CODES, -777):
        error = str(error_for(code, "as Zalo says it", repeatable=False, now=NOW))
        with desk.app.test_request_context("/"):
            problem = find_problem(DeliveryFacts(state, reason, error=error))
            usual = find_problem(DeliveryFacts(state, reason, error="no word of Zalo"))
        assert problem is not None
        assert usual is not None
        assert problem.words != usual.words, code
        if state is DeliveryState.UNKNOWN:
            assert problem.help is ProblemAction.SETTLE
        else:
            assert problem.advice != usual.advice, code


def test_no_two_senses_of_zalo_say_the_same(desk: Desk) -> None:
    with desk.app.test_request_context("/"):
        values = {sense: registry.error_message(f"Zalo error {code}") for code, sense in CODES.items()}
        values[ErrorMeaning.PICTURES] = registry.error_message(str(picture_error(-200, "", 60.0)))
    sentences = [(message.text, message.advice) for message in values.values() if message is not None]
    assert len(set(sentences)) == len(sentences) == len(ErrorMeaning)
