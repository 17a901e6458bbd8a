"""A channel in memory, for tests of whatever uses channels. It ships with the product and can fail in every way."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from campaigns.core.clock import utc_now
from campaigns.publishing.transport import (
    Act,
    Capabilities,
    Counts,
    Message,
    Needs,
    Receipt,
    TransportError,
    Vault,
)
from coordinator.channels import capabilities as can
from coordinator.channels.calls import Door, Now
from coordinator.channels.settings import MemorySettings


class Fault(Enum):
    """One way a single call can go wrong."""

    REFUSED = "refused"  # for good
    BUSY = "busy"  # asks for a minute's patience
    BROKEN = "broken"  # a failure that may pass; nothing arrived
    LOST = "lost"  # nobody can tell, and nothing arrived
    LOST_AFTER = "lost_after"  # nobody can tell, and it did arrive
    UNAUTHORISED = "unauthorised"
    GONE = "gone"  # the endpoint ends
    KILLED_AFTER = "killed_after"  # it arrived, and the process died before it knew


class Killed(BaseException):
    """Stands for the death of the process in mid-send; not an ``Exception``, so that nothing handles it by mistake."""


@dataclass
class Post:
    """What the channel shows for one bulletin."""

    remote_id: str
    message: Message
    made_at: datetime
    keys: list[str] = field(default_factory=list)
    withdrawn: bool = False


class MemoryTransport:
    """Keeps posts in ``posts`` and every call in ``calls``; ``faults`` are spent one a ``send``, in order.

    ``capabilities`` may be set to try another kind of channel: with ``asynchronous`` a post needs ``polls_needed``
    looks until it is done; with ``idempotent`` a repeated key makes no second post.
    """

    capabilities: Capabilities = can.MEMORY

    def __init__(
        self,
        code: str = "memory",
        values: Mapping[str, Any] | None = None,
        vault: Vault | None = None,  # every adapter is built alike
        door: Door | None = None,  # every adapter is built alike
        now: Now = utc_now,
    ) -> None:
        self._code = code
        MemorySettings.model_validate(dict(values or {}))
        self._now = now
        self.posts: dict[str, Post] = {}
        self.calls: list[tuple[str, str]] = []
        self.faults: deque[Fault] = deque()
        self.polls_needed = 0
        self._waiting: dict[str, tuple[Post, int]] = {}

    def send(self, message: Message) -> Receipt:
        """Keep, replace or withdraw a post, or fail as the next of ``faults`` says."""
        self.calls.append(("send", message.key))
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault not in {Fault.LOST_AFTER, Fault.KILLED_AFTER}:
            raise _error(fault)
        post = self._take(message)
        if fault is Fault.KILLED_AFTER:
            raise Killed(message.key)
        if fault is Fault.LOST_AFTER:
            raise _error(fault)
        if self.capabilities.asynchronous and self.polls_needed and message.act is not Act.RECALL:
            token = f"token-{message.key}"
            self._waiting[token] = (post, self.polls_needed)
            return Receipt(done=False, token=token)
        return self._receipt(post)

    def poll(self, token: str) -> Receipt:
        """Not done for ``polls_needed`` calls, then done."""
        self.calls.append(("poll", token))
        if token not in self._waiting:
            raise TransportError(f"no such token {token}", permanent=True)
        post, left = self._waiting[token]
        self._waiting[token] = (post, left - 1)
        return self._receipt(post) if left <= 1 else Receipt(done=False, token=token)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """The post that this key made or changed, if that was at or after ``since`` less a minute."""
        self.calls.append(("find", message.key))
        for post in self.posts.values():
            if message.key in post.keys and post.made_at >= since - timedelta(minutes=1):
                return self._receipt(post)
        return None

    def counts(self, receipt: Receipt) -> Counts:
        """A view and a share for every time the post was written."""
        post = self.posts.get(receipt.remote_id or "")
        return Counts() if post is None else Counts(views=len(post.keys), shares=len(post.keys))

    def test(self) -> Receipt:
        """Always fine."""
        self.calls.append(("test", ""))
        return Receipt(detail=f"{self._code} is in memory and keeps {len(self.posts)} posts")

    def shown(self) -> list[Message]:
        """What a reader of the channel sees: the newest text of every post that was not withdrawn."""
        return [post.message for post in self.posts.values() if not post.withdrawn]

    def _take(self, message: Message) -> Post:
        if self.capabilities.idempotent:
            for post in self.posts.values():
                if message.key in post.keys:
                    return post
        if message.act is Act.PUBLISH:
            post = Post(f"{self._code}-{len(self.posts) + 1}", message, self._now())
            self.posts[post.remote_id] = post
        else:
            known = self.posts.get(message.remote_id or "")
            if known is None:
                raise TransportError(f"there is no post {message.remote_id}", permanent=True)
            post = known
            post.message, post.made_at = message, self._now()
            post.withdrawn = message.act is Act.RECALL
        post.keys.append(message.key)
        return post

    def _receipt(self, post: Post) -> Receipt:
        return Receipt(remote_id=post.remote_id, url=f"https://memory.example/{self._code}/{post.remote_id}")


def _error(fault: Fault) -> TransportError:
    match fault:
        case Fault.REFUSED:
            return TransportError("refused", permanent=True, status=422)
        case Fault.BUSY:
            return TransportError("busy", retry_after=60.0, status=429)
        case Fault.BROKEN:
            return TransportError("connection refused")
        case Fault.UNAUTHORISED:
            return TransportError("access must be granted again", needs=Needs.AUTHORISATION, status=401)
        case Fault.GONE:
            return TransportError("gone", permanent=True, needs=Needs.RETIREMENT, status=410)
        case _:
            return TransportError("the answer was lost", outcome_unknown=True)
