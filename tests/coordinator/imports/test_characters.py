"""What may not be stored is taken out, whatever stands beside it."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from coordinator.imports.characters import _UNWANTED, storable


def test_nothing_that_may_not_be_stored_is_printable() -> None:
    """A text that is printable is taken as it is, without another look."""
    unwanted = [chr(code) for code in range(sys.maxunicode + 1) if _UNWANTED.match(chr(code))]
    assert len(unwanted) > 2000
    assert [one for one in unwanted if one.isprintable()] == []


@given(st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1f\x85\u200b\u202e\ufeff"))))
def test_a_text_that_was_made_storable_stays_as_it_is(text: str) -> None:
    kept, _noted = storable(text)
    assert _UNWANTED.search(kept) is None
    assert storable(kept) == (kept, 0)
