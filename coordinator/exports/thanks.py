"""A thank-you letter: an official letter (công văn) of Nghị định 30/2020, filled into a Word template.

The template ``templates/thanks.docx`` has the layout and the words; it can be opened in Word. Number, date and
signature stay open for the records office and whoever signs.
"""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.resources import files

from coordinator.exports.errors import ExportError
from coordinator.exports.lettering import printable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Thanks:
    """What one letter says. ``period`` is in words ("quý IV năm 2026"); ``place`` is the office's; ``figures`` are
    sentences, each ended."""

    parent: str
    office: str
    place: str
    partner: str
    period: str
    figures: tuple[str, ...]


def write_thanks(letter: Thanks, template: bytes | None = None) -> bytes:
    """One letter as ``.docx``. Raises ``ExportError`` for a template that cannot be filled in, saying why."""
    from docxtpl import DocxTemplate  # noqa: PLC0415  # python-docx costs every start 70 ms otherwise
    from jinja2 import TemplateError  # noqa: PLC0415  # only with it

    from coordinator.exports.filling import environment  # noqa: PLC0415  # the same

    body = template if template is not None else shipped()
    given = {name: _clean(value) for name, value in asdict(letter).items()}
    given["parent"], given["office"] = str(given["parent"]).upper(), str(given["office"]).upper()
    given["office_name"] = printable(letter.office)
    try:
        document = DocxTemplate(io.BytesIO(body))
        document.render(given, environment(), autoescape=True)
    except (TemplateError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ExportError(f"the template of the letter cannot be filled in: {error}", code="template") from error
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _clean(value: object) -> object:
    return [printable(str(one)) for one in value] if isinstance(value, (tuple, list)) else printable(str(value))


def shipped() -> bytes:
    """The template that comes with the product."""
    return (files("coordinator.exports") / "templates/thanks.docx").read_bytes()


def bundled(named: Iterable[tuple[str, bytes]]) -> bytes:
    """Several files as one ZIP; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in named:
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
