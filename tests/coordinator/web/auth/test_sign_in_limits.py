"""Limits of sign-in live in the database: several processes count together, and a restart forgets nothing."""

from pathlib import Path

from coordinator.db import Database
from tests.coordinator.web.application import open_application
from tests.coordinator.web.signed_in import add_staff_of_each_role, sign_in
from tests.factories import WRITER


def test_two_applications_on_one_database_count_refused_sign_ins_together(sqlite: Database, tmp_path: Path) -> None:
    first, second = (open_application(sqlite, tmp_path, own=True) for _ in range(2))
    add_staff_of_each_role(first)
    answers = [
        sign_in(outside, outside.app.test_client(), WRITER.id, "sai mật khẩu").status_code
        for outside in (first, second) * 5
    ]
    assert 429 not in answers
    restarted = open_application(sqlite, tmp_path, own=True)
    for outside in (first, second, restarted):
        refused = sign_in(outside, outside.app.test_client(), WRITER.id, "sai mật khẩu")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
