"""The history of one copy, oldest first (released, announced, published, seen, fetched, decided, rechecked, gone), and
its life: delay, state, content then and now, origin.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.channels.transport import DeliveryAct
from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.core.contents import from_attributes
from campaigns.discovery.sightings import Sighting, SightingMethod
from campaigns.partners.directory import Site
from campaigns.reporting.removals import recall_deliveries
from campaigns.republications.republications import Evidence, Republication, RepublicationLife, RepublicationStatus
from campaigns.republications.sample_partner import REMOVAL_NOTE
from campaigns.republications.social.posts import is_social_report
from coordinator.translation import _, language
from coordinator.web.desk.republications.labels import notification_label, removal_signs_label
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.actors import actor_names


@dataclass(frozen=True)
class OtherCopy:
    """Another copy of the same bulletin; ``id`` None when only its site is known."""

    site: str
    id: str | None


@dataclass(frozen=True)
class CopyLife:
    """The life of a copy for its page. ``notification``: a sentence on whether the partner was notified of the recall
    or correction it has not followed, with ``notified_at``. ``share_then``, ``revision_then``: at confirmation.
    ``by_report``: of a post on a social network whose own time nobody gave, ``appeared_at`` is when it was reported."""

    appeared_at: datetime
    by_report: bool
    delay: timedelta | None
    headline: str
    title_kept: bool
    author: str
    image: str
    link_position: float | None
    share_then: float | None
    share: float
    revision_then: int | None
    revision: int | None
    behind_since: datetime | None
    followed_at: datetime | None
    notification: str
    notified_at: datetime | None
    missing_since: datetime | None
    missing_why: str
    gone: bool
    taken_from: OtherCopy | None
    taken_by: Sequence[OtherCopy]
    siblings: Sequence[OtherCopy]


def copy_life(session: Session, row: Republication) -> CopyLife:
    """Return the life of a copy."""
    bulletin = row.bulletin
    recalled = bulletin.recalled_at is not None
    behind = row.stale and row.life is not RepublicationLife.GONE
    delivery = None
    if behind or recalled:
        act = DeliveryAct.RECALL if recalled else DeliveryAct.CORRECT
        delivery = recall_deliveries(session, {bulletin.id}).get((bulletin.id, row.site.company_id, act))
    origin = row.taken_from_site
    return from_attributes(
        CopyLife,
        row,
        by_report=is_social_report(row) and row.published_at is None,
        share_then=row.confirmed_share if row.confirmed_at is not None else None,
        revision_then=row.confirmed_revision if row.confirmed_at is not None else None,
        behind_since=row.stale_since if behind and not row.correction_unclear else None,
        notification=notification_label(delivery, recalled=recalled) if behind or recalled else "",
        notified_at=delivery.at if delivery is not None else None,
        missing_why=removal_signs_label(row.missing_why),
        gone=row.life is RepublicationLife.GONE,
        taken_from=OtherCopy(origin.name, row.taken_from.public if row.taken_from else None) if origin else None,
        taken_by=_other_copies(session, Republication.taken_from_id == row.id),
        siblings=_other_copies(
            session,
            Republication.bulletin_id == row.bulletin_id,
            Site.company_id == row.site.company_id,
            Republication.id != row.id,
        ),
    )


def _other_copies(session: Session, *conditions: sa.ColumnElement[bool]) -> list[OtherCopy]:
    query = (
        sa.select(Site.name, Republication.public)
        .join(Site, Site.id == Republication.site_id)
        .where(Republication.status != RepublicationStatus.REJECTED, *conditions)
        .order_by(Republication.id)
    )
    return [OtherCopy(name, public) for name, public in session.execute(query)]


@dataclass(frozen=True)
class CopyEvent:
    """One event; with ``soft`` it is expected. ``other_day``: not on the day of the event before."""

    at: datetime
    icon: str
    ink: str
    what: str
    note: str = ""
    soft: bool = False
    other_day: bool = False


@dataclass(frozen=True)
class CopyDecision:
    """A decision of a person or of the program about the copy."""

    at: datetime
    act: str
    actor_name: str
    note: str
    machine: bool


def copy_history(session: Session, row: Republication) -> tuple[list[CopyEvent], list[CopyDecision]]:
    """Return every known event, and the decisions among them."""
    entries = list(journal.history(session, "republication", row.public))
    names = actor_names(session, {entry.actor for entry in entries})
    decisions = [
        _copy_decision(entry, names) for entry in entries if entry.act.rpartition(".")[2] in _CONCLUSION_LABELS
    ]
    events = [
        *_release_events(row),
        *_sighting_events(session, row),
        *_fetch_events(row.evidence),
        *_decision_events(decisions),
        *_life_events(entries, names),
    ]
    if row.published_at is not None:
        source = _date_source_label(row.published_from)
        # The page states its time to the minute: it is not shown as published before the release in that minute.
        same_minute = row.appeared_at == row.bulletin.release_at
        at = row.appeared_at if same_minute else row.published_at
        events.append(CopyEvent(at, "doc", "move", _("Đối tác đăng bài"), source))
    if row.gone_at is not None:
        if not any(entry.act == "republication.gone" and entry.at == row.gone_at for entry in entries):
            events.append(CopyEvent(row.gone_at, "ban", "bad", _("Bài đã gỡ")))
    elif row.checked_at is not None and row.evidence and row.checked_at > row.evidence[-1].at:
        events.append(CopyEvent(row.checked_at, "link", "good", _("Xem lại gần nhất: trang không đổi")))
    ordered = sorted(events, key=lambda event: event.at)
    if row.page.due_at is not None:
        ordered.append(CopyEvent(row.page.due_at, "clock", "faint", _("Lần xem lại tới"), soft=True))
    return list(_with_days(ordered)), decisions


_CONCLUSION_LABELS = ("confirmed", "rejected", "review")


def _with_days(events: Sequence[CopyEvent]) -> Iterator[CopyEvent]:
    before = None
    for event in events:
        day = city_day(event.at)
        yield from_attributes(CopyEvent, event, other_day=day != before)
        before = day


def _release_events(row: Republication) -> Iterator[CopyEvent]:
    bulletin = row.bulletin
    if bulletin.release_at is not None:
        yield CopyEvent(bulletin.release_at, "send", "move", _("Sở phát hành"))
    for revision in bulletin.revisions:
        if revision.number > 1 and revision.released_at is not None and revision.released_at != bulletin.release_at:
            what = _("Sở đính chính, phiên bản %(number)s", number=revision.number)
            yield CopyEvent(revision.released_at, "pen", "wait", what, revision.note)
    if bulletin.recalled_at is not None:
        yield CopyEvent(bulletin.recalled_at, "undo", "bad", _("Sở thu hồi"), bulletin.recall_reason)


def _sighting_events(session: Session, row: Republication) -> Iterator[CopyEvent]:
    """Return the first sighting by each method; fetches by the program are shown by their evidence."""
    query = sa.select(Sighting).where(Sighting.page_id == row.page_id).order_by(Sighting.at, Sighting.id)
    methods: set[SightingMethod] = {SightingMethod.FETCHED} if row.evidence else set()
    for sighting in session.execute(query).scalars():
        if sighting.how in methods:
            continue
        methods.add(sighting.how)
        icon, what = _sighting_label(sighting.how)
        yield CopyEvent(sighting.at, icon, "move", what, sighting.source[:200])


def _sighting_label(how: SightingMethod) -> tuple[str, str]:
    match how:
        case SightingMethod.REPORTED:
            return "people", _("Có người báo bài này")
        case SightingMethod.ANNOUNCED:
            return "horn", _("Máy chủ của đối tác báo đã đăng")
        case SightingMethod.COUNTED_IMAGE:
            return "photo", _("Ảnh đếm gọi về lần đầu")
        case SightingMethod.DISCOVERED:
            return "look", _("Tự thấy trong nguồn tin của trang")
        case SightingMethod.FETCHED:
            return "down", _("Tải trang về")
        case _:
            return "person", _("Có người làm chứng")


def _fetch_events(evidence: Sequence[Evidence]) -> Iterator[CopyEvent]:
    """Return the first check and each that saw a change; identical checks in between are one entry."""
    before: Evidence | None = None
    same: list[Evidence] = []
    for one in evidence:
        if before is not None and _page_identity(one) == _page_identity(before):
            same.append(one)
            continue
        yield from _unchanged_events(same)
        same = []
        share = formats.percent(one.share, language(), 0)
        if before is None:
            rules = _("quy tắc tính, phiên bản %(version)s", version=one.rule_version)
            yield CopyEvent(one.at, "seen", "good", _("Tải về, khớp %(share)s", share=share), rules)
        else:
            what = _("Xem lại: trang đã đổi, khớp %(share)s", share=share)
            yield CopyEvent(one.at, "pen", "wait", what, "; ".join(_differences(before, one)))
        before = one
    yield from _unchanged_events(same)


def _page_identity(evidence: Evidence) -> tuple[object, ...]:
    """Return what identifies the page for a reader; clocks and advertisements change its body each time."""
    return (evidence.match, round(evidence.share, 3), evidence.revision, evidence.attribution, evidence.page_title)


def _unchanged_events(same: Sequence[Evidence]) -> Iterator[CopyEvent]:
    if len(same) == 1:
        yield CopyEvent(same[0].at, "link", "good", _("Xem lại: còn nguyên"))
    elif same:
        count = formats.number(len(same), language())
        yield CopyEvent(same[-1].at, "link", "good", _("Xem lại %(count)s lần: còn nguyên", count=count))


def _differences(before: Evidence, evidence: Evidence) -> Iterator[str]:
    if evidence.page_title != before.page_title:
        yield _("tiêu đề nay là “%(title)s”", title=evidence.page_title)
    if evidence.revision != before.revision:
        yield _("nay là phiên bản %(number)s", number=evidence.revision)
    if round(evidence.share, 3) != round(before.share, 3):
        yield _("trước đó khớp %(share)s", share=formats.percent(before.share, language(), 0))
    if evidence.attribution is not before.attribution:
        yield _("cách dẫn nguồn đã đổi")


def _life_events(entries: Sequence[journal.JournalEntry], names: Mapping[str, str]) -> Iterator[CopyEvent]:
    """Return what happened to the copy: suspected, gone, back, followed; the partner's answers; undone decisions."""
    for entry in entries:
        details: dict[str, Any] = json.loads(entry.details)
        why = details.get("why")
        # Older entries have the reason as one sentence.
        note = removal_signs_label(why) if isinstance(why, list) else ""
        match entry.act.rpartition(".")[2]:
            case "missing":
                yield CopyEvent(entry.at, "ask", "wait", _("Không thấy bài; chờ xem lại cho chắc"), note)
            case "gone":
                yield CopyEvent(entry.at, "ban", "bad", _("Bài đã gỡ"), note)
            case "unreadable":
                yield CopyEvent(entry.at, "eye", "wait", _("Trang không đọc được bằng cách này"))
            case "duplicate":
                yield CopyEvent(entry.at, "link", "move", _("Là địa chỉ khác của bài đã tính trên trang này"))
            case "confirmed" if details.get("instead_of"):
                yield CopyEvent(entry.at, "seen", "good", _("Được tính thay cho địa chỉ không còn được tính"))
            case "back":
                yield CopyEvent(entry.at, "link", "good", _("Bài hiện trở lại"))
            case "answered":
                item = details.get("answer")
                what = {
                    "mended": _("Đối tác trả lời: đã sửa"),
                    "disagree": _("Đối tác trả lời: không đồng ý"),
                }.get(str(item), _("Đối tác giải thích"))
                yield CopyEvent(entry.at, "mail", "move", what, str(details.get("text") or ""))
            case "undone":
                actor_id = names.get(entry.actor, entry.actor)
                yield CopyEvent(entry.at, "undo", "wait", _("%(who)s hoàn tác kết luận", who=actor_id))
            case "followed":
                wait = formats.duration(float(details.get("seconds") or 0), language())
                yield CopyEvent(entry.at, "check", "good", _("Đối tác đã sửa theo bản mới, sau %(wait)s", wait=wait))
            case "correction_unclear":
                yield CopyEvent(entry.at, "ask", "wait", _("Chưa rõ đã sửa theo bản mới hay chưa"))
            case "not_affected":
                yield CopyEvent(entry.at, "check", "move", _("Đính chính không liên quan bài này"))
            case "correction_said":
                who = names.get(entry.actor, entry.actor)
                note = str(details.get("note") or "")
                yield CopyEvent(entry.at, "eye", "move", _("%(who)s kết luận sau đính chính", who=who), note)
            case _:
                continue


def _decision_events(decisions: Sequence[CopyDecision]) -> Iterator[CopyEvent]:
    for decision in decisions:
        icon, ink, what = {
            "confirmed": ("check", "good", _("%(who)s xác nhận", who=decision.actor_name)),
            "rejected": ("x", "bad", _("%(who)s loại", who=decision.actor_name)),
            "review": ("eye", "wait", _("%(who)s chuyển cho người xem xét", who=decision.actor_name)),
        }[decision.act]
        yield CopyEvent(decision.at, icon, ink, what, decision.note)


def _copy_decision(entry: journal.JournalEntry, names: Mapping[str, str]) -> CopyDecision:
    details: dict[str, Any] = json.loads(entry.details)
    machine = entry.actor == journal.SYSTEM
    actor_id = _("Máy") if machine else names.get(entry.actor, entry.actor)
    note = str(details.get("note") or "")
    if note == REMOVAL_NOTE:  # the one that the program writes; a person's is shown as it is
        note = _("Đã gỡ đối tác mẫu.")
    return CopyDecision(entry.at, entry.act.rpartition(".")[2], actor_id, note, machine)


def _date_source_label(source: str | None) -> str:
    return {
        "json-ld": _("theo JSON-LD trên trang"),
        "meta": _("theo thẻ meta của trang"),
        "time": _("theo thẻ thời gian trên trang"),
        "text": _("theo ngày ghi gần tiêu đề"),
        "feed": _("theo nguồn tin của đối tác"),
        "sitemap": _("theo sơ đồ trang của đối tác"),
        "claim": _("theo lời đối tác"),
    }.get(source or "", _("theo lần đầu hệ thống thấy"))
