"""The parts behind an article in which a site speaks of itself: who runs it, its licence, its address.

A source named in them is not the article's. They are told by their place and by what stands beside the line, not by
their classes.
"""

import re

from campaigns.matching.fingerprints import fold
from campaigns.matching.parsed_page import PageBody, PageLink


def folded_words(pattern: str) -> re.Pattern[str]:
    """A pattern for text as ``fingerprints.fold`` gives it, which writes i for y."""
    return re.compile(pattern.replace("y", "i"))


# A line with these says who runs the site, or how to name it.
CONTACT = folded_words(
    r"\b(?:dia chi|dien thoai|dt \d|email|fax|hotline|giay phep|copyright|thiet ke|phat trien boi|van hanh"
    r"|lien he|chiu trach nhiem|toa soan|tru so|(?:don vi|co quan) (?:chu quan|phoi hop|thuc hien|tai tro|bao tro)"
    r"|tong bien tap|truong ban bien tap|ghi ro nguon|phat hanh lai|dan nguon khi|all rights reserved)\b"
)
_MOST = 400  # blocks behind the copy that are looked at; no source line is looked for so far away
_LONGEST_LINE = 300  # characters; what is longer is a paragraph
_IN_ARTICLE = 2  # lines of contact that make a part in the article's own element the site's; elsewhere one does


def article_root(body: PageBody, first: int, last: int) -> int:
    """The smallest element with the headline and the copy, ``blocks[first:last + 1]``; -1 without one."""
    begin = body.headline if 0 <= body.headline < first else first
    root = body.blocks[first].element
    while root >= 0:
        node = body.elements[root]
        if node.first <= begin and last < node.end and (begin < first or node.end - node.first > 1):
            break
        root = node.parent
    return root


def is_below(body: PageBody, element: int, root: int) -> bool:
    """Whether an element is another one or in it."""
    while element > root:  # ancestors come before their descendants
        element = body.elements[element].parent
    return element == root


def site_blocks(body: PageBody, first: int, last: int) -> frozenset[int]:
    """The blocks behind the copy ``blocks[first:last + 1]`` in which the site speaks of itself.

    A part is what is in one element beside the copy. It is the site's when it has a line of contact, in the article's
    own element two; so is all that follows such a part outside that element, and a page's last line there with other
    things between it and the article.
    """
    root = article_root(body, first, last)
    found: set[int] = set()
    at, outside, is_imprint = last + 1, 0, False
    while at < min(len(body.blocks), last + _MOST):
        part, end = _part_of(body, at, last), at + 1
        if part >= 0:
            end = body.elements[part].end
        inside = is_below(body, body.blocks[at].element, root)
        lines = (
            sum(_is_contact(body.blocks[line].text) for line in range(at, min(end, last + _MOST)))
            if end > at + 1 or not inside
            else 0
        )
        if inside:
            if lines >= _IN_ARTICLE:
                found.update(range(at, end))
        else:
            is_imprint |= lines > 0
            is_last = end == len(body.blocks) and outside > 0 and 0 <= body.headline < first
            if is_imprint or is_last:
                found.update(range(at, end))
            outside += 1
        at = max(end, at + 1)
    return frozenset(found)


def is_of_site(body: PageBody, link: PageLink, last: int, of_site: frozenset[int]) -> bool:
    """Whether a link is in one of the blocks ``of_site``; a picture's is where its element is, since its block is the
    one that follows. ``last``: the copy's last block."""
    if link.start < link.end:
        return link.block in of_site
    element = link.element
    while element >= 0 and body.elements[element].first > last:
        node = body.elements[element]
        if node.first < node.end and node.first in of_site:
            return True
        element = node.parent
    return False


def _part_of(body: PageBody, at: int, last: int) -> int:
    """The outermost element around a block that does not hold the copy's end; -1 without one."""
    part, element = -1, body.blocks[at].element
    while element >= 0 and body.elements[element].first > last:
        part, element = element, body.elements[element].parent
    return part


def _is_contact(text: str) -> bool:
    return "©" in text or (len(text) <= _LONGEST_LINE and CONTACT.search(fold(text)) is not None)
