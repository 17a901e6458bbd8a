"""What a person prepares before a channel of a kind is added: each kind's ``labels.py`` has its own, as data."""

from dataclasses import dataclass
from enum import Enum


class OwnAddress(Enum):
    """An address of ours that the other side has to know."""

    FEEDS = "feeds"  # a partner's own feeds, under its key


@dataclass(frozen=True)
class SetupStep:
    """One thing to do there; both texts are messages, translated when shown. ``picture``: the name of its drawing in
    ``desk/channels/step_pictures.html``."""

    title: str
    text: str
    picture: str = ""


@dataclass(frozen=True)
class SetupGuide:
    """The preparation of one kind. ``glyph``: a name in ``static/icons.svg``; ``minutes``: for who does it the first
    time; ``needed``: what must be at hand; ``steps``: where to get it, in order; ``gives``: addresses of ours to hand
    over first; ``test``: what happens at the end. Texts are messages, translated when shown."""

    glyph: str
    minutes: int
    needed: tuple[str, ...]
    steps: tuple[SetupStep, ...]
    test: str
    gives: OwnAddress | None = None
