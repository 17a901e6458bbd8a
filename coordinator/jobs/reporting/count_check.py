"""The check that the count proves itself: the rows, in batches with a session of their own, then the stored files."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from campaigns.core.journal import ChainBreak
from campaigns.people.journal_check import verify_journal
from campaigns.reporting import count_proof
from campaigns.reporting.count_proof import CountFault, ProvingFile, UnprovenCopy
from coordinator.db import Database
from coordinator.storage.blobs import DamagedBody
from coordinator.storage.pages import PageStore


@dataclass(frozen=True)
class CountCheck:
    """The result. ``copies``: those walked, ``counted`` of them counted; ``files``: those read and compared;
    ``unproven``: copies that were named; ``journal``: the first break of its hash chain, None when it holds."""

    copies: int
    counted: int
    files: int
    unproven: int
    journal: ChainBreak | None


def check_count(
    database: Database,
    store: PageStore | None,
    found: Callable[[UnprovenCopy], None],
    step: Callable[[int], None] = lambda _: None,
) -> CountCheck:
    """Check every copy and call ``found`` with each that is not as it should be, ``step`` with the number of copies
    done. ``store``: None leaves the stored files unread.

    Memory does not grow with the number of copies. Each batch has a session of its own: a copy and what proves it are
    written in one transaction, so that what is written meanwhile is no fault. Raises ``OSError`` when the store cannot
    be reached.
    """
    with database.read() as session:
        broken = verify_journal(session)
    copies = counted = files = unproven = 0
    after: int | None = 0
    while after is not None:
        with database.read() as session:
            batch = count_proof.check_copies(session, after)
        wrong = list(batch.unproven)
        if store is not None:
            wrong = _with_file_faults(wrong, _file_faults(store, batch.files))
            files += len(batch.files)
        for copy in wrong:
            found(copy)
        copies, counted, unproven = copies + batch.walked, counted + batch.counted, unproven + len(wrong)
        step(batch.walked)
        after = batch.last
    with database.read() as session:
        for copy in count_proof.removed_copies(session):
            found(copy)
            unproven += 1
    return CountCheck(copies, counted, files, unproven, broken)


def _file_faults(store: PageStore, files: Iterable[ProvingFile]) -> Iterator[tuple[ProvingFile, CountFault]]:
    for file in files:
        try:
            digest = hashlib.sha256(store.read(file.key)).hexdigest()
        except FileNotFoundError:
            yield file, CountFault("file_missing", f"{file.key} is not in the store")
        except DamagedBody as error:
            yield file, CountFault("file_damaged", str(error))
        else:
            if digest != file.digest:
                yield file, CountFault("file_differs", f"{file.key} has the hash {digest}, its row says {file.digest}")


def _with_file_faults(
    wrong: Iterable[UnprovenCopy], faults: Iterable[tuple[ProvingFile, CountFault]]
) -> list[UnprovenCopy]:
    """The copies of both, each once."""
    by_copy = {copy.copy: copy for copy in wrong}
    for file, fault in faults:
        known = by_copy.get(file.copy)
        before = known.faults if known is not None else ()
        by_copy[file.copy] = UnprovenCopy(file.copy, file.url, (*before, fault))
    return list(by_copy.values())
