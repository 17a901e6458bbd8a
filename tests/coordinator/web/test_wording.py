"""Every state of the contract has its words, and every error code its sentence."""

import ast
import unicodedata
from pathlib import Path

import pytest

import campaigns
from campaigns.core.errors import Conflict, FieldError
from campaigns.people.staff import Role
from campaigns.planning.campaigns import Metric
from campaigns.publishing.bulletins import State
from coordinator.web.icons import icon_names
from coordinator.web.sentences import (
    ERROR_PAGES,
    ERRORS,
    FIELD_ERRORS,
    NAMED_FIELDS,
    error_sentence,
    field_sentence,
    page_for,
)
from coordinator.web.wording import NAMES, RUNGS, STATES, name_for, word_for

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
WORDS = [(kind, state, word) for kind, states in STATES.items() for state, word in states.items()]


@pytest.mark.parametrize(("kind", "states"), CONTRACT.items())
def test_every_state_of_the_contract_has_its_words(kind: str, states: str) -> None:
    assert set(states.split()) <= set(STATES[kind])


@pytest.mark.parametrize(("kind", "state", "word"), WORDS, ids=lambda value: str(value)[:30])
def test_a_pill_has_a_known_tone_edge_and_icon_and_words_in_both_languages(kind, state, word) -> None:
    assert word.tone in {"calm", "move", "good", "wait", "bad"}
    assert word.edge in {"", "open", "ask"}
    assert word.icon in icon_names()
    assert word.vi
    assert word.en
    assert word.vi != word.en
    assert unicodedata.is_normalized("NFC", word.vi)


@pytest.mark.parametrize("kind", STATES)
def test_two_states_of_a_kind_are_never_shown_alike(kind: str) -> None:
    for locale in ("vi", "en"):
        words = [word.say(locale) for word in STATES[kind].values()]
        assert len(set(words)) == len(words)


def test_what_waits_for_a_person_is_dashed() -> None:
    for kind, state in (("bulletin", "submitted"), ("delivery", "unknown"), ("channel", "needs_authorisation")):
        assert word_for(kind, state).edge == "ask"


def test_the_ladder_is_climbed_in_eight_rungs_that_have_words() -> None:
    assert len(RUNGS) == 8
    assert all(rung in STATES["evidence"] for rung in RUNGS)


def test_an_enum_member_is_taken_by_its_value() -> None:
    assert word_for("bulletin", State.DRAFT).vi == "Bản nháp"
    assert name_for("role", Role.ADMIN, "en") == "Administrator"
    assert {metric.value for metric in Metric} == set(NAMES["metric"])


def test_a_state_without_words_is_refused_rather_than_shown_raw() -> None:
    with pytest.raises(LookupError, match="no wording for bulletin 'lost'"):
        word_for("bulletin", "lost")
    with pytest.raises(LookupError):
        name_for("colour", "red", "vi")


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def codes_in_the_domain() -> tuple[set[str], set[str]]:
    """The error codes and field-error codes written in the domain's source."""
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
    assert errors - set(ERRORS) == set()
    assert {"required", "url"} <= fields
    assert fields - set(FIELD_ERRORS) == set()


def test_an_error_is_said_in_the_readers_language_with_its_values() -> None:
    error = Conflict("site vi.example is registered already", code="site_taken", host="vi.example")
    assert error_sentence(error, "vi") == "Trang vi.example đã có trong danh bạ."
    assert error_sentence(error, "en") == "site vi.example is registered already"


def test_an_error_without_a_sentence_or_its_values_falls_back_to_its_own_words() -> None:
    assert error_sentence(Conflict("odd", code="never_heard_of"), "vi") == "odd"
    assert error_sentence(Conflict("taken", code="site_taken"), "vi") == "taken"


def test_a_field_error_prefers_the_sentence_for_its_field() -> None:
    assert field_sentence(FieldError("title", "required", "a bulletin needs a title"), "vi") == "Nhập tiêu đề bản tin"
    nested = FieldError("targets.0.note", "required", "say why")
    assert field_sentence(nested, "vi") == NAMED_FIELDS["note", "required"]
    assert field_sentence(FieldError("colour", "required", "x"), "vi") == FIELD_ERRORS["required"]
    assert field_sentence(FieldError("colour", "odd", "an odd colour"), "vi") == "an odd colour"
    assert (
        field_sentence(FieldError("title", "required", "a bulletin needs a title"), "en") == "a bulletin needs a title"
    )


def test_an_error_page_has_words_in_both_languages_for_any_status() -> None:
    for status in (*ERROR_PAGES, 418, 502):
        assert page_for(status, "vi").heading != page_for(status, "en").heading
    assert page_for(418, "vi") == page_for(400, "vi")
    assert page_for(502, "en") == page_for(500, "en")


def test_sentences_keep_the_voice() -> None:
    sentences = [*ERRORS.values(), *FIELD_ERRORS.values(), *NAMED_FIELDS.values()]
    sentences += [words.advice for pair in ERROR_PAGES.values() for words in pair]
    for sentence in sentences:
        assert "!" not in sentence
        assert "Rất tiếc" not in sentence
        assert unicodedata.is_normalized("NFC", sentence)
        assert not any(new in sentence for new in ("oà", "uỷ", "oá", "uý "))
