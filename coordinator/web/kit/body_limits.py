"""How much of a request's body is taken, from whom. The limit is applied before the body is read."""

from collections.abc import Callable

from flask import Flask, request

ANONYMOUS_BODY = 64 * 1024  # bytes; the longest form of a stranger is a subscription with three addresses
SIGNED_IN_BODY = 20 * 1024 * 1024  # bytes; thirty pages scanned in colour
LARGE_BODY = 256 * 1024  # bytes; a longer one is a file, or makes objects of many times its size


def configure(app: Flask, most: Callable[[], int]) -> None:
    """Limit every body to ``ANONYMOUS_BODY``, and a longer one to what ``most`` allows its sender, in bytes."""
    app.config["MAX_CONTENT_LENGTH"] = ANONYMOUS_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * 1024 * 1024

    @app.before_request
    def _() -> None:
        # Without a length the body comes in pieces, and may become long.
        length = request.content_length
        if (length is None and request.environ.get("wsgi.input_terminated")) or (length or 0) > ANONYMOUS_BODY:
            request.max_content_length = most()
