"""Which of several bulletins that fit a page is credited with it."""

from datetime import timedelta

from campaigns.matching.classification import Match
from campaigns.matching.crediting import CandidateEvidence, RivalEvidence, best_rival
from campaigns.matching.fingerprints import tokenize
from campaigns.matching.matcher import DEFAULT_THRESHOLDS, PageMatches, match_page
from campaigns.matching.numbers_in_text import FigureVerdict
from campaigns.matching.prepared_bulletin import PreparedBulletin, prepare_bulletin

BODY = (
    "Các trạm y tế phường, xã tổ chức tiêm chủng mở rộng cho trẻ trong độ tuổi vào sáng thứ ba và sáng thứ năm. "
    "Phụ huynh mang theo sổ tiêm, cho trẻ ăn trước khi tiêm và ở lại theo dõi tại chỗ. Trẻ đang sốt hoặc mới ốm dậy "
    "cần được bác sĩ khám trước, gia đình cần tư vấn gọi trạm y tế nơi cư trú trong giờ hành chính."
)
DAILY = (
    "Lúc 7 giờ ngày {day}/11, mực nước sông Con tại trạm Gò Dâu là {a} m, sông Vân tại trạm Bến Đò là {b} m, lưu lượng "
    "xả qua đập Tân Lập {c} m3/s. Các xã ven đê theo dõi bản tin, không để người ở lại bãi sông ban đêm, neo bè cá."
)


def weekly(number: int) -> PreparedBulletin:
    return prepare_bulletin(f"t{number}", "Lịch tiêm chủng trong tuần", "", BODY)


def water(day: int) -> PreparedBulletin:
    return prepare_bulletin(f"n{day}", f"Mực nước ngày {day}/11", "", water_text(day))


def water_text(day: int) -> str:
    return DAILY.format(day=day, a=f"{20 + day},{day % 10}", b=f"{11 + day},{(day * 7) % 10}", c=300 + 17 * day)


def rival(figures: int = 0, words: int = 0, **evidence: object) -> RivalEvidence:
    return RivalEvidence(figures, words, CandidateEvidence(**evidence))  # type: ignore[arg-type]


def test_figures_go_before_the_link_that_before_words_those_before_deliveries_and_these_before_the_day() -> None:
    near = rival(lag=timedelta(hours=1))
    assert best_rival([near, rival(delivered=1)]) == 1
    assert best_rival([rival(delivered=1), rival(delivered=3)]) == 1
    assert best_rival([rival(delivered=3), rival(words=3)]) == 1
    assert best_rival([rival(words=3), rival(linked=1)]) == 1
    assert best_rival([rival(linked=1), rival(linked=2)]) == 1
    assert best_rival([rival(linked=2), rival(figures=1)]) == 1
    assert best_rival([rival(), rival()]) == 0


def test_the_nearest_release_before_the_page_is_nearer_than_any_behind_it() -> None:
    week, day = timedelta(days=7), timedelta(days=1)
    assert best_rival([rival(lag=2 * week), rival(lag=week), rival(lag=-day), rival()]) == 1
    assert best_rival([rival(lag=-week), rival(lag=-day)]) == 1
    assert best_rival([rival(lag=week), rival(lag=timedelta(minutes=-5))]) == 1  # a clock that is slow


def test_of_notices_with_one_body_the_linked_one_is_credited_and_no_other() -> None:
    known = [weekly(number) for number in range(3)]

    def linked(bulletin: PreparedBulletin) -> CandidateEvidence:
        return CandidateEvidence(linked=2 if bulletin.id == "t1" else 0)

    assert [found.bulletin for found in match_page(BODY, known, evidence_of=linked)] == ["t1"]


def test_evidence_beside_the_text_is_asked_only_where_texts_do_not_decide() -> None:
    asked: list[str] = []

    def evidence(bulletin: PreparedBulletin) -> CandidateEvidence:
        asked.append(bulletin.id)
        return CandidateEvidence()

    known = [water(3), prepare_bulletin("khac", "Lịch tiêm chủng", "", BODY)]
    assert [found.bulletin for found in match_page(water_text(3), known, evidence_of=evidence)] == ["n3"]
    assert asked == []


def test_a_link_to_another_day_does_not_outweigh_the_figures() -> None:
    def linked(bulletin: PreparedBulletin) -> CandidateEvidence:
        return CandidateEvidence(linked=2 if bulletin.id == "n2" else 0)

    known = [water(day) for day in range(1, 8)]
    assert [found.bulletin for found in match_page(water_text(5), known, evidence_of=linked)] == ["n5"]


def test_two_days_of_a_short_notice_on_one_page_are_both_credited() -> None:
    known = [water(day) for day in range(1, 8)]
    for first, second in ((2, 6), (3, 4), (7, 1)):
        page = f"{water_text(first)}\nHôm trước\n{water_text(second)}"
        found = match_page(page, known)
        assert {(one.bulletin, one.match) for one in found} == {(f"n{first}", Match.FULL), (f"n{second}", Match.FULL)}


def test_one_notice_is_credited_once_though_its_first_lines_stand_on_the_page_twice() -> None:
    known = [weekly(number) for number in range(3)]
    assert len(match_page(f"{BODY[:180]}\n{BODY}", known)) == 1


def test_a_day_that_is_not_known_is_credited_to_no_day() -> None:
    known = [water(day) for day in range(1, 8)]
    for some in (known, known[:1]):
        text = water_text(19)
        finds = PageMatches(some, DEFAULT_THRESHOLDS, "", text, tokenize(text)).finds
        assert all(find.figures is FigureVerdict.OTHER and find.match is Match.EXCERPT for find in finds)
        assert len(finds) <= 1
        assert all(verdict.reasons[0].startswith("other_figures: ") for verdict in match_page(text, some))


def test_a_day_with_all_its_figures_written_otherwise_is_found_among_its_siblings() -> None:
    text = (
        water_text(4)
        .replace(",", ".", 0)
        .replace("7 giờ ngày 4/11", "7h00 ngày 4 tháng 11")
        .replace(" m3/s", " m3/giây")
    )
    known = [water(day) for day in range(1, 8)]
    assert [found.bulletin for found in match_page(text, known)] == ["n4"]
