"""The page of work that was given up: what it is about, and a person's decision."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.core import incidents, ledger
from campaigns.discovery.site_sources import Source, SourceKind
from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.jobs import incident_watch
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.signed_in import add_staff_of_each_role, client_of_role, csrf_token
from tests.factories import draft, site

PAGE = "/desk/admin/given-up/"
LEASE = timedelta(minutes=2)


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path) -> RunningApplication:
    made = open_application(sqlite, tmp_path)
    add_staff_of_each_role(made)
    return made


def test_given_up_work_is_told_listed_and_decided_on(outside: RunningApplication) -> None:
    now = outside.office.now()
    context = outside.app_context.job_context
    with outside.database.write() as session:
        draft(session)  # without one the day's page shows how to begin
        owner = site(session, now=now)
        session.execute(sa.delete(Source))
        for name in ("a", "b"):
            session.add(
                Source(site_id=owner.id, kind=SourceKind.FEED, url=f"{owner.url}{name}.xml", due_at=now, error="")
            )
    for number in range(8):  # suspect rows are claimed one at a time
        with outside.database.write() as session:
            ledger.claim(session, Source, 9, LEASE, now=now + number * LEASE)
    incident_watch.watch_work(context)
    with outside.database.read() as session:
        assert "work_given_up" in {incident.code for incident in incidents.ongoing_incidents(session)}
        first, second = (row.id for row in ledger.given_up_work(session))
    admin = client_of_role(outside, Role.ADMIN)
    assert "việc đã dừng vì làm tắt tiến trình hai lần" in admin.get("/desk").text
    page = admin.get(PAGE).text
    assert page.count("Làm lại") >= 2
    assert f"{owner.url}a.xml" in page
    for number, act in ((first, "again"), (second, "leave")):
        form = {"csrf_token": csrf_token(outside, admin), "act": act}
        assert admin.post(f"{PAGE}{number}", data=form).status_code == 303
    form = {"csrf_token": csrf_token(outside, admin), "act": "again"}
    assert admin.post(f"{PAGE}{first}", data=form).status_code == 404
    incident_watch.watch_work(context)
    with outside.database.read() as session:
        assert incidents.ongoing_incidents(session) == []
        assert session.execute(sa.select(sa.func.count()).where(Source.due_at.is_not(None))).scalar_one() == 1
    journal = admin.get("/desk/admin/journal/").text
    assert "Cho làm lại một việc đã dừng" in journal
    assert "Để nguyên một việc đã dừng" in journal
