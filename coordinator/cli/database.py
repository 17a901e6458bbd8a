"""``lantoa db``, ``backup``, ``restore`` and ``journal``: the tables, all of it in one file, and its chain of acts."""

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic.script import Script
from pydantic import SecretStr
from sqlalchemy.exc import ProgrammingError

from campaigns.core.checkpoints import Checkpoint, NoCheckpoint, find_checkpoints, make_checkpoint, verify_against
from campaigns.core.clock import CITY, utc_now
from campaigns.core.journal import JournalEntry, SealState, key_state
from campaigns.people.journal_check import verify_journal
from campaigns.release.released_texts import TextsCheck, verify_texts
from coordinator import composition, schema
from coordinator.cli import environment
from coordinator.config import SECRET_KEY_FILE, Settings, SettingsError, secret_keys
from coordinator.db import Database
from coordinator.jobs.core.noted_head import SET_BACK, accept_set_back, check_noted, note_head
from coordinator.jobs.republications.evidence_sealing import seal_earlier_evidence
from coordinator.jobs.search import ensure_index, rebuild_index
from coordinator.storage import backup as storage_backup
from coordinator.storage.database_copy import restore_copy
from coordinator.storage.noted_head import NotedHead
from coordinator.storage.timestamps import TimestampError

# ``lantoa backup`` and ``restore``: the whole installation in one file, taken while it runs.


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--recipient", default="", metavar="KEY",
    help="encrypt it for the owner of this age or SSH public key, in place of the one of LANTOA_BACKUP_RECIPIENT",
)  # fmt: skip
@click.option(
    "--pages", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="copy kept pages to FOLDER instead, those alone that are not there yet; else to that of LANTOA_BACKUP_PAGES",
)  # fmt: skip
def backup(file: Path, recipient: str, pages: Path | None) -> None:
    """Write every row, every kept page and the secret key to FILE, as they are at one moment.

    The noted end of the journal (journal.head) stays in the data folder: it is to know more than a backup.
    """
    settings, database = environment.settings(), environment.database()
    recipient = recipient or settings.backup_recipient
    pages = pages or (Path(settings.backup_pages) if settings.backup_pages else None)
    portable = _portable_settings(settings)
    hidden = not sys.stderr.isatty()
    length = 0 if hidden else storage_backup.count_contents(database, settings.data_dir)
    with click.progressbar(length=length, label="writing", file=sys.stderr, hidden=hidden) as bar:
        count = storage_backup.backup(
            database, settings.data_dir, file, keys=secret_keys(settings), lacks=_lacks(settings),
            settings=portable, pages_folder=pages, recipient=recipient, progress=bar.update,
        )  # fmt: skip
    held = "the secret key" + (" and settings without passwords" if portable else "; no setting is given")
    click.echo(f"{file}: {count.rows} rows of {count.tables} tables, {count.pages} kept pages, {held}")
    if not recipient:
        click.echo("it is not encrypted: keep it as you keep the secret key, or set LANTOA_BACKUP_RECIPIENT")
    for line in count.lacks:
        click.echo(f"not in it: {line}")


# Settings that belong to one machine.
_MACHINE_SETTINGS = frozenset({"data_dir", "database_url", "broker_url", "secret_key", "former_secret_keys"})
_FILE_SETTINGS = ("mail_ca", "timestamp_ca")


def _portable_settings(settings: Settings) -> dict[str, Any]:
    """The settings that were given, without secrets and without what belongs to this machine."""
    given = {name: getattr(settings, name) for name in sorted(settings.model_fields_set - _MACHINE_SETTINGS)}
    return {name: value for name, value in given.items() if not isinstance(value, SecretStr)}


def _lacks(settings: Settings) -> list[str]:
    """What a bare machine needs that a backup does not hold, a sentence each."""
    lacks = []
    if settings.evidence_store:
        place = composition.page_store(settings).blobs.place
        lacks.append(f"what is kept in {place}; that place needs a backup of its own")
    secrets = [name for name in sorted(settings.model_fields_set - _MACHINE_SETTINGS)
               if isinstance(value := getattr(settings, name), SecretStr) and value.get_secret_value()]  # fmt: skip
    if secrets:
        lacks.append("passwords: " + ", ".join(f"LANTOA_{name.upper()}" for name in secrets))
    files = [str(getattr(settings, name)) for name in _FILE_SETTINGS if getattr(settings, name)]
    if files:
        lacks.append("files that settings name: " + ", ".join(files))
    if not settings.on_sqlite or settings.broker_url:
        lacks.append("the addresses and passwords of PostgreSQL and RabbitMQ (new ones will do)")
    if settings.base_url.startswith("https://"):
        lacks.append("the proxy's certificate and configuration")
    return lacks


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--identity", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="KEYFILE",
    help="the private key that belongs to the backup's recipient",
)  # fmt: skip
@click.option(
    "--pages", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER",
    help="where the kept pages are that backup --pages copied",
)  # fmt: skip
def restore(file: Path, identity: Path | None, pages: Path | None) -> None:
    """Fill an empty database and data folder from FILE, or from the folder of LANTOA_COPY_FOLDER. Refused when there is
    anything in them.

    Where the journal in FILE ends before the entry that is noted in this data folder (journal.head), that is said and
    recorded in the journal.
    """
    settings = environment.settings()
    if file.is_dir():
        _restore_copy(settings, file)
    elif storage_backup.is_encrypted(file):
        if identity is None:
            raise click.UsageError(f"{file} is encrypted; give --identity with its private key")
        with storage_backup.decrypted(file, identity, settings.data_dir) as plain:
            _restore(settings, plain, file, pages)
    else:
        _restore(settings, file, file, pages)


def _restore_copy(settings: Settings, folder: Path) -> None:
    if settings.sqlite_file is None:
        raise click.UsageError(f"{folder} is a folder: copies are restored into SQLite alone")
    made = restore_copy(folder, settings.sqlite_file, settings.data_dir)
    click.echo(f"{made}: the database, {len(list((folder / 'pages').glob('??/*.gz')))} kept pages and the secret key")
    _go_on_from_restored(settings, environment.open_database(settings))


def _restore(settings: Settings, plain: Path, named: Path, pages: Path | None) -> None:
    if settings.on_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    # No secret key is made: that of the backup is put into the data folder.
    with Database(settings.url) as database:
        count = storage_backup.restore(database, settings.data_dir, plain, pages_folder=pages, named=named)
        rebuild_index(database)  # the index is not in the file: it is built from the rows, in this database's format
    click.echo(f"{named}: {count.rows} rows of {count.tables} tables, {count.pages} kept pages restored")
    if count.settings:
        click.echo(f"settings of the machine it was made on: {_written_settings(settings.data_dir, count.settings)}")
    for line in count.lacks:
        click.echo(f"not in it: {line}")
    restored = environment.open_database(settings)
    with restored.read() as session:
        if key_state(session) is SealState.OTHER_KEY:
            place = settings.data_dir / SECRET_KEY_FILE
            if settings.secret_key.get_secret_value():
                raise click.ClickException(f"LANTOA_SECRET_KEY is another key; set it to the one in {place}")
            raise click.ClickException(f"there is no secret key in the backup; put it into {place}")
    _seal_earlier(restored)
    _go_on_from_restored(settings, restored)


def _go_on_from_restored(settings: Settings, database: Database) -> None:
    """Note the end of the restored journal; where a later one had been noted in this data folder, that is recorded."""
    if (back := accept_set_back(database, NotedHead(settings.data_dir), "cli", now=utc_now())) is not None:
        click.echo(str(back))


def _written_settings(data_dir: Path, values: Mapping[str, Any]) -> Path:
    """Write settings beside the data, in the form of ``lantoa.toml``, for who restores to choose from."""
    path = data_dir / "settings-of-the-backup.toml"
    # JSON's texts, numbers, true and false are TOML's.
    path.write_text("".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()))
    path.chmod(0o600)
    return path


# Bytes a second, on the slow side: a server with spinning disks and other work.
READ_RATE, REWRITE_RATE = 50_000_000, 15_000_000
WAITS = {
    "moment": "reads and writes wait for a moment",
    "beside": "nobody waits; it is read beside readers and writers",
    "read": "writes wait while all rows are read",
    "rewritten": "reads and writes wait while all rows are written anew",
}


def plan_lines(database: Database, pending: Sequence[Script]) -> Iterator[str]:
    """Yield what each pending migration locks, with the size of each table and an estimate in seconds."""
    for script in pending:
        yield f"{script.revision}: {script.doc}"
        if database.on_sqlite:
            continue
        for table, how in getattr(script.module, "LOCKS", {}).items():
            size, rows = _size(database, table)
            rates = {"beside": READ_RATE, "read": READ_RATE, "rewritten": REWRITE_RATE}
            seconds = size / rates[how] if how in rates else 0.0
            about = f", about {max(seconds, 1):.0f} s" if seconds else ""
            yield f"  {table} (about {rows:,} rows, {size / 1e6:,.0f} MB): {WAITS[how]}{about}"
    if not pending:
        yield "nothing to do"
    elif database.on_sqlite:
        yield "on SQLite nothing else runs while the tables are upgraded"
    else:
        yield f"a step that cannot have its locks within {schema.LOCK_WAIT_MS / 1000} s is undone and tried again"
    if any(schema.changes_counts(script) for script in pending):
        yield "the sums are then computed anew, beside the running program; nobody waits"


def _size(database: Database, table: str) -> tuple[int, int]:
    """The bytes of a table with its indexes, and about how many rows it has; zeros for one that is not there yet."""
    query = (
        "SELECT pg_total_relation_size(oid), greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(:t)"
    )
    with database.engine.connect() as connection:
        row = connection.execute(sa.text(query), {"t": table}).first()
    return (int(row[0]), int(row[1])) if row is not None else (0, 0)


@click.command()
@click.option("--plan", is_flag=True, help="say what would be done and what would be locked, and change nothing")
def upgrade(plan: bool) -> None:
    """Bring the database to this program's tables, beside a running program on PostgreSQL. Safe from several processes
    at once."""
    database = environment.open_database(environment.settings())
    before = schema.current(database)
    if plan:
        click.echo("\n".join(plan_lines(database, schema.pending(database))))
        return
    try:
        schema.upgrade(database)
    except schema.TablesInUse as error:
        raise click.ClickException(str(error)) from None
    ensure_index(database)
    _seal_earlier(database)
    click.echo(f"{before or 'empty'} -> {schema.current(database)}")


def _seal_earlier(database: Database) -> None:
    if sealed := seal_earlier_evidence(database):
        click.echo(f"{sealed} rows of evidence of an earlier release are now named by the journal")


@click.command()
@click.option("--json", "as_json", is_flag=True)
def current(as_json: bool) -> None:
    """Say where the database is. Exit 1 when it is not where this program needs it."""
    settings, head = environment.settings(), schema.head()
    at = schema.current(environment.open_database(settings)) if settings.is_set_up else None
    if as_json:
        environment.show_json({"current": at, "needed": head, "ok": at == head})
    else:
        click.echo(at or "empty")
    if at != head:
        click.echo(f"this program needs {head}; {schema.remedy(at)}", err=True)
        raise SystemExit(1)


@click.command()
@click.argument("role")
def grant(role: str) -> None:
    """On PostgreSQL, as the owner of the tables: let ROLE run the program. It cannot change or remove entries of the
    journal or evidence. Repeat after each upgrade."""
    database = environment.database()
    try:
        schema.grant(database, role)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except ProgrammingError as error:
        raise click.UsageError(str(error.orig).splitlines()[0]) from error
    click.echo(f"{role} may run the program; {', '.join(schema.APPEND_ONLY)}: add and read only")


@click.command()
@click.option(
    "--against",
    metavar="CHECKPOINT",
    multiple=True,
    help="a line of lantoa journal checkpoint, or a text file that holds some",
)
def verify(against: tuple[str, ...]) -> None:
    """Walk the whole chain, and compare every text, author and approval of bulletins with its entries. Exit 1 and the
    first bad entry if it is broken, does not fit, or does not contain a checkpoint: one that is given, or the newest,
    which is noted beside the secret key."""
    known = [checkpoint for given in against for checkpoint in _read_checkpoints(given)]
    database, noted_head = environment.database(), NotedHead(environment.settings().data_dir)
    cut = check_noted(database, noted_head)
    with database.read() as session:
        broken = verify_journal(session)
        for checkpoint in known if broken is None else ():
            try:
                broken = broken or verify_against(session, checkpoint)
            except NoCheckpoint as error:
                raise click.UsageError(f"{checkpoint}: {error}") from error
        broken = broken or cut
        check = verify_texts(session) if broken is None else TextsCheck(broken, 0, 0)
        broken = check.broken
        count = session.execute(sa.select(sa.func.count()).select_from(JournalEntry)).scalar_one()
    if broken is not None:
        click.echo(f"journal broken at entry {broken.seq}: {broken.why}")
        raise SystemExit(1)
    note_head(database, noted_head, now=utc_now())
    click.echo(f"journal whole: {count} entries" + (f", {len(known)} checkpoints in it" if known else ""))
    if check.bulletins:
        click.echo(f"texts and approvals of {check.bulletins} bulletins are those that the journal names")
    if check.unnamed:
        click.echo(f"not checked: {check.unnamed} revisions of which no entry names the text")
    if (noted := noted_head.read()) is not None and noted.set_back:
        click.echo(f"set back {noted.set_back} times by a restore or by journal accept: see its entries {SET_BACK}")
    for given in against:
        _verify_timestamp(Path(given))


def _verify_timestamp(path: Path) -> None:
    """Check the time stamp that lies beside a file with a checkpoint; exit 1 when it does not fit the file."""
    stamp = path.with_suffix(".tsr")
    if len(str(path)) >= LONGEST_NAME or not path.is_file() or not stamp.is_file():
        return
    try:
        authority = composition.timestamp_authority(environment.settings())
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if authority is None:
        click.echo(f"{stamp.name}: not checked, since timestamp_url and timestamp_ca are not set")
        return
    try:
        at = authority.verify(stamp.read_bytes(), path.read_bytes())
    except (TimestampError, OSError) as error:
        click.echo(f"{stamp.name}: {error}")
        raise SystemExit(1) from error
    click.echo(f"{stamp.name}: {path.name} existed at {at.astimezone(CITY).isoformat(timespec='seconds')}")


LONGEST_NAME = 250  # characters of a file's name on some systems; a line may be longer


def _read_checkpoints(given: str) -> list[Checkpoint]:
    path = Path(given)
    is_file = len(given) < LONGEST_NAME and path.is_file()
    try:
        text = path.read_text("utf-8", "replace") if is_file else given
    except OSError as error:
        raise click.UsageError(f"{given}: {error.strerror or error}") from error
    with contextlib.suppress(NoCheckpoint):  # the loop below names the line
        if wrapped := list(find_checkpoints(text)):
            return wrapped
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(Checkpoint.parse(line))
        except NoCheckpoint as error:
            place = f"{given}:{number}" if is_file else given[:80]
            raise click.UsageError(f"{place}: {error}") from error
    if not found:
        raise click.UsageError(f"{given}: holds no checkpoint")
    return found


@click.command()
def checkpoint() -> None:
    """Print a signed line that names the journal's end. Keep it elsewhere, for verify --against."""
    with environment.database().read() as session:
        broken = verify_journal(session)
        if broken is not None:
            click.echo(f"journal broken at entry {broken.seq}: {broken.why}", err=True)
            raise SystemExit(1)
        click.echo(str(make_checkpoint(session, now=utc_now())))


@click.command()
def accept() -> None:
    """Accept a journal that ends before the entry noted beside the secret key, after a database was restored without
    lantoa restore. The journal records it, and verify says how many times it was done."""
    database, noted_head = environment.database(), NotedHead(environment.settings().data_dir)
    with database.read() as session:
        broken = verify_journal(session)
    if broken is not None:
        click.echo(f"journal broken at entry {broken.seq}: {broken.why}", err=True)
        raise SystemExit(1)
    back = accept_set_back(database, noted_head, "cli", now=utc_now())
    click.echo(str(back) if back is not None else "the journal contains the noted entry: there is nothing to accept")


@click.command()
@click.argument("year", type=click.IntRange(2000, 2999))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def archive(year: int, file: Path) -> None:
    """Write the entries of a YEAR that is over to FILE, a JSON object a line, with a checkpoint at the end. The entries
    stay in the database: others rely on their numbers having no gap."""
    begins, ends = (datetime(number, 1, 1, tzinfo=CITY) for number in (year, year + 1))
    if ends > utc_now():
        raise click.UsageError(f"{year} is not over yet")
    with environment.database().read() as session, file.open("x", encoding="utf-8") as out:
        file.chmod(0o600)
        if (broken := verify_journal(session)) is not None:
            file.unlink()
            click.echo(f"journal broken at entry {broken.seq}: {broken.why}", err=True)
            raise SystemExit(1)
        query = sa.select(JournalEntry).where(JournalEntry.at >= begins, JournalEntry.at < ends)
        entries = session.execute(query.order_by(JournalEntry.seq).execution_options(yield_per=1000)).scalars()
        count = 0
        for entry in entries:
            count += 1
            values = {column.key: getattr(entry, column.key) for column in JournalEntry.__table__.columns}
            out.write(json.dumps(values, ensure_ascii=False, default=datetime.isoformat) + "\n")
        out.write(json.dumps({"checkpoint": str(make_checkpoint(session, now=utc_now()))}) + "\n")
    click.echo(f"{file}: {count} entries of {year}, and a checkpoint for lantoa journal verify --against")


@click.command()
@click.option("--last", default=20, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def show(last: int, as_json: bool) -> None:
    """Print the newest entries, oldest of them first."""
    with environment.database().read() as session:
        query = sa.select(JournalEntry).order_by(JournalEntry.seq.desc()).limit(last)
        rows = [
            {
                "seq": entry.seq,
                "at": entry.at.isoformat(),
                "actor": entry.actor,
                "act": entry.act,
                "subject": entry.subject,
                "details": entry.details,
            }
            for entry in reversed(session.execute(query).scalars().all())
        ]
    if as_json:
        environment.show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['seq']}\t{row['at']}\t{row['actor']}\t{row['act']}\t{row['subject']}\t{row['details']}")
