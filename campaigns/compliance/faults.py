"""Faults: what a checker says of one thing, as a code and the values that a sentence about it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST = 500  # characters of an excerpt


@dataclass(frozen=True)
class Fault:
    """``code``: what is wrong, a word of ``SAID``. ``values``: plain values for its sentence. ``detail``: what tells
    this fault from another of the same code: a fault that a person has dismissed is not proposed again while both stay
    the same. ``excerpt``: the words of the page that it is about, '' where it is about what is missing."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    excerpt: str = ""

    @property
    def mark(self) -> str:
        """Code and detail in one."""
        return f"{self.code}:{self.detail}"[:300] if self.detail else self.code


# Every code, by the rule's checker; pages have a sentence for each.
SAID: Mapping[str, tuple[str, ...]] = {
    "imprint": ("imprint",),
    "source_named": ("unnamed", "other_source"),
    "source_linked": ("no_link", "home_page_only", "url_text_only", "not_at_end"),
    "signed": ("no_time", "no_author", "no_time_no_author"),
    "not_early": ("before_release", "too_soon"),
    "verbatim": ("not_verbatim",),
    "in_scope": ("out_of_scope",),
    "agreed": ("no_agreement", "agreement_ended", "agreement_other_topic"),
    "licensed": ("no_licence", "licence_ended"),
    "taken_down": ("still_up",),
    "sources": ("few_sources",),
    "no_comments": ("comments",),
    "name": ("press_name",),
}
