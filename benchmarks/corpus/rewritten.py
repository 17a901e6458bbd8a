"""Copies by an editor who writes a text anew in part: sentences by turns, clauses moved, figures kept or changed.

A sentence that is written anew keeps its figures and its subject, and no run of five words. What is left of the
bulletin are whole sentences, clauses, or runs of a given length.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.corpus.bulletins import Bulletin
from benchmarks.corpus.edits import Copy, lcs
from benchmarks.corpus.news import article
from campaigns.matching.fingerprints import fold

RUN = 20  # words in a row that are more than a turn of phrase


@dataclass(frozen=True)
class Rewriting:
    """A way of rewriting: ``line(sentence, turn, dice)`` is what the sentence with this number becomes."""

    name: str
    line: Callable[[str, int, random.Random], str]

    def apply(self, bulletin: Bulletin, dice: random.Random) -> Copy:
        """The copy, its headline and lead written anew."""
        turn, paragraphs = 0, []
        for paragraph in bulletin.paragraphs:
            paragraphs.append(" ".join(self.line(text, turn + at, dice) for at, text in enumerate(paragraph)))
            turn += len(paragraph)
        copy = Copy(anew(bulletin.title, dice), anew(bulletin.lead, dice), tuple(paragraphs), 0.0)
        ours, theirs = _words_of(bulletin.text), _words_of(" ".join(paragraphs))
        return replace(copy, kept=lcs(ours, theirs) / len(ours))


_OTHER_WORDS = " ".join(article(f"other words {number}", 300).text for number in range(5)).split()
_LETTERS = [word for word in _OTHER_WORDS if word.isalpha() and word.islower()]


def anew(sentence: str, dice: random.Random) -> str:
    """The sentence in other words: its clauses in another order, one word in three or four another one, and the
    figures as they were."""
    left = dice.randint(2, 3)
    words = _moved(sentence, dice).split(" ")
    for at, word in enumerate(words):
        left -= 1
        if left <= 0 and not any(letter.isdigit() for letter in word):
            words[at], left = dice.choice(_LETTERS), dice.randint(3, 4)
    return " ".join(words)


def _moved(sentence: str, dice: random.Random) -> str:
    """The sentence with its last clauses first."""
    clauses = sentence.rstrip(".").split(", ")
    if len(clauses) == 1:
        return sentence
    at = dice.randrange(1, len(clauses))
    text = ", ".join((*clauses[at:], *clauses[:at]))
    return f"{text[0].upper()}{text[1:]}."


_NUMBER = re.compile(r"\d+")


def _other_figures(sentence: str, dice: random.Random) -> str:
    return _NUMBER.sub(lambda found: str(dice.randrange(10 ** (len(found[0]) - 1), 10 ** len(found[0]))), sentence)


def _by_turns(every: int, kept: Callable[[str, random.Random], str]) -> Callable[[str, int, random.Random], str]:
    """Of so many sentences one is ``kept``, the others are written anew."""

    def line(sentence: str, turn: int, dice: random.Random) -> str:
        return anew(sentence, dice) if turn % every else kept(sentence, dice)

    return line


def _as_it_is(sentence: str, _dice: random.Random) -> str:
    return sentence


def _in_pieces(sentence: str, turn: int, dice: random.Random) -> str:
    """Runs of 20 to 24 words are left, and as many words between them are written anew."""
    words, made, at = sentence.split(" "), [], 0
    while at < len(words):
        size = dice.randint(RUN, RUN + 4)
        part = " ".join(words[at : at + size])
        made.append(part if (turn + len(made)) % 2 == 0 else anew(part, dice))
        at += size
    return " ".join(made)


REWRITINGS = (
    Rewriting("every other sentence", _by_turns(2, _as_it_is)),
    Rewriting("two sentences of three", _by_turns(3, _as_it_is)),
    Rewriting("three sentences of four", _by_turns(4, _as_it_is)),
    Rewriting("every other sentence, clauses of the rest moved", _by_turns(2, _moved)),
    Rewriting("every other sentence, figures of the rest changed", _by_turns(2, _other_figures)),
    Rewriting("all but runs of 20 to 24 words", _in_pieces),
)


def _words_of(text: str) -> list[str]:
    return fold(text).split()


class OwnRuns:
    """What of bulletins no other of them has: runs of RUN words of which no half stands in another."""

    def __init__(self, bulletins: Sequence[Bulletin]) -> None:
        self._times = Counter(run for bulletin in bulletins for run in _runs(bulletin.text, RUN // 2))

    def stand_in(self, copy: Copy, bulletin: Bulletin) -> bool:
        """Whether such a run of a bulletin stands in a copy."""
        there = _runs("\n".join(copy.paragraphs), RUN)
        return any(
            all(self._times[run[at : at + RUN // 2]] == 1 for at in range(RUN // 2 + 1))
            for run in _runs(bulletin.text, RUN) & there
        )


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = _words_of(text)
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def news(count: int, prefix: str) -> list[Bulletin]:
    """So many texts of city news of 45 to 1,000 words."""
    dice = random.Random(f"rewritten {prefix}")
    lengths = [int(min(1000, max(45, dice.lognormvariate(5.7, 0.75)))) for _ in range(count)]
    return [article(f"{prefix}{number:04d}", words) for number, words in enumerate(lengths)]
