"""Two texts of one bulletin and what changed between them."""

import re
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from campaigns.publishing.bulletins import find_bulletin
from coordinator.web.desk.bulletin_form import worn_words
from coordinator.web.desk.bulletin_page import Text, text_of
from coordinator.web.desk.word_diff import Change, compare, compare_html
from coordinator.web.security import front, staff

_MARKS = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Difference:
    """From one text to another: the title, the lead, the words of the body, and its source.

    ``source`` is there only when more than words changed: links, pictures, emphasis, tables. ``worn``: the cover and
    the words for single channels.
    """

    before: int
    title: Change
    lead: Change
    body: Change
    source: Change | None
    worn: Change

    @property
    def places(self) -> int:
        """How many places a reader would see changed."""
        return self.title.places + self.lead.places + self.body.places + self.worn.places


def difference(before: Text, after: Text) -> Difference:
    """What changed from ``before`` to ``after``."""
    same_marks = _MARKS.findall(before.body_html) == _MARKS.findall(after.body_html)
    return Difference(
        before.number,
        compare(before.title, after.title),
        compare(before.lead, after.lead),
        compare(before.body_text, after.body_text),
        None if same_marks else compare_html(before.body_html, after.body_html),
        compare(worn_words(before.dress), worn_words(after.dress)),
    )


@staff()
def show(code: str) -> ResponseReturnValue:
    """The comparison; without numbers in the address, of the newest text with the one before it."""
    with front().place.database.read() as session:
        bulletin = find_bulletin(session, code)
        numbers = [one.number for one in bulletin.revisions]
        newest = numbers[-1]
        after = _asked("to", numbers, newest)
        before = _asked("from", numbers, max(after - 1, 1))
        first, second = text_of(bulletin.revision(before)), text_of(bulletin.revision(after))
    return render_template(
        "bulletins/compare.html",
        code=code, before=first, after=second, numbers=numbers, change=difference(first, second),
    )  # fmt: skip


def _asked(name: str, numbers: list[int], usual: int) -> int:
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 and int(asked) in numbers else usual
