"""Both databases find the same, in the same order, and that is what a plain reading of the words says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.searching.asking import ask
from campaigns.searching.choosing import index_of
from campaigns.searching.finding import find
from campaigns.searching.index import Kind, Row, row_of
from campaigns.searching.words import SEAM, words_of
from coordinator.db import Database
from tests.campaigns.searching.by_hand import tier_of
from tests.conftest import Kept

pytestmark = pytest.mark.postgresql

# Few words, so that they meet: marks and none, đ, y and i, both tone styles, digits, signs, other scripts.
WORDS = st.sampled_from(
    ["hà", "ha", "Hà", "nội", "noi", "năm", "nam", "đa", "da", "hòa", "hoà", "hóa", "kỹ", "kĩ", "12", "1e5", "12a",
     "BT-12", "z", "zk", "zt1", "жук", "x.vn", "𝟙", "²", "naïve", "ế", "e\u0302\u0301", "nội-vụ", "no", "h"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=7).map(" ".join)
ASKED = st.one_of(
    st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.tuples(WORDS, WORDS, WORDS).map(lambda three: f'{three[0]} "{three[1]} {three[2]}"'),
    st.text(st.characters(codec="utf-8"), max_size=12),
)


@pytest.fixture
def both(tmp_path: Path, kept_sqlite: Kept, kept_postgresql: Kept) -> Iterator[tuple[Database, Database]]:
    """An empty database of each kind."""
    with kept_sqlite.fresh(tmp_path / "one.db") as one, kept_postgresql.fresh(tmp_path) as other:
        yield one, other


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8), typed=st.lists(ASKED, min_size=1, max_size=4))
def test_the_same_hits_in_the_same_order(
    both: tuple[Database, Database], texts: list[tuple[str, str]], typed: list[str]
) -> None:
    rows: list[Row] = [row_of(Kind.COPY, number, *text) for number, text in enumerate(texts, start=1)]
    split = [(words_of(head), words_of(body)) for head, body in texts]
    sessions = [database.writers() for database in both]
    try:
        for session in sessions:
            index_of(session).put(session, rows)
        for one in typed:
            asked = ask(one)
            wanted = sorted(
                (tier.value, -number)
                for number, (head, body) in enumerate(split, start=1)
                if asked and (tier := tier_of(asked, head, body)) is not None
            )
            for session in sessions:
                hits = find(session, Kind.COPY, asked, most=20)
                assert [(hit.tier.value, -hit.number) for hit in hits.rows] == wanted, (one, session.get_bind().dialect)
                assert hits.total == len(wanted)
    finally:
        for session in sessions:
            session.rollback()
            session.close()


def test_a_page_of_hits_is_the_same_part_of_them(both: tuple[Database, Database]) -> None:
    rows = [row_of(Kind.SITE, number, "sởi" if number % 3 else "soi", "") for number in range(1, 60)]
    pages = []
    for database in both:
        with database.write() as session:
            index_of(session).put(session, rows)
        with database.read() as session:
            pages.append([find(session, Kind.SITE, ask("sởi"), most=10, skip=skip).rows for skip in (0, 10, 35, 70)])
            assert session.execute(sa.select(sa.func.count()).select_from(index_of(session).table)).scalar_one() == 59
    assert pages[0] == pages[1]
    assert [len(page) for page in pages[0]] == [10, 10, 10, 0]


# As many words as are kept of a text, and the same word as often as it is kept; and nothing at all.
LONG = " ".join(f"từ{number}" for number in range(20_000))
OFTEN = " ".join(["lặp lại"] * 500)
LIMITS = [("", ""), ("", "hà nội"), ("hà nội", ""), (LONG, LONG), ("một hai", LONG), (OFTEN, OFTEN), (OFTEN, LONG)]


def _told_by_the_server(session: Session, row: Row) -> tuple[str, str]:
    """The vectors as PostgreSQL makes them itself of the written words."""
    words = row.words
    made = sa.text("SELECT CAST(setweight(to_tsvector('simple', :head), 'A') || to_tsvector('simple', :body) AS text)")
    exact, folded = (
        session.execute(made, {"head": head, "body": f"{SEAM} {body}"}).scalar_one()
        for head, body in ((words.exact_head, words.exact_body), (words.folded_head, words.folded_body))
    )
    return exact, folded


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4) | st.sampled_from([[one] for one in LIMITS]))
def test_vectors_are_written_as_postgresql_would_make_them(
    both: tuple[Database, Database], texts: list[tuple[str, str]]
) -> None:
    rows = [row_of(Kind.COPY, number, *text) for number, text in enumerate(texts, start=1)]
    with both[1].writers() as session:
        index_of(session).put(session, rows)
        kept = session.execute(
            sa.text("SELECT CAST(exact AS text), CAST(folded AS text) FROM search_index WHERE id <> 0 ORDER BY id")
        )
        assert [tuple(one) for one in kept] == [_told_by_the_server(session, row) for row in rows]
        session.rollback()


def test_nothing_is_put_of_nothing(both: tuple[Database, Database]) -> None:
    for database in both:
        with database.write() as session:
            index_of(session).put(session, [])
        with database.read() as session:
            assert session.execute(sa.select(sa.func.count()).select_from(index_of(session).table)).scalar_one() == 0


def test_what_the_server_refuses_is_the_error_that_any_statement_has(both: tuple[Database, Database]) -> None:
    """Whoever tries again after a lock that was not had, or a ring of waiting writers, knows it by this."""
    with both[1].writers() as one, both[1].writers() as other:
        one.execute(sa.text("LOCK TABLE search_index IN ACCESS EXCLUSIVE MODE"))
        other.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            index_of(other).put(other, [row_of(Kind.COPY, 1, "hà nội", "")])
        other.rollback()
        one.rollback()
        index_of(other).put(other, [row_of(Kind.COPY, 1, "hà nội", "")])
        other.rollback()
