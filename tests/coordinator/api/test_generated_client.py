"""A client that a common generator makes from the document goes through the whole day, by programs of ``examples``."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
import requests

from campaigns.core.clock import city_day, utc_now
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import Inbox, Installation, Staff, until
from tests.test_pipeline import BODY, PAGE, TITLE

pytestmark = pytest.mark.minutes

EXAMPLES = Path(__file__).parents[3] / "examples"
BIN = Path(sys.executable).parent

Run = Callable[..., str]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the generated package; any warning of the generator is a failure."""
    folder = tmp_path_factory.mktemp("client")
    with Installation(folder / "data") as here:
        here.prepared()
        here.serve("web")
        until("the document is served", here.alive)
        document = requests.get(f"{here.base}/api/v1/openapi.json", timeout=20)
    (folder / "openapi.json").write_bytes(document.content)
    command = [BIN / "openapi-python-client", "generate", "--path", folder / "openapi.json", "--output-path",
               folder / "client", "--fail-on-warning"]  # fmt: skip
    made = subprocess.run(
        command, env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}, capture_output=True, text=True, check=False
    )
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    assert not re.search(r"warning|unable|skipping|removal", said, re.IGNORECASE), said
    operations = sum(len(methods) for methods in document.json()["paths"].values())
    modules = [path for path in (folder / "client").glob("*/api/*/*.py") if path.name != "__init__.py"]
    assert len(modules) == operations
    return folder / "client"


def test_the_day_is_done_by_a_generated_client(generated: Path, tmp_path: Path) -> None:
    with HostileServer() as site, Installation(tmp_path / "data") as here:
        site.text("/robots.txt", "", "404 Not Found")
        keys = here.prepared("writer", "approver", "analyst", "admin")
        here.serve()
        until("serve answers", here.alive)
        staff = Staff(here.base, keys)
        staff.post("admin", "/partners", {"code": "nhip-song", "name": "Công ty Nhịp Sông"})
        where = {"partner": "nhip-song", "name": "Nhịp Sông", "url": site.url("/"), "kind": "aggregator"}
        staff.post("admin", "/sites", where)
        settings = {"url": Inbox(site).open("/nhan-tin")}
        channel = {"kind": "webhook", "name": "Máy nhận", "partner": "nhip-song", "settings": settings}
        staff.post("admin", "/channels", channel)
        keys["partner"] = here.did("key", "add", "Nguồn tin", "--partner", "nhip-song")

        def run(who: str, program: str, *arguments: str) -> str:
            environment = {**os.environ, "API_URL": here.base, "API_KEY": keys[who], "PYTHONPATH": str(generated)}
            done = subprocess.run(
                [sys.executable, EXAMPLES / program, *arguments],
                env=environment, capture_output=True, text=True, timeout=180, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()

        day = city_day(utc_now()).isoformat()
        assert run("admin", "plan.py", "ke-hoach-174", day, day) == "ke-hoach-174"
        (tmp_path / "text.txt").write_text(BODY, "utf-8")
        code = run("writer", "write_a_bulletin.py", "ke-hoach-174", TITLE, str(tmp_path / "text.txt"))
        assert TITLE in run("approver", "publish.py", code)
        followed = run("analyst", "follow_deliveries.py", code).splitlines()
        # The feed that the partner's key came with is due until the partner reads it.
        assert sorted(line.split()[1] for line in followed) == ["delivered", "due"]

        bulletin = staff.get("writer", f"/bulletins/{code}")
        source = f'<p>Theo <a href="{bulletin["url"]}">{staff.get("writer", "/office")["name"]}</a></p>'
        html = PAGE.format(title=escape(TITLE), body=bulletin["body_html"] + source)
        address = site.text("/tin/1.html", html, Content_Type="text/html")
        assert run("partner", "claim_a_copy.py", code, address).splitlines()[0] == "confirmed full linked_at_end"
        progress = run("analyst", "read_progress.py", "ke-hoach-174")
        assert "republications 1 of 100" in re.sub(r"\.0\b", "", progress)
        assert "nhip-song delivered 1 confirmed 1 review 0" in progress


def test_every_program_is_named_and_short() -> None:
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    programs = sorted(EXAMPLES.glob("*.py"))
    assert programs
    for program in programs:
        assert f"`{program.name} " in listed
        assert len(program.read_text("utf-8").splitlines()) <= 40, program.name
