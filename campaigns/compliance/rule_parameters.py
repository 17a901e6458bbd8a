"""The thirteen checkers of the rules, the parameters of each with their bounds, and the faults that they report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from campaigns.core.errors import FieldError, Invalid
from campaigns.core.vietnamese import nfc

LONGEST_EXCERPT = 500  # characters


@dataclass(frozen=True)
class Fault:
    """What a checker reports about one page or site. ``code``: one of ``FAULT_VALUES``; ``facts``: plain values for
    the fault's sentence; ``detail``: distinguishes faults of one code (a dismissed fault is not proposed again while
    code and detail stay the same); ``excerpt``: the page's text in question, '' when the fault is that something is
    missing."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    excerpt: str = ""

    @property
    def mark(self) -> str:
        """Code and detail as one string."""
        return f"{self.code}:{self.detail}"[:300] if self.detail else self.code


# All fault codes by checker; pages have a sentence for each.
FAULT_VALUES: Mapping[str, tuple[str, ...]] = {
    "imprint": ("imprint",),
    "source_named": ("unnamed", "other_source"),
    "source_linked": ("no_link", "home_page_only", "url_text_only", "not_at_end"),
    "signed": ("no_time", "no_author", "no_time_no_author"),
    "not_early": ("before_release", "too_soon"),
    "verbatim": ("not_verbatim",),
    "in_scope": ("out_of_scope",),
    "agreed": ("no_agreement", "agreement_ended", "agreement_other_topic"),
    "licensed": ("no_licence", "licence_ended"),
    "taken_down": ("still_up",),
    "sources": ("few_sources",),
    "no_comments": ("comments",),
    "name": ("press_name",),
}


LONGEST_WORD, MOST_WORDS = 60, 50


class Checker(Enum):
    """What a rule checks; the functions are in ``copy_checks`` and ``front_page_checks``."""

    IMPRINT = "imprint"  # R1: the front page names its operator as registered
    SOURCE_NAMED = "source_named"  # R2: the source is named
    SOURCE_LINKED = "source_linked"  # R3: the bulletin is linked, at the end
    SIGNED = "signed"  # R4: time and author are given
    NOT_EARLY = "not_early"  # R5: published no sooner than the release and the delay of an agreement
    VERBATIM = "verbatim"  # R6: the whole text, as matching classifies it
    IN_SCOPE = "in_scope"  # R7: the licence covers the topic
    AGREED = "agreed"  # R8: an agreement was in force on the day
    LICENSED = "licensed"  # R9: a licence was in force on the day
    TAKEN_DOWN = "taken_down"  # R10: a recalled bulletin is removed within the limit
    SOURCES = "sources"  # R11: the minimum number of sources on the front page
    NO_COMMENTS = "no_comments"  # R12: no readers' comments
    NAME = "name"  # R13: neither name nor domain resembles a newspaper's


class ParameterShape(Enum):
    """The type of a parameter's value."""

    FLAG = "flag"
    COUNT = "count"  # an integer from ``least`` to ``most``
    ITEMS = "items"  # a subset of ``options``
    WORDS = "words"  # a list of words, compared exactly


class ImprintItem(Enum):
    """The items a front page must show (R1)."""

    NAME = "name"  # the company, as registered
    PARENT = "parent"  # the managing organisation
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    RESPONSIBLE = "responsible"  # the person responsible for the content
    LICENCE_NUMBER = "licence_number"  # the number of a licence in force
    LICENCE_ISSUER = "licence_issuer"
    LICENCE_DATE = "licence_date"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a checker. ``least`` and ``most`` are the bounds of a ``COUNT``."""

    name: str
    shape: ParameterShape
    usual: Any
    least: int = 0
    most: int = 0
    options: Sequence[str] = ()


_MINUTES_A_DAY = 24 * 60  # minutes
PARAMETERS: Mapping[Checker, Sequence[Parameter]] = MappingProxyType(
    {
        Checker.IMPRINT: (
            Parameter(
                "items",
                ParameterShape.ITEMS,
                # The decree asks for the managing organisation of those that have one, and no page says who has.
                [item.value for item in ImprintItem if item is not ImprintItem.PARENT],
                options=[item.value for item in ImprintItem],
            ),
        ),
        Checker.SOURCE_NAMED: (),
        Checker.SOURCE_LINKED: (Parameter("at_end", ParameterShape.FLAG, True),),
        Checker.SIGNED: (Parameter("time", ParameterShape.FLAG, True), Parameter("author", ParameterShape.FLAG, False)),
        Checker.NOT_EARLY: (
            Parameter("delay_minutes", ParameterShape.COUNT, 0, 0, 7 * _MINUTES_A_DAY),
            Parameter("agreement_waives", ParameterShape.FLAG, False),
        ),
        Checker.VERBATIM: (),
        Checker.IN_SCOPE: (),
        Checker.AGREED: (),
        Checker.LICENSED: (Parameter("none_at_all", ParameterShape.FLAG, False),),
        Checker.TAKEN_DOWN: (Parameter("minutes", ParameterShape.COUNT, _MINUTES_A_DAY, 0, 30 * _MINUTES_A_DAY),),
        Checker.SOURCES: (Parameter("least", ParameterShape.COUNT, 3, 1, 100),),
        Checker.NO_COMMENTS: (),
        Checker.NAME: (
            Parameter(
                "name_begins",
                ParameterShape.WORDS,
                ["Báo", "Tạp chí", "Tuần báo", "Nhật báo", "Đài", "Thông tấn xã", "Hãng tin"],
            ),
            Parameter("host_begins", ParameterShape.WORDS, ["bao", "tapchi", "nhatbao", "tuanbao", "thongtan"]),
            Parameter("host_except", ParameterShape.WORDS, ["baohiem", "baogia", "baove", "baotang", "baoho"]),
        ),
    }
)


def usual_parameters(checker: Checker) -> dict[str, Any]:
    """The default parameters of a checker."""
    return {parameter.name: parameter.usual for parameter in PARAMETERS[checker]}


def checked_parameters(checker: Checker, given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a checker, in order, with defaults for those not given.

    Raises ``Invalid`` (``parameters.<name>``) for values that do not fit and for unknown names.
    """
    known = {parameter.name: parameter for parameter in PARAMETERS[checker]}
    errors = [
        FieldError(f"parameters.{name}", "unknown_parameter", f"no such parameter: {name}")
        for name in given
        if name not in known
    ]
    kept = {}
    for parameter in known.values():
        value = given.get(parameter.name, parameter.usual)
        if (right := _fitting_value(parameter, value)) is None:
            errors.append(
                FieldError(
                    f"parameters.{parameter.name}", "parameter", f"{value!r} is not {_expected_words(parameter)}"
                )
            )
        else:
            kept[parameter.name] = right
    if errors:
        raise Invalid(errors)
    return kept


def _fitting_value(parameter: Parameter, value: Any) -> Any:
    """The value as stored; None when it does not fit."""
    match parameter.shape:
        case ParameterShape.FLAG:
            return value if isinstance(value, bool) else None
        case ParameterShape.COUNT:
            whole = isinstance(value, int) and not isinstance(value, bool)
            return value if whole and parameter.least <= value <= parameter.most else None
        case ParameterShape.ITEMS:
            right = isinstance(value, list) and value and set(value) <= set(parameter.options)
            return [name for name in parameter.options if name in value] if right else None
        case ParameterShape.WORDS:
            if not isinstance(value, list) or len(value) > MOST_WORDS:
                return None
            words = [nfc(" ".join(word.split())) for word in value if isinstance(word, str) and word.strip()]
            fits = len(words) == len(value) and all(len(word) <= LONGEST_WORD for word in words)
            return list(dict.fromkeys(words)) if fits else None


def _expected_words(parameter: Parameter) -> str:
    return {
        ParameterShape.FLAG: "yes or no",
        ParameterShape.COUNT: f"a whole number from {parameter.least} to {parameter.most}",
        ParameterShape.ITEMS: f"at least one of {', '.join(parameter.options)}",
        ParameterShape.WORDS: f"a list of at most {MOST_WORDS} words",
    }[parameter.shape]
