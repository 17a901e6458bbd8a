"""The desk of ``desk/conftest.py``, for set-up and sign-in as well."""

from tests.coordinator.web.desk.conftest import desk

__all__ = ["desk"]
