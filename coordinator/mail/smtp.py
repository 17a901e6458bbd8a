"""The mail server: one session for each mail, encrypted unless the server is on this machine."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Self
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
TIMEOUT = 20.0  # seconds for each reply of the server
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class MailError(Exception):
    """A mail was not accepted. ``permanent``: a repetition would be refused again. ``in_doubt``: the connection broke
    while the server received the mail, so that it may have been sent."""

    def __init__(self, message: str, *, permanent: bool = False, in_doubt: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.in_doubt = in_doubt


@dataclass(frozen=True)
class MailMessage:
    """A mail to one address: a subject and a plain text."""

    to: str
    subject: str
    text: str
    ident: str
    at: datetime


@dataclass(frozen=True, repr=False)
class MailServer:
    """A mail server and its account. ``secure``: smtp (unencrypted), starttls or smtps. ``ca``: a file of trusted
    certificates beside the system's authorities."""

    secure: str
    host: str
    port: int
    user: str
    password: str
    sender: str
    ca: str = ""

    @classmethod
    def from_address(cls, address: str, password: str, sender: str, ca: str = "") -> Self:
        """From ``starttls://user@host:587``, ``smtps://…`` or ``smtp://…``. Raises ``ValueError``."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError as error:
            raise ValueError("the address cannot be read") from error
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be starttls://user@host:587, smtps://user@host:465 or smtp://host:25")
        if parts.password is not None:
            raise ValueError("the password belongs into mail_password, not into the address")
        user = unquote(parts.username or "")
        if bool(user) != bool(password):
            raise ValueError("a user and a password go together")
        if not (user + password).isascii():
            raise ValueError("a user and a password for a mail server have letters without marks only")
        if user and parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
            raise ValueError("a password is not sent in clear; use starttls:// or smtps://")
        if "@" not in sender or any(character in sender for character in "\r\n"):
            raise ValueError("mail_from must be an address such as tin@so.example")
        if ca and parts.scheme == "smtp":
            raise ValueError("mail_ca is of no use with smtp://, which shows no certificate")
        try:
            _tls_context(ca)
        except OSError as error:  # a file without a certificate raises ssl.SSLError, which is one too
            raise ValueError(f"mail_ca: {ca} cannot be read, or holds no certificate: {error}") from error
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password, sender, ca)

    def send(self, letter: MailMessage) -> None:
        """Send one mail. Raises ``MailError``."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, letter.to, letter.subject
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.ident}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic replies
        message.set_content(letter.text, charset="utf-8")
        self.hand_in(message)

    def hand_in(self, message: EmailMessage) -> None:
        """Send a complete message to the one address in its ``To``. Raises ``MailError``."""
        with self._open() as server:
            server.send_message(message)

    def check(self) -> str:
        """Sign in to the server; returns a sentence about it. Raises ``MailError``."""
        with self._open() as server:
            server.noop()
        return f"{self.host}:{self.port} answers"

    @contextlib.contextmanager
    def _open(self) -> Iterator[smtplib.SMTP]:
        server: _PlainConnection | _TlsConnection | None = None
        context = _tls_context(self.ca)
        where = f"{self.host}:{self.port}"
        try:
            with contextlib.ExitStack() as open_:
                if self.secure == "smtps":
                    server = _TlsConnection(self.host, self.port, timeout=TIMEOUT, context=context)
                else:
                    server = _PlainConnection(self.host, self.port, timeout=TIMEOUT)
                open_.callback(server.close)
                if self.secure == "starttls":
                    server.starttls(context=context)
                if self.user:
                    server.login(self.user, self.password)
                yield server
                # The mail was accepted, so an error at the end of the session does not matter.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise MailError(
                f"{where} refused the address: {code} {_reply_text(words)}", permanent=code >= 500
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailError(f"{where} does not know this user and password: {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            gone = error.smtp_code >= 500
            raise MailError(
                f"{where} refused: {error.smtp_code} {_reply_text(error.smtp_error)}", permanent=gone
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise MailError(f"{where} shows a certificate that is not trusted: {error.verify_message}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailError(f"{where} does not offer what is needed: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            begun = server is not None and server.begun
            raise MailError(f"{where} cannot be reached: {error}", in_doubt=begun) from error


class _DataTracking:
    """Records that the server has asked for the text of a mail (354): after a broken connection it is then unknown
    whether the mail was accepted."""

    begun = False

    def getreply(self) -> tuple[int, bytes]:
        code, words = super().getreply()  # type: ignore[misc]  # smtplib's class, the next in the method resolution order
        self.begun = self.begun or code == 354
        return code, words


class _PlainConnection(_DataTracking, smtplib.SMTP):
    pass


class _TlsConnection(_DataTracking, smtplib.SMTP_SSL):
    pass


def _tls_context(ca: str) -> ssl.SSLContext:
    """Return the TLS context with the system's authorities, which often include a city's own, and with this file."""
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(ca)
    return context


def _reply_text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:200]
