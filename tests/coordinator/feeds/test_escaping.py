import lxml.etree as ET
from hypothesis import given

from coordinator.feeds.escaping import attribute, cdata, element, plain, scrub
from tests.coordinator.feeds.samples import hard_text, survives


@given(hard_text)
def test_an_element_gives_back_every_character_xml_allows(text: str) -> None:
    root = ET.fromstring(b"<a>" + element(text) + b"</a>")
    assert (root.text or "") == survives(text)


@given(hard_text)
def test_an_attribute_gives_back_every_character_xml_allows(text: str) -> None:
    root = ET.fromstring(b'<a b="' + attribute(text) + b'"/>')
    assert root.get("b") == survives(text)


@given(hard_text)
def test_a_cdata_section_gives_back_every_character_xml_allows(text: str) -> None:
    root = ET.fromstring(b"<a>" + cdata(text) + b"</a>")
    assert (root.text or "") == survives(text)
    assert len(root) == 0


@given(hard_text)
def test_scrubbing_twice_is_scrubbing_once_and_json_gets_the_same_text(text: str) -> None:
    assert scrub(plain(text)) == scrub(text)
    assert plain(text) == survives(text)


def test_a_control_character_does_not_hide_the_end_mark_of_a_cdata_section() -> None:
    assert cdata("]]\x00>").count(b"]]>") == 2


def test_composed_and_decomposed_letters_stay_as_they_were() -> None:
    assert plain("ệ ê\u0323") == "ệ ê\u0323"
