"""An official letter (công văn) as a Word file, in the form of Nghị định 30/2020: what it is about stands below its
number, then to whom, the text, and whom it goes to."""

import datetime
from dataclasses import dataclass

from docx.enum.text import WD_ALIGN_PARAGRAPH

from coordinator.exports.document import Briefing, Signature
from coordinator.exports.form import ND30, Form
from coordinator.exports.letter import Letter


@dataclass(frozen=True)
class Dispatch:
    """One letter. ``about``: after "V/v"; ``symbol``: after the number's slash. Number and date that are not given stay
    open for the records office. ``paragraphs`` in order; ``recipients`` as of ``Briefing``."""

    parent_agency: str
    agency: str
    place: str
    about: str
    addressed_to: tuple[str, ...]
    paragraphs: tuple[str, ...]
    signature: Signature
    recipients: tuple[str, ...]
    as_of: datetime.datetime
    symbol: str = ""
    number: str = ""
    date: datetime.date | None = None


class _Dispatch(Letter):
    """The letter being written: the report's page, type, head and end around a letter's own middle."""

    def __init__(self, letter: Dispatch, form: Form) -> None:
        head = Briefing(
            parent_agency=letter.parent_agency, agency=letter.agency, place=letter.place, title="CÔNG VĂN",
            abstract=letter.about, period="", as_of=letter.as_of, rule_version="", sections=(),
            signature=letter.signature, recipients=letter.recipients, number=letter.number, symbol=letter.symbol,
            date=letter.date,
        )  # fmt: skip
        super().__init__(head, form)
        self.letter = letter

    def _head(self) -> None:
        super()._head()
        left = self.document.tables[-1].rows[0].cells[0]
        self._line(f"V/v {self.letter.about}", left, size=self.form.recipients_head_size, before=6)

    def _opening(self) -> None:
        to = self.letter.addressed_to
        size = self.form.body_size
        if len(to) == 1:
            self._line(f"Kính gửi: {to[0]}", size=size, before=18)
        else:
            self._line("Kính gửi:", size=size, before=18)
            for index, one in enumerate(to):
                end = "." if index == len(to) - 1 else ";"
                self._line(f"- {one}{end}", size=size, align=WD_ALIGN_PARAGRAPH.LEFT)
        for words in self.letter.paragraphs:
            self._body(words)


def write_dispatch(letter: Dispatch, form: Form = ND30) -> bytes:
    """The letter as a ``.docx``; nothing is numbered, dated or signed that was not given."""
    return _Dispatch(letter, form).written()
