"""What is built from a clean tree is whole or is not built, and works where it is installed, outside the tree."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import requests

from coordinator.web.browser import FILES, read_sums
from tests.coordinator.installation import free_port, until

pytestmark = pytest.mark.minutes

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.14")  # both ends of the range; what works on them works on those between


def clean_tree(target: Path) -> Path:
    """A copy of what is in the repository, and of nothing that was fetched or compiled."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().strip("\0").split("\0")
    for name in names:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
    return target


def build(tree: Path, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "build", "--outdir", out, tree],
        env=os.environ | environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source archive, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    done = build(clean_tree(folder / "tree"), folder / "dist")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "dist"


def test_wheel_and_source_archive_hold_every_library_and_the_catalogue(built: Path) -> None:
    (wheel,), (archive,) = built.glob("*.whl"), built.glob("*.tar.gz")
    sums = read_sums()
    with zipfile.ZipFile(wheel) as file:
        for library in FILES:
            content = file.read(f"coordinator/web/static/lib/{library.target}")
            assert hashlib.sha256(content).hexdigest() == sums[library.target]
        names = set(file.namelist())
    assert "coordinator/translations/en/LC_MESSAGES/messages.mo" in names
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"campaigns", "coordinator"}
    assert any(name.endswith("licenses/NOTICE") for name in names)
    with tarfile.open(archive) as sources:
        inside = {member.name.partition("/")[2] for member in sources.getmembers()}
    needed = {"package-lock.json", "supply/build_backend.py", "coordinator/translations/en/LC_MESSAGES/messages.po"}
    assert needed <= inside


def test_what_cannot_be_whole_is_not_built_and_says_why(tmp_path: Path) -> None:
    tree = clean_tree(tmp_path / "tree")
    (tree / "package-lock.json").unlink()
    done = build(tree, tmp_path / "dist")
    assert done.returncode != 0
    assert "its browser libraries are not whole" in done.stdout + done.stderr
    assert not list((tmp_path / "dist").glob("*"))


def interpreter(version: str) -> Path:
    """An interpreter of that version on this machine, or a skip that names it."""
    found = [shutil.which(f"python{version}"), f"/usr/bin/python{version}"]
    found += sorted(map(str, (Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python")))
    for place in filter(None, found):
        if Path(place).exists():
            asked = [place, "-c", "import ensurepip, sqlite3, ssl, sys; print('%d.%d' % sys.version_info[:2])"]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            if done.stdout.strip() == version:
                return Path(place)
    pytest.skip(f"Python {version} is not on this machine")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_works_outside_of_the_tree(built: Path, tmp_path: Path, version: str) -> None:
    (wheel,) = built.glob("*.whl")
    subprocess.run([interpreter(version), "-m", "venv", tmp_path / "venv"], check=True, timeout=300)
    python = tmp_path / "venv/bin/python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-compile", wheel],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LANTOA_", "PYTHON"))}
    environment |= {"LANTOA_DATA_DIR": str(tmp_path / "data"), "LANTOA_BASE_URL": base, "LANTOA_LOCALE": "en"}

    def lantoa(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tmp_path / "venv/bin/lantoa", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    program = (
        "from coordinator.web.kit.assets import STATIC, StaticAssets as A; a = A(); "
        "print(STATIC, a.version, *sorted(a.names), sep='\\n')"
    )
    asked = subprocess.run([python, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    static, stamp, *names = asked.stdout.split()
    assert Path(static).is_relative_to(tmp_path / "venv")
    assert len(names) > len(FILES)
    with (tmp_path / "log").open("w") as log:
        serving = subprocess.Popen(
            [tmp_path / "venv/bin/lantoa", "serve", "--port", str(port)], cwd=tmp_path, env=environment, stderr=log
        )
    try:
        until("serve answers", lambda: _answers(f"{base}/healthz"))
        for name in names:
            answer = requests.get(f"{base}/static/{stamp}/{name}", timeout=20)
            assert answer.status_code == 200, name
            assert answer.content == (Path(static) / name).read_bytes()
        page = requests.get(f"{base}/login", timeout=20)
        assert page.status_code == 200
        assert "Password" in page.text
    finally:
        serving.terminate()
        serving.wait(timeout=60)
    assert "ok   program files: all in place" in lantoa("doctor").stdout

    # A library that is not the vetted one is named, and no page is served with it.
    (Path(static) / "lib" / FILES[0].target).write_text("changed")
    assert (
        f"BAD  program files: missing or not the vetted file: static/lib/{FILES[0].target};" in lantoa("doctor").stdout
    )
    refused = lantoa("serve", "--port", str(port))
    assert refused.returncode == 2
    assert f"static/lib/{FILES[0].target}" in refused.stderr


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=20).status_code == 200
    except requests.RequestException:
        return False
