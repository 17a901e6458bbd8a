"""Limits of sign-in live in the database: several processes count together, and a restart forgets nothing."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from campaigns.people.staff import Person
from coordinator.db import Database
from coordinator.web.auth import throttling
from tests.coordinator.web.application import RunningApplication, open_application
from tests.coordinator.web.signed_in import PASSWORD, add_staff_of_each_role, csrf_token, sign_in
from tests.factories import ANALYST, WRITER


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


# Nobody locks another person out.


def attempt(
    outside: RunningApplication, place: str, email: str, password: str = "sai mật khẩu 174"
) -> TestResponse:  # a wrong one
    """A sign-in from a new browser at an address."""
    client = outside.app.test_client()
    return sign_in(outside, client, email, password, environ_overrides={"REMOTE_ADDR": place})


@pytest.fixture
def outside(sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunningApplication:
    """The application with a fifth of every limit: each attempt hashes a password."""
    for name in ("FORM_LIMIT", "ACCOUNT_LIMIT", "NETWORK_LIMIT"):
        most, within = getattr(throttling, name)
        monkeypatch.setattr(throttling, name, (most // 5, within))
    opened = open_application(sqlite, tmp_path, own=True)
    add_staff_of_each_role(opened)
    return opened


def guess_from_four_networks(outside: RunningApplication, email: str) -> None:
    for number in range(8):
        attempt(outside, f"198.51.{number % 4}.7", email)


def test_guesses_from_elsewhere_refuse_no_right_password_with_a_second_factor(outside: RunningApplication) -> None:
    with outside.database.write() as session:
        person = session.execute(sa.select(Person).where(Person.email == WRITER.id)).scalar_one()
        person.tf_primary_method, person.tf_totp_secret = "authenticator", "x"
    guess_from_four_networks(outside, WRITER.id)
    answer = attempt(outside, "203.0.113.9", WRITER.id, PASSWORD)
    assert answer.status_code == 302
    assert "/login/code" in answer.headers["Location"]


def test_guesses_from_elsewhere_send_who_has_no_second_factor_to_the_mailed_link(outside: RunningApplication) -> None:
    guess_from_four_networks(outside, WRITER.id)
    right = attempt(outside, "203.0.113.9", WRITER.id, PASSWORD)
    wrong = attempt(outside, "203.0.113.10", WRITER.id)
    assert right.status_code == wrong.status_code == 200
    assert "Tên hoặc mạng này vừa có nhiều lần thử sai." in right.text
    assert "nhờ người quản trị tạo đường dẫn" in right.text  # no mail server is set up here
    same = [" ".join(re.sub(r'value="[^"]*"', "", answer.text).split()) for answer in (right, wrong)]
    assert same[0] == same[1], "a right password that is not enough is told from a wrong one by nothing"


def test_an_unknown_name_is_answered_as_a_known_one_that_was_guessed_at(outside: RunningApplication) -> None:
    texts = []
    for email in (WRITER.id, "khong@co.example"):
        guess_from_four_networks(outside, email)
        answer = attempt(outside, "203.0.113.9", email)
        texts.append(
            " ".join(re.sub(r'value="[^"]*"', "", answer.text.replace(email, "#")).replace(quote(email), "#").split())
        )
    assert texts[0] == texts[1]


def test_a_known_browser_signs_in_whatever_was_guessed(outside: RunningApplication) -> None:
    mine = outside.app.test_client()
    assert sign_in(outside, mine, WRITER.id).status_code == 302
    mine.post("/logout", data={"csrf_token": csrf_token(outside, mine)})
    guess_from_four_networks(outside, WRITER.id)
    assert sign_in(outside, mine, WRITER.id).status_code == 302


def test_many_names_guessed_at_from_one_address_stop_nobody_behind_it(outside: RunningApplication) -> None:
    for number in range(14):
        for _ in range(2):
            attempt(outside, "198.51.100.7", f"ai{number}@so.example")
    assert attempt(outside, "198.51.100.7", WRITER.id, PASSWORD).status_code == 302
    assert attempt(outside, "198.51.100.8", ANALYST.id, PASSWORD).status_code == 302


def test_names_that_failed_in_a_network_before_need_a_proof_once_it_guessed_much(outside: RunningApplication) -> None:
    for number in range(14):
        for _ in range(2):
            attempt(outside, "198.51.100.7", f"ai{number}@so.example")
    attempt(outside, "198.51.100.7", WRITER.id)
    assert "Tên hoặc mạng này" in attempt(outside, "198.51.100.7", WRITER.id, PASSWORD).text
    assert attempt(outside, "203.0.113.9", WRITER.id, PASSWORD).status_code == 302  # elsewhere nothing happened


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("198.51.100.7", "198.51.100.250", True),
        ("198.51.100.7", "198.51.101.7", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("198.51.100.7", "::ffff:198.51.100.9", True),
    ],
)
def test_a_network_is_what_one_household_has(outside: RunningApplication, first: str, second: str, same: bool) -> None:
    for _ in range(2):
        assert attempt(outside, first, WRITER.id).status_code == 200
    assert attempt(outside, first, WRITER.id).status_code == 429
    assert (attempt(outside, second, WRITER.id).status_code == 429) is same


def test_guesses_at_one_name_from_many_networks_are_bounded_together(
    outside: RunningApplication,
) -> None:
    answers = [attempt(outside, f"198.51.{number}.7", WRITER.id) for number in range(6)]
    assert not any("Tên hoặc mạng này" in answer.text for answer in answers)
    late = [attempt(outside, f"203.0.{number}.7", WRITER.id, PASSWORD) for number in range(3)]
    assert [answer.status_code for answer in late] == [200] * 3
