"""Every error, step, item and parameter has its label in both languages, for all values."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.compliance.findings import FindingOutcome, FindingStatus, StepKind
from campaigns.compliance.rule_parameters import FAULT_VALUES, PARAMETERS, Checker, ImprintItem
from campaigns.compliance.rules import Rule, RuleSeverity
from coordinator.web.desk.core.journal_labels import detail_value
from coordinator.web.kit.text.finding_labels import (
    checker_name,
    fault_codes_with_name,
    fault_codes_with_sentence,
    fault_sentence,
    item_name,
    parameter_name,
    rule_title,
    step_name,
    step_note,
)
from coordinator.web.kit.text.state_labels import STATE_LABELS
from tests.coordinator.web.desk.conftest import Desk

FACTS = {
    "missing": [item.value for item in ImprintItem],
    "shown": "1/GP",
    "registered": ["2/GP"],
    "name": "Báo X",
    "word": "Báo",
    "appeared": "2026-11-24T01:20:00+00:00",
    "released": "2026-11-24T01:00:00+00:00",
    "minutes": 20,
    "wanted": 60,
    "share": 0.71,
    "least": 0.9,
    "topic": "Dịch bệnh",
    "number": "3/GP",
    "scope": "Văn hóa",
    "ended": "2026-10-31",
    "recalled": "2026-11-24T01:00:00+00:00",
    "found": ["TTXVN"],
    "what": "textarea",
    "position": 0.1,
}
COMPLIANCE = Path(__file__).parents[5] / "campaigns/compliance"


def test_every_fault_that_a_checker_can_find_is_listed_and_has_a_sentence() -> None:
    listed = {code for codes in FAULT_VALUES.values() for code in codes}
    assert set(FAULT_VALUES) == {checker.value for checker in Checker}
    assert listed == fault_codes_with_sentence() == fault_codes_with_name()
    assert detail_value("finding", "fault", "no_link") == "Không có đường dẫn tới bản tin gốc"
    written = re.findall(
        r'(?:Fault\(\s*|code = )"([a-z][a-z_]*)"',
        "".join((COMPLIANCE / name).read_text("utf-8") for name in ("copy_checks.py", "front_page_checks.py")),
    )
    assert set(written) | {"no_time", "no_author", "no_time_no_author"} == listed


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_is_reported_in_the_readers_language(desk: Desk, language: str) -> None:
    with desk.app.test_request_context(f"/?lang={language}"):
        values = {code: fault_sentence(code, FACTS) for code in fault_codes_with_sentence()}
        values |= {step_kind.value: step_name(step_kind) for step_kind in StepKind} | {
            item.value: item_name(item) for item in ImprintItem
        }
        values |= {parameter.name: parameter_name(parameter.name) for each in PARAMETERS.values() for parameter in each}
        record = {checker.value: checker_name(checker) for checker in Checker}
        assert all(words.strip() for words in [*values.values(), *record.values()])
        assert "%(" not in "".join([*values.values(), *record.values()])
        assert "71%" in values["not_verbatim"]
        assert ("20 phút" if language == "vi" else "20 minutes") in values["too_soon"]
        assert fault_sentence("unheard_of", {}) == "unheard_of"
        assert step_note(StepKind.UNDONE, {"act": "mended"}) == step_name(StepKind.MENDED)


def test_every_standing_outcome_and_severity_has_its_pill() -> None:
    for kind, members in (("finding", FindingStatus), ("outcome", FindingOutcome), ("severity", RuleSeverity)):
        assert set(STATE_LABELS[kind]) == {member.value for member in members}


def test_the_title_of_a_shipped_rule_is_in_the_readers_language_and_a_typed_one_stays(desk: Desk) -> None:
    with desk.database.read() as session:
        titles = session.execute(sa.select(Rule.title)).scalars().all()
    assert titles
    with desk.app.test_request_context("/?lang=en"):
        english = {title: rule_title(title) for title in titles}
        assert rule_title("Quy tắc của Sở, 100% đúng") == "Quy tắc của Sở, 100% đúng"
    assert [title for title, shown in english.items() if title == shown] == []
    assert english["Nêu tên nguồn"] == "Source named"
