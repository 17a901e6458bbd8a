"""A bulletin prepared for comparison: its text, its words, and the hashes of their runs."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from campaigns.matching.alignment import COVER_GRAM
from campaigns.matching.fingerprints import Hashes, Offsets, Words, grams, tokenize, winnow
from campaigns.matching.numbers_in_text import MaskedText, masked_text


@dataclass(frozen=True)
class PreparedBulletin:
    """One revision of a bulletin, prepared for comparison.

    ``text`` is title, lead and body joined by ``bulletin_text``; ``words`` at ``[0, title)`` are the title's,
    ``[title, lead)`` the lead's, ``[lead, n)`` the body's.
    """

    id: str
    revision: int
    text: str
    title: int
    lead: int
    count: int
    starts: Offsets = field(compare=False, repr=False)
    ends: Offsets = field(compare=False, repr=False)
    words: Words = field(compare=False, repr=False)

    @cached_property
    def cover(self) -> Hashes:
        """Every run of COVER_GRAM words, in order."""
        return grams(self.words, COVER_GRAM)

    @cached_property
    def fingerprint(self) -> Hashes:
        """What the index stores."""
        return winnow(grams(self.words))

    @property
    def body(self) -> int:
        """Words in the body."""
        return self.count - self.lead

    @cached_property
    def masked(self) -> MaskedText:
        """Its words with each figure as one word; most bulletins never need them."""
        return masked_text(self.text)


def bulletin_text(title: str, lead: str, body: str) -> str:
    """The one text of a bulletin that offsets of ``MatchVerdict.pairs`` count in."""
    return "\n\n".join(part.strip() for part in (title, lead, body) if part.strip())


def prepare_bulletin(ident: str, title: str, lead: str, body: str, revision: int = 1) -> PreparedBulletin:
    """Prepare one revision of a bulletin. A body that begins with the lead is taken as it is; with an empty body
    the lead is the body."""
    title, lead, body = title.strip(), lead.strip(), body.strip()
    if not body:
        lead, body = "", lead
    text = bulletin_text(title, lead, body)
    tokens = tokenize(text)
    body_start = len(text) - len(body)
    lead_start = body_start if not lead else len(title) + 2 if title else 0
    return PreparedBulletin(
        id=ident,
        revision=revision,
        text=text,
        title=int(np.searchsorted(tokens.starts, lead_start)),
        lead=int(np.searchsorted(tokens.starts, body_start)),
        count=len(tokens),
        starts=tokens.starts,
        ends=tokens.ends,
        words=tokens.words,
    )
