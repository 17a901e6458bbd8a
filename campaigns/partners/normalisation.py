"""Normal forms of the names of companies and of licence numbers, which are written in several ways.

The name of a company is unique in the country, and its legal form is written out or abbreviated: CTCP, Công ty CP and
Công ty cổ phần are equal, and so are hoà and hòa, capitals, quotation marks and extra blanks.
"""

import re
from functools import lru_cache
from typing import Final

from campaigns.core.imports.cells import INVISIBLE_CHARACTERS
from campaigns.core.vietnamese import fold, nfc

_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_BLANKS: Final = re.compile(r"\s*([/\-.&])\s*")
_LEGAL_FORM_WORDS: Final = re.compile(r"(?i)^(?:(?:giấy phép|gp)\s+)?số\s*[:.]?\s*(?=\d)")
# Patterns over folded text without signs, in the order in which they are applied.
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
_SIGNS: Final = re.compile(r"[^a-z0-9&]+")


@lru_cache(maxsize=20_000)  # an import and the list of duplicates compute the key of every partner
def company_key(name: str) -> str:
    """The key by which names are compared: equal for spellings of one name."""
    words = _SIGNS.sub(" ", fold(name).replace("&", " va ")).strip()
    for form, whole in _FORMS:
        words = form.sub(whole, words)
    # A name in another script is compared as it is.
    return words.replace(" ", "") or fold(name)


def licence_number(text: str) -> str:
    """A licence number as it is written on licences: no blanks around its signs, one kind of dash, capitals, TTĐT for
    TTDT."""
    line = _LEGAL_FORM_WORDS.sub("", nfc(INVISIBLE_CHARACTERS.sub("", text)).strip())
    line = _BLANKS.sub(r"\1", _DASHES.sub("-", " ".join(line.split()))).upper()
    return re.sub(r"\bTTDT\b", "TTĐT", line)
