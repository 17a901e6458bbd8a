"""When the certificate runs out that the public address shows to its readers."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

SOON = timedelta(days=14)  # what renews itself does so a month ahead
PATIENCE = 5.0  # seconds


def judged(base: str, now: datetime, ca: Path | None = None) -> tuple[bool, str]:
    """Whether the certificate at ``base`` is good and stays so for a while, and in words.

    An address that cannot be reached from here says nothing of its certificate: it may well be reached from outside.
    ``ca``: whom to trust in place of the system's authorities.
    """
    parts = urlsplit(base)
    if parts.scheme != "https":
        return True, "none: the address is not https"
    host = parts.hostname or ""
    context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
    try:
        with (
            socket.create_connection((host, parts.port or 443), PATIENCE) as raw,
            context.wrap_socket(raw, server_hostname=host) as talk,
        ):
            shown = talk.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return False, f"{host}: {error.verify_message}"
    except OSError as error:
        return True, f"not known: {host} cannot be reached from here ({error.strerror or error})"
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    return ends - now > SOON, f"{host}: good until {ends:%Y-%m-%d}, {(ends - now).days} days"
