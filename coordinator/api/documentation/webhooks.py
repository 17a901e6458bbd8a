"""The webhooks of the document: what is posted to a partner's endpoint, after Standard Webhooks 1.0.

The messages are made by ``coordinator.channels.webhook.transport``; a test holds them to these schemas.
"""

from typing import Any

from coordinator.channels.webhook.transport import BODY_BYTES_LIMIT

_TEXT: dict[str, Any] = {"type": "string"}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
_ADDRESS: dict[str, Any] = {"type": "string", "format": "uri"}

BULLETIN_DATA: dict[str, Any] = {
    "type": "object",
    "description": "A bulletin. A lead, title or note that is too long for the body is cut; codes and addresses never "
    "are. More fields may come.",
    "required": [
        "code", "revision", "url", "title", "lead", "topic", "republish_url", "ninjs_url", "released_at",
    ],
    "properties": {
        "code": _TEXT,
        "revision": {"type": "integer", "minimum": 1},
        "url": {**_ADDRESS, "description": "the bulletin's public page, which a copy links to"},
        "title": _TEXT,
        "lead": _TEXT,
        "topic": {**_TEXT, "description": "code of the topic"},
        "republish_url": {**_ADDRESS, "description": "the copy kit: text, source line and counter image"},
        "ninjs_url": {**_ADDRESS, "description": "the full text as ninjs"},
        "released_at": _TIME,
        "note": {**_TEXT, "description": "what was corrected, or why it was recalled"},
    },
}  # fmt: skip

SCHEMAS: dict[str, dict[str, Any]] = {
    "WebhookBulletinData": BULLETIN_DATA,
    "WebhookTestData": {
        "type": "object",
        "description": "The channel whose endpoint is tested.",
        "required": ["channel"],
        "properties": {"channel": {**_TEXT, "description": "code of the channel"}},
    },
}

_ABOUT = {
    "bulletin.published": "A bulletin is out; the full text is at `ninjs_url`.",
    "bulletin.corrected": "Replace the text of the same `code`; `note` says what was corrected.",
    "bulletin.recalled": "Take the text down; `note` says why.",
    "endpoint.test": "Somebody tests the endpoint: verify the signature and answer 2xx, nothing else.",
}

_HEADERS = [
    {
        "name": "webhook-id",
        "in": "header",
        "required": True,
        "description": "the delivery's key, the same on every retry; ignore what you have had",
        "schema": _TEXT,
    },
    {
        "name": "webhook-timestamp",
        "in": "header",
        "required": True,
        "description": "Unix seconds of this attempt",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    {
        "name": "webhook-signature",
        "in": "header",
        "required": True,
        "description": "`v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`; several, separated by spaces, for 24 "
        "hours after a change of the secret",
        "schema": {"type": "string", "pattern": "^v1,[^ ]+( v1,[^ ]+)*$"},
    },
]


def message_schema(kind: str) -> str:
    """The name of the schema of a type's body: ``WebhookBulletinPublished`` for ``bulletin.published``."""
    return "Webhook" + "".join(part.capitalize() for part in kind.split("."))


def schemas() -> dict[str, dict[str, Any]]:
    """The components that the webhooks refer to."""
    bodies = {}
    for kind in _ABOUT:
        data = "WebhookTestData" if kind == "endpoint.test" else "WebhookBulletinData"
        bodies[message_schema(kind)] = {
            "type": "object",
            "description": f"The body of `{kind}`, below {BODY_BYTES_LIMIT:,} bytes.",
            "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"const": kind},
                "timestamp": {**_TIME, "description": "when it happened"},
                "data": {"$ref": f"#/components/schemas/{data}"},
            },
        }
    return {**SCHEMAS, **bodies}


def webhooks() -> dict[str, Any]:
    """The ``webhooks`` of the document, by type."""
    return {kind: {"post": _operation(kind, about)} for kind, about in _ABOUT.items()}


def _operation(kind: str, about: str) -> dict[str, Any]:
    return {
        "operationId": "webhook_" + kind.replace(".", "_"),
        "summary": kind,
        "description": about,
        "tags": ["Webhooks"],
        "security": [],
        "parameters": _HEADERS,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{message_schema(kind)}"}}},
        },
        "responses": {
            "2XX": {
                "description": "taken; `url` and `id` may tell where the copy stands",
                "content": {
                    "application/json": {
                        "schema": {"type": "object", "properties": {"url": _ADDRESS, "id": {"type": "string"}}}
                    }
                },
            },
            "3XX": {"description": "a failure: it is never followed"},
            "410": {"description": "the channel is retired"},
            "429": {"description": "tried again, after `Retry-After`"},
            "5XX": {"description": "tried again"},
        },
    }
