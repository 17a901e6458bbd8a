"""A partner's WordPress site: a bulletin becomes a post, by default one that waits for the partner's editor.

WordPress has no idempotency key and gives a second post with the same slug another slug. The bulletin's code is the
slug; it is looked up before a post is created and after every lost answer.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from campaigns.bulletins.media import SUFFIXES
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
    shorten,
    status_error,
    with_unknown_outcome,
)
from coordinator.channels.post_text import play_line
from coordinator.channels.wordpress.settings import WordpressSettings
from coordinator.http.responses import HttpResponse

# The part of WordPress's REST API that creates posts: one call for each method; errors have WordPress's message.


_API_LINK = re.compile(r'<([^<>]+)>\s*;\s*rel="https://api\.w\.org/"')
_DEFAULT_ROOT = "/wp-json/"
FIELDS = "id,slug,link,status"


class WordpressApi:
    """The REST API of one site, as one of its users. Every method raises ``TransportError``."""

    def __init__(self, settings: WordpressSettings, vault: Secrets, http_client: HttpRequester) -> None:
        self._settings, self._vault, self._http_client = settings, vault, http_client
        self._found: str | None = None

    def posts_named(self, slug: str) -> list[dict[str, Any]]:
        """Return the posts with this slug in any state except the bin."""
        return self._list("/wp/v2/posts", {"slug": slug, "status": "any", "_fields": FIELDS})

    def create(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create a post. A lost answer leaves the outcome unknown."""
        return self._object(self._call("POST", "/wp/v2/posts", fields, repeatable=False), in_doubt=True)

    def update(self, ident: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change a post; a repetition has no further effect."""
        return self._object(self._call("POST", f"/wp/v2/posts/{ident}", fields))

    def trash(self, ident: str) -> HttpResponse:
        """Move a post to the bin. The response may say that it is there already (410), or deleted (404)."""
        return self._call("DELETE", f"/wp/v2/posts/{ident}", allowed=frozenset({404, 410}))

    def picture(self, slug: str) -> str | None:
        """Return the id of an uploaded picture with this slug."""
        found = self._list("/wp/v2/media", {"slug": slug, "_fields": "id"})
        return str(found[0]["id"]) if found else None

    def upload(self, slug: str, cover: CoverFile) -> str:
        """Upload a picture; returns its id. A second upload of the same picture does no harm."""
        return self._upload(slug, cover)[0]

    def file(self, slug: str, medium: MessageMedium) -> tuple[str, str]:
        """Return the id and address of a file with this slug, which is uploaded where the site has none."""
        if (found := self._known_file(slug)) is not None:
            return found
        try:
            return self._upload(slug, medium.file())
        except TransportError as error:
            # WordPress keeps the file before it reads its properties, and may fail at that.
            if error.status != 500 or (found := self._known_file(slug)) is None:
                raise
            return found

    def _known_file(self, slug: str) -> tuple[str, str] | None:
        found = self._list("/wp/v2/media", {"slug": slug, "_fields": "id,source_url"})
        url = found[0].get("source_url") if found else None
        return (str(found[0]["id"]), str(url)) if url else None

    def _upload(self, slug: str, file: CoverFile) -> tuple[str, str]:
        name = f"{slug}.{SUFFIXES[file.mime]}"
        headers = {"Content-Type": file.mime, "Content-Disposition": f'attachment; filename="{name}"'}
        made = self._object(self._call("POST", "/wp/v2/media", raw=file.body, headers=headers))
        ident = str(made.get("id", ""))
        self._call("POST", f"/wp/v2/media/{ident}", {"alt_text": file.alt})
        return ident, str(made.get("source_url", ""))

    def comments(self, ident: str) -> int | None:
        """Return the number of comments of a post."""
        answer = self._call("GET", "/wp/v2/comments", query={"post": ident, "per_page": "1", "_fields": "id"})
        text = answer.headers.get("x-wp-total", "")
        return int(text) if text.isdigit() else None

    def me(self) -> dict[str, Any]:
        """Return the account and its capabilities."""
        query = {"context": "edit", "_fields": "id,name,capabilities"}
        return self._object(self._call("GET", "/wp/v2/users/me", query=query))

    def _call(
        self,
        method: str,
        route: str,
        fields: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        allowed: frozenset[int] = frozenset(),
    ) -> HttpResponse:
        body = json_body(fields) if fields is not None else raw
        sent = {"Authorization": self._authorization(), "Accept": "application/json", **(headers or {})}
        if fields is not None:
            sent["Content-Type"] = "application/json; charset=utf-8"
        url = self._address(route, query or {})
        answer = send_request(self._http_client, method, url, body=body, headers=sent, repeatable=repeatable)
        if 200 <= answer.status < 300 or (answer.status in allowed and json_object(answer.body) is not None):
            return answer
        raise self._error(answer, repeatable=repeatable)

    def _address(self, route: str, query: Mapping[str, str]) -> str:
        root = self._root()
        if "rest_route=" in root:  # a site without pretty permalinks
            return f"{root.rstrip('/')}{quote(route)}" + (f"&{urlencode(query)}" if query else "")
        return f"{root.rstrip('/')}{route}" + (f"?{urlencode(query)}" if query else "")

    def _root(self) -> str:
        """Return the address of the REST API, as the front page declares it."""
        if self._found is None:
            front = self._settings.site_url + "/"
            answer = send_request(self._http_client, "HEAD", front, repeatable=True)
            if 300 <= answer.status < 400:
                there = shorten(answer.headers.get("location", "elsewhere"))
                raise TransportError(
                    f"the site sends on to {there}; enter the address at which it stays", permanent=True,
                    status=answer.status,
                )  # fmt: skip
            if answer.status in {408, 425, 429} or answer.status >= 500:
                raise status_error(answer, repeatable=True)
            match = _API_LINK.search(answer.headers.get("link", ""))
            self._found = match[1] if match and _same_site(match[1], front) else self._settings.site_url + _DEFAULT_ROOT
        return self._found

    def _authorization(self) -> str:
        password = self._vault.load().get("password", "")
        if not password:
            raise TransportError("the channel has no application password", permanent=True)
        pair = f"{self._settings.user}:{password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def _list(self, route: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        answer = self._call("GET", route, query=query)
        items = json_list(answer.body)
        if items is None:
            raise TransportError("the site answered something that is not WordPress's list", status=answer.status)
        return items

    def _object(self, answer: HttpResponse, *, in_doubt: bool = False) -> dict[str, Any]:
        values = json_object(answer.body)
        if values is None or "id" not in values:
            message = "the site answered something that is not WordPress's"
            raise TransportError(message, status=answer.status, outcome_unknown=in_doubt)
        return values

    def _error(self, answer: HttpResponse, *, repeatable: bool) -> TransportError:
        values = json_object(answer.body)
        code = str(values.get("code", "")) if values else ""
        words = f"{code}: {values.get('message', '')}" if values and code else ""
        words = redact(words, [self._vault.load().get("password", "")])
        if answer.status == 401:
            # With a wrong application password WordPress treats the request as anonymous.
            text = shorten(words) or "401"
            message = f"the site takes us for nobody ({text}): the user name or the application password is wrong"
            return TransportError(message, status=401, needs=ChannelNeed.AUTHORISATION)
        if answer.status == 403 and not code:
            return TransportError("answered 403 without a reason: something in front of the site", status=403)
        if answer.status == 410:
            return TransportError(f"answered 410: {shorten(words)}", permanent=True, status=410)
        return status_error(answer, repeatable=repeatable, reason=words)


def _same_site(url: str, other: str) -> bool:
    here, there = urlsplit(url), urlsplit(other)
    return (here.scheme, here.netloc) == (there.scheme, there.netloc)


_PUBLISHED = "publish"
# What a site answers to a file that it will never take: no right, too large, a type that it refuses, or a server that
# ends for want of memory or disk. The text must not wait for it.
REFUSED_FILE = frozenset({400, 403, 413, 415, 500, 507})
_REQUIRED_CAPABILITY = {"publish": "publish_posts", "pending": "edit_posts", "draft": "edit_posts"}


class WordpressTransport:
    """The adapter of one site, as one of its users."""

    capabilities = capabilities.WORDPRESS

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:
        self._settings = WordpressSettings.model_validate(dict(values))
        self._api = WordpressApi(self._settings, vault, http_client)

    def send(self, message: Message) -> Receipt:
        """Create, change or remove the post. Raises ``TransportError``.

        A post that the partner's editor has published stays published; one that waits for review keeps waiting.
        """
        known = self._existing_id(message)
        if message.act is DeliveryAct.RECALL:
            return self._take_down(message, known)
        if known is None and message.act is DeliveryAct.CORRECT:
            raise TransportError("the post is no longer there: the site has removed it", permanent=True, status=404)
        fields: dict[str, Any] = {"title": message.title, "excerpt": message.lead}
        notes = [self._picture_error(message, fields)]
        fields["content"] = post_html(message, self._media_html(message, notes))
        note = "; ".join(filter(None, notes))
        if known is not None:
            return _receipt(self._api.update(known, fields), note)
        fields |= {"slug": post_slug(message), "status": self._settings.status, "comment_status": "closed"}
        if self._settings.category is not None:
            fields["categories"] = [int(self._settings.category)]
        return _receipt(self._api.create(fields), note)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """Return the post of this bulletin, if the site has one outside its bin. Raises ``TransportError``.

        Only the creation of a post can have an unknown outcome: a change or a removal is repeated.
        """
        if message.act is not DeliveryAct.PUBLISH:
            return None
        try:
            found = self._api.posts_named(post_slug(message))
        except TransportError as error:
            raise with_unknown_outcome(error) from error
        return _receipt(found[0], "found by its slug") if found else None

    def counts(self, receipt: Receipt) -> PostCounts:
        """Return the number of comments, WordPress's only count. Raises ``TransportError``."""
        return PostCounts() if receipt.remote_id is None else PostCounts(comments=self._api.comments(receipt.remote_id))

    def test(self) -> Receipt:
        """Read the account and its capabilities; publishes nothing. Raises ``TransportError``."""
        me = self._api.me()
        item = me.get("capabilities")
        may: Mapping[str, Any] = item if isinstance(item, dict) else {}
        needed = _REQUIRED_CAPABILITY[self._settings.status]
        if not may.get(needed):
            message = f"{me.get('name', self._settings.user)} may not do this there: it lacks {needed}"
            raise TransportError(message, permanent=True, status=403)
        pictures = "pictures too" if may.get("upload_files") else "no pictures: it lacks upload_files"
        return Receipt(status=200, detail=f"signed in as {me.get('name', '')}; may write, {pictures}")

    def _existing_id(self, message: Message) -> str | None:
        """Return the id of the existing post. A known id is used before the slug, since editors change slugs."""
        if message.remote_id is not None:
            return message.remote_id
        found = self._api.posts_named(post_slug(message))
        return str(found[0]["id"]) if found else None

    def _take_down(self, message: Message, known: str | None) -> Receipt:
        if known is None:
            return Receipt(url=message.remote_url, detail="the post was not there any more")
        answer = self._api.trash(known)
        detail = {404: "the site had removed the post", 410: "the post was in the bin already"}.get(answer.status, "")
        return Receipt(remote_id=known, url=message.remote_url, status=answer.status, detail=detail)

    def _picture_error(self, message: Message, fields: dict[str, Any]) -> str:
        """Upload the lead picture; where the site refuses it, return the reason."""
        cover = message.cover
        if cover is None:
            return ""
        slug = f"{post_slug(message)}-{cover.name[:12]}"
        try:
            fields["featured_media"] = int(self._api.picture(slug) or self._api.upload(slug, cover))
        except TransportError as error:
            if not error.permanent or error.status not in {400, 403, 413}:
                raise
            # The post is sent without the picture where the account lacks the right or the site refuses the size.
            return f"without its picture: {error}"
        return ""

    def _media_html(self, message: Message, notes: list[str]) -> list[str]:
        """Return each medium as a block, uploaded where the site takes it; else as a link. ``notes`` gets the reasons.

        Each has a slug of its own and is looked up first, so that a repeated delivery uploads nothing twice.
        """
        blocks = []
        for medium in message.media:
            try:
                blocks.append(self._block(message, medium) if not medium.misfit else media_link(medium))
            except TransportError as error:
                if error.status not in REFUSED_FILE:
                    raise
                notes.append(f"without its {medium.kind}: {error}")
                blocks.append(media_link(medium))
        return blocks

    def _block(self, message: Message, medium: MessageMedium) -> str:
        ident, url = self._file(message, medium)
        poster = self._file(message, medium.poster)[1] if medium.poster is not None and medium.kind == "video" else ""
        captions = self._file(message, medium.captions)[1] if medium.captions is not None else ""
        return media_block(medium, int(ident), url, poster=poster, captions=captions)

    def _file(self, message: Message, medium: MessageMedium) -> tuple[str, str]:
        return self._api.file(f"{post_slug(message)}-{medium.ident[:12]}", medium)


def post_slug(message: Message) -> str:
    """Return the slug of the post: the bulletin's code, which never changes."""
    return message.code.lower()


def media_link(medium: MessageMedium) -> str:
    """Return the link to a medium that the site does not have."""
    return f'<p><a href="{escape(medium.url)}">{escape(play_line(medium), quote=False)}</a></p>'


def media_block(medium: MessageMedium, ident: int, url: str, *, poster: str = "", captions: str = "") -> str:
    """Return the block of WordPress's editor for a file that the site has. ``ident``, ``url``: of the file there;
    ``poster``, ``captions``: addresses there, '' for none. Captions of an audio have no place in its block."""
    kind, alt, address = medium.kind, escape(medium.alt), escape(url)
    note = f'<figcaption class="wp-element-caption">{escape(medium.alt, quote=False)}</figcaption>' if alt else ""
    match kind:
        case "video":
            drawn = f' poster="{escape(poster)}"' if poster else ""
            words = (
                f'<track src="{escape(captions)}" kind="captions" srclang="vi" label="Tiếng Việt">' if captions else ""
            )
            shown = f'<video controls{drawn} src="{address}">{words}</video>{note}'
        case "audio":
            shown = f'<audio controls src="{address}"></audio>{note}'
        case "picture":
            kind, shown = "image", f'<img src="{address}" alt="{alt}" class="wp-image-{ident}"/>'
        case _:
            shown = f'<a href="{address}">{escape(play_line(medium), quote=False)}</a>'
            given = json_body({"id": ident, "href": url}).decode()
            return f'<!-- wp:file {given} -->\n<div class="wp-block-file">{shown}</div>\n<!-- /wp:file -->'
    return f'<!-- wp:{kind} {{"id":{ident}}} -->\n<figure class="wp-block-{kind}">{shown}</figure>\n<!-- /wp:{kind} -->'


def post_html(message: Message, media: Sequence[str] = ()) -> str:
    """Return the text of the post: lead, media, text, note of the correction, and the source with its link at the end.

    The lead is the excerpt too, but WordPress's usual themes show an excerpt only in lists.
    """
    parts = [f"<p><strong>{escape(message.lead, quote=False)}</strong></p>"] if message.lead.strip() else []
    parts += [*media, message.body_html]
    if message.act is DeliveryAct.CORRECT and message.note.strip():
        parts.append(f"<p><strong>Đính chính:</strong> {escape(message.note.strip(), quote=False)}</p>")
    source = escape(message.author, quote=False)
    parts.append(f'<p>Nguồn: <a href="{escape(message.url)}">{source}</a></p>')
    return "\n".join(parts)


def _receipt(post: Mapping[str, Any], note: str = "") -> Receipt:
    state = str(post.get("status", ""))
    waits = "" if state == _PUBLISHED else f"waits there as {state}"
    # The address of an unpublished post can be opened only by editors; it is kept, since it becomes the public one.
    detail = "; ".join(part for part in (waits, note) if part)
    return Receipt(remote_id=str(post["id"]), url=str(post.get("link") or "") or None, status=200, detail=detail)
