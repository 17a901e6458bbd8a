"""The sources that a site offers, looked for on request; which of them are watched is chosen by changing the site."""

from flask import Response

from campaigns.core.errors import NotFound
from campaigns.partners.directory import find_site
from campaigns.people.staff import May
from campaigns.tracking import surveys
from campaigns.tracking.surveys import Offer, Survey
from campaigns.tracking.watching import SourceKind
from coordinator.api.auth import front, staff
from coordinator.api.fields import Shown, Time
from coordinator.api.idempotency import Keep, answer, once
from coordinator.api.sites import bp


class OfferRow(Shown):
    """A source that can be read. ``items``: how many pages it names now; ``newest``: the time of the newest of them,
    empty when it does not say; ``where``: named by the front ``page``, by ``robots``, or at a ``usual`` address."""

    kind: SourceKind
    url: str
    title: str
    items: int
    newest: str
    where: str


class SurveyRow(Shown):
    """The latest search. ``done_at`` null: under way; ``error``: why the front page could not be read; ``offers``: what
    was found and is not watched yet, the best first."""

    site: str
    asked_at: Time
    done_at: Time | None = None
    error: str
    offers: list[OfferRow]


@bp.post("/sites/<code>/survey")
@bp.output(SurveyRow, 202)
def look_for_sources(code: str) -> Response:
    """Look for the sources that a site has. Nothing found is watched by itself. No body is read."""
    staff(May.CONFIGURE)
    place = front().place

    def act(keep: Keep) -> None:
        with place.database.write() as session:
            site = find_site(session, code)
            row = surveys.ask(session, site, now=place.now())
            keep(session, survey_row(row, surveys.offers(session, site)), 202, location=f"/api/v1/sites/{code}/survey")
        front().runner.nudge("survey", code)

    return once(act)


@bp.get("/sites/<code>/survey")
@bp.output(SurveyRow)
def survey(code: str) -> Response:
    """What the latest search for a site's sources found; 404 when nobody has asked for one."""
    staff(May.READ)
    with front().place.database.read() as session:
        site = find_site(session, code)
        row = surveys.survey_of(session, site)
        if row is None:
            raise NotFound(f"nobody has looked for the sources of {code}", site=code)
        return answer(survey_row(row, surveys.offers(session, site)))


def survey_row(row: Survey, offers: list[Offer]) -> SurveyRow:
    """A search as a row, with what it found."""
    return SurveyRow(
        site=row.site.code,
        asked_at=row.asked_at,
        done_at=row.done_at,
        error=row.error,
        offers=[
            OfferRow(
                kind=SourceKind(one.kind), url=one.url, title=one.title, items=one.items, newest=one.newest,
                where=one.where,
            )
            for one in offers
        ],
    )  # fmt: skip
