"""The briefing as a Word file that the office can go on editing."""

from coordinator.exports.document import Briefing
from coordinator.exports.form import ND30, Form


def write_docx(report: Briefing, form: Form = ND30, template: bytes | None = None) -> bytes:
    """The report in the administrative form of Nghị định 30/2020 as a ``.docx``, or in the office's own ``template``.

    Drawings stand as pictures with their words. Number and date that are not given stay open for the records office;
    nothing is signed. The same arguments give the same bytes.
    """
    from coordinator.exports.filling import filled  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise
    from coordinator.exports.letter import shipped  # noqa: PLC0415 - the same

    return filled(report, form, shipped(form) if template is None else template)
