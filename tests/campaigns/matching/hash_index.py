"""The index of ``lantoa check`` over bulletins of a test."""

from collections.abc import Iterable

from campaigns.matching.candidates import HashIndex
from campaigns.matching.prepared_bulletin import PreparedBulletin


def hash_index(bulletins: Iterable[PreparedBulletin]) -> HashIndex:
    """Return an index of these bulletins."""
    known = tuple(bulletins)
    return HashIndex([bulletin.fingerprint for bulletin in known], known.__getitem__)
