"""Spellings of names: every line of the corpus in every layout, and the pattern of a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus.bulletins import Bulletin, make
from benchmarks.corpus.spellings import NAMED_LINES, OFFICES, SPELLINGS
from benchmarks.corpus.styles import STYLES, Article
from campaigns.core.vietnamese import fold
from campaigns.matching.matcher import prepare_bulletin
from campaigns.republications.attribution.name_spellings import SPELLINGS as TABLE
from campaigns.republications.attribution.name_spellings import could_be_short_for, spelling_pattern
from campaigns.republications.attribution.source_lines import SourceLine, SourceName, our_name_in, read_source_line
from campaigns.republications.attribution.verdicts import OurSource, judge_attribution
from campaigns.republications.evidence.copy_location import CopyFinder
from coordinator.discovery.pages.page import parse_page

NAMES = tuple(SourceName(name) for name in OFFICES)
ONE: Bulletin = make("b1", 200)
OURS = OurSource((ONE.url,), names=NAMES)


LAYOUTS = sorted({spelling.layout for spelling in SPELLINGS})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_spelling_is_read_in_every_layout(layout: str) -> None:
    prepared = prepare_bulletin(ONE.id, ONE.title, ONE.lead, ONE.text)
    wrong = []
    for at, spelling in enumerate(SPELLINGS):
        if spelling.layout != layout:
            continue
        style = tuple(STYLES)[at % len(STYLES)]
        article = spelling.on(Article(ONE.title, ONE.lead, ONE.lines))
        page = parse_page(STYLES[style](article), "https://tinvui.example/1.html")
        judged = judge_attribution(page, CopyFinder(page.body).locate(prepared), OURS).attribution.value
        if judged != spelling.expected:
            wrong.append((spelling.line, style, judged))
    assert wrong == []


def test_there_are_enough_spellings() -> None:
    assert len(NAMED_LINES) >= 70


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_each_spelling_of_a_row_matches_each_other(row: tuple[str, ...]) -> None:
    for listed in row:
        for written in row:
            name = SourceName(f"Sở {listed} Bến Đò")
            assert our_name_in(f"Theo Sở {written} Bến Đò", (name,)) == name.name, (listed, written)


def test_the_spelling_that_is_written_is_the_one_named() -> None:
    names = (SourceName("Cổng TTĐT TP Hà Nội"), SourceName("Cổng Thông tin điện tử thành phố Hà Nội"))
    for name in names:
        assert read_source_line(f"Nguồn: {name.name}", names) == SourceLine(True, name.name)


def test_a_negative_name_is_negative_in_every_spelling() -> None:
    names = (SourceName("Sở TT&TT", not_us=("Sở TT&TT tỉnh Hạ Trì",)),)
    line = read_source_line("Theo Sở Thông tin và Truyền thông tỉnh Hạ Trì", names)
    assert line == SourceLine(False, "Sở Thông tin và Truyền thông tỉnh Hạ Trì")


def test_a_name_goes_on_with_words_of_our_other_names_only() -> None:
    names = (SourceName("Sở TT&TT"), SourceName("Cổng TTĐT Hà Nội"))
    assert our_name_in("Theo Sở TT&TT TP Hà Nội", names) == "Sở TT&TT"
    assert our_name_in("Theo Sở TT&TT TP Cảng Sông", names) is None


def test_short_forms_of_a_name_are_known() -> None:
    full = "Sở Thông tin và Truyền thông TP Hà Nội"
    for short in ("Sở TT&TT", "Sở Thông tin", "Sở TTTT Hà Nội", "Sở TT&TT thành phố"):
        assert could_be_short_for(short, full), short
    for other in ("Sở Y tế", "Sở TT&TT Hạ Trì", "Báo Hà Nội", "", "TP"):
        assert not could_be_short_for(other, full), other


@given(st.text(max_size=40), st.text(max_size=80))
def test_any_name_has_a_pattern(name: str, text: str) -> None:
    pattern, required = spelling_pattern(name)
    pattern.search(fold(text))
    assert all(required)
    could_be_short_for(text, name)
