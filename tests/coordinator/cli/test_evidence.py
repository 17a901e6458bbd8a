"""``lantoa evidence export`` as a process, and its file verified by independent tools."""

import hashlib
import json
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from campaigns.republications.republications import Evidence
from tests.coordinator.cli.conftest import Machine
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite


@pytest.fixture
def newsroom(lantoa: Machine) -> Iterator[ScriptedSite]:
    """One counted copy that was fetched twice, the second time unchanged."""
    database = lantoa.database
    scene = JobHarness(database, lantoa.data)
    lantoa.settings["LANTOA_BASE_URL"] = "https://tin.example"
    with HostileServer() as server:
        site = ScriptedSite(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        site.carries(PATH, code)
        found(site)
        scene.later("page_check", hours=2)
        yield site
    database.dispose()


@pytest.fixture
def unpacked(lantoa: Machine, newsroom: ScriptedSite) -> Path:
    """The file of that copy, unpacked in a folder."""
    out = lantoa.folder / "ho-so.zip"
    well = lantoa.well("evidence", "export", newsroom.copy().public, "--out", out)
    assert well == f"{hashlib.sha256(out.read_bytes()).hexdigest()}  {out}\n"
    folder = lantoa.folder / "ho-so"
    with zipfile.ZipFile(out) as file:
        file.extractall(folder)
    return folder


def kept(newsroom: ScriptedSite) -> list[Evidence]:
    return list(newsroom.copy().evidence)


@pytest.mark.promise("Prove")
def test_a_stranger_checks_every_file_of_it(unpacked: Path) -> None:
    tool = shutil.which("sha256sum")
    assert tool is not None
    done = subprocess.run(
        [tool, "-c", "--strict", "SHA256SUMS"], cwd=unpacked, capture_output=True, text=True, check=True
    )
    files = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    checked = {line.partition(":")[0] for line in done.stdout.splitlines() if line.endswith("OK")}
    assert checked == files - {"SHA256SUMS"}
    (unpacked / "passages.txt").write_text("khác", encoding="utf-8")
    assert subprocess.run([tool, "-c", "SHA256SUMS"], cwd=unpacked, capture_output=True, check=False).returncode == 1


def test_the_pages_and_archives_are_what_was_fetched(unpacked: Path, newsroom: ScriptedSite) -> None:
    item = json.loads((unpacked / "evidence.json").read_text(encoding="utf-8"))
    served = newsroom.server.url(PATH)
    with urllib.request.urlopen(served) as reply:
        sent = reply.read()
    looks = kept(newsroom)
    assert len(item["evidence"]) == len(looks) == 2
    for value, look in zip(item["evidence"], looks, strict=True):
        page = (unpacked / value["page_file"]).read_bytes()
        assert hashlib.sha256(page).hexdigest() == value["body_sha256"] == look.body_hash
        assert page == sent
        with (unpacked / value["archive_file"]).open("rb") as file:
            found = {part.rec_type: part.content_stream().read() for part in ArchiveIterator(file)}
        assert found.get("response", sent) == sent
        assert ("response" in found) is not ("revisit" in found)
        archive = unpacked / value["archive_file"]
        checked = [sys.executable, "-m", "warcio.cli", "check", str(archive)]
        assert subprocess.run(checked, capture_output=True, check=False).returncode == 0
        listed = [sys.executable, "-m", "warcio.cli", "index", str(archive)]
        index = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
        assert {json.loads(line).get("warc-target-uri") for line in index.splitlines()} == {None, served}


def test_the_journals_lines_carry_their_own_hashes(unpacked: Path) -> None:
    item = json.loads((unpacked / "evidence.json").read_text(encoding="utf-8"))
    assert item["journal"]
    for entry in item["journal"]:
        line = (unpacked / f"journal/{entry['seq']:08d}.json").read_bytes()
        assert hashlib.sha256(line).hexdigest() == entry["hash"]
        seq, *_, previous = json.loads(line)
        assert (seq, previous) == (entry["seq"], entry["previous"])
    assert item["journal_head"]["seq"] >= item["journal"][-1]["seq"]


def test_it_says_in_two_languages_how_to_check_it_and_shows_the_passages(unpacked: Path) -> None:
    words = (unpacked / "README.txt").read_text(encoding="utf-8")
    assert "sha256sum -c SHA256SUMS" in words
    assert "HỒ SƠ BẰNG CHỨNG" in words
    assert "EVIDENCE OF ONE REPUBLICATION" in words
    assert "THIẾU" not in words
    # In the reader's words: the codes are for programs, and stand in evidence.json.
    assert "Kết luận:   Đã xác nhận, hiện: Còn trên trang\n" in words
    assert "Conclusion: Confirmed, now: Still up\n" in words
    shown = (unpacked / "passages.txt").read_text(encoding="utf-8")
    assert "[1.1]" in shown
    ours = next(line for line in shown.splitlines() if line.startswith("< "))
    theirs = next(line for line in shown.splitlines() if line.startswith("> "))
    assert ours[2:].lower() == theirs[2:].lower()
    # The page was looked at twice and was the same: its passages are read once.
    assert [line for line in shown.splitlines() if line.startswith("== 2")]
    assert "= như lần 1 / as in 1\n" in shown
    assert shown.count(ours) == 1


def test_what_is_damaged_or_missing_is_named_and_the_rest_is_written(lantoa: Machine, newsroom: ScriptedSite) -> None:
    republication = newsroom.copy()
    first, second = republication.evidence
    (lantoa.data / "pages" / str(first.capture_key)).write_bytes(b"changed")
    (lantoa.data / "pages" / str(second.capture_key)).unlink()
    out = lantoa.folder / "thieu.zip"
    done = lantoa("evidence", "export", republication.public, "--out", out)
    assert done.status == 1
    assert len(done.complaints) == 3, done.err  # two archives, and the page that lay in the first
    with zipfile.ZipFile(out) as file:
        names = file.namelist()
        assert not any(name.startswith(("pages/", "archives/")) for name in names)
        words = file.read("README.txt").decode()
    assert "THIẾU" in words
    assert "MISSING" in words
    assert "archives/001.warc.gz" in words


def test_a_store_out_of_reach_is_reported_and_calls_nothing_missing(lantoa: Machine, newsroom: ScriptedSite) -> None:
    republication = newsroom.copy()
    out = lantoa.folder / "khong-toi-duoc.zip"
    key = str(republication.evidence[0].capture_key)
    # A file where a folder should be: what is kept below it may be whole, and cannot be read now.
    (lantoa.data / "pages" / key[:2]).rename(lantoa.data / "pages" / "cho-khac")
    (lantoa.data / "pages" / key[:2]).write_bytes(b"")
    assert "cannot be read" in lantoa.refused("evidence", "export", republication.public, "--out", out)
    assert list(lantoa.folder.glob("khong-toi-duoc*")) == []


def test_an_unknown_copy_is_refused_and_nothing_is_written(lantoa: Machine) -> None:
    out = lantoa.folder / "khong.zip"
    assert "rep_khong" in lantoa.refused("evidence", "export", "rep_khong", "--out", out)
    assert list(lantoa.folder.glob("khong*")) == []
