"""Files brought by people, whatever their kind, as texts that bulletins can be made of."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from campaigns.core.errors import Invalid
from coordinator.imports.feedtext import read_feed
from coordinator.imports.markdown import read_markdown
from coordinator.imports.records import read_json
from coordinator.imports.textfile import read_text
from coordinator.imports.texts import ImportedText, RejectedText, Texts
from coordinator.imports.unreadable import UnreadableDocument
from coordinator.imports.webpage import read_html
from coordinator.imports.word import read_docx

__all__ = [
    "SUFFIXES",
    "ImportedText",
    "RejectedText",
    "Texts",
    "UnreadableDocument",
    "read_any",
    "read_docx",
    "read_feed",
    "read_html",
    "read_json",
    "read_markdown",
]

_ONE: Final[dict[str, Callable[[bytes], ImportedText]]] = {
    ".docx": read_docx,
    ".md": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_text,
}
_MANY: Final[dict[str, Callable[[bytes], Texts]]] = {
    ".json": read_json,
    ".xml": read_feed,
    ".rss": read_feed,
    ".atom": read_feed,
}
SUFFIXES: Final = (*_ONE, *_MANY)


def read_any(name: str, data: bytes) -> Texts:
    """The texts of a file, told by the suffix of its ``name``.

    What is wrong with single texts stands in ``rejected`` (a document that is one text has row 1). Raises
    ``UnreadableDocument`` when the file as a whole cannot be read.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _MANY:
        return _MANY[suffix](data)
    if suffix in _ONE:
        try:
            return Texts((_ONE[suffix](data),))
        except Invalid as invalid:
            rejected = tuple(RejectedText(1, error.field, error.code, error.message) for error in invalid.errors)
            return Texts((), rejected)
    if suffix in {".docm", ".dotm"}:
        raise UnreadableDocument("this Word file carries macros; save it as .docx without them", code="macros")
    if suffix == ".doc":
        raise UnreadableDocument("this is an old Word file (.doc); save it as .docx", code="old_format")
    expected = ", ".join(SUFFIXES)
    raise UnreadableDocument(f"{suffix or 'no suffix'} is not a kind that is read; expected {expected}", code="suffix")
