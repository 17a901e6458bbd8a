"""Comparison of two revisions of one bulletin."""

import re
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from campaigns.bulletins.bulletins import find_bulletin
from coordinator.web.auth.security import app_context, staff_required
from coordinator.web.desk.bulletins.bulletin_page import RevisionText, revision_text
from coordinator.web.desk.bulletins.forms import media_lines, presentation_lines
from coordinator.web.kit.text.word_diff import TextDiff, diff_html, diff_text

_MARKS = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class RevisionDiff:
    """The changes between two revisions: title, lead, words of the body, source, and where it goes.

    ``source`` is present only when more than words changed: links, pictures, emphasis, tables. ``presentation``: the
    cover, the media and the texts for single channels; ``filing``: topic, plan, address of the original, chosen
    channels.
    """

    before: int
    title: TextDiff
    lead: TextDiff
    body: TextDiff
    source: TextDiff | None
    presentation: TextDiff
    filing: TextDiff

    @property
    def places(self) -> int:
        """Return the number of changed places."""
        return self.title.places + self.lead.places + self.body.places + self.presentation.places + self.filing.places


def diff_revisions(before: RevisionText, after: RevisionText) -> RevisionDiff:
    """Return the changes from ``before`` to ``after``."""
    same_marks = _MARKS.findall(before.body_html) == _MARKS.findall(after.body_html)
    return RevisionDiff(
        before.number,
        diff_text(before.title, after.title),
        diff_text(before.lead, after.lead),
        diff_text(before.body_text, after.body_text),
        None if same_marks else diff_html(before.body_html, after.body_html),
        diff_text(_beside(before), _beside(after)),
        diff_text(before.filing, after.filing),
    )


def _beside(text: RevisionText) -> str:
    return f"{presentation_lines(text.presentation)}\n{media_lines(text.media)}"


@staff_required()
def show(code: str) -> ResponseReturnValue:
    """Show the comparison; without numbers in the address, of the newest revision with the one before it."""
    with app_context().job_context.database.read() as session:
        bulletin = find_bulletin(session, code)
        numbers = [revision.number for revision in bulletin.revisions]
        newest = numbers[-1]
        after = _requested_number("to", numbers, newest)
        before = _requested_number("from", numbers, max(after - 1, 1))
        first, second = revision_text(bulletin.revision(before)), revision_text(bulletin.revision(after))
    return render_template(
        "desk/bulletins/comparison.html",
        code=code, before=first, after=second, numbers=numbers, change=diff_revisions(first, second),
    )  # fmt: skip


def _requested_number(name: str, numbers: list[int], usual: int) -> int:
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 and int(asked) in numbers else usual
