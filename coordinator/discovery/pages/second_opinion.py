"""A second extraction of a page's main text by another library, for a person in doubt. No verdict depends on it.

``trafilatura`` is ten times slower and finds the same copies; it leaves out more of the surroundings of an article. It
is installed with the extra ``second-opinion``.
"""

from importlib.util import find_spec

from coordinator.discovery.pages.html_limits import limit_html
from coordinator.http.charsets import decode

MAX_PAGE_LENGTH = 1_000_000  # characters; a person waits for it


def is_installed() -> bool:
    """Whether the library is installed."""
    return find_spec("trafilatura") is not None


def second_opinion(body: bytes, content_type: str | None = None) -> str:
    """Return the main text by ``trafilatura``, with the headline; empty when it finds none.

    ``body`` and ``content_type`` are as fetched. Raises ``ImportError`` where it is not installed.
    """
    import trafilatura  # noqa: PLC0415  # optional and heavy

    html = limit_html(decode(body, content_type or "")[:MAX_PAGE_LENGTH]).replace("\0", "\ufffd")
    return trafilatura.extract(html, fast=True, include_comments=False) or ""
