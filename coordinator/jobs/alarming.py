"""Watching the installation itself: what is wrong is raised as an alarm, and told to administrators once a spell.

The clock watches everything but itself; the web, of which there are several, watches the clock and its own disk.
"""

import logging
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import presence, spells
from campaigns.people import alarms
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import monitoring, sendings
from campaigns.tracking.watching import standings
from coordinator.jobs import target_alarms
from coordinator.jobs.disks import room
from coordinator.jobs.findings import Finding
from coordinator.jobs.workplace import Workplace
from coordinator.logs import about
from coordinator.mail import words

log = logging.getLogger(__name__)

LATE, PUNCTUAL = 300.0, 60.0  # seconds: an alarm begins beyond the first and ends below the second
SILENT = 60.0  # seconds without a clock: three times what another takes to step in
FEW_SOURCES, PART_OF_SOURCES = 5, 0.3  # failing at once, at least and of all that are watched: it is us, not them
UNSENT_FOR = timedelta(hours=1)  # a report that nobody could be given for so long
LEAST_ROOM, ENOUGH_ROOM = 0.05, 0.08  # of a disk: an alarm begins below the first and ends above the second


def watch_work(place: Workplace) -> None:
    """What the clock looks at: late and dead deliveries, channels without authorisation, sites failing widely."""
    looks = (_deliveries, _channels, _sites, _reports, _machines_gone)
    _note(place, lambda session: [finding for look in looks for finding in look(session, place)])


def watch_targets(place: Workplace) -> None:
    """What the clock looks at each hour: targets that fell behind, milestones that were missed."""
    _note(place, lambda session: target_alarms.look(session, place))


def watch_clock(place: Workplace) -> None:
    """What the web looks at: whether any clock leads. Where there never was one, somebody is still setting up."""

    def found(session: Session) -> list[Finding]:
        lead = monitoring.clock_lead(session, now=place.now())
        wrong = None if -SILENT <= lead <= 0 or lead == float("-inf") else lead < 0
        return [Finding("no_clock", "", wrong, {"seconds": round(-lead) if wrong else 0})]

    _note(place, found)


def watching(place: Workplace, folder: Path) -> Callable[[], None]:
    """What a web process looks at every few seconds; ``folder``: where its data lies."""

    def look() -> None:
        watch_clock(place)
        watch_disk(place, folder)

    return look


def watch_disk(place: Workplace, folder: Path) -> None:
    """The disk of this machine's data folder."""
    free, whole = room(folder)
    part = free / whole
    wrong = True if part < LEAST_ROOM else False if part > ENOUGH_ROOM else None
    finding = Finding("disk_nearly_full", socket.gethostname()[:60], wrong, {"free_mb": free // 1_000_000})
    _note(place, lambda _session: [finding])


def _deliveries(session: Session, place: Workplace) -> list[Finding]:
    late = monitoring.lateness(session, now=place.now())
    wrong = True if late > LATE else False if late < PUNCTUAL else None
    dead = session.execute(
        sa.select(sa.func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.DEAD)
    ).scalar_one()
    return [
        Finding("deliveries_late", "", wrong, {"minutes": round(late / 60)}),
        Finding("deliveries_dead", "", dead > 0, {"count": dead}),
    ]


def _channels(session: Session, _place: Workplace) -> list[Finding]:
    query = sa.select(Channel.code, Channel.state == ChannelState.NEEDS_AUTHORISATION)
    return [Finding("channel_unauthorised", code, bool(wrong), {}) for code, wrong in session.execute(query)]


def _sites(session: Session, _place: Workplace) -> list[Finding]:
    found = standings(session)
    failing, watched = found["failing"], found["watched"]
    wrong = failing >= max(FEW_SOURCES, PART_OF_SOURCES * watched)
    return [Finding("sites_failing", "", wrong, {"failing": failing, "watched": watched})]


def _reports(session: Session, place: Workplace) -> list[Finding]:
    """Letters with reports that need a person, or that the mail server has not taken for an hour."""
    count = sendings.unsent(session, overdue=place.now() - UNSENT_FOR)
    return [Finding("reports_unsent", "", count > 0, {"count": count})]


def _machines_gone(session: Session, place: Workplace) -> list[Finding]:
    """Disks of machines that are not there any more, such as of a container that was made anew, are no alarm."""
    there = presence.present(session, now=place.now())
    hosts = {holder.rpartition(":")[0] for holders in there.values() for holder in holders}
    disks = [one.subject for one in spells.ongoing(session) if one.code == "disk_nearly_full"]
    return [Finding("disk_nearly_full", host, False, {}) for host in disks if host not in hosts]


def _note(place: Workplace, look: Callable[[Session], list[Finding]]) -> None:
    with place.database.read() as session:
        findings = look(session)
        known = {(one.code, one.subject) for one in spells.ongoing(session)}
    # Mostly nothing is new: then nobody's writing is held up.
    news = [one for one in findings if one.wrong is not None and one.wrong != ((one.code, one.subject) in known)]
    if not news:
        return
    now = place.now()
    with place.database.write() as session:
        for one in news:
            if one.wrong:
                told = spells.begin(session, one.code, one.subject, one.details, now=now)
            else:
                told = spells.end(session, one.code, one.subject, now=now)
            if told:
                _tell(place, session, one)


def _tell(place: Workplace, session: Session, one: Finding) -> None:
    event = "alarm" if one.wrong else "alarm_over"
    log.warning("%s: %s %s %s", event, one.code, one.subject, dict(one.details),
                extra=about(event, work="alarm", code=one.code, subject=one.subject))  # fmt: skip
    what = one.code if one.wrong else words.over(one.code)
    now = place.now()
    alarms.sound(session, what, one.subject, one.name or one.subject, one.details, since=now, now=now)
