"""A blob store in a bucket of an S3-compatible service."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from coordinator.storage.blobs import KEY, StoreError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config  # exist for type checkers only

TIMEOUT = timedelta(seconds=20)  # for one try, from connecting to the last byte
TRIES = 4
GIVE_UP = timedelta(seconds=15)  # no try begins after this; together with the last try it is shorter than a job's lease
MOST_BYTES = 100_000_000  # of one body; the longest that is kept is a scan of 20 million
REGION = "us-east-1"  # what services with a single region call it

_CODE = re.compile(r"<Code>([A-Za-z]+)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KNOWN = ("endpoint", "region", "ca")


@dataclass(frozen=True)
class BucketAddress:
    """The location of a bucket. ``prefix`` has no slash at either end; ``endpoint`` empty means the service's default
    addresses.

    ``ca``: a file with the certificates of the authority behind the endpoint, for one that is not publicly known.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = REGION
    ca: Path | None = None

    @classmethod
    def parse(cls, text: str) -> "BucketAddress":
        """Read ``s3://bucket/prefix?endpoint=https://…&region=…&ca=FILE``. Raises ``ValueError`` that
        says what is wrong."""
        expected = "expected s3://bucket/prefix?endpoint=https://host:port&region=…"
        parts = urlsplit(text)
        if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.fragment:
            raise ValueError(f"{text!r} names no bucket, {expected}")
        try:
            options = dict(parse_qsl(parts.query, strict_parsing=True, keep_blank_values=True)) if parts.query else {}
        except ValueError:
            raise ValueError(f"{parts.query!r} cannot be read, {expected}") from None
        if strange := sorted(set(options) - set(_KNOWN)):
            raise ValueError(f"there is no option {strange[0]!r}; known are {', '.join(_KNOWN)}")
        endpoint = options.get("endpoint", "").rstrip("/")
        there = urlsplit(endpoint)
        if endpoint and (there.scheme not in {"http", "https"} or not there.hostname or there.query or there.username):
            raise ValueError(f"endpoint {endpoint!r} is no address, expected https://host:port")
        ca = Path(options["ca"]) if options.get("ca") else None
        if ca is not None and not ca.is_file():
            raise ValueError(f"ca: there is no file {ca}")
        prefix = parts.path.strip("/")
        if "//" in prefix or not re.fullmatch(r"[\w./-]*", prefix, re.ASCII):
            raise ValueError(f"the prefix {prefix!r} may hold letters, digits, '.', '_', '-' and single slashes only")
        return cls(parts.netloc, prefix, endpoint, options.get("region") or REGION, ca)


class BucketStore:
    """One object for each body, under ``<prefix>/ab/abcdef….gz``.

    Requests are signed (SigV4) and name the bucket in the path, which every compatible service understands. The
    administrator sets the endpoint, like the database's address: it may be on a private network, and no partner can
    influence it. ``keys``: the form of the keys.
    """

    def __init__(self, address: BucketAddress, key_id: str, secret: str, *, keys: re.Pattern[str] = KEY) -> None:
        self._address, self._keys = address, keys
        config: S3Config = {
            "region": address.region,
            "access_key_id": key_id,
            "secret_access_key": secret,
            "virtual_hosted_style_request": False,
        }
        if address.endpoint:
            config["endpoint"] = address.endpoint
        client: ClientConfig = {
            "allow_http": address.endpoint.startswith("http://"),
            "timeout": TIMEOUT,
            "connect_timeout": timedelta(seconds=5),
        }
        if address.ca is not None:
            client["root_certificate"] = address.ca.read_bytes()
        self._store = S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config=config,
            client_options=client,
            retry_config={"max_retries": TRIES - 1, "retry_timeout": GIVE_UP},
        )

    @property
    def place(self) -> str:
        """Bucket, prefix and endpoint."""
        address = self._address
        return f"s3://{address.bucket}/{address.prefix}".rstrip("/") + (
            f" at {address.endpoint}" if address.endpoint else ""
        )

    def put(self, key: str, body: bytes) -> None:
        """Store a body; the service has all of it when this returns, or nothing of it."""
        if self.has(key):
            return
        with self._translated_errors():
            obstore.put(self._store, self._valid_key(key), body, use_multipart=False)

    def get(self, key: str) -> bytes:
        """Return a stored body."""
        with self._translated_errors():
            found = obstore.get(self._store, self._valid_key(key))
            # The library reserves the announced length at once, and ends the process where there is not so much.
            if (size := found.meta["size"]) > MOST_BYTES:
                raise StoreError(
                    f"{self.place}: it announces {size:,} bytes for {key}; at most {MOST_BYTES:,} are taken"
                )
            return bytes(found.bytes())

    def has(self, key: str) -> bool:
        """Whether the service has an object of this name."""
        try:
            with self._translated_errors():
                obstore.head(self._store, self._valid_key(key))
        except FileNotFoundError:
            return False
        return True

    def check(self) -> None:
        """List the first objects, which needs the right bucket, the right keys and a service that answers."""
        with self._translated_errors():
            next(iter(obstore.list(self._store, chunk_size=1)), None)

    def _valid_key(self, key: str) -> str:
        if not self._keys.fullmatch(key):
            raise FileNotFoundError(key)
        return key

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Translate the library's errors into ``StoreError`` with the service's message, without the library's
        state."""
        try:
            yield
        except FileNotFoundError as error:
            # The library reports a missing bucket as a missing object.
            if _error_field(_CODE, error) != "NoSuchBucket":
                raise FileNotFoundError(f"{self.place} has no such object") from error
            raise StoreError(f"{self.place}: there is no such bucket; make it, or correct the name") from error
        except BaseError as error:
            raise StoreError(f"{self.place}: {_error_words(error)}") from error


def _error_field(pattern: re.Pattern[str], error: BaseException) -> str:
    found = pattern.search(str(error))
    return found[1] if found else ""


_WORDS: dict[str, str] = {
    "NoSuchBucket": "there is no such bucket; make it, or correct the name",
    "InvalidAccessKeyId": "the service does not know the key id; look at LANTOA_EVIDENCE_KEY_ID",
    "SignatureDoesNotMatch": "the secret does not fit the key id; look at LANTOA_EVIDENCE_SECRET",
    "AccessDenied": "the key may not do this; it needs to list the bucket, and to read and write objects",
    "RequestTimeTooSkewed": "this machine's clock and the service's are too far apart",
}


def _error_words(error: BaseError) -> str:
    code = _error_field(_CODE, error)
    if code:
        return _WORDS.get(code) or f"{code}: {_error_field(_MESSAGE, error)}".rstrip(": ")
    first = str(error).splitlines()[0]
    if "403 Forbidden" in first:
        return _WORDS["AccessDenied"]
    if "HTTP error: error sending request" in first or "timed out" in first:
        return "the service does not answer; look at the endpoint, and whether it runs"
    return first[:300]
