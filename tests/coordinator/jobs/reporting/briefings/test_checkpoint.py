"""A frozen briefing carries a checkpoint of the journal, which is found again in each of its files."""

import io

import pypdfium2
import pytest
import sqlalchemy as sa
from docx import Document
from python_calamine import CalamineWorkbook

from campaigns.core.checkpoints import Checkpoint, find_checkpoints, verify_against
from campaigns.core.clock import parse_period
from campaigns.core.journal import SEALS
from campaigns.reporting.briefings.briefing_text import begin_briefing
from campaigns.reporting.briefings.versions import freeze_version
from coordinator.jobs.reporting.briefings.briefing_files import make_briefing_file, version_file
from tests.coordinator.jobs.harness import JobHarness
from tests.factories import ANALYST, NOW


def _text(form: str, body: bytes) -> str:
    """What a person would copy out of the file."""
    if form == "json":
        return body.decode()
    if form == "docx":
        document = Document(io.BytesIO(body))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    if form == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        return "\n".join(str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
                         for cell in row)  # fmt: skip
    with pypdfium2.PdfDocument(body) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def test_every_file_of_a_frozen_version_carries_a_checkpoint_that_is_found_again(scene: JobHarness) -> None:
    scene.publish()
    with scene.database.write() as session:
        briefing = begin_briefing(session, ANALYST, None, parse_period("2026-Q4"), now=NOW)
        version = freeze_version(session, ANALYST, briefing.public, now=NOW)
        made = {form: version_file(session, version, form).body for form in ("docx", "pdf", "xlsx", "json")}
        for form, body in made.items():
            assert list(find_checkpoints(_text(form, body))) == [Checkpoint.parse(version.checkpoint)], form
        draft = make_briefing_file(session, None, parse_period("2026-Q3"), "json", now=NOW).body
        assert list(find_checkpoints(draft.decode())) == []
        with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
            session.execute(sa.text("UPDATE briefing_versions SET checkpoint = 'x'"))
        kept = version.checkpoint
    scene.publish()
    with scene.database.write() as session:
        assert session.info[SEALS] is not None
        assert verify_against(session, Checkpoint.parse(kept)) is None
        before = session.begin_nested()
        last = Checkpoint.parse(kept).seq
        session.execute(sa.text("UPDATE journal SET hash = 'x' WHERE seq = :seq"), {"seq": last})
        session.expire_all()
        assert verify_against(session, Checkpoint.parse(kept)) is not None
        before.rollback()
