"""Signed webhooks to partners, after Standard Webhooks 1.0."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.publishing.formatting import fit
from campaigns.publishing.transport import Act, Message, Receipt, TransportError, Vault
from coordinator.channels import capabilities, signing
from coordinator.channels.calls import Door, Now, call, json_object, shorten, status_error
from coordinator.channels.settings import WebhookSettings, http_address
from coordinator.http import Answer

LIMIT = 20_000  # bytes; every body stays below it
LONGEST_NOTE = 1_000  # characters of what a correction changed or why a recall was made
LONGEST_ID = 500  # characters of the receiver's own id that are kept

WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})  # any 2xx is a yes, but endpoints seldom say it thus

TYPES = {
    Act.PUBLISH: "bulletin.published",
    Act.CORRECT: "bulletin.corrected",
    Act.RECALL: "bulletin.recalled",
}


class WebhookTransport:
    """Posts one signed message a delivery; the delivery's key is its ``webhook-id``, the same on every retry.

    The receiver may answer ``{"url": …, "id": …}`` to say where its copy stands.
    """

    capabilities = capabilities.WEBHOOK

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._code = code
        self._settings = WebhookSettings.model_validate(dict(values))
        self._vault = vault
        self._door = door
        self._now = now

    def send(self, message: Message) -> Receipt:
        """Post the message. Raises ``TransportError``; a lost answer is not in doubt, for the same id may go again."""
        answer = self._post(message.key, bulletin_body(message))
        return _receipt(answer)

    def test(self) -> Receipt:
        """Post an ``endpoint.test`` message, which receivers verify and otherwise ignore. Raises ``TransportError``."""
        now = self._now()
        body = _encode("endpoint.test", now, {"channel": self._code})
        answer = self._post(f"test_{int(now.timestamp() * 1000)}", body)
        how = " with a web page" if answer.content_type in WEB_PAGES else ""
        detail = f"the endpoint answered {answer.status}{how} to a signed test message"
        return Receipt(status=answer.status, detail=detail)

    def _post(self, message_id: str, body: bytes) -> Answer:
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
        answer = call(self._door, "POST", self._settings.url, body=body, headers=headers, repeatable=True)
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


def bulletin_body(message: Message) -> bytes:
    """The JSON of one message, below ``LIMIT`` bytes: the lead is cut where needed, never the code or an address.

    It depends on the message alone, so that every retry carries the same bytes.
    """
    data = {
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
        data["note"] = fit(message.note, LONGEST_NOTE)
    kind = TYPES[message.act]
    body = _encode(kind, message.released_at, data)
    for name in ("lead", "title", "note"):
        if len(body) < LIMIT:
            break
        data[name] = _cut(str(data.get(name, "")), len(body) - LIMIT + 1)
        body = _encode(kind, message.released_at, data)
    if len(body) >= LIMIT:
        raise TransportError(f"the message is {len(body)} bytes even without its lead, limit {LIMIT}", permanent=True)
    return body


def _cut(text: str, excess: int) -> str:
    """``text`` shortened so that its JSON is at least ``excess`` bytes shorter; empty if it is not that long."""
    low, high = 0, len(text)
    allowed = _size(text) - excess
    while low < high:  # the longest cut that is small enough
        middle = (low + high + 1) // 2
        if _size(fit(text, middle)) <= allowed:
            low = middle
        else:
            high = middle - 1
    return fit(text, low) if low > 1 else ""


def _size(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def _encode(kind: str, moment: datetime, data: Mapping[str, object]) -> bytes:
    event = {"type": kind, "timestamp": moment.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _receipt(answer: Answer) -> Receipt:
    told = json_object(answer.body) or {}
    url, remote_id = told.get("url"), told.get("id")
    detail = ""
    if url is not None:
        try:
            url = http_address(url) if isinstance(url, str) else None
        except ValueError as error:
            # The message arrived all the same; only the address of the copy is unusable.
            url, detail = None, shorten(f"the address in the answer was not usable: {error}")
    if not isinstance(remote_id, str) or len(remote_id) > LONGEST_ID:
        remote_id = None
    return Receipt(remote_id=remote_id, url=url, status=answer.status, detail=detail)
