"""The content of the page of one copy, read in one session and frozen: evidence, attribution, comparison, partner and
documents, and the effect of a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Revision
from campaigns.core.clock import Period
from campaigns.core.contents import from_attributes
from campaigns.core.vietnamese import slug
from campaigns.discovery.unreadable_reasons import UnreadableReason
from campaigns.matching.fingerprints import tokenize
from campaigns.matching.matcher import Match, bulletin_text
from campaigns.partners.agreements import agreements_of
from campaigns.partners.directory import Site
from campaigns.partners.licences import licences_of
from campaigns.partners.social_addresses import network_name
from campaigns.planning.campaigns import Topic
from campaigns.reporting import tallies
from campaigns.reporting.republication_filter import RepublicationFilter
from campaigns.reporting.tallies import ATTRIBUTED, TallyScope
from campaigns.republications.attribution.verdicts import AT_END, NAMES_US, Attribution
from campaigns.republications.counted_copy import MOST_ADDRESSES, counted_elsewhere, duplicates_of
from campaigns.republications.lifecycle.correction_state import CorrectionState
from campaigns.republications.republications import (
    NOT_NAMING_US,
    Evidence,
    Republication,
    RepublicationLife,
    RepublicationStatus,
    find_republication,
    machine_attribution,
    newest_evidence,
)
from campaigns.republications.review.decisions import latest_decision, version_token
from campaigns.republications.review.partner_answers import PartnerAnswerKind, answers_of
from campaigns.republications.review.review_reasons import review_reasons_of
from campaigns.republications.social.posts import (
    is_social_report,
    pictures_of,
    reported_attribution,
    reporter_names,
)
from coordinator.translation import _, language
from coordinator.web.desk.republications.comparison.found_pictures import PicturePair, picture_pair
from coordinator.web.desk.republications.comparison.played_media import PlayedView, played_view
from coordinator.web.desk.republications.comparison.side_by_side import TextBlock, TextPiece, TextSide, align_texts
from coordinator.web.desk.republications.evidence_levels import (
    EvidenceStep,
    confirmed_by_person,
    evidence_levels,
    reached_levels,
)
from coordinator.web.desk.republications.history import CopyDecision, CopyEvent, CopyLife, copy_history, copy_life
from coordinator.web.desk.republications.labels import (
    ReviewReasonView,
    correction_reason,
    correction_state_name,
    review_reason,
)
from coordinator.web.desk.republications.queries import (
    QueueNeighbours,
    evidence_facts,
    first_sightings,
    list_query,
    neighbours_in,
    queue_neighbours,
)
from coordinator.web.desk.republications.uploaded_evidence import (
    BrowserLookView,
    UploadRow,
    browser_look_view,
    upload_rows,
)
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.correction_labels import AnswerRow, answer_rows


@dataclass(frozen=True)
class DecisionEffect:
    """The site's confirmed copies of the day at present, after a confirmation and after a rejection; ``attributed``:
    whether the copy also counts as fully attributed; ``sample``: it counts in no figure.
    """

    site: str
    day: date
    now: int
    confirmed: int
    rejected: int
    attributed: bool
    sample: bool


def decision_effect(session: Session, row: Republication) -> DecisionEffect:
    """Return the effect of a decision on one copy; the figures come from the tallies."""
    day = row.counted_on
    scope = TallyScope(Period(day, day, day.isoformat()))
    count = tallies.count_if(Republication.status == RepublicationStatus.CONFIRMED)
    query: sa.Select[Any] = tallies.republications(scope, count).where(Site.id == row.site_id)
    now = int(session.execute(query).scalar_one())
    counted = row.status is RepublicationStatus.CONFIRMED
    return DecisionEffect(
        site=row.site.name,
        day=day,
        now=now,
        confirmed=now if counted else now + 1,
        rejected=now - 1 if counted else now,
        attributed=row.attribution in ATTRIBUTED,
        sample=row.site.sample,
    )


@dataclass(frozen=True)
class AttributionCheck:
    """One check: ``verdict`` is ``ok``, ``warn``, ``bad`` or ``none``."""

    verdict: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class SourceFacts:
    """What the latest evidence says about the source."""

    attribution: Attribution
    source_name: str | None
    source_link: str | None
    link_position: float | None
    source_text: str
    source_where: str
    title_kept: bool


def attribution_checks(named: SourceFacts) -> list[AttributionCheck]:
    """Return the checks of name, position, link and headline."""
    return [_name_check(named), _place_check(named), _link_check(named), _headline_check(named)]


def source_line_position(named: SourceFacts) -> str:
    """Return the position of the source line: ``Dòng nguồn, ở 98% bài``."""
    if named.link_position is None:
        return _("Dòng nguồn")
    return _("Dòng nguồn, ở %(place)s bài", place=formats.percent(named.link_position, language(), 0))


def _name_check(named: SourceFacts) -> AttributionCheck:
    quoted = f"“{named.source_name}”" if named.source_name else ""
    if named.attribution is Attribution.NAMED_OTHER_SOURCE:
        return AttributionCheck("bad", _("Ghi tên nguồn khác"), quoted)
    if named.source_name and named.attribution in NAMES_US:
        return AttributionCheck("ok", _("Nêu đúng tên nguồn"), quoted)
    if named.attribution in NAMES_US:
        return AttributionCheck("warn", _("Không nêu tên nguồn bằng chữ"), _("chỉ có địa chỉ hoặc đường dẫn"))
    return AttributionCheck("bad", _("Không nêu tên nguồn"))


def _place_check(named: SourceFacts) -> AttributionCheck:
    if named.attribution is Attribution.NONE:
        return AttributionCheck("none", _("Không có dòng nguồn"), _("không thấy ở đầu hay cuối đoạn khớp"))
    if named.link_position is None:
        where = named.source_where or _("chỗ không xác định được")
        return AttributionCheck("none", _("Chỗ ghi nguồn"), where)
    at = formats.percent(named.link_position, language(), 0)
    if named.link_position >= AT_END:
        return AttributionCheck("ok", _("Đặt ở cuối bài"), _("ở %(place)s bài", place=at))
    return AttributionCheck("warn", _("Không đặt ở cuối bài"), _("ở %(place)s bài", place=at))


def _link_check(named: SourceFacts) -> AttributionCheck:
    text = _("Có đường dẫn tới bản gốc")
    match named.attribution:
        case Attribution.LINKED_AT_END:
            return AttributionCheck("ok", text, named.source_link or "")
        case Attribution.LINKED_ELSEWHERE:
            return AttributionCheck("ok", text, _("nhưng không ở cuối bài"))
        case Attribution.HOME_PAGE_ONLY:
            return AttributionCheck("bad", text, _("đường dẫn chỉ tới trang chủ"))
        case Attribution.URL_TEXT_ONLY:
            return AttributionCheck("warn", text, _("ghi địa chỉ bằng chữ, bấm không được"))
        case Attribution.NAMED_OTHER_SOURCE:
            return AttributionCheck("bad", text, _("nguồn được ghi là nơi khác"))
        case _:
            return AttributionCheck("bad", text, _("không có"))


def _headline_check(named: SourceFacts) -> AttributionCheck:
    if named.title_kept:
        return AttributionCheck("ok", _("Giữ nguyên tiêu đề"))
    return AttributionCheck("none", _("Tiêu đề đã đổi"), _("ghi để biết, không tính là lỗi"))


@dataclass(frozen=True)
class PartnerDocument:
    """A licence or an agreement: its number, its last day where it has one, and whether it covers this topic.

    ``holds``: whether it was valid on the day in question. ``topic``: True when it covers the topic or every topic,
    False when it names others only. ``words``: the scope as written.
    """

    number: str
    until: date | None
    holds: bool
    topic: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class PartnerFacts:
    """The site and its documents on ``day``; None where there is no such document."""

    site: str
    site_url: str
    company: str
    company_code: str
    day: date
    licence: PartnerDocument | None
    agreement: PartnerDocument | None


def partner_facts(session: Session, site: Site, topic: Topic, day: date) -> PartnerFacts:
    """Return the site and its documents. Of several documents the one valid on the day is shown, else the newest."""
    hosts = {site.host, site.host.partition(":")[0]}  # registers name domains without a port
    licences = [
        PartnerDocument(
            licence.number,
            licence.last_day,
            any(licence.covers(host, day) for host in hosts),
            _names_topic(licence.scope, topic),
            tuple(licence.scope),
        )
        for licence in licences_of(session, site.company)
    ]
    agreements = [
        PartnerDocument(
            agreement.number,
            agreement.ends_on,
            agreement.holds_on(day),
            _names_topic(agreement.topics, topic),
            tuple(agreement.topics),
        )
        for agreement in agreements_of(session, site.company)
    ]
    return PartnerFacts(
        site=site.name,
        site_url=site.url,
        company=site.company.name,
        company_code=site.company.code,
        day=day,
        licence=_best_document(licences),
        agreement=_best_document(agreements),
    )


def _names_topic(words: list[str], topic: Topic) -> bool:
    """Whether a scope covers everything or names the topic, by its code or name."""
    return not words or bool({topic.code, slug(topic.name)} & {slug(word) for word in words})


def _best_document(papers: list[PartnerDocument]) -> PartnerDocument | None:
    return max(papers, key=lambda document: (document.holds, document.topic), default=None)


@dataclass(frozen=True)
class TextComparison:
    """The two texts of the latest evidence. ``words``: number of words of the bulletin; ``found``: how many the page
    has.
    """

    ours: TextSide
    theirs: TextSide
    revision: int | None
    released_at: datetime | None
    fetched_at: datetime
    body_hash: str
    words: int
    found: int
    share: float
    longest_run: int
    source_tagline: str
    source_link: str | None


@dataclass(frozen=True)
class KeptSnapshot:
    """One kept page; ``number`` counts from 1, oldest first. ``again``: number of later checks in a row that found the
    identical page, ``last`` being the last one.
    """

    number: int
    at: datetime
    status: int
    match: Match
    share: float
    body_hash: str
    has_page: bool
    again: int = 0
    last: datetime | None = None


OTHER_ADDRESSES = 20  # shown on the page of a copy; the list of copies has all


@dataclass(frozen=True)
class OtherAddress:
    """Another address of the same bulletin on the same site. ``read``: its page was read."""

    id: str
    url: str
    seen_at: datetime
    read: bool
    gone: bool

    @classmethod
    def of(cls, row: Republication) -> "OtherAddress":
        """The address of a copy."""
        gone = row.life is RepublicationLife.GONE
        return cls(row.public, row.canonical_url, row.first_seen_at, row.checked_at is not None, gone)


@dataclass(frozen=True)
class SocialReport:
    """A post that a person reported, beside the bulletin. ``picture``: the evidence that shows it, None without one;
    ``words``: the first words of the post; ``day``: that of the post; ``reporters``: who reported it."""

    picture: UploadRow | None
    words: str
    day: date
    reporters: Sequence[str]
    network: str
    lead: str
    paragraphs: Sequence[str]
    released_at: datetime | None


SHOWN_PARAGRAPHS = 4  # of the bulletin, beside the picture of a post


def _social_report(session: Session, row: Republication, revision: Revision) -> SocialReport | None:
    if not is_social_report(row):
        return None
    reported = pictures_of(session, [row.id]).get(row.id)
    uploads = {upload.id: upload for upload in upload_rows(session, row)}
    return SocialReport(
        picture=uploads.get(reported.exhibit or "") if reported is not None else None,
        words=row.headline,
        day=row.counted_on,
        reporters=reporter_names(session, row),
        network=network_name(row.site.host),
        lead=revision.lead,
        paragraphs=[line for line in revision.body_text.splitlines() if line.strip()][:SHOWN_PARAGRAPHS],
        released_at=revision.released_at or row.bulletin.release_at,
    )


@dataclass(frozen=True)
class CopyPlace:
    """The list that a copy is read in, with the copies before and after it. ``words`` names the list; ``query``: the
    values of its address, empty for the lists that the page chooses itself."""

    previous: str | None
    next: str | None
    words: str
    query: dict[str, Any]


def _place_of(
    session: Session, row: Republication, listed: RepublicationFilter | None, queue: QueueNeighbours
) -> CopyPlace:
    """Return the place in the list that the reader came from, else in the queue, else among the bulletin's copies."""
    if listed is None and row.status is RepublicationStatus.REVIEW:
        return CopyPlace(queue.previous, queue.next, _("trong hàng chờ"), {})
    filters = listed or RepublicationFilter(bulletin=row.bulletin.code)
    found = neighbours_in(session, filters, row)
    words = _("trong danh sách") if listed is not None else _("của bản tin này")
    return CopyPlace(found.previous, found.next, words, list_query(listed))


@dataclass(frozen=True)
class CorrectionView:
    """What a copy made of the last correction. ``reasons``: by part, in the reader's language; ``asked``: whether a
    person may still say something of it."""

    state: CorrectionState
    name: str
    reasons: Sequence[str]
    by_person: bool
    asked: bool

    @classmethod
    def of(cls, row: Republication) -> "CorrectionView | None":
        """Return the view; None for a bulletin that was not corrected or is recalled."""
        if row.correction_state is None or row.bulletin.recalled_at is not None:
            return None
        asked = row.stale and row.life is not RepublicationLife.GONE
        reasons = [correction_reason(code) for code in row.correction_why]
        return cls(
            row.correction_state,
            correction_state_name(row.correction_state),
            reasons,
            row.correction_said is not None,
            asked,
        )


@dataclass(frozen=True)
class CopyView:
    """The page of one copy. ``waits``: for a person's decision; ``undo``: the decision that can be undone; ``unnamed``:
    no attribution was detected, so a person may record one; ``picture_only``: no program has read the page, and the
    person says what its picture shows, first of all ``reported_attribution``; ``newest_page``: the number of the newest
    kept page.
    """

    id: str
    title: str
    bulletin: str
    bulletin_title: str
    recalled: bool
    addresses: Sequence[OtherAddress]
    address_count: int
    many_addresses: bool
    counted: OtherAddress | None
    second_posting: bool
    site: str
    url: str
    address: str
    status: RepublicationStatus
    life: RepublicationLife
    match: Match
    attribution: Attribution
    stale: bool
    correction: CorrectionView | None
    steps: dict[str, EvidenceStep]
    level_count: int
    person: bool
    compared: TextComparison | None
    pictures: PicturePair | None
    played: PlayedView | None
    checks: list[AttributionCheck]
    events: list[CopyEvent]
    decisions: list[CopyDecision]
    partner: PartnerFacts
    topic: str
    consequence: DecisionEffect
    snapshots: list[KeptSnapshot]
    exhibits: list[UploadRow]
    reasons: list[str]
    page_error: str
    page_unreadable: UnreadableReason | None
    page_status: int | None
    queue: QueueNeighbours
    version_token: str
    history: CopyLife
    waits: bool
    doubts: list[ReviewReasonView]
    answers: list[AnswerRow]
    undo: str | None
    unnamed: bool
    picture_only: bool
    reported_attribution: Attribution
    newest_page: int | None
    social: SocialReport | None
    beside: CopyPlace
    look: BrowserLookView | None


def copy_view(session: Session, ident: str, *, now: datetime, listed: RepublicationFilter | None = None) -> CopyView:
    """Return one copy; ``listed``: the filter of the list that the reader came from. Raises ``NotFound``."""
    row = find_republication(session, ident)
    queue = queue_neighbours(session, row)
    bulletin = row.bulletin
    revision = bulletin.revision(row.revision or bulletin.released or bulletin.latest)
    last = row.evidence[-1] if row.evidence else None
    events, decisions = copy_history(session, row)
    given = answers_of(session, row)
    ways = first_sightings(session, [row.page_id]).get(row.page_id, {})
    decided = latest_decision(session, row)
    undoable = decided is not None and decided.at == row.decided_at and decided.actor == row.decided_by
    facts = evidence_facts(row, ways)
    newest = newest_evidence(session, [row.id]).get(row.id)
    snapshots = _snapshots(row.evidence)
    others, count = duplicates_of(session, row, OTHER_ADDRESSES)
    counted = counted_elsewhere(session, row)
    exhibits = upload_rows(session, row)
    waits = row.status is RepublicationStatus.REVIEW or any(
        answer.answer is PartnerAnswerKind.DISAGREE and answer.settled_at is None for answer in given
    )
    return CopyView(
        id=row.public,
        title=(last.page_title if last is not None else "") or revision.title,
        bulletin=bulletin.code,
        bulletin_title=revision.title,
        recalled=bulletin.recalled_at is not None,
        addresses=[OtherAddress.of(other) for other in others],
        address_count=count,
        many_addresses=count + 1 > MOST_ADDRESSES,
        counted=OtherAddress.of(counted) if counted is not None else None,
        second_posting=row.second_posting,
        site=row.site.name,
        url=row.url,
        address=row.canonical_url,
        status=row.status,
        life=row.life,
        match=row.match,
        attribution=row.attribution,
        stale=row.stale and not row.correction_unclear,
        correction=CorrectionView.of(row),
        steps=evidence_levels(facts, now),
        level_count=len(reached_levels(facts)),
        person=confirmed_by_person(facts),
        compared=_compare_texts(row, last) if last is not None and last.picture is None else None,
        pictures=picture_pair(session, row),
        played=played_view(row),
        checks=attribution_checks(_source_facts(last)) if last is not None else [],
        events=events,
        decisions=decisions,
        partner=partner_facts(session, row.site, bulletin.topic, row.counted_on),
        topic=bulletin.topic.name,
        consequence=decision_effect(session, row),
        snapshots=snapshots,
        exhibits=exhibits,
        reasons=list(row.reasons),
        page_error=row.page.error,
        page_unreadable=row.page.unreadable,
        page_status=row.page.status,
        queue=queue,
        version_token=version_token(row),
        history=copy_life(session, row),
        waits=waits,
        doubts=[
            review_reason(reason, row, newest, ways, now) for reason in review_reasons_of(session, [row.id])[row.id]
        ],
        answers=answer_rows(given),
        undo=decided.public if decided is not None and undoable else None,
        unnamed=machine_attribution(newest) in NOT_NAMING_US,
        picture_only=newest is None,
        reported_attribution=reported_attribution(session, row) or Attribution.NOT_SEEN,
        newest_page=next((snapshot.number for snapshot in reversed(snapshots) if snapshot.has_page), None),
        social=_social_report(session, row, revision),
        beside=_place_of(session, row, listed, queue),
        look=browser_look_view(row, exhibits),
    )


def _compare_texts(row: Republication, last: Evidence) -> TextComparison:
    bulletin = row.bulletin
    revision = bulletin.revision(last.revision or bulletin.released or bulletin.latest)
    text = bulletin_text(revision.title, revision.lead, revision.body_text)
    ours, theirs = align_texts(text, last.page_text, last.passages, headline=last.page_title, source=last.source_text)
    if last.source_text and not any(block.kind == "source" for block in theirs.blocks):
        # In the page's head, or outside of the part shown above; it is still the line that was judged.
        line = TextBlock("source", (TextPiece(last.source_text),))
        theirs = TextSide(theirs.title, (*theirs.blocks, line), theirs.before, theirs.after)
    words = len(tokenize(text))
    return TextComparison(
        ours=ours,
        theirs=theirs,
        revision=revision.number,
        released_at=revision.released_at or bulletin.release_at,
        fetched_at=last.at,
        body_hash=last.body_hash,
        words=words,
        found=min(round(last.share * words), words),
        share=last.share,
        longest_run=last.longest_run,
        source_tagline=source_line_position(_source_facts(last)),
        source_link=last.source_link,
    )


def _source_facts(last: Evidence) -> SourceFacts:
    return from_attributes(SourceFacts, last)


def _snapshots(evidence: Sequence[Evidence]) -> list[KeptSnapshot]:
    shown: list[KeptSnapshot] = []
    for number, one in enumerate(evidence, 1):
        has_page = one.body_key is not None
        before = shown[-1] if shown else None
        if before is not None and (before.body_hash, before.has_page, before.share) == (
            one.body_hash,
            has_page,
            one.share,
        ):
            shown[-1] = replace(before, again=before.again + 1, last=one.at)
        else:
            shown.append(KeptSnapshot(number, one.at, one.status, one.match, one.share, one.body_hash, has_page))
    return shown
