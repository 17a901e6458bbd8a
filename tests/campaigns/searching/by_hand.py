"""Where a text belongs in what a search finds, read word by word."""

from campaigns.searching.asking import Asked
from campaigns.searching.index import Tier
from campaigns.searching.words import Word


def has(term: list[str], words: list[str], *, begun: bool = False) -> bool:
    """Whether a row of words stands in a text."""
    for start in range(len(words) - len(term) + 1):
        piece = words[start : start + len(term)]
        if piece[:-1] == term[:-1] and (piece[-1].startswith(term[-1]) if begun else piece[-1] == term[-1]):
            return True
    return False


def tier_of(asked: Asked, head: list[Word], body: list[Word]) -> Tier | None:
    """Where a text belongs, read word by word."""

    def every(form: str, *places: list[Word], begun: bool = False) -> bool:
        return all(
            any(
                has(
                    [getattr(word, form) for word in term.words],
                    [getattr(word, form) for word in place],
                    begun=begun and number == len(asked.terms) - 1,
                )
                for place in places
            )
            for number, term in enumerate(asked.terms)
        )

    if every("exact", head):
        return Tier.EXACT_HEAD
    if every("exact", head, body):
        return Tier.EXACT
    if every("folded", head):
        return Tier.FOLDED_HEAD
    if every("folded", head, body):
        return Tier.FOLDED
    return Tier.BEGUN if asked.open and every("folded", head, body, begun=True) else None
