"""The layout of an administrative document: margins, sizes and rules as data, for Word and PDF."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class DocumentLayout:
    """Lengths are in mm, type sizes and the gap between paragraphs in points."""

    font: str
    fallbacks: tuple[str, ...]
    top: int
    bottom: int
    left: int
    right: int
    nation: str
    motto: str
    nation_size: int
    motto_size: int
    agency_size: int
    number_size: int
    about_size: int
    place_size: int
    title_size: int
    body_size: int
    table_size: int
    recipients_head_size: int
    recipients_size: int
    first_line: int
    paragraph_gap: int
    line_spacing: float
    left_column: int
    motto_rule: int
    agency_rule: int
    title_rule: int
    addressed_indent: int
    drawing_height: int
    signed: bool = True  # it ends with the recipients and the signature

    @property
    def families(self) -> str:
        """The fonts for a style sheet, the prescribed one first."""
        return ", ".join(name if name == "serif" else f'"{name}"' for name in (self.font, *self.fallbacks))

    @property
    def width(self) -> int:
        """The width of the text on A4."""
        return 210 - self.left - self.right

    @property
    def right_column(self) -> int:
        """The width of the right half of the head and of the signature."""
        return self.width - self.left_column


# Nghị định 30/2020/NĐ-CP, Phụ lục I: A4, margins 20-25, 20-25, 30-35, 15-20 mm; quốc hiệu 12-13 bold, tiêu ngữ 13-14
# bold over a rule as long as the line, agencies 12-13, number 13, a letter's trích yếu 12-13 below it, place and date
# 13-14 italic, title and abstract 13-14 bold over a rule of 1/3-1/2 of the line, body 13-14 justified with a first
# line of 10 or 12.7 mm and at least 6 pt between paragraphs, nơi nhận 12 bold italic over a list of 11; page numbers
# 13-14 in the middle of the top margin, none on the first page. Where a range is given the values fit the longest
# line, quốc hiệu, beside the agency's name.
ND30 = DocumentLayout(
    font="Times New Roman",
    fallbacks=("Tinos", "Liberation Serif", "serif"),
    top=20,
    bottom=20,
    left=30,
    right=15,
    nation="CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    motto="Độc lập - Tự do - Hạnh phúc",
    nation_size=13,
    motto_size=14,
    agency_size=13,
    number_size=13,
    about_size=12,
    place_size=14,
    title_size=14,
    body_size=14,
    table_size=12,
    recipients_head_size=12,
    recipients_size=11,
    first_line=10,
    paragraph_gap=6,
    line_spacing=1.15,
    left_column=65,
    motto_rule=60,  # as long as the motto: 60.5 mm at 14 pt bold in Times metrics
    agency_rule=26,
    title_rule=56,
    addressed_indent=45,
    drawing_height=74,
)

# One page for a head: the same head and margins, smaller type, no signature.
ONE_PAGE = replace(
    ND30,
    nation_size=12,
    motto_size=12,
    motto_rule=52,
    agency_size=12,
    number_size=12,
    place_size=12,
    title_size=13,
    body_size=12,
    table_size=10,
    paragraph_gap=3,
    line_spacing=1.0,
    drawing_height=48,
    signed=False,
)
