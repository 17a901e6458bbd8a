"""The script of the demo: bulletins are written from files, approved, released, corrected, recalled and counted."""

import json
import logging
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from types import FrameType

from campaigns.bulletins import visibility
from campaigns.bulletins.bulletins import find_bulletin
from campaigns.bulletins.presentation import Cover, Presentation
from campaigns.core.clock import CITY, city_day, quarter_of
from campaigns.reporting import tallies
from campaigns.reporting.tallies import TallyScope
from coordinator import composition, schema
from coordinator.app import create_app
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.demo import results
from coordinator.demo.loopback_services import LoopbackServices
from coordinator.demo.partner_site import PartnerSite
from coordinator.demo.seed import PEOPLE, DemoStaff, cover_file, seed_installation, word_file
from coordinator.demo.terminal_output import PROVED, TALLIED, JournalPrinter, table
from coordinator.jobs.bulletins import text_import
from coordinator.jobs.bulletins.pictures import store_picture
from coordinator.jobs.context import AppContext, JobContext
from coordinator.jobs.job_loop import drain_until
from coordinator.jobs.release import commands
from coordinator.jobs.view_buffer_writer import CountingThread
from coordinator.rendering.browser import missing_part
from coordinator.scheduling.clock import Clock
from coordinator.scheduling.thread_pool import ThreadPoolRunner
from coordinator.web.kit.text.state_labels import value_label
from coordinator.wsgi_server import WebServer

log = logging.getLogger(__name__)

TIMEOUT = 150.0  # seconds that one step may take before the demo gives up
QUIET = 6.0  # seconds without a change after which the figures count as settled


@dataclass
class Product:
    """The product, running in this process like ``lantoa serve``."""

    app_context: AppContext
    runner: ThreadPoolRunner
    clock: Clock
    server: WebServer
    counting: CountingThread
    database: Database
    browsing: "BrowserThread | None"

    def stop(self) -> None:
        """Stop the product like ``lantoa serve``."""
        if self.browsing is not None:
            self.browsing.stop()
        self.clock.stop()
        self.server.stop()
        self.counting.stop()
        self.runner.stop()
        self.database.dispose()


class BrowserThread:
    """What ``lantoa render`` does beside ``lantoa serve``, in a thread."""

    def __init__(self, context: JobContext) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=drain_until, args=(context, "rendered_look", self._stop), name="render", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop after the page in hand."""
        self._stop.set()
        self._thread.join()


def start_product(settings: Settings, port: int) -> Product:
    """Start web server, clock and workers on an upgraded database."""
    database = Database.from_settings(settings)
    schema.upgrade(database)
    context = composition.job_context(settings, database)
    runner = ThreadPoolRunner(context, settings.workers)
    app = AppContext(context, runner, settings)
    server = WebServer(create_app(app), "127.0.0.1", port, settings.web_threads)
    clock = Clock(context, runner)
    counting = CountingThread(context, runner)
    counting.start()
    server.start()
    clock.start()
    browsing = BrowserThread(composition.render_context(settings, database)) if settings.render else None
    return Product(app, runner, clock, server, counting, database, browsing)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print_line(line: str = "") -> None:
    print(line, flush=True)  # noqa: T201  # the output of the demo


def run(*, once: bool, port: int, data_dir: Path | None) -> int:
    """Run the demo; returns the exit status. ``once``: end without a person; 0 only if every figure is right."""
    kept = data_dir is not None
    folder = data_dir or Path(tempfile.mkdtemp(prefix="lantoa-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("lantoa.db", "lantoa.db-wal", "lantoa.db-shm"):
        (folder / name).unlink(missing_ok=True)
    for noisy in ("werkzeug", "coordinator", "campaigns"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    lacking = missing_part()  # for a look at a page in a browser
    if lacking is not None:
        _print_line(f"Bỏ qua bước «xem một trang bằng trình duyệt»: {lacking}")
    world = LoopbackServices(scripts=lacking is None)
    port = port or _free_port()
    settings = Settings.read(
        data_dir=folder, base_url=f"http://localhost:{port}", pace="fast", allow_hosts=world.hosts, database_url="",
        # A temporary installation: its visitors have no authenticator app for the demo staff.
        broker_url="", second_factor_for="", render=lacking is None,
    )  # fmt: skip
    product = start_product(settings, port)
    teller = JournalPrinter(product.database, _print_line)
    stop_event = _stop_event()
    try:
        stage = seed_installation(product.app_context, world, target=20)
        teller.start()
        world.begin_pulling()
        _greet(settings, stage, world)
        day = Day(product.app_context, world, stage, stop_event, ahead=15 if once else 60)
        day.run_steps()
        status = _report_results(day, folder)
        if not once:
            _print_line("\nThế giới thử vẫn chạy. Mở trang để xem, Ctrl-C để dừng.")
            stop_event.wait()
        return status
    except _Interrupted:
        return 130
    finally:
        teller.stop()
        world.stop()
        product.stop()
        if not kept and not once:
            shutil.rmtree(folder, ignore_errors=True)


class _Interrupted(Exception):
    """Ctrl-C was pressed during a step."""


def _stop_event() -> threading.Event:
    stop_event = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stop_event.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stop_event


def _greet(settings: Settings, stage: DemoStaff, world: LoopbackServices) -> None:
    _print_line(f"\nLan Tỏa – một ngày thử, tại {settings.base_url}")
    _print_line(f"  Đăng nhập với mật khẩu {stage.password} bằng một trong các tài khoản:")
    for email, _name, role in PEOPLE:
        _print_line(f"    {email:<22} {value_label('role', role)}")
    for partner in world.partners:
        _print_line(f"  Trang đối tác {partner.name}: {partner.url}/")
    _print_line(f"  Zalo (sandbox): {world.zalo_url}/    Trang kiểu Lotus (sandbox): {world.lotus_url}/\n")


class Day:
    """The steps of the demo. ``ahead``: seconds between scheduling a bulletin and its release."""

    def __init__(
        self, app: AppContext, world: LoopbackServices, stage: DemoStaff, stop_event: threading.Event, ahead: int
    ) -> None:
        self.app_context, self.world, self.stage, self.stop_event, self.ahead = app, world, stage, stop_event, ahead
        self.recalled = self.read = ""  # codes of the recalled bulletin and of the one whose counter image was loaded

    def run_steps(self) -> None:
        """Run all steps; each waits for the effects of the previous one."""
        drafts = self.write()
        for code in drafts:
            commands.submit(self.app_context, self.stage.writer, code)
        for code in drafts:
            stood = self._revision_hash(code)
            commands.approve(self.app_context, self.stage.approver, code, stood)
        first, *others, last = drafts
        commands.publish(self.app_context, self.stage.approver, first)
        at = self.app_context.job_context.now() + timedelta(seconds=self.ahead)
        commands.publish(self.app_context, self.stage.approver, last, at)
        for code in others:
            self.rest(1.0)
            commands.publish(self.app_context, self.stage.approver, code)
        self.wait(
            "mọi đối tác đăng lại", lambda: all(len(partner.posts) == len(drafts) for partner in self.world.partners)
        )
        self._print_punctuality(last, at)
        self.wait("mọi bài được đếm", self._all_counted)
        honest, careless = self.world.partner("nhip-song"), self.world.partner("cong-tin-sang")
        results.report_copy(honest, careless, others[0], others[3], f"{self.app_context.settings.base_url}/api/v1")
        results.load_counter_image(honest, first)
        self.correct(first)
        careless.remove(others[0])
        commands.recall(
            self.app_context, self.stage.approver, others[1], "Số liệu phải kiểm tra lại, sẽ phát hành bản khác"
        )
        self.recalled, self.read = others[1], first
        self.wait(
            "mọi nơi gỡ bản đã thu hồi", lambda: all(others[1] in partner.known.gone for partner in self.world.partners)
        )
        self.wait("các bài đã gỡ, còn bản cũ, báo sai được nhận ra", self._all_equal)
        self._settle()

    def write(self) -> list[str]:
        """Drafts from a Word file, Markdown files and a feed; their codes in the order of release."""
        folder = self.app_context.settings.data_dir / "tu-lieu"
        folder.mkdir(exist_ok=True)
        (folder / "binh-on-gia.docx").write_bytes(word_file())
        sources = [(str(folder / "binh-on-gia.docx"), "kinh-te-xa-hoi"), (self.world.feed_url, "kinh-te-xa-hoi")]
        codes = [self._import(*source) for source in sources]
        for name, topic in (
            ("phan-luong.md", "an-ninh-quoc-phong"),
            ("dien-tap.md", "an-ninh-quoc-phong"),
            ("loang-quang.md", "dich-benh"),
            ("tiem-soi.md", "dich-benh"),
        ):
            with as_file(files("coordinator.demo") / "sample" / name) as path:
                codes.append(self._import(str(path), topic))
        self._add_cover(codes[-2])
        return codes

    def _add_cover(self, code: str) -> None:
        """Give a draft a lead picture. The product runs at a loopback address, so that Zalo's sandbox cannot fetch it:
        the article has the channel's default cover, and the pages say so."""
        writer = self.stage.writer
        picture = store_picture(self.app_context.job_context, writer, cover_file(), "ngo-nho.jpg")
        text, _ = commands.current_text(self.app_context, code)
        alt = "Ngõ nhỏ sau buổi sáng dọn dẹp, chum vại đã đậy kín"
        commands.revise(
            self.app_context, writer, code, replace(text, presentation=Presentation(Cover(picture.ident, alt)))
        )

    def _import(self, source: str, topic: str) -> str:
        texts = text_import.read_source(self.app_context.job_context, source).texts
        return text_import.import_texts(self.app_context, self.stage.writer, texts, topic)[0].code

    def _revision_hash(self, code: str) -> str:
        with self.app_context.job_context.database.read() as session:
            bulletin = find_bulletin(session, code)
            return bulletin.revision(bulletin.latest).hash

    def correct(self, code: str) -> None:
        """Publish a correction by the approver, in a paragraph that every partner's copy keeps."""
        text, _ = commands.current_text(self.app_context, code)
        html = text.body_html.replace("bán kính 5 kilômét", "bán kính 8 kilômét")
        commands.correct(
            self.app_context,
            self.stage.approver,
            code,
            commands.make_text(text.title, text.lead, body_html=html),
            "Sửa phạm vi giao hàng: trong bán kính 8 kilômét, không phải 5",
        )
        self.wait(
            "đối tác nhận bản đính chính",
            lambda: all(self._has_correction(partner, code) for partner in self.world.partners),
        )

    @staticmethod
    def _has_correction(partner: PartnerSite, code: str) -> bool:
        return partner.posts[code].revision > 1 if partner.profile.corrects else code in partner.known.behind

    def counted(self) -> dict[str, dict[str, int]]:
        """The figures that the product counts for each partner."""
        now = self.app_context.job_context.now()
        with self.app_context.job_context.database.read() as session:
            rows = tallies.rows(session, TallyScope(quarter_of(city_day(now))), "partner")
            proved = results.counted_figures(session, now=now)
        return {row.key: {key: getattr(row, key) for key, _ in TALLIED} | proved[row.key] for row in rows}

    def _all_counted(self) -> bool:
        counted = self.counted()
        return all(
            counted[partner.code]["found"] == len(partner.posts)
            and counted[partner.code]["confirmed"] + counted[partner.code]["review"] == len(partner.posts)
            for partner in self.world.partners
        )

    def _all_equal(self) -> bool:
        counted = self.counted()
        right = all(counted[code] == figures for code, figures in self.world.known().items())
        return right and self.all_verified().equal

    def all_verified(self) -> results.DemoResults:
        """The results beside the partners' figures."""
        with self.app_context.job_context.database.read() as session:
            return results.demo_results(session, self.world.partners, self.recalled, self.read)

    def _settle(self) -> None:
        """Wait until the figures have not changed for ``QUIET`` seconds."""
        since, before = time.monotonic(), self.counted()
        while time.monotonic() - since < QUIET:
            self.rest(0.5)
            after = self.counted()
            if after != before:
                since, before = time.monotonic(), after

    def _print_punctuality(self, code: str, at: datetime) -> None:
        first = min(partner.posts[code].at for partner in self.world.partners)
        _print_line(f"  {code} hẹn {at.astimezone(CITY):%H:%M:%S}, đối tác đầu tiên đăng lúc {first:%H:%M:%S.%f}"[:-3])

    def rest(self, seconds: float) -> None:
        """Wait for some seconds. Raises ``_Interrupted`` after Ctrl-C."""
        if self.stop_event.wait(seconds):
            raise _Interrupted

    def wait(self, what: str, reached: Callable[[], bool]) -> None:
        """Wait for a condition, ``TIMEOUT`` seconds at most; a timeout is printed and shows in the table."""
        deadline = time.monotonic() + TIMEOUT
        while not reached():
            if time.monotonic() > deadline:
                _print_line(f"  QUÁ HẠN: {what}")
                return
            self.rest(0.3)


def _report_results(day: Day, folder: Path) -> int:
    """Print the table and write ``demo.json``; returns 0 if every known figure was counted."""
    known, counted = day.world.known(), day.counted()
    counted = {code: counted[code] for code in known}
    names = {partner.code: partner.name for partner in day.world.partners}
    _print_line("\nĐối tác: số hệ thống đếm được [số thế giới thử đã làm, nếu khác]")
    for line in table(names, known, counted, TALLIED):
        _print_line(line)
    accounts = _sandbox_differences(day)
    shown = {name: account["shown"] for name, account in accounts.items()}
    _print_line(f"  Zalo: {shown['zalo']} bài đang hiện, trang kiểu Lotus: {shown['lotus']} bài đang hiện")
    found = day.all_verified()
    _print_line("\nBằng chứng")
    for line in table(names, known, counted, PROVED):
        _print_line(line)
    with day.app_context.job_context.database.read() as session:
        for sentence in results.sentences(session, day.world.partners, found, now=day.app_context.job_context.now()):
            _print_line(f"  {sentence}")
    shown_all = all(account["shown"] == account["expected"] for account in accounts.values())
    equal = known == counted and shown_all and found.equal
    report = {
        "equal": equal,
        "known": _sum(known),
        "counted": _sum(counted),
        "partners": [{"code": code, "known": known[code], "counted": counted[code]} for code in known],
        "accounts": accounts,
        "proof": found.as_json(),
    }
    path = folder / "demo.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    _print_line(f"\n{'Khớp' if equal else 'KHÔNG KHỚP'}: {path}")
    return 0 if equal else 1


def _sum(parts: dict[str, dict[str, int]]) -> dict[str, int]:
    return {key: sum(figures[key] for figures in parts.values()) for key, _ in (*TALLIED, *PROVED)}


def _sandbox_differences(day: Day) -> dict[str, dict[str, int]]:
    """The posts that the two sandboxes show, against the bulletins that are published and not recalled."""
    now = day.app_context.job_context.now()
    with day.app_context.job_context.database.read() as session:
        out = len(visibility.newest_released(session, visibility.PUBLIC, limit=200, with_recalled=False, now=now))
    lotus = len(day.world.lotus.visible_posts()) if day.world.lotus is not None else 0
    return {
        "zalo": {"expected": out, "shown": len(day.world.zalo.account.articles)},
        "lotus": {"expected": out, "shown": lotus},
    }
