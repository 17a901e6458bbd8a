"""Signs of life: alive, ready, and figures for monitoring."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from campaigns.reporting import monitoring
from coordinator.web.public.figures import Figures
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
            if monitoring.clock_lead(session, now=now) <= 0:
                problems.append("no clock is running")
            if monitoring.lateness(session, now=now) > 300:
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
    registry = CollectorRegistry()
    registry.register(Figures(front()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
