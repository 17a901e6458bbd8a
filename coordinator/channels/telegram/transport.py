"""A Telegram channel, to which the department's bot posts.

A bot cannot read its channel, and the Bot API has no idempotency key: the outcome of a lost answer stays unknown until
a person has checked. The Bot API has the bot's token in every address; the HTTP client's messages contain only the
host, and no error here repeats an address.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from campaigns.bulletins.formatting import fit_text
from campaigns.channels.transport import (
    ChannelNeed,
    CoverFile,
    DeliveryAct,
    Message,
    MessageMedium,
    Receipt,
    Secrets,
    TransportError,
)
from coordinator.channels import capabilities
from coordinator.channels.http_calls import (
    CurrentTime,
    HttpRequester,
    json_body,
    json_object,
    redact,
    send_request,
    shorten,
)
from coordinator.channels.multipart import multipart_form
from coordinator.channels.telegram.settings import TelegramSettings

# A bulletin as a message of a Telegram channel: pure functions.


MAX_MESSAGE_LENGTH = 4096  # characters of a message, counted in UTF-16 code units without tags and entities
MAX_PHOTO_BYTES = 10_000_000  # bytes of a picture
MAX_CAPTION_LENGTH = 1024  # of the text below a picture or other file, counted likewise


def utf16_length(text: str) -> int:
    """Return the length of a text as Telegram counts it: in UTF-16 code units; most emoji have two."""
    return len(text.encode("utf-16-le")) // 2


def message_html(message: Message, limit: int = MAX_MESSAGE_LENGTH) -> str:
    """Return headline in bold, lead, text and source, within ``limit``, with as many whole paragraphs as fit; a text
    that does not fit ends with its address."""
    return _fitted_html(message, limit)[0]


def _fitted_html(message: Message, limit: int) -> tuple[str, bool]:
    """Return the HTML of a message, and whether all of it is there."""
    # A headline and a lead of usual length are whole in both; these parts keep the rest within the limit.
    longest = (limit // 8, limit // 4, limit // 8)
    title, lead = fit_text(message.title, longest[0]), fit_text(message.lead, longest[1])
    note = (
        f"Đính chính: {fit_text(message.note, longest[2])}"
        if message.act is DeliveryAct.CORRECT and message.note.strip()
        else ""
    )
    source, more = f"Nguồn: {message.author}", "Đọc tiếp tại bản gốc."
    left = limit - sum(utf16_length(part) + 2 for part in (title, lead, note, source, more)) - utf16_length(message.url)
    kept: list[str] = []
    whole = title == " ".join(message.title.split()) and lead == " ".join(message.lead.split())
    for paragraph in message.paragraphs:
        left -= utf16_length(paragraph) + 2
        if left < 0:
            kept.append(more)
            whole = False
            break
        kept.append(paragraph)
    parts = [f"<b>{_escaped(title)}</b>", _escaped(lead), *map(_escaped, kept), _escaped(note)]
    parts.append(f'Nguồn: <a href="{escape(message.url)}">{_escaped(message.author)}</a>')
    return "\n\n".join(part for part in parts if part), whole


def recall_html(message: Message) -> str:
    """Return the notice for a recalled bulletin where the message cannot be deleted."""
    reason = f" Lý do: {fit_text(message.note, 1000)}" if message.note.strip() else ""
    return _escaped(f"Bản tin {message.code} của {message.author} đã được thu hồi.{reason}")


def _escaped(text: str) -> str:
    return escape(text, quote=False)


# By kind of medium: the method that posts it, and the field with its bytes.
_FILE_METHODS = {
    "video": ("sendVideo", "video"),
    "audio": ("sendAudio", "audio"),
    "document": ("sendDocument", "document"),
}
_POSTING_METHODS = frozenset({"sendMessage", "sendPhoto", *(method for method, _ in _FILE_METHODS.values())})
_REFUSED_FILE = frozenset({400, 413})
_IS_PICTURE_WORDS = "there is no text in the message"  # of a message with a picture, which has a caption instead
_UNCHANGED_WORDS = "message is not modified"
_GONE_WORDS = ("message to delete not found", "message to edit not found", "message identifier is not specified")
_UNDELETABLE_WORDS = "message can't be deleted"


class TelegramTransport:
    """The adapter of one channel."""

    capabilities = capabilities.TELEGRAM

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:
        self._settings = TelegramSettings.model_validate(dict(values))
        self._vault, self._http_client = vault, http_client

    def send(self, message: Message) -> Receipt:
        """Post, change or delete. Raises ``TransportError``; only a new message can have an unknown outcome."""
        if message.act is DeliveryAct.PUBLISH:
            return self._post(message)
        known = _message_number(message)
        if message.act is DeliveryAct.RECALL:
            return self._delete(message, known)
        self._edit(known, message_html(message), message_html(message, MAX_CAPTION_LENGTH), message.url)
        return self._receipt(known)

    def _post(self, message: Message) -> Receipt:
        """Post a picture with its text where there is one that may be posted, else a text. Telegram refuses a picture
        before it posts anything, so that the text follows alone."""
        notes = []
        if (medium := next((one for one in message.files if one.kind in _FILE_METHODS), None)) is not None:
            others = [f"without its {one.kind}: a message has one file" for one in message.files if one is not medium]
            try:
                return self._receipt(_ident(self._send_file(message, medium)), "; ".join(others))
            except TransportError as error:
                if not error.permanent or error.status not in _REFUSED_FILE:
                    raise
                notes = [f"without its {medium.kind}: {error}", *others]
        if message.cover is not None and (caption := self._caption(message)):
            try:
                return self._receipt(_ident(self._send_photo(message.cover, caption)), "; ".join(notes))
            except TransportError as error:
                if not error.permanent or error.status != 400:
                    raise
                notes.append(f"without its picture: {error}")
        text = self._text(message_html(message), message.url, silent=self._settings.silent)
        return self._receipt(_ident(self._request("sendMessage", text)), "; ".join(notes))

    def _caption(self, message: Message) -> str:
        """Return the text below a picture; '' where the settings want no picture with this text."""
        if self._settings.picture == "preview":
            return ""
        caption, whole = _fitted_html(message, MAX_CAPTION_LENGTH)
        return caption if whole or self._settings.picture == "always" else ""

    def _send_file(self, message: Message, medium: MessageMedium) -> Mapping[str, Any]:
        """Post a file with as much of the text below it as fits."""
        caption, _ = _fitted_html(message, MAX_CAPTION_LENGTH)
        fields = {"chat_id": self._settings.chat, "caption": caption, "parse_mode": "HTML"}
        others = {}
        if self._settings.silent:
            fields["disable_notification"] = "true"
        if medium.seconds:
            fields["duration"] = str(round(medium.seconds))
        if medium.kind == "audio":
            fields["title"] = message.title
        if medium.kind == "video":
            fields |= {"supports_streaming": "true", "width": str(medium.width), "height": str(medium.height)}
            if medium.poster is not None and medium.poster.length <= MAX_PHOTO_BYTES:
                fields["cover"] = "attach://poster"
                others["poster"] = medium.poster.file()
        method, name = _FILE_METHODS[medium.kind]
        body, kind = multipart_form(fields, name, medium.file(), **others)
        return self._request(method, raw=body, content_type=kind)

    def _send_photo(self, cover: CoverFile, caption: str) -> Mapping[str, Any]:
        fields = {"chat_id": self._settings.chat, "caption": caption, "parse_mode": "HTML"}
        if self._settings.silent:
            fields["disable_notification"] = "true"
        body, kind = multipart_form(fields, "photo", cover)
        return self._request("sendPhoto", raw=body, content_type=kind)

    def test(self) -> Receipt:
        """Read the bot's name and rights in the channel; publishes nothing. Raises ``TransportError``."""
        bot = self._request("getMe", {})
        chat = self._request("getChat", {"chat_id": self._settings.chat})
        role = self._request("getChatMember", {"chat_id": self._settings.chat, "user_id": bot.get("id")})
        if chat.get("type") != "channel":
            raise TransportError(f"{self._settings.chat} is a {chat.get('type', '?')}, not a channel", permanent=True)
        if role.get("status") != "creator" and not role.get("can_post_messages"):
            message = f"@{bot.get('username', '?')} may not post in {chat.get('title', '')}: make it an administrator"
            raise TransportError(message, permanent=True, needs=ChannelNeed.AUTHORISATION)
        return Receipt(status=200, detail=f"@{bot.get('username', '')} may post in {chat.get('title', '')}")

    def _edit(self, ident: str, html: str, caption: str, url: str) -> None:
        """Change the text of a message, or the ``caption`` of one with a picture."""
        try:
            try:
                self._request("editMessageText", {"message_id": int(ident), **self._text(html, url)})
            except TransportError as error:
                if _IS_PICTURE_WORDS not in str(error):
                    raise
                fields = {"chat_id": self._settings.chat, "message_id": int(ident), "caption": caption}
                self._request("editMessageCaption", {**fields, "parse_mode": "HTML"})
        except TransportError as error:
            if _UNCHANGED_WORDS not in str(error):
                raise

    def _delete(self, message: Message, ident: str) -> Receipt:
        try:
            self._request("deleteMessage", {"chat_id": self._settings.chat, "message_id": int(ident)})
        except TransportError as error:
            if any(word in str(error) for word in _GONE_WORDS):
                return self._receipt(ident, "the message was not there any more")
            if _UNDELETABLE_WORDS not in str(error):
                raise
            # The message is older than two days and the bot may not delete it: a notice replaces the text.
            self._edit(ident, recall_html(message), recall_html(message), message.url)
            return self._receipt(ident, "the bot may not delete it any more: a notice of recall stands in its place")
        return self._receipt(ident)

    def _text(self, html: str, url: str, *, silent: bool = False) -> dict[str, Any]:
        return {
            "chat_id": self._settings.chat,
            "text": html,
            "parse_mode": "HTML",
            "link_preview_options": {"url": url, "prefer_large_media": True, "show_above_text": True},
        } | ({"disable_notification": True} if silent else {})

    def _request(
        self,
        method: str,
        fields: Mapping[str, Any] | None = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json; charset=utf-8",
    ) -> Mapping[str, Any]:
        """Make one call and return its ``result``, ``{}`` where that is no object."""
        token = self._vault.load().get("bot_token", "")
        if not token:
            raise TransportError("the channel has no bot token", needs=ChannelNeed.AUTHORISATION)
        posts = method in _POSTING_METHODS
        body = json_body(fields) if fields is not None else raw
        headers = {"Content-Type": content_type}
        url = f"{self._settings.api_base}/bot{token}/{method}"
        answer = send_request(self._http_client, "POST", url, body=body, headers=headers, repeatable=not posts)
        values = json_object(answer.body)
        if values is not None and values.get("ok") is True:
            result = values.get("result")
            return result if isinstance(result, dict) else {}
        raise _error_for(answer.status, values, answer.retry_after, token, posts=posts)

    def _receipt(self, ident: str, detail: str = "") -> Receipt:
        chat = self._settings.chat
        place = chat[1:] if chat.startswith("@") else f"c/{chat.removeprefix('-100')}"
        return Receipt(remote_id=ident or None, url=f"https://t.me/{place}/{ident}", status=200, detail=detail)


def _ident(result: Mapping[str, Any]) -> str:
    return str(result.get("message_id", ""))


def _message_number(message: Message) -> str:
    """Return the number of the bulletin's message; for one that a person settled, it is the end of the address."""
    for known in (message.remote_id or "", (message.remote_url or "").rpartition("/")[2]):
        if known.isdigit():
            return known
    raise TransportError("the message's number at Telegram is not known", permanent=True)


def _error_for(
    status: int, answer: Mapping[str, Any] | None, asked: float | None, token: str, *, posts: bool
) -> TransportError:
    """Return the error for a response that is not ``ok``. Its own code takes precedence over the HTTP status."""
    if answer is None or "error_code" not in answer:
        message = f"answered {status} with something that is not Telegram's"
        return TransportError(
            message, status=status, retry_after=asked, outcome_unknown=posts and not 300 <= status < 500
        )
    code = int(str(answer["error_code"])) if str(answer["error_code"]).isdigit() else status
    parameters = answer.get("parameters")
    details: Mapping[str, Any] = parameters if isinstance(parameters, dict) else {}
    words = shorten(redact(str(answer.get("description", "")), [token]))
    message = f"answered {code}: {words}"
    if moved := details.get("migrate_to_chat_id"):
        return TransportError(f"the channel has another number now: enter {moved}", permanent=True, status=code)
    if code == 429:
        wait = str(details.get("retry_after", ""))
        return TransportError(message, status=code, retry_after=float(wait) if wait.isdigit() else asked)
    if code in {401, 403, 404}:
        return TransportError(message, status=code, needs=ChannelNeed.AUTHORISATION)
    if 400 <= code < 500:
        return TransportError(message, status=code, permanent=True)
    return TransportError(message, status=code, retry_after=asked, outcome_unknown=posts)
