"""Counter images: loads added up once, guarded against programs, repeats and floods, and no trace of a reader left."""

import itertools
import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.tracking import views
from campaigns.tracking.readers import REPEAT
from campaigns.tracking.views import (
    VIEW_RULES,
    Load,
    ViewDay,
    ViewMark,
    ViewSalt,
    ViewSource,
    forget_readers,
    write_batch,
)
from tests.factories import NOW, published, site

BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def load(token: str, seconds: float = 0, **more: object) -> Load:
    given = {"token": token, "at": NOW + timedelta(seconds=seconds), "program": False, "address": "203.0.113.7",
             "agent": BROWSER}  # fmt: skip
    return Load(**(given | more))  # type: ignore[arg-type]


def days(session: Session) -> dict[tuple[int, str, date], tuple[int, int]]:
    session.expire_all()
    rows = session.execute(sa.select(ViewDay)).scalars()
    return {(row.bulletin_id, row.host, row.day): (row.raw, row.guarded) for row in rows}


def total(session: Session) -> tuple[int, int]:
    figures = days(session).values()
    return sum(raw for raw, _ in figures), sum(guarded for _, guarded in figures)


def test_repeats_and_programs_are_raw_views_only(session: Session) -> None:
    token = published(session).counter_token
    told = write_batch(
        session, "b1",
        [load(token), load(token, 29), load(token, 70), load(token, program=True), load(token, address="198.51.100.7"),
         load(token, agent="another")],
        now=NOW,
    )  # fmt: skip
    assert (told.raw, told.guarded) == (6, 4)
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
    told = write_batch(session, "b2", [load(token, 25)], now=NOW)
    assert told.guarded == -1
    assert total(session) == (3, 1)


def test_unknown_tokens_count_nothing(session: Session) -> None:
    assert write_batch(session, "b1", [load("0" * 32), load("")], now=NOW).raw == 0
    assert days(session) == {}


def _brute(loads: list[tuple[Load, int, str]]) -> dict[tuple[int, str, date], tuple[int, int]]:
    """The rule said again, over everything at once."""
    raw: Counter[tuple[int, str, date]] = Counter()
    readers: dict[tuple[object, ...], list[datetime]] = {}
    for one, bulletin, host in loads:
        key = (bulletin, host, city_day(one.at))
        raw[key] += 1
        if not one.program:
            source = one.address.rpartition(".")[0]
            readers.setdefault((*key, source, one.agent), []).append(one.at)
    sources: Counter[tuple[object, ...]] = Counter()
    for (bulletin, host, day, source, _agent), moments in readers.items():
        moments.sort()
        sources[bulletin, host, day, source] += 1 + sum(
            after - before >= REPEAT for before, after in itertools.pairwise(moments)
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
    late = NOW.replace(hour=16, minute=58)  # two minutes before midnight in the city
    made: list[tuple[Load, int, str]] = []
    for _ in range(dice.randrange(50, 200)):
        bulletin = dice.choice(bulletins)
        referer = dice.choice(["", "https://www.tin.example/a", "https://la.example/"])
        one = load(
            bulletin.counter_token, at=late + timedelta(seconds=dice.randrange(300)), program=dice.random() < 0.1,
            referer=referer, address=f"203.0.{dice.randrange(3)}.{dice.randrange(250)}", agent=dice.choice("ab"),
        )  # fmt: skip
        made.append((one, bulletin.id, "tin.example" if "www.tin" in referer else ""))
    loads = [one for one, _, _ in made]
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


def test_what_is_told_too_late_to_be_compared_is_raw_only(session: Session) -> None:
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
    first = NOW.replace(hour=17)  # midnight in the city: the longest a salt can live
    write_batch(session, "b1", [load(token, at=first)], now=first)
    salt = session.execute(sa.select(ViewSalt.salt)).scalar_one()
    forget_readers(session, now=first + timedelta(hours=24, minutes=30))
    assert session.execute(sa.select(ViewSalt.salt)).scalar_one() == salt  # a late load may still come
    forget_readers(session, now=first + timedelta(hours=26))
    for table in (ViewSalt, ViewMark, ViewSource):
        assert session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    # The day is over for good: a load told now makes no second salt for it.
    write_batch(session, "b2", [load(token, at=first)], now=first + timedelta(hours=26))
    assert session.execute(sa.select(ViewSalt)).first() is None
    assert total(session) == (2, 1)


def test_the_figures_stay_when_the_readers_are_forgotten(session: Session) -> None:
    write_batch(session, "b1", [load(published(session).counter_token)], now=NOW)
    before = days(session)
    forget_readers(session, now=NOW + timedelta(days=3))
    assert days(session) == before


def test_a_load_shows_neither_address_nor_agent_when_it_is_printed() -> None:
    assert "203.0.113" not in repr(load("t"))
    assert "Mozilla" not in repr(load("t"))


def test_only_released_bulletins_on_registered_sites_are_pointed_at(session: Session) -> None:
    trang = site(session, url="https://tin.example/")
    bulletin = published(session)
    referers = ("https://tin.example/1", "https://la.example/1", "", "x")
    told = write_batch(
        session, "b1",
        [load(bulletin.counter_token, referer=one) for one in referers]
        + [load(bulletin.counter_token, -7200, referer="https://tin.example/2")],
        now=NOW,
    )  # fmt: skip
    assert [(one.site, one.url) for one in told.candidates] == [(trang.id, "https://tin.example/1")]
