"""Where everything about bulletins is found: the addresses of their pages and acts, and nothing else."""

from flask import Blueprint

from coordinator.web.desk import (
    approving,
    bulletin_list,
    bulletin_page,
    bulletin_spread,
    comparing,
    correcting,
    covering,
    dry_run,
    keeping_drafts,
    looking,
    pasting,
    recalling,
    releasing,
    spreading,
    urgent_release,
    writing,
)

blueprint = Blueprint("bulletins", __name__, url_prefix="/desk/bulletins")

_BOTH = ["GET", "POST"]

blueprint.add_url_rule("", "index", bulletin_list.index)
blueprint.add_url_rule("/new", "new", writing.new, methods=_BOTH)
blueprint.add_url_rule("/drafts/token", "draft_token", keeping_drafts.token)
blueprint.add_url_rule("/drafts/<ident>", "keep_draft", keeping_drafts.keep, methods=["POST"])
blueprint.add_url_rule("/drafts/<ident>/drop", "drop_draft", keeping_drafts.drop, methods=["POST"])
blueprint.add_url_rule("/look", "look", looking.fresh, methods=["POST"])
blueprint.add_url_rule("/pictures", "upload_picture", covering.upload, methods=["POST"])
blueprint.add_url_rule("/clean", "clean", pasting.clean, methods=["POST"])
blueprint.add_url_rule("/<code>", "show", bulletin_page.show)
blueprint.add_url_rule("/<code>/copies", "copies", spreading.copies)
blueprint.add_url_rule("/<code>/spread", "spread", bulletin_spread.show)
blueprint.add_url_rule("/<code>/spread/file.<any(pdf, xlsx, csv):form>", "spread_file", bulletin_spread.file)
blueprint.add_url_rule("/<code>/copies.csv", "copies_csv", spreading.download)
blueprint.add_url_rule("/<code>/receivers", "receivers", dry_run.page)
blueprint.add_url_rule("/<code>/edit", "edit", writing.edit, methods=_BOTH)
blueprint.add_url_rule("/<code>/submit", "submit", writing.submit, methods=["POST"])
blueprint.add_url_rule("/<code>/compare", "compare", comparing.show)
blueprint.add_url_rule("/<code>/approve", "approve", approving.decide, methods=_BOTH)
blueprint.add_url_rule("/<code>/urgent", "urgent", urgent_release.release, methods=_BOTH)
blueprint.add_url_rule("/<code>/urgent/review", "urgent_review", urgent_release.review, methods=_BOTH)
blueprint.add_url_rule("/<code>/release", "release", releasing.decide, methods=_BOTH)
blueprint.add_url_rule("/<code>/take-back", "take_back", releasing.take_back, methods=["POST"])
blueprint.add_url_rule("/<code>/correct", "correct", correcting.correct, methods=_BOTH)
blueprint.add_url_rule("/<code>/recall", "recall", recalling.recall, methods=_BOTH)
