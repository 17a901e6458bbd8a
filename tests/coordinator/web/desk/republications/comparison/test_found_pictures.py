"""The words read in a found picture beside those of ours: which figures the other has."""

from coordinator.imports.pictures.text import can_read_text
from coordinator.web.desk.republications.comparison.found_pictures import Line, picture_pair
from tests.conftest import need
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.conftest import server, stage
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.copy_checks import found
from tests.coordinator.jobs.republications.test_picture_looks import DAY, illustrated, shows
from tests.coordinator.jobs.scripted_site import ScriptedSite
from tests.drawn_pictures import infographic

__all__ = ["server", "stage"]  # fixtures of other modules


def figures(lines: list[Line], shared: bool) -> list[str]:
    return [piece.text for line in lines for piece in line if piece.shared is shared]


def test_a_figure_that_one_picture_alone_has_is_told_from_those_of_both(
    stage: JobHarness, server: HostileServer
) -> None:
    if not can_read_text():
        need("tesseract with its Vietnamese model", "text in pictures")
    newsroom = ScriptedSite(stage, server)
    illustrated(stage, DAY)
    shows(newsroom, infographic("24/11/2026", ["12.431", "608", "1.276", "17"]), "")
    found(newsroom)
    with stage.database.read() as session:
        pair = picture_pair(session, session.merge(newsroom.copy()))
    assert pair is not None
    assert figures(pair.our_lines, True) == figures(pair.found_lines, True) == ["12.431", "1.276", "17"]
    assert figures(pair.our_lines, False) == ["508"]
    assert "608" in figures(pair.found_lines, False), "beside what was read wrongly"
    assert "Hộ được cấp nước" in [line[0].text for line in pair.found_lines]
