"""Parts of the tests of adapters: a clock, secrets, HTTP clients, servers on loopback and a message."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.channels.transport import DeliveryAct, Message, MessageMedium
from coordinator.http.client import HttpClient
from coordinator.http.responses import HttpResponse
from tests import drawn_pictures, sample_media

MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 08:00 in the city


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime = MORNING) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **length: float) -> None:
        self.moment += timedelta(**length)


class MemorySecrets:
    """A vault in memory. ``saves`` keeps every state it was ever given; ``held`` says whether somebody holds it."""

    def __init__(self, **secrets: str) -> None:
        self._secrets = dict(secrets)
        self.saves: list[dict[str, str]] = []
        self._lock = threading.RLock()
        self.held = 0

    def load(self) -> Mapping[str, str]:
        return dict(self._secrets)

    def save(self, secrets: Mapping[str, str]) -> None:
        self._secrets = dict(secrets)
        self.saves.append(dict(secrets))

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._lock:
            self.held += 1
            yield


class UnlockedSecrets:
    """A vault that cannot keep others out, as the port allows."""

    def __init__(self, kept: MemorySecrets) -> None:
        self._kept = kept

    def load(self) -> Mapping[str, str]:
        return self._kept.load()

    def save(self, secrets: Mapping[str, str]) -> None:
        self._kept.save(secrets)


def reply(status: int = 200, body: bytes = b"", **headers: str) -> HttpResponse:
    """An answer made by hand. ``headers``: underscores stand for hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse("https://answer.example/", status, fields, body)


@dataclass
class Sent:
    """One call that went through a door."""

    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]


@dataclass
class ScriptedHttpClient:
    """Answers with what it was given, in order; an exception among the answers is raised."""

    answers: list[HttpResponse | Exception]
    sent: list[Sent] = field(default_factory=list)

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        cap: int,
    ) -> HttpResponse:
        self.sent.append(Sent(method, url, body, dict(headers or {})))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def loopback_client() -> HttpClient:
    """The product's own door, let through to loopback."""
    return HttpClient(user_agent="LanToa-tests", allow_hosts=frozenset({"127.0.0.1", "localhost"}), pace=0.0)


def message(act: DeliveryAct = DeliveryAct.PUBLISH, **changes: Any) -> Message:
    """A bulletin's message, complete; ``changes`` replaces fields."""
    code = "BT-2026-11-24-001"
    fields: dict[str, Any] = {
        "key": "dlv_4fK9aQ",
        "act": act,
        "code": code,
        "revision": 1,
        "title": "Sáu quận tiêm nhắc vắc xin cúm trong tuần này",
        "lead": "Người từ 65 tuổi được tiêm miễn phí tại trạm y tế phường.",
        "body_html": "<p>Các trạm y tế mở cửa từ 7:30.</p><p>Mang theo thẻ bảo hiểm.</p>",
        "paragraphs": ("Các trạm y tế mở cửa từ 7:30.", "Mang theo thẻ bảo hiểm & giấy tờ tùy thân."),
        "topic": "dich-benh",
        "author": "Sở Thông tin Thủ đô",
        "url": f"https://tin.thudo.example/bulletins/{code}",
        "republish_url": f"https://tin.thudo.example/bulletins/{code}/republish",
        "ninjs_url": f"https://tin.thudo.example/bulletins/{code}.json",
        "released_at": MORNING,
    }
    return Message(**{**fields, **changes})


def medium(kind: str, mime: str, body: bytes, **changes: Any) -> MessageMedium:
    """A medium with its bytes; ``changes`` replaces fields. Its name comes from the bytes."""
    ident = hashlib.sha256(body).hexdigest()[:32]
    place, suffix = ("pictures", "jpg") if kind == "picture" else ("media", mime.partition("/")[2])
    fields: dict[str, Any] = {
        "ident": ident,
        "kind": kind,
        "url": f"https://tin.thudo.example/{place}/{ident}.{suffix}",
        "mime": mime,
        "length": len(body),
        "read": lambda: body,
    }
    return MessageMedium(**{**fields, **changes})


def video(**changes: Any) -> MessageMedium:
    """A real video of three seconds with poster, captions and transcript."""
    poster = medium("picture", "image/jpeg", drawn_pictures.jpeg(drawn_pictures.photograph(1)), alt="Điểm tiêm")
    captions = medium("captions", "text/vtt", sample_media.CAPTIONS.encode())
    fields: dict[str, Any] = {"seconds": 3.0, "width": 320, "height": 240, "alt": "Y tá tiêm cho trẻ"}
    words = {"text": sample_media.TRANSCRIPT, "poster": poster, "captions": captions}
    return medium("video", "video/mp4", sample_media.video(), **{**fields, **words, **changes})
