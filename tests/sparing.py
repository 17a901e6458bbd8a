"""What is the same for every test of a process is made once and not once a test.

Nothing here is a stand-in: each piece is what the libraries make, kept because it would be made again letter for
letter. Every test still has an application, a database and a data folder of its own.
"""

import gc
from functools import cache, wraps
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing.rules import Rule

from coordinator.sealing import Seal

SECRET_KEY = "a key of tests, long enough to be one"
# How many objects more than were freed there are before a search for cycles. A page of the desk makes some thousands.
BEFORE_A_SEARCH = 50_000


class Compiled(BytecodeCache):
    """What templates compile to, for all the applications of a process: each test makes its own."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept for the same text of the same template."""
        bucket.code = self._codes.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._codes[f"{bucket.key} {bucket.checksum}"] = bucket.code


def _read_once(compiled: Any) -> Any:
    """How an address is read and built, worked out once for all the applications of a process: it took most of putting
    an application together.

    It follows from the rule's text, its defaults and the map's converters, all of which are asked for here; what is
    kept is only read afterwards. The map, the rule and the view behind it are each application's own.
    """
    known: dict[tuple[object, ...], tuple[Any, ...]] = {}

    @wraps(compiled)
    def compile_rule(self: Rule) -> None:
        of_map = self.map
        assert of_map is not None
        domain = self.host if of_map.host_matching else self.subdomain
        key = (
            self.rule, domain, self.merge_slashes, repr(self.defaults), of_map.sort_parameters,
            frozenset(of_map.converters.items()),
        )  # fmt: skip
        if key not in known:
            compiled(self)
            known[key] = (
                self._parts, self._trace, self._converters, frozenset(self.arguments),
                self._build.__func__, self._build_unknown.__func__,  # type: ignore[attr-defined]  # bound methods
            )  # fmt: skip
            return
        self._parts, self._trace, self._converters, arguments, build, build_unknown = known[key]
        self.arguments.update(arguments)
        self._build, self._build_unknown = build.__get__(self, None), build_unknown.__get__(self, None)

    return compile_rule


@cache
def seal(secret_key: str = SECRET_KEY) -> Seal:
    """The seal of a key: to derive it is slow on purpose, and it never changes."""
    return Seal(secret_key)


def begin() -> None:
    """Before the first application is made."""
    gc.set_threshold(BEFORE_A_SEARCH, 10, 10)
    Rule.compile = _read_once(Rule.compile)  # type: ignore[method-assign]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


def settle() -> None:
    """After collection: libraries, ten thousand tests and their parameters stay to the end, and are no longer looked
    through for garbage each time that a test leaves some; that took a sixth of all time."""
    gc.collect()
    gc.freeze()
