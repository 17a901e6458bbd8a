"""Backup and restore: one zip file with every table as JSON lines, the kept pages, and the secret keys; for a recipient
it is encrypted with age (https://age-encryption.org/v1).

Rows are read in one consistent view, so that a backup may be taken while the product runs. Columns are written by
name, so that a backup from SQLite can be restored into PostgreSQL and the other way round.
"""

import base64
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import pyrage
import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

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

FORMAT = 1
# Tables that migrations fill; a database with rows in these tables only counts as empty.
SEEDED = frozenset({"topics", "compliance_rules"})
# Tables that are not in the file: short-lived rows, and rows that are derived from other tables.
_LEFT_OUT = SHORT_LIVED | DERIVED_TABLES | {Backup.__tablename__}


_AGE = b"age-encryption.org/v1"


class BadRecipient(CampaignError):
    """The text is not a public key that a backup can be encrypted for."""

    code = "bad_recipient"


class BadBackup(CampaignError):
    """The file is not a backup, or is a backup of another version of the tables."""

    code = "bad_backup"


@dataclass(frozen=True)
class BackupCounts:
    """The numbers of tables, rows and pages. ``elsewhere``: where the pages are that are not in the file; empty when
    all pages are in it."""

    tables: int
    rows: int
    pages: int
    elsewhere: str = ""


def backup(
    database: Database, data_dir: Path, file: Path, *, keys: Sequence[str], elsewhere: str = "", recipient: str = ""
) -> BackupCounts:
    """Write ``file`` (mode 0600: it holds the secret keys). An existing file is replaced only when the new one is
    complete.

    ``keys``: the secret keys, the current one first. ``elsewhere``: the place outside the data folder where pages are
    kept; it is named in the file, not copied into it. ``recipient``: an age public key (``age1…`` or an SSH key); only
    who has its private key can read the file. Raises ``BadRecipient``.
    """
    reader = _recipient(recipient) if recipient else None
    part = file.with_name(f"{file.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            if reader is None:
                count = _write(database, data_dir, raw, keys, elsewhere)
            else:
                count = _write_encrypted(raw, reader, lambda out: _write(database, data_dir, out, keys, elsewhere))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
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
    handle, name = tempfile.mkstemp(dir=folder, prefix=".restore.")
    try:
        with os.fdopen(handle, "wb") as plain, file.open("rb") as sealed:
            try:
                pyrage.decrypt_io(sealed, plain, _identities(identity))
            except pyrage.DecryptError as error:
                raise BadBackup(f"{file} does not open with {identity}: {error}") from error
        yield Path(name)
    finally:
        os.unlink(name)


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


def _write(database: Database, data_dir: Path, raw: IO[bytes], keys: Sequence[str], elsewhere: str) -> BackupCounts:
    rows = pages = 0
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive, database.read() as session:
        head = {"format": FORMAT, "schema": schema.current(database), "at": datetime.now(UTC).isoformat()}
        if elsewhere:
            head["pages_kept_in"] = elsewhere
        archive.writestr("lantoa.json", json.dumps(head))
        for table in METADATA.sorted_tables:
            if table.name in _LEFT_OUT:
                continue
            with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
                for row in _rows_of(session, table):
                    out.write(
                        json.dumps({name: _to_json(value) for name, value in row.items()}, ensure_ascii=False).encode()
                    )
                    out.write(b"\n")
                    rows += 1
        # Pages are read after the rows: a page is stored before a row names it, so every named page is present.
        for page in sorted((data_dir / "pages").glob("??/*.gz")):
            archive.write(page, f"pages/{page.parent.name}/{page.name}", zipfile.ZIP_STORED)
            pages += 1
        archive.writestr(SECRET_KEY_FILE, "".join(f"{key}\n" for key in keys))
    return BackupCounts(len(METADATA.sorted_tables), rows, pages, elsewhere)


def _rows_of(session: Session, table: sa.Table) -> Iterator[Mapping[Any, Any]]:
    """Every row of a table; for the history also the changes that have not been moved there yet."""
    yield from session.execute(sa.select(table).execution_options(yield_per=1000)).mappings()
    if table is tally_history.tally_history:
        number = tally_history.newest_entry(session)
        for place, row in enumerate(session.execute(sa.select(changes).order_by(changes.c.id)).mappings(), start=1):
            yield {**row, "id": number + place, "recount": False}


def restore(database: Database, data_dir: Path, file: Path) -> BackupCounts:
    """Fill an empty, upgraded database. Raises ``Conflict`` unless it is empty, ``BadBackup`` for a bad file; nothing
    is filled then."""
    with _open_archive(file) as archive:
        head = _read_header(archive, file)
        if head.get("format") != FORMAT or head.get("schema") != schema.current(database):
            raise BadBackup(f"{file} holds tables at {head.get('schema')}; this program's are at {schema.head()}")
        if broken := archive.testzip():
            raise BadBackup(f"{file} is damaged at {broken}")
        rows = 0
        try:
            with database.write() as session:
                _refuse_unless_empty(session)
                for name in SEEDED:
                    session.execute(METADATA.tables[name].delete())
                for table in METADATA.sorted_tables:
                    if table.name in _LEFT_OUT:
                        continue
                    rows += _fill_table(session, table, archive, file)
                rollup.discard_changes(session)
                rollup.rebuild_sums(session)
                # Pages are written before the rows are committed: an interrupted restore can be repeated.
                pages = _unpack(archive, data_dir)
        except (IntegrityError, DataError) as error:
            raise BadBackup(f"{file} holds rows that do not fit together: {error.orig}") from error
    return BackupCounts(len(METADATA.sorted_tables), rows, pages, str(head.get("pages_kept_in", "")))


def _open_archive(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError) as error:
        raise BadBackup(f"{file} is not a backup of this program") from error


def _read_header(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        head = json.loads(archive.read("lantoa.json"))
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError) as error:
        raise BadBackup(f"{file} is not a backup of this program") from error
    if not isinstance(head, dict):
        raise BadBackup(f"{file} is not a backup of this program")
    return head


def _refuse_unless_empty(session: Session) -> None:
    for table in METADATA.sorted_tables:
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
    key = table.autoincrement_column
    if session.get_bind().dialect.name == "postgresql" and key is not None and count and "id" in table.c:
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
        data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(data_dir / SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(archive.read(SECRET_KEY_FILE))
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
    if isinstance(kind, sa.Enum):
        assert kind.enum_class is not None, "our enums all have their class"  # noqa: S101  # a bug, not input
        return kind.enum_class(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    python = getattr(kind, "impl", kind)
    if isinstance(python, sa.DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, sa.Date) else value
