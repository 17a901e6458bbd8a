"""The office's mail server as channels see it: a way out, and what its refusals mean for a delivery."""

from dataclasses import dataclass
from email.message import EmailMessage

from campaigns.publishing.transport import Needs, TransportError
from coordinator.mail.smtp import MailError, MailServer


@dataclass(frozen=True)
class MailRoom:
    """``server``: None where none is set up."""

    server: MailServer | None

    @property
    def sender(self) -> str:
        """The address that letters come from; "" where there is no server."""
        return self.server.sender if self.server is not None else ""

    def hand_in(self, message: EmailMessage) -> None:
        """Hand in one message. Raises ``TransportError``: permanent for an address that is refused for good (5xx),
        unknown where the line broke after the server had begun to take it."""
        try:
            self._served().hand_in(message)
        except MailError as error:
            raise _meaning(error) from error

    def check(self) -> str:
        """Whether the server answers and lets us in. Raises ``TransportError``."""
        try:
            return self._served().check()
        except MailError as error:
            raise _meaning(error) from error

    def _served(self) -> MailServer:
        if self.server is None:
            # Deliveries wait until there is one.
            raise TransportError("no mail server is set up (mail_server)", needs=Needs.AUTHORISATION)
        return self.server


def _meaning(error: MailError) -> TransportError:
    return TransportError(str(error), permanent=error.permanent, outcome_unknown=error.in_doubt)
