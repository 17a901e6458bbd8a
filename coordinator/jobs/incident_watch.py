"""Monitoring of the installation: each fault is one incident and raises one alarm to administrators.

The clock watches everything except itself; each web process watches the clock and its own disk.
"""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import incidents, leases, ledger
from campaigns.core.clock import city_day
from campaigns.delivery.outbox import Delivery, is_given_up
from campaigns.discovery.site_sources import standing_counts
from campaigns.people import alarms
from campaigns.planning.campaigns import Campaign, Target
from campaigns.planning.target_progress import MilestoneProgress, MilestoneStatus, TargetProgress, TargetStatus
from campaigns.reporting import monitoring
from campaigns.reporting.schedules import report_mail
from campaigns.reporting.target_status import target_progress
from coordinator.exports.figure_labels import METRIC_LABELS
from coordinator.exports.format import vi_date, vi_number
from coordinator.exports.printable_text import shortened
from coordinator.jobs.context import JobContext
from coordinator.jobs.core.noted_head import note_head
from coordinator.logs import event_fields
from coordinator.mail import message_texts
from coordinator.storage.folder import disk_space
from coordinator.translation import _


@dataclass(frozen=True)
class WatchFinding:
    """The state of one monitored subject. ``wrong``: None where it neither begins nor ends an incident; ``name``: its
    name for people, where that is not the subject."""

    code: str
    subject: str
    wrong: bool | None
    details: Mapping[str, Any]
    name: str = ""


BEHIND, MISSED = "target_behind", "milestone_missed"
# Days until a target's pace is meaningful: before a week is over, quiet days dominate it.
FIRST_DAYS = 7
# A share of the quota: a forecast between it and the quota neither begins nor ends an alarm, which prevents
# alternation.
NEARLY = 0.98
LONGEST_NAME = 120  # characters of a name in a mail


def target_findings(session: Session, context: JobContext) -> list[WatchFinding]:
    """Return the state of every target of the running campaigns and of every past milestone; the incident of a removed
    target or an ended campaign ends."""
    now = context.now()
    today = city_day(now)
    running = sa.select(Campaign).where(Campaign.starts_on <= today, Campaign.ends_on >= today).order_by(Campaign.id)
    found: list[WatchFinding] = []
    for campaign in session.execute(running).scalars():
        for target in campaign.targets:
            if today in target.days(campaign):
                found += _findings_of_target(campaign, target, target_progress(session, campaign, target, now))
    there = {(finding.code, finding.subject) for finding in found}
    gone = [incident for incident in incidents.ongoing_incidents(session) if incident.code in {BEHIND, MISSED}]
    over = [WatchFinding(incident.code, incident.subject, False, {}, str(incident.details.get("name", "")))
            for incident in gone if (incident.code, incident.subject) not in there]  # fmt: skip
    return found + over


def _findings_of_target(campaign: Campaign, target: Target, how: TargetProgress) -> Iterator[WatchFinding]:
    metric = _(METRIC_LABELS[how.metric]).lower()
    name = f"{campaign.plan_number}: {metric}"
    name = shortened(name + (f", {target.topic.name}" if target.topic else ""), LONGEST_NAME)
    about = {"campaign": campaign.code, "metric": how.metric.value, "topic": how.topic, "name": name}
    values = about | {"quota": how.quota, "actual": how.actual, "forecast": round(how.forecast.value, 1)}
    yield WatchFinding(BEHIND, _target_subject(campaign, target), _is_behind(how), values, name)
    for step in how.milestones:
        if (wrong := _is_missed(step)) is not None:
            figures = {"due_on": step.due_on.isoformat(), "figure": step.figure, "reached": step.reached}
            goal = f", {vi_number(step.figure)} {vi_date(step.due_on)}"
            called = shortened(name, LONGEST_NAME - len(goal)) + goal
            yield WatchFinding(
                MISSED, _target_subject(campaign, target, step), wrong, about | figures | {"name": called}, called
            )


def _is_behind(how: TargetProgress) -> bool | None:
    if how.status is not TargetStatus.BEHIND:
        return False
    begun = how.period.length - how.days_left > FIRST_DAYS
    clearly = how.forecast.value < NEARLY * how.quota if how.metric.adds_up else True
    return True if begun and clearly else None


def _is_missed(step: MilestoneProgress) -> bool | None:
    """Return True or False for a past milestone, None for a future one."""
    if step.standing is MilestoneStatus.MISSED:
        return True
    return False if step.standing in {MilestoneStatus.MET, MilestoneStatus.LATE} else None


def _target_subject(campaign: Campaign, target: Target, step: MilestoneProgress | None = None) -> str:
    """Return a subject that stays the same when the campaign is saved, which replaces the rows of its targets."""
    parts: list[Any] = [target.metric.value, target.topic.code if target.topic else "", target.period or ""]
    parts += [step.due_on] if step is not None else []
    digest = blake2b("\n".join(map(str, parts)).encode(), digest_size=6).hexdigest()
    return f"{campaign.code[:46]}.{digest}"


log = logging.getLogger(__name__)

LATE, PUNCTUAL = 300.0, 60.0  # seconds: an alarm begins beyond the first and ends below the second
SILENT = 60.0  # seconds without a clock: three times the time until another takes over
FEW_SOURCES, PART_OF_SOURCES = (
    5,
    0.3,
)  # the number and the share of failing sources from which our own connection is the likely cause
UNIT_FAILED, BACKUP_UNIT = "unit_failed", "lantoa-backup"
UNIT_QUIET = timedelta(hours=1)  # the supervisor starts a process anew; failing again later is another incident
UNSENT_FOR = timedelta(hours=1)  # the longest wait of a report that could not be mailed
ALARM_BELOW_FREE, ALARM_ENDS_ABOVE_FREE = (
    0.05,
    0.08,
)  # of a disk: an alarm begins below the first and ends above the second


def watch_work(context: JobContext) -> None:
    """Check the work, from the clock: late and dead deliveries, channels without authorisation, failing sites, and
    the journal's noted end, which is renewed while it holds."""
    looks = (
        _delivery_findings,
        _channel_findings,
        _site_findings,
        _report_mail_findings,
        _given_up_findings,
        _backup_findings,
        _gone_machine_findings,
        _unit_findings,
        _journal_findings,
    )
    _record_findings(context, lambda session: [finding for look in looks for finding in look(session, context)])


def watch_targets(context: JobContext) -> None:
    """Check the targets, from the clock each hour: those that fell behind, and missed milestones."""
    _record_findings(context, lambda session: target_findings(session, context))


def watch_clock(context: JobContext) -> None:
    """Check, from the web, that a clock leads. Without any clock so far the installation is still being set up."""

    def found(session: Session) -> list[WatchFinding]:
        lead = monitoring.clock_lead(session, now=context.now())
        wrong = None if -SILENT <= lead <= 0 or lead == float("-inf") else lead < 0
        return [WatchFinding("no_clock", "", wrong, {"seconds": round(-lead) if wrong else 0})]

    _record_findings(context, found)


def web_watch(context: JobContext, folder: Path) -> Callable[[], None]:
    """Return the checks of a web process; ``folder``: its data folder."""

    def look() -> None:
        watch_clock(context)
        watch_disk(context, folder)

    return look


def watch_disk(context: JobContext, folder: Path) -> None:
    """Check the disk of this machine's data folder."""
    free, whole = disk_space(folder)
    part = free / whole
    wrong = True if part < ALARM_BELOW_FREE else False if part > ALARM_ENDS_ABOVE_FREE else None
    finding = WatchFinding("disk_nearly_full", socket.gethostname()[:60], wrong, {"free_mb": free // 1_000_000})
    _record_findings(context, lambda _session: [finding])


def _delivery_findings(session: Session, context: JobContext) -> list[WatchFinding]:
    late = monitoring.delivery_lateness(session, now=context.now())
    wrong = True if late > LATE else False if late < PUNCTUAL else None
    dead = session.execute(
        # Deliveries that wait for a person, for the alarm; not a figure of a report.
        sa.select(sa.func.count()).select_from(Delivery).where(is_given_up())
    ).scalar_one()
    return [
        WatchFinding("deliveries_late", "", wrong, {"minutes": round(late / 60)}),
        WatchFinding("deliveries_dead", "", dead > 0, {"count": dead}),
    ]


def _channel_findings(session: Session, _context: JobContext) -> list[WatchFinding]:
    query = sa.select(Channel.code, Channel.state == ChannelState.NEEDS_AUTHORISATION)
    return [WatchFinding("channel_unauthorised", code, bool(wrong), {}) for code, wrong in session.execute(query)]


def _site_findings(session: Session, _context: JobContext) -> list[WatchFinding]:
    found = standing_counts(session)
    failing, watched = found["failing"], found["watched"]
    wrong = failing >= max(FEW_SOURCES, PART_OF_SOURCES * watched)
    return [WatchFinding("sites_failing", "", wrong, {"failing": failing, "watched": watched})]


def _report_mail_findings(session: Session, context: JobContext) -> list[WatchFinding]:
    """Return the state of report mails that need a person, or that have not been sent for an hour."""
    count = report_mail.unsent_count(session, overdue=context.now() - UNSENT_FOR)
    return [WatchFinding("reports_unsent", "", count > 0, {"count": count})]


def _given_up_findings(session: Session, _context: JobContext) -> list[WatchFinding]:
    """Return whether any work was given up because it ended its process, and waits for a person."""
    count = ledger.given_up_count(session)
    return [WatchFinding("work_given_up", "", count > 0, {"count": count})]


def _backup_findings(session: Session, context: JobContext) -> list[WatchFinding]:
    """Return whether there was no backup for a week."""
    age = monitoring.backup_age(session, now=context.now())
    return [WatchFinding("no_backup", "", age > monitoring.BACKUP_OVERDUE_AFTER, {"days": age.days})]


def _journal_findings(_session: Session, context: JobContext) -> list[WatchFinding]:
    """Return whether the journal was set back to before the entry that is noted outside the database."""
    if context.noted_head is None:
        return []
    broken = note_head(context.database, context.noted_head, now=context.now())
    return [WatchFinding("journal_set_back", "", broken is not None, {"entry": broken.seq} if broken else {})]


def _gone_machine_findings(session: Session, context: JobContext) -> list[WatchFinding]:
    """End the incidents of disks of machines that no longer exist, such as a replaced container."""
    there = leases.live_processes(session, now=context.now())
    hosts = {holder.rpartition(":")[0] for holders in there.values() for holder in holders}
    disks = [
        incident.subject for incident in incidents.ongoing_incidents(session) if incident.code == "disk_nearly_full"
    ]
    return [WatchFinding("disk_nearly_full", host, False, {}) for host in disks if host not in hosts]


def note_failed_unit(context: JobContext, unit: str) -> None:
    """Raise the alarm that a unit of this machine's supervisor failed, unless it goes on already."""
    subject = f"{socket.gethostname()}:{unit}"[-60:]
    _record_findings(context, lambda _session: [WatchFinding(UNIT_FAILED, subject, True, {"unit": unit})])


def _unit_findings(session: Session, context: JobContext) -> list[WatchFinding]:
    """End the incidents of units: of the backup once there is a newer one, of a process an hour later."""
    last = monitoring.last_backup(session)
    over = []
    for incident in incidents.ongoing_incidents(session):
        if incident.code != UNIT_FAILED:
            continue
        if BACKUP_UNIT in incident.subject:
            well = last is not None and last.at > incident.raised_at
        else:
            well = context.now() - incident.raised_at > UNIT_QUIET
        over += [WatchFinding(UNIT_FAILED, incident.subject, False, {})] if well else []
    return over


def _record_findings(context: JobContext, look: Callable[[Session], list[WatchFinding]]) -> None:
    with context.database.read() as session:
        findings = look(session)
        known = {(incident.code, incident.subject) for incident in incidents.ongoing_incidents(session)}
    # Usually nothing has changed: then no write transaction is opened.
    news = [
        finding
        for finding in findings
        if finding.wrong is not None and finding.wrong != ((finding.code, finding.subject) in known)
    ]
    if not news:
        return
    now = context.now()
    with context.database.write() as session:
        for finding in news:
            if finding.wrong:
                incident = incidents.begin_incident(session, finding.code, finding.subject, finding.details, now=now)
            else:
                incident = incidents.end_incident(session, finding.code, finding.subject, now=now)
            if incident:
                _raise_alarm(context, session, finding)


def _raise_alarm(context: JobContext, session: Session, finding: WatchFinding) -> None:
    event = "alarm" if finding.wrong else "alarm_over"
    log.warning("%s: %s %s %s", event, finding.code, finding.subject, dict(finding.details),
                extra=event_fields(event, work="alarm", code=finding.code, subject=finding.subject))  # fmt: skip
    what = finding.code if finding.wrong else message_texts.over_code(finding.code)
    now = context.now()
    alarms.raise_alarm(
        session, what, finding.subject, finding.name or finding.subject, finding.details, since=now, now=now
    )
