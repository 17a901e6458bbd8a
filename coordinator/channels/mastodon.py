"""Accounts on Mastodon and what speaks its interface: a post with headline, lead, picture and a link to the bulletin.

An idempotency key goes along, but not every server heeds it, and none for longer than an hour. So after an answer that
was lost the account's own posts are looked through for the bulletin's address before anything is repeated.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

from campaigns.publishing.transport import Act, Counts, CoverFile, Message, Needs, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.account_settings import MastodonSettings
from coordinator.channels.calls import (
    Door,
    Now,
    call,
    in_doubt,
    json_body,
    json_list,
    json_object,
    redact,
    status_error,
)
from coordinator.channels.mastodon_text import post_text, recall_text
from coordinator.http import Answer

PAGE, PAGES = 40, 3  # posts of ours that are looked through
CLOCKS = timedelta(minutes=1)  # by which the server's clock may be behind ours
USUAL_LIMIT = 500  # characters, where a server does not say


class MastodonTransport:
    """One account on one server."""

    capabilities = capabilities.MASTODON

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._settings = MastodonSettings.model_validate(dict(values))
        self._vault, self._door, self._now = vault, door, now

    def send(self, message: Message) -> Receipt:
        """Post, change or delete. Raises ``TransportError``; only a new post can be in doubt."""
        if message.act is Act.RECALL:
            return self._delete(message)
        limit, url_length = self._limits()
        fields: dict[str, Any] = {"status": post_text(message, limit, url_length), "language": "vi"}
        note = self._dress(message.cover, fields)
        if message.act is Act.CORRECT:
            known = self._known(message)
            if known is None:
                raise TransportError("the post is no longer there", permanent=True, status=404)
            return _receipt(self._object(self._call("PUT", f"/api/v1/statuses/{quote(known)}", fields)), note)
        fields["visibility"] = self._settings.visibility
        headers = {"Idempotency-Key": message.key}
        answer = self._call("POST", "/api/v1/statuses", fields, headers=headers, repeatable=False)
        return _receipt(self._object(answer, doubtful=True), note)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """The account's post that links to this bulletin, made at or after ``since`` less a minute. Raises
        ``TransportError``. A change or a deletion is simply done again."""
        if message.act is not Act.PUBLISH:
            return None
        try:
            for post in self._posts():
                if (made := _moment(post)) is None or made < since - CLOCKS:
                    continue
                if _links_to(post, message.url):
                    return _receipt(post, "found among the account's posts")
        except TransportError as error:
            raise in_doubt(error) from error
        return None

    def counts(self, receipt: Receipt) -> Counts:
        """Favourites, boosts and replies; nobody tells views. Raises ``TransportError``."""
        if receipt.remote_id is None:
            return Counts()
        post = self._object(self._call("GET", f"/api/v1/statuses/{quote(receipt.remote_id)}"))
        likes, shares, comments = (_number(post.get(f"{name}_count")) for name in ("favourites", "reblogs", "replies"))
        return Counts(likes=likes, shares=shares, comments=comments)

    def test(self) -> Receipt:
        """Ask whose access it is; publishes nothing. Raises ``TransportError``."""
        me = self._me()
        told = str(me.get("acct") or me.get("username") or "")
        if told.casefold() != self._settings.account.casefold():
            message = f"the access is {told or 'nobody'}'s, but this channel is {self._settings.account}'s"
            raise TransportError(message, permanent=True, needs=Needs.AUTHORISATION)
        limit, _ = self._limits()
        followers = me.get("followers_count", "?")
        return Receipt(status=200, detail=f"{told}: {followers} followers, posts of up to {limit} characters")

    def _delete(self, message: Message) -> Receipt:
        known = self._known(message)
        if known is None:
            return Receipt(url=message.remote_url, detail="the post was not there any more")
        path = f"/api/v1/statuses/{quote(known)}"
        answer = self._call("DELETE", path, allowed=frozenset({404, 405, 501}))
        if answer.status < 300 or (answer.status == 404 and json_object(answer.body) is not None):
            detail = "" if answer.status < 300 else "the post was not there any more"
            return Receipt(remote_id=known, url=message.remote_url, status=answer.status, detail=detail)
        # Some servers can change a post but not delete it: then a notice takes the text's place.
        limit, _ = self._limits()
        fields = {"status": recall_text(message, limit), "language": "vi", "media_ids": []}
        changed = self._object(self._call("PUT", path, fields))
        note = "this server deletes no posts: a notice of recall stands in its place"
        # Some take the text and leave the picture, which nothing else at the post says.
        left = f"{note}; its picture is still there" if changed.get("media_attachments") else note
        return _receipt(changed, left)

    def _known(self, message: Message) -> str | None:
        """The number of the bulletin's post; looked for where a person told only its address, or nothing."""
        if message.remote_id is not None:
            return message.remote_id
        for post in self._posts():
            if message.remote_url in (post.get("url"), post.get("uri")) or _links_to(post, message.url):
                return str(post["id"])
        return None

    def _posts(self) -> Iterator[Mapping[str, Any]]:
        """The account's own newest posts."""
        account, last = quote(str(self._me().get("id", ""))), ""
        for _ in range(PAGES):
            query = {"limit": str(PAGE), "exclude_reblogs": "true"} | ({"max_id": last} if last else {})
            answer = self._call("GET", f"/api/v1/accounts/{account}/statuses?{urlencode(query)}")
            items = json_list(answer.body)
            if items is None:
                raise TransportError("the server answered something that is no list of posts", status=answer.status)
            posts = [one for one in items if one.get("id")]
            yield from posts
            if not posts or str(posts[-1]["id"]) == last:
                return
            last = str(posts[-1]["id"])

    def _me(self) -> Mapping[str, Any]:
        try:
            return self._object(self._call("GET", "/api/v1/accounts/verify_credentials"))
        except TransportError as error:
            if error.status in {403, 422}:  # how some servers answer an access they do not know
                error.needs = Needs.AUTHORISATION
            raise

    def _limits(self) -> tuple[int, int | None]:
        """How long a post may be, in characters, and as how many an address counts."""
        answer = self._call("GET", "/api/v2/instance", allowed=frozenset({404}))
        told: Any = json_object(answer.body) or {}
        for name in ("configuration", "statuses"):
            told = told.get(name) if isinstance(told, dict) else None
        told = told if isinstance(told, dict) else {}
        return _number(told.get("max_characters")) or USUAL_LIMIT, _number(told.get("characters_reserved_per_url"))

    def _dress(self, cover: CoverFile | None, fields: dict[str, Any]) -> str:
        """Upload the picture; why the post has none, where the server does not take it."""
        if cover is None:
            return ""
        boundary = token_hex(16)
        body = _form(boundary, cover)
        kind = f"multipart/form-data; boundary={boundary}"
        try:
            answer = self._call("POST", "/api/v2/media", raw=body, headers={"Content-Type": kind})
        except TransportError as error:
            if not error.permanent:
                raise
            return f"without its picture: {error}"
        ident = str(self._object(answer).get("id", ""))
        if answer.status == 202 and self._object(self._call("GET", f"/api/v1/media/{quote(ident)}")).get("url") is None:
            return "without its picture: the server was still working on it"
        fields["media_ids"] = [ident]
        return ""

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
    ) -> Answer:
        token = self._vault.load().get("access_token", "")
        if not token:
            raise TransportError("the channel has no access token", needs=Needs.AUTHORISATION)
        sent = {"Authorization": f"Bearer {token}", "Accept": "application/json", **(headers or {})}
        if fields is not None:
            sent["Content-Type"] = "application/json; charset=utf-8"
        body = json_body(fields) if fields is not None else raw
        url = f"{self._settings.server_url}{path}"
        answer = call(self._door, method, url, body=body, headers=sent, repeatable=repeatable)
        if 200 <= answer.status < 300 or answer.status in allowed:
            return answer
        told = json_object(answer.body)
        words = redact(str(told.get("error", "")) if told else "", [token])
        error = status_error(answer, repeatable=repeatable, reason=words)
        if answer.status == 401:
            error.needs = Needs.AUTHORISATION
        elif answer.status == 410:
            error.needs = Needs.NOTHING  # a post that is gone, not the server
        elif answer.status == 429 and error.retry_after is None:
            error.retry_after = self._until(answer.headers.get("x-ratelimit-reset", ""))
        raise error

    def _until(self, told: str) -> float | None:
        try:
            at = datetime.fromisoformat(told)
        except ValueError:
            return None
        return max((at - self._now()).total_seconds(), 0.0) if at.tzinfo is not None else None

    def _object(self, answer: Answer, *, doubtful: bool = False) -> Mapping[str, Any]:
        told = json_object(answer.body)
        if told is None or "id" not in told:
            message = "the server answered something that is not Mastodon's"
            raise TransportError(message, status=answer.status, outcome_unknown=doubtful)
        return told


def _form(boundary: str, cover: CoverFile) -> bytes:
    """A picture and what it shows, as a form that carries a file (RFC 7578)."""
    suffix = "png" if cover.mime == "image/png" else "jpg"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="description"\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{cover.alt}\r\n"
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{cover.name}.{suffix}"\r\n'
        f"Content-Type: {cover.mime}\r\n\r\n"
    )
    return head.encode() + cover.body + f"\r\n--{boundary}--\r\n".encode()


def _receipt(post: Mapping[str, Any], note: str = "") -> Receipt:
    url = post.get("url") or post.get("uri")
    return Receipt(remote_id=str(post["id"]), url=str(url) if url else None, status=200, detail=note)


def _links_to(post: Mapping[str, Any], url: str) -> bool:
    return url in str(post.get("content", "")).replace("&amp;", "&").replace("</span>", "").replace("<span>", "")


def _moment(post: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(post.get("created_at", "")))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _number(told: object) -> int | None:
    return int(str(told)) if str(told).isdigit() else None
