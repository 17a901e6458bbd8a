"""Bytes decoded to text, files read in a child process, and the error for files that cannot be read, with one clear
sentence."""

import re
from collections.abc import Callable
from typing import Any, Final

from campaigns.core.errors import CampaignError, Invalid
from coordinator.sandbox import ChildAnswer, ChildFailed, run_child

_BYTE_ORDER_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class UnreadableDocument(CampaignError):
    """The file as a whole cannot be read: another format than its name says, damaged, locked, too big, or hostile."""

    code = "unreadable"


def read_brought(read: Callable[..., ChildAnswer], *arguments: Any) -> tuple[dict[str, Any], bytes]:
    """Call ``read(*arguments)`` in a child process with limits. Raises ``UnreadableDocument``, and ``Invalid`` as
    ``read`` does."""
    try:
        return run_child(read, *arguments, raises=(UnreadableDocument, Invalid))
    except ChildFailed as error:
        raise UnreadableDocument(str(error), code=error.code) from error


def check_size(data: bytes, most: int) -> None:
    """Raise ``UnreadableDocument`` for more than ``most`` bytes."""
    if len(data) > most:
        raise UnreadableDocument(
            f"the file has {len(data):,} bytes; at most {most:,} are taken", code="file_too_big", most=most
        )


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Bytes as text: by byte order mark, else as UTF-8, else as the ``declared`` encoding.

    Raises ``UnreadableDocument`` with the place of the first byte that does not fit.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is None and declared and declared.lower().replace("_", "-") not in {"utf-8", "utf8"}:
            return _decode_declared(data, declared)
        where = error.start
        line = data.count(b"\n", 0, where) + 1
        raise UnreadableDocument(
            f"byte {where + 1} (line {line}) is not {encoding or 'UTF-8'}; save the file as UTF-8",
            code="encoding",
            byte=where + 1,
            line=line,
        ) from error


def _decode_declared(data: bytes, declared: str) -> str:
    try:
        return data.decode(declared)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableDocument(
            f"the file says it is {declared!r}, but is neither that nor UTF-8; save it as UTF-8", code="encoding"
        ) from error


def declared_charset(data: bytes) -> str | None:
    """The encoding that an HTML or XML file names in its first kilobyte."""
    found = re.search(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", data[:1024])
    return found[1].decode("ascii") if found else None
