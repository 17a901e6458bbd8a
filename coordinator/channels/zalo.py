"""Zalo Official Account: a bulletin becomes an article, a correction replaces it, a recall takes it down.

Zalo works on articles in the background, so ``send`` returns a token and ``poll`` the address. Creating has no
idempotency key: after an answer that was lost, ``find`` reads the account's own list before anything is repeated.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.publishing.transport import (
    Account,
    Act,
    BroadcastRules,
    Counts,
    Message,
    Needs,
    Quota,
    Receipt,
    TransportError,
    Vault,
)
from coordinator.channels import capabilities
from coordinator.channels.calls import Door, Now, in_doubt, shorten
from coordinator.channels.zalo_api import PAGE, Listed, ZaloApi
from coordinator.channels.zalo_article import article, same_title
from coordinator.channels.zalo_errors import NIGHT_BEGINS, NIGHT_ENDS, Sense, sense_told
from coordinator.channels.zalo_settings import ZaloSettings

COUNT_PAGES = 30  # pages that are read for the numbers of an article a month old
PAGES = 3  # pages of the list that are read when looking for one article: the newest 30
CLOCKS = timedelta(seconds=60)  # how far Zalo's clock and ours may lie apart


class ZaloTransport:
    """One account. ``remote_id`` of its receipts is the article's id, ``url`` its public address."""

    capabilities = capabilities.ZALO

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._code = code
        self._settings = ZaloSettings.model_validate(dict(values))
        self._api = ZaloApi(self._settings, vault, door, now)
        self.broadcast_rules = BroadcastRules(
            self._settings.broadcasts_a_day, self._settings.broadcasts_a_month, NIGHT_BEGINS, NIGHT_ENDS
        )

    def send(self, message: Message) -> Receipt:
        """Hand in, replace or take down an article. Raises ``TransportError``."""
        if message.act is Act.PUBLISH:
            return self._api.receipt(done=False, token=self._api.create(article(message, self._settings)))
        article_id = message.remote_id or self._id_at(message.remote_url)
        if article_id is None:
            raise TransportError(
                f"the article of {message.code} is not among the newest {PAGES * PAGE}; do this one by hand",
                permanent=True,
            )
        if message.act is Act.RECALL:
            self._api.remove(article_id)
            return self._api.receipt(remote_id=article_id, url=message.remote_url, detail="the article was taken down")
        token = self._api.update(article(message, self._settings, article_id))
        if token is None:
            return self._api.receipt(remote_id=article_id, url=message.remote_url)
        return self._api.receipt(done=False, token=token, remote_id=article_id)

    def poll(self, token: str) -> Receipt:
        """Whether Zalo has finished an article, and its address once it has. Raises ``TransportError``."""
        article_id = self._api.verify(token)
        if article_id is None:
            return self._api.receipt(done=False, token=token)
        try:
            shown = self._on_list(article_id)
        except TransportError as error:
            # The article stands; failing now would only make the caller ask again for what is already known.
            return self._api.receipt(remote_id=article_id, detail=f"its address could not be read: {error}")
        if shown is None:
            return self._api.receipt(remote_id=article_id, detail="not on the account's list yet, so without address")
        return self._api.receipt(remote_id=article_id, url=shown.url)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """What the account's list says about a message whose fate is unknown. Raises ``TransportError``.

        An article counts as this one if the title is the same and it was made, or for a correction changed, at or after
        ``since`` less a minute. A recall is proved only by the whole list without the article.
        """
        try:
            return self._find_gone(message) if message.act is Act.RECALL else self._find_made(message, since)
        except TransportError as error:
            in_doubt(error)
            raise

    def _find_made(self, message: Message, since: datetime) -> Receipt | None:
        correcting = message.act is Act.CORRECT
        for shown in self._api.articles(PAGES):
            moment = shown.updated_at if correcting else shown.created_at
            if moment is None or moment < since - CLOCKS or not same_title(message.title, shown.title):
                continue
            if not correcting or self._is_it(message, shown):
                return self._api.receipt(remote_id=shown.id, url=shown.url, detail="found on the account's list")
        return None

    def counts(self, receipt: Receipt) -> Counts:
        """Views and shares of an article; nothing for one no longer among the newest 300. Raises ``TransportError``."""
        shown = self._on_list(receipt.remote_id, COUNT_PAGES) if receipt.remote_id else None
        return Counts() if shown is None else Counts(views=shown.views, shares=shown.shares)

    def broadcast(self, remote_id: str) -> Receipt:
        """Send an article to those who follow the account; once. Raises ``TransportError``.

        A quota that is used up is a no for good here: a broadcast of another day is another decision.
        """
        try:
            return self._api.receipt(remote_id=self._api.broadcast(remote_id) or None)
        except TransportError as error:
            told = sense_told(str(error))
            if told is not None and told[1] in {Sense.QUOTA, Sense.RECIPIENTS_QUOTA}:
                error.permanent, error.retry_after = True, None
            raise

    def account(self) -> Account:
        """The account's own data and its quotas. Raises ``TransportError``; quotas that cannot be read cost only
        themselves."""
        told = self._known_account()
        quotas: tuple[Quota, ...] = ()
        detail = self._api.access.warning
        try:
            quotas = self._api.quotas()
        except TransportError as error:
            if error.needs is Needs.AUTHORISATION:
                raise
            detail = "; ".join(part for part in (detail, f"the quotas could not be read: {error}") if part)
        return Account(
            name=shorten(str(told.get("name", ""))),
            followers=_whole(told.get("num_follower")),
            verified=_flag(told.get("is_verified")),
            package=shorten(str(told.get("package_name") or "")),
            package_until=_day(told.get("package_valid_through_date")),
            quotas=quotas,
            detail=detail,
        )

    def test(self) -> Receipt:
        """Ask for the account's own data: proves the access, publishes nothing. Raises ``TransportError``."""
        account = self._known_account()
        verified = "verified" if _flag(account.get("is_verified")) else "not verified"
        followers = account.get("num_follower", "?")
        return self._api.receipt(detail=f"{account.get('name', '')}: {verified}, {followers} followers")

    def _known_account(self) -> Mapping[str, Any]:
        """The account's own data, if it is the account of this channel."""
        account = self._api.account()
        told = str(account.get("oa_id", ""))
        if told != self._settings.oa_id:
            message = f"the access is for account {told or 'unknown'}, but this channel is {self._settings.oa_id}"
            raise TransportError(message, permanent=True, needs=Needs.AUTHORISATION)
        return account

    def _on_list(self, article_id: str, pages: int = PAGES) -> Listed | None:
        return next((shown for shown in self._api.articles(pages) if shown.id == article_id), None)

    def _id_at(self, url: str | None) -> str | None:
        """The article at an address that a person gave, where its id was never told."""
        if url is None:
            return None
        return next((shown.id for shown in self._api.articles(PAGES) if shown.url == url), None)

    def _is_it(self, message: Message, shown: Listed) -> bool:
        return shown.id == message.remote_id or (shown.url is not None and shown.url == message.remote_url)

    def _find_gone(self, message: Message) -> Receipt | None:
        if message.remote_id is None and message.remote_url is None:
            return None
        shown = list(self._api.articles(PAGES))
        # A full last page means that there may be more behind it.
        if len(shown) == PAGES * PAGE or any(self._is_it(message, one) for one in shown):
            return None
        return self._api.receipt(remote_id=message.remote_id, url=message.remote_url, detail="no longer on the list")


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _flag(value: object) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def _day(value: object) -> date | None:
    """A day as ``dd/mm/yyyy`` or ``yyyy-mm-dd``, whichever Zalo's version has; None for anything else."""
    text = str(value or "").strip()[:10]
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
