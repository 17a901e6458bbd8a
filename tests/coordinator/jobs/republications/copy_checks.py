"""Shared parts of tests of a copy: one published bulletin, a page with it, and repeated checks."""

import sqlalchemy as sa

from campaigns.core import journal
from campaigns.discovery.sightings import Page, SightingMethod, record_sighting
from campaigns.partners.directory import find_site
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.scripted_site import ScriptedSite

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"


def found(newsroom: ScriptedSite, path: str = PATH) -> None:
    """See the page, as a feed names it, and look at it."""
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        record_sighting(
            session, site, newsroom.url(path), SightingMethod.DISCOVERED, "feed", now=newsroom.scene.context.now()
        )
    newsroom.scene.drain("page_check")


def due_again(newsroom: ScriptedSite) -> None:
    """Whatever would have us look at the pages again, and the look."""
    with newsroom.scene.database.write() as session:
        session.execute(sa.update(Page).values(due_at=newsroom.scene.context.now()))
    newsroom.scene.drain("page_check")


def acts(newsroom: ScriptedSite) -> list[str]:
    """What the journal tells of the one copy, in order."""
    with newsroom.scene.database.read() as session:
        entries = journal.history(session, "republication", newsroom.copy().public)
        return [entry.act.removeprefix("republication.") for entry in entries]


def asked(server: HostileServer) -> list[str]:
    """The paths that were asked for, robots.txt aside."""
    return [call.path for call in server.calls if call.path != "/robots.txt"]
