"""What is installed is named, whole and licensed: the locks, NOTICE and the bill of materials."""

import json
import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from supply.components import BUILD_LOCK, LOCK, PYTHONS, ROOT, SupplyError, licence_files, python_components, read_lock
from supply.notice import NOTICE, notice_text
from supply.sbom import direct_requirements, sbom_text
from supply.size import code_lines
from tests.conftest import need

# Their wheels bring no licence text along; NOTICE names the licence.
WITHOUT_TEXT = {"cobble", "docxtpl", "fastwarc", "flask-principal", "http-ece", "obstore", "pypdfium2", "resiliparse"}


def test_the_lock_satisfies_every_range_on_every_python() -> None:
    for python in PYTHONS:
        locked = {entry.name: entry.version for entry in read_lock() if entry.applies(python)}
        for name, line in direct_requirements().items():
            assert Requirement(line).specifier.contains(locked[name], prereleases=True), (python, line, locked[name])


@pytest.mark.parametrize("path", [LOCK, BUILD_LOCK], ids=lambda path: path.name)
def test_every_entry_has_sums_and_no_place_is_named(path: Path) -> None:
    entries = read_lock(path)
    assert entries
    assert [entry.name for entry in entries if not entry.hashes] == []
    text = path.read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text


def test_a_lock_with_a_line_that_is_no_entry_is_refused(tmp_path: Path) -> None:
    for line in ("--index-url somewhere", "flask>=3", "flask @ file:///x", "    --hash=md5:0"):
        (tmp_path / "x.lock").write_text(f"flask==3.1.3 \\\n    --hash=sha256:{'0' * 64}\n{line}\n")
        with pytest.raises(SupplyError, match=":3: "):
            read_lock(tmp_path / "x.lock")


def test_notice_is_of_the_locks() -> None:
    assert NOTICE.read_text("utf-8") == notice_text(), "run: make notice"


def test_every_package_brings_the_text_of_its_licence_but_those_we_know() -> None:
    assert {item.name for item in python_components() if not licence_files(item.name)} == WITHOUT_TEXT


def test_the_bill_of_materials_is_valid_and_names_everything() -> None:
    text = sbom_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    named = {(item["name"], item["version"]) for item in document["components"]}
    assert {(entry.name, entry.version) for entry in read_lock() if entry.applies(here)} <= named
    npm = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    shipped = {(path.rpartition("node_modules/")[2], item["version"]) for path, item in npm.items()
               if path and not item.get("dev")}  # fmt: skip
    assert shipped <= named
    assert all(item["licenses"] and item["hashes"] for item in document["components"])
    assert text == sbom_text()


def test_the_image_is_built_from_the_locks_on_a_base_named_by_its_digest() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    # Nothing else is installed than by the locks: each pip install has sums, or takes our own code alone.
    installs = re.findall(r"pip install ([^\\&\n]+)", text)
    assert len(installs) == 3
    assert all("--require-hashes" in words or words.strip().endswith("--no-build-isolation .") for words in installs)
    for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert base == "${PYTHON_IMAGE}"
    assert re.search(r"^ARG PYTHON_IMAGE$", text, re.MULTILINE)  # without a default
    (check,) = re.findall(r'^RUN (printf %s "\$\{PYTHON_IMAGE.*?exit 1; \})$', text, re.MULTILINE | re.DOTALL)
    for image, well in (
        (f"python:3.13-slim-trixie@sha256:{'0af1' * 16}", True),
        ("python:3.13-slim-trixie", False),
        ("", False),
        ("0af1" * 16, False),
        (f"python@sha256:{'0af1' * 15}", False),
        (f"python@sha256:{'0af1' * 16}0", False),
        (f"python@sha256:{'0AF1' * 16}", False),
        ("python@sha512:" + "0af1" * 16, False),
    ):
        done = subprocess.run(
            ["sh", "-c", check], env={**os.environ, "PYTHON_IMAGE": image}, capture_output=True, check=False
        )
        assert (done.returncode == 0) == well, image


def test_the_image_gets_every_folder_and_file_that_its_installation_is_built_from() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    moved = dict(line.split(" = ") for line in setup["options"]["package_dir"].strip().splitlines())
    packages = setup["options"]["packages"].split()
    needed = {moved.get(name, name.partition(".")[0]) for name in packages} | {"setup.cfg", "pyproject.toml", "supply"}
    needed |= {"README.md", "LICENSE", "NOTICE", "package.json", "package-lock.json", ".npmrc"}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert needed <= {name for names in copied for name in names.split()}
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert needed <= {line.removeprefix("!") for line in sent if line.startswith("!")}


def test_an_environment_made_from_the_locks_has_their_versions_and_runs(tmp_path: Path) -> None:
    """A second machine gets the same: nothing but what the lock names, and the program starts with it."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"

    def pip(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, "-m", "pip", *words], capture_output=True, text=True, check=False, cwd=ROOT)

    for words in (["--requirement", BUILD_LOCK], ["--no-build-isolation", "--requirement", LOCK]):
        done = pip("install", "--quiet", "--no-compile", "--no-deps", "--require-hashes", *words)
        if "NewConnectionError" in done.stderr or "No matching distribution" in done.stderr:
            need("package registry", "it cannot be reached")
        assert done.returncode == 0, done.stderr[-2000:]
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = {entry.name: entry.version for path in (LOCK, BUILD_LOCK) for entry in read_lock(path)
              if entry.applies(here)}  # fmt: skip
    found = {
        re.sub(r"[-_.]+", "-", item["name"]).lower(): item["version"]
        for item in json.loads(pip("list", "--format", "json").stdout)
    }
    found.pop("pip")
    if "setuptools" not in wanted:
        found.pop("setuptools", None)
    assert found == wanted
    assert pip("check").returncode == 0
    start = "from coordinator.cli.main import lantoa; lantoa()"
    said = subprocess.run([python, "-c", start, "doctor", "--help"], capture_output=True, check=False, cwd=ROOT)
    assert said.returncode == 0, said.stderr


def test_lines_of_code_are_those_that_are_not_blank_a_comment_or_a_docstring() -> None:
    source = (
        '"""What it does.\n\nMore of it.\n"""\n\n# A comment.\nLONG = [\n    1,  # one\n]\n\n'
        'def act():\n    """Act."""\n    return """two\nlines"""\n'
    )
    assert code_lines(source) == 6
