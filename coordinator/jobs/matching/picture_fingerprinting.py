"""Keep the fingerprints of released pictures complete."""

import hashlib
import logging

from campaigns.matching.pictures.fingerprints import (
    PICTURE_VERSION,
    PictureFingerprint,
    UnreadPicture,
    save_fingerprints,
    unread_pictures,
)
from coordinator.imports.pictures.reading import UnreadablePicture, read_picture
from coordinator.jobs.context import JobContext
from coordinator.sandbox import LOST, ChildFailed, read_in_child
from coordinator.storage.blobs import DamagedBody

log = logging.getLogger(__name__)

READ_SECONDS = 20  # of processor time for one file, most of it for the text in it
_AT_ONCE = 20  # pictures


def fingerprint_pictures(context: JobContext) -> int:
    """Read every picture of a released text that has no fingerprint yet; returns how many were."""
    with context.database.read() as session:
        unread = unread_pictures(session, _AT_ONCE)
    for picture in unread:
        prints = [_fingerprint(context, picture, cut, key) for cut, key in picture.keys.items()]
        with context.database.write() as session:
            save_fingerprints(session, picture.picture_id, prints)
    return len(unread)


def _fingerprint(context: JobContext, picture: UnreadPicture, cut: str, key: str) -> PictureFingerprint:
    """The fingerprint of one file. One that cannot be read has no hashes, and is not tried again."""
    made = PictureFingerprint(
        picture_id=picture.picture_id, cut=cut, digest="", hashes=b"", text=None, version=PICTURE_VERSION,
        at=context.now(),
    )  # fmt: skip
    try:
        body = context.store.read(key)
        made.digest = hashlib.sha256(body).hexdigest()
        reading = read_in_child(read_picture, body, True, True, raises=(UnreadablePicture,), cpu_seconds=READ_SECONDS)
    except (UnreadablePicture, FileNotFoundError, DamagedBody) as error:
        log.warning("a picture of a bulletin cannot be read for comparison: %s", error)
        return made
    except ChildFailed as error:
        if error.code == LOST:
            raise
        log.warning("a picture of a bulletin cannot be read for comparison: %s", error)
        return made
    made.hashes, made.text = reading.content.hashes.tobytes(), reading.text
    return made
