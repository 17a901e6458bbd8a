"""A Word template proofed before it is used: what is wrong with it, and in which paragraph.

What is filled in reads every word an officer typed, so a template may ask for fields, loop and decide, and no more:
no calls, no arithmetic, nothing that is fetched from elsewhere.
"""

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import docx
from docx.exceptions import PythonDocxError
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateError
from lxml import etree

from coordinator.exports.charts import HALF, Bar, StackedBars, stacked_bars
from coordinator.exports.dispatch import fill, values
from coordinator.exports.document import Briefing, Section, Signature
from coordinator.exports.errors import ExportError
from coordinator.exports.filling import context, environment, filled
from coordinator.exports.form import ND30, Form
from coordinator.exports.tables import Column, Table
from coordinator.exports.wording import Sender, Wording

# What a template may be made of, as Jinja's own tree has it.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.For, nodes.If,
    nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter, nodes.CondExpr,
)  # fmt: skip
_FILTERS = frozenset({"upper", "lower"})
_FETCHED = re.compile(r'TargetMode="External"')
_LINK = re.compile(r'Type="[^"]*/hyperlink"')
_SENDERS = (
    Sender(
        "Cơ quan ban hành", "Cơ quan cấp trên", "Địa danh", Signature("KT. Thủ trưởng\nPhó Thủ trưởng", "Họ và tên")
    ),
    Sender("Cơ quan ban hành"),
)
_SHOWN = 120  # letters of a paragraph that are quoted


class BadTemplate(ExportError):
    """A template that cannot be used. ``code`` says why; ``where``: the words of the paragraph, '' of the whole."""


@dataclass(frozen=True)
class _Part:
    """The body, a header or a footer, a paragraph a line, as docxtpl hands it to Jinja."""

    text: str

    def paragraph(self, line: int) -> str:
        """The words of the paragraph on a line."""
        lines = self.text.splitlines()
        found = re.sub(r"<[^>]+>", "", lines[min(max(line, 1), len(lines)) - 1]) if lines else ""
        found = " ".join(found.split())
        return found if len(found) <= _SHOWN else found[:_SHOWN] + "…"


def proof(body: bytes, form: Form = ND30) -> None:
    """Raise ``ExportError`` with what is wrong and where, unless a whole briefing can be filled into the template."""
    report = sample()
    _proof(body, lambda document: set(context(report, form, document)), [lambda: filled(report, form, body)])


def proof_letter(body: bytes, wording: Wording) -> None:
    """The same of a letter's template: the fullest letter and the barest can be filled into it."""
    given = [values(wording, sender, own) for sender, own in zip(_SENDERS, wording.samples, strict=True)]
    now = dt.datetime(2027, 1, 4, 9, 0, tzinfo=dt.UTC)
    _proof(body, lambda _: set(given[0]), [partial(fill, body, one, now) for one in given])


def _proof(body: bytes, names: Callable[[DocxTemplate], set[str]], fillings: Sequence[Callable[[], bytes]]) -> None:
    """Raise ``ExportError`` unless the template asks for ``names`` alone and can be filled in each of these ways.

    ``body`` is known to be a Word file of sensible size without macros (``coordinator/imports/word.py``).
    """
    _fetches_nothing(body)
    document = DocxTemplate(io.BytesIO(body))
    try:
        document.init_docx()
    except (KeyError, ValueError, AttributeError, TypeError, OSError, etree.LxmlError, PythonDocxError) as error:
        raise _wrong("template_damaged", "this Word file lacks a part that every Word file has", "") from error
    known = names(document)
    for part in _parts(document):
        _proof_part(part, known)
    for one in fillings:
        _try(body, one)


def _fetches_nothing(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for part in archive.infolist():
            if not part.filename.endswith(".rels"):
                continue
            for one in re.findall(r"<Relationship [^>]*>", archive.read(part).decode("utf-8", "replace")):
                if _FETCHED.search(one) and not _LINK.search(one):
                    target = re.search(r'Target="([^"]*)"', one)
                    where = target[1] if target else ""
                    raise _wrong("template_fetches", f"the template takes a part from elsewhere: {where}", where)


def _parts(document: DocxTemplate) -> Iterator[_Part]:
    """Everything that is filled in."""
    yield _Part(_by_line(document.patch_xml(document.get_xml())))
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        for _key, part in document.get_headers_footers(uri):
            yield _Part(_by_line(document.patch_xml(document.get_part_xml(part))))


def _by_line(xml: str) -> str:
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", xml.replace("\n", " "))


def _proof_part(part: _Part, names: set[str]) -> None:
    jinja = environment()
    try:
        tree = jinja.parse(part.text)
    except TemplateSyntaxError as error:
        where = part.paragraph(error.lineno)
        raise _wrong("template_syntax", f"a tag is not well formed: {error.message}", where) from error
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise _wrong("template_forbidden", f"the filter {node.name} is not known", part.paragraph(node.lineno))
        if isinstance(node, nodes.Expr | nodes.Stmt) and not isinstance(node, _ALLOWED):
            kind = type(node).__name__
            message = f"only fields, conditions and loops are taken, not {kind}"
            raise _wrong("template_forbidden", message, part.paragraph(node.lineno))
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise _wrong("template_forbidden", f"{node.attr} is not a field", part.paragraph(node.lineno))
    unknown = meta.find_undeclared_variables(tree) - names
    if unknown:
        name = sorted(unknown)[0]
        line = next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name and node.ctx == "load"), 1)
        raise _wrong("template_unknown", f"there is no field {name}", part.paragraph(line), field=name)


def _try(body: bytes, filling: Callable[[], bytes]) -> None:
    """Fill it in, and read the outcome as Word would."""
    try:
        docx.Document(io.BytesIO(filling()))
    except UndefinedError as error:
        field = (re.findall(r"'([^']+)'", str(error)) or [""])[-1]
        raise _wrong("template_unknown", f"{error.message}", _place_of(body, error), field=field) from error
    except SecurityError as error:
        raise _wrong("template_forbidden", str(error), _place_of(body, error)) from error
    except (TemplateError, etree.LxmlError, ValueError, KeyError, AttributeError, TypeError) as error:
        message = "what comes out is no Word file; a tag that stands for a whole paragraph is written {%p … %}"
        raise _wrong("template_outcome", message, "") from error


def _place_of(body: bytes, error: BaseException) -> str:
    """The paragraph that an error came from, told by the line of the body that was being filled in."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    document = DocxTemplate(io.BytesIO(body))
    document.init_docx()
    return next(iter(_parts(document))).paragraph(line) if line else ""


def _wrong(code: str, message: str, where: str, **more: Any) -> ExportError:
    where = unicodedata.normalize("NFC", where)
    told = f"{message} — in “{where}”" if where else message
    return BadTemplate(told, code=code, where=where, what=message, **more)


def sample() -> Briefing:
    """An invented briefing with everything that a briefing can hold: what templates are tried with, and shown with."""
    table = Table(
        "Bảng mẫu", (Column("name", "Nội dung"), Column("count", "Số lượt", "number")), [("Dòng mẫu", 12)],
        note="Ghi chú của bảng.", footer=("Tổng", 12),
    )  # fmt: skip
    bars = [Bar("10/2026", (5,)), Bar("11/2026", (7,))]
    chart = str(stacked_bars(StackedBars("m", "Biểu đồ mẫu", "Hai tháng.", ("lượt",), bars), HALF, with_key=True))
    return Briefing(
        parent_agency="Cơ quan cấp trên",
        agency="Cơ quan ban hành",
        place="Địa danh",
        title="Báo cáo",
        abstract="Trích yếu của báo cáo mẫu",
        period="quý IV năm 2026",
        as_of=dt.datetime(2027, 1, 4, 9, 0, tzinfo=dt.UTC),
        rule_version="2026.1",
        sections=(
            Section("Phần một", ("Một đoạn văn mẫu.",), (("Nhãn", "1"),), (table,), chart, ("Điểm thứ nhất",)),
            Section("Phần hai", ("Một đoạn nữa.",)),
        ),
        signature=Signature("KT. Thủ trưởng\nPhó Thủ trưởng", "Họ và tên"),
        recipients=("Như trên", "Lưu: VT"),
        number="5",
        symbol="BC",
        date=dt.date(2027, 1, 5),
        addressed_to=("Nơi nhận báo cáo",),
        basis=("Căn cứ thứ nhất", "Căn cứ thứ hai"),
        annexes=(Section("Phụ lục mẫu", tables=(table,)), Section("Phụ lục nữa", ("Một dòng.",))),
    )
