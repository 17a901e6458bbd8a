"""SANDBOX, not Zalo: the state and rules of one pretended Official Account, after the documented behaviour.

Nothing here is Zalo's code or reaches Zalo. It follows what integrations in use rely on: tokens and their single use,
articles worked on in the background, limits, error codes. Where the real behaviour is not known, it refuses.
"""

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from campaigns.core.clock import CITY, utc_now

CODE_LIFE = timedelta(minutes=10)
MOST_ON_A_PAGE = 10
MOST_ELEMENTS = 5
NIGHT_FROM, NIGHT_TO = time(22, 0), time(6, 0)
LIMITS = {"title": 150, "author": 50, "description": 300}


class Refused(Exception):
    """An answer with an error code: HTTP 200 all the same, as Zalo does it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Article:
    """One article. Moments are milliseconds of Unix time, as on Zalo's list."""

    id: str
    content: dict[str, Any]
    created: int
    updated: int
    views: int = 0
    shares: int = 0

    def shown(self, base: str) -> dict[str, Any]:
        """The article as the list and the detail show it; ids and counts are numbers or text as on Zalo's."""
        return {
            "id": self.id,
            "type": self.content["type"],
            "title": self.content["title"],
            "status": self.content["status"],
            "create_date": self.created,
            "update_date": self.updated,
            "total_view": self.views,
            "total_share": self.shares,
            "thumb": self.content["cover"].get("photo_url", ""),
            "link_view": f"{base}/d/{self.id}",
        }


@dataclass
class _Work:
    """An article in the making: done after so many looks."""

    content: dict[str, Any]
    article_id: str | None
    looks_left: int
    done_as: str | None = None


@dataclass
class _Code:
    challenge: str
    until: datetime
    used: bool = False


@dataclass
class SandboxAccount:
    """One account and one application.

    ``lasts``: seconds an access token is good for. ``looks``: how many times *verify* answers "being processed".
    ``refuse_local_covers``: refuse cover pictures at loopback addresses, which Zalo could not fetch.
    """

    app_id: str = "1234567890123456789"
    app_secret: str = "sandbox-app-secret"  # noqa: S105  # a made-up one, good for this sandbox only
    oa_id: str = "4567890123456789012"
    name: str = "Tài khoản thử nghiệm"
    lasts: int = 90_000
    looks: int = 2
    refuse_local_covers: bool = True
    now: Callable[[], datetime] = utc_now
    followers: int = 1250
    package: str = "Gói nâng cao"
    package_until: str = "31/12/2027"
    a_month: int = 40
    articles: dict[str, Article] = field(default_factory=dict)
    broadcasts: list[dict[str, Any]] = field(default_factory=list)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _access: dict[str, datetime] = field(default_factory=dict)
    _refresh: dict[str, bool] = field(default_factory=dict)  # token → still good
    _works: dict[str, _Work] = field(default_factory=dict)

    def grant(self, challenge: str) -> str:
        """The administrator agrees: a code, good once and for ten minutes."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(challenge, self.now() + CODE_LIFE)
        return code

    def issue(self) -> tuple[str, str]:
        """A pair of access and refresh token without the browser's steps, as an administrator's tool would give it."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._access[access] = self.now() + timedelta(seconds=self.lasts)
        self._refresh[refresh] = True
        return access, refresh

    def revoke(self) -> None:
        """Withdraw every token, as when the account's owner ends the application's access."""
        self._access.clear()
        self._refresh.clear()

    def expire(self) -> None:
        """End the present access tokens early; the refresh tokens stay good."""
        self._access = dict.fromkeys(self._access, self.now())

    def exchange(self, form: Mapping[str, str], app_secret: str) -> dict[str, str]:
        """Tokens for a code or a refresh token. Raises ``Refused``. ``expires_in`` is text, as Zalo has it."""
        if app_secret != self.app_secret or form.get("app_id") != self.app_id:
            raise Refused(-14001, "unknown application or wrong secret key")
        if form.get("grant_type") == "authorization_code":
            code = self._codes.get(form.get("code", ""))
            if code is None or code.used or self.now() >= code.until:
                raise Refused(-14002, "the code is unknown, used or expired")
            code.used = True
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
                raise Refused(-14003, "the code verifier does not fit")
        elif form.get("grant_type") == "refresh_token":
            if not self._refresh.get(form.get("refresh_token", "")):
                raise Refused(-14014, "the refresh token is unknown or was used")
            self._refresh[form["refresh_token"]] = False
        else:
            raise Refused(-14004, "unknown grant_type")
        access, refresh = self.issue()
        return {"access_token": access, "refresh_token": refresh, "expires_in": str(self.lasts)}

    def admit(self, access: str | None) -> None:
        """Raises ``Refused`` unless the access token is good."""
        until = self._access.get(access or "")
        if until is None:
            raise Refused(-216, "Access token is invalid")
        if self.now() >= until:
            raise Refused(-220, "Access token expired")

    def create(self, content: dict[str, Any]) -> str:
        """Take an article in; a token to ask with."""
        self._check(content)
        return self._begin(_Work(content, None, self.looks))

    def update(self, content: dict[str, Any]) -> str:
        """Take a whole new text for an article in; a token to ask with."""
        article = self._article(content.get("id"))
        self._check(content)
        return self._begin(_Work(content, article.id, self.looks))

    def verify(self, token: str) -> str:
        """The id of a finished article. Raises ``Refused`` with -214 while it is not."""
        work = self._works.get(token)
        if work is None:
            raise Refused(-200, "token is invalid")
        if work.done_as is not None:
            return work.done_as
        if work.looks_left > 0:
            work.looks_left -= 1
            raise Refused(-214, "Article is being processed")
        work.done_as = self._finish(work)
        return work.done_as

    def remove(self, article_id: object) -> None:
        """Take an article down."""
        del self.articles[self._article(article_id).id]

    def broadcast(self, content: Mapping[str, Any]) -> str:
        """Send standing articles to the followers; the broadcast's id. Not at night, nor beyond the month's quota."""
        here = self.now().astimezone(CITY).time()
        if here >= NIGHT_FROM or here < NIGHT_TO:
            raise Refused(-234, "nothing is sent to followers between 22:00 and 06:00")
        if len(self.broadcasts) >= self.a_month:
            raise Refused(-211, "the quota of broadcasts is used up")
        target, elements = _broadcast_parts(content)
        for element in elements:
            if element.get("media_type") != "article" or element.get("attachment_id") not in self.articles:
                raise Refused(-201, "attachment_id is invalid")
        sent = {
            "message_id": secrets.token_hex(8),
            "target": target,
            "articles": [e["attachment_id"] for e in elements],
        }
        self.broadcasts.append(sent)
        return str(sent["message_id"])

    def page(self, offset: int, limit: int) -> tuple[int, list[Article]]:
        """How many articles there are, and a page of them, newest first."""
        if not 0 < limit <= MOST_ON_A_PAGE or offset < 0:
            raise Refused(-210, f"limit must be 1 to {MOST_ON_A_PAGE}")
        newest = sorted(self.articles.values(), key=lambda article: (article.created, article.id), reverse=True)
        return len(newest), newest[offset : offset + limit]

    def _article(self, article_id: object) -> Article:
        article = self.articles.get(str(article_id))
        if article is None:
            raise Refused(-201, "id is invalid")
        return article

    def _begin(self, work: _Work) -> str:
        token = secrets.token_urlsafe(32)
        self._works[token] = work
        return token

    def _finish(self, work: _Work) -> str:
        moment = int(self.now().timestamp() * 1000)
        if work.article_id is not None:
            article = self._article(work.article_id)
            article.content, article.updated = work.content, moment
            return article.id
        article_id = secrets.token_hex(12)
        self.articles[article_id] = Article(article_id, work.content, moment, moment)
        return article_id

    def _check(self, content: dict[str, Any]) -> None:
        if content.get("type") != "normal":
            raise Refused(-201, "type is invalid")
        for name, limit in LIMITS.items():
            value = content.get(name)
            if not isinstance(value, str) or not value.strip() or len(value) > limit:
                raise Refused(-201, f"{name} is invalid: 1 to {limit} characters")
        cover = content.get("cover")
        if not isinstance(cover, dict) or cover.get("cover_type") != "photo" or not self._can_fetch(cover):
            raise Refused(-201, "cover is invalid: a picture at a public address is needed")
        if content.get("status") not in {"show", "hide"} or content.get("comment") not in {"show", "hide"}:
            raise Refused(-201, "status or comment is invalid")
        body = content.get("body")
        if not isinstance(body, list) or not body:
            raise Refused(-201, "body is invalid: at least one item")
        for item in body:
            text = item.get("content") if isinstance(item, dict) and item.get("type") == "text" else None
            if not isinstance(text, str) or not text.strip() or "\n" in text or "\r" in text:
                raise Refused(-201, "body is invalid: a text item is one paragraph without line breaks")

    def _can_fetch(self, cover: Mapping[str, Any]) -> bool:
        parts = urlsplit(str(cover.get("photo_url", "")))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return False
        if not self.refuse_local_covers:
            return True
        try:
            return ipaddress.ip_address(parts.hostname).is_global
        except ValueError:
            return parts.hostname != "localhost"


def _broadcast_parts(content: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Whom a broadcast is for, and what it carries."""
    try:
        target = content["recipient"]["target"]
        payload = content["message"]["attachment"]["payload"]
        elements = payload["elements"]
        good = payload["template_type"] == "media" and 0 < len(elements) <= MOST_ELEMENTS and isinstance(target, dict)
    except (KeyError, TypeError):
        good = False
    if not good:
        raise Refused(-201, "the broadcast is not in the documented form")
    return target, elements
