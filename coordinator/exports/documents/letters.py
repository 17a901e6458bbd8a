"""The official letter (công văn) of Nghị định 30/2020 as a Word file: the subject below its number, the addressee, the
text, and the recipients.

Every letter has this layout and its own wording (``LetterWording``), with fields in braces. Both together are the
template that an office downloads, edits in Word and uploads; it is filled in like a briefing's.
"""

import datetime
from collections.abc import Mapping
from functools import cache

from docx.shared import Mm, Pt

from coordinator.exports.documents.briefing import head_lines, number_line, place_line
from coordinator.exports.documents.layout import ND30, DocumentLayout
from coordinator.exports.documents.letter_texts import LetterSender, LetterValue, LetterWording
from coordinator.exports.documents.word_filling import (
    TemplateEnvironment,
    filled_in_child,
    finish_document,
    open_template,
)
from coordinator.exports.documents.word_template import BODY, RECIPIENTS, WordTemplateBuilder
from coordinator.exports.printable_text import printable


class _LetterTemplateBuilder(WordTemplateBuilder):
    """Builds the template of a letter: the briefing's page, type, head and end around the wording."""

    def __init__(self, wording: LetterWording, form: DocumentLayout) -> None:
        super().__init__(form)
        self.wording = wording

    def _head(self) -> None:
        super()._head()
        left = self.document.tables[-1].rows[-1].cells[0]
        about = self._line(f"V/v {self.wording.about}", left, size=self.form.about_size, before=6)
        # It is broken before it reaches quốc hiệu, which is beside it.
        about.paragraph_format.left_indent = about.paragraph_format.right_indent = Mm(2)

    def _opening(self) -> None:
        to = self._line(f"Kính gửi: {self.wording.addressed_to}.", size=self.form.body_size, before=18)
        to.paragraph_format.space_after = Pt(12)

    def _sections(self) -> None:
        for words in self.wording.paragraphs:
            self._paragraph(words, None if words.startswith("{%p") else BODY)

    def _recipients(self) -> list[str]:
        return [RECIPIENTS, *self.wording.recipients]

    def _annexes(self) -> None:
        """Add nothing: a letter has no annexes."""


@cache
def default_letter_template(wording: LetterWording, form: DocumentLayout = ND30) -> bytes:
    """Return the shipped template of a letter, a ``.docx``."""
    return _LetterTemplateBuilder(wording, form).written()


def letter_context(
    wording: LetterWording, sender: LetterSender, own: Mapping[str, LetterValue], form: DocumentLayout = ND30
) -> dict[str, object]:
    """Return all fields of a letter's template: the sender's and the letter's own."""
    agency = " ".join(sender.agency.split())
    return {
        "document": wording.title,
        "agency": agency,
        "parent_lines": list(head_lines(sender.parent_agency, form)),
        "agency_lines": list(head_lines(sender.agency, form)),
        "number_line": number_line("", ""),
        "place_line": place_line(sender.place, None),
        "authority_lines": sender.signature.title.upper().splitlines(),
        "signer": sender.signature.name,
        **{name: _one_line(value) for name, value in own.items()},
    }


def _one_line(value: LetterValue) -> str | list[str]:
    """Return text from pages on one line, so that no line break in it makes a paragraph."""
    return " ".join(printable(value).split()) if isinstance(value, str) else [str(_one_line(text)) for text in value]


def write_letter(
    wording: LetterWording, sender: LetterSender, own: Mapping[str, LetterValue], *, now: datetime.datetime,
    template: bytes | None = None, form: DocumentLayout = ND30,
) -> bytes:  # fmt: skip
    """Return the letter as a ``.docx``; a missing number, date or signer is left blank. ``template``: the office's. The
    same arguments give the same bytes. Raises ``ExportError`` for a template that cannot be filled in."""
    given = letter_context(wording, sender, own, form)
    if template is None:
        return fill_letter(default_letter_template(wording, form), given, now)
    return filled_in_child(fill_letter, template, given, now)


def fill_letter(
    template: bytes, given: Mapping[str, object], now: datetime.datetime, environment: TemplateEnvironment | None = None
) -> bytes:
    """Fill ``given`` into a letter's template. Raises the errors of docxtpl and Jinja for an invalid template."""
    document = open_template(template)
    document.render(dict(given), environment or TemplateEnvironment(), autoescape=True)
    return finish_document(document, now)
