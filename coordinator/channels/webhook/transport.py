"""Signed webhooks to partners, as in Standard Webhooks 1.0."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.bulletins.formatting import fit_text
from campaigns.channels.transport import DeliveryAct, Message, MessageMedium, Receipt, Secrets, TransportError
from coordinator.channels import capabilities
from coordinator.channels.http_calls import CurrentTime, HttpRequester, json_object, send_request, shorten, status_error
from coordinator.channels.settings import http_address
from coordinator.channels.webhook import signing
from coordinator.channels.webhook.settings import WebhookSettings
from coordinator.http.responses import HttpResponse

BODY_BYTES_LIMIT = 20_000  # bytes; every body without the whole text stays below it
WHOLE_TEXT_LIMIT = 1_000_000  # bytes of a body with the whole text; a longer text is left to its address
MAX_NOTE_LENGTH = 1_000  # characters of the note of a correction or the reason of a recall
MAX_ID_LENGTH = 500  # characters of the receiver's own id that are kept

WEB_PAGES = frozenset(
    {"text/html", "application/xhtml+xml"}
)  # any 2xx is a success, but endpoints seldom answer with a page

TYPES = {
    DeliveryAct.PUBLISH: "bulletin.published",
    DeliveryAct.CORRECT: "bulletin.corrected",
    DeliveryAct.RECALL: "bulletin.recalled",
}


class WebhookTransport:
    """Posts one signed message for each delivery; the delivery's key is its ``webhook-id``, the same on every retry.

    The receiver may answer ``{"url": …, "id": …}`` with the address of its copy.
    """

    capabilities = capabilities.WEBHOOK

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:
        self._code = code
        self._settings = WebhookSettings.model_validate(dict(values))
        self._vault = vault
        self._http_client = http_client
        self._now = now

    def send(self, message: Message) -> Receipt:
        """Post the message. Raises ``TransportError``; after a lost answer the same id may be sent again."""
        answer = self._post(message.key, bulletin_body(message, whole_text=self._settings.whole_text))
        return _receipt(answer)

    def test(self) -> Receipt:
        """Post an ``endpoint.test`` message, which receivers verify and otherwise ignore. Raises ``TransportError``."""
        now = self._now()
        body = _encode("endpoint.test", now, {"channel": self._code})
        answer = self._post(f"test_{int(now.timestamp() * 1000)}", body)
        how = " with a web page" if answer.content_type in WEB_PAGES and answer.body.strip() else ""
        detail = f"the endpoint answered {answer.status}{how} to a signed test message"
        return Receipt(status=answer.status, detail=detail)

    def _post(self, message_id: str, body: bytes) -> HttpResponse:
        now = self._now()
        timestamp = int(now.timestamp())
        secrets = self._secrets(now)
        try:
            signatures = " ".join(signing.sign(secret, message_id, timestamp, body) for secret in secrets)
        except ValueError as error:
            raise TransportError(f"the message cannot be signed: {error}", permanent=True) from error
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signatures,
        }
        answer = send_request(
            self._http_client, "POST", self._settings.url, body=body, headers=headers, repeatable=True
        )
        if not 200 <= answer.status < 300:
            raise status_error(answer, repeatable=True)
        return answer

    def _secrets(self, now: datetime) -> list[str]:
        kept = self._vault.load()
        if not kept.get("secret"):
            raise TransportError("the channel has no signing secret", permanent=True)
        secrets = [kept["secret"]]
        if kept.get("previous_secret") and now < datetime.fromisoformat(kept["previous_until"]):
            secrets.append(kept["previous_secret"])
        return secrets


def bulletin_body(message: Message, *, whole_text: bool = False) -> bytes:
    """Return the JSON of one message, below ``BODY_BYTES_LIMIT``: the lead is cut where needed, never an address.

    ``media`` has a row for each medium. Of a body that is too long the transcripts are left out first, the longest
    first and each of them whole, and all of ``media`` last; the bulletin's JSON has them.

    ``whole_text``: the text is added as HTML and as plain text, except to a recall, where the body then stays below
    ``WHOLE_TEXT_LIMIT``. The bytes depend only on the message and the channel's setting, so that every retry sends the
    same.
    """
    data: dict[str, Any] = {
        "code": message.code,
        "revision": message.revision,
        "url": message.url,
        "title": message.title,
        "lead": message.lead,
        "topic": message.topic,
        "republish_url": message.republish_url,
        "ninjs_url": message.ninjs_url,
        "released_at": message.released_at.isoformat(),
    }
    if message.note:
        data["note"] = fit_text(message.note, MAX_NOTE_LENGTH)
    media = [_medium_row(medium) for medium in message.media]
    if media:
        data["media"] = media
    kind = TYPES[message.act]
    if whole_text and message.act is not DeliveryAct.RECALL:
        text = {"body_html": message.body_html, "body_text": "\n\n".join(message.paragraphs)}
        body = _encode(kind, message.released_at, data | text)
        if len(body) < WHOLE_TEXT_LIMIT:
            return body
    body = _encode(kind, message.released_at, data)
    for row in sorted(media, key=lambda row: len(str(row.get("transcript", ""))), reverse=True):
        if len(body) < BODY_BYTES_LIMIT:
            break
        row.pop("transcript", None)
        body = _encode(kind, message.released_at, data)
    for name in ("lead", "title", "note"):
        if len(body) < BODY_BYTES_LIMIT:
            break
        data[name] = _shortened_by(str(data.get(name, "")), len(body) - BODY_BYTES_LIMIT + 1)
        body = _encode(kind, message.released_at, data)
    if len(body) >= BODY_BYTES_LIMIT and data.pop("media", None):
        body = _encode(kind, message.released_at, data)
    if len(body) >= BODY_BYTES_LIMIT:
        raise TransportError(
            f"the message is {len(body)} bytes even without its lead, limit {BODY_BYTES_LIMIT}", permanent=True
        )
    return body


def _medium_row(medium: MessageMedium) -> dict[str, Any]:
    """Return a medium as the API names its fields, without those that it does not have."""
    row: dict[str, Any] = {
        "id": medium.ident, "kind": medium.kind, "url": medium.url, "type": medium.mime, "bytes": medium.length,
        "alt": medium.alt,
    }  # fmt: skip
    others = {
        "width": medium.width, "height": medium.height, "seconds": medium.seconds, "transcript": medium.text,
        "captions_url": medium.captions.url if medium.captions is not None else "",
        "poster": medium.poster.url if medium.poster is not None else "",
    }  # fmt: skip
    return row | {name: value for name, value in others.items() if value}


def _shortened_by(text: str, excess: int) -> str:
    """Return ``text`` shortened so that its JSON is at least ``excess`` bytes shorter; '' if it is not that long."""
    low, high = 0, len(text)
    allowed = _json_size(text) - excess
    while low < high:  # the longest cut that is small enough
        middle = (low + high + 1) // 2
        if _json_size(fit_text(text, middle)) <= allowed:
            low = middle
        else:
            high = middle - 1
    return fit_text(text, low) if low > 1 else ""


def _json_size(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def _encode(kind: str, moment: datetime, data: Mapping[str, object]) -> bytes:
    event = {"type": kind, "timestamp": moment.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _receipt(answer: HttpResponse) -> Receipt:
    values = json_object(answer.body) or {}
    url, remote_id = values.get("url"), values.get("id")
    detail = ""
    if url is not None:
        try:
            url = http_address(url) if isinstance(url, str) else None
        except ValueError as error:
            # The message arrived; only the address of the copy is invalid.
            url, detail = None, shorten(f"the address in the answer was not usable: {error}")
    if not isinstance(remote_id, str) or len(remote_id) > MAX_ID_LENGTH:
        remote_id = None
    return Receipt(remote_id=remote_id, url=url, status=answer.status, detail=detail)
