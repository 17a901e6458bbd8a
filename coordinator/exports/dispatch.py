"""An official letter (công văn) as a Word file, in the form of Nghị định 30/2020: what it is about stands below its
number, then to whom, the text, and whom it goes to."""

import datetime
from dataclasses import dataclass

from coordinator.exports.document import Briefing, Section, Signature
from coordinator.exports.filling import filled
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


class _Template(Letter):
    """The report's page, type, head and end around a letter's own middle."""

    def _head(self) -> None:
        super()._head()
        left = self.document.tables[-1].rows[0].cells[0]
        self._line("V/v {{ abstract }}", left, size=self.form.recipients_head_size, before=6)

    def _opening(self) -> None:
        self._line("Kính gửi: {{ addressed_to }}", size=self.form.body_size, before=18)

    def _sections(self) -> None:
        self._said("{%p for part in sections %}")
        self._content("part")
        self._said("{%p endfor %}")

    def _annexes(self) -> None:
        """A letter has none."""


def write_dispatch(letter: Dispatch, form: Form = ND30) -> bytes:
    """The letter as a ``.docx``; nothing is numbered, dated or signed that was not given."""
    document = Briefing(
        parent_agency=letter.parent_agency, agency=letter.agency, place=letter.place, title="Công văn",
        abstract=letter.about, period="", as_of=letter.as_of, rule_version="",
        sections=(Section("", letter.paragraphs),), signature=letter.signature, recipients=letter.recipients,
        number=letter.number, symbol=letter.symbol, date=letter.date, addressed_to=letter.addressed_to,
    )  # fmt: skip
    return filled(document, form, _Template(form).written())
