"""What the look sees on a phone of pages that hide a text."""

import pytest

from tests.coordinator.rendering.looks import UNSEEN, Look, on_a_phone, share_of_text
from tests.coordinator.rendering.pages import HIDING

pytestmark = [pytest.mark.browser, pytest.mark.minutes]


@pytest.mark.parametrize("name", on_a_phone(HIDING))
def test_a_text_that_a_page_hides_is_not_seen_on_a_phone(look: Look, name: str) -> None:
    assert share_of_text(look(HIDING[name], "phone")[0]) <= UNSEEN
