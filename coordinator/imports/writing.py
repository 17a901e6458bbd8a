"""Blocks written out: as HTML that needs no cleaning, and as plain text for matching, previews and plain channels."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

from campaigns.core.vietnamese import nfc
from coordinator.imports.blocks import (
    Block,
    Break,
    Cell,
    Figure,
    Image,
    Inline,
    Link,
    Listing,
    Paragraph,
    Quote,
    Table,
    Text,
    join_lines,
)


def to_html(blocks: Iterable[Block]) -> str:
    """The blocks as HTML of the allowed tags only; a first-level heading becomes a second-level one, for the page has
    its title above it."""
    return "".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        tag = "h2" if block.kind == "h1" else block.kind
        return f"<{tag}>{inline_html(block.inlines)}</{tag}>"
    if isinstance(block, Listing):
        tag = "ol" if block.ordered else "ul"
        return f"<{tag}>{''.join(f'<li>{_item(item)}</li>' for item in block.items)}</{tag}>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Quote):
        return f"<blockquote>{to_html(block.blocks)}</blockquote>"
    inside = "".join(_framed(part) for part in block.blocks)
    return f"<figure>{inside}<figcaption>{inline_html(block.caption)}</figcaption></figure>"


def _framed(block: Block) -> str:
    """Inside a figure, pictures stand by themselves."""
    if isinstance(block, Paragraph) and all(isinstance(run, Image) for run in block.inlines):
        return inline_html(block.inlines)
    return _block(block)


def _item(blocks: Sequence[Block]) -> str:
    if blocks and _is_plain(blocks[0]) and all(isinstance(block, Listing) for block in blocks[1:]):
        return _bare(blocks[:1]) + to_html(blocks[1:])
    return to_html(blocks)


def _is_plain(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.kind == "p"


def _bare(paragraphs: Sequence[Block]) -> str:
    return inline_html(join_lines(block.inlines for block in paragraphs if isinstance(block, Paragraph)))


def _table(table: Table) -> str:
    rows = ["".join(_cell(cell) for cell in row) for row in table.rows]
    head = "".join(f"<tr>{row}</tr>" for row in rows[: table.heads])
    body = "".join(f"<tr>{row}</tr>" for row in rows[table.heads :])
    return "".join(
        ["<table>", f"<thead>{head}</thead>" if head else "", f"<tbody>{body}</tbody>" if body else "", "</table>"]
    )


def _cell(cell: Cell) -> str:
    tag = "th" if cell.header else "td"
    spans = (("colspan", cell.colspan), ("rowspan", cell.rowspan))
    marks = "".join(f' {name}="{span}"' for name, span in spans if span > 1)
    marks += f' scope="{cell.scope}"' if cell.header and cell.scope else ""
    inside = _bare(cell.blocks) if all(_is_plain(block) for block in cell.blocks) else to_html(cell.blocks)
    return f"<{tag}{marks}>{inside}</{tag}>"


def inline_html(inlines: Iterable[Inline]) -> str:
    """Runs as HTML, always nested the same way: link, then strong, then em."""
    return "".join(_linked(link, list(runs)) for link, runs in groupby(inlines, key=_link_of))


def _link_of(run: Inline) -> Link | None:
    return None if isinstance(run, Break) else run.link


def _linked(link: Link | None, runs: list[Inline]) -> str:
    inside = "".join(
        f"<strong>{_slanted(same)}</strong>" if strong else _slanted(same)
        for strong, same in groupby(runs, key=lambda run: isinstance(run, Text) and run.strong)
    )
    if link is None:
        return inside
    title = f' title="{escape(link.title)}"' if link.title else ""
    return f'<a href="{escape(link.href)}"{title}>{inside}</a>'


def _slanted(runs: Iterable[Inline]) -> str:
    return "".join(
        f"<em>{''.join(map(_run, same))}</em>" if em else "".join(map(_run, same))
        for em, same in groupby(runs, key=lambda run: isinstance(run, Text) and run.em)
    )


def _run(run: Inline) -> str:
    if isinstance(run, Text):
        return escape(run.text, quote=False)
    if isinstance(run, Break):
        return "<br>"
    size = "".join(
        f' {name}="{pixels}"' for name, pixels in (("width", run.width), ("height", run.height)) if pixels is not None
    )
    return f'<img src="{escape(run.src)}" alt="{escape(run.alt)}"{size}>'


def to_paragraphs(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The text of the blocks, one string a paragraph, list or table; pictures have none. Composed (NFC)."""
    return tuple(nfc(text) for block in blocks for text in _texts(block) if text.strip())


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield block.text
    elif isinstance(block, Listing):
        yield "\n".join(_lines(block))
    elif isinstance(block, Table):
        rows = [" | ".join(" ".join(to_paragraphs(cell.blocks)) for cell in row) for row in block.rows]
        yield "\n".join(row.replace("\n", " ") for row in rows if row.strip(" |"))
    else:
        yield from to_paragraphs(block.blocks)
        if isinstance(block, Figure):
            yield Paragraph(block.caption).text


def _lines(listing: Listing) -> Iterator[str]:
    for number, item in enumerate(listing.items, start=1):
        marker = f"{number}. " if listing.ordered else "- "
        inside = [line for text in to_paragraphs(item) for line in text.splitlines()]
        if not inside:
            continue
        if isinstance(item[0], Listing):  # an item of a list alone: its lines go below the marker, not beside it
            inside.insert(0, "")
        yield f"{marker}{inside[0]}".rstrip()
        yield from (f"  {line}" for line in inside[1:])
