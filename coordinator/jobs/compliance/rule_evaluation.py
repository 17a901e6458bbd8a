"""Evaluation of the compliance rules on the evidence added since the last run."""

import logging

from campaigns.compliance import rule_evaluation
from coordinator.jobs.context import JobContext
from coordinator.logs import event_fields

log = logging.getLogger(__name__)

AT_ONCE = 100  # pages in one transaction, so that other writers do not wait for long
MOST = 50  # transactions in one tick


def sweep(context: JobContext) -> int:
    """Evaluate the rules on new evidence; returns the number of proposed findings."""
    proposed = 0
    for _turn in range(MOST):
        with context.database.write() as session:
            done = rule_evaluation.sweep_evidence(session, AT_ONCE, now=context.now())
        proposed += done.proposed
        if not done.more or context.stopping.is_set():
            break
    if proposed:
        log.info("%d findings proposed", proposed, extra=event_fields("proposed", work="compliance"))
    return proposed
