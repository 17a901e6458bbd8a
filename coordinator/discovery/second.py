"""A second reading of a page's main text by another program, for a person in doubt. No verdict rests on it.

``trafilatura`` reads ten times slower and finds the same copies; it leaves out more of what stands around an article.
It comes with the extra ``second-opinion``.
"""

from importlib.util import find_spec

from coordinator.discovery.taming import tamed
from coordinator.http.charsets import decode

LONGEST = 1_000_000  # characters; a person waits for it


def is_installed() -> bool:
    """Whether the other program is there."""
    return find_spec("trafilatura") is not None


def second_text(body: bytes, content_type: str | None = None) -> str:
    """The main text as ``trafilatura`` reads it, with the headline; empty when it finds none.

    ``body`` and ``content_type`` are as fetched. Raises ``ImportError`` where it is not installed.
    """
    import trafilatura  # noqa: PLC0415  # optional and heavy

    html = tamed(decode(body, content_type or "")[:LONGEST]).replace("\0", "\ufffd")
    return trafilatura.extract(html, fast=True, include_comments=False) or ""
