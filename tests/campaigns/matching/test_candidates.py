"""The index of ``lantoa check``: which bulletins a page is compared with."""

import numpy as np

from campaigns.matching.candidates import HashIndex
from campaigns.matching.prepared_bulletin import PreparedBulletin, prepare_bulletin
from tests.campaigns.matching.hash_index import hash_index

COMMON = range(1_000, 1_006)  # hashes that every bulletin has


def _index(own: int, count: int = 200) -> HashIndex:
    """An index of so many bulletins of six common hashes and ``own`` ones each."""
    fingerprints = [
        np.array([*COMMON, *range(10_000 * at, 10_000 * at + own)], dtype=np.int64) for at in range(1, count + 1)
    ]
    return HashIndex(fingerprints, _bulletin)


def _bulletin(position: int) -> PreparedBulletin:
    return prepare_bulletin(str(position), "Tiêu đề", "", "Nội dung")


def _shared(index: HashIndex, *hashes: int) -> list[tuple[int, int]]:
    return index.shared(np.array(sorted(hashes), dtype=np.int64))


def test_bulletins_that_share_a_few_formulas_alone_are_not_compared() -> None:
    assert _shared(_index(own=60), *COMMON) == []


def test_one_hash_that_few_others_have_is_enough_beside_a_formula() -> None:
    assert _shared(_index(own=60), *COMMON, 30_000) == [(2, 7)]


def test_a_large_part_of_a_short_text_is_enough_however_common_it_is() -> None:
    assert len(_shared(_index(own=10), *COMMON)) == 60


def test_two_hashes_of_its_own_find_a_bulletin_and_one_does_not() -> None:
    index = _index(own=60)
    assert _shared(index, 30_000, 30_001) == [(2, 2)]
    assert _shared(index, 30_000) == []


def test_one_shared_hash_finds_all_bulletins_that_have_it() -> None:
    index = _index(own=60)
    assert len(index.shared(np.array([1_000], dtype=np.int64), least=1, limit=500)) == 200


def test_the_most_shared_come_first_and_an_empty_index_finds_nothing() -> None:
    found = _shared(_index(own=60), 30_000, 30_001, 30_002, 50_000, 50_001)
    assert found == [(2, 3), (4, 2)]
    assert _shared(hash_index([]), 1, 2, 3) == []
