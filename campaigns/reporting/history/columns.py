"""The three tables of history and their columns, in Vietnamese offices and in JSON."""

import re
from collections.abc import Mapping
from typing import Final

from campaigns.core.clock import Period, parse_period
from campaigns.core.errors import Invalid
from campaigns.core.imports.cells import BadCell, cell_text, first_words, limited, line_up_to, one_of, parse_day
from campaigns.core.imports.columns import Column, TableColumns
from campaigns.core.vietnamese import fold
from campaigns.partners.register.cells import parse_page_address
from campaigns.planning.campaigns import Metric

LONGEST_TITLE: Final = 500
LONGEST_TEXT: Final = 100_000  # characters
LONGEST_URL: Final = 1000
LONGEST_NUMBER: Final = 80
LONGEST_NETWORK: Final = 200
LARGEST_FIGURE: Final = 10**12

# The words for each metric; the first is what the template offers, the last what the API calls it.
METRIC_WORDS: Final[Mapping[Metric, tuple[str, ...]]] = {
    Metric.BULLETINS: ("Bản tin", "so ban tin", "ban tin da phat hanh", "bulletins"),
    Metric.REPUBLICATIONS: (
        "Lượt lan tỏa", "lan toa", "luot bai viet", "luot bai viet lan toa", "luot dang lai", "bai dang lai",
        "so bai dang lai", "republications",
    ),
    Metric.PARTNERS: ("Đối tác", "so doi tac", "partners"),
    Metric.VIEWS: ("Lượt xem", "views"),
}  # fmt: skip

_DIGITS: Final = re.compile(r"\d+|\d{1,3}(?:([., \u00a0])\d{3})(?:\1\d{3})*")


def parse_figure(text: str) -> int:
    """A whole number, with dots, commas or spaces between its thousands: 12500, 12.500, 12,500."""
    line = text.strip()
    if not _DIGITS.fullmatch(line):
        raise BadCell("figure", f"{line!r} is not a whole number; expected one such as 12500 or 12.500")
    figure = int(re.sub(r"\D", "", line))
    if figure > LARGEST_FIGURE:
        raise BadCell("figure", f"{line!r} is not a number of things that happened; expected at most {LARGEST_FIGURE}")
    return figure


_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_QUARTER: Final = re.compile(r"(?:quy|q)\.?\s*(i{1,3}|iv|[1-4])\s*(?:/|-|nam)?\s*(\d{4})")
_MONTH: Final = re.compile(r"(?:thang|t)?\.?\s*(\d{1,2})\s*(?:/|-|nam)\s*(\d{4})")
_YEAR: Final = re.compile(r"(?:nam\s*)?(\d{4})")
_RANGE: Final = re.compile(r"(?:tu\s*(?:ngay\s*)?)?(\S+)\s*(?:den\s*(?:ngay\s*)?|-|–|\.\.)\s*(\S+)")


def parse_reported_period(text: str) -> Period:
    """A period as offices write it ("Quý III/2025", "tháng 8/2025", "từ 01/07/2025 đến 30/09/2025") or as the API does
    (2025-Q3)."""
    line = " ".join(text.split())
    folded = fold(line)
    if found := _QUARTER.fullmatch(folded):
        return parse_period(f"{found[2]}-Q{_ROMAN.get(found[1]) or int(found[1])}")
    if found := _MONTH.fullmatch(folded):
        return _read_period(f"{found[2]}-{int(found[1]):02}", line)
    if found := _YEAR.fullmatch(folded):
        return _read_period(found[1], line)
    try:
        return parse_period(line)
    except Invalid:
        if not (found := _RANGE.fullmatch(folded)):
            raise _bad_period(line) from None
    first, last = (parse_day(day) for day in (found[1], found[2]))
    return _read_period(f"{first}..{last}", line)


def _read_period(label: str, line: str) -> Period:
    try:
        return parse_period(label)
    except Invalid:
        raise _bad_period(line) from None


def _bad_period(line: str) -> BadCell:
    expected = "Quý III/2025, tháng 8/2025, năm 2025 or 01/07/2025 - 30/09/2025"
    return BadCell("period", f"{line!r} is not a period; expected {expected}")


def _address(text: str) -> str:
    return limited(parse_page_address(text), LONGEST_URL)


BULLETINS: Final = TableColumns("Bản tin", (
    Column(
        "day", "Ngày phát hành", "Ngày/tháng/năm bản tin đã phát.", "14/08/2025",
        parse_day, needed=True, spread=True,
        others="ngay, ngay phat, ngay dang, ngay ban hanh, date, published_on, publishedAt, released_on",
    ),
    Column(
        "topic", "Chuyên đề", "Tên hoặc mã một chuyên đề đang có.", "Dịch bệnh",
        cell_text, needed=True, spread=True,
        others="chu de, linh vuc, topic_code",
    ),
    Column(
        "title", "Tiêu đề", "Tiêu đề đúng như đã phát.", "Lịch tiêm phòng tháng 8",
        line_up_to(LONGEST_TITLE), needed=True,
        others="ten ban tin, tieu de ban tin, ten bai, headline",
    ),
    Column(
        "url", "Địa chỉ bản tin", "Địa chỉ bản tin gốc trên cổng cũ.",
        "https://cong-cu.example.vn/tin/lich-tiem-phong", _address, needed=True,
        others="dia chi, duong dan, duong dan ban tin, link, link ban tin, address, source_url",
    ),
    Column(
        "number", "Số hiệu", "Số hoặc mã của bản tin khi đó, nếu có; dùng để ghi bài đăng lại.", "145/2025",
        line_up_to(LONGEST_NUMBER), others="ma, ma ban tin, so, so ban tin, ma so, code",
    ),
    Column(
        "text", "Nội dung", "Toàn văn bản tin, nếu còn. Có toàn văn thì máy mới kiểm chứng được bài đăng lại.",
        "Từ ngày 18/8, các trạm y tế …",
        lambda text: limited(text.strip(), LONGEST_TEXT),
        others="noi dung ban tin, toan van, van ban, body, body_text, content",
    ),
), name="bulletins")  # fmt: skip
COPIES: Final = TableColumns("Bài đăng lại", (
    Column(
        "bulletin", "Bản tin", "Mã BT-…, số hiệu hoặc địa chỉ của bản tin.", "145/2025",
        cell_text, needed=True, spread=True,
        others="ma ban tin, so hieu, so hieu ban tin, dia chi ban tin, ban tin goc, bulletin_code, "
        "bulletin_url",
    ),
    Column(
        "url", "Địa chỉ bài đăng", "Địa chỉ đầy đủ của bài đăng lại.",
        "https://tin.saokhue.example.vn/lich-tiem-phong-123", _address, needed=True,
        others="dia chi bai dang lai, dia chi bai viet, dia chi, duong dan, duong dan bai dang, link, "
        "link bai dang, link bai viet, address, page",
    ),
    Column(
        "day", "Ngày đăng", "Ngày/tháng/năm bài được đăng lại.", "15/08/2025", parse_day, needed=True, spread=True,
        others="ngay, ngay dang lai, ngay dang bai, date, published_on",
    ),
    Column(
        "network", "Trang, mạng xã hội", "Tên trang hoặc mạng xã hội; để trống nếu tên miền đã đủ rõ.",
        "Facebook", line_up_to(LONGEST_NETWORK), spread=True,
        others="trang, mang xa hoi, ten trang, noi dang, don vi dang, kenh, site",
    ),
), name="copies")  # fmt: skip
TOTALS: Final = TableColumns("Tổng số", (
    Column(
        "period", "Kỳ", "Quý III/2025, tháng 8/2025, năm 2025, hoặc từ ngày đến ngày.", "Quý III/2025",
        parse_reported_period, needed=True, spread=True, others="ky bao cao, quy, thoi gian",
    ),
    Column(
        "metric", "Chỉ tiêu", "Bản tin, Lượt lan tỏa, Đối tác hoặc Lượt xem.", "Lượt lan tỏa",
        one_of(METRIC_WORDS, "metric"), needed=True, spread=True, choices=first_words(METRIC_WORDS),
        others="loai so lieu, noi dung bao cao, chi so",
    ),
    Column(
        "topic", "Chuyên đề", "Tên hoặc mã chuyên đề; để trống nếu là tổng của mọi chuyên đề.", "Dịch bệnh",
        cell_text, spread=True, others="chu de, linh vuc, topic_code",
    ),
    Column(
        "figure", "Số lượng", "Số nguyên: 12500 hoặc 12.500.", "12.500", parse_figure, needed=True,
        others="so, tong, tong so, so luot, ket qua, number, total, count",
    ),
), name="totals")  # fmt: skip

TABLES: Final = (BULLETINS, COPIES, TOTALS)
