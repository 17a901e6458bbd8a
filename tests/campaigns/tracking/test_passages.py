"""Matching where runs are not enough: words replaced all over, clauses that everybody writes, texts of few words."""

import random

import pytest

from campaigns.tracking.candidates import CandidateIndex
from campaigns.tracking.fingerprints import fold
from campaigns.tracking.matching import Match, prepare
from tests.campaigns.tracking.test_matching import REPUBLISHED, judged, prepared, whole
from tests.campaigns.tracking.texts import bulletin, swapped, wire


def test_every_fifth_word_replaced_leaves_a_counted_copy() -> None:
    for seed in range(20):
        one = bulletin(seed)
        text = f"{one.title}\n{swapped(one.text, 0.2, random.Random(seed))}"
        [verdict] = [found for found in judged(text) if found.bulletin == one.id]
        assert verdict.match in REPUBLISHED
        assert 0.6 < verdict.share < 0.95


def test_a_teaser_and_a_phrase_of_the_text_are_no_excerpt() -> None:
    one, other = bulletin(11), bulletin(12)
    phrase = " ".join(one.text.split()[:14])
    text = f"{whole(other)}\n{one.title}\n{one.lead}\n{phrase} và nhiều việc khác."
    assert [found.match for found in judged(text) if found.bulletin == one.id] == [Match.TEASER]


def test_the_longest_run_is_one_that_the_page_has_in_one_piece() -> None:
    one = bulletin(13)
    words = one.text.split()
    pieces = [" ".join(words[at : at + 30]) for at in range(0, 150, 30)]
    text = f"{one.title}\n" + "\n".join(f"{wire(at, 1)}\n{piece}" for at, piece in enumerate(reversed(pieces)))
    [verdict] = [found for found in judged(text) if found.bulletin == one.id]
    assert 28 <= verdict.longest_run <= 34


def test_the_share_counts_the_words_that_were_kept() -> None:
    one = bulletin(14)
    half = "\n".join(one.sentences[: len(one.sentences) // 2])
    [verdict] = judged(f"{one.title}\n{one.lead}\n{half}")
    kept = len(f"{one.title} {one.lead} {half}".split()) / len(whole(one).split())
    assert verdict.share == pytest.approx(kept, abs=0.02)


_CLAUSES = (
    "Theo báo cáo của {a}, toàn thành phố ghi nhận thêm {n} trường hợp {b}, tăng so với cùng kỳ năm trước.",
    "Phát biểu tại hội nghị, {a} nhấn mạnh việc {b} và đề nghị các đơn vị tiếp tục phát huy kết quả đã đạt được.",
    "Để chủ động phòng ngừa, {a} khuyến cáo người dân {b}, đồng thời phối hợp chặt chẽ với chính quyền địa phương.",
    "Trong thời gian tới, {a} sẽ tiếp tục {b}, góp phần nâng cao đời sống vật chất và tinh thần của {n} hộ dân.",
    "Tại buổi làm việc, đại diện {a} cho biết đã {b} với tổng kinh phí {n} triệu đồng từ nguồn xã hội hóa.",
    "Chương trình có sự tham gia của {a}, lãnh đạo các phường, xã và đông đảo người dân cùng nhau {b} suốt {n} ngày.",
    "Người dân có nhu cầu liên hệ {a} trong giờ hành chính để được hướng dẫn {b}, mỗi ngày nhận {n} hồ sơ.",
    "Qua kiểm tra, lực lượng của {a} thấy {n} trường hợp chưa {b}, lập biên bản xử lý theo quy định của pháp luật.",
)
_A = ("Sở Y tế", "Công an thành phố", "Hội Phụ nữ", "Đoàn Thanh niên", "Sở Xây dựng", "Ban Quản lý dự án", "Sở Nội vụ")
_B = ("tiêm chủng cho trẻ em", "nạo vét kênh mương", "số hóa hồ sơ hộ tịch", "trồng cây ven đường", "rà soát hộ nghèo")


def _of_clauses(seed: int) -> tuple[str, list[str]]:
    dice = random.Random(f"clauses {seed}")
    filled = [
        clause.format(a=dice.choice(_A), b=dice.choice(_B), n=dice.randint(11, 989))
        for clause in dice.sample(_CLAUSES, 6)
    ]
    return f"Tin số {seed} về {dice.choice(_B)} của {dice.choice(_A)} năm nay", filled


def test_news_in_the_same_clauses_is_no_copy_and_a_half_copy_is() -> None:
    texts = [_of_clauses(seed) for seed in range(60)]
    known = CandidateIndex([prepare(f"c{at}", title, "", " ".join(text)) for at, (title, text) in enumerate(texts)])
    credited = 0
    for seed in range(1000, 1060):
        found = judged(" ".join(_of_clauses(seed)[1]), known)
        credited += any(one.match is not Match.TEASER for one in found)
    assert credited <= 12  # any two have four clauses of six in common, so that without a sense for them all are
    for at, (title, text) in enumerate(texts[:20]):
        halves = judged(f"{title}\n" + " ".join(text[:3]), known)
        assert [one.bulletin for one in halves if one.match in REPUBLISHED] == [f"c{at}"]


def test_the_shorter_a_notice_the_more_of_it_must_be_there() -> None:
    notice, report = bulletin(31, 2), bulletin(32, 12)
    known = CandidateIndex([prepared(notice), prepared(report)])
    assert 40 <= len(fold(notice.text).split()) < 120 <= len(fold(report.text).split())
    for one, share, match in ((notice, 0.75, Match.PARTIAL), (report, 0.75, Match.FULL), (notice, 1.0, Match.FULL)):
        words = one.text.split()
        text = f"{one.title}\n{' '.join(words[: round(share * len(words))])}"
        assert [found.match for found in judged(text, known)] == [match]
