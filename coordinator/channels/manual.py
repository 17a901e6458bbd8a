"""A channel that a person serves: the desk shows the text to copy and takes the address of the post."""

from collections.abc import Mapping
from typing import Any

from campaigns.publishing.transport import Message, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.calls import Door, Now
from coordinator.channels.settings import ManualSettings


class ManualTransport:
    """Stands for somebody at a keyboard. Its deliveries are settled by ``campaigns.publishing.outbox.resolve``."""

    capabilities = capabilities.MANUAL

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now
    ) -> None:  # every adapter is built alike
        self._code = code
        self._settings = ManualSettings.model_validate(dict(values))

    def send(self, message: Message) -> Receipt:
        """Refuses always: only a person can post here, and only that person's word settles it."""
        raise TransportError(f"{message.code} cannot be posted to {self._code} by machine", permanent=True)
