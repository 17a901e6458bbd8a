"""What partners do to a bulletin before they show it, each with what must be found of it afterwards."""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.corpus.bulletins import Bulletin
from benchmarks.corpus.topics import TOPICS
from benchmarks.corpus.words import headline, sentence


@dataclass(frozen=True)
class Copy:
    """A page's article: ``paragraphs`` follow the headline and the lead. ``kept``: the part of the bulletin's body that
    is left in it, 0–1."""

    title: str
    lead: str
    paragraphs: tuple[str, ...]
    kept: float


@dataclass(frozen=True)
class Edit:
    """A way of editing. ``classes``: the matches that are right for it; ``wanted``: the part that is to be found."""

    name: str
    apply: Callable[[Bulletin, random.Random], Copy]
    classes: frozenset[str]
    wanted: float = 0.97


FULL = frozenset({"full"})
COUNTED = frozenset({"full", "partial"})
SOME = frozenset({"full", "partial", "excerpt"})

_TONES = dict(
    zip(
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        strict=True,
    )
)
_TONE = re.compile("|".join(rf"(?<![qQ]){old}\b" for old in _TONES))
_Y = {"kỹ": "kĩ", "lý": "lí", "mỹ": "mĩ", "tỷ": "tỉ", "kỳ": "kì", "Lý": "Lí", "Kỳ": "Kì", "hy": "hi", "ký": "kí"}
_Y_WORD = re.compile(rf"\b(?:{'|'.join(_Y)})\b")


def lcs(ours: list[str], theirs: list[str]) -> int:
    """Words in the longest common subsequence, by Hyyrö's bit-parallel recurrence on one large integer."""
    places: dict[str, int] = {}
    for at, word in enumerate(ours):
        places[word] = places.get(word, 0) | 1 << at
    whole = (1 << len(ours)) - 1
    row = whole
    for word in theirs:
        hit = row & places.get(word, 0)
        row = (row + hit | row - hit) & whole
    return len(ours) - row.bit_count()


def plain(text: str) -> str:
    """Typed without marks."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _whole(typed: Callable[[str], str]) -> Callable[[Bulletin, random.Random], Copy]:
    def apply(bulletin: Bulletin, _dice: random.Random) -> Copy:
        return Copy(typed(bulletin.title), typed(bulletin.lead), tuple(typed(line) for line in bulletin.lines), 1.0)

    return apply


def _retitled(bulletin: Bulletin, dice: random.Random) -> Copy:
    return Copy(headline(dice, dice.choice(TOPICS)), bulletin.lead, tuple(bulletin.lines), 1.0)


def _measured(bulletin: Bulletin, paragraphs: list[str], title: str = "", lead: str = "") -> Copy:
    ours = " ".join(bulletin.sentences).split()
    kept = lcs(ours, " ".join(paragraphs).split()) / len(ours)
    return Copy(title or bulletin.title, lead or bulletin.lead, tuple(part for part in paragraphs if part), kept)


def _trimmed(share: float) -> Callable[[Bulletin, random.Random], Copy]:
    def apply(bulletin: Bulletin, _dice: random.Random) -> Copy:
        words = bulletin.text.split(" ")
        kept = " ".join(words[: max(1, round(len(words) * (1 - share)))])
        return _measured(bulletin, kept.split("\n\n"))

    return apply


def _reordered(bulletin: Bulletin, dice: random.Random) -> Copy:
    lines = bulletin.lines
    dice.shuffle(lines)
    return Copy(bulletin.title, bulletin.lead, tuple(lines), 1.0)


def _dropped(share: float, swapped: float = 0.0) -> Callable[[Bulletin, random.Random], Copy]:
    def apply(bulletin: Bulletin, dice: random.Random) -> Copy:
        everything = bulletin.sentences
        gone = set(dice.sample(range(len(everything)), round(share * len(everything))))
        left, at = [], 0
        for paragraph in bulletin.paragraphs:
            kept = [text for place, text in enumerate(paragraph, at) if place not in gone]
            at += len(paragraph)
            left.append(_swap(" ".join(kept), swapped, dice))
        return _measured(bulletin, left)

    return apply


def _swap(text: str, share: float, dice: random.Random) -> str:
    if not share:
        return text
    topic = dice.choice(TOPICS)
    others = " ".join((*topic.things, *topic.acts, *topic.aims)).split()
    return " ".join(dice.choice(others) if dice.random() < share else word for word in text.split(" "))


def _swapped(share: float) -> Callable[[Bulletin, random.Random], Copy]:
    def apply(bulletin: Bulletin, dice: random.Random) -> Copy:
        return _measured(
            bulletin, [_swap(line, share, dice) for line in bulletin.lines], lead=_swap(bulletin.lead, share, dice)
        )

    return apply


def _mistyped(share: float) -> Callable[[Bulletin, random.Random], Copy]:
    def spoil(word: str, dice: random.Random) -> str:
        if len(word) < 3 or dice.random() >= share:
            return word
        at = dice.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def apply(bulletin: Bulletin, dice: random.Random) -> Copy:
        return _measured(bulletin, [" ".join(spoil(word, dice) for word in line.split(" ")) for line in bulletin.lines])

    return apply


def _commented(bulletin: Bulletin, dice: random.Random) -> Copy:
    topic = dice.choice(TOPICS)
    lines = [text for line in bulletin.lines for text in (line, sentence(dice, topic))]
    return Copy(headline(dice, topic), bulletin.lead, tuple(lines), 1.0)


def _within(bulletin: Bulletin, dice: random.Random) -> Copy:
    """The whole bulletin in the middle of a longer article."""
    topic = dice.choice(TOPICS)
    around = [" ".join(sentence(dice, topic) for _ in range(3)) for _ in range(4)]
    return Copy(headline(dice, topic), sentence(dice, topic), (*around[:2], *bulletin.lines, *around[2:]), 1.0)


def _quoted(bulletin: Bulletin, dice: random.Random) -> Copy:
    """Four sentences in a row inside another article."""
    topic = dice.choice(TOPICS)
    at = dice.randrange(max(1, len(bulletin.sentences) - 4))
    around = [" ".join(sentence(dice, topic) for _ in range(3)) for _ in range(4)]
    quote = " ".join(bulletin.sentences[at : at + 4])
    return _measured(bulletin, [*around[:2], quote, *around[2:]], headline(dice, topic), sentence(dice, topic))


EDITS = (
    Edit("exact", _whole(str), FULL),
    Edit("decomposed letters", _whole(lambda text: unicodedata.normalize("NFD", text)), FULL),
    Edit("tone style", _whole(lambda text: _TONE.sub(lambda found: _TONES[found[0]], text)), FULL),
    Edit("i for y", _whole(lambda text: _Y_WORD.sub(lambda found: _Y[found[0]], text)), FULL),
    Edit("no marks", _whole(plain), FULL),
    Edit("capitals", _whole(str.upper), FULL),
    Edit("quotes and dashes", _whole(lambda text: f"“{text.replace(',', ' –').replace('.', '…')}”"), FULL),
    Edit("soft hyphens", _whole(lambda text: text.replace("ng ", "n\u00adg\u200b ")), FULL),
    Edit("another headline", _retitled, FULL),
    Edit("last 20 % trimmed", _trimmed(0.2), FULL),
    Edit("last 40 % trimmed", _trimmed(0.4), COUNTED),
    Edit("paragraphs reordered", _reordered, FULL),
    Edit("20 % of sentences dropped", _dropped(0.2), COUNTED),
    Edit("half of the sentences dropped", _dropped(0.5), COUNTED),
    Edit("5 % of words replaced", _swapped(0.05), FULL),
    Edit("10 % of words replaced", _swapped(0.1), COUNTED),
    Edit("20 % of words replaced", _swapped(0.2), COUNTED),
    # Hardly a run of six words is left, by which candidates are found at all.
    Edit("30 % of words replaced", _swapped(0.3), COUNTED, 0.75),
    Edit("1 % typos", _mistyped(0.01), FULL),
    Edit("5 % typos", _mistyped(0.05), FULL),
    Edit("30 % dropped, 5 % replaced", _dropped(0.3, 0.05), COUNTED),
    Edit("a remark after each paragraph", _commented, FULL),
    Edit("inside a longer article", _within, FULL),
    Edit("four sentences quoted", _quoted, SOME),
)


def _sprinkled(letters: str, every: int) -> Callable[[str], str]:
    """Put one of these letters inside every so many words."""

    def typed(text: str) -> str:
        words = text.split(" ")
        for at in range(0, len(words), every):
            word = words[at]
            if len(word) > 1:
                words[at] = word[:1] + letters[at // every % len(letters)] + word[1:]
        return " ".join(words)

    return typed


def _with_tags(text: str) -> str:
    return "".join(f"{letter}{chr(0xE0000 + ord(letter))}" if letter in "aeo" else letter for letter in text)


def _apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_MATHEMATICAL = {code: code - 97 + 0x1D41A for code in range(97, 123)}
_CIRCLED = {code: code - 97 + 0x24D0 for code in range(97, 123)}
_SMALL_CAPITALS = str.maketrans("abcdeghijklmnoprtuvwyz", "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ")
_CYRILLIC = str.maketrans("aeopcyxijsABCEHIKMOPTX", "аеорсухіјѕАВСЕНІКМОРТХ")
_ARMENIAN = str.maketrans("ouhngq", "օսհոցզ")
_CHEROKEE = str.maketrans("ABCDEHJKLMPRSTVWZ", "ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ")
_GREEK = str.maketrans("ovABEHIKMNOPTX", "ονΑΒΕΗΙΚΜΝΟΡΤΧ")
_ALL_GREEK = str.maketrans("abceijknoptuvwxyABEHIKMNOPTXYZ", "αβϲειϳκηορτυνωχγΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")
_ALL_CYRILLIC = str.maketrans("abcdefhijklmopqstvwxyABCEHIKMOPTX", "аьсԁеғһіјкӏморԛѕтѵԝхуАВСЕНІКМОРТХ")

# Letters that look like others or like nothing, by which a copy is hidden from programs and not from readers.
DISGUISES = (
    Edit("bidi marks in words", _whole(_sprinkled("\u200e\u200f\u202a\u202c\u2066\u2069\u061c", 3)), FULL),
    Edit("invisible operators in words", _whole(_sprinkled("\u2060\u2061\u2062\u2063\u2064\u180e", 3)), FULL),
    Edit("joiners and soft hyphens in words", _whole(_sprinkled("\u00ad\u200b\u200c\u200d\ufeff", 2)), FULL),
    Edit("variation selectors in words", _whole(_sprinkled("\ufe00\ufe0f\U000e0100\U000e01ef", 3)), FULL),
    Edit("Hangul fillers in words", _whole(_sprinkled("\u3164\u115f\u1160\uffa0", 3)), FULL),
    Edit("tag characters in words", _whole(_with_tags), FULL),
    Edit("full-width letters", _whole(lambda text: text.translate(_FULL_WIDTH)), FULL),
    Edit("Cyrillic letters", _whole(lambda text: text.translate(_CYRILLIC)), FULL),
    Edit("letters of mathematics", _whole(lambda text: text.translate(_MATHEMATICAL)), FULL),
    Edit("letters in circles", _whole(lambda text: text.translate(_CIRCLED)), FULL),
    Edit("small capitals", _whole(lambda text: text.translate(_SMALL_CAPITALS)), FULL),
    Edit("i without its dot", _whole(lambda text: text.replace("i", "ı")), FULL),
    Edit("Greek letters", _whole(lambda text: text.translate(_GREEK)), FULL),
    Edit("all Greek, with marks apart", _whole(lambda text: _apart(text).translate(_ALL_GREEK)), FULL),
    Edit("all Cyrillic, with marks apart", _whole(lambda text: _apart(text).translate(_ALL_CYRILLIC)), FULL),
    Edit("Armenian letters", _whole(lambda text: text.translate(_ARMENIAN)), FULL),
    Edit("Cherokee capitals", _whole(lambda text: text.upper().translate(_CHEROKEE)), FULL),
    Edit(
        "rare invisible letters in words", _whole(_sprinkled("\ufff9\ufffb\u17b4\u17b5\U0001d173\U0001d17a", 3)), FULL
    ),
)
