"""The guides: links that hold, the same guide in two languages, a guide for each page, search with or without marks."""

import re
from pathlib import Path

import pytest

from campaigns.core.vietnamese import fold
from coordinator.web.desk.page_help import HELP
from coordinator.web.manual import guides, search
from coordinator.web.manual.page_guides import PAGE_GUIDES, guide_of
from coordinator.web.portal.manual import SHOWN

NAMES = sorted(path.relative_to(guides.FOLDER).with_suffix("").as_posix() for path in guides.FOLDER.rglob("*/*.md"))
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def anchors(name: str) -> set[str]:
    return {section.anchor for section in guides.sections(name)}


def leads_somewhere(name: str, target: str) -> bool:
    path, _hash, anchor = target.partition("#")
    if ":" in path:
        return True
    there = ((guides.FOLDER / name).parent / path).resolve() if path else guides.FOLDER / f"{name}.md"
    known = not anchor or anchor in anchors(there.relative_to(guides.FOLDER).with_suffix("").as_posix())
    return there.exists() and known


def test_every_link_and_picture_of_a_guide_leads_somewhere() -> None:
    broken = []
    for name in NAMES:
        assert guides.guide(name) is not None, name
        text = FENCED.sub("", (guides.FOLDER / f"{name}.md").read_text("utf-8"))
        broken += [(name, target) for target in LINK.findall(text) if not leads_somewhere(name, target)]
        broken += [(name, target) for target in PICTURE.findall(text) if guides.picture(Path(target).name) is None]
    assert broken == []


def test_each_guide_of_people_who_work_here_is_in_both_languages() -> None:
    vietnamese = [found for name in NAMES if name.startswith("vi/") and (found := guides.guide(name))]
    for shown in vietnamese:
        assert shown.other is not None, shown.name
        assert guides.guide(shown.other.name) is not None, shown.name
    for name in NAMES:
        if name.startswith("how-to/") and name != "how-to/release":  # which its maintainers do
            english = guides.guide(name)
            assert english is not None
            assert english.other is not None, name
            assert english.other.name.startswith("vi/")
            assert guides.guide(english.other.name) is not None, name


def test_the_contents_name_every_guide_in_vietnamese() -> None:
    linked = set(LINK.findall((guides.FOLDER / "vi/README.md").read_text("utf-8")))
    assert {f"{name.removeprefix('vi/')}.md" for name in NAMES if name.startswith("vi/")} - {"README.md"} <= linked


def test_every_page_with_help_has_a_guide_and_every_guide_named_is_there() -> None:
    for path in (HELP / "vi").rglob("*.md"):
        assert guide_of(path.relative_to(HELP / "vi").with_suffix(".html").as_posix(), "vi") is not None, path
    for pair in [*PAGE_GUIDES.values(), *zip(*SHOWN.values(), strict=True)]:
        for named in pair:
            name, _hash, anchor = named.partition("#")
            assert guides.guide(name) is not None, named
            assert not anchor or anchor in anchors(name), named
    assert guide_of("layout/base.html", "vi") is None


@pytest.mark.parametrize("typed", ["thu hồi giấy phép", "thu hoi giay phep", "THU HOI  giay phep"])
def test_search_finds_with_marks_and_without(typed: str) -> None:
    hits = search.find(guides.guides("vi"), typed)
    assert hits[0].section.guide.name == "vi/so-giay-phep"
    assert hits[0].section.anchor == "ghi-một-giấy-phép-bị-thu-hồi"
    assert "thu hoi" in fold(hits[0].snippet)


@pytest.mark.parametrize("typed", ["", "  ", "khongcotunaynhuthe", "a" * 10_000, "\x00", "%s {0} <b>"])
def test_a_search_that_fits_nothing_finds_nothing(typed: str) -> None:
    assert list(search.find(guides.guides("vi"), typed)) == []


def test_raw_html_is_shown_as_text_and_a_link_without_a_page_is_words() -> None:
    text = "A <script>x()</script> [b](javascript:x) [c](../secret.md) [e](https://e.example/)\n\n## Phần Đầu?\n"
    shown = guides.Guide("vi/x", "X", text, None)
    html = guides.html(shown, lambda name: f"/m/{name}", level=1, prefix="p--")
    assert "<script" not in html
    assert "javascript:x" not in re.findall(r'href="([^"]*)"', html)
    assert re.findall(r'href="([^"]*)"', html) == ["https://e.example/"]
    assert '<h3 id="p--phần-đầu">' in html
