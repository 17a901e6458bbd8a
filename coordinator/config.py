"""Settings: declared once, typed, each with a description. Environment ``LANTOA_*`` over ``lantoa.toml``.

What staff change (the department's name, partners, channels) are records with a journal, not settings.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from sqlalchemy import make_url

from campaigns.core.intervals import FAST, NORMAL, Intervals
from campaigns.people.staff import Role


class SettingsError(Exception):
    """A setting is invalid; the message names it and says what was expected."""


class Settings(BaseSettings):
    """Everything that differs between two installations."""

    model_config = SettingsConfigDict(
        env_prefix="LANTOA_", toml_file="lantoa.toml", extra="forbid", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(Path("./var"), description="where the database, the secret key and kept pages are")
    database_url: str = Field("", description="empty = SQLite in the data folder; or postgresql+psycopg://…")
    broker_url: str = Field("", description="amqp://…; empty = everything in one process")
    base_url: str = Field("http://localhost:8800", description="the public address, without a slash at the end")
    former_urls: str = Field(
        "", description="public addresses that the product had before; links there are links to us"
    )
    secret_key: SecretStr = Field(SecretStr(""), description="signs sessions and encrypts secrets; made when absent")
    former_secret_keys: SecretStr = Field(
        SecretStr(""), description="keys from before a change of secret_key, by comma; until lantoa key rotate"
    )
    allow_hosts: str = Field("", description="host[:port],… exempt from the block on private addresses")
    locale: Literal["vi", "en"] = Field("vi", description="the language of pages when nobody has chosen")
    pace: Literal["normal", "fast"] = Field("normal", description="fast: short waits, for demos and tests")
    workers: int = Field(8, ge=1, le=64, description="threads that send, look and check in one process")
    web_threads: int = Field(16, ge=4, le=128, description="threads that answer requests in one process")
    api_calls_per_minute: int = Field(
        30_000,
        ge=1,
        le=1_000_000,
        description="calls of the API by one key in one process; beyond, 429 with Retry-After",
    )
    render: bool = Field(False, description="pages that need a browser wait for lantoa render")
    log_format: Literal["text", "keys", "json"] = Field("text", description="how the log is written, on standard error")
    metrics_from: str = Field("127.0.0.1,::1", description="addresses and networks that may read /metrics, by comma")
    trusted_proxy: bool = Field(False, description="take the client's address from one reverse proxy in front")
    second_factor_for: str = Field("", description="roles that must have a second factor, by comma")
    idle_minutes: int = Field(30, ge=5, le=720, description="a sign-in that is not used for so long is over")
    evidence_store: str = Field("", description="s3://bucket/prefix?endpoint=https://…; empty = in the data folder")
    evidence_key_id: str = Field("", description="who we are to the service that keeps evidence")
    evidence_secret: SecretStr = Field(SecretStr(""), description="the secret that belongs to evidence_key_id")

    backup_recipient: str = Field("", description="the age or SSH public key that backups are encrypted for")
    backup_pages: str = Field(
        "", description="a folder that backups copy kept pages to, each once; empty = in the file"
    )
    copy_folder: str = Field(
        "", description="SQLite: a folder, best on another disk, to which all data are copied every four minutes"
    )
    checkpoint_folder: str = Field(
        "", description="a folder on another machine: each day a checkpoint of the journal is written there"
    )
    checkpoint_bucket: str = Field("", description="s3://bucket/prefix?endpoint=https://…: the same, to a bucket")
    checkpoint_key_id: str = Field("", description="who we are to that service; empty = as for evidence")
    checkpoint_secret: SecretStr = Field(SecretStr(""), description="the secret that belongs to checkpoint_key_id")
    timestamp_url: str = Field("", description="a time-stamp authority (RFC 3161) that stamps each checkpoint")
    timestamp_ca: str = Field("", description="a file with the certificates that vouch for that authority")

    mail_server: str = Field(
        "", description="starttls://user@host:587, smtps://… or smtp://…; empty = nothing is mailed"
    )
    mail_password: SecretStr = Field(SecretStr(""), description="the password of the user in mail_server")
    mail_from: str = Field("", description="the address that letters come from")
    mail_ca: str = Field("", description="a file with the certificate that vouches for the mail server's own")

    alarm_after_days: int = Field(3, ge=1, le=60, description="days a channel fails before administrators are notified")
    alarm_webhook: str = Field("", description="address that alarms are posted to, signed; empty = none")
    alarm_webhook_secret: SecretStr = Field(SecretStr(""), description="the whsec_… secret that signs them")

    oidc_issuer: str = Field("", description="the address of the city's OpenID Connect issuer; empty = none")
    oidc_client_id: str = Field("", description="who we are to it")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="the secret that belongs to oidc_client_id")
    oidc_name: str = Field("Tài khoản của thành phố", description="what the button on the sign-in page says")

    @field_validator("backup_recipient")
    @classmethod
    def _public_key(cls, value: str) -> str:
        if value and not value.startswith(("age1", "ssh-")):
            raise ValueError("must be a public key: age1… or ssh-…")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, value: str) -> str:
        here = ("http://localhost:", "http://127.0.0.1:")
        if value and not value.startswith(("https://", *here)):
            raise ValueError("must begin with https://")
        return value

    @field_validator("base_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("second_factor_for")
    @classmethod
    def _roles(cls, value: str) -> str:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        known = [role.value for role in Role]
        if strange := [part for part in parts if part not in known]:
            raise ValueError(f"{strange[0]!r} is no role; known are {', '.join(known)}")
        return ",".join(parts)

    @field_validator("metrics_from")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            ip_network(part, strict=False)  # its error names the part
        return value

    @field_validator("former_urls")
    @classmethod
    def _addresses(cls, value: str) -> str:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if strange := [part for part in parts if not part.startswith(("http://", "https://"))]:
            raise ValueError(f"{strange[0]!r} must begin with http:// or https://")
        return ",".join(part.rstrip("/") for part in parts)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite", "postgresql+psycopg://", "postgresql://")):
            raise ValueError("must be postgresql+psycopg://… or sqlite:///…")
        return value.replace("postgresql://", "postgresql+psycopg://", 1)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, then the environment, then the files of secrets that it names, systemd's
        credentials, and ``lantoa.toml``; a dotenv file is never read."""
        return (
            init_settings, env_settings, _SecretFiles(settings_cls), _Credentials(settings_cls), _Toml(settings_cls),
        )  # fmt: skip

    @classmethod
    def read(cls, **given: Any) -> Self:
        """The settings of this process. Raises ``SettingsError`` naming every bad one, unknown names included."""
        known = {f"LANTOA_{name.upper()}" for name in cls.model_fields}
        known |= {f"LANTOA_{name.upper()}_FILE" for name in secret_names(cls)}
        # LANTOA_TEST_* belong to the test suite.
        strange = sorted(
            name
            for name in os.environ
            if name.startswith("LANTOA_") and name not in known and not name.startswith("LANTOA_TEST_")
        )
        if strange:
            raise SettingsError(f"{strange[0]}: there is no such setting; known are {', '.join(sorted(known))}")
        try:
            return cls(**given)
        except ValidationError as error:
            parts = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in error.errors()]
            raise SettingsError("; ".join(parts)) from error

    def at_port(self, port: int) -> Self:
        """Return these settings for a server on this port of this machine. Without a configured public address, the
        port's address is used, so that the links on pages lead back to the server."""
        if "base_url" in self.model_fields_set or port == 0:
            return self
        return self.model_copy(update={"base_url": f"http://localhost:{port}"})

    @property
    def url(self) -> str:
        """The database's SQLAlchemy address."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'lantoa.db'}"

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is SQLite, which allows one process only."""
        return self.url.startswith("sqlite")

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database; None for a database server."""
        return Path(make_url(self.url).database or "") if self.on_sqlite else None

    @property
    def is_set_up(self) -> bool:
        """Whether the database exists. SQLite would create an empty file by opening a missing one."""
        return self.sqlite_file is None or self.sqlite_file.is_file()

    @property
    def intervals(self) -> Intervals:
        """The table of waits that ``pace`` names."""
        return FAST if self.pace == "fast" else NORMAL

    @property
    def obliged(self) -> frozenset[Role]:
        """``second_factor_for`` as a set."""
        return frozenset(Role(part) for part in self.second_factor_for.split(",") if part)

    @property
    def idle(self) -> timedelta:
        """``idle_minutes`` as a duration."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def former(self) -> tuple[str, ...]:
        """``former_urls`` taken apart."""
        return tuple(part for part in self.former_urls.split(",") if part)

    def may_read_metrics(self, address: str | None) -> bool:
        """Whether ``metrics_from`` names this address or a network that it is in."""
        try:
            asking = ip_address(address or "")
        except ValueError:
            return False
        parts = filter(None, (part.strip() for part in self.metrics_from.split(",")))
        return any(asking in ip_network(part, strict=False) for part in parts)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """``allow_hosts`` taken apart."""
        return frozenset(part.strip().lower() for part in self.allow_hosts.split(",") if part.strip())


def secret_names(settings: type[BaseSettings]) -> list[str]:
    """Return the names of the settings that are secrets or hold a password. Each may be in a file instead."""
    with_password = ("database_url", "broker_url")
    fields = settings.model_fields.items()
    return [name for name, field in fields if field.annotation is SecretStr or name in with_password]


class _SecretFiles(PydanticBaseSettingsSource):
    """Secrets in files that ``LANTOA_<NAME>_FILE`` names, as Docker mounts them."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the value of one secret, or None."""
        variable = f"LANTOA_{field_name.upper()}_FILE"
        path = os.environ.get(variable, "") if field_name in secret_names(self.settings_cls) else ""
        if path and os.environ.get(f"LANTOA_{field_name.upper()}"):
            raise SettingsError(f"{variable}: give it or LANTOA_{field_name.upper()}, not both")
        return (_secret_of(Path(path), variable) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the secrets that are in files. Raises ``SettingsError``."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class _Credentials(_SecretFiles):
    """Secrets that systemd passes on as credentials ``lantoa_<name>`` (``LoadCredential=``, systemd.exec(5))."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the value of one secret, or None."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
        path = Path(folder) / f"lantoa_{field_name}"
        there = folder and field_name in secret_names(self.settings_cls) and path.is_file()
        return (_secret_of(path, f"credential {path.name}") if there else None), field_name, False


class _Toml(TomlConfigSettingsSource):
    """``lantoa.toml``, where ``<name>_file`` names the file of a secret."""

    def __call__(self) -> dict[str, Any]:
        """Return the settings in the file, secrets read. Raises ``SettingsError``."""
        given = dict(super().__call__())
        for name in secret_names(self.settings_cls):
            if path := given.pop(f"{name}_file", ""):
                if given.get(name):
                    raise SettingsError(f"{name}_file: give it or {name}, not both")
                given[name] = _secret_of(Path(str(path)), f"{name}_file")
        return given


def _secret_of(path: Path, source: str) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{source}: {path} cannot be read: {reason}") from error
    if not text:
        raise SettingsError(f"{source}: {path} is empty")
    return text


SECRET_KEY_FILE = "secret.key"  # noqa: S105  # a name of a file
LEAST_KEY = 32  # characters


def secret_key(settings: Settings) -> str:
    """Return the current secret key; see ``secret_keys``."""
    return secret_keys(settings)[0]


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """Return the current secret key and, after a change of key, the former ones, the newest first: those of the
    settings, else the lines of a file in the data folder (mode 0600).

    Raises ``SettingsError`` when there is no key, and with several processes, which must all be given the same keys.
    """
    given = settings.secret_key.get_secret_value()
    if given:
        former = settings.former_secret_keys.get_secret_value().split(",")
        keys = (given, *(key.strip() for key in former if key.strip()))
        if any(len(key) < LEAST_KEY for key in keys):
            raise SettingsError(f"secret_key, former_secret_keys: each must have at least {LEAST_KEY} characters")
        return keys
    if settings.broker_url:
        raise SettingsError("secret_key: must be set when there is a broker, the same for every process")
    path = settings.data_dir / SECRET_KEY_FILE
    if not path.exists():
        raise SettingsError(f"{path}: the secret key is missing; put it back, or set LANTOA_SECRET_KEY")
    keys = tuple(path.read_text().split())
    if not keys or any(len(key) < LEAST_KEY for key in keys):
        raise SettingsError(f"{path}: a line has fewer than {LEAST_KEY} characters; put back what it held")
    return keys


def makes_secret_key(settings: Settings) -> bool:
    """Whether the secret key is to be in the data folder and is not there yet."""
    in_file = not settings.secret_key.get_secret_value() and not settings.broker_url
    return in_file and not (settings.data_dir / SECRET_KEY_FILE).exists()


def make_secret_key(settings: Settings) -> None:
    """Make the key in the data folder, once: concurrent callers get the same. Never where something is sealed."""
    stored_secret(settings.data_dir / SECRET_KEY_FILE, LEAST_KEY, lambda: secrets.token_urlsafe(48))


def keep_secret_keys(settings: Settings, keys: Sequence[str]) -> None:
    """Write the keys to the data folder, the current one first; the file is replaced at once, with mode 0600."""
    path = settings.data_dir / SECRET_KEY_FILE
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def stored_secret(path: Path, least: int, make: Callable[[], str]) -> str:
    """Return the secret in the file ``path`` (mode 0600); ``make`` makes the secret of a missing file.

    Concurrent callers get the same secret. Raises ``SettingsError`` when the file has fewer than ``least`` characters:
    an empty secret would admit anybody, and a new one could not decrypt what the old one encrypted.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_once(path, make())
    kept = path.read_text().strip()
    if len(kept) < least:
        raise SettingsError(f"{path}: has fewer than {least} characters; put back what it held")
    return kept


def _make_once(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` (mode 0600) unless another process did; the name appears when the file is complete."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, a link never replaces the file of another process
    finally:
        os.unlink(draft)
