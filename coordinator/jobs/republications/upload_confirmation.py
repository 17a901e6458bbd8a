"""Confirmation by upload: a file that proves a copy no machine can read is checked and stored, the copy is
confirmed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Actor, Permission
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.evidence import uploads
from campaigns.republications.evidence.uploads import EvidenceUpload, EvidenceUploadKind, StoredFile
from coordinator.imports.files.cleaned_file import FileRejected
from coordinator.imports.files.upload_inspection import clean_upload
from coordinator.jobs.context import JobContext


@dataclass(frozen=True)
class UploadedProof:
    """A person's proof: the bulletin's code, the page's address, the time, a note on the content of the file.
    ``second_posting``: count it beside another address of its site. ``attribution``: what the file shows of the source,
    None for what a reporter said."""

    bulletin: str
    url: str
    seen_at: datetime
    note: str
    body: bytes
    second_posting: bool = False
    attribution: Attribution | None = None


def store_upload(context: JobContext, body: bytes) -> StoredFile:
    """Check a file and store its clean form. Raises ``Invalid`` (field ``file``) for a refused one."""
    if not body:
        raise Invalid([FieldError("file", "empty", "choose a picture or a PDF file")])
    try:
        clean = clean_upload(body)
    except FileRejected as refused:
        raise Invalid([FieldError("file", refused.code, str(refused))]) from refused
    digest, key = context.store.keep(clean.body)
    original = hashlib.sha256(body).hexdigest()
    return StoredFile(EvidenceUploadKind(clean.kind), clean.measure, len(clean.body), digest, key, original)


def confirm_by_upload(
    context: JobContext,
    actor: Actor,
    proof: UploadedProof,
    also: Callable[[Session, EvidenceUpload], None] | None = None,
) -> tuple[str, str]:
    """Confirm a copy by a file; returns the public ids of the copy and of the upload.

    The fields are checked before the file is read. Raises ``Forbidden``, or ``Invalid`` naming every bad field; a
    refused file is not stored.
    """
    actor.require(Permission.REVIEW)
    now = context.now()
    errors: list[FieldError] = []
    if not proof.note.strip():
        errors.append(FieldError("note", "required", "say what is to be seen"))
    try:
        with context.database.read() as session:
            uploads.bulletin_and_site(session, proof.bulletin, proof.url, proof.seen_at, now=now)
    except Invalid as invalid:
        errors += invalid.errors
    if not proof.body:
        errors.append(FieldError("file", "empty", "choose a picture or a PDF file"))
    if errors:
        raise Invalid(errors)
    kept = store_upload(context, proof.body)
    with context.database.write() as session:
        exhibit = uploads.confirm_by_upload(
            session, actor, proof.bulletin, proof.url, proof.seen_at, proof.note, kept,
            attribution=proof.attribution, second_posting=proof.second_posting, now=context.now(),
        )  # fmt: skip
        if also is not None:
            also(session, exhibit)
        return exhibit.republication.public, exhibit.public
