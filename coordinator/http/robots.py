"""robots.txt (RFC 9309): what a site allows us to read, remembered for at most a day.

Protego reads the rules; Python's own ``urllib.robotparser`` misreads wildcards.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from coordinator.http.charsets import decode

READ = 512 * 1024  # bytes that are read, RFC 9309 §2.5 asks for 500 KiB; what follows is not looked at
REDIRECTS = 5  # hops that are followed, §2.3.1.2
KEPT = 86_400.0  # seconds an answer is believed, §2.4
KEPT_AFTER_FAILURE = 60.0  # seconds before a site that could not tell is asked again
LONGEST_DELAY = 30.0  # seconds; a longer Crawl-delay would keep us from ever seeing a correction
MOST_SITES = 4096  # remembered at once


@dataclass(frozen=True)
class Rules:
    """What one site's robots.txt means for us. ``delay``: seconds between two requests, if it asks for that."""

    product: str
    parsed: Protego | None
    otherwise: bool = True  # the answer when there are no rules to read
    delay: float | None = None

    def allow(self, url: str) -> bool:
        """Whether we may ask for this address."""
        return self.otherwise if self.parsed is None else self.parsed.can_fetch(url, self.product)


def rules(product: str, status: int | None, body: bytes = b"") -> Rules:
    """The rules that an answer to ``/robots.txt`` means (RFC 9309 §2.3.1). ``status`` None: there was no answer.

    2xx: what it says. 4xx: there are none, all is allowed; but 429 is a plea to stay away and counts as a failure.
    Anything else: nobody knows, so all is forbidden until it can be read.
    """
    if status is not None and 200 <= status < 300:
        text = _addressed(decode(body[:READ]), product)
        bare = _PACE.sub("", text)
        parsed = Protego.parse(bare)
        delay = Protego.parse(text).crawl_delay(product) if bare != text else None
        return Rules(product, parsed, delay=min(delay, LONGEST_DELAY) if delay else None)
    if status is not None and 400 <= status < 500 and status != 429:
        return Rules(product, None, otherwise=True)
    return Rules(product, None, otherwise=False)


# A group's first line, with the forms that Google's reader takes for it; the name is a product token, §2.2.1, and what
# follows it (a version, a remark) is none of it.
_AGENT = re.compile(
    r"^([ \t\ufeff]*user[ -]?agent[ \t]*:?[ \t]*)(\*(?=[\s#]|$)|[A-Za-z_-]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE
)
# Lines on pace, which Protego takes for rules: between two names it would have the second begin another group. RFC 9309
# knows no such lines and lets none of them interfere, §2.2.4.
_PACE = re.compile(r"^[ \t]*(?:crawl[ -]?delay|request[ -]?rate|visit[ -]?time)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_SOMEBODY_ELSE = "0"  # begins no product token, so it is never ours


def _addressed(text: str, product: str) -> str:
    """The rules with every group addressed to us, to all, or to somebody else, and nothing in between.

    Protego takes a group for ours when our name begins with its name (``Lan`` for ``LanToa``) and not when it has a
    version (``LanToa/1.0``). RFC 9309 wants equal product tokens, in any case of letters; the first would have us
    follow what was not said to us, the second ignore what was.
    """

    def named(found: re.Match[str]) -> str:
        name = found[2]
        if name == "*":
            return f"{found[1]}*"
        return f"{found[1]}{product if name.lower() == product.lower() else _SOMEBODY_ELSE}"

    return _AGENT.sub(named, text)


class RobotsBook:
    """The rules of all sites asked so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[Rules, float]] = {}
        self._lock = threading.Lock()

    def rules_of(self, origin: str, ask: Callable[[], Rules]) -> Rules:
        """What is known of ``origin``, asked anew with ``ask`` when that is too old.

        When asking brings nothing, rules that were read before stay in force (§2.4).
        """
        now = self._clock()
        with self._lock:
            known = self._known.get(origin)
        if known and now < known[1]:
            return known[0]
        fresh = ask()
        failed = fresh.parsed is None and not fresh.otherwise
        if failed and known and known[0].parsed is not None:
            fresh = known[0]
        with self._lock:
            self._known.pop(origin, None)
            if len(self._known) >= MOST_SITES:
                del self._known[next(iter(self._known))]  # the one asked longest ago
            self._known[origin] = (fresh, now + (KEPT_AFTER_FAILURE if failed else KEPT))
        return fresh
