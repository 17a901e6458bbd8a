"""A picture handed in for a bulletin: made anew, kept, remembered; or cut another way, which makes another picture."""

from dataclasses import dataclass

from campaigns.core.errors import FieldError, Invalid
from campaigns.people.staff import Actor, May
from campaigns.publishing.pictures import Picture, add_picture, find_picture
from coordinator.imports.clean import Refused
from coordinator.imports.cutting import CENTRE, Piece
from coordinator.imports.inspecting import cut
from coordinator.jobs.workplace import Workplace

Focus = tuple[float, float]


@dataclass(frozen=True)
class Shown:
    """A kept picture by its name, address and size in pixels, and where its crops' middle is."""

    ident: str
    url: str
    width: int
    height: int
    focus: Focus


def shown(place: Workplace, picture: Picture) -> Shown:
    """A picture's row as pages show it."""
    return Shown(
        picture.ident, place.addresses.picture(picture.ident, picture.suffix), picture.width, picture.height,
        (picture.focus_x, picture.focus_y),
    )  # fmt: skip


def take(place: Workplace, actor: Actor, body: bytes, name: str, focus: Focus = CENTRE) -> Shown:
    """Keep an uploaded picture. Raises ``Invalid`` naming ``picture`` with the reason it is refused, ``Forbidden``."""
    actor.require(May.WRITE)  # before anything is decoded for somebody who may not
    try:
        prepared = cut(body, focus)
    except Refused as refused:
        raise Invalid([FieldError("picture", refused.code, str(refused))]) from refused

    def kept(piece: Piece) -> str:
        return place.store.keep(piece.body)[1]

    cuts = {
        ratio: {"key": kept(piece), "width": piece.width, "height": piece.height, "length": len(piece.body)}
        for ratio, piece in prepared.cuts.items()
    }
    whole = prepared.whole
    key = kept(whole)
    with place.database.write() as session:
        row = add_picture(
            session, actor, key=key, mime=whole.mime, size=(whole.width, whole.height), length=len(whole.body),
            focus=focus, cuts=cuts, name=name, now=place.now(),
        )  # fmt: skip
        return shown(place, row)


def cut_again(place: Workplace, actor: Actor, ident: str, focus: Focus) -> Shown:
    """The same picture with its crops around another point, under another name: what was approved never changes.

    Raises ``NotFound``, ``Invalid``, ``Forbidden``, ``OSError`` when the kept picture cannot be read.
    """
    with place.database.read() as session:
        row = find_picture(session, ident)
        if (row.focus_x, row.focus_y) == focus:
            return shown(place, row)
        key, name = row.key, row.name
    return take(place, actor, place.store.read(key), name, focus)
