"""Children that read pages: what a page takes too much of ends with its child, and the next page is read."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coordinator import sandbox
from coordinator.discovery.errors import DiscoveryError
from coordinator.discovery.pages.judging import FetchedBody, fetched_text
from coordinator.discovery.pages.page import UnreadablePage
from coordinator.discovery.wordpress import FoundPosts, read_search
from coordinator.http.browser_proxy import VisitLimits
from coordinator.rendering import browser
from coordinator.rendering.child import MAX_RECEIVED
from coordinator.sandbox import LOST, ChildFailed, read_in_child


def child_ids() -> list[int]:
    return [reader._child.pid for reader in sandbox._idle_readers]


def test_a_result_comes_back_as_its_type_and_the_child_serves_the_next_call() -> None:
    assert read_in_child(read_search, b"[]", "https://tinvui.example/") == FoundPosts((), 1)
    first = child_ids()
    assert read_in_child(read_search, b"[]", "https://tinvui.example/") == FoundPosts((), 1)
    assert child_ids() == first != []


def test_an_error_that_is_named_is_raised_again() -> None:
    with pytest.raises(DiscoveryError, match="no WordPress search"):
        read_in_child(read_search, b"none", "https://tinvui.example/", raises=(DiscoveryError,))
    with pytest.raises(ChildFailed):
        read_in_child(read_search, b"none", "https://tinvui.example/")


HEAVY = {
    "rules": f"<style>{''.join(f'*:not(.q{at}){{opacity:0}}' for at in range(12_000))}</style>{'<p>a</p>' * 5000}",
    "nested": f"<style>{':not(' * 3000}b{')' * 3000}{{opacity:0}}</style><p>a</p>",
}


@pytest.mark.parametrize("html", HEAVY.values(), ids=list(HEAVY))
def test_a_page_made_to_exhaust_its_reader_costs_itself_alone(html: str) -> None:
    address = "https://tinvui.example/cau-moi.html"
    try:
        fetched_text(FetchedBody(html.encode(), address))
    except UnreadablePage as error:
        assert "too much" in error.message  # noqa: PT017  # it may also be read after all
    assert "cầu" in fetched_text(FetchedBody("<h1>Khánh thành cầu mới ở quận ba</h1>".encode(), address))


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("while True: pass", "time"),
        ("x = [bytearray(1_000_000) for _ in range(2000)]", "memory"),
        ("f = lambda g: g(g)\nf(f)", "memory"),
        ("import os; os.abort()", "crashed"),
    ],
    ids=["time", "memory", "depth", "crash"],
)
def test_what_takes_too_much_fails_with_its_reason_and_the_next_page_is_read(program: str, reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(ChildFailed, match=reason) as caught:
        read_in_child(exec, program, cpu_seconds=2)
    assert caught.value.code != LOST
    assert time.monotonic() - began < 50
    assert read_in_child(read_search, b"[]", "https://tinvui.example/").pages == 1


def test_a_child_ends_with_its_process_however_that_ends() -> None:
    program = (
        "import os, sys\n"
        "from coordinator import sandbox\nfrom coordinator.discovery.wordpress import read_search\n"
        "sandbox.read_in_child(read_search, b'[]', 'https://tinvui.example/')\n"
        "print(sandbox._idle_readers[0]._child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False)
    (child,) = re.findall(r"\d+", ended.stdout)
    for _ in range(100):
        status = Path(f"/proc/{child}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return
        time.sleep(0.1)
    pytest.fail("the child lives on")


def test_the_table_of_limits_says_what_the_code_says() -> None:
    text = (Path(__file__).parents[2] / "docs/explanation/reliability.md").read_text()
    table = text.partition("## What one page or file may take")[2].partition("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines() if row.startswith("| ")]
    page, pdf, source, file, template, together, look, check = rows[1:9]
    wall = f"{sandbox.WALL_SECONDS:.0f} s"
    assert page[1:4] == [
        f"{sandbox.PAGE_CPU_SECONDS} s",
        f"{sandbox.PAGE_MEMORY // 1_000_000} MB, of which {sandbox._PAGE_DATA // 1_000_000} MB data",
        wall,
    ]
    assert pdf[1:4] == [f"{sandbox.PDF_CPU_SECONDS} s", "the same", wall]
    assert source[1] == page[1]
    brought = [
        f"{sandbox.CPU_SECONDS} s",
        f"{sandbox.MOST_MEMORY // 1_000_000} MB of address space",
        f"{wall}, and {sandbox.SLOT_SECONDS:.0f} s of waiting for its turn",
    ]
    assert file[1:4] == template[1:4] == brought
    assert f"{sandbox.ALL_MEMORY // 1_000_000} MB: two for pages, or one for a file" in " | ".join(together)
    assert f"{browser.MOST_MEMORY // 1_000_000:,} MB, looked at every {browser._SAMPLING} s" in " | ".join(look)
    amounts = VisitLimits().received // 1_000_000, MAX_RECEIVED // 1_000_000
    assert f"{browser.DEADLINE:.0f} s; {amounts[0]} MB received, {amounts[1]} MB unpacked" in " | ".join(look)
    assert check[1] == f"{sandbox.PAGE_CPU_SECONDS} s; the process ends after {2 * sandbox.PAGE_CPU_SECONDS} s"
    assert f"{sandbox._PAGE_DATA // 1_000_000} MB data more" in check[2]
