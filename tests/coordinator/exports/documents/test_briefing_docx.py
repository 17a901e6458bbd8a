import io
import unicodedata

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from coordinator.exports.documents.briefing import BriefingSection, head_lines
from coordinator.exports.documents.briefing_files import write_docx
from coordinator.exports.documents.layout import ND30
from coordinator.exports.documents.word_tables import KEPT_WHOLE
from coordinator.exports.tables import Column, Table
from tests.coordinator.exports.samples import briefing

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def report():
    return docx.Document(io.BytesIO(write_docx(briefing())))


ATTACHED = (
    "(Kèm theo Báo cáo số " + 8 * "\u00a0" + "/BC-SVHTT ngày 05 tháng 01 năm 2027 của Sở Văn hóa và Truyền thông)"
)
OPEN_NUMBER = "Số: " + 8 * "\u00a0" + "/BC-SVHTT"


def lines(cell) -> list[str]:
    return [paragraph.text for paragraph in cell.paragraphs if paragraph.text]


def test_the_page_is_a4_with_the_margins_of_the_decree_and_no_number_on_the_first(report):
    section = report.sections[0]
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (210, 297)
    edges = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(edge / Mm(1)) for edge in edges] == [20, 20, 30, 15]
    assert section.different_first_page_header_footer
    assert [node.text for node in section.header._element.iter(qn("w:instrText"))] == ["PAGE"]
    assert section.header.paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert not section.first_page_header.paragraphs[0].text


def test_the_head_names_agency_and_nation_number_and_place(report):
    left, right = report.tables[0].rows[0].cells
    # Too long for their half, and broken in the middle.
    assert lines(left) == ["ỦY BAN NHÂN DÂN", "THÀNH PHỐ", "SỞ VĂN HÓA", "VÀ TRUYỀN THÔNG"]
    assert lines(right) == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    # On one line, whatever stands above them.
    assert [lines(cell) for cell in report.tables[0].rows[1].cells] == [
        [OPEN_NUMBER], ["Đà Sông, ngày 05 tháng 01 năm 2027"],
    ]  # fmt: skip
    bold = {paragraph.text: paragraph.runs[0].bold for cell in (left, right) for paragraph in cell.paragraphs}
    assert bold["SỞ VĂN HÓA"]
    assert not bold["ỦY BAN NHÂN DÂN"]
    sizes = {paragraph.text: paragraph.runs[0].font.size for paragraph in right.paragraphs}
    assert sizes["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"] == Pt(13)
    assert sizes["Độc lập - Tự do - Hạnh phúc"] == Pt(14)


def test_the_type_is_times_new_roman_in_vietnamese(report):
    for name in ("Normal", "Heading 1"):
        fonts = report.styles[name].element.rPr.rFonts
        assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "cs", "eastAsia")} == {"Times New Roman"}
        assert report.styles[name].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "vi-VN"
    assert report.styles["Normal"].font.size == Pt(14)


def test_the_body_stands_in_order(report):
    text = [paragraph.text for paragraph in report.paragraphs if paragraph.text]
    wanted = [
        "BÁO CÁO",
        "Kết quả lan tỏa quý IV năm 2026",
        "Kính gửi: Ủy ban nhân dân thành phố.",
        "Căn cứ Kế hoạch số 174/KH-UBND.",
        briefing().counted_line,
        "I. KẾT QUẢ CHUNG",
        "Ngưỡng dẫn nguồn Ễ Ậ ỵ được giữ đủ.",
        "Biểu đồ 1. Lượt lan tỏa đã xác nhận, cộng dồn. Đến 24/11 đạt 7.370 lượt.",
        "II. THEO CHUYÊN ĐỀ",
        "Bảng 1. Kết quả theo chuyên đề",
        "Mỗi lượt được đếm một lần.",
        "Phụ lục I",
        "DANH SÁCH TRANG",
        ATTACHED,
        "Phụ lục II",
        "GHI CHÚ",
        ATTACHED,
        "Một dòng.",
    ]
    assert text == wanted
    assert [p.text for p in report.paragraphs if p.style.name == "Heading 1"] == [
        "I. KẾT QUẢ CHUNG",
        "II. THEO CHUYÊN ĐỀ",
    ]


def test_a_table_has_a_header_that_repeats_and_figures_at_the_right(report):
    grid = report.tables[1]
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [
        ["Chuyên đề", "Đã xác nhận", "Đạt"],
        ["Dịch bệnh", "2.806", "62,4%"],
        ["=1+1 & <b>", "12.500", "100,0%"],
        ["Tổng", "15.306", ""],
    ]
    assert grid.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert grid.cell(1, 1).paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT
    assert grid.cell(3, 0).paragraphs[0].runs[0].bold
    assert sum(column.width for column in grid.columns) == pytest.approx(Mm(165), rel=0.01)


def test_the_end_has_recipients_at_the_left_and_the_office_at_the_right(report):
    left, right = report.tables[2].rows[0].cells
    assert lines(left) == ["Nơi nhận:", "- Như trên;", "- Lưu: VT, BC (3)."]
    assert lines(right) == ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Trần Minh An"]


def test_each_annex_begins_a_page_and_counts_its_own(report):
    starts = [section._sectPr.find(qn("w:pgNumType")) for section in report.sections]
    assert [None if start is None else start.get(qn("w:start")) for start in starts] == [None, "1", "1"]


def test_letters_in_parts_and_control_characters_are_written_clean():
    parts = unicodedata.normalize("NFD", "Độ phủ ở Đống Đa\x00\x0b")
    report = docx.Document(io.BytesIO(write_docx(briefing(sections=(BriefingSection("A", (parts,)),), annexes=()))))
    assert "Độ phủ ở Đống Đa" in [paragraph.text for paragraph in report.paragraphs]


def test_a_report_without_anything_optional_is_written():
    bare = briefing(parent_agency="", sections=(), recipients=(), addressed_to=(), basis=(), annexes=(), date=None)
    report = docx.Document(io.BytesIO(write_docx(bare)))
    assert lines(report.tables[0].rows[0].cells[0]) == ["SỞ VĂN HÓA", "VÀ TRUYỀN THÔNG"]


def test_a_name_is_broken_where_somebody_broke_it_and_no_word_is_cut():
    assert head_lines("Sở Văn hóa\nvà Truyền thông", ND30) == ("SỞ VĂN HÓA", "VÀ TRUYỀN THÔNG")
    assert head_lines("Sở Y tế", ND30) == ("SỞ Y TẾ",)
    assert head_lines("", ND30) == ()
    long = "W" * 60
    assert head_lines(f"Sở {long}", ND30) == ("SỞ", long)


def test_several_who_are_addressed_stand_in_lines_of_their_own():
    several = docx.Document(io.BytesIO(write_docx(briefing(addressed_to=("Ủy ban nhân dân thành phố", "Sở Nội vụ")))))
    text = [paragraph.text for paragraph in several.paragraphs]
    begin = text.index("Kính gửi:")
    assert text[begin + 1 : begin + 3] == ["- Ủy ban nhân dân thành phố;", "- Sở Nội vụ."]


def test_a_short_table_is_kept_whole_the_end_of_a_long_one_together_and_the_signature_with_the_text():
    def kept(rows: int, note: str = "") -> list[bool]:
        lines = Table("Bảng", (Column("n", "Số", "number"),), [(number,) for number in range(rows)], note=note)
        # The signature follows the table, which holds on to its last row.
        parts = (BriefingSection("A", tables=(lines,)), BriefingSection("B", ("Một.", "Hai.", "Ba.")))
        written = docx.Document(io.BytesIO(write_docx(briefing(sections=parts, annexes=()))))
        values = {
            paragraph.text: paragraph._p.pPr is not None and paragraph._p.pPr.keepNext is not None
            for paragraph in written.paragraphs
        }
        assert (values["Một."], values["Hai."], values["Ba."]) == (False, True, True)
        found = next(table for table in written.tables if table.rows[0].cells[0].text == "Số")
        return [row.cells[0].paragraphs[0]._p.pPr.keepNext is not None for row in found.rows]

    assert kept(KEPT_WHOLE) == [True] * KEPT_WHOLE + [False]
    assert kept(40) == [True] * 2 + [False] * 36 + [True] * 2 + [False]
    # A note stays below the table's last row.
    assert kept(40, "Kỳ trước: quý II.") == [True] * 2 + [False] * 36 + [True] * 3


def test_a_drawing_is_a_picture_that_fits_the_page_and_says_in_words_what_it_shows(report):
    (shape,) = report.inline_shapes
    assert round(shape.height / Mm(1)) <= ND30.drawing_height
    assert 100 < shape.width / Mm(1) <= 165
    assert shape._inline.docPr.get("descr").startswith("Biểu đồ 1. Lượt lan tỏa đã xác nhận")
    (picture,) = [part for part in report.part.package.parts if part.content_type == "image/png"]
    assert picture.blob.startswith(b"\x89PNG")
    assert int.from_bytes(picture.blob[16:20]) == round(shape.width / Mm(25.4) * 200)


def test_the_same_report_is_the_same_bytes():
    assert write_docx(briefing()) == write_docx(briefing())


def test_points_stand_in_the_order_of_the_vietnamese_alphabet_and_end_as_lists_do():
    points = tuple(f"điểm {number}" for number in range(7))
    written = docx.Document(
        io.BytesIO(write_docx(briefing(sections=(BriefingSection("A", points=points),), annexes=())))
    )
    lines = [paragraph.text for paragraph in written.paragraphs if ") điểm" in paragraph.text]
    assert [line[0] for line in lines] == list("abcdđeg")
    assert (lines[0], lines[-1]) == ("a) điểm 0;", "g) điểm 6.")


def test_words_of_people_are_no_tags():
    words = "{{ title }} {% for x in y %} <w:p/> & “ngoặc”"
    written = docx.Document(io.BytesIO(write_docx(briefing(sections=(BriefingSection("A", (words,)),), annexes=()))))
    assert words in [paragraph.text for paragraph in written.paragraphs]
