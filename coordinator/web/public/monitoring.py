"""Health checks and Prometheus metrics."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from campaigns.channels import accounts
from campaigns.channels.channels import Channel
from campaigns.core import incidents, journal, leases
from campaigns.core.journal import SealState
from campaigns.delivery.outbox import Delivery
from campaigns.discovery.site_sources import standing_counts
from campaigns.reporting import monitoring
from campaigns.reporting.pending_work import pending_counts
from campaigns.reporting.rollups import rollup
from coordinator.jobs.context import AppContext
from coordinator.storage.folder import disk_space
from coordinator.web.auth.security import app_context


@dataclass(frozen=True)
class MetricsView:
    """The source of every metric: one session, at one moment."""

    session: Session
    app: AppContext
    now: datetime


WORK_GAUGES: tuple[tuple[str, str, Callable[[monitoring.WorkBacklog], float]], ...] = (
    ("lantoa_work_due", "Rows that are due and not leased", lambda backlog: backlog.due),
    ("lantoa_work_late_seconds", "Age of the oldest due row that is not leased", lambda backlog: backlog.late),
    ("lantoa_work_held", "Rows leased by a worker", lambda backlog: backlog.held),
    ("lantoa_work_leases_expired", "Expired leases that no worker has claimed again", lambda backlog: backlog.expired),
)


def _deliveries(at: MetricsView) -> Iterator[Metric]:
    states = GaugeMetricFamily("lantoa_deliveries", "Deliveries that have not arrived, by state", labels=["state"])
    # The state of the work for monitoring; not a figure of a report.
    # Those that arrived are counted as attempts: there are millions of them.
    shown = select(Delivery.state, func.count()).where(Delivery.state.in_(monitoring.SHOWN_STATES))
    for state, number in at.session.execute(shown.group_by(Delivery.state)):
        states.add_metric([state.value], number)
    yield states
    late = monitoring.delivery_lateness(at.session, now=at.now)
    yield GaugeMetricFamily("lantoa_due_lag_seconds", "Age of the oldest delivery that could be sent", value=late)


def _work(at: MetricsView) -> Iterator[Metric]:
    backlogs = monitoring.work_backlog(at.session, now=at.now)
    for name, help_text, value_of in WORK_GAUGES:
        family = GaugeMetricFamily(name, help_text, labels=["work"])
        for kind, backlog in sorted(backlogs.items()):
            family.add_metric([kind], value_of(backlog))
        yield family


def _attempts(at: MetricsView) -> Iterator[Metric]:
    outcomes, durations = monitoring.attempts(at.session)
    attempts = CounterMetricFamily(
        "lantoa_attempts", "Attempts by kind of channel and outcome", labels=["kind", "outcome"]
    )
    for (kind, outcome), number in sorted(outcomes.items()):
        attempts.add_metric([kind, outcome], number)
    yield attempts
    seconds = HistogramMetricFamily("lantoa_attempt_seconds", "Duration of attempts", labels=["kind"])
    for kind, duration in sorted(durations.items()):
        cumulated, buckets = 0, []
        for bound, number in zip((*map(str, monitoring.BUCKETS), "+Inf"), duration.within, strict=True):
            cumulated += number
            buckets.append((bound, cumulated))
        seconds.add_metric([kind], buckets, duration.total)
    yield seconds


def _channels(at: MetricsView) -> Iterator[Metric]:
    states = GaugeMetricFamily("lantoa_channels", "Channels by state", labels=["state"])
    # The state of the work for monitoring; not a figure of a report.
    for state, number in at.session.execute(select(Channel.state, func.count()).group_by(Channel.state)):
        states.add_metric([state.value], number)
    yield states
    open_breakers = GaugeMetricFamily("lantoa_channels_resting", "Channels whose breaker is open", labels=["kind"])
    breakers = select(Channel.kind, func.count()).where(Channel.opened > 0).group_by(Channel.kind)
    for kind, number in at.session.execute(breakers):
        open_breakers.add_metric([kind], number)
    yield open_breakers
    left = GaugeMetricFamily("lantoa_quota_left", "Least remaining quota of an account", labels=["kind", "quota"])
    for (kind, quota), least in sorted(accounts.scarcest_quotas(at.session).items()):
        left.add_metric([kind, quota], least)
    yield left


def _feeds(at: MetricsView) -> Iterator[Metric]:
    partners = CounterMetricFamily("lantoa_partner_feed_reads", "Reads of partners' feeds", labels=["feed", "status"])
    for (feed, status), number in sorted(monitoring.fetches(at.session).items()):
        partners.add_metric([feed, status], number)
    yield partners
    public = CounterMetricFamily(
        "lantoa_public_feed_reads", "Reads of public feeds that reached this process", labels=["feed", "status"]
    )
    for (feed, status), number in sorted(at.app.job_context.feed_responses.counts().items()):
        public.add_metric([feed, status], number)
    yield public


def _source_health(at: MetricsView) -> Iterator[Metric]:
    sources = GaugeMetricFamily("lantoa_sources", "Watched sources by standing", labels=["standing"])
    for standing, number in standing_counts(at.session).items():
        sources.add_metric([standing], number)
    yield sources


def _people(at: MetricsView) -> Iterator[Metric]:
    family = GaugeMetricFamily("lantoa_waiting", "Items that wait for a person", labels=["what"])
    for what, number in asdict(pending_counts(at.session, at.app.job_context.delivery_modes, now=at.now)).items():
        family.add_metric([what], number)
    yield family


def _alarms(at: MetricsView) -> Iterator[Metric]:
    family = GaugeMetricFamily("lantoa_alarms", "Ongoing alarms", labels=["code"])
    for code, number in sorted(Counter(incident.code for incident in incidents.ongoing_incidents(at.session)).items()):
        family.add_metric([code], number)
    yield family


def _processes(at: MetricsView) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "lantoa_clock_lead_seconds",
        "Seconds until the lease of the leading clock ends; negative once it has expired",
        value=monitoring.clock_lead(at.session, now=at.now),
    )
    processes_by_part = leases.live_processes(at.session, now=at.now)
    processes = GaugeMetricFamily("lantoa_processes", "Processes that work", labels=["part"])
    for part in ("web", "clock", "work", "consumer", "render"):
        processes.add_metric([part], len(processes_by_part.get(part, ())))
    yield processes


def _tally_state(at: MetricsView) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "lantoa_tally_changes",
        "Changes that are not yet part of the rollups",
        value=rollup.count_pending(at.session),
    )


def _backup(at: MetricsView) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "lantoa_backup_age_seconds",
        "Seconds since the last backup; without one since the installation's first act",
        value=monitoring.backup_age(at.session, now=at.now).total_seconds(),
    )


def _disk(at: MetricsView) -> Iterator[Metric]:
    free, whole = disk_space(at.app.settings.data_dir)
    yield GaugeMetricFamily("lantoa_disk_free_bytes", "Free space on the disk of the data folder", value=free)
    yield GaugeMetricFamily("lantoa_disk_bytes", "Size of the disk of the data folder", value=whole)


METRIC_SUBJECTS: tuple[Callable[[MetricsView], Iterator[Metric]], ...] = (
    _deliveries, _work, _attempts, _channels, _feeds, _source_health, _people, _alarms, _processes, _tally_state,
    _backup, _disk,
)  # fmt: skip


class MetricsCollector(Collector):
    """All metrics, read at one moment of the database."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """All families. Raises ``SQLAlchemyError`` if the database does not answer."""
        context = self._app.job_context
        with context.database.read() as session:
            at = MetricsView(session, self._app, context.now())
            return [family for subject in METRIC_SUBJECTS for family in subject(at)]

    def describe(self) -> Iterable[Metric]:
        """No families: registering the collector must not read the database."""
        return []


blueprint = Blueprint("health", __name__)
FULL_BELOW = 5_000_000  # bytes of free space with which SQLite cannot write any more


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 while the process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 if disk, database, secret key, clock, workers, broker and queue work, else 503 with the problems."""
    context = app_context().job_context
    now = context.now()
    problems = []
    full = disk_space(app_context().settings.data_dir)[0] < FULL_BELOW
    if full:
        problems.append("the disk of the data folder is full")
    try:
        with context.database.read() as session:
            live = leases.live_processes(session, now=now)
            silent = full and context.database.on_sqlite  # they run, and have no space to sign
            if not silent and (monitoring.clock_lead(session, now=now) <= 0 or not live.get("clock")):
                problems.append("no clock is running")
            if not silent and not live.get("work"):
                problems.append("no worker is running")
            elif not silent and app_context().settings.broker_url and not live.get("consumer"):
                problems.append("no worker hears the broker")
            if monitoring.delivery_lateness(session, now=now) > 300:
                problems.append("deliveries are more than five minutes late")
            if journal.key_state(session) is SealState.OTHER_KEY:
                problems.append("the database was sealed with another secret key")
    except SQLAlchemyError:
        problems.append("the database does not answer")
    text = "\n".join(problems) or "ready"
    return Response(f"{text}\n", 503 if problems else 200, content_type="text/plain; charset=utf-8")


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus metrics, for the IP addresses and networks in the setting ``metrics_from``."""
    if not app_context().settings.may_read_metrics(request.remote_addr):
        abort(404)
    registry = CollectorRegistry()
    registry.register(MetricsCollector(app_context()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
