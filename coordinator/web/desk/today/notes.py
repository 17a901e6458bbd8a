"""The sentences of the day's page about what is in order, each with what it claims. Pure functions."""

from dataclasses import dataclass

from coordinator.translation import _, counted, language
from coordinator.web.kit.text import formats


@dataclass(frozen=True)
class SendingFacts:
    """The state of all deliveries. ``troubled``: those that need a person; ``delayed``: those that ought to be sent
    (``pending_work.delayed_deliveries``); ``retrying``: those that failed and are tried again; ``tasks``: those of
    the page."""

    troubled: int = 0
    delayed: int = 0
    retrying: int = 0
    tasks: int = 0


def sending_note(facts: SendingFacts) -> str:
    """Return what is said of deliveries: the most urgent thing that is so."""

    def figure(count: int) -> str:
        return formats.number(count, language())

    if facts.troubled:
        return counted("%(count)s lượt phát đợi người", facts.troubled, count=figure(facts.troubled))
    if facts.delayed:
        return counted("%(count)s lượt phát đang trễ", facts.delayed, count=figure(facts.delayed))
    if facts.retrying:
        return counted("%(count)s lượt phát lỗi, đang thử lại", facts.retrying, count=figure(facts.retrying))
    return _("Không có lượt phát lỗi; còn việc bên dưới") if facts.tasks else _("Không có lượt phát lỗi")


def nothing_to_do_note(*, waiting: int, skipped: int) -> str:
    """Return what an empty list of tasks says. ``waiting``: texts that this reader may approve; ``skipped``: tasks that
    somebody skipped."""
    if waiting:
        return counted(
            "Không có việc nào khác; %(count)s bản tin chờ bạn duyệt.",
            waiting,
            count=formats.number(waiting, language()),
        )
    if skipped:
        return counted(
            "Không còn gì cần xử lý; %(count)s việc đã bỏ qua.", skipped, count=formats.number(skipped, language())
        )
    return _("Không có gì cần xử lý.")
