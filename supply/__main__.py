"""``python -m supply lock|notice|sbom|size``: the commands behind ``make lock``, ``notice``, ``sbom`` and ``size``."""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from supply.components import BUILD_LOCK, LOCK, ROOT, SupplyError
from supply.notice import NOTICE, notice_text
from supply.sbom import EXTRAS, sbom_text
from supply.size import size_text

OLDEST = "3.11"
_HEAD = """\
# Exact versions, and the SHA-256 of every file that may be installed for them, for Python 3.11 to 3.14 on Linux (amd64,
# arm64). Made by `make lock` from the ranges of {source}; not edited by hand.
"""
_INDEX = re.compile(r"^\s*(--index-url|--extra-index-url|--find-links|-i|-f)\b.*\n", re.MULTILINE)


def write_lock() -> None:
    """Resolve the ranges anew and write both locks. Raises ``SupplyError`` with the resolver's words."""
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    _compile([str(ROOT / "setup.cfg"), *extras], LOCK, f"setup.cfg ({', '.join(EXTRAS)})")
    with (ROOT / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["build-system"]["requires"]
    with tempfile.NamedTemporaryFile("w", suffix=".in") as given:
        given.write("\n".join(needed))
        given.flush()
        _compile([given.name], BUILD_LOCK, "pyproject.toml (what builds the package)")


def _compile(given: list[str], path: Path, source: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", *given, "--universal", "--python-version", OLDEST]
    command += ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url", "--upgrade", "--quiet"]
    # The order of names and hashes is the resolver's own; addresses of registries belong to a machine, not to the file.
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)  # noqa: S603 - our words
    if done.returncode != 0:
        raise SupplyError(done.stderr.strip())
    path.write_text(_HEAD.format(source=source) + _INDEX.sub("", done.stdout), "utf-8")


def main() -> int:
    """Run one command; exit 1 with the reason on stderr when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m supply", description=__doc__)
    parser.add_argument("what", choices=["lock", "notice", "sbom", "size"])
    parser.add_argument("--out", type=Path, help="the file to write the bill of materials to, else standard output")
    options = parser.parse_args()
    try:
        if options.what == "lock":
            write_lock()
        elif options.what == "notice":
            NOTICE.write_text(notice_text(), "utf-8")
        elif options.what == "size":
            sys.stdout.write(size_text())
        elif options.out is not None:
            options.out.write_text(sbom_text(), "utf-8")
        else:
            sys.stdout.write(sbom_text())
    except SupplyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
