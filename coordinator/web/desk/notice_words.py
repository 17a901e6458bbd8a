"""How a notice and its receivers stand, in words. Pure but for the language."""

from campaigns.partners.ending import SOON
from campaigns.talking import audiences
from campaigns.talking.audiences import Group, Sizes
from campaigns.talking.notices import Audience
from campaigns.talking.readers import Receiving
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _


def audience_words(audience: Audience, topic: str) -> str:
    """Whom a notice is for."""
    return {
        Audience.ALL: _("Mọi đối tác"),
        Audience.CHOSEN: _("Một số đối tác"),
        Audience.TOPIC: _("Nơi nhận chuyên đề %(topic)s", topic=topic),
    }[audience]


def counted(name: str, partners: int) -> str:
    """``Dịch bệnh (1.250 đối tác)``."""
    return _("%(name)s (%(count)s đối tác)", name=name, count=formats.number(partners, language()))


def groups(sizes: Sizes) -> list[tuple[str, str]]:
    """The groups that may be named, each with how many are in it."""
    ending = SOON.days
    words = {
        Group.AGGREGATOR: _("Có giấy phép trang tổng hợp còn hiệu lực"),
        Group.SOCIAL: _("Có giấy phép mạng xã hội còn hiệu lực"),
        Group.ENDING: _("Có giấy phép hết hạn trong %(days)s ngày tới", days=ending),
        Group.SILENT: _("Im lặng: %(days)s ngày qua không có bài nào được xác nhận", days=audiences.SILENT_FOR.days),
    }
    return [(one.value, counted(words[one], sizes.groups[one])) for one in Group]


def standing_words(one: Receiving) -> str:
    """How one receiver stands before the edition in force."""
    told = one.told
    if told.confirmed:
        return _("Đã xác nhận")
    if told.late:
        return _("Quá hạn, đã đọc, chưa xác nhận") if told.read else _("Quá hạn, chưa đọc")
    if told.read:
        return _("Đã đọc, chưa xác nhận") if told.notice.must_confirm else _("Đã đọc")
    return _("Mới đọc bản trước") if one.earlier else _("Chưa đọc")
