"""Both databases find the same in the same order, which is the order of a comparison word by word."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.search import results
from campaigns.search.documents import put_documents
from campaigns.search.index import IndexedKind, documents
from campaigns.search.query import parse_query
from campaigns.search.results import find_hits
from campaigns.search.words import words_of
from coordinator.db import Database
from tests.campaigns.search.reference_ranking import tier_of
from tests.conftest import Kept

pytestmark = [pytest.mark.postgresql, pytest.mark.long]

# Few words, so that they meet: marks and none, đ, y and i, both tone styles, digits, signs, other scripts.
WORDS = st.sampled_from(
    ["hà", "ha", "Hà", "nội", "noi", "năm", "nam", "đa", "da", "hòa", "hoà", "hóa", "kỹ", "kĩ", "12", "1e5", "12a",
     "3e2ab", "BT-12", "a.b@c.vn", "z", "жук", "x.vn", "naïve", "ế", "e\u0302\u0301", "nội-vụ", "no", "h"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=7).map(" ".join)
TYPED = st.one_of(
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.tuples(WORDS, WORDS, WORDS).map(lambda three: f'{three[0]} "{three[1]} {three[2]}"'),
    st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Nd", "Zs", "P", "S")), max_size=12),
)


@pytest.fixture
def both(tmp_path: Path, kept_sqlite: Kept, kept_postgresql: Kept) -> Iterator[tuple[Database, Database]]:
    """An empty database of each kind."""
    with kept_sqlite.fresh(tmp_path / "one.db") as database, kept_postgresql.fresh(tmp_path) as other:
        yield database, other


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8), typed=st.lists(TYPED, min_size=1, max_size=4))
def test_the_same_hits_in_the_same_order(
    both: tuple[Database, Database], texts: list[tuple[str, str]], typed: list[str]
) -> None:
    rows = dict(enumerate(texts, start=1))
    split = {number: (words_of(head), words_of(body)) for number, (head, body) in rows.items()}
    sessions = [database.writers() for database in both]
    patch = pytest.MonkeyPatch()
    # The documents are of no rows here: the exact texts come from the same dictionary.
    patch.setattr(results, "texts_of", lambda _session, _kind, _numbers: rows)
    try:
        for session in sessions:
            put_documents(session, IndexedKind.COPY, rows)
        for text in typed:
            query = parse_query(text)
            wanted = sorted(
                (tier.value, -number)
                for number, (head, body) in split.items()
                if query and (tier := tier_of(query, head, body)) is not None
            )
            for session in sessions:
                hits = find_hits(session, IndexedKind.COPY, query, most=20)
                found = [hit.number for hit in hits.rows]
                assert found == [-number for _tier, number in wanted], (text, session.get_bind().dialect.name)
                assert hits.total == len(wanted)
    finally:
        patch.undo()
        for session in sessions:
            session.rollback()
            session.close()


@pytest.mark.parametrize(("ranked", "counted"), [(100, 1000), (7, 1000), (7, 20)])
def test_pages_of_hits_follow_each_other(
    both: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch, ranked: int, counted: int
) -> None:
    """However many hits are ranked by their texts, and whether all are counted."""
    monkeypatch.setattr(results, "MOST_RANKED", ranked)
    monkeypatch.setattr(results, "MOST_COUNTED", counted)
    rows = {number: ("sởi" if number % 3 else "soi", "") for number in range(1, 60)}
    monkeypatch.setattr(
        results, "texts_of", lambda _session, _kind, numbers: {number: rows[number] for number in numbers}
    )
    pages = []
    for database in both:
        with database.write() as session:
            put_documents(session, IndexedKind.SITE, rows)
        with database.read() as session:
            query = parse_query("sởi")
            pages.append(
                [
                    [hit.number for hit in find_hits(session, IndexedKind.SITE, query, most=10, skip=skip).rows]
                    for skip in range(0, 70, 10)
                ]
            )
            assert session.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one() == 59
    assert pages[0] == pages[1]
    reached = min(len(rows), counted + 1)
    assert [len(page) for page in pages[0]] == [max(min(reached - skip, 10), 0) for skip in range(0, 70, 10)]
    assert len({number for page in pages[0] for number in page}) == reached
    assert {rows[number] for number in pages[0][0][: min(ranked, 10) * 2 // 3]} == {("sởi", "")}


# As long as any text may be: one word again and again, and all words different.
LONG = " ".join(f"từ{number}" for number in range(60_000))
OFTEN = "lặp " * 100_000
STRANGE = " ".join("жф" * 15 + str(number) for number in range(10_000))


@pytest.mark.parametrize("body", [LONG, OFTEN, STRANGE, "x" * 300_000])
def test_a_text_of_any_length_is_indexed_on_both(both: tuple[Database, Database], body: str) -> None:
    for database in both:
        with database.write() as session:
            put_documents(session, IndexedKind.BULLETIN, {1: ("tin dài", body)})
        with database.read() as session:
            assert find_hits(session, IndexedKind.BULLETIN, parse_query("tin dai"), most=5).total == 1
