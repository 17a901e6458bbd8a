"""What a file is called where a browser saves it: the header that says so (RFC 6266)."""

from urllib.parse import quote

from campaigns.core.vietnamese import fold


def attachment_of(name: str) -> str:
    """``Content-Disposition`` for a file to be saved under ``name``, which holds neither quotes nor control characters.

    A name that is not ASCII has a plain one beside it, for whoever does not know the longer form.
    """
    if name.isascii():
        return f'attachment; filename="{name}"'
    plain = fold(name).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
