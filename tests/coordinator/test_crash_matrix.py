"""The kill matrix with few kills: the command that re-makes its table, as a person runs it. Many take it an hour."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import need

pytestmark = pytest.mark.minutes

ROOT = Path(__file__).parents[2]


def test_workers_killed_at_every_point_on_every_engine_lose_nothing_and_double_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "kills"], cwd=ROOT, env=os.environ | {"LANTOA_BENCH_KILLS": "1"},
        capture_output=True, text=True, check=False, timeout=3600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if " kills" in line]
    assert sum("SQLite" in line for line in lines) == 5
    for server, engine in (("PostgreSQL", "two workers"), ("RabbitMQ", "Celery")):
        if sum(engine in line for line in lines) != 5:
            need(server, "the kill matrix left its engine out")
