"""A Facebook Page of the department. Experimental: written after the documentation, never run against Facebook.

Creating a post has no idempotency key; Facebook itself refuses the same text twice in a row (506). So after an answer
that was lost, and after such a refusal, the Page's own posts are looked through for the bulletin's address.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from campaigns.publishing.transport import Act, Counts, Message, Needs, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.account_settings import FacebookSettings
from coordinator.channels.calls import Door, Now, call, in_doubt, json_body, json_object
from coordinator.channels.facebook_errors import GONE, error_for, is_duplicate
from coordinator.channels.mastodon_text import post_text

MOST = 60_000  # characters; the documented limit is a little higher
NEWEST = 25  # posts of the Page that are looked through
CLOCKS = timedelta(minutes=1)  # by which Facebook's clock may be behind ours
COUNTS = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"
VIEWS = "post_media_view"  # the metrics before it were removed in 2025


class FacebookTransport:
    """One Page, written to by its own access token."""

    capabilities = capabilities.FACEBOOK

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._settings = FacebookSettings.model_validate(dict(values))
        self._vault, self._door = vault, door

    def send(self, message: Message) -> Receipt:
        """Post, change or delete. Raises ``TransportError``; only a new post can be in doubt."""
        if message.act is Act.PUBLISH:
            return self._post(message)
        known = message.remote_id or self._known(message)
        if message.act is Act.RECALL:
            return self._delete(message, known)
        if known is None:
            raise TransportError("the post is no longer among the newest of the Page; do this by hand", permanent=True)
        self._ask("POST", f"/{quote(known)}", {"message": post_text(message, MOST, None)})
        return Receipt(remote_id=known, url=message.remote_url, status=200)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """The Page's post that names this bulletin's address, made at or after ``since`` less a minute. Raises
        ``TransportError``. A change or a deletion is simply done again."""
        if message.act is not Act.PUBLISH:
            return None
        try:
            for post in self._posts():
                made = _moment(post.get("created_time"))
                if made is not None and made >= since - CLOCKS and message.url in str(post.get("message", "")):
                    return _receipt(post, "found among the Page's posts")
        except TransportError as error:
            raise in_doubt(error) from error
        return None

    def counts(self, receipt: Receipt) -> Counts:
        """Reactions, shares, comments and, where Facebook tells them, views. Raises ``TransportError``."""
        if receipt.remote_id is None:
            return Counts()
        told = self._ask("GET", f"/{quote(receipt.remote_id)}?{urlencode({'fields': COUNTS})}")
        return Counts(
            views=self._views(receipt.remote_id),
            likes=_number(_inner(told, "reactions", "summary", "total_count")),
            shares=_number(_inner(told, "shares", "count")),
            comments=_number(_inner(told, "comments", "summary", "total_count")),
        )

    def test(self) -> Receipt:
        """Ask whose token it is; publishes nothing. Raises ``TransportError``."""
        me = self._ask("GET", "/me?fields=id,name")
        told = str(me.get("id", ""))
        if told != self._settings.page_id:
            message = f"the access is for {told or 'nobody'}, but this channel is {self._settings.page_id}"
            raise TransportError(message, permanent=True, needs=Needs.AUTHORISATION)
        return Receipt(status=200, detail=f"{me.get('name', '')}: the token is this Page's")

    def _post(self, message: Message) -> Receipt:
        fields = {"message": post_text(message, MOST, None), "link": message.url, "published": True}
        try:
            made = self._ask("POST", f"/{self._settings.page_id}/feed", fields, repeatable=False)
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
        return Receipt(remote_id=ident, url=self._address(ident), status=200)

    def _address(self, ident: str) -> str | None:
        """Where a post stands. The post is there; failing now would only make somebody look for it."""
        try:
            told = self._ask("GET", f"/{quote(ident)}?fields=permalink_url")
        except TransportError:
            return None
        return _http(told.get("permalink_url"))

    def _delete(self, message: Message, known: str | None) -> Receipt:
        if known is None:
            return Receipt(url=message.remote_url, detail="the post was not among the newest of the Page any more")
        detail = ""
        try:
            self._ask("DELETE", f"/{quote(known)}")
        except TransportError as error:
            if GONE not in str(error):
                raise
            detail = "the post was not there any more"
        return Receipt(remote_id=known, url=message.remote_url, status=200, detail=detail)

    def _known(self, message: Message) -> str | None:
        for post in self._posts():
            if message.url in str(post.get("message", "")) or message.remote_url == post.get("permalink_url"):
                return str(post["id"])
        return None

    def _posts(self) -> Iterator[Mapping[str, Any]]:
        """The Page's newest posts."""
        query = urlencode({"fields": "id,message,permalink_url,created_time", "limit": NEWEST})
        told = self._ask("GET", f"/{self._settings.page_id}/published_posts?{query}")
        rows = told.get("data")
        yield from (row for row in (rows if isinstance(rows, list) else []) if isinstance(row, dict) and row.get("id"))

    def _views(self, ident: str) -> int | None:
        """Views of a post; None where Facebook does not tell: it renames these numbers every other year, and the others
        must not be lost for that."""
        try:
            told = self._ask("GET", f"/{quote(ident)}/insights?metric={VIEWS}")
        except TransportError as error:
            if error.needs is Needs.AUTHORISATION:
                raise
            return None
        rows = told.get("data")
        values = rows[0].get("values") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
        last = values[-1] if isinstance(values, list) and values else None
        return _number(last.get("value")) if isinstance(last, dict) else None

    def _ask(
        self, method: str, path: str, fields: Mapping[str, Any] | None = None, *, repeatable: bool = True
    ) -> Mapping[str, Any]:
        token = self._vault.load().get("page_token", "")
        if not token:
            raise TransportError("the channel has no access token", needs=Needs.AUTHORISATION)
        # In a header and not, as examples have it, in the address: addresses end up in logs.
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if fields is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        url = f"{self._settings.api_base}/{self._settings.version}{path}"
        body = json_body(fields) if fields is not None else None
        answer = call(self._door, method, url, body=body, headers=headers, repeatable=repeatable)
        told = json_object(answer.body)
        if 200 <= answer.status < 300 and told is not None and "error" not in told:
            return told
        raise error_for(answer, told, token, repeatable=repeatable)


def _receipt(post: Mapping[str, Any], detail: str) -> Receipt:
    return Receipt(remote_id=str(post["id"]), url=_http(post.get("permalink_url")), status=200, detail=detail)


def _http(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else None


def _inner(told: Any, *names: str) -> object:
    for name in names:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
