"""The kinds of background work, in one literal table: how each is claimed, run, and settled after a crash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from campaigns.compliance.inspections import Inspection
from campaigns.core.import_runs import ImportRun
from campaigns.core.ledger import Claim, WorkItem
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source
from campaigns.discovery.surveys import Survey
from campaigns.discovery.webmentions import Webmention
from campaigns.reporting.schedules.report_mail import ReportRun
from coordinator.jobs.alarm_webhook import AlarmKind
from coordinator.jobs.channels.accounts import AccountKind
from coordinator.jobs.compliance import inspections
from coordinator.jobs.context import JobContext
from coordinator.jobs.core import import_runs
from coordinator.jobs.delivery.broadcasts import BroadcastKind
from coordinator.jobs.delivery.deliveries import DeliveryKind
from coordinator.jobs.delivery.engagement import EngagementKind
from coordinator.jobs.delivery.websub_push import HubKind
from coordinator.jobs.discovery import source_check, source_discovery, webmentions
from coordinator.jobs.people.mail_outbox import PersonalMailKind
from coordinator.jobs.people.web_push import PushKind
from coordinator.jobs.reporting import schedules
from coordinator.jobs.reporting.report_mail import ReportMailKind
from coordinator.jobs.republications import page_check, rendered_look
from coordinator.jobs.sending import SendKind
from coordinator.jobs.work_shares import Share


@dataclass(frozen=True)
class WorkKind:
    """``claim`` leases due rows up to a limit; ``run`` processes and settles one; ``record_crash`` settles one whose
    ``run`` raised a program error, so that it is retried later and not in a tight loop. ``table``: its rows; ``share``:
    what part of the threads it may use; ``large``: whether it takes so much memory that one thread does all of it."""

    table: type[WorkItem]
    claim: Callable[[JobContext, int], list[Claim]]
    run: Callable[[JobContext, Claim], None]
    record_crash: Callable[[JobContext, Claim, BaseException], None]
    share: Share = Share.CHECKS
    large: bool = False


def _sent(kind: SendKind[Any], share: Share = Share.CHECKS) -> WorkKind:
    return WorkKind(kind.table, kind.claim, kind.run, kind.record_crash, share)


WORK_KINDS: Mapping[str, WorkKind] = MappingProxyType(
    {
        "delivery": _sent(DeliveryKind(), share=Share.DELIVERIES),
        "broadcast": _sent(BroadcastKind()),
        "account_check": _sent(AccountKind()),
        "websub": _sent(HubKind()),
        "source_check": WorkKind(
            Source, source_check.claim, source_check.check_source, source_check.record_crash, share=Share.LOOKS
        ),
        "page_check": WorkKind(Page, page_check.claim, page_check.check_page, page_check.record_crash),
        "rendered_look": WorkKind(
            Page,
            rendered_look.claim,
            rendered_look.look_at_page,
            rendered_look.record_crash,
            share=Share.BACKGROUND,
        ),
        "engagement": _sent(EngagementKind()),
        "webmention": WorkKind(Webmention, webmentions.claim, webmentions.check_mention, webmentions.record_crash),
        "personal_mail": _sent(PersonalMailKind()),
        "push": _sent(PushKind()),
        "alarm": _sent(AlarmKind()),
        "scheduled_report": WorkKind(ReportRun, schedules.claim, schedules.make_report_files, schedules.record_crash),
        "report_mail": _sent(ReportMailKind()),
        "table_import": WorkKind(
            ImportRun, import_runs.claim, import_runs.run_import, import_runs.record_crash, large=True
        ),
        "inspection": WorkKind(
            Inspection, inspections.claim, inspections.inspect_site, inspections.record_crash, share=Share.BACKGROUND
        ),
        "source_discovery": WorkKind(
            Survey,
            source_discovery.claim,
            source_discovery.discover_sources,
            source_discovery.record_crash,
            share=Share.BACKGROUND,
        ),
    }
)
