"""Counter images: loads are counted once, without programs, repeats and floods, and no reader is identifiable."""

import itertools
import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.discovery.sightings import Page
from campaigns.republications import views
from campaigns.republications.republications import Republication
from campaigns.republications.views import (
    MOST_CANDIDATES,
    REPEAT_WINDOW,
    VIEW_RULES,
    ImageLoad,
    ImagePageCandidate,
    NetworkViews,
    RecentView,
    ViewDay,
    ViewSalt,
    delete_reader_marks,
    distinct_views,
    network_of,
    reader_mark,
    record_image_pages,
    write_batch,
)
from tests.factories import NOW, published, site

# Pages from counter images are limited, and one page is one whatever the form of its address.


def count(session: Session, table: type[Page] | type[Republication]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_thousand_variants_of_one_address_are_one_page(session: Session) -> None:
    trang, bulletin = site(session, url="https://tin.example/"), published(session)
    variants = [f"https://www.tin.example/tin/1?utm_source={number}#x{number}" for number in range(1000)]
    candidates = [ImagePageCandidate(bulletin.id, trang.id, url) for url in variants]
    assert record_image_pages(session, candidates, now=NOW) == 1
    assert record_image_pages(session, candidates[:3], now=NOW) == 0
    assert (count(session, Page), count(session, Republication)) == (1, 1)


def test_forged_referers_send_us_to_no_more_than_a_few_pages(session: Session) -> None:
    trang, bulletin, other = site(session, url="https://tin.example/"), published(session), published(session)
    forged = [f"https://tin.example/tin/{number}" for number in range(200)]
    assert (
        record_image_pages(session, [ImagePageCandidate(bulletin.id, trang.id, url) for url in forged], now=NOW)
        == MOST_CANDIDATES
    )
    assert (
        record_image_pages(session, [ImagePageCandidate(bulletin.id, trang.id, "https://tin.example/x")], now=NOW) == 0
    )
    assert record_image_pages(session, [ImagePageCandidate(other.id, trang.id, "https://tin.example/x")], now=NOW) == 1


def test_what_is_no_address_points_at_nothing(session: Session) -> None:
    trang, bulletin = site(session, url="https://tin.example/"), published(session)
    assert record_image_pages(session, [ImagePageCandidate(bulletin.id, trang.id, "https://[::1")], now=NOW) == 0


# Marks only distinguish readers of one day; repeats are found by the moments alone.


SALT = b"k" * 32


def test_a_mark_is_sixteen_digits_and_another_for_any_other_part_or_salt() -> None:
    marks = {
        reader_mark(SALT, "a", "b"),
        reader_mark(SALT, "a", "c"),
        reader_mark(SALT, "ab"),
        reader_mark(b"l" * 32, "a", "b"),
        reader_mark(SALT, "a", "b", ""),
    }
    assert len(marks) == 5
    assert {len(mark) for mark in marks} == {16}
    assert reader_mark(SALT, "a", "b") == reader_mark(SALT, "a", "b")


def test_an_address_is_cut_to_its_network_however_it_is_written() -> None:
    assert (
        network_of("203.0.113.7") == network_of("203.0.113.99") == network_of("::ffff:203.0.113.9") == "203.0.113.0/24"
    )
    assert network_of("203.0.114.7") != network_of("203.0.113.7")
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:9::7") != network_of("2001:db8:2::3")
    assert network_of("2001:db8::1") == network_of("2001:db8:0:5::1")
    assert network_of("") == network_of("nonsense") == ""


def test_a_mark_takes_any_text_a_header_may_hold() -> None:
    assert len(reader_mark(SALT, "\udcff", "\x00", "đ")) == 16


def test_loads_closer_than_half_a_minute_are_one_view_however_long_it_goes_on() -> None:
    every_ten = [NOW + timedelta(seconds=10 * step) for step in range(100)]
    assert distinct_views(every_ten) == 1
    assert distinct_views([]) == 0
    assert distinct_views([NOW, NOW + REPEAT_WINDOW - timedelta(seconds=1)]) == 1
    assert distinct_views([NOW, NOW + REPEAT_WINDOW]) == 2


@given(st.lists(st.integers(0, 300), max_size=30), st.randoms())
def test_the_order_of_loads_does_not_matter(seconds: list[int], dice: random.Random) -> None:
    moments = [NOW + timedelta(seconds=second) for second in seconds]
    mixed = list(moments)
    dice.shuffle(mixed)
    assert distinct_views(mixed) == distinct_views(moments)


BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def load(token: str, seconds: float = 0, **more: object) -> ImageLoad:
    given = {"token": token, "at": NOW + timedelta(seconds=seconds), "program": False, "address": "203.0.113.7",
             "agent": BROWSER}  # fmt: skip
    return ImageLoad(**(given | more))  # type: ignore[arg-type]


def days(session: Session) -> dict[tuple[int, str, date], tuple[int, int]]:
    session.expire_all()
    rows = session.execute(sa.select(ViewDay)).scalars()
    return {(row.bulletin_id, row.host, row.day): (row.raw, row.guarded) for row in rows}


def total(session: Session) -> tuple[int, int]:
    figures = days(session).values()
    return sum(raw for raw, _ in figures), sum(guarded for _, guarded in figures)


def test_repeats_and_programs_are_raw_views_only(session: Session) -> None:
    token = published(session).counter_token
    written = write_batch(
        session, "b1",
        [load(token), load(token, 29), load(token, 70), load(token, program=True), load(token, address="198.51.100.7"),
         load(token, agent="another")],
        now=NOW,
    )  # fmt: skip
    assert (written.raw, written.guarded) == (6, 4)
    assert total(session) == (6, 4)
    assert session.execute(sa.select(ViewDay.rules)).scalars().all() == [VIEW_RULES]


def test_the_same_batch_twice_counts_once(session: Session) -> None:
    token = published(session).counter_token
    loads = [load(token), load(token, 60)]
    assert not write_batch(session, "b1", loads, now=NOW).repeated
    assert write_batch(session, "b1", loads, now=NOW).repeated
    assert total(session) == (2, 2)
    write_batch(session, "b2", loads, now=NOW)
    assert total(session) == (4, 2)


def test_a_load_between_two_views_joins_them_into_one(session: Session) -> None:
    token = published(session).counter_token
    write_batch(session, "b1", [load(token), load(token, 50)], now=NOW)
    assert total(session) == (2, 2)
    written = write_batch(session, "b2", [load(token, 25)], now=NOW)
    assert written.guarded == -1
    assert total(session) == (3, 1)


def test_unknown_tokens_count_nothing(session: Session) -> None:
    assert write_batch(session, "b1", [load("0" * 32), load("")], now=NOW).raw == 0
    assert days(session) == {}


def _brute(loads: list[tuple[ImageLoad, int, str]]) -> dict[tuple[int, str, date], tuple[int, int]]:
    """The rule applied to all loads at once."""
    raw: Counter[tuple[int, str, date]] = Counter()
    readers: dict[tuple[object, ...], list[datetime]] = {}
    for image_load, bulletin, host in loads:
        key = (bulletin, host, city_day(image_load.at))
        raw[key] += 1
        if not image_load.program:
            source = image_load.address.rpartition(".")[0]
            readers.setdefault((*key, source, image_load.agent), []).append(image_load.at)
    sources: Counter[tuple[object, ...]] = Counter()
    for (bulletin, host, day, source, _agent), moments in readers.items():
        moments.sort()
        sources[bulletin, host, day, source] += 1 + sum(
            after - before >= REPEAT_WINDOW for before, after in itertools.pairwise(moments)
        )
    guarded: Counter[tuple[object, ...]] = Counter()
    for (bulletin, host, day, _source), number in sources.items():
        guarded[bulletin, host, day] += min(number, views.SOURCE_CAP)
    return {key: (number, guarded[key]) for key, number in raw.items()}


@pytest.mark.parametrize("seed", range(6))
def test_batches_in_any_order_and_repeated_give_the_exact_counts(
    session: Session, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "SOURCE_CAP", 5)
    dice = random.Random(seed)
    site(session, url="https://tin.example/")
    bulletins = [published(session) for _ in range(2)]
    late = NOW.replace(hour=16, minute=58)  # 23:58 in the city
    made: list[tuple[ImageLoad, int, str]] = []
    for _ in range(dice.randrange(50, 200)):
        bulletin = dice.choice(bulletins)
        referer = dice.choice(["", "https://www.tin.example/a", "https://la.example/"])
        image_load = load(
            bulletin.counter_token, at=late + timedelta(seconds=dice.randrange(300)), program=dice.random() < 0.1,
            referer=referer, address=f"203.0.{dice.randrange(3)}.{dice.randrange(250)}", agent=dice.choice("ab"),
        )  # fmt: skip
        made.append((image_load, bulletin.id, "tin.example" if "www.tin" in referer else ""))
    loads = [image_load for image_load, _, _ in made]
    cuts = sorted(dice.sample(range(len(loads)), 6))
    parts = [loads[start:end] for start, end in zip([0, *cuts], [*cuts, len(loads)], strict=True)]
    batches = [(f"b{number}", part) for number, part in enumerate(parts)] * 2
    dice.shuffle(batches)
    for ident, part in batches:
        write_batch(session, ident, part, now=late + timedelta(minutes=10))
    assert days(session) == _brute(made)


def test_one_network_adds_no_more_than_its_cap_and_the_rest_stays_raw(session: Session) -> None:
    token = published(session).counter_token
    flood = [load(token, agent=f"agent {number}", address=f"203.0.113.{number % 250}") for number in range(300)]
    write_batch(session, "b1", flood[:150], now=NOW)
    write_batch(session, "b2", flood[150:], now=NOW)
    write_batch(session, "b3", [load(token, address="198.51.100.1")], now=NOW)
    assert total(session) == (301, views.SOURCE_CAP + 1)


def test_what_is_reported_too_late_to_be_compared_is_raw_only(session: Session) -> None:
    token = published(session).counter_token
    write_batch(session, "b1", [load(token)], now=NOW + views.LATE + timedelta(seconds=1))
    assert total(session) == (1, 0)


def test_the_day_is_the_citys_and_each_day_has_a_salt_of_its_own(session: Session) -> None:
    token = published(session).counter_token
    late = NOW.replace(hour=16, minute=59, second=50)
    write_batch(session, "b1", [load(token, at=late), load(token, at=late + timedelta(seconds=20))], now=late)
    assert {key[2] for key in days(session)} == {date(2026, 11, 24), date(2026, 11, 25)}
    salts = session.execute(sa.select(ViewSalt.salt)).scalars().all()
    assert len(set(salts)) == 2
    assert {len(salt) for salt in salts} == {32}


def test_a_salt_is_made_at_random_and_destroyed_within_48_hours_with_everything_made_by_it(session: Session) -> None:
    token = published(session).counter_token
    first = NOW.replace(hour=17)  # midnight in the city: the longest life of a salt
    write_batch(session, "b1", [load(token, at=first)], now=first)
    salt = session.execute(sa.select(ViewSalt.salt)).scalar_one()
    delete_reader_marks(session, now=first + timedelta(hours=24, minutes=30))
    assert session.execute(sa.select(ViewSalt.salt)).scalar_one() == salt  # a late load may still come
    delete_reader_marks(session, now=first + timedelta(hours=26))
    for table in (ViewSalt, RecentView, NetworkViews):
        assert session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    # The day is closed: a late load creates no second salt.
    write_batch(session, "b2", [load(token, at=first)], now=first + timedelta(hours=26))
    assert session.execute(sa.select(ViewSalt)).first() is None
    assert total(session) == (2, 1)


def test_the_figures_stay_when_the_readers_are_forgotten(session: Session) -> None:
    write_batch(session, "b1", [load(published(session).counter_token)], now=NOW)
    before = days(session)
    delete_reader_marks(session, now=NOW + timedelta(days=3))
    assert days(session) == before


def test_a_load_shows_neither_address_nor_agent_when_it_is_printed() -> None:
    assert "203.0.113" not in repr(load("t"))
    assert "Mozilla" not in repr(load("t"))


def test_only_released_bulletins_on_registered_sites_are_pointed_at(session: Session) -> None:
    trang = site(session, url="https://tin.example/")
    bulletin = published(session)
    referers = ("https://tin.example/1", "https://la.example/1", "", "x")
    written = write_batch(
        session, "b1",
        [load(bulletin.counter_token, referer=referer) for referer in referers]
        + [load(bulletin.counter_token, -7200, referer="https://tin.example/2")],
        now=NOW,
    )  # fmt: skip
    assert [(candidate.site, candidate.url) for candidate in written.candidates] == [
        (trang.id, "https://tin.example/1")
    ]
