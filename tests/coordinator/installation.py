"""An installation as its operators have it: the ``lantoa`` command in processes of its own, and a key for the API."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import requests
import sqlalchemy as sa
from kombu import Connection
from kombu.exceptions import OperationalError

from campaigns.core.clock import utc_now
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from coordinator import schema
from coordinator.config import Settings
from coordinator.db import Database
from tests.conftest import POSTGRESQL, need
from tests.coordinator.hostile_server import Call, HostileServer

LANTOA = str(Path(sys.executable).with_name("lantoa"))
PATIENCE = 180.0  # seconds for what should take one or two: the machine may be busy


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, reached: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for something to come true; an error that names it if it does not."""
    deadline = time.monotonic() + patience
    while not reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain until {what}")
        time.sleep(0.05)


class Installation:
    """One data folder and its settings. Every process started is ended when the block ends.

    ``before``: what the processes that go on are started by, where they are to live in surroundings of their own.
    """

    def __init__(self, folder: Path, *, before: Sequence[str] = (), **settings: str) -> None:
        self.folder, self.port, self._before = folder, free_port(), tuple(before)
        self.base = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LANTOA_")}
        self.environment = kept | {
            "LANTOA_DATA_DIR": str(folder),
            "LANTOA_BASE_URL": self.base,
            "LANTOA_PACE": "fast",
            "LANTOA_ALLOW_HOSTS": "127.0.0.1",
            "PYTHONFAULTHANDLER": "1",  # see end()
            **{f"LANTOA_{name.upper()}": value for name, value in settings.items()},
        }
        self.started: list[subprocess.Popen[bytes]] = []
        self._log = (folder.parent / f"{folder.name}.log").open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        self._log.close()

    @property
    def log(self) -> str:
        """Everything its processes said."""
        return Path(self._log.name).read_text(errors="replace")

    def run(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return subprocess.run(
            [LANTOA, *arguments],
            env=self.environment | changed,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def did(self, *arguments: str) -> str:
        """One command that has to succeed; what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self, *arguments: str, **changed: str) -> subprocess.Popen[bytes]:
        """A process that goes on."""
        process = subprocess.Popen(
            [*self._before, LANTOA, *arguments],
            env=self.environment | changed,
            stdout=self._log,
            stderr=self._log,
        )
        self.started.append(process)
        return process

    def serve(self, name: str = "serve", **changed: str) -> subprocess.Popen[bytes]:
        """``serve`` or ``web`` on the installation's port."""
        return self.start(name, "--port", str(self.port), **changed)

    def alive(self) -> bool:
        """Whether the web answers."""
        try:
            return requests.get(f"{self.base}/healthz", timeout=20).status_code == 200
        except requests.RequestException:
            return False

    def end(self, process: subprocess.Popen[bytes]) -> int:
        """Ask a process to stop; its exit status. One that does not stop writes into the log what it waits for."""
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            process.wait()
            raise AssertionError(f"did not stop within {PATIENCE:.0f} s\n{self.log[-20_000:]}") from None

    def keys(self, *roles: str) -> dict[str, str]:
        """A key of each role, as an administrator makes them."""
        return {role: self.did("key", "add", role, "--role", role) for role in roles}

    def open_database(self) -> Database:
        """Its database, opened as its processes open it."""
        given = {name: self.environment.get(f"LANTOA_{name.upper()}", "") for name in ("database_url", "secret_key")}
        return Database.from_settings(Settings(data_dir=self.folder, **given))

    def prepared(self, *roles: str) -> dict[str, str]:
        """The tables, and a key of each role: as ``keys``, without the time that so many commands take to start."""
        self.folder.mkdir(exist_ok=True)
        database = self.open_database()
        try:
            schema.upgrade(database)
            with database.write() as session:
                made = {role: add_key(session, "test", name=role, role=Role(role), now=utc_now()) for role in roles}
            return {role: key.text for role, key in made.items()}
        finally:
            database.dispose()


class Staff:
    """The API as programs with keys use it. What gets no answer is asked again with the same ``Idempotency-Key``."""

    def __init__(self, base: str, keys: dict[str, str], patience: float = PATIENCE) -> None:
        self._base, self.keys, self._patience = f"{base}/api/v1", keys, patience
        self.answered = 0  # acts

    def post(self, role: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One act, as often as it takes to get an answer that is none of a server in trouble."""
        headers = {"Authorization": f"Bearer {self.keys[role]}", "Idempotency-Key": uuid.uuid4().hex}
        deadline = time.monotonic() + self._patience
        while True:
            try:
                answer = requests.post(f"{self._base}{path}", json=body, headers=headers, timeout=10)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code < 500:
                assert answer.status_code in {200, 201}, (path, answer.status_code, answer.text)
                values: dict[str, Any] = answer.json()
                self.answered += 1
                return values
            assert time.monotonic() < deadline, f"{path}: no answer"
            time.sleep(0.1)

    def tries(self, role: str, path: str, body: dict[str, Any]) -> requests.Response:
        """One act, once, whatever comes of it."""
        headers = {"Authorization": f"Bearer {self.keys[role]}", "Idempotency-Key": uuid.uuid4().hex}
        return requests.post(f"{self._base}{path}", json=body, headers=headers, timeout=45)

    def get(self, role: str, path: str) -> Any:
        """One reading."""
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        answer = requests.get(f"{self._base}{path}", headers=headers, timeout=10)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def webhook(self, url: str) -> str:
        """A channel of the department's; its code."""
        code: str = self.post("admin", "/channels", {"kind": "webhook", "name": url, "settings": {"url": url}})["code"]
        return code

    def publish(self, title: str) -> str:
        """A bulletin written, approved by another, and out; its code once the publishing was answered."""
        draft = self.post(
            "writer",
            "/bulletins",
            {"title": title, "lead": "Tin thử.", "body_text": f"{title}. Một đoạn văn.", "topic": "dich-benh"},
        )
        path = f"/bulletins/{draft['code']}"
        self.post("writer", f"{path}/submit")
        self.post("approver", f"{path}/approve", {"revision_hash": draft["revision_hash"]})
        values = self.post("approver", f"{path}/publish", {})
        assert values["state"] == "published"
        return str(draft["code"])


class Inbox:
    """Webhook endpoints that remember what came, and take a moment to answer."""

    def __init__(self, server: HostileServer, moment: float = 0.0) -> None:
        self._server, self._moment, self._lock = server, moment, threading.Lock()
        self.got: list[tuple[str, str, str]] = []
        self.arrived: dict[tuple[str, str], datetime] = {}  # when each bulletin first came to each endpoint

    def open(self, path: str) -> str:
        """One more endpoint; its address."""
        self._server.ways[path] = self._take
        return self._server.url(path)

    def _take(self, call: Call) -> None:
        code = call.body.decode().partition('"code":"')[2].partition('"')[0]
        with self._lock:
            self.got.append((call.path, code, call.headers["webhook-id"]))
            self.arrived.setdefault((call.path, code), utc_now())
        time.sleep(self._moment)
        call.answer(b"{}")

    def has(self, path: str, code: str) -> bool:
        """Whether a bulletin came to an endpoint."""
        with self._lock:
            return any((where, what) == (path, code) for where, what, _ in self.got)


@contextmanager
def own_postgresql() -> Iterator[str]:
    """A database of this test's own on the PostgreSQL server; its address."""
    server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 20})
    name = f"lantoa_test_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
            # Processes are killed, the server is not: no commit waits for the disk.
            connection.execute(sa.text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    except sa.exc.OperationalError as error:
        server.dispose()
        need("PostgreSQL", str(error.orig).splitlines()[0])
    try:
        yield sa.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


RABBIT = "amqp://guest:guest@127.0.0.1:5672/"


@contextmanager
def own_broker() -> Iterator[str]:
    """A virtual host of this test's own where RabbitMQ's tool may be used, else the usual one with an empty queue."""
    tool = shutil.which("rabbitmqctl")
    name = f"lantoa_test_{uuid.uuid4().hex[:12]}"
    try:
        with Connection(f"{RABBIT}/", connect_timeout=20) as connection:
            connection.ensure_connection(max_retries=1)
    except OperationalError as error:
        need("RabbitMQ", str(error))
    if tool is not None and _told(tool, "add_vhost", name):
        try:
            assert _told(tool, "set_permissions", "-p", name, "guest", ".*", ".*", ".*")
            yield f"{RABBIT}{name}"
        finally:
            _told(tool, "delete_vhost", name)
        return
    _purge()
    yield f"{RABBIT}/"
    _purge()


def _told(tool: str, *arguments: str) -> bool:
    return subprocess.run([tool, *arguments], capture_output=True, timeout=60, check=False).returncode == 0


def _purge() -> None:
    with Connection(f"{RABBIT}/") as connection, connection.channel() as channel:
        channel.queue_delete("lantoa")
