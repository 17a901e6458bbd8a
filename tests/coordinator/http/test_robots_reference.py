"""Our reading of robots.txt beside Google's own parser: a table of files as sites write them, and generated ones."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.http.robots import parse_rules
from tests.conftest import need
from tests.coordinator.http.robots_table import ALL, CASES

pytestmark = pytest.mark.long

SITE = "https://site.test"
OURS = "LanToa"

# Where the two differ, and why ours stays: (text, path) -> what Google says. Everything else must be equal.
DIFFERENT = {
    # RFC 9309 §2.2.2: "/robots.txt" itself is always allowed.
    (f"{ALL}Disallow: /\n", "/robots.txt"): False,
    # A dollar in an address is not an end; ours also forbids the address that looks like the rule. Stricter, and rare.
    (f"{ALL}Disallow: /a$\n", "/a$"): True,
    # A space in a rule is taken as an encoded space; Google's lets such a rule match nothing. Stricter.
    ("User-agent: *\nDisallow: /a /b\n", "/a%20/b"): True,
    # §2.2.2: octets are compared after decoding what need not be encoded, and hex digits in any case; Google's reader
    # leaves that to its caller, who has it done to the address before.
    (f"{ALL}Disallow: /tin/ti%c3%aam\n", "/tin/ti%c3%aam"): True,
    (f"{ALL}Disallow: /a%62\n", "/ab"): True,
    (f"{ALL}Disallow: /ab\n", "/a%62"): True,
    # §2.2.3: an encoded star or dollar in a rule is the character itself.
    (f"{ALL}Disallow: /a%2a\n", "/a*"): True,
    (f"{ALL}Disallow: /a%2a\n", "/a%2a"): True,
    (f"{ALL}Disallow: /a%24\n", "/a$"): True,
    # Two slashes and a question mark: ours takes the mark for an encoded one, so that the rule is two signs longer and
    # wins over an equally long one. Stricter, and rare.
    (f"{ALL}Allow: //*\nDisallow: //?\n", "//?"): True,
    # A NUL ends the text for a reader in C, which then forbids all; ours reads on, and the rule fits no address.
    (f"{ALL}Disallow: /\x00a\n", "/a"): False,
}


@pytest.fixture(autouse=True, scope="module")
def _googles_parser() -> None:
    try:
        importlib.import_module("jwm.robotstxt.googlebot")
    except ModuleNotFoundError:
        need("Google's parser of robots.txt", "jwm.robotstxt is ready-made for Python 3.11 and 3.12")


def google(text: str, path: str) -> bool:
    matcher: Any = importlib.import_module("jwm.robotstxt.googlebot").RobotsMatcher()
    return bool(matcher.OneAgentAllowedByRobots(text, OURS, SITE + path))


def ours(text: str, path: str) -> bool:
    return parse_rules(OURS, 200, text.encode()).allow(SITE + path)


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(CASES) >= 200
    assert set(DIFFERENT) <= set(CASES)
    assert {google(*case) for case in CASES} == {True, False}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]!r}-{case[1]}"[:90])
def test_we_read_a_file_as_google_does(case: tuple[str, str]) -> None:
    if case in DIFFERENT:
        assert google(*case) is DIFFERENT[case], "the reference has changed its mind; so may we"
        assert ours(*case) is not DIFFERENT[case], "no difference any more: take it off the list"
    else:
        assert ours(*case) is google(*case)


@pytest.mark.parametrize("group", ["Lan", "L", "LanToaBot", "Lan-Toa", "anToa", "LanToa_x"])
def test_a_group_for_somebody_with_a_name_like_ours_is_not_ours(group: str) -> None:
    text = f"User-agent: {group}\nAllow: /\n\nUser-agent: *\nDisallow: /\n"
    assert ours(text, "/a") is google(text, "/a") is False


# Lines that no rule of RFC 9309 defines, or that are broken.
OTHER_LINES = (
    "Host: site.test", "Sitemap: https://site.test/a.xml", "Noindex: /a", "Clean-param: ref /a",
    "Content-Signal: ai=no",
    "Crawl-delay: 3", "Request-rate: 1/5", "Visit-time: 0600-0845", "X", "Allow", "Disallow", "User-agent", "<html>",
    "Chủ đề: user-agent: x", "Foo:", ": /a", "Disallow=/", "x-allow: /a", "# x",
)  # fmt: skip


@pytest.mark.parametrize("line", OTHER_LINES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_another_line_between_two_names_does_not_split_their_group(line: str, end: str) -> None:
    for names in (("*", "Lan"), (OURS, "Googlebot"), ("Googlebot", OURS)):
        text = end.join([f"User-agent: {names[0]}", line, f"User-agent: {names[1]}", "Disallow: /kin", ""])
        for path in ("/a", "/kin"):
            assert ours(text, path) is google(text, path) is (path == "/a")


def test_a_crawl_delay_between_two_names_is_read() -> None:
    text = "User-agent: *\nNoindex: /x\nCrawl-delay: 3\nUser-agent: Lan\nDisallow: /\n"
    assert parse_rules(OURS, 200, text.encode()).delay == 3


def test_an_equally_long_allowance_does_not_open_a_pattern_that_ends_in_a_question_mark() -> None:
    text = "User-agent: *\nAllow: /*\nDisallow: /?\n"
    assert (ours(text, "/?x"), google(text, "/?x")) == (False, True), "we read less than we may"


AGENTS = st.sampled_from(["*", OURS, "lantoa", "LANTOA/2.0", "Lan", "LanToaBot", "Googlebot", "bingbot # x", ""])
PATTERNS = (
    st.text("/ab*.?=", max_size=8)
    .flatmap(lambda text: st.sampled_from([text, f"/{text}", f"/{text}$"]))
    .filter(lambda text: not text.startswith("//?"))  # known, see above
    .filter(lambda text: not text.rstrip("$").endswith("?"))  # known: Protego counts it as two characters more
)
LINES = st.builds("{}: {}".format, st.sampled_from(["Allow", "Disallow", "disallow"]), PATTERNS) | st.sampled_from(
    ["", *OTHER_LINES]
)
GROUPS = st.tuples(st.lists(AGENTS, max_size=3), st.lists(LINES, max_size=6))


@settings(max_examples=400)
@given(
    st.lists(GROUPS, max_size=4),
    st.lists(st.text("/ab.?=", max_size=8).map(lambda text: f"/{text}"), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_generated_files_are_read_as_google_reads_them(
    groups: list[tuple[list[str], list[str]]], paths: list[str], end: str
) -> None:
    lines = [line for agents, own in groups for line in [*(f"User-agent: {agent}" for agent in agents), *own]]
    text = end.join(lines) + end
    assert [ours(text, path) for path in paths] == [google(text, path) for path in paths], text
