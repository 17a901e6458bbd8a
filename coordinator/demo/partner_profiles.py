"""Profiles of the demo partners: where they get bulletins, how they republish them, and the figures to be counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class SourceLine(Enum):
    """The source line that a partner adds at the end of a text."""

    LINKED = "linked"  # the name, linked to the bulletin
    HOME = "home"  # the name, linked to the department's home page only
    VIA = "via"  # as LINKED, and a link to the other partner's copy that it took the text from
    NONE = "none"  # nothing


class RemovalAnswer(Enum):
    """The answer of a partner's site for a removed copy."""

    MISSING = "missing"  # 404
    SOFT = "soft"  # a page with status 200 that says so
    HOME = "home"  # its front page


@dataclass(frozen=True)
class PartnerProfile:
    """The behaviour of one partner.

    ``feed``: the name of the feed it pulls, None when it is pushed to. ``keeps``: the indices of the paragraphs it
    keeps, given their number. ``source``: its source line, by the position (from 0) of the bulletin among those it
    took. ``listed_in``: where its new pages are listed. ``corrects``: whether it follows corrections.
    ``removal_answer``: its answer for a removed copy; ``removes_after``: seconds from learning of a recall until it
    removes the copy. ``also_at``: whether it shows the text at a second address too, by position as for ``source``.
    ``keeps_image``: whether it keeps the counter image at the end of a text. ``scripted_at``: whether a script writes
    the text into the page, by position too.
    """

    feed: str | None
    listed_in: str
    headline: Callable[[str], str]
    keeps: Callable[[int], list[int]]
    source: Callable[[int], SourceLine]
    style: str
    corrects: bool = True
    removal_answer: RemovalAnswer = RemovalAnswer.MISSING
    removes_after: float = 0.0
    also_at: Callable[[int], bool] = lambda _position: False
    keeps_image: bool = True
    scripted_at: Callable[[int], bool] = lambda _position: False


@dataclass
class KnownActs:
    """The acts of a partner by the bulletin's code, with which the product's counts are compared."""

    delivered: set[str] = field(default_factory=set)
    source: dict[str, SourceLine] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)  # copies left unchanged when the bulletin was corrected
    second: set[str] = field(default_factory=set)  # copies that it also shows at a second address
    scripted: set[str] = field(default_factory=set)  # copies that a script writes
    claimed: set[tuple[str, str]] = field(default_factory=set)  # code and path of each page that it reported, once each
    false_reports: set[tuple[str, str]] = field(default_factory=set)  # reported pages that do not carry the bulletin

    def counts(self) -> dict[str, int]:
        """The figures that a complete observation would give."""
        named = [code for code, line in self.source.items() if line is not SourceLine.NONE]
        return {
            "delivered": len(self.delivered),
            "found": len(self.source) + len(self.false_reports),
            "confirmed": len(named),
            "review": len(self.source) - len(named),
            "attributed": sum(line in {SourceLine.LINKED, SourceLine.VIA} for line in self.source.values()),
            "gone": sum(code in self.gone for code in named),
            "behind": len(self.behind - self.gone),
            "taken_from_partner": sum(line is SourceLine.VIA for line in self.source.values()),
            "second_addresses": len(self.second),
            "seen_in_browser": len(self.scripted),
            "claims": len(self.claimed),
            "false_claims": len(self.false_reports),
        }


def same_headline(title: str) -> str:
    """The department's own headline."""
    return title


def own_headline(title: str) -> str:
    """A headline of the site's own."""
    first, _, rest = title.partition(" ")
    return f"Người dân cần biết: {first.lower()} {rest}"


def short_headline(title: str) -> str:
    """The first words of the headline."""
    words = title.split()
    return " ".join(words[:8]) + (" – đọc nhanh trong một phút" if len(words) > 8 else "")


def all_paragraphs(count: int) -> list[int]:
    """Every paragraph."""
    return list(range(count))


def without_the_last(count: int) -> list[int]:
    """All but the last paragraph, when there are enough of them."""
    return list(range(count - 1 if count > 3 else count))


def without_the_second(count: int) -> list[int]:
    """All but the second paragraph, when there are enough of them."""
    return [index for index in range(count) if index != 1 or count < 4]


# Three partners. The first copies exactly and names the copy it took a text from. The second receives pushes, omits the
# source once, shows one copy at two addresses and answers 200 for a removed copy. The third shortens texts, does not
# follow corrections, reports pages that carry no bulletin, removes recalled copies late and redirects to its front
# page; one of its pages is written by a script.
NHIP_SONG = PartnerProfile(
    feed="rss.xml",
    listed_in="feed",
    headline=own_headline,
    keeps=all_paragraphs,
    source=lambda position: SourceLine.VIA if position == 3 else SourceLine.LINKED,
    style="article",
)
PHO_NHO = PartnerProfile(
    feed=None,
    listed_in="sitemap",
    headline=same_headline,
    keeps=without_the_last,
    source=lambda position: SourceLine.NONE if position == 1 else SourceLine.LINKED,
    style="divs",
    removal_answer=RemovalAnswer.SOFT,
    also_at=lambda position: position == 4,
)
CONG_TIN_SANG = PartnerProfile(
    feed="feed.json",
    listed_in="listing",
    headline=short_headline,
    keeps=without_the_second,
    source=lambda position: SourceLine.HOME if position == 2 else SourceLine.LINKED,
    style="breaks",
    corrects=False,
    removal_answer=RemovalAnswer.HOME,
    removes_after=5.0,
    keeps_image=False,
    scripted_at=lambda position: position == 3,
)
