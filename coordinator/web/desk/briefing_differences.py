"""What differs between two versions of a briefing, or between one and what it is derived to anew, said in words."""

from collections.abc import Sequence

from campaigns.reporting.canonical import Change
from campaigns.reporting.sums import SHARES
from campaigns.tracking.attribution import Attribution
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.wording import name_for

MOST = 200  # differences listed; the rest is told by number


def figure_words(figure: str) -> str:
    """A figure's name."""
    words = {
        "bulletins": _("bản tin đã phát hành"),
        "partners": _("đối tác có lượt đã xác nhận"),
        "corrections": _("số lần đính chính"),
        "recalls": _("số bản tin bị thu hồi"),
        "delivered": _("đã tới"),
        "found": _("đã thấy"),
        "confirmed": _("đã xác nhận"),
        "review": _("chờ xem xét"),
        "rejected": _("đã loại"),
        "gone": _("đã gỡ"),
        "attributed": _("dẫn nguồn đủ"),
        "teasers": _("bài chỉ có tít và dẫn"),
        "quota": _("số giao"),
        "actual": _("đã đạt"),
        "count": _("số lượt"),
        "removed": _("bài đã gỡ"),
        "median": _("trung vị thời gian gỡ (giây)"),
        "longest": _("thời gian gỡ lâu nhất (giây)"),
        "still_up": _("bài chưa gỡ"),
        "proposed": _("nghi vấn"),
        "dismissed": _("kết luận không"),
        "mended": _("đã khắc phục"),
        "handed_on": _("chuyển xử lý"),
    }
    if figure in SHARES.values():
        way = next(one for one, name in SHARES.items() if name == figure)
        return str(name_for("attribution", way, language()))
    return str(words.get(figure, figure))


def _part_words(part: str) -> str:
    words = {
        "whole": _("Chung"),
        "totals": _("Tổng"),
        "before": _("Kỳ trước"),
        "targets": _("Chỉ tiêu"),
        "rows.month": _("Tháng"),
        "rows.topic": _("Chuyên đề"),
        "rows.partner": _("Đối tác"),
        "rows.site": _("Trang"),
        "rows.channel": _("Kênh"),
        "rows.day": _("Ngày"),
        "attribution": _("Dẫn nguồn"),
        "removals": _("Gỡ bài bị thu hồi"),
        "findings": _("Nghi vấn"),
    }
    return str(words.get(part, part))


def said(changes: Sequence[Change]) -> list[str]:
    """A sentence for each difference: ``Đối tác Báo A, đã xác nhận: 120 → 118``."""
    return [_said(one) for one in changes[:MOST]]


def _said(one: Change) -> str:
    name = one.name
    if one.part == "attribution":
        name = name_for("attribution", Attribution(one.key), language())
    whose = f"{_part_words(one.part)} {name}".strip()
    return f"{whose}, {figure_words(one.figure)}: {_value(one.before)} → {_value(one.after)}"


def _value(value: float | None) -> str:
    if value is None:
        return str(_("không có"))
    return formats.number(value, language(), 0 if value % 1 == 0 else 1)
