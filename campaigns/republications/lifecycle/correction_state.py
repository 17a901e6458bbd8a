"""Correction state: whether a page follows a correction, judged by what changed between two revisions.

Each change is looked for on the page: the headline, each sentence of lead and body that was replaced, removed or added,
the order of the sentences that both have, and the pictures. A page follows when the new is on it and the old is not. A
change that cannot be told on the page makes the copy *unclear*, for a person; a change in a part that the copy never
carried, or in capitals, punctuation and the place of tone marks alone, does not affect it.

Pure functions over frozen values; ``outdated_copies`` asks them at each check.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from campaigns.core.vietnamese import INVISIBLE

Words = tuple[str, ...]

_GRAM = 4  # words in a run that tells one sentence from another within a text
_HEADLINE_GRAM = 2  # a headline is short
_ON_PAGE = 0.5  # share of a sentence's own runs on the page from which on the sentence is there
_STILL_OLD = 0.25  # each of the few runs around one replaced word has the old word in it
_BY_CHANCE = 0.1  # share of a long sentence's runs that other texts of the page have too
_REWORDED = 0.6  # share of a sentence's words within a window of the page from which on the page may reword it
_REWORDED_WINDOW = 1.5  # of the length of the sentence
_SHORT_TEXT = 60  # words at the beginning of a page that may be its headline, where it names none


class CorrectionState(Enum):
    """What a page's copy made of the last correction."""

    FOLLOWED = "followed"  # the new text is there, and the old one is gone
    OLD = "old"  # the old text is there, and the new one is not
    UNCLEAR = "unclear"  # cannot be told: a person decides
    NOT_AFFECTED = "not_affected"  # the copy never carried what changed


class ChangedPart(Enum):
    """What a change is about."""

    TITLE = "title"
    TEXT = "text"
    ORDER = "order"
    PICTURE = "picture"


@dataclass(frozen=True)
class RevisionContent:
    """What a revision says. ``pictures``: their identifiers (``bulletins/pictures``)."""

    title: str
    lead: str
    body: str
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PageContent:
    """What a page shows. ``image``: the address of its lead picture, '' without one; ``pictures``: the identifiers of
    our pictures in its addresses."""

    headline: str
    text: str
    image: str = ""
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CorrectionVerdict:
    """The state with its reasons, each ``part:state`` or ``part:state:words``, the deciding ones first."""

    state: CorrectionState
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _TextChange:
    """Sentences that one revision has and the other has not, at one place. ``before``, ``after``: the sentences around
    it that both have; None at an end of the text."""

    removed: tuple[Words, ...]
    added: tuple[Words, ...]
    before: Words | None
    after: Words | None


# Figures keep their separators, so that 1.250 and 12.50 are different words. The text is composed before.
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W_]+")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|\n+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_DROPPED = dict.fromkeys(INVISIBLE)


def comparable_words(text: str) -> Words:
    """The words of a text as corrections are compared: without capitals and punctuation, with all marks, the tone mark
    at the end of the word (hòa and hoà are one word, Hoa is another)."""
    plain = unicodedata.normalize("NFKC", text.translate(_DROPPED)).lower()
    return tuple(_tone_last(word) for word in _WORD.findall(plain))


def _tone_last(word: str) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    tones = "".join(mark for mark in apart if mark in _TONES)
    rest = "".join(mark for mark in apart if mark not in _TONES) if tones else apart
    return unicodedata.normalize("NFC", rest) + tones


def _sentences(content: RevisionContent) -> list[Words]:
    lead, body = content.lead.strip(), content.body.strip()
    text = body if not lead or body.startswith(lead) else f"{lead}\n{body}"
    found = (comparable_words(part) for part in _SENTENCE_END.split(text))
    return [words for words in found if words]


def _grams(words: Sequence[str], size: int) -> set[Words]:
    size = min(size, len(words))
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)} if size else set()


def _share(wanted: set[Words], found: set[Words]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    return bool(part) and f" {' '.join(part)} " in f" {' '.join(words)} "


class _Page:
    """The words of a page, and its runs by length, made once."""

    def __init__(self, content: PageContent) -> None:
        self.content = content
        self.words = comparable_words(content.text)
        self.headline = comparable_words(content.headline) or self.words[:_SHORT_TEXT]
        self._runs: dict[int, set[Words]] = {}

    def runs(self, size: int) -> set[Words]:
        """Every run of so many words of the text."""
        if size not in self._runs:
            self._runs[size] = _grams(self.words, size) if len(self.words) >= size else set()
        return self._runs[size]

    def share_of(self, wanted: set[Words]) -> float:
        """The share of these runs that are on the page; 0 for what other texts of it have by chance."""
        share = sum(run in self.runs(len(run)) for run in wanted) / len(wanted) if wanted else 0.0
        return share if share >= _BY_CHANCE else 0.0

    def has(self, sentence: Words | None) -> bool:
        """Whether a sentence is on the page, for the most part."""
        return sentence is not None and self.share_of(_grams(sentence, _GRAM)) >= _ON_PAGE


def _rewords(words: Sequence[str], sentence: Words) -> bool:
    """Whether most words of a sentence stand together somewhere in a text, in whatever order."""
    wanted = set(sentence)
    width = max(int(len(sentence) * _REWORDED_WINDOW), 4)
    inside: dict[str, int] = {}
    for at, word in enumerate(words):
        if word in wanted:
            inside[word] = inside.get(word, 0) + 1
        if at >= width and (left := words[at - width]) in wanted:
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
        if len(inside) >= _REWORDED * len(wanted):
            return True
    return False


def _reworded_on(page: _Page, sentences: Iterable[Words], other: Sequence[str]) -> bool:
    """Whether the page may have one of these sentences in words of its own; not where ``other``, the revision without
    it, has most of its words together too."""
    return any(_rewords(page.words, words) and not _rewords(other, words) for words in sentences)


def judge_correction(
    older: RevisionContent, newer: RevisionContent, page: PageContent, earlier: PageContent | None = None
) -> CorrectionVerdict:
    """Judge whether a page follows the change from one revision to a newer one.

    ``earlier``: the page as it was seen before the correction, None when it was first seen later. It tells a copy that
    removed the old text from one that never carried it.
    """
    now, then = _Page(page), _Page(earlier) if earlier is not None else None
    found = [
        *_judge_title(older, newer, now, then),
        *_judge_texts(older, newer, now, then),
        *_judge_pictures(older, newer, now),
    ]
    order = (CorrectionState.OLD, CorrectionState.UNCLEAR, CorrectionState.FOLLOWED, CorrectionState.NOT_AFFECTED)
    found.sort(key=lambda change: order.index(change[1]))
    state = found[0][1] if found else CorrectionState.NOT_AFFECTED
    return CorrectionVerdict(
        state, tuple(dict.fromkeys(f"{part.value}:{result.value}" for part, result in found)) or ("same_words",)
    )


_Change = tuple[ChangedPart, CorrectionState]


def _judge_title(
    older: RevisionContent, newer: RevisionContent, page: _Page, earlier: _Page | None
) -> Iterator[_Change]:
    old, new = comparable_words(older.title), comparable_words(newer.title)
    if old == new:
        return
    state = _state_of_headline(old, new, page)
    if state is None:
        # A headline of the partner's own, without a word of the change. One that had ours before was changed since.
        had = earlier is not None and _state_of_headline(old, new, earlier) is CorrectionState.OLD
        state = CorrectionState.UNCLEAR if had else CorrectionState.NOT_AFFECTED
    yield ChangedPart.TITLE, state


def _state_of_headline(old: Words, new: Words, page: _Page) -> CorrectionState | None:
    """The state of a page by its headline; None for one that has nothing of what changed."""
    headline = page.headline
    shown = _grams(headline, _HEADLINE_GRAM)
    old_runs, new_runs = _grams(old, _HEADLINE_GRAM), _grams(new, _HEADLINE_GRAM)
    old_share, new_share = _share(old_runs - new_runs, shown), _share(new_runs - old_runs, shown)
    if _contains(headline, new) and not old_share:
        # The old headline may be left over elsewhere: in the text, in a caption.
        kept = _contains(page.words, old) and not _contains(new, old)
        return CorrectionState.UNCLEAR if kept else CorrectionState.FOLLOWED
    if _contains(headline, old) and not new_share:
        return CorrectionState.OLD
    if old_share and not new_share:
        return CorrectionState.OLD if old_share >= _ON_PAGE else CorrectionState.UNCLEAR
    if new_share and not old_share:
        return CorrectionState.FOLLOWED if new_share >= _ON_PAGE else CorrectionState.UNCLEAR
    if old_share or set(headline) & (set(old) ^ set(new)):
        return CorrectionState.UNCLEAR
    if _contains(page.words, old) and not _contains(page.words, new):
        return CorrectionState.OLD  # what the page calls its headline is none, and ours stands in the text
    if _contains(page.words, new):
        return CorrectionState.FOLLOWED
    return None


def _judge_texts(
    older: RevisionContent, newer: RevisionContent, page: _Page, earlier: _Page | None
) -> Iterator[_Change]:
    old, new = _sentences(older), _sentences(newer)
    if old == new:
        return
    texts = _Texts(old, new)
    for change in _text_changes(old, new):
        yield ChangedPart.TEXT, _judge_change(change, texts, page, earlier)
    kept = set(old) & set(new)
    ours_then, ours_now = ([words for words in sentences if words in kept] for sentences in (old, new))
    if ours_then != ours_now and len(ours_then) == len(ours_now):
        yield ChangedPart.ORDER, _judge_order(ours_then, ours_now, page)


def _text_changes(old: list[Words], new: list[Words]) -> list[_TextChange]:
    """The places at which sentences were replaced, removed or added; those that only moved are left out."""
    had, has = set(old), set(new)
    found = []
    for kind, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        removed = tuple(words for words in old[start:end] if words not in has)
        added = tuple(words for words in new[first:last] if words not in had)
        if removed or added:
            found.append(
                _TextChange(removed, added, old[start - 1] if start else None, old[end] if end < len(old) else None)
            )
    return found


def _own_runs(sentences: Iterable[Words], others: set[Words]) -> set[Words]:
    return {run for sentence in sentences for run in _grams(sentence, _GRAM)} - others


class _Texts:
    """The words and runs of two revisions."""

    def __init__(self, old: list[Words], new: list[Words]) -> None:
        self.old_words = [word for sentence in old for word in sentence]
        self.new_words = [word for sentence in new for word in sentence]
        self.old_runs = {run for sentence in old for run in _grams(sentence, _GRAM)}
        self.new_runs = {run for sentence in new for run in _grams(sentence, _GRAM)}


def _judge_change(change: _TextChange, texts: _Texts, page: _Page, earlier: _Page | None) -> CorrectionState:
    own_old, own_new = _own_runs(change.removed, texts.new_runs), _own_runs(change.added, texts.old_runs)
    old, new = page.share_of(own_old), page.share_of(own_new)
    had = earlier is not None and earlier.share_of(own_old) >= _STILL_OLD
    if (change.removed and not own_old) or (change.added and not own_new):
        return CorrectionState.UNCLEAR  # what changed stands elsewhere in the other text too
    if old and new:
        return CorrectionState.UNCLEAR
    if old:
        return CorrectionState.OLD if old >= _STILL_OLD else CorrectionState.UNCLEAR
    if new:
        return CorrectionState.FOLLOWED if new >= _ON_PAGE else CorrectionState.UNCLEAR
    around = page.has(change.before) or page.has(change.after)
    if not change.added:
        if _reworded_on(page, change.removed, texts.new_words):
            return CorrectionState.UNCLEAR
        # The old is gone and nothing new was to come, if it ever was there.
        gone = around and (had or earlier is None)
        return CorrectionState.FOLLOWED if gone else CorrectionState.NOT_AFFECTED
    if not change.removed:
        if _reworded_on(page, change.added, texts.old_words):
            return CorrectionState.UNCLEAR
        return CorrectionState.OLD if around else CorrectionState.NOT_AFFECTED
    if had or _reworded_on(page, (*change.removed, *change.added), ()):
        return CorrectionState.UNCLEAR
    figures = {word for sentence in change.removed for word in sentence if word[0].isdigit()}
    left_over = figures.difference(texts.new_words).intersection(page.words)
    return CorrectionState.UNCLEAR if left_over else CorrectionState.NOT_AFFECTED


def _judge_order(old: list[Words], new: list[Words], page: _Page) -> CorrectionState:
    """Judge the order of the sentences that both revisions have, by those of them that stand on the page once."""
    text = f" {' '.join(page.words)} "
    places = {}
    for sentence in set(old):
        words = f" {' '.join(sentence)} "
        if old.count(sentence) == 1 and text.count(words) == 1:
            places[sentence] = text.index(words)
    shown = sorted(places, key=places.__getitem__)
    then, now = ([sentence for sentence in order if sentence in places] for order in (old, new))
    if then == now:
        return CorrectionState.NOT_AFFECTED  # nothing of what was moved is on the page
    if shown == now:
        return CorrectionState.FOLLOWED
    return CorrectionState.OLD if shown == then else CorrectionState.UNCLEAR


def _judge_pictures(older: RevisionContent, newer: RevisionContent, page: _Page) -> Iterator[_Change]:
    removed, added = older.pictures - newer.pictures, newer.pictures - older.pictures
    if not removed and not added:
        return
    old, new = removed & page.content.pictures, added & page.content.pictures
    if old and new:
        state = CorrectionState.UNCLEAR
    elif old or new:
        state = CorrectionState.OLD if old else CorrectionState.FOLLOWED
    elif removed and page.content.image:
        state = CorrectionState.UNCLEAR  # a picture under an address of the partner's own: a person sees which one
    else:
        state = CorrectionState.NOT_AFFECTED  # it shows none, or never had the one that came
    yield ChangedPart.PICTURE, state


def judge_against(
    released: RevisionContent,
    earlier_revisions: Sequence[RevisionContent],
    page: PageContent,
    earlier: PageContent | None = None,
) -> CorrectionVerdict:
    """Judge a page against the released revision and all released before it, the oldest first.

    Whether it followed is said by the last correction alone; what is left of an earlier text is old all the same.
    """
    verdicts = [judge_correction(older, released, page, earlier) for older in earlier_revisions]
    for state in (CorrectionState.OLD, CorrectionState.UNCLEAR):
        if (found := next((verdict for verdict in reversed(verdicts) if verdict.state is state), None)) is not None:
            return found
    return verdicts[-1] if verdicts else CorrectionVerdict(CorrectionState.NOT_AFFECTED, ())
