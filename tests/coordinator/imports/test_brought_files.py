"""Brought files are read in a child process alone, and none of them ends or stalls the process that serves."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import coordinator
from coordinator.imports.decoding import UnreadableDocument
from coordinator.imports.tables.table_reader import read_tables
from tests.coordinator.imports.hostile_files import HostileFile, read, whole_corpus

pytestmark = pytest.mark.minutes

MOST_MB = 500  # of the process that serves, and of each child
FILES = 50  # spread evenly over the corpus; `python -m benchmarks hostile` reads all of it
# What reads a file in the process that calls it, and the modules that may name it.
READING = {
    "parse_document", "read_docx", "read_markdown", "read_web_page", "parse_table", "parse_tables", "read_workbook",
    "check_container", "check_briefing_template", "check_letter_template", "clean_file", "clean_pdf", "checked_pdf",
    "clean_picture", "prepare_picture", "upright_pixels",
}  # fmt: skip
OWN = ("imports/", "exports/documents/", "jobs/reporting/template_reading.py")
WORST = {
    "table a far cell in a sheet among the pictures": {"too_wide"},
    "table the same behind a megabyte that is not XML": {"damaged"},
    "document .docx word/document.xml → word/media/image9.png: elements": {"too_big_unpacked"},
    "document .docx word/document.xml → word/media/image9.png: laughs": {"doctype"},
    "template .docx word/document.xml → word/media/image9.png: laughs": {"doctype"},
    "template template: loops": {"too_heavy", "template_outcome"},
    "document .html nested tables": {"rejected"},
    "document .html paragraphs": {"rejected"},
    "document .json texts": {"too_many_texts"},
    "document .xml nested": {"too_many_texts"},
    "table .csv five million rows": {"too_many_rows"},
    "table .csv a million columns": {"too_wide"},
    "table .json two million objects": {"too_many_rows"},
    "proof proof: an 800 MB stream": {"too_heavy"},
    "proof proof: a turned JPEG of 40 million pixels": {"read", "too_heavy"},
}


def _called(file: HostileFile) -> str:
    return f"{file.reader} {file.title}"


@pytest.mark.long
@pytest.mark.parametrize("title", WORST)
def test_the_worst_files_are_refused_with_a_reason(title: str) -> None:
    file = next(file for file in whole_corpus() if _called(file) == title)
    assert read(file, file.make()) in WORST[title]


@pytest.mark.long
@pytest.mark.parametrize(
    ("rows", "columns", "code"), [(20_001, 2, "too_many_rows"), (11_000, 100, "too_many_rows"), (2, 16_385, "too_wide")]
)
def test_a_table_beyond_a_limit_is_refused_with_the_limit_as_the_reason(rows: int, columns: int, code: str) -> None:
    line = ",".join(["1"] * columns)
    heads = ",".join(f"c{number}" for number in range(columns))
    with pytest.raises(UnreadableDocument) as refused:
        read_tables("a.csv", "\n".join([heads, *[line] * rows]).encode(), knows=len)
    assert refused.value.code == code
    if rows == 20_001:
        (table,) = read_tables("a.csv", "\n".join([heads, *[line] * 20_000]).encode(), knows=len)
        assert len(table.rows) == 20_000


def test_nothing_outside_the_readers_reads_a_brought_file_in_its_own_process() -> None:
    root = Path(coordinator.__file__).parent
    named = []
    for path in root.rglob("*.py"):
        text = path.read_text()
        if path.relative_to(root).as_posix().startswith(OWN) or not any(name in text for name in READING):
            continue
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            names += [node.attr] if isinstance(node, ast.Attribute) else []
            named += [(path.name, name) for name in names if name in READING]
    assert named == []


def test_no_file_takes_more_than_500_mb_or_stalls_the_process_that_serves() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.coordinator.imports.hostile_files", str(FILES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["files"] == FILES
    assert len(found["read"]) == found["files"]
    assert found["child_mb"] <= MOST_MB, done.stderr
    assert found["self_mb"] <= MOST_MB, done.stderr
    # On a machine that is busy with other things every thread waits, so that the same time without a file counts.
    assert found["longest_pause"] <= 1 + 10 * found["idle_pause"], done.stderr
