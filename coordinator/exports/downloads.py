"""Downloads: the header with a file's name, and several files as one ZIP."""

import io
import zipfile
from collections.abc import Iterable
from urllib.parse import quote

from campaigns.core.vietnamese import fold

# The header with the name under which a browser saves a file (RFC 6266).


def content_disposition(name: str) -> str:
    """Return ``Content-Disposition`` for the file name ``name``, which has no quotes and no control characters.

    A name that is not ASCII is accompanied by an ASCII one, for clients that do not support the extended form.
    """
    if name.isascii():
        return f'attachment; filename="{name}"'
    plain = fold(name).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def zip_files(named: Iterable[tuple[str, bytes]]) -> bytes:
    """Return several files as one ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in named:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
