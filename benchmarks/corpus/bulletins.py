"""Bulletins of every length, daily series on one template, and news of others in the same official language."""

import random
from dataclasses import dataclass, replace

from benchmarks.corpus.topics import TOPICS
from benchmarks.corpus.words import headline, number, sentence

HOST = "tin.thudo.example"
NAME = "Cổng TTĐT Thủ Đô"
NAMES = (NAME, "Cổng Thông tin điện tử Thủ Đô", "Cổng thông tin điện tử TP. Thủ Đô", "Sở Thông tin TP. Thủ Đô")


@dataclass(frozen=True)
class Bulletin:
    """A bulletin, or an article of somebody else's; ``paragraphs`` are of sentences. ``published_at``: when it was
    released, RFC 3339, "" where that does not matter."""

    id: str
    title: str
    lead: str
    paragraphs: tuple[tuple[str, ...], ...]
    published_at: str = ""

    @property
    def sentences(self) -> list[str]:
        """All of the body's, in order."""
        return [text for paragraph in self.paragraphs for text in paragraph]

    @property
    def lines(self) -> list[str]:
        """The body's paragraphs."""
        return [" ".join(paragraph) for paragraph in self.paragraphs]

    @property
    def text(self) -> str:
        """The body as plain text, an empty line between paragraphs."""
        return "\n\n".join(self.lines)

    @property
    def url(self) -> str:
        """Its canonical address."""
        return f"https://{HOST}/bulletins/{self.id}"


def _grouped(sentences: list[str], dice: random.Random) -> tuple[tuple[str, ...], ...]:
    groups, at = [], 0
    while at < len(sentences):
        size = dice.randint(1, 4)
        groups.append(tuple(sentences[at : at + size]))
        at += size
    return tuple(groups)


def make(ident: str, words: int) -> Bulletin:
    """The bulletin with this id, its body of at least ``words`` words and less than one sentence more."""
    dice = random.Random(f"corpus {ident}")  # made-up text, not a secret
    topic = dice.choice(TOPICS)
    title, lead = headline(dice, topic), sentence(dice, topic)
    body: list[str] = []
    while sum(len(text.split()) for text in body) < words:
        body.append(sentence(dice, topic))
    return Bulletin(ident, title, lead, _grouped(body, dice))


def bulletins(count: int, prefix: str = "b") -> list[Bulletin]:
    """So many, from short notices of 45 words to reports of 1,000; most are of 150 to 500 words, as real ones are."""
    dice = random.Random(f"lengths {prefix}")
    lengths = [int(min(1000, max(45, dice.lognormvariate(5.7, 0.75)))) for _ in range(count)]
    return [make(f"{prefix}{number:04d}", words) for number, words in enumerate(lengths)]


def _renumbered(text: str, dice: random.Random) -> str:
    return " ".join(number(dice) if word[:1].isdigit() and "/" not in word else word for word in text.split())


def series(ident: str, days: int, words: int = 420) -> list[Bulletin]:
    """One bulletin a day on one template: three sentences of four are the same but for their numbers, one is new."""
    base = make(f"{ident}-mau", words)
    made = []
    for day in range(days):
        dice = random.Random(f"series {ident} {day}")
        topic = dice.choice(TOPICS)
        paragraphs, place = [], 0
        for paragraph in base.paragraphs:
            kept = []
            for text in paragraph:
                kept.append(sentence(dice, topic) if place % 4 == 3 else _renumbered(text, dice) if place % 2 else text)
                place += 1
            paragraphs.append(tuple(kept))
        title = f"{base.title} (ngày {day + 1}/11)"
        made.append(Bulletin(f"{ident}-{day:02d}", title, _renumbered(base.lead, dice), tuple(paragraphs)))
    return made


def corrected(bulletin: Bulletin) -> Bulletin:
    """The same bulletin with one number of its body changed, as a correction does."""
    for at, paragraph in enumerate(bulletin.paragraphs):
        for place, text in enumerate(paragraph):
            words = text.split()
            for index, word in enumerate(words):
                if word[:1].isdigit() and "/" not in word:
                    words[index] = "7.777" if word != "7.777" else "8.888"
                    changed = (*paragraph[:place], " ".join(words), *paragraph[place + 1 :])
                    return replace(
                        bulletin, paragraphs=(*bulletin.paragraphs[:at], changed, *bulletin.paragraphs[at + 1 :])
                    )
    return bulletin
