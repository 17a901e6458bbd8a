"""A Lotus-style platform: it has no public API for posts and reads the department's feed instead.

It uses a pull feed (RSS with full text, Atom, JSON Feed) under its own key, served with ETag and Last-Modified, and
the log of its fetches. The name of the channel says which platform it is.
"""

from collections.abc import Mapping
from typing import Any

from campaigns.channels.transport import Message, Receipt, Secrets, TransportError
from coordinator.channels import capabilities
from coordinator.channels.http_calls import CurrentTime, HttpRequester
from coordinator.channels.lotus.settings import LotusSettings


class LotusTransport:
    """The adapter of a platform that fetches a feed. ``campaigns.delivery.feed_fetches`` settles its deliveries."""

    capabilities = capabilities.LOTUS

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:  # every adapter has the same constructor
        self._code = code
        self._settings = LotusSettings.model_validate(dict(values))

    def send(self, message: Message) -> Receipt:
        """Always raise: a delivery is settled only when the platform fetches its feed."""
        raise TransportError(
            f"{message.code} cannot be pushed to {self._code}: this platform fetches its feed", permanent=True
        )
