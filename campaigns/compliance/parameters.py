"""What a rule asks and what of it can be set: the thirteen checkers, and the parameters of each with their bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc

LONGEST_WORD, MOST_WORDS = 60, 50


class Checker(Enum):
    """What is asked; each has its function in ``copies`` or ``imprints``."""

    IMPRINT = "imprint"  # R1: the front page tells who is behind it, as the register does
    SOURCE_NAMED = "source_named"  # R2
    SOURCE_LINKED = "source_linked"  # R3: a link to the bulletin, at the end
    SIGNED = "signed"  # R4: time, and author
    NOT_EARLY = "not_early"  # R5: not before so many minutes after the release
    VERBATIM = "verbatim"  # R6
    IN_SCOPE = "in_scope"  # R7: the topic is within the licence
    AGREED = "agreed"  # R8: an agreement that held on the day
    LICENSED = "licensed"  # R9: a licence that held on the day
    TAKEN_DOWN = "taken_down"  # R10: a withdrawn bulletin is no longer up after so many minutes
    SOURCES = "sources"  # R11: so many sources on the front page
    NO_COMMENTS = "no_comments"  # R12
    NAME = "name"  # R13: neither name nor domain looks like a newspaper's


class Shape(Enum):
    """What a parameter's value is."""

    FLAG = "flag"
    COUNT = "count"  # a whole number from ``least`` to ``most``
    SHARE = "share"  # from 0 to 1
    ITEMS = "items"  # some of ``options``
    WORDS = "words"  # a list of words, compared as they are written


class Item(Enum):
    """What a front page has to tell (R1)."""

    NAME = "name"  # the company, as in the register
    PARENT = "parent"  # the body above it
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    RESPONSIBLE = "responsible"  # who answers for the content
    LICENCE_NUMBER = "licence_number"  # that of a licence in force
    LICENCE_ISSUER = "licence_issuer"
    LICENCE_DATE = "licence_date"


@dataclass(frozen=True)
class Parameter:
    """One thing that can be set."""

    name: str
    shape: Shape
    usual: Any
    least: int = 0
    most: int = 0
    options: Sequence[str] = ()


_DAY = 24 * 60  # minutes
PARAMETERS: Mapping[Checker, Sequence[Parameter]] = MappingProxyType(
    {
        Checker.IMPRINT: (
            Parameter("items", Shape.ITEMS, [one.value for one in Item], options=[one.value for one in Item]),
        ),
        Checker.SOURCE_NAMED: (),
        Checker.SOURCE_LINKED: (Parameter("at_end", Shape.FLAG, True),),
        Checker.SIGNED: (Parameter("time", Shape.FLAG, True), Parameter("author", Shape.FLAG, False)),
        Checker.NOT_EARLY: (
            Parameter("delay_minutes", Shape.COUNT, 60, 0, 7 * _DAY),
            Parameter("agreement_waives", Shape.FLAG, False),
        ),
        Checker.VERBATIM: (Parameter("least_share", Shape.SHARE, 0.9),),
        Checker.IN_SCOPE: (),
        Checker.AGREED: (),
        Checker.LICENSED: (Parameter("none_at_all", Shape.FLAG, False),),
        Checker.TAKEN_DOWN: (Parameter("minutes", Shape.COUNT, _DAY, 0, 30 * _DAY),),
        Checker.SOURCES: (Parameter("least", Shape.COUNT, 3, 1, 100),),
        Checker.NO_COMMENTS: (),
        Checker.NAME: (
            Parameter(
                "name_begins",
                Shape.WORDS,
                ["Báo", "Tạp chí", "Tuần báo", "Nhật báo", "Đài", "Thông tấn xã", "Hãng tin"],
            ),
            Parameter("host_begins", Shape.WORDS, ["bao", "tapchi", "nhatbao", "tuanbao", "thongtan"]),
            Parameter("host_except", Shape.WORDS, ["baohiem", "baogia", "baove", "baotang", "baoho"]),
        ),
    }
)


def usual(checker: Checker) -> dict[str, Any]:
    """The parameters of a checker as they are shipped."""
    return {one.name: one.usual for one in PARAMETERS[checker]}


def checked(checker: Checker, given: Mapping[str, Any]) -> dict[str, Any]:
    """These parameters whole and in order; what is not given is as shipped.

    Raises ``Invalid`` (``parameters.<name>``) for what does not fit, and for names that the checker has not.
    """
    known = {one.name: one for one in PARAMETERS[checker]}
    errors = [
        FieldError(f"parameters.{name}", "unknown_parameter", f"no such parameter: {name}")
        for name in given
        if name not in known
    ]
    kept = {}
    for one in known.values():
        value = given.get(one.name, one.usual)
        if (right := _fitting(one, value)) is None:
            errors.append(FieldError(f"parameters.{one.name}", "parameter", f"{value!r} is not {_expected(one)}"))
        else:
            kept[one.name] = right
    if errors:
        raise Invalid(errors)
    return kept


def _fitting(one: Parameter, value: Any) -> Any:
    """The value as it is kept; None when it does not fit."""
    match one.shape:
        case Shape.FLAG:
            return value if isinstance(value, bool) else None
        case Shape.COUNT:
            whole = isinstance(value, int) and not isinstance(value, bool)
            return value if whole and one.least <= value <= one.most else None
        case Shape.SHARE:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return float(value) if number and 0 <= value <= 1 else None
        case Shape.ITEMS:
            right = isinstance(value, list) and value and set(value) <= set(one.options)
            return [name for name in one.options if name in value] if right else None
        case Shape.WORDS:
            if not isinstance(value, list) or len(value) > MOST_WORDS:
                return None
            words = [nfc(" ".join(word.split())) for word in value if isinstance(word, str) and word.strip()]
            fits = len(words) == len(value) and all(len(word) <= LONGEST_WORD for word in words)
            return list(dict.fromkeys(words)) if fits else None


def _expected(one: Parameter) -> str:
    return {
        Shape.FLAG: "yes or no",
        Shape.COUNT: f"a whole number from {one.least} to {one.most}",
        Shape.SHARE: "a share from 0 to 1",
        Shape.ITEMS: f"at least one of {', '.join(one.options)}",
        Shape.WORDS: f"a list of at most {MOST_WORDS} words",
    }[one.shape]
