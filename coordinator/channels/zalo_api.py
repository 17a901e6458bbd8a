"""Zalo's article interface: one method a call, with the token, the envelope and the error codes taken care of."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from campaigns.publishing.transport import Needs, Quota, Receipt, TransportError, Vault
from coordinator.channels.calls import Door, Now, call, in_doubt, json_object, redact, shorten, status_error
from coordinator.channels.zalo_errors import ARTICLE_REFUSED, PROCESSING, TOKEN_REFUSED, error_for
from coordinator.channels.zalo_oauth import SECRETS, ZALO_DEADLINE, ZaloAccess
from coordinator.channels.zalo_settings import ZaloSettings

LATEST = 253_402_300_799_000  # milliseconds: the end of the year 9999, beyond which there is no date
SETTLING = 60.0  # seconds; integrations in use see articles finished within half of it
PAGE = 10  # articles on one page of the list; Zalo allows no more


@dataclass(frozen=True)
class Listed:
    """One article as Zalo's list shows it. Moments are UTC; ``views`` and ``shares`` None where the list is silent."""

    id: str
    title: str
    url: str | None
    created_at: datetime | None
    updated_at: datetime | None
    views: int | None
    shares: int | None


class ZaloApi:
    """Calls on behalf of one account. Every method raises ``TransportError``."""

    def __init__(self, settings: ZaloSettings, vault: Vault, door: Door, now: Now) -> None:
        self._settings = settings
        self._vault = vault
        self._door = door
        self._now = now
        self.access = ZaloAccess(settings, vault, door, now)

    def create(self, article: Mapping[str, Any]) -> str:
        """Hand in an article; the token to ask for its fate with. A lost answer leaves the outcome unknown.

        Then the error asks for ``SETTLING`` seconds of patience, so that an article that did arrive is on the list when
        it is looked for.
        """
        try:
            return _text(self._call("POST", "/v2.0/article/create", article, repeatable=False), "token")
        except TransportError as error:
            if error.outcome_unknown:
                error.retry_after = max(error.retry_after or 0.0, SETTLING)
            raise

    def update(self, article: Mapping[str, Any]) -> str | None:
        """Replace an article, whose ``id`` is in it; the token to ask with, if Zalo gives one."""
        data = self._call("POST", "/v2.0/article/update", article, repeatable=True)
        token = data.get("token")
        return token if isinstance(token, str) and token else None

    def remove(self, article_id: str) -> None:
        """Take an article down."""
        self._call("POST", "/v2.0/article/remove", {"id": article_id}, repeatable=True)

    def verify(self, token: str) -> str | None:
        """The article's id, or None while Zalo still works on it.

        An error other than a refusal of the article itself leaves its fate unknown: the question failed, not the deed.
        """
        try:
            code, said, data = self._ask("POST", "/v2.0/article/verify", {"token": token}, repeatable=True)
        except TransportError as error:
            in_doubt(error)
            raise
        if code == PROCESSING:
            return None
        if code != 0:
            meant = error_for(code, said, repeatable=True, now=self._now())
            raise meant if code in ARTICLE_REFUSED else in_doubt(meant)
        return _text(data, "id")

    def articles(self, pages: int) -> Iterator[Listed]:
        """The articles on the first ``pages`` pages of the list, as Zalo orders them."""
        for page in range(pages):
            query = urlencode({"offset": page * PAGE, "limit": PAGE, "type": "normal"})
            data = self._call("GET", f"/v2.0/article/getslice?{query}", None, repeatable=True)
            medias = data.get("medias")
            rows = [row for row in medias if isinstance(row, dict)] if isinstance(medias, list) else []
            yield from (_listed(row) for row in rows)
            if len(rows) < PAGE:
                return

    def account(self) -> Mapping[str, Any]:
        """What Zalo says about the account itself: name, verification, followers, package."""
        return self._call("GET", "/v2.0/oa/getoa", None, repeatable=True)

    def broadcast(self, article_id: str) -> str:
        """Send an article to those who follow the account; the broadcast's id, '' where Zalo gives none. A lost answer
        leaves it unknown, and so does every answer that is not in the documented form."""
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

    def quotas(self) -> tuple[Quota, ...]:
        """What the account may still send, by whatever names Zalo has for it."""
        code, said, data = self._ask("POST", self._settings.quota_path, {}, repeatable=True)
        if code != 0:
            raise error_for(code, said, repeatable=True, now=self._now())
        return tuple(quotas_in(data))

    def receipt(self, **fields: Any) -> Receipt:
        """A receipt that also carries a warning about access, if there is one."""
        detail = "; ".join(part for part in (fields.pop("detail", ""), self.access.warning) if part)
        return Receipt(detail=detail, **fields)

    def _call(self, method: str, path: str, content: Mapping[str, Any] | None, *, repeatable: bool) -> dict[str, Any]:
        code, said, data = self._ask(method, path, content, repeatable=repeatable)
        if code != 0:
            raise error_for(code, said, repeatable=repeatable, now=self._now())
        return data

    def _ask(
        self, method: str, path: str, content: Mapping[str, Any] | None, *, repeatable: bool
    ) -> tuple[int, str, dict[str, Any]]:
        """Zalo's code, words and data, with access renewed once if the token was refused."""
        token = self.access.token()
        told = self._once(method, path, content, token, repeatable=repeatable)
        if told[0] in TOKEN_REFUSED:
            # Refused before anything was done, so the same call may go again, once, with a new token.
            told = self._once(method, path, content, self.access.renew(token), repeatable=repeatable)
        return told

    def _once(
        self, method: str, path: str, content: Mapping[str, Any] | None, token: str, *, repeatable: bool
    ) -> tuple[int, str, dict[str, Any]]:
        kept = self._vault.load()
        hidden = [token, *(kept[name] for name in SECRETS if kept.get(name))]
        headers = {"access_token": token}
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer = call(
            self._door,
            method,
            self._settings.api_base + path,
            body=None if content is None else json.dumps(content, ensure_ascii=False).encode(),
            headers=headers,
            repeatable=repeatable,
            deadline=ZALO_DEADLINE,
        )
        if not 200 <= answer.status < 300:
            # Zalo's own errors come with 200, so this is a gateway speaking; its 410 does not retire an account.
            error = status_error(answer, repeatable=repeatable)
            error.needs = Needs.NOTHING
            raise error
        told = json_object(answer.body)
        code = _number(told.get("error")) if told is not None else None
        if told is None or code is None:
            raise TransportError(
                "Zalo's answer was not in the form it documents", status=answer.status, outcome_unknown=not repeatable
            )
        data = told.get("data")
        if isinstance(data, list):  # as the quotas of some versions come
            data = {"list": data}
        said = redact(shorten(str(told.get("message", ""))), hidden)
        return code, said, data if isinstance(data, dict) else {}


def quotas_in(told: Any, name: str = "") -> Iterator[Quota]:
    """Every quota in an answer. Versions differ in how deep they lie, and in whether a prefix goes before ``remain``
    and ``total``; what has neither is no quota."""
    if isinstance(told, list):
        for one in told:
            yield from quotas_in(one, name)
        return
    if not isinstance(told, dict):
        return
    own = " ".join(str(told[key]) for key in ("product_type", "quota_type", "type") if isinstance(told.get(key), str))
    called = " ".join(part for part in (name, own) if part)
    for key, value in told.items():
        if key.endswith("remain") and (left := _number(value)) is not None:
            prefix = key.removesuffix("remain")
            full = " ".join(part for part in (called, prefix.strip("_")) if part)
            yield Quota(full, _number(told.get(f"{prefix}total")), left)
        elif isinstance(value, dict | list):
            yield from quotas_in(value, called if key == "list" else " ".join(part for part in (called, key) if part))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, str) and value:
        return value
    raise TransportError(f"Zalo said yes but gave no {name}", outcome_unknown=True)


def _listed(row: Mapping[str, Any]) -> Listed:
    url = row.get("link_view")
    return Listed(
        id=str(row.get("id", "")),
        title=str(row.get("title", "")),
        url=url if isinstance(url, str) and url.startswith(("http://", "https://")) else None,
        created_at=_moment(row.get("create_date")),
        updated_at=_moment(row.get("update_date")),
        views=_number(row.get("total_view")),
        shares=_number(row.get("total_share")),
    )


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def _moment(value: object) -> datetime | None:
    milliseconds = _number(value)
    if not milliseconds or milliseconds > LATEST:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
