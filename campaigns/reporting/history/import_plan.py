"""What the entries of history would add: pure decisions over what is known of both.

A bulletin is known by its address, a copy by its bulletin and address, a total by its days, metric and topic. What is
there already is left as it is; what contradicts it is rejected.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from campaigns.core.errors import Invalid
from campaigns.core.import_runs import RejectedRow
from campaigns.core.vietnamese import fold
from campaigns.discovery.urls import canonical_url, page_key, profile_of, unregistered_profile
from campaigns.partners.directory import host_key
from campaigns.partners.social_addresses import read_address
from campaigns.planning.campaigns import Metric
from campaigns.reporting.history.history_reader import BulletinEntry, CopyEntry, HistoryEntry, Place, TotalEntry

TotalKey = tuple[date, date, Metric, int | None]


def text_digest(text: str) -> bytes:
    """What texts are compared by: those of all imported bulletins together are too long to be held."""
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class KnownBulletin:
    """A bulletin that a copy can name. ``id`` is negative for one of the same file until the database gives one.
    ``text``: the ``text_digest`` of its text."""

    id: int
    code: str
    day: date
    topic_id: int
    title: str
    text: bytes


@dataclass(frozen=True)
class KnownSite:
    """A registered site. ``fetched``: whether its pages can be read by a program; those of networks cannot."""

    id: int
    url: str
    fetched: bool


@dataclass
class KnownHistory:
    """What is in the database. ``until``: the first day that is not history; ``began``: whether a bulletin was released
    with the product on it. ``by_key``, ``by_number``, ``by_code``: imported bulletins by address, number and code;
    ``own``: codes of bulletins of the product among those named; ``own_keys``: their codes by address. ``copies``: day
    by bulletin and address. ``rows``: the number of rows there by metric, day and topic."""

    until: date
    began: bool
    topics: Mapping[str, int]
    by_key: dict[str, KnownBulletin]
    by_number: dict[str, KnownBulletin]
    by_code: dict[str, KnownBulletin]
    own: Mapping[str, date | None]
    own_keys: Mapping[str, str]
    sites: Mapping[str, KnownSite]
    copies: Mapping[tuple[int, str], date]
    totals: Mapping[TotalKey, int]
    rows: Mapping[Metric, Mapping[tuple[date, int], int]]


@dataclass(frozen=True, slots=True)
class NewBulletin:
    """A bulletin to be added."""

    temporary_id: int
    topic_id: int
    entry: BulletinEntry


@dataclass(frozen=True, slots=True)
class NewCopy:
    """A copy to be added. ``site``: where its page can be fetched and proven; ``network``: what it is shown by."""

    bulletin_id: int
    address: str
    site: KnownSite | None
    entry: CopyEntry


@dataclass(frozen=True, slots=True)
class NewTotal:
    """A total to be added."""

    topic_id: int | None
    entry: TotalEntry


@dataclass
class HistoryPlan:
    """What is to be written. ``unchanged``: entries that are there already."""

    bulletins: list[NewBulletin] = field(default_factory=list)
    copies: list[NewCopy] = field(default_factory=list)
    totals: list[NewTotal] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def good(self) -> int:
        """The number of valid entries."""
        return len(self.bulletins) + len(self.copies) + len(self.totals) + self.unchanged


def plan_history(known: KnownHistory, entries: Sequence[HistoryEntry]) -> HistoryPlan:
    """Decide on every entry: bulletins first, then copies, then the totals against their rows."""
    return _Planner(known).plan(entries)


class _Planner:
    def __init__(self, known: KnownHistory) -> None:
        self._known = known
        self._plan = HistoryPlan()
        self._bad_bulletins: set[str] = set()  # what rejected bulletins of the file are named by
        # The rows by metric, day and topic: those of the database and those that are added.
        self._rows = {metric: Counter(rows) for metric, rows in known.rows.items()}

    def plan(self, entries: Sequence[HistoryEntry]) -> HistoryPlan:
        """All entries, in the order of the file within each table."""
        seen_keys: dict[str, Place] = {}
        seen_numbers: dict[str, Place] = {}
        seen_copies: dict[tuple[int, str], Place] = {}
        seen_totals: dict[TotalKey, Place] = {}
        for entry in entries:
            if isinstance(entry, BulletinEntry):
                self._take_bulletin(entry, seen_keys, seen_numbers)
        for entry in entries:
            if isinstance(entry, CopyEntry):
                self._take_copy(entry, seen_copies)
        for entry in entries:
            if isinstance(entry, TotalEntry):
                self._take_total(entry, seen_totals)
        self._compare_topics()
        return self._plan

    def _refuse(self, place: Place, name: str, code: str, message: str) -> None:
        self._plan.rejected.append(place.refused(name, code, message))

    def _day_error(self, day: date) -> tuple[str, str] | None:
        if day < self._known.until:
            return None
        if self._known.began:
            return "after_start", (
                f"{day:%d/%m/%Y} is not before {self._known.until:%d/%m/%Y}, when the product came into use"
            )
        return "day_ahead", f"{day:%d/%m/%Y} is not in the past"

    def _topic(self, place: Place, text: str) -> int | None:
        found = self._known.topics.get(fold(text))
        if found is None:
            self._refuse(place, "topic", "unknown_topic", f"there is no topic {text!r}")
        return found

    def _take_bulletin(self, entry: BulletinEntry, keys: dict[str, Place], numbers: dict[str, Place]) -> None:
        before = len(self._plan.rejected)
        key, number = page_key(entry.url) or entry.url, fold(entry.number)
        topic_id = self._topic(entry.place, entry.topic)
        if error := self._day_error(entry.day):
            self._refuse(entry.place, "day", *error)
        if (code := self._known.own_keys.get(key)) is not None:
            message = f"this is the address of {code}, which was published with the product"
            self._refuse(entry.place, "url", "own_bulletin", message)
        if key in keys:
            self._refuse(entry.place, "url", "repeated", f"this bulletin is already in {keys[key]}")
        elif number and number in numbers:
            message = f"the number {entry.number!r} is another bulletin's in {numbers[number]}"
            self._refuse(entry.place, "number", "number_taken", message)
        there = self._known.by_key.get(key)
        other = self._known.by_number.get(number) if number and there is None else None
        if other is not None and other.id > 0:  # in the same file it is named above
            message = f"the number {entry.number!r} is that of {other.code}, imported with another address"
            self._refuse(entry.place, "number", "number_taken", message)
        if there is not None and topic_id is not None and len(self._plan.rejected) == before:
            same = (there.day, there.topic_id, there.title) == (entry.day, topic_id, entry.title)
            if same and (not entry.text or text_digest(entry.text) == there.text):
                self._plan.unchanged += 1
                keys[key] = entry.place
            else:
                message = f"it is there as {there.code} with another day, topic, title or text; undo that import first"
                self._refuse(entry.place, "url", "differs", message)
            return
        if topic_id is not None and (over := self._over_total(Metric.BULLETINS, entry.day, topic_id)):
            self._refuse(entry.place, "day", "over_total", over)
        if len(self._plan.rejected) > before or topic_id is None:
            self._bad_bulletins |= {key, number} - {""}
            return
        # Only a good row stands in the way of another with the same key: of two with one key the good one is taken.
        keys[key] = entry.place
        if number:
            numbers[number] = entry.place
        new = NewBulletin(-1 - len(self._plan.bulletins), topic_id, entry)
        self._plan.bulletins.append(new)
        self._rows.setdefault(Metric.BULLETINS, Counter())[entry.day, topic_id] += 1
        known = KnownBulletin(
            new.temporary_id, entry.number or entry.url, entry.day, topic_id, entry.title, text_digest(entry.text)
        )
        self._known.by_key[key] = known
        if number:
            self._known.by_number[number] = known

    def _find_bulletin(self, entry: CopyEntry) -> KnownBulletin | None:
        text = entry.bulletin
        key = page_key(text) if "://" in text else page_key(f"https://{text}") if "/" in text and "." in text else None
        found = self._known.by_code.get(text.upper()) or self._known.by_number.get(fold(text))
        if found is None and key is not None:
            found = self._known.by_key.get(key)
        if found is not None:
            return found
        if text.upper() in self._known.own:
            message = f"{text} was published with the product: its copies are found and counted, not imported"
            self._refuse(entry.place, "bulletin", "own_bulletin", message)
        elif {key, fold(text)} & self._bad_bulletins:
            message = f"the row of the bulletin {text!r} has errors"
            self._refuse(entry.place, "bulletin", "bad_bulletin", message)
        else:
            message = f"there is no imported bulletin {text!r}; expected the code, number or address of one"
            self._refuse(entry.place, "bulletin", "unknown_bulletin", message)
        return None

    def _take_copy(self, entry: CopyEntry, seen: dict[tuple[int, str], Place]) -> None:
        before = len(self._plan.rejected)
        bulletin, site = self._find_bulletin(entry), self._site_of(entry.url)
        try:
            address = _copy_address(entry.url, site)
        except Invalid as invalid:
            self._refuse(entry.place, "url", "url", invalid.errors[0].message)
            return
        if error := self._day_error(entry.day):
            self._refuse(entry.place, "day", *error)
        if bulletin is None:
            return
        if entry.day < bulletin.day:
            message = f"{entry.day:%d/%m/%Y} is before the bulletin's own day, {bulletin.day:%d/%m/%Y}"
            self._refuse(entry.place, "day", "before_bulletin", message)
        if (first := seen.get((bulletin.id, address))) is not None:
            self._refuse(entry.place, "url", "repeated", f"this copy is already in {first}")
        if len(self._plan.rejected) > before:
            return
        there = self._known.copies.get((bulletin.id, address))
        if there is not None:
            if there == entry.day:
                self._plan.unchanged += 1
                seen[bulletin.id, address] = entry.place
            else:
                message = f"it is there with another day, {there:%d/%m/%Y}; undo that import first"
                self._refuse(entry.place, "day", "differs", message)
            return
        if over := self._over_total(Metric.REPUBLICATIONS, entry.day, bulletin.topic_id):
            self._refuse(entry.place, "day", "over_total", over)
            return
        seen[bulletin.id, address] = entry.place
        self._rows.setdefault(Metric.REPUBLICATIONS, Counter())[entry.day, bulletin.topic_id] += 1
        self._plan.copies.append(NewCopy(bulletin.id, address, site, entry))

    def _site_of(self, url: str) -> KnownSite | None:
        try:
            labels = host_key(url).split(".")
        except Invalid:
            return None
        hosts = [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]
        return next((self._known.sites[host] for host in hosts if host in self._known.sites), None)

    def _over_total(self, metric: Metric, day: date, topic_id: int) -> str:
        """Why another row of this day is more than a total that is there already; "" when it is not."""
        for (first, last, counted, topic), figure in self._known.totals.items():
            if counted is metric and first <= day <= last and topic in {None, topic_id}:
                rows = self._counted(metric, first, last, topic) + 1
                if rows > figure:
                    return (
                        f"with this row {first:%d/%m/%Y} to {last:%d/%m/%Y} has {rows} rows, more than its total of "
                        f"{figure}, which was imported before"
                    )
        return ""

    def _counted(self, metric: Metric, first: date, last: date, topic_id: int | None) -> int:
        return sum(
            number
            for (day, topic), number in self._rows.get(metric, {}).items()
            if first <= day <= last and topic_id in {None, topic}
        )

    def _take_total(self, entry: TotalEntry, seen: dict[TotalKey, Place]) -> None:
        before = len(self._plan.rejected)
        topic_id = self._topic(entry.place, entry.topic) if entry.topic else None
        if error := self._day_error(entry.period.last):
            self._refuse(entry.place, "period", *error)
        key = (entry.period.first, entry.period.last, entry.metric, topic_id)
        if len(self._plan.rejected) > before:
            return
        if (first := seen.get(key)) is not None:
            self._refuse(entry.place, "figure", "repeated", f"this total is already in {first}")
            return
        there = self._known.totals.get(key)
        if there is not None:
            if there == entry.figure:
                self._plan.unchanged += 1
                seen[key] = entry.place
            else:
                message = f"{entry.figure} is not {there}, which was imported before; undo that import first"
                self._refuse(entry.place, "figure", "differs", message)
            return
        rows = self._counted(entry.metric, entry.period.first, entry.period.last, topic_id)
        if entry.figure < rows:
            days = f"{entry.period.first:%d/%m/%Y} to {entry.period.last:%d/%m/%Y}"
            message = f"{entry.figure} is less than the {rows} rows of {days}; expected at least {rows}"
            self._refuse(entry.place, "figure", "total_less", message)
            return
        seen[key] = entry.place
        self._plan.totals.append(NewTotal(topic_id, entry))

    def _compare_topics(self) -> None:
        """Refuse a total of all topics that is less than those of its topics together."""
        figures = dict(self._known.totals)
        for new in self._plan.totals:
            period = new.entry.period
            figures[period.first, period.last, new.entry.metric, new.topic_id] = new.entry.figure
        kept = []
        for new in self._plan.totals:
            days, metric = (new.entry.period.first, new.entry.period.last), new.entry.metric
            topics = sum(
                figure
                for (first, last, counted, topic), figure in figures.items()
                if ((first, last), counted) == (days, metric) and topic is not None and metric.adds_up
            )
            whole = figures.get((*days, metric, None))
            if whole is not None and whole < topics:
                message = f"the total of all topics, {whole}, is less than the {topics} of its topics together"
                self._refuse(new.entry.place, "figure", "total_less", message)
            else:
                kept.append(new)
        self._plan.totals = kept


def _copy_address(url: str, site: KnownSite | None) -> str:
    """One form of all addresses of a copy, so that a page that is written in two ways is one copy. Raises
    ``Invalid``."""
    social = read_address(url)
    if social is not None and social.canonical:
        return social.canonical
    return canonical_url(url, profile_of(site.url) if site is not None else unregistered_profile(url))


def known_topics(topics: Sequence[tuple[int, str, str]]) -> Mapping[str, int]:
    """Topics (id, code, name) by their folded code and name."""
    return {fold(text): ident for ident, code, name in topics for text in (code, name)}
