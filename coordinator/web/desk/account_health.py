"""How an account stands, with dates and numbers, and what will hurt if nobody acts: before it does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.publishing import accounts, broadcasts, platform_events
from campaigns.publishing.channels import find_channel
from campaigns.publishing.platform_events import Came
from campaigns.publishing.transport import Account
from coordinator.channels.zalo_oauth import Standing
from coordinator.jobs import broadcasting
from coordinator.jobs.workplace import Workplace
from coordinator.web import formats
from coordinator.web.look import language
from coordinator.web.saying import _

# A grant is documented to be good for three months from its last renewal; integrations in use give up after 85 days.
GRANT_LASTS = timedelta(days=85)
GRANT_SOON = 14  # days left of a grant from which on somebody should act
PACKAGE_SOON = 30  # likewise of a package: buying one takes an office a while
QUOTA_LOW = 5  # one in so many left
STALE = timedelta(days=2)  # a reading is due every day


@dataclass(frozen=True)
class Warning:
    """``grave``: it does not work now, or will not within a day."""

    text: str
    grave: bool = False


@dataclass(frozen=True)
class Health:
    """What the page shows: labels with values, warnings, and what the platform told by itself in thirty days."""

    rows: Sequence[tuple[str, str]]
    warnings: Sequence[Warning]
    came: Sequence[Came]
    read_at: datetime | None
    error: str


def health_of(session: Session, place: Workplace, code: str, access: Standing | None) -> Health:
    """The health of one channel. ``access``: how its access stands, for kinds that renew it. Raises ``NotFound``."""
    channel = find_channel(session, code)
    now = place.now()
    read = accounts.last_read(session, channel.id)
    told = accounts.of_json(read.facts) if read is not None and read.facts else None
    rows, warnings = [], list(_of_access(access, now)) if access is not None else []
    if told is not None:
        rows += list(_rows(told))
        warnings += list(_of_account(told, city_day(now)))
    rules = broadcasting.rules_of(place, channel)
    if rules is not None:
        left = broadcasts.budget(session, channel.id, city_day(now), rules)
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
        warnings.append(Warning(_("Số liệu đã cũ: đọc lần cuối %(at)s.", at=formats.full_moment(read_at))))
    came = platform_events.came(session, channel.id, day=city_day(now))
    return Health(rows, warnings, came, read_at, error)


def event_words(event: str) -> str:
    """What an event of a platform is called; its own name for one that nobody documents."""
    return {
        "follow": _("bắt đầu quan tâm"),
        "unfollow": _("thôi quan tâm"),
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


def _rows(told: Account) -> Iterator[tuple[str, str]]:
    if told.name:
        yield _("Tên tài khoản"), told.name
    if told.followers is not None:
        yield _("Người quan tâm"), formats.number(told.followers, language())
    if told.verified is not None:
        yield _("Xác minh"), _("đã xác minh") if told.verified else _("chưa xác minh")
    if told.package:
        yield _("Gói dịch vụ"), told.package
    if told.package_until is not None:
        yield _("Gói dùng tới"), formats.day(told.package_until)
    for one in told.quotas:
        whole = "" if one.total is None else f"/{formats.number(one.total, language())}"
        yield (
            _("Hạn mức của nền tảng (%(name)s)", name=one.name or "–"),
            f"{formats.number(one.left, language())}{whole}",
        )


def _of_access(access: Standing, now: datetime) -> Iterator[Warning]:
    if access.expires_at is not None and access.expires_at <= now:
        yield Warning(_("Quyền đăng đã hết lúc %(at)s.", at=formats.full_moment(access.expires_at)), grave=True)
    if access.renewed_at is None:
        return
    until = access.renewed_at + GRANT_LASTS
    days = (city_day(until) - city_day(now)).days
    if days <= GRANT_SOON:
        words = _("Giấy phép gia hạn quyền còn %(days)s ngày (tới %(until)s). Bấm Cấp quyền lại trước ngày đó.",
                  days=str(max(days, 0)), until=formats.day(city_day(until)))  # fmt: skip
        yield Warning(words, grave=days <= 1)


def _of_account(told: Account, today: date) -> Iterator[Warning]:
    if told.verified is False:
        yield Warning(_("Tài khoản chưa xác minh: nền tảng chỉ cho tài khoản đã xác minh phát tới người quan tâm."))
    if told.package_until is not None:
        days = (told.package_until - today).days
        if days < 0:
            yield Warning(_("Gói dịch vụ đã hết hạn ngày %(day)s.", day=formats.day(told.package_until)), grave=True)
        elif days <= PACKAGE_SOON:
            yield Warning(_("Gói dịch vụ còn %(days)s ngày (tới %(day)s).", days=str(days),
                            day=formats.day(told.package_until)))  # fmt: skip
    for one in told.quotas:
        if one.left <= 0:
            yield Warning(_("Hạn mức “%(name)s” đã hết.", name=one.name or "–"), grave=True)
        elif one.total and one.left * QUOTA_LOW <= one.total:
            yield Warning(_("Hạn mức “%(name)s” chỉ còn %(left)s/%(total)s.", name=one.name or "–",
                            left=str(one.left), total=str(one.total)))  # fmt: skip
    if told.detail:
        yield Warning(_("Chưa đọc được hết: %(detail)s", detail=told.detail))
