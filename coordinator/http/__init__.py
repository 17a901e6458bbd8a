"""The one door out: every request this product makes of another machine passes ``Door``.

Here belong: which addresses may be called at all, total deadlines, caps on what is read, per-host pace, robots.txt,
redirects, and the value that comes back. What an answer *means* (a feed, a page, a channel's receipt) does not: that
is for ``discovery`` and ``channels``. Nothing else in the project opens a connection with ``requests``.
"""

from coordinator.http.answers import Answer
from coordinator.http.door import Door
from coordinator.http.errors import DoorError, DoorErrorKind

__all__ = ["Answer", "Door", "DoorError", "DoorErrorKind"]
