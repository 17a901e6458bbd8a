"""Plain text files as texts."""

from typing import Final

from coordinator.imports.plaintext import text_to_html
from coordinator.imports.reading import LARGEST as LARGEST_HTML
from coordinator.imports.reading import read_fragment
from coordinator.imports.texts import ImportedText, make_from_document
from coordinator.imports.unreadable import decode, too_big

LARGEST: Final = LARGEST_HTML


def read_text(data: bytes) -> ImportedText:
    """The text of a .txt file: its first paragraph is the title, the second the lead, as ``make_from_document`` reads a
    letter.

    Raises ``UnreadableDocument`` for bytes that are no text, ``Invalid`` for one without a title or a body.
    """
    too_big(data, LARGEST)
    return make_from_document(read_fragment(text_to_html(decode(data))))
