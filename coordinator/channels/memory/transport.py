"""A channel in memory, for tests of code that uses channels. It can produce every kind of failure."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from campaigns.channels.transport import (
    Capabilities,
    ChannelNeed,
    DeliveryAct,
    Message,
    PostCounts,
    Receipt,
    Secrets,
    TransportError,
)
from campaigns.core.clock import utc_now
from coordinator.channels import capabilities as channel_capabilities
from coordinator.channels.http_calls import CurrentTime, HttpRequester
from coordinator.channels.memory.settings import MemorySettings


class SendFault(Enum):
    """One kind of failure of a call."""

    REFUSED = "refused"  # permanently
    BUSY = "busy"  # asks to wait for a minute
    BROKEN = "broken"  # a transient failure; nothing arrived
    LOST = "lost"  # unknown outcome, and nothing arrived
    LOST_AFTER = "lost_after"  # unknown outcome, and the message arrived
    UNAUTHORISED = "unauthorised"
    GONE = "gone"  # the endpoint ends
    KILLED_AFTER = "killed_after"  # the message arrived, and the process was killed before the response


class ProcessKilled(BaseException):
    """Simulates a kill of the process during a send; not an ``Exception``, so that nothing handles it by mistake."""


@dataclass
class StoredPost:
    """The post of one bulletin."""

    remote_id: str
    message: Message
    made_at: datetime
    keys: list[str] = field(default_factory=list)
    withdrawn: bool = False


class MemoryTransport:
    """Keeps posts in ``posts`` and every call in ``calls``; each ``send`` takes the next of ``faults``.

    ``capabilities`` may be set to imitate another kind of channel: with ``asynchronous`` a post needs ``polls_needed``
    polls until it is done; with ``idempotent`` a repeated key makes no second post.
    """

    capabilities: Capabilities = channel_capabilities.MEMORY

    def __init__(
        self,
        code: str = "memory",
        values: Mapping[str, Any] | None = None,
        vault: Secrets | None = None,  # every adapter is built alike
        http_client: HttpRequester | None = None,  # every adapter is built alike
        now: CurrentTime = utc_now,
    ) -> None:
        self._code = code
        MemorySettings.model_validate(dict(values or {}))
        self._now = now
        self.posts: dict[str, StoredPost] = {}
        self.calls: list[tuple[str, str]] = []
        self.faults: deque[SendFault] = deque()
        self.polls_needed = 0
        self._waiting: dict[str, tuple[StoredPost, int]] = {}

    def send(self, message: Message) -> Receipt:
        """Store, replace or withdraw a post, or fail as the next of ``faults`` says."""
        self.calls.append(("send", message.key))
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and fault not in {SendFault.LOST_AFTER, SendFault.KILLED_AFTER}:
            raise _fault_error(fault)
        post = self._take(message)
        if fault is SendFault.KILLED_AFTER:
            raise ProcessKilled(message.key)
        if fault is SendFault.LOST_AFTER:
            raise _fault_error(fault)
        if self.capabilities.asynchronous and self.polls_needed and message.act is not DeliveryAct.RECALL:
            token = f"token-{message.key}"
            self._waiting[token] = (post, self.polls_needed)
            return Receipt(done=False, token=token)
        return self._receipt(post)

    def poll(self, token: str) -> Receipt:
        """Return a receipt that is done after ``polls_needed`` calls."""
        self.calls.append(("poll", token))
        if token not in self._waiting:
            raise TransportError(f"no such token {token}", permanent=True)
        post, left = self._waiting[token]
        self._waiting[token] = (post, left - 1)
        return self._receipt(post) if left <= 1 else Receipt(done=False, token=token)

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """Return the post that this key made or changed, if that was at or after ``since`` less a minute."""
        self.calls.append(("find", message.key))
        for post in self.posts.values():
            if message.key in post.keys and post.made_at >= since - timedelta(minutes=1):
                return self._receipt(post)
        return None

    def counts(self, receipt: Receipt) -> PostCounts:
        """Return a view and a share for every time the post was written."""
        post = self.posts.get(receipt.remote_id or "")
        return PostCounts() if post is None else PostCounts(views=len(post.keys), shares=len(post.keys))

    def test(self) -> Receipt:
        """Always succeed."""
        self.calls.append(("test", ""))
        return Receipt(detail=f"{self._code} is in memory and keeps {len(self.posts)} posts")

    def visible_messages(self) -> list[Message]:
        """The newest text of every post that was not withdrawn."""
        return [post.message for post in self.posts.values() if not post.withdrawn]

    def _take(self, message: Message) -> StoredPost:
        if self.capabilities.idempotent:
            for post in self.posts.values():
                if message.key in post.keys:
                    return post
        if message.act is DeliveryAct.PUBLISH:
            post = StoredPost(f"{self._code}-{len(self.posts) + 1}", message, self._now())
            self.posts[post.remote_id] = post
        else:
            known = self.posts.get(message.remote_id or "")
            if known is None:
                raise TransportError(f"there is no post {message.remote_id}", permanent=True)
            post = known
            post.message, post.made_at = message, self._now()
            post.withdrawn = message.act is DeliveryAct.RECALL
        post.keys.append(message.key)
        return post

    def _receipt(self, post: StoredPost) -> Receipt:
        return Receipt(remote_id=post.remote_id, url=f"https://memory.example/{self._code}/{post.remote_id}")


def _fault_error(fault: SendFault) -> TransportError:
    match fault:
        case SendFault.REFUSED:
            return TransportError("refused", permanent=True, status=422)
        case SendFault.BUSY:
            return TransportError("busy", retry_after=60.0, status=429)
        case SendFault.BROKEN:
            return TransportError("connection refused")
        case SendFault.UNAUTHORISED:
            return TransportError("access must be granted again", needs=ChannelNeed.AUTHORISATION, status=401)
        case SendFault.GONE:
            return TransportError("gone", permanent=True, needs=ChannelNeed.RETIREMENT, status=410)
        case _:
            return TransportError("the answer was lost", outcome_unknown=True)
