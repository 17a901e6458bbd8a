"""Presentation of a text: its cover picture, and variants of its words for single channels. Frozen values.

Both are part of a revision: they are hashed with it, so that an approval covers them, and immutable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.core.errors import FieldError

LONGEST_ALT = 300  # characters; longer descriptions belong in the text
LONGEST_VARIANT = 20_000  # characters of a channel's own text
MOST_VARIANTS = 40


@dataclass(frozen=True)
class Cover:
    """The lead picture: the identifier of a kept picture, and its description."""

    picture: str
    alt: str


@dataclass(frozen=True)
class Variant:
    """Other words for one channel; an empty field means the bulletin's own. ``text`` is plain, with blank lines between
    paragraphs."""

    title: str = ""
    lead: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.title or self.lead or self.text)


@dataclass(frozen=True)
class Presentation:
    """The cover, and the variants by channel code. Empty for a bulletin without both."""

    cover: Cover | None = None
    variants: Mapping[str, Variant] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.cover is not None or any(self.variants.values())

    def for_channel(self, code: str) -> Variant:
        """The words for one channel."""
        return self.variants.get(code, Variant())


def to_json(presentation: Presentation) -> dict[str, Any] | None:
    """A presentation as it is stored and hashed: without empty parts, so that equal ones have equal JSON."""
    if not presentation:
        return None
    kept: dict[str, Any] = {}
    if presentation.cover is not None:
        kept["cover"] = {"picture": presentation.cover.picture, "alt": presentation.cover.alt}
    variants = {
        code: {name: value for name in ("title", "lead", "text") if (value := getattr(variant, name))}
        for code, variant in sorted(presentation.variants.items())
        if variant
    }
    if variants:
        kept["variants"] = variants
    return kept


def from_json(kept: Mapping[str, Any] | None) -> Presentation:
    """The presentation of a stored revision."""
    if not kept:
        return Presentation()
    cover = kept.get("cover")
    return Presentation(
        Cover(cover["picture"], cover["alt"]) if cover else None,
        {code: Variant(**words) for code, words in kept.get("variants", {}).items()},
    )


def presentation_errors(presentation: Presentation, longest_title: int, longest_lead: int) -> list[FieldError]:
    """All errors that prevent saving, except unknown pictures and channels (``drafts`` checks those)."""
    errors = []
    if presentation.cover is not None and len(presentation.cover.alt) > LONGEST_ALT:
        message = f"a description has at most {LONGEST_ALT} characters"
        errors.append(FieldError("cover_alt", "too_long", message))
    if len(presentation.variants) > MOST_VARIANTS:
        errors.append(FieldError("variants", "too_long", f"at most {MOST_VARIANTS} channels have words of their own"))
    most = {"title": longest_title, "lead": longest_lead, "text": LONGEST_VARIANT}
    for code, variant in presentation.variants.items():
        for name, limit in most.items():
            if len(getattr(variant, name)) > limit:
                message = f"{name} for {code} has at most {limit} characters"
                errors.append(FieldError(f"variants.{code}.{name}", "too_long", message))
    return errors
