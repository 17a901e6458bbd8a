"""Markdown files as texts."""

from typing import Final

from markdown_it import MarkdownIt

from campaigns.core.errors import FieldError, Invalid
from coordinator.imports.blocks import Paragraph
from coordinator.imports.reading import LARGEST as LARGEST_HTML
from coordinator.imports.reading import Content, read_fragment
from coordinator.imports.texts import ImportedText, make, take_lead
from coordinator.imports.unreadable import decode, too_big

LARGEST: Final = LARGEST_HTML


def read_markdown(data: bytes) -> ImportedText:
    """The text of a Markdown file: the first ``# heading`` is the title, the first paragraph below it the lead.

    CommonMark with tables; HTML in it is shown as text, not obeyed. Raises ``UnreadableDocument`` for bytes that are no
    text, ``Invalid`` for a file that does not begin with a heading.
    """
    too_big(data, LARGEST)
    html = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(decode(data))
    content = read_fragment(html)
    if not content.blocks or not isinstance(first := content.blocks[0], Paragraph) or first.kind != "h1":
        raise Invalid([FieldError("title", "required", "the file has no title; expected `# Title` at the top")])
    lead, blocks = take_lead(list(content.blocks[1:]))
    return make(Content(tuple(blocks), content.notes), title=first.text, lead=lead)
