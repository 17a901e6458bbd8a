"""The log: one line for each event on standard error, without secrets.

``text`` is a sentence; ``keys`` is ``name=value`` on one line; ``json`` is an object on one line. The last two have
the subject of an event as fields, which ``docs/how-to/watch-it.md`` lists.
"""

import json
import logging
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

Format = Literal["text", "keys", "json"]

# The id of the request that the thread answers, '' outside of requests; ``coordinator.request_ids`` sets it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

OUTAGE_PAUSE = 60.0  # seconds between two lines about the same error of the database
# Of ``sqlalchemy.exc``: errors of a database that is away, or takes no writes.
OUTAGES = ("OperationalError", "InterfaceError", "TimeoutError", "InternalError")

# No code logs a secret, but an error message may quote one.
_SECRETS = (
    (re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@"), r"\1:•@"),  # the password of an address
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=_-]+"), "whsec_•"),  # the secret of a signed webhook
    (re.compile(r"(?<!\d)(\d{6,12}):[A-Za-z0-9_-]{30,}"), r"\1:•"),  # the token of a Telegram bot
    (re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9+/=._~-]{8,}"), r"\1 •"),
    (re.compile(r"(?i)\b((?:access|refresh)_token|secret_key|app_secret|client_secret|password)(\W{1,4})[^\s\"'&,}]+"),
     r"\1\2•"),
    (re.compile(r"(?<=/feeds/)[A-Za-z0-9_-]{12,}(?=/)"), "•"),  # a partner's key in the address of its feed
)  # fmt: skip


def masked(text: str) -> str:
    """``text`` without what looks like a secret."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def event_fields(event: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of an event, for ``log.info(…, extra=event_fields("delivered", delivery=…))``. Values are text
    or numbers."""
    return {"about": {"event": event, **fields}}


class TextFormatter(logging.Formatter):
    """One sentence on a line; the traceback of an unexpected error follows on further lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = masked(super().format(record))
        answered: str = getattr(record, "request_id", "")
        if not answered:
            return line
        first, *more = line.split("\n")
        return "\n".join([f"{first} [request {answered}]", *more])


class FieldsFormatter(logging.Formatter):
    """Writes every event on one line, tracebacks included."""

    def record_fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return names and values, in the order they are written."""
        values: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if answered := getattr(record, "request_id", ""):
            values["request"] = answered
        values |= {name: value for name, value in getattr(record, "about", {}).items() if value is not None}
        values["message"] = masked(record.getMessage())
        if record.exc_info:
            values["trace"] = masked(self.formatException(record.exc_info))
        return {name: masked(value) if isinstance(value, str) else value for name, value in values.items()}


class JsonFormatter(FieldsFormatter):
    """One JSON object on a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(self.record_fields(record), ensure_ascii=False, default=str)


class KeyValueFormatter(FieldsFormatter):
    """``name=value``, quoted where it has to be."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return " ".join(_key_value_pairs(self.record_fields(record)))


def _key_value_pairs(values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        text = str(value)
        plain = re.fullmatch(r"[^\s\"=]+", text) is not None
        yield f"{name}={text if plain else json.dumps(text, ensure_ascii=False)}"


FORMATS: dict[Format, type[logging.Formatter]] = {
    "text": TextFormatter,
    "keys": KeyValueFormatter,
    "json": JsonFormatter,
}


def configure(form: Format = "text") -> None:
    """Set the format of the log. May be called again when the settings are known."""
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler, _ProductHandler)] or [
        _ProductHandler(sys.stderr)
    ]
    ours[0].setFormatter(FORMATS[form]())
    if ours[0] not in root.handlers:
        root.addHandler(ours[0])
    root.setLevel(logging.INFO)
    # Waitress warns whenever requests outnumber threads, which is normal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # APScheduler warns of ticks that came while the previous one ran; the next tick does their work.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for talkative in ("alembic", "weasyprint", "fontTools", "pikepdf"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


class OutageFilter(logging.Filter):
    """Lets an error of the database through once a minute, on one line: while it is away every thread meets the same
    error several times a second. Other errors pass."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}  # when each error was let through last, by its text
        self._held: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; one of the database is shortened."""
        error = _database_error(record)
        if error is None:
            return True
        text = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        with self._lock:
            now = time.monotonic()
            if now - self._said.get(text, float("-inf")) < OUTAGE_PAUSE:
                self._held[text] += 1
                return False
            if len(self._said) > 100:  # errors that quote a value of their own
                self._said.clear()
            self._said[text] = now
            more = self._held.pop(text, 0)
        line = record.getMessage().partition("\n")[0]
        line = line if text in line else f"{line}: {text}"
        record.msg = f"{line} (and {more} times more)" if more else line
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _database_error(record: logging.LogRecord) -> BaseException | None:
    """The error of the database that a record is about."""
    # Not imported here: the command line would take ten times as long to print its help. Where it is not imported, no
    # such error was raised.
    errors = sys.modules.get("sqlalchemy.exc")
    if errors is None:
        return None
    outages: tuple[type[BaseException], ...] = tuple(getattr(errors, name) for name in OUTAGES)
    given = record.args.values() if isinstance(record.args, Mapping) else record.args or ()
    raised = record.exc_info[1] if record.exc_info else None
    for value in (raised, *given):
        if isinstance(value, outages):
            outage: BaseException = value
            return outage
    return None


def _with_request_id(record: logging.LogRecord) -> bool:
    record.request_id = request_id.get()
    return True


class _ProductHandler(logging.StreamHandler[Any]):
    """The handler that this module installs."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.addFilter(OutageFilter())
        self.addFilter(_with_request_id)
