"""A Lotus-style platform: it publishes no interface to post through, and reads the department's feed instead.

Only what can be relied on is here: a pull feed (RSS with full text, Atom, JSON Feed) under a key of its own, answered
with ETag and Last-Modified, and the log of its fetches. Which platform it is, the administrator says in the name of
the channel.
"""

from collections.abc import Mapping
from typing import Any

from campaigns.publishing.transport import Message, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.calls import Door, Now
from coordinator.channels.settings import LotusSettings


class LotusTransport:
    """Stands for a platform that fetches by itself. Its deliveries are settled by ``campaigns.publishing.fetches``."""

    capabilities = capabilities.LOTUS

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now
    ) -> None:  # every adapter is built alike
        self._code = code
        self._settings = LotusSettings.model_validate(dict(values))

    def send(self, message: Message) -> Receipt:
        """Refuses always: a delivery here is settled when the platform fetches its feed, and by nothing else."""
        raise TransportError(
            f"{message.code} cannot be pushed to {self._code}: this platform fetches its feed", permanent=True
        )
