"""The video or audio of ours that a page plays."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.bulletins.media import MediaItem
from campaigns.bulletins.media import from_json as media_from_json
from campaigns.matching.pictures.comparison import MediaWay
from campaigns.republications.republications import Republication, was_played


@dataclass(frozen=True)
class PlayedView:
    """What is shown of a copy that is a video or audio. ``item``: ours, None where the text has it no more;
    ``address``: of the player or file on the page; ``sha256``: of the file there, "" where none was fetched."""

    item: MediaItem | None
    by: MediaWay
    address: str
    sha256: str
    fetched_at: datetime
    revision: int | None


def played_view(row: Republication) -> PlayedView | None:
    """The video or audio of a copy by its newest evidence; None for another copy."""
    if not was_played(row):
        return None
    last = row.evidence[-1]
    found = last.picture or {}
    revision = row.bulletin.revision(last.revision or row.bulletin.latest)
    item = next((item for item in media_from_json(revision.media) if item.ident == found["picture"]), None)
    return PlayedView(item, MediaWay(found["by"]), found["address"], found["sha256"], last.at, last.revision)
