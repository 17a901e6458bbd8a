"""A Facebook Page of the department. Experimental: written from the documentation, never run against Facebook.

Creating a post has no idempotency key; Facebook refuses the same text twice in a row (506). After a lost answer and
after such a refusal, the Page's posts are searched for the bulletin's address. Picture and video are uploaded
unpublished before the post that shows them; an upright short video becomes a reel.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from campaigns.channels.transport import (
    ChannelNeed,
    CoverFile,
    DeliveryAct,
    Message,
    MessageMedium,
    PostCounts,
    Receipt,
    Secrets,
    TransportError,
)
from coordinator.channels import capabilities
from coordinator.channels.facebook.errors import NOT_FOUND_WORDS, error_for, is_duplicate
from coordinator.channels.facebook.settings import FacebookSettings
from coordinator.channels.http_calls import (
    CurrentTime,
    HttpRequester,
    json_body,
    json_object,
    send_request,
    with_unknown_outcome,
)
from coordinator.channels.multipart import multipart_form
from coordinator.channels.post_text import post_text

MAX_TEXT_LENGTH = 60_000  # characters; the documented limit is a little higher
REEL_WIDTH, REEL_SECONDS = 540, (3.0, 90.0)  # pixels at least, and the bounds of the duration
NEWEST_POSTS = 25  # posts of the Page that are searched
CLOCK_TOLERANCE = timedelta(minutes=1)  # by which Facebook's clock may be behind ours
COUNT_FIELDS = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"


def is_reel(film: MessageMedium) -> bool:
    """Whether a video may be a reel: 9:16, of 3 to 90 seconds, and of at least 540 × 960 pixels."""
    upright = film.width >= REEL_WIDTH and film.width * 16 == film.height * 9
    return upright and REEL_SECONDS[0] <= film.seconds <= REEL_SECONDS[1]


class FacebookTransport:
    """The adapter of one Page, with the Page's access token."""

    capabilities = capabilities.FACEBOOK

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:
        self._settings = FacebookSettings.model_validate(dict(values))
        self._vault, self._http_client = vault, http_client

    def send(self, message: Message) -> Receipt:
        """Post, change or delete. Raises ``TransportError``; only a new post can have an unknown outcome."""
        if message.act is DeliveryAct.PUBLISH:
            return self._post(message)
        known = message.remote_id or self._existing_id(message)
        if message.act is DeliveryAct.RECALL:
            return self._delete(message, known)
        if known is None:
            raise TransportError("the post is no longer among the newest of the Page; do this by hand", permanent=True)
        self._request("POST", f"/{quote(known)}", {"message": post_text(message, MAX_TEXT_LENGTH, None)})
        return Receipt(remote_id=known, url=message.remote_url, status=200)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """Return the Page's post that contains this bulletin's address, made at or after ``since`` less a minute.
        Raises ``TransportError``. A change or a deletion is repeated without a lookup."""
        if message.act is not DeliveryAct.PUBLISH:
            return None
        try:
            for post in self._posts():
                made = _timestamp(post.get("created_time"))
                if made is not None and made >= since - CLOCK_TOLERANCE and message.url in str(post.get("message", "")):
                    return _receipt(post, "found among the Page's posts")
        except TransportError as error:
            raise with_unknown_outcome(error) from error
        return None

    def counts(self, receipt: Receipt) -> PostCounts:
        """Return reactions, shares, comments and, where available, views. Raises ``TransportError``."""
        if receipt.remote_id is None:
            return PostCounts()
        request = self._request("GET", f"/{quote(receipt.remote_id)}?{urlencode({'fields': COUNT_FIELDS})}")
        return PostCounts(
            views=self._views(receipt.remote_id),
            likes=_count(_nested_value(request, "reactions", "summary", "total_count")),
            shares=_count(_nested_value(request, "shares", "count")),
            comments=_count(_nested_value(request, "comments", "summary", "total_count")),
        )

    def test(self) -> Receipt:
        """Read the token's Page; publishes nothing. Raises ``TransportError``."""
        me = self._request("GET", "/me?fields=id,name")
        text = str(me.get("id", ""))
        if text != self._settings.page_id:
            message = f"the access is for {text or 'nobody'}, but this channel is {self._settings.page_id}"
            raise TransportError(message, permanent=True, needs=ChannelNeed.AUTHORISATION)
        return Receipt(status=200, detail=f"{me.get('name', '')}: the token is this Page's")

    def _post(self, message: Message) -> Receipt:
        note = ""
        if (film := next((medium for medium in message.files if medium.kind == "video"), None)) is not None:
            try:
                return self._post_reel(message, film) if is_reel(film) else self._post_video(message, film)
            except TransportError as error:
                if not error.permanent:
                    raise
                # Facebook refuses before it posts; a duplicate is looked up as below.
                note = f"without its video: {error}"
        receipt = self._post_text(message)
        return replace(receipt, detail="; ".join(filter(None, (note, receipt.detail))))

    def _post_video(self, message: Message, film: MessageMedium) -> Receipt:
        """Upload a video, which nobody sees before it is posted, and post it with the text as its description."""
        file = film.file()
        query = {"file_name": f"{message.code}.mp4", "file_length": str(len(file.body)), "file_type": file.mime}
        session = str(self._request("POST", f"/app/uploads?{urlencode(query)}").get("id", ""))
        url = f"{self._settings.api_base}/{self._settings.version}/{quote(session, safe=':=?&')}"
        handle = str(self._upload_file(url, {"file_offset": "0"}, file).get("h", ""))
        if not session or not handle:
            raise TransportError("Facebook gave no upload of the video", permanent=True, status=200)
        fields = {
            "fbuploader_video_file_chunk": handle,
            "title": message.title,
            "description": post_text(message, MAX_TEXT_LENGTH, None),
        }
        made = self._request("POST", f"/{self._settings.page_id}/videos", fields, repeatable=False)
        return self._video_receipt(str(made.get("id", "")), str(made.get("post_id", "")))

    def _post_reel(self, message: Message, film: MessageMedium) -> Receipt:
        """Upload a video as a reel, which nobody sees before the last call publishes it."""
        path = f"/{self._settings.page_id}/video_reels"
        begun = self._request("POST", path, {"upload_phase": "start"})
        video, url = str(begun.get("video_id", "")), str(begun.get("upload_url", ""))
        if not video or not self._is_facebooks(url):
            raise TransportError("Facebook gave no address to upload a reel to", permanent=True, status=200)
        file = film.file()
        self._upload_file(url, {"offset": "0", "file_size": str(len(file.body))}, file)
        fields = {
            "upload_phase": "finish",
            "video_id": video,
            "video_state": "PUBLISHED",
            "title": message.title,
            "description": post_text(message, MAX_TEXT_LENGTH, None),
        }
        made = self._request("POST", path, fields, repeatable=False)
        return self._video_receipt(video, str(made.get("post_id", "")))

    def _video_receipt(self, video: str, post: str) -> Receipt:
        """Return the receipt of a posted video: of its post where Facebook names it, else of the video."""
        if not video:
            raise TransportError("Facebook said yes but gave no id", status=200, outcome_unknown=True)
        ident = post or video
        if post and "_" not in post:
            ident = f"{self._settings.page_id}_{post}"
        return Receipt(remote_id=ident, url=self._address(ident), status=200)

    def _upload_file(self, url: str, headers: Mapping[str, str], file: CoverFile) -> Mapping[str, Any]:
        token = self._vault.load().get("page_token", "")
        sent = {**headers, "Authorization": f"OAuth {token}", "Content-Type": "application/octet-stream"}
        answer = send_request(self._http_client, "POST", url, body=file.body, headers=sent, repeatable=True)
        values = json_object(answer.body)
        if 200 <= answer.status < 300 and values is not None and "error" not in values:
            return values
        raise error_for(answer, values, token, repeatable=True)

    def _is_facebooks(self, url: str) -> bool:
        """Whether the token may be sent to an address that an answer names."""
        there, base = urlsplit(url), urlsplit(self._settings.api_base)
        ours = (there.scheme, there.netloc) == (base.scheme, base.netloc)
        return ours or (there.scheme == "https" and (there.hostname or "").endswith(".facebook.com"))

    def _post_text(self, message: Message) -> Receipt:
        fields: dict[str, Any] = {"message": post_text(message, MAX_TEXT_LENGTH, None), "published": True}
        picture, note = self._upload(message.cover)
        # A post has either pictures or the preview of a link; the text has the address in both cases.
        fields |= {"attached_media": [{"media_fbid": picture}]} if picture else {"link": message.url}
        try:
            made = self._request("POST", f"/{self._settings.page_id}/feed", fields, repeatable=False)
        except TransportError as error:
            if not is_duplicate(error):
                raise
            found = next((post for post in self._posts() if message.url in str(post.get("message", ""))), None)
            if found is None:
                raise
            return _receipt(found, "Facebook has this text already")
        ident = str(made.get("id", ""))
        if not ident:
            raise TransportError("Facebook said yes but gave no id", status=200, outcome_unknown=True)
        return Receipt(remote_id=ident, url=self._address(ident), status=200, detail=note)

    def _upload(self, cover: CoverFile | None) -> tuple[str, str]:
        """Upload the picture unpublished, which nobody sees before a post has it; returns its id, and where Facebook
        refuses it, the reason. A repeated upload does no harm."""
        if cover is None or not self._settings.post_picture:
            return "", ""
        body, kind = multipart_form({"published": "false", "alt_text_custom": cover.alt}, "source", cover)
        try:
            made = self._request("POST", f"/{self._settings.page_id}/photos", raw=body, content_type=kind)
        except TransportError as error:
            if not error.permanent:
                raise
            return "", f"without its picture: {error}"
        ident = str(made.get("id", ""))
        return ident, "" if ident else "without its picture: Facebook gave it no id"

    def _address(self, ident: str) -> str | None:
        """Return a post's address, '' where it cannot be read: the post exists, so an error would only cause a
        lookup."""
        try:
            request = self._request("GET", f"/{quote(ident)}?fields=permalink_url")
        except TransportError:
            return None
        return _http_url(request.get("permalink_url"))

    def _delete(self, message: Message, known: str | None) -> Receipt:
        if known is None:
            return Receipt(url=message.remote_url, detail="the post was not among the newest of the Page any more")
        detail = ""
        try:
            self._request("DELETE", f"/{quote(known)}")
        except TransportError as error:
            if NOT_FOUND_WORDS not in str(error):
                raise
            detail = "the post was not there any more"
        return Receipt(remote_id=known, url=message.remote_url, status=200, detail=detail)

    def _existing_id(self, message: Message) -> str | None:
        for post in self._posts():
            if message.url in str(post.get("message", "")) or message.remote_url == post.get("permalink_url"):
                return str(post["id"])
        return None

    def _posts(self) -> Iterator[Mapping[str, Any]]:
        """Return the Page's newest posts."""
        query = urlencode({"fields": "id,message,permalink_url,created_time", "limit": NEWEST_POSTS})
        request = self._request("GET", f"/{self._settings.page_id}/published_posts?{query}")
        rows = request.get("data")
        yield from (row for row in (rows if isinstance(rows, list) else []) if isinstance(row, dict) and row.get("id"))

    def _views(self, ident: str) -> int | None:
        """Return the views of a post; None where Facebook gives none. Facebook renames and retires these metrics, and
        refuses a call that names a retired one: each is asked for alone, and the other counts are not lost with it."""
        for metric in self._settings.views_metrics.split(","):
            try:
                request = self._request("GET", f"/{quote(ident)}/insights?metric={metric}")
            except TransportError as error:
                if error.needs is ChannelNeed.AUTHORISATION:
                    raise
                continue
            if (views := _last_value(request.get("data"))) is not None:
                return views
        return None

    def _request(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json; charset=utf-8",
        repeatable: bool = True,
    ) -> Mapping[str, Any]:
        token = self._vault.load().get("page_token", "")
        if not token:
            raise TransportError("the channel has no access token", needs=ChannelNeed.AUTHORISATION)
        # In a header instead of the address, as in Facebook's examples: addresses are written into logs.
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        body = json_body(fields) if fields is not None else raw
        if body is not None:
            headers["Content-Type"] = content_type
        url = f"{self._settings.api_base}/{self._settings.version}{path}"
        answer = send_request(self._http_client, method, url, body=body, headers=headers, repeatable=repeatable)
        values = json_object(answer.body)
        if 200 <= answer.status < 300 and values is not None and "error" not in values:
            return values
        raise error_for(answer, values, token, repeatable=repeatable)


def _receipt(post: Mapping[str, Any], detail: str) -> Receipt:
    return Receipt(remote_id=str(post["id"]), url=_http_url(post.get("permalink_url")), status=200, detail=detail)


def _http_url(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else None


def _nested_value(item: Any, *names: str) -> object:
    for name in names:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _last_value(rows: object) -> int | None:
    """Return the newest value in a response about one metric."""
    values = rows[0].get("values") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
    last = values[-1] if isinstance(values, list) and values else None
    return _count(last.get("value")) if isinstance(last, dict) else None


def _count(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _timestamp(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
