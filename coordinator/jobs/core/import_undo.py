"""Take back an import of a table, of any kind: all of it in one transaction, or nothing where something rests on it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core import import_runs
from campaigns.core.advisory_locks import AdvisoryLock, acquire_until_commit
from campaigns.core.errors import Conflict
from campaigns.core.import_runs import ImportKind, ImportRun, ImportStage
from campaigns.core.imports.row_uses import RowUse, lock_rows, uses_of
from campaigns.people.staff import Actor
from campaigns.reporting.briefings.versions import BriefingVersion
from coordinator.jobs.core.imported_file import IMPORTERS


def import_uses(session: Session, run: ImportRun) -> list[RowUse]:
    """What rests on an import that is done, so that it cannot be undone: frozen briefings, and the first of its rows
    that others refer to or on which something was done since."""
    importer = IMPORTERS[run.kind]
    rows = importer.rows(run.public)
    if rows and run.before is None:
        return [RowUse(run.kind.value, run.name, ImportRun.__tablename__, 1)]
    frozen = importer.frozen(session, run)
    briefings = [RowUse("briefing", one.label, BriefingVersion.__tablename__, 1) for one in frozen]
    return briefings + uses_of(session, run, rows)


def undo_import(session: Session, actor: Actor, kind: ImportKind, public: str, *, now: datetime) -> Mapping[str, int]:
    """Take back an import and return what was taken back, by name; the caller commits.

    Raises ``Forbidden``, ``NotFound``, ``Conflict``: ``import_stage`` unless it is done, ``import_in_use`` when
    something rests on it.
    """
    importer = IMPORTERS[kind]
    actor.require(importer.permission)
    acquire_until_commit(session, AdvisoryLock.ROLLUP)  # a briefing that is being frozen is seen, or has none of it
    run = import_runs.find_run(session, kind, public, for_update=True)
    import_runs.expect_stage(run, ImportStage.DONE)
    lock_rows(session, importer.rows(public))
    if uses := import_uses(session, run):
        raise Conflict("; ".join(map(str, uses)), code="import_in_use")
    taken = importer.undo(session, run)
    import_runs.end_undone(session, run, actor.id, taken, now=now)
    return taken
