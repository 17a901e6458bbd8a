"""``lantoa doctor``: one line for each thing that must be right."""

import contextlib
import math
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import heartbeat, journal
from campaigns.core.clock import CITY, utc_now
from campaigns.core.journal import SealState
from campaigns.core.leader_lease import LeaderLease
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.discovery import browser_queue
from campaigns.discovery.sightings import Page
from campaigns.discovery.site_sources import Source
from campaigns.people.staff import Person, Role
from campaigns.reporting import monitoring
from campaigns.reporting.pending_work import delayed_deliveries
from campaigns.reporting.rollups import change_log, rollup
from campaigns.republications import browser_looks
from campaigns.republications.republications import Evidence, Republication
from campaigns.search import index_maintenance
from coordinator import composition, schema
from coordinator.cli import environment
from coordinator.config import Settings, SettingsError, makes_secret_key, secret_keys
from coordinator.db import Database, MissingDriver
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError
from coordinator.installed_files import REMEDY, missing_files
from coordinator.jobs import incident_watch
from coordinator.jobs.checkpoints import store_state
from coordinator.jobs.clock_lease import CLOCK_LEASE
from coordinator.jobs.core.noted_head import check_noted
from coordinator.mail.smtp import MailError
from coordinator.push import web_push
from coordinator.rendering.browser import missing_part
from coordinator.storage.database_copy import OVERDUE_AFTER
from coordinator.storage.file_modes import open_to_others
from coordinator.storage.folder import disk_space
from coordinator.storage.noted_head import NotedHead
from coordinator.web.auth.oidc import OidcIssuer, SignOnError

# The expiry of the certificate of the public address.


CERTIFICATE_SOON = timedelta(days=14)  # automatic renewal happens a month ahead
CERTIFICATE_TIMEOUT = 5.0  # seconds


def certificate_state(base: str, now: datetime, ca: Path | None = None) -> tuple[bool, str]:
    """Return whether the certificate at ``base`` is valid and not about to expire, and a sentence about it.

    An address that cannot be reached from here is no failure: it may be reachable from outside. ``ca``: the certificate
    authority to trust in place of the system's authorities.
    """
    parts = urlsplit(base)
    if parts.scheme != "https":
        return True, "none: the address is not https"
    host = parts.hostname or ""
    context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
    try:
        with (
            socket.create_connection((host, parts.port or 443), CERTIFICATE_TIMEOUT) as raw,
            context.wrap_socket(raw, server_hostname=host) as talk,
        ):
            shown = talk.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return False, f"{host}: {error.verify_message}"
    except OSError as error:
        return True, f"not known: {host} cannot be reached from here ({error.strerror or error})"
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    return ends - now > CERTIFICATE_SOON, f"{host}: good until {ends:%Y-%m-%d}, {(ends - now).days} days"


MIN_FREE_BYTES = 500_000_000  # bytes
MOST_APART = 5.0  # seconds between two machines' clocks
FAILING_SHARE = 0.1  # of channels or sources: fewer fail in a normal week
ADD_AN_ADMINISTRATOR = "no administrator; run: lantoa staff add EMAIL --role admin"
EVIDENCE_LOOKED_AT = 50
MOST_LATE = 300.0  # seconds that a delivery may wait for a worker
HOLDING_STATES = (ChannelState.NEEDS_AUTHORISATION, ChannelState.PAUSED)
MANY_CHANGES = 100_000  # pending changes of the figures: with more, figures are exact but slow


Line = Callable[[str, bool, str], None]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one object with every line, for programs")
def doctor(as_json: bool) -> int:
    """Look at configuration, database, clock, queue, channels and disk. Exit 1 when something is wrong."""
    lines: list[tuple[str, bool, str]] = []

    def line(name: str, good: bool, words: str) -> None:
        lines.append((name, good, words))
        if not as_json:
            click.echo(f"{'ok  ' if good else 'BAD '} {name}: {words}")

    _look(line)
    well = all(good for _name, good, _words in lines)
    if as_json:
        rows = [{"subject": name, "ok": good, "text": words} for name, good, words in lines]
        environment.show_json({"ok": well, "lines": rows})
    return 0 if well else 1


def _program_files() -> tuple[bool, str]:
    """Whether the libraries of the pages are the vetted ones, and the catalogues compiled."""
    found = missing_files()
    return (False, f"missing or not the vetted file: {', '.join(found)}; {REMEDY}") if found else (True, "all in place")


def _look(line: Line) -> None:
    line("program files", *_program_files())
    try:
        settings = environment.settings()
        if not makes_secret_key(settings):
            secret_keys(settings)
        line("configuration", True, f"{settings.base_url}, {settings.locale}, pace {settings.pace}")
    except SettingsError as error:
        line("configuration", False, str(error))
        return
    except OSError as error:
        words = f"{error.filename}: {error.strerror}; run it as the account that the program runs as"
        line("configuration", False, words)
        return
    check_installation(settings, line)


def check_installation(settings: Settings, line: Line) -> None:
    """Check everything but the reading of the settings, one ``line`` for each thing; for the page of administration
    too."""
    try:
        line("evidence", True, composition.page_store(settings).blobs.check())
    except (SettingsError, OSError) as error:
        line("evidence", False, str(error))
    line("mail", *_mail(settings))
    line("messages in browsers", True, "can be sent" if web_push.is_installed() else f"off: {web_push.MISSING}")
    line("city account", *_issuer(settings))
    line("passkeys", True, _passkeys(settings.base_url))
    line("base address", *_base_address(settings.base_url))
    line("certificate", *certificate_state(settings.base_url, utc_now()))
    free, whole = disk_space(settings.data_dir.resolve())
    try:
        authority = composition.timestamp_authority(settings)
        for store in composition.checkpoint_stores(settings):
            subject = "checkpoints"
            try:
                line(subject, *store_state(store, now=utc_now()))
                if authority is not None:
                    subject = "time stamps"
                    line(subject, *store_state(store, authority, now=utc_now()))
            except OSError as error:  # a store that does not answer is waited for once
                line(subject, False, str(error))
    except SettingsError as error:
        line("checkpoints", False, str(error))
    line("copy", *_copy(settings))
    line("files", *_files(settings.data_dir))
    line("disk", free > MIN_FREE_BYTES, f"{free // 1_000_000} MB free of {whole // 1_000_000}")
    if not settings.is_set_up:
        line("database", False, f"{settings.sqlite_file} is not there yet; run: lantoa db upgrade")
        return
    try:
        database = Database.from_settings(settings)
    except MissingDriver as error:
        line("database", False, str(error))
        return
    except SettingsError as error:
        line("secret key", False, str(error))
        return
    except SQLAlchemyError as error:
        line("database", False, environment.database_error(error))
        return
    try:
        at, head = schema.current(database), schema.head()
        trouble = f"needs {head}; {schema.remedy(at)}" if at != head else _refuses_writes(database)
        words = f"{database.engine.dialect.name} at {at or 'nothing'}"
        line("database", not trouble, f"{words}, {trouble}" if trouble else words)
        if at == head:
            _rows(database, settings, line)
    except (SQLAlchemyError, SettingsError) as error:
        line("database", False, environment.database_error(error))
    finally:
        database.dispose()


@click.command()
@click.argument("unit")
def alarm(unit: str) -> None:
    """Raise an alarm to the administrators: UNIT of this machine failed. For systemd's OnFailure."""
    incident_watch.note_failed_unit(environment.job_context(), unit)


def _refuses_writes(database: Database) -> str:
    """Why the database takes no writes, with what to do; empty when it does."""
    if database.on_sqlite:
        return ""
    query = "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')"
    with database.read() as session:
        standby, read_only = session.execute(sa.text(query)).one()
    if standby:
        return "a standby that takes no writes; set LANTOA_DATABASE_URL to the primary, or promote it"
    if read_only == "on":
        return "which takes no writes; run: ALTER DATABASE … RESET default_transaction_read_only"
    return ""


def _secret_key(session: Session) -> tuple[bool, str]:
    state = journal.key_state(session)
    if state is SealState.OTHER_KEY:
        return False, "the database was sealed with another key; put that one back"
    if state is SealState.BROKEN:
        return False, "the end of the journal was changed by hand; run: lantoa journal verify"
    return True, "the database was sealed with it"


def _journal(database: Database, settings: Settings) -> tuple[bool, str]:
    """Whether the journal contains the entry that is noted in this data folder."""
    noted_head = NotedHead(settings.data_dir)
    if (broken := check_noted(database, noted_head)) is not None:
        return False, broken.why
    noted = noted_head.read()
    if noted is None:
        return True, "nothing is noted in this data folder yet"
    at = f"{noted.checkpoint.at.astimezone(CITY):%Y-%m-%d %H:%M}"
    return True, f"contains entry {noted.checkpoint.seq}, noted {at}; set back {noted.set_back} times"


def _rows(database: Database, settings: Settings, line: Line) -> None:
    now = utc_now()
    with database.read() as session:
        admins = session.execute(
            sa.select(sa.func.count()).select_from(Person).where(Person.role == Role.ADMIN, Person.active)
        ).scalar_one()
        line("secret key", *_secret_key(session))
        line("journal", *_journal(database, settings))
        line("staff", admins > 0, f"{admins} administrators" if admins else ADD_AN_ADMINISTRATOR)
        line("time", *_time(session))
        line("clock", *_clock(session, now))
        line("browser", *_browser(session, settings, now))
        line("processes", *_processes(session, settings, now))
        line("queue", *_queue(session, settings, now))
        stuck = session.execute(
            sa.select(sa.func.count())
            .select_from(Delivery)
            .where(Delivery.state.in_((DeliveryState.UNKNOWN, DeliveryState.DEAD)))
        ).scalar_one()
        line("deliveries", True, f"{stuck} wait for a person")
        line("channels", *_channels(session))
        line("sources", *_sources(session))
        whole = index_maintenance.is_complete(session)
        line("tallies", *_sums(session))
        line("kept for good", *_append_only(session))
        line("kept pages", *_kept_pages(session, settings))
        line("backup", *_backup(session, now))
        line("search", whole, "the index is whole" if whole else "the index is not whole; run: lantoa search rebuild")
    if settings.broker_url:
        line("broker", *_broker(settings.broker_url))


def _queue(session: Session, settings: Settings, now: datetime) -> tuple[bool, str]:
    """How late the deliveries are that wait for a worker alone, and how many wait for a channel that does not work."""
    late = monitoring.delivery_lateness(session, now=now)
    words = f"oldest due delivery is {late:.0f} s late"
    if late >= MOST_LATE:
        part = "consumer" if settings.broker_url else "work"
        there = heartbeat.live_processes(session, now=now).get(part)
        words += "; see why in the log of lantoa work" if there else "; nobody sends: start lantoa serve, or work"
    # Which channel holds them, by what: another process would send them no sooner.
    held = [row for row in delayed_deliveries(session, now=now) if row.channel.state in HOLDING_STATES]
    if held:
        named = ", ".join(f"{row.channel.code} ({row.channel.state.value})" for row in held[:3])
        words += f"; {sum(row.count for row in held)} wait for {named}"
    return late < MOST_LATE, words


def _channels(session: Session) -> tuple[bool, str]:
    """How many channels there are by state, and the worst by name. Some partners' servers fail in any week."""
    rows = session.execute(sa.select(Channel).where(Channel.state != ChannelState.RETIRED).order_by(Channel.code))
    channels = list(rows.scalars())
    states = Counter(channel.state for channel in channels)
    words = ", ".join(f"{states[state]} {state.value}" for state in ChannelState if states[state]) or "none yet"
    bad = [channel for channel in channels if channel.state not in {ChannelState.ACTIVE, ChannelState.PAUSED}]
    named = "; ".join(f"{channel.code} ({channel.last_error[:80]})" for channel in bad[:3])
    good = not states[ChannelState.NEEDS_AUTHORISATION] and len(bad) <= FAILING_SHARE * len(channels)
    lost = states[ChannelState.NEEDS_AUTHORISATION]
    help_ = "grant access again on the page Tài khoản chính thức" if lost else "see the page Tài khoản chính thức"
    return good, words + (f": {named}; {help_}" if bad else "")


def _append_only(session: Session) -> tuple[bool, str]:
    """Whether the triggers are there that keep evidence and frozen briefings from being changed."""
    missing = schema.missing_append_only(session.connection())
    if missing:
        return False, (
            f"anybody could change kept rows: {', '.join(missing)} not there; compare the count with its proofs "
            "(lantoa tallies verify), then restore a backup"
        )
    return True, "evidence and frozen briefings cannot be changed"


def _kept_pages(session: Session, settings: Settings) -> tuple[bool, str]:
    """Whether the pages are there that evidence names: a restore may have brought the rows alone."""
    keys: list[str | None] = []
    for newest in (Evidence.id.desc(), Evidence.id):
        query = sa.select(Evidence.body_key).where(Evidence.body_key.is_not(None)).order_by(newest)
        keys += session.execute(query.limit(EVIDENCE_LOOKED_AT)).scalars().all()
    try:
        store = composition.page_store(settings)
        missing = sorted({key for key in keys if key is not None and not store.has(key)})
    except (SettingsError, OSError) as error:
        return False, str(error)
    if not missing:
        return True, f"there, of the {EVIDENCE_LOOKED_AT} newest and oldest that evidence names"
    return False, (
        f"{len(missing)} that evidence names are not in {store.blobs.place}, such as {missing[0]}: "
        "copy the pages of the backup there; then run: lantoa tallies verify"
    )


def _backup(session: Session, now: datetime) -> tuple[bool, str]:
    """When the last backup was made."""
    age, last = monitoring.backup_age(session, now=now), monitoring.last_backup(session)
    good = age <= monitoring.BACKUP_OVERDUE_AFTER
    words = "none was made yet"
    if last is not None:
        guarded = "encrypted" if last.encrypted else "not encrypted; set LANTOA_BACKUP_RECIPIENT"
        words = f"{last.file}, {last.at:%Y-%m-%d %H:%M} UTC, {guarded}"
    return good, words + ("" if good else f"; {age.days} days without one, run: lantoa backup FILE")


def _copy(settings: Settings) -> tuple[bool, str]:
    """Whether the continuous copy of SQLite's database is recent."""
    try:
        copies = composition.database_copy(settings)
    except SettingsError as error:
        return False, str(error)
    if copies is None:
        return True, "none; set LANTOA_COPY_FOLDER" if settings.on_sqlite else "none: PostgreSQL has its own"
    age = copies.age(utc_now())
    if age is None:
        return False, f"there is none in {copies.folder} yet; is the clock running, and may it write there?"
    words = f"{copies.folder}, {age.total_seconds() / 60:.0f} minutes old"
    return age <= OVERDUE_AFTER, words + ("" if age <= OVERDUE_AFTER else "; look for 'could not copy' in the log")


def _base_address(base: str) -> tuple[bool, str]:
    """Whether the base address leads to this installation. One that cannot be reached from here is no failure."""
    try:
        client = HttpClient(allow_hosts=frozenset({urlsplit(base).netloc.lower()}), user_agent="LanToa/0.1")
        answer = client.get(f"{base}/healthz", cap=10_000, deadline=CERTIFICATE_TIMEOUT)
    except RequestError:
        return True, f"not known: {base} cannot be reached from here"
    if answer.status != 200 or answer.body != b"ok\n":
        return False, f"{base} answers {answer.status} and is not this program; set LANTOA_BASE_URL"
    return True, f"{base} answers"


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
    leader, left = session.get(LeaderLease, "clock"), monitoring.clock_lead(session, now=now)
    if leader is None:
        return False, "no clock is running, nor was there one before"
    if math.isinf(left):
        ahead = f"the lease of {leader.holder} ends {leader.until:%Y-%m-%d %H:%M} UTC: a machine's time was ahead"
        return False, f"no clock is running; {ahead}; start lantoa serve, or clock"
    if left <= 0:
        return False, f"no clock is running; {leader.holder} fell silent {-left:.0f} s ago"
    return True, f"led by {leader.holder}, which signed {max(CLOCK_LEASE.total_seconds() - left, 0):.0f} s ago"


def _processes(session: Session, settings: Settings, now: datetime) -> tuple[bool, str]:
    """Who has signed in the last minute. A machine with a broker, or several processes, needs each part."""
    there = heartbeat.live_processes(session, now=now)
    words = ", ".join(f"{len(there.get(part, ()))} {part}" for part in ("web", "clock", "work"))
    parts = ("web", "work", "consumer") if settings.broker_url else ("web", "work")
    lacking = [part for part in parts if not there.get(part)] if there or settings.broker_url else []
    return not lacking, words + (
        f"; nobody does: {', '.join(lacking)}; start lantoa serve, or web and work" if lacking else ""
    )


def _browser(session: Session, settings: Settings, now: datetime) -> tuple[bool, str]:
    """Whether pages are looked at in a browser: whether that is on, what it needs, and whether its process runs."""
    missing = missing_part()
    if not settings.render:
        query = sa.select(sa.func.count()).select_from(Republication).where(browser_looks.unlooked())
        unlooked = session.execute(query).scalar_one()
        return True, f"off; {unlooked} counted copies were not seen by one; {missing or 'Chromium is there'}"
    waiting = session.execute(
        sa.select(sa.func.count()).select_from(Page).where(Page.due_at <= now, browser_queue.due_in_browser())
    ).scalar_one()
    there = heartbeat.live_processes(session, now=now).get("render", [])
    running = f"{len(there)} running" if there else "none is running: start lantoa render"
    # On another machine than this one, all may be there that is missing here.
    words = f"on, {running}; {waiting} pages wait" + (f"; here: {missing}" if missing else "")
    return bool(there), words


def _sums(session: Session) -> tuple[bool, str]:
    """Whether changes of what is counted are noted, and soon added up."""
    if missing := change_log.missing_triggers(session.connection()):
        return False, f"{len(missing)} triggers are not in place; run: lantoa tallies rebuild"
    waiting = rollup.count_pending(session)
    words = f"{waiting} changes are not added up yet"
    return waiting < MANY_CHANGES, words + ("" if waiting < MANY_CHANGES else ": is the clock running?")


def _sources(session: Session) -> tuple[bool, str]:
    """Lists that are watched: how many, and whether any fails again and again or has gone quiet."""
    repeatedly = sa.func.count(sa.case((Source.failures > 3, 1)))
    quiet = sa.func.count(sa.case((Source.silent_since.is_not(None), 1)))
    query = sa.select(sa.func.count(), repeatedly, quiet).where(Source.due_at.is_not(None))
    watched, failing, silent = (int(count) for count in session.execute(query).one())
    words = f"{watched} lists are watched, {failing} fail repeatedly, {silent} are silent"
    return failing <= FAILING_SHARE * watched, words + (
        "; see: lantoa site list --failing" if failing or silent else ""
    )


def _issuer(settings: Settings) -> tuple[bool, str]:
    """Whether the city's issuer answers and is who the settings say."""
    if not settings.oidc_issuer:
        return True, "none; people sign in with passwords and passkeys"
    try:
        OidcIssuer(
            HttpClient(allow_hosts=settings.allowed_hosts, user_agent="LanToa/0.1"), settings.oidc_issuer, "", "", ""
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
    return f"can be used at exactly {base}; at another name or port the sign-in says so"


def _files(folder: Path) -> tuple[bool, str]:
    """Whether other accounts of this machine can read the data folder."""
    found = open_to_others(folder)
    if not found:
        return True, f"{folder} is readable to this account only"
    named = ", ".join(str(path) for path in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return False, f"other accounts may open {named}; run: chmod -R go= {folder}"


def _mail(settings: Settings) -> tuple[bool, str]:
    """Whether letters can be handed in."""
    try:
        server = composition.mail_server(settings)
        return True, server.check() if server is not None else "none; one-time links are shown to be copied"
    except (SettingsError, MailError) as error:
        return False, str(error)


def _broker(url: str) -> tuple[bool, str]:
    from amqp.exceptions import (  # noqa: PLC0415  # only there with the scale extra
        AccessRefused,
        NotAllowed,
        NotFound,
        PreconditionFailed,
    )
    from kombu import Connection  # noqa: PLC0415  # the same
    from kombu.exceptions import OperationalError  # noqa: PLC0415  # the same

    from coordinator.scheduling import celery_queue  # noqa: PLC0415  # the same

    try:
        with Connection(url, connect_timeout=3) as connection:  # type: ignore[no-untyped-call]  # kombu has no types
            connection.ensure_connection(max_retries=1, timeout=3)
            item = connection.default_channel.queue_declare(celery_queue.QUEUE, passive=True)
            celery_queue.declare_queue(connection)
    except AccessRefused:
        return False, "refuses this user and password; look at LANTOA_BROKER_URL, or: rabbitmqctl change_password"
    except NotAllowed as error:  # no such virtual host, or not this user's
        return False, f"{error.reply_text}; look at LANTOA_BROKER_URL, or: rabbitmqctl set_permissions"
    except PreconditionFailed as error:
        return False, f"{error.reply_text}; {celery_queue.DELETE_QUEUE}"
    except NotFound:
        return False, f"answers, but has no queue {celery_queue.QUEUE}: no worker has been there yet"
    except (OperationalError, OSError) as error:
        return False, f"{error}; look at LANTOA_BROKER_URL and whether RabbitMQ runs"
    words = f"answers; {item.message_count} nudges wait, {item.consumer_count} workers listen"
    return item.consumer_count > 0, words
