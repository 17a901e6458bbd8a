"""Each day one checkpoint of the journal goes to the folder, whole or not at all."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from campaigns.core.checkpoints import Checkpoint, verify_against
from coordinator.jobs.checkpoints import folder_state, keep_checkpoint
from tests.coordinator.jobs.harness import JobHarness


def test_one_is_written_a_day_and_the_journal_contains_it(scene: JobHarness, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    context = replace(scene.context, checkpoint_folder=folder)
    scene.publish()
    keep_checkpoint(context)
    (file,) = folder.iterdir()
    kept = file.read_text()
    scene.publish()
    keep_checkpoint(context)
    assert [path.read_text() for path in folder.iterdir()] == [kept]
    with scene.database.read() as session:
        assert verify_against(session, Checkpoint.parse(kept)) is None
    assert folder_state(folder, now=context.now())[0]
    assert not folder_state(folder, now=context.now() + timedelta(days=3))[0]


def test_a_folder_that_is_gone_is_tried_again(scene: JobHarness, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    context = replace(scene.context, checkpoint_folder=folder)
    keep_checkpoint(context)
    assert not folder_state(folder, now=context.now())[0]
    folder.mkdir()
    keep_checkpoint(context)
    assert len(list(folder.iterdir())) == 1
