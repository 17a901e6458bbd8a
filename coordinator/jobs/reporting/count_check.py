"""The check that the count proves itself: the rows and their evidence, in batches with a session of their own, then the
stored files."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from campaigns.core.journal import ChainBreak
from campaigns.release.released_texts import verify_record
from campaigns.reporting import count_proof
from campaigns.reporting.count_proof import CountFault, KeptFiles, ProvingFile, UnprovenCopy
from campaigns.republications.evidence import evidence_seals
from campaigns.republications.evidence.evidence_seals import EvidenceFault
from coordinator.db import Database
from coordinator.jobs.core.noted_head import check_noted
from coordinator.storage.blobs import DamagedBody
from coordinator.storage.noted_head import NotedHead
from coordinator.storage.pages import PageStore


@dataclass(frozen=True)
class CountCheck:
    """The result. ``copies``: those walked, ``counted`` of them counted; ``files``: those that counted copies rest on,
    read and compared; ``kept``: pages and web archives of every look at every copy; ``unproven``: copies that were
    named; ``evidence``: rows of evidence compared with the hashes in the journal; ``journal``: the first thing that
    does not hold in it, or in the texts and evidence that it names; None when all hold."""

    copies: int
    counted: int
    files: int
    kept: int
    unproven: int
    evidence: int
    journal: ChainBreak | None


def check_count(
    database: Database,
    store: PageStore | None,
    found: Callable[[UnprovenCopy], None],
    noted_head: NotedHead | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> CountCheck:
    """Check every copy and call ``found`` with each that is not as it should be, ``step`` with the number of copies
    done. ``store``: None leaves the stored files unread; ``noted_head``: where the journal's end is noted.

    Memory does not grow with the number of copies. Each batch has a session of its own: a copy and what proves it are
    written in one transaction, so that what is written meanwhile is no fault. Raises ``OSError`` when the store cannot
    be reached.
    """
    broken = check_noted(database, noted_head)
    with database.read() as session:
        broken = broken or verify_record(session).broken
        ranges = evidence_seals.sealed_ranges(session)
    for sealed in ranges if broken is None else ():
        with database.read() as session:
            broken = evidence_seals.check_range(session, sealed)
        if broken is not None:
            break
    copies = counted = files = unproven = rows = 0
    named: set[tuple[str, CountFault]] = set()  # faults of files, each told once of a copy
    after: int | None = 0
    while after is not None:
        with database.read() as session:
            batch = count_proof.check_copies(session, after)
            looks = evidence_seals.check_evidence(session, ranges, after, count_proof.COPIES_PER_READ)
        wrong = [*batch.unproven, *map(_evidence_faults, looks.faults)]
        if store is not None:
            faults = list(_file_faults(store, batch.files))
            named.update((file.copy, fault) for file, fault in faults)
            wrong += [UnprovenCopy(file.copy, file.url, (fault,)) for file, fault in faults]
            files += len(batch.files)
        wrong = _each_once(wrong)
        for copy in wrong:
            found(copy)
        copies, counted, rows = copies + batch.walked, counted + batch.counted, rows + looks.rows
        unproven += len(wrong)
        step(batch.walked)
        after = batch.last
    with database.read() as session:
        for copy in count_proof.removed_copies(session):
            found(copy)
            unproven += 1
    kept, wrong_files = _check_kept(database, store, named, found) if store is not None else (0, 0)
    return CountCheck(copies, counted, files, kept, unproven + wrong_files, rows, broken)


def _evidence_faults(fault: EvidenceFault) -> UnprovenCopy:
    changed = [
        CountFault("evidence_changed", f"its evidence of {at} is not what the journal's entry was written of")
        for at in fault.changed
    ]
    unnamed = [
        CountFault("evidence_unnamed", f"no entry of the journal was written of its evidence of {at}")
        for at in fault.unnamed
    ]
    words = f"rows of its evidence that the journal names are gone: {fault.removed}"
    removed = [CountFault("evidence_removed", words)] if fault.removed else []
    return UnprovenCopy(fault.copy, fault.url, (*changed, *unnamed, *removed))


def _check_kept(
    database: Database, store: PageStore, named: set[tuple[str, CountFault]], found: Callable[[UnprovenCopy], None]
) -> tuple[int, int]:
    """Read every page and web archive that evidence names, a file that several rows name once a batch. ``named``: the
    faults that were told already, by copy. Returns the numbers of files, and of looks with a fault that was not."""
    read = wrong = 0
    after: int | None = 0
    while after is not None:
        with database.read() as session:
            after, looks = count_proof.kept_files(session, after)
        known: dict[tuple[str, str], CountFault | None] = {}
        for look in looks:
            faults = []
            for key, digest in _files_of(look):
                if (key, digest) not in known:
                    known[key, digest] = _file_fault(store, key, digest)
                    read += 1
                fault = known[key, digest]
                if fault is not None and (look.copy, fault) not in named:
                    named.add((look.copy, fault))
                    faults.append(fault)
            if faults:
                found(UnprovenCopy(look.copy, look.url, tuple(faults)))
                wrong += 1
    return read, wrong


def _files_of(look: KeptFiles) -> Iterator[tuple[str, str]]:
    """The keys of a look's files, each with the hash of its page; '' for an archive, whose key is its hash."""
    if look.body_key is not None:
        yield look.body_key, look.digest
    if look.capture_key is not None and look.capture_key != look.body_key:
        yield look.capture_key, ""


def _file_faults(store: PageStore, files: Iterable[ProvingFile]) -> Iterator[tuple[ProvingFile, CountFault]]:
    for file in files:
        if (fault := _file_fault(store, file.key, file.digest)) is not None:
            yield file, fault


def _file_fault(store: PageStore, key: str, wanted: str) -> CountFault | None:
    """What is wrong with one stored file; ``wanted``: the SHA-256 of its page, '' for a web archive."""
    try:
        digest = hashlib.sha256(store.read(key)).hexdigest() if wanted else ""
        if not wanted:
            store.archive(key)
    except FileNotFoundError:
        return CountFault("file_missing", f"{key} is not in the store")
    except DamagedBody as error:
        return CountFault("file_damaged", str(error))
    if digest != wanted:
        return CountFault("file_differs", f"{key} has the hash {digest}, its row says {wanted}")
    return None


def _each_once(wrong: Iterable[UnprovenCopy]) -> list[UnprovenCopy]:
    """Each copy with all its faults."""
    by_copy: dict[str, UnprovenCopy] = {}
    for copy in wrong:
        before = by_copy[copy.copy].faults if copy.copy in by_copy else ()
        by_copy[copy.copy] = UnprovenCopy(copy.copy, copy.url, (*before, *copy.faults))
    return list(by_copy.values())
