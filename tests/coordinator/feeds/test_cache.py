import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from coordinator.feeds import atom, jsonfeed, ninjs, rss
from coordinator.feeds.cache import FeedCache
from coordinator.feeds.formats import FORMATS, compose
from tests.coordinator.feeds.samples import RELEASED, info, item, recalled

MODULES = {"rss.xml": rss, "atom.xml": atom, "feed.json": jsonfeed, "ninjs.json": ninjs}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_feed_from_kept_fragments_is_the_feed_written_anew(name: str) -> None:
    cache, items = FeedCache(), [item(1), recalled(2), item(3)]
    fresh = MODULES[name].render(info(), items)
    assert compose(FORMATS[name], info(), items, cache) == fresh
    before = cache.counts()
    assert compose(FORMATS[name], info(), items, cache) == fresh
    after = cache.counts()
    assert after.misses == before.misses
    assert after.hits - before.hits == (3 if FORMATS[name].tells_recalls else 2)


def test_every_format_of_the_contract_is_there() -> None:
    assert set(FORMATS) == set(MODULES)


def test_a_correction_and_a_recall_are_written_anew() -> None:
    cache, form = FeedCache(), FORMATS["ninjs.json"]
    first = item()
    second = replace(first, revision=2, title="Tên mới", updated_at=RELEASED + timedelta(hours=1))
    third = replace(second, recalled_at=RELEASED + timedelta(hours=2))
    bodies = [compose(form, info(), [one], cache) for one in (first, second, third)]
    assert bodies == [ninjs.render(info(), [one]) for one in (first, second, third)]
    assert len(set(bodies)) == 3


def test_another_mark_is_another_fragment() -> None:
    cache, form = FeedCache(), FORMATS["rss.xml"]
    moved = item(url="https://khac.example/1")
    compose(form, info(), [item()], cache, "a")
    assert b"https://khac.example/1" in compose(form, info(), [moved], cache, "b")


def test_the_least_recently_used_makes_room_and_the_bound_holds() -> None:
    cache = FeedCache(most_bytes=10_000)
    for key in range(4):
        cache.keep(key, bytes(2000))
    assert cache.get(0) is not None  # used again, so 1 is now the oldest
    cache.keep(4, bytes(2000))
    assert cache.get(1) is None
    assert cache.get(0) is not None
    assert cache.get(4) is not None
    assert cache.counts().weight <= 10_000


def test_keeping_again_under_the_same_key_does_not_count_twice() -> None:
    cache = FeedCache(most_bytes=10_000)
    for _ in range(50):
        cache.keep("same", bytes(1000))
    assert cache.counts().entries == 1
    assert cache.counts().weight < 2000


def test_what_is_too_heavy_is_made_but_not_kept() -> None:
    cache = FeedCache(most_bytes=1000)
    assert cache.obtain("big", lambda: bytes(900)) == bytes(900)
    assert cache.counts().entries == 0


def test_many_threads_get_the_right_bytes_and_the_bound_holds() -> None:
    cache, wrong = FeedCache(most_bytes=20_000), []

    def work(seed: int) -> None:
        for step in range(500):
            number = (seed * 7 + step * 13) % 40
            if cache.obtain(number, lambda number=number: b"%d" % number * 300) != b"%d" % number * 300:  # type: ignore[misc]  # mypy cannot see a default
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert 0 < cache.counts().weight <= 20_000
