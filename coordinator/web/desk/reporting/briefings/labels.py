"""Sentences on the differences between two versions of a briefing, or between a version and its new derivation."""

from collections.abc import Sequence

from campaigns.compliance.cases.cases import DecisionForm
from campaigns.partners.directory import SiteKind
from campaigns.reporting.briefings.canonical_text import FigureChange
from campaigns.reporting.briefings.drilldown import FigureSelection
from campaigns.reporting.rollups.rollup_tables import ATTRIBUTION_FIGURES
from campaigns.republications.attribution.verdicts import Attribution
from coordinator.jobs.reporting.briefings.figure_tables import COUNTED
from coordinator.translation import _, language
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.state_labels import value_label

MOST_DIFFERENCES = 200  # differences listed; of the rest only the number is shown


def figure_label(figure: str) -> str:
    """Return a figure's name."""
    counted = {column.key: _(column.title) for column in COUNTED}
    words = {
        **{key: name[:1].lower() + name[1:] for key, name in counted.items()},
        "bulletins": _("bản tin đã phát hành"),
        "partners": _("đối tác có lượt đã xác nhận"),
        "corrections": _("số lần đính chính"),
        "recalls": _("số bản tin bị thu hồi"),
        "unreadable": _("không đọc được bằng cách này"),
        "source_seen": _("thấy được nguồn"),
        "source_unseen": _("không thấy được nguồn"),
        "partial": _("đăng một phần"),
        "pictures": _("đăng bằng ảnh, video"),
        "teasers": _("bài chỉ có tít và dẫn"),
        "quota": _("số giao"),
        "actual": _("đã đạt"),
        "count": _("số lượt"),
        "removed": _("bài đã gỡ"),
        "median": _("thời gian gỡ điển hình (giây)"),
        "longest": _("thời gian gỡ lâu nhất (giây)"),
        "still_up": _("bài chưa gỡ"),
        "proposed": _("nghi vấn"),
        "dismissed": _("kết luận không"),
        "licences": _("giấy phép còn hiệu lực"),
        "companies": _("doanh nghiệp có giấy phép"),
        "new": _("giấy phép cấp mới"),
        "changed": _("giấy phép thay đổi nội dung"),
        "expired": _("giấy phép hết hạn"),
        "withdrawn": _("giấy phép bị thu hồi"),
        "ending": _("giấy phép sắp hết hạn"),
        "notices": _("thông báo đã gửi"),
        "sent": _("lượt nhận"),
        "read": _("lượt nhận đã đọc"),
        "to_confirm": _("lượt phải xác nhận"),
        "questions": _("câu hỏi của đối tác"),
        "answered": _("câu hỏi đã trả lời"),
        "typical": _("thời gian trả lời điển hình (giây)"),
    }
    if figure in ATTRIBUTION_FIGURES.values():
        way = next(attribution for attribution, name in ATTRIBUTION_FIGURES.items() if name == figure)
        return str(value_label("attribution", way))
    return str(words.get(figure, figure))


def finding_figure_label(figure: str) -> str:
    """Return the name of a figure of findings."""
    words = {
        "proposed": _("Nghi vấn trong kỳ"),
        "confirmed": _("Nghi vấn kết luận có"),
        "dismissed": _("Nghi vấn kết luận không"),
    }
    return str(words.get(figure, figure))


def case_figure_label(figure: str) -> str:
    """Return the name of a figure of cases."""
    words = {
        "subjects": _("tổ chức, cá nhân bị xử lý"),
        "organisations": _("tổ chức bị xử lý"),
        "persons": _("cá nhân bị xử lý"),
        "decisions": _("lần xử lý"),
        "amount": _("tiền phạt"),
        "paid": _("tiền phạt đã nộp"),
        "earlier": _("vi phạm của kỳ trước"),
        "form": _("theo hình thức"),
        "fault": _("theo lỗi vi phạm"),
    }
    return str(words.get(figure, figure))


def _part_label(part: str) -> str:
    words = {
        "whole": _("Chung"),
        "totals": _("Tổng"),
        "before": _("Kỳ trước"),
        "reported": _("Số báo cáo trước"),
        "reported_before": _("Kỳ trước, số báo cáo trước"),
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
        "social": _("Mạng xã hội"),
        "social.networks": _("Mạng xã hội"),
        "social.companies": _("Mạng xã hội, đối tác"),
        "register": _("Giấy phép"),
        "register_before": _("Giấy phép, kỳ trước"),
        "messages": _("Thông báo và câu hỏi"),
        "accounts": _("Tài khoản chính thức"),
        "cases": _("Xử lý vi phạm"),
        "cases.forms": _("Hình thức xử lý"),
        "cases.faults": _("Lỗi vi phạm"),
    }
    return str(words.get(part, part))


def management_label(which: FigureSelection) -> str:
    """Return a label for the rows of a figure of the register, the messages or the own accounts."""
    if which.kind == "licences":
        return str(_("Giấy phép: %(figure)s", figure=value_label("register_figure", which.figure)))
    notices = {
        "sent": _("Lượt nhận thông báo"),
        "read": _("Lượt nhận đã đọc"),
        "to_confirm": _("Lượt phải xác nhận"),
        "confirmed": _("Lượt đã xác nhận nội dung"),
    }
    kinds = {
        "licensed": _("Doanh nghiệp có giấy phép còn hiệu lực"),
        "notices": notices.get(which.figure, _("Thông báo đã gửi đối tác")),
        "briefed": _("Đối tác được gửi thông báo"),
        "questions": _("Câu hỏi của đối tác"),
        "answered": _("Câu hỏi đã trả lời"),
        "accounts": _("Bản tin trên tài khoản chính thức"),
        "account_deliveries": _("Bản tin trên tài khoản chính thức"),
    }
    return str(kinds[which.kind])


def difference_messages(changes: Sequence[FigureChange]) -> list[str]:
    """Return a sentence for each difference: ``Đối tác Báo A, đã xác nhận: 120 → 118``."""
    return [_difference_message(change) for change in changes[:MOST_DIFFERENCES]]


def _difference_message(change: FigureChange) -> str:
    name = change.name
    if change.part == "attribution":
        name = value_label("attribution", Attribution(change.key))
    if change.part in {"register", "register_before"} and change.key:
        name = value_label("site", SiteKind(change.key))
    if change.part == "cases.forms":
        name = value_label("decision_form", DecisionForm(change.key))
    figure = case_figure_label(change.figure) if change.part == "cases" else figure_label(change.figure)
    whose = f"{_part_label(change.part)} {name}".strip()
    return f"{whose}, {figure}: {_value_label(change.before)} → {_value_label(change.after)}"


def _value_label(value: float | None) -> str:
    if value is None:
        return str(_("không có"))
    return formats.number(value, language(), 0 if value % 1 == 0 else 1)
