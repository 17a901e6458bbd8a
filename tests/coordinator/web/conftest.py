"""The fixture of ``desk/conftest.py`` for set-up and sign-in too, and the one browser of a process."""

from tests.coordinator.web.chromium import running_chromium
from tests.coordinator.web.desk.conftest import desk

__all__ = ["desk", "running_chromium"]
