"""Every fault, step, item and parameter has its words in both languages, whatever values it comes with."""

import re
from pathlib import Path

import pytest

from campaigns.compliance.faults import SAID
from campaigns.compliance.findings import Happened, Outcome, Standing
from campaigns.compliance.parameters import PARAMETERS, Checker, Item
from campaigns.compliance.rules import Severity
from coordinator.web.finding_words import (
    checker_name,
    fault_sentence,
    happened_name,
    happened_note,
    item_name,
    parameter_name,
    sentences,
)
from coordinator.web.wording import STATES
from tests.coordinator.web.desk.conftest import Desk

FACTS = {
    "missing": [one.value for one in Item], "shown": "1/GP", "registered": ["2/GP"], "name": "Báo X", "word": "Báo",
    "appeared": "2026-11-24T01:20:00+00:00", "released": "2026-11-24T01:00:00+00:00", "minutes": 20, "wanted": 60,
    "share": 0.71, "least": 0.9, "topic": "Dịch bệnh", "number": "3/GP", "scope": "Văn hóa", "ended": "2026-10-31",
    "recalled": "2026-11-24T01:00:00+00:00", "found": ["TTXVN"], "what": "textarea", "position": 0.1,
}  # fmt: skip
COMPLIANCE = Path(__file__).parents[3] / "campaigns/compliance"


def test_every_fault_that_a_checker_can_find_is_listed_and_has_a_sentence() -> None:
    listed = {code for codes in SAID.values() for code in codes}
    assert set(SAID) == {one.value for one in Checker}
    assert listed == sentences()
    written = re.findall(
        r'(?:Fault\(\s*|code = )"([a-z][a-z_]*)"',
        "".join((COMPLIANCE / name).read_text("utf-8") for name in ("copies.py", "imprints.py")),
    )
    assert set(written) | {"no_time", "no_author", "no_time_no_author"} == listed


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_is_said_in_the_readers_language(desk: Desk, language: str) -> None:
    with desk.app.test_request_context(f"/?lang={language}"):
        said = {code: fault_sentence(code, FACTS) for code in sentences()}
        said |= {one.value: happened_name(one) for one in Happened} | {one.value: item_name(one) for one in Item}
        said |= {one.name: parameter_name(one.name) for each in PARAMETERS.values() for one in each}
        told = {one.value: checker_name(one) for one in Checker}
        assert all(words.strip() for words in [*said.values(), *told.values()])
        assert "%(" not in "".join([*said.values(), *told.values()])
        assert "71%" in said["not_verbatim"]
        assert ("20 phút" if language == "vi" else "20 minutes") in said["too_soon"]
        assert fault_sentence("unheard_of", {}) == "unheard_of"
        assert happened_note(Happened.UNDONE, {"act": "mended"}) == happened_name(Happened.MENDED)


def test_every_standing_outcome_and_severity_has_its_pill() -> None:
    for kind, members in (("finding", Standing), ("outcome", Outcome), ("severity", Severity)):
        assert set(STATES[kind]) == {one.value for one in members}
