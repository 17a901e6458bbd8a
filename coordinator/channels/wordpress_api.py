"""WordPress's REST interface, as far as posts are handed in by it: one call a method, errors told in its own words.

Application passwords go in a header of every call, so no call leaves the site whose address was entered: what the front
page says of its interface is taken only where it lies on the same site.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from campaigns.publishing.transport import CoverFile, Needs, TransportError, Vault
from coordinator.channels.calls import Door, call, json_body, json_list, json_object, redact, shorten, status_error
from coordinator.channels.site_settings import WordpressSettings
from coordinator.http import Answer

_API_LINK = re.compile(r'<([^<>]+)>\s*;\s*rel="https://api\.w\.org/"')
_USUAL = "/wp-json/"
FIELDS = "id,slug,link,status"


class WordpressApi:
    """One site, as one of its users. Every method raises ``TransportError``."""

    def __init__(self, settings: WordpressSettings, vault: Vault, door: Door) -> None:
        self._settings, self._vault, self._door = settings, vault, door
        self._found: str | None = None

    def posts_named(self, slug: str) -> list[dict[str, Any]]:
        """The posts with this slug in any state but the bin."""
        return self._list("/wp/v2/posts", {"slug": slug, "status": "any", "_fields": FIELDS})

    def create(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A new post. A lost answer leaves it in doubt."""
        return self._object(self._call("POST", "/wp/v2/posts", fields, repeatable=False), in_doubt=True)

    def update(self, ident: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change a post; doing so twice is doing it once."""
        return self._object(self._call("POST", f"/wp/v2/posts/{ident}", fields))

    def trash(self, ident: str) -> Answer:
        """Put a post into the bin. The answer may say that it is there already (410), or gone altogether (404)."""
        return self._call("DELETE", f"/wp/v2/posts/{ident}", allowed=frozenset({404, 410}))

    def picture(self, slug: str) -> str | None:
        """The number of an uploaded picture with this slug."""
        found = self._list("/wp/v2/media", {"slug": slug, "_fields": "id"})
        return str(found[0]["id"]) if found else None

    def upload(self, slug: str, cover: CoverFile) -> str:
        """Upload a picture; its number. One that is there twice is only a picture too many."""
        suffix = "png" if cover.mime == "image/png" else "jpg"
        headers = {"Content-Type": cover.mime, "Content-Disposition": f'attachment; filename="{slug}.{suffix}"'}
        made = self._object(self._call("POST", "/wp/v2/media", raw=cover.body, headers=headers))
        ident = str(made.get("id", ""))
        self._call("POST", f"/wp/v2/media/{ident}", {"alt_text": cover.alt})
        return ident

    def comments(self, ident: str) -> int | None:
        """How many comments a post has."""
        answer = self._call("GET", "/wp/v2/comments", query={"post": ident, "per_page": "1", "_fields": "id"})
        told = answer.headers.get("x-wp-total", "")
        return int(told) if told.isdigit() else None

    def me(self) -> dict[str, Any]:
        """Who we are there, and what we may do."""
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
    ) -> Answer:
        body = json_body(fields) if fields is not None else raw
        sent = {"Authorization": self._authorization(), "Accept": "application/json", **(headers or {})}
        if fields is not None:
            sent["Content-Type"] = "application/json; charset=utf-8"
        url = self._address(route, query or {})
        answer = call(self._door, method, url, body=body, headers=sent, repeatable=repeatable)
        if 200 <= answer.status < 300 or (answer.status in allowed and json_object(answer.body) is not None):
            return answer
        raise self._error(answer, repeatable=repeatable)

    def _address(self, route: str, query: Mapping[str, str]) -> str:
        root = self._root()
        if "rest_route=" in root:  # a site without readable addresses
            return f"{root.rstrip('/')}{quote(route)}" + (f"&{urlencode(query)}" if query else "")
        return f"{root.rstrip('/')}{route}" + (f"?{urlencode(query)}" if query else "")

    def _root(self) -> str:
        """Where the interface is, as the front page says."""
        if self._found is None:
            front = self._settings.site_url + "/"
            answer = call(self._door, "HEAD", front, repeatable=True)
            if 300 <= answer.status < 400:
                there = shorten(answer.headers.get("location", "elsewhere"))
                raise TransportError(
                    f"the site sends on to {there}; enter the address at which it stays", permanent=True,
                    status=answer.status,
                )  # fmt: skip
            if answer.status in {408, 425, 429} or answer.status >= 500:
                raise status_error(answer, repeatable=True)
            said = _API_LINK.search(answer.headers.get("link", ""))
            self._found = said[1] if said and _same_site(said[1], front) else self._settings.site_url + _USUAL
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

    def _object(self, answer: Answer, *, in_doubt: bool = False) -> dict[str, Any]:
        told = json_object(answer.body)
        if told is None or "id" not in told:
            message = "the site answered something that is not WordPress's"
            raise TransportError(message, status=answer.status, outcome_unknown=in_doubt)
        return told

    def _error(self, answer: Answer, *, repeatable: bool) -> TransportError:
        told = json_object(answer.body)
        code = str(told.get("code", "")) if told else ""
        words = f"{code}: {told.get('message', '')}" if told and code else ""
        words = redact(words, [self._vault.load().get("password", "")])
        if answer.status == 401:
            # A wrong application password counts as nobody: WordPress then says what nobody may do.
            said = shorten(words) or "401"
            message = f"the site takes us for nobody ({said}): the user name or the application password is wrong"
            return TransportError(message, status=401, needs=Needs.AUTHORISATION)
        if answer.status == 403 and not code:
            return TransportError("answered 403 without a reason: something in front of the site", status=403)
        if answer.status == 410:
            return TransportError(f"answered 410: {shorten(words)}", permanent=True, status=410)
        return status_error(answer, repeatable=repeatable, reason=words)


def _same_site(one: str, other: str) -> bool:
    here, there = urlsplit(one), urlsplit(other)
    return (here.scheme, here.netloc) == (there.scheme, there.netloc)
