"""A scan is put to an agreement: the file is inspected, kept, and written down beside it."""

import hashlib
from dataclasses import dataclass

from campaigns.core.errors import FieldError, Invalid
from campaigns.partners.agreements import find_agreement
from campaigns.partners.scans import KeptScan, ScanKind, add_scan, check_room, known_scan
from campaigns.people.staff import Actor, May
from coordinator.imports.clean import Refused
from coordinator.imports.inspecting import inspect_scan
from coordinator.jobs.workplace import Workplace


@dataclass(frozen=True)
class Filed:
    """The scan's public id and its name as it is shown. ``new``: else the file was there already."""

    public: str
    name: str
    new: bool


def file_scan(place: Workplace, actor: Actor, number: str, name: str, body: bytes) -> Filed:
    """Put a file to an agreement; ``name``: as the person's machine calls it. The same file twice is one scan.

    Raises ``Forbidden``, ``NotFound``, or ``Invalid`` for the field ``file``; a file that is refused is kept nowhere.
    """
    actor.require(May.CONFIGURE)
    original = hashlib.sha256(body).hexdigest()
    with place.database.read() as session:
        agreement = find_agreement(session, number)
        known = known_scan(session, agreement, original)
        if known is not None:
            return Filed(known.public, known.name, new=False)
        check_room(session, agreement)
    try:
        clean = inspect_scan(body)
    except Refused as refused:
        raise Invalid([FieldError("file", refused.code, str(refused))]) from refused
    digest, key = place.store.keep(clean.body)
    kept = KeptScan(name, ScanKind(clean.kind), clean.measure, len(clean.body), digest, key, original)
    with place.database.write() as session:
        scan, new = add_scan(session, actor, number, kept, now=place.now())
        return Filed(scan.public, scan.name, new)
