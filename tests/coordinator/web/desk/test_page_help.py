"""Every page of the desk says what it is for; no words are left of pages that are gone."""

from pathlib import Path

import pytest

from campaigns.people.staff import Role
from coordinator.db import Database
from coordinator.web.desk.page_help import HELP
from tests.coordinator.web.desk.conftest import Desk
from tests.coordinator.web.desk.reading import Page
from tests.coordinator.web.permissions import prepared
from tests.coordinator.web.public.routes import routes
from tests.coordinator.web.signing_in import as_role

TEMPLATES = Path(__file__).parents[4] / "coordinator/web/templates"
FRAME = '{% extends "layout/desk.html" %}'


def test_every_template_of_the_desk_has_its_help_and_no_help_is_left_over() -> None:
    framed = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if path.read_text("utf-8").startswith(FRAME) or FRAME in path.read_text("utf-8")
    }
    assert set(HELP) == framed


@pytest.mark.parametrize("template", sorted(HELP))
def test_help_is_two_to_four_sentences_in_both_languages(template: str) -> None:
    for words in HELP[template]:
        assert 2 <= sum(words.count(end) for end in (". ", "? ")) + 1 <= 4, words
        assert words.endswith(".")


def test_every_page_that_the_route_map_leads_to_shows_its_help(sqlite: Database, tmp_path: Path) -> None:
    outside, _keys = prepared(sqlite, tmp_path)
    client = as_role(outside, Role.ADMIN)
    seen, bare = 0, []
    for route in routes(outside.app, {"code": "x"}):
        if not route.readable or route.on_api:
            continue
        answer = client.get(route.path)
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
