"""Partners as each kind of channel expects them, on loopback and in memory; a fault may befall the call that counts.

None of this is a platform's own code: the answers follow what the facts of each interface say, and are ours.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from campaigns.channels.transport import ChannelNeed
from tests.coordinator.channels.fakes import MORNING, Clock
from tests.coordinator.hostile_server import Call, HostileServer

JsonReply = tuple[int, Any]  # a status, and what is said as JSON (None: nothing)
MILLISECONDS = int(MORNING.timestamp() * 1000)


@dataclass
class ReceivedCalls:
    """What a partner has been given, in order: the bodies of the calls that made something."""

    base: str = ""
    made: list[bytes] = field(default_factory=list)

    def fields(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.made]


@dataclass(frozen=True)
class Peer:
    """One kind's partner.

    ``settings``: the channel's, for a base address. ``counts``: whether a call is the one that publishes. ``polite``:
    what any call is answered where nothing goes wrong. ``revoked``: what a call is answered whose access was withdrawn,
    and what that needs. ``refused``: a 2xx that says no all the same, None where the interface has none.
    """

    settings: Callable[[str], Mapping[str, Any]]
    counts: Callable[[Call], bool]
    polite: Callable[[Call, ReceivedCalls], JsonReply]
    revoked: JsonReply
    needs: ChannelNeed
    refused: Any = None


def _post_to(path: str) -> Callable[[Call], bool]:
    return lambda call: call.method == "POST" and call.path.partition("?")[0] == path


def _facebook(call: Call, shelf: ReceivedCalls) -> JsonReply:
    made = [
        {"id": f"1029384756_{number}", "message": values["message"], "created_time": MORNING.isoformat(),
         "permalink_url": f"{shelf.base}/{number}"}
        for number, values in enumerate(shelf.fields(), 1)
    ]  # fmt: skip
    if "/published_posts" in call.path:
        return 200, {"data": made[::-1]}
    return 200, made[-1] if call.method == "POST" else {"id": "1029384756", "name": "Sở"}


def _mastodon(call: Call, shelf: ReceivedCalls) -> JsonReply:
    def post(number: int, status: str) -> dict[str, Any]:
        address = f"{shelf.base}/@so/{number}"
        return {"id": str(number), "url": address, "content": status, "created_at": MORNING.isoformat()}

    made = [post(number, str(values["status"])) for number, values in enumerate(shelf.fields(), 1)]
    if call.path == "/api/v1/accounts/verify_credentials":
        return 200, {"id": "7", "acct": "so", "username": "so"}
    if call.path.startswith("/api/v1/accounts/7/statuses"):
        return 200, [] if "max_id" in call.path else made[::-1]
    return 200, made[-1] if call.path == "/api/v1/statuses" else {}


def _wordpress(call: Call, shelf: ReceivedCalls) -> JsonReply:
    made = [
        {"id": number, "slug": values["slug"], "link": f"{shelf.base}/{number}", "status": "pending"}
        for number, values in enumerate(shelf.fields(), 1)
    ]
    if call.method == "POST":
        return 201, made[-1]
    return 200, made if "slug=" in call.path else None


def _zalo(call: Call, shelf: ReceivedCalls) -> JsonReply:
    path = call.path.partition("?")[0]
    if path.endswith("/getslice"):
        rows = [
            {"id": f"a{number}", "title": values["title"], "create_date": MILLISECONDS, "link_view": f"{shelf.base}/a"}
            for number, values in enumerate(shelf.fields(), 1)
        ]
        return 200, {"error": 0, "data": {"total": len(rows), "medias": rows}}
    if path.endswith("/access_token"):
        return 200, {"error": -14014, "error_description": "the refresh token is unknown or was used"}
    return 200, {"error": 0, "message": "Success", "data": {"token": "t1", "message_id": "m1"}}


PEERS: Mapping[str, Peer] = {
    "facebook": Peer(
        settings=lambda base: {"page_id": "1029384756", "api_base": base},
        counts=_post_to("/v27.0/1029384756/feed"),
        polite=_facebook,
        revoked=(400, {"error": {"code": 190, "type": "OAuthException", "message": "Session has expired"}}),
        needs=ChannelNeed.AUTHORISATION,
        refused={"error": {"code": 100, "message": "Invalid parameter"}},
    ),
    "mastodon": Peer(
        settings=lambda base: {"server_url": base, "account": "so"},
        counts=_post_to("/api/v1/statuses"),
        polite=_mastodon,
        revoked=(401, {"error": "The access token was revoked"}),
        needs=ChannelNeed.AUTHORISATION,
    ),
    "telegram": Peer(
        settings=lambda base: {"chat": "@so_tttt", "api_base": base},
        counts=lambda call: call.path.endswith("/sendMessage"),
        polite=lambda call, shelf: (200, {"ok": True, "result": {"message_id": len(shelf.made)}}),
        revoked=(401, {"ok": False, "error_code": 401, "description": "Unauthorized"}),
        needs=ChannelNeed.AUTHORISATION,
        refused={"ok": False, "error_code": 400, "description": "Bad Request: chat not found"},
    ),
    "webhook": Peer(
        settings=lambda base: {"url": f"{base}/nhan"},
        counts=_post_to("/nhan"),
        polite=lambda call, shelf: (200, {"id": str(len(shelf.made))}),
        revoked=(401, None),
        needs=ChannelNeed.NOTHING,
    ),
    "websub": Peer(
        settings=lambda base: {"hub_url": f"{base}/hub"},
        counts=_post_to("/hub"),
        polite=lambda call, shelf: (204, None),
        revoked=(403, None),
        needs=ChannelNeed.NOTHING,
    ),
    "wordpress": Peer(
        settings=lambda base: {"site_url": base, "user": "so"},
        counts=_post_to("/wp-json/wp/v2/posts"),
        polite=_wordpress,
        revoked=(401, {"code": "rest_cannot_create", "message": "Sorry, you are not allowed."}),
        needs=ChannelNeed.AUTHORISATION,
    ),
    "zalo": Peer(
        settings=lambda base: {
            "app_id": "123",
            "oa_id": "456",
            "author": "Sở Thông tin Thủ đô",
            "cover_url": "https://tin.thudo.example/bia.png",
            "api_base": base,
            "oauth_base": base,
        },
        counts=_post_to("/v2.0/article/create"),
        polite=_zalo,
        revoked=(200, {"error": -216, "message": "Access token is invalid"}),
        needs=ChannelNeed.AUTHORISATION,
        refused={"error": -201, "message": "cover is invalid"},
    ),
}


Fault = Callable[[Call], None]


class Partner(AbstractContextManager["Partner"]):
    """One partner on loopback. ``fault`` befalls every call that counts; ``after`` says that it was done all the same.

    ``calls``: method and path of all that came in.
    """

    def __init__(self, kind: str, fault: Fault | None = None, *, after: bool = False) -> None:
        self.peer, self.fault, self.after, self.clock = PEERS[kind], fault, after, Clock()
        self.server = HostileServer()
        self.server.ways = defaultdict(lambda: self._answer)
        self.shelf = ReceivedCalls(self.server.url(""))

    @property
    def base(self) -> str:
        return self.shelf.base

    @property
    def calls(self) -> list[tuple[str, str]]:
        return [(call.method, call.path) for call in self.server.calls]

    def _answer(self, call: Call) -> None:
        counts = self.peer.counts(call)
        if counts and (self.fault is None or self.after):
            self.shelf.made.append(call.body)
        if counts and self.fault is not None:
            self.fault(call)
            return
        say(call, *self.peer.polite(call, self.shelf))

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, error, trace)


def say(call: Call, status: int, item: Any, **fields: object) -> None:
    """Answer with a status and JSON."""
    if item is None:
        call.head(f"{status} Said", Connection="close", **({"Content_Length": 0} if status != 204 else {}), **fields)
        return
    body = json.dumps(item).encode()
    call.answer(body, f"{status} Said", Content_Type="application/json", Connection="close", **fields)
