"""The health of an account on its channel's page: figures with their dates, and warnings in advance."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.channels import accounts
from campaigns.channels.transport import AccountQuota, PlatformAccount
from campaigns.core.clock import city_day
from campaigns.people.staff import Role
from tests import factories
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

ZALO = {"app_id": "123", "oa_id": "456", "author": "Sở", "cover_url": "https://so.example/bia.jpg"}
TODAY = date(2026, 11, 24)


def account(
    desk: Desk,
    platform_account: PlatformAccount | None = None,
    *,
    renewed: timedelta = timedelta(days=1),
    hours: int = 20,
) -> None:
    now = desk.office.now()
    secrets = {
        "app_secret": "a",
        "access_token": "t",
        "refresh_token": "r",
        "renewed_at": (now - renewed).isoformat(),
        "expires_at": (now + timedelta(hours=hours)).isoformat(),
    }
    with desk.database.write() as session:
        row = factories.channel(
            session, "zalo", settings=ZALO, encrypted_secrets=desk.office.encryption.encrypt(secrets)
        )
        row.code = "zalo"
        accounts.read_now(session, row.id, now=now)
        read = accounts.last_read(session, row.id)
        assert read is not None
        if platform_account is not None:
            read.facts, read.read_at = accounts.account_to_json(platform_account), now


def page(desk: Desk) -> str:
    desk.sign_in(Role.ADMIN)
    return desk.get("/desk/channels/zalo")


GOOD = PlatformAccount(
    "Sở Thông tin", 12_500, True, "Gói nâng cao", date(2027, 12, 31), (AccountQuota("promotion monthly", 40, 40),)
)


def test_a_healthy_account_shows_its_numbers_and_warns_of_nothing(desk: Desk) -> None:
    account(desk, GOOD)
    shown = page(desk)
    for words in (
        "Sở Thông tin", "12.500", "đã xác minh", "Gói nâng cao", "31/12/2027", "tin truyền thông, mỗi tháng", "40/40",
        "còn 1/1 trong ngày, 4/4 trong tháng", "http://localhost:8800/events/zalo/zalo",
    ):  # fmt: skip
        assert words in shown
    for words in ("còn 84 ngày", "chỉ còn", "đã hết", "chưa xác minh", "Số liệu đã cũ"):
        assert words not in shown


@pytest.mark.parametrize(
    ("state", "renewed", "hours", "words"),
    [
        (GOOD, 71, 20, "Giấy phép gia hạn quyền còn 14 ngày (tới 08/12/2026)"),
        (GOOD, 85, 20, "Giấy phép gia hạn quyền còn 0 ngày"),
        (GOOD, 1, -1, "Quyền đăng đã hết lúc 09:00, 24/11/2026"),
        (PlatformAccount(package_until=TODAY + timedelta(days=30)), 1, 20, "Gói dịch vụ còn 30 ngày (tới 24/12/2026)"),
        (PlatformAccount(package_until=TODAY - timedelta(days=1)), 1, 20, "Gói dịch vụ đã hết hạn ngày 23/11/2026"),
        (PlatformAccount(verified=False), 1, 20, "Tài khoản chưa xác minh"),
        (PlatformAccount(quotas=(AccountQuota("monthly", 40, 8),)), 1, 20, "Hạn mức “mỗi tháng” chỉ còn 8/40"),
        (
            PlatformAccount(quotas=(AccountQuota("promotion sub_quota gmf10", None, 0),)),
            1,
            20,
            "Hạn mức “tin truyền thông, trong gói dịch vụ, gmf10” đã hết",
        ),
        (PlatformAccount(detail="the quotas could not be read: 500"), 1, 20, "Chưa đọc được hết: the quotas"),
    ],
)
def test_what_will_hurt_is_reported_before(
    desk: Desk, state: PlatformAccount, renewed: int, hours: int, words: str
) -> None:
    account(desk, state, renewed=timedelta(days=renewed), hours=hours)
    assert words in page(desk)


@pytest.mark.parametrize(
    ("state", "renewed", "words"),
    [
        (GOOD, 70, "Giấy phép gia hạn"),
        (PlatformAccount(package_until=TODAY + timedelta(days=31)), 1, "Gói dịch vụ còn"),
        (PlatformAccount(quotas=(AccountQuota("monthly", 40, 9),)), 1, "chỉ còn"),
    ],
)
def test_nothing_is_reported_too_early(desk: Desk, state: PlatformAccount, renewed: int, words: str) -> None:
    account(desk, state, renewed=timedelta(days=renewed))
    assert words not in page(desk)


def test_old_numbers_say_that_they_are_old_and_why(desk: Desk) -> None:
    account(desk, GOOD)
    with desk.database.write() as session:
        row = session.get_one(accounts.AccountCheck, 1)
        row.read_at, row.error = datetime(2026, 11, 21, 3, 0, tzinfo=UTC), "did not answer"
    shown = page(desk)
    assert "Số liệu đã cũ: đọc lần cuối 10:00, 21/11/2026" in shown
    assert "did not answer" in shown


def test_why_an_account_was_not_read_is_told_in_the_readers_words_with_what_to_do(desk: Desk) -> None:
    account(desk, GOOD)
    with desk.database.write() as session:
        session.get_one(
            accounts.AccountCheck, 1
        ).error = "Zalo error -216 (Access token is invalid): access must be granted again"
    shown = Page(page(desk))
    (told,) = [words for words in shown.words("p") if "Lần đọc gần nhất chưa được" in words]
    assert "Tài khoản đã hết quyền đăng." in told
    assert "bấm Cấp quyền lại" in told
    assert "Access token" not in told
    assert "Access token is invalid" in shown.words("details p.code")[0]


def test_an_account_never_read_can_be_read_by_who_configures(desk: Desk) -> None:
    account(desk)
    assert "chưa đọc lần nào" in page(desk)
    assert desk.post("/desk/channels/zalo/read").status_code == 303
    assert "account_check" in desk.runner.kinds
    desk.sign_in(Role.APPROVER)
    assert desk.post("/desk/channels/zalo/read").status_code == 403
    with desk.database.write() as session:
        factories.channel(session, "manual").code = "tay"
    desk.sign_in(Role.ADMIN)
    assert desk.post("/desk/channels/tay/read").status_code == 409
    assert "Tình trạng tài khoản" not in desk.get("/desk/channels/tay")


def test_events_are_shown_by_their_words_and_without_anybody(desk: Desk) -> None:
    account(desk, GOOD)
    day = city_day(desk.office.now())
    with desk.database.write() as session:
        for name in ("follow", "follow", "brand_new"):
            accounts.count_event(session, 1, name, day=day)
    shown = page(desk)
    assert "bắt đầu quan tâm" in shown
    assert "brand_new" in shown
    assert "không giữ ai đã làm gì" in shown
