"""The sentences of the page of health for what the checks found (``coordinator.health_facts``), and which of them tell
of something that is *off* or *not there yet*."""

from collections.abc import Mapping, Sequence
from typing import Final

from coordinator.health_facts import Fact, FactValue
from coordinator.translation import N_, _

# By codes; what has no row is words of a library or a server, or not shown on the page.
DETAILS: Final[Mapping[str, str]] = {
    "answers": N_("%(place)s trả lời."),
    "unreachable": N_("Chưa rõ: từ máy này không tới được %(place)s."),
    "pages_kept": N_("Bản chụp giữ ở %(place)s."),
    "no_mail": N_("Chưa khai máy chủ thư; đường dẫn một lần hiện ra để sao chép."),
    "push": N_("Gửi được."),
    "no_push": N_("Tắt: phần gửi tin báo chưa được cài."),
    "no_issuer": N_("Chưa nối; mọi người vào bằng mật khẩu và khóa truy cập."),
    "passkeys": N_("Dùng được ở đúng địa chỉ %(place)s."),
    "passkeys_number": N_("Chưa dùng được: %(place)s là một con số, trình duyệt cần một tên miền."),
    "passkeys_open": N_("Chưa dùng được: %(place)s không phải https."),
    "other_program": N_("%(place)s trả lời %(status)s và không phải hệ thống này."),
    "no_https": N_("Không có: địa chỉ không phải https."),
    "certificate_unreachable": N_("Chưa rõ: từ máy này không tới được %(place)s."),
    "certificate": N_("Chứng thư của %(place)s có hạn tới %(day)s, còn %(days)s ngày."),
    "checkpoint": N_("%(place)s: bản mới nhất của ngày %(day)s."),
    "no_checkpoint": N_("%(place)s: không có điểm kiểm nào của %(days)s ngày qua."),
    "wrong_checkpoint": N_("%(place)s: điểm kiểm của ngày %(day)s không còn như lúc ghi."),
    "no_copy": N_("Tắt; bật bằng LANTOA_COPY_FOLDER."),
    "copy_of_postgresql": N_("Không cần: PostgreSQL tự lo việc này."),
    "copy_missing": N_("Chưa có bản sao nào ở %(place)s."),
    "copy": N_("%(place)s, cách đây %(minutes)s phút."),
    "copy_late": N_("Bản sao này đã cũ."),
    "files": N_("Chỉ tài khoản của hệ thống đọc được %(place)s."),
    "files_open": N_("Tài khoản khác mở được: %(files)s."),
    "disk": N_("Còn trống %(free)s MB trên %(whole)s MB."),
    "no_database": N_("Chưa có %(place)s."),
    "database": N_("%(kind)s, bảng ở phiên bản %(at)s."),
    "database_trouble": N_("%(kind)s, bảng ở phiên bản %(at)s, chưa dùng được."),
    "sealed": N_("Đúng khóa đã niêm phong cơ sở dữ liệu."),
    "other_seal": N_("Cơ sở dữ liệu được niêm phong bằng khóa khác."),
    "broken_end": N_("Cuối nhật ký đã bị sửa bằng tay."),
    "journal_noted": N_("Còn mục %(entry)s ghi nhận lúc %(at)s; số lần đặt lại về bản cũ: %(times)s."),
    "journal_not_noted": N_("Máy này chưa ghi nhận mục nào."),
    "journal_broken": N_("Mục đã ghi nhận nay không còn, hoặc là mục khác."),
    "administrators": N_("Số người quản trị: %(count)s."),
    "no_administrator": N_("Chưa có người quản trị nào."),
    "one_clock": N_("Một máy, một đồng hồ."),
    "clocks_apart": N_("Đồng hồ của cơ sở dữ liệu lệch %(seconds)s giây so với máy này."),
    "clock": N_("%(who)s đang chạy, báo cách đây %(seconds)s giây."),
    "no_clock_ever": N_("Không chạy, và trước đây cũng chưa chạy."),
    "clock_ahead": N_("Không chạy; giờ của một máy đã chạy nhanh."),
    "no_clock": N_("Không chạy; %(who)s ngừng báo cách đây %(seconds)s giây."),
    "no_browser": N_("Tắt: %(count)s bài đã tính chưa xem bằng trình duyệt như người đọc thấy."),
    "chromium": N_("Máy này đã có Chromium."),
    "picture_text": N_("Đọc được: máy này đã có tesseract với mẫu chữ tiếng Việt."),
    "no_picture_text": N_("Chưa đọc được: máy này chưa có tesseract với mẫu chữ tiếng Việt."),
    "recordings": N_("Nhận được: máy này đã có ffmpeg."),
    "no_recordings": N_("Chưa nhận được: máy này chưa có ffmpeg."),
    "no_chromium": N_("Máy này chưa có Chromium."),
    "browser": N_("Bật, %(running)s tiến trình đang chạy; %(count)s trang đang đợi."),
    "browser_stopped": N_("Bật, mà không có tiến trình nào chạy; %(count)s trang đang đợi."),
    "missing_here": N_("Máy này chưa có đủ phần mềm."),
    "processes": N_("Đang chạy: %(web)s web, %(clock)s hẹn giờ, %(work)s gửi."),
    "no_process": N_("Còn thiếu: %(parts)s."),
    "queue": N_("Lượt đến hạn lâu nhất trễ %(seconds)s giây."),
    "queue_log": N_("Nguyên nhân có trong nhật ký của lantoa work."),
    "nobody_sends": N_("Không có tiến trình nào gửi."),
    "channels_hold": N_("Chờ kênh không chạy: %(count)s lượt (%(channels)s)."),
    "channel_in_state": "%(channel)s: %(state)s",
    "no_deliveries_wait": N_("Không có lượt phát nào đợi người."),
    "deliveries_wait": N_("Số lượt phát đợi người: %(count)s."),
    "no_channels": N_("Chưa có kênh nào."),
    "channels": "%(states)s.",
    "channels_lost": N_("%(states)s. Cần cấp quyền lại: %(channels)s."),
    "channels_failing": N_("%(states)s. Cần xem: %(channels)s."),
    "channels_of_state": "%(count)s %(state)s",
    "channel_error": "%(channel)s",
    "no_sources": N_("Chưa theo dõi nguồn nào."),
    "sources": N_("Theo dõi %(watched)s nguồn; lỗi liên tiếp: %(failing)s, im lặng: %(silent)s."),
    "sources_named": N_("Tên từng nguồn: lantoa site list --failing."),
    "changes": N_("Số thay đổi chưa cộng: %(count)s."),
    "many_changes": N_("Số thay đổi chưa cộng: %(count)s."),
    "triggers_missing": N_("Thiếu %(count)s phần ghi nhận thay đổi."),
    "kept_for_good": N_("Bằng chứng và báo cáo đã chốt không sửa được."),
    "rows_changeable": N_("Bằng chứng đang sửa được: thiếu %(triggers)s."),
    "kept_pages": N_("Có đủ, xét %(count)s bản chụp mới nhất và cũ nhất mà bằng chứng nêu."),
    "kept_pages_missing": N_("Thiếu %(count)s bản chụp mà bằng chứng nêu ở %(place)s."),
    "no_backup": N_("Chưa có bản sao lưu nào."),
    "backup_encrypted": N_("Bản mới nhất: %(file)s, lúc %(at)s giờ quốc tế (UTC), đã mã hóa."),
    "backup_open": N_("Bản mới nhất: %(file)s, lúc %(at)s giờ quốc tế (UTC), chưa mã hóa."),
    "backup_late": N_("Đã %(days)s ngày không sao lưu."),
    "index": N_("Chỉ mục đầy đủ."),
    "index_not_whole": N_("Chỉ mục chưa đầy đủ."),
    "broker_refuses": N_("Không nhận người dùng và mật khẩu này."),
    "broker_forbids": N_("Không cho người dùng này vào."),
    "broker_without_queue": N_("Trả lời, nhưng chưa có hàng đợi %(queue)s."),
    "broker_unreachable": N_("Không tới được RabbitMQ."),
    "broker": N_("Trả lời; %(count)s lời nhắc đang đợi, %(workers)s tiến trình nghe."),
}
# What these tell of is switched off, not entered, or cannot be known, which is neither good nor wrong.
UNUSED: Final = frozenset(
    {
        "unreachable", "certificate_unreachable", "no_mail", "no_push", "no_issuer", "passkeys_number", "passkeys_open",
        "no_https", "no_copy", "copy_of_postgresql", "no_browser", "no_channels", "no_sources", "no_backup",
        "journal_not_noted",
    }
)  # fmt: skip
# The states that a sentence names, in a value ``state``.
_STATES: Final[Mapping[str, str]] = {
    "active": N_("hoạt động"),
    "paused": N_("tạm dừng"),
    "failing": N_("đang lỗi"),
    "needs_authorisation": N_("cần cấp quyền lại"),
}


def detail(facts: Sequence[Fact]) -> str | None:
    """Return what was found in the reader's language; None where a library or a server said it."""
    if any(found.code not in DETAILS for found in facts):
        return None
    return " ".join(_worded(found) for found in facts)


def is_unused(facts: Sequence[Fact]) -> bool:
    """Whether it tells of something that is off or not there yet."""
    return any(found.code in UNUSED for found in facts)


def _worded(found: Fact) -> str:
    return _(DETAILS[found.code], **{name: _value(name, value) for name, value in found.values.items()})


def _value(name: str, value: FactValue) -> str | int:
    if name == "state" and value in _STATES:
        return _(_STATES[str(value)])
    return value if isinstance(value, str | int) else ", ".join(_worded(part) for part in value)
