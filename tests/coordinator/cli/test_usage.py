"""Invalid usage and settings: one line on stderr, status 2, and no effect."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from campaigns.rows import METADATA
from coordinator.cli.main import COMMANDS, LazyCommand, LazyGroup
from coordinator.config import Settings
from coordinator.storage import heartbeat_files
from tests.coordinator.cli.conftest import Machine


def test_help_names_every_command_of_the_contract(bare: Machine) -> None:
    text = bare.well("--help")
    for name in ("serve", "web", "clock", "work", "demo", "db", "staff", "key", "import", "check", "report", "journal",
                 "rejudge", "backup", "restore", "doctor"):  # fmt: skip
        assert f"  {name} " in text
        assert name in COMMANDS
    assert bare.well("--version").startswith("lantoa, version ")
    assert not bare.data.exists()


def _every_command(
    table: Mapping[str, LazyCommand | LazyGroup], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], LazyCommand]]:
    for name, entry in table.items():
        if isinstance(entry, LazyGroup):
            yield from _every_command(entry.commands, (*above, name))
        else:
            yield (*above, name), entry


def test_the_table_of_commands_says_what_they_say_themselves() -> None:
    for words, entry in _every_command(COMMANDS):
        command = entry.load()
        assert command.get_short_help_str(200) == entry.summary, words
        assert command.name == words[-1], words


# Heavy packages: each takes as long to import as an empty Python takes altogether, or many times as long.
HEAVY = {
    "alembic", "apiflask", "cryptography", "flask", "lxml", "numpy", "pydantic", "pydantic_settings", "requests",
    "sqlalchemy", "weasyprint", "werkzeug",
}  # fmt: skip
GROUPS = [name for name, entry in COMMANDS.items() if isinstance(entry, LazyGroup)]


def _imported(*words: str, **more: str) -> set[str]:
    """The packages that the program has imported when it ends."""
    program = """
import atexit, sys
atexit.register(lambda: print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr))
sys.argv[0] = "lantoa"
from coordinator.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, env=os.environ | more
    )
    assert "Traceback" not in done.stderr, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["alive", "work"], *([name, "--help"] for name in GROUPS)], ids=" ".join)
def test_help_and_alive_import_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    assert _imported(*words, LANTOA_DATA_DIR=str(tmp_path)) & HEAVY == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("typed", ["lantoa se", "lantoa journal ver", "lantoa staff "])
def test_completion_of_a_command_imports_nothing_heavy_and_finds_it(typed: str) -> None:
    asked = {"_LANTOA_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    assert _imported(**asked) & HEAVY == set()
    done = subprocess.run(
        [Path(sys.executable).with_name("lantoa")], capture_output=True, text=True, check=True, env=os.environ | asked
    )
    found = {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert found == {"lantoa se": {"serve", "search"}, "lantoa journal ver": {"verify"},
                     "lantoa staff ": {"add", "confirm", "list"}}[typed]  # fmt: skip


def test_the_data_folder_is_read_as_the_settings_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LANTOA_")]:
        monkeypatch.delenv(name)
    assert heartbeat_files.data_folder() == Settings.read().data_dir
    Path("lantoa.toml").write_text('data_dir = "/srv/lantoa"\n')
    assert heartbeat_files.data_folder() == Settings.read().data_dir == Path("/srv/lantoa")
    monkeypatch.setenv("LANTOA_DATA_DIR", "/srv/other")
    assert heartbeat_files.data_folder() == Settings.read().data_dir == Path("/srv/other")
    monkeypatch.setenv("LANTOA_DATA_DIR", "")
    assert heartbeat_files.data_folder() == Settings.read().data_dir == Path("/srv/lantoa")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nope"], "No such command 'nope'"),
        (["key", "add"], "Missing argument 'NAME'"),
        (["key", "add", "x"], "give either --role or --partner"),
        (["key", "add", "x", "--role", "admin", "--expires", "mai"], "'mai' does not match"),
        (["report", "2026-Q9", "--format", "csv", "--out", "x.csv"], "'2026-Q9' is not a period; expected 2026-Q4"),
        (["check", "--bulletins", "none.jsonl", "--pages", "none.jsonl"], "'none.jsonl' does not exist"),
        (["import", "partners", "none.csv"], "'none.csv' does not exist"),
        (["serve", "--port", "99999"], "99999"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_bad_usage_is_one_line_and_status_2(lantoa: Machine, words: list[str], said: str) -> None:
    assert said in lantoa.refused(*words)
    assert sorted(path.name for path in lantoa.folder.iterdir()) == ["data"]


@pytest.mark.parametrize("process", ["serve", "web"])
def test_an_address_that_cannot_be_listened_on_is_named(lantoa: Machine, process: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = lantoa.refused(process, "--port", port)
        assert line.startswith(f"127.0.0.1:{port}: Address already in use")
        assert "--port" in line
    line = lantoa.refused(process, "--host", "no-such-host.invalid", "--port", port)
    assert line.startswith(f"no-such-host.invalid:{port}: ")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("X", "1", "LANTOA_X: there is no such setting"),
        ("BASE_URL", "tin.example", "base_url"),
        ("DATABASE_URL", "mysql://x/y", "database_url"),
        ("PACE", "slow", "pace"),
        ("SECRET_KEY", "short", "at least 32 characters"),
    ],
)
def test_a_bad_setting_is_named_before_anything_is_done(bare: Machine, name: str, value: str, said: str) -> None:
    words = ("import", "bulletins", "x.md") if name == "SECRET_KEY" else ("key", "list")
    if name == "SECRET_KEY":
        bare.well("db", "upgrade")
    line = bare.refused(*words, **{name: value})
    assert line.startswith("lantoa: ")
    assert said in line


def test_an_unknown_line_of_the_settings_file_is_named(bare: Machine) -> None:
    (bare.folder / "lantoa.toml").write_text('base_url = "https://tin.example"\nspeed = "high"\n')
    assert "speed" in bare.refused("key", "list")


def test_a_database_nobody_has_upgraded_says_what_to_run(bare: Machine) -> None:
    bare.data.mkdir()
    (bare.data / "lantoa.db").touch()
    assert bare.refused("journal", "verify") == "lantoa: the database is at nothing; run: lantoa db upgrade"


@pytest.mark.parametrize("words", [("journal", "verify"), ("key", "list"), ("web",), ("backup", "all.zip")])
def test_before_the_database_is_set_up_a_command_says_so_and_leaves_no_file(
    bare: Machine, words: tuple[str, ...]
) -> None:
    for folder_is_there in (False, True):
        if folder_is_there:
            bare.data.mkdir()
        assert bare.refused(*words) == "lantoa: the database is not set up; run: lantoa db upgrade"
        assert bare("db", "current").out == "empty\n"
        assert bare("doctor").status == 1
        assert not bare.data.exists() or [path.name for path in bare.data.iterdir()] in ([], ["secret.key"])


def test_a_database_that_cannot_be_reached_is_one_line(bare: Machine) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    assert bare.refused("key", "list", database_url=url).startswith("lantoa: the database: ")


def test_a_file_that_cannot_be_written_is_named(lantoa: Machine) -> None:
    target = Path("nowhere") / "x.csv"
    assert (
        lantoa.refused("report", "2026", "--format", "csv", "--out", target) == f"{target}: No such file or directory"
    )
    assert lantoa.refused("backup", "nowhere/x.zip").endswith(": No such file or directory")


def test_a_command_of_few_imports_knows_every_table() -> None:
    program = """
from coordinator.cli import environment
from campaigns.core.base import Base
from sqlalchemy.orm import configure_mappers
configure_mappers()
print(len(Base.metadata.sorted_tables))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(METADATA.sorted_tables)


@pytest.mark.parametrize(
    "words", [["db", "upgrade"], ["web"], ["key", "list"], ["serve"], ["restore", __file__]], ids=" ".join
)
def test_postgresql_without_its_driver_is_one_line_that_names_the_extra(words: list[str], tmp_path: Path) -> None:
    done = _without_psycopg(*words, data=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("lantoa: database_url: PostgreSQL needs the extra scale; run: pip install 'lantoa[scale]'\n")


def test_the_doctor_without_postgresql_s_driver_says_so_on_its_line(tmp_path: Path) -> None:
    done = _without_psycopg("doctor", data=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "BAD  database: database_url: PostgreSQL needs the extra scale" in done.stdout


def _without_psycopg(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where psycopg is not installed."""
    program = """
import importlib.util, sys
from importlib.machinery import PathFinder
class Without(PathFinder):
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None if name.partition(".")[0] == "psycopg" else PathFinder.find_spec(name, path, target)
sys.meta_path = [Without if finder is PathFinder else finder for finder in sys.meta_path]
sys.argv[0] = "lantoa"
from coordinator.cli import main
main()
"""
    settings = {"LANTOA_DATA_DIR": str(data), "LANTOA_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none"}
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | settings)
