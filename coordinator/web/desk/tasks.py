"""What needs somebody today, each with the one act that helps, most pressing first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from flask_babel import ngettext
from sqlalchemy.orm import Session

from campaigns.core import spells
from campaigns.core.clock import city_day
from campaigns.people.staff import Actor, May
from campaigns.publishing import broadcasts, series, urgent
from campaigns.publishing.bulletins import Bulletin, Revision, State
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import OPEN, Delivery, DeliveryState, Natures
from campaigns.publishing.series import Place, Standing
from campaigns.reporting import removals
from campaigns.reporting.waiting import in_review
from campaigns.talking import questions, readers
from campaigns.tracking import answers
from campaigns.tracking.answers import Said
from coordinator.web import formats
from coordinator.web.desk import alarm_words, delivery_rows, source_rows
from coordinator.web.desk.delivery_rows import DeliveryRow
from coordinator.web.desk.delivery_trouble import Help
from coordinator.web.desk.elsewhere import page_of
from coordinator.web.desk.finding_tasks import finding_tasks
from coordinator.web.desk.source_words import trouble_words
from coordinator.web.look import language
from coordinator.web.saying import _
from coordinator.web.wording import name_for

MOST_SOURCES = 4  # likewise; the partners' list has a filter for them all
MISSED_DAYS, MOST_PLACES = 7, 4  # days back that a missed day is told of, and how many at once
MOST_NOTICES = 3  # whose deadline is over
MOST_FAILING = 4
MOST_DELIVERIES = 4  # on the day's page; the list of deliveries has them all


@dataclass(frozen=True)
class Task:
    """One thing to do. ``post``: the button acts by itself; else it leads to the page where it is done."""

    icon: str
    ink: str
    title: str
    advice: str
    button: str = ""
    url: str | None = None
    post: bool = False


def _figure(count: int) -> str:
    return formats.number(count, language())


def tasks(session: Session, who: Actor, natures: Natures, *, now: datetime) -> list[Task]:
    """Everything that waits for a person, with a button only where this one may press it."""
    return [
        *_alarms(session, now),
        *_missed(session, who, now),
        *_unauthorised(session, who),
        *_failing(session, now),
        *_deliveries(session, who, natures, now),
        *_broadcasts(session, who),
        *_returned(session, who),
        *_one_signature(session, who),
        *_untimed(session, who),
        *_review(session, who),
        *_answered(session, who),
        *_asked(session, who),
        *[Task(*one) for one in finding_tasks(session, who, now=now)],
        *_overdue(session, who, now),
        *_pressing(session, who, now),
        *_sources(session, who, now),
    ]


def _alarms(session: Session, now: datetime) -> list[Task]:
    """What is wrong with the installation itself, mostly without a button, since it is put right elsewhere; and with a
    plan."""
    found = []
    for alarm in spells.ongoing(session):
        if alarm.code not in alarm_words.TOLD_ELSEWHERE:
            title, advice = alarm_words.alarm_words(alarm)
            since = _("Từ %(since)s.", since=formats.short_moment(alarm.raised_at, now, language()))
            button, page = alarm_words.alarm_page(alarm)
            found.append(Task("alert", "bad", title, f"{since} {advice}".strip(), button, page))
    return found


def _missed(session: Session, who: Actor, now: datetime) -> list[Task]:
    """Days of series whose time has passed with nothing out, and those still to come today without a bulletin."""
    today = city_day(now)
    places = series.places(session, today - timedelta(days=MISSED_DAYS), today, now=now)
    gone = [place for place in places if place.standing is Standing.MISSED]
    near = [place for place in places if place.day == today and place.standing in {Standing.EMPTY, Standing.WRITING}]
    found = []
    for place in gone[-MOST_PLACES:]:
        title = _("Thiếu “%(name)s” ngày %(day)s", name=place.name, day=formats.day_month(place.day))
        found.append(_of_place(place, who, "bad", title, _("Phát bù, hoặc ghi lý do bỏ hôm đó.")))
    for place in near[:MOST_PLACES]:
        at = formats.time_of_day(place.at)
        title = _("“%(name)s” lúc %(at)s hôm nay chưa hẹn giờ", name=place.name, at=at)
        begun = place.standing is Standing.WRITING
        advice = _("Đang soạn; còn phải duyệt và hẹn giờ.") if begun else _("Chưa có ai soạn.")
        found.append(_of_place(place, who, "wait", title, advice))
    return found


def _of_place(place: Place, who: Actor, ink: str, title: str, advice: str) -> Task:
    url = url_for("calendar.place", public=place.series, day=place.day.isoformat())
    return Task("cal", ink, title, advice, _("Xử lý") if who.may(May.WRITE) else _("Xem"), url)


def _unauthorised(session: Session, who: Actor) -> list[Task]:
    held = sa.func.count(Delivery.id)
    query = (
        sa.select(Channel, held)
        .outerjoin(Delivery, sa.and_(Delivery.channel_id == Channel.id, Delivery.state.in_(OPEN)))
        .where(Channel.state == ChannelState.NEEDS_AUTHORISATION)
        .group_by(Channel.id)
        .order_by(Channel.name)
    )
    found = []
    for channel, waiting in session.execute(query):
        grants = page_of("channels.zalo.begin", code=channel.code) if channel.kind == "zalo" else None
        found.append(
            Task(
                "key",
                "wait",
                _("%(name)s cần cấp quyền lại", name=channel.name),
                ngettext(
                    "%(count)s lượt phát đang đợi; cấp quyền xong sẽ tự gửi tiếp, không gửi trùng.",
                    "%(count)s lượt phát đang đợi; cấp quyền xong sẽ tự gửi tiếp, không gửi trùng.",
                    waiting,
                    count=_figure(waiting),
                )
                if waiting
                else _("Chưa có lượt phát nào đang đợi."),
                _("Cấp quyền lại") if who.may(May.CONFIGURE) else "",
                grants or page_of("channels.page", code=channel.code),
            )
        )
    return found


def _failing(session: Session, now: datetime) -> list[Task]:
    """Channels that have failed for days and administrators were told of."""
    held = sa.func.count(Delivery.id)
    query = (
        sa.select(Channel, held)
        .outerjoin(Delivery, sa.and_(Delivery.channel_id == Channel.id, Delivery.state.in_(OPEN)))
        .where(Channel.alarmed_at.is_not(None), Channel.state.in_((ChannelState.ACTIVE, ChannelState.FAILING)))
        .group_by(Channel.id)
        .order_by(Channel.failing_since)
        .limit(MOST_FAILING)
    )
    found = []
    for channel, waiting in session.execute(query):
        since = formats.short_moment(channel.failing_since or now, now, language())
        title = _("%(name)s lỗi từ %(since)s", name=channel.name, since=since)
        advice = _(
            "%(failures)s lần lỗi liền, chưa lượt nào tới; %(waiting)s lượt đang đợi. Hỏi bên nhận.",
            failures=_figure(channel.failures), waiting=_figure(waiting),
        )  # fmt: skip
        found.append(Task("alert", "bad", title, advice, _("Xem"), page_of("channels.page", code=channel.code)))
    return found


def _deliveries(session: Session, who: Actor, natures: Natures, now: datetime) -> list[Task]:
    part = delivery_rows.rows(session, delivery_rows.Asked(needs=True), natures, 1, now=now)
    # What a channel without authorisation holds is told once, by the channel.
    telling = [row for row in part.rows if row.trouble is not None and row.trouble.help is not Help.CHANNEL]
    return [_delivery(row, who) for row in telling[:MOST_DELIVERIES]]


def _delivery(row: DeliveryRow, who: Actor) -> Task:
    assert row.trouble is not None  # noqa: S101  # the caller has left the others out
    advice = f"{row.title}. {row.trouble.words} {row.trouble.advice}".strip()
    page = page_of("deliveries.show", ident=row.id)
    retries = who.may(May.APPROVE) or who.may(May.CONFIGURE)
    settles = who.may(May.APPROVE) or who.may(May.REVIEW)
    if row.state is DeliveryState.UNKNOWN:
        title = _("Chưa rõ %(code)s đã lên %(channel)s hay chưa", code=row.bulletin, channel=row.channel)
        return Task("ask", "wait", title, advice, _("Kết luận…") if settles else "", page)
    if row.trouble.help is Help.SETTLE:
        title = _("%(code)s tới %(channel)s đã trễ", code=row.bulletin, channel=row.channel)
        return Task("clock", "wait", title, advice, _("Quyết định…") if settles else "", page)
    if row.trouble.help is Help.POST:
        title = _("%(code)s cần người đăng lên %(channel)s", code=row.bulletin, channel=row.channel)
        return Task("person", "move", title, advice, _("Đăng…") if settles else "", page)
    title = _("%(channel)s không nhận được %(code)s", code=row.bulletin, channel=row.channel)
    if row.trouble.help is Help.RETRY and retries:
        return Task("alert", "bad", title, advice, _("Thử lại ngay"), page_of("deliveries.retry", ident=row.id), True)
    return Task("alert", "bad", title, advice, _("Xem"), page)


def _broadcasts(session: Session, who: Actor) -> list[Task]:
    """What may or may not have gone to followers: nothing is sent again until somebody has looked."""
    settles = who.may(May.APPROVE) or who.may(May.REVIEW)
    return [
        Task(
            "ask", "wait",
            _("Chưa rõ %(code)s đã phát tới người quan tâm của %(channel)s hay chưa", code=code, channel=channel),
            _("Xem mục tin đã gửi của Official Account rồi ghi kết luận. Máy không tự gửi lại."),
            _("Kết luận…") if settles else "",
            page_of("deliveries.show", ident=delivery),
        )
        for code, channel, delivery in broadcasts.waiting_for_person(session)[:MOST_DELIVERIES]
    ]  # fmt: skip


def _returned(session: Session, who: Actor) -> list[Task]:
    query = (
        sa.select(Bulletin.code, Revision.title, Bulletin.return_note, Bulletin.state)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.writer == who.id, Bulletin.state == State.DRAFT, Bulletin.return_note != "")
        .order_by(Bulletin.edited_at.desc())
        .limit(5)
    )
    return [
        Task("undo", "wait", _("Trả lại để sửa: %(title)s", title=title), f"“{note}”", _("Sửa"),
             url_for("bulletins.edit", code=code))
        for code, title, note, _state in session.execute(query)
    ]  # fmt: skip


def _one_signature(session: Session, who: Actor) -> list[Task]:
    """What went out with one signature stays here until a second person has read it."""
    found = []
    for release, code, title in urgent.waiting(session):
        mine = who.may(May.APPROVE) and release.signer != who.id
        advice = _(
            "%(who)s phát lúc %(at)s, chưa ai đọc lại. Lý do: “%(why)s”",
            who=release.signer_name, at=formats.full_moment(release.at), why=release.reason,
        )  # fmt: skip
        page = url_for("bulletins.urgent_review", code=code) if mine else url_for("bulletins.show", code=code)
        heading = _("Phát gấp, một chữ ký: %(title)s", title=title)
        found.append(Task("flag", "wait", heading, advice, _("Đọc lại") if mine else _("Xem"), page))
    return found


def _untimed(session: Session, who: Actor) -> list[Task]:
    query = sa.select(sa.func.count()).select_from(Bulletin).where(Bulletin.state == State.APPROVED)
    count = session.execute(query).scalar_one()
    if not count or not who.may(May.APPROVE):
        return []
    title = ngettext(
        "%(count)s bản tin đã duyệt, chưa có giờ phát",
        "%(count)s bản tin đã duyệt, chưa có giờ phát",
        count,
        count=_figure(count),
    )
    return [Task("clock", "move", title, _("Chưa ai bên ngoài thấy."), _("Xếp giờ"), url_for("calendar.index"))]


def _sources(session: Session, who: Actor, now: datetime) -> list[Task]:
    """Sources that have failed for a day or fallen silent: copies may be missed there, whatever the figures say."""
    found = source_rows.alarms(session, MOST_SOURCES, now=now)
    tasks = []
    for one in found:
        kind = name_for("source", one.kind, language())
        since = formats.short_moment(one.since, now, language())
        if one.silent:
            title = _("%(site)s im lặng: %(kind)s không nêu bài mới", site=one.site, kind=kind.lower())
            advice = _("Từ %(since)s. Có thể nguồn đã chuyển chỗ; bài đăng lại ở đó có thể bị sót.", since=since)
        else:
            title = _("Không đọc được %(site)s (%(kind)s)", site=one.site, kind=kind.lower())
            what, helps = trouble_words(one.trouble)
            advice = _("%(what)s, từ %(since)s. %(helps)s", what=what, since=since, helps=helps)
        page = url_for("partners.page", code=one.partner, _anchor="trang")
        if who.may(May.CONFIGURE):
            look = url_for("partners.sites.look", site_code=one.site_code)
            tasks.append(Task("globe", "wait", title, advice, _("Xem lại ngay"), look, True))
        else:
            tasks.append(Task("globe", "wait", title, advice, _("Xem"), page))
    return tasks


def _review(session: Session, who: Actor) -> list[Task]:
    count = in_review(session)
    url = page_of("republications.review.queue")
    if not count or not who.may(May.REVIEW) or url is None:
        return []
    title = ngettext(
        "%(count)s bài đăng lại chờ xem xét", "%(count)s bài đăng lại chờ xem xét", count, count=_figure(count)
    )
    return [Task("eye", "move", title, _("Chỉ tính vào kết quả sau khi có người kết luận."), _("Xem xét"), url)]


def _answered(session: Session, who: Actor) -> list[Task]:
    """What partners said to what was found on their copies, and nobody has dealt with yet."""
    url = page_of("republications.index", status="all", answered="1")
    if not who.may(May.REVIEW) or url is None:
        return []
    waiting = answers.waiting(session)
    found = []
    if count := waiting.get(Said.DISAGREE, 0):
        title = ngettext(
            "%(count)s câu trả lời không đồng ý", "%(count)s câu trả lời không đồng ý", count, count=_figure(count)
        )
        queue = page_of("republications.review.queue", doubt="partner_disagrees")
        advice = _("Câu trả lời nằm cạnh bằng chứng; kết luận cũ giữ nguyên cho tới khi có người xem.")
        found.append(Task("flag", "wait", title, advice, _("Xem xét"), queue))
    if count := waiting.get(Said.NOTE, 0):
        title = ngettext(
            "%(count)s lời giải thích của đối tác chưa ai đọc",
            "%(count)s lời giải thích của đối tác chưa ai đọc",
            count,
            count=_figure(count),
        )
        found.append(Task("mail", "move", title, _("Đọc rồi bấm “Đã xem” ở trang của bài."), _("Đọc"), url))
    return found


def _asked(session: Session, who: Actor) -> list[Task]:
    """Questions of partners that nobody has answered yet."""
    count = questions.waiting(session)
    url = page_of("questions.index")
    if not count or not who.may(May.ANSWER) or url is None:
        return []
    title = ngettext(
        "%(count)s câu hỏi của đối tác chờ trả lời",
        "%(count)s câu hỏi của đối tác chờ trả lời",
        count,
        count=_figure(count),
    )
    return [Task("mail", "move", title, _("Câu chờ lâu nhất đứng đầu."), _("Trả lời"), url)]


def _overdue(session: Session, who: Actor, now: datetime) -> list[Task]:
    """Notices that partners have not read or confirmed by their day."""
    found = []
    for notice, late in readers.overdue(session, MOST_NOTICES, now=now) if who.may(May.TELL) else []:
        title = ngettext(
            "%(count)s đối tác quá hạn với “%(title)s”", "%(count)s đối tác quá hạn với “%(title)s”", late,
            count=_figure(late), title=notice.title,
        )  # fmt: skip
        advice = _("Chưa đọc, hoặc chưa xác nhận; nên gọi cho họ.")
        found.append(Task("bell", "wait", title, advice, _("Xem ai"), page_of("notices.show", public=notice.public)))
    return found


def _pressing(session: Session, who: Actor, now: datetime) -> list[Task]:
    """Copies of recalled bulletins that stay up, and old texts that stay old, for more than a day."""
    late = removals.pressing(session, now=now)
    url = page_of("removals.index")
    if not who.may(May.READ) or url is None:
        return []
    found = []
    if late.recalled:
        title = ngettext(
            "%(count)s bài của bản tin đã thu hồi còn trên trang đối tác",
            "%(count)s bài của bản tin đã thu hồi còn trên trang đối tác",
            late.recalled,
            count=_figure(late.recalled),
        )
        found.append(Task("undo", "bad", title, _("Đã quá một ngày; nên gọi cho đối tác."), _("Đôn đốc"), url))
    if late.old:
        title = ngettext(
            "%(count)s bài còn mang bản cũ sau đính chính",
            "%(count)s bài còn mang bản cũ sau đính chính",
            late.old,
            count=_figure(late.old),
        )
        found.append(Task("pen", "wait", title, _("Đã quá một ngày mà chưa sửa theo."), _("Đôn đốc"), url))
    return found
