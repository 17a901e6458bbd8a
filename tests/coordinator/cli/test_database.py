"""``lantoa db``, ``backup``, ``restore``, ``journal verify`` and ``doctor``."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import tomllib
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest
import requests
import sqlalchemy as sa

from coordinator import composition, schema
from coordinator.config import Settings
from coordinator.encryption import Encryption
from coordinator.jobs import upkeep
from coordinator.storage import heartbeat_files
from coordinator.storage.timestamps import TimestampAuthority
from tests import factories
from tests.coordinator.cli.conftest import LANTOA, Machine
from tests.coordinator.storage.timestamp_server import timestamp_server


def publish(lantoa: Machine, count: int = 2) -> None:
    database = lantoa.database
    with database.write() as session:
        for _ in range(count):
            factories.published(session)
    database.dispose()


def edit(lantoa: Machine, *statements: str) -> None:
    with closing(sqlite3.connect(lantoa.data / "lantoa.db")) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount == 1


def rows(lantoa: Machine, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(lantoa.data / "lantoa.db")) as connection:
        return sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)


def test_the_database_is_made_once_and_says_where_it_is(bare: Machine) -> None:
    before = bare("db", "current")
    assert (before.status, before.out) == (1, "empty\n")
    assert before.complaints == [f"this program needs {schema.head()}; run: lantoa db upgrade"]
    empty = bare("db", "current", "--json")
    assert (empty.status, json.loads(empty.out)) == (1, {"current": None, "needed": schema.head(), "ok": False})
    assert bare.well("db", "upgrade") == f"empty -> {schema.head()}\n"
    whole = {"current": schema.head(), "needed": schema.head(), "ok": True}
    assert json.loads(bare.well("db", "current", "--json")) == whole
    assert bare.well("db", "upgrade") == f"{schema.head()} -> {schema.head()}\n"
    assert bare.well("db", "current") == f"{schema.head()}\n"


def test_tables_of_a_newer_program_are_left_alone_and_nobody_is_asked_to_upgrade_them(lantoa: Machine) -> None:
    edit(lantoa, "UPDATE alembic_version SET version_num = '9999'")
    before = rows(lantoa, "journal")
    remedy = f"this program knows {schema.head()} at most: run the version that made these tables"
    for words in (("db", "upgrade"), ("web",), ("key", "list"), ("serve",)):
        assert lantoa.refused(*words) == f"lantoa: the database is at 9999; {remedy}"
    assert lantoa("db", "current").complaints == [f"this program needs {schema.head()}; {remedy}"]
    assert f"at 9999, needs {schema.head()}; {remedy}" in lantoa("doctor").out
    assert rows(lantoa, "journal") == before


def test_a_process_that_runs_on_over_newer_tables_is_alive(lantoa: Machine) -> None:
    heartbeat_files.record(lantoa.data, "work")
    for version in (schema.head(), "9999"):
        edit(lantoa, f"UPDATE alembic_version SET version_num = '{version}'")
        assert lantoa("alive", "work").status == 0
        done = lantoa("alive", "clock")
        assert (done.status, done.out.split()[:2]) == (1, ["no", "clock"])


@pytest.mark.promise("Journal")
def test_a_whole_journal_is_counted(lantoa: Machine) -> None:
    publish(lantoa)
    texts = "texts and approvals of {} bulletins are those that the journal names\n"
    assert lantoa.well("journal", "verify") == "journal whole: 8 entries\n" + texts.format(2)
    shown = lantoa.well("journal", "show", "--last", "3").splitlines()
    assert [line.split("\t")[0] for line in shown] == ["6", "7", "8"]


def test_a_checkpoint_is_found_again_and_missed_after_a_cut(lantoa: Machine, tmp_path: Path) -> None:
    publish(lantoa)
    early, kept = lantoa.well("journal", "checkpoint"), tmp_path / "kept.txt"
    publish(lantoa)
    kept.write_text(f"{early}\n{lantoa.well('journal', 'checkpoint')}")
    assert lantoa.well("journal", "verify", "--against", kept).splitlines()[0].endswith(" entries, 2 checkpoints in it")
    assert lantoa.well("journal", "verify", "--against", early.strip()).splitlines()[0].endswith(" 1 checkpoints in it")
    with lantoa.database as database, database.write() as session:
        first = int(early.split()[1])
        session.execute(sa.text("DELETE FROM journal"))
        session.execute(sa.text("DELETE FROM journal_head"))
    emptied = lantoa("journal", "verify")
    assert (emptied.status, "journal.head says" in emptied.out) == (1, True)
    done = lantoa("journal", "verify", "--against", kept)
    assert done.status == 1
    assert done.out.startswith(f"journal broken at entry {first}: it was there ")


def test_a_database_that_was_put_back_by_hand_is_noticed_until_it_is_accepted(lantoa: Machine) -> None:
    publish(lantoa)
    shutil.copy(lantoa.data / "lantoa.db", lantoa.folder / "earlier.db")
    publish(lantoa)
    lantoa.well("journal", "verify")
    contains = "the journal contains the noted entry: there is nothing to accept\n"
    assert lantoa.well("journal", "accept") == contains
    assert "ok   journal: contains entry 16, noted 20" in lantoa("doctor").out
    for left in ("lantoa.db-wal", "lantoa.db-shm"):
        (lantoa.data / left).unlink(missing_ok=True)
    shutil.copy(lantoa.folder / "earlier.db", lantoa.data / "lantoa.db")
    for words in (("journal", "verify"), ("tallies", "verify")):
        done = lantoa(*words)
        assert (done.status, "journal broken at entry 16: it was there on" in done.out) == (1, True), done
    assert "BAD  journal: it was there on" in lantoa("doctor").out
    accepted = "the journal goes back to entry 8: entry 16 was noted; recorded as journal.set_back, number 1\n"
    assert lantoa.well("journal", "accept") == accepted
    assert lantoa.well("journal", "verify").splitlines()[-1].startswith("set back 1 times by a restore")
    assert lantoa.well("journal", "accept") == contains


def test_a_restore_says_and_records_that_the_journal_goes_back(lantoa: Machine) -> None:
    publish(lantoa)
    lantoa.well("backup", "saved.zip")
    publish(lantoa)
    lantoa.well("journal", "verify")
    for left in lantoa.data.glob("lantoa.db*"):
        left.unlink()
    out = lantoa.well("restore", "saved.zip")
    assert "the journal goes back to entry 8: entry 16 was noted; recorded as journal.set_back, number 1" in out
    verified = lantoa.well("journal", "verify")
    assert verified.startswith("journal whole: 9 entries\n")
    assert "set back 1 times" in verified
    assert "ok   journal: contains entry 9, noted " in lantoa("doctor").out


def test_a_year_of_the_journal_is_written_to_a_file_whose_hashes_and_checkpoint_hold(lantoa: Machine) -> None:
    with lantoa.database as database, database.write() as session:
        for day in (datetime(2024, 12, 31, 20, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)):  # here both are of 2025
            factories.published(session, now=day)
        factories.published(session)
    out = lantoa.well("journal", "archive", "2025", "2025.jsonl")
    *entries, end = map(json.loads, (lantoa.folder / "2025.jsonl").read_text().splitlines())
    assert out.startswith(f"2025.jsonl: {len(entries)} entries of 2025")
    assert {entry["at"][:4] for entry in entries} == {"2024", "2025"}
    assert [entry["previous"] for entry in entries[1:]] == [entry["hash"] for entry in entries[:-1]]
    assert "1 checkpoints in it" in lantoa.well("journal", "verify", "--against", end["checkpoint"])
    assert "1 checkpoints in it" in lantoa.well("journal", "verify", "--against", "2025.jsonl")
    assert "exists" in lantoa.refused("journal", "archive", "2025", "2025.jsonl")
    assert "is not over yet" in lantoa.refused("journal", "archive", "2999", "2999.jsonl")


def test_an_emptied_journal_beside_people_is_broken(lantoa: Machine) -> None:
    lantoa.well("staff", "add", "sau@so.example", "--role", "analyst", "--password-stdin", stdin="hạ lưu bãi giữa 6\n")
    with lantoa.database as database, database.write() as session:
        session.execute(sa.text("DELETE FROM journal"))
        session.execute(sa.text("DELETE FROM journal_head"))
    done = lantoa("journal", "verify")
    assert done.status == 1
    assert done.out.startswith("journal broken at entry 1: entries were removed: nothing says who added ")
    assert lantoa("journal", "checkpoint").status == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("lantoa-journal-1 3 abc", "expected a line that begins with lantoa-journal-1"),
        ("", "holds no checkpoint"),
        ("lantoa-journal-1 1 abc 2026-11-24T07:00:00+07:00 x", "its seal does not fit"),
    ],
)
def test_what_is_no_checkpoint_is_bad_input(lantoa: Machine, given: str, why: str) -> None:
    assert why in lantoa.refused("journal", "verify", "--against", given)


@pytest.mark.promise("Journal")
@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE journal SET actor = 'mallory' WHERE seq = 3", 3),
        ("UPDATE journal SET details = '{}' WHERE seq = 5", 5),
        ("DELETE FROM journal WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 8", 8),
        ("UPDATE journal SET hash = previous WHERE seq = 7", 7),
    ],
)
def test_an_edited_journal_is_broken_at_the_first_bad_entry(lantoa: Machine, statement: str, first: int) -> None:
    publish(lantoa)
    edit(lantoa, statement)
    done = lantoa("journal", "verify")
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith(f"journal broken at entry {first}: ")
    assert len(done.out.splitlines()) == 1


def test_a_backup_restored_elsewhere_is_the_same_installation(
    lantoa: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    publish(lantoa)
    lantoa.well("staff", "add", "a@b.example", "--role", "admin", "--password-stdin", stdin="một mật khẩu dài\n")
    out = lantoa.well("backup", "saved.zip")
    assert out.startswith("saved.zip: ")
    file = lantoa.folder / "saved.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert zipfile.ZipFile(file).testzip() is None
    other = Machine(tmp_path_factory.mktemp("other"))
    assert "restored" in other.well("restore", file)
    for table in ("journal", "bulletins", "revisions", "people", "deliveries", "topics"):
        assert rows(other, table) == rows(lantoa, table)
    assert other.well("journal", "verify") == lantoa.well("journal", "verify")
    assert "not empty" in other.refused("restore", file)


def test_a_backup_says_what_it_lacks_when_it_is_made_and_when_it_is_read(
    lantoa: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    given = {
        "base_url": "https://tin.thudo.example", "mail_server": "smtps://tin@mail.example", "mail_ca": "/etc/ca.pem",
        "mail_password": "bí mật của thư", "idle_minutes": "60",
    }  # fmt: skip
    out = lantoa.well("backup", "saved.zip", **given)
    lacks = [line for line in out.splitlines() if line.startswith("not in it: ")]
    assert [line.partition(": ")[2].partition(":")[0] for line in lacks] == [
        "passwords", "files that settings name", "the proxy's certificate and configuration",
    ]  # fmt: skip
    assert "LANTOA_MAIL_PASSWORD" in lacks[0]
    assert "bí mật" not in str(zipfile.ZipFile(lantoa.folder / "saved.zip").read("lantoa.json"))
    other = Machine(tmp_path_factory.mktemp("other"))
    read = other.well("restore", lantoa.folder / "saved.zip")
    assert [line for line in read.splitlines() if line.startswith("not in it: ")] == lacks
    settings = tomllib.loads((other.data / "settings-of-the-backup.toml").read_text())
    assert settings == {
        "base_url": "https://tin.thudo.example", "mail_server": "smtps://tin@mail.example", "mail_ca": "/etc/ca.pem",
        "idle_minutes": 60,
    }  # fmt: skip


def test_a_lost_data_folder_is_there_again_from_the_copies(lantoa: Machine) -> None:
    publish(lantoa)
    copies = lantoa.folder / "copies"
    assert "BAD  copy: there is none" in lantoa("doctor", copy_folder=str(copies)).out
    with lantoa.database as database:
        settings = Settings(data_dir=lantoa.data, copy_folder=str(copies))
        upkeep.copy_database(composition.job_context(settings, database))
    assert "ok   copy: " in lantoa("doctor", copy_folder=str(copies)).out
    known = rows(lantoa, "journal")
    shutil.rmtree(lantoa.data)
    assert "the secret key" in lantoa.well("restore", copies)
    assert rows(lantoa, "journal") == known
    assert lantoa("journal", "verify").status == 0
    assert "database already" in lantoa.refused("restore", copies)


def test_what_is_no_backup_is_refused_and_fills_nothing(bare: Machine) -> None:
    (bare.folder / "bad.zip").write_bytes(b"PK nothing")
    assert "bad.zip is not a backup of this program" in bare.refused("restore", "bad.zip")
    assert not (bare.data / "lantoa.db").exists()


def _damaged(file: Path, kind: str, identity: pyrage.x25519.Identity) -> None:
    """Rewrite a backup so that it cannot be restored."""
    whole = file.read_bytes()
    if kind == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif kind == "rows that do not fit":
        with zipfile.ZipFile(file) as given, zipfile.ZipFile(file.with_suffix(".new"), "w") as made:
            for name in given.namelist():
                body = given.read(name)
                made.writestr(name, b"" if name == "tables/bulletins.jsonl" else body)
        file.with_suffix(".new").replace(file)
    elif kind in {"encrypted and cut", "encrypted and changed", "encrypted and no backup"}:
        inner = b"no backup" if kind.endswith("no backup") else whole
        sealed = bytearray(pyrage.encrypt(inner, [identity.to_public()]))
        if kind.endswith("changed"):
            sealed[len(sealed) // 2] ^= 1
        file.write_bytes(sealed[: len(sealed) // 2] if kind.endswith("cut") else sealed)


@pytest.mark.parametrize(
    "kind",
    ["cut", "rows that do not fit", "encrypted and cut", "encrypted and changed", "encrypted and no backup"],
)
def test_a_restore_that_fails_names_the_file_and_leaves_no_secret_key(
    lantoa: Machine, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    publish(lantoa)
    file, private = lantoa.folder / "saved.zip", lantoa.folder / "private.txt"
    lantoa.well("backup", file)
    identity = pyrage.x25519.Identity.generate()
    private.write_text(f"{identity}\n")
    _damaged(file, kind, identity)
    other = Machine(tmp_path_factory.mktemp("other"))
    words = ("--identity", private) if kind.startswith("encrypted") else ()
    assert other.refused("restore", file, *words).startswith(f"lantoa: {file} ")
    assert not (other.data / "secret.key").exists()
    other.data.mkdir(exist_ok=True)
    (other.data / "secret.key").write_text("a key that was there before, which is long enough\n")
    other.refused("restore", file, *words)
    assert (other.data / "secret.key").read_text() == "a key that was there before, which is long enough\n"


def test_a_backup_shows_a_bar_on_a_terminal_and_none_in_a_pipe(lantoa: Machine) -> None:
    publish(lantoa)
    command = [LANTOA, "backup", str(lantoa.folder / "saved.zip")]
    environment = os.environ | {"LANTOA_DATA_DIR": str(lantoa.data)}
    piped = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert piped.stderr == ""
    ours, theirs = os.openpty()
    try:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True, env=environment)
    finally:
        os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        shown = terminal.read1().decode()
    assert "writing" in shown
    assert "100%" in shown


def test_the_doctor_has_a_line_for_each_thing_and_1_while_something_is_wrong(lantoa: Machine) -> None:
    done = lantoa("doctor")
    lines = {line[4:].partition(":")[0].strip(): line[:4].strip() for line in done.out.splitlines()}
    assert done.status == 1
    assert (lines["configuration"], lines["database"], lines["disk"]) == ("ok", "ok", "ok")
    assert (lines["staff"], lines["clock"], lines["queue"]) == ("BAD", "BAD", "ok")
    database = lantoa.database
    with database.write() as session:
        factories.channel(session, "webhook", settings={"url": "https://nhan.example/"})
    database.dispose()
    assert "ok   channels: 1 active" in lantoa("doctor").out


def test_the_doctor_tells_of_a_bad_setting_and_of_a_missing_database(bare: Machine) -> None:
    bad = bare("doctor", pace="slow")
    assert (bad.status, "\nBAD  configuration: pace" in bad.out) == (1, True)
    none = bare("doctor")
    assert none.status == 1
    assert "BAD  database: " in none.out
    assert "is not there yet; run: lantoa db upgrade" in none.out
    assert not bare.data.exists()  # looking makes nothing


def test_a_backup_for_a_recipient_is_restored_with_the_private_key(
    lantoa: Machine, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    other = Machine(tmp_path_factory.mktemp("other"))
    identity = pyrage.x25519.Identity.generate()
    private, file = tmp_path / "private.txt", tmp_path / "house.age"
    private.write_text(f"{identity}\n")
    publish(lantoa)
    lantoa.well("backup", file, "--recipient", str(identity.to_public()))
    assert "--identity" in other.refused("restore", file)
    assert other.well("restore", file, "--identity", private).startswith(f"{file}: ")
    assert other.well("journal", "verify") == lantoa.well("journal", "verify")


def test_recipient_and_pages_of_a_backup_are_settings_and_the_doctor_says_whether_it_is_encrypted(
    lantoa: Machine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    identity, other_key = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    private, file, pages = lantoa.folder / "private.txt", lantoa.folder / "house.age", lantoa.folder / "pages"
    private.write_text(f"{identity}\n")
    assert "not encrypted: keep it" in lantoa.well("backup", file)
    assert "not encrypted; set LANTOA_BACKUP_RECIPIENT" in lantoa("doctor").out
    given = {"backup_recipient": str(identity.to_public()), "backup_pages": str(pages)}
    said = lantoa.well("backup", file, **given)
    assert "not encrypted" not in said
    assert str(pages) in said
    assert " UTC, encrypted" in lantoa("doctor").out
    other = Machine(tmp_path_factory.mktemp("other"))
    pages.mkdir(exist_ok=True)
    assert other.well("restore", file, "--identity", private, "--pages", pages).startswith(f"{file}: ")
    lantoa.well("backup", file, "--recipient", str(other_key.to_public()), **given)
    again = Machine(tmp_path_factory.mktemp("again"))
    assert "does not open with" in again.refused("restore", file, "--identity", private)


def test_a_key_is_changed_and_the_former_one_removed(lantoa: Machine) -> None:
    publish(lantoa)
    database = lantoa.database
    former = (lantoa.data / "secret.key").read_text().split()
    with database.write() as session:
        sealed = Encryption(former[0]).encrypt({"secret": "whsec_x"})
        factories.channel(session, encrypted_secrets=sealed)
    assert "there is no former key" in lantoa.refused("key", "rotate", "--finish")
    assert lantoa.well("key", "rotate").splitlines()[0].endswith(": 1 values sealed again")
    both = (lantoa.data / "secret.key").read_text().split()
    assert (len(both), both[1:]) == (2, former)
    assert lantoa.well("key", "rotate").splitlines()[0].endswith(": 0 values sealed again")
    assert (lantoa.data / "secret.key").read_text().split() == both
    assert lantoa.well("key", "rotate", "--finish").splitlines()[-1] == "the former key was removed"
    assert (lantoa.data / "secret.key").read_text().split() == both[:1]
    assert stat.S_IMODE((lantoa.data / "secret.key").stat().st_mode) == 0o600
    with database.read() as session:
        kept = session.execute(sa.text("SELECT encrypted_secrets FROM channels")).scalar_one()
    assert Encryption(both[0]).decrypt(kept) == {"secret": "whsec_x"}
    assert lantoa("journal", "verify").status == 0
    database.dispose()


def test_a_key_of_the_environment_is_changed_there(bare: Machine) -> None:
    new, old, lantoa = "n" * 40, "o" * 40, bare
    lantoa.well("db", "upgrade", secret_key=old)
    refusal = lantoa.refused("key", "rotate", secret_key=old)
    assert "LANTOA_FORMER_SECRET_KEYS" in refusal
    lantoa.well("key", "add", "a", "--role", "analyst", secret_key=old)
    assert "another secret key" in lantoa("key", "add", "b", "--role", "analyst", secret_key=new).err
    given = {"secret_key": new, "former_secret_keys": old}
    lantoa.well("key", "rotate", **given)
    assert "remove LANTOA_FORMER_SECRET_KEYS" in lantoa.well("key", "rotate", "--finish", **given)
    assert lantoa("journal", "verify", secret_key=new).status == 0


def test_the_time_stamp_beside_a_kept_checkpoint_is_verified_and_the_doctor_misses_one(
    lantoa: Machine, tmp_path: Path
) -> None:
    folder, tsa = tmp_path / "moc", tmp_path / "tsa"
    folder.mkdir()
    tsa.mkdir()
    with timestamp_server(tsa) as server:
        settings = {
            "checkpoint_folder": str(folder), "timestamp_url": server.url, "timestamp_ca": str(server.certificate),
        }  # fmt: skip
        said = lantoa("doctor", **settings).out
        assert f"BAD  checkpoints: {folder}: holds none" in said
        assert f"BAD  time stamps: {folder}: holds none" in said
        line = folder / "2026-11-24.txt"
        line.write_text(lantoa.well("journal", "checkpoint"))
        authority = TimestampAuthority(server.url, server.certificate.read_bytes())
        request = authority.request(line.read_bytes())
        reply = requests.post(server.url, data=request.as_bytes(), timeout=20).content
        (folder / "2026-11-24.tsr").write_bytes(reply)
        unset = lantoa("journal", "verify", "--against", line)
        assert (unset.status, "not checked" in unset.out) == (0, True)
        checked = lantoa("journal", "verify", "--against", line, **settings)
        assert (checked.status, "2026-11-24.txt existed at 20" in checked.out) == (0, True), checked
        line.write_text(f"{line.read_text()}\n")
        changed = lantoa("journal", "verify", "--against", line, **settings)
        assert (changed.status, "no valid time stamp" in changed.out) == (1, True)
    for wrong, why in (
        ({"timestamp_url": server.url}, "needs checkpoint_folder or checkpoint_bucket"),
        ({"timestamp_url": server.url, "checkpoint_folder": str(folder)}, "timestamp_ca must be set"),
        ({**settings, "timestamp_ca": str(line)}, "timestamp_ca: "),
        ({**settings, "timestamp_url": "ftp://x"}, "must begin with http"),
        ({"checkpoint_bucket": "s3://b/c"}, "checkpoint_key_id and checkpoint_secret"),
        ({"checkpoint_bucket": "x", "checkpoint_key_id": "a", "checkpoint_secret": "b"}, "names no bucket"),
    ):
        assert why in lantoa("doctor", **wrong).out
