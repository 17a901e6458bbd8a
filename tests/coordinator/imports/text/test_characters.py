"""Characters that may not be stored are removed from any text."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from coordinator.imports.text.characters import _UNWANTED, remove_controls


def test_nothing_that_may_not_be_stored_is_printable() -> None:
    """A text that is printable is taken as it is, without another look."""
    unwanted = [chr(code) for code in range(sys.maxunicode + 1) if _UNWANTED.match(chr(code))]
    assert len(unwanted) > 2000
    assert [text for text in unwanted if text.isprintable()] == []


@given(st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1f\x85\u200b\u202e\ufeff"))))
def test_a_text_that_was_made_storable_stays_as_it_is(text: str) -> None:
    kept = remove_controls(text)
    assert _UNWANTED.search(kept) is None
    assert remove_controls(kept) == kept
