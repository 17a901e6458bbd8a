"""WeasyPrint behind one function that fetches nothing."""

from functools import cache
from importlib.resources import files
from typing import NoReturn

from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

from coordinator.collecting import seldom_collected
from coordinator.deep import deep

# As good as never, but for more than a hundred pages. What is looked through while it lives counts as old from then on,
# and stays for long once it is dead: seven briefings of 26 pages stood at 395 MB instead of 302.
_YOUNG = 2_000_000


class Nothing(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Refuses every address, ``file:`` and ``data:`` included: all that a report shows is in its page."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        """Raise ``ValueError``, which WeasyPrint takes as a missing picture."""
        raise ValueError(f"a report fetches nothing, so not {url[:200]!r} either")


@cache
def elements() -> CSS:
    """How the elements of our templates stand before a report's own sheet. Parsed once; WeasyPrint only reads it."""
    return CSS(string=files("coordinator.exports").joinpath("templates/press.css").read_text("utf-8"))


class Page(HTML):  # type: ignore[misc] # WeasyPrint has no types
    """A page that knows the elements of our templates, not all of HTML.

    The general sheet has rules for footnotes and markers that fit every element: six more styles are worked out for
    each cell of a table, and none is used. Without them the file is the same to the byte, and made in 7/8 of the time.
    """

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        """WeasyPrint asks here for the sheet beneath all others. Not in its documentation: should it stop asking, its
        own sheet is used, and the same file takes longer."""
        return [elements()]


@deep
def printed(page: str) -> bytes:
    """An HTML page as PDF/UA-1."""
    with seldom_collected(_YOUNG):
        document: bytes = Page(string=page, url_fetcher=Nothing()).write_pdf(pdf_variant="pdf/ua-1")
    return document
