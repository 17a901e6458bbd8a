"""Vietnamese text: composition, folding, slugs and order."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus.bulletins import bulletins
from benchmarks.corpus.written import OTHERS, OURS
from campaigns.core.vietnamese import INVISIBLE, STYLED, TWINS, fold, nfc, slug, sort_key
from campaigns.matching.fingerprints import fold as matching_fold
from campaigns.matching.fingerprints import tokenize


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Đống Đa", "dong da"),
        ("ĐƯỜNG LÁNG", "duong lang"),
        ("hòa", "hoa"),
        ("hoà", "hoa"),
        ("Chống dịch", "chong dich"),
        (unicodedata.normalize("NFD", "Nghị quyết"), "nghi quyet"),
        ("  nhiều\u00a0 khoảng \n trắng ", "nhieu khoang trang"),
        ("gạch\u00admềm và\u200b số 0", "gachmem va so 0"),
        ("ưƠăÂ", "uoaa"),
    ],
)
def test_folding_drops_marks_case_and_the_stroke_of_d(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Hà Nộі hôm nаy", "ha noi hom nay"),
        ("quận Τân", "quan tan"),
        ("ΝGÀY ΗỘI", "ngay hoi"),
        ("m\u2062ở c\u200eửa \ufeffm\u180eới", "mo cua moi"),
        ("ngư\U000e0061ời d\u3164ân \u2764\ufe0f", "nguoi dan \u2764"),
        ("Ｖｉệｔ Ｎａｍ ２０２６", "viet nam 2026"),
        ("Nhà văn Лев Толстой, Москва", "nha van лев толстои, москва"),
        ("рот кот", "рот кот"),
        ("Ω αβγ ν", "ω αβγ ν"),
        ("пhà", "пha"),
    ],
)
def test_letters_that_deceive_are_folded_in_words_with_latin_letters(typed: str, folded: str) -> None:
    assert fold(typed) == folded
    assert fold(folded) == folded


def test_ordinary_text_is_folded_as_before_letters_that_deceive_were() -> None:
    for one in (*bulletins(100), *OURS, *OTHERS):
        for text in (one.title, one.lead, *one.lines):
            apart = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
            bare = unicodedata.normalize("NFC", "".join(part for part in apart if not unicodedata.combining(part)))
            assert fold(text) == " ".join(bare.split())


def test_a_long_word_of_another_script_is_folded_in_time() -> None:
    assert fold("ж" * 300_000 + "а") == "ж" * 300_000 + "а"
    assert fold("жa" * 200_000 + "а") == "жa" * 200_000 + "a"


def test_both_tone_placements_fold_alike() -> None:
    for old, new in [("hòa", "hoà"), ("hủy", "huỷ"), ("xóa", "xoá"), ("thúy", "thuý")]:
        assert fold(old) == fold(new)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="aăâáàảãạđêệôơưứ Đ0-9.,"))
def test_composed_and_decomposed_input_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_nfc_joins_letters_and_marks() -> None:
    assert nfc("Ha\u0300 No\u0323\u0302i") == "Hà Nội"
    assert len(nfc("Ha\u0300")) == 2


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Công ty Cổ phần Đường Láng 24h!", "cong-ty-co-phan-duong-lang-24h"),
        ("tin-nhanh.vn", "tin-nhanh-vn"),
        ("  --  ", ""),
        ("日本", ""),
    ],
)
def test_a_slug_holds_latin_letters_digits_and_hyphens_only(name: str, address: str) -> None:
    assert slug(name) == address


@given(st.text())
def test_a_slug_of_a_slug_is_the_same(text: str) -> None:
    assert slug(slug(text)) == slug(text)


def test_the_alphabet_is_in_its_own_order() -> None:
    letters = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    shuffled = letters.copy()
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key) == letters


def test_tones_decide_only_between_equal_letters() -> None:
    assert sorted(["ma", "mạ", "má", "mã", "mả", "mà"], key=sort_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(["Bà Vì", "Ba Đình", "Bá Đình"], key=sort_key) == ["Ba Đình", "Bá Đình", "Bà Vì"]


def test_signs_come_before_digits_and_digits_before_letters() -> None:
    assert sorted(["Kênh 10", "Kênh 9", "Kênh 010b", "10", "9"], key=sort_key) == [
        "9",
        "10",
        "Kênh 9",
        "Kênh 10",
        "Kênh 010b",
    ]
    assert sorted(["an", "2 an", "-an", "đa", "da"], key=sort_key) == ["-an", "2 an", "an", "da", "đa"]


def test_case_matters_last() -> None:
    assert sorted(["An", "an", "ân", "Ăn"], key=sort_key) == ["an", "An", "Ăn", "ân"]


@given(st.text(), st.text())
def test_different_composed_texts_never_tie(one: str, other: str) -> None:
    def tidy(text: str) -> str:
        return nfc(" ".join(text.split())).swapcase()

    if tidy(one) != tidy(other):
        assert sort_key(one) != sort_key(other)


@given(st.text(st.one_of(st.characters(), st.sampled_from("đĐðÐaÀ\u0301\u0323\u00ad\u200b\ufeffΣσİ각\u1100\u1161"))))
def test_folding_letter_by_letter_is_taking_the_marks_off_the_whole(text: str) -> None:
    text = "".join(letter for letter in text if ord(letter) not in STYLED and ord(letter) not in TWINS)
    seen = "".join(letter for letter in text if ord(letter) not in INVISIBLE).lower()
    apart = unicodedata.normalize("NFD", seen)
    bare = nfc("".join(letter for letter in apart if not unicodedata.combining(letter)))
    assert fold(text) == " ".join(bare.replace("đ", "d").replace("ð", "d").split())


@given(st.text(alphabet="aAbvđởаΑαΆΝνВвжЖЙйІıİ\u0301\u200b\u3164ｂ ́"))
def test_letters_that_deceive_are_folded_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert matching_fold(matching_fold(text)) == matching_fold(text)
    assert len(matching_fold(text).split()) == len(tokenize(text))
