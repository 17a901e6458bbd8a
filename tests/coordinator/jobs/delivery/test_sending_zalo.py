"""Deliveries to the sandbox Official Account: accepted, polled, corrected, removed, and never posted twice."""

from collections.abc import Iterator

import pytest

from campaigns.bulletins import drafts
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.drafts import BulletinText
from campaigns.bulletins.pictures import add_picture
from campaigns.bulletins.presentation import Cover, Presentation, Variant
from campaigns.channels import channels
from campaigns.channels.channels import ChannelState
from campaigns.release import workflow
from coordinator.channels import registry
from coordinator.demo.loopback_services import SandboxServer
from coordinator.demo.sandbox_zalo import SandboxZalo, ZaloFault
from coordinator.demo.sandbox_zalo_account import SandboxAccount
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
    assert stage.later(days=2) == 0
    _, refresh = zalo.account.issue()
    _grant(stage, refresh)
    stage.resume("zalo")
    _through(stage)
    assert stage.states(code) == ["delivered"]


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


def test_the_account_gets_the_cover_cut_for_it_and_the_words_written_for_it(
    stage: JobHarness, zalo: SandboxZalo
) -> None:
    with stage.database.write() as session:
        now = stage.context.now()
        cut = {"key": "k", "width": 1280, "height": 720, "length": 9}
        picture = add_picture(
            session, WRITER, key="k", mime="image/jpeg", size=(1280, 960), length=9, focus=(0.5, 0.5),
            cuts={"16x9": cut}, name="", now=now,
        )  # fmt: skip
        own = Variant("Tiêm nhắc: đi ngay hôm nay", "", "Mang sổ tiêm.\n\nĐến trạm y tế <phường>.")
        text = BulletinText(
            "Lịch tiêm nhắc", "Miễn phí.", "<p>Bài dài.</p>", "Bài dài.",
            Presentation(Cover(picture.ident, "Y tá"), {"zalo": own}),
        )  # fmt: skip
        code = drafts.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        revision_hash = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, revision_hash, DELIVERY_MODES, now=now)
        workflow.publish(session, APPROVER, code, DELIVERY_MODES, now=now)
    _through(stage)
    (article,) = zalo.account.articles.values()
    assert (article.content["title"], article.content["description"]) == ("Tiêm nhắc: đi ngay hôm nay", "Miễn phí.")
    assert article.content["cover"]["photo_url"] == stage.context.addresses.picture(picture.ident, ratio="16x9")
    words = [part["content"] for part in article.content["body"]]
    assert words[:2] == ["Mang sổ tiêm.", "Đến trạm y tế &lt;phường&gt;."]
    assert "Bài dài." not in words
