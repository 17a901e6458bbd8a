"""A shelf of bulletins: the same candidates as from memory, whatever it is read from and however few stay ready."""

import io
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.tracking.candidates import CandidateIndex, Columns
from campaigns.tracking.fingerprints import fingerprint
from campaigns.tracking.prepared import fingerprint_in, prepare
from coordinator.jobs import shelf
from coordinator.jobs.check import check
from coordinator.jobs.columns import Gathering
from coordinator.jobs.shelf import Shelf
from tests.campaigns.tracking.texts import OUR_NAME, bulletin, page_html, paragraphs

KNOWN = [bulletin(seed) for seed in range(40)]
PREPARED = [prepare(one.id, one.title, one.lead, one.text) for one in KNOWN]


def lines() -> str:
    told = ({"id": b.id, "title": b.title, "lead": b.lead, "text": b.text, "url": b.url} for b in KNOWN)
    return "".join(json.dumps(line) + "\n" for line in told)


def refuse(number: int, what: str) -> None:
    raise AssertionError(f"{number}: {what}")


@pytest.mark.parametrize("windows", [False, True])
def test_a_shelf_finds_what_an_index_in_memory_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, windows: bool
) -> None:
    monkeypatch.setattr(shelf, "AT_HAND", 3)
    if windows:
        monkeypatch.delattr(os, "pread", raising=False)
    path = tmp_path / "B.jsonl"
    path.write_text(lines())
    index = CandidateIndex(PREPARED)
    with Shelf(path, [OUR_NAME], refuse) as held:
        for one in (*KNOWN, *KNOWN[::-1]):
            hashes = fingerprint(one.text)
            assert held.index.shared(hashes) == index.shared(hashes)
            found = held.index.lookup(hashes, limit=3)
            assert found == index.lookup(hashes, limit=3)
            assert held.known(one.id).ident == one.id
            assert held.known(one.id).source.is_bulletin(one.url)


@given(
    st.lists(st.lists(st.integers(0, 60), max_size=9), max_size=12),
    st.integers(1, 20),
)
@settings(max_examples=60)
def test_columns_put_together_in_parts_are_those_sorted_at_once(owned: list[list[int]], chunk: int) -> None:
    parts = [np.array(one, dtype=np.int64) for one in owned]
    with Gathering(chunk) as gathering:
        for part in parts:
            gathering.add(part)
        columns = gathering.columns()
    pairs = sorted((value, place) for place, part in enumerate(owned) for value in part)
    assert list(zip(columns.hashes.tolist(), columns.owners.tolist(), strict=True)) == pairs
    assert columns.sizes.tolist() == [len(part) for part in owned]
    every = np.arange(61, dtype=np.int64)
    known = {value for value, _ in pairs}
    assert known <= set(columns.bits.passing(every).tolist())
    at_once = Columns(columns.hashes, columns.owners, columns.sizes)
    assert columns.shared(every, 2, 60) == at_once.shared(every, 2, 60)
    counts = Counter(place for _, place in pairs)
    enough = [(place, count) for place, count in counts.items() if count >= min(2, len(owned[place]))]
    assert columns.shared(every, 2, 60) == sorted(enough, key=lambda one: (-one[1], one[0]))


def test_a_fingerprint_alone_is_that_of_the_bulletin_made_ready() -> None:
    for one, ready in zip(KNOWN, PREPARED, strict=True):
        assert np.array_equal(fingerprint_in(one.title, one.lead, one.text), ready.fingerprint)
        assert np.array_equal(fingerprint_in("T", " ", one.text), prepare("x", "T", "", one.text).fingerprint)


@pytest.mark.parametrize("workers", [1, 2])
def test_bulletins_and_pages_may_come_from_pipes(tmp_path: Path, workers: int) -> None:
    one = KNOWN[4]
    html = page_html(one.title, paragraphs([one.lead, *one.paragraphs]))
    pages = [{"id": n, "url": f"https://tinvui.example/{n}", "html": html if n % 2 else "<p>x</p>"} for n in range(70)]
    feeding: list[subprocess.Popen[bytes]] = []
    written = {"B": lines() + "{bad\n", "P": "".join(json.dumps(page) + "\n" for page in pages)}
    for name, text in written.items():
        os.mkfifo(tmp_path / name)
        (tmp_path / f"{name}.jsonl").write_text(text)
        # By a process of its own: a thread's end of the pipe would be inherited by those that judge and never close.
        with (tmp_path / f"{name}.jsonl").open("rb") as source:
            feeding.append(subprocess.Popen(["sh", "-c", f"cat > '{tmp_path / name}'"], stdin=source))
    out, err = io.StringIO(), io.StringIO()
    assert check(tmp_path / "B", tmp_path / "P", out, err, workers, [OUR_NAME]) == 2
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["page"], line["bulletin"]) for line in found] == [(n, "b4" if n % 2 else None) for n in range(70)]
    assert err.getvalue().startswith(f"{tmp_path / 'B'}:41: not JSON")
    assert [one.wait(timeout=20) for one in feeding] == [0, 0]
