"""Amounts of money in đồng, as people write them."""

import re
from typing import Final

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import fold

MOST_DONG: Final = 10_000_000_000  # more is a typing error
_UNIT: Final = re.compile(r"(?:vnd|vnđ|dong|đồng|đ|d|₫)\.?$")
_GROUPED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+")
_FACTORS: Final = {"nghin": 10**3, "ngan": 10**3, "trieu": 10**6, "tr": 10**6, "ty": 10**9, "ti": 10**9}
# "1.500 triệu" is 1500 million; "1,5 tỷ" and "1.5 tỷ" are one and a half.
_IN_WORDS: Final = re.compile(
    r"(\d{1,3}(?:\.\d{3})+|\d{1,9}(?:[.,]\d{1,2})?) ?(nghin|ngan|trieu|tr|ty|ti)(?: (?:dong|vnd))?"
)


def parse_amount(text: str, field: str = "amount") -> int | None:
    """An amount such as ``15000000``, ``15.000.000`` or ``15.000.000 đồng``; None for an empty text.

    Raises ``Invalid`` for ``field``: ``amount_words`` for "15 triệu", whose figure the message names, ``amount`` for
    anything else that is no whole number of đồng.
    """
    line = " ".join(text.replace("\u00a0", " ").split())
    if not line:
        return None
    bare = _UNIT.sub("", line.lower()).strip()
    sign = bare.startswith(("-", "−"))
    digits = bare.lstrip("-−+ ")
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"[., ]", "", digits)
    if re.fullmatch(r"\d{1,30}", digits):
        figure = -int(digits) if sign else int(digits)
        if errors := amount_errors(figure, field):
            raise Invalid(errors)
        return figure
    if words := _IN_WORDS.fullmatch(fold(bare)):
        number = words[1].replace(".", "") if _GROUPED.fullmatch(words[1]) else words[1].replace(",", ".")
        whole = round(float(number) * _FACTORS[words[2]])
        raise Invalid([FieldError(field, "amount_words", f"{line!r} is in words; write {whole}", str(whole))])
    message = f"{line[:80]!r} is not an amount in đồng; expected one such as 15000000 or 15.000.000"
    raise Invalid([FieldError(field, "amount", message)])


def amount_errors(amount: int, field: str = "amount") -> list[FieldError]:
    """The errors of an amount in đồng."""
    if amount < 0:
        return [FieldError(field, "amount_negative", f"{amount} is less than 0")]
    if amount > MOST_DONG:
        return [FieldError(field, "amount_huge", f"{amount} is more than {MOST_DONG} đồng; check the number of zeros")]
    return []
