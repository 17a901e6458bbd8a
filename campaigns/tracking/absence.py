"""Absence: whether a page that was read is a page that is no more, though it does not answer 404. Pure.

Sites answer a removed article with their front page, with a list, or with a friendly page and status 200 (*soft 404*).
No sign of this is proof at one look: each look that does not find a copy is a suspicion, and two of them a day apart
make the copy *gone*, as two 404s do. Server errors and timeouts are no such looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from campaigns.core.errors import Invalid
from campaigns.tracking.fingerprints import fold
from campaigns.tracking.urls import host_of, same_page, same_site

# Below this share of our words a page that had more carries something else now.
FALLEN = 0.25
# Two pages this much alike are one page to a reader.
ALIKE = 0.9
# A page of more words than these is an article, whatever it says of removals.
_NOTICE = 200  # words
_SAYINGS = (
    "không tìm thấy",
    "không tồn tại",
    "đã bị xóa",
    "đã bị gỡ",
    "đã được gỡ",
    "đã gỡ bỏ",
    "đã bị thu hồi",
    "page not found",
)
_FOLDED = tuple((one, f" {fold(one)} ") for one in _SAYINGS)


@dataclass(frozen=True)
class Signs:
    """What a look that did not find the copy saw. ``asked`` and ``answered``: the address asked for and the one that
    answered. ``share``: of the bulletin's words on the page, 0–1. ``text``: headline and main text. ``likeness``: with
    the page the site shows for an address that does not exist, 0–1; None when it answers such an address properly, or
    was not asked."""

    asked: str
    answered: str
    share: float
    text: str
    likeness: float | None = None


def has_fallen(before: float | None, now: float) -> bool:
    """Whether so little of the text is left that the page carries something else; ``before``: when it was verified."""
    return before is not None and before >= FALLEN > now


def reasons(signs: Signs) -> list[str]:
    """Why the page is taken to be no more, the strongest sign first; never empty."""
    found = []
    if (moved := _redirected(signs)) is not None:
        found.append(moved)
    if signs.likeness is not None and signs.likeness >= ALIKE:
        found.append(
            f"soft_404: like the page this site shows for an address that does not exist ({signs.likeness:.0%} alike)"
        )
    if not found:
        found.append(f"replaced: the page answers, and carries {signs.share:.0%} of the text")
    if (said := _says(signs.text)) is not None:
        found.append(f"says_removed: the page says {said!r}")
    return found


def _redirected(signs: Signs) -> str | None:
    if same_page(signs.asked, signs.answered):
        return None
    try:
        elsewhere = host_of(signs.asked) != host_of(signs.answered) and not same_site(signs.asked, signs.answered)
    except Invalid:
        return None
    if elsewhere:
        return f"redirected_away: the address leads to another site, {host_of(signs.answered)}"
    asked, answered = _steps(signs.asked), _steps(signs.answered)
    if not answered:
        return "redirected_home: the address leads to the site's front page"
    if len(answered) < len(asked):
        return f"redirected_up: the address leads to a shorter one, /{'/'.join(answered)}"
    return None


def _steps(url: str) -> list[str]:
    steps = [step for step in urlsplit(url).path.split("/") if step]
    return [] if len(steps) == 1 and steps[0].lower() in {"index.html", "index.php", "default.aspx"} else steps


def _says(text: str) -> str | None:
    words = f" {fold(text[:4000])} "
    if words.count(" ") > _NOTICE:
        return None
    return next((one for one, folded in _FOLDED if folded in words), None)


def kind_of(why: Sequence[str]) -> str:
    """The code of the strongest reason, ``missing`` for a page that answered 404 or 410; empty for none."""
    return why[0].partition(":")[0] if why else ""
