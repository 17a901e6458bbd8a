"""How a demo partner behaves: where it gets bulletins, what it does to them, and what that must be counted as."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class SourceLine(Enum):
    """What a partner writes at the end about where the text comes from."""

    LINKED = "linked"  # the name, linked to the bulletin
    HOME = "home"  # the name, linked to the department's home page only
    VIA = "via"  # as LINKED, and a link to the other partner's copy that it took the text from
    NONE = "none"  # nothing


class Farewell(Enum):
    """What a partner's site answers for a copy that it has taken down."""

    MISSING = "missing"  # 404
    SOFT = "soft"  # a friendly page that says so, with status 200
    HOME = "home"  # its front page


@dataclass(frozen=True)
class Habits:
    """One partner's ways.

    ``feed``: the name of the feed it pulls, None when it is pushed to. ``keeps``: which paragraphs of a text it keeps,
    given how many there are. ``source``: what it writes, by the position (from 0) of the bulletin among those it took.
    ``listed_in``: where its new pages are listed for others to find. ``corrects``: whether it follows corrections.
    ``farewell``: what it answers for a copy that is gone; ``removes_after``: seconds from learning of a recall until it
    takes the copy down. ``also_at``: whether it shows the text at a second address too, by position as for ``source``.
    ``keeps_image``: whether the counter image that comes with a text stays at its end.
    """

    feed: str | None
    listed_in: str
    headline: Callable[[str], str]
    keeps: Callable[[int], list[int]]
    source: Callable[[int], SourceLine]
    style: str
    corrects: bool = True
    farewell: Farewell = Farewell.MISSING
    removes_after: float = 0.0
    also_at: Callable[[int], bool] = lambda _position: False
    keeps_image: bool = True


@dataclass
class Known:
    """What a partner did, by the bulletin's code: the truth that the product's counts are compared with."""

    delivered: set[str] = field(default_factory=set)
    source: dict[str, SourceLine] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)  # copies left as they were when the bulletin was corrected
    second: set[str] = field(default_factory=set)  # copies that it shows at a second address too
    claimed: set[tuple[str, str]] = field(default_factory=set)  # code and path of each page that it reported, once each
    lied: set[tuple[str, str]] = field(default_factory=set)  # those of them that do not carry the bulletin

    def counts(self) -> dict[str, int]:
        """The figures a perfect observer would report."""
        named = [code for code, line in self.source.items() if line is not SourceLine.NONE]
        return {
            "delivered": len(self.delivered),
            "found": len(self.source) + len(self.lied),
            "confirmed": len(named),
            "review": len(self.source) - len(named),
            "attributed": sum(line in {SourceLine.LINKED, SourceLine.VIA} for line in self.source.values()),
            "gone": sum(code in self.gone for code in named),
            "behind": len(self.behind - self.gone),
            "taken_from_partner": sum(line is SourceLine.VIA for line in self.source.values()),
            "second_addresses": len(self.second),
            "claims": len(self.claimed),
            "false_claims": len(self.lied),
        }


def same_headline(title: str) -> str:
    """The department's own headline."""
    return title


def shouted(title: str) -> str:
    """A headline of the site's own making."""
    first, _, rest = title.partition(" ")
    return f"Người dân cần biết: {first.lower()} {rest}"


def short(title: str) -> str:
    """The first words of the headline, as a site with narrow columns would have them."""
    words = title.split()
    return " ".join(words[:8]) + (" – đọc nhanh trong một phút" if len(words) > 8 else "")


def all_of(count: int) -> list[int]:
    """Every paragraph."""
    return list(range(count))


def without_the_last(count: int) -> list[int]:
    """All but the last paragraph, when there are enough of them."""
    return list(range(count - 1 if count > 3 else count))


def without_the_second(count: int) -> list[int]:
    """All but the second paragraph, when there are enough of them."""
    return [one for one in range(count) if one != 1 or count < 4]


# Three partners. One is exact, and says when it took a text from another. One is pushed to, forgets the source once,
# shows one copy at two addresses and answers 200 for what it has taken down. One cuts, leaves an old text standing,
# reports what is none of ours, takes its time over recalls, and leads to its front page afterwards.
NHIP_SONG = Habits(
    feed="rss.xml",
    listed_in="feed",
    headline=shouted,
    keeps=all_of,
    source=lambda position: SourceLine.VIA if position == 3 else SourceLine.LINKED,
    style="article",
)
PHO_NHO = Habits(
    feed=None,
    listed_in="sitemap",
    headline=same_headline,
    keeps=without_the_last,
    source=lambda position: SourceLine.NONE if position == 1 else SourceLine.LINKED,
    style="divs",
    farewell=Farewell.SOFT,
    also_at=lambda position: position == 4,
)
CONG_TIN_SANG = Habits(
    feed="feed.json",
    listed_in="listing",
    headline=short,
    keeps=without_the_second,
    source=lambda position: SourceLine.HOME if position == 2 else SourceLine.LINKED,
    style="breaks",
    corrects=False,
    farewell=Farewell.HOME,
    removes_after=5.0,
    keeps_image=False,
)
