"""The desk of ``desk/conftest.py``, for set-up and sign-in as well, and the one browser of a process."""

from tests.coordinator.web.desk.conftest import desk
from tests.coordinator.web.looking import running_chromium

__all__ = ["desk", "running_chromium"]
