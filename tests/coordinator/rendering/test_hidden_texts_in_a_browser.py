"""What the look sees of pages that hide a text."""

import pytest

from tests.coordinator.rendering.looks import UNSEEN, Look, cases, share_of_text
from tests.coordinator.rendering.pages import HIDING, OTHER

pytestmark = [pytest.mark.browser, pytest.mark.minutes]

# Another text of the page is not seen either: of texts that lie upon each other so, the look takes none for seen, and
# what follows far below lies there too.
ANOTHER_UNSEEN = {
    "under twelve texts",
    "under a text of the same clipped background",
    "below a margin",
    "in a page that does not scroll",
}


@pytest.mark.parametrize("name", cases(HIDING))
def test_a_text_that_a_page_hides_is_not_seen(look: Look, name: str) -> None:
    left, _ = look(HIDING[name], "desktop")
    assert share_of_text(left) <= UNSEEN
    assert left.count("Chợ đêm ven sông") == HIDING[name].count(OTHER) - (name in ANOTHER_UNSEEN)
