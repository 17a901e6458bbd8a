"""The official letter (công văn) of Nghị định 30/2020 as a Word file: what it is about stands below its number, then to
whom, the text, and whom it goes to.

Every letter has this one form and gives no more than its words (``Wording``), with fields in braces. Form and words
together are the template an office takes, edits in Word and gives back; it is filled in like a briefing's.
"""

import datetime
import zipfile
from collections.abc import Mapping
from functools import cache

from docx.shared import Mm, Pt
from jinja2 import TemplateError
from lxml import etree

from coordinator.exports.document import head_lines, number_line, place_line
from coordinator.exports.errors import ExportError
from coordinator.exports.filling import closed, environment, opened
from coordinator.exports.form import ND30, Form
from coordinator.exports.letter import BODY, RECIPIENTS, Letter
from coordinator.exports.lettering import printable
from coordinator.exports.wording import Sender, Value, Wording

_CANNOT = (TemplateError, zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, AttributeError, TypeError)


class _Template(Letter):
    """The briefing's page, type, head and end around a letter's own words."""

    def __init__(self, wording: Wording, form: Form) -> None:
        super().__init__(form)
        self.wording = wording

    def _head(self) -> None:
        super()._head()
        left = self.document.tables[-1].rows[-1].cells[0]
        about = self._line(f"V/v {self.wording.about}", left, size=self.form.about_size, before=6)
        # It is broken well before quốc hiệu begins beside it.
        about.paragraph_format.left_indent = about.paragraph_format.right_indent = Mm(2)

    def _opening(self) -> None:
        to = self._line(f"Kính gửi: {self.wording.addressed_to}.", size=self.form.body_size, before=18)
        to.paragraph_format.space_after = Pt(12)

    def _sections(self) -> None:
        for words in self.wording.paragraphs:
            self._said(words, None if words.startswith("{%p") else BODY)

    def _recipients(self) -> list[str]:
        return [RECIPIENTS, *self.wording.recipients]

    def _annexes(self) -> None:
        """A letter has none."""


@cache
def shipped(wording: Wording, form: Form = ND30) -> bytes:
    """A letter's template as it is shipped, a ``.docx``."""
    return _Template(wording, form).written()


def values(wording: Wording, sender: Sender, own: Mapping[str, Value], form: Form = ND30) -> dict[str, object]:
    """All that a letter's template may name: the sender's fields and those of its own."""
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


def _one_line(value: Value) -> str | list[str]:
    """What comes from pages is text and nothing else: no line break of it makes a paragraph."""
    return " ".join(printable(value).split()) if isinstance(value, str) else [str(_one_line(one)) for one in value]


def write_dispatch(
    wording: Wording, sender: Sender, own: Mapping[str, Value], *, now: datetime.datetime,
    template: bytes | None = None, form: Form = ND30,
) -> bytes:  # fmt: skip
    """The letter as a ``.docx``; nothing is numbered, dated or signed that was not given. ``template``: the office's
    own. The same arguments give the same bytes. Raises ``ExportError`` for a template that cannot be filled in."""
    try:
        return fill(
            template if template is not None else shipped(wording, form), values(wording, sender, own, form), now
        )
    except _CANNOT as error:
        raise ExportError(f"the template of the letter cannot be filled in: {error}", code="template") from error


def fill(template: bytes, given: Mapping[str, object], now: datetime.datetime) -> bytes:
    """``given`` filled into a letter's template. Raises what docxtpl and Jinja raise for one that does not fit."""
    document = opened(template)
    document.render(dict(given), environment(), autoescape=True)
    return closed(document, now)
