"""Accounts on servers with the Mastodon API: a post has headline, lead, picture and a link to the bulletin.

An idempotency key is sent, but not every server honours it, and none for longer than an hour. After a lost answer the
account's posts are therefore searched for the bulletin's address before anything is repeated.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

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
from coordinator.channels.http_calls import (
    CurrentTime,
    HttpRequester,
    json_body,
    json_list,
    json_object,
    redact,
    send_request,
    status_error,
    with_unknown_outcome,
)
from coordinator.channels.mastodon.settings import MastodonSettings
from coordinator.channels.multipart import multipart_form
from coordinator.channels.post_text import post_text, recall_text
from coordinator.http.responses import HttpResponse

PAGE_SIZE, MAX_PAGES = 40, 3  # posts of the account that are searched
MOST_PICTURES = 4  # of one post
_PLAYED = frozenset({"video", "audio"})
CLOCK_TOLERANCE = timedelta(minutes=1)  # by which the server's clock may be behind ours
DEFAULT_TEXT_LIMIT = 500  # characters, where a server does not say
# Seconds between two questions about an upload; together longer than any wait that the settings allow.
MEDIA_PAUSES = (1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0)


class MastodonTransport:
    """The adapter of one account on one server."""

    capabilities = capabilities.MASTODON

    def __init__(
        self,
        code: str,
        values: Mapping[str, Any],
        vault: Secrets,
        http_client: HttpRequester,
        now: CurrentTime,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = MastodonSettings.model_validate(dict(values))
        self._vault, self._http_client, self._now, self._sleep = vault, http_client, now, sleep

    def send(self, message: Message) -> Receipt:
        """Post, change or delete. Raises ``TransportError``; only a new post can have an unknown outcome."""
        if message.act is DeliveryAct.RECALL:
            return self._delete(message)
        limit, url_length = self._limits()
        fields: dict[str, Any] = {"status": post_text(message, limit, url_length), "language": "vi"}
        accepted, note = self._attach(message, fields)
        if accepted is not None:
            return accepted
        if message.act is DeliveryAct.CORRECT:
            known = self._existing_id(message)
            if known is None:
                raise TransportError("the post is no longer there", permanent=True, status=404)
            return _receipt(self._object(self._call("PUT", f"/api/v1/statuses/{quote(known)}", fields)), note)
        fields["visibility"] = self._settings.visibility
        headers = {"Idempotency-Key": message.key}
        answer = self._call("POST", "/api/v1/statuses", fields, headers=headers, repeatable=False)
        return _receipt(self._object(answer, doubtful=True), note)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """Return the account's post that links to this bulletin, made at or after ``since`` less a minute. Raises
        ``TransportError``. A change or a deletion is repeated without a lookup."""
        if message.act is not DeliveryAct.PUBLISH:
            return None
        try:
            for post in self._posts():
                if (made := _created_at(post)) is None or made < since - CLOCK_TOLERANCE:
                    continue
                if _links_to(post, message.url):
                    return _receipt(post, "found among the account's posts")
        except TransportError as error:
            raise with_unknown_outcome(error) from error
        return None

    def counts(self, receipt: Receipt) -> PostCounts:
        """Return favourites, boosts and replies; there is no count of views. Raises ``TransportError``."""
        if receipt.remote_id is None:
            return PostCounts()
        post = self._object(self._call("GET", f"/api/v1/statuses/{quote(receipt.remote_id)}"))
        likes, shares, comments = (_count(post.get(f"{name}_count")) for name in ("favourites", "reblogs", "replies"))
        return PostCounts(likes=likes, shares=shares, comments=comments)

    def test(self) -> Receipt:
        """Read the token's account; publishes nothing. Raises ``TransportError``."""
        me = self._me()
        text = str(me.get("acct") or me.get("username") or "")
        if text.casefold() != self._settings.account.casefold():
            message = f"the access is {text or 'nobody'}'s, but this channel is {self._settings.account}'s"
            raise TransportError(message, permanent=True, needs=ChannelNeed.AUTHORISATION)
        limit, _ = self._limits()
        followers = me.get("followers_count", "?")
        return Receipt(status=200, detail=f"{text}: {followers} followers, posts of up to {limit} characters")

    def _delete(self, message: Message) -> Receipt:
        known = self._existing_id(message)
        if known is None:
            return Receipt(url=message.remote_url, detail="the post was not there any more")
        path = f"/api/v1/statuses/{quote(known)}"
        answer = self._call("DELETE", path, allowed=frozenset({404, 405, 501}))
        if answer.status < 300 or (answer.status == 404 and json_object(answer.body) is not None):
            detail = "" if answer.status < 300 else "the post was not there any more"
            return Receipt(remote_id=known, url=message.remote_url, status=answer.status, detail=detail)
        # Some servers can change a post but not delete it: then a notice replaces the text.
        limit, _ = self._limits()
        fields = {"status": recall_text(message, limit), "language": "vi", "media_ids": []}
        changed = self._object(self._call("PUT", path, fields))
        note = "this server deletes no posts: a notice of recall stands in its place"
        # Some servers change the text and keep the picture without reporting it.
        left = f"{note}; its picture is still there" if changed.get("media_attachments") else note
        return _receipt(changed, left)

    def _existing_id(self, message: Message) -> str | None:
        """Return the id of the bulletin's post; it is looked up where a person gave only its address, or nothing."""
        if message.remote_id is not None:
            return message.remote_id
        for post in self._posts():
            if message.remote_url in (post.get("url"), post.get("uri")) or _links_to(post, message.url):
                return str(post["id"])
        return None

    def _posts(self) -> Iterator[Mapping[str, Any]]:
        """Return the account's newest posts."""
        account, last = quote(str(self._me().get("id", ""))), ""
        for _ in range(MAX_PAGES):
            query = {"limit": str(PAGE_SIZE), "exclude_reblogs": "true"} | ({"max_id": last} if last else {})
            answer = self._call("GET", f"/api/v1/accounts/{account}/statuses?{urlencode(query)}")
            items = json_list(answer.body)
            if items is None:
                raise TransportError("the server answered something that is no list of posts", status=answer.status)
            posts = [values for values in items if values.get("id")]
            yield from posts
            if not posts or str(posts[-1]["id"]) == last:
                return
            last = str(posts[-1]["id"])

    def _me(self) -> Mapping[str, Any]:
        try:
            return self._object(self._call("GET", "/api/v1/accounts/verify_credentials"))
        except TransportError as error:
            if error.status in {403, 422}:  # some servers answer an unknown token thus
                error.needs = ChannelNeed.AUTHORISATION
            raise

    def _limits(self) -> tuple[int, int | None]:
        """Return the longest post in characters, and the number of characters that an address counts as."""
        answer = self._call("GET", "/api/v2/instance", allowed=frozenset({404}))
        item: Any = json_object(answer.body) or {}
        for name in ("configuration", "statuses"):
            item = item.get(name) if isinstance(item, dict) else None
        item = item if isinstance(item, dict) else {}
        return _count(item.get("max_characters")) or DEFAULT_TEXT_LIMIT, _count(item.get("characters_reserved_per_url"))

    def _attach(self, message: Message, fields: dict[str, Any]) -> tuple[Receipt | None, str]:
        """Add the bulletin's video or audio, else its pictures; return the reasons for what the server refused.

        A post has one video or audio, or pictures. A receipt is returned instead while the server processes the file:
        nothing is posted yet, and the upload is asked for later.
        """
        notes = []
        if (film := next((medium for medium in message.files if medium.kind in _PLAYED), None)) is not None:
            try:
                ident, ready = self._upload_file(film, message.upload)
            except TransportError as error:
                if not error.permanent:
                    raise
                notes.append(f"without its {film.kind}: {error}")
            else:
                if not ready:
                    return Receipt(done=False, upload=ident, status=202, detail="the server processes its media"), ""
                fields["media_ids"] = [ident]
                return None, ""
        files = [message.cover] if message.cover is not None else []
        own = {file.name for file in files}
        files += [one.file() for one in message.files if one.kind == "picture" and one.ident not in own]
        notes += [self._picture_error(file, fields) for file in files[:MOST_PICTURES]]
        return None, "; ".join(filter(None, notes))

    def _upload_file(self, medium: MessageMedium, upload: str) -> tuple[str, bool]:
        """Return the id of an uploaded video or audio, and whether it can be posted. ``upload``: the id of an earlier
        upload, '' where there was none."""
        if upload:
            answer = self._call("GET", f"/api/v1/media/{quote(upload)}")
            return upload, answer.status == 200 and self._object(answer).get("url") is not None
        others = {"thumbnail": medium.poster.file()} if medium.poster is not None else {}
        body, kind = multipart_form({"description": medium.alt}, "file", medium.file(), **others)
        answer = self._call("POST", "/api/v2/media", raw=body, headers={"Content-Type": kind})
        return str(self._object(answer).get("id", "")), answer.status != 202

    def _picture_error(self, cover: CoverFile, fields: dict[str, Any]) -> str:
        """Upload a picture; where the server refuses it, return the reason."""
        body, kind = multipart_form({"description": cover.alt}, "file", cover)
        try:
            answer = self._call("POST", "/api/v2/media", raw=body, headers={"Content-Type": kind})
        except TransportError as error:
            if not error.permanent:
                raise
            return f"without its picture: {error}"
        ident = str(self._object(answer).get("id", ""))
        if answer.status == 202:
            try:
                ready = self._is_processed(ident)
            except TransportError as error:
                if not error.permanent:
                    raise
                return f"without its picture: {error}"
            if not ready:
                return "without its picture: the server was still working on it"
        fields.setdefault("media_ids", []).append(ident)
        return ""

    def _is_processed(self, ident: str) -> bool:
        """Ask until the server has processed an upload, for as long as the settings allow. It answers 206, or no
        address, while it works."""
        ends = self._now() + timedelta(seconds=self._settings.picture_wait)
        for pause in MEDIA_PAUSES:
            answer = self._call("GET", f"/api/v1/media/{quote(ident)}")
            if answer.status == 200 and self._object(answer).get("url") is not None:
                return True
            # The calls count too: all of a delivery has to end within its lease.
            left = (ends - self._now()).total_seconds()
            if left <= 0:
                return False
            self._sleep(min(pause, left))
        return False

    def _call(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        allowed: frozenset[int] = frozenset(),
    ) -> HttpResponse:
        token = self._vault.load().get("access_token", "")
        if not token:
            raise TransportError("the channel has no access token", needs=ChannelNeed.AUTHORISATION)
        sent = {"Authorization": f"Bearer {token}", "Accept": "application/json", **(headers or {})}
        if fields is not None:
            sent["Content-Type"] = "application/json; charset=utf-8"
        body = json_body(fields) if fields is not None else raw
        url = f"{self._settings.server_url}{path}"
        answer = send_request(self._http_client, method, url, body=body, headers=sent, repeatable=repeatable)
        if 200 <= answer.status < 300 or answer.status in allowed:
            return answer
        values = json_object(answer.body)
        words = redact(str(values.get("error", "")) if values else "", [token])
        error = status_error(answer, repeatable=repeatable, reason=words)
        if answer.status == 401:
            error.needs = ChannelNeed.AUTHORISATION
        elif answer.status == 410:
            error.needs = ChannelNeed.NOTHING  # a post that is gone, not the server
        elif answer.status == 429 and error.retry_after is None:
            error.retry_after = self._until(answer.headers.get("x-ratelimit-reset", ""))
        raise error

    def _until(self, text: str) -> float | None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return None
        return max((at - self._now()).total_seconds(), 0.0) if at.tzinfo is not None else None

    def _object(self, answer: HttpResponse, *, doubtful: bool = False) -> Mapping[str, Any]:
        values = json_object(answer.body)
        if values is None or "id" not in values:
            message = "the server answered something that is not Mastodon's"
            raise TransportError(message, status=answer.status, outcome_unknown=doubtful)
        return values


def _receipt(post: Mapping[str, Any], note: str = "") -> Receipt:
    url = post.get("url") or post.get("uri")
    return Receipt(remote_id=str(post["id"]), url=str(url) if url else None, status=200, detail=note)


def _links_to(post: Mapping[str, Any], url: str) -> bool:
    return url in str(post.get("content", "")).replace("&amp;", "&").replace("</span>", "").replace("<span>", "")


def _created_at(post: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(post.get("created_at", "")))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _count(item: object) -> int | None:
    return int(str(item)) if str(item).isdigit() else None
