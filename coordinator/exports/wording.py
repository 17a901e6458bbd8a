"""The words of an official letter and who sends it: all that one letter has of its own. Its form is ``dispatch``."""

from collections.abc import Mapping
from dataclasses import dataclass

from coordinator.exports.document import Signature

NO_SIGNATURE = Signature("")
Value = str | tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Wording:
    """One kind of letter as its template has it at first, with fields in braces.

    ``title`` names the file's content; ``about``: after "V/v"; ``addressed_to``: after "Kính gửi:"; ``paragraphs`` in
    order, one that is a tag alone written ``{%p … %}``; ``recipients`` as they stand below "Nơi nhận:". ``samples``:
    the fields of its own as they can come, the fullest first and the barest last, to try templates with.
    """

    title: str
    about: str
    addressed_to: str
    paragraphs: tuple[str, ...]
    samples: tuple[Mapping[str, Value], ...]
    recipients: tuple[str, ...] = ("- Như trên;", "- Lưu: VT.")


@dataclass(frozen=True)
class Sender:
    """Who writes, as on the day of the letter. Place and signer that nobody entered stay open, and so do number, its
    symbol and the date: they are the records office's. A name may have line breaks where the head shall break it."""

    agency: str
    parent_agency: str = ""
    place: str = ""
    signature: Signature = NO_SIGNATURE
