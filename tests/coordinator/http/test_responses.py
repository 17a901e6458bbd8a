"""What can be read from an answer."""

from datetime import UTC, datetime

import pytest

from coordinator.http.responses import HttpResponse

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def parsed_retry_after(value: str) -> float | None:
    """What ``Retry-After: value`` comes to at noon."""
    return HttpResponse("https://a.test/", 503, {"Retry-After": value}, received_at=NOON).retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 5 ", 5),
        ("99999999", 86_400),
        ("9" * 5000, 86_400),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90),
        ("Tuesday, 24-Nov-26 12:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 19:01:30 +0700", 90),
        ("Tue, 24 Nov 2026 12:01:30 -0000", 90),
        ("Tue, 24 Nov 2020 12:00:00 GMT", 0),
        ("Tue, 24 Nov 2099 12:00:00 GMT", 86_400),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Tue, 99 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_and_kept_within_a_day(value: str, seconds: float | None) -> None:
    assert parsed_retry_after(value) == seconds


def test_without_retry_after_there_is_no_wait() -> None:
    assert HttpResponse("https://a.test/", 503).retry_after is None


def test_header_names_are_found_in_any_case_and_keep_their_spelling() -> None:
    answer = HttpResponse("https://a.test/", 200, {"ETag": '"1"', "content-type": "Text/HTML; charset=utf-8"})
    assert answer.headers["etag"] == answer.headers["ETAG"] == '"1"'
    assert list(answer.headers) == ["ETag", "content-type"]
    assert answer.content_type == "text/html"
    assert "x-missing" not in answer.headers


def test_an_answer_cannot_be_changed() -> None:
    answer = HttpResponse("https://a.test/", 200)
    with pytest.raises(AttributeError):
        answer.status = 500  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(TypeError):
        answer.headers["a"] = "b"  # type: ignore[index]  # likewise


def test_not_modified_and_ok_follow_from_the_status() -> None:
    assert HttpResponse("https://a.test/", 304).not_modified
    assert not HttpResponse("https://a.test/", 304).ok
    assert HttpResponse("https://a.test/", 204).ok
