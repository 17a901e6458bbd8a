"""What ``lantoa doctor`` says, as sentences for the page of health, with what stands for *off* or *not there yet*.

The command speaks English to operators. A sentence without a row here is shown as the command says it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coordinator.translation import N_, _


@dataclass(frozen=True)
class DetailForm:
    """``pattern``: the command's whole sentence; its named groups are the values of ``text``. ``unused``: what it tells
    of is switched off, not entered, or cannot be known, which is neither good nor wrong."""

    pattern: str
    text: str
    unused: bool = False


_FORMS: Mapping[str, Sequence[DetailForm]] = {
    "evidence": (
        DetailForm(r"pages are kept in (?P<place>.+?)(, which answers)?", N_("Bản chụp giữ ở %(place)s.")),
        DetailForm(r"(?P<place>.+) may not be written to", N_("Không ghi được vào %(place)s.")),
    ),
    "mail": (
        DetailForm(r"none; .*", N_("Chưa khai máy chủ thư; đường dẫn một lần hiện ra để sao chép."), unused=True),
        DetailForm(r"(?P<place>\S+) answers", N_("%(place)s trả lời.")),
    ),
    "messages in browsers": (
        DetailForm(r"can be sent", N_("Gửi được.")),
        DetailForm(r"off: .*", N_("Tắt: phần gửi tin báo chưa được cài."), unused=True),
    ),
    "city account": (
        DetailForm(r"none; .*", N_("Chưa nối; mọi người vào bằng mật khẩu và khóa truy cập."), unused=True),
        DetailForm(r"(?P<place>\S+) answers", N_("%(place)s trả lời.")),
    ),
    "passkeys": (
        DetailForm(r"can be used at exactly (?P<place>\S+);.*", N_("Dùng được ở đúng địa chỉ %(place)s.")),
        DetailForm(
            r"cannot be used: (?P<place>\S+) is a number.*",
            N_("Chưa dùng được: %(place)s là một con số, trình duyệt cần một tên miền."),
            unused=True,
        ),
        DetailForm(
            r"cannot be used: (?P<place>\S+) is not https",
            N_("Chưa dùng được: %(place)s không phải https."),
            unused=True,
        ),
    ),
    "base address": (
        DetailForm(
            r"not known: (?P<place>\S+) cannot be reached from here",
            N_("Chưa rõ: từ máy này không tới được %(place)s."),
            unused=True,
        ),
        DetailForm(r"(?P<place>\S+) answers", N_("%(place)s trả lời.")),
        DetailForm(
            r"(?P<place>\S+) answers (?P<status>\d+) and is not this program.*",
            N_("%(place)s trả lời %(status)s và không phải hệ thống này."),
        ),
    ),
    "certificate": (
        DetailForm(r"none: the address is not https", N_("Không có: địa chỉ không phải https."), unused=True),
        DetailForm(
            r"not known: (?P<place>\S+) cannot be reached from here.*",
            N_("Chưa rõ: từ máy này không tới được %(place)s."),
            unused=True,
        ),
        DetailForm(
            r"(?P<place>\S+): good until (?P<day>\S+), (?P<days>-?\d+) days",
            N_("Chứng thư của %(place)s có hạn tới %(day)s, còn %(days)s ngày."),
        ),
    ),
    "checkpoints": (
        DetailForm(r"(?P<place>.+): the last of (?P<day>\S+)", N_("%(place)s: bản mới nhất của ngày %(day)s.")),
        DetailForm(
            r"(?P<place>.+): holds none of the last (?P<days>\d+) days",
            N_("%(place)s: không có điểm kiểm nào của %(days)s ngày qua."),
        ),
    ),
    "copy": (
        DetailForm(r"none; set LANTOA_COPY_FOLDER", N_("Tắt; bật bằng LANTOA_COPY_FOLDER."), unused=True),
        DetailForm(r"none: PostgreSQL has its own", N_("Không cần: PostgreSQL tự lo việc này."), unused=True),
        DetailForm(r"(?P<place>.+), (?P<minutes>\d+) minutes old", N_("%(place)s, cách đây %(minutes)s phút.")),
    ),
    "files": (
        DetailForm(
            r"(?P<place>.+) is readable to this account only", N_("Chỉ tài khoản của hệ thống đọc được %(place)s.")
        ),
        DetailForm(r"other accounts may open (?P<what>.+)", N_("Tài khoản khác mở được: %(what)s")),
    ),
    "disk": (DetailForm(r"(?P<free>\d+) MB free of (?P<whole>\d+)", N_("Còn trống %(free)s MB trên %(whole)s MB.")),),
    "database": (DetailForm(r"(?P<kind>\w+) at (?P<at>\S+)", N_("%(kind)s, bảng ở phiên bản %(at)s.")),),
    "secret key": (
        DetailForm(r"the database was sealed with it", N_("Đúng khóa đã niêm phong cơ sở dữ liệu.")),
        DetailForm(r"the database was sealed with another key.*", N_("Cơ sở dữ liệu được niêm phong bằng khóa khác.")),
        DetailForm(r"the end of the journal was changed by hand.*", N_("Cuối nhật ký đã bị sửa bằng tay.")),
    ),
    "journal": (
        DetailForm(
            r"contains entry (?P<entry>\d+), noted (?P<at>[\d-]+ [\d:]+); set back (?P<times>\d+) times",
            N_("Còn mục %(entry)s ghi nhận lúc %(at)s; số lần đặt lại về bản cũ: %(times)s."),
        ),
        DetailForm(r"nothing is noted in this data folder yet", N_("Máy này chưa ghi nhận mục nào."), unused=True),
        DetailForm(
            r"it was there on (?P<at>[\d-]+ [\d:]+) and is gone; the journal ends at (?P<last>\d+), as .*",
            N_("Có mục ghi nhận lúc %(at)s nay không còn; nhật ký kết thúc ở mục %(last)s."),
        ),
        DetailForm(
            r"it is another entry than at (?P<at>[\d-]+ [\d:]+), as .*", N_("Mục ghi nhận lúc %(at)s nay là mục khác.")
        ),
    ),
    "staff": (
        DetailForm(r"(?P<count>\d+) administrators", N_("Số người quản trị: %(count)s.")),
        DetailForm(r"no administrator; .*", N_("Chưa có người quản trị nào.")),
    ),
    "time": (
        DetailForm(r"one machine, one clock", N_("Một máy, một đồng hồ.")),
        DetailForm(
            r"the database's clock is (?P<apart>\S+) s from this machine's",
            N_("Đồng hồ của cơ sở dữ liệu lệch %(apart)s giây so với máy này."),
        ),
    ),
    "clock": (
        DetailForm(
            r"led by (?P<who>\S+), which signed (?P<seconds>\d+) s ago",
            N_("%(who)s đang chạy, báo cách đây %(seconds)s giây."),
        ),
        DetailForm(r"no clock is running, nor was there one before", N_("Không chạy, và trước đây cũng chưa chạy.")),
        DetailForm(
            r"no clock is running; (?P<who>\S+) fell silent (?P<seconds>\d+) s ago",
            N_("Không chạy; %(who)s ngừng báo cách đây %(seconds)s giây."),
        ),
        DetailForm(r"no clock is running; the lease of .*", N_("Không chạy; giờ của một máy đã chạy nhanh.")),
    ),
    "browser": (
        DetailForm(
            r"off; (?P<count>\d+) counted copies were not seen by one; .*",
            N_("Tắt: %(count)s bài đã tính chưa xem bằng trình duyệt như người đọc thấy."),
            unused=True,
        ),
        DetailForm(
            r"on, (?P<running>\d+) running; (?P<count>\d+) pages wait.*",
            N_("Bật, %(running)s tiến trình đang chạy; %(count)s trang đang đợi."),
        ),
        DetailForm(
            r"on, none is running: start lantoa render; (?P<count>\d+) pages wait.*",
            N_("Bật, mà không có tiến trình nào chạy; %(count)s trang đang đợi."),
        ),
    ),
    "processes": (
        DetailForm(
            r"(?P<web>\d+) web, (?P<clock>\d+) clock, (?P<work>\d+) work",
            N_("Đang chạy: %(web)s web, %(clock)s hẹn giờ, %(work)s gửi."),
        ),
        DetailForm(
            r"(?P<web>\d+) web, (?P<clock>\d+) clock, (?P<work>\d+) work; nobody does: (?P<what>[^;]+);.*",
            N_("Đang chạy: %(web)s web, %(clock)s hẹn giờ, %(work)s gửi. Còn thiếu: %(what)s."),
        ),
    ),
    "queue": (
        DetailForm(
            r"oldest due delivery is (?P<seconds>\d+) s late; nobody sends:.*",
            N_("Lượt đến hạn lâu nhất trễ %(seconds)s giây, và không có tiến trình nào gửi."),
        ),
        DetailForm(
            r"oldest due delivery is (?P<seconds>\d+) s late.*; (?P<count>\d+) wait for (?P<channels>.+)",
            N_("Lượt đến hạn lâu nhất trễ %(seconds)s giây. Chờ kênh không chạy: %(count)s lượt (%(channels)s)."),
        ),
        DetailForm(
            r"oldest due delivery is (?P<seconds>\d+) s late(;.*)?", N_("Lượt đến hạn lâu nhất trễ %(seconds)s giây.")
        ),
    ),
    "deliveries": (
        DetailForm(r"0 wait for a person", N_("Không có lượt phát nào đợi người.")),
        DetailForm(r"(?P<count>\d+) wait for a person", N_("Số lượt phát đợi người: %(count)s.")),
    ),
    "channels": (DetailForm(r"none yet", N_("Chưa có kênh nào."), unused=True),),
    "sources": (
        DetailForm(r"0 lists are watched, .*", N_("Chưa theo dõi nguồn nào."), unused=True),
        DetailForm(
            r"(?P<watched>\d+) lists are watched, (?P<failing>\d+) fail repeatedly, (?P<silent>\d+) are silent.*",
            N_("Theo dõi %(watched)s nguồn; lỗi liên tiếp: %(failing)s, im lặng: %(silent)s."),
        ),
    ),
    "tallies": (
        DetailForm(r"(?P<count>\d+) changes are not added up yet.*", N_("Số thay đổi chưa cộng: %(count)s.")),
        DetailForm(r"(?P<count>\d+) triggers are not in place.*", N_("Thiếu %(count)s phần ghi nhận thay đổi.")),
    ),
    "kept for good": (
        DetailForm(
            r"evidence and frozen briefings cannot be changed",
            N_("Bằng chứng và báo cáo đã chốt không sửa được."),
        ),
    ),
    "kept pages": (
        DetailForm(
            r"there, of the (?P<count>\d+) newest and oldest that evidence names",
            N_("Có đủ, xét %(count)s bản chụp mới nhất và cũ nhất mà bằng chứng nêu."),
        ),
    ),
    "backup": (
        DetailForm(r"none was made yet.*", N_("Chưa có bản sao lưu nào."), unused=True),
        DetailForm(
            r"(?P<file>.+), (?P<at>[\d-]+ [\d:]+) UTC.*", N_("Bản mới nhất: %(file)s, lúc %(at)s giờ quốc tế (UTC).")
        ),
    ),
    "search": (
        DetailForm(r"the index is whole", N_("Chỉ mục đầy đủ.")),
        DetailForm(r"the index is not whole;.*", N_("Chỉ mục chưa đầy đủ.")),
    ),
    "broker": (
        DetailForm(
            r"answers; (?P<count>\d+) nudges wait, (?P<workers>\d+) workers listen",
            N_("Trả lời; %(count)s lời nhắc đang đợi, %(workers)s tiến trình nghe."),
        ),
    ),
}

_STATES: Mapping[str, str] = {
    "active": N_("hoạt động"),
    "paused": N_("tạm dừng"),
    "failing": N_("đang lỗi"),
    "needs_authorisation": N_("cần cấp quyền lại"),
}


@dataclass(frozen=True)
class HealthDetail:
    """A sentence in the reader's language, None where the command's own is shown; see ``DetailForm.unused``."""

    text: str | None
    unused: bool = False


def find_detail(subject: str, words: str) -> HealthDetail:
    """Return the detail of a line of the command."""
    for form in _FORMS.get(subject, ()):
        if found := re.fullmatch(form.pattern, words, re.DOTALL):
            return HealthDetail(_(form.text, **found.groupdict("")), form.unused)
    if subject == "channels" and (counts := re.match(r"(\d+ [a-z_]+)(, \d+ [a-z_]+)*", words)):
        parts = [part.split(" ") for part in counts[0].split(", ")]
        return HealthDetail(", ".join(f"{count} {_(_STATES[state]) if state in _STATES else state}"
                                      for count, state in parts) + ".")  # fmt: skip
    return HealthDetail(None)
