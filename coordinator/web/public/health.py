"""Signs of life: alive, ready, and figures for monitoring."""

from dataclasses import asdict

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from campaigns.core.leading import Leader
from campaigns.publishing import claiming
from campaigns.publishing.channels import Channel
from campaigns.publishing.outbox import Delivery
from campaigns.reporting import tallies
from campaigns.tracking.watching import standings
from coordinator.web.security import front

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Database, clock and queue are fine: 200; else 503 with what is not."""
    place = front().place
    now = place.now()
    problems = []
    try:
        with place.database.read() as session:
            leader = session.get(Leader, "clock")
            if leader is None or leader.until <= now:
                problems.append("no clock is running")
            due = claiming.longest_due(session, now=place.now())
            if due is not None and (now - due).total_seconds() > 300:
                problems.append("deliveries are more than five minutes late")
    except SQLAlchemyError:
        problems.append("the database does not answer")
    text = "\n".join(problems) or "ready"
    return Response(f"{text}\n", 503 if problems else 200, content_type="text/plain; charset=utf-8")


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus figures, for the addresses that the settings name."""
    allowed = {one.strip() for one in front().settings.metrics_from.split(",")}
    if request.remote_addr not in allowed:
        abort(404)
    place = front().place
    registry = CollectorRegistry()
    deliveries = Gauge("lantoa_deliveries", "Deliveries by state", ["state"], registry=registry)
    late = Gauge("lantoa_due_lag_seconds", "How late the oldest due delivery is", registry=registry)
    channels = Gauge("lantoa_channels", "Channels by state", ["state"], registry=registry)
    waiting = Gauge("lantoa_waiting", "What waits for a person", ["what"], registry=registry)
    sources = Gauge("lantoa_sources", "Watched sources by standing", ["standing"], registry=registry)
    cached = Gauge("lantoa_feed_cache_bytes", "Bytes of feed fragments kept", registry=registry)
    with place.database.read() as session:
        for state, number in session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)):
            deliveries.labels(state.value).set(number)
        due = claiming.longest_due(session, now=place.now())
        late.set(max((place.now() - due).total_seconds(), 0) if due is not None else 0)
        for standing, number in session.execute(select(Channel.state, func.count()).group_by(Channel.state)):
            channels.labels(standing.value).set(number)
        for standing_, number in standings(session).items():
            sources.labels(standing_).set(number)
        for what, number in asdict(tallies.waiting(session, place.natures, now=place.now())).items():
            waiting.labels(what).set(number)
    cached.set(place.feeds.counts().weight)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
