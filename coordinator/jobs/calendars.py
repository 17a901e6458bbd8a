"""The calendar's file for phones and calendar programs: a month back and a year ahead, for whoever shows a live key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import NotFound
from campaigns.people import calendar_keys
from campaigns.people.office import office_name
from campaigns.planning.holidays import holidays
from campaigns.publishing import agenda
from campaigns.publishing.agenda import Event, History
from campaigns.publishing.bulletins import State
from campaigns.publishing.series import Standing
from coordinator.feeds import ics
from coordinator.feeds.ics import CalendarDay, CalendarEvent, Status
from coordinator.jobs.workplace import Workplace

BACK, AHEAD = timedelta(days=31), timedelta(days=366)

# The file is written for the office, in the language that its titles are in.
_SAYS: Mapping[State | Standing, str] = {
    State.SCHEDULED: "Đã hẹn giờ",
    State.PUBLISHED: "Đã phát hành",
    State.RECALLED: "Đã thu hồi",
    Standing.EMPTY: "Chưa có bản tin",
    Standing.WRITING: "Đang soạn, chưa hẹn giờ",
    Standing.MADE_UP: "Đã phát bù vào ngày sau",
    Standing.SKIPPED: "Bỏ hôm đó",
    Standing.MISSED: "Thiếu: đã quá giờ mà chưa phát",
}
_STATUS: Mapping[State | Standing, Status] = {
    State.SCHEDULED: Status.CONFIRMED,
    State.PUBLISHED: Status.CONFIRMED,
    State.RECALLED: Status.CANCELLED,
    Standing.SKIPPED: Status.CANCELLED,
}


@dataclass(frozen=True)
class CalendarFile:
    """The file and whose key read it."""

    body: bytes
    key_id: int


def serve(place: Workplace, session: Session, key: str, now: datetime) -> CalendarFile:
    """The calendar for one key. Raises ``NotFound`` for a key that is none or lives no more, in the same words."""
    found = calendar_keys.find_calendar_key(session, key)
    if found is None:
        raise NotFound("there is no such calendar")
    today = city_day(now)
    first, last = today - BACK, today + AHEAD
    events = agenda.events(session, first, last, now=now)
    histories = agenda.histories(session, events)
    name = f"Lịch phát hành · {office_name(session)}"
    lines = [_event(place, event, histories.get(event.key), now) for event in events]
    days = [
        CalendarDay(f"holiday-{one.day.isoformat()}@lantoa", one.day, f"{one.vi} (dự kiến)" if one.expected else one.vi)
        for one in holidays(first, last)
        if one.rest
    ]
    stamp = max((line.changed_at for line in lines), default=now)
    body = ics.write(name, "Bản tin đã phát, đã hẹn giờ và bản tin định kỳ. Giờ Việt Nam.", lines, days, stamp=stamp)
    return CalendarFile(body, found.id)


def _event(place: Workplace, event: Event, history: History | None, now: datetime) -> CalendarEvent:
    how: State | Standing
    if event.place is not None:
        how = event.place.standing
        url = f"{place.addresses.base}/desk/calendar/series/{event.place.series}/{event.place.day.isoformat()}"
        reason = event.place.reason
    else:
        assert event.state is not None  # noqa: S101  # what is no place is a release
        how, url, reason = event.state, f"{place.addresses.base}/desk/bulletins/{event.bulletin}", ""
    told = [_SAYS[how], event.topic, event.series if event.place is None else None, reason, url]
    return CalendarEvent(
        uid=f"{event.key.replace('/', '-')}@lantoa",
        at=event.at,
        summary=f"Thiếu: {event.title}" if how is Standing.MISSED else event.title,
        description="\n".join(line for line in told if line),
        url=url,
        category=event.topic,
        status=_STATUS.get(how, Status.TENTATIVE),
        sequence=history.times if history is not None else 0,
        changed_at=history.last if history is not None else now,
    )
