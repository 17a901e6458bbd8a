"""The house keeps its shape: ladders, sizes, names, packaging."""

import ast
import configparser
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 400
UNWANTED = {"utils", "util", "helpers", "helper", "common", "misc", "models", "services"}


def _tracked(pattern: str) -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in found.stdout.splitlines() if (ROOT / name).exists()]


SOURCES = _tracked("*.py")
PACKAGES = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in {"campaigns", "coordinator", "migrations"}]


def test_no_file_is_longer_than_can_be_read_in_one_sitting() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


def test_a_room_is_named_by_what_it_owns() -> None:
    assert [str(path) for path in PACKAGES if path.stem in UNWANTED or path.parent.name in UNWANTED] == []


def test_every_package_says_what_belongs_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PACKAGES
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_package_is_listed_for_the_wheel() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(setup["options"]["packages"].split())
    there = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".").replace("migrations", "coordinator.migrations", 1)
        for path in PACKAGES
        if path.name == "__init__.py"
    }
    assert listed == there


def test_the_ladders_hold() -> None:
    linted = subprocess.run(
        [ROOT / ".venv/bin/lint-imports"] if (ROOT / ".venv/bin/lint-imports").exists() else ["lint-imports"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout[-3000:]


@pytest.mark.parametrize("wing", ["campaigns"])
def test_the_domain_asks_no_machine_for_time_files_or_settings(wing: str) -> None:
    wanted = re.compile(r"^(os|pathlib|time|socket|subprocess|threading|tempfile|shutil)$")
    found = []
    for path in PACKAGES:
        if path.relative_to(ROOT).parts[0] != wing:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            found += [f"{path.relative_to(ROOT)}: {name}" for name in names if wanted.match(name.split(".")[0])]
    assert found == []


def test_only_the_job_loop_and_the_last_handler_catch_everything() -> None:
    allowed = {"coordinator/jobs/running.py", "coordinator/app.py"}
    found = set()
    for path in PACKAGES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                if any(kind is None or (isinstance(kind, ast.Name) and kind.id == "Exception") for kind in kinds):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found <= allowed
