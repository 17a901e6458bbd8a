"""The Telegram adapter. Telegram has no server to run: responses here are written by hand from its documentation."""

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from campaigns.channels.transport import (
    ChannelNeed,
    ChannelSettings,
    CoverFile,
    DeliveryAct,
    Receipt,
    TransportError,
)
from campaigns.core.errors import Invalid
from coordinator.channels import registry
from coordinator.channels.telegram.transport import (
    MAX_CAPTION_LENGTH,
    MAX_MESSAGE_LENGTH,
    TelegramTransport,
    message_html,
    utf16_length,
)
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.responses import HttpResponse
from tests.coordinator.channels.fakes import Clock, MemorySecrets, ScriptedHttpClient, message, reply, video

TOKEN = "12345678:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQ"


def ok(result: Any) -> HttpResponse:
    return reply(200, json.dumps({"ok": True, "result": result}).encode())


def refusal(code: int, description: str, **parameters: Any) -> HttpResponse:
    body = {"ok": False, "error_code": code, "description": description}
    return reply(code, json.dumps(body | ({"parameters": parameters} if parameters else {})).encode())


def built(*answers: HttpResponse | Exception, **values: Any) -> tuple[TelegramTransport, ScriptedHttpClient]:
    http_client = ScriptedHttpClient(list(answers))
    settings = ChannelSettings("tele", {"chat": "@so_tttt", **values})
    adapter = registry.build_transport("telegram", settings, MemorySecrets(bot_token=TOKEN), http_client, now=Clock())
    assert isinstance(adapter, TelegramTransport)
    return adapter, http_client


def sent(http_client: ScriptedHttpClient, at: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(http_client.sent[at].body or b"")
    return found


def shown(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_a_message_has_its_address_and_shows_the_bulletins_own_page() -> None:
    adapter, http_client = built(ok({"message_id": 41}), silent=True)
    assert adapter.send(message()) == Receipt(remote_id="41", url="https://t.me/so_tttt/41", status=200)
    made = sent(http_client)
    assert (made["chat_id"], made["parse_mode"], made["disable_notification"]) == ("@so_tttt", "HTML", True)
    assert made["link_preview_options"]["url"] == message().url
    assert made["text"].endswith(f'Nguồn: <a href="{message().url}">Sở Thông tin Thủ đô</a>')
    adapter, _ = built(ok({"message_id": 41}), chat="-1001234567890")
    assert adapter.send(message()).url == "https://t.me/c/1234567890/41"


@pytest.mark.parametrize("count", [1, 4, 40, 200])
def test_no_message_is_longer_than_telegram_takes_and_none_breaks_its_html(count: int) -> None:
    long = message(
        DeliveryAct.CORRECT, title="<b>Tiêu đề</b> & " * 60, lead="Lời dẫn 🎉 " * 300, note="Sai < ngày",
        paragraphs=tuple(f"Đoạn {n} & <i>chữ</i> " * 8 for n in range(count)),
    )  # fmt: skip
    html = message_html(long)
    assert utf16_length(shown(html)) <= MAX_MESSAGE_LENGTH
    assert set(re.findall(r"</?(\w+)", html)) == {"b", "a"}
    assert shown(html).endswith(f"Nguồn: {long.author}")
    assert ("Đọc tiếp tại bản gốc." in html) == (count > 4)


def test_a_lost_answer_is_for_a_person_and_a_full_channel_waits_as_long_as_it_is_asked_to() -> None:
    with pytest.raises(TransportError) as lost:
        built(reply(502, b"<html>bad gateway</html>"))[0].send(message())
    assert lost.value.outcome_unknown
    with pytest.raises(TransportError) as busy:
        built(refusal(429, "Too Many Requests: retry after 34", retry_after=34))[0].send(message())
    assert (busy.value.retry_after, busy.value.outcome_unknown, busy.value.permanent) == (34, False, False)


def test_a_correction_that_changes_nothing_there_is_done() -> None:
    adapter, _ = built(refusal(400, "Bad Request: message is not modified: specified new message content"))
    assert adapter.send(message(DeliveryAct.CORRECT, remote_id="41")).remote_id == "41"


def test_a_message_that_a_person_settled_is_known_by_the_end_of_its_address() -> None:
    adapter, http_client = built(ok({}))
    adapter.send(message(DeliveryAct.CORRECT, remote_url="https://t.me/so_tttt/88"))
    assert sent(http_client)["message_id"] == 88
    with pytest.raises(TransportError, match="number at Telegram is not known"):
        built()[0].send(message(DeliveryAct.RECALL))


def test_a_recall_deletes_or_finds_it_gone_or_leaves_a_notice() -> None:
    recall = message(DeliveryAct.RECALL, remote_id="41", note="Sai số liệu")
    assert built(ok(True))[0].send(recall).detail == ""
    gone = built(refusal(400, "Bad Request: message to delete not found"))[0].send(recall)
    assert gone.detail == "the message was not there any more"
    adapter, http_client = built(refusal(400, "Bad Request: message can't be deleted"), ok(True))
    assert "a notice of recall stands in its place" in adapter.send(recall).detail
    assert "đã được thu hồi" in sent(http_client, 1)["text"]
    assert message().title not in sent(http_client, 1)["text"]


@pytest.mark.parametrize(
    ("answer", "needs", "permanent"),
    [
        (refusal(401, "Unauthorized"), ChannelNeed.AUTHORISATION, False),
        (refusal(403, "Forbidden: bot was kicked from the channel chat"), ChannelNeed.AUTHORISATION, False),
        (refusal(400, "Bad Request: chat not found"), ChannelNeed.NOTHING, True),
        (refusal(400, "group chat was upgraded", migrate_to_chat_id=-100999888777), ChannelNeed.NOTHING, True),
    ],
)
def test_refusals_say_what_has_to_be_done(answer: HttpResponse, needs: ChannelNeed, permanent: bool) -> None:
    with pytest.raises(TransportError) as refused:
        built(answer)[0].send(message())
    assert (refused.value.needs, refused.value.permanent) == (needs, permanent)
    assert TOKEN not in str(refused.value)


def test_the_test_button_asks_whether_the_bot_may_post() -> None:
    bot, chat = ok({"id": 7, "username": "so_bot"}), ok({"type": "channel", "title": "Tin Thủ đô"})
    good = built(bot, chat, ok({"status": "administrator", "can_post_messages": True}))[0]
    assert good.test().detail == "@so_bot may post in Tin Thủ đô"
    with pytest.raises(TransportError, match="may not post"):
        built(bot, chat, ok({"status": "administrator"}))[0].test()
    with pytest.raises(TransportError, match="is a private, not a channel"):
        built(bot, ok({"type": "private"}), ok({}))[0].test()


@pytest.mark.parametrize(
    ("field", "entered"),
    [("chat", "so_tttt"), ("chat", "@so tttt"), ("chat", "12345"), ("bot_token", "abc"), ("bot_token", "123:a b")],
)
def test_what_is_no_channel_and_no_token_is_refused_when_it_is_entered(field: str, entered: str) -> None:
    with pytest.raises(Invalid) as refused:
        registry.check_settings("telegram", {"chat": "@so_tttt", "bot_token": TOKEN} | {field: entered})
    assert [error.field for error in refused.value.errors] == [f"settings.{field}"]
    plain, secrets = registry.check_settings("telegram", {"chat": "@so_tttt", "bot_token": f"  {TOKEN}\n"})
    assert secrets == {"bot_token": TOKEN}
    assert "bot_token" not in plain


COVER = CoverFile("0123456789abcdef0123456789abcdef", "image/jpeg", "Trạm y tế", b"\xff\xd8picture")
LONG = tuple(f"Đoạn {number} " + "chữ " * 60 for number in range(20))


def methods(http_client: ScriptedHttpClient) -> list[str]:
    return [call.url.rpartition("/")[2] for call in http_client.sent]


def test_a_text_that_fits_below_a_picture_is_posted_with_it() -> None:
    adapter, http_client = built(ok({"message_id": 41}), silent=True)
    assert adapter.send(message(cover=COVER)) == Receipt(remote_id="41", url="https://t.me/so_tttt/41", status=200)
    assert methods(http_client) == ["sendPhoto"]
    (call,) = http_client.sent
    assert call.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    body = call.body or b""
    assert COVER.body in body
    assert message().title.encode() in body
    assert b'name="disable_notification"' in body
    assert not any(TOKEN.encode() in (sent.body or b"") for sent in http_client.sent)


@pytest.mark.parametrize(
    ("picture", "paragraphs", "expected"),
    [
        ("fit", LONG, "sendMessage"),
        ("always", LONG, "sendPhoto"),
        ("preview", (), "sendMessage"),
        ("fit", (), "sendPhoto"),
    ],
)
def test_a_longer_text_follows_the_setting(picture: str, paragraphs: tuple[str, ...], expected: str) -> None:
    adapter, http_client = built(ok({"message_id": 41}), picture=picture)
    adapter.send(message(cover=COVER, paragraphs=paragraphs))
    assert methods(http_client) == [expected]


def test_a_text_below_a_picture_stays_within_its_limit() -> None:
    long = message(
        DeliveryAct.CORRECT, title="<b>Tiêu đề</b> & " * 60, lead="Lời dẫn 🎉 " * 300, note="Sai < ngày " * 40,
        paragraphs=LONG,
    )  # fmt: skip
    html = message_html(long, MAX_CAPTION_LENGTH)
    assert utf16_length(shown(html)) <= MAX_CAPTION_LENGTH
    assert "Đọc tiếp tại bản gốc." in html
    assert shown(html).endswith(f"Nguồn: {long.author}")


def test_a_picture_that_telegram_refuses_leaves_the_text_and_is_reported() -> None:
    adapter, http_client = built(refusal(400, "Bad Request: IMAGE_PROCESS_FAILED"), ok({"message_id": 42}))
    receipt = adapter.send(message(cover=COVER))
    assert methods(http_client) == ["sendPhoto", "sendMessage"]
    assert receipt.remote_id == "42"
    assert receipt.detail.startswith("without its picture")


def test_a_lost_answer_to_a_picture_is_for_a_person_and_nothing_follows() -> None:
    for answer in (reply(502, b"<html>"), RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True)):
        adapter, http_client = built(answer)
        with pytest.raises(TransportError) as lost:
            adapter.send(message(cover=COVER))
        assert lost.value.outcome_unknown
        assert methods(http_client) == ["sendPhoto"]
    adapter, http_client = built(refusal(403, "Forbidden: bot was kicked"))
    with pytest.raises(TransportError):
        adapter.send(message(cover=COVER))
    assert methods(http_client) == ["sendPhoto"]


def test_a_correction_and_a_recall_change_the_text_below_a_picture() -> None:
    no_text = refusal(400, "Bad Request: there is no text in the message to edit")
    adapter, http_client = built(no_text, ok({}))
    adapter.send(message(DeliveryAct.CORRECT, remote_id="41", note="Sai ngày", paragraphs=LONG))
    assert methods(http_client) == ["editMessageText", "editMessageCaption"]
    caption = sent(http_client, 1)["caption"]
    assert "Đính chính: Sai ngày" in caption
    assert utf16_length(shown(caption)) <= MAX_CAPTION_LENGTH
    adapter, http_client = built(refusal(400, "Bad Request: message can't be deleted"), no_text, ok({}))
    adapter.send(message(DeliveryAct.RECALL, remote_id="41", note="Sai số liệu"))
    assert "đã được thu hồi" in sent(http_client, 2)["caption"]
    adapter, _ = built(no_text, refusal(400, "Bad Request: message is not modified"))
    assert adapter.send(message(DeliveryAct.CORRECT, remote_id="41")).remote_id == "41"


@pytest.mark.parametrize(
    ("kind", "mime", "method"),
    [
        ("video", "video/mp4", "sendVideo"),
        ("audio", "audio/mpeg", "sendAudio"),
        ("document", "application/pdf", "sendDocument"),
    ],
)
def test_a_file_is_posted_with_as_much_of_the_text_as_fits_below_it(kind: str, mime: str, method: str) -> None:
    file = replace(video(), kind=kind, mime=mime)
    adapter, http_client = built(ok({"message_id": 41}))
    receipt = adapter.send(message(media=(file,), cover=COVER, paragraphs=LONG))
    assert (receipt.remote_id, receipt.detail) == ("41", "")
    assert methods(http_client) == [method]
    body = http_client.sent[0].body or b""
    assert file.read() in body
    assert f'name="{kind}"; filename="{file.ident}.'.encode() in body
    assert "Đọc tiếp tại bản gốc.".encode() in body
    assert (b'name="cover"\r\n' in body) == (kind == "video")


def test_a_file_that_telegram_refuses_leaves_picture_and_text_and_a_lost_answer_is_for_a_person() -> None:
    adapter, http_client = built(refusal(413, "Request Entity Too Large"), ok({"message_id": 42}))
    receipt = adapter.send(message(media=(video(),), cover=COVER))
    assert methods(http_client) == ["sendVideo", "sendPhoto"]
    assert receipt.detail.startswith("without its video: answered 413")
    adapter, http_client = built(RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True))
    with pytest.raises(TransportError) as lost:
        adapter.send(message(media=(video(),)))
    assert lost.value.outcome_unknown
    assert methods(http_client) == ["sendVideo"]
