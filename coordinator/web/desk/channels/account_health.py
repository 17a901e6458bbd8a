"""The health of a channel's account: authorisation, package, quota and platform events, with warnings before a limit is
reached.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.channels import accounts
from campaigns.channels.accounts import EventCount
from campaigns.channels.channels import find_channel
from campaigns.channels.transport import PlatformAccount, TransportError
from campaigns.core.clock import city_day
from campaigns.delivery import broadcasts
from coordinator.channels.zalo.labels import quota_label
from coordinator.channels.zalo.oauth import AccessStatus
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery.broadcasts import broadcast_rules
from coordinator.translation import _, language
from coordinator.web.desk.channels.responses import failure_advice
from coordinator.web.kit.text import formats

# A grant is documented to be valid for three months from its last renewal; unused integrations expire after 85 days.
GRANT_LASTS = timedelta(days=85)
GRANT_SOON = 14  # a grant with at most this many days left is a warning
PACKAGE_SOON = 30  # likewise for a package, which takes an office a while to buy
QUOTA_LOW = 5  # one in so many left
STALE = timedelta(days=2)  # the account is read every day


@dataclass(frozen=True)
class HealthWarning:
    """A warning. ``grave``: the account does not work now, or will not within a day."""

    text: str
    grave: bool = False


@dataclass(frozen=True)
class ChannelHealth:
    """Content of the page: labels with values, warnings, and the platform's events of the last thirty days. ``error``:
    the platform's own words for why the last reading failed, ``advice``: what it means and what to do; '' for none.
    """

    rows: Sequence[tuple[str, str]]
    warnings: Sequence[HealthWarning]
    came: Sequence[EventCount]
    read_at: datetime | None
    error: str
    advice: str


def channel_health(session: Session, context: JobContext, code: str, access: AccessStatus | None) -> ChannelHealth:
    """Return the health of one channel. ``access``: the state of its authorisation, for kinds that renew it. Raises
    ``NotFound``.
    """
    channel = find_channel(session, code)
    now = context.now()
    read = accounts.last_read(session, channel.id)
    account = accounts.account_from_json(read.facts) if read is not None and read.facts else None
    rows, warnings = [], list(_access_warnings(access, now)) if access is not None else []
    if account is not None:
        rows += list(_account_figures(account))
        warnings += list(_account_warnings(account, city_day(now)))
    rules = broadcast_rules(context, channel)
    if rules is not None:
        left = broadcasts.remaining_budget(session, channel.id, city_day(now), rules)
        words = _(
            "còn %(day)s/%(a_day)s trong ngày, %(month)s/%(a_month)s trong tháng",
            day=str(left.day),
            a_day=str(rules.a_day),
            month=str(left.month),
            a_month=str(rules.a_month),
        )
        rows.append((_("Hạn mức phát của cơ quan"), words))
    read_at, error = (read.read_at, read.error) if read is not None else (None, "")
    if read_at is not None and now - read_at > STALE:
        warnings.append(HealthWarning(_("Số liệu đã cũ: đọc lần cuối %(at)s.", at=formats.full_moment(read_at))))
    came = accounts.event_counts(session, channel.id, day=city_day(now))
    advice = failure_advice(TransportError(error)) if error else ""
    return ChannelHealth(rows, warnings, came, read_at, error, advice)


def event_label(event: str) -> str:
    """Return the label of a platform event; the platform's own name for an undocumented one."""
    return {
        "follow": _("bắt đầu quan tâm"),
        "unfollow": _("ngừng quan tâm"),
        "user_send_text": _("gửi tin chữ"),
        "user_send_image": _("gửi ảnh"),
        "user_send_link": _("gửi đường dẫn"),
        "user_send_sticker": _("gửi nhãn dán"),
        "user_send_gif": _("gửi ảnh động"),
        "user_send_audio": _("gửi âm thanh"),
        "user_send_video": _("gửi video"),
        "user_send_file": _("gửi tệp"),
        "user_send_location": _("gửi vị trí"),
        "user_received_message": _("đã nhận tin"),
        "user_seen_message": _("đã xem tin"),
        "user_submit_info": _("gửi thông tin"),
        "oa_send_text": _("tài khoản gửi tin chữ"),
        "oa_send_image": _("tài khoản gửi ảnh"),
        "oa_send_list": _("tài khoản gửi danh sách"),
        "oa_send_gif": _("tài khoản gửi ảnh động"),
        "oa_send_file": _("tài khoản gửi tệp"),
        "other": _("sự kiện không có tên"),
    }.get(event, event)


def _account_figures(account: PlatformAccount) -> Iterator[tuple[str, str]]:
    if account.name:
        yield _("Tên tài khoản"), account.name
    if account.followers is not None:
        yield _("Người quan tâm"), formats.number(account.followers, language())
    if account.verified is not None:
        yield _("Xác minh"), _("đã xác minh") if account.verified else _("chưa xác minh")
    if account.package:
        yield _("Gói dịch vụ"), account.package
    if account.package_until is not None:
        yield _("Gói dùng tới"), formats.day(account.package_until)
    for quota in account.quotas:
        whole = "" if quota.total is None else f"/{formats.number(quota.total, language())}"
        yield (
            _("Hạn mức của nền tảng (%(name)s)", name=quota_label(quota.name)),
            f"{formats.number(quota.left, language())}{whole}",
        )


def _access_warnings(access: AccessStatus, now: datetime) -> Iterator[HealthWarning]:
    if access.expires_at is not None and access.expires_at <= now:
        yield HealthWarning(_("Quyền đăng đã hết lúc %(at)s.", at=formats.full_moment(access.expires_at)), grave=True)
    if access.renewed_at is None:
        return
    until = access.renewed_at + GRANT_LASTS
    days = (city_day(until) - city_day(now)).days
    if days <= GRANT_SOON:
        words = _("Giấy phép gia hạn quyền còn %(days)s ngày (tới %(until)s). Bấm Cấp quyền lại trước ngày đó.",
                  days=str(max(days, 0)), until=formats.day(city_day(until)))  # fmt: skip
        yield HealthWarning(words, grave=days <= 1)


def _account_warnings(account: PlatformAccount, today: date) -> Iterator[HealthWarning]:
    if account.verified is False:
        yield HealthWarning(
            _("Tài khoản chưa xác minh: nền tảng chỉ cho tài khoản đã xác minh phát tới người quan tâm.")
        )
    if account.package_until is not None:
        days = (account.package_until - today).days
        if days < 0:
            yield HealthWarning(
                _("Gói dịch vụ đã hết hạn ngày %(day)s.", day=formats.day(account.package_until)), grave=True
            )
        elif days <= PACKAGE_SOON:
            yield HealthWarning(_("Gói dịch vụ còn %(days)s ngày (tới %(day)s).", days=str(days),
                            day=formats.day(account.package_until)))  # fmt: skip
    for quota in account.quotas:
        if quota.left <= 0:
            yield HealthWarning(_("Hạn mức “%(name)s” đã hết.", name=quota_label(quota.name)), grave=True)
        elif quota.total and quota.left * QUOTA_LOW <= quota.total:
            yield HealthWarning(_("Hạn mức “%(name)s” chỉ còn %(left)s/%(total)s.", name=quota_label(quota.name),
                            left=str(quota.left), total=str(quota.total)))  # fmt: skip
    if account.detail:
        yield HealthWarning(_("Chưa đọc được hết: %(detail)s", detail=account.detail))
