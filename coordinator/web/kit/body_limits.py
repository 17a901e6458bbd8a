"""How much of a request's body is taken, from whom. The limit is applied before the body is read."""

from collections.abc import Callable

from flask import Flask, request

ANONYMOUS_BODY = 64 * 1024  # bytes; the longest form of a stranger is a subscription with three addresses
SIGNED_IN_BODY = 20 * 1024 * 1024  # bytes; thirty pages scanned in colour
MEDIA_BODY = 51_000_000  # bytes; a video of 50 MB with its fields, from a program
MEDIA_PATH = "/api/v1/media"
# Bytes of a form without a file. Each of its %-signs becomes an object: 9 MB of them took half a gigabyte. Forms with
# long texts are sent in parts (multipart), which are read as they are.
FORM_BODY = 1024 * 1024
LARGE_BODY = 256 * 1024  # bytes; a longer one is a file, or makes objects of many times its size

FORM_TYPE = "application/x-www-form-urlencoded"


def configure(app: Flask, most: Callable[[], int]) -> None:
    """Limit every body to ``ANONYMOUS_BODY``, and a longer one to what ``most`` allows its sender, in bytes, a form
    without a file to ``FORM_BODY``."""
    app.config["MAX_CONTENT_LENGTH"] = ANONYMOUS_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024

    @app.before_request
    def _() -> None:
        # Without a length the body comes in pieces, and may become long.
        length = request.content_length
        if (length is None and request.environ.get("wsgi.input_terminated")) or (length or 0) > ANONYMOUS_BODY:
            allowed = most()
            request.max_content_length = min(allowed, FORM_BODY) if request.mimetype == FORM_TYPE else allowed
