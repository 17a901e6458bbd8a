"""The check of a Word template before it is used: what is wrong with it, and in which paragraph.

A template comes from a user, so it may contain only fields, loops and conditions: no calls, no arithmetic, nothing that
is loaded from elsewhere.
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

from coordinator.exports.charts.render import HALF, Bar, StackedBars, stacked_bars
from coordinator.exports.documents.briefing import Briefing, BriefingSection, Signature
from coordinator.exports.documents.layout import ND30, DocumentLayout
from coordinator.exports.documents.letter_texts import LetterSender, LetterWording
from coordinator.exports.documents.letters import fill_letter, letter_context
from coordinator.exports.documents.word_filling import briefing_context, fill_briefing, template_environment
from coordinator.exports.errors import ExportError, InvalidTemplate
from coordinator.exports.tables import Column, Table

# The nodes of Jinja's syntax tree that a template may contain.
_ALLOWED_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.For, nodes.If,
    nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter, nodes.CondExpr,
)  # fmt: skip
_FILTERS = frozenset({"upper", "lower"})
_EXTERNAL_TARGET = re.compile(r'TargetMode="External"')
_LINK = re.compile(r'Type="[^"]*/hyperlink"')
_SAMPLE_SENDERS = (
    LetterSender(
        "Cơ quan ban hành", "Cơ quan cấp trên", "Địa danh", Signature("KT. Thủ trưởng\nPhó Thủ trưởng", "Họ và tên")
    ),
    LetterSender("Cơ quan ban hành"),
)
_MAX_QUOTED = 120  # characters of a paragraph that are quoted


@dataclass(frozen=True)
class _TemplatePart:
    """The body, a header or a footer, one paragraph on each line, as docxtpl passes it to Jinja."""

    text: str

    def paragraph(self, line: int) -> str:
        """Return the text of the paragraph on a line."""
        lines = self.text.splitlines()
        found = re.sub(r"<[^>]+>", "", lines[min(max(line, 1), len(lines)) - 1]) if lines else ""
        found = " ".join(found.split())
        return found if len(found) <= _MAX_QUOTED else found[:_MAX_QUOTED] + "…"


def check_briefing_template(body: bytes, form: DocumentLayout = ND30) -> None:
    """Raise ``ExportError`` that says what is wrong and where, unless a whole briefing can be filled into it."""
    report = sample_briefing()
    _check_template(
        body,
        lambda document: set(briefing_context(report, form, document)),
        [lambda: fill_briefing(report, form, body)],
    )


def check_letter_template(body: bytes, wording: LetterWording) -> None:
    """Raise ``ExportError`` unless the letter's samples can be filled into the template."""
    given = [letter_context(wording, sender, own) for sender, own in zip(_SAMPLE_SENDERS, wording.samples, strict=True)]
    now = dt.datetime(2027, 1, 4, 9, 0, tzinfo=dt.UTC)
    _check_template(body, lambda _: set(given[0]), [partial(fill_letter, body, values, now) for values in given])


def _check_template(
    body: bytes, names: Callable[[DocxTemplate], set[str]], fillings: Sequence[Callable[[], bytes]]
) -> None:
    """Raise ``ExportError`` unless the template uses only ``names`` and each of these contexts can be filled in.

    ``body`` is known to be a Word file of sensible size without macros (``coordinator/imports/documents/word.py``).
    """
    _check_no_remote_parts(body)
    document = DocxTemplate(io.BytesIO(body))
    try:
        document.init_docx()
    except (KeyError, ValueError, AttributeError, TypeError, OSError, etree.LxmlError, PythonDocxError) as error:
        raise _invalid_template(
            "template_damaged", "this Word file lacks a part that every Word file has", ""
        ) from error
    known = names(document)
    for part in _template_parts(document):
        _check_part(part, known)
    for data in fillings:
        _try_filling(body, data)


def _check_no_remote_parts(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for part in archive.infolist():
            if not part.filename.endswith(".rels"):
                continue
            for item in re.findall(r"<Relationship [^>]*>", archive.read(part).decode("utf-8", "replace")):
                if _EXTERNAL_TARGET.search(item) and not _LINK.search(item):
                    target = re.search(r'Target="([^"]*)"', item)
                    where = target[1] if target else ""
                    raise _invalid_template(
                        "template_fetches", f"the template takes a part from elsewhere: {where}", where
                    )


def _template_parts(document: DocxTemplate) -> Iterator[_TemplatePart]:
    """Return the parts that are filled in."""
    yield _TemplatePart(_paragraph_lines(document.patch_xml(document.get_xml())))
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        for _key, part in document.get_headers_footers(uri):
            yield _TemplatePart(_paragraph_lines(document.patch_xml(document.get_part_xml(part))))


def _paragraph_lines(xml: str) -> str:
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", xml.replace("\n", " "))


def _check_part(part: _TemplatePart, names: set[str]) -> None:
    jinja = template_environment()
    try:
        tree = jinja.parse(part.text)
    except TemplateSyntaxError as error:
        where = part.paragraph(error.lineno)
        raise _invalid_template("template_syntax", f"a tag is not well formed: {error.message}", where) from error
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            raise _invalid_template(
                "template_forbidden", f"the filter {node.name} is not known", part.paragraph(node.lineno)
            )
        if isinstance(node, nodes.Expr | nodes.Stmt) and not isinstance(node, _ALLOWED_NODES):
            kind = type(node).__name__
            message = f"only fields, conditions and loops are taken, not {kind}"
            raise _invalid_template("template_forbidden", message, part.paragraph(node.lineno))
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise _invalid_template("template_forbidden", f"{node.attr} is not a field", part.paragraph(node.lineno))
    unknown = meta.find_undeclared_variables(tree) - names
    if unknown:
        name = sorted(unknown)[0]
        line = next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name and node.ctx == "load"), 1)
        raise _invalid_template("template_unknown", f"there is no field {name}", part.paragraph(line), field=name)


def _try_filling(body: bytes, filling: Callable[[], bytes]) -> None:
    """Fill the template in, and open the result as Word would."""
    try:
        docx.Document(io.BytesIO(filling()))
    except UndefinedError as error:
        field = (re.findall(r"'([^']+)'", str(error)) or [""])[-1]
        raise _invalid_template(
            "template_unknown", f"{error.message}", _error_paragraph(body, error), field=field
        ) from error
    except SecurityError as error:
        raise _invalid_template("template_forbidden", str(error), _error_paragraph(body, error)) from error
    except (TemplateError, etree.LxmlError, ValueError, KeyError, AttributeError, TypeError) as error:
        message = "what comes out is no Word file; a tag that stands for a whole paragraph is written {%p … %}"
        raise _invalid_template("template_outcome", message, "") from error


def _error_paragraph(body: bytes, error: BaseException) -> str:
    """Return the paragraph of an error, by the line of the body that was rendered."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    document = DocxTemplate(io.BytesIO(body))
    document.init_docx()
    return next(iter(_template_parts(document))).paragraph(line) if line else ""


def _invalid_template(code: str, message: str, where: str, **more: Any) -> ExportError:
    where = unicodedata.normalize("NFC", where)
    text = f"{message} — in “{where}”" if where else message
    return InvalidTemplate(text, code=code, where=where, what=message, **more)


def sample_briefing() -> Briefing:
    """Return an invented briefing with every possible content, to check and preview templates with."""
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
            BriefingSection("Phần một", ("Một đoạn văn mẫu.",), (("Nhãn", "1"),), (table,), chart, ("Điểm thứ nhất",)),
            BriefingSection("Phần hai", ("Một đoạn nữa.",)),
        ),
        signature=Signature("KT. Thủ trưởng\nPhó Thủ trưởng", "Họ và tên"),
        recipients=("Như trên", "Lưu: VT"),
        number="5",
        symbol="BC",
        date=dt.date(2027, 1, 5),
        addressed_to=("Nơi nhận báo cáo",),
        basis=("Căn cứ thứ nhất", "Căn cứ thứ hai"),
        annexes=(BriefingSection("Phụ lục mẫu", tables=(table,)), BriefingSection("Phụ lục nữa", ("Một dòng.",))),
    )
