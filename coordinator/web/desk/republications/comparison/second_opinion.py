"""A second opinion on one copy: a second extractor reads the kept page, compared with the bulletin by the same rules.

It helps a reviewer, is not stored, and changes nothing.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from campaigns.matching.fingerprint_index import prepare_revision
from campaigns.matching.matcher import Match, MatchVerdict, bulletin_text, match_page
from campaigns.republications.republications import Evidence, Republication, find_republication
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.pages.second_opinion import is_installed, second_opinion
from coordinator.discovery.reading import read_fetched
from coordinator.storage.blobs import DamagedBody
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.republications.comparison.side_by_side import TextSide, align_texts

blueprint = Blueprint("second_opinion", __name__)


@dataclass(frozen=True)
class ReaderResult:
    """The result of one extractor. ``words``: of the extracted text; ``share``: of the bulletin's words found in it."""

    match: Match
    share: float
    longest_run: int
    words: int


@dataclass(frozen=True)
class SecondOpinion:
    """Both readings of one kept page, and the second one's text beside the bulletin's."""

    title: str
    site: str
    bulletin: str
    first: ReaderResult
    second: ReaderResult
    ours: TextSide
    theirs: TextSide

    @property
    def agrees(self) -> bool:
        """Whether both come to the same class of match."""
        return self.first.match is self.second.match


@blueprint.get("/<ident>/_second")
@staff_required()
def show(ident: str) -> ResponseReturnValue:
    """Read the newest kept page of a copy with the second extractor."""
    context = app_context().job_context
    with context.database.read() as session:
        kept = _newest_kept(find_republication(session, ident))
        evidence, key, content_type = kept.id, kept.body_key or "", kept.content_type
    if not is_installed():
        return render_template("desk/republications/second_opinion.html", ident=ident, opinion=None, missing=True)
    # Outside of any session: the page may be on another machine, and extraction takes time.
    try:
        body = context.store.read(key)
    except (FileNotFoundError, DamagedBody):
        return render_template("desk/republications/second_opinion.html", ident=ident, opinion=None, missing=False)
    try:
        text = read_fetched(second_opinion, body, content_type)
    except DiscoveryError:
        return render_template("desk/republications/second_opinion.html", ident=ident, opinion=None, missing=False)
    with context.database.read() as session:
        kept = session.get_one(Evidence, evidence)
        opinion = _second_opinion(kept.republication, kept, text)
    return render_template("desk/republications/second_opinion.html", ident=ident, opinion=opinion, missing=False)


def _newest_kept(row: Republication) -> Evidence:
    """Return the newest evidence with a page, or 404."""
    kept = next((evidence for evidence in reversed(row.evidence) if evidence.body_key is not None), None)
    return kept if kept is not None else abort(404)


def _second_opinion(row: Republication, kept: Evidence, text: str) -> SecondOpinion:
    bulletin = row.bulletin
    revision = bulletin.revision(kept.revision or bulletin.released or bulletin.latest)
    verdicts = match_page(text, [prepare_revision(revision)], headline=kept.page_title)
    verdict = verdicts[0] if verdicts else None
    ours, theirs = align_texts(
        bulletin_text(revision.title, revision.lead, revision.body_text),
        text,
        verdict.pairs if verdict is not None else (),
        headline=kept.page_title,
        source=kept.source_text,
    )
    return SecondOpinion(
        title=kept.page_title or revision.title,
        site=row.site.name,
        bulletin=bulletin.code,
        first=ReaderResult(kept.match, kept.share, kept.longest_run, len(kept.page_text.split())),
        second=_reader_result(verdict, text),
        ours=ours,
        theirs=theirs,
    )


def _reader_result(verdict: MatchVerdict | None, text: str) -> ReaderResult:
    words = len(text.split())
    if verdict is None:
        return ReaderResult(Match.NONE, 0.0, 0, words)
    return ReaderResult(verdict.match, verdict.share, verdict.longest_run, words)
