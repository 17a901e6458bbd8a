"""WeasyPrint behind one function that fetches nothing."""

from typing import NoReturn

from weasyprint import HTML
from weasyprint.urls import URLFetcher

from coordinator.collecting import seldom_collected


class Nothing(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Refuses every address, ``file:`` and ``data:`` included: all that a report shows is in its page."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        """Raise ``ValueError``, which WeasyPrint takes as a missing picture."""
        raise ValueError(f"a report fetches nothing, so not {url[:200]!r} either")


def printed(page: str) -> bytes:
    """An HTML page as PDF/UA-1."""
    with seldom_collected():
        document: bytes = HTML(string=page, url_fetcher=Nothing()).write_pdf(pdf_variant="pdf/ua-1")
    return document
