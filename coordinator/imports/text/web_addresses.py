"""Addresses in imported text: absolute and harmless, or left out."""

import re
from urllib.parse import urljoin, urlsplit

MAX_ADDRESS_LENGTH = 2000  # characters; longer ones carry data


def usable_address(address: str, base: str | None, *, mail: bool = False) -> str | None:
    """The address as it may stand in a bulletin, or None.

    ``base``: the absolute address that relative ones are resolved against; without it they are not usable. Allowed are
    http and https with a host, and mailto when ``mail``. A user name before the host is refused: it makes a stranger's
    host look like the department's.
    """
    # Browsers drop these before they look for the scheme, and read a backslash as a slash; so must the check.
    bare = re.sub(r"[\t\r\n]", "", address).strip("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x1f \xa0")
    if not bare or len(bare) > MAX_ADDRESS_LENGTH:
        return None
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", bare)
    if mail and scheme and scheme[1].lower() == "mailto":
        return _mailto_address(bare[len("mailto:") :])
    if scheme and scheme[1].lower() not in {"http", "https"}:
        return None
    try:
        whole = urljoin(base, bare.replace("\\", "/")) if base else bare.replace("\\", "/")
        parts = urlsplit(whole)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    if not re.fullmatch(r"[^\s\"'<>`{}|^%\\\x00-\x20]+", parts.netloc):
        return None
    quoted = re.sub(r"[\s\"<>`{}|^\\]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), whole)
    return quoted if len(quoted) <= MAX_ADDRESS_LENGTH else None


def _mailto_address(rest: str) -> str | None:
    # Only the address: a subject or body in the link would be a stranger's words in the reader's letter.
    address = rest.split("?", 1)[0]
    return f"mailto:{address}" if re.fullmatch(r"[\w.+\-]+@[\w\-]+(\.[\w\-]+)+", address, re.ASCII) else None
