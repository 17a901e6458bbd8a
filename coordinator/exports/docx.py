"""The briefing as a Word file that the office can go on editing."""

from coordinator.exports.document import Briefing
from coordinator.exports.form import ND30, Form


def write_docx(report: Briefing, form: Form = ND30) -> bytes:
    """The report in the administrative form of Nghị định 30/2020 as a ``.docx``.

    Drawings stand as their title and description: the tables beside them carry the figures. Number and date that are
    not given stay open for the records office; nothing is signed.
    """
    from coordinator.exports.letter import Letter  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

    return Letter(report, form).written()
