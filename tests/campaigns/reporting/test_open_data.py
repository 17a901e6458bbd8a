"""Open data: the documented columns, the same rows as CSV and as views, and a database role without other rights."""

import os
import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.compliance.cases.workflow import change_case, enter_case, record_case_decision, withdraw_case
from campaigns.core.clock import utc_now
from campaigns.partners.directory import SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.staff import Person
from campaigns.planning.campaigns import Topic
from campaigns.reporting import open_data
from campaigns.reporting.open_data import SCHEMA, TABLES
from campaigns.reporting.rollups.rollup import roll_up
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationLife, RepublicationStatus
from coordinator.db import Database
from coordinator.jobs.reporting.open_data import stream
from tests import factories
from tests.campaigns.compliance.cases import made_cases
from tests.campaigns.reporting.random_data import make_random_data
from tests.campaigns.reporting.sample_republications import make_republication
from tests.coordinator.web.application import open_application

pytestmark = pytest.mark.long

PAGE = Path(__file__).parents[3] / "docs/reference/open-data.md"
CHECKED = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", re.MULTILINE)


def test_every_table_and_column_is_documented_as_it_is() -> None:
    parts = PAGE.read_text("utf-8").split("\n## ")[2:]
    values = {part.split("\n", 1)[0]: CHECKED.findall(part) for part in parts}
    assert values == {
        name: [(column.name, column.kind, column.about) for column in table.columns] for name, table in TABLES.items()
    }  # fmt: skip


def furnish(database: Database, seed: int) -> datetime:
    """A world whose bulletins went out before now."""
    now = utc_now()
    with database.write() as session:
        make_random_data(session, seed)
        make_republication(session, factories.published(session), factories.site(session))
        add_licence(
            session,
            "test",
            factories.company(session),
            "118/GP-TTĐT",
            LicenceContent(kind=SiteKind.SOCIAL, issuer="Sở", issued_on=date(2024, 1, 10)),
            now=now,
        )
        session.execute(
            sa.update(Bulletin)
            .where(Bulletin.released.is_not(None))
            .values(release_at=now - timedelta(days=1), changed_at=now - timedelta(hours=1))
        )
        enter_case(session, factories.ANALYST, made_cases.organisation(), made_cases.fine(), now=now)
        enter_case(session, factories.ANALYST, made_cases.person(), made_cases.fine("13/QĐ"), now=now)
        ahead = factories.published(session, title="CHƯA TỚI GIỜ")
        ahead.release_at = ahead.changed_at = now + timedelta(days=1)
    return now


def plain(row: Any) -> tuple[Any, ...]:
    return tuple(value.value if isinstance(value, Enum) else value for value in row)


@pytest.mark.parametrize("seed", range(3))
def test_views_hold_the_very_rows_of_the_tables(kept_postgresql: Any, tmp_path: Path, seed: int) -> None:
    with kept_postgresql.fresh(tmp_path / "x") as database:
        now = furnish(database, seed)
        with database.read() as session:
            for name, table in TABLES.items():
                mine = sorted(map(repr, map(plain, open_data.open_rows(session, name, now=now))))
                found = session.execute(sa.text(f"SELECT * FROM {SCHEMA}.{name}"))
                assert mine or name in {"targets", "views_daily"}, name
                assert list(found.keys()) == [column.name for column in table.columns]
                theirs = sorted(repr(tuple(row)) for row in found)
                # Both in UTC, as the session is; the driver's own zone differs in name only.
                assert _zones(theirs) == _zones(mine), name
            titles = [row[3] for row in open_data.open_rows(session, "bulletins", now=now)]
            assert "CHƯA TỚI GIỜ" not in titles


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("added", [False, True], ids=["noted", "added up"])
def test_daily_is_what_counting_the_copies_of_bulletins_that_are_out_comes_to(
    database: Database, seed: int, added: bool
) -> None:
    """Some bulletins are not out: a draft, one ahead of its time, one whose change is still ahead; all have copies."""
    dice = random.Random(seed)
    now = furnish(database, seed)
    with database.write() as session:
        sites = [factories.site(session) for _ in range(2)]
        later, before = now + timedelta(hours=dice.randint(1, 50)), now - timedelta(days=2)
        shown, ahead, changed = (factories.published(session) for _ in range(3))
        (shown.release_at, shown.changed_at), (ahead.release_at, ahead.changed_at) = (before, before), (later, later)
        changed.release_at, changed.changed_at = before, later
        for bulletin in (shown, ahead, changed, factories.draft(session)):
            for _ in range(dice.randint(1, 12)):
                make_republication(
                    session, bulletin, dice.choice(sites), status=dice.choice(list(RepublicationStatus)),
                    life=dice.choice(list(RepublicationLife)), attribution=dice.choice(list(Attribution)),
                    counted_on=date(2026, 11, dice.randint(20, 24)),
                )  # fmt: skip
        if added:
            roll_up(session)
    with database.read() as session:
        rows = list(open_data.open_rows(session, "daily", now=now))
        assert rows == counted(session, now)
        if not database.on_sqlite:  # the view by the server's own clock, which is in the same second or so
            assert sorted(map(tuple, session.execute(sa.text(f"SELECT * FROM {SCHEMA}.daily")))) == rows
        assert sum(row[2] for row in rows) < session.execute(sa.select(sa.func.count(Republication.id))).scalar_one()
    with database.read() as session:  # and once their time has come
        assert list(open_data.open_rows(session, "daily", now=later)) == counted(session, later)


def counted(session: Session, now: datetime) -> list[tuple[Any, ...]]:
    """The table by looking at every copy."""
    found: dict[tuple[date, str], list[int]] = {}
    query = sa.select(Republication, Bulletin, Topic.code).join(Bulletin, Bulletin.id == Republication.bulletin_id)
    for republication, bulletin, topic in session.execute(query.join(Topic, Topic.id == Bulletin.topic_id)):
        if not bulletin.released or bulletin.release_at > now or bulletin.changed_at > now:
            continue
        if republication.status is RepublicationStatus.DUPLICATE:
            continue
        line = found.setdefault((republication.counted_on, topic), [0] * 7)
        confirmed = republication.status is RepublicationStatus.CONFIRMED
        for place, counts in enumerate(
            (
                True,
                confirmed,
                republication.status is RepublicationStatus.REVIEW,
                republication.status is RepublicationStatus.REJECTED,
                confirmed and republication.life is RepublicationLife.GONE,
                confirmed and republication.attribution is Attribution.LINKED_AT_END,
                confirmed and republication.attribution is Attribution.NOT_SEEN,
            )
        ):
            line[place] += counts
    return sorted((*key, *line) for key, line in found.items())


def _zones(rows: list[str]) -> list[str]:
    return [
        re.sub(r"tzinfo=(?:datetime\.timezone\.utc|zoneinfo\.ZoneInfo\(key='[\w/]+'\))", "UTC", row) for row in rows
    ]


@pytest.fixture
def reader(postgresql_url: str) -> Iterator[Engine]:
    """A role as the guide makes it, by another connection."""
    role = f"lantoa_reader_{os.getpid()}"
    url = sa.make_url(postgresql_url)
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    grants = (
        f"CREATE ROLE {role} LOGIN PASSWORD 'nhìn thôi'",
        f"GRANT CONNECT ON DATABASE {url.database} TO {role}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {role}",
        f"ALTER ROLE {role} SET search_path = {SCHEMA}",
    )
    with server.connect() as connection:
        for line in grants:
            connection.execute(sa.text(line))
    made = sa.create_engine(url.set(username=role, password="nhìn thôi"))
    yield made
    made.dispose()
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP OWNED BY {role}"))
        connection.execute(sa.text(f"DROP ROLE {role}"))
    server.dispose()


@pytest.mark.postgresql
def test_a_reader_sees_the_views_and_nothing_else(kept_postgresql: Any, reader: Engine, tmp_path: Path) -> None:
    with kept_postgresql.fresh(tmp_path / "x") as database:
        furnish(database, 1)
        tables = list(Person.metadata.tables)
        with reader.connect() as connection:
            for name in TABLES:
                connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one()
            assert connection.execute(sa.text("SELECT count(*) FROM bulletins")).scalar_one() > 0
        for line in [
            *(f"SELECT 1 FROM public.{table} LIMIT 1" for table in tables),
            f"CREATE TABLE {SCHEMA}.mine (x int)",
        ]:
            with reader.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.execute(sa.text(line))
        # A view of several tables takes no rows from anybody, which is said before the permission is looked at.
        for name in TABLES:
            with (
                reader.connect() as connection,
                pytest.raises(sa.exc.DBAPIError, match=r"denied|cannot delete"),
            ):
                connection.execute(sa.text(f"DELETE FROM {name}"))


def test_a_csv_has_the_heads_and_a_line_a_row(database: Database, tmp_path: Path) -> None:
    now = furnish(database, 2)
    outside = open_application(database, tmp_path)
    outside.clock.moment = now
    for name, table in TABLES.items():
        lines = b"".join(stream(outside.office, name)).decode("utf-8-sig").splitlines()
        assert lines[0] == ",".join(column.name for column in table.columns)
        with database.read() as session:
            assert len(lines) - 1 == sum(1 for _ in open_data.open_rows(session, name, now=now))
    assert ",true" in b"".join(stream(outside.office, "sites")).decode()


def test_no_persons_name_is_in_any_table_in_any_format(database: Database, tmp_path: Path) -> None:
    """A name stands in every field that may hold one, also in decisions that were corrected or withdrawn."""
    secret, actor = "Quách Thị Bí Danh", factories.ANALYST
    now = furnish(database, 2)
    with database.write() as session:
        given = made_cases.person(
            secret, mark=f"{secret} 1990", what=f"{secret} đăng tin", account_url="https://mxh.example/quach-bi-danh"
        )  # fmt: skip
        decision = made_cases.fine("99/QĐ-BÍ-DANH", note=secret)
        case = enter_case(session, actor, given, decision, now=now)
        changed = made_cases.person(f"{secret} Hai", what="Khác")
        change_case(session, actor, case.public, case.turn, changed, now=now)
        other = enter_case(session, actor, made_cases.person(secret, what="Vụ hai"), now=now)
        record_case_decision(session, actor, other.public, other.turn, made_cases.reminder(), now=now)
        withdraw_case(session, actor, other.public, other.turn, f"Nhầm với {secret}", now=now)
    outside = open_application(database, tmp_path)
    outside.clock.moment = now
    pages = [b"".join(stream(outside.office, name)).decode().casefold() for name in TABLES]
    if not database.on_sqlite:
        with database.read() as session:
            for name in TABLES:
                pages.append(str(session.execute(sa.text(f"SELECT * FROM {SCHEMA}.{name}")).all()).casefold())
    for page in pages:
        assert not [word for word in ("quách", "bí danh", "bí-danh", "bi-danh", "1990") if word in page]
    assert any("person" in page for page in pages)
