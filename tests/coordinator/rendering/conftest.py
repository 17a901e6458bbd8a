"""The look at prepared pages."""

from collections.abc import Iterator

import pytest

from tests.coordinator.rendering.looks import Look, looking


@pytest.fixture(scope="module")
def look() -> Iterator[Look]:
    """A look at one page with one screen."""
    with looking() as shown:
        yield shown
