"""Release of scheduled bulletins whose time has come, and its announcement to the hub's subscribers."""

import logging
from collections.abc import Sequence

from campaigns.delivery import websub_subscriptions
from campaigns.release import workflow
from coordinator.jobs.context import JobContext
from coordinator.logs import event_fields

log = logging.getLogger(__name__)


def release_due(context: JobContext) -> Sequence[str]:
    """Release the bulletins that are due; returns their codes."""
    with context.database.write() as session:
        codes = workflow.release_due(session, now=context.now())
        if codes:
            websub_subscriptions.announce_change(session, now=context.now())
    for code in codes:
        log.info("released %s", code, extra=event_fields("released", work="clock", bulletin=code))
    return codes
