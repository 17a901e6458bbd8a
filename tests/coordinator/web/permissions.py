"""Who gets where: the table of ``docs/reference/permissions.md``, and what the application answers in fact.

``python -m tests.coordinator.web.permissions`` prints the rows that the running code would give, to be read and judged
before any of them goes into the table.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from campaigns.people.staff import Role
from coordinator import schema
from coordinator.config import Settings
from coordinator.db import Database
from tests import factories
from tests.coordinator.web.public.outside import Outside, open_outside
from tests.coordinator.web.public.routes import DOORS, Route, routes
from tests.coordinator.web.signing_in import as_role, people, token

TABLE = Path(__file__).parents[3] / "docs/reference/permissions.md"
WHO = ("nobody", "partner", *(role.value for role in (Role.WRITER, Role.APPROVER, Role.ANALYST, Role.ADMIN)))
ROW = re.compile(r"^\| `([A-Z]+) ([^`]+)` \| (.+) \|$", re.MULTILINE)


def written() -> dict[tuple[str, str], tuple[str, ...]]:
    """The table as it is documented: method and rule, and the answers in the order of ``WHO``."""
    rows = ROW.findall(TABLE.read_text("utf-8"))
    return {(method, rule): tuple(cell.strip() for cell in cells.split("|")) for method, rule, cells in rows}


def asked(outside: Outside) -> Iterator[tuple[str, Route]]:
    """Every method of every route of the application."""
    for route in sorted(routes(outside.app, {"code": "x"}), key=lambda one: one.rule.rule):
        for method in sorted((route.rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, route


def answer(outside: Outside, keys: dict[str, str], method: str, route: Route, who: str) -> str:
    """``yes``: the view answers. ``door``: led to sign-in. ``no``: refused. ``closed``: served to nobody."""
    roles = {role.value: role for role in Role}
    if route.on_api:
        headers = {"Authorization": f"Bearer {keys[who]}"} if who in keys else {}
        got = outside.app.test_client().open(route.path, method=method, json={}, headers=headers)
    else:
        client = as_role(outside, roles[who]) if who in roles else outside.app.test_client()
        if who == "partner":
            client.post("/portal/enter", data={"csrf_token": token(outside, client), "key": keys[who]})
        form = {"csrf_token": token(outside, client)} if method == "POST" else None
        got = client.open(route.path, method=method, data=form)
    assert got.status_code < 500 or route.endpoint == "health.ready", (who, method, route.path, got.status)
    if route.endpoint in DOORS:
        return "closed" if DOORS[route.endpoint].endswith("closed") and got.status_code == 404 else "yes"
    if got.status_code in {401, 403}:
        return "no"
    led = got.status_code in {302, 303} and got.headers["Location"].startswith(("/login", "/portal/enter"))
    return "door" if led else "yes"


def prepared(database: Database, folder: Path) -> tuple[Outside, dict[str, str]]:
    """An application with a person of each role, and a key for each role and for a partner."""
    # Nobody is slowed down here: it is asked who may, not how often.
    outside = open_outside(database, folder)
    outside.app.extensions["lantoa.tries"].enabled = False
    people(outside)
    with database.write() as session:
        company = factories.company(session)
        ident = company.id
    keys = {role.value: outside.role_key(role) for role in Role}
    return outside, keys | {"partner": outside.key(company_id=ident)}


def row(outside: Outside, keys: dict[str, str], method: str, route: Route) -> tuple[str, ...]:
    """What each of ``WHO`` gets."""
    return tuple(answer(outside, keys, method, route, who) for who in WHO)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept:
        settings = Settings(data_dir=Path(kept))
        made = Database.of(settings)
        schema.upgrade(made)
        stage, held = prepared(made, Path(kept))
        for verb, place in asked(stage):
            print(f"| `{verb} {place.rule.rule}` | {' | '.join(row(stage, held, verb, place))} |")  # noqa: T201
