"""The log: standard error, one line an event, for people or for programs, and no secret in it.

``text`` is a sentence; ``keys`` is ``name=value`` on one line; ``json`` an object on one line. The last two carry what
an outcome is about as fields of their own, which ``docs/how-to/watch-it.md`` lists.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

Format = Literal["text", "keys", "json"]

# A second net: nobody writes a secret into the log, but an error may quote what it failed at.
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


def about(event: str, **fields: Any) -> dict[str, Any]:
    """What a line is about, for ``log.info(…, extra=about("delivered", delivery=…))``. Values are text or numbers."""
    return {"about": {"event": event, **fields}}


class Text(logging.Formatter):
    """A sentence a line; what an unforeseen error adds follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return masked(super().format(record))


class Fields(logging.Formatter):
    """Always one line, whatever happened."""

    def told(self, record: logging.LogRecord) -> dict[str, Any]:
        """Names and values, in the order they are written."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        told |= {name: value for name, value in getattr(record, "about", {}).items() if value is not None}
        told["message"] = masked(record.getMessage())
        if record.exc_info:
            told["trace"] = masked(self.formatException(record.exc_info))
        return {name: masked(value) if isinstance(value, str) else value for name, value in told.items()}


class Json(Fields):
    """An object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return json.dumps(self.told(record), ensure_ascii=False, default=str)


class Keys(Fields):
    """``name=value``, quoted where it has to be."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return " ".join(_pairs(self.told(record)))


def _pairs(told: dict[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        text = str(value)
        plain = re.fullmatch(r"[^\s\"=]+", text) is not None
        yield f"{name}={text if plain else json.dumps(text, ensure_ascii=False)}"


FORMATS: dict[Format, type[logging.Formatter]] = {"text": Text, "keys": Keys, "json": Json}


def begin(form: Format = "text") -> None:
    """Write the log in a format from now on. May be called again when the settings are known."""
    root = logging.getLogger()
    ours = [one for one in root.handlers if isinstance(one, _Ours)] or [_Ours(sys.stderr)]
    ours[0].setFormatter(FORMATS[form]())
    if ours[0] not in root.handlers:
        root.addHandler(ours[0])
    root.setLevel(logging.INFO)
    # It warns for every burst of more requests than threads, which is what a queue is for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # Its warnings are of ticks that came while the one before still ran; the next one does their work.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for talkative in ("alembic", "weasyprint", "fontTools", "pikepdf"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


class _Ours(logging.StreamHandler[Any]):
    """The one handler that this module has put there."""
