"""The check of a brought Word template, as the child process runs it: without the database's modules, which take longer
to load than the check takes."""

from coordinator.exports.documents import template_check
from coordinator.exports.documents.letter_texts import LetterWording
from coordinator.imports.documents.word import check_container
from coordinator.sandbox import ChildAnswer


def read_template(body: bytes, most: int, wording: LetterWording | None) -> ChildAnswer:
    """Check the template of a letter, or of the briefing where ``wording`` is None; ``most``: bytes. Raises
    ``UnreadableDocument`` for an invalid Word file and ``ExportError`` for an invalid template."""
    check_container(body, most)
    if wording is None:
        template_check.check_briefing_template(body)
    else:
        template_check.check_letter_template(body, wording)
    return {}, ()
