"""Signs of removal on a page that answers.

A site that answers an address that does not exist with status 200 answers removed articles the same way: a page that
lost its text and resembles that answer (``missing_page_probes``) is removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import host_of, same_page, same_site
from campaigns.matching.fingerprints import fold

# A page that had more than this share of our words, and has less now, carries something else.
REPLACED_BELOW_SHARE = 0.25
# From this similarity on, two pages are the same to a reader.
SOFT_404_LIKENESS = 0.9
# A page with more words is an article, whatever it says about removals.
_LONGEST_NOTICE = 200  # words
_REMOVAL_PHRASES = (
    "không tìm thấy",
    "không tồn tại",
    "đã bị xóa",
    "đã bị gỡ",
    "đã được gỡ",
    "đã gỡ bỏ",
    "đã bị thu hồi",
    "page not found",
)
_FOLDED_PHRASES = tuple((phrase, f" {fold(phrase)} ") for phrase in _REMOVAL_PHRASES)


@dataclass(frozen=True)
class RemovalSigns:
    """The observations of a check that did not find the copy. ``asked`` and ``answered``: the requested and the final
    address. ``share``: of the bulletin's words on the page, 0–1. ``text``: headline and main text. ``likeness``:
    similarity, 0–1, to the site's page for an address that does not exist; None if the site answers properly or was not
    asked."""

    asked: str
    answered: str
    share: float
    text: str
    likeness: float | None = None


def has_lost_text(before: float | None, now: float) -> bool:
    """Whether too little of the text is left; ``before``: the share when it was verified."""
    return before is not None and before >= REPLACED_BELOW_SHARE > now


def removal_reasons(signs: RemovalSigns) -> list[str]:
    """The reasons to consider the page removed, the strongest first; never empty."""
    found = []
    if (moved := redirect_reason(signs.asked, signs.answered)) is not None:
        found.append(moved)
    if signs.likeness is not None and signs.likeness >= SOFT_404_LIKENESS:
        found.append(
            f"soft_404: like the page this site shows for an address that does not exist ({signs.likeness:.0%} alike)"
        )
    if not found:
        found.append(f"replaced: the page answers, and carries {signs.share:.0%} of the text")
    if (phrase := removal_phrase_in(signs.text)) is not None:
        found.append(f"says_removed: the page says {phrase!r}")
    return found


def redirect_reason(asked: str, answered: str) -> str | None:
    """The reason why the address leads elsewhere: to another site or to a shorter address; None for an article's."""
    if same_page(asked, answered):
        return None
    try:
        elsewhere = host_of(asked) != host_of(answered) and not same_site(asked, answered)
    except Invalid:
        return None
    if elsewhere:
        return f"redirected_away: the address leads to another site, {host_of(answered)}"
    before, now = _path_segments(asked), _path_segments(answered)
    if not now:
        return "redirected_home: the address leads to the site's front page"
    if len(now) < len(before):
        return f"redirected_up: the address leads to a shorter one, /{'/'.join(now)}"
    return None


def _path_segments(url: str) -> list[str]:
    steps = [step for step in urlsplit(url).path.split("/") if step]
    return [] if len(steps) == 1 and steps[0].lower() in {"index.html", "index.php", "default.aspx"} else steps


def removal_phrase_in(text: str) -> str | None:
    """The phrase by which a short page says that what was there is removed; None for any other page."""
    words = f" {fold(text[:4000])} "
    if words.count(" ") > _LONGEST_NOTICE:
        return None
    return next((phrase for phrase, folded in _FOLDED_PHRASES if folded in words), None)


def reason_code(why: Sequence[str]) -> str:
    """The code of the strongest reason, ``missing`` for a page that answered 404 or 410; empty for none."""
    return why[0].partition(":")[0] if why else ""
