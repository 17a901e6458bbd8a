"""The tier of a text for a query, computed word by word."""

from campaigns.search.query import SearchQuery
from campaigns.search.results import MatchTier
from campaigns.search.words import Word


def contains(term: list[str], words: list[str], *, begun: bool = False) -> bool:
    """Whether the words of a term follow each other in a text."""
    for start in range(len(words) - len(term) + 1):
        piece = words[start : start + len(term)]
        if piece[:-1] == term[:-1] and (piece[-1].startswith(term[-1]) if begun else piece[-1] == term[-1]):
            return True
    return False


def tier_of(query: SearchQuery, head: list[Word], body: list[Word]) -> MatchTier | None:
    """The tier of a text; None when it does not match."""

    def every(form: str, *places: list[Word], begun: bool = False) -> bool:
        return all(
            any(
                contains(
                    [getattr(word, form) for word in term.words],
                    [getattr(word, form) for word in place],
                    begun=begun and number == len(query.terms) - 1,
                )
                for place in places
            )
            for number, term in enumerate(query.terms)
        )

    if every("exact", head):
        return MatchTier.EXACT_HEAD
    if every("exact", head, body):
        return MatchTier.EXACT
    if every("folded", head):
        return MatchTier.FOLDED_HEAD
    if every("folded", head, body):
        return MatchTier.FOLDED
    return MatchTier.BEGUN if query.open and every("folded", head, body, begun=True) else None
