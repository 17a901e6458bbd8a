"""Videos and reels of a Page, against a sandbox of ours: Facebook offers none."""

from collections.abc import Iterator
from typing import Any

import pytest

from campaigns.channels.transport import TransportError
from coordinator.channels.facebook.transport import FacebookTransport, is_reel
from coordinator.demo.loopback_services import SandboxServer
from tests import sample_media
from tests.coordinator.channels.facebook.sandbox_videos import PAGE, SandboxVideos
from tests.coordinator.channels.fakes import (
    MORNING,
    Clock,
    MemorySecrets,
    ScriptedHttpClient,
    loopback_client,
    message,
    reply,
    video,
)

UPRIGHT = {"width": 1080, "height": 1920, "seconds": 58.0}


@pytest.fixture
def page() -> SandboxVideos:
    sample_media.need_ffmpeg()
    return SandboxVideos()


@pytest.fixture
def channel(page: SandboxVideos) -> Iterator[FacebookTransport]:
    with SandboxServer(page.app) as base:
        values = {"page_id": PAGE, "api_base": base}
        yield FacebookTransport("fb", values, MemorySecrets(page_token="ma-trang"), loopback_client(), Clock())


@pytest.mark.parametrize(("facts", "kind", "upload"), [({}, "videos", "h:1"), (UPRIGHT, "reels", "r1")])
def test_a_video_is_posted_with_the_text_and_an_upright_short_one_is_a_reel(
    page: SandboxVideos, channel: FacebookTransport, facts: dict[str, Any], kind: str, upload: str
) -> None:
    film = video(**facts)
    receipt = channel.send(message(media=(film,)))
    assert page.kinds == [kind]
    assert page.uploads[upload] == film.read()
    assert page.posts[0]["message"].startswith(message().title)
    assert page.posts[0]["message"].endswith(message().url)
    assert (receipt.remote_id, receipt.url) == (f"{PAGE}_1", f"https://www.facebook.com/so/{kind}/102938475601")
    assert receipt.detail == ""


@pytest.mark.parametrize("facts", [{}, UPRIGHT])
def test_a_lost_answer_is_in_doubt_and_the_post_is_found(
    page: SandboxVideos, channel: FacebookTransport, facts: dict[str, Any]
) -> None:
    page.lose = 1
    sent = message(media=(video(**facts),))
    with pytest.raises(TransportError) as lost:
        channel.send(sent)
    assert lost.value.outcome_unknown
    found = channel.find(sent, MORNING)
    assert found is not None
    assert found.remote_id == f"{PAGE}_1"
    assert len(page.posts) == 1


def test_a_video_that_facebook_refuses_leaves_the_text_and_the_receipt_says_so(
    page: SandboxVideos, channel: FacebookTransport
) -> None:
    page.refuse = True
    receipt = channel.send(message(media=(video(),)))
    assert page.kinds == ["feed"]
    assert receipt.detail.startswith("without its video: Facebook error 100")


def test_an_upload_says_where_it_begins_and_how_long_it_is() -> None:
    film = video()
    begun, uploaded = reply(200, b'{"id": "upload:MT?sig=a"}'), reply(200, b'{"h": "2:c2Ft"}')
    posted, address = reply(200, b'{"id": "77"}'), reply(200, b"{}")
    http_client = ScriptedHttpClient([begun, uploaded, posted, address])
    channel = FacebookTransport("fb", {"page_id": PAGE}, MemorySecrets(page_token="ma-trang"), http_client, Clock())
    assert channel.send(message(media=(film,))).remote_id == "77"
    assert f"file_length={film.length}" in http_client.sent[0].url
    sent = http_client.sent[1]
    assert sent.url == "https://graph.facebook.com/v27.0/upload:MT?sig=a"
    assert (sent.headers["file_offset"], sent.headers["Authorization"]) == ("0", "OAuth ma-trang")
    assert sent.body == film.read()
    reel = video(**UPRIGHT)
    begun = reply(200, b'{"video_id": "r1", "upload_url": "https://rupload.facebook.com/video-upload/r1"}')
    http_client = ScriptedHttpClient([begun, reply(200, b'{"success": true}'), posted, address])
    channel = FacebookTransport("fb", {"page_id": PAGE}, MemorySecrets(page_token="ma-trang"), http_client, Clock())
    channel.send(message(media=(reel,)))
    assert (http_client.sent[1].headers["offset"], http_client.sent[1].headers["file_size"]) == ("0", str(reel.length))


def test_the_token_is_sent_to_no_other_host() -> None:
    begun = reply(200, b'{"video_id": "r1", "upload_url": "https://khac.example/r1"}')
    posted, address = reply(200, b'{"id": "1029384756_9"}'), reply(200, b"{}")
    http_client = ScriptedHttpClient([begun, posted, address])
    channel = FacebookTransport("fb", {"page_id": PAGE}, MemorySecrets(page_token="ma-trang"), http_client, Clock())
    assert "no address to upload a reel to" in channel.send(message(media=(video(**UPRIGHT),))).detail
    assert [call.url.partition("?")[0].rpartition("/")[2] for call in http_client.sent] == [
        "video_reels",
        "feed",
        "1029384756_9",
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (UPRIGHT, True),
        ({**UPRIGHT, "width": 540, "height": 960}, True),
        ({**UPRIGHT, "width": 360, "height": 640}, False),
        ({**UPRIGHT, "width": 1920, "height": 1080}, False),
        ({**UPRIGHT, "seconds": 90.5}, False),
        ({**UPRIGHT, "seconds": 2.9}, False),
    ],
)
def test_what_may_be_a_reel(facts: dict[str, Any], expected: bool) -> None:
    assert is_reel(video(**facts)) is expected
