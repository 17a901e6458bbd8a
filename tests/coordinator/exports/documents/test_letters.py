"""Official letters: one layout, own wordings and templates, and no invented values."""

import datetime as dt
import io

import docx
import pytest
from docx.shared import Mm, Pt

from coordinator.exports.documents import letters
from coordinator.exports.documents.briefing import Signature
from coordinator.exports.documents.letter_texts import (
    REMINDER_WORDING,
    THANK_YOU_WORDING,
    LetterSender,
    LetterWording,
    ThankYouLetter,
)
from coordinator.exports.documents.template_check import InvalidTemplate, check_letter_template
from coordinator.exports.downloads import zip_files
from coordinator.exports.errors import ExportError

pytestmark = pytest.mark.long

NOW = dt.datetime(2027, 1, 4, 2, 0, tzinfo=dt.UTC)
SENDER = LetterSender("Sở Thông tin", "UBND thành phố", "Hà Nội", Signature("KT. Giám đốc\nPhó Giám đốc", "Lê Thị Hòa"))
LETTER = ThankYouLetter("Công ty <b> & {{ agency }}", "quý IV năm 2026", ("Một.", "Hai."))
BOTH = pytest.mark.parametrize("wording", [THANK_YOU_WORDING, REMINDER_WORDING], ids=["thanks", "reminder"])


def opened(body: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(body))


def words(body: bytes) -> list[str]:
    document = opened(body)
    cells = [
        paragraph.text
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
    ]
    return [line for line in [*cells, *(paragraph.text for paragraph in document.paragraphs)] if line]


def written(letter: ThankYouLetter = LETTER, sender: LetterSender = SENDER, template: bytes | None = None) -> bytes:
    return letters.write_letter(THANK_YOU_WORDING, sender, letter.fields, now=NOW, template=template)


def edited(wording: LetterWording, text: str) -> bytes:
    document = opened(letters.default_letter_template(wording))
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_letter_has_the_form_of_the_decree_and_what_is_not_given_stays_open() -> None:
    values = words(written())
    assert values[:2] == ["UBND THÀNH PHỐ", "SỞ THÔNG TIN"]
    assert values[4:6] == ["Số: " + 8 * "\u00a0" + "/", "V/v cảm ơn đơn vị đăng lại bản tin quý IV năm 2026"]
    assert "Hà Nội, ngày … tháng … năm …" in values
    assert values[7:13] == ["Nơi nhận:", "- Như trên;", "- Lưu: VT.", "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Lê Thị Hòa"]
    section = opened(written()).sections[0]
    edges = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(edge / Mm(1)) for edge in edges] == [20, 20, 30, 15]
    about = opened(written()).tables[0].rows[1].cells[0].paragraphs[-1]
    assert (about.text[:3], about.runs[0].font.size) == ("V/v", Pt(12))


def test_names_are_nothing_but_text_on_one_line() -> None:
    values = words(written(ThankYouLetter("Công ty <b>\n& {{ agency }}", "2026", ("Một.", "Hai\u0001 ba."))))
    assert "Kính gửi: Công ty <b> & {{ agency }}." in values
    assert values[-4:-2] == ["Một.", "Hai ba."]


def test_an_office_that_stands_below_nobody_and_has_no_place_is_given_none() -> None:
    values = words(written(sender=LetterSender("Sở Thông tin")))
    assert values[0] == "SỞ THÔNG TIN"
    assert "………, ngày … tháng … năm …" in values


@BOTH
def test_the_shipped_template_passes_its_own_proof_and_is_the_same_file_every_time(wording: LetterWording) -> None:
    check_letter_template(letters.default_letter_template(wording), wording)
    assert letters.default_letter_template(wording) == letters._LetterTemplateBuilder(wording, letters.ND30).written()


BROKEN = {
    "syntax": ("Mở {% for x in %} rồi", "template_syntax", "Mở {% for x in %} rồi"),
    "unknown": ("Số {{ so_hieu }} của Sở", "template_unknown", "Số {{ so_hieu }} của Sở"),
    # Of the barest letter: what is asked for only where nothing is said.
    "inner": ("{% if note or figures %}{% else %}{{ agency.head }}{% endif %}", "template_unknown", None),
    "call": ("{{ agency.upper() }}", "template_forbidden", "{{ agency.upper() }}"),
    "sum": ("{{ agency * 9 }} bản", "template_forbidden", "{{ agency * 9 }} bản"),
    "filter": ("{{ agency|list }}", "template_forbidden", "{{ agency|list }}"),
    "private": ("{{ agency.__class__ }}", "template_forbidden", "{{ agency.__class__ }}"),
    "other file": ('{% include "a" %}', "template_forbidden", None),
    "whole": ("{%p if agency %}", "template_syntax", None),
}


@BOTH
@pytest.mark.parametrize("case", BROKEN)
def test_a_template_broken_by_its_editor_is_refused_with_the_paragraph(wording: LetterWording, case: str) -> None:
    text, code, where = BROKEN[case]
    if case == "inner":
        other = "figures" if wording is REMINDER_WORDING else "note"
        text = text.replace(f"{other} or ", "").replace(f" or {other}", "")
    with pytest.raises(InvalidTemplate) as refused:
        check_letter_template(edited(wording, text), wording)
    assert refused.value.code == code
    assert where is None or refused.value.params["where"] == where


def test_a_field_of_another_letter_is_no_field_of_this_one() -> None:
    with pytest.raises(InvalidTemplate, match="there is no field period"):
        check_letter_template(letters.default_letter_template(THANK_YOU_WORDING), REMINDER_WORDING)


@pytest.mark.parametrize(
    "broken", [b"no zip at all", edited(THANK_YOU_WORDING, "{{ partner"), edited(THANK_YOU_WORDING, "{{ partner.x }}")]
)
def test_a_template_that_went_bad_is_reported_to_be_that(broken: bytes) -> None:
    with pytest.raises(ExportError) as refused:
        written(template=broken)
    assert refused.value.code == "template"


def test_a_template_of_the_offices_own_is_filled_in() -> None:
    assert "Gửi thêm: Sở Thông tin" in words(written(template=edited(THANK_YOU_WORDING, "Gửi thêm: {{ agency }}")))


def test_the_same_letter_is_the_same_file_and_the_same_letters_the_same_bundle() -> None:
    assert written() == written()
    assert zip_files([("a", b"1")]) == zip_files([("a", b"1")])
