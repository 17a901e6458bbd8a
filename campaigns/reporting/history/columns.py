"""The three tables of history and their columns, in Vietnamese offices and in JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from campaigns.partners.register.columns import RegisterColumn, compact_heading

LONGEST_HEADING: Final = 200  # characters; a longer text is not a heading


class HistoryTable(Enum):
    """What a table holds. The value is its name in JSON."""

    BULLETINS = "bulletins"
    COPIES = "copies"
    TOTALS = "totals"


@dataclass(frozen=True)
class TableColumns:
    """One table. ``title``: of its sheet in the template."""

    table: HistoryTable
    title: str
    columns: tuple[RegisterColumn, ...]

    def field_of(self, heading: str) -> str | None:
        """The field that a heading names in this table, or None."""
        if len(heading) > LONGEST_HEADING:
            return None
        return _FIELDS[self.table].get(compact_heading(heading))

    @property
    def needed(self) -> Mapping[str, str]:
        """The needed fields with their headings."""
        return {column.field: column.heading for column in self.columns if column.needed}


TABLES: Final = (
    TableColumns(
        HistoryTable.BULLETINS,
        "Bản tin",
        (
            RegisterColumn(
                "day", "Ngày phát hành", "Ngày/tháng/năm bản tin đã phát.", "14/08/2025", needed=True,
                others="ngay, ngay phat, ngay dang, ngay ban hanh, date, published_on, publishedAt, released_on",
            ),
            RegisterColumn(
                "topic", "Chuyên đề", "Tên hoặc mã một chuyên đề đang có.", "Dịch bệnh", needed=True,
                others="chu de, linh vuc, topic_code",
            ),
            RegisterColumn(
                "title", "Tiêu đề", "Tiêu đề đúng như đã phát.", "Lịch tiêm phòng tháng 8", needed=True,
                others="ten ban tin, tieu de ban tin, ten bai, headline",
            ),
            RegisterColumn(
                "url", "Địa chỉ bản tin", "Địa chỉ bản tin gốc trên cổng cũ.",
                "https://cong-cu.example.vn/tin/lich-tiem-phong", needed=True,
                others="dia chi, duong dan, duong dan ban tin, link, link ban tin, address, source_url",
            ),
            RegisterColumn(
                "number", "Số hiệu", "Số hoặc mã của bản tin khi đó, nếu có; dùng để ghi bài đăng lại.", "145/2025",
                others="ma, ma ban tin, so, so ban tin, ma so, code",
            ),
            RegisterColumn(
                "text", "Nội dung", "Toàn văn bản tin, nếu còn. Có toàn văn thì máy mới kiểm chứng được bài đăng lại.",
                "Từ ngày 18/8, các trạm y tế …",
                others="noi dung ban tin, toan van, van ban, body, body_text, content",
            ),
        ),
    ),
    TableColumns(
        HistoryTable.COPIES,
        "Bài đăng lại",
        (
            RegisterColumn(
                "bulletin", "Bản tin", "Mã BT-…, số hiệu hoặc địa chỉ của bản tin.", "145/2025", needed=True,
                others="ma ban tin, so hieu, so hieu ban tin, dia chi ban tin, ban tin goc, bulletin_code, "
                "bulletin_url",
            ),
            RegisterColumn(
                "url", "Địa chỉ bài đăng", "Địa chỉ đầy đủ của bài đăng lại.",
                "https://tin.saokhue.example.vn/lich-tiem-phong-123", needed=True,
                others="dia chi bai dang lai, dia chi bai viet, dia chi, duong dan, duong dan bai dang, link, "
                "link bai dang, link bai viet, address, page",
            ),
            RegisterColumn(
                "day", "Ngày đăng", "Ngày/tháng/năm bài được đăng lại.", "15/08/2025", needed=True,
                others="ngay, ngay dang lai, ngay dang bai, date, published_on",
            ),
            RegisterColumn(
                "network", "Trang, mạng xã hội", "Tên trang hoặc mạng xã hội; để trống nếu tên miền đã đủ rõ.",
                "Facebook",
                others="trang, mang xa hoi, ten trang, noi dang, don vi dang, kenh, site",
            ),
        ),
    ),
    TableColumns(
        HistoryTable.TOTALS,
        "Tổng số",
        (
            RegisterColumn(
                "period", "Kỳ", "Quý III/2025, tháng 8/2025, năm 2025, hoặc từ ngày đến ngày.", "Quý III/2025",
                needed=True, others="ky bao cao, quy, thoi gian",
            ),
            RegisterColumn(
                "metric", "Chỉ tiêu", "Bản tin, Lượt lan tỏa, Đối tác hoặc Lượt xem.", "Lượt lan tỏa", needed=True,
                others="loai so lieu, noi dung bao cao, chi so",
            ),
            RegisterColumn(
                "topic", "Chuyên đề", "Tên hoặc mã chuyên đề; để trống nếu là tổng của mọi chuyên đề.", "Dịch bệnh",
                others="chu de, linh vuc, topic_code",
            ),
            RegisterColumn(
                "figure", "Số lượng", "Số nguyên: 12500 hoặc 12.500.", "12.500", needed=True,
                others="so, tong, tong so, so luot, ket qua, number, total, count",
            ),
        ),
    ),
)  # fmt: skip
TABLE_OF: Final[Mapping[HistoryTable, TableColumns]] = MappingProxyType({table.table: table for table in TABLES})

_FIELDS: Final = {
    table.table: {
        compact_heading(name): column.field
        for column in table.columns
        for name in (column.heading, column.field, *column.others.split(", "))
        if name
    }
    for table in TABLES
}
# Fields whose merged cell counts for every row it covers.
SPREAD_FIELDS: Final = frozenset({"day", "topic", "bulletin", "network", "period", "metric"})


def knows_heading(heading: str) -> bool:
    """Whether a heading names a column of one of the tables."""
    return any(table.field_of(" ".join(heading.split())) for table in TABLES)


def is_spread(heading: str) -> bool:
    """Whether a merged cell under this heading counts for every row it covers."""
    return any(table.field_of(" ".join(heading.split())) in SPREAD_FIELDS for table in TABLES)


def table_of_headings(headings: Sequence[str]) -> TableColumns | None:
    """The table that has these headings: the one with the fewest needed columns missing, and the most known; None when
    no heading is known in any."""

    def score(table: TableColumns) -> tuple[int, int]:
        found = {field for heading in headings if (field := table.field_of(heading))}
        return len(found & table.needed.keys()) - len(table.needed), len(found)

    best = max(TABLES, key=score)
    return best if score(best)[1] else None
