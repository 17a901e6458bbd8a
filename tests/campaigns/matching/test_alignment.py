"""Alignment: stretches that two texts share in order, and passages joined over what an editor replaced."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from campaigns.matching.alignment import (
    COVER_GRAM,
    RunSet,
    SortedRuns,
    align,
    aligned_word_count,
    common_subsequence_length,
    diagonals,
    passages,
)
from campaigns.matching.fingerprints import fold, grams, tokenize
from tests.campaigns.matching.sample_texts import bulletin, swapped, wire

WORDS = st.lists(st.integers(0, 6), max_size=24)


def _shared(ours: str, theirs: str):
    mine, other = grams(tokenize(ours).words, COVER_GRAM), grams(tokenize(theirs).words, COVER_GRAM)
    places = RunSet(other).places_of(mine)
    return mine, places, SortedRuns(other)


def _joined(ours: str, theirs: str, least: int = 1):
    mine, places, ranked = _shared(ours, theirs)
    rows = [(a, b, c, c + b - a) for a, b, c in diagonals(mine, places, ranked, COVER_GRAM).tolist()]
    return passages(rows, tokenize(ours).words.tolist(), tokenize(theirs).words.tolist(), least)


@given(WORDS, WORDS)
def test_kept_words_are_the_longest_common_subsequence(ours: list[int], theirs: list[int]) -> None:
    table = np.zeros((len(ours) + 1, len(theirs) + 1), dtype=int)
    for number, mine in enumerate(ours):
        for other, word in enumerate(theirs):
            best = table[number, other] + 1 if mine == word else max(table[number, other + 1], table[number + 1, other])
            table[number + 1, other + 1] = best
    assert common_subsequence_length(ours, theirs) == table[-1, -1]


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_runs_are_found_where_two_searches_find_them(known: list[int], wanted: list[int]) -> None:
    ranked, runs = SortedRuns(np.array(known, dtype=np.int64)), np.array(wanted, dtype=np.int64)
    first, end = ranked.find(runs)
    there = np.isin(runs, ranked.sorted)
    assert first.tolist() == np.searchsorted(ranked.sorted, runs).tolist()
    assert end[there].tolist() == np.searchsorted(ranked.sorted, runs[there], side="right").tolist()
    assert end[~there].tolist() == first[~there].tolist()


@given(WORDS, WORDS)
def test_stretches_are_all_that_two_texts_share_word_by_word(ours: list[int], theirs: list[int]) -> None:
    mine, other = np.array(ours, dtype=np.int64), np.array(theirs, dtype=np.int64)
    found = diagonals(mine, np.flatnonzero(np.isin(mine, other)), SortedRuns(other), 1).tolist()
    pairs = {(at, there) for at, word in enumerate(ours) for there, number in enumerate(theirs) if word == number}
    begins = sorted((at, there) for at, there in pairs if (at - 1, there - 1) not in pairs)
    assert [(start, there) for start, _, there in found] == begins
    assert sum(end - start for start, end, _ in found) == len(pairs)
    assert all((start + step, there + step) in pairs for start, end, there in found for step in range(end - start))


def test_a_stretch_goes_on_as_far_as_both_texts_do() -> None:
    words = fold(bulletin(1).text).split()
    theirs = " ".join([*words[:40], "xen", "ngang", *words[40:90]])
    rows = diagonals(*_shared(" ".join(words), theirs), COVER_GRAM)
    long = rows[(rows[:, 1] - rows[:, 0]) >= 30]
    assert long.tolist() == [[0, 40, 0], [40, 90, 42]]
    assert aligned_word_count(rows) >= 90


def test_a_stretch_that_stands_twice_has_two_rows() -> None:
    text = bulletin(2).sentences[0]
    rows = diagonals(*_shared(text, f"{text} {text}"), COVER_GRAM)
    size = len(fold(text).split())
    assert {tuple(row) for row in rows.tolist()} >= {(0, size, 0), (0, size, size)}


def test_words_replaced_all_over_leave_one_passage() -> None:
    sample = bulletin(3)
    edited = swapped(sample.text, 0.15, random.Random("alignment"))
    found = _joined(sample.text, edited)
    size = len(fold(sample.text).split())
    assert found[0].found >= 0.7 * size
    assert found[0].end - found[0].start >= 0.9 * size


def test_turns_of_phrase_in_another_text_make_no_passage() -> None:
    for seed in range(20):
        assert not _joined(bulletin(seed).text, wire(seed, 60), least=30)


def test_passages_do_not_lie_over_each_other() -> None:
    sample = bulletin(4)
    found = _joined(sample.text, f"{sample.text}\n{swapped(sample.text, 0.1, random.Random(7))}")
    assert sum(passage.found for passage in found) <= 1.5 * len(fold(sample.text).split())
    assert found[0].found == len(fold(sample.text).split())


def test_a_run_that_stands_in_several_places_is_aligned_behind_the_stretch_before_it() -> None:
    words = fold(bulletin(5).text).split()
    formula = words[20:26]
    theirs = " ".join([*formula, "chen", *words[:20], "doi", *words[20:60]])
    pairs = align(*_shared(" ".join(words), theirs), COVER_GRAM)
    assert (20, 60, 28, 68) in pairs
