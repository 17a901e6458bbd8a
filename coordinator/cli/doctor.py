"""``lantoa doctor``: one line for each thing that must be right."""

import contextlib
import math
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from campaigns.channels.channels import Channel, ChannelState
from campaigns.core import journal, leases
from campaigns.core.clock import CITY, utc_now
from campaigns.core.journal import SealState
from campaigns.core.leases import LeaderLease
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
from coordinator.health_facts import Fact, english, fact, said
from coordinator.http.client import HttpClient
from coordinator.http.errors import RequestError
from coordinator.imports.files.recordings import can_read_recordings
from coordinator.imports.pictures.text import can_read_text
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

Result: TypeAlias = tuple[bool, Sequence[Fact]]  # whether it is right, what was found

# The expiry of the certificate of the public address.


CERTIFICATE_SOON = timedelta(days=14)  # automatic renewal happens a month ahead
CERTIFICATE_TIMEOUT = 5.0  # seconds


def certificate_state(base: str, now: datetime, ca: Path | None = None) -> Result:
    """Return whether the certificate at ``base`` is valid and not about to expire, and what was found.

    An address that cannot be reached from here is no failure: it may be reachable from outside. ``ca``: the certificate
    authority to trust in place of the system's authorities.
    """
    parts = urlsplit(base)
    if parts.scheme != "https":
        return True, [fact("no_https")]
    host = parts.hostname or ""
    context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
    try:
        with (
            socket.create_connection((host, parts.port or 443), CERTIFICATE_TIMEOUT) as raw,
            context.wrap_socket(raw, server_hostname=host) as talk,
        ):
            shown = talk.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return False, [said(f"{host}: {error.verify_message}")]
    except OSError as error:
        return True, [fact("certificate_unreachable", place=host, why=str(error.strerror or error))]
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    found = fact("certificate", place=host, day=f"{ends:%Y-%m-%d}", days=(ends - now).days)
    return ends - now > CERTIFICATE_SOON, [found]


MIN_FREE_BYTES = 500_000_000  # bytes
MOST_APART = 5.0  # seconds between two machines' clocks
FAILING_SHARE = 0.1  # of channels or sources: fewer fail in a normal week
EVIDENCE_LOOKED_AT = 50
MOST_LATE = 300.0  # seconds that a delivery may wait for a worker
HOLDING_STATES = (ChannelState.NEEDS_AUTHORISATION, ChannelState.PAUSED)
MANY_CHANGES = 100_000  # pending changes of the figures: with more, figures are exact but slow


Line: TypeAlias = Callable[[str, bool, Sequence[Fact]], None]  # the subject, whether it is right, what was found


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one object with every line, for programs")
def doctor(as_json: bool) -> int:
    """Look at configuration, database, clock, queue, channels and disk. Exit 1 when something is wrong."""
    lines: list[tuple[str, bool, str]] = []

    def line(name: str, good: bool, found: Sequence[Fact]) -> None:
        words = english(found)
        lines.append((name, good, words))
        if not as_json:
            click.echo(f"{'ok  ' if good else 'BAD '} {name}: {words}")

    _look(line)
    well = all(good for _name, good, _words in lines)
    if as_json:
        rows = [{"subject": name, "ok": good, "text": words} for name, good, words in lines]
        environment.show_json({"ok": well, "lines": rows})
    return 0 if well else 1


def _program_files() -> Result:
    """Whether the libraries of the pages are the vetted ones, and the catalogues compiled."""
    found = missing_files()
    if found:
        return False, [fact("program_files_missing", files=", ".join(found), remedy=REMEDY)]
    return True, [fact("program_files")]


def _look(line: Line) -> None:
    line("program files", *_program_files())
    try:
        settings = environment.settings()
        if not makes_secret_key(settings):
            secret_keys(settings)
        found = fact("configuration", base=settings.base_url, locale=settings.locale, pace=settings.pace)
        line("configuration", True, [found])
    except SettingsError as error:
        line("configuration", False, [said(error)])
        return
    except OSError as error:
        words = f"{error.filename}: {error.strerror}; run it as the account that the program runs as"
        line("configuration", False, [said(words)])
        return
    check_installation(settings, line)


def check_installation(settings: Settings, line: Line) -> None:
    """Check everything but the reading of the settings, one ``line`` for each thing; for the page of administration
    too."""
    try:
        blobs = composition.page_store(settings).blobs
        blobs.check()
        line("evidence", True, [fact("pages_kept", place=blobs.place)])
    except (SettingsError, OSError) as error:
        line("evidence", False, [said(error)])
    line("mail", *_mail(settings))
    push = fact("push") if web_push.is_installed() else fact("no_push", why=web_push.MISSING)
    line("messages in browsers", True, [push])
    line("video and audio", True, [fact("recordings") if can_read_recordings() else fact("no_recordings")])
    line("text in pictures", True, [fact("picture_text") if can_read_text() else fact("no_picture_text")])
    line("city account", *_issuer(settings))
    line("passkeys", True, [_passkeys(settings.base_url)])
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
                line(subject, False, [said(error)])
    except SettingsError as error:
        line("checkpoints", False, [said(error)])
    line("copy", *_copy(settings))
    line("files", *_files(settings.data_dir))
    line("disk", free > MIN_FREE_BYTES, [fact("disk", free=free // 1_000_000, whole=whole // 1_000_000)])
    if not settings.is_set_up:
        line("database", False, [fact("no_database", place=str(settings.sqlite_file))])
        return
    try:
        database = Database.from_settings(settings)
    except MissingDriver as error:
        line("database", False, [said(error)])
        return
    except SettingsError as error:
        line("secret key", False, [said(error)])
        return
    except SQLAlchemyError as error:
        line("database", False, [said(environment.database_error(error))])
        return
    try:
        at, head = schema.current(database), schema.head()
        trouble = f"needs {head}; {schema.remedy(at)}" if at != head else _refuses_writes(database)
        values = {"kind": database.engine.dialect.name, "at": at or "nothing"}
        found = fact("database_trouble", **values, trouble=trouble) if trouble else fact("database", **values)
        line("database", not trouble, [found])
        if at == head:
            _rows(database, settings, line)
    except (SQLAlchemyError, SettingsError) as error:
        line("database", False, [said(environment.database_error(error))])
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


def _secret_key(session: Session) -> Result:
    state = journal.key_state(session)
    if state is SealState.OTHER_KEY:
        return False, [fact("other_seal")]
    if state is SealState.BROKEN:
        return False, [fact("broken_end")]
    return True, [fact("sealed")]


def _journal(database: Database, settings: Settings) -> Result:
    """Whether the journal contains the entry that is noted in this data folder."""
    noted_head = NotedHead(settings.data_dir)
    if (broken := check_noted(database, noted_head)) is not None:
        return False, [fact("journal_broken", why=broken.why)]
    noted = noted_head.read()
    if noted is None:
        return True, [fact("journal_not_noted")]
    at = f"{noted.checkpoint.at.astimezone(CITY):%Y-%m-%d %H:%M}"
    return True, [fact("journal_noted", entry=noted.checkpoint.seq, at=at, times=noted.set_back)]


def _rows(database: Database, settings: Settings, line: Line) -> None:
    now = utc_now()
    with database.read() as session:
        admins = session.execute(
            sa.select(sa.func.count()).select_from(Person).where(Person.role == Role.ADMIN, Person.active)
        ).scalar_one()
        line("secret key", *_secret_key(session))
        line("journal", *_journal(database, settings))
        line("staff", admins > 0, [fact("administrators", count=admins) if admins else fact("no_administrator")])
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
        line("deliveries", True, [fact("deliveries_wait", count=stuck) if stuck else fact("no_deliveries_wait")])
        line("channels", *_channels(session))
        line("sources", *_sources(session))
        whole = index_maintenance.is_complete(session)
        line("tallies", *_sums(session))
        line("kept for good", *_append_only(session))
        line("kept pages", *_kept_pages(session, settings))
        line("backup", *_backup(session, now))
        line("search", whole, [fact("index" if whole else "index_not_whole")])
    if settings.broker_url:
        line("broker", *_broker(settings.broker_url))


def _queue(session: Session, settings: Settings, now: datetime) -> Result:
    """How late the deliveries are that wait for a worker alone, and how many wait for a channel that does not work."""
    late = monitoring.delivery_lateness(session, now=now)
    found = [fact("queue", seconds=round(late))]
    if late >= MOST_LATE:
        part = "consumer" if settings.broker_url else "work"
        there = leases.live_processes(session, now=now).get(part)
        found.append(fact("queue_log" if there else "nobody_sends"))
    # Which channel holds them, by what: another process would send them no sooner.
    held = [row for row in delayed_deliveries(session, now=now) if row.channel.state in HOLDING_STATES]
    if held:
        named = [fact("channel_in_state", channel=row.channel.code, state=row.channel.state.value) for row in held[:3]]
        found.append(fact("channels_hold", count=sum(row.count for row in held), channels=named))
    return late < MOST_LATE, found


def _channels(session: Session) -> Result:
    """How many channels there are by state, and the worst by name. Some partners' servers fail in any week."""
    rows = session.execute(sa.select(Channel).where(Channel.state != ChannelState.RETIRED).order_by(Channel.code))
    channels = list(rows.scalars())
    states = Counter(channel.state for channel in channels)
    if not channels:
        return True, [fact("no_channels")]
    counts = [
        fact("channels_of_state", count=states[state], state=state.value) for state in ChannelState if states[state]
    ]
    bad = [channel for channel in channels if channel.state not in {ChannelState.ACTIVE, ChannelState.PAUSED}]
    if not bad:
        return True, [fact("channels", states=counts)]
    named = [fact("channel_error", channel=channel.code, error=channel.last_error[:80]) for channel in bad[:3]]
    good = not states[ChannelState.NEEDS_AUTHORISATION] and len(bad) <= FAILING_SHARE * len(channels)
    code = "channels_lost" if states[ChannelState.NEEDS_AUTHORISATION] else "channels_failing"
    return good, [fact(code, states=counts, channels=named)]


def _append_only(session: Session) -> Result:
    """Whether the triggers are there that keep evidence and frozen briefings from being changed."""
    missing = schema.missing_append_only(session.connection())
    if missing:
        return False, [fact("rows_changeable", triggers=", ".join(missing))]
    return True, [fact("kept_for_good")]


def _kept_pages(session: Session, settings: Settings) -> Result:
    """Whether the pages are there that evidence names: a restore may have brought the rows alone."""
    keys: list[str | None] = []
    for newest in (Evidence.id.desc(), Evidence.id):
        query = sa.select(Evidence.body_key).where(Evidence.body_key.is_not(None)).order_by(newest)
        keys += session.execute(query.limit(EVIDENCE_LOOKED_AT)).scalars().all()
    try:
        store = composition.page_store(settings)
        missing = sorted({key for key in keys if key is not None and not store.has(key)})
    except (SettingsError, OSError) as error:
        return False, [said(error)]
    if not missing:
        return True, [fact("kept_pages", count=EVIDENCE_LOOKED_AT)]
    return False, [fact("kept_pages_missing", count=len(missing), place=store.blobs.place, example=missing[0])]


def _backup(session: Session, now: datetime) -> Result:
    """When the last backup was made."""
    age, last = monitoring.backup_age(session, now=now), monitoring.last_backup(session)
    good = age <= monitoring.BACKUP_OVERDUE_AFTER
    found = [fact("no_backup")]
    if last is not None:
        code = "backup_encrypted" if last.encrypted else "backup_open"
        found = [fact(code, file=last.file, at=f"{last.at:%Y-%m-%d %H:%M}")]
    return good, found if good else [*found, fact("backup_late", days=age.days)]


def _copy(settings: Settings) -> Result:
    """Whether the continuous copy of SQLite's database is recent."""
    try:
        copies = composition.database_copy(settings)
    except SettingsError as error:
        return False, [said(error)]
    if copies is None:
        return True, [fact("no_copy" if settings.on_sqlite else "copy_of_postgresql")]
    age = copies.age(utc_now())
    if age is None:
        return False, [fact("copy_missing", place=str(copies.folder))]
    found = [fact("copy", place=str(copies.folder), minutes=round(age.total_seconds() / 60))]
    return age <= OVERDUE_AFTER, found if age <= OVERDUE_AFTER else [*found, fact("copy_late")]


def _base_address(base: str) -> Result:
    """Whether the base address leads to this installation. One that cannot be reached from here is no failure."""
    try:
        client = HttpClient(allow_hosts=frozenset({urlsplit(base).netloc.lower()}), user_agent="LanToa/0.1")
        answer = client.get(f"{base}/healthz", cap=10_000, deadline=CERTIFICATE_TIMEOUT)
    except RequestError:
        return True, [fact("unreachable", place=base)]
    if answer.status != 200 or answer.body != b"ok\n":
        return False, [fact("other_program", place=base, status=answer.status)]
    return True, [fact("answers", place=base)]


def _time(session: Session) -> Result:
    """Whether this machine's clock and that of the database's are the same: leases and releases go by them."""
    if session.get_bind().dialect.name != "postgresql":
        return True, [fact("one_clock")]
    before = utc_now()
    theirs = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    apart = (theirs - before).total_seconds()
    return abs(apart) < MOST_APART, [fact("clocks_apart", seconds=f"{apart:+.1f}")]


def _clock(session: Session, now: datetime) -> Result:
    """Who leads, and for how long if it fell silent now."""
    leader, left = session.get(LeaderLease, "clock"), monitoring.clock_lead(session, now=now)
    if leader is None:
        return False, [fact("no_clock_ever")]
    if math.isinf(left):
        return False, [fact("clock_ahead", who=leader.holder, until=f"{leader.until:%Y-%m-%d %H:%M}")]
    if left <= 0:
        return False, [fact("no_clock", who=leader.holder, seconds=round(-left))]
    return True, [fact("clock", who=leader.holder, seconds=round(max(CLOCK_LEASE.total_seconds() - left, 0)))]


def _processes(session: Session, settings: Settings, now: datetime) -> Result:
    """Who has signed in the last minute. A machine with a broker, or several processes, needs each part."""
    there = leases.live_processes(session, now=now)
    found = [fact("processes", **{part: len(there.get(part, ())) for part in ("web", "clock", "work")})]
    parts = ("web", "work", "consumer") if settings.broker_url else ("web", "work")
    lacking = [part for part in parts if not there.get(part)] if there or settings.broker_url else []
    return not lacking, [*found, fact("no_process", parts=", ".join(lacking))] if lacking else found


def _browser(session: Session, settings: Settings, now: datetime) -> Result:
    """Whether pages are looked at in a browser: whether that is on, what it needs, and whether its process runs."""
    missing = missing_part()
    if not settings.render:
        query = sa.select(sa.func.count()).select_from(Republication).where(browser_looks.unlooked())
        unlooked = session.execute(query).scalar_one()
        return True, [
            fact("no_browser", count=unlooked),
            fact("no_chromium", what=missing) if missing else fact("chromium"),
        ]
    waiting = session.execute(
        sa.select(sa.func.count()).select_from(Page).where(Page.due_at <= now, browser_queue.due_in_browser())
    ).scalar_one()
    there = leases.live_processes(session, now=now).get("render", [])
    code = "browser" if there else "browser_stopped"
    found = [fact(code, running=len(there), count=waiting)]
    # On another machine than this one, all may be there that is missing here.
    return bool(there), [*found, fact("missing_here", what=missing)] if missing else found


def _sums(session: Session) -> Result:
    """Whether changes of what is counted are noted, and soon added up."""
    if missing := change_log.missing_triggers(session.connection()):
        return False, [fact("triggers_missing", count=len(missing))]
    waiting = rollup.count_pending(session)
    return waiting < MANY_CHANGES, [fact("changes" if waiting < MANY_CHANGES else "many_changes", count=waiting)]


def _sources(session: Session) -> Result:
    """Lists that are watched: how many, and whether any fails again and again or has gone quiet."""
    repeatedly = sa.func.count(sa.case((Source.failures > 3, 1)))
    quiet = sa.func.count(sa.case((Source.silent_since.is_not(None), 1)))
    query = sa.select(sa.func.count(), repeatedly, quiet).where(Source.due_at.is_not(None))
    watched, failing, silent = (int(count) for count in session.execute(query).one())
    if not watched:
        return True, [fact("no_sources")]
    found = [fact("sources", watched=watched, failing=failing, silent=silent)]
    return failing <= FAILING_SHARE * watched, [*found, fact("sources_named")] if failing or silent else found


def _issuer(settings: Settings) -> Result:
    """Whether the city's issuer answers and is who the settings say."""
    if not settings.oidc_issuer:
        return True, [fact("no_issuer")]
    try:
        OidcIssuer(
            HttpClient(allow_hosts=settings.allowed_hosts, user_agent="LanToa/0.1"), settings.oidc_issuer, "", "", ""
        ).check()
    except SignOnError as error:
        return False, [said(error)]
    return True, [fact("answers", place=settings.oidc_issuer)]


def _passkeys(base: str) -> Fact:
    """Where passkeys can be used; a browser ties them to one name, and to no number."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    with contextlib.suppress(ValueError):
        ip_address(host)
        return fact("passkeys_number", place=base)
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        return fact("passkeys_open", place=base)
    return fact("passkeys", place=base)


def _files(folder: Path) -> Result:
    """Whether other accounts of this machine can read the data folder."""
    found = open_to_others(folder)
    if not found:
        return True, [fact("files", place=str(folder))]
    named = ", ".join(str(path) for path in found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return False, [fact("files_open", files=named, place=str(folder))]


def _mail(settings: Settings) -> Result:
    """Whether letters can be handed in."""
    try:
        server = composition.mail_server(settings)
        if server is None:
            return True, [fact("no_mail")]
        server.check()
        return True, [fact("answers", place=f"{server.host}:{server.port}")]
    except (SettingsError, MailError) as error:
        return False, [said(error)]


def _broker(url: str) -> Result:
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
        return False, [fact("broker_refuses")]
    except NotAllowed as error:  # no such virtual host, or not this user's
        return False, [fact("broker_forbids", why=error.reply_text)]
    except PreconditionFailed as error:
        return False, [said(f"{error.reply_text}; {celery_queue.DELETE_QUEUE}")]
    except NotFound:
        return False, [fact("broker_without_queue", queue=celery_queue.QUEUE)]
    except (OperationalError, OSError) as error:
        return False, [fact("broker_unreachable", why=str(error))]
    return item.consumer_count > 0, [fact("broker", count=item.message_count, workers=item.consumer_count)]
