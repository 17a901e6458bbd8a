"""The story of one copy, newest last: released, announced, published there, seen, fetched, decided, rechecked, gone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import city_day
from campaigns.tracking.republications import Evidence, Republication
from campaigns.tracking.sightings import How, Sighting
from coordinator.web import formats
from coordinator.web.desk.actors import actor_names
from coordinator.web.desk.life_words import why_words
from coordinator.web.look import language
from coordinator.web.saying import _


@dataclass(frozen=True)
class Event:
    """One thing that happened, or ``soft`` will. ``other_day``: not on the day of the one before."""

    at: datetime
    icon: str
    ink: str
    what: str
    note: str = ""
    soft: bool = False
    other_day: bool = False


@dataclass(frozen=True)
class Decision:
    """What somebody, or the product, concluded about it."""

    at: datetime
    act: str
    who: str
    note: str
    machine: bool


def story(session: Session, row: Republication) -> tuple[list[Event], list[Decision]]:
    """Everything that is known, and the conclusions among it."""
    entries = list(journal.history(session, "republication", row.public))
    names = actor_names(session, {entry.actor for entry in entries})
    decisions = [_decision(entry, names) for entry in entries if entry.act.rpartition(".")[2] in _CONCLUDED]
    told = [*_ours(row), *_seen(session, row), *_fetched(row.evidence), *_concluded(decisions), *_lived(entries, names)]
    if row.published_at is not None:
        source = _read_from(row.published_from)
        # A page that tells minutes does not tell a story in which it was there before our release of that very minute.
        same_minute = row.appeared_at == row.bulletin.release_at
        at = row.appeared_at if same_minute else row.published_at
        told.append(Event(at, "doc", "move", _("Họ đăng bài"), source))
    if row.gone_at is not None:
        if not any(entry.act == "republication.gone" and entry.at == row.gone_at for entry in entries):
            told.append(Event(row.gone_at, "ban", "bad", _("Bài đã gỡ")))
    elif row.checked_at is not None and row.evidence and row.checked_at > row.evidence[-1].at:
        told.append(Event(row.checked_at, "link", "good", _("Xem lại gần nhất: trang không đổi")))
    ordered = sorted(told, key=lambda one: one.at)
    if row.page.due_at is not None:
        ordered.append(Event(row.page.due_at, "clock", "faint", _("Lần xem lại tới"), soft=True))
    return list(_dated(ordered)), decisions


_CONCLUDED = ("confirmed", "rejected", "review")


def _dated(events: Sequence[Event]) -> Iterator[Event]:
    before = None
    for one in events:
        day = city_day(one.at)
        yield Event(one.at, one.icon, one.ink, one.what, one.note, one.soft, other_day=day != before)
        before = day


def _ours(row: Republication) -> Iterator[Event]:
    bulletin = row.bulletin
    if bulletin.release_at is not None:
        yield Event(bulletin.release_at, "send", "move", _("Ta phát hành"))
    for revision in bulletin.revisions:
        if revision.number > 1 and revision.released_at is not None and revision.released_at != bulletin.release_at:
            what = _("Ta đính chính, bản %(number)s", number=revision.number)
            yield Event(revision.released_at, "pen", "wait", what, revision.note)
    if bulletin.recalled_at is not None:
        yield Event(bulletin.recalled_at, "undo", "bad", _("Ta thu hồi"), bulletin.recall_reason)


def _seen(session: Session, row: Republication) -> Iterator[Event]:
    """The first sighting in each way; our own fetches are told by their evidence."""
    query = sa.select(Sighting).where(Sighting.page_id == row.page_id).order_by(Sighting.at, Sighting.id)
    told: set[How] = {How.FETCHED} if row.evidence else set()
    for one in session.execute(query).scalars():
        if one.how in told:
            continue
        told.add(one.how)
        icon, what = _way(one.how)
        yield Event(one.at, icon, "move", what, one.source[:200])


def _way(how: How) -> tuple[str, str]:
    match how:
        case How.REPORTED:
            return "people", _("Có người báo bài này")
        case How.ANNOUNCED:
            return "horn", _("Máy chủ của họ báo đã đăng")
        case How.COUNTED_IMAGE:
            return "photo", _("Ảnh đếm gọi về lần đầu")
        case How.DISCOVERED:
            return "look", _("Tự thấy trong nguồn tin của họ")
        case How.FETCHED:
            return "down", _("Tải trang về")
        case _:
            return "person", _("Có người làm chứng")


def _fetched(evidence: Sequence[Evidence]) -> Iterator[Event]:
    """The first look, and each that saw something else than the one before; equal ones between them are one line."""
    before: Evidence | None = None
    same: list[Evidence] = []
    for one in evidence:
        if before is not None and _as(one) == _as(before):
            same.append(one)
            continue
        yield from _still(same)
        same = []
        share = formats.percent(one.share, language(), 0)
        if before is None:
            rules = _("luật khớp %(version)s", version=one.rule_version)
            yield Event(one.at, "seen", "good", _("Tải về, khớp %(share)s", share=share), rules)
        else:
            what = _("Xem lại: trang đã đổi, khớp %(share)s", share=share)
            yield Event(one.at, "pen", "wait", what, "; ".join(_differences(before, one)))
        before = one
    yield from _still(same)


def _as(one: Evidence) -> tuple[object, ...]:
    """What a reader would call the same page: clocks and advertisements in it make another body each time."""
    return (one.match, round(one.share, 3), one.revision, one.attribution, one.page_title)


def _still(same: Sequence[Evidence]) -> Iterator[Event]:
    if len(same) == 1:
        yield Event(same[0].at, "link", "good", _("Xem lại: còn nguyên"))
    elif same:
        count = formats.number(len(same), language())
        yield Event(same[-1].at, "link", "good", _("Xem lại %(count)s lần: còn nguyên", count=count))


def _differences(before: Evidence, one: Evidence) -> Iterator[str]:
    if one.page_title != before.page_title:
        yield _("tiêu đề nay là “%(title)s”", title=one.page_title)
    if one.revision != before.revision:
        yield _("nay là bản %(number)s", number=one.revision)
    if round(one.share, 3) != round(before.share, 3):
        yield _("trước đó khớp %(share)s", share=formats.percent(before.share, language(), 0))
    if one.attribution is not before.attribution:
        yield _("cách dẫn nguồn đã đổi")


def _lived(entries: Sequence[journal.Entry], names: Mapping[str, str]) -> Iterator[Event]:
    """What became of the copy: suspected, gone, back, followed; what its partner said; what was taken back."""
    for entry in entries:
        details: dict[str, Any] = json.loads(entry.details)
        why = details.get("why")
        # Older entries tell the reason in one sentence.
        note = why_words(why) if isinstance(why, list) else ""
        match entry.act.rpartition(".")[2]:
            case "missing":
                yield Event(entry.at, "ask", "wait", _("Không thấy bài; chờ xem lại cho chắc"), note)
            case "gone":
                yield Event(entry.at, "ban", "bad", _("Bài đã gỡ"), note)
            case "back":
                yield Event(entry.at, "link", "good", _("Bài hiện trở lại"))
            case "answered":
                said = details.get("answer")
                what = {
                    "mended": _("Đối tác trả lời: đã sửa"),
                    "disagree": _("Đối tác trả lời: không đồng ý"),
                }.get(str(said), _("Đối tác giải thích"))
                yield Event(entry.at, "mail", "move", what, str(details.get("text") or ""))
            case "undone":
                who = names.get(entry.actor, entry.actor)
                yield Event(entry.at, "undo", "wait", _("%(who)s hoàn tác kết luận", who=who))
            case "followed":
                wait = formats.duration(float(details.get("seconds") or 0), language())
                yield Event(entry.at, "check", "good", _("Họ đã sửa theo bản mới, sau %(wait)s", wait=wait))
            case _:
                continue


def _concluded(decisions: Sequence[Decision]) -> Iterator[Event]:
    for one in decisions:
        icon, ink, what = {
            "confirmed": ("check", "good", _("%(who)s xác nhận", who=one.who)),
            "rejected": ("x", "bad", _("%(who)s loại", who=one.who)),
            "review": ("eye", "wait", _("%(who)s chuyển cho người xem xét", who=one.who)),
        }[one.act]
        yield Event(one.at, icon, ink, what, one.note)


def _decision(entry: journal.Entry, names: Mapping[str, str]) -> Decision:
    details: dict[str, Any] = json.loads(entry.details)
    machine = entry.actor == journal.SYSTEM
    who = _("Máy") if machine else names.get(entry.actor, entry.actor)
    return Decision(entry.at, entry.act.rpartition(".")[2], who, str(details.get("note") or ""), machine)


def _read_from(source: str | None) -> str:
    return {
        "json-ld": _("theo JSON-LD trên trang"),
        "meta": _("theo thẻ meta của trang"),
        "time": _("theo thẻ thời gian trên trang"),
        "text": _("theo ngày ghi gần tiêu đề"),
        "feed": _("theo nguồn tin của họ"),
        "sitemap": _("theo sơ đồ trang của họ"),
        "claim": _("theo lời đối tác"),
    }.get(source or "", _("theo lần đầu ta thấy"))
