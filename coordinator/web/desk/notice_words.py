"""How a notice and its receivers stand, in words. Pure but for the language."""

from campaigns.talking.notices import Audience
from campaigns.talking.readers import Receiving
from coordinator.web.saying import _


def audience_words(audience: Audience, topic: str) -> str:
    """Whom a notice is for."""
    return {
        Audience.ALL: _("Mọi đối tác"),
        Audience.CHOSEN: _("Một số đối tác"),
        Audience.TOPIC: _("Nơi nhận chuyên đề %(topic)s", topic=topic),
    }[audience]


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
