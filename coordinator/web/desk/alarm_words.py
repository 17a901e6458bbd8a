"""Alarms about the installation as the day's page tells them."""

from campaigns.core.spells import Spell
from coordinator.web import formats
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
    return f"{alarm.code} {alarm.subject}".strip(), ""
