"""A real server with the Mastodon API: posts are created once, changed, and withdrawn as far as it can."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from campaigns.channels.transport import ChannelNeed, ChannelSettings, CoverFile, DeliveryAct, TransportError
from coordinator.channels import registry
from coordinator.channels.mastodon.transport import MastodonTransport
from tests import sample_media
from tests.coordinator.channels.fakes import MORNING, MemorySecrets, loopback_client, message, video
from tests.peers.snac import USER, Snac, running

pytestmark = pytest.mark.peer

PICTURE = Path(__file__).parents[2] / "docs" / "screens" / "today.png"


@pytest.fixture(scope="session")
def snac() -> Iterator[Snac]:
    with running() as server:
        yield server


def channel(snac: Snac, token: str = "", account: str = USER) -> MastodonTransport:
    entered = {"server_url": snac.url, "account": account, "access_token": token or snac.token}
    plain, secrets = registry.check_settings("mastodon", entered)
    made = registry.build_transport(
        "mastodon", ChannelSettings("fedi", plain), MemorySecrets(**secrets), loopback_client()
    )
    assert isinstance(made, MastodonTransport)
    return made


@pytest.mark.promise("Publish")
def test_a_post_is_made_found_again_counted_corrected_and_recalled(snac: Snac) -> None:
    account = channel(snac)
    cover = CoverFile("0123456789abcdef0123456789abcdef", "image/png", "Bảng tin của Sở", PICTURE.read_bytes())
    original = message(
        code="BT-2026-11-24-002", url="https://tin.thudo.example/bulletins/BT-2026-11-24-002", cover=cover
    )
    assert account.find(original, MORNING) is None
    receipt = account.send(original)
    assert receipt.detail == ""
    found = account.find(original, MORNING)
    assert found is not None
    assert (found.remote_id, found.url) == (receipt.remote_id, receipt.url)
    post = next(post for post in snac.posts() if post["id"] == receipt.remote_id)
    assert original.title in post["content"]
    assert original.paragraphs[0] in post["content"]
    assert post["media_attachments"][0]["description"] == "Bảng tin của Sở"
    counts = account.counts(receipt)
    assert (counts.likes, counts.shares, counts.comments, counts.views) == (0, 0, 0, None)

    changed = message(
        DeliveryAct.CORRECT,
        code=original.code,
        url=original.url,
        remote_id=receipt.remote_id,
        note="Sai ngày",
        title="Tiêu đề mới",
    )
    # Its number begins with the second in which it was changed last, so that only its address stays.
    again = account.send(changed)
    assert again.url == receipt.url
    post = next(post for post in snac.posts() if post["url"] == receipt.url)
    assert "Tiêu đề mới" in post["content"]
    assert "Đính chính: Sai ngày" in post["content"]

    gone = account.send(
        message(
            DeliveryAct.RECALL,
            code=original.code,
            url=original.url,
            remote_id=again.remote_id,
            note="Số liệu chưa đúng",
        )
    )
    left = [post for post in snac.posts() if post["url"] == receipt.url]
    if left:  # this server deletes no posts
        assert gone.detail.startswith("this server deletes no posts: a notice of recall stands in its place")
        assert ("its picture is still there" in gone.detail) == bool(left[0]["media_attachments"])
        assert "đã được thu hồi" in left[0]["content"]
        assert "Tiêu đề mới" not in left[0]["content"]


def test_the_test_button_tells_whose_access_it_is(snac: Snac) -> None:
    assert channel(snac).test().detail.startswith(f"{USER}: ")
    with pytest.raises(TransportError, match="but this channel is so-khac's") as other:
        channel(snac, account="so-khac").test()
    assert other.value.needs is ChannelNeed.AUTHORISATION
    with pytest.raises(TransportError) as refused:
        channel(snac, token="khong-co-that").test()
    assert refused.value.needs is ChannelNeed.AUTHORISATION


@pytest.mark.promise("Publish")
def test_a_video_is_part_of_the_post_with_its_description_and_found_again(snac: Snac) -> None:
    sample_media.need_ffmpeg()
    code = "BT-2026-11-24-003"
    film = video()
    sent = message(code=code, url=f"https://tin.thudo.example/bulletins/{code}", media=(film,))
    receipt = channel(snac).send(sent)
    assert (receipt.done, receipt.detail) == (True, "")
    post = next(post for post in snac.posts() if post["id"] == receipt.remote_id)
    (attached,) = post["media_attachments"]
    assert (attached["type"], attached["description"]) == ("video", film.alt)
    assert requests.get(attached["url"], timeout=30).content == film.read()
    found = channel(snac).find(sent, MORNING)
    assert found is not None
    assert found.remote_id == receipt.remote_id
