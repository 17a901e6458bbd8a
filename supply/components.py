"""The components that an installation consists of: Python packages of ``requirements.lock``, browser libraries of
``package-lock.json``. Only the standard library and ``packaging`` are used."""

import base64
import importlib.metadata
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
BUILD_LOCK = ROOT / "requirements-build.lock"

_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")
_HASH = re.compile(r"^\s+--hash=sha256:([0-9a-f]{64})\s*\\?$")

# Packages whose metadata names no licence: read in their sources.
UNDECLARED = {"crawler-user-agents": "MIT", "pyrage": "MIT", "resvg-py": "MIT"}
# The wording of metadata that names one licence of the SPDX list without doubt. Other wording is passed on as it is.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "New BSD": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "ZPL 2.1": "ZPL-2.1",
}
_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+()-]+)*")
_LICENCE_NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")


class SupplyError(Exception):
    """A lock cannot be read, or a component says nothing about its licence; the message names it."""


@dataclass(frozen=True)
class PinnedPackage:
    """One entry of a lock: ``marker`` says where it is needed, '' everywhere; ``hashes``: SHA-256 of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    def applies(self, python: str) -> bool:
        """Whether it is needed on Linux by CPython of this version (``3.11``)."""
        return not self.marker or Marker(self.marker).evaluate(
            {
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "platform_system": "Linux",
                "python_full_version": f"{python}.0",
                "python_version": python,
                "sys_platform": "linux",
            }
        )


@dataclass(frozen=True)
class Component:
    """One component. ``kind``: ``pypi`` or ``npm``; ``licence``: as declared, an SPDX expression where it is one;
    ``hashes``: algorithm as CycloneDX names it, and hex digits."""

    kind: str
    name: str
    version: str
    licence: str
    hashes: tuple[tuple[str, str], ...]

    @property
    def purl(self) -> str:
        """The package URL."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40', 1)}@{self.version}"

    @property
    def is_spdx(self) -> bool:
        """Whether the licence is one id or expression of SPDX, by its form."""
        return _EXPRESSION.fullmatch(self.licence) is not None and self.licence not in {"BSD", "UNKNOWN"}


def read_lock(path: Path = LOCK) -> list[PinnedPackage]:
    """Return the entries of a lock. Raises ``SupplyError`` for a line that is no entry and no hash of one."""
    found: list[PinnedPackage] = []
    hashes: list[str] = []

    def close() -> None:
        if found:
            last = found[-1]
            found[-1] = PinnedPackage(last.name, last.version, last.marker, tuple(hashes))
            hashes.clear()

    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if matched := _HASH.match(line):
            hashes.append(matched[1])
        elif matched := _PINNED.match(line):
            close()
            found.append(PinnedPackage(matched["name"].lower(), matched["version"], matched["marker"] or "", ()))
        else:
            raise SupplyError(f"{path.name}:{number}: {line!r} is no pinned package and no hash")
    close()
    return found


def python_components(pythons: Sequence[str] = PYTHONS) -> list[Component]:
    """Return the runtime's Python packages that any of these versions of Python needs, with the licences that the
    installed packages declare. Raises ``SupplyError`` when one is not installed or names no licence."""
    return [
        Component("pypi", entry.name, entry.version, _declared(entry.name), tuple(("SHA-256", h) for h in entry.hashes))
        for entry in read_lock()
        if any(entry.applies(python) for python in pythons)
    ]


def browser_components() -> list[Component]:
    """Return the libraries that browsers get, and what those are made of; nothing that only tests use."""
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    found = []
    for path, entry in sorted(packages.items()):
        if not path or entry.get("dev"):
            continue
        name = path.rpartition("node_modules/")[2]
        algorithm, _, digest = entry["integrity"].partition("-")
        hashes = ((algorithm.upper().replace("SHA", "SHA-"), base64.b64decode(digest).hex()),)
        found.append(Component("npm", name, entry["version"], entry["license"], hashes))
    return found


def _declared(name: str) -> str:
    if name in UNDECLARED:
        return UNDECLARED[name]
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise SupplyError(f"{name} is in {LOCK.name} and not installed here") from error
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    field = (metadata.get("License") or "").strip()
    is_name = field and "\n" not in field and len(field) <= 60 and not field.startswith("Copyright")
    # A field such as "Dual License" or "BSD" says less than the classifiers.
    words = field if is_name and not (len(classifiers) > 1 or field == "BSD") else " / ".join(classifiers)
    if not words:
        raise SupplyError(f"{name}: its metadata name no licence; read its sources and add it to UNDECLARED")
    return SPDX.get(words, words)


def licence_files(name: str) -> list[str]:
    """Return the names of the licence files that an installed package brings along, below its metadata's folder."""
    found = []
    for file in importlib.metadata.files(name) or ():
        if ".dist-info" in str(file.parent) and file.name.upper().startswith(_LICENCE_NAMES):
            found.append(file.name)
    return sorted(set(found))
