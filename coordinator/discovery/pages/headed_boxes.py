"""Parts of a page that only their headings tell: readers' comments, lists of other articles, entries of a live blog."""

import re
from collections.abc import Sequence

from campaigns.core.vietnamese import fold
from campaigns.matching.parsed_page import TextBlock, TextElement

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
