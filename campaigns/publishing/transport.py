"""The port between deliveries and the outside: what a channel adapter is given and what it gives back.

An adapter sees frozen values only: no session, no clock, no row. It returns a ``Receipt`` or raises
``TransportError``; keeping the books (attempts, retries, leases) is the caller's work.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Protocol, runtime_checkable


class Act(Enum):
    """What a delivery does at the channel."""

    PUBLISH = "publish"  # the first text of a bulletin
    CORRECT = "correct"  # a later revision takes the place of an earlier one
    RECALL = "recall"  # the bulletin is withdrawn, with a notice


@dataclass(frozen=True)
class Capabilities:
    """What a kind of channel can do and how much it takes.

    Lengths: ``max_title`` and ``max_lead`` in characters, ``max_body_bytes`` in bytes of UTF-8; ``None`` = no limit.
    ``idempotent``: a repeat with the same key is harmless. ``lookup``: ``Transport.find`` can tell whether a key or a
    text is already there. ``asynchronous``: ``send`` may answer *accepted*, to be settled by ``Transport.poll``.
    ``pulled``: nothing is sent; the receiver fetches, and the fetch log is the proof. ``manual``: a person posts it.
    ``pull_beside``: the program it is pushed to may read the partner's feed as well, which makes up for a missed push.
    ``needs_cover``: a post without a picture is refused. ``carries_cover``: the picture itself is sent along, where
    others fetch it from its address. ``mailed``: it goes through the office's mail server. ``broadcasts``: what stands
    there can be sent to those who follow, once. ``account``: it tells about the account itself. ``rate`` and
    ``burst``: how many messages a minute, and at a stroke after a rest, unless an administrator sets others
    (``rates.Limits``). ``parallel``: different bulletins may be sent at the same time.
    """

    max_title: int | None = None
    max_lead: int | None = None
    max_body_bytes: int | None = None
    idempotent: bool = False
    lookup: bool = False
    revise: bool = False
    withdraw: bool = False
    asynchronous: bool = False
    counts: bool = False
    pulled: bool = False
    pull_beside: bool = False
    manual: bool = False
    needs_cover: bool = False
    carries_cover: bool = False
    mailed: bool = False
    broadcasts: bool = False
    account: bool = False
    irreversible: bool = False
    rate: int | None = None
    burst: int = 1
    parallel: bool = False

    @property
    def once(self) -> bool:
        """Whether a send whose answer is lost can only be settled by a person: it can neither be repeated nor asked."""
        return not (self.idempotent or self.lookup)


@dataclass(frozen=True)
class CoverFile:
    """A lead picture as bytes. ``name``: of the picture, the same for as long as it is the same picture; ``alt``: what
    it shows."""

    name: str
    mime: str
    alt: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Message:
    """One revision, fitted and ready for one channel. All addresses are absolute.

    ``key`` is the delivery's idempotency key, the same on every retry; it contains no dot. ``remote_id`` is what the
    channel called the earlier text, for a correction or recall. ``paragraphs`` is the plain text, one item a paragraph.
    """

    key: str
    act: Act
    code: str
    revision: int
    title: str
    lead: str
    body_html: str
    paragraphs: tuple[str, ...]
    topic: str
    author: str
    url: str
    republish_url: str
    ninjs_url: str
    released_at: datetime
    cover_url: str | None = None
    cover: CoverFile | None = None  # for channels that carry it
    note: str = ""  # what a correction changed, or why the bulletin was recalled
    remote_id: str | None = None
    remote_url: str | None = None
    leave_url: str = ""  # where whoever gets this by mail can stop it; empty where nothing is mailed


@dataclass(frozen=True)
class Receipt:
    """What the channel answered.

    ``done`` is False when the channel only accepted the message for processing; ``token`` then goes to ``poll``.
    """

    done: bool = True
    remote_id: str | None = None
    url: str | None = None
    token: str | None = None
    status: int | None = None
    detail: str = ""


class Needs(Enum):
    """What must happen before the channel can work again, beyond waiting."""

    AUTHORISATION = "authorisation"  # an administrator must grant access again
    NOTHING = "nothing"
    RETIREMENT = "retirement"  # the receiver said it is gone for good (410)


class Sign(Enum):
    """What a try says of the channel itself, whatever became of the message."""

    ANSWERS = "answers"  # it works, though it may have refused this message or asked for patience
    SILENT = "silent"  # no connection, no answer in time, or the answer of a server in trouble (5xx)
    NOTHING = "nothing"  # it was not asked, or is shut for a reason that waiting does not mend


class TransportError(Exception):
    """The message did not arrive, or nobody can tell.

    ``permanent``: a repeat would fail the same way. ``retry_after``: seconds the receiver asked for.
    ``outcome_unknown``: it may have arrived; only a look-up or a person can say. ``status``: the HTTP status if any.
    ``sign``: what it says of the channel; told from the others unless the adapter knows better.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        outcome_unknown: bool = False,
        status: int | None = None,
        needs: Needs = Needs.NOTHING,
        sign: Sign | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown
        self.status = status
        self.needs = needs
        self.sign = sign or _sign(permanent, status, needs)


def _sign(permanent: bool, status: int | None, needs: Needs) -> Sign:
    if needs is Needs.AUTHORISATION:
        return Sign.NOTHING
    if status is not None:
        return Sign.SILENT if status >= 500 else Sign.ANSWERS
    # For good and without an answer: it was never called, for want of a key or because its address may not be.
    return Sign.NOTHING if permanent else Sign.SILENT


@dataclass(frozen=True)
class Counts:
    """What a channel tells about one post. ``None`` = the channel does not tell."""

    views: int | None = None
    likes: int | None = None
    shares: int | None = None
    comments: int | None = None


@dataclass(frozen=True)
class Quota:
    """How much of something an account may still send. ``name``: the platform's own."""

    name: str
    total: int | None
    left: int


@dataclass(frozen=True)
class Account:
    """What a platform tells about an account. ``None`` and '' = it does not tell.

    ``package_until``: the last day of the package that was paid for. ``detail``: why part of it could not be read.
    """

    name: str = ""
    followers: int | None = None
    verified: bool | None = None
    package: str = ""
    package_until: date | None = None
    quotas: tuple[Quota, ...] = ()
    detail: str = ""


class Vault(Protocol):
    """A channel's secrets, opened. ``save`` commits before it returns: a single-use refresh token must not be lost."""

    def load(self) -> Mapping[str, str]: ...

    def save(self, secrets: Mapping[str, str]) -> None: ...


@runtime_checkable
class Exclusive(Protocol):
    """A vault that can keep other workers of the same channel out while a single-use secret is being replaced."""

    def hold(self) -> AbstractContextManager[object]:
        """Wait for the others and keep them out until the block ends. Must not lock what readers or writers need."""
        ...


@dataclass(frozen=True)
class ChannelSettings:
    """What an adapter is built from: the channel's code and its checked, non-secret settings."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Transport(Protocol):
    """One channel. ``send`` handles every ``Act`` the capabilities declare; the others are optional by capability."""

    capabilities: Capabilities

    def send(self, message: Message) -> Receipt:
        """Deliver one message. Raises ``TransportError``."""
        ...


@runtime_checkable
class Finds(Protocol):
    """A transport that can look for a message whose fate is unknown."""

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """The post that carries this message, if the channel shows one made at or after ``since`` minus a minute."""
        ...


@runtime_checkable
class Polls(Protocol):
    """A transport whose channel works in the background."""

    def poll(self, token: str) -> Receipt:
        """The present fate of an accepted message: ``done`` or not. Raises ``TransportError``."""
        ...


@runtime_checkable
class Tests(Protocol):
    """A transport that can be tried without publishing anything."""

    def test(self) -> Receipt:
        """Reach the channel harmlessly. ``detail`` says what was seen. Raises ``TransportError``."""
        ...


@runtime_checkable
class Tells(Protocol):
    """A transport whose channel tells how often a post was seen or passed on."""

    def counts(self, receipt: Receipt) -> Counts:
        """What the channel tells about the post of an earlier receipt now. Raises ``TransportError``."""
        ...


@dataclass(frozen=True)
class BroadcastRules:
    """What an account's followers are spared: at most so many broadcasts ``a_day`` and ``a_month``, and none from
    ``night_begins`` to ``night_ends`` by the city's clocks."""

    a_day: int
    a_month: int
    night_begins: time = time(22, 0)
    night_ends: time = time(6, 0)


@runtime_checkable
class Broadcasts(Protocol):
    """A transport whose channel can send what stands there to those who follow it. Neither repeatable nor to be asked
    about: whoever calls it writes down before that it begins."""

    broadcast_rules: BroadcastRules

    def broadcast(self, remote_id: str) -> Receipt:
        """Send the post of an earlier receipt to the followers. ``remote_id`` of the answer is the broadcast's.

        Raises ``TransportError``; without ``outcome_unknown`` nothing was sent.
        """
        ...


@runtime_checkable
class Accounts(Protocol):
    """A transport that can read what the platform tells about the account itself."""

    def account(self) -> Account:
        """How the account stands now; changes nothing. Raises ``TransportError``."""
        ...
