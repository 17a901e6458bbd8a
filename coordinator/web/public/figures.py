"""What ``/metrics`` tells, in Prometheus' terms: one function a subject, in one literal table.

Labels come from enums, tables and the registry of kinds alone, never from what somebody typed, so that there are a few
hundred series at most. ``docs/how-to/watch-it.md`` lists them all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.core import presence, spells
from campaigns.publishing import accounts
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery
from campaigns.reporting import adding, monitoring
from campaigns.reporting.waiting import waiting
from campaigns.tracking.watching import standings
from coordinator.jobs.disks import room
from coordinator.jobs.workplace import Front


@dataclass(frozen=True)
class View:
    """What every subject is read from: one session, at one moment."""

    session: Session
    front: Front
    now: datetime


WORK: tuple[tuple[str, str, Callable[[monitoring.Work], float]], ...] = (
    ("lantoa_work_due", "Rows whose time has come and that nobody has", lambda one: one.due),
    ("lantoa_work_late_seconds", "How late the oldest of them is", lambda one: one.late),
    ("lantoa_work_held", "Rows in a worker's hands", lambda one: one.held),
    ("lantoa_work_leases_expired", "Leases that ran out and were not taken up yet", lambda one: one.expired),
)


def _deliveries(at: View) -> Iterator[Metric]:
    states = GaugeMetricFamily("lantoa_deliveries", "Deliveries by state", labels=["state"])
    for state, number in at.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)):
        states.add_metric([state.value], number)
    yield states
    late = monitoring.lateness(at.session, now=at.now)
    yield GaugeMetricFamily("lantoa_due_lag_seconds", "How late the oldest delivery is that could be sent", value=late)


def _work(at: View) -> Iterator[Metric]:
    found = monitoring.work(at.session, now=at.now)
    for name, words, take in WORK:
        family = GaugeMetricFamily(name, words, labels=["work"])
        for kind, one in sorted(found.items()):
            family.add_metric([kind], take(one))
        yield family


def _attempts(at: View) -> Iterator[Metric]:
    outcomes, durations = at.front.place.figures.attempts(at.session, now=at.now)
    tries = CounterMetricFamily("lantoa_attempts", "Tries by kind of channel and outcome", labels=["kind", "outcome"])
    for (kind, outcome), number in sorted(outcomes.items()):
        tries.add_metric([kind, outcome], number)
    yield tries
    lasted = HistogramMetricFamily("lantoa_attempt_seconds", "How long tries took that were ours", labels=["kind"])
    for kind, one in sorted(durations.items()):
        upto, buckets = 0, []
        for most, number in zip((*map(str, monitoring.BUCKETS), "+Inf"), one.within, strict=True):
            upto += number
            buckets.append((most, upto))
        lasted.add_metric([kind], buckets, one.total)
    yield lasted


def _channels(at: View) -> Iterator[Metric]:
    states = GaugeMetricFamily("lantoa_channels", "Channels by state", labels=["state"])
    for state, number in at.session.execute(select(Channel.state, func.count()).group_by(Channel.state)):
        states.add_metric([state.value], number)
    yield states
    resting = GaugeMetricFamily("lantoa_channels_resting", "Channels whose breaker is open", labels=["kind"])
    breakers = select(Channel.kind, func.count()).where(Channel.opened > 0).group_by(Channel.kind)
    for kind, number in at.session.execute(breakers):
        resting.add_metric([kind], number)
    yield resting
    left = GaugeMetricFamily("lantoa_quota_left", "What the scarcest account has left", labels=["kind", "quota"])
    for (kind, quota), least in sorted(accounts.scarcest(at.session).items()):
        left.add_metric([kind, quota], least)
    yield left


def _feeds(at: View) -> Iterator[Metric]:
    partners = CounterMetricFamily("lantoa_partner_feed_reads", "Reads of partners' feeds", labels=["feed", "status"])
    for (feed, status), number in sorted(at.front.place.figures.fetches(at.session, now=at.now).items()):
        partners.add_metric([feed, status], number)
    yield partners
    public = CounterMetricFamily(
        "lantoa_public_feed_reads", "Reads of public feeds that reached this process", labels=["feed", "status"]
    )
    for (feed, status), number in sorted(at.front.place.replies.counts().items()):
        public.add_metric([feed, status], number)
    yield public
    kept = at.front.place.feeds.counts()
    yield GaugeMetricFamily("lantoa_feed_cache_bytes", "Bytes of feeds that this process keeps", value=kept.weight)
    found = CounterMetricFamily("lantoa_feed_cache_lookups", "Look-ups in what it keeps", labels=["found"])
    found.add_metric(["yes"], kept.hits)
    found.add_metric(["no"], kept.misses)
    yield found


def _watching(at: View) -> Iterator[Metric]:
    sources = GaugeMetricFamily("lantoa_sources", "Watched lists by standing", labels=["standing"])
    for standing, number in standings(at.session).items():
        sources.add_metric([standing], number)
    yield sources


def _people(at: View) -> Iterator[Metric]:
    family = GaugeMetricFamily("lantoa_waiting", "What waits for a person", labels=["what"])
    for what, number in asdict(waiting(at.session, at.front.place.natures, now=at.now)).items():
        family.add_metric([what], number)
    yield family


def _alarms(at: View) -> Iterator[Metric]:
    family = GaugeMetricFamily("lantoa_alarms", "Alarms that go on", labels=["code"])
    for code, number in sorted(Counter(one.code for one in spells.ongoing(at.session)).items()):
        family.add_metric([code], number)
    yield family


def _processes(at: View) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "lantoa_clock_lead_seconds",
        "For how long the leading clock still leads; negative since it fell silent",
        value=monitoring.clock_lead(at.session, now=at.now),
    )
    there = presence.present(at.session, now=at.now)
    processes = GaugeMetricFamily("lantoa_processes", "Processes that have signed in the last minute", labels=["part"])
    for part in ("web", "clock", "work"):
        processes.add_metric([part], len(there.get(part, ())))
    yield processes


def _sums(at: View) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "lantoa_tally_changes", "Changes of what is counted that are not added up yet", value=adding.waiting(at.session)
    )


def _disk(at: View) -> Iterator[Metric]:
    free, whole = room(at.front.settings.data_dir)
    yield GaugeMetricFamily("lantoa_disk_free_bytes", "Room where this machine's data folder is", value=free)
    yield GaugeMetricFamily("lantoa_disk_bytes", "The size of that disk", value=whole)


SUBJECTS: tuple[Callable[[View], Iterator[Metric]], ...] = (
    _deliveries, _work, _attempts, _channels, _feeds, _watching, _people, _alarms, _processes, _sums, _disk,
)  # fmt: skip


class Figures(Collector):
    """Every subject, read at one moment of the database."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def collect(self) -> Iterable[Metric]:
        """All families; raises ``SQLAlchemyError`` where the database does not answer."""
        place = self._front.place
        with place.figuring, place.database.read() as session:
            at = View(session, self._front, place.now())
            return [family for subject in SUBJECTS for family in subject(at)]

    def describe(self) -> Iterable[Metric]:
        """Nothing: what is told is known when it is asked for, and registering must not read the database."""
        return []
