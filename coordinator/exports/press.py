"""WeasyPrint behind one function that fetches nothing."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from weasyprint import HTML
from weasyprint.urls import URLFetcher

# Collections while a page is laid out: its boxes are all alive until the last page is drawn, so that looking for
# garbage among them again and again took a quarter of the time and found none.
_SELDOM = (50_000, 20, 50)


class Nothing(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
    """Refuses every address, ``file:`` and ``data:`` included: all that a report shows is in its page."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> NoReturn:
        """Raise ``ValueError``, which WeasyPrint takes as a missing picture."""
        raise ValueError(f"a report fetches nothing, so not {url[:200]!r} either")


class _Seldom:
    """The collector's thresholds are the whole process's: the first page to begin changes them, the last to end puts
    them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages = 0
        self._usual = gc.get_threshold()

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Fewer collections inside."""
        with self._lock:
            if not self._pages:
                self._usual = gc.get_threshold()
                gc.set_threshold(*_SELDOM)
            self._pages += 1
        try:
            yield
        finally:
            with self._lock:
                self._pages -= 1
                if not self._pages:
                    gc.set_threshold(*self._usual)


_seldom = _Seldom()


def printed(page: str) -> bytes:
    """An HTML page as PDF/UA-1."""
    with _seldom.collected():
        document: bytes = HTML(string=page, url_fetcher=Nothing()).write_pdf(pdf_variant="pdf/ua-1")
    return document
