"""Addresses built in bulk equal those built one by one."""

import pytest
from flask import url_for

from coordinator.web.kit.links import url_builder
from tests.coordinator.web.desk.conftest import Desk


@pytest.mark.parametrize("code", ["BT-2026-11-24-001", "a b", "50%", "Bản-tin", "x?y#z"])
def test_many_addresses_of_one_kind_are_those_of_url_for(desk: Desk, code: str) -> None:
    with desk.app.test_request_context():
        assert url_builder("bulletins.release", "code", back="calendar")(code) == url_for(
            "bulletins.release", code=code, back="calendar"
        )
        two = url_builder("calendar.place", "public", "day")
        assert two(code, "2026-11-24") == url_for("calendar.place", public=code, day="2026-11-24")
