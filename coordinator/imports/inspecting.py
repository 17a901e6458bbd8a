"""Inspect an upload in a process of its own, limited in memory and time: whatever it does to a parser, it does there.

The child reads the file from its standard input and answers one line of JSON, followed by the clean file.
"""

import json
import subprocess
import sys
import threading
from typing import Any

from coordinator.imports.clean import Clean, Refused
from coordinator.imports.cutting import Piece, Prepared, prepare
from coordinator.imports.papers import checked_paper, clean_paper, is_paper
from coordinator.imports.pictures import clean_picture, foreign_format, picture_format

MOST_BYTES = 15 * 1024 * 1024
MOST_BYTES_OF_A_SCAN = 20_000_000  # thirty pages in colour as office scanners write them; a request may have 20 MiB
MEMORY = 1536 * 1024 * 1024  # bytes of address space; a picture of 40 million pixels needs a third of it
SECONDS = 20  # of processor time; a page of screenshots takes two
PATIENCE = 60  # seconds by the clock, on a busy machine

# Several at once would each take the memory of one.
_one_by_one = threading.BoundedSemaphore(2)


def inspect(body: bytes) -> Clean:
    """The clean form of an uploaded picture or PDF file, told by its content. Raises ``Refused`` with the reason."""
    if not body:
        raise Refused("empty", "the file is empty")
    if len(body) > MOST_BYTES:
        raise Refused("too_large", f"the file has more than {MOST_BYTES // 1024 // 1024} MB")
    if picture_format(body) is None and not is_paper(body):
        raise Refused("unknown_type", "only PNG, JPEG and WebP pictures and PDF files are taken")
    told, clean = _in_a_child([], body)
    return Clean(told["kind"], told["measure"], clean)


def inspect_scan(body: bytes) -> Clean:
    """A scanned paper: a picture made anew, a PDF file looked through and left as it came. Raises ``Refused``."""
    if not body:
        raise Refused("empty", "the file is empty")
    if len(body) > MOST_BYTES_OF_A_SCAN:
        raise Refused("too_large", f"the file has more than {MOST_BYTES_OF_A_SCAN // 1_000_000} MB")
    if foreign := foreign_format(body):
        raise Refused(foreign, f"{foreign.upper()} pictures are not taken; save it as JPEG, PNG or PDF")
    if picture_format(body) not in {"PNG", "JPEG"} and not is_paper(body):
        raise Refused("unknown_type", "only PDF files and JPEG and PNG pictures are taken")
    told, clean = _in_a_child(["--scan"], body)
    return Clean(told["kind"], told["measure"], clean)


def cut(body: bytes, focus: tuple[float, float]) -> Prepared:
    """A picture for bulletins with its crops, made in a process of its own. Raises ``Refused`` with the reason."""
    if not body:
        raise Refused("empty", "the file is empty")
    if len(body) > MOST_BYTES:
        raise Refused("too_large", f"the file has more than {MOST_BYTES // 1024 // 1024} MB")
    if picture_format(body) is None:
        raise Refused("unknown_type", "only PNG, JPEG and WebP pictures are taken")
    told, rest = _in_a_child(["--cut", str(focus[0]), str(focus[1])], body)
    pieces: dict[str, Piece] = {}
    for name, mime, width, height, length in told["pieces"]:
        pieces[name] = Piece(mime, width, height, rest[:length])
        rest = rest[length:]
    return Prepared(pieces.pop("whole"), pieces)


def _in_a_child(arguments: list[str], body: bytes) -> tuple[dict[str, Any], bytes]:
    with _one_by_one:
        try:
            done = subprocess.run(  # noqa: S603  # our own program, no word of it from outside
                [sys.executable, "-I", "-m", "coordinator.imports.inspecting", *arguments],
                input=body, capture_output=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Refused("too_heavy", "the file takes too long to read") from error
    head, _, rest = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        raise Refused("too_heavy", "the file takes too much memory or time to read")
    told: dict[str, Any] = json.loads(head)
    if "refused" in told:
        raise Refused(told["refused"], told["message"])
    return told, rest


def clean_file(body: bytes) -> Clean:
    """The work itself, without limits. Raises ``Refused``."""
    format_ = picture_format(body)
    return clean_paper(body) if format_ is None else clean_picture(body, format_)


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415  # POSIX only; elsewhere the clock alone limits
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cleaned(body: bytes, *, as_it_is: bool) -> tuple[dict[str, Any], list[bytes]]:
    clean = checked_paper(body) if as_it_is and is_paper(body) else clean_file(body)
    return {"kind": clean.kind, "measure": clean.measure}, [clean.body]


def _prepared(body: bytes, focus: tuple[float, float]) -> tuple[dict[str, Any], list[bytes]]:
    found = prepare(body, focus)
    pieces = {"whole": found.whole, **found.cuts}
    told = [(name, one.mime, one.width, one.height, len(one.body)) for name, one in pieces.items()]
    return {"pieces": told}, [one.body for one in pieces.values()]


def main() -> int:
    """The child: a file in, one line of JSON and the clean file out; a PDF as it came with ``--scan``, and with
    ``--cut X Y`` a picture and its crops."""
    _limit()
    out = sys.stdout.buffer
    body = sys.stdin.buffer.read()
    try:
        if sys.argv[1:2] == ["--cut"]:
            told, bodies = _prepared(body, (float(sys.argv[2]), float(sys.argv[3])))
        else:
            told, bodies = _cleaned(body, as_it_is=sys.argv[1:2] == ["--scan"])
    except Refused as refused:
        out.write(json.dumps({"refused": refused.code, "message": str(refused)[:500]}).encode() + b"\n")
        return 0
    except (MemoryError, RecursionError):
        return 3
    out.write(json.dumps(told).encode() + b"\n")
    for one in bodies:
        out.write(one)
    return 0


if __name__ == "__main__":
    sys.exit(main())
