"""The calendar's file, read by a parser that is not ours."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from coordinator.feeds import ics
from coordinator.feeds.ics import CalendarDay, CalendarEvent, EventStatus

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def event(**more: object) -> CalendarEvent:
    usual: dict[str, object] = {
        "uid": "BT-2026-11-24-001@lantoa",
        "at": AT,
        "summary": "Lịch tiêm",
        "description": "Đã hẹn giờ",
        "url": "https://tin.example/desk/bulletins/BT-2026-11-24-001",
        "category": "Dịch bệnh",
        "status": EventStatus.CONFIRMED,
        "sequence": 3,
        "changed_at": AT - timedelta(days=1),
    }
    return CalendarEvent(**{**usual, **more})  # type: ignore[arg-type]


def read(*events: CalendarEvent, days: tuple[CalendarDay, ...] = ()) -> Calendar:
    return Calendar.from_ical(ics.write_calendar("Lịch, phát; hành", "Mô tả", events, days, stamp=AT))


def test_an_event_says_when_what_and_how_often_it_was_changed() -> None:
    (found,) = read(event()).walk("VEVENT")
    assert found["DTSTART"].dt == AT
    assert (str(found["UID"]), int(found["SEQUENCE"])) == ("BT-2026-11-24-001@lantoa", 3)
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == AT - timedelta(days=1)
    assert str(found["STATUS"]) == "CONFIRMED"
    assert str(found["URL"]).endswith("/BT-2026-11-24-001")


def test_a_holiday_is_a_whole_day() -> None:
    (found,) = read(days=(CalendarDay("holiday-2027-02-06@lantoa", date(2027, 2, 6), "Tết Nguyên đán"),)).walk("VEVENT")
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (date(2027, 2, 6), date(2027, 2, 7))


def test_the_calendar_has_what_the_standard_asks_for() -> None:
    calendar = read(event())
    assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", "PUBLISH")
    # The parser leaves what it has no type for as it was written: escaped.
    assert str(calendar["NAME"]) == "Lịch\\, phát\\; hành"


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\\;,:\"'ễậỵ😀"), max_size=300)


@given(summary=WORDS, description=WORDS)
def test_any_words_come_back_as_they_were_in_lines_that_are_short_enough(summary: str, description: str) -> None:
    body = ics.write_calendar("x", "y", [event(summary=summary, description=description)], [], stamp=AT)
    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() for line in lines[:-1])  # no letter is cut in two
    (found,) = Calendar.from_ical(body).walk("VEVENT")
    assert str(found["SUMMARY"]) == summary
    assert str(found["DESCRIPTION"]) == description


def test_nothing_in_a_title_can_end_its_line_or_begin_another_event() -> None:
    wicked = "Tin\r\nEND:VEVENT\r\nBEGIN:VEVENT\x00\x0b\x1f"
    found = read(event(summary=wicked, url="https://x.example/\r\nEND:VCALENDAR")).walk("VEVENT")
    assert len(found) == 1
    assert str(found[0]["SUMMARY"]) == "Tin\nEND:VEVENT\nBEGIN:VEVENT"
