"""What stands in ``deploy`` and ``compose.yaml``, tried as far as it can be without Docker and without systemd's run:
every command line is one of the product's, every setting is known, nginx is run, systemd reads its units."""

import http.client
import json
import os
import random
import re
import shlex
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from sqlalchemy import make_url

from coordinator.cli.main import lantoa
from coordinator.config import LEAST_KEY, Settings, secret_names
from tests.conftest import need
from tests.coordinator.installation import Installation, free_port, until
from tests.coordinator.mail.test_smtp import self_signed

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def _composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


def _reads(*arguments: str) -> None:
    """The product's own command line takes these words; nothing is run."""
    context = lantoa.make_context("lantoa", list(arguments), resilient_parsing=False)
    name, command, rest = lantoa.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None, name
    while hasattr(command, "resolve_command"):
        made = command.make_context(name, list(rest))
        name, command, rest = command.resolve_command(made, [*made._protected_args, *made.args])
        assert command is not None
    command.make_context(name, list(rest))


def test_every_service_of_the_composition_is_a_command_of_the_products() -> None:
    services = _composed()["services"]
    ours = {name: item for name, item in services.items() if item.get("image", "").startswith("${IMAGE")}
    assert set(ours) == {"upgrade", "web", "clock", "work", "render", "backup"}
    for name, service in ours.items():
        if name == "backup":
            script = service["command"][0].replace("$$(date +%u)", "1")
            for words in re.findall(r"\blantoa ((?:backup|journal|alarm) [^;&]*)", script):
                _reads(*shlex.split(words))
            assert subprocess.run(["/bin/sh", "-n", "-c", script], check=False).returncode == 0
        else:
            _reads(*service["command"])
        assert service["read_only"]
        test = service.get("healthcheck", {}).get("test")
        if test is not None:
            assert test[:2] == ["CMD", "lantoa"]
            _reads(*test[2:])
    for name in ("web", "clock", "work"):
        assert ours[name]["deploy"]["replicas"] == 2
        assert ours[name]["depends_on"]["upgrade"] == {"condition": "service_completed_successfully"}
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["mem_limit"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        # An image of others is named by its digest, which nobody but who deploys it can look up.
        assert service["image"].startswith(("${IMAGE:-", "${POSTGRES_IMAGE:?", "${RABBITMQ_IMAGE:?", "${NGINX_IMAGE:?"))
        for secret in service.get("secrets", ()):
            assert (secret if isinstance(secret, str) else secret["source"]) in _composed()["secrets"], name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in _composed()["volumes"] or source.startswith(("./", "$")), volume


def test_the_example_of_an_environment_names_known_settings_alone_and_no_secret() -> None:
    lines = (DEPLOY / "lantoa.env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    known = {f"LANTOA_{name.upper()}" for name in Settings.model_fields}
    for service in _composed()["services"].values():
        ours = [name.removesuffix("_FILE") for name in service.get("environment", ()) if name.startswith("LANTOA_")]
        assert set(ours) <= known
    assert {name for name in given if name.startswith("LANTOA_")} <= known
    assert all(not value for name, value in given.items() if name.endswith(("KEY", "_PASSWORD")))
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text("utf-8")))
    assert asked <= set(given)


def test_the_secrets_of_the_composition_are_made_once_and_open_the_same_doors(tmp_path: Path) -> None:
    def made() -> dict[str, str]:
        subprocess.run([DEPLOY / "bin" / "secrets", tmp_path / "secrets"], check=True)
        return {path.name: path.read_text().strip() for path in (tmp_path / "secrets").iterdir()}

    first = made()
    assert set(first) == set(_composed()["secrets"])
    assert made() == first
    assert len(first["secret_key"]) >= LEAST_KEY
    database, broker = make_url(first["database_url"]), urlsplit(first["broker_url"])
    assert (database.password, database.host) == (first["postgres_password"], "database")
    assert first["rabbitmq_conf"] == f"default_user = {broker.username}\ndefault_pass = {broker.password}"
    assert len({first["secret_key"], first["postgres_password"], broker.password}) == 3
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_credential_of_systemd_is_a_secret_that_the_settings_read() -> None:
    lines = re.findall(r"^LoadCredential=lantoa_(\w+):(\S+)$", (DEPLOY / "credentials.conf").read_text(), re.MULTILINE)
    assert lines
    for name, path in lines:
        assert name in secret_names(Settings)
        assert path == f"/etc/lantoa/credentials/{name}"


def _expressions() -> dict[str, str]:
    """What the rules and the dashboard ask Prometheus for, by name of the alarm or panel."""
    rules = yaml.safe_load((DEPLOY / "prometheus" / "lantoa.rules.yml").read_text("utf-8"))
    asked = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    board = json.loads((DEPLOY / "grafana" / "lantoa.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            asked[f"{panel['title']} {target['refId']}"] = target["expr"]
    return asked


def test_rules_and_dashboard_ask_for_figures_that_there_are() -> None:
    guide = (ROOT / "docs" / "how-to" / "watch-it.md").read_text("utf-8")
    known = dict(re.findall(r"^\| `(lantoa_\w+)` \|([^|]*)\|", guide, re.MULTILINE))
    assert len(known) > 15
    for name, expression in _expressions().items():
        figures = {figure.removesuffix("_bucket") for figure in re.findall(r"\blantoa_\w+", expression)}
        assert figures, name
        assert figures <= set(known), name
        labels = {label for figure in figures for label in re.findall(r"`(\w+)`", known[figure])}
        used = re.findall(r"by \(([^)]*)\)", expression) + re.findall(r"\{(\w+)[=~!]", expression)
        asked = {label.strip() for part in used for label in part.split(",")}
        assert asked <= labels | {"le", "instance"}, name
        assert expression.count("(") == expression.count(")"), name


def test_every_alarm_says_what_it_means_and_every_panel_has_a_place_and_a_source() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "lantoa.rules.yml").read_text("utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"]
            assert set(rule) <= {"alert", "expr", "for", "annotations", "labels"}
    board = json.loads((DEPLOY / "grafana" / "lantoa.json").read_text("utf-8"))
    (source,) = board["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        assert panel["datasource"]["uid"] == f"${{{source['name']}}}"
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_unit_runs_a_command_of_the_products_and_gives_up_what_it_does_not_need(unit: Path) -> None:
    text = unit.read_text("utf-8")
    for line in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
        words = shlex.split(line.replace("%i", "8801").replace("%%", "%"))
        if words[0] == "/bin/sh":
            words = shlex.split(words[2].removeprefix("exec ").replace("$(date +%u)", "1"))
        assert words[0] == "/opt/lantoa/bin/lantoa"
        _reads(*words[1:])
    for given_up in ("NoNewPrivileges=true", "ProtectSystem=strict", "CapabilityBoundingSet=", "StateDirectory=lantoa"):
        assert f"\n{given_up}\n" in text
    assert "User=lantoa" in text
    assert "\nMemoryMax=" in text
    if "Type=oneshot" not in text:
        assert "\nWatchdogSec=" in text
        assert "\nNotifyAccess=main\n" in text
    if not unit.name.startswith("lantoa-alarm"):
        assert "\nOnFailure=lantoa-alarm@%N.service\n" in text


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_reads_every_unit_without_a_word(unit: Path, tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        need("systemd-analyze", "systemd is not here")
    for path in (DEPLOY / "systemd").iterdir():
        # It looks for the program itself; ours is where the tests run.
        text = path.read_text("utf-8").replace("/opt/lantoa/bin/lantoa", str(Path(sys.executable).with_name("lantoa")))
        (tmp_path / path.name).write_text(text)
    name = unit.name.replace("@.", "@8801.")
    done = subprocess.run(
        [tool, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)],
        capture_output=True, text=True, check=False, env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_a_command_by_hand_runs_as_the_units_do(tmp_path: Path) -> None:
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    stand_in.chmod(0o755)
    here = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    words = ["staff", "add", "Nguyễn Văn A <a b@so.example>", "--role", "admin"]

    def service_command(**more: str) -> list[str]:
        command = [DEPLOY / "bin" / "lantoa", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=here | more).stdout.splitlines()

    given = service_command()
    assert given[-len(words) - 1 :] == ["/opt/lantoa/bin/lantoa", *words]
    assert service_command(PROGRAM="/opt/lantoa-0.2/bin/lantoa")[-len(words) - 1] == "/opt/lantoa-0.2/bin/lantoa"
    unit = (DEPLOY / "systemd" / "lantoa-backup.service").read_text("utf-8")
    properties = [text.removeprefix("--property=") for text in given if text.startswith("--property=")]
    assert properties
    for text in properties:
        assert f"\n{text}\n" in unit
    for option, line in (("--uid", "User"), ("--gid", "Group"), ("--working-directory", "WorkingDirectory")):
        assert f"\n{line}={_after(given, f'{option}=')}\n" in unit
    assert f"LANTOA_DATA_DIR={_after(given, '--setenv=LANTOA_DATA_DIR=')} " in unit


def _after(words: list[str], start: str) -> str:
    return next(word.removeprefix(start) for word in words if word.startswith(start))


class Proxy:
    """nginx as ``deploy/nginx`` has it, on ports and with a certificate of the test's own."""

    def __init__(self, folder: Path, servers: list[int], pool_file: str) -> None:
        self.port, plain = free_port(), free_port()
        certificate = self_signed(folder / "tin.pem")
        upstream = folder / "upstream.conf"
        pool = (DEPLOY / "nginx" / pool_file).read_text("utf-8")
        named = re.findall(r"^server (127\.0\.0\.1:\d+) ", pool, re.MULTILINE)
        assert len(named) >= 2
        for number, theirs in enumerate(named):
            pool = pool.replace(theirs, f"127.0.0.1:{servers[number % len(servers)]}")
        upstream.write_text(pool)
        text = (DEPLOY / "nginx" / "lantoa.conf").read_text("utf-8")
        for theirs, ours in (
            ("/etc/nginx/lantoa-upstream.conf", str(upstream)),
            ("/var/cache/nginx/lantoa", str(folder / "cache")),
            ("/etc/nginx/certificates/fullchain.pem", str(certificate)),
            ("/etc/nginx/certificates/privkey.pem", str(certificate)),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ):
            assert theirs in text
            text = text.replace(theirs, ours)
        text = re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)
        (folder / "lantoa.conf").write_text(text)
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        self.file = folder / "nginx.conf"
        self.file.write_text(
            f"pid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\ndaemon off;\nuser root;\n"
            "events { worker_connections 256; }\n"
            f"http {{\n{temporary}access_log off;\ninclude {folder}/lantoa.conf;\n}}\n"
        )
        self.log = folder / "error.log"

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """One answer of it: status, headers in small letters, body."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        talk = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        try:
            talk.request("GET", path, headers={"Host": "tin.thudo.example"} | headers)
            answer = talk.getresponse()
            body = answer.read().decode()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body
        finally:
            talk.close()


@contextmanager
def _proxy(folder: Path, servers: list[int], pool_file: str = "upstream-systemd.conf") -> Iterator[Proxy]:
    tool = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if tool is None:
        need("nginx", "Debian's package nginx-light is not installed")
    folder.mkdir()
    made = Proxy(folder, servers, pool_file)
    tried = subprocess.run([tool, "-t", "-c", made.file, "-e", made.log], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr, tried.stderr
    process = subprocess.Popen([tool, "-c", made.file, "-e", made.log])
    try:
        until("nginx listens", lambda: _listens(made))
        yield made
    finally:
        process.terminate()
        process.wait(30)


def _listens(made: Proxy) -> bool:
    try:
        return made.get("/healthz")[0] > 0
    except OSError:
        return False


@contextmanager
def _mirror(port: int = 0) -> Iterator[int]:
    """A server that returns the headers it received."""

    class Mirror(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = "\n".join(f"{name.lower()}: {value}" for name, value in self.headers.items()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Mirror)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_proxy_tells_who_asks_and_passes_on_no_claim_of_theirs(tmp_path: Path) -> None:
    with _mirror() as server, _proxy(tmp_path / "nginx", [server]) as proxy:
        _, _, body = proxy.get("/", X_Forwarded_For="203.0.113.9", **{
            "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "ke-khac.example", "Forwarded": "for=203.0.113.9",
            "X-Forwarded-Port": "1",
        })  # fmt: skip
        values = dict(line.split(": ", 1) for line in body.splitlines())
        assert values["x-forwarded-for"] == "127.0.0.1"
        assert values["x-forwarded-proto"] == "https"
        assert values["x-forwarded-host"] == values["host"] == "tin.thudo.example"
        assert "forwarded" not in values
        assert "x-forwarded-port" not in values
        assert proxy.get("/metrics")[0] == 404
        assert proxy.get("/readyz")[0] == 404


def _ports_to_come_back_to(count: int) -> list[int]:
    """Free ports below those that the system gives to outgoing connections, which would take them in between."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as tried:
            if len(found) < count and tried.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found


def test_one_web_process_after_the_other_may_be_replaced_with_no_question_unanswered(tmp_path: Path) -> None:
    first, second = _ports_to_come_back_to(2)
    with ExitStack() as nginx:
        with _mirror(first), _mirror(second):
            proxy = nginx.enter_context(_proxy(tmp_path / "nginx", [first, second]))
        for alone in (first, second, first):  # the other one is down, and was asked in vain before it came back
            with _mirror(alone):
                assert [proxy.get("/")[0] for _ in range(8)] == [200] * 8
        assert proxy.get("/")[0] == 502


def test_an_nginx_on_the_machine_finds_the_two_containers_among_four_ports(tmp_path: Path) -> None:
    ports = _ports_to_come_back_to(4)
    with ExitStack() as up:
        with _mirror(ports[2]):
            proxy = up.enter_context(_proxy(tmp_path / "nginx", ports, "upstream-host.conf"))
        for there in (ports[:2], ports[2:], [ports[0], ports[3]]):
            with ExitStack() as containers:
                for port in there:
                    containers.enter_context(_mirror(port))
                assert [proxy.get("/")[0] for _ in range(12)] == [200] * 12
    published = yaml.safe_load((DEPLOY / "compose.host.yaml").read_text("utf-8"))["services"]["web"]["ports"]
    assert published == ["127.0.0.1:8801-8804:8800"]


def test_the_composition_has_connections_for_all_and_lets_a_monitor_ask(tmp_path: Path) -> None:
    services = _composed()["services"]
    (most,) = (int(word.partition("=")[2]) for word in services["database"]["command"] if "max_connections=" in word)
    processes = sum(services[name]["deploy"]["replicas"] for name in ("web", "clock", "work"))
    assert most >= 30 * (processes + 4) + 10
    assert services["web"]["networks"] == ["default", "monitor"]
    (network,) = _composed()["networks"]["monitor"]["ipam"]["config"]
    assert network["subnet"] in services["web"]["environment"]["LANTOA_METRICS_FROM"]
    settings = Settings(data_dir=tmp_path, metrics_from="127.0.0.1,::1,172.31.250.0/24")
    asked = ("127.0.0.1", "::1", "172.31.250.7", "172.31.251.7", "203.0.113.9", None)
    assert [settings.may_read_metrics(address) for address in asked] == [True, True, True, False, False, False]


def test_behind_the_proxy_the_product_knows_who_asks_and_feeds_are_kept_for_a_minute(tmp_path: Path) -> None:
    with Installation(
        tmp_path / "data", trusted_proxy="true", base_url="https://tin.thudo.example", metrics_from="203.0.113.9"
    ) as here:
        here.prepared("admin")
        here.serve()
        until("the web answers", here.alive)
        with _proxy(tmp_path / "nginx", [here.port, free_port()]) as proxy:  # one of the two is not there
            status, headers, _ = proxy.get("/feeds/rss.xml")
            assert (status, headers["x-cache"]) == (200, "MISS")
            assert headers["cache-control"] == "public, max-age=60, must-revalidate"
            assert proxy.get("/feeds/rss.xml")[1]["x-cache"] == "HIT"
            assert proxy.get("/feeds/rss.xml", **{"If-None-Match": headers["etag"]})[0] == 304
            assert proxy.get("/feeds/rss.xml?limit=1")[1]["x-cache"] == "MISS"
            for _ in range(2):  # what is not there yet is not remembered past its release
                assert proxy.get("/feeds/lk_nobody/rss.xml")[1]["x-cache"] in {"MISS", "BYPASS", "EXPIRED"}
            status, headers, _ = proxy.get("/login")
            assert status == 200
            assert "x-cache" not in headers
            # Who asks is who nginx says, and what a client claims is not believed: only 203.0.113.9 may read these.
            assert proxy.get("/healthz", **{"X-Forwarded-For": "203.0.113.9"})[0] == 200
            direct = http.client.HTTPConnection("127.0.0.1", here.port, timeout=20)
            for claim, status in (("203.0.113.9", 200), ("198.51.100.7", 404)):
                direct.request("GET", "/metrics", headers={"X-Forwarded-For": claim})
                answer = direct.getresponse()
                answer.read()
                assert answer.status == status
            direct.close()
