"""The site of the sample partner: public pages that republish its feed a minute later, while there is one."""

from datetime import datetime
from email.utils import format_datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import CITY
from campaigns.core.errors import NotFound
from campaigns.people.office import current_office
from campaigns.republications import sample_partner
from campaigns.republications.sample_partner import SampleArticle
from coordinator.jobs.bulletins.pictures import pictures_of
from coordinator.jobs.delivery.feed_serving import feed_item
from coordinator.web.auth.security import app_context
from coordinator.web.public.bulletins import bulletin_pictures, kit_html, page_policy

blueprint = Blueprint("sample", __name__, url_prefix=f"{sample_partner.PATH.rstrip('/')}/<token>")

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def _articles(session: Session) -> list[SampleArticle]:
    """The articles of the site at this address. Raises ``NotFound`` for the address of a site that was removed."""
    context = app_context().job_context
    site = sample_partner.sample_site(session)
    here = f"{context.addresses.base}{sample_partner.PATH}{request.view_args['token'] if request.view_args else ''}/"
    if site is None or site.url != here:
        raise NotFound("there is no such page")
    return sample_partner.sample_articles(
        session, site, context.delivery_modes.pulled, after=context.intervals.republish, now=context.now()
    )


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(CITY))


@blueprint.get("/")
def front(token: str) -> ResponseReturnValue:
    """The front page: what was republished, the newest first."""
    del token  # read by ``_articles``
    with app_context().job_context.database.read() as session:
        return render_template("public/sample_front.html", articles=_articles(session)), 200, HEADERS


@blueprint.get("/rss.xml")
def feed(token: str) -> ResponseReturnValue:
    """The list by which its new pages are found."""
    del token
    with app_context().job_context.database.read() as session:
        body = render_template("public/sample_rss.xml", articles=_articles(session), stamp=_rfc822)
    return Response(body, 200, HEADERS, content_type="application/rss+xml; charset=utf-8")


@blueprint.get("/<code>")
def article(token: str, code: str) -> ResponseReturnValue:
    """An article: the copy kit's HTML on a page. Loads of its counter image are no views (``counter_image``)."""
    del token
    context = app_context().job_context
    with context.database.read() as session:
        found = next((row for row in _articles(session) if row.released.bulletin.code.lower() == code.lower()), None)
        if found is None:
            raise NotFound(f"there is no article {code}")
        office = current_office(session)
        item = feed_item(context, found.released, office, pictures_of(session, [found.released]))
    page = render_template(
        "public/sample_article.html",
        item=item,
        article=found,
        html=kit_html(item),
        published=found.at.astimezone(CITY).isoformat(timespec="seconds"),
    )
    return page, 200, {**HEADERS, "Content-Security-Policy": page_policy(item, bulletin_pictures(item))}
