"""The check of a Word template before it is used: it is filled in, and what failed is told with its paragraph.

A template comes from a user: ``TemplateEnvironment`` takes only fields, loops and conditions, and nothing is loaded
from elsewhere.
"""

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import docx
from docx.exceptions import PythonDocxError
from jinja2 import TemplateAssertionError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import TemplateRuntimeError
from lxml import etree

from coordinator.exports.charts.render import HALF, Bar, StackedBars, stacked_bars
from coordinator.exports.documents.briefing import Briefing, BriefingSection, Signature
from coordinator.exports.documents.layout import ND30, DocumentLayout
from coordinator.exports.documents.letter_texts import LetterSender, LetterWording
from coordinator.exports.documents.letters import fill_letter, letter_context
from coordinator.exports.documents.word_filling import (
    FILLING_ERRORS,
    TemplateEnvironment,
    fill_briefing,
    open_template,
)
from coordinator.exports.errors import ExportError, InvalidTemplate
from coordinator.exports.tables import Column, Table

_EXTERNAL_TARGET = re.compile(r'TargetMode="External"')
_LINK = re.compile(r'Type="[^"]*/hyperlink"')
_SAMPLE_SENDERS = (
    LetterSender(
        "Cơ quan ban hành", "Cơ quan cấp trên", "Địa danh", Signature("KT. Thủ trưởng\nPhó Thủ trưởng", "Họ và tên")
    ),
    LetterSender("Cơ quan ban hành"),
)
_MAX_QUOTED = 120  # characters of a paragraph that are quoted


def check_briefing_template(body: bytes, form: DocumentLayout = ND30) -> None:
    """Raise ``ExportError`` that says what is wrong and where, unless briefings can be filled into it, one with
    everything and one with the least. ``body`` is known to be a Word file of sensible size without macros
    (``coordinator/imports/documents/word.py``)."""
    _check_file(body)
    for report in sample_briefings():
        _try_filling(partial(fill_briefing, report, form, body))


def check_letter_template(body: bytes, wording: LetterWording) -> None:
    """Raise ``ExportError`` unless the letter's samples can be filled into the template."""
    _check_file(body)
    now = dt.datetime(2027, 1, 4, 9, 0, tzinfo=dt.UTC)
    for sender, own in zip(_SAMPLE_SENDERS, wording.samples, strict=True):
        given = letter_context(wording, sender, own)
        _try_filling(partial(fill_letter, body, given, now))


def _check_file(body: bytes) -> None:
    _check_no_remote_parts(body)
    try:
        open_template(body)
    except (KeyError, ValueError, AttributeError, TypeError, OSError, etree.LxmlError, PythonDocxError) as error:
        raise _invalid_template(
            "template_damaged", "this Word file lacks a part that every Word file has", ""
        ) from error


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


def _try_filling(fill: Callable[[TemplateEnvironment], bytes]) -> None:
    """Fill the template in, and open the result as Word would."""
    environment = TemplateEnvironment()
    try:
        docx.Document(io.BytesIO(fill(environment)))
    except UndefinedError as error:
        field = (re.findall(r"'([^']+)'", str(error)) or [""])[-1]
        where = _paragraph(environment, error)
        raise _invalid_template("template_unknown", f"there is no field {field}", where, field=field) from error
    except (TemplateRuntimeError, TemplateAssertionError, TemplateNotFound) as error:
        message = f"only fields, conditions and loops are taken: {error}"
        raise _invalid_template("template_forbidden", message, _paragraph(environment, error)) from error
    except TemplateSyntaxError as error:
        message = f"a tag is not well formed: {error.message}"
        raise _invalid_template("template_syntax", message, _paragraph(environment, error)) from error
    except FILLING_ERRORS as error:
        message = "what comes out is no Word file; a tag that stands for a whole paragraph is written {%p … %}"
        raise _invalid_template("template_outcome", message, "") from error


def _paragraph(environment: TemplateEnvironment, error: Exception) -> str:
    """Return the text of the paragraph in which a part of the template failed; '' where that is not known."""
    line = error.lineno if isinstance(error, TemplateSyntaxError) else 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    lines = environment.source.splitlines()
    text = re.sub(r"<[^>]+>", "", lines[min(line, len(lines)) - 1]) if line and lines else ""
    text = " ".join(text.split())
    return text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + "…"


def _invalid_template(code: str, message: str, where: str, **more: Any) -> ExportError:
    where = unicodedata.normalize("NFC", where)
    text = f"{message} — in “{where}”" if where else message
    return InvalidTemplate(text, code=code, where=where, what=message, **more)


def sample_briefings() -> tuple[Briefing, Briefing]:
    """Return invented briefings to check templates with: with every possible content, and with the least."""
    table = Table(
        "Bảng mẫu", (Column("name", "Nội dung"), Column("count", "Số lượt", "number")), [("Dòng mẫu", 12)],
        note="Ghi chú của bảng.", footer=("Tổng", 12),
    )  # fmt: skip
    bars = [Bar("10/2026", (5,)), Bar("11/2026", (7,))]
    chart = str(stacked_bars(StackedBars("m", "Biểu đồ mẫu", "Hai tháng.", ("lượt",), bars), HALF, with_key=True))
    whole = Briefing(
        parent_agency="Cơ quan cấp trên",
        agency="Cơ quan ban hành",
        place="Địa danh",
        title="Báo cáo",
        abstract="Trích yếu của báo cáo mẫu",
        period="quý IV năm 2026",
        as_of=dt.datetime(2027, 1, 4, 9, 0, tzinfo=dt.UTC),
        rule_version="2026.1",
        sections=(
            BriefingSection("Phần một", ("Một đoạn văn mẫu.",), (table,), chart, ("Điểm thứ nhất",)),
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
    bare = replace(
        whole, parent_agency="", place="", sections=(), signature=Signature(""), recipients=(), number="", symbol="",
        date=None, addressed_to=(), basis=(), annexes=(),
    )  # fmt: skip
    return whole, bare
