"""The demo as a process: it ends by itself, and the counted figures equal the known ones."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.people.staff import Person, Role
from coordinator.rendering import browser
from tests.coordinator.cli.conftest import Done, Machine

pytestmark = pytest.mark.minutes

NAMES = {
    "delivered", "found", "confirmed", "review", "attributed", "gone",
    "behind", "taken_from_partner", "second_addresses", "seen_in_browser", "claims", "false_claims",
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """The day that was lived."""

    machine: Machine
    done: Done

    @property
    def output(self) -> dict[str, Any]:
        """``demo.json``."""
        found: dict[str, Any] = json.loads((self.machine.data / "demo.json").read_text("utf-8"))
        return found


@pytest.mark.promise("Count and report")
def test_the_day_ends_with_every_figure_right_and_leaves_an_installation_like_any_other(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    day = Day(machine, machine("demo", "--once", "--port", "0", "--data", machine.data))
    assert day.done.status == 0, day.done
    assert day.output["equal"] is True
    assert day.output["known"] == day.output["counted"]
    for holds in (
        _known_and_counted_have_the_same_names,
        _it_was_a_day_with_everything_in_it,
        _what_partners_hide_was_found_out,
        _the_terminal_shows_the_day_and_its_table,
        _the_terminal_names_every_account,
        _is_an_installation_like_any_other,
    ):
        holds(day)
    elsewhere = Machine(tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    elsewhere.well("restore", machine.folder / "day.zip")
    assert elsewhere.well("journal", "verify").startswith("journal whole: ")
    assert "count proven: " in elsewhere.well("tallies", "verify")


def _known_and_counted_have_the_same_names(day: Day) -> None:
    values = day.output
    assert set(values["known"]) == set(values["counted"]) == NAMES
    assert len(values["partners"]) == 3
    for partner in values["partners"]:
        assert set(partner["known"]) == set(partner["counted"]) == NAMES
        assert partner["known"] == partner["counted"], partner["code"]
    for name in NAMES:
        assert values["known"][name] == sum(partner["known"][name] for partner in values["partners"])


def _it_was_a_day_with_everything_in_it(day: Day) -> None:
    known = day.output["known"]
    assert known["delivered"] == 18
    assert known["found"] == 18 + known["false_claims"]
    assert known["confirmed"] + known["review"] + known["false_claims"] == known["found"]
    assert 0 < known["review"] < known["confirmed"]
    assert known["gone"] > 0
    assert 0 < known["attributed"] < known["confirmed"]
    shown = day.output["accounts"]
    assert {name: item["shown"] for name, item in shown.items()} == {"zalo": 5, "lotus": 5}


def _what_partners_hide_was_found_out(day: Day) -> None:
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


def _the_terminal_shows_the_day_and_its_table(day: Day) -> None:
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


def _the_terminal_names_every_account(day: Day) -> None:
    with day.machine.database as database, database.read() as session:
        staff = session.execute(sa.select(Person.email, Person.role).where(Person.active)).all()
    assert {person.role for person in staff} == set(Role)
    for person in staff:
        assert re.search(rf"^    {re.escape(person.email)} +\S", day.done.out, re.MULTILINE)
    assert re.search(r"mật khẩu \S{12}\s", day.done.out)


def _is_an_installation_like_any_other(day: Day) -> None:
    assert day.machine.well("journal", "verify").startswith("journal whole: ")
    assert {row["role"] for row in json.loads(day.machine.well("staff", "list", "--json"))} == {
        "writer", "approver", "analyst", "admin",
    }  # fmt: skip
    assert day.machine.well("db", "current")
    day.machine.well("backup", "day.zip")
