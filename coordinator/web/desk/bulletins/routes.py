"""The blueprint of the bulletin pages: their addresses and view functions."""

from flask import Blueprint

from coordinator.web.desk.bulletins import (
    autosave,
    bulletin_page,
    comparison,
    copies,
    cover,
    editor,
    list_page,
    media,
    preview,
    recipients,
)
from coordinator.web.desk.bulletins.library import video_addresses
from coordinator.web.desk.release import approval, bulk_scheduling, comments, corrections, scheduling, urgent_release

blueprint = Blueprint("bulletins", __name__, url_prefix="/desk/bulletins")

_BOTH = ["GET", "POST"]

blueprint.add_url_rule("", "index", list_page.index)
blueprint.add_url_rule("/new", "new", editor.new, methods=_BOTH)
blueprint.add_url_rule("/drafts/token", "draft_token", autosave.token)
blueprint.add_url_rule("/drafts/<ident>", "keep_draft", autosave.keep, methods=["POST"])
blueprint.add_url_rule("/drafts/<ident>/drop", "drop_draft", autosave.drop, methods=["POST"])
blueprint.add_url_rule("/schedule", "schedule", bulk_scheduling.page, methods=_BOTH)
blueprint.add_url_rule("/look", "look", preview.preview_fragment, methods=["POST"])
blueprint.add_url_rule("/pictures", "upload_picture", cover.upload, methods=["POST"])
blueprint.add_url_rule("/media", "media_fragment", media.fragment, methods=["POST"])
blueprint.add_url_rule("/media/uploads", "begin_upload", media.begin, methods=["POST"])
blueprint.add_url_rule("/media/uploads/<ident>", "upload_status", media.status)
blueprint.add_url_rule("/media/uploads/<ident>", "upload_piece", media.piece, methods=["POST"])
blueprint.add_url_rule("/clean", "clean", editor.clean_pasted, methods=["POST"])
blueprint.add_url_rule("/<code>", "show", bulletin_page.show)
blueprint.add_url_rule("/<code>/copies", "copies", copies.copies)
blueprint.add_url_rule("/<code>/spread", "spread", copies.timeline_page)
blueprint.add_url_rule("/<code>/spread/file.<any(pdf, xlsx, csv):form>", "spread_file", copies.timeline_file)
blueprint.add_url_rule("/<code>/copies.csv", "copies_csv", copies.download_csv)
blueprint.add_url_rule("/<code>/receivers", "receivers", recipients.page)
blueprint.add_url_rule("/<code>/edit", "edit", editor.edit, methods=_BOTH)
blueprint.add_url_rule("/<code>/submit", "submit", editor.submit, methods=["POST"])
blueprint.add_url_rule("/<code>/compare", "compare", comparison.show)
blueprint.add_url_rule("/<code>/approve", "approve", approval.decide, methods=_BOTH)
blueprint.add_url_rule("/<code>/ask-back", "ask_back", approval.ask_back, methods=["POST"])
blueprint.add_url_rule("/<code>/resubmit", "resubmit", approval.resubmit, methods=["POST"])
blueprint.add_url_rule("/<code>/comments", "comment", comments.add, methods=["POST"])
blueprint.add_url_rule("/<code>/comments/<public>/resolve", "resolve_comment", comments.resolve, methods=["POST"])
blueprint.add_url_rule("/<code>/videos", "add_video", video_addresses.add, methods=["POST"])
blueprint.add_url_rule("/<code>/videos/<int:number>/remove", "remove_video", video_addresses.remove, methods=["POST"])
blueprint.add_url_rule("/<code>/urgent", "urgent", urgent_release.release, methods=_BOTH)
blueprint.add_url_rule("/<code>/urgent/review", "urgent_review", urgent_release.review, methods=_BOTH)
blueprint.add_url_rule("/<code>/release", "release", scheduling.decide, methods=_BOTH)
blueprint.add_url_rule("/<code>/take-back", "take_back", scheduling.take_back, methods=["POST"])
blueprint.add_url_rule("/<code>/correct", "correct", corrections.correct, methods=_BOTH)
blueprint.add_url_rule("/<code>/recall", "recall", corrections.recall, methods=_BOTH)
