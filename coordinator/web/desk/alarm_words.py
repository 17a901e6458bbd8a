"""Alarms about the installation as the day's page tells them."""

from campaigns.core.spells import Spell
from campaigns.planning.campaigns import Metric
from coordinator.web import formats
from coordinator.web.desk.elsewhere import page_of
from coordinator.web.look import language
from coordinator.web.saying import _

# Told by other tasks of the day's page already, each with the act that helps.
TOLD_ELSEWHERE = frozenset({"channel_unauthorised", "deliveries_dead"})


def alarm_words(alarm: Spell) -> tuple[str, str]:
    """What is wrong, and what helps. A code without words is shown as it is: nothing that is wrong is hidden."""

    def figure(name: str) -> str:
        return formats.number(int(alarm.details.get(name, 0)), language())

    if alarm.code == "no_clock":
        return _("Đồng hồ không chạy: không có gì tự phát hành"), _("Khởi động lại tiến trình lantoa clock.")
    if alarm.code == "deliveries_late":
        title = _("Lượt phát đang trễ, có lúc %(count)s phút", count=figure("minutes"))
        return title, _("Xem tiến trình lantoa work còn chạy không.")
    if alarm.code == "sites_failing":
        title = _("%(count)s nguồn cùng không đọc được", count=figure("failing"))
        return title, _("Nhiều trang hỏng một lúc thường là do đường truyền của mình.")
    if alarm.code == "reports_unsent":
        title = _("%(count)s thư báo cáo định kỳ chưa gửi được", count=figure("count"))
        return title, _("Xem máy chủ thư, rồi quyết định từng thư ở mục Báo cáo, phần Gửi định kỳ.")
    if alarm.code == "disk_nearly_full":
        title = _("Đĩa dữ liệu của máy %(name)s sắp đầy", name=alarm.subject)
        return title, _("Còn %(count)s MB. Dọn bớt hoặc thêm chỗ trước khi đầy.", count=figure("free_mb"))
    if alarm.code == "target_behind":
        title = _("Chỉ tiêu đang chậm: %(name)s", name=alarm.details.get("name", alarm.subject))
        advice = _("Khi báo: đã đạt %(actual)s, dự báo %(forecast)s trên %(quota)s.",
                   **{name: _measured(alarm, name) for name in ("actual", "forecast", "quota")})  # fmt: skip
        return title, advice
    if alarm.code == "milestone_missed":
        title = _("Lỡ mốc: %(name)s", name=alarm.details.get("name", alarm.subject))
        return title, _("Cuối ngày ấy được %(reached)s.", reached=_measured(alarm, "reached"))
    return f"{alarm.code} {alarm.subject}".strip(), ""


def alarm_page(alarm: Spell) -> tuple[str, str | None]:
    """The button and the page that helps; ("", None) where it is put right elsewhere."""
    campaign = alarm.details.get("campaign")
    if alarm.code in {"target_behind", "milestone_missed"} and campaign:
        return _("Xem tiến độ"), page_of("progress.index", campaign=campaign)
    return "", None


def _measured(alarm: Spell, name: str) -> str:
    """A figure of a target: whole where it is a count, with a decimal where it is a rate or hours."""
    level = alarm.details.get("metric") in {Metric.ATTRIBUTION_RATE.value, Metric.MEDIAN_DELAY.value}
    return formats.number(float(alarm.details.get(name, 0)), language(), 1 if level else 0)
