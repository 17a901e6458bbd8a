"""SANDBOX, not Zalo: the state and rules of one simulated Official Account, after the documented behaviour.

This is not Zalo's code and does not connect to Zalo. It covers the behaviour on which integrations rely: tokens and
their single use, articles processed in the background, limits, error codes. It refuses where the real behaviour is
unknown.
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
EXACT_REFUSED = ("title", "description")  # of exactly the limit: refused by some accounts
MOST_VIDEO_BYTES = 50 * 1024 * 1024
PICTURE_KINDS = {"image": ("url",), "video": ("thumb",)}  # the fields of an item that name a picture


class ZaloRefusal(Exception):
    """An answer with an error code; like Zalo, with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class ZaloArticle:
    """One article. Times are milliseconds of Unix time, as in Zalo's list."""

    id: str
    content: dict[str, Any]
    created: int
    updated: int
    views: int = 0
    shares: int = 0

    def to_json(self, base: str) -> dict[str, Any]:
        """The article in the list and the detail; ids and counts are numbers or text as in Zalo's."""
        return {
            "id": self.id,
            "type": self.content["type"],
            "title": self.content["title"],
            "status": self.content["status"],
            "create_date": self.created,
            "update_date": self.updated,
            "total_view": self.views,
            "total_share": self.shares,
            "thumb": self.content.get("avatar") or self.content["cover"].get("photo_url", ""),
            "link_view": f"{base}/d/{self.id}",
        }


@dataclass
class _PendingArticle:
    """An article being processed: finished after a number of calls of *verify*."""

    content: dict[str, Any]
    article_id: str | None
    looks_left: int
    done_as: str | None = None
    refused: bool = False


@dataclass
class SandboxVideo:
    """An uploaded video: ready after a number of questions."""

    id: str
    size: int
    looks_left: int
    ready: bool = False


@dataclass
class _AuthorisationCode:
    challenge: str
    until: datetime
    used: bool = False


@dataclass
class SandboxAccount:
    """One account and one application.

    ``lasts``: seconds an access token is good for. ``looks``: how many times *verify* answers "being processed".
    ``refuse_local_covers``: refuse pictures at loopback addresses, which Zalo could not fetch; ``refused_hosts``: the
    names of further hosts whose pictures are refused. Refused pictures show in *verify*, or with
    ``pictures_checked_at_create`` at once. ``exact_limits_refused``: a title of exactly 150 characters is too long.
    ``quota_version``: the newest version of the quota's path that is served. ``oa_secret``: the key of events.
    ``videos_fail``: no uploaded video is ever ready.
    """

    app_id: str = "1234567890123456789"
    app_secret: str = "sandbox-app-secret"  # noqa: S105  # invented, valid for this sandbox only
    oa_id: str = "4567890123456789012"
    name: str = "Tài khoản thử nghiệm"
    lasts: int = 90_000
    looks: int = 2
    refuse_local_covers: bool = True
    refused_hosts: tuple[str, ...] = ()
    pictures_checked_at_create: bool = False
    exact_limits_refused: bool = True
    quota_version: int = 3
    oa_secret: str = "sandbox-oa-secret"  # noqa: S105  # invented, valid for this sandbox only
    webhook_url: str = ""
    now: Callable[[], datetime] = utc_now
    followers: int = 1250
    package: str = "Gói nâng cao"
    package_until: str = "31/12/2027"
    a_month: int = 40
    videos_fail: bool = False
    videos: dict[str, "SandboxVideo"] = field(default_factory=dict)
    articles: dict[str, ZaloArticle] = field(default_factory=dict)
    broadcasts: list[dict[str, Any]] = field(default_factory=list)
    _codes: dict[str, _AuthorisationCode] = field(default_factory=dict)
    _access: dict[str, datetime] = field(default_factory=dict)
    _refresh: dict[str, bool] = field(default_factory=dict)  # token → still valid
    _works: dict[str, _PendingArticle] = field(default_factory=dict)

    def grant(self, challenge: str) -> str:
        """The consent of the administrator: a code, valid once and for ten minutes."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _AuthorisationCode(challenge, self.now() + CODE_LIFE)
        return code

    def issue(self) -> tuple[str, str]:
        """A pair of access and refresh token without the browser steps, as from an administrator's tool."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._access[access] = self.now() + timedelta(seconds=self.lasts)
        self._refresh[refresh] = True
        return access, refresh

    def revoke(self) -> None:
        """Withdraw every token, as when the account's owner ends the application's access."""
        self._access.clear()
        self._refresh.clear()

    def expire(self) -> None:
        """End the present access tokens early; the refresh tokens stay valid."""
        self._access = dict.fromkeys(self._access, self.now())

    def exchange(self, form: Mapping[str, str], app_secret: str) -> dict[str, str]:
        """Tokens for a code or a refresh token. Raises ``ZaloRefusal``. ``expires_in`` is text, as in Zalo."""
        if app_secret != self.app_secret or form.get("app_id") != self.app_id:
            raise ZaloRefusal(-14001, "unknown application or wrong secret key")
        if form.get("grant_type") == "authorization_code":
            code = self._codes.get(form.get("code", ""))
            if code is None or code.used or self.now() >= code.until:
                raise ZaloRefusal(-14002, "the code is unknown, used or expired")
            code.used = True
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
                raise ZaloRefusal(-14003, "the code verifier does not fit")
        elif form.get("grant_type") == "refresh_token":
            if not self._refresh.get(form.get("refresh_token", "")):
                raise ZaloRefusal(-14014, "the refresh token is unknown or was used")
            self._refresh[form["refresh_token"]] = False
        else:
            raise ZaloRefusal(-14004, "unknown grant_type")
        access, refresh = self.issue()
        return {"access_token": access, "refresh_token": refresh, "expires_in": str(self.lasts)}

    def admit(self, access: str | None) -> None:
        """Raise ``ZaloRefusal`` unless the access token is valid."""
        until = self._access.get(access or "")
        if until is None:
            raise ZaloRefusal(-216, "Access token is invalid")
        if self.now() >= until:
            raise ZaloRefusal(-220, "Access token expired")

    def create(self, content: dict[str, Any]) -> str:
        """Accept an article; returns the token for *verify*."""
        self._check(content)
        return self._begin(_PendingArticle(content, None, self.looks))

    def update(self, content: dict[str, Any]) -> str:
        """Accept a whole new text of an article; returns the token for *verify*."""
        article = self._article(content.get("id"))
        self._check(content)
        if content["type"] != article.content["type"]:
            raise ZaloRefusal(-201, "type is invalid: an article keeps its own")
        return self._begin(_PendingArticle(content, article.id, self.looks))

    def verify(self, token: str) -> str:
        """The id of a finished article. Raises ``ZaloRefusal`` with -214 before."""
        work = self._works.get(token)
        if work is None or work.refused:
            raise ZaloRefusal(-200, "token is invalid")
        if work.done_as is not None:
            return work.done_as
        if work.looks_left > 0:
            work.looks_left -= 1
            raise ZaloRefusal(-214, "Article is being processed")
        if not self._pictures_fetched(work.content):
            work.refused = True
            raise ZaloRefusal(-200, "token is invalid")
        work.done_as = self._finish(work)
        return work.done_as

    def remove(self, article_id: object) -> None:
        """Remove an article."""
        del self.articles[self._article(article_id).id]

    def broadcast(self, content: Mapping[str, Any]) -> str:
        """Send existing articles to the followers; returns the broadcast's id. Refused at night and beyond the monthly
        quota."""
        here = self.now().astimezone(CITY).time()
        if here >= NIGHT_FROM or here < NIGHT_TO:
            raise ZaloRefusal(-234, "nothing is sent to followers between 22:00 and 06:00")
        if len(self.broadcasts) >= self.a_month:
            raise ZaloRefusal(-211, "the quota of broadcasts is used up")
        target, elements = _broadcast_parts(content)
        for element in elements:
            if element.get("media_type") != "article" or element.get("attachment_id") not in self.articles:
                raise ZaloRefusal(-201, "attachment_id is invalid")
        sent = {
            "message_id": secrets.token_hex(8),
            "target": target,
            "articles": [e["attachment_id"] for e in elements],
        }
        self.broadcasts.append(sent)
        return str(sent["message_id"])

    def prepare_video(self, body: bytes) -> str:
        """Take an uploaded video; returns the token to ask about it with."""
        if body[4:8] != b"ftyp" or len(body) > MOST_VIDEO_BYTES:
            raise ZaloRefusal(-201, "file is invalid: an MP4 of at most 50 MB")
        token = secrets.token_urlsafe(32)
        self.videos[token] = SandboxVideo(secrets.token_hex(8), len(body), self.looks)
        return token

    def video(self, token: str) -> dict[str, Any]:
        """The state of an uploaded video; ready after as many looks as an article."""
        video = self.videos.get(token)
        if video is None:
            raise ZaloRefusal(-201, "token is invalid")
        facts = {"video_name": "video.mp4", "video_size": video.size, "convert_error_code": 0}
        if self.videos_fail:
            return {**facts, "status": 4, "convert_percent": 0, "convert_error_code": -1, "status_message": "failed"}
        if video.looks_left > 0:
            video.looks_left -= 1
            return {**facts, "status": 3, "convert_percent": 50, "status_message": "processing"}
        video.ready = True
        return {**facts, "status": 1, "convert_percent": 100, "status_message": "ready", "video_id": video.id}

    def page(self, offset: int, limit: int, kind: str = "normal") -> tuple[int, list[ZaloArticle]]:
        """The number of articles of a kind, and a page of them, newest first."""
        if not 0 < limit <= MOST_ON_A_PAGE or offset < 0:
            raise ZaloRefusal(-210, f"limit must be 1 to {MOST_ON_A_PAGE}")
        mine = [article for article in self.articles.values() if article.content["type"] == kind]
        newest = sorted(mine, key=lambda article: (article.created, article.id), reverse=True)
        return len(newest), newest[offset : offset + limit]

    def _article(self, article_id: object) -> ZaloArticle:
        article = self.articles.get(str(article_id))
        if article is None:
            raise ZaloRefusal(-201, "id is invalid")
        return article

    def _begin(self, work: _PendingArticle) -> str:
        token = secrets.token_urlsafe(32)
        self._works[token] = work
        return token

    def _finish(self, work: _PendingArticle) -> str:
        moment = int(self.now().timestamp() * 1000)
        if work.article_id is not None:
            article = self._article(work.article_id)
            article.content, article.updated = work.content, moment
            return article.id
        article_id = secrets.token_hex(12)
        self.articles[article_id] = ZaloArticle(article_id, work.content, moment, moment)
        return article_id

    def _check(self, content: dict[str, Any]) -> None:
        kind = content.get("type")
        if kind not in {"normal", "video"}:
            raise ZaloRefusal(-201, "type is invalid")
        for name, limit in LIMITS.items():
            if name == "author" and kind == "video":
                continue
            most = limit - 1 if self.exact_limits_refused and name in EXACT_REFUSED else limit
            value = content.get(name)
            if not isinstance(value, str) or not value.strip() or len(value) > most:
                raise ZaloRefusal(-201, f"{name} is invalid: 1 to {most} characters")
        if content.get("status") not in {"show", "hide"} or content.get("comment") not in {"show", "hide"}:
            raise ZaloRefusal(-201, "status or comment is invalid")
        if kind == "video":
            self._check_video(content.get("video_id"))
            if not _host(content.get("avatar")):
                raise ZaloRefusal(-201, "avatar is invalid: a picture at an address is needed")
            return
        cover = content.get("cover")
        if isinstance(cover, dict) and cover.get("cover_type") == "video":
            self._check_video(cover.get("video_id"))
            if cover.get("cover_view") not in {"horizontal", "vertical", "square"}:
                raise ZaloRefusal(-201, "cover_view is invalid")
        elif not isinstance(cover, dict) or cover.get("cover_type") != "photo" or not _host(cover.get("photo_url")):
            raise ZaloRefusal(-201, "cover is invalid: a picture at an address is needed")
        body = content.get("body")
        if not isinstance(body, list) or not body:
            raise ZaloRefusal(-201, "body is invalid: at least one item")
        for item in body:
            _check_item(item if isinstance(item, dict) else {})
        if self.pictures_checked_at_create and not self._pictures_fetched(content):
            raise ZaloRefusal(-201, "cover is invalid: a picture at a public address is needed")

    def _check_video(self, video_id: object) -> None:
        if not any(video.ready and video.id == video_id for video in self.videos.values()):
            raise ZaloRefusal(-201, "video_id is invalid")

    def _pictures_fetched(self, content: Mapping[str, Any]) -> bool:
        """Whether every picture of an article could be fetched; nothing is really fetched."""
        cover = content.get("avatar") or content["cover"].get("photo_url")
        urls = [cover] if cover else []
        urls += [item[name] for item in content.get("body", ()) for name in PICTURE_KINDS.get(item["type"], ())]
        return all(self._can_fetch(url) for url in urls)

    def _can_fetch(self, url: object) -> bool:
        host = _host(url)
        if not host or host in self.refused_hosts:
            return False
        if not self.refuse_local_covers:
            return True
        try:
            return ipaddress.ip_address(host).is_global
        except ValueError:
            return host != "localhost"


def _host(url: object) -> str:
    """The host of an http(s) address; '' for anything else."""
    parts = urlsplit(str(url))
    return parts.hostname or "" if parts.scheme in {"http", "https"} else ""


def _check_item(item: Mapping[str, Any]) -> None:
    match item.get("type"):
        case "text":
            text = item.get("content")
            if not isinstance(text, str) or not text.strip() or "\n" in text or "\r" in text:
                raise ZaloRefusal(-201, "body is invalid: a text item is one paragraph without line breaks")
        case "image":
            if not _host(item.get("url")) or not isinstance(item.get("caption"), str):
                raise ZaloRefusal(-201, "body is invalid: an image item needs url and caption")
        case "video":
            if not (_host(item.get("url")) or item.get("video_id")) or not _host(item.get("thumb")):
                raise ZaloRefusal(-201, "body is invalid: a video item needs url or video_id, and thumb")
        case _:
            raise ZaloRefusal(-201, "body is invalid: items are text, image or video")


def _broadcast_parts(content: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The recipients and the articles of a broadcast."""
    try:
        target = content["recipient"]["target"]
        payload = content["message"]["attachment"]["payload"]
        elements = payload["elements"]
        good = payload["template_type"] == "media" and 0 < len(elements) <= MOST_ELEMENTS and isinstance(target, dict)
    except (KeyError, TypeError):
        good = False
    if not good:
        raise ZaloRefusal(-201, "the broadcast is not in the documented form")
    return target, elements
