"""One partner's report as a paper, the same for the partner in its portal and for the desk."""

from collections.abc import Callable
from datetime import timedelta

from campaigns.reporting.owed import Owing
from campaigns.reporting.partner_results import MOST_COPIES, OwnCopy, PartnerResults
from campaigns.reporting.score import LEAST_COPIES, Score
from coordinator.exports.charts import NARROW, WIDE, Bar, StackedBars, stacked_bars
from coordinator.exports.format import vi_day
from coordinator.exports.paper import Drawing, Figure, Linked, Paper, Part, columns, linked
from coordinator.exports.tables import Table, Value
from coordinator.papers.voice import Voice, minutes


def partner_paper(told: PartnerResults, voice: Voice, copy_page: Callable[[OwnCopy], str]) -> Paper:
    """The paper of one partner; its main table is the copies. ``copy_page``: the address of a copy's page."""
    _ = voice.say
    parts = (_figures(told, voice), _weeks(told, voice), _owed(told, voice), _copies(told, voice, copy_page))
    title = _("Kết quả của %(name)s", name=told.name)
    return voice.paper(title, told.period, parts, compared=told.earlier)


def _figures(told: PartnerResults, voice: Voice) -> Part:
    _ = voice.say
    now, before, period, code = told.now, told.before, told.period, told.code

    def share(one: Score, part: int) -> float | None:
        return one.share(part)

    figures = [
        Figure(_("Bản tin Sở đã gửi"), now.delivered, before=before.delivered),
        Figure(_("Bài đã thấy"), now.found, before=before.found, href=voice.copies(period, partner=code)),
        Figure(
            _("Bài được tính"), now.confirmed, before=before.confirmed,
            href=voice.copies(period, partner=code, status="confirmed"),
        ),
        Figure(_("Nêu tên nguồn"), now.named, before=before.named),
        Figure(_("Có đường dẫn tới bản tin"), now.linked, before=before.linked),
        Figure(
            _("Đường dẫn ở cuối bài"), now.at_end, before=before.at_end,
            href=voice.copies(period, partner=code, status="confirmed", attribution="linked_at_end"),
        ),
        Figure(
            _("Tỷ lệ dẫn nguồn đủ"), share(now, now.at_end), "percent", share(before, before.at_end),
            "" if now.telling else _("chưa đủ %(count)s bài để tính tỷ lệ", count=LEAST_COPIES),
        ),
        Figure(_("Trễ giữa sau giờ phát (phút)"), minutes(now.delay), before=minutes(before.delay)),
        Figure(_("Bài đã gỡ sau thu hồi"), now.removed, before=before.removed),
        Figure(_("Bài thu hồi còn trên trang"), now.still_up, before=before.still_up),
    ]  # fmt: skip
    words: tuple[str, ...] = ()
    if told.usual is not None:
        words = (
            _("Mức thường gặp của %(count)s đối tác đủ bài: dẫn nguồn đủ %(share)s phần trăm.",
              count=told.usual.partners, share=round(told.usual.at_end * 100)),
        )  # fmt: skip
    return Part(_("Số liệu trong kỳ"), words, tuple(figures))


def _weeks(told: PartnerResults, voice: Voice) -> Part:
    _ = voice.say
    counts = [(one.first, one.total) for one in told.weeks]
    figure = StackedBars(
        key="weeks",
        title=_("Bài được tính theo tuần"),
        description=_("Mỗi cột một tuần, bắt đầu từ Thứ Hai."),
        series=(_("Bài được tính"),),
        bars=[Bar(vi_day(first, voice.locale), (float(count),)) for first, count in counts],
        note=_("Nhãn là ngày Thứ Hai của tuần."),
    )
    given = columns(("first", _("Tuần từ"), "date"), ("last", _("đến"), "date"), ("count", _("Bài"), "number"))
    table = Table(figure.title, given, [(first, first + timedelta(days=6), count) for first, count in counts])
    drawing = Drawing(
        figure.title, stacked_bars(figure, WIDE, voice.locale), stacked_bars(figure, NARROW, voice.locale),
        stacked_bars(figure, WIDE, voice.locale, with_key=True), table,
    )  # fmt: skip
    return Part(_("Theo tuần"), drawings=(drawing,))


def _owed(told: PartnerResults, voice: Voice) -> Part:
    _ = voice.say
    words = {
        Owing.RECALLED: _("Bài của bản tin đã thu hồi, phải gỡ"),
        Owing.OLD_TEXT: _("Bài mang văn bản cũ, phải thay"),
        Owing.CONFIRM: _("Thông báo phải xác nhận"),
        Owing.READ: _("Thông báo chưa đọc"),
        Owing.MEND: _("Bài nên sửa"),
    }
    rows: list[tuple[tuple[Value, ...], dict[str, str]]] = [
        ((words[one.what], one.count, one.late), {}) for one in told.owed
    ]
    given = columns(("what", _("Việc")), ("count", _("Số việc"), "number"), ("late", _("Quá hạn"), "number"))
    tables: tuple[Linked, ...] = (linked(_("Việc đang mở"), given, rows),) if rows else ()
    return Part(_("Việc đang mở, tính tới lúc lập"), () if rows else (_("Không có việc nào đang mở."),), tables=tables)


def _copies(told: PartnerResults, voice: Voice, copy_page: Callable[[OwnCopy], str]) -> Part:
    _ = voice.say
    rows = [
        (
            (one.appeared_at, one.bulletin, one.title, one.site, voice.attribution(one.attribution),
             voice.life(one.life), one.url),
            {"title": copy_page(one)},
        )
        for one in told.copies
    ]  # fmt: skip
    note = _("Chỉ nêu %(count)s bài đầu của kỳ.", count=MOST_COPIES) if told.now.confirmed > len(rows) else ""
    table = linked(
        _("Từng bài được tính"),
        columns(
            ("at", _("Đăng lúc"), "datetime"), ("bulletin", _("Bản tin")), ("title", _("Tiêu đề")),
            ("site", _("Trang")), ("attribution", _("Dẫn nguồn")), ("life", _("Trên trang")),
            ("url", _("Địa chỉ"), "link"),
        ),
        rows,
        note,
    )  # fmt: skip
    return Part(_("Bài được tính"), () if rows else (_("Chưa có bài nào được tính trong kỳ."),), tables=(table,))
