"""The declared shares of threads: what each kind may use, for every number of threads and whatever the others use."""

from hypothesis import given
from hypothesis import strategies as st

from coordinator.jobs.work_kinds import WORK_KINDS
from coordinator.jobs.work_shares import Share, free_threads

SHARES = {name: kind.share for name, kind in WORK_KINDS.items()}


def test_only_deliveries_may_take_everything_and_looks_at_sites_are_declared() -> None:
    assert [name for name, share in SHARES.items() if share is Share.DELIVERIES] == ["delivery"]
    assert [name for name, share in SHARES.items() if share is Share.LOOKS] == ["source_check"]
    assert {name for name, share in SHARES.items() if share is Share.BACKGROUND} == {
        "rendered_look", "inspection", "source_discovery",
    }  # fmt: skip


def test_of_eight_threads_each_kind_alone_gets_this_many() -> None:
    alone = {kind: free_threads(kind, {}, SHARES, 8) for kind in SHARES}
    assert (alone["delivery"], alone["page_check"], alone["source_check"], alone["source_discovery"]) == (8, 3, 3, 2)


def _filled(order: list[str], workers: int) -> dict[str, int]:
    """The threads in use after the kinds took what they may, in this order."""
    busy = dict.fromkeys(SHARES, 0)
    for kind in order:
        busy[kind] += free_threads(kind, busy, SHARES, workers)
    return busy


@given(st.lists(st.sampled_from([kind for kind in SHARES if kind != "delivery"]), max_size=30), st.integers(1, 64))
def test_whatever_takes_threads_deliveries_keep_half_and_no_limit_is_exceeded(order: list[str], workers: int) -> None:
    busy = _filled(order, workers)
    assert all(count >= 0 for count in busy.values())
    assert free_threads("delivery", busy, SHARES, workers) >= workers // 2


@given(st.lists(st.sampled_from([kind for kind in SHARES if SHARES[kind] in {Share.LOOKS, Share.BACKGROUND}])),
       st.integers(3, 64))  # fmt: skip
def test_looks_at_sites_always_leave_a_thread_to_checks_of_pages(order: list[str], workers: int) -> None:
    assert free_threads("page_check", _filled(order, workers), SHARES, workers) >= 1


@given(st.integers(1, 64), st.sampled_from(sorted(SHARES)))
def test_every_kind_is_done_with_any_number_of_threads(workers: int, kind: str) -> None:
    assert free_threads(kind, {}, SHARES, workers) >= 1
