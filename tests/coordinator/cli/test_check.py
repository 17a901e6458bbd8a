"""``lantoa check`` as a process: the contract's sample files, invalid lines, order, and no other file touched."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from campaigns.people.office import OfficeContent, save_office
from campaigns.republications.attribution.office_spellings import save_spellings
from tests.coordinator.cli.conftest import LANTOA, Done, Machine
from tests.coordinator.installation import until
from tests.factories import NOW

WORDS = " ".join(f"Câu số {number} nói về buổi tiêm chiều thứ ba tại phường {number}." for number in range(30))
URL = "https://tin.example/bulletins/b7"
KEYS = {
    "page", "bulletin", "match", "share", "longest_run", "title_kept", "attribution", "source_name", "source_link",
    "link_position", "published_at", "published_at_from", "canonical_url", "reasons", "passages",
}  # fmt: skip


def jsonl(path: Path, *lines: Any) -> str:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path.name


def page(ident: str, body: str, link: str = URL) -> dict[str, str]:
    source = f'<p>Nguồn: <a href="{link}">Sở Y tế</a></p>' if link else ""
    html = f"<html><body><article><h1>Lịch tiêm nhắc</h1><p>{body}</p>{source}</article></body></html>"
    return {"id": ident, "url": f"https://doi-tac.example/{ident}.html", "html": html}


def check(machine: Machine, bulletins: list[Any], pages: list[Any], *more: str) -> Done:
    b, p = jsonl(machine.folder / "b.jsonl", *bulletins), jsonl(machine.folder / "p.jsonl", *pages)
    return machine("check", "--bulletins", b, "--pages", p, *more)


BULLETIN = {"id": "b7", "title": "Lịch tiêm nhắc", "text": WORDS, "url": URL, "source_names": ["Sở Y tế"]}


def verdicts(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.promise("Judge offline")
def test_copies_and_strangers_are_reported_without_a_server_a_database_or_a_folder(bare: Machine) -> None:
    done = check(bare, [BULLETIN], [page("p1", WORDS), page("p2", "Chuyện hoàn toàn khác. " * 20, "")])
    assert (done.status, done.err) == (0, "")
    copy, other = verdicts(done.out)
    assert set(copy) >= KEYS
    assert (copy["page"], copy["bulletin"], copy["match"]) == ("p1", "b7", "full")
    assert (copy["attribution"], copy["source_link"]) == ("linked_at_end", URL)
    assert copy["share"] > 0.9
    assert (other["page"], other["bulletin"]) == ("p2", None)
    assert not bare.data.exists()


def test_the_names_and_abbreviations_of_an_installations_office_count(lantoa: Machine) -> None:
    def named(**changed: Any) -> tuple[str, str | None]:
        text = f"<h1>Lịch tiêm nhắc</h1><p>{WORDS}</p><p>Nguồn: SYT Bến Đò</p>"
        html = f"<html><body><article>{text}</article></body></html>"
        shown = {"id": "p1", "url": "https://doi-tac.example/1.html", "html": html}
        bulletin = {name: value for name, value in BULLETIN.items() if name != "source_names"} | changed
        (verdict,) = verdicts(check(lantoa, [bulletin], [shown]).out)
        return verdict["attribution"], verdict["source_name"]

    assert named() == ("named_other_source", "SYT Bến Đò")
    with lantoa.database as database, database.write() as session:
        save_office(session, "test", OfficeContent(name="Sở Y tế Bến Đò"), now=NOW)
        save_spellings(session, "test", ["SYT = Sở Y tế"], now=NOW)
    assert named() == ("named_only", "Sở Y tế Bến Đò")
    assert named(source_names=["Sở Y tế TP Bến Đò"]) == ("named_only", "Sở Y tế TP Bến Đò")


def test_bad_lines_are_reported_with_file_and_row_the_rest_is_judged_and_2_is_the_end(bare: Machine) -> None:
    done = check(bare, [BULLETIN, {"id": "b8"}], [page("p1", WORDS), "{not json", {"id": "p3"}, page("p4", WORDS)])
    assert done.status == 2
    assert [row["page"] for row in verdicts(done.out)] == ["p1", "p4"]
    starts = [line.split(" ")[0] for line in done.complaints]
    assert starts == ["b.jsonl:2:", "p.jsonl:2:", "p.jsonl:3:"]
    assert all("expected" in line for line in done.complaints)


def test_two_workers_keep_the_order_and_say_the_same_into_a_file(bare: Machine) -> None:
    pages = [page(f"p{number}", WORDS if number % 3 else f"Khác hẳn {number}. " * 30) for number in range(70)]
    done = check(bare, [BULLETIN], pages)
    two = check(bare, [BULLETIN], pages, "--workers", "2", "--out", "v.jsonl")
    assert (two.status, two.out, two.err) == (0, "", "")
    written = (bare.folder / "v.jsonl").read_text("utf-8")
    assert written == done.out
    assert [row["page"] for row in verdicts(written)] == [values["id"] for values in pages]


def test_a_terminal_shows_a_progress_bar(bare: Machine) -> None:
    bulletins = jsonl(bare.folder / "b.jsonl", BULLETIN)
    pages = jsonl(bare.folder / "p.jsonl", *(page(f"p{number}", WORDS) for number in range(5)))
    ours, theirs = pty.openpty()
    argv = [str(LANTOA), "check", "--bulletins", bulletins, "--pages", pages]
    done = subprocess.run(argv, cwd=bare.folder, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "100%" in shown
    assert len(done.stdout.splitlines()) == 5


@pytest.mark.parametrize("given", ["b.jsonl", "p.jsonl", "./p.jsonl", "again.jsonl"])
def test_a_file_that_is_to_be_read_is_not_written_over(bare: Machine, given: str) -> None:
    b = jsonl(bare.folder / "b.jsonl", BULLETIN)
    p = jsonl(bare.folder / "p.jsonl", page("p1", WORDS))
    (bare.folder / "again.jsonl").symlink_to(p)
    before = [(bare.folder / text).read_bytes() for text in (b, p)]
    refused = bare.refused("check", "--bulletins", b, "--pages", p, "--out", given)
    assert "--out" in refused
    assert "expected another file" in refused
    assert [(bare.folder / text).read_bytes() for text in (b, p)] == before


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux to name a process's children")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda item: item.name)
def test_no_process_stays_behind_however_the_first_one_ends(bare: Machine, end: signal.Signals) -> None:
    bulletins = jsonl(bare.folder / "b.jsonl", BULLETIN)
    pages = bare.folder / "pages"
    os.mkfifo(pages)  # it stays open, so that all wait for more
    argv = [str(LANTOA), "check", "--bulletins", bulletins, "--pages", str(pages), "--workers", "2"]
    # What a shell runs in the background ignores Ctrl-C, and all that it starts does too: not this one.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    first = subprocess.Popen(argv, cwd=bare.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    signal.signal(signal.SIGINT, before)
    with pages.open("w", encoding="utf-8") as file:
        for number in range(100):
            file.write(json.dumps(page(f"p{number}", WORDS), ensure_ascii=False) + "\n")
        file.flush()
        children = Path(f"/proc/{first.pid}/task/{first.pid}/children")
        until("two processes judge", lambda: len(children.read_text("utf-8").split()) == 2)
        others = [int(part) for part in children.read_text("utf-8").split()]
        first.send_signal(end)
        first.wait(30)
        until("they have ended", lambda: not any(alive(number) for number in others))
