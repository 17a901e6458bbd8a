"""What tests of a copy's life share: one published bulletin, a page that carries it, and looks at it again."""

import sqlalchemy as sa

from campaigns.core import journal
from campaigns.partners.directory import find_site
from campaigns.tracking.sightings import How, Page, see
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import Newsroom

PATH = "/thoi-su/lich-tiem-nhac-vac-xin-soi-40001.html"


def found(newsroom: Newsroom, path: str = PATH) -> None:
    """See the page, as a feed names it, and look at it."""
    with newsroom.scene.database.write() as session:
        site = find_site(session, newsroom.code)
        see(session, site, newsroom.url(path), How.DISCOVERED, "feed", now=newsroom.scene.place.now())
    newsroom.scene.drain("check")


def due_again(newsroom: Newsroom) -> None:
    """Whatever would have us look at the pages again, and the look."""
    with newsroom.scene.database.write() as session:
        session.execute(sa.update(Page).values(due_at=newsroom.scene.place.now()))
    newsroom.scene.drain("check")


def acts(newsroom: Newsroom) -> list[str]:
    """What the journal tells of the one copy, in order."""
    with newsroom.scene.database.read() as session:
        told = journal.history(session, "republication", newsroom.copy().public)
        return [one.act.removeprefix("republication.") for one in told]


def asked(server: HostileServer) -> list[str]:
    """The paths that were asked for, robots.txt aside."""
    return [call.path for call in server.calls if call.path != "/robots.txt"]
