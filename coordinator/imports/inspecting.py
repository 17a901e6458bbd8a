"""Inspect an upload in a process of its own, limited in memory and time: whatever it does to a parser, it does there.

The child reads the file from its standard input and answers one line of JSON, followed by the clean file.
"""

import json
import subprocess
import sys
import threading

from coordinator.imports.clean import Clean, Refused
from coordinator.imports.papers import clean_paper, is_paper
from coordinator.imports.pictures import clean_picture, picture_format

MOST_BYTES = 15 * 1024 * 1024
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
    with _one_by_one:
        try:
            done = subprocess.run(  # our own program, no word of it from outside
                [sys.executable, "-I", "-m", "coordinator.imports.inspecting"],
                input=body, capture_output=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Refused("too_heavy", "the file takes too long to read") from error
    head, _, clean = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        raise Refused("too_heavy", "the file takes too much memory or time to read")
    told = json.loads(head)
    if "refused" in told:
        raise Refused(told["refused"], told["message"])
    return Clean(told["kind"], told["measure"], clean)


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


def main() -> int:
    """The child: a file in, one line of JSON and the clean file out."""
    _limit()
    out = sys.stdout.buffer
    try:
        clean = clean_file(sys.stdin.buffer.read())
    except Refused as refused:
        out.write(json.dumps({"refused": refused.code, "message": str(refused)[:500]}).encode() + b"\n")
        return 0
    except (MemoryError, RecursionError):
        return 3
    out.write(json.dumps({"kind": clean.kind, "measure": clean.measure}).encode() + b"\n")
    out.write(clean.body)
    return 0


if __name__ == "__main__":
    sys.exit(main())
