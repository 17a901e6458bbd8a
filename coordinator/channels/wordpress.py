"""A partner's WordPress: a bulletin becomes a post there, by default one that waits for the partner's own editor.

WordPress has no idempotency key and gives a second post of the same slug another slug. The bulletin's code is the slug,
it is looked for before anything is made and after every answer that was lost.
"""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from campaigns.publishing.transport import Act, Counts, Message, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.calls import Door, Now, in_doubt
from coordinator.channels.site_settings import WordpressSettings
from coordinator.channels.wordpress_api import WordpressApi

_OUT = "publish"
_NEEDED = {"publish": "publish_posts", "pending": "edit_posts", "draft": "edit_posts"}


class WordpressTransport:
    """One site, as one of its users."""

    capabilities = capabilities.WORDPRESS

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._settings = WordpressSettings.model_validate(dict(values))
        self._api = WordpressApi(self._settings, vault, door)

    def send(self, message: Message) -> Receipt:
        """Make, change or take down the post. Raises ``TransportError``.

        A post that the partner's editor has published stays published, one that was never looked at stays waiting.
        """
        known = self._known(message)
        if message.act is Act.RECALL:
            return self._take_down(message, known)
        if known is None and message.act is Act.CORRECT:
            raise TransportError("the post is no longer there: the site has removed it", permanent=True, status=404)
        fields: dict[str, Any] = {"title": message.title, "content": post_html(message), "excerpt": message.lead}
        note = self._dress(message, fields)
        if known is not None:
            return _receipt(self._api.update(known, fields), note)
        fields |= {"slug": slug_of(message), "status": self._settings.status, "comment_status": "closed"}
        if self._settings.category is not None:
            fields["categories"] = [int(self._settings.category)]
        return _receipt(self._api.create(fields), note)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """The post of this bulletin, if the site has one outside its bin. Raises ``TransportError``.

        Only making a post can be in doubt: a change or a removal is simply done again.
        """
        if message.act is not Act.PUBLISH:
            return None
        try:
            found = self._api.posts_named(slug_of(message))
        except TransportError as error:
            raise in_doubt(error) from error
        return _receipt(found[0], "found by its slug") if found else None

    def counts(self, receipt: Receipt) -> Counts:
        """Comments; WordPress tells nothing else. Raises ``TransportError``."""
        return Counts() if receipt.remote_id is None else Counts(comments=self._api.comments(receipt.remote_id))

    def test(self) -> Receipt:
        """Ask who we are and what we may do there; publishes nothing. Raises ``TransportError``."""
        me = self._api.me()
        told = me.get("capabilities")
        may: Mapping[str, Any] = told if isinstance(told, dict) else {}
        needed = _NEEDED[self._settings.status]
        if not may.get(needed):
            message = f"{me.get('name', self._settings.user)} may not do this there: it lacks {needed}"
            raise TransportError(message, permanent=True, status=403)
        pictures = "pictures too" if may.get("upload_files") else "no pictures: it lacks upload_files"
        return Receipt(status=200, detail=f"signed in as {me.get('name', '')}; may write, {pictures}")

    def _known(self, message: Message) -> str | None:
        """The number of the post there is, by its number while the slug is not looked at: editors change slugs."""
        if message.remote_id is not None:
            return message.remote_id
        found = self._api.posts_named(slug_of(message))
        return str(found[0]["id"]) if found else None

    def _take_down(self, message: Message, known: str | None) -> Receipt:
        if known is None:
            return Receipt(url=message.remote_url, detail="the post was not there any more")
        answer = self._api.trash(known)
        detail = {404: "the site had removed the post", 410: "the post was in the bin already"}.get(answer.status, "")
        return Receipt(remote_id=known, url=message.remote_url, status=answer.status, detail=detail)

    def _dress(self, message: Message, fields: dict[str, Any]) -> str:
        """Put the lead picture at the post; why it has none, where the site does not take it."""
        cover = message.cover
        if cover is None:
            return ""
        slug = f"{slug_of(message)}-{cover.name[:12]}"
        try:
            fields["featured_media"] = int(self._api.picture(slug) or self._api.upload(slug, cover))
        except TransportError as error:
            if not error.permanent or error.status not in {400, 403, 413}:
                raise
            # The text matters more than its picture: an account may lack the right, a site refuse the size.
            return f"without its picture: {error}"
        return ""


def slug_of(message: Message) -> str:
    """What the post is called in addresses: the bulletin's code, which never changes."""
    return message.code.lower()


def post_html(message: Message) -> str:
    """The text as the post carries it: lead, text, what was corrected, and the source with its link at the end.

    The lead is the excerpt too, but WordPress's usual themes show an excerpt in lists alone.
    """
    parts = [f"<p><strong>{escape(message.lead, quote=False)}</strong></p>"] if message.lead.strip() else []
    parts.append(message.body_html)
    if message.act is Act.CORRECT and message.note.strip():
        parts.append(f"<p><strong>Đính chính:</strong> {escape(message.note.strip(), quote=False)}</p>")
    source = escape(message.author, quote=False)
    parts.append(f'<p>Nguồn: <a href="{escape(message.url)}">{source}</a></p>')
    return "\n".join(parts)


def _receipt(post: Mapping[str, Any], note: str = "") -> Receipt:
    state = str(post.get("status", ""))
    waits = "" if state == _OUT else f"waits there as {state}"
    # An unpublished post has an address that only its editors can open; it is kept, for it becomes the public one.
    detail = "; ".join(part for part in (waits, note) if part)
    return Receipt(remote_id=str(post["id"]), url=str(post.get("link") or "") or None, status=200, detail=detail)
