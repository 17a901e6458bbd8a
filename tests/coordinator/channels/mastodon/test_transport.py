"""The Mastodon adapter against responses written by hand; a real server is in ``tests/peers``."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.channels.transport import ChannelNeed, ChannelSettings, CoverFile, DeliveryAct, Receipt, TransportError
from coordinator.channels import registry
from coordinator.channels.mastodon.transport import MastodonTransport
from coordinator.channels.post_text import post_text, recall_text
from coordinator.demo.loopback_services import SandboxServer
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import (
    MORNING,
    Clock,
    MemorySecrets,
    ScriptedHttpClient,
    loopback_client,
    medium,
    message,
    reply,
    video,
)
from tests.coordinator.channels.mastodon.sandbox_uploads import SandboxUploads

SERVER = "https://mxh.example"
COVER = CoverFile("0123456789abcdef0123456789abcdef", "image/jpeg", "Trạm y tế “phường”", b"\xff\xd8picture")


def json_answer(code: int = 200, /, **fields: Any) -> HttpResponse:
    return reply(code, json.dumps(fields).encode())


def listed(*posts: dict[str, Any]) -> HttpResponse:
    return reply(200, json.dumps(posts).encode())


def limits(most: int = 500, address: int = 23) -> HttpResponse:
    return json_answer(configuration={"statuses": {"max_characters": most, "characters_reserved_per_url": address}})


POST = {"id": "9", "url": f"{SERVER}/@so/9", "created_at": "2026-11-24T01:00:00.000Z", "content": "<p>x</p>"}
ME = json_answer(id="1", acct="so", followers_count=12)


def built(*answers: HttpResponse | Exception, **values: Any) -> tuple[MastodonTransport, ScriptedHttpClient]:
    http_client = ScriptedHttpClient(list(answers))
    settings = ChannelSettings("fedi", {"server_url": SERVER, "account": "so", **values})
    adapter = registry.build_transport(
        "mastodon", settings, MemorySecrets(access_token="t0ken"), http_client, now=Clock()
    )
    assert isinstance(adapter, MastodonTransport)
    return adapter, http_client


def sent(http_client: ScriptedHttpClient, at: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(http_client.sent[at].body or b"")
    return found


def test_a_post_carries_the_key_the_language_and_who_may_see_it() -> None:
    adapter, http_client = built(limits(), json_answer(**POST), visibility="unlisted")
    assert adapter.send(message()) == Receipt(remote_id="9", url=f"{SERVER}/@so/9", status=200)
    made = sent(http_client, 1)
    assert (made["language"], made["visibility"]) == ("vi", "unlisted")
    assert http_client.sent[1].headers["Idempotency-Key"] == message().key
    assert http_client.sent[1].headers["Authorization"] == "Bearer t0ken"


def test_a_text_that_fits_is_there_whole_and_a_longer_one_is_headline_lead_and_address() -> None:
    short = post_text(message(), 500, 23)
    assert short.startswith(message().title)
    assert message().paragraphs[-1] in short
    assert short.endswith(f"Nguồn: {message().author}\n{message().url}")
    long = message(paragraphs=("Một đoạn dài. " * 60,))
    cut = post_text(long, 500, 23)
    assert cut == f"{long.title}\n\n{long.lead}\n\nNguồn: {long.author}\n{long.url}"


@pytest.mark.parametrize("most", [120, 200, 500, 5000])
@pytest.mark.parametrize("counted", [23, None])
def test_no_post_is_longer_than_the_server_takes(most: int, counted: int | None) -> None:
    long = message(
        DeliveryAct.CORRECT, title="Tiêu đề dài " * 30, lead="Lời dẫn dài " * 60, note="Sai ngày tiêm", remote_id="9"
    )
    text = post_text(long, most, counted)
    size = len(text) if counted is None else len(text) - len(long.url) + counted
    assert size <= most
    assert text.endswith(long.url)
    assert len(recall_text(long, most)) <= most


def test_after_a_lost_answer_only_a_post_with_our_address_and_of_that_time_is_taken_for_ours() -> None:
    ours = POST | {"content": f'<p><a href="{message().url}">{message().url}</a></p>'}
    old = ours | {"id": "3", "created_at": (MORNING - timedelta(days=1)).isoformat()}
    adapter, http_client = built(ME, listed(POST | {"id": "10"}, old), listed())
    assert adapter.find(message(), MORNING) is None
    assert "max_id=3" in http_client.sent[2].url
    adapter, _ = built(ME, listed(ours))
    found = adapter.find(message(), MORNING)
    assert found is not None
    assert found.remote_id == "9"
    assert built()[0].find(message(DeliveryAct.CORRECT, remote_id="9"), MORNING) is None


def test_a_picture_is_uploaded_with_what_it_shows() -> None:
    adapter, http_client = built(limits(), json_answer(id="77"), json_answer(**POST))
    adapter.send(message(cover=COVER))
    body = http_client.sent[1].body or b""
    assert COVER.body in body
    assert COVER.alt.encode() in body
    assert sent(http_client, 2)["media_ids"] == ["77"]


@pytest.mark.parametrize("answer", [json_answer(422, error="Validation failed"), json_answer(403, error="no media")])
def test_a_picture_that_is_not_taken_is_left_out_and_reported(answer: HttpResponse) -> None:
    adapter, http_client = built(limits(), answer, json_answer(**POST))
    assert adapter.send(message(cover=COVER)).detail.startswith("without its picture")
    assert "media_ids" not in sent(http_client, 2)


def slow(sandbox: SandboxUploads, base: str, wait: int = 20) -> tuple[MastodonTransport, list[float]]:
    """The adapter of an account on a slow server, and the pauses that it makes; its clock goes on with them."""
    clock, pauses = Clock(), list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.move(seconds=seconds)

    values = {"server_url": base, "account": "so", "picture_wait": wait}
    vault = MemorySecrets(access_token="t")
    return MastodonTransport("mxh", values, vault, loopback_client(), clock, sleep), pauses


def test_an_upload_that_is_processed_later_is_waited_for_before_the_post() -> None:
    sandbox = SandboxUploads(looks=2)
    with SandboxServer(sandbox.app) as base:
        adapter, pauses = slow(sandbox, base)
        receipt = adapter.send(message(cover=COVER))
    assert receipt.detail == ""
    assert pauses == [1.0, 2.0]
    assert [post["media_ids"] for post in sandbox.posts] == [["77"]]
    assert sandbox.uploads == [COVER.body]


@pytest.mark.parametrize(("wait", "pauses"), [(0, []), (4, [1.0, 2.0, 1.0]), (20, [1.0, 2.0, 3.0, 4.0, 5.0, 5.0])])
def test_a_picture_that_takes_too_long_is_left_out_and_reported(wait: int, pauses: list[float]) -> None:
    sandbox = SandboxUploads(looks=None)
    with SandboxServer(sandbox.app) as base:
        adapter, made = slow(sandbox, base, wait)
        receipt = adapter.send(message(cover=COVER))
    assert receipt.detail == "without its picture: the server was still working on it"
    assert made == pauses
    assert "media_ids" not in sandbox.posts[0]


def test_a_picture_that_fails_while_it_is_processed_is_left_out_and_reported() -> None:
    adapter, _ = built(limits(), json_answer(202, id="77"), json_answer(422, error="corrupt"), json_answer(**POST))
    assert "without its picture: answered 422" in adapter.send(message(cover=COVER)).detail


def test_a_server_that_is_busy_says_until_when() -> None:
    later = (MORNING + timedelta(seconds=90)).isoformat()
    busy = reply(429, b'{"error":"Too many requests"}', X_RateLimit_Reset=later)
    with pytest.raises(TransportError) as failed:
        built(limits(), busy)[0].send(message())
    assert failed.value.retry_after == 90
    assert not failed.value.permanent


def test_a_lost_access_asks_for_a_new_one() -> None:
    with pytest.raises(TransportError) as refused:
        built(limits(), json_answer(401, error="The access token is invalid"))[0].send(message())
    assert refused.value.needs is ChannelNeed.AUTHORISATION


def test_a_deleted_post_is_gone_for_any_deleter() -> None:
    recall = message(DeliveryAct.RECALL, remote_id="9", note="Sai số liệu")
    assert built(json_answer(id="9"))[0].send(recall).detail == ""
    assert built(json_answer(404, error="Record not found"))[0].send(recall).detail == "the post was not there any more"


def test_where_posts_cannot_be_deleted_a_notice_takes_the_texts_place() -> None:
    adapter, http_client = built(reply(404, b"<html>404</html>"), limits(), json_answer(**POST))
    receipt = adapter.send(message(DeliveryAct.RECALL, remote_id="9", note="Sai số liệu"))
    assert "a notice of recall stands in its place" in receipt.detail
    item = sent(http_client, 2)["status"]
    assert "đã được thu hồi" in item
    assert message().title not in item
    assert sent(http_client, 2)["media_ids"] == []  # nor its picture
    assert "picture" not in receipt.detail


def test_a_picture_that_stays_beside_the_notice_of_recall_is_reported() -> None:
    kept = json_answer(**POST, media_attachments=[{"id": "3", "type": "image"}])
    adapter, _ = built(reply(404, b"<html>404</html>"), limits(), kept)
    assert adapter.send(message(DeliveryAct.RECALL, remote_id="9")).detail.endswith("its picture is still there")


def test_a_redirect_names_the_server_it_sends_on_to_and_nothing_that_may_be_secret() -> None:
    moved = reply(301, location="https://moi.example/api/v1/statuses?token=abc")
    with pytest.raises(TransportError) as refused:
        built(limits(), moved)[0].send(message())
    assert str(refused.value) == "answered 301: sends on to https://moi.example"


def test_a_post_that_a_person_settled_by_its_address_is_found_by_it() -> None:
    adapter, http_client = built(limits(), ME, listed(POST), json_answer(**POST))
    adapter.send(message(DeliveryAct.CORRECT, remote_url=POST["url"]))
    assert http_client.sent[3].method == "PUT"
    assert http_client.sent[3].url.endswith("/statuses/9")


def test_an_answer_to_a_new_post_that_is_not_mastodons_leaves_it_in_doubt() -> None:
    with pytest.raises(TransportError) as failed:
        built(limits(), reply(200, b"<html></html>"))[0].send(message())
    assert failed.value.outcome_unknown


def test_a_video_is_uploaded_once_asked_for_later_and_posted_when_the_server_has_processed_it() -> None:
    sandbox, film = SandboxUploads(looks=2), video()
    asked = message(media=(film,), cover=COVER)
    with SandboxServer(sandbox.app) as base:
        adapter, pauses = slow(sandbox, base)
        receipts = [adapter.send(asked)]
        while not receipts[-1].done and len(receipts) < 9:
            receipts.append(adapter.send(replace(asked, upload=receipts[-1].upload)))
    assert [receipt.upload for receipt in receipts] == ["77", "77", "77", ""]
    assert sandbox.uploads == [film.read()], "a file is uploaded once, and no picture beside it"
    assert [post["media_ids"] for post in sandbox.posts] == [["77"]]
    assert pauses == [], "nobody sleeps while a server works"


def test_a_video_goes_with_its_description_and_its_poster() -> None:
    film = video()
    adapter, http_client = built(limits(), json_answer(id="77", url="x"), json_answer(**POST))
    adapter.send(message(media=(film,)))
    body = http_client.sent[1].body or b""
    assert film.poster is not None
    assert film.read() in body
    assert film.poster.read() in body
    assert b'name="thumbnail"' in body
    assert film.alt.encode() in body


def test_a_video_that_is_refused_leaves_the_text_with_its_picture() -> None:
    refused = json_answer(422, error="Validation failed: File is too large")
    adapter, http_client = built(limits(), refused, json_answer(id="5"), json_answer(**POST))
    receipt = adapter.send(message(media=(video(),), cover=COVER))
    assert receipt.detail.startswith("without its video: answered 422")
    assert sent(http_client, 3)["media_ids"] == ["5"]


def test_the_pictures_of_a_bulletin_follow_its_cover_as_many_as_a_post_has() -> None:
    pictures = tuple(medium("picture", "image/jpeg", b"\xff\xd8" + bytes([number])) for number in range(5))
    uploads = [json_answer(id=str(number)) for number in range(4)]
    adapter, http_client = built(limits(), *uploads, json_answer(**POST))
    adapter.send(message(media=pictures, cover=replace(COVER, name=pictures[0].ident)))
    assert sent(http_client, 5)["media_ids"] == ["0", "1", "2", "3"]
    assert [bytes([number]) in (http_client.sent[number + 1].body or b"") for number in (1, 2, 3)] == [True] * 3
