"""Time stamps by RFC 3161: an authority's signed statement that a text existed at a moment.

Another authority's clock and key vouch for the text, which neither this machine nor its secret key can do.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

REQUEST_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"


class TimestampError(Exception):
    """A reply is not a valid time stamp of the text; the message says why."""


@dataclass(frozen=True)
class TimestampAuthority:
    """An authority's address, and the certificates (PEM) that vouch for it.

    Raises ``ValueError`` for certificates that cannot be read, ``ImportError`` without the ``timestamp`` extra.
    """

    url: str
    certificates: bytes

    def __post_init__(self) -> None:
        import rfc3161_client  # noqa: F401, PLC0415  # only with the timestamp extra

        x509.load_pem_x509_certificates(self.certificates)

    def request(self, body: bytes) -> "TimeStampRequest":
        """Return a request for a stamp of a text, with a nonce; it tells the authority a hash of the text."""
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415  # only with the extra

        builder = TimestampRequestBuilder().data(body).hash_algorithm(HashAlgorithm.SHA256)
        return builder.nonce(nonce=True).cert_request(cert_request=True).build()

    def verify(self, reply: bytes, body: bytes, *, request: "TimeStampRequest | None" = None) -> datetime:
        """Check that a reply stamps this text, by this authority, and answers ``request`` when that is given; returns
        its time. Raises ``TimestampError``."""
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

        builder = VerifierBuilder.from_request(request) if request is not None else VerifierBuilder()
        for certificate in x509.load_pem_x509_certificates(self.certificates):
            builder = builder.add_root_certificate(certificate)
        try:
            response = decode_timestamp_response(reply)
            builder.build().verify(response, hashlib.sha256(body).digest())
            return response.tst_info.gen_time
        except (VerificationError, ValueError) as error:
            raise TimestampError(f"no valid time stamp of this text: {error}") from error
