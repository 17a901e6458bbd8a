"""Matching: copies are found whatever partners do to them; siblings, teasers and other texts are not credited."""

import random
import unicodedata
from functools import cache

import pytest

from campaigns.tracking.candidates import CandidateIndex
from campaigns.tracking.fingerprints import fingerprint, fold
from campaigns.tracking.matching import (
    FP_VERSION,
    RULE_VERSION,
    Match,
    MatchVerdict,
    PreparedBulletin,
    bulletin_text,
    match_page,
    prepare,
)
from tests.campaigns.tracking.texts import Sample, bulletin, series, swapped, wire

REPUBLISHED = {Match.FULL, Match.PARTIAL}


def prepared(one: Sample, revision: int = 1) -> PreparedBulletin:
    return prepare(one.id, one.title, one.lead, one.text, revision)


@cache
def index() -> CandidateIndex:
    return CandidateIndex([prepared(bulletin(seed)) for seed in range(300)])


@cache
def daily() -> tuple[list[Sample], CandidateIndex]:
    days = [one for seed in range(900, 905) for one in series(seed, 30)]
    return days, CandidateIndex([prepared(one) for one in days])


def judged(text: str, candidates: CandidateIndex | None = None, headline: str = "") -> list[MatchVerdict]:
    known = candidates or index()
    return match_page(text, known.lookup(fingerprint(text)), headline=headline)


def whole(one: Sample) -> str:
    return bulletin_text(one.title, one.lead, one.text)


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).replace("đ", "d").replace("Đ", "D")


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _old_tones(text: str) -> str:
    return text.replace("hóa", "hoá").replace("xóa", "xoá").replace("kỹ", "kĩ").replace("hòa", "hoà")


@pytest.mark.parametrize(
    "typed",
    [
        str,
        str.upper,
        _bare,
        _old_tones,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(" ", "  "),
    ],
    ids=["as it is", "capitals", "no marks", "other tone style and y for i", "decomposed", "wide spaces"],
)
@pytest.mark.parametrize("seed", [3, 40, 77])
def test_a_copy_is_full_however_it_is_typed(typed, seed: int) -> None:
    (verdict,) = judged(typed(whole(bulletin(seed))))
    assert (verdict.bulletin, verdict.match) == (f"b{seed}", Match.FULL)
    assert verdict.share == 1.0
    assert verdict.title_kept


@pytest.mark.parametrize("seed", range(10, 20))
def test_a_copy_with_another_headline_and_a_fifth_cut_off_is_full(seed: int) -> None:
    one = bulletin(seed)
    (verdict,) = judged("Một tựa đề hoàn toàn khác do trang đặt\n" + one.lead + "\n" + " ".join(one.sentences[:12]))
    assert (verdict.bulletin, verdict.match, verdict.title_kept) == (one.id, Match.FULL, False)
    assert 0.75 <= verdict.share < 0.95


def _shuffled(one: Sample, dice: random.Random) -> str:
    return " ".join(dice.sample(one.sentences, len(one.sentences)))


def _half(one: Sample, dice: random.Random) -> str:
    return " ".join(sentence for sentence in one.sentences if dice.random() < 0.5)


def _tenth_swapped(one: Sample, dice: random.Random) -> str:
    return swapped(one.text, 0.10, dice)


def _dropped_and_swapped(one: Sample, dice: random.Random) -> str:
    return swapped(" ".join(sentence for sentence in one.sentences if dice.random() < 0.7), 0.05, dice)


@pytest.mark.parametrize(
    ("edit", "floor"), [(_shuffled, 1.0), (_half, 0.9), (_tenth_swapped, 1.0), (_dropped_and_swapped, 0.95)]
)
def test_edited_copies_are_still_republications(edit, floor: float) -> None:
    found = 0
    for seed in range(20, 60):
        one = bulletin(seed)
        verdicts = judged(edit(one, random.Random(seed)))
        assert {verdict.bulletin for verdict in verdicts if verdict.match in REPUBLISHED} <= {one.id}
        found += any(verdict.match in REPUBLISHED for verdict in verdicts)
    assert found >= floor * 40


def test_four_quoted_sentences_inside_another_article_are_found() -> None:
    for seed in range(60, 80):
        one = bulletin(seed, 40)
        known = CandidateIndex([prepared(one)])
        text = wire(seed) + "\n" + " ".join(one.sentences[8:12]) + "\n" + wire(seed + 500)
        (verdict,) = judged(text, known)
        assert verdict.match is Match.EXCERPT
        (start, end), *_ = (passage for passage in verdict.passages if passage[1] - passage[0] > 300)
        assert len(wire(seed)) - 40 <= start
        assert end <= len(text) - len(wire(seed + 500)) + 40


def test_two_merged_bulletins_are_both_credited() -> None:
    for seed in range(80, 100):
        one, other = bulletin(seed), bulletin(seed + 100)
        verdicts = judged(one.text + "\n" + other.text)
        assert {verdict.bulletin for verdict in verdicts} == {one.id, other.id}
        assert {verdict.match for verdict in verdicts} == {Match.FULL}


def test_a_digest_of_five_names_all_five() -> None:
    five = [bulletin(seed) for seed in range(120, 125)]
    text = "\n".join(f"{one.title}\n{one.lead} {' '.join(one.sentences[:6])}" for one in five)
    verdicts = judged(text)
    assert {verdict.bulletin for verdict in verdicts} == {one.id for one in five}
    assert {verdict.match for verdict in verdicts} <= {Match.PARTIAL, Match.EXCERPT}


def test_headline_and_lead_alone_are_a_teaser() -> None:
    one = bulletin(130)
    (verdict,) = judged(f"{one.title}\n{one.lead}")
    assert verdict.match is Match.TEASER
    assert verdict.reasons[0].startswith("teaser: ")


def test_twenty_teasers_of_others_around_a_copy_are_no_republications() -> None:
    one = bulletin(131)
    others = [bulletin(seed) for seed in range(200, 220)]
    text = whole(one) + "\n" + "\n".join(f"{other.title}\n{other.lead}" for other in others)
    verdicts = judged(text)
    assert [verdict.bulletin for verdict in verdicts if verdict.match in REPUBLISHED] == [one.id]
    assert {verdict.match for verdict in verdicts if verdict.bulletin != one.id} <= {Match.TEASER}
    assert len(verdicts) > 15


@pytest.mark.parametrize("seed", range(30))
def test_other_peoples_articles_carry_nothing(seed: int) -> None:
    assert [verdict for verdict in judged(wire(seed)) if verdict.match is not Match.TEASER] == []


def test_a_day_of_a_series_is_credited_and_none_of_its_siblings() -> None:
    days, known = daily()
    for one in days:
        for text in (whole(one), " ".join(one.sentences[:13])):
            assert [verdict.bulletin for verdict in judged(text, known)] == [one.id]


def test_a_day_of_a_series_with_a_fifth_of_its_sentences_gone_is_still_told_from_its_siblings() -> None:
    days, known = daily()
    right = alone = 0
    for one in days:
        dice = random.Random(one.id)
        verdicts = judged(" ".join(sentence for sentence in one.sentences if dice.random() > 0.2), known)
        right += verdicts[0].bulletin == one.id
        alone += all(verdict.bulletin == one.id for verdict in verdicts)
    # 0.992 of both on real bulletins.
    assert right >= 0.98 * len(days)
    assert alone >= 0.98 * len(days)


def test_two_days_of_one_series_on_one_page_are_both_credited() -> None:
    days, known = daily()
    verdicts = judged(days[3].text + "\n" + days[8].text, known)
    assert {(verdict.bulletin, verdict.match) for verdict in verdicts} == {
        (days[3].id, Match.FULL),
        (days[8].id, Match.FULL),
    }


def _revisions() -> list[Sample]:
    first = bulletin(140)
    other = bulletin(141).sentences
    changed = (*first.sentences[:5], other[0], *first.sentences[6:])
    return [
        first,
        Sample(first.id, first.title, first.lead, changed),
        Sample(first.id, first.title, first.lead, (*changed, other[1], other[2])),
        Sample(first.id, first.title, first.lead, changed[:-2]),
    ]


@pytest.mark.parametrize("copied", range(4))
def test_of_several_revisions_the_one_that_was_copied_is_kept(copied: int) -> None:
    known = [prepared(one, number) for number, one in enumerate(_revisions())]
    for order in (known, known[::-1]):
        (verdict,) = match_page(whole(_revisions()[copied]), order)
        assert (verdict.bulletin, verdict.revision, verdict.match) == ("b140", copied, Match.FULL)


def test_what_fits_two_revisions_is_taken_for_the_newer() -> None:
    first, changed, *_ = _revisions()
    known = [prepared(first, 1), prepared(changed, 2)]
    (verdict,) = match_page(" ".join(first.sentences[6:]), known)
    assert verdict.revision == 2


SHORT = "Từ 8 giờ ngày mai, cầu phao Bến Đò tạm ngừng lưu thông để thay phao; người dân đi đường tránh qua cầu Gò Dâu."


def test_a_very_short_bulletin_counts_only_when_it_is_nearly_whole() -> None:
    short = prepare("ngan", "Cầu phao tạm ngừng", "", SHORT)
    assert match_page(f"Giao thông\n{SHORT}\n{wire(1)}", [short])[0].match is Match.FULL
    reworked = SHORT.replace("tạm ngừng lưu thông để thay phao", "đóng trong hai ngày cuối tuần")
    assert all(verdict.match not in REPUBLISHED for verdict in match_page(f"{reworked}\n{wire(1)}", [short]))
    assert match_page("Người dân đi đường tránh qua cầu Gò Dâu.", [short]) == []


def test_a_bulletin_of_a_few_words_is_never_recognised() -> None:
    assert (
        match_page("Họp báo chiều nay tại trụ sở", [prepare("vun", "Họp báo", "", "Họp báo chiều nay tại trụ sở")])
        == []
    )


def test_an_empty_page_and_no_candidates_give_nothing() -> None:
    assert match_page("", [prepared(bulletin(1))]) == []
    assert match_page(wire(1), []) == []
    assert match_page("…", [prepare("rong", "", "", "")]) == []


def test_passages_and_pairs_point_at_the_same_words_on_both_sides() -> None:
    one = bulletin(150)
    ours = prepared(one)
    page = f"{wire(9)}\n{one.paragraphs[2]}\nQuảng cáo\n{one.paragraphs[0]}\n{wire(8)}"
    (verdict,) = match_page(page, [ours])
    long = [pair for pair in verdict.pairs if pair[1] - pair[0] > 200]
    assert len(long) == 2
    for ours_start, ours_end, theirs_start, theirs_end in verdict.pairs:
        assert fold(ours.text[ours_start:ours_end]) == fold(page[theirs_start:theirs_end])
    assert [pair[2] for pair in verdict.pairs] == sorted(pair[2] for pair in verdict.pairs)
    for start, end in verdict.passages:
        assert 0 <= start < end <= len(page)
    covered = [page[start:end] for start, end in verdict.passages]
    assert any(one.paragraphs[2][:-1] in text for text in covered)


def test_offsets_hold_on_pages_with_decomposed_letters() -> None:
    one = bulletin(151)
    page = unicodedata.normalize("NFD", f"{wire(2)}\n{one.text}")
    (verdict,) = match_page(page, [prepared(one)])
    start, end = max(verdict.passages, key=lambda passage: passage[1] - passage[0])
    assert unicodedata.normalize("NFC", page[start:end]).split()[:20] == one.text.split()[:20]


def test_the_headline_settles_whether_the_title_was_kept() -> None:
    one = bulletin(152)
    ours = prepared(one)
    assert match_page(one.text, [ours], headline=f"{one.title.upper()} - Tin Vui")[0].title_kept
    assert not match_page(whole(one), [ours], headline="Tựa đề khác")[0].title_kept
    assert match_page(whole(one), [ours])[0].title_kept
    assert not match_page(one.text, [ours])[0].title_kept


def test_a_verdict_says_by_which_rules_and_why() -> None:
    (verdict,) = judged(whole(bulletin(153)))
    assert (verdict.rule_version, verdict.fp_version) == (RULE_VERSION, FP_VERSION)
    assert all(": " in reason for reason in verdict.reasons)
    assert verdict.longest_run == len(whole(bulletin(153)).replace(".", " ").split()) or verdict.longest_run > 300


def test_where_the_parts_of_a_bulletin_end_is_known_in_words() -> None:
    ours = prepare("b", "Một hai ba", "Bốn năm", "Sáu bảy tám chín")
    assert (ours.title, ours.lead, ours.count, ours.body) == (3, 5, 9, 4)
    assert ours.text == "Một hai ba\n\nBốn năm\n\nSáu bảy tám chín"
    without_lead = prepare("b", "Một hai ba", "", "Sáu bảy")
    assert (without_lead.title, without_lead.lead, without_lead.count) == (3, 3, 5)
    only_lead = prepare("b", "Một", "Hai ba bốn", "  ")
    assert (only_lead.title, only_lead.lead, only_lead.body) == (1, 1, 3)
    nothing = prepare("b", "", "", "")
    assert (nothing.count, nothing.fingerprint.size) == (0, 0)


class TestCandidates:
    """The index that finds which bulletins a page might carry."""

    def test_the_bulletin_itself_comes_first_with_all_its_hashes(self) -> None:
        one = bulletin(7)
        hashes = fingerprint(whole(one))
        place, shared = index().shared(hashes)[0]
        assert index().bulletins[place].id == one.id
        assert shared == hashes.size

    def test_least_and_limit_are_kept(self) -> None:
        hashes = fingerprint("\n".join(whole(bulletin(seed)) for seed in range(10)))
        found = index().shared(hashes, least=20)
        assert {index().bulletins[place].id for place, _ in found} == {f"b{seed}" for seed in range(10)}
        assert [shared for _, shared in found] == sorted((shared for _, shared in found), reverse=True)
        assert len(index().lookup(hashes, limit=3)) == 3

    def test_a_bulletin_with_a_single_hash_is_found_by_it(self) -> None:
        short = prepare("ngan", "", "", "một hai ba bốn năm sáu bảy tám chín mười mười một mười hai")
        known = CandidateIndex([short, prepared(bulletin(1))])
        assert short.fingerprint.size == 1
        assert [one.id for one in known.lookup(short.fingerprint)] == ["ngan"]

    def test_an_empty_index_and_an_empty_page_find_nothing(self) -> None:
        assert CandidateIndex([]).lookup(fingerprint(wire(1))) == []
        assert index().lookup(fingerprint("")) == []


PARENTS = "Phụ huynh đưa trẻ tới trạm nơi cư trú, mang theo sổ tiêm hoặc mã tiêm chủng trên điện thoại của nhà. "


@pytest.mark.parametrize(("said", "revision"), [("30", 1), ("31", 2)])
def test_a_correction_of_one_number_tells_the_old_copy_from_the_new(said: str, revision: int) -> None:
    text = "Từ ngày 24 đến 28/11, trạm y tế {} phường, xã mở thêm buổi tiêm chiều cho trẻ từ mười tám tháng tuổi. "
    rest = PARENTS * 3
    both = [prepare("b", "Lịch tiêm", "", text.format(n) + rest, revision=r) for n, r in (("31", 2), ("30", 1))]
    (verdict,) = match_page(text.format(said) + rest, both)
    assert verdict.revision == revision


def test_a_copy_that_was_cut_before_the_corrected_word_counts_as_the_newest() -> None:
    rest = PARENTS * 4
    texts = ((f"{rest} Hỏi đáp tới {hour} giờ.", number) for hour, number in ((22, 2), (21, 1)))
    both = [prepare("b", "Lịch tiêm", "", body, revision=number) for body, number in texts]
    (verdict,) = match_page(rest, both)
    assert verdict.revision == 2
