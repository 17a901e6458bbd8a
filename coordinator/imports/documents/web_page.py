"""A saved web page as a text: its article, without navigation and the like."""

from typing import Final

from lxml import etree

from coordinator.imports.decoding import check_size, declared_charset, decode
from coordinator.imports.documents.imported_text import (
    ImportedText,
    block_text,
    drop_repeated_lead,
    make_text,
    one_line,
    take_lead,
)
from coordinator.imports.text.html_reader import parse, read_element
from coordinator.imports.text.web_addresses import usable_address

MAX_PAGE_BYTES: Final = 3_000_000  # bytes of the file


def read_web_page(data: bytes, *, base: str | None = None) -> ImportedText:
    """The text of a web page or of an HTML file.

    Title: the article's first-level heading, else og:title, else the page's title. Lead: the description, else the
    first paragraph. Body: the longest ``article``, else ``main``, else all, without navigation and the like.
    ``base`` is where the page came from; its own canonical address is believed before it. Raises
    ``UnreadableDocument`` or ``Invalid``.
    """
    check_size(data, MAX_PAGE_BYTES)
    page = parse(decode(data, declared=declared_charset(data)), field="body_html", most=MAX_PAGE_BYTES)
    address = _address(page, base)
    relative_to = next((usable_address(str(href), address) for href in page.xpath("//base/@href")), None) or address
    article = _article(page)
    etree.strip_elements(article, "nav", "footer", "aside", "form", with_tail=False)
    headings = article.xpath(".//h1") or page.xpath("//h1")
    title = one_line("".join(map(str, headings[0].itertext()))) if headings else ""
    title = title or _meta(page, "og:title") or one_line(page.findtext(".//title") or "")
    lead = _meta(page, "description") or _meta(page, "og:description")
    content = read_element(article, base=relative_to)
    _drop_above_title(content.root, title)
    if lead:
        drop_repeated_lead(content.root, lead)
    else:
        lead = take_lead(content.root)
    return make_text(content, title=title, lead=lead, source_url=address)


def _address(page: etree._Element, base: str | None) -> str | None:
    named = [*page.xpath("//link[@rel='canonical']/@href"), *page.xpath("//meta[@property='og:url']/@content")]
    return next((found for href in named if (found := usable_address(str(href), base))), None) or base


def _article(page: etree._Element) -> etree._Element:
    articles = page.xpath("//article | //*[@itemprop='articleBody']")
    # A page of more articles than this is a listing, and counting them all would take long on a hostile one.
    longest = max(articles[:40], key=lambda element: sum(map(len, element.itertext())), default=None)
    if longest is not None:
        return longest
    mains = page.xpath("//main | //*[@role='main']")
    return mains[0] if mains else page


def _meta(page: etree._Element, name: str) -> str:
    found = page.xpath("//meta[@name=$name or @property=$name]/@content", name=name)
    return one_line(str(found[0])) if found else ""


def _drop_above_title(root: etree._Element, title: str) -> None:
    """Remove the title's own heading and what stands above it: breadcrumbs and section names."""
    for block in root[:10]:
        if block.tag == "h1" and one_line(block_text(block)) == title:
            for above in list(block.itersiblings(preceding=True)):
                root.remove(above)
            root.remove(block)
            return
