"""The day's checkpoint of the journal, written to a folder that is to be on another machine."""

import logging
import os
from datetime import datetime, timedelta
from pathlib import Path

from campaigns.core.checkpoints import make_checkpoint
from campaigns.core.clock import city_day
from coordinator.jobs.context import JobContext

log = logging.getLogger(__name__)

LATE = timedelta(days=2)


def keep_checkpoint(context: JobContext) -> None:
    """Write the checkpoint of this day, once a day. A folder that cannot be written to is logged and tried again in an
    hour; ``lantoa doctor`` names it meanwhile."""
    if context.checkpoint_folder is None:
        return
    now = context.now()
    path = context.checkpoint_folder / f"{city_day(now)}.txt"
    part = path.with_suffix(".part")
    try:
        if path.exists():
            return
        with context.database.read() as session:
            line = f"{make_checkpoint(session, now=now)}\n"
        # The name appears when the file is complete: a full disk must not leave an empty checkpoint for the day.
        with part.open("w", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        log.error("the checkpoint of the journal could not be written: %s", error)


def folder_state(folder: Path, *, now: datetime) -> tuple[bool, str]:
    """Whether a checkpoint of the last two days is in the folder, and a sentence that says so."""
    days = sorted(path.stem for path in folder.glob("????-??-??.txt")) if folder.is_dir() else []
    if not days:
        return False, f"{folder}: holds none"
    return days[-1] > str(city_day(now - LATE)), f"{folder}: the last of {days[-1]}"
