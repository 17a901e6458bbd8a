"""Addresses of uploaded videos on a bulletin's page: entered, refused with the reason, removed."""

import pytest

from campaigns.people.staff import Role
from tests.coordinator.published_media import publish_with_media
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page

ADDRESS = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.fixture
def code(desk: Desk) -> str:
    """A bulletin with a video."""
    return publish_with_media(desk.office).code


def enter(desk: Desk, code: str, url: str, status: int = 303) -> str:
    """Enter an address; what is said at its field."""
    answer = desk.post(f"/desk/bulletins/{code}/videos", {"url": url})
    assert answer.status_code == status, answer.text[:2000]
    return " ".join(Page(answer.text).words("[aria-labelledby=video-noi-khac] .error"))


def addresses(desk: Desk, code: str) -> list[str]:
    return Page(desk.get(f"/desk/bulletins/{code}")).words("[aria-labelledby=video-noi-khac] a[rel]")


def test_an_address_is_entered_once_and_removed(desk: Desk, code: str) -> None:
    desk.sign_in(Role.WRITER)
    enter(desk, code, f"  {ADDRESS}  ")
    enter(desk, code, "https://youtu.be/dQw4w9WgXcQ")
    assert addresses(desk, code) == [ADDRESS]
    desk.post(f"/desk/bulletins/{code}/videos/1/remove")
    assert addresses(desk, code) == []


def test_a_refused_address_comes_back_with_the_reason(desk: Desk, code: str) -> None:
    desk.sign_in(Role.WRITER)
    for wrong in ("https://nhipsong.example/video/1", "dQw4w9WgXcQ", "", "https://youtu.be/dQw4w9WgXcQ?" + "a" * 2000):
        assert "YouTube, Facebook" in enter(desk, code, wrong, 422)
    enter(desk, code, ADDRESS)
    other = publish_with_media(desk.office, video=b"khac" * 100).code
    assert code in enter(desk, other, ADDRESS, 409)
    assert desk.post(f"/desk/bulletins/{other}/videos/1/remove").status_code == 404
    assert addresses(desk, code) == [ADDRESS]
