"""Public holidays and days worth knowing in Vietnam: data alone, each line with its source and the days it is good for.

Covered: 2021 to 2060. What the law fixes is by rule; which days next to them the state's offices take is told each year
by a notice, and a year without one in ``NOTICES`` has the usual choice, marked as expected. When a year's notice is
out, its lines are added here and nothing else changes.
"""

from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 2021, 2060

LABOUR_CODE = "Bộ luật Lao động 45/2019/QH14, Điều 112"
CULTURE_DAY = "Nghị quyết 28/2026/QH16, Điều 2"
NOTICE_2026 = "Thông báo 9441/TB-BNV ngày 16/10/2025"


@dataclass(frozen=True)
class Yearly:
    """A day that comes each year, by the sun or by the moon. ``rest``: offices are closed. ``before`` and ``after``:
    how many days next to it are usually taken too. ``since``: the first day the rule is good for."""

    key: str
    vi: str
    en: str
    month: int
    day: int
    lunar: bool = False
    rest: bool = True
    source: str = LABOUR_CODE
    since: date = date(2021, 1, 1)
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Notice:
    """Which days a year's notice gives around one holiday, both ends included, and the working days it moves."""

    year: int
    key: str
    first: date
    last: date
    source: str
    off: tuple[date, ...] = ()  # working days taken off as well
    worked: tuple[date, ...] = ()  # rest days worked for them


YEARLY = (
    Yearly("new-year", "Tết Dương lịch", "New Year's Day", 1, 1),
    # Five days: the first three of the year by every choice the code allows, and two more next to them.
    Yearly("tet", "Tết Nguyên đán", "Lunar New Year", 1, 1, lunar=True, before=1, after=3),
    Yearly("hung-kings", "Giỗ Tổ Hùng Vương", "Hùng Kings' Day", 3, 10, lunar=True),
    Yearly("victory", "Ngày Chiến thắng", "Victory Day", 4, 30),
    Yearly("labour", "Ngày Quốc tế Lao động", "Labour Day", 5, 1),
    # Two days: the second of September and one next to it.
    Yearly("national", "Quốc khánh", "National Day", 9, 2, before=1),
    Yearly("culture", "Ngày Văn hóa Việt Nam", "Vietnamese Culture Day", 11, 24, source=CULTURE_DAY,
           since=date(2026, 7, 1)),
    Yearly("party", "Ngày thành lập Đảng", "Founding of the Party", 2, 3, rest=False, source=""),
    Yearly("women", "Quốc tế Phụ nữ", "Women's Day", 3, 8, rest=False, source=""),
    Yearly("press", "Báo chí Cách mạng Việt Nam", "Press Day", 6, 21, rest=False, source=""),
    Yearly("invalids", "Thương binh - Liệt sĩ", "War Invalids and Martyrs' Day", 7, 27, rest=False, source=""),
    Yearly("vu-lan", "Lễ Vu Lan", "Vu Lan", 7, 15, lunar=True, rest=False, source=""),
    Yearly("mid-autumn", "Tết Trung thu", "Mid-Autumn Festival", 8, 15, lunar=True, rest=False, source=""),
    Yearly("teachers", "Ngày Nhà giáo Việt Nam", "Teachers' Day", 11, 20, rest=False, source=""),
    Yearly("army", "Thành lập Quân đội nhân dân", "Founding of the Army", 12, 22, rest=False, source=""),
)  # fmt: skip

NOTICES = (
    Notice(2026, "tet", date(2026, 2, 16), date(2026, 2, 20), NOTICE_2026),
    Notice(2026, "national", date(2026, 9, 1), date(2026, 9, 2), NOTICE_2026,
           off=(date(2026, 8, 31),), worked=(date(2026, 8, 22),)),
)  # fmt: skip
