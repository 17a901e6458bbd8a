"""Two partners with copies, and the portal over a real application."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from campaigns.partners.directory import Site
from campaigns.people.keys import add_key
from campaigns.people.office import OfficeContent, save_office
from campaigns.republications.attribution.verdicts import Attribution
from campaigns.republications.republications import Republication, RepublicationStatus
from coordinator.db import Database
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.copies import Copy, copy_in
from tests.coordinator.web.desk.page_reader import Page
from tests.factories import NOW

MINE = Copy(status=RepublicationStatus.CONFIRMED, attribution=Attribution.NAMED_ONLY)
THEIRS = Copy(
    "Công Tin Sáng", "https://congtinsang.example/tiem-soi", RepublicationStatus.REVIEW, attribution=Attribution.NONE
)


@dataclass
class Portal:
    """The desk, a copy of this partner's and one of another's, and this partner's key."""

    desk: Desk
    mine: str
    theirs: str
    key: str

    def enter(self, key: str | None = None) -> TestResponse:
        """Submit the sign-in form."""
        return self.desk.post("/portal/enter", {"key": self.key if key is None else key})

    def page(self, path: str = "", status: int = 200) -> Page:
        """Return a page of the portal."""
        return Page(self.desk.get(f"/portal{path}", status))

    def answer(self, ident: str, answer: str, text: str = "", finding: str = "", **more: Any) -> TestResponse:
        """Submit the answer on a copy."""
        form = {"answer": answer, "text": text, "finding": finding}
        return self.desk.post(f"/portal/copies/{ident}/answer", form, **more)

    def row(self, ident: str) -> Republication:
        """Return the stored copy."""
        with self.desk.database.read() as session:
            row = session.execute(select(Republication).where(Republication.public == ident)).scalar_one()
            assert row.page.id
            return row


def key_of(database: Database, site: str, **more: Any) -> str:
    """Return a key of the company that owns the site of this name."""
    with database.write() as session:
        company_id = session.execute(select(Site.company_id).where(Site.name == site)).scalar_one()
        return add_key(session, "test", name="Người phụ trách", company_id=company_id, now=NOW, **more).text


@pytest.fixture
def portal(desk: Desk, tmp_path: Path) -> Portal:
    """The portal without a visitor signed in."""
    mine, theirs = copy_in(desk, MINE, THEIRS)
    with desk.database.write() as session:
        save_office(
            session,
            "test",
            OfficeContent(name="Sở Thông tin <thành phố>", place="Hà Nội", source_names=["Sở"]),
            now=NOW,
        )
    return Portal(desk, mine, theirs, key_of(desk.database, "Nhịp Sông"))
