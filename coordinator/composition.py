"""The composition root: concrete classes chosen for one process, from its settings."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core import journal
from campaigns.core.journal import SealState
from campaigns.republications import sample_partner
from coordinator.channels import registry
from coordinator.channels.webhook import signing
from coordinator.config import Settings, SettingsError, secret_keys
from coordinator.db import Database
from coordinator.encryption import Encryption, KeyRing
from coordinator.http.client import HttpClient
from coordinator.jobs.context import AlarmWebhook, JobContext, NullRunner, Runner
from coordinator.jobs.discovery.host_locks import DatabaseHostLocks
from coordinator.mail.smtp import MailServer
from coordinator.rendering.browser import DEADLINE, Renderer
from coordinator.storage.blobs import DAY_KEY, KEY, BlobStore
from coordinator.storage.database_copy import DatabaseCopy
from coordinator.storage.folder import FolderStore
from coordinator.storage.noted_head import NotedHead
from coordinator.storage.pages import PageStore
from coordinator.storage.timestamps import TimestampAuthority


def render_context(settings: Settings, database: Database) -> JobContext:
    """Build the context of the process that drives a browser."""
    context = job_context(settings, database)
    # A lease must not run out under a look: another would begin beside it.
    deadline = min(DEADLINE, context.intervals.lease.total_seconds() * 0.75)
    return replace(context, renderer=Renderer(context.http_client.visit, deadline=deadline))


def job_context(settings: Settings, database: Database) -> JobContext:
    """Build the context that every job gets.

    Raises ``SettingsError`` when the secret key is another than the one that the database was sealed with.
    """
    with database.read() as session:
        if journal.key_state(session) is SealState.OTHER_KEY:
            raise SettingsError("secret_key: the database was sealed with another key; put that one back")
    pace = settings.intervals
    http_client = HttpClient(
        allow_hosts=settings.allowed_hosts,
        user_agent=f"LanToa/0.1 (+{settings.base_url})",
        pace=pace.host_gap,
        # On SQLite one process does all the work but that of the browser, so that locks within it are enough.
        turns=None if database.on_sqlite and not settings.render else DatabaseHostLocks(database),
        own_page=_own_page(settings.base_url, database),
    )
    return JobContext(
        database=database,
        http_client=http_client,
        encryption=Encryption(KeyRing.of_settings(settings)),
        store=page_store(settings),
        delivery_modes=registry.delivery_modes(),
        addresses=PublicAddresses(settings.base_url, settings.former),
        intervals=pace,
        # One worker in eight, so that silent channels delay only a small share of the deliveries.
        silent_limit=max(settings.workers // 8, 1),
        mail=mail_server(settings),
        locale=settings.locale,
        alarm_after=timedelta(days=settings.alarm_after_days),
        alarm_webhook=alarm_webhook(settings),
        looks_with_browser=settings.render,
        checkpoint_stores=checkpoint_stores(settings),
        timestamp_authority=timestamp_authority(settings),
        database_copy=database_copy(settings),
        noted_head=NotedHead(settings.data_dir),
    )


def _own_page(base: str, database: Database) -> Callable[[str], bool]:
    """Return the exemption of the sample partner's pages, which the product fetches from itself."""
    below = f"{base}{sample_partner.PATH}"

    def covers(url: str) -> bool:
        if not url.startswith(below):
            return False
        with database.read() as session:
            return sample_partner.is_sample_page(session, url)

    return covers


def alarm_webhook(settings: Settings) -> AlarmWebhook | None:
    """Return the webhook for alarms; None where none is set. Raises ``SettingsError`` without a valid signing
    secret."""
    if not settings.alarm_webhook:
        return None
    if not settings.alarm_webhook.startswith(("http://", "https://")):
        raise SettingsError("alarm_webhook: must begin with http:// or https://")
    secret = settings.alarm_webhook_secret.get_secret_value()
    try:
        signing.key_bytes(secret)
    except ValueError as error:
        raise SettingsError(f"alarm_webhook_secret: {error}") from error
    return AlarmWebhook(settings.alarm_webhook, secret)


def mail_server(settings: Settings) -> MailServer | None:
    """Return the server for outgoing mail; None where none is set. Raises ``SettingsError``."""
    if not settings.mail_server:
        return None
    password = settings.mail_password.get_secret_value()
    try:
        return MailServer.from_address(settings.mail_server, password, settings.mail_from, settings.mail_ca)
    except ValueError as error:
        raise SettingsError(f"mail_server: {error}") from error


def database_copy(settings: Settings) -> DatabaseCopy | None:
    """Return where SQLite's database is copied to; None where no folder is set. Raises ``SettingsError`` with another
    database."""
    if not settings.copy_folder:
        return None
    if settings.sqlite_file is None:
        raise SettingsError("copy_folder: is for SQLite; PostgreSQL has base backups and its own archive of changes")
    return DatabaseCopy(settings.sqlite_file, settings.data_dir, Path(settings.copy_folder), secret_keys(settings))


def page_store(settings: Settings) -> PageStore:
    """Return the store of evidence. With a bucket, the pages in the data folder can still be read.

    Raises ``SettingsError`` for an invalid address, or where its key or package is missing.
    """
    folder = FolderStore(settings.data_dir / "pages")
    if not settings.evidence_store:
        return PageStore(folder)
    secret = settings.evidence_secret.get_secret_value()
    if not settings.evidence_key_id or not secret:
        raise SettingsError("evidence_store: evidence_key_id and evidence_secret must be set with it")
    bucket = _bucket("evidence_store", settings.evidence_store, settings.evidence_key_id, secret, KEY)
    return PageStore(bucket, before=folder)


def checkpoint_stores(settings: Settings) -> tuple[BlobStore, ...]:
    """Return where checkpoints of the journal go: a folder, a bucket, both or none. Raises ``SettingsError``."""
    stores: list[BlobStore] = []
    if settings.checkpoint_folder:
        stores.append(FolderStore(Path(settings.checkpoint_folder), keys=DAY_KEY, create=False))
    if settings.checkpoint_bucket:
        own = bool(settings.checkpoint_key_id)
        key_id = settings.checkpoint_key_id if own else settings.evidence_key_id
        secret = (settings.checkpoint_secret if own else settings.evidence_secret).get_secret_value()
        if not key_id or not secret:
            raise SettingsError("checkpoint_bucket: checkpoint_key_id and checkpoint_secret must be set with it")
        stores.append(_bucket("checkpoint_bucket", settings.checkpoint_bucket, key_id, secret, DAY_KEY))
    return tuple(stores)


def _bucket(setting: str, given: str, key_id: str, secret: str, keys: re.Pattern[str]) -> BlobStore:
    try:
        from coordinator.storage.bucket import BucketAddress, BucketStore  # noqa: PLC0415  # only with the s3 extra
    except ImportError as error:
        raise SettingsError(f"{setting}: needs the s3 extra; run: pip install 'lantoa[s3]'") from error
    try:
        address = BucketAddress.parse(given)
    except ValueError as error:
        raise SettingsError(f"{setting}: {error}") from error
    return BucketStore(address, key_id, secret, keys=keys)


def timestamp_authority(settings: Settings) -> TimestampAuthority | None:
    """Return the authority that stamps checkpoints; None where none is set. Raises ``SettingsError`` when it is set in
    part, or the package that verifies its replies is missing."""
    if not settings.timestamp_url:
        return None
    if not settings.timestamp_url.startswith(("http://", "https://")):
        raise SettingsError("timestamp_url: must begin with http:// or https://")
    if not settings.checkpoint_folder and not settings.checkpoint_bucket:
        raise SettingsError("timestamp_url: needs checkpoint_folder or checkpoint_bucket, where its replies are kept")
    if not settings.timestamp_ca:
        raise SettingsError("timestamp_url: timestamp_ca must be set with it, the certificates that vouch for it")
    try:
        return TimestampAuthority(settings.timestamp_url, Path(settings.timestamp_ca).read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"timestamp_ca: {settings.timestamp_ca} cannot be read: {error}") from error
    except ImportError as error:
        raise SettingsError("timestamp_url: needs the timestamp extra; run: pip install 'lantoa[timestamp]'") from error


def runner(settings: Settings) -> Runner:
    """Return the runner of a process without workers: it nudges those of other processes."""
    if settings.broker_url:
        from coordinator.scheduling import celery_queue  # noqa: PLC0415  # Celery is an optional and heavy import

        return celery_queue.CeleryRunner(celery_queue.celery_app(settings.broker_url))
    if settings.on_sqlite:
        return NullRunner()
    from coordinator.scheduling import postgresql_notify  # noqa: PLC0415  # the driver is an optional import

    return postgresql_notify.NotifyRunner(settings.database_url)
