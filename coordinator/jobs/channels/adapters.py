"""Adapters built from channels' rows, with settings, secrets, HTTP client and mail server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from campaigns.channels.transport import ChannelNeed, ChannelSettings, Transport, TransportError
from coordinator.channels import registry
from coordinator.jobs.context import ChannelSecrets, JobContext
from coordinator.mail.smtp import MailError, MailMessage, MailServer


@dataclass(frozen=True)
class OutgoingMailServer:
    """The office's mail server, with its errors as ``TransportError``: permanent for a refused address (5xx), unknown
    where the connection broke while the server received the message. ``server``: None where none is set up."""

    server: MailServer | None

    @property
    def sender(self) -> str:
        """Return the sender's address; "" where there is no server."""
        return self.server.sender if self.server is not None else ""

    def hand_in(self, message: EmailMessage) -> None:
        """Send a complete message. Raises ``TransportError``."""
        with self._session() as server:
            server.hand_in(message)

    def send(self, message: MailMessage) -> None:
        """Send a plain text. Raises ``TransportError``."""
        with self._session() as server:
            server.send(message)

    def check(self) -> str:
        """Sign in to the server. Raises ``TransportError``."""
        with self._session() as server:
            return server.check()

    @contextmanager
    def _session(self) -> Iterator[MailServer]:
        if self.server is None:
            # Deliveries wait until a server is set up.
            raise TransportError("no mail server is set up (mail_server)", needs=ChannelNeed.AUTHORISATION)
        try:
            yield self.server
        except MailError as error:
            raise TransportError(str(error), permanent=error.permanent, outcome_unknown=error.in_doubt) from error


def adapter_of(context: JobContext, ident: int, code: str, kind: str, settings: Mapping[str, Any]) -> Transport:
    """Return the adapter of the channel with this primary key. Raises ``Invalid`` for settings that are no longer
    valid."""
    return registry.build_transport(
        kind,
        ChannelSettings(code, settings),
        ChannelSecrets(context, ident),
        context.http_client,
        mail=OutgoingMailServer(context.mail),
        now=context.now,
    )
