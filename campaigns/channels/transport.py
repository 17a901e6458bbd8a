"""The port of channel adapters: their input and their results.

An adapter gets frozen values only: no session, no clock, no row. It returns a ``Receipt`` or raises
``TransportError``; attempts, retries and leases are recorded by the caller.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Protocol, runtime_checkable


class DeliveryAct(Enum):
    """What a delivery does at the channel."""

    PUBLISH = "publish"  # the first text of a bulletin
    CORRECT = "correct"  # a later revision replaces an earlier one
    RECALL = "recall"  # the bulletin is withdrawn, with a notice


@dataclass(frozen=True)
class MediaLimit:
    """What a kind of channel takes of one kind of media (``picture``, ``video``, ``audio``, ``document``) as a file.

    ``most_bytes`` of a file; ``least_seconds`` and ``most_seconds`` of its duration; ``None`` = no limit that is known.
    ``most``: files of this kind in one post.
    """

    kind: str
    types: frozenset[str]
    most_bytes: int | None = None
    least_seconds: float = 0.0
    most_seconds: float | None = None
    most: int = 1


@dataclass(frozen=True)
class Capabilities:
    """The capabilities and limits of a kind of channel.

    Lengths: ``max_title`` and ``max_lead`` in characters, ``max_body_bytes`` in bytes of UTF-8; ``None`` = no limit.
    ``idempotent``: a repeat with the same key is harmless. ``lookup``: ``find`` can determine whether a key or a text
    has arrived. ``asynchronous``: ``send`` may answer *accepted*, which ``poll`` settles. ``pulled``: nothing is sent;
    the receiver fetches a feed, and the log of fetches is the proof. ``manual``: a person posts it. ``pull_beside``:
    the receiver of the push may also read the partner's feed, which replaces a missed push. ``needs_cover``: a post
    without a picture is refused. ``carries_cover``: the message contains the picture, instead of its address.
    ``fetches_pictures``: the platform downloads pictures itself, so that they need a public address and have at most
    ``max_picture_bytes``. ``items``: a post
    is a row of paragraphs, pictures and videos without formatting (``bulletins.body_items``); ``item_pictures``:
    without it pictures are left out, and a video is a line with its address. ``formatted``: receivers
    get the text with its headings, lists, tables and links; the others get paragraphs, or items.
    ``mailed``: it is sent through the office's mail server. ``broadcasts``: a post can be sent to the followers, once.
    ``account``: the account's data can be read. ``rate`` and ``burst``: messages a minute and in one burst, unless an
    administrator sets others (``rate_limits.RateLimit``). ``parallel``: different bulletins may be sent at the same
    time. ``media``: the media that a post has as files; of any other the poster and the link to the bulletin go
    instead. ``media_linked``: receivers get the addresses of all media, of any kind and size.
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
    fetches_pictures: bool = False
    max_picture_bytes: int | None = None
    items: bool = False
    item_pictures: bool = True
    formatted: bool = False
    mailed: bool = False
    broadcasts: bool = False
    account: bool = False
    irreversible: bool = False
    rate: int | None = None
    burst: int = 1
    parallel: bool = False
    media: tuple[MediaLimit, ...] = ()
    media_linked: bool = False

    @property
    def once(self) -> bool:
        """Whether only a person can settle a send with a lost answer: it can neither be repeated nor looked up."""
        return not (self.idempotent or self.lookup)


@dataclass(frozen=True)
class CoverFile:
    """A lead picture as bytes. ``name``: the name of the picture, the same for the same picture; ``alt``: its
    description."""

    name: str
    mime: str
    alt: str
    body: bytes = field(repr=False)


def _no_bytes() -> bytes:
    raise OSError("no bytes are kept")


@dataclass(frozen=True)
class MessageMedium:
    """One medium of a bulletin: its address and, on demand, its bytes.

    ``ident``: its name, the same for the same bytes. ``kind``: ``picture``, ``video``, ``audio``, ``document`` or
    ``captions``. ``length`` in bytes, ``width`` and ``height`` in pixels, ``seconds``: 0 for what has none. ``text``:
    the transcript, or the words on a poster. ``read``: returns the bytes; raises ``OSError`` or ``StaleFence``.
    ``misfit``: why the channel does not get it as a file; '' = it gets it.
    """

    ident: str
    kind: str
    url: str
    mime: str
    length: int
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    alt: str = ""
    text: str = ""
    poster: "MessageMedium | None" = None
    captions: "MessageMedium | None" = None
    misfit: str = ""
    read: Callable[[], bytes] = field(default=_no_bytes, repr=False, compare=False)

    def file(self) -> CoverFile:
        """Return it with its bytes. Raises ``TransportError`` when they cannot be read."""
        try:
            return CoverFile(self.ident, self.mime, self.alt, self.read())
        except OSError as error:
            message = f"the {self.kind} cannot be read from where it is kept: {error}"
            raise TransportError(message, sign=ChannelSign.NOTHING) from error


@dataclass(frozen=True)
class Message:
    """One revision, formatted for one channel. All addresses are absolute.

    ``key`` is the delivery's idempotency key, the same on every retry; it contains no dot. ``remote_id`` is the
    channel's id of the earlier text, for a correction or recall. ``paragraphs`` are those of the plain text.
    ``without_pictures``: the channel refused the bulletin's pictures, so that none of them is sent. ``media``: all
    media of the text, also those that the channel does not get as files. ``upload``: the token of the upload that the
    channel already has for this delivery, '' for none.
    """

    key: str
    act: DeliveryAct
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
    cover: CoverFile | None = None  # for channels with ``carries_cover``
    note: str = ""  # the note of a correction, or the reason of a recall
    remote_id: str | None = None
    remote_url: str | None = None
    leave_url: str = ""  # the address to unsubscribe from mails; empty where nothing is mailed
    without_pictures: bool = False
    media: tuple[MessageMedium, ...] = ()
    upload: str = ""

    @property
    def files(self) -> tuple[MessageMedium, ...]:
        """The media that the channel gets as files, in their order."""
        return tuple(medium for medium in self.media if not medium.misfit)

    @property
    def misfits(self) -> str:
        """What is said in the receipt of the media that the channel does not get as files; '' for none."""
        return "; ".join(f"without its {medium.kind}: {medium.misfit}" for medium in self.media if medium.misfit)

    @property
    def has_pictures(self) -> bool:
        """Whether the bulletin has pictures of its own, as cover or in the text."""
        return self.cover_url is not None or self.cover is not None or "<img" in self.body_html


@dataclass(frozen=True)
class Receipt:
    """The answer of the channel.

    ``done`` is False when the channel only accepted the message for processing; ``token`` then goes to ``poll``.
    ``upload``: the channel has a file of the message and nothing is posted yet; ``send`` is called again later with
    this token as ``Message.upload``, and then posts, or returns it again while the channel processes the file.
    """

    done: bool = True
    remote_id: str | None = None
    url: str | None = None
    token: str | None = None
    status: int | None = None
    detail: str = ""
    upload: str = ""


class ChannelNeed(Enum):
    """What a channel needs, besides time, before it works again."""

    AUTHORISATION = "authorisation"  # an administrator must grant access again
    NOTHING = "nothing"
    RETIREMENT = "retirement"  # the receiver answered that it is gone (410)


class ChannelSign(Enum):
    """The meaning of a try for the channel, independent of the message."""

    ANSWERS = "answers"  # it works, although it may have refused or delayed this message
    SILENT = "silent"  # no connection, no answer in time, or a server error (5xx)
    NOTHING = "nothing"  # it was not called, or is closed for a reason that time does not resolve


class TransportError(Exception):
    """The message did not arrive, or its outcome is unknown.

    ``permanent``: a repeat would fail the same way. ``retry_after``: seconds the receiver asked for.
    ``outcome_unknown``: it may have arrived; only a lookup or a person can decide. ``status``: the HTTP status if any.
    ``sign``: the meaning for the channel; derived from the other values unless the adapter gives it.
    ``pictures_refused``: nothing was posted, most likely because the channel does not take a picture; the message may
    be sent once more without the bulletin's pictures, after ``retry_after`` and a look-up.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        outcome_unknown: bool = False,
        status: int | None = None,
        needs: ChannelNeed = ChannelNeed.NOTHING,
        sign: ChannelSign | None = None,
        pictures_refused: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown
        self.status = status
        self.needs = needs
        self.pictures_refused = pictures_refused
        self.sign = sign or _channel_sign(permanent, status, needs)


def _channel_sign(permanent: bool, status: int | None, needs: ChannelNeed) -> ChannelSign:
    if needs is ChannelNeed.AUTHORISATION:
        return ChannelSign.NOTHING
    if status is not None:
        return ChannelSign.SILENT if status >= 500 else ChannelSign.ANSWERS
    # Permanent and without an answer: the channel was not called, since a key is missing or its address is refused.
    return ChannelSign.NOTHING if permanent else ChannelSign.SILENT


@dataclass(frozen=True)
class PostCounts:
    """The counts of one post. ``None`` = the channel does not report it."""

    views: int | None = None
    likes: int | None = None
    shares: int | None = None
    comments: int | None = None


@dataclass(frozen=True)
class AccountQuota:
    """The remaining quota of an account. ``name``: the platform's."""

    name: str
    total: int | None
    left: int


@dataclass(frozen=True)
class PlatformAccount:
    """The platform's data about an account. ``None`` and '' = not reported.

    ``package_until``: the last day of the paid package. ``detail``: why a part could not be read.
    """

    name: str = ""
    followers: int | None = None
    verified: bool | None = None
    package: str = ""
    package_until: date | None = None
    quotas: tuple[AccountQuota, ...] = ()
    detail: str = ""


class Secrets(Protocol):
    """A channel's secrets, decrypted. ``save`` commits before it returns: a single-use refresh token must not be
    lost."""

    def load(self) -> Mapping[str, str]: ...

    def save(self, secrets: Mapping[str, str]) -> None: ...


@runtime_checkable
class ExclusiveSecrets(Protocol):
    """Secrets that can be locked against other workers while a single-use secret is replaced."""

    def hold(self) -> AbstractContextManager[object]:
        """Wait for other workers and exclude them until the block ends. Must not lock rows that others need."""
        ...


@dataclass(frozen=True)
class ChannelSettings:
    """The channel's code and its checked, non-secret settings, from which an adapter is built."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Transport(Protocol):
    """One channel. ``send`` handles every declared ``DeliveryAct``; other methods are optional by capability."""

    capabilities: Capabilities

    def send(self, message: Message) -> Receipt:
        """Deliver one message. Raises ``TransportError``."""
        ...


@runtime_checkable
class SupportsFind(Protocol):
    """A transport that can look up a message with an unknown outcome."""

    def find(self, message: Message, since: datetime) -> Receipt | None:
        """Return the post with this message, if the channel has one made at or after ``since`` less a minute."""
        ...


@runtime_checkable
class SupportsPoll(Protocol):
    """A transport whose channel processes messages in the background."""

    def poll(self, token: str) -> Receipt:
        """Return the present state of an accepted message: ``done`` or not. Raises ``TransportError``."""
        ...


@runtime_checkable
class SupportsTest(Protocol):
    """A transport that can be tested without publishing anything."""

    def test(self) -> Receipt:
        """Call the channel without an effect. ``detail`` describes the result. Raises ``TransportError``."""
        ...


@runtime_checkable
class SupportsCounts(Protocol):
    """A transport whose channel reports counts of a post."""

    def counts(self, receipt: Receipt) -> PostCounts:
        """Return the present counts of the post of an earlier receipt. Raises ``TransportError``."""
        ...


@dataclass(frozen=True)
class BroadcastRules:
    """The limits of broadcasts to an account's followers: at most so many ``a_day`` and ``a_month``, and none from
    ``night_begins`` to ``night_ends`` in the city's zone."""

    a_day: int
    a_month: int
    night_begins: time = time(22, 0)
    night_ends: time = time(6, 0)


@runtime_checkable
class SupportsBroadcast(Protocol):
    """A transport whose channel can send a post to the followers. A broadcast can be neither repeated nor looked up:
    the caller commits its beginning first."""

    broadcast_rules: BroadcastRules

    def broadcast(self, remote_id: str) -> Receipt:
        """Send the post of an earlier receipt to the followers. ``remote_id`` of the receipt is the broadcast's.

        Raises ``TransportError``; without ``outcome_unknown`` nothing was sent.
        """
        ...


@runtime_checkable
class SupportsAccount(Protocol):
    """A transport that can read the platform's data about the account."""

    def account(self) -> PlatformAccount:
        """Return the present data of the account; changes nothing. Raises ``TransportError``."""
        ...
