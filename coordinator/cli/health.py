"""``lantoa doctor``: one line for each thing that must be right."""

import contextlib
import socket
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from campaigns.core import presence
from campaigns.core.clock import utc_now
from campaigns.core.leading import Leader
from campaigns.partners import following
from campaigns.people.staff import Person, Role
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Delivery, DeliveryState
from campaigns.reporting import adding, monitoring, noting
from campaigns.searching import rebuilding
from campaigns.tracking.watching import Source
from coordinator import composing, schema
from coordinator.cli import certificates, place
from coordinator.config import Settings, SettingsError, secret_key
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.disks import room
from coordinator.jobs.ticking import LEASE
from coordinator.mail.smtp import MailError
from coordinator.web.oidc import Issuer, SignOnError

LEAST_ROOM = 500_000_000  # bytes
MOST_APART = 5.0  # seconds between two machines' clocks
MANY_CHANGES = 100_000  # that wait to be added up: figures are exact all the same, and slow


@click.command()
def doctor() -> int:
    """Look at configuration, database, clock, queue, channels and disk. Exit 1 when something is wrong."""
    well = True

    def line(name: str, good: bool, words: str) -> None:
        nonlocal well
        well = well and good
        click.echo(f"{'ok  ' if good else 'BAD '} {name}: {words}")

    try:
        settings = place.settings()
        folder = settings.data_dir.resolve()
        if folder.exists() or settings.broker_url:  # else it would make the folder, and a key in it
            secret_key(settings)
        line("configuration", True, f"{settings.base_url}, {settings.locale}, pace {settings.pace}")
    except SettingsError as error:
        line("configuration", False, str(error))
        return 1
    try:
        line("evidence", True, composing.store(settings).blobs.check())
    except (SettingsError, OSError) as error:
        line("evidence", False, str(error))
    line("mail", *_mail(settings))
    line("city account", *_issuer(settings))
    line("passkeys", True, _passkeys(settings.base_url))
    line("certificate", *certificates.judged(settings.base_url, utc_now()))
    free, whole = room(folder)
    line("disk", free > LEAST_ROOM, f"{free // 1_000_000} MB free of {whole // 1_000_000}")
    if not settings.is_set_up:
        line("database", False, f"{settings.sqlite_file} is not there yet; run: lantoa db upgrade")
        return 1
    database = Database.of(settings)
    try:
        at, head = schema.current(database), schema.head()
        line(
            "database",
            at == head,
            f"{database.engine.dialect.name} at {at or 'nothing'}"
            + ("" if at == head else f", needs {head}; {schema.remedy(at)}"),
        )
        if at == head:
            _rows(database, settings, line)
    except SQLAlchemyError as error:
        line("database", False, str(getattr(error, "orig", error)).splitlines()[0])
    return 0 if well else 1


@click.command()
@click.argument("part", type=click.Choice(["web", "clock", "work"]))
def alive(part: str) -> int:
    """Whether a process of this part on this machine has signed in the last minute: exit 1 if not. For containers.

    Asked of newer tables too: in an upgrade without a gap the old processes go on over the newer program's, and
    whoever restarts what is not alive must leave them alone.
    """
    with place.database(newer=True).read() as session:
        there = presence.present(session, now=utc_now()).get(part, [])
    mine = [one for one in there if one.rpartition(":")[0] == socket.gethostname()[:60]]
    click.echo(", ".join(mine) or f"no {part} on {socket.gethostname()}")
    return 0 if mine else 1


def _rows(database: Database, settings: Settings, line: Callable[[str, bool, str], None]) -> None:
    now = utc_now()
    with database.read() as session:
        admins = session.execute(
            sa.select(sa.func.count()).select_from(Person).where(Person.role == Role.ADMIN, Person.active)
        ).scalar_one()
        line("staff", admins > 0, f"{admins} administrators")
        line("time", *_time(session))
        line("clock", *_clock(session, now))
        line("processes", *_processes(session, settings, now))
        late = monitoring.lateness(session, now=now)
        line("queue", late < 300, f"oldest due delivery is {late:.0f} s late")
        stuck = session.execute(
            sa.select(sa.func.count())
            .select_from(Delivery)
            .where(Delivery.state.in_((DeliveryState.UNKNOWN, DeliveryState.DEAD)))
        ).scalar_one()
        line("deliveries", True, f"{stuck} wait for a person")
        for channel in session.execute(sa.select(Channel).order_by(Channel.code)).scalars():
            good = channel.state in {ChannelState.ACTIVE, ChannelState.PAUSED, ChannelState.RETIRED}
            line(
                f"channel {channel.code}",
                good,
                channel.state.value + (f": {channel.last_error[:120]}" if not good else ""),
            )
        line("sources", *_sources(session))
        whole = rebuilding.is_whole(session)
        line("tallies", *_sums(session))
        line("search", whole, "the index is whole" if whole else "the index is not whole; run: lantoa search rebuild")
    if settings.broker_url:
        line("broker", *_broker(settings.broker_url))


def _time(session: Session) -> tuple[bool, str]:
    """Whether this machine's clock and that of the database's are the same: leases and releases go by them."""
    if session.get_bind().dialect.name != "postgresql":
        return True, "one machine, one clock"
    before = utc_now()
    theirs = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    apart = (theirs - before).total_seconds()
    return abs(apart) < MOST_APART, f"the database's clock is {apart:+.1f} s from this machine's"


def _clock(session: Session, now: datetime) -> tuple[bool, str]:
    """Who leads, and for how long if it fell silent now."""
    leader, left = session.get(Leader, "clock"), monitoring.clock_lead(session, now=now)
    if leader is None:
        return False, "no clock is running, nor was there one before"
    if left <= 0:
        return False, f"no clock is running; {leader.holder} fell silent {-left:.0f} s ago"
    return True, f"led by {leader.holder}, which signed {max(LEASE.total_seconds() - left, 0):.0f} s ago"


def _processes(session: Session, settings: Settings, now: datetime) -> tuple[bool, str]:
    """Who has signed in the last minute. A machine with a broker, or several processes, needs each part."""
    there = presence.present(session, now=now)
    words = ", ".join(f"{len(there.get(part, ()))} {part}" for part in ("web", "clock", "work"))
    lacking = [part for part in ("web", "work") if not there.get(part)] if there or settings.broker_url else []
    return not lacking, words + (f"; nobody does: {', '.join(lacking)}" if lacking else "")


def _sums(session: Session) -> tuple[bool, str]:
    """Whether changes of what is counted are noted, and soon added up."""
    connection = session.connection()
    if missing := [*noting.missing(connection), *following.missing(connection)]:
        return False, f"{len(missing)} triggers are not in place; run: lantoa tallies rebuild"
    waiting = adding.waiting(session)
    words = f"{waiting} changes are not added up yet"
    return waiting < MANY_CHANGES, words + ("" if waiting < MANY_CHANGES else ": is the clock running?")


def _sources(session: Session) -> tuple[bool, str]:
    """Lists that are watched: how many, and whether any fails again and again or has gone quiet."""
    repeatedly = sa.func.count(sa.case((Source.failures > 3, 1)))
    quiet = sa.func.count(sa.case((Source.silent_since.is_not(None), 1)))
    query = sa.select(sa.func.count(), repeatedly, quiet).where(Source.due_at.is_not(None))
    watched, failing, silent = (int(count) for count in session.execute(query).one())
    words = f"{watched} lists are watched, {failing} fail repeatedly, {silent} are silent"
    return not failing, words + ("; see: lantoa site list --failing" if failing or silent else "")


def _issuer(settings: Settings) -> tuple[bool, str]:
    """Whether the city's issuer answers and is who the settings say."""
    if not settings.oidc_issuer:
        return True, "none; people sign in with passwords and passkeys"
    try:
        Issuer(
            Door(allow_hosts=settings.allowed_hosts, user_agent="LanToa/0.1"), settings.oidc_issuer, "", "", ""
        ).check()
    except SignOnError as error:
        return False, str(error)
    return True, f"{settings.oidc_issuer} answers"


def _passkeys(base: str) -> str:
    """Where passkeys can be used; a browser ties them to one name, and to no number."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    with contextlib.suppress(ValueError):
        ip_address(host)
        return f"cannot be used: {base} is a number, and browsers tie them to a name; set LANTOA_BASE_URL to one"
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        return f"cannot be used: {base} is not https"
    return f"can be used at exactly {base}; whoever comes by another name or port is told so at the sign-in"


def _mail(settings: Settings) -> tuple[bool, str]:
    """Whether letters can be handed in."""
    try:
        server = composing.mail(settings)
        return True, server.check() if server is not None else "none; one-time links are shown to be copied"
    except (SettingsError, MailError) as error:
        return False, str(error)


def _broker(url: str) -> tuple[bool, str]:
    from kombu import Connection  # noqa: PLC0415  # only there with the scale extra
    from kombu.exceptions import OperationalError  # noqa: PLC0415  # the same

    from coordinator.scheduling import queued  # noqa: PLC0415  # the same

    try:
        with Connection(url, connect_timeout=3) as connection:  # type: ignore[no-untyped-call]  # kombu has no types
            connection.ensure_connection(max_retries=1, timeout=3)
            told = connection.default_channel.queue_declare(queued.QUEUE, passive=True)
    except connection.channel_errors:
        return False, f"answers, but has no queue {queued.QUEUE}: no worker has been there yet"
    except (OperationalError, OSError) as error:
        return False, str(error)
    words = f"answers; {told.message_count} nudges wait, {told.consumer_count} workers listen"
    return told.consumer_count > 0, words
