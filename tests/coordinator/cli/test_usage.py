"""Invalid usage and settings: one line on stderr, status 2, and no effect."""

import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from coordinator.cli.main import COMMANDS
from coordinator.cli.main import lantoa as command_line
from tests.coordinator.cli.conftest import Machine


def test_help_names_every_command_of_the_contract(bare: Machine) -> None:
    text = bare.well("--help")
    for name in ("serve", "web", "clock", "work", "demo", "db", "staff", "key", "import", "check", "report", "journal",
                 "rejudge", "backup", "restore", "doctor"):  # fmt: skip
        assert f"  {name} " in text
        assert name in COMMANDS
    assert bare.well("--version").startswith("lantoa, version ")
    assert not bare.data.exists()


def test_the_table_of_commands_says_what_they_say_themselves() -> None:
    context = click.Context(command_line)
    for name, command in COMMANDS.items():
        loaded = command_line.get_command(context, name)
        assert loaded is not None
        assert loaded.get_short_help_str(200) == command.summary, name


def test_help_and_completion_import_no_command() -> None:
    program = """
import sys
from coordinator.cli.main import lantoa
import click
context = click.Context(lantoa)
lantoa.get_help(context)
assert {"serve", "search"} <= {item.value for item in lantoa.shell_complete(context, "se")}
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"sqlalchemy", "flask", "numpy", "requests", "lxml"}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


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
