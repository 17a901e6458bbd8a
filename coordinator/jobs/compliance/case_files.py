"""Adds a file of evidence to a case: it is inspected, stored and recorded."""

import hashlib
from collections.abc import Callable

from sqlalchemy.orm import Session

from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.cases import CaseFile, find_case, find_file
from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.agreements import ScanKind, StoredScan
from campaigns.people.staff import Actor, Permission
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import check_scan
from coordinator.jobs.context import JobContext


def stored_file(context: JobContext, name: str, body: bytes) -> StoredScan:
    """Inspect an upload and store it. Raises ``Invalid`` for the field ``file``; a refused file is not stored."""
    try:
        clean = check_scan(body)
    except FileRejected as refused:
        raise Invalid([FieldError("file", refused.code, str(refused))]) from refused
    digest, key = context.store.keep(clean.body)
    original = hashlib.sha256(body).hexdigest()
    return StoredScan(name, ScanKind(clean.kind), clean.measure, len(clean.body), digest, key, original)


def file_evidence(
    context: JobContext,
    actor: Actor,
    public: str,
    name: str,
    body: bytes,
    also: Callable[[Session, CaseFile], None] | None = None,
) -> tuple[str, bool]:
    """Add a file to a case; return its name, and whether it is new: the same file twice is one. ``also``: done with the
    file in the same transaction.

    Raises ``Forbidden``, ``NotFound``, ``Conflict``, or ``Invalid`` for the field ``file``.
    """
    actor.require(Permission.REVIEW)
    with context.database.read() as session:
        case = find_case(session, public)
        known = workflow.find_same_file(session, case, hashlib.sha256(body).hexdigest())
        ident = known.public if known is not None else ""
        if not ident:
            workflow.check_file_count(session, case)
    kept = None if ident else stored_file(context, name, body)
    with context.database.write() as session:
        if kept is None:
            file, new = find_file(session, ident), False
        else:
            file, new = workflow.add_file(session, actor, public, kept, now=context.now())
        if also is not None:
            also(session, file)
        return file.name, new
