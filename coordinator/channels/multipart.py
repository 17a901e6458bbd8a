"""Files and fields as a multipart form (RFC 7578), as platforms take uploads."""

from collections.abc import Mapping
from secrets import token_hex

from campaigns.bulletins.media import SUFFIXES
from campaigns.channels.transport import CoverFile


def multipart_form(
    fields: Mapping[str, str], file_field: str, file: CoverFile, **others: CoverFile
) -> tuple[bytes, str]:
    """Return the body and its ``Content-Type``. ``file_field``: the name of the field with the file; ``others``:
    further files by the names of their fields."""
    boundary = token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n".encode()
        for name, value in fields.items()
    ]
    for name, part in {file_field: file, **others}.items():
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
            f'filename="{part.name}.{SUFFIXES[part.mime]}"\r\nContent-Type: {part.mime}\r\n\r\n'
        )
        parts += [head.encode(), part.body, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
