"""Every page of the desk has its help text; no help texts remain of pages that no longer exist."""

import re
from pathlib import Path

from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.translation import LANGUAGES
from coordinator.web.desk.page_help import help_text, help_texts
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.page_reader import Page
from tests.coordinator.web.permissions import prepared_application
from tests.coordinator.web.routes import routes
from tests.coordinator.web.signed_in import client_of_role

TEMPLATES = Path(__file__).parents[4] / "coordinator/web/templates"
FRAME = re.compile(r'{% extends "(layout/(desk|import_begin|import_run)|desk/reporting/progress/frame)\.html" %}')
FRAMES = {"desk/reporting/progress/frame.html"}  # templates that others fill


def test_every_template_of_the_desk_has_its_help_and_no_help_is_left_over() -> None:
    framed = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if path.parent.name != "layout" and FRAME.search(path.read_text("utf-8"))
    } - FRAMES
    for language in LANGUAGES:
        assert {f"{name}.html" for name in help_texts(language)} == framed


def test_help_is_two_to_four_sentences() -> None:
    texts = {
        (language, name): " ".join(words.split())
        for language in LANGUAGES
        for name, words in help_texts(language).items()
    }
    wrong = [
        where
        for where, words in texts.items()
        if not (2 <= sum(words.count(end) for end in (". ", "? ")) + 1 <= 4 and words.endswith("."))
    ]
    assert wrong == []


def test_a_template_without_help_has_none() -> None:
    assert help_text("layout/base.html", "vi") == ""


def test_every_page_that_the_route_map_leads_to_shows_its_help(sqlite: Database, tmp_path: Path) -> None:
    outside = prepared_application(sqlite, tmp_path).outside
    client = client_of_role(outside, Role.ADMIN)
    seen, bare = 0, []
    for route in routes(outside.app, {"code": "x"}):
        if not route.readable or route.on_api:
            continue
        answer = client.get(route.path, buffered=True)
        if answer.status_code == 200 and answer.mimetype == "text/html" and 'class="shell"' in answer.text:
            seen += 1
            if Page(answer.text).tree.css_first("details.page-help p") is None:
                bare.append(route.path)
    assert seen > 25
    assert bare == []


def test_help_is_in_the_readers_language(desk: Desk) -> None:
    desk.sign_in(Role.ADMIN)
    assert Page(desk.get("/desk/admin/topics/")).words("details.page-help summary") == ["Trang này để làm gì"]
    english = Page(desk.get("/desk/admin/topics/?lang=en"))
    assert english.words("details.page-help p")[0].startswith("Every bulletin has one topic")
