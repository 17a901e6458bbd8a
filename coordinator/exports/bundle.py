"""Several files as one."""

import io
import zipfile
from collections.abc import Iterable


def bundled(named: Iterable[tuple[str, bytes]]) -> bytes:
    """Several files as one ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in named:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
