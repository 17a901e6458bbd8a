"""Public holidays and commemorative days of Vietnam from 2021 to 2060, as data: each line with its source.

The law fixes the holidays themselves; a yearly notice fixes the adjoining days that offices take. A year without a
notice in ``HOLIDAY_NOTICES`` has the usual choice, marked as expected. A new year's notice is added here alone.
"""

from dataclasses import dataclass
from datetime import date

FIRST_YEAR, LAST_YEAR = 2021, 2060

LABOUR_CODE = "Bộ luật Lao động 45/2019/QH14, Điều 112"
CULTURE_DAY = "Nghị quyết 28/2026/QH16, Điều 2"
MINISTRY = "Thông báo của Bộ Lao động - Thương binh và Xã hội"
NOTICE_2021 = "Thông báo 4875/TB-LĐTBXH về nghỉ Tết Âm lịch và Quốc khánh 2021"
NOTICE_2024 = "Công văn 8662/VPCP-KGVX ngày 03/11/2023"
NOTICE_2025 = "Công văn 8726/VPCP-KGVX ngày 26/11/2024"
NOTICE_2026 = "Thông báo 9441/TB-BNV ngày 16/10/2025"


@dataclass(frozen=True)
class YearlyHoliday:
    """A yearly day of the solar or lunar calendar. ``rest``: offices are closed. ``before`` and ``after``: adjoining
    days that are usually taken too. ``since``: the first day the rule is valid."""

    key: str
    month: int
    day: int
    lunar: bool = False
    rest: bool = True
    source: str = LABOUR_CODE
    since: date = date(2021, 1, 1)
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class HolidayNotice:
    """The days that a year's notice gives around one holiday, both ends included, and the working days it moves."""

    year: int
    key: str
    first: date
    last: date
    source: str
    off: tuple[date, ...] = ()  # working days taken off as well
    worked: tuple[date, ...] = ()  # rest days worked for them


YEARLY_HOLIDAYS = (
    YearlyHoliday("new-year", 1, 1),
    # Five days: the first three of the year by every choice the code allows, and two more next to them.
    YearlyHoliday("tet", 1, 1, lunar=True, before=1, after=3),
    YearlyHoliday("hung-kings", 3, 10, lunar=True),
    YearlyHoliday("victory", 4, 30),
    YearlyHoliday("labour", 5, 1),
    # Two days: the second of September and one next to it.
    YearlyHoliday("national", 9, 2, before=1),
    YearlyHoliday("culture", 11, 24, source=CULTURE_DAY,
           since=date(2026, 7, 1)),
    YearlyHoliday("party", 2, 3, rest=False, source=""),
    YearlyHoliday("women", 3, 8, rest=False, source=""),
    YearlyHoliday("press", 6, 21, rest=False, source=""),
    YearlyHoliday("invalids", 7, 27, rest=False, source=""),
    YearlyHoliday("vu-lan", 7, 15, lunar=True, rest=False, source=""),
    YearlyHoliday("mid-autumn", 8, 15, lunar=True, rest=False, source=""),
    YearlyHoliday("teachers", 11, 20, rest=False, source=""),
    YearlyHoliday("army", 12, 22, rest=False, source=""),
)  # fmt: skip

HOLIDAY_NOTICES = (
    # Two days before the first of the lunar year and three after, by the notice; the next two stand in for the weekend.
    HolidayNotice(2021, "tet", date(2021, 2, 10), date(2021, 2, 14), NOTICE_2021),
    HolidayNotice(2021, "national", date(2021, 9, 2), date(2021, 9, 3), NOTICE_2021),
    HolidayNotice(2022, "tet", date(2022, 1, 31), date(2022, 2, 4), "Công văn 245/VPCP-KGVX ngày 11/01/2022"),
    HolidayNotice(2022, "national", date(2022, 9, 1), date(2022, 9, 2), f"{MINISTRY} về nghỉ lễ Quốc khánh 2022"),
    HolidayNotice(2023, "tet", date(2023, 1, 20), date(2023, 1, 24), f"{MINISTRY} về nghỉ Tết Âm lịch 2023"),
    HolidayNotice(2023, "national", date(2023, 9, 1), date(2023, 9, 2), f"{MINISTRY} về nghỉ lễ Quốc khánh 2023"),
    HolidayNotice(2024, "tet", date(2024, 2, 8), date(2024, 2, 12), NOTICE_2024),
    # Monday off between Sunday and the holiday, for the Saturday after.
    HolidayNotice(2024, "victory", date(2024, 4, 30), date(2024, 4, 30), "Công văn 2450/VPCP-KGVX ngày 12/04/2024",
           off=(date(2024, 4, 29),), worked=(date(2024, 5, 4),)),
    HolidayNotice(2024, "national", date(2024, 9, 2), date(2024, 9, 3), NOTICE_2024),
    HolidayNotice(2025, "tet", date(2025, 1, 27), date(2025, 1, 31), NOTICE_2025),
    HolidayNotice(2025, "labour", date(2025, 5, 1), date(2025, 5, 1), NOTICE_2025,
           off=(date(2025, 5, 2),), worked=(date(2025, 4, 26),)),
    HolidayNotice(2025, "national", date(2025, 9, 1), date(2025, 9, 2), NOTICE_2025),
    HolidayNotice(2026, "tet", date(2026, 2, 16), date(2026, 2, 20), NOTICE_2026),
    HolidayNotice(2026, "national", date(2026, 9, 1), date(2026, 9, 2), NOTICE_2026,
           off=(date(2026, 8, 31),), worked=(date(2026, 8, 22),)),
)  # fmt: skip
