"""A saved web page as a text: its article, without what stands around it."""

from typing import Any, Final

from campaigns.core.vietnamese import fold
from coordinator.imports.blocks import Block, Paragraph
from coordinator.imports.links import usable
from coordinator.imports.reading import Content, parse, read_element
from coordinator.imports.texts import ImportedText, make, one_line, take_lead
from coordinator.imports.unreadable import declared_charset, decode, too_big

LARGEST: Final = 3_000_000  # bytes of the file
_AROUND: Final = ("nav", "footer", "aside", "form")


def read_html(data: bytes, *, base: str | None = None) -> ImportedText:
    """The text of a web page or of an HTML file.

    Title: the article's first-level heading, else og:title, else the page's title. Lead: the description, else the
    first paragraph. Body: the longest ``article``, else ``main``, else all, without navigation and the like.
    ``base`` is where the page came from; its own canonical address is believed before it. Raises
    ``UnreadableDocument`` or ``Invalid``.
    """
    too_big(data, LARGEST)
    root, controls = parse(decode(data, declared=declared_charset(data)), field="body_html", most=LARGEST)
    address = _address(root, base)
    relative_to = next((usable(str(href), address) for href in root.xpath("//base/@href")), None) or address
    article = _article(root)
    for tag in _AROUND:
        for element in list(article.iter(tag)):
            if element is not article:
                _drop(element)
    headings = article.xpath(".//h1") or root.xpath("//h1")
    title = one_line("".join(headings[0].itertext())) if headings else ""
    title = title or _meta(root, "og:title") or one_line(root.findtext(".//title") or "")
    content = read_element(article, base=relative_to, controls=controls)
    blocks = _without_title(list(content.blocks), title)
    lead = _meta(root, "description") or _meta(root, "og:description")
    first = blocks[0] if blocks else None
    if not lead:
        lead, blocks = take_lead(blocks)
    elif isinstance(first, Paragraph) and fold(first.text) == fold(lead) and len(blocks) > 1:
        blocks = blocks[1:]
    return make(Content(tuple(blocks), content.notes), title=title, lead=lead, source_url=address)


def _address(root: Any, base: str | None) -> str | None:
    named = [*root.xpath("//link[@rel='canonical']/@href"), *root.xpath("//meta[@property='og:url']/@content")]
    return next((found for href in named if (found := usable(str(href), base))), None) or base


def _article(root: Any) -> Any:
    articles = root.xpath("//article | //*[@itemprop='articleBody']")
    # A page of more articles than this is a listing, and counting them all would take long on a hostile one.
    longest = max(articles[:40], key=lambda element: sum(map(len, element.itertext())), default=None)
    if longest is not None:
        return longest
    mains = root.xpath("//main | //*[@role='main']")
    return mains[0] if mains else root


def _drop(element: Any) -> None:
    """Take an element out, keeping the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    tail = element.tail or ""
    parent.remove(element)
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail


def _meta(root: Any, name: str) -> str:
    found = root.xpath("//meta[@name=$name or @property=$name]/@content", name=name)
    return one_line(str(found[0])) if found else ""


def _without_title(blocks: list[Block], title: str) -> list[Block]:
    """The blocks from the title's own heading on: what stands above it is breadcrumbs and section names."""
    for place, block in enumerate(blocks[:10]):
        if isinstance(block, Paragraph) and block.kind == "h1" and one_line(block.text) == title:
            return blocks[place + 1 :]
    return blocks
