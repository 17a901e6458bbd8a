"""A second opinion on one copy: the kept page read by another program and compared with our text by the same rules.

For a person in doubt. It is shown, never kept, and changes nothing.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from campaigns.tracking.matching import Match, MatchVerdict, bulletin_text, match_page
from campaigns.tracking.prints import prepare_revision
from campaigns.tracking.republications import Evidence, Republication, find_republication
from coordinator.discovery.second import is_installed, second_text
from coordinator.keeping.blobs import Damaged
from coordinator.web.desk.beside import Side, beside
from coordinator.web.security import front, staff

blueprint = Blueprint("second_opinion", __name__)


@dataclass(frozen=True)
class Reading:
    """What one program makes of the page. ``words``: of the text it read; ``share``: of our words found in it."""

    match: Match
    share: float
    longest_run: int
    words: int


@dataclass(frozen=True)
class Opinion:
    """Both readings of one kept page, and the second one's text beside ours."""

    title: str
    site: str
    bulletin: str
    first: Reading
    second: Reading
    ours: Side
    theirs: Side

    @property
    def agrees(self) -> bool:
        """Whether both come to the same class."""
        return self.first.match is self.second.match


@blueprint.get("/<ident>/_second")
@staff()
def show(ident: str) -> ResponseReturnValue:
    """Read the newest kept page of a copy a second time."""
    place = front().place
    with place.database.read() as session:
        kept = _newest_kept(find_republication(session, ident))
        evidence, key, content_type = kept.id, kept.body_key or "", kept.content_type
    if not is_installed():
        return render_template("republications/second.html", ident=ident, one=None, missing=True)
    # Both outside any session: the page may come from another machine, and to read it takes a moment.
    try:
        body = place.store.read(key)
    except (FileNotFoundError, Damaged):
        return render_template("republications/second.html", ident=ident, one=None, missing=False)
    text = second_text(body, content_type)
    with place.database.read() as session:
        kept = session.get_one(Evidence, evidence)
        opinion = _opinion(kept.republication, kept, text)
    return render_template("republications/second.html", ident=ident, one=opinion, missing=False)


def _newest_kept(row: Republication) -> Evidence:
    """The newest evidence with a page, or 404."""
    kept = next((one for one in reversed(row.evidence) if one.body_key is not None), None)
    return kept if kept is not None else abort(404)


def _opinion(row: Republication, kept: Evidence, text: str) -> Opinion:
    bulletin = row.bulletin
    revision = bulletin.revision(kept.revision or bulletin.released or bulletin.latest)
    verdicts = match_page(text, [prepare_revision(revision)], headline=kept.page_title)
    verdict = verdicts[0] if verdicts else None
    ours, theirs = beside(
        bulletin_text(revision.title, revision.lead, revision.body_text),
        text,
        verdict.pairs if verdict is not None else (),
        headline=kept.page_title,
        source=kept.source_text,
    )
    return Opinion(
        title=kept.page_title or revision.title,
        site=row.site.name,
        bulletin=bulletin.code,
        first=Reading(kept.match, kept.share, kept.longest_run, len(kept.page_text.split())),
        second=_reading(verdict, text),
        ours=ours,
        theirs=theirs,
    )


def _reading(verdict: MatchVerdict | None, text: str) -> Reading:
    words = len(text.split())
    if verdict is None:
        return Reading(Match.NONE, 0.0, 0, words)
    return Reading(verdict.match, verdict.share, verdict.longest_run, words)
