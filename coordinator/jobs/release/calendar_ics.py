"""The release calendar as an iCalendar file for a valid key: one month back and one year ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import BulletinState
from campaigns.core.clock import city_day
from campaigns.core.errors import NotFound
from campaigns.people import keys
from campaigns.people.office import office_name
from campaigns.planning.holidays import holidays
from campaigns.release import release_calendar
from campaigns.release.release_calendar import ChangeHistory, ReleaseCalendarEvent
from campaigns.release.series import SeriesDayStatus
from coordinator.feeds import ics
from coordinator.feeds.ics import CalendarDay, CalendarEvent, EventStatus
from coordinator.jobs.context import JobContext
from coordinator.jobs.release.holiday_names import expected_holiday_name
from coordinator.translation import VIETNAMESE, speaking

BACK, AHEAD = timedelta(days=31), timedelta(days=366)

# The file is in Vietnamese, the language of the titles in it.
_STATE_WORDS: Mapping[BulletinState | SeriesDayStatus, str] = {
    BulletinState.SCHEDULED: "Đã hẹn giờ",
    BulletinState.PUBLISHED: "Đã phát hành",
    BulletinState.RECALLED: "Đã thu hồi",
    SeriesDayStatus.EMPTY: "Chưa có bản tin",
    SeriesDayStatus.WRITING: "Đang soạn, chưa hẹn giờ",
    SeriesDayStatus.MADE_UP: "Đã phát bù vào ngày sau",
    SeriesDayStatus.SKIPPED: "Bỏ hôm đó",
    SeriesDayStatus.MISSED: "Thiếu: đã quá giờ mà chưa phát",
}
_STATUS: Mapping[BulletinState | SeriesDayStatus, EventStatus] = {
    BulletinState.SCHEDULED: EventStatus.CONFIRMED,
    BulletinState.PUBLISHED: EventStatus.CONFIRMED,
    BulletinState.RECALLED: EventStatus.CANCELLED,
    SeriesDayStatus.SKIPPED: EventStatus.CANCELLED,
}


@dataclass(frozen=True)
class CalendarFile:
    """The file, the key that read it, and whether the use of that key is to be recorded."""

    body: bytes
    key_id: int
    use_is_due: bool


def calendar_file(context: JobContext, session: Session, key: str, now: datetime) -> CalendarFile:
    """The calendar for one key. Raises ``NotFound``, with one message for an unknown and for a revoked key."""
    calendar_key = keys.find_calendar_key(session, key, now=now)
    if calendar_key is None:
        raise NotFound("there is no such calendar")
    today = city_day(now)
    first, last = today - BACK, today + AHEAD
    events = release_calendar.calendar_events(session, first, last, now=now)
    histories = release_calendar.change_histories(session, events)
    name = f"Lịch phát hành · {office_name(session)}"
    calendar_events = [_event(context, event, histories.get(event.key), now) for event in events]
    with speaking(VIETNAMESE):
        days = [
            CalendarDay(f"holiday-{holiday.day.isoformat()}@lantoa", holiday.day, expected_holiday_name(holiday))
            for holiday in holidays(first, last)
            if holiday.rest
        ]
    stamp = max((event.changed_at for event in calendar_events), default=now)
    description = "Bản tin đã phát, đã hẹn giờ và bản tin định kỳ. Giờ Việt Nam."
    body = ics.write_calendar(name, description, calendar_events, days, stamp=stamp)
    return CalendarFile(body, calendar_key.id, keys.use_is_due(calendar_key, now=now))


def _event(
    context: JobContext, event: ReleaseCalendarEvent, history: ChangeHistory | None, now: datetime
) -> CalendarEvent:
    state: BulletinState | SeriesDayStatus
    if event.place is not None:
        state = event.place.standing
        url = f"{context.addresses.base}/desk/calendar/series/{event.place.series}/{event.place.day.isoformat()}"
        reason = event.place.reason
    else:
        assert event.state is not None  # noqa: S101  # an event without a series day is a release
        state, url, reason = event.state, f"{context.addresses.base}/desk/bulletins/{event.bulletin}", ""
    lines = [_STATE_WORDS[state], event.topic, event.series if event.place is None else None, reason, url]
    return CalendarEvent(
        uid=f"{event.key.replace('/', '-')}@lantoa",
        at=event.at,
        summary=f"Thiếu: {event.title}" if state is SeriesDayStatus.MISSED else event.title,
        description="\n".join(line for line in lines if line),
        url=url,
        category=event.topic,
        status=_STATUS.get(state, EventStatus.TENTATIVE),
        sequence=history.times if history is not None else 0,
        changed_at=history.last if history is not None else now,
    )
