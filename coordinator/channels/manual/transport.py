"""A channel that a person posts to: the desk shows the text to copy and asks for the address of the post."""

from collections.abc import Mapping
from typing import Any

from campaigns.channels.transport import Message, Receipt, Secrets, TransportError
from coordinator.channels import capabilities
from coordinator.channels.http_calls import CurrentTime, HttpRequester
from coordinator.channels.manual.settings import ManualSettings


class ManualTransport:
    """The adapter of a manual channel. ``campaigns.delivery.manual_actions.resolve_delivery`` settles its
    deliveries."""

    capabilities = capabilities.MANUAL

    def __init__(
        self, code: str, values: Mapping[str, Any], vault: Secrets, http_client: HttpRequester, now: CurrentTime
    ) -> None:  # every adapter has the same constructor
        self._code = code
        self._settings = ManualSettings.model_validate(dict(values))

    def send(self, message: Message) -> Receipt:
        """Always raise: only a person can post here and settle the delivery."""
        raise TransportError(f"{message.code} cannot be posted to {self._code} by machine", permanent=True)
