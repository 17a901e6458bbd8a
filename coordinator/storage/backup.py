"""Backup and restore: one zip file with every table as JSON lines, the kept pages, and the secret keys; for a recipient
it is encrypted with age (https://age-encryption.org/v1).

Rows are read in one consistent view, so that a backup may be taken while the product runs. Columns are written by
name, so that a backup from SQLite can be restored into PostgreSQL and the other way round. A backup of an older release
is restored into that release's tables, which are then upgraded.
"""

import base64
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import pyrage
import sqlalchemy as sa
from alembic.config import Config
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from campaigns import __version__
from campaigns.core.clock import utc_now
from campaigns.core.errors import CampaignError, Conflict
from campaigns.reporting.monitoring import Backup, record_backup
from campaigns.reporting.rollups import rollup, tally_history
from campaigns.reporting.rollups.rollup_tables import DERIVED_TABLES, changes
from campaigns.republications.views import SHORT_LIVED
from campaigns.rows import METADATA
from coordinator import schema
from coordinator.config import SECRET_KEY_FILE
from coordinator.db import Database
from coordinator.storage.database_copy import copy_pages
from coordinator.storage.leftovers import locked_part, remove_leftovers

FORMAT = 1
_PART, _DECRYPTED = ".lantoa-backup-", ".lantoa-restore-"  # beginnings of the names of files that are being written
# Tables that migrations fill; a database with rows in these tables only counts as empty.
SEEDED = frozenset({"topics", "compliance_rules"})
# Tables that are not in the file: short-lived rows, and rows that are derived from other tables.
_LEFT_OUT = SHORT_LIVED | DERIVED_TABLES | {Backup.__tablename__}


_AGE = b"age-encryption.org/v1"
_PAGES = "??/*.gz"  # in the folder of kept pages
_ROWS_AT_ONCE = 1000  # that are read, and reported as progress


class BadRecipient(CampaignError):
    """The text is not a public key that a backup can be encrypted for."""

    code = "bad_recipient"


class BadBackup(CampaignError):
    """The file is not a backup, or is a backup of another version of the tables."""

    code = "bad_backup"


@dataclass(frozen=True)
class BackupCounts:
    """The numbers of tables, rows and pages. ``lacks``: what a bare machine needs that is not in the file, a sentence
    each; ``settings``: those of the machine that the backup was made on, by name."""

    tables: int
    rows: int
    pages: int
    lacks: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def backup(
    database: Database,
    data_dir: Path,
    file: Path,
    *,
    keys: Sequence[str],
    lacks: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    pages_folder: Path | None = None,
    recipient: str = "",
    progress: Callable[[int], object] = lambda _count: None,
) -> BackupCounts:
    """Write ``file`` (mode 0600: it holds the secret keys). An existing file is replaced only when the new one is
    complete.

    ``keys``: the secret keys, the current one first. ``lacks``: what the file does not hold, and ``settings``: those of
    this machine; both are written into the file. ``pages_folder``: pages are copied there, those alone that are not
    there yet, and not into the file. ``recipient``: an age public key (``age1…`` or an SSH key); only who has its
    private key can read the file. ``progress``: called with how many rows and pages were written since its last call;
    ``count_contents`` says of how many. Raises ``BadRecipient``.

    What a killed backup left in the same folder is removed.
    """
    reader = _recipient(recipient) if recipient else None
    told = list(lacks)
    if pages_folder is not None:
        told.append(f"kept pages: they are in {pages_folder.resolve()}; give restore that folder with --pages")
    contents = _Contents(data_dir, tuple(keys), tuple(told), dict(settings or {}), pages_folder, progress)
    remove_leftovers(file.absolute().parent, _PART)
    with locked_part(file.absolute().parent, _PART) as (raw, part):
        if reader is None:
            count = _write(database, raw, contents)
        else:
            count = _write_encrypted(raw, reader, lambda out: _write(database, out, contents))
        raw.flush()
        os.fsync(raw.fileno())
        part.replace(file)
    with database.write() as session:
        record_backup(session, str(file), file.stat().st_size, encrypted=reader is not None, now=utc_now())
    return count


def is_encrypted(file: Path) -> bool:
    """Whether a file was encrypted for a recipient."""
    with file.open("rb") as opened:
        return opened.read(len(_AGE)) == _AGE


@contextmanager
def decrypted(file: Path, identity: Path, folder: Path) -> Iterator[Path]:
    """Give the backup in an encrypted file, decrypted with the private key in ``identity``, as a file (mode 0600) in
    ``folder`` that is removed afterwards. Raises ``BadBackup``."""
    folder.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder, _DECRYPTED)
    with locked_part(folder, _DECRYPTED) as (plain, path):
        with file.open("rb") as sealed:
            try:
                pyrage.decrypt_io(sealed, plain, _identities(identity))
            except pyrage.DecryptError as error:
                raise BadBackup(f"{file} does not open with {identity}: {error}") from error
            except OSError as error:
                if error.errno is not None:  # of the disk
                    raise
                raise BadBackup(f"{file} is damaged, it does not open to its end: {error}") from error
        plain.flush()
        yield path


def _recipient(text: str) -> Any:
    try:
        return (
            pyrage.ssh.Recipient.from_str(text) if text.startswith("ssh-") else pyrage.x25519.Recipient.from_str(text)
        )
    except pyrage.RecipientError as error:
        raise BadRecipient(f"expected an age public key (age1…) or an SSH public key: {error}") from error


def _identities(file: Path) -> list[Any]:
    text = file.read_text("utf-8", "replace")
    try:
        if "PRIVATE KEY" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        raise BadBackup(f"{file} holds no private key: {error}") from error


def _write_encrypted(raw: IO[bytes], recipient: Any, write: Callable[[IO[bytes]], BackupCounts]) -> BackupCounts:
    """Encrypt what ``write`` writes while it is written, so that it is on disk only encrypted."""
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as pool, os.fdopen(reading, "rb") as plain:

        def archive() -> BackupCounts:
            with os.fdopen(writing, "wb") as out:
                return write(out)

        count = pool.submit(archive)
        pyrage.encrypt_io(plain, raw, [recipient])
        return count.result()


@dataclass(frozen=True)
class _Contents:
    """What a backup holds beside the rows."""

    data_dir: Path
    keys: tuple[str, ...]
    lacks: tuple[str, ...]
    settings: Mapping[str, Any]
    pages_folder: Path | None
    progress: Callable[[int], object]


def count_contents(database: Database, data_dir: Path) -> int:
    """Return how many rows and kept pages a backup has now."""
    with database.read() as session:
        rows = sum(
            session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
            if table.name not in _LEFT_OUT
        )
    return rows + sum(1 for _ in (data_dir / "pages").glob(_PAGES))


def _write(database: Database, raw: IO[bytes], contents: _Contents) -> BackupCounts:
    rows = pages = 0
    head = {
        "format": FORMAT, "schema": schema.current(database), "program": __version__,
        "at": datetime.now(UTC).isoformat(), "lacks": contents.lacks, "settings": contents.settings,
        "pages_folder": str(contents.pages_folder.resolve()) if contents.pages_folder is not None else "",
    }  # fmt: skip
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lantoa.json", json.dumps(head, default=str))
        with database.read() as session:
            for table in METADATA.sorted_tables:
                if table.name in _LEFT_OUT:
                    continue
                with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
                    for row in _rows_of(session, table):
                        values = {name: _to_json(value) for name, value in row.items()}
                        out.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
                        rows += 1
                        if rows % _ROWS_AT_ONCE == 0:
                            contents.progress(_ROWS_AT_ONCE)
        contents.progress(rows % _ROWS_AT_ONCE)
        # Pages are read after the rows: a page is stored before a row names it, so every named page is present. No
        # transaction is open meanwhile.
        if contents.pages_folder is not None:
            pages, _new = copy_pages(contents.data_dir / "pages", contents.pages_folder, contents.progress)
        else:
            for page in sorted((contents.data_dir / "pages").glob(_PAGES)):
                archive.write(page, f"pages/{page.parent.name}/{page.name}", zipfile.ZIP_STORED)
                pages += 1
                contents.progress(1)
        archive.writestr(SECRET_KEY_FILE, "".join(f"{key}\n" for key in contents.keys))
    return BackupCounts(len(METADATA.sorted_tables), rows, pages, contents.lacks, contents.settings)


def _rows_of(session: Session, table: sa.Table) -> Iterator[Mapping[Any, Any]]:
    """Every row of a table; for the history also the changes that have not been moved there yet."""
    yield from session.execute(sa.select(table).execution_options(yield_per=_ROWS_AT_ONCE)).mappings()
    if table is tally_history.tally_history:
        number = tally_history.newest_entry(session)
        for place, row in enumerate(session.execute(sa.select(changes).order_by(changes.c.id)).mappings(), start=1):
            yield {**row, "id": number + place, "recount": False}


def restore(
    database: Database, data_dir: Path, file: Path, *, pages_folder: Path | None = None, named: Path | None = None,
    config: Config | None = None,
) -> BackupCounts:  # fmt: skip
    """Fill an empty database, or one without tables, from a file of this release or an older one.

    The tables of an older release are made as they were, filled, and then upgraded. ``pages_folder``: where the pages
    are that a backup copied to a folder of their own, if not where it was. ``named``: the file that errors name, where
    ``file`` is what was decrypted from it. Raises ``Conflict`` unless the database is
    empty, ``BadBackup`` for a bad file; nothing is filled then, and the secret key of the data folder is what it was.
    """
    shown = named or file
    with _open_archive(file, shown) as archive:
        head = _read_header(archive, shown)
        at = _known_revision(head, shown, config)
        if broken := archive.testzip():
            raise BadBackup(f"{shown} is damaged at {broken}")
        pages_from = _pages_place(head, shown, pages_folder)
        newest = at == schema.head(config)
        if (before := schema.current(database)) is None:
            schema.upgrade(database, at, config)
        elif before != at:
            raise Conflict(f"the database has tables at {before}, the file at {at}; restore into one without tables",
                           code="not_empty")  # fmt: skip
        rows = 0
        try:
            with _key_kept_on_failure(data_dir), database.write() as session:
                tables = METADATA.sorted_tables if newest else _tables_there(session, archive)
                _refuse_unless_empty(session, tables)
                for table in reversed(tables):
                    if table.name in SEEDED:
                        session.execute(table.delete())
                for table in tables:
                    if table.name in _LEFT_OUT:
                        continue
                    rows += _fill_table(session, table, archive, shown)
                # Without statistics the planner reads a year of deliveries again for each arrival that it checks.
                session.execute(sa.text("ANALYZE"))
                if newest:
                    rollup.discard_changes(session)
                    rollup.rebuild_sums(session)
                # Pages are written before the rows are committed: an interrupted restore can be repeated.
                pages = _unpack(archive, data_dir)
                if pages_from is not None:
                    pages, _new = copy_pages(pages_from, data_dir / "pages")
        except (IntegrityError, DataError) as error:
            raise BadBackup(f"{shown} holds rows that do not fit together: {error.orig}") from error
    if not newest:
        schema.upgrade(database, config=config)
        schema.rebuild_sums(database)
    lacks, settings = head.get("lacks"), head.get("settings")
    return BackupCounts(
        len(METADATA.sorted_tables), rows, pages,
        tuple(map(str, lacks)) if isinstance(lacks, list) else (), settings if isinstance(settings, dict) else {},
    )  # fmt: skip


def _known_revision(head: Mapping[str, Any], file: Path, config: Config | None) -> str:
    """The revision of the tables that a file was made of. Raises ``BadBackup`` for one that this program has not."""
    at = head.get("schema")
    if head.get("format") != FORMAT or not isinstance(at, str) or schema.is_newer(at, config):
        raise BadBackup(
            f"{file} was made by version {head.get('program', '?')} of this program, with tables at {at}; this is "
            f"{__version__} with tables at {schema.head(config)}: restore it with that version or a newer one"
        )
    return at


def _pages_place(head: Mapping[str, Any], file: Path, given: Path | None) -> Path | None:
    """The folder of the pages that a backup did not put into the file. Raises ``BadBackup`` when it is not there."""
    known = str(head.get("pages_folder") or "")
    place = given or (Path(known) if known else None)
    if place is not None and not place.is_dir():
        raise BadBackup(f"{file} lacks the kept pages: they were copied to {known}, which is not here; give --pages")
    return place


def _tables_there(session: Session, archive: zipfile.ZipFile) -> list[sa.Table]:
    """The tables of an older release as the database has them, those alone that are in the file."""
    names = {Path(name).stem for name in archive.namelist() if name.startswith("tables/")}
    found = sa.MetaData()
    found.reflect(session.connection(), only=lambda name, _metadata: name in names)
    return list(found.sorted_tables)


def _open_archive(file: Path, shown: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError) as error:
        raise BadBackup(f"{shown} is not a backup of this program") from error


def _read_header(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        head = json.loads(archive.read("lantoa.json"))
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError) as error:
        raise BadBackup(f"{file} is not a backup of this program") from error
    if not isinstance(head, dict):
        raise BadBackup(f"{file} is not a backup of this program")
    return head


def _refuse_unless_empty(session: Session, tables: Iterable[sa.Table]) -> None:
    for table in tables:
        if table.name not in SEEDED and session.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise Conflict(f"the database is not empty: there are rows in {table.name}", code="not_empty")


def _fill_table(session: Session, table: sa.Table, archive: zipfile.ZipFile, file: Path) -> int:
    # A row may point at a later one of its own table; these columns are filled once all rows are there.
    pointing = [column for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    count = 0
    for batch in _row_batches(table, archive, file):
        session.execute(table.insert(), [row | {column.name: None for column in pointing} for row in batch])
        count += len(batch)
    for column in pointing:
        change = table.update().where(table.c.id == sa.bindparam("row")).values({column.name: sa.bindparam("target")})
        for batch in _row_batches(table, archive, file):
            pairs = [{"row": row["id"], "target": row[column.name]} for row in batch if row[column.name] is not None]
            if pairs:
                session.connection().execute(change, pairs)
    numbered = "id" in table.c and isinstance(table.c.id.type, sa.Integer)
    if session.get_bind().dialect.name == "postgresql" and count and numbered:
        # The rows keep their ids; the sequence must continue after the largest one.
        session.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")  # noqa: S608  # our own table names
        )
    return count


def _row_batches(table: sa.Table, archive: zipfile.ZipFile, file: Path) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in batches. Raises ``BadBackup``."""
    try:
        with archive.open(f"tables/{table.name}.jsonl") as lines:
            for batch in _batches(lines, 500):
                yield [{name: _from_json(table.c[name], value) for name, value in row.items()} for row in batch]
    except (KeyError, ValueError, AttributeError) as error:
        raise BadBackup(f"{file} does not hold the rows of {table.name} as this program writes them") from error


def _batches(lines: Any, size: int) -> Iterator[list[dict[str, Any]]]:
    batch = []
    for line in lines:
        batch.append(json.loads(line))
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _key_kept_on_failure(data_dir: Path) -> Iterator[None]:
    """Put the secret key of the data folder back, or remove it where there was none, when the block raises: a key that
    opens nothing would be taken for that of the next installation."""
    path = data_dir / SECRET_KEY_FILE
    before = path.read_bytes() if path.exists() else None
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != before:
            _write_key(path, before)
        raise


def _write_key(path: Path, key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)


def _unpack(archive: zipfile.ZipFile, data_dir: Path) -> int:
    pages = 0
    for name in archive.namelist():
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == "pages" and parts[2].endswith(".gz") and ".." not in parts:
            target = data_dir / "pages" / parts[1] / parts[2]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
            pages += 1
    if SECRET_KEY_FILE in archive.namelist():
        # Encrypted secrets can be decrypted only with the keys that they were encrypted with.
        _write_key(data_dir / SECRET_KEY_FILE, archive.read(SECRET_KEY_FILE))
    return pages


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return getattr(value, "value", value)  # an enum's value


def _from_json(column: sa.Column[Any], value: Any) -> Any:
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    python = getattr(kind, "impl", kind)
    if isinstance(python, sa.DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, sa.Date) else value
