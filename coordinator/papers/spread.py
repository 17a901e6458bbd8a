"""One bulletin's spread as a paper: the time line, and a table of who carried it when and from whom."""

from datetime import date

from campaigns.core.clock import Period, city_day
from campaigns.reporting.spread import Carrier, Spread
from campaigns.tracking.republications import Status
from coordinator.exports.charts import NARROW, WIDE
from coordinator.exports.format import vi_datetime, vi_number
from coordinator.exports.paper import Drawing, Figure, Linked, Paper, Part, columns, linked
from coordinator.exports.tables import Table
from coordinator.exports.timeline import Stop, TimeLine, time_line
from coordinator.papers.voice import Voice, minutes


def spread_paper(told: Spread, voice: Voice) -> Paper:
    """The paper of one bulletin; its main table is the copies."""
    _ = voice.say
    here = f"/desk/bulletins/{told.code}/copies"
    first, last = _first(told, voice), city_day(voice.as_of)
    figures = (
        Figure(_("Bài đã xác nhận"), told.confirmed, href=f"{here}?status=confirmed"),
        Figure(_("Bài chưa kết luận"), len(told.carriers) - told.confirmed, href=here),
        Figure(_("Đối tác có bài"), told.partners),
        Figure(_("Lấy lại từ trang khác"), told.chained),
        Figure(_("Trễ giữa sau giờ phát (phút)"), minutes(told.median)),
    )
    words = []
    if told.released_at is not None:
        words.append(_("Phát lúc %(at)s.", at=vi_datetime(told.released_at, voice.locale)))
    if told.recalled_at is not None:
        words.append(_("Thu hồi lúc %(at)s.", at=vi_datetime(told.recalled_at, voice.locale)))
    table = _table(told, voice)
    parts = (
        Part(_("Tóm tắt"), tuple(words), figures),
        Part(_("Đường thời gian"), drawings=(_drawing(told, voice, table.table),) if told.carriers else ()),
        Part(_("Từng bài theo thời gian"), () if told.carriers else (_("Chưa thấy bài nào."),), tables=(table,)),
    )
    period = Period(min(first, last), last, f"{min(first, last)}..{last}")
    return voice.paper(_("Lan tỏa của %(code)s: %(title)s", code=told.code, title=told.title), period, parts)


def _first(told: Spread, voice: Voice) -> date:
    return city_day(told.released_at if told.released_at is not None else voice.as_of)


def _table(told: Spread, voice: Voice) -> Linked:
    _ = voice.say
    rows = []
    for number, one in enumerate(told.carriers, start=1):
        source = one.taken_from_site or _("từ bản tin")
        hrefs = {"site": f"/desk/republications/{one.id}", "company": f"/desk/partners/{one.company_code}"}
        if one.taken_from is not None:
            hrefs["source"] = f"/desk/republications/{one.taken_from}"
        rows.append(
            (
                (number, one.appeared_at, minutes(one.delay), one.site, one.company, source, one.steps,
                 voice.status(one.status), voice.life(one.life), voice.attribution(one.attribution), one.url),
                hrefs,
            )
        )  # fmt: skip
    return linked(
        _("Ai đăng, lúc nào"),
        columns(
            ("number", _("Thứ tự"), "number"), ("at", _("Đăng lúc"), "datetime"), ("delay", _("Trễ (phút)"), "number"),
            ("site", _("Trang")), ("company", _("Đối tác")), ("source", _("Lấy từ")),
            ("steps", _("Qua mấy trang"), "number"), ("status", _("Trạng thái")), ("life", _("Trên trang")),
            ("attribution", _("Dẫn nguồn")),
            ("url", _("Địa chỉ"), "link"),
        ),
        rows,
    )  # fmt: skip


def _drawing(told: Spread, voice: Voice, table: Table) -> Drawing:
    _ = voice.say
    places = {one.id: number for number, one in enumerate(told.carriers)}
    figure = TimeLine(
        key="spread",
        title=_("Đường thời gian của %(code)s", code=told.code),
        description=_(
            "%(count)s bài, mỗi dòng một bài, từ giờ phát sang phải. Nét đứt nối bài lấy lại với bài gốc của nó; vòng "
            "rỗng là bài chưa kết luận.", count=vi_number(len(told.carriers), 0, voice.locale),
        ),
        begin=_("Giờ phát"),
        stops=[_stop(one, places, voice) for one in told.carriers],
    )  # fmt: skip
    return Drawing(
        figure.title, time_line(figure, WIDE, voice.locale), time_line(figure, NARROW, voice.locale),
        time_line(figure, WIDE, voice.locale), Table(figure.title, table.columns, table.rows),
    )  # fmt: skip


def _stop(one: Carrier, places: dict[str, int], voice: Voice) -> Stop:
    says = f"{one.site}: {vi_datetime(one.appeared_at, voice.locale)}"
    origin = places.get(one.taken_from) if one.taken_from is not None else None
    return Stop(one.site, max(one.delay or 0.0, 0.0), says, origin, one.status is not Status.CONFIRMED)
