"""Adds a file of evidence to a case: it is inspected, stored and recorded."""

import hashlib

from campaigns.compliance.cases import workflow
from campaigns.compliance.cases.cases import find_case
from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.agreements import ScanKind, StoredScan
from campaigns.people.staff import Actor, Permission
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.sandbox import check_scan
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


def file_evidence(context: JobContext, actor: Actor, public: str, name: str, body: bytes) -> tuple[str, bool]:
    """Add a file to a case; return its name, and whether it is new: the same file twice is one.

    Raises ``Forbidden``, ``NotFound``, ``Conflict``, or ``Invalid`` for the field ``file``.
    """
    actor.require(Permission.REVIEW)
    with context.database.read() as session:
        case = find_case(session, public)
        known = workflow.find_same_file(session, case, hashlib.sha256(body).hexdigest())
        if known is not None:
            return known.name, False
        workflow.check_file_count(session, case)
    kept = stored_file(context, name, body)
    with context.database.write() as session:
        file, new = workflow.add_file(session, actor, public, kept, now=context.now())
        return file.name, new
