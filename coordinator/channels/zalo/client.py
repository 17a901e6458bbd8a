"""Zalo's article API: one method for each call; handles the token, the envelope and the error codes."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from campaigns.channels.transport import AccountQuota, ChannelNeed, CoverFile, Receipt, Secrets, TransportError
from coordinator.channels.http_calls import (
    CurrentTime,
    HttpRequester,
    json_object,
    redact,
    send_request,
    shorten,
    status_error,
    with_unknown_outcome,
)
from coordinator.channels.multipart import multipart_form
from coordinator.channels.zalo.errors import (
    ARTICLE_REFUSED,
    CREATE_FAILED_CODE,
    PROCESSING,
    TOKEN_REFUSED,
    error_for,
    is_about_picture,
    picture_error,
)
from coordinator.channels.zalo.oauth import TOKEN_SECRETS, ZALO_DEADLINE, ZaloAccess
from coordinator.channels.zalo.settings import ZaloSettings

LAST_TIMESTAMP = 253_402_300_799_000  # milliseconds: the end of the year 9999, the last year of a datetime
PROCESSING_DEADLINE = 60.0  # seconds; integrations in use see articles finished within half of it
VIDEO_READY = 1
VIDEO_WAITS = frozenset({0, 3})  # unknown and being processed; locked, failed and deleted ones do not become ready
PAGE_SIZE = 10  # articles on one page of the list; Zalo allows no more


@dataclass(frozen=True)
class ListedArticle:
    """One article in Zalo's list. Times are UTC; ``views`` and ``shares`` are None where the list has none."""

    id: str
    title: str
    url: str | None
    created_at: datetime | None
    updated_at: datetime | None
    views: int | None
    shares: int | None


@dataclass(frozen=True)
class PreparedVideo:
    """An uploaded video: its id once Zalo has processed it, or why there will be none; neither while it works."""

    id: str | None
    error: str


class ZaloClient:
    """Calls on behalf of one account. Every method raises ``TransportError``."""

    def __init__(self, settings: ZaloSettings, vault: Secrets, http_client: HttpRequester, now: CurrentTime) -> None:
        self._settings = settings
        self._vault = vault
        self._http_client = http_client
        self._now = now
        self.access = ZaloAccess(settings, vault, http_client, now)

    def create(self, article: Mapping[str, Any]) -> str:
        """Submit an article; returns the token to poll its outcome with. A lost answer leaves the outcome unknown.

        The error then asks to wait for ``PROCESSING_DEADLINE``, so that an article that arrived is in the list when it
        is looked up.
        """
        try:
            return _text(self._submit("/v2.0/article/create", article, repeatable=False), "token")
        except TransportError as error:
            if error.outcome_unknown:
                error.retry_after = max(error.retry_after or 0.0, PROCESSING_DEADLINE)
            raise

    def update(self, article: Mapping[str, Any]) -> str | None:
        """Replace the article with the ``id`` in it; returns the token to poll with, if Zalo gives one."""
        data = self._submit("/v2.0/article/update", article, repeatable=True)
        token = data.get("token")
        return token if isinstance(token, str) and token else None

    def remove(self, article_id: str) -> None:
        """Remove an article."""
        self._call("POST", "/v2.0/article/remove", {"id": article_id}, repeatable=True)

    def verify(self, token: str) -> str | None:
        """Return the article's id, or None while Zalo still processes it.

        An error other than a refusal of the article itself leaves its outcome unknown: the lookup failed, not the
        article. With ``CREATE_FAILED_CODE`` there is no article; the error asks to wait for ``PROCESSING_DEADLINE``
        before the list is read to make sure.
        """
        try:
            code, text, data = self._request("POST", "/v2.0/article/verify", {"token": token}, repeatable=True)
        except TransportError as error:
            with_unknown_outcome(error)
            raise
        if code == PROCESSING:
            return None
        if code == CREATE_FAILED_CODE and self._settings.resend_without_pictures:
            raise picture_error(code, text, PROCESSING_DEADLINE)
        if code != 0:
            meant = error_for(code, text, repeatable=True, now=self._now())
            raise meant if code in ARTICLE_REFUSED else with_unknown_outcome(meant)
        return _text(data, "id")

    def prepare_video(self, video: CoverFile) -> str:
        """Upload a video; returns the token to ask about it with. A repetition does no harm: nobody sees the file."""
        form = multipart_form({}, "file", video)
        code, text, data = self._request(
            "POST", "/v2.0/article/upload_video/preparevideo", None, repeatable=True, form=form
        )
        if code != 0:
            raise error_for(code, text, repeatable=True, now=self._now())
        return _text(data, "token")

    def video(self, token: str) -> PreparedVideo:
        """Return what Zalo has made of an uploaded video so far."""
        path = "/v2.0/article/upload_video/verify"
        code, text, data = self._request("GET", path, None, repeatable=True, fields={"token": token})
        if code == PROCESSING:
            return PreparedVideo(None, "")
        if code in ARTICLE_REFUSED | {CREATE_FAILED_CODE}:  # the token is none, or none any more
            return PreparedVideo(None, f"Zalo error {code} ({text})")
        if code != 0:
            raise error_for(code, text, repeatable=True, now=self._now())
        status = _number(data.get("status"))
        if status == VIDEO_READY:
            return PreparedVideo(_text(data, "video_id"), "")
        why = " ".join(str(data.get(name) or "") for name in ("convert_error_code", "status_message"))
        return PreparedVideo(None, "" if status in VIDEO_WAITS else shorten(f"Zalo has no video of it: {why}"))

    def articles(self, pages: int, kind: str = "normal") -> Iterator[ListedArticle]:
        """Return the articles on the first ``pages`` pages of the list, in Zalo's order. ``kind``: ``normal`` or
        ``video``; each has a list of its own."""
        for page in range(pages):
            query = urlencode({"offset": page * PAGE_SIZE, "limit": PAGE_SIZE, "type": kind})
            data = self._call("GET", f"/v2.0/article/getslice?{query}", None, repeatable=True)
            medias = data.get("medias")
            rows = [row for row in medias if isinstance(row, dict)] if isinstance(medias, list) else []
            yield from (_listed_article(row) for row in rows)
            if len(rows) < PAGE_SIZE:
                return

    def account(self) -> Mapping[str, Any]:
        """Return Zalo's data of the account: name, verification, followers, package."""
        return self._call("GET", "/v2.0/oa/getoa", None, repeatable=True)

    def broadcast(self, article_id: str) -> str:
        """Send an article to the account's followers; returns the broadcast's id, '' where Zalo gives none. A lost
        answer and an answer that is not in the documented form leave the outcome unknown."""
        settings = self._settings
        target = {
            "gender": settings.target_gender if settings.target_gender != "0" else "",
            "ages": settings.target_ages,
            "locations": settings.target_locations if not settings.target_cities else "",
            "cities": settings.target_cities,
            "platform": settings.target_platforms,
        }
        element = {"media_type": "article", "attachment_id": article_id}
        payload = {"template_type": "media", "elements": [element]}
        content = {
            "recipient": {"target": {name: value for name, value in target.items() if value}},
            "message": {"attachment": {"type": "template", "payload": payload}},
        }
        data = self._call("POST", settings.broadcast_path, content, repeatable=False)
        return str(data.get("message_id", ""))

    def quotas(self) -> tuple[AccountQuota, ...]:
        """Return the account's remaining quotas, under Zalo's names.

        Where the path of the current version is refused or has nothing, the path of the older version is read; if that
        fails too, the first error is raised.
        """
        settings = self._settings
        wanted = {"quota_owner": settings.quota_owner, "product_type": settings.quota_product}
        try:
            if found := self._quotas_at(settings.quota_path, {name: text for name, text in wanted.items() if text}):
                return found
        except TransportError as error:
            if error.needs is ChannelNeed.AUTHORISATION:
                raise
            try:
                return self._quotas_at(settings.older_quota_path, {})
            except TransportError:
                raise error from None
        return self._quotas_at(settings.older_quota_path, {})

    def _quotas_at(self, path: str, content: Mapping[str, Any]) -> tuple[AccountQuota, ...]:
        return tuple(quotas_in(self._call("POST", path, content, repeatable=True)))

    def receipt(self, **fields: Any) -> Receipt:
        """Return a receipt with the warning about access, if there is one."""
        detail = "; ".join(part for part in (fields.pop("detail", ""), self.access.warning) if part)
        return Receipt(detail=detail, **fields)

    def _submit(self, path: str, article: Mapping[str, Any], *, repeatable: bool) -> dict[str, Any]:
        code, text, data = self._request("POST", path, article, repeatable=repeatable)
        if code != 0:
            if self._settings.resend_without_pictures and is_about_picture(code, text):
                raise picture_error(code, text, 0.0)
            raise error_for(code, text, repeatable=repeatable, now=self._now())
        return data

    def _call(self, method: str, path: str, content: Mapping[str, Any] | None, *, repeatable: bool) -> dict[str, Any]:
        code, text, data = self._request(method, path, content, repeatable=repeatable)
        if code != 0:
            raise error_for(code, text, repeatable=repeatable, now=self._now())
        return data

    def _request(
        self,
        method: str,
        path: str,
        content: Mapping[str, Any] | None,
        *,
        repeatable: bool,
        form: tuple[bytes, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> tuple[int, str, dict[str, Any]]:
        """Return Zalo's code, message and data; access is renewed once if the token was refused. ``form``: a body that
        is not JSON, with its type; ``fields``: further header fields."""
        body, kind = form or (None, "application/json")
        if content is not None:
            body = json.dumps(content, ensure_ascii=False).encode()
        headers = {**(fields or {}), **({"Content-Type": kind} if body is not None else {})}
        token = self.access.token()
        entry = self._request_once(method, path, body, headers, token, repeatable=repeatable)
        if entry[0] in TOKEN_REFUSED:
            # The call was refused before it had an effect, so that it may be repeated once with a new token.
            renewed = self.access.renew(token)
            entry = self._request_once(method, path, body, headers, renewed, repeatable=repeatable)
        return entry

    def _request_once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], token: str, *, repeatable: bool
    ) -> tuple[int, str, dict[str, Any]]:
        kept = self._vault.load()
        hidden = [token, *(kept[name] for name in TOKEN_SECRETS if kept.get(name))]
        answer = send_request(
            self._http_client,
            method,
            self._settings.api_base + path,
            body=body,
            headers={**headers, "access_token": token},
            repeatable=repeatable,
            deadline=ZALO_DEADLINE,
        )
        if not 200 <= answer.status < 300:
            # Zalo's own errors come with 200, so this is a gateway's status; its 410 does not end an account.
            error = status_error(answer, repeatable=repeatable)
            error.needs = ChannelNeed.NOTHING
            raise error
        values = json_object(answer.body)
        code = _number(values.get("error")) if values is not None else None
        if values is None or code is None:
            raise TransportError(
                "Zalo's answer was not in the form it documents", status=answer.status, outcome_unknown=not repeatable
            )
        data = values.get("data")
        if isinstance(data, list):  # the form of the quotas in some versions
            data = {"list": data}
        text = redact(shorten(str(values.get("message", ""))), hidden)
        return code, text, data if isinstance(data, dict) else {}


def quotas_in(item: Any, name: str = "") -> Iterator[AccountQuota]:
    """Return every quota in a response. Versions differ in the depth of the fields and in a prefix before ``remain``
    and ``total``; an object with neither field is no quota."""
    if isinstance(item, list):
        for one in item:
            yield from quotas_in(one, name)
        return
    if not isinstance(item, dict):
        return
    own = " ".join(str(item[key]) for key in ("product_type", "quota_type", "type") if isinstance(item.get(key), str))
    called = " ".join(part for part in (name, own) if part)
    for key, value in item.items():
        if key.endswith("remain") and (left := _number(value)) is not None:
            prefix = key.removesuffix("remain")
            full = " ".join(part for part in (called, prefix.strip("_")) if part)
            yield AccountQuota(full, _number(item.get(f"{prefix}total")), left)
        elif isinstance(value, dict | list):
            yield from quotas_in(value, called if key == "list" else " ".join(part for part in (called, key) if part))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, str) and value:
        return value
    raise TransportError(f"Zalo said yes but gave no {name}", outcome_unknown=True)


def _listed_article(row: Mapping[str, Any]) -> ListedArticle:
    url = row.get("link_view")
    return ListedArticle(
        id=str(row.get("id", "")),
        title=str(row.get("title", "")),
        url=url if isinstance(url, str) and url.startswith(("http://", "https://")) else None,
        created_at=_timestamp(row.get("create_date")),
        updated_at=_timestamp(row.get("update_date")),
        views=_number(row.get("total_view")),
        shares=_number(row.get("total_share")),
    )


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def _timestamp(value: object) -> datetime | None:
    milliseconds = _number(value)
    if not milliseconds or milliseconds > LAST_TIMESTAMP:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
