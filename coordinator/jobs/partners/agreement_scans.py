"""Adds a scan to an agreement: the file is inspected, stored and recorded."""

import hashlib
from dataclasses import dataclass

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.agreements import (
    ScanKind,
    StoredScan,
    add_scan,
    check_scan_count,
    find_agreement,
    find_same_scan,
)
from campaigns.people.staff import Actor, Permission
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import check_scan
from coordinator.jobs.context import JobContext


@dataclass(frozen=True)
class FiledScan:
    """The public id and the name of the scan. ``new`` is False when the file was there already."""

    public: str
    name: str
    new: bool


def file_scan(context: JobContext, actor: Actor, number: str, name: str, body: bytes) -> FiledScan:
    """Add a file to an agreement; ``name``: the name of the upload. The same file twice is one scan.

    Raises ``Forbidden``, ``NotFound``, or ``Invalid`` for the field ``file``; a refused file is not stored.
    """
    actor.require(Permission.CONFIGURE)
    original = hashlib.sha256(body).hexdigest()
    with context.database.read() as session:
        agreement = find_agreement(session, number)
        known = find_same_scan(session, agreement, original)
        if known is not None:
            return FiledScan(known.public, known.name, new=False)
        check_scan_count(session, agreement)
    try:
        clean = check_scan(body)
    except FileRejected as refused:
        raise Invalid([FieldError("file", refused.code, str(refused))]) from refused
    digest, key = context.store.keep(clean.body)
    kept = StoredScan(name, ScanKind(clean.kind), clean.measure, len(clean.body), digest, key, original)
    with context.database.write() as session:
        scan, new = add_scan(session, actor, number, kept, now=context.now())
        return FiledScan(scan.public, scan.name, new)
