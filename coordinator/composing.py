"""The composition root: concrete classes chosen for one process, from its settings."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from campaigns.publishing.addresses import Addresses
from coordinator.channels import registry, signing
from coordinator.config import Settings, SettingsError, secret_key
from coordinator.db import Database
from coordinator.http import Door
from coordinator.jobs.workplace import AlarmHook, Workplace
from coordinator.keeping import FolderStore, PageStore
from coordinator.mail.smtp import MailServer
from coordinator.scheduling.runner import Runner, Silent
from coordinator.sealing import Seal
from coordinator.turns import DatabaseTurns


def workplace(settings: Settings, database: Database) -> Workplace:
    """Everything a job needs."""
    pace = settings.intervals
    door = Door(
        allow_hosts=settings.allowed_hosts,
        user_agent=f"LanToa/0.1 (+{settings.base_url})",
        pace=pace.host_gap,
        # On SQLite one process does all the work, and its own gates are enough.
        turns=None if database.on_sqlite else DatabaseTurns(database),
    )
    return Workplace(
        database=database,
        door=door,
        seal=Seal(secret_key(settings)),
        store=store(settings),
        natures=registry.natures(),
        addresses=Addresses(settings.base_url, settings.former),
        pace=pace,
        # One in eight: what they hold up is then a part of what is sent that nobody notices.
        aside=max(settings.workers // 8, 1),
        mail=mail(settings),
        locale=settings.locale,
        alarm_after=timedelta(days=settings.alarm_after_days),
        alarm_hook=alarm_hook(settings),
    )


def alarm_hook(settings: Settings) -> AlarmHook | None:
    """Where alarms are posted; None where nobody listens. Raises ``SettingsError`` without a secret that can sign."""
    if not settings.alarm_webhook:
        return None
    if not settings.alarm_webhook.startswith(("http://", "https://")):
        raise SettingsError("alarm_webhook: must begin with http:// or https://")
    secret = settings.alarm_webhook_secret.get_secret_value()
    try:
        signing.key_of(secret)
    except ValueError as error:
        raise SettingsError(f"alarm_webhook_secret: {error}") from error
    return AlarmHook(settings.alarm_webhook, secret)


def mail(settings: Settings) -> MailServer | None:
    """Where letters are handed in; None where nothing is mailed. Raises ``SettingsError``."""
    if not settings.mail_server:
        return None
    password = settings.mail_password.get_secret_value()
    if settings.mail_password_file:
        if password:
            raise SettingsError("mail_password_file: give it or mail_password, not both")
        try:
            password = Path(settings.mail_password_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"mail_password_file: {settings.mail_password_file} cannot be read: {error}") from error
    try:
        return MailServer.of(settings.mail_server, password, settings.mail_from, settings.mail_ca)
    except ValueError as error:
        raise SettingsError(f"mail_server: {error}") from error


def store(settings: Settings) -> PageStore:
    """Where evidence is kept. With a bucket, what was kept in the data folder before can still be read.

    Raises ``SettingsError`` for an address that cannot be used, or without what it needs.
    """
    folder = FolderStore(settings.data_dir / "pages")
    if not settings.evidence_store:
        return PageStore(folder)
    try:
        from coordinator.keeping.bucket import BucketAddress, BucketStore  # noqa: PLC0415  # only with the s3 extra
    except ImportError as error:
        raise SettingsError("evidence_store: needs the s3 extra; run: pip install 'lantoa[s3]'") from error
    try:
        address = BucketAddress.of(settings.evidence_store)
    except ValueError as error:
        raise SettingsError(f"evidence_store: {error}") from error
    secret = settings.evidence_secret.get_secret_value()
    if not settings.evidence_key_id or not secret:
        raise SettingsError("evidence_store: evidence_key_id and evidence_secret must be set with it")
    return PageStore(BucketStore(address, settings.evidence_key_id, secret), before=folder)


def runner(settings: Settings) -> Runner:
    """The runner of a process that does not work itself: through the broker, else nobody, and the workers look."""
    if not settings.broker_url:
        return Silent()
    from coordinator.scheduling import queued  # noqa: PLC0415  # Celery is an optional and heavy import

    return queued.QueuedRunner(queued.celery_app(settings.broker_url))


def lazily(make: Callable[[], Workplace]) -> Callable[[], Workplace]:
    """``make`` called once, at the first use: after a fork, never before it."""
    made: list[Workplace] = []

    def once() -> Workplace:
        if not made:
            made.append(make())
        return made[0]

    return once
