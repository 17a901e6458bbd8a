"""The day's tasks, each with the one action that helps, most urgent first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, BulletinState, Revision
from campaigns.channels import rate_limits
from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import incidents
from campaigns.core.clock import city_day
from campaigns.core.incidents import Incident
from campaigns.delivery import backlog, broadcasts, outbox
from campaigns.delivery.backlog import Backlog
from campaigns.delivery.outbox import OPEN_STATES, Delivery, DeliveryFilter, DeliveryModes, DeliveryState
from campaigns.messages import notice_readers, questions, task_decisions
from campaigns.messages.task_decisions import Decided
from campaigns.people.powers.account_messages import AccountEvent
from campaigns.people.powers.identities import people_behind
from campaigns.people.staff import Actor, Permission, Person
from campaigns.planning.campaigns import Metric
from campaigns.release import series, urgent_releases
from campaigns.release.series import Occurrence, SeriesDayStatus
from campaigns.reporting import many_addresses, removals
from campaigns.reporting.pending_work import ChannelDelay, in_review_count
from campaigns.republications.review import partner_answers
from campaigns.republications.review.partner_answers import PartnerAnswerKind
from coordinator.translation import _, counted, language
from coordinator.web.desk.compliance.queries import finding_tasks
from coordinator.web.desk.delivery import queries
from coordinator.web.desk.delivery.problems import ProblemAction
from coordinator.web.desk.delivery.queries import DeliveryRow
from coordinator.web.desk.discovery import sources
from coordinator.web.desk.discovery.sources import trouble_message
from coordinator.web.desk.people.confirmations import message_rows, waiting_rows
from coordinator.web.kit.links import page_url
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.state_labels import value_label

# Alarms that other tasks of the page already show, each with its action.
SHOWN_ELSEWHERE = frozenset({"channel_unauthorised", "deliveries_dead"})


def alarm_label(alarm: Incident) -> tuple[str, str]:
    """Return the problem and the advice of an alarm. A code without a label is shown as it is, so that no alarm is
    hidden.
    """

    def amount(name: str) -> int:
        return int(alarm.details.get(name, 0))

    def figure(name: str) -> str:
        return formats.number(amount(name), language())

    if alarm.code == "no_clock":
        return _("Đồng hồ không chạy: không có gì tự phát hành"), _("Khởi động lại tiến trình lantoa clock.")
    if alarm.code == "deliveries_late":
        delay = formats.duration(timedelta(minutes=amount("minutes")), language())
        title = _("Lượt phát đang trễ, lâu nhất %(delay)s", delay=delay)
        return title, _("Xem tiến trình lantoa work còn chạy không.")
    if alarm.code == "sites_failing":
        title = counted("%(count)s nguồn cùng không đọc được", amount("failing"), count=figure("failing"))
        return title, _("Nhiều trang hỏng một lúc thường là do đường truyền của cơ quan.")
    if alarm.code == "reports_unsent":
        title = counted("%(count)s thư báo cáo định kỳ chưa gửi được", amount("count"), count=figure("count"))
        return title, _("Xem máy chủ thư, rồi quyết định từng thư ở mục Báo cáo, phần Gửi định kỳ.")
    if alarm.code == "work_given_up":
        title = counted("%(count)s việc đã dừng vì làm tắt tiến trình hai lần", amount("count"), count=figure("count"))
        return title, _("Xem từng việc rồi cho làm lại hoặc để nguyên.")
    if alarm.code == "no_backup":
        title = counted("Chưa sao lưu đã %(count)s ngày", amount("days"), count=figure("days"))
        return title, _("Chạy lantoa backup, rồi xem vì sao lần sao lưu hằng ngày không chạy.")
    if alarm.code == "journal_set_back":
        title = _("Nhật ký không còn mục số %(seq)s đã ghi nhận", seq=figure("entry"))
        return title, _("Giữ nguyên máy chủ và bản sao lưu, báo người phụ trách an toàn thông tin.")
    if alarm.code == "unit_failed":
        title = _("%(name)s đã dừng vì lỗi", name=alarm.subject)
        unit = alarm.details.get("unit", alarm.subject)
        return title, _("Xem vì sao trên máy ấy: journalctl -u %(unit)s", unit=unit)
    if alarm.code == "disk_nearly_full":
        title = _("Đĩa dữ liệu của máy %(name)s sắp đầy", name=alarm.subject)
        return title, _("Còn %(count)s MB. Dọn bớt hoặc thêm chỗ trước khi đầy.", count=figure("free_mb"))
    if alarm.code == "target_behind":
        title = _("Chỉ tiêu đang chậm: %(name)s", name=alarm.details.get("name", alarm.subject))
        advice = _("Khi báo: đã đạt %(actual)s, dự báo %(forecast)s trên %(quota)s.",
                   **{name: _measured_value(alarm, name) for name in ("actual", "forecast", "quota")})  # fmt: skip
        return title, advice
    if alarm.code == "milestone_missed":
        title = _("Lỡ mốc: %(name)s", name=alarm.details.get("name", alarm.subject))
        return title, _("Cuối ngày ấy được %(reached)s.", reached=_measured_value(alarm, "reached"))
    return f"{alarm.code} {alarm.subject}".strip(), ""


def alarm_link(alarm: Incident) -> tuple[str, str | None]:
    """Return the label and address of the page that helps; ("", None) for a problem that is solved
    outside of the desk.
    """
    campaign = alarm.details.get("campaign")
    if alarm.code in {"target_behind", "milestone_missed"} and campaign:
        return _("Xem tiến độ"), page_url("progress.index", campaign=campaign)
    if alarm.code == "work_given_up":
        return _("Xem việc đã dừng"), page_url("admin.given_up.index")
    return "", None


def _measured_value(alarm: Incident, name: str) -> str:
    """Return a target's figure: an integer for a count, one decimal for a rate or hours."""
    level = alarm.details.get("metric") in {Metric.ATTRIBUTION_RATE.value, Metric.MEDIAN_DELAY.value}
    return formats.number(float(alarm.details.get(name, 0)), language(), 1 if level else 0)


MOST_SOURCES = 4  # likewise; the list of partners has a filter for all of them
MISSED_DAYS, MOST_PLACES = 7, 4  # past days for which a missed day is shown, and the most shown at once
MOST_NOTICES = 3  # overdue notices shown
MOST_FAILING = 4
MOST_COPIES = 4  # copies with many addresses
PICTURE_TASK_AGE = timedelta(days=3)  # for how long a post without its picture is a task
MOST_DELIVERIES = 4  # deliveries on the day's page; their list has all of them


@dataclass(frozen=True)
class Task:
    """One task. ``post``: the button acts directly; otherwise it leads to the page of the action.

    ``key``: what it is about and since when, for decisions about it; "": it is the reader's own, and ends as it says.
    ``skippable``: it may be skipped as a whole; a count of things is not, since each of them has its own end.
    ``needs``: the permissions of which one is needed to do it; ``not_for``: the ids of people who may not do it all the
    same. ``receivers``: the ids and names of the people whom this reader may hand it to.
    """

    icon: str
    ink: str
    title: str
    advice: str
    button: str = ""
    url: str | None = None
    post: bool = False
    key: str = ""
    skippable: bool = False
    needs: tuple[Permission, ...] = (Permission.READ,)
    not_for: frozenset[str] = frozenset()
    receivers: tuple[tuple[str, str], ...] = ()
    decision: Decided | None = None


def _count_label(count: int) -> str:
    return formats.number(count, language())


def tasks_in_sight(every: Iterable[Task], actor: Actor) -> list[Task]:
    """Return the tasks without those that somebody skipped; first those that were handed to this person."""
    shown = [task for task in every if task.decision is None or task.decision.to is not None]
    return sorted(shown, key=lambda task: task.decision is None or task.decision.to != actor.id)


def skipped_tasks(every: Iterable[Task]) -> list[Task]:
    """Return the tasks that somebody skipped and that have not ended since."""
    return [task for task in every if task.decision is not None and task.decision.to is None]


def decided_tasks(
    session: Session, actor: Actor, delivery_modes: DeliveryModes, delayed: Iterable[ChannelDelay], *, now: datetime
) -> list[Task]:
    """Return every task that waits for a person with what was decided about it, the most urgent kinds first, and with
    a button only where this person may use it. ``delayed``: of each channel, as ``delayed_deliveries`` returns them.
    """
    settlers = (Permission.APPROVE, Permission.REVIEW)
    alarms, late = incidents.ongoing_incidents(session), backlog.backlogs(session)
    found = [
        *_account_messages(session, actor),
        *_confirmations(session, actor, now),
        *_alarms(alarms, now),
        *_needing((Permission.WRITE,), _missed(session, actor, now)),
        *_needing((Permission.CONFIGURE,), _unauthorised(session, actor)),
        *_failing(session, now),
        *_needing((Permission.CONFIGURE,), _delayed(alarms, delayed, now)),
        *_needing((Permission.APPROVE, Permission.CONFIGURE), _backlogs(session, actor, late, now)),
        *_needing((*settlers, Permission.CONFIGURE), _deliveries(session, actor, delivery_modes, late, now)),
        *_needing((Permission.WRITE, Permission.APPROVE), _without_pictures(session, actor, now)),
        *_needing(settlers, _broadcasts(session, actor)),
        *_returned(session, actor),
        *_needing((Permission.APPROVE,), _one_signature(session, actor)),
        *_needing((Permission.APPROVE,), _untimed(session, actor)),
        *_needing((Permission.REVIEW,), _review(session, actor)),
        *_many_addresses(session, actor),
        *_needing((Permission.REVIEW,), _answered(session, actor)),
        *_needing((Permission.ANSWER,), _questions(session, actor)),
        *_needing((Permission.REVIEW,), _findings(session, actor, now)),
        *_needing((Permission.INFORM,), _overdue(session, actor, now)),
        *_removals(session, actor, now),
        *_sources(session, actor, now),
    ]
    decisions = task_decisions.decisions_on(session, [task.key for task in found if task.key])
    query = sa.select(Person).where(Person.active, Person.email != actor.id).order_by(Person.name, Person.id)
    others = session.execute(query).scalars().all()
    return [
        replace(task, decision=decisions.get(task.key), receivers=_receivers(task, others) if task.key else ())
        for task in found
    ]


def _receivers(task: Task, others: Iterable[Person]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (person.email, person.name)
        for person in others
        if person.email not in task.not_for and any(person.actor.may(permission) for permission in task.needs)
    )


def _needing(permissions: tuple[Permission, ...], found: Iterable[Task]) -> list[Task]:
    return [replace(task, needs=permissions) for task in found]


def _stamp(moment: datetime | None) -> str:
    """Return the moment that a task began at as a part of its key."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S") if moment is not None else ""


def _findings(session: Session, actor: Actor, now: datetime) -> list[Task]:
    return [
        Task(*task, key=f"findings:{number}:{task[5]}"[: task_decisions.LONGEST_KEY])
        for number, task in enumerate(finding_tasks(session, actor, now=now))
    ]


def _account_messages(session: Session, actor: Actor) -> list[Task]:
    """Return what others did to this reader's account, until it is marked as read; a role that waits is a task."""
    return [
        Task(
            "shield", "wait", row.sentence, formats.full_moment(row.at), _("Đã đọc"),
            url_for("confirmations.read_message", public=row.public), True,
        )
        for row in message_rows(session, actor)
        if row.what is not AccountEvent.ROLE_ASKED
    ]  # fmt: skip


def _confirmations(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return roles and keys that this reader may confirm, and the reader's own role while it waits."""
    found = []
    for row in waiting_rows(session, actor, now=now):
        if row.own:
            advice = _("Cho tới lúc đó bạn chưa duyệt và chưa quản trị được.")
            title = _("Vai trò của bạn chờ một người thứ hai xác nhận")
            if row.mine:
                advice = _(
                    "Cơ quan chưa có người thứ hai, nên lần này bạn tự xác nhận; xong mới duyệt và quản trị được."
                )
                title = _("Xác nhận vai trò của bạn")
        elif row.mine:
            advice = _("Hỏi chính người ấy trước khi xác nhận.")
            title = _("%(name)s chờ bạn xác nhận quyền", name=row.name)
        else:
            continue
        button = _("Xác nhận…") if row.mine else _("Xem")
        found.append(Task("shield", "wait", title, advice, button, url_for("confirmations.index")))
    return found


def _alarms(ongoing: Iterable[Incident], now: datetime) -> list[Task]:
    """Return the alarms of the installation, mostly without a button, and those of a campaign."""
    found = []
    for alarm in ongoing:
        if alarm.code not in SHOWN_ELSEWHERE:
            title, advice = alarm_label(alarm)
            since = _("Từ %(since)s.", since=formats.short_moment(alarm.raised_at, now, language()))
            button, page = alarm_link(alarm)
            key = f"alarm:{alarm.code}:{alarm.subject}:{_stamp(alarm.raised_at)}"
            found.append(Task("alert", "bad", title, f"{since} {advice}".strip(), button, page, False, key, True))
    return found


def _missed(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return series days that passed without a bulletin, and those still to come today without one."""
    today = city_day(now)
    places = series.list_occurrences(session, today - timedelta(days=MISSED_DAYS), today, now=now)
    gone = [place for place in places if place.standing is SeriesDayStatus.MISSED]
    near = [
        place
        for place in places
        if place.day == today and place.standing in {SeriesDayStatus.EMPTY, SeriesDayStatus.WRITING}
    ]
    found = []
    for place in gone[-MOST_PLACES:]:
        title = _("Thiếu “%(name)s” ngày %(day)s", name=place.name, day=formats.day_month(place.day))
        found.append(_series_day_task(place, actor, "bad", title, _("Phát bù, hoặc ghi lý do bỏ hôm đó.")))
    for place in near[:MOST_PLACES]:
        at = formats.time_of_day(place.at)
        title = _("“%(name)s” lúc %(at)s hôm nay chưa hẹn giờ", name=place.name, at=at)
        begun = place.standing is SeriesDayStatus.WRITING
        advice = _("Đang soạn; còn phải duyệt và hẹn giờ.") if begun else _("Chưa có ai soạn.")
        found.append(_series_day_task(place, actor, "wait", title, advice))
    return found


def _series_day_task(place: Occurrence, actor: Actor, ink: str, title: str, advice: str) -> Task:
    url = url_for("calendar.place", public=place.series, day=place.day.isoformat())
    button = _("Xử lý") if actor.may(Permission.WRITE) else _("Xem")
    return Task("cal", ink, title, advice, button, url, key=f"day:{place.series}:{place.day.isoformat()}")


def _unauthorised(session: Session, actor: Actor) -> list[Task]:
    # Number of waiting rows, for the list of tasks; not a figure of a report.
    held = sa.func.count(Delivery.id)
    query = (
        sa.select(Channel, held)
        .outerjoin(Delivery, sa.and_(Delivery.channel_id == Channel.id, Delivery.state.in_(OPEN_STATES)))
        .where(Channel.state == ChannelState.NEEDS_AUTHORISATION)
        .group_by(Channel.id)
        .order_by(Channel.name)
    )
    found = []
    for channel, waiting in session.execute(query):
        grants = page_url("channels.zalo.begin", code=channel.code) if channel.kind == "zalo" else None
        found.append(
            Task(
                "key",
                "wait",
                _("%(name)s cần cấp quyền lại", name=channel.name),
                counted(
                    "%(count)s lượt phát đang đợi. Cấp quyền xong tự gửi tiếp, không gửi trùng; lượt quá 24 giờ "
                    "chờ bạn quyết định.",
                    waiting,
                    count=_count_label(waiting),
                )
                if waiting
                else _("Chưa có lượt phát nào đang đợi."),
                _("Cấp quyền lại") if actor.may(Permission.CONFIGURE) else "",
                grants or page_url("channels.page", code=channel.code),
                key=f"grant:{channel.code}",
            )
        )
    return found


def _failing(session: Session, now: datetime) -> list[Task]:
    """Return channels that have failed for days and that administrators were notified about."""
    # Number of waiting rows, for the list of tasks; not a figure of a report.
    held = sa.func.count(Delivery.id)
    query = (
        sa.select(Channel, held)
        .outerjoin(Delivery, sa.and_(Delivery.channel_id == Channel.id, Delivery.state.in_(OPEN_STATES)))
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
            failures=_count_label(channel.failures), waiting=_count_label(waiting),
        )  # fmt: skip
        key = f"channel:{channel.code}:{_stamp(channel.failing_since)}"
        page = page_url("channels.page", code=channel.code)
        found.append(Task("alert", "bad", title, advice, _("Xem"), page, key=key, skippable=True))
    return found


def _delayed(ongoing: Iterable[Incident], delayed: Iterable[ChannelDelay], now: datetime) -> list[Task]:
    """Return the channels with delayed deliveries that no other task of the page covers."""
    alarmed = any(alarm.code == "deliveries_late" for alarm in ongoing)
    found = []
    for row in delayed:
        channel = row.channel
        if channel.state is ChannelState.NEEDS_AUTHORISATION or channel.alarmed_at is not None:
            continue
        if channel.state is ChannelState.PAUSED:
            advice = _("Kênh đang tạm dừng. Cho chạy tiếp thì lượt mới đi, lượt quá 24 giờ chờ quyết định.")
        elif channel.state is ChannelState.FAILING or channel.opened:
            advice = _("Kênh không trả lời. Hệ thống vẫn thử, thưa dần; hỏi bên nhận.")
        elif channel.free_at is not None and channel.free_at > now - rate_limits.LONGEST_TOKEN_WAIT:
            advice = _("Đang gửi lần lượt theo nhịp gửi của kênh.")
        elif alarmed:
            continue  # no worker sends at all, which is one task
        else:
            advice = _("Xem tiến trình lantoa work còn chạy không.")
        since = formats.short_moment(row.since, now, language())
        title = counted("%(channel)s: %(count)s lượt phát trễ, lâu nhất từ %(since)s", row.count, channel=channel.name,
                        count=_count_label(row.count), since=since)  # fmt: skip
        page = page_url("channels.page", code=channel.code)
        key = f"delay:{channel.code}:{_stamp(row.since)}"
        found.append(Task("clock", "wait", title, advice, _("Xem"), page, key=key))
    if len(found) > MOST_FAILING:
        count = len(found) - MOST_FAILING
        more = counted("Còn %(count)s kênh có lượt phát trễ", count, count=_count_label(count))
        found[MOST_FAILING:] = [Task("clock", "wait", more, "", _("Xem"), page_url("channels.index"), key="delay")]
    return found


def _backlogs(session: Session, actor: Actor, held: Mapping[int, Backlog], now: datetime) -> list[Task]:
    """Return the channels with several late deliveries, on which a person decides at once."""
    late = {ident: row for ident, row in held.items() if row.count > 1}
    decides = actor.may(Permission.APPROVE) or actor.may(Permission.CONFIGURE)
    names = sa.select(Channel).where(Channel.id.in_(late)).order_by(Channel.name, Channel.id)
    channels = session.execute(names).scalars().all() if late else []
    found = []
    for channel in channels[:MOST_DELIVERIES]:
        row = late[channel.id]
        title = counted("%(channel)s: %(count)s lượt phát đã quá hạn", row.count, channel=channel.name,
                        count=_count_label(row.count))  # fmt: skip
        since = formats.short_moment(row.since, now, language())
        advice = _("Bản tin cũ nhất từ %(since)s. Máy không tự gửi tin cũ; lượt mới vẫn đi.", since=since)
        page = page_url("channels.page", code=channel.code, _anchor="qua-han")
        found.append(Task("clock", "wait", title, advice, _("Quyết định…") if decides else _("Xem"), page,
                          key=f"backlog:{channel.code}"))  # fmt: skip
    if len(channels) > len(found):
        rest = channels[len(found) :]
        title = counted("Còn %(count)s kênh có lượt phát quá hạn", len(rest), count=_count_label(len(rest)))
        page = page_url("deliveries.index", view="needs")
        found.append(Task("clock", "wait", title, "", _("Xem"), page, key="backlog"))
    return found


def _deliveries(
    session: Session, actor: Actor, delivery_modes: DeliveryModes, held: Mapping[int, Backlog], now: datetime
) -> list[Task]:
    # Several late deliveries of a channel are one task, see ``_backlogs``.
    together = [ident for ident, late in held.items() if late.count > 1]
    single = sa.or_(Delivery.channel_id.not_in(together), sa.not_(backlog.is_held()))
    part = queries.list_deliveries(
        session, DeliveryFilter(needs=True), delivery_modes, 1, now=now, counted=False, conditions=(single,)
    )
    # The channel's own task covers the deliveries that it holds without authorisation.
    telling = [row for row in part.rows if row.trouble is not None and row.trouble.help is not ProblemAction.CHANNEL]
    return [replace(_delivery(row, actor), key=f"delivery:{row.id}") for row in telling[:MOST_DELIVERIES]]


def _delivery(row: DeliveryRow, actor: Actor) -> Task:
    assert row.trouble is not None  # noqa: S101  # the query has omitted the others
    advice = f"{row.title}. {row.trouble.words} {row.trouble.advice}".strip()
    page = page_url("deliveries.show", ident=row.id)
    retries = actor.may(Permission.APPROVE) or actor.may(Permission.CONFIGURE)
    settles = actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW)
    if row.state is DeliveryState.UNKNOWN:
        title = _("Chưa rõ %(code)s đã lên %(channel)s hay chưa", code=row.bulletin, channel=row.channel)
        return Task("ask", "wait", title, advice, _("Kết luận…") if settles else "", page)
    if row.trouble.help is ProblemAction.SETTLE:
        title = _("%(code)s tới %(channel)s đã trễ", code=row.bulletin, channel=row.channel)
        return Task("clock", "wait", title, advice, _("Quyết định…") if settles else "", page)
    if row.trouble.help is ProblemAction.POST:
        title = _("%(code)s cần đăng thủ công lên %(channel)s", code=row.bulletin, channel=row.channel)
        return Task("person", "move", title, advice, _("Đăng…") if settles else "", page)
    title = _("%(channel)s không nhận được %(code)s", code=row.bulletin, channel=row.channel)
    if row.trouble.help is ProblemAction.RETRY and retries:
        return Task("alert", "bad", title, advice, _("Thử lại ngay"), page_url("deliveries.retry", ident=row.id), True)
    return Task("alert", "bad", title, advice, _("Xem"), page)


def _without_pictures(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return bulletins that a channel took only without their pictures, for those who can publish a correction."""
    if not (actor.may(Permission.WRITE) or actor.may(Permission.APPROVE)):
        return []
    found = outbox.sent_without_pictures(session, now - PICTURE_TASK_AGE, MOST_DELIVERIES)
    return [
        Task(
            "photo", "wait",
            _("%(code)s lên %(channel)s với ảnh bìa mặc định", code=row.bulletin.code, channel=row.channel.name),
            _("Nơi nhận không nhận ảnh của bản tin. Xem ảnh có mở được từ Internet và không quá 1 MB không; cần thì "
              "đính chính kèm ảnh khác."),
            _("Xem"),
            page_url("deliveries.show", ident=row.public),
            key=f"picture:{row.public}",
            skippable=True,
        )
        for row in found
    ]  # fmt: skip


def _broadcasts(session: Session, actor: Actor) -> list[Task]:
    """Return broadcasts with an unknown outcome: they are not sent again before a person has checked."""
    settles = actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW)
    return [
        Task(
            "ask", "wait",
            _("Chưa rõ %(code)s đã phát tới người quan tâm của %(channel)s hay chưa", code=code, channel=channel),
            _("Xem mục tin đã gửi của Official Account rồi ghi kết luận. Máy không tự gửi lại."),
            _("Kết luận…") if settles else "",
            page_url("deliveries.show", ident=delivery),
            key=f"broadcast:{delivery}",
        )
        for code, channel, delivery in broadcasts.unknown_broadcasts(session)[:MOST_DELIVERIES]
    ]  # fmt: skip


def _returned(session: Session, actor: Actor) -> list[Task]:
    query = (
        sa.select(Bulletin.code, Revision.title, Bulletin.return_note, Bulletin.state)
        .join(Revision, sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest))
        .where(Bulletin.writer == actor.id, Bulletin.state == BulletinState.DRAFT, Bulletin.return_note != "")
        .order_by(Bulletin.edited_at.desc())
        .limit(5)
    )
    return [
        Task("undo", "wait", _("Trả lại để sửa: %(title)s", title=title), f"“{note}”", _("Sửa"),
             url_for("bulletins.edit", code=code))
        for code, title, note, _state in session.execute(query)
    ]  # fmt: skip


def _one_signature(session: Session, actor: Actor) -> list[Task]:
    """Return texts that readers see with one signature and no second person has reviewed."""
    found, waiting = [], urgent_releases.awaiting_review(session)
    barred = urgent_releases.barred_from_review(session, [release for release, _code, _title in waiting])
    people = {actor.id, *session.execute(sa.select(Person.email).where(Person.active)).scalars()} if waiting else set()
    acting = [(ident, None) for ident in people] + [wrote for some in barred.values() for wrote in some.items()]
    behind = people_behind(session, acting)
    for release, code, title in waiting:
        involved = frozenset[str]().union(*(behind[wrote] for wrote in barred[release.id].items()))
        not_for = frozenset(ident for ident in people if behind[ident, None] & involved)
        mine = actor.may(Permission.APPROVE) and actor.id not in not_for
        advice = _(
            "%(who)s phát lúc %(at)s, chưa ai đọc lại. Lý do: “%(why)s”",
            who=release.signer_name, at=formats.full_moment(release.at), why=release.reason,
        )  # fmt: skip
        page = url_for("bulletins.urgent_review", code=code) if mine else url_for("bulletins.show", code=code)
        heading = (
            _("Đính chính, một chữ ký: %(title)s", title=title)
            if release.correction
            else _("Phát gấp, một chữ ký: %(title)s", title=title)
        )
        button = _("Đọc lại") if mine else _("Xem")
        key = f"urgent:{code}:{_stamp(release.at)}"
        found.append(Task("flag", "wait", heading, advice, button, page, key=key, not_for=not_for))
    return found


def _untimed(session: Session, actor: Actor) -> list[Task]:
    # Number of waiting rows, for the list of tasks; not a figure of a report.
    query = sa.select(sa.func.count()).select_from(Bulletin).where(Bulletin.state == BulletinState.APPROVED)
    count = session.execute(query).scalar_one()
    if not count or not actor.may(Permission.APPROVE):
        return []
    title = counted(
        "%(count)s bản tin đã duyệt, chưa có giờ phát",
        count,
        count=_count_label(count),
    )
    return [
        Task(
            "clock", "move", title, _("Chưa ai bên ngoài thấy."), _("Xếp giờ"), url_for("calendar.index"), key="untimed"
        )
    ]


def _sources(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return sources that have failed for a day or become silent: copies may be missed there."""
    found = sources.source_alarms(session, MOST_SOURCES, now=now)
    tasks = []
    for alarm in found:
        kind = value_label("source", alarm.kind)
        since = formats.short_moment(alarm.since, now, language())
        if alarm.silent:
            title = _("%(site)s im lặng: %(kind)s không nêu bài mới", site=alarm.site, kind=kind.lower())
            advice = _("Từ %(since)s. Có thể nguồn đã chuyển chỗ; bài đăng lại ở đó có thể bị sót.", since=since)
        else:
            title = _("Không đọc được %(site)s (%(kind)s)", site=alarm.site, kind=kind.lower())
            what, helps = trouble_message(alarm.trouble)
            advice = _("%(what)s, từ %(since)s. %(helps)s", what=what, since=since, helps=helps)
        page = url_for("partners.page", code=alarm.partner, _anchor="trang")
        if actor.may(Permission.CONFIGURE):
            look = url_for("partners.sites.look", site_code=alarm.site_code)
            task = Task("globe", "wait", title, advice, _("Xem lại ngay"), look, True)
        else:
            task = Task("globe", "wait", title, advice, _("Xem"), page)
        key = f"source:{alarm.site_code}:{alarm.kind.value}:{_stamp(alarm.since)}"
        tasks.append(replace(task, key=key, skippable=True))
    return tasks


def _review(session: Session, actor: Actor) -> list[Task]:
    count = in_review_count(session)
    url = page_url("republications.review.queue")
    if not count or not actor.may(Permission.REVIEW) or url is None:
        return []
    title = counted("%(count)s bài đăng lại chờ xem xét", count, count=_count_label(count))
    advice = _("Chỉ tính vào kết quả sau khi có người kết luận.")
    return [Task("eye", "move", title, advice, _("Xem xét"), url, key="review")]


def _many_addresses(session: Session, actor: Actor) -> list[Task]:
    """Return the counted copies with more addresses than usual that nobody has looked at."""
    if not actor.may(Permission.REVIEW):
        return []
    count = many_addresses.unseen_count(session)
    found = []
    for copy in many_addresses.unseen_copies(session, MOST_COPIES) if count else ():
        title = _("%(site)s: %(bulletin)s có %(count)s địa chỉ", site=copy.site, bulletin=copy.bulletin,
                  count=_count_label(copy.addresses))  # fmt: skip
        advice = _("Chỉ tính một; xem vì sao có nhiều địa chỉ như vậy.")
        url = page_url("republications.show", ident=copy.id)
        found.append(Task("link", "wait", title, advice, _("Xem"), url))
    if count > len(found):
        more = _count_label(count - len(found))
        found.append(Task("link", "wait", _("Còn %(count)s bài có nhiều địa chỉ", count=more), ""))
    return found


def _answered(session: Session, actor: Actor) -> list[Task]:
    """Return partners' answers on their copies that nobody has handled."""
    url = page_url("republications.index", status="all", answered="1")
    if not actor.may(Permission.REVIEW) or url is None:
        return []
    waiting = partner_answers.waiting_counts(session)
    found = []
    if count := waiting.get(PartnerAnswerKind.DISAGREE, 0):
        title = counted("%(count)s câu trả lời không đồng ý", count, count=_count_label(count))
        queue = page_url("republications.review.queue", doubt="partner_disagrees")
        advice = _("Câu trả lời nằm cạnh bằng chứng; kết luận cũ giữ nguyên cho tới khi có người xem.")
        found.append(Task("flag", "wait", title, advice, _("Xem xét"), queue, key="answers:disagree"))
    if count := waiting.get(PartnerAnswerKind.NOTE, 0):
        title = counted(
            "%(count)s lời giải thích của đối tác chưa ai đọc",
            count,
            count=_count_label(count),
        )
        advice = _("Đọc rồi bấm “Đã xem” ở trang của bài.")
        found.append(Task("mail", "move", title, advice, _("Đọc"), url, key="answers:note"))
    return found


def _questions(session: Session, actor: Actor) -> list[Task]:
    """Return partners' questions without an answer."""
    count = questions.count_waiting_questions(session)
    url = page_url("questions.index")
    if not count or not actor.may(Permission.ANSWER) or url is None:
        return []
    title = counted(
        "%(count)s câu hỏi của đối tác chờ trả lời",
        count,
        count=_count_label(count),
    )
    return [Task("mail", "move", title, _("Câu chờ lâu nhất đứng đầu."), _("Trả lời"), url, key="questions")]


def _overdue(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return notices that partners have not read or confirmed by the deadline."""
    found = []
    for notice, late in (
        notice_readers.overdue_notices(session, MOST_NOTICES, now=now) if actor.may(Permission.INFORM) else []
    ):
        title = counted(
            "%(count)s đối tác quá hạn với “%(title)s”", late,
            count=_count_label(late), title=notice.title,
        )  # fmt: skip
        advice = _("Chưa đọc, hoặc chưa xác nhận; nên gọi điện.")
        page = page_url("notices.show", public=notice.public)
        found.append(Task("bell", "wait", title, advice, _("Xem ai"), page, False, f"notice:{notice.public}", True))
    return found


def _removals(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Return copies of recalled bulletins and old revisions that have stayed live for more than a day."""
    late = removals.escalation_counts(session, now=now)
    url = page_url("removals.index")
    if not actor.may(Permission.READ) or url is None:
        return []
    found = []
    if late.recalled:
        title = counted(
            "%(count)s bài của bản tin đã thu hồi còn trên trang đối tác",
            late.recalled,
            count=_count_label(late.recalled),
        )
        advice = _("Đã quá một ngày; nên gọi cho đối tác.")
        found.append(Task("undo", "bad", title, advice, _("Đôn đốc"), url, key="removals:recalled"))
    if late.old:
        title = counted(
            "%(count)s bài còn mang bản cũ sau đính chính",
            late.old,
            count=_count_label(late.old),
        )
        advice = _("Đã quá một ngày mà chưa sửa theo.")
        found.append(Task("pen", "wait", title, advice, _("Đôn đốc"), url, key="removals:old"))
    if late.unclear:
        title = counted(
            "%(count)s bài chưa rõ đã sửa theo đính chính hay chưa",
            late.unclear,
            count=_count_label(late.unclear),
        )
        advice = _("Máy không phân biệt được trên trang; xem từng bài rồi kết luận.")
        found.append(Task("ask", "wait", title, advice, _("Xem từng bài"), f"{url}#chua-ro", key="removals:unclear"))
    return found
