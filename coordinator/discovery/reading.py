"""What was fetched is read in a child process with limits; the readers of this package run there."""

from collections.abc import Callable
from typing import Any, TypeVar

from coordinator.discovery.errors import DiscoveryError
from coordinator.sandbox import ChildFailed, read_in_child

_T = TypeVar("_T")


def read_fetched(read: Callable[..., _T], *arguments: Any) -> _T:
    """Call ``read(*arguments)``, a reader of this package, in a child process.

    Raises ``DiscoveryError`` as the reader does, and for a document that takes more memory or processor time than one
    has.
    """
    try:
        return read_in_child(read, *arguments, raises=(DiscoveryError,))
    except ChildFailed as error:
        raise DiscoveryError(str(error)) from error
