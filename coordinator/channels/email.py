"""Bulletins by mail: one channel an address, so that each has its own delivery, and nobody sees another's address.

Mail knows no answer but the server's. A line that breaks while the server takes a letter leaves it in doubt; a person
decides. The same delivery always has the same Message-ID, by which many mail systems drop a second copy.
"""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, Protocol

from campaigns.publishing.transport import Message, Receipt, TransportError, Vault
from coordinator.channels import capabilities
from coordinator.channels.account_settings import EmailSettings
from coordinator.channels.calls import Now
from coordinator.channels.letter import letter


class Mailing(Protocol):
    """The part of the mail room that adapters use. Raises ``TransportError``."""

    @property
    def sender(self) -> str: ...

    def hand_in(self, message: EmailMessage) -> None: ...

    def check(self) -> str: ...


class EmailTransport:
    """One address."""

    capabilities = capabilities.EMAIL

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, way: Mailing, now: Now) -> None:
        self._settings = EmailSettings.model_validate(dict(values))
        self._way, self._now = way, now

    def send(self, message: Message) -> Receipt:
        """Mail the bulletin, its correction or its recall. Raises ``TransportError``."""
        made = letter(message, to=self._settings.address, sender=self._way.sender, at=self._now())
        self._way.hand_in(made)
        return Receipt(remote_id=str(made["Message-ID"]), detail="the mail server has taken it")

    def test(self) -> Receipt:
        """Whether the mail server lets us in; nothing is mailed. Raises ``TransportError``."""
        if not self._settings.address.isascii():
            raise TransportError("the address has letters that mail servers may not take", permanent=True)
        return Receipt(detail=self._way.check())
