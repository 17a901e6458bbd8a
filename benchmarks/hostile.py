"""Pages and files that are made to exhaust their reader, all at once, beside a running ``lantoa serve``: the most
memory that it and its children take together, and how long the public front page takes meanwhile."""

import itertools
import os
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import requests
import sqlalchemy as sa

from benchmarks.measure import Line
from campaigns.core.clock import utc_now
from campaigns.discovery.sightings import Page, SightingMethod, record_sighting
from campaigns.people.staff import Role, add_person
from coordinator.web.auth.passwords import hash_password
from tests import factories
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.imports.hostile_files import HostileFile, whole_corpus
from tests.coordinator.installation import Installation, until
from tests.pdf_files import endless_text, huge_stream, pdf_with_content

SECONDS = float(os.environ.get("LANTOA_BENCH_SECONDS", "240"))  # half with pages alone, half with files beside them
SAMPLING = 0.05  # seconds between two looks at the memory
PAUSE = 0.2  # seconds between two readings of the front page
EMAIL = "quan@so.example"
SITES = 6
PASSWORD = "mật khẩu của phép đo"  # of an installation that ends with the run
MOST_FILE = 8_000_000  # bytes; larger ones are refused unread

_RULES = "".join(f"*:not(.q{at}){{opacity:0}}" for at in range(12_000))
_CLASSES = "".join(f".c{at}{{display:none}}" for at in range(100_000))
PAGES: dict[str, bytes] = {
    "rules": f"<style>{_RULES}</style>{'<p>a</p>' * 5000}".encode(),
    "classes": f"<style>{_CLASSES}</style>{'<p class=c1>a</p>' * 50_000}".encode(),
    "nested selectors": f"<style>{':not(' * 3000}b{')' * 3000}{{opacity:0}}</style><p>a".encode(),
    "paragraphs": b"<p>a</p>" * 700_000,
    "nested": b"<div>" * 600_000,
    "links": "".join(f"<p><a href=/b/{at}>bài số {at}</a></p>" for at in range(130_000)).encode(),
    "open links": b"<a href=x>" * 500_000,
    "open tables": b"<table>" * 100_000,
    "inline styles": "".join(f"<p style='display:none;font-size:{at}px'>bài {at}</p>" for at in range(80_000)).encode(),
    "pictures": "".join(f"<img src=/a{at}.jpg alt='ảnh {at}'>" for at in range(150_000)).encode(),
    "one paragraph": ("<p>" + " ".join(f"phường{at % 997}" for at in range(500_000))).encode(),
    "source lines": ("<p>" + "theo nguồn: " * 400_000).encode(),
    "dates": b"<p>" + b"24/11/2026 07:30 " * 340_000,
    "data": b'<script type="application/ld+json">' + b"[" * 5_000_000 + b"</script><p>a",
    "entities": b"<p>" + b"&amp;" * 1_150_000,
    "a PDF stream of 800 MB": pdf_with_content(huge_stream()),
    "endless text in a PDF file": pdf_with_content(endless_text()),
}


def _children(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _children(int(child))


def _resident(pid: int) -> int:
    """Bytes of a process that are in memory, shared ones too."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


class _Memory:
    """The most that a process had, that one of its children for pages and for files had, and that all had at one
    moment, in bytes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.most = dict.fromkeys(("serve", "pages", "file", "all"), 0)

    def watch(self, over: threading.Event) -> None:
        while not over.wait(SAMPLING):
            sizes = {pid: _resident(pid) for pid in _children(self._pid)}
            for pid, size in sizes.items():
                kind = "serve" if pid == self._pid else "pages" if _reads_pages(pid) else "file"
                self.most[kind] = max(self.most[kind], size)
            self.most["all"] = max(self.most["all"], sum(sizes.values()))


def _reads_pages(pid: int) -> bool:
    with suppress(OSError):
        return b"\0pages\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


class _Desk:
    """A signed-in member of staff who brings files by the forms of the desk and by the API."""

    def __init__(self, base: str, key: str) -> None:
        self._base, self._key, self._session = base, key, requests.Session()
        token = self._token("/login")
        given = {"email": EMAIL, "password": PASSWORD, "csrf_token": token}
        answer = self._session.post(f"{base}/login", data=given, timeout=60)
        assert answer.ok, answer.status_code

    def _token(self, path: str) -> str:
        page = self._session.get(f"{self._base}{path}", timeout=60).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found is not None, page[:300]
        return found[1]

    def bring(self, file: HostileFile, body: bytes) -> int:
        """The status of the answer."""
        if file.reader == "picture":
            headers = {"Authorization": f"Bearer {self._key}"}
            answer = requests.post(
                f"{self._base}/api/v1/pictures", headers=headers, files={"file": (file.name, body)},
                data={"alt": "ảnh"}, timeout=120,
            )  # fmt: skip
            return answer.status_code
        path = "/desk/bulletins/new" if file.reader == "document" else "/desk/partners/_register"
        given = {"csrf_token": self._token(path), "do": "upload"}
        files = {"file": (file.name, body)}
        return self._session.post(f"{self._base}{path}", data=given, files=files, timeout=120).status_code


def _bring_all(desk: _Desk, reader: str, over: threading.Event, statuses: list[int]) -> None:
    """Bring every file of a kind again and again."""
    mine = [file for file in whole_corpus() if file.reader == reader]
    for file in itertools.cycle(mine):
        if over.is_set():
            return
        body = file.make()
        if len(body) <= MOST_FILE:
            statuses.append(desk.bring(file, body))


def _read_front_page(base: str, took: list[float]) -> None:
    began = time.perf_counter()
    assert requests.get(f"{base}/", timeout=60).status_code == 200
    took.append(time.perf_counter() - began)


def _front_page(base: str, over: threading.Event, took: list[float]) -> None:
    while not over.wait(PAUSE):
        _read_front_page(base, took)


def _answer(body: bytes) -> Callable[[Call], None]:
    kind = "application/pdf" if body.startswith(b"%PDF") else "text/html; charset=utf-8"
    return lambda call: call.answer(body, Content_Type=kind)


def _prepare(here: Installation, servers: list[HostileServer]) -> None:
    """Partners whose sites have every page, an administrator, and bulletins."""
    database = here.open_database()
    with database.write() as session:
        for _ in range(20):
            factories.published(session)
        add_person(
            session, "cli", email=EMAIL, name="Quân", role=Role.ADMIN, password_hash=hash_password(PASSWORD),
            uniquifier="q", now=utc_now(),
        )  # fmt: skip
        for server in servers:
            server.text("/robots.txt", "", "404 Not Found")
            site = factories.site(session, factories.company(session), server.url("/"))
            for number, body in enumerate(PAGES.values()):
                path = f"/bai-{number}-40001.html"
                server.ways[path] = _answer(body)
                record_sighting(session, site, server.url(path), SightingMethod.DISCOVERED, "feed", now=utc_now())
    database.dispose()


def _pages_again(here: Installation, over: threading.Event) -> None:
    """Make every page that was read due again."""
    database = here.open_database()
    try:
        while not over.wait(10):
            with database.write() as session:
                again = sa.update(Page).where(Page.checked_at.is_not(None), Page.lease_until.is_(None))
                session.execute(again.values(due_at=utc_now()))
    finally:
        database.dispose()


def _reasons(here: Installation) -> dict[str, int]:
    """How many pages have which reason after the last look."""
    database = here.open_database()
    with database.read() as session:
        found = session.execute(sa.select(Page.unreadable).where(Page.checked_at.is_not(None)))
        counted = Counter(reason.value if reason else "read" for (reason,) in found)
    database.dispose()
    return dict(counted)


def run() -> list[Line]:
    """By the clock, with the senders on the same machine; each figure counts shared memory for every process."""
    over, took, idle, statuses = threading.Event(), list[float](), list[float](), list[int]()
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder) / "data") as here, ExitStack() as open_:
        key = here.prepared("writer")["writer"]
        servers = [open_.enter_context(HostileServer()) for _ in range(SITES)]
        here.serve()
        until("the web answers", here.alive)
        time.sleep(5)
        memory = _Memory(here.started[-1].pid)
        alone = sum(_resident(pid) for pid in _children(here.started[-1].pid))
        for _ in range(20):
            _read_front_page(here.base, idle)
        _prepare(here, servers)
        desks = [(_Desk(here.base, key), reader) for reader in ("document", "table", "picture")]
        threads = [
            threading.Thread(target=memory.watch, args=(over,)),
            threading.Thread(target=_front_page, args=(here.base, over, took)),
            threading.Thread(target=_pages_again, args=(here, over)),
            *(threading.Thread(target=_bring_all, args=(desk, reader, over, statuses)) for desk, reader in desks),
        ]
        for thread in threads[:3]:
            thread.start()
        time.sleep(SECONDS / 2)
        pages_alone = memory.most["all"]
        for thread in threads[3:]:
            thread.start()
        time.sleep(SECONDS / 2)
        over.set()
        for thread in threads:
            thread.join()
        reasons = _reasons(here)
        fetched = sum(call.path != "/robots.txt" for server in servers for call in server.calls)
    print(f"  pages: {reasons}; answers to files: {dict(sorted(Counter(statuses).items()))}", flush=True)
    assert not [status for status in statuses if status >= 500 and status != 503]
    most = {name: size / 1e6 for name, size in memory.most.items()}
    return [
        Line("serve and its children, at most", most["all"], "MB", alone / 1e6, "serve with nothing to do"),
        Line("the same while there were pages alone", pages_alone / 1e6, "MB"),
        Line("serve alone, at most", most["serve"], "MB"),
        Line("a child for pages, at most", most["pages"], "MB", aim="< 300 MB"),
        Line("a child for a file, at most", most["file"], "MB", aim="< 500 MB"),
        Line("front page: median", statistics.median(took), "s", statistics.median(idle), "with nothing to do"),
        Line("front page: longest", max(took), "s", aim="< 5 s"),
        Line(f"pages fetched, of {SITES} sites with {len(PAGES)} hostile pages each", fetched, ""),
        Line("files brought", len(statuses), ""),
    ]
