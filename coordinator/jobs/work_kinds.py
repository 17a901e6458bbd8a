"""The kinds of background work, in one literal table: how each is claimed, run, and settled after a crash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from campaigns.core.ledger import Claim
from coordinator.jobs.alarm_webhook import AlarmKind
from coordinator.jobs.channels.accounts import AccountKind
from coordinator.jobs.compliance import inspections
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery.broadcasts import BroadcastKind
from coordinator.jobs.delivery.deliveries import DeliveryKind
from coordinator.jobs.delivery.engagement import EngagementKind
from coordinator.jobs.delivery.websub_push import HubKind
from coordinator.jobs.discovery import source_check, source_discovery, webmentions
from coordinator.jobs.imports import import_runs
from coordinator.jobs.people.mail_outbox import PersonalMailKind
from coordinator.jobs.reporting import schedules
from coordinator.jobs.reporting.report_mail import ReportMailKind
from coordinator.jobs.republications import page_check, rendered_look
from coordinator.jobs.sending import SendKind


@dataclass(frozen=True)
class WorkKind:
    """``claim`` leases due rows up to a limit; ``run`` processes and settles one; ``record_crash`` settles one whose
    ``run`` raised a program error, so that it is retried later and not in a tight loop. ``at_once``: the number of rows
    that one thread claims together; one where a row may take its whole deadline, so that no row waits behind a slow
    host."""

    claim: Callable[[JobContext, int], list[Claim]]
    run: Callable[[JobContext, Claim], None]
    record_crash: Callable[[JobContext, Claim, BaseException], None]
    at_once: int = 8


def _sent(kind: SendKind[Any], at_once: int = 8) -> WorkKind:
    return WorkKind(kind.claim, kind.run, kind.record_crash, at_once)


WORK_KINDS: Mapping[str, WorkKind] = MappingProxyType(
    {
        "delivery": _sent(DeliveryKind()),
        "broadcast": _sent(BroadcastKind(), at_once=1),
        "account_check": _sent(AccountKind(), at_once=1),
        "websub": _sent(HubKind()),
        "source_check": WorkKind(source_check.claim, source_check.check_source, source_check.record_crash, at_once=1),
        "page_check": WorkKind(page_check.claim, page_check.check_page, page_check.record_crash, at_once=1),
        "rendered_look": WorkKind(
            rendered_look.claim, rendered_look.look_at_page, rendered_look.record_crash, at_once=1
        ),
        "engagement": _sent(EngagementKind()),
        "webmention": WorkKind(webmentions.claim, webmentions.check_mention, webmentions.record_crash, at_once=1),
        "personal_mail": _sent(PersonalMailKind(), at_once=1),
        "alarm": _sent(AlarmKind(), at_once=1),
        "scheduled_report": WorkKind(schedules.claim, schedules.make_report_files, schedules.record_crash, at_once=1),
        "report_mail": _sent(ReportMailKind(), at_once=1),
        "table_import": WorkKind(import_runs.claim, import_runs.run_import, import_runs.record_crash, at_once=1),
        "inspection": WorkKind(inspections.claim, inspections.inspect_site, inspections.record_crash, at_once=1),
        "source_discovery": WorkKind(
            source_discovery.claim, source_discovery.discover_sources, source_discovery.record_crash, at_once=1
        ),
    }
)
