"""Fingerprints: the same words give the same hashes however they are typed; shared runs share a hash."""

import random
import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus.bulletins import bulletins, series
from benchmarks.corpus.clauses import of_clauses
from benchmarks.corpus.edits import EDITS
from benchmarks.corpus.written import OTHERS, OURS
from campaigns.core import vietnamese
from campaigns.matching import fingerprints
from campaigns.matching.fingerprints import (
    GRAM,
    WINDOW,
    distinct,
    distinct_with_counts,
    fingerprint,
    fold,
    grams,
    likeness,
    lookup_hashes,
    pack,
    tokenize,
    unpack,
    winnow,
)
from tests.campaigns.matching.sample_texts import bulletin

_TEXT = "Sở Y tế: “Kỹ thuật” lý giải việc hòa mạng, hủy thẻ cũ; Đà Nẵng xóa 12.500 hồ sơ."


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).replace("đ", "d").replace("Đ", "D")


@pytest.mark.parametrize(
    "typed",
    [
        unicodedata.normalize("NFD", _TEXT),
        unicodedata.normalize("NFC", _TEXT),
        _TEXT.replace("hòa", "hoà").replace("hủy", "huỷ").replace("xóa", "xoá"),
        _TEXT.replace("Kỹ", "Kĩ").replace("lý", "lí"),
        _TEXT.upper(),
        _TEXT.replace("“", '"').replace("”", '"').replace(";", " –"),
        _bare(_TEXT),
        _TEXT.replace("mạng", "mạ\u00adng").replace("thẻ", "\u200bthẻ\ufeff"),
        _TEXT.replace(" ", " \n "),
    ],
)
def test_the_same_words_have_the_same_fingerprint_however_they_are_typed(typed: str) -> None:
    assert fold(typed) == fold(_TEXT)
    assert fingerprint(typed).tolist() == fingerprint(_TEXT).tolist()


def test_words_are_folded_by_the_recipe() -> None:
    assert fold("Đường Kỹ-thuật ÝỲ ð ß İ 12.500") == "duong ki thuat ii d ß i 12 500"
    assert fold("東京 Юрий ١٢ m² ½ Ⅳ") == "東京 юpий ١٢ m² ½ ⅳ"
    assert fold("  … — “ ” ") == ""


@pytest.mark.parametrize(
    "mark",
    [
        *"\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c",
        *"\u2060\u2061\u2062\u2063\u2064\u180e\u00ad\u200b\u200c\u200d\ufeff",
        *"\ufff9\ufffb\u17b4\u17b5\U0001d173\U0001d17a",
        *"\ufe00\ufe0f\U000e0100\U000e01ef\u3164\u115f\u1160\uffa0\U000e0001\U000e0061\U000e007f",
    ],
)
def test_letters_that_nobody_sees_are_dropped(mark: str) -> None:
    hidden = " ".join(f"{word[:1]}{mark}{word[1:]}{mark}" for word in _TEXT.split(" "))
    assert fold(hidden) == fold(_TEXT)
    assert tokenize(hidden).words.tolist() == tokenize(_TEXT).words.tolist()
    assert vietnamese.fold(hidden) == vietnamese.fold(_TEXT)


@pytest.mark.parametrize(
    ("latin", "twins"),
    [
        ("aeopcyxijsABCEHIKMOPTX", "аеорсухіјѕАВСЕНІКМОРТХ"),
        ("ovABEHIKMNOPTX", "ονΑΒΕΗΙΚΜΝΟΡΤΧ"),
        ("abeiknoptuvxywABEHIKMNOPTXYZ", "αβεικηορτυνχγωΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
        ("abcdefhijklmopqstvwxyABCEHIKMOPTX", "аьсԁеғһіјкӏморԛѕтѵԝхуАВСЕНІКМОРТХ"),
        ("kmtbhwdq", "кмтвһԝԁԛ"),
        ("ouhngqABCDEHJKLMPRSTVWZ", "օսհոցզᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ"),
        (
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９",
        ),
    ],
)
def test_letters_that_look_like_latin_ones_are_those(latin: str, twins: str) -> None:
    disguised = _TEXT.translate(str.maketrans(latin, twins))
    assert disguised != _TEXT
    assert fold(disguised) == fold(_TEXT)
    assert fingerprint(disguised).tolist() == fingerprint(_TEXT).tolist()
    assert fold("хе со") == "xe co"
    assert fold("ά έ ή ί ό ύ ὰ") == "a e n i o u a"


def _folded_before(text: str) -> str:
    """The words of a text by the rules before invisible and look-alike letters were added."""
    apart = unicodedata.normalize("NFD", re.sub("[\u00ad\u200b-\u200d\u2060\ufeff]", "", text))
    bare = re.sub("[\u0300-\u036f]", "", apart).lower().replace("đ", "d").replace("ð", "d").replace("y", "i")
    return " ".join(re.sub(r"[\W_]", " ", bare).split())


def test_ordinary_text_folds_as_it_did_before_letters_that_deceive_were_folded() -> None:
    """Stored hashes stay valid."""
    corpus = [*bulletins(150), *bulletins(50, "x"), *series("s0", 10), *of_clauses(50, "k"), *OURS, *OTHERS]
    texts = [f"{one.title}\n{one.lead}\n{chr(10).join(one.lines)}" for one in corpus]
    texts += [edit.apply(one, random.Random(1)).paragraphs[0] for edit in EDITS for one in corpus[:5]]
    for text in texts:
        words = _folded_before(text)
        assert fold(text) == words
        hashes = [_word_by_hand(word) for word in words.split()]
        assert tokenize(text).words.tolist() == hashes


def test_offsets_count_characters_of_the_text_as_given() -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, "Hòa “bình” ở\u200b Đà Nẵng")
        tokens = tokenize(text)
        words = [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]
        assert [fold(word) for word in words] == ["hoa", "binh", "o", "da", "nang"]
        assert unicodedata.normalize("NFC", words[0]) == "Hòa"


def test_the_recipe_is_fixed_because_its_hashes_are_stored() -> None:
    """A change of any of these numbers is a new FP_VERSION and a rebuild of what is stored."""
    assert fingerprints.FP_VERSION == "6"
    assert fingerprint("một hai ba bốn năm sáu").tolist() == [grams(tokenize("mot hai ba bon nam sau").words)[0]]
    assert fingerprint("xin chào").tolist() == _by_hand(["xin", "chao"])


def _word_by_hand(word: str) -> int:
    """A word's letters as the digits of a number, the first the lowest; of a long one the first ones and its length."""
    read = word[:64]
    value = sum(ord(letter) * 0x2545F4914F6CDD1D**place for place, letter in enumerate(read)) % 2**64
    return value if read == word else value ^ len(word) * 0x9E3779B97F4A7C15 % 2**64


def _by_hand(words: list[str]) -> list[int]:
    """The recipe once more, with plain integers."""
    values = [_word_by_hand(word) for word in words]
    values += [0] * (GRAM - len(values))
    full = 2**64
    mixed = values[0]
    for value in values[1:GRAM]:
        mixed = (mixed * 0x9E3779B97F4A7C15 + value) % full
    mixed ^= mixed >> 30
    mixed = mixed * 0xBF58476D1CE4E5B9 % full
    mixed ^= mixed >> 27
    mixed = mixed * 0x94D049BB133111EB % full
    mixed ^= mixed >> 31
    return [mixed >> 1]


@pytest.mark.parametrize("before", [0, 1, 63, 64, 65, 70, 16_000])
def test_a_word_has_one_hash_wherever_it_stands_and_however_long_it_is(before: int) -> None:
    """Texts are hashed in blocks of 16,384 characters: words that lie across an edge, at it, and far behind it."""
    words = ["ha", "noi", "x" * 63, "i" * 64, "z" * 65, "z" * 66, "a1" * 9000, "cuoi"]
    hashes = [_word_by_hand(word) for word in words]
    assert len(set(hashes)) == len(words)
    filler = ["b" * before] if before else []
    text = " ".join([*filler, *words, *(["tu"] * 6000), *words, "đ\u0301", *words])
    found = tokenize(text).words.tolist()
    assert found[len(filler) :] == [*hashes, *([_word_by_hand("tu")] * 6000), *hashes, _word_by_hand("d"), *hashes]


def test_the_smallest_of_every_window_is_kept() -> None:
    hashes = np.random.default_rng(3).integers(0, 2**62, size=500)
    expected = sorted({int(hashes[at : at + WINDOW].min()) for at in range(500 - WINDOW + 1)})
    assert winnow(hashes).tolist() == expected
    assert winnow(hashes, 7).tolist() == sorted({int(hashes[at : at + 7].min()) for at in range(494)})
    assert winnow(hashes[:5]).tolist() == [int(hashes[:5].min())]
    assert winnow(hashes[:0]).size == 0


@given(st.integers(0, 400), st.integers(0, 300), st.integers(0, 300))
def test_any_shared_run_of_twenty_one_words_shares_a_hash(seed: int, before: int, after: int) -> None:
    dice = random.Random(seed)
    run = " ".join(f"chung{dice.randint(0, 9999)}" for _ in range(GRAM + WINDOW - 1))
    text = " ".join(f"a{dice.randint(0, 9999)}" for _ in range(before)) + f" {run}"
    other = f"{run} " + " ".join(f"b{dice.randint(0, 9999)}" for _ in range(after))
    assert np.intersect1d(fingerprint(text), fingerprint(other)).size >= 1


@given(st.integers(12, 40), st.integers(0, 400), st.integers(0, 60), st.integers(0, 60))
def test_a_text_of_twelve_words_or_more_is_found_whole_on_any_page(
    size: int, seed: int, before: int, after: int
) -> None:
    dice = random.Random(seed)
    text = " ".join(f"chung{dice.randint(0, 9999)}" for _ in range(size))
    page = " ".join([*(f"a{number}" for number in range(before)), text, *(f"b{number}" for number in range(after))])
    assert set(fingerprint(text).tolist()) <= set(lookup_hashes(tokenize(page).words).tolist())
    assert set(fingerprint(page).tolist()) <= set(lookup_hashes(tokenize(page).words).tolist())


def test_about_one_hash_in_eight_words_is_kept() -> None:
    text = bulletin(1, 60).text
    kept = fingerprint(text).size / len(tokenize(text))
    assert 0.09 < kept < 0.15


def test_hashes_are_signed_64_bit_sorted_and_unique() -> None:
    found = fingerprint(bulletin(2).text)
    assert found.dtype == np.int64
    assert found.min() >= 0
    assert found.tolist() == sorted(set(found.tolist()))


def test_a_fingerprint_packs_into_bytes_and_back() -> None:
    found = fingerprint(bulletin(2).text)
    assert len(pack(found)) == 8 * found.size
    assert unpack(pack(found)).tolist() == found.tolist()
    assert unpack(b"").size == 0
    with pytest.raises(ValueError, match="multiple"):
        unpack(b"123")


def test_likeness_is_the_shared_part_of_the_smaller() -> None:
    array, other = fingerprint(bulletin(1).text), fingerprint(bulletin(2).text)
    assert likeness(array, array) == 1.0
    assert likeness(array, other) < 0.1
    assert likeness(array, array[:0]) == 0.0


@given(st.text(max_size=80))
def test_any_text_can_be_folded_and_hashed(text: str) -> None:
    tokens = tokenize(text)
    assert len(fold(text).split()) == len(tokens)
    assert fold(fold(text)) == fold(text)
    assert (fingerprint(text).size == 0) == (len(tokens) == 0)


@given(st.lists(st.integers(-5, 5)))
def test_hashes_are_counted_as_numpy_counts_them(values: list[int]) -> None:
    hashes = np.array(values, dtype=np.int64)
    once, times = np.unique(hashes, return_counts=True)
    assert [part.tolist() for part in distinct_with_counts(hashes)] == [once.tolist(), times.tolist()]
    assert distinct(hashes).tolist() == once.tolist()
