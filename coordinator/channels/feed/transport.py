"""A partner that reads its own feed. Nothing is sent; the log of fetches proves the delivery."""

from collections.abc import Mapping
from typing import Any

from campaigns.channels.transport import Message, Receipt, Secrets, TransportError
from coordinator.channels import capabilities
from coordinator.channels.feed.settings import FeedSettings
from coordinator.channels.http_calls import CurrentTime, HttpRequester


class FeedTransport:
    """The adapter of a receiver that fetches a feed. ``campaigns.delivery.feed_fetches`` settles its deliveries."""

    capabilities = capabilities.FEED

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:  # every adapter has the same constructor
        self._code = code
        self._settings = FeedSettings.model_validate(dict(values))

    def send(self, message: Message) -> Receipt:
        """Always raise: a delivery to a feed is settled only when the partner fetches the feed."""
        raise TransportError(
            f"{message.code} cannot be pushed to {self._code}: this partner fetches its feed", permanent=True
        )
