"""Access by role, as the running application answers: the table of ``docs/reference/permissions.md``.

``python -m tests.coordinator.web.permissions`` asks every route as everybody and writes the page; a test asks again and
compares. The API gets bodies that its own document allows, so that an answer does not depend on the shape of a body;
partners ask for an object of their own and for one of another partner.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from campaigns.compliance import finding_workflow
from campaigns.core.clock import city_day
from campaigns.messages import notice_workflow
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import NoticeAudience
from campaigns.partners.directory import Company
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from campaigns.republications.page_reports import report_page
from coordinator import schema
from coordinator.api.documentation import openapi
from coordinator.config import Settings
from coordinator.db import Database
from tests import factories
from tests.campaigns.compliance.made_findings import proposed
from tests.coordinator.web import permissions_by_owner
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.routes import SIGN_IN_ROUTES, Route, routes
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token
from tests.factories import ADMIN, ANALYST

PAGE = Path(__file__).parents[3] / "docs/reference/permissions.md"
STAFF = tuple(role.value for role in (Role.WRITER, Role.APPROVER, Role.ANALYST, Role.ADMIN))
OWN, OTHERS = "partner, own", "partner, others'"
_PARTNER = "/api/v1/partners/<code>"
CALLERS = ("nobody", OWN, OTHERS, *STAFF)
HEAD = """\
# Permissions

Who may use which address. This page is generated: `python -m tests.coordinator.web.permissions` asks the application
for every route as every one of these, with objects of the asking partner and of another one, and writes down what it
answers. A test asks again and compares, so that a row cannot be wrong. Do not edit it by hand.

- **yes**: the page, the act or the answer is theirs. What they see of it may still depend on whose it is: a partner's
  lists hold its own.
- **door**: led to sign-in, or to the partners' entrance.
- **no**: refused, 401 without a key and 403 otherwise.
- **none**: there is no such thing for them: the answer for what does not exist.
- **closed**: a page of the sign-in library that one of ours stands for; 404 for everybody.
- **–**: the address names nothing that belongs to a partner.

The desk's addresses are asked with an empty form, which is looked at after the role. Filled as a page shows it, each
form that a page shows is refused to the same roles; a test does that. Beside the role some acts ask who the person is:
*yes* at `/desk/confirmations/` is everybody's who may be asked, and a role or key is confirmed by a second person
alone, never by who asked or made it ([Let people in](../how-to/let-people-in.md)); nobody approves what they wrote; a
published notice is changed by who may publish one.

*Partner* is a visit to the portal, or at `/api/` a partner's key; the roles are people, or at `/api/` a key of that
role. A person who must have a second factor and has none gets no further than setting it up, and some pages ask for
the password again: see [Let people in](../how-to/let-people-in.md).

"""


@dataclass(frozen=True)
class AskedApplication:
    """The application with a person and a key of each role, two partners with a key each, and objects of both.

    ``objects``: by the beginning of a rule, the values of its variables for an own object and for another partner's.
    """

    outside: RunningApplication
    keys: Mapping[str, str]
    objects: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]
    bodies: Mapping[tuple[str, str], Any]
    partners: list[FlaskClient] = field(default_factory=list)

    def partner_client(self, route: Route) -> FlaskClient:
        """Return a client that has entered the portal: the same for all routes but those of entering and leaving,
        because entering derives a key each time."""
        if self.partners and route.rule.rule not in {"/portal/enter", "/portal/leave"}:
            return self.partners[0]
        client = self.outside.app.test_client()
        client.post("/portal/enter", data={"csrf_token": csrf_token(self.outside, client), "key": self.keys["partner"]})
        if not self.partners:
            self.partners.append(client)
            return self.partner_client(route)
        return client

    def values(self, rule: str) -> tuple[Mapping[str, str], Mapping[str, str]] | None:
        """The values for a rule that names a partner's object; None for others, and for tests of a channel, which
        would send to it."""
        if rule.endswith("/test"):
            return None
        fitting = [start for start in self.objects if rule.startswith(start)]
        return self.objects[max(fitting, key=len)] if fitting else None


def every_method(outside: RunningApplication) -> Iterator[tuple[str, Route]]:
    """Return every method of every route of the application."""
    for route in sorted(routes(outside.app, {"code": "x"}), key=lambda route: route.rule.rule):
        for method in sorted((route.rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, route


def answers_to_all(asked: AskedApplication, method: str, route: Route) -> tuple[str, ...]:
    """Return the answer that each of ``CALLERS`` gets."""
    values = asked.values(route.rule.rule)
    own = _path(asked, route, values[0]) if values else route.path
    statuses: set[int] = set()
    answers = []
    for caller in CALLERS:
        if caller == OTHERS and values is None:
            answers.append("–")
            continue
        path = _path(asked, route, values[1]) if caller == OTHERS and values else own
        status, answer = _answer(asked, method, route, path, caller)
        statuses.add(status)
        answers.append("none" if caller == OTHERS and status == 404 and answer == "yes" else answer)
    # A body that is refused before anybody's role is looked at would make every answer a yes.
    assert not route.on_api or statuses - {401} != {422}, f"{method} {route.rule.rule} needs another body"
    return tuple(answers)


def _path(asked: AskedApplication, route: Route, values: Mapping[str, str]) -> str:
    adapter = asked.outside.app.url_map.bind("localhost")
    known = {name: values.get(name, "x") for name in route.rule.arguments}
    return adapter.build(route.endpoint, known, method=min(route.rule.methods or {"GET"}))


def _answer(asked: AskedApplication, method: str, route: Route, path: str, caller: str) -> tuple[int, str]:
    outside, roles = asked.outside, {role.value: role for role in Role}
    key = asked.keys.get("partner" if caller in {OWN, OTHERS} else caller)
    if route.on_api:
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        body = asked.bodies.get((method, route.rule.rule), {})
        got = outside.app.test_client().open(path, method=method, json=body, headers=headers)
    else:
        if caller in {OWN, OTHERS}:
            client = asked.partner_client(route)
        else:
            client = client_of_role(outside, roles[caller]) if caller in roles else outside.app.test_client()
        form = {"csrf_token": csrf_token(outside, client)} if method == "POST" else None
        got = client.open(path, method=method, data=form)
    assert got.status_code < 500 or route.endpoint == "health.ready", (caller, method, path, got.status)
    if route.endpoint in SIGN_IN_ROUTES:
        closed = SIGN_IN_ROUTES[route.endpoint].endswith("closed") and got.status_code == 404
        return got.status_code, "closed" if closed else "yes"
    if got.status_code in {401, 403}:
        return got.status_code, "no"
    led = got.status_code in {302, 303} and got.headers["Location"].startswith(("/login", "/portal/enter"))
    return got.status_code, "door" if led else "yes"


def prepared_application(database: Database, folder: Path) -> AskedApplication:
    """Return the application with everybody who asks and what they ask for."""
    # Without rate limits: permissions are asked, not the frequency.
    outside = open_application(database, folder, own=True)
    outside.app.extensions["lantoa.tries"].enabled = False
    add_staff_of_each_role(outside)
    with database.write() as session:
        companies = {name: factories.company(session).id for name in ("partner", "other")}
    keys = {role.value: outside.role_key(role) for role in Role}
    keys |= {name: outside.key(company_id=ident) for name, ident in companies.items()}
    code = _call(outside, keys["writer"], "/bulletins", {"title": "Tin", "body_text": "Lời.", "topic": "dich-benh"})
    mine, theirs = (_belongings(outside, keys, name, ident) for name, ident in companies.items())
    _release(outside, keys, code)
    for belonging, name in ((mine, "partner"), (theirs, "other")):
        _belong_to_release(outside, keys, code, belonging, name)
    objects = {start: (values, theirs[start]) for start, values in mine.items()}
    bodies = request_bodies()
    claims = [{"bulletin": code["code"], "url": "https://partner.example/bai-khac"}]
    bodies["POST", "/api/v1/republications/batch"] = {"claims": claims}
    return AskedApplication(outside, keys, objects, bodies)


def _call(outside: RunningApplication, key: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    answer = outside.app.test_client().open(
        f"/api/v1{path}",
        method="GET" if body is None else "POST",
        json=body,
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code < 300, (path, answer.text)
    return answer.get_json()


def _belongings(
    outside: RunningApplication, keys: Mapping[str, str], name: str, company_id: int
) -> dict[str, dict[str, str]]:
    """What belongs to a partner, by the beginning of the rules that name it."""
    now, admin = outside.office.now(), keys["admin"]
    with outside.database.write() as session:
        company = session.get_one(factories.Company, company_id)
        owner = company.code
        site = factories.site(session, company, f"https://{name}.example/")
        finding = proposed(session, "R1", site, at=now).public
        finding_workflow.show_to_partner(session, ANALYST, finding, 0, city_day(now) + timedelta(days=9), now=now)
        wanted = NoticeContent("Tin", "<p>Lời.</p>", NoticeAudience.CHOSEN, partners=[owner])
        notice = notice_workflow.draft_notice(session, ADMIN, wanted, f"notice-{name}", now=now)
        notice_workflow.publish_notice(session, ADMIN, notice.public, notice.version, now=now)
        belongings = {"code": owner}, {"code": site.code}, notice.public
    partner, own_site, notice_id = belongings
    licence = {
        "partner": owner,
        "number": f"{name}/GP",
        "kind": "aggregator",
        "issuer": "Sở",
        "issued_on": "2026-01-01",
    }
    _call(outside, admin, "/licences", licence)
    _call(outside, admin, "/agreements", {"partner": owner, "number": f"{name}/TT", "starts_on": "2026-01-01"})
    channel = {"kind": "webhook", "name": name, "partner": owner, "settings": {"url": f"https://{name}.example/hook"}}
    made = _call(outside, admin, "/channels", channel)["code"]
    question = _call(outside, keys[name], "/questions", {"title": "Hỏi", "text": "Gửi thế nào?"})["id"]
    with outside.database.write() as session:
        feed = add_key(session, "test", name="Nguồn tin", company_id=company_id, now=now).row.public
    return {
        _PARTNER: partner,
        "/api/v1/sites/<code>": own_site,
        "/api/v1/licences/<path:number>": {"number": f"{name}/GP"},
        "/api/v1/agreements/<path:number>": {"number": f"{name}/TT"},
        "/api/v1/channels/<code>": {"code": made},
        "/api/v1/questions/<ident>": {"ident": question},
        "/api/v1/findings/<ident>": {"ident": finding},
        "/portal/questions/<ident>": {"ident": question},
        "/portal/findings/<ident>": {"ident": finding},
        "/portal/notices/<ident>": {"ident": notice_id},
        "/portal/push/<code>": {"code": made},
        "/portal/feeds/<public>": {"public": feed},
    }


def _release(outside: RunningApplication, keys: Mapping[str, str], bulletin: Mapping[str, Any]) -> None:
    """Publish the bulletin, which makes a delivery to each partner."""
    path = f"/bulletins/{bulletin['code']}"
    _call(outside, keys["writer"], f"{path}/submit", {})
    _call(outside, keys["approver"], f"{path}/approve", {"revision_hash": bulletin["revision_hash"]})
    _call(outside, keys["approver"], f"{path}/publish", {})


def _belong_to_release(
    outside: RunningApplication,
    keys: Mapping[str, str],
    bulletin: Mapping[str, Any],
    belongings: dict[str, dict[str, str]],
    name: str,
) -> None:
    """Add a partner's delivery of the bulletin and its claimed copy."""
    code = bulletin["code"]
    deliveries = _call(outside, keys[name], f"/bulletins/{code}/deliveries")["items"]
    claim = {"bulletin": code, "url": f"https://{name}.example/bai"}
    copy = _call(outside, keys[name], "/republications", claim)["id"]
    with outside.database.write() as session:
        owner = session.execute(sa.select(Company).where(Company.code == belongings[_PARTNER]["code"])).scalar_one()
        reported = report_page(session, ANALYST, owner.id, f"https://{name}.example/bao", now=outside.office.now()).row
        report = reported.public
    belongings |= {
        "/api/v1/deliveries/<ident>": {"ident": deliveries[0]["id"]},
        "/api/v1/republications/<ident>": {"ident": copy},
        "/portal/copies/<ident>": {"ident": copy},
        "/portal/report/<ident>": {"ident": report},
    }


# Values that the document describes in words only.
_WORDS: Mapping[str, Any] = {
    "time": "06:30", "period": "2026-Q4", "url": "https://trang.example/bai", "revision_hash": "0" * 64,
    "body_text": "Lời.", "topic": "dich-benh", "metric": "bulletins", "color": "#000000",
}  # fmt: skip
# Bodies with a condition between fields.
_WHOLE_BODIES: Mapping[str, Any] = {
    "/api/v1/bulletins": {"title": "x", "body_text": "x", "topic": "dich-benh"},
    "/api/v1/channels": {"kind": "feed", "name": "x"},
    "/api/v1/sites": {"partner": "x", "name": "x", "url": "https://x.example", "kind": "social"},
}


def request_bodies() -> dict[tuple[str, str], Any]:
    """Return a body for each operation of the API, made from its document: the required fields with plausible values,
    by method and rule."""
    spec = openapi.document()
    schemas = spec["components"]["schemas"]
    found: dict[tuple[str, str], Any] = {}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                body = _sample(content["application/json"]["schema"], schemas, "")
                found[method.upper(), _plain(path)] = body
    return _ByRule(found | {("POST", path): body for path, body in _WHOLE_BODIES.items()})


class _ByRule(dict[tuple[str, str], Any]):
    """Bodies by method and path, found by the rule of a route too."""

    def get(self, key: tuple[str, str], default: Any = None) -> Any:
        """The body of an operation."""
        return super().get((key[0], _plain(key[1])), default)


def _plain(path: str) -> str:
    """A path with its variables unnamed: ``/sites/{code}`` and ``/sites/<code>`` are the same."""
    return re.sub(r"\{[^}]*\}|<[^>]*>", "*", path)


def _sample(shape: Mapping[str, Any], schemas: Mapping[str, Any], name: str) -> Any:
    """A value that a schema allows."""
    if "$ref" in shape:
        return _sample(schemas[shape["$ref"].rsplit("/", 1)[1]], schemas, name)
    if "anyOf" in shape or "allOf" in shape:
        return _sample((shape.get("anyOf") or shape["allOf"])[0], schemas, name)
    if name in _WORDS:
        return _WORDS[name]
    if "enum" in shape:
        return shape["enum"][0]
    match shape.get("type"):
        case "object":
            fields = shape.get("properties", {})
            return {field: _sample(fields[field], schemas, field) for field in shape.get("required", ())}
        case "array":
            return [_sample(shape["items"], schemas, name)] * shape.get("minItems", 0)
        case "integer" | "number":
            return shape.get("minimum", 1)
        case "boolean":
            return True
    return {"date": "2026-12-01", "date-time": "2026-12-01T07:00:00+07:00"}.get(shape.get("format", ""), "x")


def permissions_page(asked: AskedApplication) -> str:
    """Return the whole page, from the answers of the application."""
    lines = [f"| route | {' | '.join(CALLERS)} |", f"|---|{'---|' * len(CALLERS)}"]
    for method, route in every_method(asked.outside):
        lines.append(f"| `{method} {route.rule.rule}` | {' | '.join(answers_to_all(asked, method, route))} |")
    owned = [permissions_by_owner.HEAD, *(f"{line}\n" for line in permissions_by_owner.link_lines(asked.outside))]
    owned += [permissions_by_owner.PERSONAL_HEAD]
    owned += [f"{line}\n" for line in permissions_by_owner.personal_lines(asked.outside)]
    return HEAD + "\n".join(lines) + "\n" + "".join(owned)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept:
        settings = Settings(data_dir=Path(kept))
        with Database.from_settings(settings) as made:
            schema.upgrade(made)
            PAGE.write_text(permissions_page(prepared_application(made, Path(kept))), "utf-8")
