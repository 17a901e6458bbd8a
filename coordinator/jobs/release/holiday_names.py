"""The names of holidays, by the keys of ``campaigns.planning.holidays``."""

from collections.abc import Mapping

from campaigns.planning.holidays import Holiday
from coordinator.translation import N_, _

HOLIDAY_NAMES: Mapping[str, str] = {
    "new-year": N_("Tết Dương lịch"),
    "tet": N_("Tết Nguyên đán"),
    "hung-kings": N_("Giỗ Tổ Hùng Vương"),
    "victory": N_("Ngày Chiến thắng"),
    "labour": N_("Ngày Quốc tế Lao động"),
    "national": N_("Quốc khánh"),
    "culture": N_("Ngày Văn hóa Việt Nam"),
    "party": N_("Ngày thành lập Đảng"),
    "women": N_("Quốc tế Phụ nữ"),
    "press": N_("Báo chí Cách mạng Việt Nam"),
    "invalids": N_("Thương binh - Liệt sĩ"),
    "vu-lan": N_("Lễ Vu Lan"),
    "mid-autumn": N_("Tết Trung thu"),
    "teachers": N_("Ngày Nhà giáo Việt Nam"),
    "army": N_("Thành lập Quân đội nhân dân"),
}


def holiday_name(holiday: Holiday) -> str:
    """The name of a holiday in the reader's language, with a note on a day in lieu."""
    name = _(HOLIDAY_NAMES[holiday.key])
    return _("Nghỉ bù %(holiday)s", holiday=name) if holiday.in_lieu else name


def expected_holiday_name(holiday: Holiday) -> str:
    """Return the name, with a note if the day awaits the year's official notice."""
    name = holiday_name(holiday)
    return _("%(name)s (dự kiến)", name=name) if holiday.expected else name
