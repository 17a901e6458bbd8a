"""Chains of copies: the origin is earlier and on another site, and chains have no cycle."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.republications.attribution.copy_chains import ChainLink, earliest_copy_on, linked_copy

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def link(number: int, minutes: int = 0, site: int | None = None, parent: int | None = None) -> ChainLink:
    url = f"https://trang{site or number}.example/bai-{number}"
    return ChainLink(number, site or number, url, NOW + timedelta(minutes=minutes), parent)


def test_a_link_to_an_earlier_copy_is_where_it_was_taken_from() -> None:
    first, second = link(1), link(2, 5)
    assert linked_copy(second, ["http://www.trang1.example/bai-1?utm_source=x#cuoi"], [first]) is first
    assert linked_copy(second, ["https://trang1.example/bai-9"], [first]) is None


def test_a_page_that_cuts_the_seconds_off_may_still_have_taken_from_one_that_tells_them() -> None:
    tells = ChainLink(2, 2, "https://trang2.example/bai-2", NOW + timedelta(seconds=41))
    cuts = link(1)
    assert linked_copy(cuts, [tells.url], [tells]) is tells
    assert linked_copy(tells, [cuts.url], [ChainLink(1, 1, cuts.url, cuts.appeared_at, parent=tells.id)]) is None


def test_a_later_copy_and_one_of_the_same_site_are_no_origin() -> None:
    assert linked_copy(link(2, 5), ["https://trang1.example/bai-1"], [link(1, 6)]) is None
    assert earliest_copy_on(link(2, 5, site=7), [7], [link(1, 0, site=7)]) is None


def test_of_two_copies_on_a_named_site_the_earlier_is_meant() -> None:
    late, early = link(3, 4, site=9), link(4, 1, site=9)
    assert earliest_copy_on(link(5, 30), [9], [late, early]) is early


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6)), min_size=2, max_size=9),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=60),
    st.lists(st.integers(0, 5), min_size=9, max_size=9),
)
def test_no_chain_runs_in_a_circle_even_when_times_change(
    copies: list[tuple[int, int]], said: list[tuple[int, int]], again: list[int]
) -> None:
    known = {place + 1: link(place + 1, minutes, site) for place, (minutes, site) in enumerate(copies)}
    for step, (number, whom) in enumerate(said):
        if number + 1 not in known or whom + 1 not in known:
            continue
        own = known[number + 1]
        if step % 7 == 6:  # a copy's own time may be read again until it is counted
            own = ChainLink(own.id, own.site_id, own.url, NOW + timedelta(minutes=again[number]), own.parent)
        others = [chain_link for chain_link in known.values() if chain_link.id != own.id]
        origin = linked_copy(own, [known[whom + 1].url], others)
        parent = origin.id if origin is not None else own.parent
        known[own.id] = ChainLink(own.id, own.site_id, own.url, own.appeared_at, parent)
    for chain_link in known.values():
        steps, at = 0, chain_link.parent
        while at is not None:
            steps, at = steps + 1, known[at].parent
            assert steps <= len(known)
