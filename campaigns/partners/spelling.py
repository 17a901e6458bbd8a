"""What is one and the same in several spellings: names of companies, and licence numbers.

A company's name is unique in the country, and its legal form is written out or shortened as the typist likes: CTCP,
Công ty CP and Công ty cổ phần are one, so are hoà and hòa, capitals, quotation marks and stray blanks.
"""

import re
from functools import lru_cache
from typing import Final

from campaigns.core.vietnamese import fold, nfc

# Never seen, and left behind by copying from the web and from Word.
INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_BLANKS: Final = re.compile(r"\s*([/\-.&])\s*")
_CALLED: Final = re.compile(r"(?i)^(?:(?:giấy phép|gp)\s+)?số\s*[:.]?\s*(?=\d)")
# Folded, without signs. The longer before what is part of it.
_FORMS: Final = (
    (re.compile(r"\bctcp\b"), "cong ty co phan"),
    (re.compile(r"\bc ?ty\b"), "cong ty"),
    (re.compile(r"\bcong ty cp\b"), "cong ty co phan"),
    (re.compile(r"\bt ?n ?h ?h\b"), "trach nhiem huu han"),
    (re.compile(r"\b(?:mtv|1 ?tv|1 thanh vien)\b"), "mot thanh vien"),
    (re.compile(r"\b(?:2 ?tv|2 thanh vien)\b"), "hai thanh vien"),
    (re.compile(r"\bdntn\b"), "doanh nghiep tu nhan"),
    (re.compile(r"\bhtx\b"), "hop tac xa"),
)
# Any of the above.
_SHORT: Final = re.compile(r"\b(?:ctcp|c ?ty|cp|t ?n ?h ?h|mtv|[12] ?tv|[12] thanh vien|dntn|htx)\b")
_SIGNS: Final = re.compile(r"[^a-z0-9&]+")


@lru_cache(maxsize=4096)  # sheets name a company once a licence, mostly one below the other
def company_key(name: str) -> str:
    """What two names are compared by: equal for spellings of one name."""
    words = _SIGNS.sub(" ", fold(name).replace("&", " va ")).strip()
    if _SHORT.search(words):
        for form, whole in _FORMS:
            words = form.sub(whole, words)
    # A name in another script is compared as it stands.
    return words.replace(" ", "") or fold(name)


def licence_number(text: str) -> str:
    """A licence number as it is written on licences: no blank around its signs, one kind of dash, capitals.

    The sign of what is licensed is a fixed one; TTDT is TTĐT without its stroke.
    """
    line = _CALLED.sub("", nfc(INVISIBLE.sub("", text)).strip())
    line = _BLANKS.sub(r"\1", _DASHES.sub("-", " ".join(line.split()))).upper()
    return re.sub(r"\bTTDT\b", "TTĐT", line)
