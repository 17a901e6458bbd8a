"""Child processes with limited memory and time, in which files from outside are read.

The child reads the file from its standard input and answers one line of JSON, followed by bytes. Whatever a hostile
file does to the library that reads it ends with the child.
"""

import json
import subprocess
import sys
import threading
from typing import Any

# Each child may take its whole memory limit, so that only a few run at once.
_child_slots = threading.BoundedSemaphore(2)


class ChildFailed(Exception):
    """The child ended without an answer: the file takes too much memory or time, or crashed the library."""


def run_child(module: str, arguments: list[str], body: bytes, *, seconds: float) -> tuple[dict[str, Any], bytes]:
    """Run ``python -m module`` on ``body``; returns its line of JSON and the bytes after it.

    ``seconds``: by the clock. Raises ``ChildFailed``.
    """
    with _child_slots:
        try:
            done = subprocess.run(  # noqa: S603  # this program, with arguments of its own
                [sys.executable, "-I", "-m", module, *arguments],
                input=body, capture_output=True, timeout=seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ChildFailed("the file takes too long to read") from error
    head, _, rest = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        raise ChildFailed("the file takes too much memory or time to read")
    answer: dict[str, Any] = json.loads(head)
    return answer, rest


def limit_resources(memory: int, cpu_seconds: int) -> None:
    """Limit this process, which is a child. ``memory``: bytes of address space."""
    try:
        import resource  # noqa: PLC0415  # POSIX only; elsewhere the clock alone limits
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
