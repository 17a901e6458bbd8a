"""Parts of a page told by headings or shape: readers' comments, lists of other articles, entries of a live blog."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from campaigns.core.vietnamese import fold
from campaigns.matching.parsed_page import PageRegion, TextBlock, TextElement

_LONGEST_HEADING = 60  # characters
_COUNT = r"\W*(?:\(?\s*\d[\d.]*\s*\)?(?:\s*(?:binh luan|y kien|phan hoi|comments?))?)?\W*"
_READERS = r"(?:cua )?(?:ban doc|doc gia|nguoi doc|thanh vien|ban)"
_COMMENTS = r"binh luan|y kien|phan hoi|thao luan|nhan xet|gop y|comments?|trao doi"
_COMMENT_HEADING = re.compile(
    rf"\W*(?:\d+\s+)?(?:(?P<readers>(?:(?:{_COMMENTS})\s+{_READERS})|(?:ban doc|doc gia)\s+(?:{_COMMENTS}|viet)"
    rf"|(?:{_COMMENTS})\s+(?:moi|hay|cu) nhat|(?:cac|tat ca)\s+(?:{_COMMENTS})"
    rf"|(?:viet|gui|them|de lai)\s+(?:{_COMMENTS})(?:\s+{_READERS})?)|(?P<bare>{_COMMENTS})){_COUNT}$"
)
# What stands below a comment or its form.
_REPLYING = re.compile(
    r"\b(?:tra loi|thich|phan hoi|bao cao vi pham|gui binh luan|gui y kien|viet binh luan|dang nhap|luot thich|reply"
    r"|like)\b|\d+ (?:phut|gio|ngay) truoc"
)
# A comment begins with a name, perhaps with the time, and ends with what a reader may press.
_TIME = re.compile(
    r"\b(?:\d+ ?(?:giay|phut|gio|ngay|tuan|thang|nam) truoc|vua xong|\d+ ?[hmd]\b|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}"
    r"|\d{1,2}[:h]\d{2}\b)"
)
_ANSWER = r"tra loi|phan hoi|reply|bao cao(?: vi pham)?|trich dan|quote"
_LIKE = r"(?:khong )?thich|like|dislike|huu ich"
_PRESSED = re.compile(rf"(?:(?:{_ANSWER}|{_LIKE}|chia se|share)(?: |$))+")
_ANSWERED = re.compile(rf"\b(?:{_ANSWER})\b")
_REACTED = re.compile(rf"\b(?:{_ANSWER}|{_LIKE})\b")
_LONGEST_NAME = 5  # words
_LONGEST_MARK = 80  # characters of a line with a name, a time or what is pressed
_LONGEST_COMMENT = 80  # blocks
_LEAST_ARTICLE = 200  # characters of sentences above the first comment
_SENTENCE = 80  # characters
_FORM_NEAR = 4  # blocks between comments and the form for another
_RELATED_HEADING = re.compile(
    r"\W*(?:(?:cac )?(?:tin|bai|tin tuc|bai viet|tin bai|chu de|noi dung|su kien|van ban)(?: viet| tuc)? (?:co )?"
    r"(?:lien quan|khac|moi|moi nhat|moi hon|cu hon|cung chuyen muc|cung muc|cung chu de|noi bat|doc nhieu|xem nhieu"
    r"|hot|nong|de xuat|goi y|tiep theo|them)|xem them|doc them|tin them|xem tiep|doc tiep|co the ban quan tam"
    r"|ban co the quan tam|co the ban chua doc|duoc quan tam|tham khao them|cung chuyen muc|cung chu de"
    r"|doc nhieu(?: nhat)?|xem nhieu(?: nhat)?|lien quan|goi y cho ban|danh cho ban|tieu diem|nong trong ngay"
    r"|moi cap nhat|lien ket(?: website| web| trang| nhanh| ngoai)?|website lien ket|trang lien ket|danh ba website"
    r"|doi tac|chuyen muc|related(?: \w+)?|read more|recommended|trending|most read)\W*$"
)
_SOURCE_WORDS = re.compile(r"\b(?:nguon|goc|theo|trich)\b")
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6", "summary", "legend", "caption"))
_TITLED = re.compile(r"title|head|tieu-?de|label|caption|total|count", re.IGNORECASE)
_LINKED = 0.85  # share of a block's characters in links, from which on it announces another article
_ITEM = 60  # characters
_LONGEST_ITEM = 5  # blocks: headline, lead, date, source
_MAX_ITEMS = 60

_LIVE = re.compile(
    r"(?:^|[-_.# ])(?:live-?(?:blogs?|posts?|updates?|feeds?|content|event|text|report(?:ing|s)?|items?|entry|entries)"
    r"|tuong-?thuat\w*|truc-?tiep\w*|dien-?bien\w*|timeline)(?:[-_.# ]|$)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"(?:^|[-_])(?:item|entry|post|update|event|block|row|card|news|tin|bai|moc)s?(?:[-_]|$)", re.IGNORECASE
)
_LIVE_WORDS = re.compile(r"\b(?:tuong thuat|truc tiep|dien bien|cap nhat lien tuc|live ?blog)\b")
_MOMENT = re.compile(r"\W*(?:luc\s+)?(?:[01]?\d|2[0-3])\s*(?::|h|gio)\s*[0-5]\d\b")
_LEAST_ENTRIES = 2  # of a container that is called one of a live blog
_LEAST_TIMED = 3  # of any other
_TIMED_SHARE = 0.7


def comments_after_heading(
    blocks: Sequence[TextBlock], elements: Sequence[TextElement], at: int, headline: int
) -> tuple[int, int] | None:
    """Return the blocks that a heading of readers' comments begins, with the heading, and the element around them;
    None for another block. ``at``: the heading's block."""
    block = blocks[at]
    if at <= headline or len(block.text) > _LONGEST_HEADING:
        return None
    found = _COMMENT_HEADING.match(fold(block.text))
    if found is None:
        return None
    around, own = _parent_with_more(elements, block.element, at)
    if around < 0 or elements[around].end <= at + 1:
        return None
    end = elements[around].end
    titled = own.tag in _HEADINGS or _TITLED.search(own.label) is not None
    counted = any(letter.isdecimal() for letter in block.text)
    sure = bool(found["readers"]) or counted or (titled and fold(block.text).strip().startswith("binh luan"))
    replied = any(_REPLYING.search(fold(each.text)) for each in blocks[at + 1 : end] if len(each.text) < 2 * _ITEM)
    return (end, around) if sure or replied else None


class _Mark(NamedTuple):
    """What a short line of a comment may be."""

    is_name: bool
    is_timed: bool
    is_pressed: bool  # nothing but what a reader may press to like or answer, perhaps with a time
    is_answered: bool  # by which a comment is answered


def _mark(text: str) -> _Mark:
    flat = fold(text)
    timed = _TIME.search(flat) is not None
    words = re.sub(r"[^a-z]+", " ", _TIME.sub(" ", flat)).strip()
    only = _PRESSED.fullmatch(words) is not None
    pressed = only and _REACTED.search(words) is not None
    name = not only and 0 < len(words.split()) <= _LONGEST_NAME and not text.endswith((":", "?", ".", "!"))
    return _Mark(name, timed, pressed, pressed and _ANSWERED.search(words) is not None)


def comments_by_shape(
    blocks: Sequence[TextBlock], elements: Sequence[TextElement], headline: int, forms: Sequence[tuple[int, int]]
) -> list[tuple[int, int, int]]:
    """Return the blocks of readers' comments that no name and no heading marks, and the element around them:
    ``blocks[first:end]`` in ``elements[around]``.

    Comments stand behind an article. They are elements that begin with a name and end with a line to answer them; with
    a time, one to like them does, or a form for a comment beside them. A single one has name, time and answer.
    ``forms``: the block and the element of each ``textarea``.
    """
    start, article = max(0, headline + 1), 0
    while start < len(blocks) and article < _LEAST_ARTICLE:
        text = blocks[start].text
        article += len(text) if blocks[start].region is PageRegion.MAIN and len(text) >= _SENTENCE else 0
        start += 1
    marks = {at: _mark(blocks[at].text) for at in range(start, len(blocks)) if len(blocks[at].text) <= _LONGEST_MARK}
    if not forms and not any(mark.is_pressed for mark in marks.values()):
        return []
    children: dict[int, list[int]] = {}
    for number, element in enumerate(elements):
        named = element.first in marks and marks[element.first].is_name
        if named and 2 <= element.end - element.first <= _LONGEST_COMMENT:
            children.setdefault(element.parent, []).append(number)
    found = []
    for parent, items in children.items():
        answered, timed, single = [], [], []
        for item in items:
            first, end = elements[item].first, elements[item].end
            ends = []
            for at in range(end - 1, first, -1):
                line = marks.get(at)
                if line is None or not (line.is_pressed or line.is_timed):
                    break
                ends.append(line)
            begins = [marks[at] for at in (first, first + 1) if at in marks]
            is_timed = any(line.is_timed for line in (*begins, *ends))
            answers = sum(marks[at].is_answered for at in range(first, end) if at in marks)
            if any(line.is_answered or (is_timed and line.is_pressed) for line in ends):
                answered.append(item)
                if answers == 1 and any(line.is_timed for line in begins):
                    single.append(item)
            if is_timed:
                timed.append(item)
        comments = answered
        if len(answered) < _LEAST_ENTRIES and answered != single:
            comments = []
        if not comments and len(timed) >= _LEAST_ENTRIES and _has_form(blocks, elements, parent, timed, forms):
            comments = timed
        if comments:
            found.append((elements[comments[0]].first, elements[comments[-1]].end, parent))
    return found


def _has_form(
    blocks: Sequence[TextBlock],
    elements: Sequence[TextElement],
    parent: int,
    items: Sequence[int],
    forms: Sequence[tuple[int, int]],
) -> bool:
    """Whether a form for a comment stands in the parent of these elements or beside it, and the parent holds no other
    text."""
    if parent < 0:
        return False
    holder, first, end = elements[parent], elements[items[0]].first, elements[items[-1]].end
    if any(len(blocks[at].text) >= _SENTENCE for at in (*range(holder.first, first), *range(end, holder.end))):
        return False
    for at, element in forms:
        above = element
        while above > holder.parent and above != parent:
            above = elements[above].parent
        if above in {parent, holder.parent} and first - _FORM_NEAR <= at <= end + _FORM_NEAR:
            return True
    return False


def _parent_with_more(elements: Sequence[TextElement], element: int, at: int) -> tuple[int, TextElement]:
    """Return the nearest element around a block that holds more than it, and the outermost that does not."""
    own = elements[element]
    while element >= 0 and elements[element].end - elements[element].first <= 1 and elements[element].first == at:
        own = elements[element]
        element = own.parent
    return element, own


def announced_after_heading(
    blocks: Sequence[TextBlock], elements: Sequence[TextElement], at: int, linked: Sequence[int]
) -> list[int]:
    """Return the blocks that a heading of a list of other articles, or of other sites, announces. ``linked``: the
    characters of each block that are links."""
    if len(blocks[at].text) > _LONGEST_HEADING or _RELATED_HEADING.match(fold(blocks[at].text)) is None:
        return []
    if linked[at] >= _LINKED * len(blocks[at].text):
        return []
    found: list[int] = []
    for here in range(at + 1, min(at + 1 + _MAX_ITEMS, len(blocks))):
        text = blocks[here].text
        announced = linked[here] >= _LINKED * len(text) and _SOURCE_WORDS.search(fold(text)) is None
        if not announced and not _is_of_item(elements, blocks, here, at, found):
            break
        found.append(here)
    return found


def _is_of_item(
    elements: Sequence[TextElement], blocks: Sequence[TextBlock], at: int, heading: int, found: Sequence[int]
) -> bool:
    """Whether a block is in one element with an announcement before it, few others, and without the heading."""
    around = elements[blocks[at].element].parent
    if around < 0:
        return False
    item = elements[around]
    return bool(found) and heading < item.first <= found[-1] and item.end - item.first <= _LONGEST_ITEM


def live_entries(
    blocks: Sequence[TextBlock], elements: Sequence[TextElement], marked: frozenset[int], words: str
) -> tuple[tuple[int, int], ...]:
    """Return the entries of a live blog as ranges of blocks; () for another page.

    ``marked``: the elements that microdata call a live blog. ``words``: the headline and the title; where they or the
    classes speak of a live report, the elements that begin with an hour are its entries.
    """
    live = _LIVE_WORDS.search(fold(words)) is not None or bool(marked)
    children: dict[tuple[int, str, str], list[int]] = {}
    for number, element in enumerate(elements):
        if element.end > element.first and element.parent >= 0:
            kind = (element.parent, element.tag, element.classes.split()[0] if element.classes else "")
            children.setdefault(kind, []).append(number)
    best: tuple[int, tuple[tuple[int, int], ...]] = (0, ())
    for (parent, tag, name), items in children.items():
        holder = elements[parent]
        named = parent in marked or _LIVE.search(f"{holder.classes} {holder.ident}") or _LIVE.search(name)
        if len(items) < _LEAST_ENTRIES or (not named and not (live and len(items) >= _LEAST_TIMED)):
            continue
        timed = sum(_MOMENT.match(fold(blocks[elements[item].first].text)) is not None for item in items)
        # Without hours, and without a name of their own, they may be paragraphs of one text.
        called = tag == "article" or (tag != "p" and _ENTRY.search(name) is not None)
        if timed < _TIMED_SHARE * len(items) and not (named and called):
            continue
        size = sum(len(block.text) for item in items for block in blocks[elements[item].first : elements[item].end])
        if size > best[0]:
            best = (size, tuple((elements[item].first, elements[item].end) for item in items))
    return best[1]
