"""What a text wears beside its words: a cover picture, and other words for single channels. Frozen, pure.

Both are part of a revision: they are hashed with it, so that an approval covers them, and never changed after.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.core.errors import FieldError

LONGEST_ALT = 300  # characters; a longer description belongs into the text
LONGEST_VARIANT = 20_000  # characters of a channel's own text
MOST_VARIANTS = 40


@dataclass(frozen=True)
class Cover:
    """The lead picture: the name of a kept picture, and what it shows for those who do not see it."""

    picture: str
    alt: str


@dataclass(frozen=True)
class Variant:
    """Other words for one channel; an empty one is as the bulletin's own. ``text`` is plain, blank lines between
    paragraphs."""

    title: str = ""
    lead: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.title or self.lead or self.text)


@dataclass(frozen=True)
class Dress:
    """A cover and the variants by channel code. An empty dress is a bulletin of words alone."""

    cover: Cover | None = None
    variants: Mapping[str, Variant] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.cover is not None or any(self.variants.values())

    def for_channel(self, code: str) -> Variant:
        """The words for one channel."""
        return self.variants.get(code, Variant())


def to_json(dress: Dress) -> dict[str, Any] | None:
    """A dress as it is stored and hashed: without anything empty, so that one dress is always the same text."""
    if not dress:
        return None
    kept: dict[str, Any] = {}
    if dress.cover is not None:
        kept["cover"] = {"picture": dress.cover.picture, "alt": dress.cover.alt}
    variants = {
        code: {name: value for name in ("title", "lead", "text") if (value := getattr(one, name))}
        for code, one in sorted(dress.variants.items())
        if one
    }
    if variants:
        kept["variants"] = variants
    return kept


def of_json(kept: Mapping[str, Any] | None) -> Dress:
    """The dress of a stored revision."""
    if not kept:
        return Dress()
    cover = kept.get("cover")
    return Dress(
        Cover(cover["picture"], cover["alt"]) if cover else None,
        {code: Variant(**words) for code, words in kept.get("variants", {}).items()},
    )


def check_dress(dress: Dress, longest_title: int, longest_lead: int) -> list[FieldError]:
    """What keeps a dress from being saved; whether picture and channels exist is asked elsewhere."""
    errors = []
    if dress.cover is not None and len(dress.cover.alt) > LONGEST_ALT:
        message = f"a description has at most {LONGEST_ALT} characters"
        errors.append(FieldError("cover_alt", "too_long", message))
    if len(dress.variants) > MOST_VARIANTS:
        errors.append(FieldError("variants", "too_long", f"at most {MOST_VARIANTS} channels have words of their own"))
    most = {"title": longest_title, "lead": longest_lead, "text": LONGEST_VARIANT}
    for code, variant in dress.variants.items():
        for name, limit in most.items():
            if len(getattr(variant, name)) > limit:
                message = f"{name} for {code} has at most {limit} characters"
                errors.append(FieldError(f"variants.{code}.{name}", "too_long", message))
    return errors
