"""What a look at something to be watched finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """How one thing stands. ``wrong``: None where it is neither wrong nor right again; ``name``: what people call it,
    where that is not its subject."""

    code: str
    subject: str
    wrong: bool | None
    details: Mapping[str, Any]
    name: str = ""
