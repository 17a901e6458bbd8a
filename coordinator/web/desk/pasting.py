"""What is pasted from Word or a web page, cleaned before the rich editor shows it: lists are lists from the start."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError
from campaigns.people.staff import May
from coordinator.imports.cleaning import clean_html
from coordinator.web.desk import inputs
from coordinator.web.look import language
from coordinator.web.security import staff
from coordinator.web.sentences import error_sentence


@staff(May.WRITE)
def clean() -> ResponseReturnValue:
    """``{"html", "notes"}`` of the field ``html``; 422 with ``message`` for a piece that no bulletin could be."""
    try:
        found = clean_html(request.form.get("html", ""))
    except CampaignError as error:
        return jsonify(message="; ".join(inputs.said(error).values()) or error_sentence(error, language())), 422
    notes = [str(note) if language() == "en" else note.vietnamese for note in found.removed]
    return jsonify(html=found.html, notes=notes)
