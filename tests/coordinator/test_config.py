"""Settings: typed, from one place, an unknown one is an error, and the secret key is made once."""

import stat
import threading
from pathlib import Path

import pytest

from campaigns.core.intervals import FAST, NORMAL
from campaigns.core.journal import record
from coordinator import composition, schema
from coordinator.config import Settings, SettingsError, make_secret_key, secret_key, secret_keys
from coordinator.db import Database
from tests.factories import NOW


def test_what_nothing_sets_has_its_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LANTOA_DATA_DIR")
    settings = Settings.read()
    assert (settings.data_dir, settings.base_url, settings.locale) == (Path("var"), "http://localhost:8800", "vi")
    assert settings.on_sqlite
    assert settings.url == f"sqlite:///{tmp_path}/var/lantoa.db"
    assert settings.intervals is NORMAL
    assert settings.allowed_hosts == frozenset()


def test_the_environment_stands_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lantoa.toml").write_text('pace = "fast"\nlocale = "en"\nworkers = 3\n')
    monkeypatch.setenv("LANTOA_LOCALE", "vi")
    settings = Settings.read()
    assert (settings.intervals, settings.locale, settings.workers) == (FAST, "vi", 3)


def test_what_is_empty_in_the_environment_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTOA_DATABASE_URL", "")
    assert Settings.read().on_sqlite


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("LANTOA_PACE", "slow", "pace"),
        ("LANTOA_LOCALE", "fr", "locale"),
        ("LANTOA_WORKERS", "0", "workers"),
        ("LANTOA_WORKERS", "many", "workers"),
        ("LANTOA_BASE_URL", "tin.example", "base_url"),
        ("LANTOA_DATABASE_URL", "mysql://u@h/d", "database_url"),
        ("LANTOA_WEB_THREAD", "5", "LANTOA_WEB_THREAD"),
        ("LANTOA_SEND_MAIL", "1", "LANTOA_SEND_MAIL"),
    ],
)
def test_a_bad_or_unknown_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=word):
        Settings.read()


def test_an_unknown_setting_in_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lantoa.toml").write_text('paec = "fast"\n')
    with pytest.raises(SettingsError, match="paec"):
        Settings.read()


def test_a_base_address_has_no_slash_at_its_end() -> None:
    assert Settings(base_url="https://tin.example/").base_url == "https://tin.example"


def test_the_base_address_follows_the_port_unless_it_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANTOA_BASE_URL", raising=False)
    assert Settings.read().at_port(8931).base_url == "http://localhost:8931"
    assert Settings.read().at_port(0).base_url == "http://localhost:8800"
    monkeypatch.setenv("LANTOA_BASE_URL", "https://tin.example")
    assert Settings.read().at_port(8931).base_url == "https://tin.example"


def test_former_addresses_are_a_list_without_slashes_at_the_end() -> None:
    given = Settings.read(former_urls="https://tin.example/, http://cu.example")
    assert given.former == ("https://tin.example", "http://cu.example")
    with pytest.raises(SettingsError, match=r"'tin\.example' must begin with http"):
        Settings.read(former_urls="https://a.example,tin.example")


def test_allowed_hosts_are_a_list_in_any_case() -> None:
    assert Settings(allow_hosts=" Trang.example:8080, 127.0.0.1 ,").allowed_hosts == {
        "trang.example:8080",
        "127.0.0.1",
    }


def test_the_secret_key_is_made_once_and_kept_for_nobody_else_to_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    make_secret_key(settings)
    made = secret_key(settings)
    path = tmp_path / "data" / "secret.key"
    assert len(made) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    make_secret_key(settings)
    assert secret_key(settings) == made == path.read_text()


def test_processes_that_begin_at_once_agree_on_the_secret_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    keys: list[str] = []

    def make() -> None:
        make_secret_key(settings)
        keys.append(secret_key(settings))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]


def test_a_kept_secret_key_that_was_cut_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("cut")
    with pytest.raises(SettingsError, match=r"secret\.key: a line has fewer than 32"):
        secret_key(Settings(data_dir=tmp_path))
    assert (tmp_path / "secret.key").read_text() == "cut"


def test_a_secret_key_that_is_given_must_be_long(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="32"):
        secret_key(Settings(data_dir=tmp_path, secret_key="short"))  # type: ignore[arg-type]  # as the environment gives it


def test_with_a_broker_the_secret_key_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="secret_key"):
        secret_key(Settings(data_dir=tmp_path, broker_url="amqp://b/"))
    assert not list(tmp_path.iterdir())


def test_the_secret_key_does_not_show_in_what_is_printed() -> None:
    settings = Settings(secret_key="a very secret key that nobody may see")  # type: ignore[arg-type]  # as above
    assert "nobody may see" not in repr(settings)


def test_former_keys_follow_the_current_one(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(f"{'n' * 40}\n{'o' * 40}\n")
    assert secret_keys(Settings(data_dir=tmp_path)) == ("n" * 40, "o" * 40)
    given = Settings(data_dir=tmp_path, secret_key="a" * 32, former_secret_keys=f"{'b' * 32}, {'c' * 32},")  # type: ignore[arg-type]  # as the environment gives them
    assert secret_keys(given) == ("a" * 32, "b" * 32, "c" * 32)
    short = Settings(data_dir=tmp_path, secret_key="a" * 32, former_secret_keys="b")  # type: ignore[arg-type]  # as the environment gives them
    with pytest.raises(SettingsError, match="former_secret_keys"):
        secret_keys(short)


def test_a_missing_secret_key_is_never_made_where_something_is_sealed(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    database = Database.from_settings(settings)
    schema.upgrade(database)
    kept = (tmp_path / "secret.key").read_text()
    (tmp_path / "secret.key").unlink()
    Database.from_settings(settings).dispose()  # nothing is sealed yet
    (tmp_path / "secret.key").write_text(kept)
    with database.write() as session:
        record(session, "an", "thing.done", "thing", "t", now=NOW)
    database.dispose()
    (tmp_path / "secret.key").unlink()
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"secret\.key: the secret key is missing; put it back"):
            Database.from_settings(settings)
    assert not (tmp_path / "secret.key").exists()
    (tmp_path / "secret.key").write_text("x" * 48)
    with Database.from_settings(settings) as database, pytest.raises(SettingsError, match="sealed with another key"):
        composition.job_context(settings, database)


def test_a_secret_is_read_from_the_environment_a_file_a_credential_or_a_file_of_the_settings_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def password() -> str:
        return Settings.read().mail_password.get_secret_value()

    def file(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    (tmp_path / "lantoa.toml").write_text(f'mail_password_file = "{file("of_toml", "from toml")}"\n')
    assert password() == "from toml"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert password() == "from toml"
    file("lantoa_mail_password", "from systemd\n")
    assert password() == "from systemd"
    monkeypatch.setenv("LANTOA_MAIL_PASSWORD_FILE", file("mounted", " from a file\n"))
    assert password() == "from a file"
    assert "from a file" not in repr(Settings.read())
    monkeypatch.setenv("LANTOA_MAIL_PASSWORD", "from the environment")
    with pytest.raises(SettingsError, match="LANTOA_MAIL_PASSWORD_FILE: give it or LANTOA_MAIL_PASSWORD, not both"):
        Settings.read()
    monkeypatch.delenv("LANTOA_MAIL_PASSWORD_FILE")
    assert password() == "from the environment"


@pytest.mark.parametrize("name", ["secret_key", "database_url", "broker_url", "oidc_client_secret", "evidence_secret"])
def test_a_secret_s_file_that_is_not_there_or_empty_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    monkeypatch.setenv(f"LANTOA_{name.upper()}_FILE", str(path))
    with pytest.raises(SettingsError, match=f"LANTOA_{name.upper()}_FILE: {path} cannot be read: No such file"):
        Settings.read()
    path.write_text("\n")
    with pytest.raises(SettingsError, match=f"{path} is empty"):
        Settings.read()
    text = "postgresql+psycopg://lantoa:x@db/lantoa"
    path.write_text(text)
    value = getattr(Settings.read(), name)
    assert (value if isinstance(value, str) else value.get_secret_value()) == text
    assert repr(value) != repr(text) or name.endswith("_url")


def test_what_is_no_secret_has_no_file_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTOA_LOCALE_FILE", "/etc/locale")
    with pytest.raises(SettingsError, match="LANTOA_LOCALE_FILE: there is no such setting"):
        Settings.read()


def test_a_recipient_of_backups_that_is_no_public_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTOA_BACKUP_RECIPIENT", "AGE-SECRET-KEY-1ABC")
    with pytest.raises(SettingsError, match="must be a public key"):
        Settings.read()
