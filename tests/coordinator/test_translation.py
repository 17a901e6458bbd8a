"""Speaking a language: of the page, of a block, of nobody's page; contexts and plurals."""

import pytest

from coordinator import catalogues, translation
from coordinator.translation import N_, NP_, _, counted, language, ngettext, pgettext, speaking


@pytest.fixture(autouse=True, scope="module")
def _catalogues() -> None:
    catalogues.compile_all()


@pytest.fixture
def english_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation._PageLanguage, "ask", staticmethod(lambda: "en"))


def test_outside_of_a_page_sentences_are_vietnamese() -> None:
    assert language() == "vi"
    assert _("Quý %(quarter)s/%(year)s", quarter="IV", year=2026) == "Quý IV/2026"


def test_a_block_speaks_its_language_whatever_the_page_speaks(english_page: None) -> None:
    assert _("Bản tin") == "Bulletins"
    with speaking("vi"):
        assert language() == "vi"
        assert _("Bản tin") == "Bản tin"
        with speaking("en_GB"):
            assert _("Bản tin") == "Bulletins"
        assert _("Bản tin") == "Bản tin"
    assert language() == "en"


def test_the_language_of_a_block_ends_with_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), speaking("en"):
        raise ValueError("broken")
    assert language() == "vi"


def test_a_locale_without_a_catalogue_is_vietnamese() -> None:
    with speaking("fr"):
        assert _("Bản tin") == "Bản tin"


def test_a_message_without_english_is_shown_as_it_is() -> None:
    with speaking("en"):
        assert _(N_("".join(["câu", " lạ"]))) == "câu lạ"


def test_a_context_is_never_shown() -> None:
    for locale in ("vi", "en"):
        with speaking(locale):
            assert pgettext("nowhere", "".join(["câu", " lạ"])) == "câu lạ"
            assert _(NP_("nowhere", "".join(["câu", " lạ"]))) == "câu lạ"


def test_plurals_take_their_number() -> None:
    assert ngettext("%(num)s bài", "%(num)s bài", 2) == "2 bài"
    with speaking("en"):
        assert [counted("%(num)s ngày", days) for days in (1, 2)] == ["1 day", "2 days"]
