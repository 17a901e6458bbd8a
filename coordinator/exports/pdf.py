"""PDF by WeasyPrint, which cannot fetch anything."""

from typing import NoReturn

from weasyprint import HTML
from weasyprint.urls import URLFetcher


class NothingFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Refuses every address, ``file:`` and ``data:`` included: a report's page contains everything."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        """Raise ``ValueError``, which WeasyPrint treats as a missing picture."""
        raise ValueError(f"a report fetches nothing, so not {url[:200]!r} either")


def render_pdf(page: str) -> bytes:
    """Return an HTML page as PDF/UA-1."""
    document: bytes = HTML(string=page, url_fetcher=NothingFetcher()).write_pdf(pdf_variant="pdf/ua-1")
    return document
