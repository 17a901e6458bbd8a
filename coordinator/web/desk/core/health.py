"""Backup and health: the lines of ``lantoa doctor`` as a page, each with what to do when it is not right."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, current_app, render_template
from flask.typing import ResponseReturnValue

from campaigns.people.staff import Permission
from campaigns.reporting import monitoring
from coordinator.health_facts import Fact, english
from coordinator.translation import N_, _
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.core import health_details

blueprint = Blueprint("health", __name__, url_prefix="/health")

WAITS = 8.0  # seconds; each check that reaches outside has its own, shorter deadline
_EXTENSION = "lantoa.health"

Check = Callable[[Callable[[str, bool, Sequence[Fact]], None]], None]

SUBJECTS: Mapping[str, str] = {
    "configuration": N_("Thiết lập"),
    "copy": N_("Bản sao liên tục của cơ sở dữ liệu"),
    "kept pages": N_("Bản chụp mà bằng chứng nêu"),
    "evidence": N_("Kho bằng chứng"),
    "mail": N_("Thư điện tử"),
    "messages in browsers": N_("Tin báo trên trình duyệt"),
    "text in pictures": N_("Chữ trong ảnh"),
    "city account": N_("Tài khoản thành phố"),
    "passkeys": N_("Khóa đăng nhập"),
    "base address": N_("Địa chỉ của hệ thống"),
    "certificate": N_("Chứng thư của địa chỉ"),
    "checkpoints": N_("Điểm kiểm của nhật ký"),
    "time stamps": N_("Dấu thời gian"),
    "files": N_("Quyền đọc thư mục dữ liệu"),
    "disk": N_("Chỗ trống trên đĩa"),
    "database": N_("Cơ sở dữ liệu"),
    "secret key": N_("Khóa bí mật"),
    "journal": N_("Nhật ký so với mục đã ghi nhận"),
    "staff": N_("Người quản trị"),
    "time": N_("Giờ của máy"),
    "clock": N_("Tiến trình hẹn giờ"),
    "browser": N_("Trình duyệt đọc trang"),
    "processes": N_("Các tiến trình"),
    "queue": N_("Hàng đợi phát"),
    "deliveries": N_("Lượt phát"),
    "channels": N_("Kênh"),
    "sources": N_("Nguồn của trang đối tác"),
    "tallies": N_("Bảng cộng số liệu"),
    "kept for good": N_("Bằng chứng không sửa được"),
    "backup": N_("Sao lưu"),
    "search": N_("Chỉ mục tìm kiếm"),
    "broker": N_("RabbitMQ"),
}

ADVICE: Mapping[str, str] = {
    "evidence": N_("Người vận hành xem kho giữ bản chụp: chưa ghi được thì bài mới thấy không có bằng chứng."),
    "mail": N_("Người vận hành xem máy chủ thư; trong lúc đó đường dẫn mời được hiện ra để sao chép."),
    "base address": N_("Người vận hành đặt LANTOA_BASE_URL đúng địa chỉ mà mọi người mở."),
    "certificate": N_("Người vận hành gia hạn chứng thư, nếu không trình duyệt sẽ chặn trang."),
    "files": N_("Người vận hành chạy lệnh ghi ở dòng này."),
    "disk": N_("Người vận hành dọn hoặc thêm đĩa; hết chỗ thì không ghi được gì nữa."),
    "database": N_("Người vận hành chạy lệnh ghi ở dòng này."),
    "secret key": N_("Người vận hành đặt lại đúng khóa bí mật của hệ thống này."),
    "journal": N_("Giữ nguyên máy chủ và bản sao lưu, báo người phụ trách an toàn thông tin."),
    "clock": N_("Người vận hành chạy lại hệ thống: chưa có tiến trình hẹn giờ thì bản tin hẹn giờ không ra."),
    "processes": N_("Người vận hành chạy lại tiến trình còn thiếu."),
    "queue": N_("Xem trang Lượt phát: có lượt đến hạn mà chưa gửi. Thiếu tiến trình thì người vận hành chạy lại."),
    "kept pages": N_("Người vận hành lấy lại bản chụp từ bản sao lưu, theo lệnh ghi ở dòng này."),
    "channels": N_("Mở trang Tài khoản chính thức và sửa kênh được nêu tên."),
    "sources": N_("Mở Đối tác và giấy phép, xem những nguồn không đọc được."),
    "tallies": N_("Người vận hành xem tiến trình hẹn giờ; số liệu chưa cộng kịp."),
    "kept for good": N_("Người vận hành phục hồi từ bản sao lưu: bằng chứng đang sửa được."),
    "backup": N_("Người vận hành bật sao lưu hằng đêm theo hướng dẫn bên cạnh."),
    "search": N_("Người vận hành chạy: lantoa search rebuild"),
}


@dataclass(frozen=True)
class HealthLine:
    """One thing that was checked, and what was found."""

    subject: str
    good: bool
    facts: Sequence[Fact]

    @property
    def label(self) -> str:
        """The subject in the reader's language; a new one as it is called on the command line."""
        return _(SUBJECTS[self.subject]) if self.subject in SUBJECTS else self.subject

    @property
    def words(self) -> str:
        """What was found, as ``lantoa doctor`` says it, for the operator."""
        return english(self.facts)

    @property
    def detail(self) -> str | None:
        """What was found, in the reader's language; None where only a library or a server says it."""
        return health_details.detail(self.facts)

    @property
    def unused(self) -> bool:
        """Whether it is off or not there yet, which is neither good nor wrong."""
        return self.good and health_details.is_unused(self.facts)

    @property
    def advice(self) -> str:
        """What to do, where it is not right."""
        return _(ADVICE[self.subject]) if not self.good and self.subject in ADVICE else ""


class HealthProbe:
    """Runs the checks of one installation, one run at a time, in a thread that nobody waits for longer than
    ``WAITS``."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._running = threading.Lock()

    def lines(self, seconds: float = WAITS) -> tuple[list[HealthLine], bool]:
        """The lines that were there in time, and whether these are all. While an earlier run hangs, there are none."""
        if not self._running.acquire(blocking=False):
            return [], False
        found: list[HealthLine] = []
        whole = threading.Event()
        ended = threading.Event()

        def run() -> None:
            try:
                self._check(lambda subject, good, facts: found.append(HealthLine(subject, good, facts)))
                whole.set()
            finally:
                self._running.release()
                ended.set()

        threading.Thread(target=run, name="health", daemon=True).start()
        ended.wait(seconds)
        return list(found), whole.is_set()


def configure(app: Flask, check: Check) -> None:
    """Install the checks of this application's installation."""
    app.extensions[_EXTENSION] = HealthProbe(check)


@blueprint.get("/")
@staff_required(Permission.CONFIGURE)
def index() -> ResponseReturnValue:
    """Check now, and show what is not right first."""
    probe: HealthProbe = current_app.extensions[_EXTENSION]
    lines, whole = probe.lines()
    context = app_context().job_context
    with context.database.read() as session:
        last = monitoring.last_backup(session)
        overdue = monitoring.backup_age(session, now=context.now()) > monitoring.BACKUP_OVERDUE_AFTER
    return render_template(
        "desk/core/health.html",
        bad=[line for line in lines if not line.good],
        good=[line for line in lines if line.good and not line.unused],
        unused=[line for line in lines if line.unused],
        whole=whole,
        last=last,
        overdue=overdue,
        folder=app_context().settings.data_dir.resolve(),
    )
