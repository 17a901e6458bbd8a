"""What somebody who can write the database, and nothing else, may try to do to the past, and the command that notices
it. The tables below are what ``docs/explanation/security.md`` counts."""

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.discovery.sightings import Page
from campaigns.republications.evidence.uploads import EvidenceUploadKind, StoredFile, confirm_by_upload
from campaigns.republications.republications import Republication, RepublicationStatus
from campaigns.republications.review.decisions import decide
from coordinator.config import Settings
from coordinator.db import Database
from tests.conftest import POSTGRESQL
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.installation import own_postgresql
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite
from tests.factories import ANALYST

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
JOURNAL, TALLIES = "journal", "tallies"  # verify


@dataclass(frozen=True)
class Rewrite:
    """Statements, the command that notices them and a part of what it says. ``{name}`` in a statement is a fact of the
    installation, see ``facts``."""

    statements: tuple[str, ...]
    command: str
    said: str


def journal(said: str, *statements: str) -> Rewrite:
    return Rewrite(statements, JOURNAL, said)


def tallies(said: str, *statements: str) -> Rewrite:
    return Rewrite(statements, TALLIES, said)


CHANGED, UNNAMED, GONE = (
    "is not what the journal's entry was written of",
    "no entry of the journal was written of",
    "are gone",
)
REVISION = "UPDATE revisions SET {} WHERE bulletin_id = {{corrected}} AND number = 1"
EVIDENCE = "UPDATE evidence SET {} WHERE id = {{first}}"
COPY = "UPDATE republications SET {} WHERE id = {{copy}}"

REWRITES: dict[str, Rewrite] = {
    # The journal itself.
    "who did something": journal("entry 3: its content", "UPDATE journal SET actor = 'ai@so.example' WHERE seq = 3"),
    "what was done": journal("entry 5: its content", "UPDATE journal SET act = 'topic.added' WHERE seq = 5"),
    "with which details": journal("entry 6: its content", "UPDATE journal SET details = '{{}}' WHERE seq = 6"),
    "when": journal("entry 7: its content", "UPDATE journal SET at = (SELECT max(at) FROM journal) WHERE seq = 7"),
    "to what": journal("entry 8: its content", "UPDATE journal SET subject = 'x' WHERE seq = 8"),
    "an entry removed": journal("entry 4: entry 4 is missing", "DELETE FROM journal WHERE seq = 4"),
    "two entries swapped": journal(
        "entry 3: it does not follow",
        "UPDATE journal SET seq = -3 WHERE seq = 3",
        "UPDATE journal SET seq = 3 WHERE seq = 4",
        "UPDATE journal SET seq = 4 WHERE seq = -3",
    ),
    "an entry put in": journal(
        "its content does not fit its hash",
        "INSERT INTO journal (seq, at, actor, act, subject_kind, subject, details, previous, hash, seal) "
        "SELECT seq + 1, at, actor, act, subject_kind, subject, details, hash, hash, seal FROM journal "
        "WHERE seq = {last}",
        "UPDATE journal_head SET seq = {last} + 1",
    ),
    "the end removed": journal("the journal ends at", "DELETE FROM journal WHERE seq > {last} - 2"),
    "the end removed, with the head's number": journal(
        "the head's",
        "DELETE FROM journal WHERE seq > {last} - 2",
        "UPDATE journal_head SET seq = {last} - 2, hash = (SELECT hash FROM journal WHERE seq = {last} - 2)",
    ),
    "the end cut back to a head that was noted down": journal(
        "journal.head says",
        "DELETE FROM journal WHERE seq > {noted}",
        "UPDATE journal_head SET seq = {noted}, hash = '{noted_hash}', seal = '{noted_seal}'",
    ),
    "everything removed": journal(
        "entry 1: the journal ends at 0", "DELETE FROM journal", "UPDATE journal_head SET seq = 1"
    ),
    "everything removed, with the head": journal("broken at entry", "DELETE FROM journal", "DELETE FROM journal_head"),
    # What was written, approved and released.
    "a released title": journal("the text of revision 1", REVISION.format("title = 'Khác'")),
    "its lead": journal("the text of revision 1", REVISION.format("lead = 'Khác'")),
    "its body": journal("the text of revision 1", REVISION.format("body_html = '<p>Khác</p>'")),
    "its plain text, which feeds serve": journal("the plain text of revision 1", REVISION.format("body_text = 'Khác'")),
    "its topic": journal("the text of revision 1", REVISION.format("topic_code = 'an-ninh-quoc-phong'")),
    "its source": journal("the text of revision 1", REVISION.format("source_url = 'https://khac.example/'")),
    "its author": journal("the author of revision 1", REVISION.format("author = 'khac@so.example'")),
    "a text with its hash": journal(
        "the text of revision 1", REVISION.format("title = 'Khác', hash = (SELECT max(hash) FROM revisions)")
    ),
    "the note of a correction": journal(
        "the text of revision 2", "UPDATE revisions SET note = 'khác' WHERE bulletin_id = {corrected} AND number = 2"
    ),
    "an approver": journal("the approver of revision 1", "UPDATE approvals SET approver = 'khac@so.example'"),
    "what was approved": journal("names another text", "UPDATE approvals SET revision_hash = 'x'"),
    "an approval removed": journal("approvals, and the journal names", "DELETE FROM approvals"),
    "an approval put in": journal(
        "approvals, and the journal names",
        "INSERT INTO approvals (bulletin_id, revision, revision_hash, approver, approver_name, at) "
        "SELECT bulletin_id, 2, revision_hash, approver, approver_name, at FROM approvals "
        "WHERE bulletin_id = {corrected}",
    ),
    "which revision is out": journal(
        "the journal does not say that it was released last",
        "UPDATE bulletins SET released = 1 WHERE id = {corrected}",
    ),
    # What is counted.
    "a copy counted that waits": tallies(
        "no entry of the journal says that it counts",
        "UPDATE republications SET status = 'confirmed' WHERE id = {waiting}",
    ),
    "a counted copy rejected": tallies("the journal says that it counts", COPY.format("status = 'rejected'")),
    "the day it counts on": tallies("its counted_on is", COPY.format("counted_on = '2026-10-01'")),
    "its bulletin": tallies("its bulletin is", COPY.format("bulletin_id = {corrected}")),
    "its site": tallies("its site is", "UPDATE republications SET site_id = {site} WHERE id = {uploaded}"),
    "its match": tallies("its match or attribution", COPY.format("\"match\" = 'partial'")),
    "its attribution": tallies("its match or attribution", COPY.format("attribution = 'linked_elsewhere'")),
    "that it is gone": tallies("it is gone or not", COPY.format("life = 'gone'")),
    "a person's note": tallies("has no such entry", "UPDATE decisions SET note = 'khác' WHERE note = 'đã xem'"),
    "who decided": tallies(
        "no standing decision confirms it", "UPDATE decisions SET actor = 'khac@so.example' WHERE note = 'đã xem'"
    ),
    "the file a person confirmed by": tallies(
        "is not what the journal's entry names",
        "UPDATE evidence_uploads SET body_hash = (SELECT body_hash FROM evidence WHERE id = {first})",
    ),
    # What was on the pages.
    "the text of a page": tallies(CHANGED, EVIDENCE.format("page_text = 'Khác'")),
    "its title": tallies(CHANGED, EVIDENCE.format("page_title = 'Khác'")),
    "the passages": tallies(CHANGED, EVIDENCE.format("passages = '[[0, 9, 0, 9]]'")),
    "its address": tallies(CHANGED, EVIDENCE.format("final_url = 'https://khac.example/'")),
    "when it was read": tallies(CHANGED, EVIDENCE.format("at = (SELECT min(created_at) FROM bulletins)")),
    "when it says it was published": tallies(
        CHANGED, EVIDENCE.format("published_at = (SELECT min(created_at) FROM bulletins)")
    ),
    "what the server answered": tallies(CHANGED, EVIDENCE.format('headers = \'[["Server", "khac"]]\', status = 203')),
    "its source line": tallies(CHANGED, EVIDENCE.format("source_text = 'Theo Sở', source_where = 'p'")),
    "where it links": tallies(CHANGED, EVIDENCE.format("source_link = 'https://khac.example/'")),
    "the share of the text": tallies(CHANGED, EVIDENCE.format("share = 0.5, longest_run = 3")),
    "its author line": tallies(CHANGED, EVIDENCE.format("author = 'Khác'")),
    "the reasons of the verdict": tallies(CHANGED, EVIDENCE.format("reasons = '[\"confirmed: khac\"]'")),
    "the rules of the verdict": tallies(CHANGED, EVIDENCE.format("rule_version = '2025.1'")),
    "the stored page, by that of another look": tallies(
        CHANGED,
        "UPDATE evidence SET body_hash = (SELECT e.body_hash FROM evidence e WHERE e.id = {later}), "
        "body_key = (SELECT e.body_key FROM evidence e WHERE e.id = {later}) WHERE id = {first}",
    ),
    "the web archive, by that of another copy": tallies(
        CHANGED,
        "UPDATE evidence SET capture_key = (SELECT e.capture_key FROM evidence e WHERE e.id = {of_other}) "
        "WHERE id = {later}",
    ),
    "that no archive was kept": tallies(CHANGED, "UPDATE evidence SET capture_key = NULL WHERE id = {later}"),
    "the text of a later look": tallies(CHANGED, "UPDATE evidence SET page_text = 'Khác' WHERE id = {later}"),
    "the text of a duplicate": tallies(CHANGED, "UPDATE evidence SET page_text = 'Khác' WHERE id = {of_duplicate}"),
    "the text of a copy that waits": tallies(CHANGED, "UPDATE evidence SET page_text = '' WHERE id = {of_waiting}"),
    "the evidence of two copies exchanged": tallies(
        CHANGED,
        "UPDATE evidence SET republication_id = CASE id WHEN {first} THEN {other} ELSE {copy} END "
        "WHERE id IN ({first}, {of_other})",
    ),
    "evidence moved to another copy": tallies(
        GONE, "UPDATE evidence SET republication_id = {other} WHERE id = {later}"
    ),
    "the public ids of two copies exchanged": tallies(
        CHANGED,
        "UPDATE republications SET public = 'rep_x' WHERE id = {copy}",
        "UPDATE republications SET public = '{copy_public}' WHERE id = {other}",
        "UPDATE republications SET public = '{other_public}' WHERE id = {copy}",
    ),
    "a later look removed": tallies(GONE, "DELETE FROM evidence WHERE id = {later}"),
    "a look put in": tallies(
        UNNAMED,
        "INSERT INTO evidence ({columns}) SELECT 9999{columns_but_id} FROM evidence WHERE id = {later}",
    ),
    "a copy removed, with its evidence": tallies(
        "there is no row of it",
        "DELETE FROM evidence WHERE republication_id = {other}",
        "DELETE FROM republications WHERE id = {other}",
    ),
}

# Neither command compares these with anything.
UNNOTICED: dict[str, tuple[str, ...]] = {
    "the displayed name of an approver": ("UPDATE approvals SET approver_name = 'Người khác'",),
    "a role": ("UPDATE people SET role = 'approver'",),
    "the day on which a bulletin was released": (
        "UPDATE bulletins SET release_at = created_at WHERE id = {corrected}",
    ),
    "the headline of a copy, as lists show it": (COPY.format("headline = 'Khác'"),),
    "the time that a sighting was noted": ("UPDATE sightings SET at = (SELECT min(created_at) FROM bulletins)",),
}

GUARDS_OFF = {
    "sqlite": ("DROP TRIGGER evidence_no_update", "DROP TRIGGER evidence_no_delete"),
    "postgresql": ("ALTER TABLE evidence DISABLE TRIGGER evidence_is_kept",),
}


@dataclass(frozen=True)
class Untouched:
    """An installation that nobody has touched. ``url``: of its PostgreSQL database, "" on SQLite."""

    folder: Path
    url: str
    facts: dict[str, Any]


def _head(database: Database) -> dict[str, Any]:
    with database.read() as session:
        head = session.execute(sa.text("SELECT seq, hash, seal FROM journal_head")).one()
    return {"noted": head.seq, "noted_hash": head.hash, "noted_seal": head.seal}


def _past(machine: Machine, database: Database) -> None:
    """A corrected bulletin, counted copies on two sites, looked at twice, a duplicate, a decision, an upload and a copy
    that waits for a person."""
    scene = JobHarness(database, machine.data)
    with HostileServer() as server, HostileServer() as second:
        site, other = ScriptedSite(scene, server), ScriptedSite(scene, second)
        code = scene.publish(title=TITLE, body=BODY)
        scene.correct(scene.publish(title="Dời lịch", body="\n\n".join(OTHER)))
        scene.clock.forward(hours=1)
        for place in (site, other):
            place.carries(PATH, code)
            found(place)
        site.carries("/ban-sao-40002.html", code)
        found(site, "/ban-sao-40002.html")
        waits = scene.publish(title=f"{TITLE} (2)", body="\n\n".join(reversed(PARTS)))
        scene.clock.forward(hours=1)
        other.carries("/cho-xem-40003.html", waits, tuple(reversed(PARTS)), source="")
        found(other, "/cho-xem-40003.html")
        site.carries("/cho-xem-40004.html", waits, tuple(reversed(PARTS)), source="")
        found(site, "/cho-xem-40004.html")
        site.carries(PATH, code, (*PARTS, "Trạm y tế phường thông báo thêm số điện thoại đường dây nóng."))
        with database.write() as session:
            session.execute(sa.update(Page).values(due_at=scene.context.now()))
        scene.clock.forward(days=1)
        scene.drain("page_check")
        with database.write() as session:
            query = sa.select(Republication).where(Republication.canonical_url.contains("40004"))
            decide(session, ANALYST, session.scalars(query).one(), confirm=True, note="đã xem", now=scene.context.now())
        digest, key = scene.context.store.keep(b"%PDF-1.4 a page behind a sign-in")
        kept = StoredFile(EvidenceUploadKind.PDF, "1", 32, digest, key, "0" * 64)
        third = scene.publish(title=f"{TITLE} (3)", body="\n\n".join((*OTHER, *PARTS)))
        scene.clock.forward(hours=1)
        with database.write() as session:
            now = scene.context.now()
            confirm_by_upload(session, ANALYST, third, other.url("/kin.html"), now, "thấy trên trang", kept, now=now)


def _facts(database: Database) -> dict[str, Any]:
    with database.read() as session:

        def value(query: str) -> Any:
            return session.execute(sa.text(query)).scalar_one()

        counted = (
            "SELECT id FROM republications WHERE status = 'confirmed' AND canonical_url LIKE '%40001%' ORDER BY id"
        )
        copy, other = session.execute(sa.text(counted)).scalars().all()
        duplicate = value("SELECT id FROM republications WHERE status = 'duplicate'")
        waiting = value("SELECT id FROM republications WHERE status = 'review'")
        first, later = "SELECT min(id) FROM evidence WHERE ", "SELECT max(id) FROM evidence WHERE "
        columns = [column["name"] for column in sa.inspect(session.connection()).get_columns("evidence")]
        quoted = [f'"{name}"' for name in columns if name != "id"]
        return {
            "copy": copy, "other": other, "waiting": waiting,
            "copy_public": value(f"SELECT public FROM republications WHERE id = {copy}"),
            "other_public": value(f"SELECT public FROM republications WHERE id = {other}"),
            "uploaded": value("SELECT republication_id FROM evidence_uploads"),
            "site": value(f"SELECT site_id FROM republications WHERE id = {copy}"),
            "corrected": value("SELECT bulletin_id FROM revisions WHERE number = 2"),
            "first": value(f"{first} republication_id = {copy}"), "later": value(f"{later} republication_id = {copy}"),
            "of_other": value(f"{first} republication_id = {other}"),
            "of_duplicate": value(f"{first} republication_id = {duplicate}"),
            "of_waiting": value(f"{first} republication_id = {waiting}"),
            "last": value("SELECT seq FROM journal_head"),
            "columns": ", ".join(["id", *quoted]), "columns_but_id": "".join(f", {name}" for name in quoted),
        }  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def untouched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Untouched]:
    folder = tmp_path_factory.mktemp(f"past-{request.param}")
    machine = Machine(folder)
    machine.data.mkdir(mode=0o700)
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            url = machine.settings["LANTOA_DATABASE_URL"] = stack.enter_context(own_postgresql())
            machine.well("db", "upgrade")
        else:
            shutil.copy(sqlite_template, machine.data / "lantoa.db")
        words = ("--role", "analyst", "--password-stdin")
        machine.well("staff", "add", "sau@so.example", *words, stdin="hạ lưu bãi giữa 6\n")
        with Database.from_settings(Settings(data_dir=machine.data, database_url=url)) as database:
            _past(machine, database)
            noted = _head(database)
            machine.well("key", "add", "may-doc", "--role", "analyst", "--for", "sau@so.example")
            machine.well("journal", "verify")  # notes the end
            facts = _facts(database) | noted
        yield Untouched(machine.data, url, facts)


@contextmanager
def _own_copy(untouched: Untouched, folder: Path) -> Iterator[Machine]:
    """A copy of the installation for one test."""
    machine = Machine(folder)
    shutil.copytree(untouched.folder, machine.data)
    if not untouched.url:
        yield machine
        return
    source = sa.make_url(untouched.url).database
    with own_postgresql() as url:
        name = sa.make_url(url).database
        server = sa.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (:source, :name)"
            connection.execute(sa.text(ends), {"source": source, "name": name})
            connection.execute(sa.text(f"DROP DATABASE {name}"))
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {source}"))
        server.dispose()
        machine.settings["LANTOA_DATABASE_URL"] = url
        yield machine


def _rewrite(machine: Machine, statements: tuple[str, ...], facts: dict[str, Any]) -> None:
    url = machine.settings.get("LANTOA_DATABASE_URL") or f"sqlite:///{machine.data / 'lantoa.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in GUARDS_OFF[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        for statement in statements:
            filled = statement.format(**facts).replace("%", "%%" if engine.dialect.name == "postgresql" else "%")
            assert connection.exec_driver_sql(filled).rowcount
    engine.dispose()


def test_the_untouched_past_holds(untouched: Untouched, tmp_path: Path) -> None:
    with _own_copy(untouched, tmp_path) as machine:
        assert machine.well("journal", "verify").startswith("journal whole: ")
        out = machine.well("tallies", "verify")
        assert "evidence is what the journal names: 10 rows" in out or "evidence is what the journal names:" in out
        assert untouched.facts["first"] != untouched.facts["later"]
        with machine_database(machine) as database, database.read() as session:
            states = set(session.scalars(sa.select(Republication.status)))
        assert states == {RepublicationStatus.CONFIRMED, RepublicationStatus.DUPLICATE, RepublicationStatus.REVIEW}


def machine_database(machine: Machine) -> Database:
    return Database(machine.settings.get("LANTOA_DATABASE_URL") or f"sqlite:///{machine.data / 'lantoa.db'}")


@pytest.mark.parametrize("name", REWRITES)
def test_a_rewrite_of_the_past_is_noticed(untouched: Untouched, tmp_path: Path, name: str) -> None:
    rewrite = REWRITES[name]
    with _own_copy(untouched, tmp_path) as machine:
        _rewrite(machine, rewrite.statements, untouched.facts)
        done = machine(rewrite.command, "verify")
        assert (done.status, rewrite.said in done.out) == (1, True), done


@pytest.mark.parametrize("name", UNNOTICED)
def test_what_is_compared_with_nothing_is_known(untouched: Untouched, tmp_path: Path, name: str) -> None:
    with _own_copy(untouched, tmp_path) as machine:
        _rewrite(machine, UNNOTICED[name], untouched.facts)
        assert [machine(command, "verify").status for command in (JOURNAL, TALLIES)] == [0, 0]


def test_the_documentation_counts_them() -> None:
    text = Path("docs/explanation/security.md").read_text()
    said = re.search(r"\*\*(\d+) of (\d+) rewrites\*\*", text)
    assert said is not None
    assert (int(said[1]), int(said[2])) == (len(REWRITES), len(REWRITES) + len(UNNOTICED))
