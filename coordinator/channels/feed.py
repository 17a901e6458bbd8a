"""A partner that reads its own feed. Nothing is sent; the fetch log is the proof of delivery."""

from collections.abc import Mapping
from typing import Any

from campaigns.publishing.transport import Message, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.calls import Door, Now
from coordinator.channels.settings import FeedSettings


class FeedTransport:
    """Stands for a receiver that fetches by itself. Its deliveries are settled by ``campaigns.publishing.fetches``."""

    capabilities = capabilities.FEED

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now
    ) -> None:  # every adapter is built alike
        self._code = code
        self._settings = FeedSettings.model_validate(dict(values))

    def send(self, message: Message) -> Receipt:
        """Refuses always: a delivery to a feed is settled when the partner fetches it, and by nothing else."""
        raise TransportError(
            f"{message.code} cannot be pushed to {self._code}: this partner fetches its feed", permanent=True
        )
