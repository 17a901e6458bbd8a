"""Signed webhooks against a real receiver on loopback, checked by an independent verifier."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, Response, request
from standardwebhooks.webhooks import Webhook

from campaigns.channels.transport import ChannelNeed, DeliveryAct, TransportError
from coordinator.channels.webhook import signing
from coordinator.channels.webhook.transport import BODY_BYTES_LIMIT, WHOLE_TEXT_LIMIT, WebhookTransport, bulletin_body
from coordinator.demo.loopback_services import SandboxServer
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError, RequestErrorKind
from tests.coordinator.channels.fakes import Clock, MemorySecrets, ScriptedHttpClient, loopback_client, message, video

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Partner:
    """A partner's endpoint: records requests and answers as configured."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answer = Response(status=204)
        self.app = Flask(__name__)
        self.app.add_url_rule("/nhan", view_func=self._take, methods=["POST"])
        self.app.add_url_rule("/khac", "other", view_func=self._take, methods=["GET", "POST"])

    def _take(self) -> Response:
        self.taken.append((dict(request.headers), request.get_data()))
        return self.answer

    def events(self, secret: str = SECRET) -> list[Any]:
        """Everything taken, each verified by the independent library."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.taken]


@pytest.fixture
def partner() -> Partner:
    return Partner()


@pytest.fixture
def url(partner: Partner) -> Iterator[str]:
    with SandboxServer(partner.app) as base:
        yield f"{base}/nhan"


def transport(url: str, now: Any = None, **secrets: str) -> WebhookTransport:
    vault = MemorySecrets(**(secrets or {"secret": SECRET}))
    clock = now or (lambda: datetime.now(UTC))
    return WebhookTransport("doi-tac", {"url": url}, vault, loopback_client(), clock)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (DeliveryAct.PUBLISH, "bulletin.published"),
        (DeliveryAct.CORRECT, "bulletin.corrected"),
        (DeliveryAct.RECALL, "bulletin.recalled"),
    ],
)
def test_a_receiver_can_verify_and_read_each_act(partner: Partner, url: str, act: DeliveryAct, kind: str) -> None:
    receipt = transport(url).send(message(act, note="Sai ngày tiêm" if act is not DeliveryAct.PUBLISH else ""))
    assert receipt.done
    assert receipt.status == 204
    (event,) = partner.events()
    assert event["type"] == kind
    assert datetime.fromisoformat(event["timestamp"]).tzinfo is not None
    data = event["data"]
    assert {"code", "revision", "url", "title", "lead", "topic", "republish_url", "ninjs_url"} <= data.keys()
    assert data["code"] == "BT-2026-11-24-001"
    assert data["title"] == message().title
    assert data.get("note", "") == ("" if act is DeliveryAct.PUBLISH else "Sai ngày tiêm")
    headers, _ = partner.taken[0]
    assert headers["Webhook-Id"] == "dlv_4fK9aQ"
    assert headers["Content-Type"].startswith("application/json")


def test_a_retry_has_the_same_id_and_body_and_a_new_time(partner: Partner, url: str) -> None:
    clock = Clock(datetime.now(UTC) - timedelta(seconds=60))
    sender = transport(url, clock)
    partner.answer = Response(status=500)
    with pytest.raises(TransportError):
        sender.send(message())
    clock.move(seconds=59)
    partner.answer = Response(status=200)
    sender.send(message())
    (first, first_body), (second, second_body) = partner.taken
    assert first["Webhook-Id"] == second["Webhook-Id"]
    assert first_body == second_body
    assert int(second["Webhook-Timestamp"]) - int(first["Webhook-Timestamp"]) == 59
    assert first["Webhook-Signature"] != second["Webhook-Signature"]
    assert len(partner.events()) == 2


def test_during_a_change_of_secret_both_verify_and_afterwards_only_the_new(partner: Partner, url: str) -> None:
    now = datetime.now(UTC)
    new = signing.new_secret()
    until = (now + timedelta(seconds=30)).isoformat()
    transport(url, secret=new, previous_secret=SECRET, previous_until=until).send(message())
    assert partner.events(SECRET) == partner.events(new)
    partner.taken.clear()
    until = (now - timedelta(seconds=1)).isoformat()
    transport(url, secret=new, previous_secret=SECRET, previous_until=until).send(message())
    headers, _ = partner.taken[0]
    assert headers["Webhook-Signature"].count("v1,") == 1
    assert partner.events(new)


def test_the_test_message_is_signed_and_says_what_it_is(partner: Partner, url: str) -> None:
    receipt = transport(url).test()
    (event,) = partner.events()
    assert event["type"] == "endpoint.test"
    assert event["data"] == {"channel": "doi-tac"}
    assert "204" in receipt.detail
    assert partner.taken[0][0]["Webhook-Id"].startswith("test_")


def test_a_partner_may_answer_with_the_address_of_its_copy(partner: Partner, url: str) -> None:
    partner.answer = Response('{"url": "https://doi-tac.example/tin/1", "id": "77"}', mimetype="application/json")
    receipt = transport(url).send(message())
    assert (receipt.url, receipt.remote_id) == ("https://doi-tac.example/tin/1", "77")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "OK",
        "[1]",
        '{"url": "javascript:alert(1)"}',
        '{"url": 7, "id": {}}',
        '{"url": "https://a.example/' + "x" * 2000 + '"}',
    ],
)
def test_an_answer_without_a_usable_address_is_a_success_without_address(partner: Partner, url: str, body: str) -> None:
    partner.answer = Response(body, status=200)
    receipt = transport(url).send(message())
    assert receipt.done
    assert receipt.url is None
    assert receipt.remote_id is None


def failure(partner: Partner, url: str, answer: Response) -> TransportError:
    partner.answer = answer
    with pytest.raises(TransportError) as failed:
        transport(url).send(message())
    return failed.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(partner: Partner, url: str, status: int) -> None:
    error = failure(partner, url, Response(status=status, headers={"Location": url.replace("nhan", "khac")}))
    assert (error.status, error.permanent) == (status, False)
    assert len(partner.taken) == 1


def test_410_ends_the_endpoint(partner: Partner, url: str) -> None:
    error = failure(partner, url, Response(status=410))
    assert error.permanent
    assert error.needs is ChannelNeed.RETIREMENT


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422])
def test_other_refusals_are_for_good(partner: Partner, url: str, status: int) -> None:
    error = failure(partner, url, Response(status=status))
    assert error.permanent
    assert error.needs is ChannelNeed.NOTHING
    assert error.status == status


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_and_never_in_doubt(partner: Partner, url: str, status: int) -> None:
    error = failure(partner, url, Response(status=status))
    assert not error.permanent
    assert not error.outcome_unknown
    assert error.retry_after is None


@pytest.mark.parametrize("status", [429, 503])
def test_patience_that_was_asked_for_is_passed_on(partner: Partner, url: str, status: int) -> None:
    assert failure(partner, url, Response(status=status, headers={"Retry-After": "120"})).retry_after == 120


def test_a_lost_answer_may_be_sent_again_for_the_id_is_the_same() -> None:
    http_client = ScriptedHttpClient([RequestError("timed out", kind=RequestErrorKind.TIMEOUT, sent=True)])
    sender = WebhookTransport(
        "doi-tac", {"url": "https://a.example/"}, MemorySecrets(secret=SECRET), http_client, Clock()
    )
    with pytest.raises(TransportError) as failed:
        sender.send(message())
    assert not failed.value.permanent
    assert not failed.value.outcome_unknown


@pytest.mark.parametrize("address", ["http://10.0.0.1/nhan", "http://127.0.0.1/nhan", "http://doi-tac.example:22/"])
def test_an_address_the_door_refuses_is_refused_for_good(address: str) -> None:
    closed = HttpClient(user_agent="LanToa-tests")
    sender = WebhookTransport("doi-tac", {"url": address}, MemorySecrets(secret=SECRET), closed, Clock())
    with pytest.raises(TransportError) as failed:
        sender.send(message())
    assert failed.value.permanent
    assert not failed.value.outcome_unknown


def test_nobody_listening_is_a_failure_that_may_pass() -> None:
    with pytest.raises(TransportError) as failed:
        transport("http://127.0.0.1:1/nhan").send(message())
    assert not failed.value.permanent


def test_a_channel_without_a_secret_sends_nothing(partner: Partner, url: str) -> None:
    sender = WebhookTransport("doi-tac", {"url": url}, MemorySecrets(), loopback_client(), Clock())
    with pytest.raises(TransportError) as failed:
        sender.send(message())
    assert failed.value.permanent
    assert partner.taken == []


def test_a_key_that_cannot_be_signed_is_refused_before_anything_is_sent(partner: Partner, url: str) -> None:
    with pytest.raises(TransportError) as failed:
        transport(url).send(message(key="a.b"))
    assert failed.value.permanent
    assert partner.taken == []


@pytest.mark.parametrize("letter", ["ễ", '"', "\U0001f4e2", "a "])
def test_a_long_lead_is_cut_so_that_the_body_stays_below_the_limit(letter: str) -> None:
    body = bulletin_body(message(lead=letter * 30_000, note="vì " * 5_000))
    assert len(body) < BODY_BYTES_LIMIT
    data = json.loads(body)["data"]
    assert data["url"] == message().url
    assert data["code"] == message().code
    assert data["title"] == message().title
    assert data["lead"].endswith("…")
    assert len(body) > BODY_BYTES_LIMIT * 0.9, "the lead was cut further than needed"


def test_what_just_fits_is_not_cut() -> None:
    short = message(lead="a")
    available = BODY_BYTES_LIMIT - 1 - len(bulletin_body(short))
    assert json.loads(bulletin_body(message(lead="a" * (available + 1))))["data"]["lead"] == "a" * (available + 1)
    assert len(bulletin_body(message(lead="a" * (available + 2)))) < BODY_BYTES_LIMIT


def test_an_endless_title_is_cut_too_but_never_an_address() -> None:
    body = bulletin_body(message(lead="x" * 30_000, title="y" * 30_000))
    assert len(body) < BODY_BYTES_LIMIT
    with pytest.raises(TransportError) as failed:
        bulletin_body(message(url="https://tin.thudo.example/" + "z" * BODY_BYTES_LIMIT))
    assert failed.value.permanent


@pytest.mark.parametrize("act", [DeliveryAct.PUBLISH, DeliveryAct.CORRECT, DeliveryAct.RECALL])
def test_a_partner_that_chose_it_gets_the_whole_text_signed_and_a_recall_has_none(
    partner: Partner, url: str, act: DeliveryAct
) -> None:
    paragraphs = tuple(f"Đoạn {number}. " + "Người dân cần biết. " * 100 for number in range(50))
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    sent = replace(message(act), body_html=html, paragraphs=paragraphs)
    made = WebhookTransport(
        "doi-tac", {"url": url, "whole_text": True}, MemorySecrets(secret=SECRET), loopback_client(),
        lambda: datetime.now(UTC),
    )  # fmt: skip
    made.send(sent)
    made.send(sent)
    (first, again) = partner.events()
    assert first == again
    if act is DeliveryAct.RECALL:
        assert not {"body_html", "body_text"} & first["data"].keys()
        return
    assert first["data"]["body_html"] == html
    assert first["data"]["body_text"] == "\n\n".join(paragraphs)
    assert len(partner.taken[0][1]) > BODY_BYTES_LIMIT
    without = json.loads(bulletin_body(sent))["data"]
    assert {name: value for name, value in first["data"].items() if name not in {"body_html", "body_text"}} == without


def test_a_text_that_is_too_long_is_left_to_its_address() -> None:
    sent = replace(message(), body_html="<p>" + "dài " * WHOLE_TEXT_LIMIT + "</p>")
    assert bulletin_body(sent, whole_text=True) == bulletin_body(sent)


def test_the_media_of_a_bulletin_are_named_as_in_the_api(partner: Partner, url: str) -> None:
    film = video()
    transport(url).send(message(media=(film,)))
    (event,) = partner.events()
    assert film.poster is not None
    assert film.captions is not None
    assert event["data"]["media"] == [
        {
            "id": film.ident, "kind": "video", "url": film.url, "type": "video/mp4", "bytes": film.length,
            "alt": "Y tá tiêm cho trẻ", "width": 320, "height": 240, "seconds": 3.0, "transcript": film.text,
            "captions_url": film.captions.url, "poster": film.poster.url,
        }
    ]  # fmt: skip
    transport(url).send(message())
    assert "media" not in partner.events()[1]["data"]


def test_transcripts_that_make_a_body_too_long_are_left_out_whole_and_the_rest_of_the_media_stay() -> None:
    short, long = video(), replace(video(), ident="c" * 32, text="Người dân cần biết. " * 1_000)
    body = bulletin_body(message(media=(short, long)))
    assert len(body) < BODY_BYTES_LIMIT
    rows = json.loads(body)["data"]["media"]
    assert [row.get("transcript") for row in rows] == [short.text, None]
    assert [row["url"] for row in rows] == [short.url, long.url]
    assert json.loads(body)["data"]["lead"] == message().lead
    whole = json.loads(bulletin_body(message(media=(short, long)), whole_text=True))
    assert whole["data"]["media"][1]["transcript"] == long.text


def test_media_that_cannot_be_told_in_the_body_never_keep_a_text_from_its_receiver() -> None:
    many = tuple(replace(video(), alt="ễ" * 1_000) for _ in range(10))
    data = json.loads(bulletin_body(message(media=many)))["data"]
    assert "media" not in data
    assert data["url"] == message().url
