"""What the look sees of honest layouts, and of pages that attack the look."""

import pytest

from tests.coordinator.rendering.looks import SEEN, UNSEEN, Look, cases, on_a_phone, share_of_text
from tests.coordinator.rendering.pages import ATTACKS, HONEST

pytestmark = [pytest.mark.browser, pytest.mark.minutes]


@pytest.mark.parametrize("name", cases(ATTACKS))
def test_a_page_that_attacks_the_look_shows_it_what_a_reader_sees(look: Look, name: str) -> None:
    assert share_of_text(look(ATTACKS[name], "desktop")[0]) <= UNSEEN


@pytest.mark.parametrize("name", cases(HONEST))
def test_a_text_in_an_honest_layout_is_seen(look: Look, name: str) -> None:
    assert share_of_text(look(HONEST[name], "desktop")[0]) >= SEEN


@pytest.mark.parametrize("name", on_a_phone(HONEST))
def test_a_text_in_an_honest_layout_is_seen_on_a_phone(look: Look, name: str) -> None:
    assert share_of_text(look(HONEST[name], "phone")[0]) >= SEEN
