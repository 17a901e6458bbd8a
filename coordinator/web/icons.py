"""The icons: one file of symbols, referred to by name; hidden from readers, because the word beside it says it."""

import re
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from coordinator.web.assets import STATIC, asset_url

SPRITE = "icons.svg"


@lru_cache
def icon_names(folder: Path = STATIC) -> frozenset[str]:
    """Every name ``icon`` takes."""
    return frozenset(re.findall(r'<symbol id="i-([a-z]+)"', (folder / SPRITE).read_text("utf-8")))


def icon(name: str, ink: str = "") -> Markup:
    """The drawing of that name, in the colour of its text or in ``ink`` (``good wait bad move``: class ``…-ink``).

    Raises ``LookupError`` for a name that is not in the file: an empty square on a page is found by nobody.
    """
    return _drawn(name, ink, asset_url(SPRITE))


@lru_cache(maxsize=512)
def _drawn(name: str, ink: str, sprite: str) -> Markup:
    if name not in icon_names():
        raise LookupError(f"no icon {name!r}")
    tone = f" {ink if ink in ('', 'faint') else ink + '-ink'}".rstrip()
    return Markup('<svg class="i{}" viewBox="0 0 20 20" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        tone, sprite, name
    )
