"""The Zalo channel from end to end against the sandbox, through the product's own HTTP client."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from campaigns.channels.transport import (
    ChannelNeed,
    DeliveryAct,
    Message,
    MessageMedium,
    PostCounts,
    Receipt,
    TransportError,
)
from coordinator.channels.zalo.transport import ZaloTransport
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo, ZaloFault
from coordinator.demo.sandbox_zalo_account import SandboxAccount, ZaloArticle
from tests import sample_media
from tests.coordinator.channels.fakes import (
    Clock,
    MemorySecrets,
    ScriptedHttpClient,
    loopback_client,
    message,
    reply,
    video,
)

CREATE, UPDATE, VERIFY, REMOVE = (f"/v2.0/article/{act}" for act in ("create", "update", "verify", "remove"))
PREPARE, ASK = (f"/v2.0/article/upload_video/{act}" for act in ("preparevideo", "verify"))
LIST, TOKENS, ACCOUNT = "/v2.0/article/getslice", "/v4/oa/access_token", "/v2.0/oa/getoa"


@dataclass(frozen=True)
class World:
    """One sandbox account and the channel that posts to it."""

    zalo: SandboxZalo
    base: str
    vault: MemorySecrets
    clock: Clock
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def channel(self) -> ZaloTransport:
        """A new adapter for every call, as the jobs make them."""
        values = {
            "app_id": self.zalo.account.app_id,
            "oa_id": self.zalo.account.oa_id,
            "author": "Sở Thông tin Thủ đô",
            "cover_url": "https://tin.thudo.example/bia.png",
            "api_base": self.base,
            "oauth_base": self.base,
            **self.more,
        }
        return ZaloTransport("zalo-thu-do", values, self.vault, loopback_client(), self.clock)

    def publish(self, wanted: Message) -> Receipt:
        """Send and ask until it is done."""
        return self.settle(self.channel.send(wanted))

    def settle(self, receipt: Receipt) -> Receipt:
        for _ in range(10):
            if receipt.done:
                return receipt
            assert receipt.token is not None
            receipt = self.channel.poll(receipt.token)
        raise AssertionError("the sandbox never finished")

    def fail(self, path: str, kind: str, **more: Any) -> None:
        self.zalo.faults.append(ZaloFault(path, kind, **more))

    def posts(self) -> list[ZaloArticle]:
        return list(self.zalo.account.articles.values())

    def fill(self, number: int) -> None:
        """Other articles of the account, newer than any that stands."""
        for position in range(number):
            self.clock.move(seconds=1)
            content = {"type": "normal", "title": f"Bài khác {position}", "status": "show", "cover": {}}
            moment = int(self.clock().timestamp() * 1000)
            article = ZaloArticle(f"other-{len(self.posts())}", content, moment, moment)
            self.zalo.account.articles[article.id] = article


@pytest.fixture
def world() -> Iterator[World]:
    clock = Clock()
    zalo = SandboxZalo(SandboxAccount(now=clock))
    access, refresh = zalo.account.issue()
    vault = MemorySecrets(
        app_secret=zalo.account.app_secret,
        access_token=access,
        refresh_token=refresh,
        expires_at=(clock() + timedelta(seconds=90_000)).isoformat(),
    )
    with SandboxServer(zalo.app) as base:
        yield World(zalo, base, vault, clock)


def test_a_bulletin_becomes_an_article_that_readers_can_open(world: World) -> None:
    first = world.channel.send(message())
    assert not first.done
    assert first.token is not None
    assert [world.channel.poll(first.token).done for _ in range(3)] == [False, False, True]
    receipt = world.channel.poll(first.token)
    (article,) = world.posts()
    assert receipt.remote_id == article.id
    assert receipt.url == f"{world.base}/d/{article.id}"
    page = requests.get(receipt.url, timeout=30).text
    assert message().title in page
    assert "Mang theo thẻ bảo hiểm." in page
    assert message().url in page
    assert "SANDBOX – not Zalo" in page


def test_a_correction_replaces_the_article_under_the_same_address(world: World) -> None:
    before = world.publish(message())
    world.clock.move(hours=1)
    corrected = message(
        DeliveryAct.CORRECT,
        title="Bảy quận tiêm nhắc",
        note="Thêm một quận",
        remote_id=before.remote_id,
        remote_url=before.url,
    )
    after = world.publish(corrected)
    assert (after.remote_id, after.url) == (before.remote_id, before.url)
    (article,) = world.posts()
    assert article.content["title"] == "Bảy quận tiêm nhắc"
    assert article.content["body"][-2]["content"] == "Đính chính: Thêm một quận"


def test_a_recall_takes_the_article_down(world: World) -> None:
    before = world.publish(message())
    receipt = world.channel.send(message(DeliveryAct.RECALL, remote_id=before.remote_id, remote_url=before.url))
    assert receipt.done
    assert world.posts() == []
    assert requests.get(str(before.url), timeout=30).status_code == 404


def test_an_article_whose_address_alone_is_known_is_found_by_it(world: World) -> None:
    before = world.publish(message())
    world.fill(15)
    world.channel.send(message(DeliveryAct.RECALL, remote_url=before.url))
    assert before.remote_id not in world.zalo.account.articles


def test_an_article_nobody_can_name_is_left_to_a_person(world: World) -> None:
    for wanted in (
        message(DeliveryAct.RECALL),
        message(DeliveryAct.CORRECT, remote_url="https://zalo.example/d/unknown"),
    ):
        with pytest.raises(TransportError) as refused:
            world.channel.send(wanted)
        assert refused.value.permanent
        assert not refused.value.outcome_unknown


def test_an_error_in_a_200_is_an_error(world: World) -> None:
    world.fail(CREATE, "error", code=-210)
    with pytest.raises(TransportError) as refused:
        world.channel.send(message())
    assert refused.value.permanent
    assert "-210" in str(refused.value)
    assert not refused.value.pictures_refused
    assert world.posts() == []


def test_a_cover_that_zalo_cannot_open_is_replaced_before_anything_is_sent(world: World) -> None:
    for address in ("http://localhost:8800/pictures/a.jpg", "http://10.0.0.7/a.jpg", "https://may-chu.local/a.jpg"):
        receipt = world.channel.send(message(cover_url=address))
        assert "the default cover is used" in receipt.detail
        assert world.settle(receipt).done
    assert {post.content["cover"]["photo_url"] for post in world.posts()} == {"https://tin.thudo.example/bia.png"}


def test_a_cover_that_zalo_does_not_take_shows_when_the_article_is_verified(world: World) -> None:
    world.zalo.account.refused_hosts = ("anh.thudo.example",)
    wanted = message(cover_url="https://anh.thudo.example/a.jpg")
    receipt = world.channel.send(wanted)
    assert receipt.token
    with pytest.raises(TransportError) as refused:
        world.settle(receipt)
    error = refused.value
    assert (error.pictures_refused, error.outcome_unknown, error.retry_after) == (True, False, 60)
    assert "-200" in str(error)
    assert world.channel.find(wanted, world.clock()) is None
    again = world.publish(message(cover_url=wanted.cover_url, without_pictures=True))
    assert again.done
    (article,) = world.posts()
    assert article.content["cover"]["photo_url"] == "https://tin.thudo.example/bia.png"


def test_a_cover_that_is_refused_at_once_is_known_by_zalos_message(world: World) -> None:
    world.zalo.account.refused_hosts = ("anh.thudo.example",)
    world.zalo.account.pictures_checked_at_create = True
    with pytest.raises(TransportError) as refused:
        world.channel.send(message(cover_url="https://anh.thudo.example/a.jpg"))
    assert refused.value.pictures_refused
    assert not refused.value.outcome_unknown


def test_where_sending_again_is_switched_off_the_outcome_is_for_a_person(world: World) -> None:
    world.zalo.account.refused_hosts = ("anh.thudo.example",)
    world.more["resend_without_pictures"] = False
    channel = world.channel
    receipt = channel.send(message(cover_url="https://anh.thudo.example/a.jpg"))
    for _ in range(world.zalo.account.looks):
        assert not channel.poll(str(receipt.token)).done
    with pytest.raises(TransportError) as failed:
        channel.poll(str(receipt.token))
    assert (failed.value.pictures_refused, failed.value.outcome_unknown) == (False, True)


def test_titles_and_leads_stay_below_the_limits_that_some_accounts_refuse(world: World) -> None:
    assert world.zalo.account.exact_limits_refused
    assert world.publish(message(title="a" * 400, lead="b" * 400)).done
    (article,) = world.posts()
    assert (len(article.content["title"]), len(article.content["description"])) == (140, 250)


def test_pictures_and_videos_stand_among_the_text(world: World) -> None:
    html = (
        "<p>Đầu.</p><figure><img src='https://anh.thudo.example/a.jpg' alt='Trạm'><figcaption>Trạm y tế</figcaption>"
        "</figure><p><a href='https://anh.thudo.example/v.mp4'>Xem video</a></p><p>Cuối.</p>"
    )
    receipt = world.publish(message(body_html=html))
    (article,) = world.posts()
    assert [item["type"] for item in article.content["body"]] == ["text", "image", "video", "text", "text"]
    page = requests.get(str(receipt.url), timeout=30).text
    assert "Trạm y tế" in page
    assert "https://anh.thudo.example/v.mp4" in page


@pytest.mark.parametrize(("version", "paths"), [(3, 1), (2, 2)])
def test_the_quota_is_read_at_the_current_path_and_else_at_the_older(world: World, version: int, paths: int) -> None:
    world.zalo.account.quota_version = version
    account = world.channel.account()
    assert [quota.left for quota in account.quotas] == [40]
    assert account.detail == ""
    asked = [path for path in world.zalo.calls if "quota" in path]
    assert asked == ["/v3.0/oa/quota/message", "/v2.0/oa/quota/message"][:paths]


def test_where_neither_path_has_a_quota_the_first_error_is_told(world: World) -> None:
    world.zalo.account.quota_version = 2
    world.fail("/v2.0/oa/quota/message", "error", code=-240)
    account = world.channel.account()
    assert account.quotas == ()
    assert "-209" in account.detail


@pytest.mark.parametrize("kind", ["lost", "cut", "garbage"])
def test_after_a_lost_answer_the_article_is_found_and_not_made_again(world: World, kind: str) -> None:
    world.zalo.account.looks = 0
    world.fail(CREATE, kind)
    began = world.clock()
    with pytest.raises(TransportError) as lost:
        world.channel.send(message())
    assert lost.value.outcome_unknown
    assert not lost.value.permanent
    assert lost.value.retry_after == 60, "a minute, so that an article that did arrive is on the list by then"
    assert world.channel.find(message(), began) is None, "still in the works, so not on the list yet"
    (token,) = world.zalo.account._works
    world.zalo.account.verify(token)
    world.fill(12)
    found = world.channel.find(message(), began)
    assert found is not None
    assert found.done
    assert found.url == f"{world.base}/d/{found.remote_id}"
    assert world.zalo.calls.count(CREATE) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateways_error_leaves_the_outcome_open(world: World, status: int) -> None:
    world.fail(CREATE, "status", status=status)
    with pytest.raises(TransportError) as failed:
        world.channel.send(message())
    assert failed.value.outcome_unknown
    assert failed.value.status == status


def test_an_older_article_with_the_same_title_is_not_taken_for_this_one(world: World) -> None:
    world.publish(message())
    world.clock.move(days=1)
    assert world.channel.find(message(), world.clock()) is None
    assert world.channel.find(message(), world.clock() - timedelta(days=1)) is not None


def test_a_clock_that_is_a_minute_off_does_not_hide_the_article(world: World) -> None:
    world.publish(message())
    assert world.channel.find(message(), world.clock() + timedelta(seconds=60)) is not None
    assert world.channel.find(message(), world.clock() + timedelta(seconds=61)) is None


def test_the_look_up_sees_through_changes_of_form_and_reads_three_pages(world: World) -> None:
    world.publish(message())
    (article,) = world.posts()
    article.content["title"] = unicodedata.normalize("NFD", article.content["title"]).upper() + "  "
    world.fill(29)
    world.zalo.calls.clear()
    assert world.channel.find(message(), world.clock() - timedelta(hours=1)) is not None
    assert world.zalo.calls == [LIST] * 3
    world.fill(1)
    assert world.channel.find(message(), world.clock() - timedelta(hours=1)) is None


def test_a_lost_correction_is_found_by_its_time_of_change(world: World) -> None:
    before = world.publish(message())
    world.clock.move(hours=1)
    corrected = message(DeliveryAct.CORRECT, note="x", remote_id=before.remote_id, remote_url=before.url)
    assert world.channel.find(corrected, world.clock()) is None, "the old text has the same title and is no proof"
    world.publish(corrected)
    found = world.channel.find(corrected, world.clock())
    assert found is not None
    assert found.remote_id == before.remote_id


def test_a_lost_recall_is_proved_by_the_whole_list_without_the_article(world: World) -> None:
    before = world.publish(message())
    recalled = message(DeliveryAct.RECALL, remote_id=before.remote_id, remote_url=before.url)
    assert world.channel.find(recalled, world.clock()) is None
    world.fail(REMOVE, "cut")
    with pytest.raises(TransportError) as lost:
        world.channel.send(recalled)
    assert not lost.value.permanent
    assert world.channel.find(recalled, world.clock()) is not None
    world.fill(30)
    assert world.channel.find(recalled, world.clock()) is None, "a fourth page might hold it"


def test_a_failed_look_up_leaves_the_fate_unknown_whatever_failed(world: World) -> None:
    for kind, code, status in (("error", -224, 200), ("status", 0, 404), ("error", -32, 200)):
        world.fail(LIST, kind, code=code, status=status)
        with pytest.raises(TransportError) as failed:
            world.channel.find(message(), world.clock())
        assert failed.value.outcome_unknown
        assert not failed.value.permanent


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "code": -32},
        {"kind": "error", "code": -999},
        {"kind": "status", "status": 502},
        {"kind": "cut"},
    ],
)
def test_a_failed_question_does_not_condemn_an_accepted_article(world: World, fault: dict[str, Any]) -> None:
    receipt = world.channel.send(message())
    world.fail(VERIFY, **fault)
    with pytest.raises(TransportError) as failed:
        world.channel.poll(str(receipt.token))
    assert failed.value.outcome_unknown
    assert not failed.value.permanent
    assert world.settle(receipt).done


def test_an_article_refused_for_its_content_is_refused_for_good(world: World) -> None:
    receipt = world.channel.send(message())
    world.fail(VERIFY, "error", code=-248)
    with pytest.raises(TransportError) as refused:
        world.channel.poll(str(receipt.token))
    assert refused.value.permanent
    assert not refused.value.outcome_unknown


def test_a_list_out_of_reach_costs_the_address_and_not_the_delivery(world: World) -> None:
    world.zalo.account.looks = 0
    receipt = world.channel.send(message())
    world.fail(LIST, "status", status=500)
    done = world.channel.poll(str(receipt.token))
    assert done.done
    assert done.remote_id == world.posts()[0].id
    assert done.url is None
    assert "500" in done.detail


def test_an_expired_token_is_renewed_once_and_the_article_goes_out(world: World) -> None:
    world.zalo.account.expire()
    before = world.vault.load()["access_token"]
    assert world.publish(message()).done
    assert world.vault.load()["access_token"] != before
    assert world.zalo.calls[:3] == [CREATE, TOKENS, CREATE]
    assert len(world.posts()) == 1


@pytest.mark.parametrize("code", [-216, -220, -124])
def test_a_token_that_stays_refused_is_renewed_once_and_not_in_a_loop(world: World, code: int) -> None:
    world.fail(CREATE, "error", code=code, times=9)
    with pytest.raises(TransportError) as refused:
        world.channel.send(message())
    assert refused.value.needs is ChannelNeed.AUTHORISATION
    assert world.zalo.calls == [CREATE, TOKENS, CREATE]


def test_a_withdrawn_grant_asks_for_a_new_one(world: World) -> None:
    world.zalo.account.revoke()
    with pytest.raises(TransportError) as refused:
        world.channel.send(message())
    assert refused.value.needs is ChannelNeed.AUTHORISATION
    assert not refused.value.outcome_unknown


def test_the_night_ban_and_the_limit_a_minute_say_how_long_to_wait(world: World) -> None:
    world.fail(CREATE, "error", code=-234)
    world.fail(CREATE, "error", code=-32)
    world.clock.moment = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # 23:00 in the city
    waits = []
    for _ in range(2):
        with pytest.raises(TransportError) as failed:
            world.channel.send(message())
        assert not failed.value.outcome_unknown
        waits.append(failed.value.retry_after)
    assert waits == [7 * 3600, 60]


def test_views_and_shares_are_read_from_the_list(world: World) -> None:
    receipt = world.publish(message())
    answer = requests.post(
        f"{world.base}/__sandbox/posts/{receipt.remote_id}/counts", json={"views": 1250, "shares": 31}, timeout=30
    )
    assert answer.status_code == 204
    assert world.channel.counts(receipt) == PostCounts(views=1250, shares=31)
    assert world.channel.counts(Receipt(remote_id="elsewhere")) == PostCounts()
    assert world.channel.counts(Receipt()) == PostCounts()


def test_the_test_reads_the_accounts_own_data_and_publishes_nothing(world: World) -> None:
    receipt = world.channel.test()
    assert "Tài khoản thử nghiệm: verified, 1250 followers" in receipt.detail
    assert world.zalo.calls == [ACCOUNT]


def test_the_test_notices_that_the_access_is_for_another_account(world: World) -> None:
    channel = world.channel
    world.zalo.account.oa_id = "999"
    with pytest.raises(TransportError) as refused:
        channel.test()
    assert refused.value.needs is ChannelNeed.AUTHORISATION


def test_a_renewal_that_is_due_and_fails_is_reported_with_the_receipt(world: World) -> None:
    world.clock.move(hours=20)
    world.fail(TOKENS, "status", status=500)
    receipt = world.channel.send(message())
    assert receipt.token
    assert "could not be renewed" in receipt.detail


def test_the_token_travels_in_its_own_header_and_numbers_too_long_for_a_float_survive() -> None:
    http_client = ScriptedHttpClient(
        [
            reply(200, b'{"error":0,"message":"Success","data":{"id":"a1"}}'),
            reply(
                200,
                b'{"error":0,"data":{"total":1,"medias":[{"id":12345678901234567890,"title":"x"},'
                b'{"id":"a1","title":"y","create_date":1764032400000,"link_view":"https://zalo.example/a1"}]}}',
            ),
        ]
    )
    vault = MemorySecrets(app_secret="s", access_token="t", refresh_token="r", expires_at="2027-01-01T00:00:00+00:00")
    values = {"app_id": "1", "oa_id": "2", "author": "Sở", "cover_url": "https://a.example/b.png"}
    channel = ZaloTransport("zalo", values, vault, http_client, Clock())
    assert channel.poll("token").url == "https://zalo.example/a1"
    assert [sent.url for sent in http_client.sent] == [
        "https://openapi.zalo.me/v2.0/article/verify",
        "https://openapi.zalo.me/v2.0/article/getslice?offset=0&limit=10&type=normal",
    ]
    for sent in http_client.sent:
        assert sent.headers["access_token"] == "t"
        assert "Authorization" not in sent.headers


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"error":"none"}', b'{"error":0}', b'{"error":0,"data":{"token":""}}']
)
def test_an_answer_nobody_documents_leaves_a_new_article_in_doubt(body: bytes) -> None:
    vault = MemorySecrets(app_secret="s", access_token="t", refresh_token="r", expires_at="2027-01-01T00:00:00+00:00")
    values = {"app_id": "1", "oa_id": "2", "author": "Sở", "cover_url": "https://a.example/b.png"}
    with pytest.raises(TransportError) as failed:
        ZaloTransport("zalo", values, vault, ScriptedHttpClient([reply(200, body)]), Clock()).send(message())
    assert failed.value.outcome_unknown


def film(**changes: Any) -> MessageMedium:
    sample_media.need_ffmpeg()
    return video(**changes)


def uploaded(world: World, wanted: Message) -> Receipt:
    """Send until Zalo has processed the video, as the jobs do, and then ask until the article stands."""
    for _ in range(10):
        receipt = world.channel.send(wanted)
        if not receipt.upload:
            return world.settle(receipt)
        wanted = replace(wanted, upload=receipt.upload)
    raise AssertionError("the sandbox never finished")


def test_a_video_is_prepared_asked_about_and_becomes_an_article_of_type_video(world: World) -> None:
    wanted = message(media=(film(),), body_html="", paragraphs=(), cover_url="https://tin.thudo.example/b.jpg")
    receipt = uploaded(world, wanted)
    assert world.zalo.calls.count(PREPARE) == 1
    assert world.zalo.calls.count(ASK) == 3
    (article,) = world.zalo.account.articles.values()
    (kept,) = world.zalo.account.videos.values()
    content = article.content
    assert (content["type"], content["video_id"], content["avatar"]) == (
        "video",
        kept.id,
        "https://tin.thudo.example/b.jpg",
    )
    assert content["title"] == wanted.title
    assert content["description"].startswith(wanted.lead)
    assert content["description"].endswith(f"Nguồn: {wanted.author} – {wanted.url}")
    assert (receipt.remote_id, receipt.url) == (article.id, f"{world.base}/d/{article.id}")
    assert requests.get(str(receipt.url), timeout=10).status_code == 200
    assert world.channel.counts(receipt).views == 1
    found = world.channel.find(wanted, world.clock())
    assert found is not None
    assert found.remote_id == article.id


def test_a_bulletin_with_more_words_than_a_description_has_the_video_as_its_cover_and_loses_no_word(
    world: World,
) -> None:
    wanted = message(media=(film(width=720, height=1280),), body_html="<p>" + "Người dân cần biết. " * 40 + "</p>")
    uploaded(world, wanted)
    (article,) = world.zalo.account.articles.values()
    assert article.content["type"] == "normal"
    assert (article.content["cover"]["cover_type"], article.content["cover"]["cover_view"]) == ("video", "vertical")
    assert article.content["body"][0]["content"].count("Người dân") == 40


def test_a_video_that_zalo_cannot_process_leaves_the_article_with_its_cover_and_the_receipt_says_so(
    world: World,
) -> None:
    world.zalo.account.videos_fail = True
    wanted = message(media=(film(),))
    first = world.channel.send(wanted)
    assert world.zalo.account.articles == {}
    made = world.channel.send(replace(wanted, upload=first.upload))
    assert "without its video: Zalo has no video of it: -1 failed" in made.detail
    world.settle(made)
    (article,) = world.zalo.account.articles.values()
    assert article.content["cover"]["cover_type"] == "photo"
    world.zalo.account.articles.clear()
    broken = film(read=lambda: b"this is no video")
    made = world.channel.send(message(media=(broken,)))
    assert "without its video: Zalo error -201" in made.detail
    assert made.token


def test_a_correction_and_a_recall_of_a_video_article_reach_it_and_its_type_stays(world: World) -> None:
    wanted = message(media=(film(),), body_html="", paragraphs=())
    receipt = uploaded(world, wanted)
    known = {"remote_id": receipt.remote_id, "remote_url": receipt.url}
    long = {"body_html": "<p>" + "Người dân cần biết. " * 40 + "</p>", "title": "Tiêu đề mới", "note": "Sai ngày"}
    uploaded(world, replace(wanted, act=DeliveryAct.CORRECT, **known, **long))
    (article,) = world.zalo.account.articles.values()
    assert (article.content["type"], article.content["title"]) == ("video", "Tiêu đề mới")
    assert article.content["description"].startswith("Đính chính: Sai ngày")
    gone = message(DeliveryAct.RECALL, **known)
    assert world.channel.find(gone, world.clock()) is None, "it still stands"
    world.channel.send(gone)
    assert world.zalo.account.articles == {}
    assert world.channel.find(gone, world.clock()) is not None


def test_a_text_that_gets_a_video_later_stays_a_normal_article_with_the_video_as_its_cover(world: World) -> None:
    wanted = message(body_html="", paragraphs=("Bài.",))
    receipt = world.publish(wanted)
    changed = replace(wanted, act=DeliveryAct.CORRECT, remote_id=receipt.remote_id, media=(film(),))
    uploaded(world, changed)
    (article,) = world.zalo.account.articles.values()
    assert (article.content["type"], article.content["cover"]["cover_type"]) == ("normal", "video")
