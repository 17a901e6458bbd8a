"""Deliveries to the sandbox Official Account: accepted, polled, corrected, removed, and never posted twice."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.pictures import add_picture
from campaigns.bulletins.presentation import Cover, Presentation, Variant
from campaigns.channels import channels
from campaigns.channels.channels import ChannelState
from campaigns.core.intervals import FAST
from campaigns.delivery import manual_actions, outbox
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.channels.memory.transport import ProcessKilled
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo, ZaloFault
from coordinator.demo.sandbox_zalo_account import SandboxAccount, ZaloRefusal
from coordinator.jobs import sending
from coordinator.jobs.release import commands
from tests import sample_media
from tests.coordinator.jobs.delivery.test_sending_media import filmed
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import ADMIN, APPROVER, DELIVERY_MODES, WRITER

CREATE, VERIFY = "/v2.0/article/create", "/v2.0/article/verify"


@pytest.fixture
def zalo(stage: JobHarness) -> Iterator[SandboxZalo]:
    """An account with its channel; its clock is the scene's."""
    sandbox = SandboxZalo(SandboxAccount(looks=2, now=stage.context.now))
    with SandboxServer(sandbox.app) as base:
        _, refresh = sandbox.account.issue()
        settings, secrets = registry.check_settings(
            "zalo",
            {
                "app_id": sandbox.account.app_id,
                "oa_id": sandbox.account.oa_id,
                "app_secret": sandbox.account.app_secret,
                "refresh_token": refresh,
                "author": "Sở Thông tin",
                "cover_url": "https://anh.example/bia.jpg",
                "api_base": base,
                "oauth_base": base,
            },
        )
        with stage.database.write() as session:
            channels.add_channel(
                session, ADMIN, code="zalo", kind="zalo", name="Zalo", company=None, topics=None, settings=settings,
                encrypted_secrets=stage.context.encryption.encrypt(secrets), now=stage.context.now(),
            )  # fmt: skip
        yield sandbox


def _grant(stage: JobHarness, refresh: str) -> None:
    """An administrator enters another refresh token."""
    with stage.database.write() as session:
        row = channels.find_channel(session, "zalo")
        kept = stage.context.encryption.decrypt(row.encrypted_secrets)
        merged = registry.merge_secrets("zalo", kept, {"refresh_token": refresh}, now=stage.context.now())
        channels.change_channel(
            session, ADMIN, row, encrypted_secrets=stage.context.encryption.encrypt(merged), now=stage.context.now()
        )


def _through(stage: JobHarness, rounds: int = 6) -> None:
    for _ in range(rounds):
        stage.later(minutes=2)


def test_an_article_is_accepted_and_asked_about_until_it_stands(stage: JobHarness, zalo: SandboxZalo) -> None:
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert delivery.state.value == "sending"
    assert delivery.token
    _through(stage)
    (delivery,) = stage.deliveries(code)
    (article,) = zalo.account.articles.values()
    assert (delivery.state.value, delivery.remote_id) == ("delivered", article.id)
    assert delivery.url is not None
    assert delivery.url.endswith(f"/d/{article.id}")
    assert zalo.calls.count(CREATE) == 1
    assert zalo.calls.count(VERIFY) == 3


def test_a_correction_replaces_the_article_and_a_recall_takes_it_down(stage: JobHarness, zalo: SandboxZalo) -> None:
    code = stage.publish()
    _through(stage)
    stage.correct(code)
    _through(stage)
    (article,) = zalo.account.articles.values()
    assert article.content["title"] == "Đã sửa lịch tiêm"
    stage.recall(code)
    _through(stage)
    assert zalo.account.articles == {}
    assert stage.states(code) == ["delivered"] * 3


@pytest.mark.parametrize("kind", ["lost", "cut", "garbage"])
def test_an_article_whose_answer_was_lost_is_found_and_not_posted_twice(
    stage: JobHarness, zalo: SandboxZalo, kind: str
) -> None:
    zalo.account.looks = 0
    zalo.faults.append(ZaloFault(CREATE, kind))
    code = stage.publish()
    stage.drain()
    (token,) = zalo.account._works  # the sandbox works while it is asked, and we do not have the token
    zalo.account.verify(token)
    _through(stage, 8)
    assert len(zalo.account.articles) == 1
    assert zalo.calls.count(CREATE) == 1
    assert stage.states(code) == ["delivered"]


def test_a_question_that_fails_says_nothing_about_the_article(stage: JobHarness, zalo: SandboxZalo) -> None:
    zalo.faults.append(ZaloFault(VERIFY, "status", status=503, times=2))
    code = stage.publish()
    _through(stage, 10)
    assert stage.states(code) == ["delivered"]
    assert zalo.calls.count(CREATE) == 1


def test_access_that_was_withdrawn_holds_the_channel_until_it_is_granted_again(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    zalo.account.revoke()
    code = stage.publish()
    stage.drain()
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.reason) == ("retrying", "needs_authorisation")
    assert stage.channel_row("zalo").state is ChannelState.NEEDS_AUTHORISATION
    assert stage.later(hours=20) == 0
    _, refresh = zalo.account.issue()
    _grant(stage, refresh)
    stage.resume("zalo")
    _through(stage)
    assert stage.states(code) == ["delivered"]


def test_looks_at_accepted_articles_do_not_wait_behind_older_articles(stage: JobHarness, zalo: SandboxZalo) -> None:
    stage.context = replace(stage.context, intervals=replace(FAST, rate_factor=1))
    codes = [stage.publish() for _ in range(30)]
    stage.drain()
    created = zalo.calls.count(CREATE)
    assert zalo.calls.count(VERIFY) == 0
    for _ in range(3 * created):  # three looks each, at one call in three seconds
        stage.later(seconds=3)
    states = [stage.states(code) for code in codes]
    assert states.count(["delivered"]) == created
    assert zalo.calls.count(VERIFY) == 3 * created


def test_renewed_tokens_are_on_disk_before_they_are_used(stage: JobHarness, zalo: SandboxZalo) -> None:
    before = stage.channel_row("zalo").encrypted_secrets
    stage.publish()
    stage.drain()
    after = stage.channel_row("zalo").encrypted_secrets
    assert before != after
    assert stage.context.encryption.decrypt(after)["access_token"]
    assert "access_token" not in stage.context.encryption.decrypt(before)
    assert (
        stage.context.encryption.decrypt(after)["refresh_token"]
        != stage.context.encryption.decrypt(before)["refresh_token"]
    )


def publish_with_cover(stage: JobHarness, variants: dict[str, Variant] | None = None) -> tuple[str, str]:
    """A released bulletin with a cover; its code and the cover's address."""
    with stage.database.write() as session:
        now = stage.context.now()
        cut = {"key": "k", "width": 1280, "height": 720, "length": 9}
        picture = add_picture(
            session, WRITER, digest="d", key="k", mime="image/jpeg", size=(1280, 960), length=9, focus=(0.5, 0.5),
            cuts={"16x9": cut}, name="", now=now,
        )  # fmt: skip
        text = BulletinText(
            "Lịch tiêm nhắc", "Miễn phí.", "<p>Bài dài.</p>", "Bài dài.",
            Presentation(Cover(picture.ident, "Y tá"), variants or {}),
        )  # fmt: skip
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        revision_hash = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, revision_hash, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    return code, stage.context.addresses.picture(picture.ident, ratio="16x9")


def test_the_account_gets_the_cover_cut_for_it_and_the_words_written_for_it(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    own = Variant("Tiêm nhắc: đi ngay hôm nay", "", "Mang sổ tiêm.\n\nĐến trạm y tế <phường>.")
    _, address = publish_with_cover(stage, {"zalo": own})
    _through(stage)
    (article,) = zalo.account.articles.values()
    assert (article.content["title"], article.content["description"]) == ("Tiêm nhắc: đi ngay hôm nay", "Miễn phí.")
    assert article.content["cover"]["photo_url"] == address
    words = [part["content"] for part in article.content["body"]]
    assert words[:2] == ["Mang sổ tiêm.", "Đến trạm y tế &lt;phường&gt;."]
    assert "Bài dài." not in words


def _covers(zalo: SandboxZalo) -> list[str]:
    return [article.content["cover"]["photo_url"] for article in zalo.account.articles.values()]


def test_an_article_whose_cover_is_not_taken_is_sent_once_more_with_the_default_cover(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    zalo.account.refused_hosts = ("tin.example",)
    code, _ = publish_with_cover(stage)
    _through(stage, 8)
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.without_pictures) == ("delivered", True)
    assert _covers(zalo) == ["https://anh.example/bia.jpg"]
    assert zalo.calls.count(CREATE) == 2
    outcomes = [(attempt.outcome.value, attempt.error) for attempt in delivery.attempts]
    assert [outcome for outcome, _ in outcomes] == ["accepted", "failed", "accepted", "delivered"]
    assert "-200" in outcomes[1][1]
    assert "sent once more" in outcomes[1][1]
    assert "without the bulletin's pictures" in outcomes[3][1]


def test_a_default_cover_that_is_not_taken_either_ends_the_delivery_for_a_person(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    zalo.account.refused_hosts = ("tin.example", "anh.example")
    code, _ = publish_with_cover(stage)
    _through(stage, 12)
    (delivery,) = stage.deliveries(code)
    assert (delivery.state.value, delivery.reason) == ("dead", "refused")
    assert zalo.calls.count(CREATE) == 2
    assert zalo.account.articles == {}
    zalo.account.refused_hosts = ("tin.example",)
    with stage.database.write() as session:
        manual_actions.retry_delivery(
            session, APPROVER, outbox.find_delivery(session, delivery.public), now=stage.context.now()
        )
    _through(stage, 12)
    assert stage.states(code) == ["delivered"]
    assert len(zalo.account.articles) == 1


def test_an_article_without_pictures_of_its_own_is_not_sent_twice(stage: JobHarness, zalo: SandboxZalo) -> None:
    zalo.account.refused_hosts = ("anh.example",)
    code = stage.publish()
    _through(stage, 8)
    assert stage.states(code) == ["dead"]
    assert zalo.calls.count(CREATE) == 1


def test_an_article_that_stands_although_verify_refuses_its_token_is_adopted(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    code, address = publish_with_cover(stage)
    stage.drain()
    (token,) = zalo.account._works
    zalo.account._works[token].looks_left = 0
    zalo.account.verify(token)
    zalo.faults.append(ZaloFault(VERIFY, "error", code=-200, times=9))
    _through(stage, 8)
    assert stage.states(code) == ["delivered"]
    assert _covers(zalo) == [address]
    assert zalo.calls.count(CREATE) == 1


def test_a_recall_in_between_is_not_answered_with_a_new_article(stage: JobHarness, zalo: SandboxZalo) -> None:
    zalo.account.refused_hosts = ("tin.example",)
    code, _ = publish_with_cover(stage)
    for _ in range(20):
        stage.later(seconds=5)
        if stage.states(code) == ["retrying"]:
            break
    assert stage.states(code) == ["retrying"]
    stage.recall(code)
    _through(stage, 6)
    assert zalo.account.articles == {}
    assert zalo.calls.count(CREATE) == 1
    assert stage.states(code) == ["cancelled", "skipped"]


@pytest.mark.parametrize("died_at", range(1, 9))
def test_a_worker_killed_before_any_of_its_outcomes_is_written_makes_no_second_article(
    stage: JobHarness, zalo: SandboxZalo, monkeypatch: pytest.MonkeyPatch, died_at: int
) -> None:
    zalo.account.refused_hosts = ("tin.example",)
    whole, settled = sending.settle, 0

    def settle(*given: Any) -> None:
        nonlocal settled
        settled += 1
        if settled == died_at:
            raise ProcessKilled
        whole(*given)

    monkeypatch.setattr(sending, "settle", settle)
    code, _ = publish_with_cover(stage)
    for _ in range(30):
        try:
            stage.later(minutes=2)
        except ProcessKilled:
            if zalo.account._works and died_at in {1, 6}:
                _finish_pending(zalo)  # Zalo goes on with what it accepted while nobody asks
    assert stage.states(code) == ["delivered"]
    assert _covers(zalo) == ["https://anh.example/bia.jpg"]


def _finish_pending(zalo: SandboxZalo) -> None:
    for token, work in zalo.account._works.items():
        work.looks_left = 0
        with contextlib.suppress(ZaloRefusal):
            zalo.account.verify(token)


def test_a_correction_whose_cover_is_not_taken_keeps_the_article_and_gets_the_default(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    code, address = publish_with_cover(stage)
    _through(stage)
    (before,) = zalo.account.articles
    zalo.account.refused_hosts = ("tin.example",)
    cover = Cover(address.rpartition("/")[2].partition("-")[0], "Y tá")
    text = BulletinText("Đã sửa", "Miễn phí.", "<p>Mới.</p>", "Mới.", Presentation(cover))
    commands.correct(stage.app_context, APPROVER, code, text, "Sửa ngày")
    _through(stage, 8)
    assert stage.states(code) == ["delivered"] * 2
    (article,) = zalo.account.articles.values()
    assert (article.id, article.content["title"]) == (before, "Đã sửa")
    assert _covers(zalo) == ["https://anh.example/bia.jpg"]


def test_a_video_is_uploaded_once_and_its_article_made_once_although_an_answer_is_lost(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    sample_media.need_ffmpeg()
    zalo.faults.append(ZaloFault("/v2.0/article/upload_video/verify", "status", status=503, times=2))
    zalo.faults.append(ZaloFault(CREATE, "lost"))
    zalo.account.looks = 0
    code = filmed(stage)
    stage.drain()
    (delivery,) = stage.deliveries(code)
    (token,) = zalo.account.videos
    assert (delivery.token, delivery.lease_until) == (f"upload:{token}", None)
    for _ in range(20):
        stage.later(seconds=10)
        if zalo.account._works:  # the sandbox works while it is asked, and the answer with the token was lost
            zalo.account.verify(next(iter(zalo.account._works)))
    (delivery,) = stage.deliveries(code)
    assert delivery.state.value == "delivered"
    (article,) = zalo.account.articles.values()
    assert (article.content["type"], article.id) == ("video", delivery.remote_id)
    assert zalo.calls.count(CREATE) == 1
    assert len(zalo.account.videos) == 1


def test_the_look_at_an_upload_is_a_try_of_its_own_and_texts_go_on_meanwhile(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    sample_media.need_ffmpeg()
    zalo.account.looks = 3
    code = filmed(stage)
    stage.drain()
    text = stage.publish()
    stage.drain()
    assert zalo.calls.count(CREATE) == 1, "the text, while the video is processed"
    _through(stage, 12)
    assert [*stage.states(code), *stage.states(text)] == ["delivered"] * 2
    assert len(zalo.account.articles) == 2
