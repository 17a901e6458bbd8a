"""A person's confirmation with a picture or PDF, for pages that no machine can read: multipart, one file."""

from http import HTTPStatus
from typing import Any

from flask import Response, request
from pydantic import Field
from sqlalchemy.orm import Session

from campaigns.people.staff import May
from campaigns.tracking.exhibits import Exhibit
from coordinator.api import fields
from coordinator.api.auth import front, staff
from coordinator.api.fields import Body
from coordinator.api.idempotency import Keep, once
from coordinator.api.problems import Refused
from coordinator.api.reading import fit
from coordinator.api.republication_rows import RepublicationRow, row_of
from coordinator.api.republications import bp
from coordinator.imports.inspecting import MOST_BYTES
from coordinator.jobs.vouching import Vouched, vouch

UPLOAD = "x-upload"  # marks an operation for the document; taken out of it again
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["bulletin", "url", "seen_at", "note", "file"],
    "properties": {
        "bulletin": {"type": "string", "description": "code of a released bulletin"},
        "url": {"type": "string", "description": "address of the page, on a registered site"},
        "seen_at": {"type": "string", "format": "date-time"},
        "note": {"type": "string", "description": "what is to be seen"},
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": f"PNG, JPEG, WebP or PDF, told by content; at most {MOST_BYTES // 1024 // 1024} MB",
        },
    },
}


class Seen(Body):
    """The words that go with the file."""

    bulletin: fields.Code
    url: fields.Exact
    seen_at: fields.Moment
    note: fields.Paragraph = Field(min_length=1)


@bp.post("/republications/vouch")
@bp.doc(extensions={UPLOAD: "VouchForm"})
@bp.output(RepublicationRow, 201)
def vouch_for() -> Response:
    """Confirm a copy on a page behind a sign-in by a picture or PDF of it; counted at once, under your name."""
    actor = staff(May.REVIEW)
    if request.mimetype != "multipart/form-data":
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_multipart", f"expected multipart/form-data, not {request.mimetype}"
        )
    request.get_data()  # whole, before the form is read from it: an Idempotency-Key is bound to the bytes
    body = fit(Seen, request.form.to_dict(), "body")
    upload = request.files.get("file")
    said = Vouched(body.bulletin, body.url, body.seen_at, body.note, upload.stream.read() if upload else b"")

    def act(keep: Keep) -> None:
        def also(session: Session, exhibit: Exhibit) -> None:
            row = exhibit.republication
            keep(session, row_of(row), 201, location=f"/api/v1/republications/{row.public}")

        vouch(front().place, actor, said, also)

    return once(act)
