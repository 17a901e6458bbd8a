"""A picture of a page beside the picture of ours that it was compared with, and the words read in both."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.pictures import Picture
from campaigns.matching.numbers_in_text import Figure, read_figures, same_figure
from campaigns.matching.pictures.comparison import MediaWay
from campaigns.matching.pictures.fingerprints import PictureFingerprint
from campaigns.republications.republications import Evidence, Republication, find_republication
from coordinator.imports.files.pictures import picture_format
from coordinator.imports.pictures.differences import find_differences
from coordinator.imports.pictures.reading import UnreadablePicture
from coordinator.sandbox import ChildFailed, read_in_child
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.kit.files import stored_body
from coordinator.web.kit.security_headers import UNTRUSTED_CONTENT_HEADERS

log = logging.getLogger(__name__)
blueprint = Blueprint("found_pictures", __name__)
MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


@dataclass(frozen=True)
class LinePiece:
    """A part of a line that was read. ``shared``: of a figure, whether the other picture has it; None for words."""

    text: str
    shared: bool | None


Line: TypeAlias = list[LinePiece]


@dataclass(frozen=True)
class PicturePair:
    """What is shown of the two pictures. ``number``: of the evidence; ``ours``: whether one of our pictures was found,
    and not only the text; ``our_picture``: what its address is made of; ``our_key``, ``found_key``: where the store
    keeps the files, "" for none of ours; ``our_lines``, ``found_lines``: what was read in them, without empty lines;
    ``figures``: how many figures of ours are in the found text, and how many there are; ``share``: of our text in it,
    None where the texts were not compared."""

    number: int
    ours: bool
    our_picture: Mapping[str, str]
    our_key: str
    found_key: str
    our_size: tuple[int, int]
    found_url: str
    by: MediaWay
    agrees: bool
    distance: int
    share: float | None
    fetched_at: datetime
    sha256: str
    revision: int | None
    our_lines: list[Line]
    found_lines: list[Line]
    figures: tuple[int, int]


def picture_pair(session: Session, row: Republication) -> PicturePair | None:
    """The pictures of a copy by its newest evidence; None for a copy that is a text."""
    last = row.evidence[-1] if row.evidence else None
    found = last.picture if last is not None else None
    if last is None or found is None or found["file"] is None:
        return None
    ident, _, cut = found["picture"].partition(" ")
    picture = session.execute(sa.select(Picture).where(Picture.ident == ident)).scalar_one_or_none()
    kept = session.get(PictureFingerprint, (picture.id, cut)) if picture is not None else None
    ours, theirs = (kept.text if kept is not None else None) or "", found.get("text") or ""
    figures = read_figures(ours)
    there = read_figures(theirs)
    size = picture.cuts[cut] if picture is not None and cut else None
    return PicturePair(
        number=len(row.evidence),
        ours=picture is not None,
        our_picture=_address_parts(picture, cut) if picture is not None else {},
        our_key=size["key"] if size else picture.key if picture is not None else "", found_key=found["file"],
        our_size=(size["width"], size["height"]) if size else (picture.width, picture.height) if picture else (0, 0),
        found_url=found["address"], by=MediaWay(found["by"]), agrees=found["agrees"], distance=found["distance"],
        share=found["share"], fetched_at=last.at, sha256=found["sha256"], revision=last.revision,
        our_lines=_lines(ours, figures, there),
        found_lines=_lines(theirs, there, figures),
        figures=(sum(any(same_figure(one, other) for other in there) for one in figures), len(figures)),
    )  # fmt: skip


def _lines(text: str, figures: list[Figure], others: list[Figure]) -> list[Line]:
    """The lines of a text that are not empty, with its figures marked."""
    lines: list[Line] = [[]]

    def add(words: str, shared: bool | None) -> None:
        for number, part in enumerate(words.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(LinePiece(part, shared))

    end = 0
    for figure in figures:
        add(text[end : figure.start], None)
        add(text[figure.start : figure.end], any(same_figure(figure, other) for other in others))
        end = figure.end
    add(text[end:], None)
    return [line for line in lines if any(piece.text.strip() for piece in line)]


def _address_parts(picture: Picture, cut: str) -> Mapping[str, str]:
    parts = {"ident": picture.ident, "suffix": "jpg" if cut else picture.suffix}
    return parts | ({"ratio": cut} if cut else {})


@blueprint.get("/<ident>/pictures/<int:number>")
@staff_required()
def show(ident: str, number: int) -> ResponseReturnValue:
    """The picture kept with one evidence, made anew when it was stored."""
    with app_context().job_context.database.read() as session:
        evidence: list[Evidence] = find_republication(session, ident).evidence
        found = evidence[number - 1].picture if 1 <= number <= len(evidence) else None
    if found is None or found["file"] is None:
        abort(404)
    body = stored_body(found["file"])
    kind = MEDIA.get(picture_format(body) or "")
    if kind is None:
        abort(404)
    return Response(body, content_type=kind, headers=UNTRUSTED_CONTENT_HEADERS)


@blueprint.get("/<ident>/_differences")
@staff_required()
def differences(ident: str) -> ResponseReturnValue:
    """The two pictures of the newest evidence with the places marked where they differ."""
    with app_context().job_context.database.read() as session:
        row = find_republication(session, ident)
        pair, code = picture_pair(session, row), row.public
    if pair is None or not pair.ours:
        abort(404)
    bodies = stored_body(pair.our_key), stored_body(pair.found_key)
    try:
        found = read_in_child(find_differences, *bodies, raises=(UnreadablePicture,), cpu_seconds=20)
    except (UnreadablePicture, ChildFailed) as error:
        log.info("the pictures of %s were not compared: %s", code, error)
        found = None
    return render_template("desk/republications/picture_pair.html", ident=code, pictures=pair, differences=found)
