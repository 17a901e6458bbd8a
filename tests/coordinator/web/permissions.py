"""Access by role: the table of ``docs/reference/permissions.md`` and the actual responses of the application. ``python
-m tests.coordinator.web.permissions`` prints the rows of the running code, to be reviewed before one of them is added
to the table."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from campaigns.people.staff import Role
from coordinator import schema
from coordinator.config import Settings
from coordinator.db import Database
from tests import factories
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.routes import SIGN_IN_ROUTES, Route, routes
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token

TABLE = Path(__file__).parents[3] / "docs/reference/permissions.md"
CALLERS = ("nobody", "partner", *(role.value for role in (Role.WRITER, Role.APPROVER, Role.ANALYST, Role.ADMIN)))
TABLE_ROW = re.compile(r"^\| `([A-Z]+) ([^`]+)` \| (.+) \|$", re.MULTILINE)


def documented_permissions() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the documented table: method and rule, and the answers in the order of ``WHO``."""
    rows = TABLE_ROW.findall(TABLE.read_text("utf-8"))
    return {(method, rule): tuple(cell.strip() for cell in cells.split("|")) for method, rule, cells in rows}


def every_method(outside: RunningApplication) -> Iterator[tuple[str, Route]]:
    """Return every method of every route of the application."""
    for route in sorted(routes(outside.app, {"code": "x"}), key=lambda route: route.rule.rule):
        for method in sorted((route.rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, route


def answer_to(outside: RunningApplication, keys: dict[str, str], method: str, route: Route, actor_id: str) -> str:
    """Return ``yes``: the view answers; ``door``: sent to sign-in; ``no``: refused; ``closed``: served to nobody."""
    roles = {role.value: role for role in Role}
    if route.on_api:
        headers = {"Authorization": f"Bearer {keys[actor_id]}"} if actor_id in keys else {}
        got = outside.app.test_client().open(route.path, method=method, json={}, headers=headers)
    else:
        client = client_of_role(outside, roles[actor_id]) if actor_id in roles else outside.app.test_client()
        if actor_id == "partner":
            client.post("/portal/enter", data={"csrf_token": csrf_token(outside, client), "key": keys[actor_id]})
        form = {"csrf_token": csrf_token(outside, client)} if method == "POST" else None
        got = client.open(route.path, method=method, data=form)
    assert got.status_code < 500 or route.endpoint == "health.ready", (actor_id, method, route.path, got.status)
    if route.endpoint in SIGN_IN_ROUTES:
        return "closed" if SIGN_IN_ROUTES[route.endpoint].endswith("closed") and got.status_code == 404 else "yes"
    if got.status_code in {401, 403}:
        return "no"
    led = got.status_code in {302, 303} and got.headers["Location"].startswith(("/login", "/portal/enter"))
    return "door" if led else "yes"


def prepared_application(database: Database, folder: Path) -> tuple[RunningApplication, dict[str, str]]:
    """Return an application with a person of each role, and a key for each role and for a partner."""
    # Without rate limits: permissions are tested, not the frequency.
    outside = open_application(database, folder, own=True)
    outside.app.extensions["lantoa.tries"].enabled = False
    add_staff_of_each_role(outside)
    with database.write() as session:
        company = factories.company(session)
        ident = company.id
    keys = {role.value: outside.role_key(role) for role in Role}
    return outside, keys | {"partner": outside.key(company_id=ident)}


def answers_to_all(outside: RunningApplication, keys: dict[str, str], method: str, route: Route) -> tuple[str, ...]:
    """Return the response that each of ``WHO`` gets."""
    return tuple(answer_to(outside, keys, method, route, caller) for caller in CALLERS)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept:
        settings = Settings(data_dir=Path(kept))
        made = Database.from_settings(settings)
        schema.upgrade(made)
        stage, held = prepared_application(made, Path(kept))
        for verb, place in every_method(stage):
            print(f"| `{verb} {place.rule.rule}` | {' | '.join(answers_to_all(stage, held, verb, place))} |")  # noqa: T201
