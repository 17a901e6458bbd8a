"""The digest of a day or a week as a report: releases, copies, failures, pending work."""

from collections.abc import Callable

from campaigns.core.clock import Period
from campaigns.delivery.outbox import DeliveryState
from campaigns.partners.expiries import EXPIRES_SOON, ExpiringDocument
from campaigns.reporting.table_reports.digest import MOST_FAILURES, Digest, DigestBulletin, DigestCounts, DigestFailure
from coordinator.exports.format import vi_number
from coordinator.exports.table_reports.context import ReportContext, file_label
from coordinator.exports.table_reports.report import Report, ReportFigure, ReportSection
from coordinator.exports.tables import RowColumn, table_of
from coordinator.translation import _, counted


def digest_report(digest: Digest, context: ReportContext) -> Report:
    """Return the report of one digest; its main table is the bulletins."""
    title, stem = (_("Bản tổng hợp ngày"), "ngay") if digest.period.length == 1 else (_("Bản tổng hợp tuần"), "tuan")
    parts = (
        _reach_section(digest, context),
        _released_section(digest),
        _failed_section(digest),
        _waiting_section(digest),
    )
    ending = () if digest.period.length == 1 else (_expiring_section(digest),)
    sections = (*parts, *ending, _checkpoint_section(digest))
    stem = f"tong-hop-{stem}-{file_label(digest.period)}"
    return context.report(title, stem, digest.period, sections, digest.earlier)


def _reach_section(digest: Digest, context: ReportContext) -> ReportSection:
    def compared(label: str, value: Callable[[DigestCounts], int], rows: Callable[[Period], str]) -> ReportFigure:
        return ReportFigure(
            label, value(digest.now), before=value(digest.before), href=rows(digest.period),
            before_href=rows(digest.earlier),
        )  # fmt: skip

    def copies(**asked: str) -> Callable[[Period], str]:
        return lambda period: context.copies(period, **asked)

    figures = (
        compared(_("Bản tin phát hành"), lambda now: now.bulletins, context.bulletins),
        compared(_("Lượt phát đã tới"), lambda now: now.counts.delivered, context.arrivals),
        compared(_("Bài đã thấy"), lambda now: now.counts.found, copies(figure="found")),
        compared(_("Đã xác nhận"), lambda now: now.counts.confirmed, copies(status="confirmed")),
        compared(_("Đối tác có bài"), lambda now: now.partners, context.partners),
        compared(_("Dẫn nguồn đủ"), lambda now: now.counts.attributed,
                 copies(status="confirmed", attribution="linked_at_end")),
        compared(_("Chờ xem xét"), lambda now: now.counts.review, copies(status="review")),
        compared(_("Đã loại"), lambda now: now.counts.rejected, copies(status="rejected")),
        compared(_("Đã gỡ, vẫn tính"), lambda now: now.counts.gone, copies(status="confirmed", life="gone")),
        compared(_("Không đọc được bằng cách này"), lambda now: now.counts.unreadable, copies(figure="unreadable")),
        compared(_("Lượt phát hỏng hoặc chưa rõ"), lambda now: now.failed, context.failures),
    )  # fmt: skip
    return ReportSection(_("Đã phát và đã lan tỏa"), _reported_sentences(digest, context), figures)


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
    columns: tuple[RowColumn[DigestBulletin], ...] = (
        RowColumn("at", _("Phát lúc"), "datetime", lambda bulletin: bulletin.released_at),
        RowColumn("code", _("Mã"), "text", lambda bulletin: bulletin.code,
                  lambda bulletin: f"/desk/bulletins/{bulletin.code}"),
        RowColumn("title", _("Tiêu đề"), "text", lambda bulletin: bulletin.title),
        RowColumn("channels", _("Số kênh"), "number", lambda bulletin: bulletin.reach.channels,
                  lambda bulletin: f"/desk/deliveries?view=all&bulletin={bulletin.code}"),
        RowColumn("delivered", _("Đã tới"), "number", lambda bulletin: bulletin.reach.delivered,
                  lambda bulletin: f"/desk/deliveries?view=all&arrived=1&bulletin={bulletin.code}"),
        RowColumn("confirmed", _("Đã xác nhận"), "number", lambda bulletin: bulletin.reach.confirmed,
                  lambda bulletin: f"/desk/bulletins/{bulletin.code}/copies?status=confirmed"),
        RowColumn("review", _("Chờ xem xét"), "number", lambda bulletin: bulletin.reach.review,
                  lambda bulletin: f"/desk/bulletins/{bulletin.code}/copies?status=review"),
        RowColumn("note", _("Ghi chú"), "text", lambda bulletin: _("đã thu hồi") if bulletin.recalled else None),
    )  # fmt: skip
    words = () if digest.issued else (_("Không phát hành bản tin nào."),)
    return ReportSection(
        _("Bản tin đã phát hành"), words, tables=(table_of(_("Từng bản tin"), columns, digest.issued),)
    )


def _failed_section(digest: Digest) -> ReportSection:
    states = {DeliveryState.DEAD: _("không gửi được"), DeliveryState.UNKNOWN: _("chưa rõ đã tới chưa")}
    columns: tuple[RowColumn[DigestFailure], ...] = (
        RowColumn("bulletin", _("Bản tin"), "text", lambda failure: failure.bulletin,
                  lambda failure: f"/desk/deliveries/{failure.id}"),
        RowColumn("channel", _("Kênh"), "text", lambda failure: failure.channel),
        RowColumn("state", _("Tình trạng"), "text", lambda failure: states[failure.state]),
    )  # fmt: skip
    rows = digest.failures
    note = _("Chỉ nêu %(count)s lượt đầu.", count=MOST_FAILURES) if digest.now.failed > len(rows) else ""
    tables = (table_of(_("Lượt phát cần xử lý"), columns, rows, note),) if rows else ()
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
    if not digest.ending:
        words = _("Không có giấy phép hay văn bản chấp thuận nào sắp hết hiệu lực.")
        return ReportSection(_("Sắp hết hiệu lực, tính tới lúc lập"), (words,))
    kinds, listed = {False: _("Giấy phép"), True: _("Chấp thuận")}, len(digest.ending)
    columns: tuple[RowColumn[ExpiringDocument], ...] = (
        RowColumn("ends_on", _("Ngày cuối"), "date", lambda document: document.ends_on),
        RowColumn("kind", _("Loại"), "text", lambda document: kinds[document.agreed]),
        RowColumn("number", _("Số"), "text", lambda document: document.number),
        RowColumn("name", _("Đối tác"), "text", lambda document: document.name,
                  lambda document: f"/desk/partners/{document.partner}"),
    )  # fmt: skip
    note = _("Chỉ nêu %(count)s văn bản hết hiệu lực sớm nhất trong %(all)s.", count=listed, all=digest.endings)
    title = _("Giấy phép và văn bản chấp thuận hết hiệu lực trong %(days)s ngày tới", days=EXPIRES_SOON.days)
    table = table_of(title, columns, digest.ending, note if digest.endings > listed else "")
    return ReportSection(_("Sắp hết hiệu lực, tính tới lúc lập"), tables=(table,))


def _checkpoint_section(digest: Digest) -> ReportSection:
    words = _(
        "Giữ lại bản này: dòng dưới đây cho biết nhật ký của hệ thống kết thúc ở mục nào khi lập bản này. Sau này, "
        "người quản trị dùng dòng đó để kiểm tra nhật ký có bị cắt bớt hay viết lại hay không."
    )
    return ReportSection(_("Mốc kiểm tra nhật ký"), (words, str(digest.checkpoint)))
