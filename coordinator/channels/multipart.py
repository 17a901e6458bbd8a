"""A picture and fields as a multipart form (RFC 7578), as platforms take uploads."""

from collections.abc import Mapping
from secrets import token_hex

from campaigns.channels.transport import CoverFile


def multipart_form(fields: Mapping[str, str], file_field: str, picture: CoverFile) -> tuple[bytes, str]:
    """Return the body and its ``Content-Type``. ``file_field``: the name of the field with the picture."""
    boundary = token_hex(16)
    suffix = "png" if picture.mime == "image/png" else "jpg"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n".encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{file_field}"; filename="{picture.name}.{suffix}"\r\n'
        f"Content-Type: {picture.mime}\r\n\r\n"
    )
    parts += [head.encode(), picture.body, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
