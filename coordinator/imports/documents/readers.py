"""Readers of files of every kind as texts for bulletins, chosen by the suffix of the name."""

import io
from collections.abc import Callable
from dataclasses import astuple
from pathlib import PurePath
from typing import Final

from markdown_it import MarkdownIt
from pydantic import TypeAdapter

from campaigns.core.errors import FieldError, Invalid
from coordinator.imports.decoding import UnreadableDocument, check_size, decode, read_brought
from coordinator.imports.documents.feed_entries import read_feed
from coordinator.imports.documents.imported_text import (
    ImportedText,
    ImportedTexts,
    RejectedText,
    block_text,
    make_from_document,
    make_text,
    rejected_texts,
    take_lead,
)
from coordinator.imports.documents.json_records import read_json
from coordinator.imports.documents.web_page import read_web_page
from coordinator.imports.documents.word import read_docx
from coordinator.imports.text.html_reader import MAX_HTML_BYTES, read_fragment
from coordinator.imports.text.plain_text import text_to_html
from coordinator.sandbox import ChildAnswer

# Each bracket may begin a link, whose end the parser looks for: a file of nothing else takes it ten seconds.
_MOST_BRACKETS: Final = 20_000


def read_markdown(data: bytes) -> ImportedText:
    """The text of a Markdown file: the first ``# heading`` is the title, the first paragraph below it the lead.

    CommonMark with tables; HTML in it is shown as text. Raises ``UnreadableDocument`` for bytes that are no text,
    ``Invalid`` for a file that does not begin with a heading.
    """
    check_size(data, MAX_HTML_BYTES)
    written = decode(data)
    if written.count("[") > _MOST_BRACKETS:
        raise UnreadableDocument("the file has more brackets than a text has links", code="too_heavy")
    html = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(written)
    content = read_fragment(html)
    if not len(content.root) or content.root[0].tag != "h1":
        raise Invalid([FieldError("title", "required", "the file has no title; expected `# Title` at the top")])
    title = block_text(content.root[0])
    content.root.remove(content.root[0])
    return make_text(content, title=title, lead=take_lead(content.root))


def read_text_file(data: bytes) -> ImportedText:
    """The text of a .txt file: title and lead as ``make_from_document`` finds them.

    Raises ``UnreadableDocument`` for bytes that are no text, ``Invalid`` for one without a title or a body.
    """
    check_size(data, MAX_HTML_BYTES)
    return make_from_document(read_fragment(text_to_html(decode(data))))


_SINGLE_TEXT_READERS: Final[dict[str, Callable[[bytes], ImportedText]]] = {
    ".docx": read_docx,
    ".md": read_markdown,
    ".html": read_web_page,
    ".htm": read_web_page,
    ".txt": read_text_file,
}
_MULTI_TEXT_READERS: Final[dict[str, Callable[[bytes], ImportedTexts]]] = {
    ".json": read_json,
    ".xml": read_feed,
    ".rss": read_feed,
    ".atom": read_feed,
}
_TEXT: Final = TypeAdapter(ImportedText)
SUFFIXES: Final = (*_SINGLE_TEXT_READERS, *_MULTI_TEXT_READERS)


def read_document(name: str, data: bytes) -> ImportedTexts:
    """Read the texts of a brought file in a child process (``parse_document``). Raises ``UnreadableDocument``."""
    return _read_in_child(parse_document, name, data)


def read_fetched_feed(data: bytes, base: str) -> ImportedTexts:
    """Read the entries of a feed in a child process (``read_feed``). Raises ``UnreadableDocument``."""
    return _read_in_child(read_feed, data, base)


def _read_in_child(parse: Callable[..., ImportedTexts], *arguments: object) -> ImportedTexts:
    answer, lines = read_brought(_texts_answer, parse, *arguments)
    texts = tuple(_TEXT.validate_json(line) for line in io.BytesIO(lines))
    return ImportedTexts(texts, tuple(RejectedText(*problem) for problem in answer["rejected"]))


def _texts_answer(parse: Callable[..., ImportedTexts], *arguments: object) -> ChildAnswer:
    """The answer of the child: a line of JSON for each text."""
    found = parse(*arguments)
    return {"rejected": [astuple(problem) for problem in found.rejected]}, (
        _TEXT.dump_json(text) + b"\n" for text in found.texts
    )


def parse_document(name: str, data: bytes) -> ImportedTexts:
    """Return the texts of a file, whose kind follows from the suffix of its ``name``.

    Problems of single texts are in ``rejected`` (a document that is one text has row 1). Raises
    ``UnreadableDocument`` when the file as a whole cannot be read.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _MULTI_TEXT_READERS:
        return _MULTI_TEXT_READERS[suffix](data)
    if suffix in _SINGLE_TEXT_READERS:
        try:
            return ImportedTexts((_SINGLE_TEXT_READERS[suffix](data),))
        except Invalid as invalid:
            return ImportedTexts((), tuple(rejected_texts(1, invalid)))
    if suffix in {".docm", ".dotm"}:
        raise UnreadableDocument("this Word file carries macros; save it as .docx without them", code="macros")
    if suffix == ".doc":
        raise UnreadableDocument("this is an old Word file (.doc); save it as .docx", code="old_format")
    expected = ", ".join(SUFFIXES)
    raise UnreadableDocument(f"{suffix or 'no suffix'} is not a kind that is read; expected {expected}", code="suffix")
