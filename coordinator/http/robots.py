"""robots.txt (RFC 9309): the addresses that a site allows us to read, cached for at most a day.

Protego reads the rules; Python's own ``urllib.robotparser`` misreads wildcards.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from coordinator.http.charsets import decode

MAX_BYTES = 512 * 1024  # bytes; RFC 9309 §2.5 asks for 500 KiB; the rest is ignored
MAX_REDIRECTS = 5  # §2.3.1.2
MAX_AGE = 86_400.0  # seconds, §2.4
FAILURE_MAX_AGE = 60.0  # seconds before a site without readable rules is asked again
MAX_CRAWL_DELAY = 30.0  # seconds; with a longer Crawl-delay corrections would be seen too late
MAX_SITES = 4096  # cached at once


@dataclass(frozen=True)
class RobotsRules:
    """The rules of one site's robots.txt for us. ``delay``: seconds between two requests, if it asks for a delay."""

    product: str
    parsed: Protego | None
    otherwise: bool = True  # the answer without parsed rules
    delay: float | None = None

    def allow(self, url: str) -> bool:
        """Whether we may request this address."""
        return self.otherwise if self.parsed is None else self.parsed.can_fetch(url, self.product)


def parse_rules(product: str, status: int | None, body: bytes = b"") -> RobotsRules:
    """The rules of a response to ``/robots.txt`` (RFC 9309 §2.3.1). ``status`` None: there was no response.

    2xx: the rules in the body. 4xx: no rules, everything is allowed; but 429 asks for fewer requests and counts as a
    failure. Anything else is a failure: everything is forbidden until the file can be read.
    """
    if status is not None and 200 <= status < 300:
        text = _relevant_groups("\n".join(decode(body[:MAX_BYTES]).splitlines()), product)
        parsed = Protego.parse(_NO_RULE.sub("", text))
        delay = Protego.parse(_NEITHER_RULE_NOR_DELAY.sub("", text)).crawl_delay(product)
        return RobotsRules(product, parsed, delay=min(delay, MAX_CRAWL_DELAY) if delay else None)
    if status is not None and 400 <= status < 500 and status != 429:
        return RobotsRules(product, None, otherwise=True)
    return RobotsRules(product, None, otherwise=False)


# A group's first line, in the forms that Google's parser accepts; the name is a product token, §2.2.1, without what
# follows it (a version, a comment).
_AGENT = re.compile(
    r"^([ \t\ufeff]*user[ -]?agent[ \t]*:?[ \t]*)(\*(?=[\s#]|$)|[A-Za-z_-]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE
)
# Lines that are no rule. Protego lets some of them end the names of a group, so that a second name would begin another
# group. RFC 9309 requires that other lines do not interfere, §2.2.4. The misspellings are those that Protego and
# Google's parser read as ``disallow``.
_RULE_FIELDS = "user[ -]?agent|allow|disallow|dissallow|dissalow|disalow|diasllow|disallaw"
_NO_RULE, _NEITHER_RULE_NOR_DELAY = (
    re.compile(rf"^(?![ \t\ufeff]*(?:{fields})(?:[ \t]*:|[ \t]+[^\s#]))[^\r\n]+", re.IGNORECASE | re.MULTILINE)
    for fields in (_RULE_FIELDS, f"{_RULE_FIELDS}|crawl[ -]delay")
)
_OTHER_AGENT = "0"  # begins no product token, so it is never ours


def _relevant_groups(text: str, product: str) -> str:
    """The rules with the name of every group replaced by exactly ours, ``*``, or a name that is never ours.

    Protego matches a group when our name begins with its name (``Lan`` for ``LanToa``) and not when it has a version
    (``LanToa/1.0``). RFC 9309 requires equal product tokens, case-insensitively; by the first we would follow rules for
    another crawler, by the second ignore rules for us.
    """

    def with_exact_name(match: re.Match[str]) -> str:
        name = match[2]
        if name == "*":
            return f"{match[1]}*"
        return f"{match[1]}{product if name.lower() == product.lower() else _OTHER_AGENT}"

    return _AGENT.sub(with_exact_name, text)


class RobotsCache:
    """The rules of the sites requested so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cached: dict[str, tuple[RobotsRules, float]] = {}
        self._lock = threading.Lock()

    def rules_of(self, origin: str, fetch: Callable[[], RobotsRules]) -> RobotsRules:
        """The rules of ``origin``, from ``fetch`` when they are not cached or too old.

        When ``fetch`` fails, rules that were read before stay in force (§2.4).
        """
        now = self._clock()
        with self._lock:
            cached = self._cached.get(origin)
        if cached and now < cached[1]:
            return cached[0]
        fresh = fetch()
        failed = fresh.parsed is None and not fresh.otherwise
        if failed and cached and cached[0].parsed is not None:
            fresh = cached[0]
        with self._lock:
            self._cached.pop(origin, None)
            if len(self._cached) >= MAX_SITES:
                del self._cached[next(iter(self._cached))]  # the one requested longest ago
            self._cached[origin] = (fresh, now + (FAILURE_MAX_AGE if failed else MAX_AGE))
        return fresh
