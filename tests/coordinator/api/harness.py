"""The harness of API tests: a database, keys of every role, two partners, a fake HTTP client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from campaigns.partners.directory import Company, CompanyContent, Site, SiteContent, SiteKind, add_company, add_site
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.jobs.context import AppContext, JobContext

BEGINNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # eight in the morning in the city


@dataclass
class Clock:
    """The present moment of a test."""

    moment: datetime = BEGINNING

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)


@dataclass(frozen=True)
class FixedClockContext(JobContext):
    """A job context whose clock stands still until a test moves it."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        """The test's moment."""
        return self.clock.moment


@dataclass
class RecordingRunner:
    """A runner that records nudges."""

    kinds: list[str] = field(default_factory=list)

    def nudge(self, kind: str, key: str = "") -> None:
        """Record the kind."""
        self.kinds.append(kind)


@dataclass(frozen=True)
class FakeAnswer:
    """What a server would have answered."""

    status: int
    body: bytes = b""
    retry_after: float | None = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class FakeHttpClient:
    """The part of the HTTP client that adapters use; ``status`` None means that the host is unreachable."""

    status: int | None = 204
    asked: list[tuple[str, str, bytes | None, Mapping[str, str]]] = field(default_factory=list)

    def get(self, url: str, **_options: object) -> FakeAnswer:
        """Nobody answers: no picture of another server is fetched."""
        raise RequestError("nobody takes the connection", kind=RequestErrorKind.UNREACHABLE)

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        cap: int,
    ) -> FakeAnswer:
        """Return the configured answer. Raises an error of the client if ``status`` is None."""
        self.asked.append((method, url, body, dict(headers or {})))
        if self.status is None:
            raise RequestError("nobody takes the connection", kind=RequestErrorKind.UNREACHABLE)
        return FakeAnswer(self.status)


class Caller:
    """A client with one key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self._client, self.key = client, key

    def send(self, method: str, path: str, **given: Any) -> TestResponse:
        """One request under ``/api/v1``."""
        # One id for all, so that answers that have to be the same are compared as they are.
        headers = {"Authorization": f"Bearer {self.key}", "X-Request-Id": "test", **given.pop("headers", {})}
        where = path if path.startswith(("/api", "http")) else f"/api/v1{path}"
        return self._client.open(where, method=method, headers=headers, **given)

    def get(self, path: str, **given: Any) -> TestResponse:
        """GET."""
        return self.send("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> TestResponse:
        """POST; without a body none is sent."""
        return self.send("POST", path, **({"json": body} if body is not None else {}), **given)

    def patch(self, path: str, body: Any, **given: Any) -> TestResponse:
        """PATCH."""
        return self.send("PATCH", path, json=body, **given)


class ApiHarness:
    """Everything a test needs."""

    def __init__(
        self,
        app: APIFlask,
        app_context: AppContext,
        office: FixedClockContext,
        runner: RecordingRunner,
        http_client: FakeHttpClient,
    ) -> None:
        self.app, self.app_context, self.office, self.runner, self.http_client = (
            app,
            app_context,
            office,
            runner,
            http_client,
        )
        self.clock, self.database = office.clock, office.database
        self.callers: dict[str, Caller] = {}

    def caller(self, name: str) -> Caller:
        """``writer``, ``approver``, ``analyst``, ``admin``, ``tinven`` or ``bac`` (two partners)."""
        return self.callers[name]

    def key(self, name: str, *, role: Role | None = None, company_id: int | None = None, **given: Any) -> Caller:
        """Another key."""
        with self.database.write() as session:
            made = add_key(session, "test", name=name, role=role, company_id=company_id, now=self.office.now(), **given)
        return Caller(self.app.test_client(), made.text)

    def draft(self, **changed: Any) -> dict[str, Any]:
        """A new draft of the writer's."""
        body = {
            "title": "Cảnh báo mưa lớn",
            "lead": "Mưa to trên diện rộng.",
            "body_html": "<p>Người dân hạn chế ra đường.</p>",
            "topic": "dich-benh",
        } | changed
        answer = self.caller("writer").post("/bulletins", body)
        assert answer.status_code == 201, answer.text
        return answer.get_json()

    def published(self, **changed: Any) -> dict[str, Any]:
        """A bulletin that is out."""
        draft = self.draft(**changed)
        path = f"/bulletins/{draft['code']}"
        approver = self.caller("approver")
        for answer in (
            self.caller("writer").post(f"{path}/submit"),
            approver.post(f"{path}/approve", {"revision_hash": draft["revision_hash"]}),
            approver.post(f"{path}/publish"),
        ):
            assert answer.status_code == 200, answer.text
        # Of two changes at the same moment the second is visible a microsecond later, and this clock stands still.
        self.clock.forward(seconds=1)
        return answer.get_json()

    def webhook(self, partner: str | None = "tinven", **changed: Any) -> dict[str, Any]:
        """A webhook channel, as the answer to its creation."""
        body = {
            "kind": "webhook",
            "name": f"Máy chủ {partner}",
            "partner": partner,
            "settings": {"url": "https://nhan.example/tin"},
        } | changed
        answer = self.caller("admin").post("/channels", body)
        assert answer.status_code == 201, answer.text
        return answer.get_json()

    def delivery(self, code: str, channel: str) -> dict[str, Any]:
        """The newest delivery of a bulletin to a channel."""
        rows = self.caller("admin").get(f"/bulletins/{code}/deliveries?channel={channel}").get_json()["items"]
        return rows[-1]


def people(world: ApiHarness, database: Database) -> None:
    """A key of every role, and two partners with a site and a key each."""
    now = world.office.now()
    with database.write() as session:
        ids = {}
        for code, name, host in (
            ("tinven", "Công ty Tin Ven", "tinven.example"),
            ("bac", "Công ty Bắc", "bac.example"),
        ):
            company: Company = add_company(session, "test", CompanyContent(name=name), code=code, now=now)
            site: Site = add_site(
                session,
                "test",
                company,
                SiteContent(name=host, url=f"https://{host}/", kind=SiteKind.AGGREGATOR),
                code=host,
                now=now,
            )
            ids[code] = site.company_id
    for role in Role:
        world.callers[role.value] = world.key(role.value, role=role)
    for code, ident in ids.items():
        world.callers[code] = world.key(code, company_id=ident)
