"""The day: bulletins written from files, approved by another person, released, corrected, recalled, and counted."""

import json
import logging
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from types import FrameType

from campaigns.core.clock import CITY, city_day, quarter_of
from campaigns.publishing import release
from campaigns.publishing.bulletins import find_bulletin
from campaigns.reporting import tallies
from campaigns.reporting.tallies import Scope
from coordinator import composing, schema
from coordinator.app import create_app
from coordinator.config import Settings
from coordinator.db import Database
from coordinator.demo import proof
from coordinator.demo.partner import PartnerSite
from coordinator.demo.staging import Stage, set_stage, word_file
from coordinator.demo.telling import PROVED, TALLIED, Teller, table
from coordinator.demo.world import World
from coordinator.jobs import acts, importing
from coordinator.jobs.counting import CountingThread
from coordinator.jobs.workplace import Front
from coordinator.scheduling.clock import Clock
from coordinator.scheduling.embedded import EmbeddedRunner
from coordinator.serving import WebServer

log = logging.getLogger(__name__)

PATIENCE = 150.0  # seconds that one step of the day may take before the demo gives up
QUIET = 6.0  # seconds in which nothing may change before the figures count as settled


@dataclass
class Product:
    """The product, running in this process as ``lantoa serve`` runs it."""

    front: Front
    runner: EmbeddedRunner
    clock: Clock
    server: WebServer
    counting: CountingThread
    database: Database

    def stop(self) -> None:
        """As ``serve`` stops."""
        self.clock.stop()
        self.server.stop()
        self.counting.stop()
        self.runner.stop()
        self.database.dispose()


def start_product(settings: Settings, port: int) -> Product:
    """Start web, clock and workers on an upgraded database."""
    database = Database.of(settings)
    schema.upgrade(database)
    place = composing.workplace(settings, database)
    runner = EmbeddedRunner(place, settings.workers)
    front = Front(place, runner, settings)
    server = WebServer(create_app(front), "127.0.0.1", port, settings.web_threads)
    clock = Clock(place, runner)
    counting = CountingThread(place, runner)
    counting.start()
    server.start()
    clock.start()
    return Product(front, runner, clock, server, counting, database)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(line: str = "") -> None:
    print(line, flush=True)  # noqa: T201  # the demo speaks in the terminal


def run(*, once: bool, port: int, data_dir: Path | None) -> int:
    """Run the day; returns the exit status. ``once``: without a person, and 0 only if every figure is right."""
    kept = data_dir is not None
    folder = data_dir or Path(tempfile.mkdtemp(prefix="lantoa-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("lantoa.db", "lantoa.db-wal", "lantoa.db-shm"):
        (folder / name).unlink(missing_ok=True)
    for noisy in ("werkzeug", "coordinator", "campaigns"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    world = World()
    port = port or _free_port()
    settings = Settings.read(
        data_dir=folder, base_url=f"http://localhost:{port}", pace="fast", allow_hosts=world.hosts, database_url="",
        # A throw-away department: whoever looks at it has no phone at hand that knows its people.
        broker_url="", second_factor_for="",
    )  # fmt: skip
    product = start_product(settings, port)
    teller = Teller(product.database, _say)
    told = _until_told()
    try:
        stage = set_stage(product.front, world, target=20)
        teller.start()
        world.begin_pulling()
        _greet(settings, stage, world)
        day = Day(product.front, world, stage, told, ahead=15 if once else 60)
        day.live()
        status = _close(day, folder)
        if not once:
            _say("\nThế giới thử vẫn chạy. Mở trang để xem, Ctrl-C để dừng.")
            told.wait()
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
    """Ctrl-C in the middle of the day."""


def _until_told() -> threading.Event:
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return told


def _greet(settings: Settings, stage: Stage, world: World) -> None:
    _say(f"\nLan Tỏa – một ngày thử, tại {settings.base_url}")
    _say(f"  Đăng nhập: quoc.bao@so.example hoặc thu.hang@so.example, mật khẩu {stage.password}")
    for partner in world.partners:
        _say(f"  Trang đối tác {partner.name}: {partner.url}/")
    _say(f"  Zalo (sandbox): {world.zalo_url}/    Trang kiểu Lotus (sandbox): {world.lotus_url}/\n")


class Day:
    """The script. ``ahead``: seconds between scheduling a bulletin and its release."""

    def __init__(self, front: Front, world: World, stage: Stage, told: threading.Event, ahead: int) -> None:
        self.front, self.world, self.stage, self.told, self.ahead = front, world, stage, told, ahead
        self.recalled = self.read = ""  # bulletins, once the day has come to that

    def live(self) -> None:
        """The whole day, step by step; each step waits for what the one before set in motion."""
        drafts = self.write()
        for code in drafts:
            acts.submit(self.front, self.stage.writer, code)
        for code in drafts:
            stood = self._stands(code)
            acts.approve(self.front, self.stage.approver, code, stood)
        first, *others, last = drafts
        acts.publish(self.front, self.stage.approver, first)
        at = self.front.place.now() + timedelta(seconds=self.ahead)
        acts.publish(self.front, self.stage.approver, last, at)
        for code in others:
            self.rest(1.0)
            acts.publish(self.front, self.stage.approver, code)
        self.wait("mọi đối tác đăng lại", lambda: all(len(one.posts) == len(drafts) for one in self.world.partners))
        self._tell_punctuality(last, at)
        self.wait("mọi bài được đếm", self._all_counted)
        honest, careless = self.world.partner("nhip-song"), self.world.partner("cong-tin-sang")
        proof.claim(honest, careless, others[0], others[3], f"{self.front.settings.base_url}/api/v1")
        proof.read(honest, first)
        self.correct(first)
        careless.remove(others[0])
        acts.recall(self.front, self.stage.approver, others[1], "Số liệu phải kiểm tra lại, sẽ phát hành bản khác")
        self.recalled, self.read = others[1], first
        self.wait("mọi nơi gỡ bản đã thu hồi", lambda: all(others[1] in one.known.gone for one in self.world.partners))
        self.wait("các bài đã gỡ, còn bản cũ, báo sai được nhận ra", self._all_equal)
        self._settle()

    def write(self) -> list[str]:
        """Drafts from a Word file, Markdown files and a feed; their codes in the order they will go out."""
        folder = self.front.settings.data_dir / "tu-lieu"
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
        return codes

    def _import(self, source: str, topic: str) -> str:
        texts = importing.read_source(self.front.place, source).texts
        return importing.import_texts(self.front, self.stage.writer, texts, topic)[0].code

    def _stands(self, code: str) -> str:
        with self.front.place.database.read() as session:
            bulletin = find_bulletin(session, code)
            return bulletin.revision(bulletin.latest).hash

    def correct(self, code: str) -> None:
        """Another distance: a correction by the approver, which goes out at once and stands where every partner's copy
        has text."""
        text, _ = acts.current_text(self.front, code)
        html = text.body_html.replace("bán kính 5 kilômét", "bán kính 8 kilômét")
        acts.correct(
            self.front,
            self.stage.approver,
            code,
            acts.make_text(text.title, text.lead, body_html=html),
            "Sửa phạm vi giao hàng: trong bán kính 8 kilômét, không phải 5",
        )
        self.wait(
            "đối tác nhận bản đính chính", lambda: all(self._has_correction(one, code) for one in self.world.partners)
        )

    @staticmethod
    def _has_correction(partner: PartnerSite, code: str) -> bool:
        return partner.posts[code].revision > 1 if partner.habits.corrects else code in partner.known.behind

    def counted(self) -> dict[str, dict[str, int]]:
        """What the product counts for each partner."""
        now = self.front.place.now()
        with self.front.place.database.read() as session:
            rows = tallies.rows(session, Scope(quarter_of(city_day(now))), "partner")
            proved = proof.counted(session, now=now)
        return {row.key: {key: getattr(row, key) for key, _ in TALLIED} | proved[row.key] for row in rows}

    def _all_counted(self) -> bool:
        counted = self.counted()
        return all(
            counted[one.code]["found"] == len(one.posts)
            and counted[one.code]["confirmed"] + counted[one.code]["review"] == len(one.posts)
            for one in self.world.partners
        )

    def _all_equal(self) -> bool:
        counted = self.counted()
        right = all(counted[code] == figures for code, figures in self.world.known().items())
        return right and self.proved().equal

    def proved(self) -> proof.Proof:
        """What was found out beside the partners' figures."""
        with self.front.place.database.read() as session:
            return proof.proof(session, self.world.partners, self.recalled, self.read)

    def _settle(self) -> None:
        """Wait until the figures have stayed the same for a while: right for a moment is not right."""
        since, before = time.monotonic(), self.counted()
        while time.monotonic() - since < QUIET:
            self.rest(0.5)
            after = self.counted()
            if after != before:
                since, before = time.monotonic(), after

    def _tell_punctuality(self, code: str, at: datetime) -> None:
        first = min(one.posts[code].at for one in self.world.partners)
        _say(f"  {code} hẹn {at.astimezone(CITY):%H:%M:%S}, đối tác đầu tiên đăng lúc {first:%H:%M:%S.%f}"[:-3])

    def rest(self, seconds: float) -> None:
        """Wait, unless somebody has pressed Ctrl-C."""
        if self.told.wait(seconds):
            raise _Interrupted

    def wait(self, what: str, reached: Callable[[], bool]) -> None:
        """Wait for something to come true. What does not in time is said and shows in the table."""
        deadline = time.monotonic() + PATIENCE
        while not reached():
            if time.monotonic() > deadline:
                _say(f"  QUÁ HẠN: {what}")
                return
            self.rest(0.3)


def _close(day: Day, folder: Path) -> int:
    """The table, ``demo.json``, and 0 when everything known was counted."""
    known, counted = day.world.known(), day.counted()
    counted = {code: counted[code] for code in known}
    names = {one.code: one.name for one in day.world.partners}
    _say("\nĐối tác: số hệ thống đếm được [số thế giới thử đã làm, nếu khác]")
    for line in table(names, known, counted, TALLIED):
        _say(line)
    accounts = _accounts(day)
    shown = {name: one["shown"] for name, one in accounts.items()}
    _say(f"  Zalo: {shown['zalo']} bài đang hiện, trang kiểu Lotus: {shown['lotus']} bài đang hiện")
    found = day.proved()
    _say("\nBằng chứng")
    for line in table(names, known, counted, PROVED):
        _say(line)
    with day.front.place.database.read() as session:
        for sentence in proof.sentences(session, day.world.partners, found, now=day.front.place.now()):
            _say(f"  {sentence}")
    shown_all = all(one["shown"] == one["expected"] for one in accounts.values())
    equal = known == counted and shown_all and found.equal
    told = {
        "equal": equal,
        "known": _sum(known),
        "counted": _sum(counted),
        "partners": [{"code": code, "known": known[code], "counted": counted[code]} for code in known],
        "accounts": accounts,
        "proof": found.as_json(),
    }
    path = folder / "demo.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2), encoding="utf-8")
    _say(f"\n{'Khớp' if equal else 'KHÔNG KHỚP'}: {path}")
    return 0 if equal else 1


def _sum(parts: dict[str, dict[str, int]]) -> dict[str, int]:
    return {key: sum(one[key] for one in parts.values()) for key, _ in (*TALLIED, *PROVED)}


def _accounts(day: Day) -> dict[str, dict[str, int]]:
    """What the two sandboxes show, against what is out and not recalled."""
    now = day.front.place.now()
    with day.front.place.database.read() as session:
        out = len(release.newest(session, release.PUBLIC, limit=200, with_recalled=False, now=now))
    lotus = len(day.world.lotus.shown()) if day.world.lotus is not None else 0
    return {
        "zalo": {"expected": out, "shown": len(day.world.zalo.account.articles)},
        "lotus": {"expected": out, "shown": lotus},
    }
