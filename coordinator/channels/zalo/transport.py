"""Zalo Official Account: a bulletin becomes an article, a correction replaces it, a recall removes it.

Zalo processes articles in the background, so that ``send`` returns a token and ``poll`` the address. Creating has no
idempotency key: after a lost answer, ``find`` reads the account's list before anything is repeated.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

from campaigns.channels.transport import (
    AccountQuota,
    BroadcastRules,
    ChannelNeed,
    DeliveryAct,
    Message,
    PlatformAccount,
    PostCounts,
    Receipt,
    Secrets,
    TransportError,
)
from coordinator.channels import capabilities
from coordinator.channels.http_calls import CurrentTime, HttpRequester, shorten, with_unknown_outcome
from coordinator.channels.zalo.article import article_body, is_video_article, left_out, same_title, video_body
from coordinator.channels.zalo.client import PAGE_SIZE, ListedArticle, PreparedVideo, ZaloClient
from coordinator.channels.zalo.errors import NIGHT_BEGINS, NIGHT_ENDS, ErrorMeaning, meaning_of
from coordinator.channels.zalo.settings import ZaloSettings

MAX_COUNT_PAGES = 30  # pages that are read for the counts of an article a month old
MAX_LOOKUP_PAGES = 3  # pages of the list that are read to look up one article: the newest 30
VIDEO_ARTICLE = "video"
KINDS = ("normal", VIDEO_ARTICLE)  # of articles; each has a list of its own
CLOCK_TOLERANCE = timedelta(seconds=60)  # by which Zalo's clock may differ from ours


class ZaloTransport:
    """The adapter of one account. ``remote_id`` of its receipts is the article's id, ``url`` its public address."""

    capabilities = capabilities.ZALO

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:
        self._code = code
        self._settings = ZaloSettings.model_validate(dict(values))
        self._api = ZaloClient(self._settings, vault, http_client, now)
        self.broadcast_rules = BroadcastRules(
            self._settings.broadcasts_a_day, self._settings.broadcasts_a_month, NIGHT_BEGINS, NIGHT_ENDS
        )

    def send(self, message: Message) -> Receipt:
        """Submit, replace or remove an article. Raises ``TransportError``.

        A video is uploaded first, and asked about at later calls until Zalo has processed it; only then there is an
        article. Where Zalo takes no video the article has the poster as its cover.
        """
        if message.act is DeliveryAct.PUBLISH:
            video = self._video(message)
            if isinstance(video, Receipt):
                return video
            made = self._api.create(self._article(message, video.id))
            return self._api.receipt(done=False, token=made, detail=self._left_out(message, video))
        article_id = message.remote_id or self._id_at(message.remote_url)
        if article_id is None:
            raise TransportError(
                f"the article of {message.code} is not among the newest "
                f"{MAX_LOOKUP_PAGES * PAGE_SIZE}; do this one by hand",
                permanent=True,
            )
        if message.act is DeliveryAct.RECALL:
            self._api.remove(article_id)
            return self._api.receipt(remote_id=article_id, url=message.remote_url, detail="the article was taken down")
        video = self._video(message)
        if isinstance(video, Receipt):
            return video
        token = self._api.update(self._correction(message, article_id, video.id))
        detail = self._left_out(message, video)
        if token is None:
            return self._api.receipt(remote_id=article_id, url=message.remote_url, detail=detail)
        return self._api.receipt(done=False, token=token, remote_id=article_id, detail=detail)

    def _video(self, message: Message) -> PreparedVideo | Receipt:
        """Return the bulletin's video as Zalo has it, without an id where there is none; a receipt while Zalo processes
        it."""
        film = next((medium for medium in message.files if medium.kind == "video"), None)
        if film is None:
            return PreparedVideo(None, "")
        token = message.upload
        if not token:
            try:
                token = self._api.prepare_video(film.file())
            except TransportError as error:
                if not error.permanent and error.status != 413:
                    raise
                return PreparedVideo(None, str(error))
            return self._api.receipt(done=False, upload=token, detail="Zalo processes its video")
        video = self._api.video(token)
        if video.id is None and not video.error:
            return self._api.receipt(done=False, upload=token, detail="Zalo processes its video")
        return video

    def _article(self, message: Message, video_id: str | None) -> dict[str, Any]:
        if video_id is not None and is_video_article(message, self._settings):
            return video_body(message, self._settings, video_id)
        return article_body(message, self._settings, None, video_id)

    def _correction(self, message: Message, article_id: str, video_id: str | None) -> dict[str, Any]:
        """Return the new text of an article, which keeps its type."""
        listed = self._listed(MAX_LOOKUP_PAGES, (VIDEO_ARTICLE,)) if video_id is not None else ()
        if video_id is not None and any(shown.id == article_id for shown in listed):
            return video_body(message, self._settings, video_id, article_id)
        return article_body(message, self._settings, article_id, video_id)

    def _left_out(self, message: Message, video: PreparedVideo) -> str:
        without = f"without its video: {video.error}" if video.error else ""
        return "; ".join(filter(None, (left_out(message, self._settings), without)))

    def poll(self, token: str) -> Receipt:
        """Return whether Zalo has processed an article, and then its address. Raises ``TransportError``."""
        article_id = self._api.verify(token)
        if article_id is None:
            return self._api.receipt(done=False, token=token)
        try:
            shown = self._on_list(article_id)
        except TransportError as error:
            # The article exists; an error would only make the caller poll again.
            return self._api.receipt(remote_id=article_id, detail=f"its address could not be read: {error}")
        if shown is None:
            return self._api.receipt(remote_id=article_id, detail="not on the account's list yet, so without address")
        return self._api.receipt(remote_id=article_id, url=shown.url)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """Look up a message with an unknown outcome in the account's list. Raises ``TransportError``.

        An article matches if the title is the same and it was made, or for a correction changed, at or after ``since``
        less a minute. A recall is proved only by a complete list without the article.
        """
        try:
            return self._find_gone(message) if message.act is DeliveryAct.RECALL else self._find_made(message, since)
        except TransportError as error:
            with_unknown_outcome(error)
            raise

    def _find_made(self, message: Message, since: datetime) -> Receipt | None:
        correcting = message.act is DeliveryAct.CORRECT
        kinds = KINDS if any(medium.kind == "video" for medium in message.media) else KINDS[:1]
        for shown in self._listed(MAX_LOOKUP_PAGES, kinds):
            moment = shown.updated_at if correcting else shown.created_at
            if moment is None or moment < since - CLOCK_TOLERANCE or not self._same_title(message, shown):
                continue
            if not correcting or self._is_it(message, shown):
                return self._api.receipt(remote_id=shown.id, url=shown.url, detail="found on the account's list")
        return None

    def counts(self, receipt: Receipt) -> PostCounts:
        """Return views and shares of an article; none for one not among the newest 300. Raises ``TransportError``."""
        shown = self._on_list(receipt.remote_id, MAX_COUNT_PAGES) if receipt.remote_id else None
        return PostCounts() if shown is None else PostCounts(views=shown.views, shares=shown.shares)

    def broadcast(self, remote_id: str) -> Receipt:
        """Send an article to the account's followers, once. Raises ``TransportError``.

        A used-up quota is a permanent failure here: a broadcast on another day is another decision.
        """
        try:
            return self._api.receipt(remote_id=self._api.broadcast(remote_id) or None)
        except TransportError as error:
            meaning = meaning_of(str(error))
            if meaning is not None and meaning[1] in {ErrorMeaning.QUOTA, ErrorMeaning.RECIPIENTS_QUOTA}:
                error.permanent, error.retry_after = True, None
            raise

    def account(self) -> PlatformAccount:
        """Return the account's data and its quotas; without quotas where they cannot be read. Raises
        ``TransportError``."""
        account = self._known_account()
        quotas: tuple[AccountQuota, ...] = ()
        detail = self._api.access.warning
        try:
            quotas = self._api.quotas()
        except TransportError as error:
            if error.needs is ChannelNeed.AUTHORISATION:
                raise
            detail = "; ".join(part for part in (detail, f"the quotas could not be read: {error}") if part)
        return PlatformAccount(
            name=shorten(str(account.get("name", ""))),
            followers=_integer(account.get("num_follower")),
            verified=_boolean(account.get("is_verified")),
            package=shorten(str(account.get("package_name") or "")),
            package_until=_parsed_date(account.get("package_valid_through_date")),
            quotas=quotas,
            detail=detail,
        )

    def test(self) -> Receipt:
        """Read the account's data, which proves the access and publishes nothing. Raises ``TransportError``."""
        account = self._known_account()
        verified = "verified" if _boolean(account.get("is_verified")) else "not verified"
        followers = account.get("num_follower", "?")
        return self._api.receipt(detail=f"{account.get('name', '')}: {verified}, {followers} followers")

    def _known_account(self) -> Mapping[str, Any]:
        """Return the account's data. Raises ``TransportError`` if it is not the account of this channel."""
        account = self._api.account()
        text = str(account.get("oa_id", ""))
        if text != self._settings.oa_id:
            message = f"the access is for account {text or 'unknown'}, but this channel is {self._settings.oa_id}"
            raise TransportError(message, permanent=True, needs=ChannelNeed.AUTHORISATION)
        return account

    def _on_list(self, article_id: str, pages: int = MAX_LOOKUP_PAGES) -> ListedArticle | None:
        return next((shown for shown in self._listed(pages) if shown.id == article_id), None)

    def _id_at(self, url: str | None) -> str | None:
        """Return the id of the article at an address that a person entered, where its id is not known."""
        if url is None:
            return None
        return next((shown.id for shown in self._listed(MAX_LOOKUP_PAGES) if shown.url == url), None)

    def _listed(self, pages: int, kinds: tuple[str, ...] = KINDS) -> Iterator[ListedArticle]:
        """Return the articles on the first ``pages`` pages of the lists of these kinds."""
        return chain.from_iterable(self._api.articles(pages, kind) for kind in kinds)

    def _same_title(self, message: Message, shown: ListedArticle) -> bool:
        return same_title(message.title, shown.title, self._settings)

    def _is_it(self, message: Message, shown: ListedArticle) -> bool:
        return shown.id == message.remote_id or (shown.url is not None and shown.url == message.remote_url)

    def _find_gone(self, message: Message) -> Receipt | None:
        if message.remote_id is None and message.remote_url is None:
            return None
        for kind in KINDS:
            shown = list(self._api.articles(MAX_LOOKUP_PAGES, kind))
            # A full last page means that there may be more pages.
            if len(shown) == MAX_LOOKUP_PAGES * PAGE_SIZE or any(self._is_it(message, article) for article in shown):
                return None
        return self._api.receipt(remote_id=message.remote_id, url=message.remote_url, detail="no longer on the list")


def _integer(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _boolean(value: object) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def _parsed_date(value: object) -> date | None:
    """Parse a day as ``dd/mm/yyyy`` or ``yyyy-mm-dd``, depending on Zalo's version; None for anything else."""
    text = str(value or "").strip()[:10]
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
