"""Before a copy that needs a look counts, its page is fetched once more as a reader's browser does."""

from collections.abc import Callable

import pytest

from campaigns.republications.browser_looks import FIRST_COPIES
from campaigns.republications.republications import BrowserLook, RepublicationStatus
from campaigns.republications.review.review_reasons import ReviewReason, review_reasons_of
from tests.coordinator.hostile_server import Call, HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import PATH, acts, asked, found
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE, ScriptedSite, page


@pytest.fixture
def newsroom(stage: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(stage, server)


@pytest.fixture
def code(stage: JobHarness) -> str:
    made = stage.publish(title=TITLE, body=BODY)
    stage.clock.forward(hours=1)
    return made


def shows_readers(newsroom: ScriptedSite, code: str, answer: Callable[[Call], None]) -> None:
    """A page that gives the checker our copy, and a reader's browser ``answer``."""
    ours = page(TITLE, PARTS, source=newsroom.link(code))

    def both(call: Call) -> None:
        if "Chrome/" in call.headers.get("user-agent", ""):
            answer(call)
        else:
            call.answer(ours.encode(), Content_Type="text/html; charset=utf-8")

    newsroom.server.ways[PATH] = both


def html(text: str) -> Callable[[Call], None]:
    return lambda call: call.answer(text.encode(), Content_Type="text/html; charset=utf-8")


def another_article(newsroom: ScriptedSite, code: str) -> Callable[[Call], None]:
    return html(page("Đội bóng nữ thắng", OTHER))


def without_source(newsroom: ScriptedSite, code: str) -> Callable[[Call], None]:
    return html(page(TITLE, PARTS))


def without_link(newsroom: ScriptedSite, code: str) -> Callable[[Call], None]:
    return html(page(TITLE, PARTS, source="<p>Theo Sở Thông tin thành phố</p>"))


@pytest.mark.parametrize(
    ("shown", "note"),
    [(another_article, "fetch_text"), (without_source, "fetch_source"), (without_link, "fetch_link")],
)
def test_a_page_that_shows_readers_something_else_does_not_count(
    newsroom: ScriptedSite, code: str, shown: Callable[[ScriptedSite, str], Callable[[Call], None]], note: str
) -> None:
    shows_readers(newsroom, code, shown(newsroom, code))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.browser_look, copy.looks_disagree) == (
        RepublicationStatus.REVIEW, BrowserLook.DIFFERS, True,
    )  # fmt: skip
    assert copy.look_note.startswith(note)
    assert copy.confirmed_at is None
    assert acts(newsroom) == ["review", "looks_disagree"]
    with newsroom.scene.database.read() as session:
        assert ReviewReason.LOOKS_DISAGREE in review_reasons_of(session, [copy.id])[copy.id]


def test_a_page_that_sends_readers_home_does_not_count(newsroom: ScriptedSite, code: str) -> None:
    newsroom.shows("/", "<body><p>Trang chủ</p></body>")
    shows_readers(newsroom, code, lambda call: call.head("302 Found", Location="/"))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.look_note.partition(":")[0]) == (RepublicationStatus.REVIEW, "fetch_elsewhere")


def test_an_honest_page_counts_and_waits_for_a_browser(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.browser_look) == (RepublicationStatus.CONFIRMED, BrowserLook.NEEDED)
    assert asked(newsroom.server) == [PATH, PATH]


def test_a_page_that_answers_no_reader_says_so(newsroom: ScriptedSite, code: str) -> None:
    shows_readers(newsroom, code, lambda call: call.head("403 Forbidden"))
    found(newsroom)
    copy = newsroom.copy()
    assert (copy.status, copy.browser_look) == (RepublicationStatus.CONFIRMED, BrowserLook.NEEDED)
    assert any(reason.startswith("reader_fetch:") and "403" in reason for reason in copy.reasons)


def test_a_copy_that_needs_no_look_is_fetched_once(newsroom: ScriptedSite, stage: JobHarness) -> None:
    paths = [f"/tin/bai-{number}.html" for number in range(FIRST_COPIES + 8)]
    for path in paths:
        title = f"{TITLE} {path}"
        made = stage.publish(title=title, body=f"{BODY}\n\nBản số {path}.")
        stage.clock.forward(hours=1)
        newsroom.carries(path, made)
        found(newsroom, path)
    as_reader = [call.path for call in newsroom.server.calls if "Chrome/" in call.headers.get("user-agent", "")]
    counts = [as_reader.count(path) for path in paths]
    assert counts[:FIRST_COPIES] == [1] * FIRST_COPIES
    assert 0 in counts[FIRST_COPIES:]
