"""A Telegram channel, posted to by the department's bot.

A bot cannot read its channel back, and the interface knows no idempotency key: a lost answer stays unknown until a
person has looked. The bot's token is part of every address, as the interface has it; the door shows hosts alone in what
it says, and no error here repeats an address.
"""

from collections.abc import Mapping
from typing import Any

from campaigns.publishing.transport import Act, Message, Needs, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.account_settings import TelegramSettings
from coordinator.channels.calls import Door, Now, call, json_body, json_object, redact, shorten
from coordinator.channels.telegram_text import message_html, recall_html

_POSTS = "sendMessage"
_UNCHANGED = "message is not modified"
_GONE = ("message to delete not found", "message to edit not found", "message identifier is not specified")
_KEPT = "message can't be deleted"


class TelegramTransport:
    """One channel."""

    capabilities = capabilities.TELEGRAM

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._settings = TelegramSettings.model_validate(dict(values))
        self._vault, self._door = vault, door

    def send(self, message: Message) -> Receipt:
        """Post, change or delete. Raises ``TransportError``; only a new message can be in doubt."""
        if message.act is Act.PUBLISH:
            told = self._ask(_POSTS, self._text(message_html(message), message.url, silent=self._settings.silent))
            return self._receipt(str(told.get("message_id", "")))
        known = _number(message)
        if message.act is Act.RECALL:
            return self._delete(message, known)
        self._edit(known, message_html(message), message.url)
        return self._receipt(known)

    def test(self) -> Receipt:
        """Ask who the bot is and what it may do in the channel; publishes nothing. Raises ``TransportError``."""
        bot = self._ask("getMe", {})
        chat = self._ask("getChat", {"chat_id": self._settings.chat})
        role = self._ask("getChatMember", {"chat_id": self._settings.chat, "user_id": bot.get("id")})
        if chat.get("type") != "channel":
            raise TransportError(f"{self._settings.chat} is a {chat.get('type', '?')}, not a channel", permanent=True)
        if role.get("status") != "creator" and not role.get("can_post_messages"):
            message = f"@{bot.get('username', '?')} may not post in {chat.get('title', '')}: make it an administrator"
            raise TransportError(message, permanent=True, needs=Needs.AUTHORISATION)
        return Receipt(status=200, detail=f"@{bot.get('username', '')} may post in {chat.get('title', '')}")

    def _edit(self, ident: str, html: str, url: str) -> None:
        try:
            self._ask("editMessageText", {"message_id": int(ident), **self._text(html, url)})
        except TransportError as error:
            if _UNCHANGED not in str(error):
                raise

    def _delete(self, message: Message, ident: str) -> Receipt:
        try:
            self._ask("deleteMessage", {"chat_id": self._settings.chat, "message_id": int(ident)})
        except TransportError as error:
            if any(said in str(error) for said in _GONE):
                return self._receipt(ident, "the message was not there any more")
            if _KEPT not in str(error):
                raise
            # Older than two days and no right to delete: the text goes, a notice stays.
            self._edit(ident, recall_html(message), message.url)
            return self._receipt(ident, "the bot may not delete it any more: a notice of recall stands in its place")
        return self._receipt(ident)

    def _text(self, html: str, url: str, *, silent: bool = False) -> dict[str, Any]:
        return {
            "chat_id": self._settings.chat,
            "text": html,
            "parse_mode": "HTML",
            "link_preview_options": {"url": url, "prefer_large_media": True, "show_above_text": True},
        } | ({"disable_notification": True} if silent else {})

    def _ask(self, method: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """One call; its ``result``, ``{}`` where that is no object."""
        token = self._vault.load().get("bot_token", "")
        if not token:
            raise TransportError("the channel has no bot token", needs=Needs.AUTHORISATION)
        posts = method == _POSTS
        body = json_body(fields)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        url = f"{self._settings.api_base}/bot{token}/{method}"
        answer = call(self._door, "POST", url, body=body, headers=headers, repeatable=not posts)
        told = json_object(answer.body)
        if told is not None and told.get("ok") is True:
            result = told.get("result")
            return result if isinstance(result, dict) else {}
        raise _error(answer.status, told, answer.retry_after, token, posts=posts)

    def _receipt(self, ident: str, detail: str = "") -> Receipt:
        chat = self._settings.chat
        place = chat[1:] if chat.startswith("@") else f"c/{chat.removeprefix('-100')}"
        return Receipt(remote_id=ident or None, url=f"https://t.me/{place}/{ident}", status=200, detail=detail)


def _number(message: Message) -> str:
    """The number of the bulletin's message; of one that a person settled, the end of its address has it."""
    for known in (message.remote_id or "", (message.remote_url or "").rpartition("/")[2]):
        if known.isdigit():
            return known
    raise TransportError("the message's number at Telegram is not known", permanent=True)


def _error(
    status: int, told: Mapping[str, Any] | None, asked: float | None, token: str, *, posts: bool
) -> TransportError:
    """What an answer that is not ``ok`` means. Its own code goes before the status: both are the same at Telegram."""
    if told is None or "error_code" not in told:
        message = f"answered {status} with something that is not Telegram's"
        return TransportError(
            message, status=status, retry_after=asked, outcome_unknown=posts and not 300 <= status < 500
        )
    code = int(str(told["error_code"])) if str(told["error_code"]).isdigit() else status
    parameters = told.get("parameters")
    details: Mapping[str, Any] = parameters if isinstance(parameters, dict) else {}
    words = shorten(redact(str(told.get("description", "")), [token]))
    message = f"answered {code}: {words}"
    if moved := details.get("migrate_to_chat_id"):
        return TransportError(f"the channel has another number now: enter {moved}", permanent=True, status=code)
    if code == 429:
        wait = str(details.get("retry_after", ""))
        return TransportError(message, status=code, retry_after=float(wait) if wait.isdigit() else asked)
    if code in {401, 403, 404}:
        return TransportError(message, status=code, needs=Needs.AUTHORISATION)
    if 400 <= code < 500:
        return TransportError(message, status=code, permanent=True)
    return TransportError(message, status=code, retry_after=asked, outcome_unknown=posts)
