"""A day's or a week's digest as a paper: what went out, what came back, what failed, what waits."""

from campaigns.partners.ending import SOON
from campaigns.publishing.outbox import DeliveryState
from campaigns.reporting.digests import MOST_FAILURES, Digest
from coordinator.exports.paper import Figure, Linked, Paper, Part, columns, linked
from coordinator.papers.voice import Voice


def digest_paper(told: Digest, voice: Voice) -> Paper:
    """The paper of one digest; its main table is the bulletins."""
    _ = voice.say
    title = _("Bản tổng hợp ngày") if told.period.length == 1 else _("Bản tổng hợp tuần")
    parts = (_came_back(told, voice), _went_out(told, voice), _failed(told, voice), _waits(told, voice))
    ending = () if told.period.length == 1 else (_ending(told, voice),)
    return voice.paper(title, told.period, (*parts, *ending), compared=told.earlier)


def _came_back(told: Digest, voice: Voice) -> Part:
    _ = voice.say
    now, before, period = told.now.counts, told.before.counts, told.period

    def figure(label: str, value: int, was: int, **asked: str) -> Figure:
        return Figure(label, value, before=was, href=voice.copies(period, **asked))

    return Part(
        _("Đã phát và đã lan tỏa"),
        figures=(
            Figure(_("Bản tin phát hành"), told.now.bulletins, before=told.before.bulletins),
            Figure(_("Lượt phát đã tới"), now.delivered, before=before.delivered),
            figure(_("Bài đã thấy"), now.found, before.found),
            figure(_("Đã xác nhận"), now.confirmed, before.confirmed, status="confirmed"),
            Figure(_("Đối tác có bài"), told.now.partners, before=told.before.partners),
            figure(
                _("Dẫn nguồn đủ"), now.attributed, before.attributed, status="confirmed", attribution="linked_at_end"
            ),
            figure(_("Chờ xem xét"), now.review, before.review, status="review"),
            figure(_("Đã loại"), now.rejected, before.rejected, status="rejected"),
            figure(_("Đã gỡ, vẫn tính"), now.gone, before.gone, status="confirmed", life="gone"),
            Figure(
                _("Lượt phát hỏng hoặc chưa rõ"), told.now.failed, before=told.before.failed,
                href="/desk/deliveries?view=needs" if told.now.failed else "",
            ),
        ),
    )  # fmt: skip


def _went_out(told: Digest, voice: Voice) -> Part:
    _ = voice.say
    rows = [
        (
            (one.released_at, one.code, one.title, one.reach.channels, one.reach.delivered, one.reach.confirmed,
             one.reach.review, _("đã thu hồi") if one.recalled else None),
            {
                "code": f"/desk/bulletins/{one.code}",
                "confirmed": f"/desk/bulletins/{one.code}/copies?status=confirmed",
                "review": f"/desk/bulletins/{one.code}/copies?status=review",
            },
        )
        for one in told.issued
    ]  # fmt: skip
    table = linked(
        _("Từng bản tin"),
        columns(
            ("at", _("Phát lúc"), "datetime"), ("code", _("Mã")), ("title", _("Tiêu đề")),
            ("channels", _("Số kênh"), "number"), ("delivered", _("Đã tới"), "number"),
            ("confirmed", _("Đã xác nhận"), "number"), ("review", _("Chờ xem xét"), "number"), ("note", _("Ghi chú")),
        ),
        rows,
    )  # fmt: skip
    words = () if rows else (_("Không phát hành bản tin nào."),)
    return Part(_("Bản tin đã phát hành"), words, tables=(table,))


def _failed(told: Digest, voice: Voice) -> Part:
    _ = voice.say
    states = {DeliveryState.DEAD: _("không gửi được"), DeliveryState.UNKNOWN: _("chưa rõ đã tới chưa")}
    rows = [
        ((one.bulletin, one.channel, states[one.state]), {"bulletin": f"/desk/deliveries/{one.id}"})
        for one in told.failures
    ]
    note = _("Chỉ nêu %(count)s lượt đầu.", count=MOST_FAILURES) if told.now.failed > len(rows) else ""
    given = columns(("bulletin", _("Bản tin")), ("channel", _("Kênh")), ("state", _("Tình trạng")))
    tables: tuple[Linked, ...] = (linked(_("Lượt phát cần người xử lý"), given, rows, note),) if rows else ()
    words = [] if rows else [_("Không có lượt phát nào hỏng.")]
    if told.failing:
        words.append(
            _("%(count)s trong %(total)s nguồn của đối tác đang không đọc được.", count=told.failing,
              total=told.watched)
        )  # fmt: skip
    return Part(_("Những gì hỏng"), tuple(words), tables=tables)


def _waits(told: Digest, voice: Voice) -> Part:
    _ = voice.say
    waits = told.waits
    return Part(
        _("Đang chờ người, tính tới lúc lập"),
        figures=(
            Figure(_("Văn bản chờ duyệt"), waits.bulletins, href="/desk/bulletins?state=submitted"),
            Figure(_("Lượt phát chờ xử lý"), waits.deliveries, href="/desk/deliveries?view=needs"),
            Figure(_("Bài chờ xem xét"), waits.republications, href="/desk/republications?status=review"),
            Figure(_("Kênh cần cấp quyền lại"), waits.channels, href="/desk/channels/"),
        ),
    )


def _ending(told: Digest, voice: Voice) -> Part:
    _ = voice.say
    kinds = {False: _("Giấy phép"), True: _("Chấp thuận")}
    rows = [
        ((one.ends_on, kinds[one.agreed], one.number, one.name), {"name": f"/desk/partners/{one.partner}"})
        for one in told.ending
    ]
    note = _("Chỉ nêu %(count)s văn bản hết hiệu lực sớm nhất trong %(all)s.", count=len(rows), all=told.endings)
    given = columns(
        ("ends_on", _("Ngày cuối"), "date"), ("kind", _("Loại")), ("number", _("Số")), ("name", _("Đối tác"))
    )
    title = _("Giấy phép và văn bản chấp thuận hết hiệu lực trong %(days)s ngày tới", days=SOON.days)
    table = linked(title, given, rows, note if told.endings > len(rows) else "")
    words = () if rows else (_("Không có giấy phép hay văn bản chấp thuận nào sắp hết hiệu lực."),)
    return Part(_("Sắp hết hiệu lực, tính tới lúc lập"), words, tables=(table,) if rows else ())
