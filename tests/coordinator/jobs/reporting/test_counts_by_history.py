"""After any history every figure equals a count by hand over the rows."""

import itertools
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core.clock import CITY, Period, parse_period
from campaigns.planning.campaigns import Metric
from campaigns.reporting import partner_claims, reach, removals, tallies
from campaigns.reporting.count_proof import UnprovenCopy
from campaigns.reporting.rollups import rollup
from campaigns.reporting.tallies import TallyRow, TallyScope
from campaigns.rows import METADATA
from coordinator.jobs.reporting.count_check import check_count
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.reporting.random_histories import (
    PAGES,
    SITES,
    VARIANTS,
    Decide,
    Event,
    Find,
    History,
    Point,
    Put,
    Recall,
    Say,
    Take,
    Wait,
    Web,
    bulletins_of,
    companies_of,
    place_of,
)

_site, _page, _text = st.integers(0, SITES - 1), st.integers(0, PAGES - 1), st.integers(0, 1)
_variant = st.integers(0, len(VARIANTS) - 1)
_shape = st.sampled_from(["full", "full", "unnamed", "half", "teaser", "other"])
_put = st.builds(Put, _site, _page, _text, _shape)
_say = st.builds(Say, _site, _page, _text, _variant, st.integers(1, 12))
EVENTS: st.SearchStrategy[Event] = st.one_of(
    _put, _put, _say, _say, st.builds(Take, _site, _page), st.builds(Point, _site, _page, _page),
    st.builds(Find, _site, _page, _variant), st.builds(Decide, st.integers(0, 9), st.booleans()),
    st.builds(Wait, st.sampled_from([1, 7, 30, 200])), st.builds(Recall, _text),
)  # fmt: skip
PERIODS = ("2026-Q4", "2026-11", "2026-11-24", "2026-11-25..2026-12-01", "2027")

# One page that a partner reports a thousand times; one company's two sites; a page that becomes another's alias.
THOUSAND: list[Event] = [Put(0, 0, 0, "full"), Say(0, 0, 0, 0, 1000), Wait(30)]
SISTERS: list[Event] = [Put(0, 0, 0, "full"), Say(0, 0, 0, 0, 1), Put(1, 0, 0, "full"), Say(1, 0, 0, 3, 2), Wait(30)]
MERGED: list[Event] = [
    Put(2, 0, 1, "full"), Say(2, 0, 1, 0, 3), Put(2, 1, 1, "full"), Say(2, 1, 1, 1, 3), Point(2, 1, 0), Wait(30),
    Wait(30), Decide(0, False), Decide(0, True), Take(2, 0), Wait(30), Wait(30),
]  # fmt: skip
RECALLED: list[Event] = [
    Put(0, 0, 0, "full"), Say(0, 0, 0, 0, 1), Put(2, 1, 0, "full"), Say(2, 1, 0, 0, 1), Recall(0), Take(0, 0), Wait(30),
    Wait(30),
]  # fmt: skip

Rows = list[Any]


class Kept:
    """The raw rows, read table by table, and every question answered by walking them."""

    def __init__(self, session: Session) -> None:
        self.table = {name: self._all(session, name) for name in (
            "republications", "sightings", "pages", "sites", "companies", "keys", "bulletins", "teasers", "deliveries",
            "channels", "topics",
        )}  # fmt: skip
        self.company_of_site = {item.id: item.company_id for item in self.table["sites"]}
        self.bulletin = {item.id: item for item in self.table["bulletins"]}
        self.company = {item.id: item for item in self.table["companies"]}

    @staticmethod
    def _all(session: Session, name: str) -> Rows:
        return list(session.execute(sa.select(METADATA.tables[name])).all())

    def _mine(self, row: Any, scope: TallyScope) -> bool:
        topic = self.bulletin[row.bulletin_id].topic_id
        return (
            scope.period.first <= row.counted_on <= scope.period.last
            and scope.topic_id in (None, topic)
            and scope.company_id in (None, self.company_of_site[row.site_id])
        )

    def line(self, scope: TallyScope, wanted: Callable[[Any], bool] = lambda _row: True) -> tuple[int, ...]:
        """found, confirmed, review, rejected, gone, attributed, teasers, partial, unreadable, source_unseen,
        pictures."""
        rows = [row for row in self.table["republications"] if self._mine(row, scope) and wanted(row)]
        by = Counter(row.status.value for row in rows)
        sure = [row for row in rows if row.status.value == "confirmed"]
        return (
            len(rows), by["confirmed"], by["review"], by["rejected"],
            sum(row.life.value == "gone" for row in sure),
            sum(row.attribution.value == "linked_at_end" for row in sure),
            sum(self._mine(row, scope) and wanted(row) for row in self.table["teasers"]),
            sum(row.match.value == "partial" for row in sure),
            sum(row.life.value == "unreadable" and row.status.value != "rejected" for row in rows),
            sum(row.attribution.value == "not_seen" for row in sure),
            sum(row.match.value == "picture" for row in sure),
        )  # fmt: skip

    def delivered(self, scope: TallyScope) -> int:
        """Bulletins that arrived, once a channel."""
        owner = {item.id: item.company_id for item in self.table["channels"]}
        return len({
            (row.bulletin_id, row.channel_id)
            for row in self.table["deliveries"]
            if row.state.value == "delivered"
            and self.bulletin[row.bulletin_id].released_on in scope.period
            and scope.topic_id in (None, self.bulletin[row.bulletin_id].topic_id)
            and scope.company_id in (None, owner[row.channel_id])
        })  # fmt: skip

    def claimed(self, company: int, period: Period) -> partner_claims.ClaimCounts:
        """A company's claims, each bulletin on each page once, in the period in which it was first made."""
        actors = {f"key:{item.public}" for item in self.table["keys"] if item.company_id == company}
        pages = {item.id for item in self.table["pages"] if item.alias_of_id is None}
        first: dict[tuple[int, int], Any] = {}
        for item in self.table["sightings"]:
            if item.source in actors and item.how.value in {"reported", "announced"} and item.page_id in pages:
                key = (item.page_id, item.bulletin_id)
                first[key] = min(first.get(key, item.at), item.at)
        came: Counter[str] = Counter()
        for row in self.table["republications"]:
            at = first.get((row.page_id, row.bulletin_id))
            if at is not None and at.astimezone(CITY).date() in period:
                came[row.status.value] += 1
        return partner_claims.ClaimCounts(
            came.total(), came["confirmed"], came["review"], came["rejected"], came["candidate"]
        )

    def removed(self) -> dict[str, tuple[int, float | None, float | None, int]]:
        """By partner: copies gone since a recall, median and longest time in seconds, and copies still up."""
        times: dict[str, list[float]] = {}
        up: Counter[str] = Counter()
        for row in self.table["republications"]:
            recalled = self.bulletin[row.bulletin_id].recalled_at
            if recalled is None or row.status.value not in {"confirmed", "review"}:
                continue
            code = self.company[self.company_of_site[row.site_id]].code
            if row.life.value != "gone":
                up[code] += 1
            elif row.gone_at > recalled:
                left = row.missing_since or row.gone_at
                took = (left - max(recalled, row.first_seen_at)).total_seconds()
                times.setdefault(code, []).append(max(took, 0.0))
        return {
            code: (
                len(times.get(code, [])),
                statistics.median(times[code]) if code in times else None,
                max(times.get(code, []), default=None),
                up[code],
            )
            for code in {*times, *up}
        }


def figures(row: TallyRow) -> tuple[int, ...]:
    return tuple(getattr(row, name) for name in TallyRow._fields[3:])


def every_number_is_right(session: Session, history: History) -> None:
    """Ask everything that is asked of rows, and count it by hand."""
    kept = Kept(session)
    companies, bulletins = companies_of(session), bulletins_of(session)
    quarter, topic = parse_period(PERIODS[0]), bulletins[0].topic_id
    scopes = [TallyScope(parse_period(label)) for label in PERIODS]
    scopes += [TallyScope(quarter, None, None, company.id) for company in companies]
    scopes += [TallyScope(quarter, None, topic), TallyScope(quarter, None, topic, companies[0].id)]
    for scope in scopes:
        line = kept.line(scope)
        assert figures(tallies.totals(session, scope)) == line
        assert tallies.totals(session, scope).delivered == kept.delivered(scope)
        for by, belongs in {
            "partner": lambda row: kept.company[kept.company_of_site[row.site_id]].code,
            "site": lambda row: next(item.code for item in kept.table["sites"] if item.id == row.site_id),
            "topic": lambda row: next(
                item.code for item in kept.table["topics"] if item.id == kept.bulletin[row.bulletin_id].topic_id
            ),
            "day": lambda row: row.counted_on.isoformat(),
        }.items():
            shown = tallies.rows(session, scope, by)
            for row in shown:
                wanted = kept.line(scope, lambda one, at=belongs, key=row.key: at(one) == key)  # type: ignore[misc]
                assert figures(row) == wanted, (by, row)
            assert sum(row.confirmed for row in shown) == line[1]
        assert tallies.actual(session, scope, Metric.REPUBLICATIONS) == line[1]
        partners = {
            kept.company_of_site[row.site_id]
            for row in kept.table["republications"]
            if row.status.value == "confirmed" and kept._mine(row, scope)
        }
        assert tallies.actual(session, scope, Metric.PARTNERS) == len(partners)
        seen = line[1] - line[9]  # of the others nobody saw the source
        assert tallies.actual(session, scope, Metric.ATTRIBUTION_RATE) == (100 * line[5] / seen if seen else 0)
    for company, label in itertools.product(companies, PERIODS):
        period = parse_period(label)
        wanted = kept.claimed(company.id, period)
        assert partner_claims.claim_counts(session, company.id, period) == wanted
        listed = {one.code: one.claims for one in partner_claims.claims_by_partner(session, period)}
        assert listed.get(company.code, partner_claims.ClaimCounts()) == wanted
    values = {
        partner_removals.code: (
            partner_removals.removed,
            partner_removals.median,
            partner_removals.longest,
            partner_removals.still_up,
        )
        for partner_removals in removals.removals_by_partner(session)
    }
    assert values == kept.removed()
    assert list(rollup.find_differences(session)) == []
    unproven: list[UnprovenCopy] = []
    check = check_count(history.scene.database, history.scene.context.store, unproven.append)
    assert (unproven, check.journal) == ([], None)
    everything = TallyScope(Period(date(2000, 1, 1), date(2100, 1, 1), ""))
    for ident, bulletin_reach in reach.reach_of(session, [row.id for row in bulletins]).items():
        line = kept.line(everything, lambda row, wanted=ident: row.bulletin_id == wanted)  # type: ignore[misc]
        assert (
            bulletin_reach.confirmed,
            bulletin_reach.review,
            bulletin_reach.rejected,
            bulletin_reach.gone,
            bulletin_reach.teasers,
            bulletin_reach.unreadable,
        ) == (*line[1:5], line[6], line[8])
    over = history.scene.context.now() - timedelta(hours=24)
    late = [
        row for row in kept.table["republications"]
        if row.stale and row.life.value != "gone" and row.status.value in {"confirmed", "review"}
        and row.stale_since <= over
    ]  # fmt: skip
    assert len(removals.outdated_copies(session, now=history.scene.context.now())) == len(late)


@contextmanager
def lived(kept: Any, folder: Path, events: list[Event]) -> Iterator[History]:
    """The history of these events in a database of its own."""
    with kept.fresh(folder / "history.db") as database:
        web = Web()
        history = History(JobHarness(database, folder, web), web)  # type: ignore[arg-type]  # the part of a door in use
        for event in events:
            history.live(event)
        yield history


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=24))
@example(events=THOUSAND)
@example(events=SISTERS)
@example(events=MERGED)
@example(events=RECALLED)
def test_after_any_history_every_number_equals_a_count_by_hand(
    kind: str, events: list[Event], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with lived(request.getfixturevalue(f"kept_{kind}"), tmp_path, events) as history:
        with history.scene.database.read() as session:
            every_number_is_right(session, history)
        history.settle()
        with history.scene.database.read() as session:
            every_number_is_right(session, history)
            kept = Kept(session)
        rows = kept.table["republications"]
        sure = {(kept.bulletin[item.bulletin_id].code, place_of(item.canonical_url)) for item in rows if _counts(item)}
        decided = {place_of(item.canonical_url) for item in rows if item.public in history.decided}
        assert {entry for entry in history.must_count() if entry[1] not in decided} <= sure


def _counts(row: Any) -> bool:
    return bool(row.status.value == "confirmed")


@pytest.mark.parametrize(
    ("events", "confirmed"), [(THOUSAND, 1), (SISTERS, 2)], ids=["a thousand claims", "two sites of one company"]
)
def test_what_counts_as_one(kept_sqlite: Any, tmp_path: Path, events: list[Event], confirmed: int) -> None:
    with lived(kept_sqlite, tmp_path, events) as history, history.scene.database.read() as session:
        scope = TallyScope(parse_period("2026-Q4"))
        assert tallies.totals(session, scope).confirmed == confirmed
        assert tallies.actual(session, scope, Metric.PARTNERS) == 1
        assert partner_claims.claim_counts(session, companies_of(session)[0].id).made == confirmed
