"""Every state has its label, and every error code its sentence."""

import ast
import re
import unicodedata
from pathlib import Path

import pytest

import campaigns
from campaigns.bulletins.bulletins import BulletinState
from campaigns.core.errors import Conflict, FieldError
from campaigns.people.staff import Role
from campaigns.planning.campaigns import Metric
from coordinator.translation import LANGUAGES, speaking
from coordinator.web.kit.assets import icon_names
from coordinator.web.kit.text.error_messages import (
    ERROR_MESSAGES,
    ERROR_PAGES,
    FIELD_ERROR_MESSAGES,
    NAMED_FIELD_MESSAGES,
    error_page,
    error_sentence,
    field_sentence,
)
from coordinator.web.kit.text.state_labels import EVIDENCE_LEVELS, STATE_LABELS, VALUE_LABELS, state_label, value_label

CONTRACT = {
    "bulletin": "draft submitted approved scheduled published recalled",
    "delivery": "due sending delivered retrying unknown dead cancelled skipped",
    "channel": "active paused failing needs_authorisation retired",
    "republication": "candidate review confirmed rejected",
    "life": "live changed gone",
    "evidence": "reported announced counted_image discovered fetched person",
    "match": "full partial excerpt teaser none",
    "attribution": "linked_at_end linked_elsewhere home_page_only url_text_only named_only named_other_source none",
    "target": "met on_course behind",
}


@pytest.mark.parametrize(("kind", "states"), CONTRACT.items())
def test_every_state_of_the_contract_has_its_words(kind: str, states: str) -> None:
    assert set(states.split()) <= set(STATE_LABELS[kind])


@pytest.mark.parametrize("kind", STATE_LABELS)
def test_a_pill_has_a_known_tone_edge_and_icon_and_words_in_both_languages(kind: str) -> None:
    for state, word in STATE_LABELS[kind].items():
        assert word.tone in {"calm", "move", "good", "wait", "bad"}, state
        assert word.edge in {"", "open", "ask"}, state
        assert word.icon in icon_names(), state
        labels = []
        for locale in LANGUAGES:
            with speaking(locale):
                labels.append(value_label(kind, state))
        assert all(labels), state
        assert labels[0] != labels[1], state
        assert unicodedata.is_normalized("NFC", labels[0]), state


@pytest.mark.parametrize("kind", STATE_LABELS)
def test_two_states_of_a_kind_are_never_shown_alike(kind: str) -> None:
    for locale in LANGUAGES:
        with speaking(locale):
            labels = [value_label(kind, state) for state in STATE_LABELS[kind]]
        assert len(set(labels)) == len(labels)


def test_what_waits_for_a_person_is_dashed() -> None:
    for kind, state in (("bulletin", "submitted"), ("delivery", "unknown"), ("channel", "needs_authorisation")):
        assert state_label(kind, state).edge == "ask"


def test_the_eight_levels_of_evidence_have_labels() -> None:
    assert len(EVIDENCE_LEVELS) == 8
    assert all(level in STATE_LABELS["evidence"] for level in EVIDENCE_LEVELS)


def test_an_enum_member_is_taken_by_its_value() -> None:
    assert state_label("bulletin", BulletinState.DRAFT).label == "Bản nháp"
    with speaking("en"):
        assert value_label("role", Role.ADMIN) == "Administrator"
    assert {metric.value for metric in Metric} == set(VALUE_LABELS["metric"])


def test_a_state_without_words_is_refused_rather_than_shown_raw() -> None:
    with pytest.raises(LookupError, match="no label for bulletin 'lost'"):
        state_label("bulletin", "lost")
    with pytest.raises(LookupError):
        value_label("colour", "red")


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def codes_in_the_domain() -> tuple[set[str], set[str]]:
    """Return the error codes and field-error codes in the domain's source."""
    errors: set[str] = set()
    fields: set[str] = set()
    for path in Path(campaigns.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "FieldError" and len(node.args) > 1:
                    fields.add(_literal(node.args[1]) or "")
                elif node.func.id in {"NotFound", "Forbidden", "Conflict"}:
                    errors.update(_literal(word.value) or "" for word in node.keywords if word.arg == "code")
            elif isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id in {"CampaignError", "NotFound", "Forbidden", "Conflict"}
                for base in node.bases
            ):
                for line in node.body:
                    if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "code":
                        errors.add(_literal(line.value) or "")
    return errors - {""}, fields - {""}


def test_every_error_code_of_the_domain_has_a_vietnamese_sentence() -> None:
    errors, fields = codes_in_the_domain()
    assert {"conflict", "text_changed", "own_bulletin"} <= errors
    assert errors - set(ERROR_MESSAGES) == set()
    assert {"required", "url"} <= fields
    assert fields - set(FIELD_ERROR_MESSAGES) == set()


def test_an_error_is_reported_in_the_readers_language_with_its_values() -> None:
    error = Conflict("site vi.example is registered already", code="site_taken", host="vi.example")
    assert error_sentence(error) == "Trang vi.example đã có trong danh bạ."
    with speaking("en"):
        assert error_sentence(error) == "The site vi.example is in the directory already."


def test_an_error_without_a_sentence_or_its_values_falls_back_to_its_own_words() -> None:
    assert error_sentence(Conflict("odd", code="never_heard_of")) == "odd"
    assert error_sentence(Conflict("taken", code="site_taken")) == "taken"


def test_a_field_error_prefers_the_sentence_for_its_field() -> None:
    assert field_sentence(FieldError("title", "required", "a bulletin needs a title")) == "Nhập tiêu đề bản tin"
    nested = FieldError("targets.0.note", "required", "say why")
    assert field_sentence(nested) == NAMED_FIELD_MESSAGES["note", "required"]
    assert field_sentence(FieldError("colour", "required", "x")) == FIELD_ERROR_MESSAGES["required"]
    assert field_sentence(FieldError("colour", "odd", "an odd colour")) == "an odd colour"
    with speaking("en"):
        assert (
            field_sentence(FieldError("title", "required", "a bulletin needs a title")) == "Enter the bulletin's title"
        )


def test_an_error_page_has_words_in_both_languages_for_any_status() -> None:
    for status in (*ERROR_PAGES, 418, 502):
        with speaking("en"):
            english = error_page(status)
        assert error_page(status).heading != english.heading
    assert error_page(418) == error_page(400)
    assert error_page(502) == error_page(500)


def test_sentences_keep_the_voice() -> None:
    sentences = [*ERROR_MESSAGES.values(), *FIELD_ERROR_MESSAGES.values(), *NAMED_FIELD_MESSAGES.values()]
    sentences += [page.advice for page in ERROR_PAGES.values()]
    for sentence in sentences:
        assert "!" not in sentence
        assert "Rất tiếc" not in sentence
        assert unicodedata.is_normalized("NFC", sentence)
        # Tone marks as offices write them: "hóa", not "hoá"; "hoàn" and "quý" have one way.
        assert not re.search(r"(o[àá]|uỷ|(?<![qQ])uý)\b", sentence), sentence
