"""The demo as a process: it ends by itself, and the counted figures equal the known ones."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.people.staff import Person, Role
from coordinator.rendering import browser
from tests.coordinator.cli.conftest import Done, Machine
from tests.coordinator.test_older_releases import KINDS, assert_restored_and_goes_on
from tests.releases import write_release

pytestmark = pytest.mark.minutes

NAMES = {
    "delivered", "found", "confirmed", "review", "attributed", "gone",
    "behind", "taken_from_partner", "second_addresses", "seen_in_browser", "claims", "false_claims",
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """The day that was lived once for all tests here."""

    machine: Machine
    done: Done

    @property
    def output(self) -> dict[str, Any]:
        """``demo.json``."""
        found: dict[str, Any] = json.loads((self.machine.data / "demo.json").read_text("utf-8"))
        return found


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    machine = Machine(tmp_path_factory.mktemp("demo"))
    return Day(machine, machine("demo", "--once", "--port", "0", "--data", machine.data))


@pytest.mark.promise("Count and report")
def test_the_day_ends_with_0_because_every_figure_is_right(day: Day) -> None:
    assert day.done.status == 0, day.done
    assert day.output["equal"] is True
    assert day.output["known"] == day.output["counted"]


def test_the_file_says_what_was_known_and_what_was_counted_under_the_same_names(day: Day) -> None:
    values = day.output
    assert set(values["known"]) == set(values["counted"]) == NAMES
    assert len(values["partners"]) == 3
    for partner in values["partners"]:
        assert set(partner["known"]) == set(partner["counted"]) == NAMES
        assert partner["known"] == partner["counted"], partner["code"]
    for name in NAMES:
        assert values["known"][name] == sum(partner["known"][name] for partner in values["partners"])


def test_it_was_a_day_with_everything_in_it(day: Day) -> None:
    known = day.output["known"]
    assert known["delivered"] == 18
    assert known["found"] == 18 + known["false_claims"]
    assert known["confirmed"] + known["review"] + known["false_claims"] == known["found"]
    assert 0 < known["review"] < known["confirmed"]
    assert known["gone"] > 0
    assert 0 < known["attributed"] < known["confirmed"]
    shown = day.output["accounts"]
    assert {name: item["shown"] for name, item in shown.items()} == {"zalo": 5, "lotus": 5}


def test_what_partners_would_rather_not_show_was_found_out(day: Day) -> None:
    known = day.output["known"]
    # One copy stands as it was before the correction; five forms of one address are one claim.
    assert (known["behind"], known["taken_from_partner"], known["second_addresses"]) == (1, 1, 1)
    # Without a browser the page that a script writes is left out, and that is said.
    lacking = browser.missing_part()
    assert known["seen_in_browser"] == (lacking is None)
    assert (f"Bỏ qua bước «xem một trang bằng trình duyệt»: {lacking}" in day.done.out) == (lacking is not None)
    for said in ("là địa chỉ khác của", "người đọc không thấy, không tính"):
        assert said in day.done.out
    assert (known["claims"], known["false_claims"]) == (2, 1)
    found = day.output["proof"]
    assert found["equal"] is True
    assert {item["why"] for item in found["removals"]} == {"missing", "soft_404", "redirected_home"}
    assert all(item["took"] <= item["seen"] for item in found["removals"])
    assert found["views"] == found["known_views"] == {"raw": 4, "guarded": 2}


def test_the_terminal_shows_the_day_and_its_table(day: Day) -> None:
    assert day.done.err == ""
    text = day.done.out
    for act in (
        "phát hành BT-",
        "đính chính BT-",
        "thu hồi BT-",
        "xác nhận lượt lan tỏa BT-",
        "thấy bài đã gỡ soft_404 · http",
        "· toàn văn · có đường dẫn ở cuối · http",
        "Lan Tỏa              xác nhận lượt lan tỏa",
    ):
        assert act in text, act
    assert re.search(r"Nhịp Sông +6 +6 +6 +0 +6 +1\n", text)
    assert re.search(r"Cổng Tin Sáng +1 +0 +0 +[01] +1 +1\n", text)
    assert re.search(r"Cổng Tin Sáng gỡ sau .+, hệ thống thấy sau .+ \(redirected_home\)", text)
    assert "Khớp" in text
    assert "QUÁ HẠN" not in text


def test_the_terminal_names_every_account_with_which_a_person_may_sign_in(day: Day) -> None:
    with day.machine.database as database, database.read() as session:
        staff = session.execute(sa.select(Person.email, Person.role).where(Person.active)).all()
    assert {person.role for person in staff} == set(Role)
    for person in staff:
        assert re.search(rf"^    {re.escape(person.email)} +\S", day.done.out, re.MULTILINE)
    assert re.search(r"mật khẩu \S{12}\b", day.done.out)


def test_what_it_leaves_is_an_installation_like_any_other(day: Day) -> None:
    assert day.machine.well("journal", "verify").startswith("journal whole: ")
    assert {row["role"] for row in json.loads(day.machine.well("staff", "list", "--json"))} == {
        "writer", "approver", "analyst", "admin",
    }  # fmt: skip
    assert day.machine.well("db", "current")
    day.machine.well("backup", "day.zip")


@pytest.fixture(scope="module")
def backup(day: Day) -> Path:
    """A backup of the present program, as of a release."""
    file = day.machine.folder / "present.zip"
    write_release(file, shutil.copytree(day.machine.data, day.machine.folder / "present"))
    return file


@pytest.mark.parametrize("kind", KINDS)
def test_its_backup_is_restored_and_what_waited_goes_on(backup: Path, kind: str, tmp_path: Path) -> None:
    assert_restored_and_goes_on(backup, kind, tmp_path)
