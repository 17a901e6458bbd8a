"""What leaders and inspectors open, with a million copies of 20,000 bulletins on 1,200 sites in the database, and how
long it takes to count all of them again: making the sums anew, and comparing them with the rows.

The yardstick is that of ``pages``: the search's page in an empty installation.
"""

import tempfile
import time
from pathlib import Path

from benchmarks import city, worlds
from benchmarks.measure import Line
from benchmarks.pages import app_on, client_of, statements, took
from campaigns.people.keys import add_key
from campaigns.people.staff import Role
from campaigns.reporting import adding, recounting
from coordinator.db import Database

BULLETINS, SITES, COPIES = 20_000, 1_200, 1_000_000
API = "/api/v1/progress?campaign=kh174&by=partner"
OVERVIEW = ("/desk/progress/", "/desk/progress/?period=2026-Q4", API)
DOWN = (
    "/desk/progress/partner", "/desk/progress/site", "/desk/progress/topic", "/desk/progress/day",
    "/desk/republications?campaign=kh174&status=confirmed&from=2026-10-01&to=2026-12-31",
    "/desk/republications?status=confirmed&partner=cong-ty-7",
    "/desk/republications?status=confirmed&topic=dich-benh&attribution=linked_at_end",
    "/desk/republications?status=all&from=2026-11-20&to=2026-11-20",
    "/desk/republications/rep_00000007", "/desk/partners/cong-ty-7/report?period=2026-Q4",
    "/desk/recognition/?period=2026-Q4",
)  # fmt: skip
RECOUNT = 60_000  # milliseconds that a recount of everything may take


def _filled(folder: Path, name: str, *size: int) -> Database:
    database = worlds.sqlite(folder, name)
    with database.write() as session:
        city.fill(session, *size) if size else city.people(session)
    city.analyse(database)
    return database


def run() -> list[Line]:
    """On SQLite, in one process, one request after the other."""
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare, whole = _filled(folder, "bare.db"), _filled(folder, "million.db", BULLETINS, SITES, COPIES)
        with whole.write() as session:
            key = add_key(session, "bench", name="bench", role=Role.ANALYST, now=worlds.NOW).text
        nobody, somebody = client_of(app_on(bare, folder), bare), client_of(app_on(whole, folder), whole)
        somebody.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        for paths, aim in ((OVERVIEW, 100), (DOWN, 150)):
            for path in paths:
                empty, here = took(nobody, somebody, path)
                lines.append(Line(path, here, "ms", empty, "empty page", "ratio <= 10" if aim == 100 else ""))
                lines.append(Line(f"{path}: against {aim} ms", here, "ms", float(aim), "allowed", "ratio <= 1"))
                lines.append(Line(f"{path}: statements", statements(whole, somebody, path), ""))
        with whole.write() as session:
            began = time.perf_counter()
            adding.rebuild(session)
            spent = (time.perf_counter() - began) * 1000
        lines.append(Line("every sum made anew", spent, "ms", float(RECOUNT), "allowed", "ratio <= 1"))
        with whole.read() as session:
            began = time.perf_counter()
            assert not list(recounting.differences(session))
            spent = (time.perf_counter() - began) * 1000
        lines.append(Line("every sum compared with the rows", spent, "ms", float(RECOUNT), "allowed", "ratio <= 1"))
        bare.dispose()
        whole.dispose()
    return lines
