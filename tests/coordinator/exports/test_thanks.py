"""The thank-you letter: filled in whatever the names hold, and clear about a template that is broken."""

import io

import pytest
from docx import Document

from coordinator.exports.errors import ExportError
from coordinator.exports.thanks import Thanks, bundled, shipped, write_thanks

LETTER = Thanks(
    "UBND thành phố", "Sở Thông tin", "Hà Nội", "Công ty <b> & {{ office }}", "quý IV năm 2026", ("Một.", "Hai.")
)


def words(body: bytes) -> str:
    document = Document(io.BytesIO(body))
    cells = [one.text for table in document.tables for cell in table.rows[0].cells for one in cell.paragraphs]
    return "\n".join([*cells, *(one.text for one in document.paragraphs)])


def test_names_are_nothing_but_text() -> None:
    told = words(write_thanks(LETTER))
    assert "Kính gửi: Công ty <b> & {{ office }}." in told
    assert "UBND THÀNH PHỐ\nSỞ THÔNG TIN" in told
    assert "Một.\nHai." in told


def test_an_office_that_stands_below_nobody_has_no_line_above_its_name() -> None:
    alone = Thanks("", *(getattr(LETTER, name) for name in ("office", "place", "partner", "period", "figures")))
    assert words(write_thanks(alone)).startswith("SỞ THÔNG TIN")


def edited(text: str) -> bytes:
    document = Document(io.BytesIO(shipped()))
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("broken", [b"no zip at all", edited("{{ partner"), edited("{% for x in figures %}")])
def test_a_broken_template_is_said_to_be_that(broken: bytes) -> None:
    with pytest.raises(ExportError) as refused:
        write_thanks(LETTER, broken)
    assert refused.value.code == "template"


def test_a_template_of_the_offices_own_is_filled_in() -> None:
    assert "Gửi thêm: Sở Thông tin" in words(write_thanks(LETTER, edited("Gửi thêm: {{ office_name }}")))


def test_the_same_letters_make_the_same_bundle() -> None:
    assert bundled([("a", b"1")]) == bundled([("a", b"1")])
