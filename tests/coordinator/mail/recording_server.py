"""A real SMTP server on loopback that keeps what it is handed."""

import email
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.coordinator.live_server import free_port


@dataclass
class RecordingMailServer:
    """What came in. ``refuses``: answers to give instead of taking a letter, the next first. ``breaks``: how many
    letters it takes and then breaks the line without a word."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)
    breaks: int = 0
    strangers: bool = False
    users: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Whether a letter for this address is taken."""
        if self.refuses:
            return self.refuses.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        """Keep it."""
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.letters.append(found)
        if self.breaks:
            self.breaks -= 1
            server.transport.abort()
        return "250 OK"

    def text(self, number: int = -1) -> str:
        """The words of a letter."""
        return str(self.letters[number].get_content())


@contextmanager
def recording_mail_server(
    certificate: Path | None = None, password: str = "", wrapped: bool = False
) -> Iterator[RecordingMailServer]:
    """The server, until the end of the block. ``certificate``: a file with key and certificate, for STARTTLS, or, if
    ``wrapped``, for TLS from the first byte on."""
    box = RecordingMailServer(free_port())
    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options |= {"ssl_context": context} if wrapped else {"tls_context": context, "require_starttls": True}
    if password:

        def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            assert isinstance(data, LoginPassword)
            box.users.append(data.login.decode())
            return AuthResult(success=data.password.decode() == password, handled=False)

        # What is wrapped from the first byte on, the server does not know to be encrypted.
        options |= {"authenticator": judge, "auth_required": True}
        options |= {"auth_require_tls": certificate is not None and not wrapped}
    server = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    server.start()
    try:
        yield box
    finally:
        server.stop()
