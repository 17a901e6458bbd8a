"""Backup and restore: one consistent snapshot, also during writes, into either kind of database."""

import json
import stat
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
import sqlalchemy as sa

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core import journal
from campaigns.core.clock import parse_period
from campaigns.core.errors import Conflict
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.partners import partner_merge
from campaigns.partners.directory import PartnerMerged, find_company, find_site
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.monitoring import Backup
from campaigns.reporting.rollups import rollup, tally_history
from campaigns.reporting.rollups.rollup_tables import DERIVED_TABLES
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.views import SHORT_LIVED
from campaigns.rows import METADATA
from coordinator import schema
from coordinator.db import Database
from coordinator.storage import backup, leftovers
from coordinator.storage.backup import BadBackup, BadRecipient
from coordinator.storage.pages import PageStore
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import own_postgresql
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite
from tests.coordinator.test_upgrades import database_url, invented_history
from tests.factories import ADMIN, ANALYST, NOW

KEYS = ("the-key-of-this-house-which-is-long-enough", "the-key-that-it-had-before-long-enough-too")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, upgraded database to restore into."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'restored.db'}")
        schema.upgrade(made)
        yield made
        made.dispose()
        return
    with own_postgresql() as url:
        made = Database(url)
        schema.upgrade(made)
        yield made
        made.dispose()


@pytest.fixture
def scene(tmp_path: Path, database: Database) -> JobHarness:
    """A full house on each kind of database."""
    return full_house(database, tmp_path)


@pytest.fixture
def stage(tmp_path: Path, sqlite: Database) -> JobHarness:
    """A full house on SQLite."""
    return full_house(sqlite, tmp_path)


def full_house(database: Database, folder: Path) -> JobHarness:
    """Bulletins, deliveries, copies with kept pages, secrets, a page known by two addresses, and a duplicate."""
    made = JobHarness(database, folder)
    with HostileServer() as server:
        newsroom = ScriptedSite(made, server)
        made.channel("webhook", settings={"url": "https://nhan.example/"}, topics=["dich-benh"])
        made.channel("feed")
        code = made.publish(title=TITLE, body=BODY)
        made.recall(made.publish())
        url = newsroom.carries("/tin/bai-so-mot-40001.html", code)
        mobile = newsroom.carries("/m/bai-so-mot-40001.html", code, canonical=url)
        again = newsroom.carries("/doi-song/bai-so-mot-40001.html", code)
        with database.write() as session:
            site = find_site(session, newsroom.code)
            bulletin = find_bulletin(session, code)
            # The address that turns out to be an alias is known before the one it leads to.
            for text in (mobile, url, again):
                record_sighting(
                    session, site, text, SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=made.context.now()
                )
        made.drain("page_check")
        made.later("page_check", minutes=10)
    return made


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of their keys."""
    with database.read() as session:
        return {
            table.name: sorted((dict(row) for row in session.execute(sa.select(table)).mappings()), key=str)
            for table in METADATA.sorted_tables
            if table.name not in DERIVED_TABLES | {Backup.__tablename__}
        }


def test_a_full_installation_is_restored_equal(scene: JobHarness, empty: Database, tmp_path: Path) -> None:
    file, folder = tmp_path / "house.zip", tmp_path / "elsewhere"
    with scene.database.write() as session:
        while rollup.roll_up(session):
            pass
    written = backup.backup(scene.database, tmp_path, file, keys=KEYS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    restored = backup.restore(empty, folder, file)
    assert restored == written
    assert written.pages > 0
    before, after = rows(scene.database), rows(empty)
    assert {name: len(lines) for name, lines in after.items()} == {name: len(lines) for name, lines in before.items()}
    assert after == before
    assert any(page["alias_of_id"] for page in after["pages"])
    assert any(row["duplicate_of_id"] for row in after["republications"])
    with empty.read() as session:
        assert journal.verify(session) is None
        assert list(rollup.find_differences(session)) == []
        assert rollup.count_facts(session) > 0
    assert (folder / "secret.key").read_text().split("\n") == [*KEYS, ""]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    for proof in after["evidence"]:
        assert PageStore(folder / "pages").read(proof["body_key"]) == scene.context.store.read(proof["body_key"])


def test_the_history_comes_along_with_what_was_on_its_way_there(
    scene: JobHarness, empty: Database, tmp_path: Path
) -> None:
    with scene.database.write() as session:
        row = briefing_text.begin_briefing(session, ANALYST, None, parse_period("2026"), now=scene.clock.moment)
        versions.freeze_version(session, ANALYST, row.public, now=scene.clock.moment)
        for republication in session.execute(sa.select(Republication)).scalars():
            republication.duplicate_of, republication.status = None, RepublicationStatus.REJECTED
    with scene.database.read() as session:
        assert rollup.count_pending(session) > 0
        entries = tally_history.newest_entry(session) + rollup.count_pending(session)
    backup.backup(scene.database, tmp_path, tmp_path / "house.zip", keys=KEYS)
    backup.restore(empty, tmp_path / "elsewhere", tmp_path / "house.zip")
    with empty.read() as session:
        assert tally_history.newest_entry(session) == entries
        (version,) = versions.all_versions(session)
        assert versions.rederive(session, version).equal
        assert version.frozen_figures.totals.found > 0
    with empty.write() as session:
        make_republication(session, factories.published(session), factories.site(session))
        while rollup.roll_up(session):
            pass
        assert tally_history.newest_entry(session) > entries


def test_a_restored_installation_works(stage: JobHarness, empty: Database, tmp_path: Path) -> None:
    backup.backup(stage.database, tmp_path, tmp_path / "house.zip", keys=KEYS)
    backup.restore(empty, tmp_path / "elsewhere", tmp_path / "house.zip")
    harness = JobHarness(empty, tmp_path / "elsewhere")
    harness.clock.moment = stage.clock.moment + timedelta(days=1)
    channel = harness.channel("feed")
    code = harness.publish()
    assert {delivery.channel.code for delivery in harness.deliveries(code)} >= {channel}
    harness.recall(code)
    assert harness.journal_holds()


def test_the_planner_of_a_restored_database_knows_how_large_its_tables_are(
    scene: JobHarness, empty: Database, tmp_path: Path
) -> None:
    # Sums of a year took hours without: for each arrival a whole channel's deliveries were read.
    backup.backup(scene.database, tmp_path, tmp_path / "house.zip", keys=KEYS)
    backup.restore(empty, tmp_path / "elsewhere", tmp_path / "house.zip")
    known = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'deliveries'"
    if not empty.on_sqlite:
        known = "SELECT count(*) FROM pg_class WHERE relname = 'deliveries' AND reltuples > 0"
    with empty.read() as session:
        assert session.execute(sa.text(known)).scalar_one() > 0


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(scene: JobHarness, tmp_path: Path) -> None:
    stop = threading.Event()

    def write_on() -> None:
        # A moment's pause: SQLite's lock has no queue, and two writers without any would keep out the third.
        while not stop.wait(0.01):
            with scene.database.write() as session:
                factories.published(session, now=scene.context.now())

    writers = [threading.Thread(target=write_on) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(5):
            backup.backup(scene.database, tmp_path, tmp_path / f"{number}.zip", keys=KEYS)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    sizes = []
    for number in range(5):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            names = METADATA.tables.keys() - SHORT_LIVED - DERIVED_TABLES - {Backup.__tablename__}
            lines = {name: archive.read(f"tables/{name}.jsonl").splitlines() for name in names}
        written = [json.loads(line)["act"] for line in lines["journal"]].count("bulletin.written")
        assert len(lines["bulletins"]) == written
        assert len(lines["revisions"]) == written
        assert json.loads(lines["journal_head"][0])["seq"] == len(lines["journal"])
        sizes.append(written)
    assert sizes == sorted(sizes)
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    schema.upgrade(fresh)
    backup.restore(fresh, tmp_path / "elsewhere", tmp_path / "4.zip")
    with fresh.read() as session:
        assert journal.verify(session) is None
    fresh.dispose()


def test_a_database_that_is_not_empty_is_left_alone(stage: JobHarness, tmp_path: Path) -> None:
    backup.backup(stage.database, tmp_path, tmp_path / "house.zip", keys=KEYS)
    before = rows(stage.database)
    with pytest.raises(Conflict) as refused:
        backup.restore(stage.database, tmp_path / "elsewhere", tmp_path / "house.zip")
    assert refused.value.code == "not_empty"
    assert rows(stage.database) == before
    assert not (tmp_path / "elsewhere").exists()


def test_an_older_backup_is_only_replaced_by_a_whole_one(
    stage: JobHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "house.zip"
    backup.backup(stage.database, tmp_path, file, keys=KEYS)
    before = file.read_bytes()

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", full)
    with pytest.raises(OSError, match="No space"):
        backup.backup(stage.database, tmp_path, file, keys=KEYS)
    assert file.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_what_a_killed_backup_left_is_removed_and_one_that_is_being_written_stays(
    sqlite: Database, tmp_path: Path
) -> None:
    left, other = tmp_path / ".lantoa-backup-x.part", tmp_path / "report.part"
    left.touch()
    other.touch()
    with leftovers.locked_part(tmp_path, ".lantoa-backup-") as (_file, written):
        backup.backup(sqlite, tmp_path, tmp_path / "house.zip", keys=KEYS)
        assert (left.exists(), written.exists(), other.exists()) == (False, True, True)


def test_pages_are_copied_to_a_folder_once_and_the_file_says_where_they_are(stage: JobHarness, tmp_path: Path) -> None:
    pages, file = tmp_path / "kept-elsewhere", tmp_path / "house.zip"
    first = backup.backup(stage.database, tmp_path, file, keys=KEYS, pages_folder=pages)
    there = {page: page.stat().st_mtime_ns for page in pages.glob("??/*.gz")}
    assert len(there) == first.pages > 0
    stage.context.store.keep(b"<p>one more</p>")
    second = backup.backup(stage.database, tmp_path, file, keys=KEYS, pages_folder=pages)
    assert second.pages == first.pages + 1
    assert there.items() <= {page: page.stat().st_mtime_ns for page in pages.glob("??/*.gz")}.items()
    with zipfile.ZipFile(file) as archive:
        assert not [name for name in archive.namelist() if name.startswith("pages/")]
    assert any(str(pages) in line for line in second.lacks)
    moved = pages.rename(tmp_path / "moved")
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    with pytest.raises(BadBackup, match="give --pages"):
        backup.restore(fresh, tmp_path / "elsewhere", file)
    assert backup.restore(fresh, tmp_path / "elsewhere", file, pages_folder=moved) == second
    assert len(list((tmp_path / "elsewhere" / "pages").glob("??/*.gz"))) == second.pages
    fresh.dispose()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_backup_of_an_older_release_is_restored_into_the_newer_program(
    stage: JobHarness, tmp_path: Path, kind: str
) -> None:
    with stage.database.write() as session:
        while rollup.roll_up(session):
            pass
    file = tmp_path / "house.zip"
    backup.backup(stage.database, tmp_path, file, keys=KEYS)
    newer = invented_history(
        tmp_path / "newer",
        ("    op.add_column('bulletins', sa.Column('remark', sa.String(20), server_default='none'))\n", False, {}),
        ("    op.execute(\"UPDATE bulletins SET remark = 'moved'\")\n", True, {}),
    )
    (tmp_path / "bare").mkdir()
    with database_url(kind, tmp_path / "bare") as url:
        bare = Database(url)
        backup.restore(bare, tmp_path / "elsewhere", file, config=newer)
        assert schema.current(bare) == schema.head(newer) != schema.head()
        with bare.read() as session:
            assert set(session.execute(sa.text("SELECT remark FROM bulletins")).scalars()) == {"moved"}
            assert journal.verify(session) is None
            assert list(rollup.find_differences(session)) == []
            assert rollup.count_facts(session) > 0
        assert rows(bare) == rows(stage.database)
        with bare.write() as session:
            assert factories.published(session).id
        bare.dispose()


def _changed(file: Path, name: str, body: bytes | None) -> None:
    """The backup with one member replaced, or without it."""
    with zipfile.ZipFile(file) as archive:
        members = {text: archive.read(text) for text in archive.namelist()}
    if body is None:
        del members[name]
    else:
        members[name] = body
    with zipfile.ZipFile(file, "w") as archive:
        for text, content in members.items():
            archive.writestr(text, content)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("lantoa.json", None),
        ("lantoa.json", b"[]"),
        ("lantoa.json", b'{"format": 1, "schema": "9999"}'),
        ("lantoa.json", b'{"format": 2}'),
        ("tables/bulletins.jsonl", None),
        ("tables/bulletins.jsonl", b'{"id": 1'),
        ("tables/bulletins.jsonl", b'{"id": 1, "no_such_column": 2}\n'),
        ("tables/topics.jsonl", b""),
    ],
)
def test_a_bad_file_is_refused_in_words_and_nothing_is_filled(
    sqlite: Database, tmp_path: Path, name: str, body: bytes | None
) -> None:
    with JobHarness(sqlite, tmp_path).database.write() as session:
        factories.published(session)
    file = tmp_path / "house.zip"
    backup.backup(sqlite, tmp_path, file, keys=KEYS)
    _changed(file, name, body)
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    schema.upgrade(fresh)
    with pytest.raises(BadBackup):
        backup.restore(fresh, tmp_path / "elsewhere", file)
    assert {name for name, lines in rows(fresh).items() if lines} == {"topics", "compliance_rules"}
    fresh.dispose()


def test_no_file_of_a_backup_is_written_outside_the_folder(sqlite: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.zip"
    backup.backup(sqlite, tmp_path, file, keys=KEYS)
    for name in ("pages/../evil.gz", "pages/ab/../../evil.gz", "/evil.gz", "pages/ab/cd/evil.gz", "evil.key"):
        _changed(file, name, b"x")
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    schema.upgrade(fresh)
    backup.restore(fresh, tmp_path / "elsewhere", file)
    fresh.dispose()
    assert not list(tmp_path.rglob("evil*"))


def test_a_damaged_file_is_refused(sqlite: Database, tmp_path: Path) -> None:
    file = tmp_path / "house.zip"
    backup.backup(sqlite, tmp_path, file, keys=KEYS)
    whole = file.read_bytes()
    for damaged in (b"", b"PK", whole[: len(whole) // 2], whole[:200] + b"\0" * 40 + whole[240:]):
        file.write_bytes(damaged)
        fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
        schema.upgrade(fresh)
        with pytest.raises(BadBackup):
            backup.restore(fresh, tmp_path / "elsewhere", file)
        fresh.dispose()


def test_a_partner_that_was_merged_leads_on_after_a_restore(sqlite: Database, empty: Database, tmp_path: Path) -> None:
    with sqlite.write() as session:
        kept, dropped = (factories.company(session, name) for name in ("Nhịp Sông", "NHIP SONG"))
        factories.site(session, dropped)
        codes = {
            "keep": kept.code,
            "drop": dropped.code,
            "seen": partner_merge.pair_version_tag(session, kept, dropped),
        }
        # The one that stays came last: its row follows the one that points at it.
        codes["keep"], codes["drop"] = codes["drop"], codes["keep"]
        partner_merge.merge(session, ADMIN, name="Nhịp Sông", tax_code="", now=NOW, **codes)
    backup.backup(sqlite, tmp_path, tmp_path / "house.zip", keys=KEYS)
    backup.restore(empty, tmp_path / "elsewhere", tmp_path / "house.zip")
    with empty.write() as session:
        with pytest.raises(PartnerMerged) as exception_info:
            find_company(session, codes["drop"])
        assert exception_info.value.into == codes["keep"]
        stays = find_company(session, codes["keep"])
        assert len(stays.sites) == 1
        assert factories.company(session, "Nhịp Sông").code not in codes.values()
        assert list(rollup.find_differences(session)) == []


def test_an_encrypted_file_opens_with_its_private_key_and_no_other(
    stage: JobHarness, empty: Database, tmp_path: Path
) -> None:
    file, folder = tmp_path / "house.age", tmp_path / "elsewhere"
    owner, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    recipient = str(owner.to_public())
    written = backup.backup(stage.database, tmp_path, file, keys=KEYS, recipient=recipient)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert backup.is_encrypted(file)
    assert KEYS[0].encode() not in file.read_bytes()
    (tmp_path / "owner.txt").write_text(f"# created: 2026-11-24\n{owner}\n")
    (tmp_path / "stranger.txt").write_text(str(stranger))
    with pytest.raises(BadBackup, match="does not open with"):  # noqa: SIM117  # the error is of the first
        with backup.decrypted(file, tmp_path / "stranger.txt", folder):
            pass
    assert list(folder.iterdir()) == []
    with backup.decrypted(file, tmp_path / "owner.txt", folder) as plain:
        assert stat.S_IMODE(plain.stat().st_mode) == 0o600
        assert backup.restore(empty, folder, plain) == written
    assert not list(folder.glob(".lantoa-restore-*"))
    assert (folder / "secret.key").read_text().split() == list(KEYS)


@pytest.mark.parametrize("recipient", ["x", "age1", "ssh-rsa", "AGE-SECRET-KEY-1QQ"])
def test_what_is_no_public_key_encrypts_nothing(sqlite: Database, tmp_path: Path, recipient: str) -> None:
    with pytest.raises(BadRecipient):
        backup.backup(sqlite, tmp_path, tmp_path / "house.age", keys=KEYS, recipient=recipient)
    assert not list(tmp_path.glob("house.age*"))
