"""``python -m supply.screens``: the pictures of ``docs/screens`` that show pages, of the demo's day in Chromium.

The demo runs with its own sample data on a free port; what it lacks (a text that is being written, one that waits for
its approval, a notice, a briefing, a partner's editor, a register with bad rows) is added by the acts that the pages
use. Times and dates are those of the run. The pictures of opened files (``briefing-*``, ``letter-*``) are no pages, and
``compliance.png`` shows findings, of which the day has none.
"""

import io
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import sync_playwright

from campaigns.bulletins.bulletins import Bulletin
from campaigns.core.clock import city_day, parse_period
from campaigns.messages.notice_workflow import NoticeContent, draft_notice, publish_notice
from campaigns.messages.notices import NoticeAudience
from campaigns.partners.directory import Company
from campaigns.partners.editor_access import make_editor_link
from campaigns.partners.editors import add_editor
from campaigns.reporting.briefings.briefing_text import begin_briefing
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.config import Settings
from coordinator.demo.day import Day, start_product
from coordinator.demo.loopback_services import LoopbackServices
from coordinator.demo.seed import PEOPLE, DemoStaff, seed_installation
from coordinator.jobs.context import AppContext
from coordinator.jobs.release import commands
from supply.components import ROOT, SupplyError

FOLDER: Final = ROOT / "docs" / "screens"
COLOURS: Final = 128  # of a picture; more make the file larger and no word clearer
TIMEOUT_MS: Final = 120_000
WRITER, APPROVER, _ANALYST, ADMIN = (email for email, _name, _role in PEOPLE)
EDITOR: Final = "partner"  # signed in at the portal by a link
# Rows of a register: one that is right, and two that are not.
REGISTER: Final = (
    "Tên doanh nghiệp,Mã số thuế,Số giấy phép,Loại,Cơ quan cấp,Ngày cấp,Ngày hết hạn,Tên miền\n"
    "Công ty cổ phần Bến Thuyền,0108877665,212/GP-TTĐT,Trang tổng hợp,Sở Thông tin,04/03/2024,,benthuyen.example\n"
    "Công ty TNHH Hạt Sen,0108877673,213/GP-TTĐT,Trang tổng hợp,Sở Thông tin,31/02/2024,,hatsen.example\n"
    "Công ty TNHH Gió Mùa,0108877681,214/GP-TTĐT,Trang tổng hợp,Sở Thông tin,05/03/2024,,khong phai ten mien\n"
)

# The text that is written while its picture is taken, and one that waits for its approval.
WRITTEN: Final = (
    "Diệt loăng quăng trước khi trời trở lạnh: năm việc làm trong 15 phút",
    "Mỗi tuần một lần, mỗi nhà dành 15 phút đổ bỏ nước đọng: cách rẻ nhất để chặn sốt xuất huyết.",
    "<p>Nắng xen mưa lạnh làm muỗi vằn dồn vào trong nhà đẻ trứng. Trung tâm y tế các phường, xã đề nghị mỗi gia đình "
    "chọn một buổi cố định trong tuần để dọn hết chỗ đọng nước.</p><h2>Năm việc, theo thứ tự từ ngoài sân vào nhà</h2>"
    "<ul><li>Lật úp xô, chậu, lốp xe, vỏ dừa; thứ không dùng thì bỏ.</li><li>Đậy kín chum, bể; thả cá vào bể lớn.</li>"
    "<li>Thay nước lọ hoa, khay tủ lạnh, máng điều hòa.</li><li>Cọ thành chậu cây, nơi trứng muỗi bám lại.</li>"
    "<li>Nhắc nhà bên cùng làm một buổi.</li></ul><table><thead><tr><th>Tuần</th><th>Ổ nước đã xử lý</th>"
    "<th>Ca mắc mới</th></tr></thead><tbody><tr><td>09–15/11</td><td>18.240</td><td>412</td></tr>"
    "<tr><td>16–22/11</td><td>21.905</td><td>367</td></tr></tbody></table>"
    "<p>Người sốt cao trên hai ngày cần đến trạm y tế, không tự truyền dịch tại nhà.</p>",
)
WAITING: Final = (
    "Mở thêm hai điểm bán hàng bình ổn giá dịp cuối năm",
    "Hai điểm mới mở cửa từ 8 giờ đến 20 giờ hằng ngày, kể cả thứ Bảy và Chủ nhật.",
    "<p>Từ tuần tới, người dân hai phường ven sông mua được gạo, dầu ăn, trứng và thịt theo giá bình ổn ngay tại nhà "
    "văn hóa phường. Hàng có tem nguồn gốc; giá niêm yết ở cửa và trên trang của Sở.</p><p>Điểm bán nhận tiền mặt và "
    "chuyển khoản, giao tận nhà cho người già và người khuyết tật.</p>",
)


@dataclass(frozen=True)
class Screen:
    """One picture: who looks at which address, on a screen of this size in CSS pixels."""

    name: str
    who: str
    path: str
    width: int
    height: int


def screens(codes: Mapping[str, str]) -> tuple[Screen, ...]:
    """The pictures, for the codes that ``_prepare`` returns."""
    return (
        Screen("today", APPROVER, "/desk", 1280, 1300),
        Screen("editor", WRITER, f"/desk/bulletins/{codes['draft']}/edit", 1280, 1100),
        Screen("approve-phone", APPROVER, f"/desk/bulletins/{codes['submitted']}/approve", 390, 844),
        Screen("calendar", APPROVER, "/desk/calendar", 1280, 1200),
        Screen("deliveries", APPROVER, "/desk/deliveries", 1280, 1000),
        Screen("copies", APPROVER, f"/desk/bulletins/{codes['first']}/copies", 1280, 1000),
        Screen("evidence", APPROVER, f"/desk/republications/{codes['copy']}", 1280, 1300),
        Screen("removals", APPROVER, "/desk/removals?all=1", 1280, 1000),
        Screen("progress", APPROVER, "/desk/progress/", 1280, 1000),
        Screen("briefing", APPROVER, f"/desk/briefings/{codes['briefing']}", 1280, 1200),
        Screen("search", APPROVER, "/desk/search?q=tiem+chung", 1280, 900),
        Screen("notices", APPROVER, f"/desk/notices/{codes['notice']}", 1280, 900),
        Screen("register", ADMIN, "/desk/partners/_register", 1280, 1200),
        Screen("portal", EDITOR, "/portal", 1280, 1100),
    )


def write_screens(folder: Path = FOLDER) -> list[str]:
    """Take every picture; returns their names. Raises ``SupplyError`` where Chromium is missing."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        raise SupplyError("chromium is missing: install the package chromium")
    taken = []
    with _day() as (app, staff), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, chromium_sandbox=False)
        codes = _prepare(app, staff)
        for screen in screens(codes):
            page = _signed_in(chromium, app.settings.base_url, staff, screen, codes)
            page.goto(app.settings.base_url + screen.path, wait_until="networkidle")
            if screen.name == "register":
                file = {"name": "so-giay-phep.csv", "mimeType": "text/csv", "buffer": REGISTER.encode()}
                page.set_input_files("main input[type=file]", file)
                page.click("main .dock button")
                page.get_by_role("heading", level=1, name="Kết quả kiểm tra").wait_for()
            _write(page, folder / f"{screen.name}.png")
            page.context.close()
            taken.append(screen.name)
        chromium.close()
    return taken


@contextmanager
def _day() -> Iterator[tuple[AppContext, DemoStaff]]:
    """The product after the demo's day; it ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="lantoa-screens-"))
    world = LoopbackServices(scripts=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = Settings.read(
        data_dir=folder, base_url=f"http://localhost:{port}", pace="fast", allow_hosts=world.hosts,
        database_url="", broker_url="", second_factor_for="", render=False,
    )  # fmt: skip
    product = start_product(settings, port)
    try:
        staff = seed_installation(product.app_context, world, target=20)
        world.begin_pulling()
        Day(product.app_context, world, staff, threading.Event(), ahead=15).run_steps()
        yield product.app_context, staff
    finally:
        world.stop()
        product.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(app: AppContext, staff: DemoStaff) -> dict[str, str]:
    """Add what the demo's day lacks; returns the codes that the addresses of the pictures hold."""
    context = app.job_context
    with context.database.read() as session:
        first = session.execute(sa.select(Bulletin.code).order_by(Bulletin.id).limit(1)).scalar_one()
        copy = session.execute(
            sa.select(Republication.public)
            .join(Bulletin, Bulletin.id == Republication.bulletin_id)
            .where(Republication.status == RepublicationStatus.CONFIRMED)
            .order_by(Bulletin.id.desc(), Republication.share.desc(), Republication.site_id)
            .limit(1)
        ).scalar_one()
    title, lead, body = WRITTEN
    draft = commands.create(app, staff.writer, commands.make_text(title, lead, body_html=body), topic="dich-benh").code
    title, lead, body = WAITING
    text = commands.make_text(title, lead, body_html=body)
    submitted = commands.create(app, staff.writer, text, topic="kinh-te-xa-hoi").code
    commands.submit(app, staff.writer, submitted)
    now = context.now()
    wanted = NoticeContent(
        "Ghi nguồn theo mẫu mới",
        "<p>Từ tuần tới, dòng nguồn ở cuối bài ghi tên Sở và đường dẫn về bản gốc. Mẫu câu nằm ở nút Sao chép bài.</p>",
        NoticeAudience.ALL, deadline=city_day(now) + timedelta(days=7), must_confirm=True,
    )  # fmt: skip
    with context.database.write() as session:
        notice = draft_notice(session, staff.approver, wanted, "screens", now=now)
        publish_notice(session, staff.approver, notice.public, notice.version, now=now)
        quarter = f"{city_day(now).year}-Q{(city_day(now).month + 2) // 3}"
        briefing = begin_briefing(session, staff.approver, None, parse_period(quarter), now=now)
        company = session.execute(sa.select(Company).order_by(Company.id).limit(1)).scalar_one()
        editor = add_editor(session, staff.admin, company, email="lan@nhipsong.example", name="Ngọc Lan", now=now)
        link = make_editor_link(session, staff.admin, editor, now=now).secret
        return {
            "first": first, "copy": copy, "draft": draft, "submitted": submitted, "notice": notice.public,
            "briefing": briefing.public, "link": link,
        }  # fmt: skip


def _signed_in(chromium: Any, base: str, staff: DemoStaff, screen: Screen, codes: Mapping[str, str]) -> Any:
    """Return a page of a signed-in person, in a context of its own."""
    context = chromium.new_context(
        viewport={"width": screen.width, "height": screen.height}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh",
        color_scheme="light", reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    if screen.who == EDITOR:
        page.goto(f"{base}/portal/join/{codes['link']}")
        with page.expect_navigation():
            page.locator("main form button").first.click()
        return page
    page.goto(f"{base}/login")
    page.fill("[name=email]", screen.who)
    page.fill("[name=password]", staff.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


def _write(page: Any, path: Path) -> None:
    """Write what the screen shows, once fonts, rows and the editor are there."""
    page.evaluate("document.fonts.ready.then(() => true)")
    if page.locator("textarea[data-editor]").count():
        page.frame_locator(".tox-edit-area__iframe").locator("body p").first.wait_for()
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    """Take the pictures; 1 with the reason on stderr when it cannot be done."""
    try:
        write_screens()
    except SupplyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
