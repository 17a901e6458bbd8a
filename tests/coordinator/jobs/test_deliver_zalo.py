"""Deliveries to the sandbox Official Account: accepted, asked about, corrected, taken down, and never posted twice."""

from collections.abc import Iterator

import pytest

from campaigns.publishing import channels, drafting, workflow
from campaigns.publishing.bulletins import find_bulletin
from campaigns.publishing.channels import ChannelState
from campaigns.publishing.drafting import Text
from campaigns.publishing.dressing import Cover, Dress, Variant
from campaigns.publishing.pictures import add_picture
from coordinator.channels import registry
from coordinator.demo.sandbox_server import SandboxServer
from coordinator.demo.sandbox_zalo import Fault, SandboxZalo
from coordinator.demo.sandbox_zalo_account import SandboxAccount
from tests.coordinator.jobs.scene import Scene
from tests.factories import ADMIN, APPROVER, NATURES, WRITER

CREATE, VERIFY = "/v2.0/article/create", "/v2.0/article/verify"


@pytest.fixture
def zalo(stage: Scene) -> Iterator[SandboxZalo]:
    """An account with its channel; its clock is the scene's."""
    sandbox = SandboxZalo(SandboxAccount(looks=2, now=stage.place.now))
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
                sealed=stage.place.seal.close(secrets), now=stage.place.now(),
            )  # fmt: skip
        yield sandbox


def _grant(stage: Scene, refresh: str) -> None:
    """An administrator enters another refresh token."""
    with stage.database.write() as session:
        row = channels.find_channel(session, "zalo")
        kept = stage.place.seal.open(row.sealed)
        merged = registry.merge_secrets("zalo", kept, {"refresh_token": refresh}, now=stage.place.now())
        channels.change_channel(session, ADMIN, row, sealed=stage.place.seal.close(merged), now=stage.place.now())


def _through(stage: Scene, rounds: int = 6) -> None:
    for _ in range(rounds):
        stage.later(minutes=2)


def test_an_article_is_accepted_and_asked_about_until_it_stands(stage: Scene, zalo: SandboxZalo) -> None:
    code = stage.publish()
    stage.drain()
    (one,) = stage.deliveries(code)
    assert one.state.value == "sending"
    assert one.token
    _through(stage)
    (one,) = stage.deliveries(code)
    (article,) = zalo.account.articles.values()
    assert (one.state.value, one.remote_id) == ("delivered", article.id)
    assert one.url is not None
    assert one.url.endswith(f"/d/{article.id}")
    assert zalo.calls.count(CREATE) == 1
    assert zalo.calls.count(VERIFY) == 3


def test_a_correction_replaces_the_article_and_a_recall_takes_it_down(stage: Scene, zalo: SandboxZalo) -> None:
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
    stage: Scene, zalo: SandboxZalo, kind: str
) -> None:
    zalo.account.looks = 0
    zalo.faults.append(Fault(CREATE, kind))
    code = stage.publish()
    stage.drain()
    (token,) = zalo.account._works  # the sandbox works while it is asked, and we do not have the token
    zalo.account.verify(token)
    _through(stage, 8)
    assert len(zalo.account.articles) == 1
    assert zalo.calls.count(CREATE) == 1
    assert stage.states(code) == ["delivered"]


def test_a_question_that_fails_says_nothing_about_the_article(stage: Scene, zalo: SandboxZalo) -> None:
    zalo.faults.append(Fault(VERIFY, "status", status=503, times=2))
    code = stage.publish()
    _through(stage, 10)
    assert stage.states(code) == ["delivered"]
    assert zalo.calls.count(CREATE) == 1


def test_access_that_was_withdrawn_holds_the_channel_until_it_is_granted_again(stage: Scene, zalo: SandboxZalo) -> None:
    zalo.account.revoke()
    code = stage.publish()
    stage.drain()
    (one,) = stage.deliveries(code)
    assert (one.state.value, one.reason) == ("retrying", "needs_authorisation")
    assert stage.channel_row("zalo").state is ChannelState.NEEDS_AUTHORISATION
    assert stage.later(days=2) == 0
    _, refresh = zalo.account.issue()
    _grant(stage, refresh)
    stage.resume("zalo")
    _through(stage)
    assert stage.states(code) == ["delivered"]


def test_renewed_tokens_are_on_disk_before_they_are_used(stage: Scene, zalo: SandboxZalo) -> None:
    before = stage.channel_row("zalo").sealed
    stage.publish()
    stage.drain()
    after = stage.channel_row("zalo").sealed
    assert before != after
    assert stage.place.seal.open(after)["access_token"]
    assert "access_token" not in stage.place.seal.open(before)
    assert stage.place.seal.open(after)["refresh_token"] != stage.place.seal.open(before)["refresh_token"]


def test_the_account_gets_the_cover_cut_for_it_and_the_words_written_for_it(stage: Scene, zalo: SandboxZalo) -> None:
    with stage.database.write() as session:
        now = stage.place.now()
        cut = {"key": "k", "width": 1280, "height": 720, "length": 9}
        picture = add_picture(
            session, WRITER, key="k", mime="image/jpeg", size=(1280, 960), length=9, focus=(0.5, 0.5),
            cuts={"16x9": cut}, name="", now=now,
        )  # fmt: skip
        own = Variant("Tiêm nhắc: đi ngay hôm nay", "", "Mang sổ tiêm.\n\nĐến trạm y tế <phường>.")
        text = Text(
            "Lịch tiêm nhắc", "Miễn phí.", "<p>Bài dài.</p>", "Bài dài.",
            Dress(Cover(picture.ident, "Y tá"), {"zalo": own}),
        )  # fmt: skip
        code = drafting.create(session, WRITER, text, topic="dich-benh", now=now).code
        workflow.submit(session, WRITER, code, now=now)
        seal = find_bulletin(session, code).revision(1).hash
        workflow.approve(session, APPROVER, code, seal, NATURES, now=now)
        workflow.publish(session, APPROVER, code, NATURES, now=now)
    _through(stage)
    (article,) = zalo.account.articles.values()
    assert (article.content["title"], article.content["description"]) == ("Tiêm nhắc: đi ngay hôm nay", "Miễn phí.")
    assert article.content["cover"]["photo_url"] == stage.place.addresses.picture(picture.ident, ratio="16x9")
    words = [part["content"] for part in article.content["body"]]
    assert words[:2] == ["Mang sổ tiêm.", "Đến trạm y tế &lt;phường&gt;."]
    assert "Bài dài." not in words
