"""The digest of a day or a week as a report: releases, copies, failures, pending work."""

from campaigns.delivery.outbox import DeliveryState
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.reporting.reports.digest import MOST_FAILURES, Digest
from coordinator.exports.format import vi_number
from coordinator.exports.reports.context import ReportContext
from coordinator.exports.reports.report import (
    LinkedTable,
    Report,
    ReportFigure,
    ReportSection,
    linked_table,
    table_columns,
)
from coordinator.translation import _, counted


def digest_report(digest: Digest, context: ReportContext) -> Report:
    """Return the report of one digest; its main table is the bulletins."""
    title = _("Bản tổng hợp ngày") if digest.period.length == 1 else _("Bản tổng hợp tuần")
    parts = (
        _reach_section(digest, context),
        _released_section(digest),
        _failed_section(digest),
        _waiting_section(digest),
    )
    ending = () if digest.period.length == 1 else (_expiring_section(digest),)
    sections = (*parts, *ending, _checkpoint_section(digest))
    return context.report(title, digest.period, sections, compared=digest.earlier)


def _reach_section(digest: Digest, context: ReportContext) -> ReportSection:
    now, before, period = digest.now.counts, digest.before.counts, digest.period

    def counted(label: str, value: int, was: int, **asked: str) -> ReportFigure:
        hrefs = context.copies(period, **asked), context.copies(digest.earlier, **asked)
        return ReportFigure(label, value, before=was, href=hrefs[0], before_href=hrefs[1])

    return ReportSection(
        _("Đã phát và đã lan tỏa"),
        _reported_sentences(digest, context),
        figures=(
            ReportFigure(
                _("Bản tin phát hành"), digest.now.bulletins, before=digest.before.bulletins,
                href=context.bulletins(period), before_href=context.bulletins(digest.earlier),
            ),
            ReportFigure(
                _("Lượt phát đã tới"), now.delivered, before=before.delivered, href=context.arrivals(period),
                before_href=context.arrivals(digest.earlier),
            ),
            counted(_("Bài đã thấy"), now.found, before.found, figure="found"),
            counted(_("Đã xác nhận"), now.confirmed, before.confirmed, status="confirmed"),
            ReportFigure(
                _("Đối tác có bài"), digest.now.partners, before=digest.before.partners, href=context.partners(period),
                before_href=context.partners(digest.earlier),
            ),
            counted(
                _("Dẫn nguồn đủ"), now.attributed, before.attributed, status="confirmed", attribution="linked_at_end"
            ),
            counted(_("Chờ xem xét"), now.review, before.review, status="review"),
            counted(_("Đã loại"), now.rejected, before.rejected, status="rejected"),
            counted(_("Đã gỡ, vẫn tính"), now.gone, before.gone, status="confirmed", life="gone"),
            counted(_("Không đọc được bằng cách này"), now.unreadable, before.unreadable, figure="unreadable"),
            ReportFigure(
                _("Lượt phát hỏng hoặc chưa rõ"), digest.now.failed, before=digest.before.failed,
                href=context.failures(period), before_href=context.failures(digest.earlier),
            ),
        ),
    )  # fmt: skip


def _reported_sentences(digest: Digest, context: ReportContext) -> tuple[str, ...]:
    """What was reported for the days that are compared with, which the figures beside do not contain."""
    reported, named = digest.reported_before, []
    if reported.bulletins:
        named.append(_("%(count)s bản tin", count=vi_number(reported.bulletins, 0, context.locale)))
    if reported.republications:
        named.append(
            counted(
                "%(count)s lượt lan tỏa",
                reported.republications,
                count=vi_number(reported.republications, 0, context.locale),
            )
        )
    if not named:
        return ()
    words = _(
        "Những ngày được so sánh là trước khi dùng phần mềm. Báo cáo trước: %(figures)s; số so sánh dưới đây chỉ gồm "
        "phần đã kiểm chứng.", figures=", ".join(named),
    )  # fmt: skip
    return (words,)


def _released_section(digest: Digest) -> ReportSection:
    rows = [
        (
            (
                bulletin.released_at,
                bulletin.code,
                bulletin.title,
                bulletin.reach.channels,
                bulletin.reach.delivered,
                bulletin.reach.confirmed,
                bulletin.reach.review,
                _("đã thu hồi") if bulletin.recalled else None,
            ),
            {
                "code": f"/desk/bulletins/{bulletin.code}",
                "channels": f"/desk/deliveries?view=all&bulletin={bulletin.code}",
                "delivered": f"/desk/deliveries?view=all&arrived=1&bulletin={bulletin.code}",
                "confirmed": f"/desk/bulletins/{bulletin.code}/copies?status=confirmed",
                "review": f"/desk/bulletins/{bulletin.code}/copies?status=review",
            },
        )
        for bulletin in digest.issued
    ]
    table = linked_table(
        _("Từng bản tin"),
        table_columns(
            ("at", _("Phát lúc"), "datetime"), ("code", _("Mã")), ("title", _("Tiêu đề")),
            ("channels", _("Số kênh"), "number"), ("delivered", _("Đã tới"), "number"),
            ("confirmed", _("Đã xác nhận"), "number"), ("review", _("Chờ xem xét"), "number"), ("note", _("Ghi chú")),
        ),
        rows,
    )  # fmt: skip
    words = () if rows else (_("Không phát hành bản tin nào."),)
    return ReportSection(_("Bản tin đã phát hành"), words, tables=(table,))


def _failed_section(digest: Digest) -> ReportSection:
    states = {DeliveryState.DEAD: _("không gửi được"), DeliveryState.UNKNOWN: _("chưa rõ đã tới chưa")}
    rows = [
        ((failure.bulletin, failure.channel, states[failure.state]), {"bulletin": f"/desk/deliveries/{failure.id}"})
        for failure in digest.failures
    ]
    note = _("Chỉ nêu %(count)s lượt đầu.", count=MOST_FAILURES) if digest.now.failed > len(rows) else ""
    given = table_columns(("bulletin", _("Bản tin")), ("channel", _("Kênh")), ("state", _("Tình trạng")))
    tables: tuple[LinkedTable, ...] = (linked_table(_("Lượt phát cần xử lý"), given, rows, note),) if rows else ()
    words = () if rows else (_("Không có lượt phát nào hỏng."),)
    sources = ReportFigure(
        _("Nguồn của đối tác đang không đọc được"), digest.failing,
        note=_("trong %(total)s nguồn đang xem; danh sách có các trang của chúng", total=digest.watched),
        href="/desk/partners/_sites?sources=failing",
    )  # fmt: skip
    return ReportSection(_("Những gì hỏng"), words, (sources,) if digest.failing else (), tables=tables)


def _waiting_section(digest: Digest) -> ReportSection:
    waits = digest.waits
    return ReportSection(
        _("Đang chờ người, tính tới lúc lập"),
        figures=(
            ReportFigure(_("Văn bản chờ duyệt"), waits.bulletins, href="/desk/bulletins?state=submitted"),
            ReportFigure(_("Lượt phát chờ xử lý"), waits.deliveries, href="/desk/deliveries?view=needs"),
            ReportFigure(_("Bài chờ xem xét"), waits.republications, href="/desk/republications?status=review"),
            ReportFigure(_("Kênh cần cấp quyền lại"), waits.channels, href="/desk/channels/"),
        ),
    )


def _expiring_section(digest: Digest) -> ReportSection:
    kinds = {False: _("Giấy phép"), True: _("Chấp thuận")}
    rows = [
        (
            (document.ends_on, kinds[document.agreed], document.number, document.name),
            {"name": f"/desk/partners/{document.partner}"},
        )
        for document in digest.ending
    ]
    note = _("Chỉ nêu %(count)s văn bản hết hiệu lực sớm nhất trong %(all)s.", count=len(rows), all=digest.endings)
    given = table_columns(
        ("ends_on", _("Ngày cuối"), "date"), ("kind", _("Loại")), ("number", _("Số")), ("name", _("Đối tác"))
    )
    title = _("Giấy phép và văn bản chấp thuận hết hiệu lực trong %(days)s ngày tới", days=EXPIRES_SOON.days)
    table = linked_table(title, given, rows, note if digest.endings > len(rows) else "")
    words = () if rows else (_("Không có giấy phép hay văn bản chấp thuận nào sắp hết hiệu lực."),)
    return ReportSection(_("Sắp hết hiệu lực, tính tới lúc lập"), words, tables=(table,) if rows else ())


def _checkpoint_section(digest: Digest) -> ReportSection:
    words = _(
        "Giữ lại bản này: dòng dưới đây cho biết nhật ký của hệ thống kết thúc ở mục nào khi lập bản này. Sau này, "
        "người quản trị dùng dòng đó để kiểm tra nhật ký có bị cắt bớt hay viết lại hay không."
    )
    return ReportSection(_("Mốc kiểm tra nhật ký"), (words, str(digest.checkpoint)))
