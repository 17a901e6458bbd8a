"""How long data is kept, about people and in logs that grow: one table, which the page shows and the clock's hourly
upkeep applies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from campaigns.bulletins import autosave
from campaigns.bulletins.library import media_uploads
from campaigns.compliance.cases.erasure import PERSON_KEPT
from campaigns.core import import_runs
from campaigns.discovery import pending_pages, site_pictures
from campaigns.discovery.pending_pages import PENDING_LIFETIME
from campaigns.discovery.site_pictures import PICTURES_KEPT
from campaigns.people import alarms, idempotency, mail_outbox, one_time_links, sessions, throttling, used_tokens
from campaigns.people.powers import account_messages
from campaigns.people.push import push_outbox
from campaigns.reporting.schedules import report_mail
from campaigns.republications import log_retention, views
from campaigns.republications.log_retention import LOGS_KEPT
from coordinator.jobs.context import JobContext
from coordinator.translation import N_

HOURLY = N_("Tác vụ dọn dẹp, mỗi giờ")
BY_HAND = N_("Người quản trị, ở trang Dữ liệu cá nhân")
NEVER = N_("Không tự xóa")


@dataclass(frozen=True)
class RetentionRule:
    """One kind of data. ``lifetime``: a time, a message id that says until when, or None where it has no end by itself;
    ``why``, ``by``: message ids; ``delete``: what the upkeep runs, None where it deletes nothing; ``one_by_one``: it
    deletes some and is repeated until none is left. Logs are gone through in batches, each in its own transaction."""

    key: str
    what: str
    tables: tuple[str, ...]
    lifetime: timedelta | str | None
    why: str
    by: str
    delete: Callable[..., Any] | None = None
    one_by_one: bool = False


RETENTION = (
    RetentionRule(
        "reader_marks", N_("Dấu phân biệt lượt xem của độc giả (không có địa chỉ, không có tên)"),
        ("recent_views", "network_views", "view_salts", "view_batches"), timedelta(hours=26),
        N_("Chỉ để không đếm hai lần trong ngày; muối ngẫu nhiên bị hủy nên ngày sau không nối lại được."),
        HOURLY, views.delete_reader_marks,
    ),
    RetentionRule(
        "attempts", N_("Số lần thử đăng nhập, thử mở đường dẫn (mã băm)"), ("attempt_counters",),
        N_("Đến khi hết thời gian chặn, nhiều nhất một ngày"),
        N_("Chặn việc dò mật khẩu; hết thời gian chặn thì không cần nữa."), HOURLY,
        throttling.forget_attempts,
    ),
    RetentionRule(
        "used_tokens", N_("Mã xác thực đã dùng"), ("used_tokens",), N_("Đến khi mã tự hết hạn"),
        N_("Để một mã không dùng được hai lần; giữ đến khi mã tự hết hạn."), HOURLY, used_tokens.forget_used_tokens,
    ),
    RetentionRule(
        "replies", N_("Câu trả lời đã gửi cho chương trình gọi API"), ("idempotency_keys",), idempotency.KEPT,
        N_("Để một yêu cầu gửi lại không bị làm hai lần."), HOURLY, idempotency.forget_replies,
    ),
    RetentionRule(
        "sessions", N_("Phiên đăng nhập của cán bộ: thiết bị, lúc bắt đầu, lúc dùng cuối"), ("sessions",),
        sessions.STAFF_KEPT, N_("Để chủ tài khoản và người quản trị nhận ra phiên lạ."), HOURLY,
        sessions.forget_sessions,
    ),
    RetentionRule(
        "editor_sessions", N_("Phiên vào cổng của người đối tác"), ("sessions",), sessions.EDITOR_LIMITS.retention,
        N_("Như trên; phiên của đối tác dài hơn nên giữ lâu hơn."), HOURLY, sessions.forget_sessions,
    ),
    RetentionRule(
        "links", N_("Đường dẫn một lần đã hết hạn"), ("one_time_links",), one_time_links.LINKS_KEPT,
        N_("Để trả lời ai đã mời ai trong thời gian gần đây; nhật ký giữ lâu dài."), HOURLY,
        one_time_links.forget_links,
    ),
    RetentionRule(
        "messages", N_("Tin báo cho cán bộ về tài khoản và bản tin"), ("account_messages",),
        account_messages.MESSAGES_KEPT,
        N_("Để mỗi người xem lại tin báo gần đây; tin về tài khoản chưa đọc thì còn giữ."), HOURLY,
        account_messages.forget_messages,
    ),
    RetentionRule(
        "mails", N_("Thư gửi riêng cho từng người và địa chỉ nhận"), ("personal_mails",), mail_outbox.KEPT,
        N_("Để biết thư đã đi hay chưa."), HOURLY, mail_outbox.forget_mails,
    ),
    RetentionRule(
        "pushes", N_("Tin báo đã gửi tới trình duyệt của cán bộ (loại tin, mã bản tin)"), ("push_messages",),
        push_outbox.KEPT, N_("Để biết tin đã đi hay chưa."), HOURLY, push_outbox.forget_pushes,
    ),
    RetentionRule(
        "push_subscriptions", N_("Trình duyệt nhận tin báo của cán bộ: tên, địa chỉ gửi (mã hóa)"),
        ("push_subscriptions",), None, N_("Đến khi tắt, đăng xuất khắp nơi, hoặc trình duyệt không còn nhận"), BY_HAND,
    ),
    RetentionRule(
        "alarms", N_("Báo động đã gửi cho người quản trị"), ("alarms",), alarms.KEPT,
        N_("Để đối chiếu sau một sự cố."), HOURLY, alarms.forget_alarms,
    ),
    RetentionRule(
        "drafts", N_("Bản đang viết chưa lưu"), ("working_copies",), autosave.KEPT,
        N_("Để không mất chữ khi máy tắt giữa chừng."), HOURLY, autosave.forget_abandoned,
    ),
    RetentionRule(
        "media_uploads", N_("Tệp tải lên dở dang"), ("media_uploads", "media_pieces"), media_uploads.KEPT,
        N_("Để tải tiếp sau khi mất mạng."), HOURLY, media_uploads.forget_uploads, one_by_one=True,
    ),
    RetentionRule(
        "imports", N_("Tệp đã nhập và các dòng bị loại"), ("import_runs", "import_bad_rows", "import_file_chunks"),
        import_runs.RUNS_KEPT, N_("Để sửa dòng sai rồi nhập lại; tệp có thể chứa tên và số điện thoại."), HOURLY,
        import_runs.forget_old_runs, one_by_one=True,
    ),
    RetentionRule(
        "report_runs", N_("Báo cáo đã gửi theo lịch và địa chỉ nhận"), ("report_runs", "report_mails", "report_files"),
        report_mail.RUN_LIFETIME, N_("Để so với cùng kỳ năm trước."), HOURLY, report_mail.delete_old_runs,
    ),
    RetentionRule(
        "accounts", N_("Tài khoản của cán bộ, của người đối tác; người liên hệ của đối tác"),
        ("people", "editors", "companies"), None,
        N_("Đến khi thôi việc hoặc thôi hợp tác và có yêu cầu xóa."), BY_HAND,
    ),
    RetentionRule(
        "cases", N_("Người trong vụ việc đã có quyết định"), ("cases", "case_decisions", "case_files"), PERSON_KEPT,
        N_("Để biết vi phạm nhiều lần. Thời hạn do cơ quan định; cần bộ phận pháp chế xác nhận."), BY_HAND,
    ),
    RetentionRule(
        "questions", N_("Câu hỏi của đối tác và câu trả lời"), ("questions", "question_messages"), None,
        N_("Là công việc của cơ quan; khi xóa người gửi, tên được thay bằng mã, lời vẫn còn."), BY_HAND,
    ),
    RetentionRule(
        "acts", N_("Ai viết, duyệt, phát hành, kết luận"),
        ("bulletin_template_versions", "revisions", "approvals", "decisions"), None,
        N_("Trách nhiệm về văn bản của cơ quan; khi xóa một người, tên được thay bằng mã."), BY_HAND,
    ),
    RetentionRule(
        "tries", N_("Những lần gửi không tới, sau đó đã gửi lại"), ("attempts",), LOGS_KEPT,
        N_("Để xem vì sao một kênh hay lỗi. Lượt phát, lần gửi tới nơi và lần gửi cuối được giữ: số liệu dựa vào đó."),
        HOURLY, log_retention.forget_tries, one_by_one=True,
    ),
    RetentionRule(
        "fetches", N_("Những lần đối tác đọc nguồn tin"), ("feed_fetches",), LOGS_KEPT,
        N_("Để biết đối tác còn đọc không; tổng số lần đọc vẫn còn."), HOURLY, log_retention.forget_fetches,
        one_by_one=True,
    ),
    RetentionRule(
        "plain_pages", N_("Địa chỉ đã xem mà không có bản tin nào của mình"), ("pages", "sightings"), LOGS_KEPT,
        N_("Để không đọc lại một bài cũ. Trang có bài đăng lại, có người báo hay đang chờ thì được giữ."), HOURLY,
        log_retention.forget_plain_pages, one_by_one=True,
    ),
    RetentionRule(
        "pending_pages", N_("Mã nhận dạng của trang đọc trước giờ phát hành"), ("pending_pages", "pending_comparisons"),
        PENDING_LIFETIME, N_("Để nhận ra bài đăng trước khi bản tin được phát hành."), HOURLY,
        pending_pages.delete_expired,
    ),
    RetentionRule(
        "site_pictures", N_("Mã nhận dạng của ảnh trên trang đối tác (không có ảnh)"), ("site_pictures",),
        PICTURES_KEPT, N_("Để không tải lại một ảnh đã xem; ảnh làm bằng chứng được giữ riêng."), HOURLY,
        site_pictures.forget_pictures, one_by_one=True,
    ),
    RetentionRule(
        "deliveries", N_("Lượt phát, bài đăng lại, lượt xem theo ngày, số đọc từ nền tảng"),
        ("deliveries", "republications", "view_days", "engagement_readings", "page_snapshots"), None,
        N_("Số liệu và báo cáo đã chốt dựa vào từng dòng này."), NEVER,
    ),
    RetentionRule(
        "journal", N_("Nhật ký"), ("journal",), None,
        N_("Chứng minh được việc gì đã làm; sửa hay xóa một mục là làm hỏng cả chuỗi."), NEVER,
    ),
    RetentionRule(
        "evidence", N_("Bản chụp trang báo, ảnh và văn bản làm bằng chứng; báo cáo đã chốt"),
        ("evidence", "evidence_uploads", "briefing_versions"), None,
        N_("Căn cứ của số liệu và của quyết định; theo quy định về lưu trữ của cơ quan."), NEVER,
    ),
)  # fmt: skip


def apply_retention(context: JobContext) -> None:
    """Delete what has been kept long enough, each kind in its own transaction."""
    for rule in RETENTION:
        again = rule.delete is not None
        while again and rule.delete is not None:
            with context.database.write() as session:
                again = bool(rule.delete(session, now=context.now())) and rule.one_by_one
