"""The rows behind a figure of a briefing, on a page of their own."""

from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.reporting import behind
from campaigns.reporting.behind import Slice
from campaigns.reporting.briefing import period_before
from campaigns.reporting.reading import Scope
from coordinator.web.desk import briefing_differences, listing, periods
from coordinator.web.desk.elsewhere import bulletin_page, partner_page
from coordinator.web.saying import _


def address(endpoint: str, public: str, which: Slice, period: str) -> str:
    """Where the rows behind a figure are."""
    values = {"kind": which.kind, "figure": which.figure, "by": which.by, "key": which.key, "period": period}
    given: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for(endpoint, public=public, **given)


def slice_words(which: Slice) -> str:
    """What the rows of a figure are, in words."""
    kinds = {
        "delivered": _("Bản tin đã tới kênh"),
        "bulletins": _("Bản tin đã phát hành"),
        "partners": _("Đối tác có lượt đã xác nhận"),
        "corrections": _("Bản tin được đính chính"),
        "recalls": _("Bản tin bị thu hồi"),
        "removed": _("Bài đã gỡ sau thu hồi"),
        "still_up": _("Bài chưa gỡ sau thu hồi"),
    }
    if which.kind in kinds:
        return str(kinds[which.kind])
    return str(_("Lượt lan tỏa: %(figure)s", figure=briefing_differences.figure_words(which.figure)))


def rows_page(session: Session, scope: Scope, back: tuple[str, str]) -> str:
    """The rows behind the figure that the address names, fifty a page."""
    asked = request.args
    if asked.get("period") == "before":
        scope = Scope(period_before(scope.period), scope.campaign_id, as_of=scope.as_of, topics=scope.topics)
    which = Slice(asked.get("kind", ""), asked.get("figure", ""), asked.get("by", ""), asked.get("key", ""))
    part = listing.cut(behind.rows_behind(session, scope, which))
    return render_template(
        "briefings/rows.html",
        part=part, back=back, which=which, period=periods.period_name(scope.period), bulletin_page=bulletin_page,
        partner_page=partner_page,
        words=slice_words(which),
    )  # fmt: skip
