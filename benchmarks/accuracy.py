"""How often verdicts are right, on made-up pages with known answers, through ``lantoa check``'s own code.

``python -m benchmarks accuracy`` shows the table; ``python -m benchmarks.accuracy`` adds what went wrong, page by page.
"""

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, repeat

from benchmarks import plain_judge
from benchmarks.corpus import recurring_cases, recurring_unseen
from benchmarks.corpus.bulletins import Bulletin, bulletins, corrected, series
from benchmarks.corpus.clauses import of_clauses
from benchmarks.corpus.clocks import CLOCKS, moment
from benchmarks.corpus.edits import DISGUISES, EDITS, Copy, Edit, lcs
from benchmarks.corpus.hard_pages import BULLETINS, HardPage, hard_pages
from benchmarks.corpus.page_data import CASES
from benchmarks.corpus.page_ends import end_pages
from benchmarks.corpus.recurring_cases import NoticeCase
from benchmarks.corpus.rewritten import REWRITINGS, OwnRuns, news
from benchmarks.corpus.seen import FIRST, LAYOUTS, SECOND, SECOND_LAYOUTS, Case, Layout
from benchmarks.corpus.sources import OTHER, SOURCES
from benchmarks.corpus.spellings import OFFICES, SPELLINGS
from benchmarks.corpus.styles import STYLES, Article, scripted
from benchmarks.measure import Line
from benchmarks.verdicts import Judge, Page, Right, Verdict, judged, judged_with_reasons
from benchmarks.whole_pages import measured
from campaigns.matching.fingerprints import fold

COUNTED = frozenset({"full", "partial"})
CREDITED = frozenset({"full", "partial", "excerpt"})
BANDS = ((0.9, 1.01, 0.99), (0.7, 0.9, 0.97), (0.5, 0.7, 0.91))  # kept from, to, wanted recall


def styled(number: int) -> str:
    """The name of the style whose turn it is."""
    return tuple(STYLES)[number % len(STYLES)]


def shown(ident: str, style: str, article: Article) -> Page:
    """The page of an article in a style."""
    return Page(ident, f"https://tinvui.example/{ident.replace('/', '-')}.html", STYLES[style](article))


def _article(copy: Copy, others: Sequence[Bulletin]) -> Article:
    return Article(copy.title, copy.lead, copy.paragraphs, others=others)


SERIES_EDITS = {"exact", "last 20 % trimmed", "20 % of sentences dropped", "5 % of words replaced"}
YEAR = 330  # bulletins of a daily series


def _teasers(pool: Sequence[Bulletin], number: int, but: str, count: int = 20) -> list[Bulletin]:
    dice = random.Random(number)
    return [bulletin for bulletin in dice.sample(pool, count + 1) if bulletin.id != but][:count]


class Accuracy:
    """All measurements over one made-up year of bulletins. ``wrong`` collects a line for each wrong verdict. ``judge``:
    what judges the pages, by the code of ``lantoa check`` or plainly."""

    def __init__(self, count: int = 400, judge: Judge = judged) -> None:
        self.judged = judge
        self.known = bulletins(count)
        self.series = [series(f"s{number}", 20) for number in range(8)]
        self.everything = [*self.known, *(bulletin for days in self.series for bulletin in days)]
        self.wrong: list[str] = []

    def _judge(self, pages: Iterable[Page]) -> dict[str, list[Verdict]]:
        return self.judged(self.everything, pages)

    def edits(self, each: int = 40) -> list[Right]:
        """Every way of editing on ``each`` bulletins, in styles taken in turn, among twenty teasers of ours."""
        made: dict[str, tuple[str, Bulletin, Copy, frozenset[str]]] = {}
        pages = []
        for kind, edit in enumerate(EDITS):
            for number, bulletin in enumerate(islice(self.known, each)):
                copy = edit.apply(bulletin, random.Random(f"{edit.name} {bulletin.id}"))
                ident = f"{edit.name}/{bulletin.id}"
                made[ident] = (edit.name, bulletin, copy, edit.classes)
                others = _teasers(self.known, number, bulletin.id)
                pages.append(shown(ident, styled(number + kind), _article(copy, others)))
        found = self._judge(pages)
        recall, classes, totals = Counter[str](), Counter[str](), Counter[str]()
        bands: dict[int, list[bool]] = defaultdict(list)
        strangers = 0
        off = 0.0
        for ident, (name, bulletin, copy, wanted) in made.items():
            mine = [verdict for verdict in found[ident] if verdict["bulletin"] == bulletin.id]
            strangers += sum(v["bulletin"] != bulletin.id and v["match"] in CREDITED for v in found[ident])
            match = mine[0]["match"] if mine else "none"
            totals[name] += 1
            recall[name] += match in CREDITED
            classes[name] += match in wanted
            for band, (low, high, _) in enumerate(BANDS):
                if low <= copy.kept < high and name != "four sentences quoted":
                    bands[band].append(match in COUNTED)
            if mine:
                off += abs(mine[0]["share"] - _share(bulletin, copy))
            if match not in wanted:
                self.wrong.append(
                    f"edit {ident}: {match}, kept {copy.kept:.2f}, {len(bulletin.text.split())} words, "
                    f"{mine[0]['reasons'][0] if mine else found[ident]}"
                )
            self.wrong += [
                f"stranger on {ident}: {v['bulletin']} {v['match']} {v['reasons'][0]}"
                for v in found[ident]
                if v["bulletin"] != bulletin.id and v["match"] in CREDITED
            ]
        rows = [
            Right(f"kept {low:.0%}–{min(high, 1):.0%}: counted", sum(bands[band]), len(bands[band]), least)
            for band, (low, high, least) in enumerate(BANDS)
        ]
        rows += [Right(f"{edit.name}: found", recall[edit.name], totals[edit.name], edit.wanted) for edit in EDITS]
        rows += [Right("class as expected, all edits", sum(classes.values()), sum(totals.values()), 0.97)]
        rows += [Right("other bulletins credited on those pages", strangers, len(made), 0.01, most=True)]
        rows += [Right("share, mean distance from the words kept", round(off), len(made), 0.03, most=True)]
        return rows

    def strangers(self, count: int = 400) -> list[Right]:
        """Unrelated news in the same language, with and without teasers of ours around it."""
        pages = []
        for number, bulletin in enumerate(bulletins(count, "x")):
            others = _teasers(self.known, number, bulletin.id) if number % 2 else []
            pages.append(
                shown(
                    bulletin.id, styled(number), Article(bulletin.title, bulletin.lead, bulletin.lines, others=others)
                )
            )
        found = self._judge(pages)
        credited = [(page.id, verdict) for page in pages for verdict in found[page.id] if verdict["match"] in CREDITED]
        self.wrong += [f"unrelated {page}: {v['bulletin']} {v['match']} {v['reasons'][0]}" for page, v in credited]
        return [Right("unrelated news credited", len({page for page, _ in credited}), len(pages), 0.01, most=True)]

    def rewritten(self) -> list[Right]:
        """Copies that an editor wrote anew in part, and unrelated news of the same language."""
        return [
            *self._rewritten("city news", news(400, "r"), news(400, "rx")),
            *self._rewritten("phrases", self.known, bulletins(400, "x")),
        ]

    def _rewritten(
        self, name: str, known: Sequence[Bulletin], others: Sequence[Bulletin], each: int = 120
    ) -> list[Right]:
        own = OwnRuns(known)
        made = [
            (rewriting.name, bulletin, rewriting.apply(bulletin, random.Random(f"{rewriting.name} {bulletin.id}")))
            for rewriting in REWRITINGS
            for bulletin in known[:each]
        ]
        pages = [
            shown(f"{at}", styled(at), _article(copy, _teasers(known, at, bulletin.id)))
            for at, (_, bulletin, copy) in enumerate(made)
        ]
        strange = [
            shown(one.id, styled(at), Article(one.title, one.lead, one.lines, others=_teasers(known, at, "")))
            for at, one in enumerate(others)
        ]
        found = self.judged(known, [*pages, *strange])
        right, asked, strangers = Counter[str](), Counter[str](), 0
        for page, (rewriting, bulletin, copy) in zip(pages, made, strict=True):
            strangers += any(v["bulletin"] != bulletin.id and v["match"] in CREDITED for v in found[page.id])
            if not own.stand_in(copy, bulletin):
                continue
            match = next((v["match"] for v in found[page.id] if v["bulletin"] == bulletin.id), "none")
            band = "70–90 % of the words kept" if 0.7 <= copy.kept < 0.9 else ""
            for group in filter(None, (rewriting, band)):
                asked[group] += 1
                right[group] += match in CREDITED
            if match not in CREDITED:
                self.wrong.append(f"rewritten {name}, {rewriting}, {bulletin.id}: {match}, kept {copy.kept:.2f}")
        unrelated = [(page.id, v) for page in strange for v in found[page.id] if v["match"] in CREDITED]
        self.wrong += [f"unrelated {name} {page}: {v['bulletin']} {v['reasons'][0]}" for page, v in unrelated]
        return [
            *(Right(f"rewritten {name}, {group}: found", right[group], asked[group], 0.97) for group in asked),
            Right(f"rewritten {name}: other bulletins credited", strangers, len(made), 0.01, most=True),
            Right(
                f"unrelated {name}, an excerpt or more",
                len({page for page, _ in unrelated}),
                len(strange),
                0.02,
                most=True,
            ),
        ]

    def days(self) -> list[Right]:
        """Days of a series, exact and edited: the right one, and no other. Of a year every fifth is looked for, among
        all of it."""
        of_month = [bulletin for days in self.series for bulletin in days]
        year = series("nam", YEAR)
        rows = []
        for name, known, days in (("series", self.everything, of_month), ("year's series", year, year[::5])):
            for edit in EDITS:
                if edit.name in SERIES_EDITS:
                    rows += self._right_day(f"{name}, {edit.name}", edit, known, days)
        return rows

    def _right_day(self, name: str, edit: Edit, known: Sequence[Bulletin], days: Sequence[Bulletin]) -> list[Right]:
        pages = []
        for number, bulletin in enumerate(days):
            copy = edit.apply(bulletin, random.Random(f"{edit.name} {bulletin.id}"))
            pages.append(shown(bulletin.id, styled(number), _article(copy, ())))
        found = self.judged(known, pages)
        right = sum(
            any(v["bulletin"] == bulletin.id and v["match"] in COUNTED for v in found[bulletin.id]) for bulletin in days
        )
        wrong = [
            (bulletin.id, v)
            for bulletin in days
            for v in found[bulletin.id]
            if v["bulletin"] != bulletin.id and v["match"] in CREDITED
        ]
        self.wrong += [f"{name} {i}: {v['bulletin']} {v['match']} {v['reasons'][0]}" for i, v in wrong]
        return [
            Right(f"{name}: right day", right, len(days), 0.99),
            Right(f"{name}: sibling credited", len(wrong), len(days), 0.01, most=True),
        ]

    def together(self, count: int = 40) -> list[Right]:
        """Two bulletins merged, digests of five, and pages cut off behind "read more"."""
        pages, truth = [], {}
        for number in range(count):
            dice = random.Random(f"together {number}")
            two, five = dice.sample(self.known, 2), dice.sample(self.known, 5)
            lines = [line for bulletin in two for line in (f"<b>{bulletin.title}</b>", bulletin.lead, *bulletin.lines)]
            pages.append(shown(f"merged{number}", styled(number), Article("Tin trong ngày", "Hai tin.", lines)))
            truth[f"merged{number}"] = {bulletin.id for bulletin in two}
            lines = [
                line
                for bulletin in five
                for line in (f"<b>{bulletin.title}</b>", bulletin.lead, " ".join(bulletin.sentences[:3]))
            ]
            pages.append(shown(f"digest{number}", styled(number), Article("Điểm tin", "Năm tin đáng chú ý.", lines)))
            truth[f"digest{number}"] = {bulletin.id for bulletin in five}
            bulletin = self.known[number]
            cut = Article(
                bulletin.title, bulletin.lead, [f"{' '.join(bulletin.text.split()[:8])}…", '<a href="/x">Xem thêm</a>']
            )
            pages.append(shown(f"cut{number}", styled(number), cut))
        found = self._judge(pages)
        merged = digest = named = strangers = teasers = 0
        for page in pages:
            ids = {v["bulletin"] for v in found[page.id]}
            wanted = truth.get(page.id, set())
            if page.id.startswith("cut"):
                teasers += [v["match"] for v in found[page.id]] == ["teaser"]
                continue
            strangers += len(ids - wanted)
            if page.id.startswith("merged"):
                merged += sum(v["bulletin"] in wanted and v["match"] in COUNTED for v in found[page.id])
            else:
                digest += len(ids & wanted)
                named += sum(v["bulletin"] in wanted and v["match"] in CREDITED for v in found[page.id])
            if missing := wanted - ids:
                self.wrong.append(f"{page.id}: not named {sorted(missing)}")
        return [
            Right("two merged: both counted", merged, 2 * count, 0.99),
            Right("digest of five: named", digest, 5 * count, 0.97),
            Right("digest of five: more than a teaser", named, 5 * count, 0.5),
            Right("merged or digest: others named", strangers, 7 * count, 0.01, most=True),
            Right("headline, lead and eight words: a teaser", teasers, count, 0.97),
        ]

    def attribution(self) -> list[Right]:
        """Every source line in every style; the confusions go to ``wrong``."""
        pages, truth = [], {}
        for at, source in enumerate(SOURCES):
            for kind, style in enumerate(STYLES):
                one = self.known[(at * 7 + kind) % 200]
                ident = f"{source.name}/{style}"
                others = _teasers(self.known, at, one.id, 6)
                article = source.on(Article(one.title, one.lead, one.lines, others=others), one)
                pages.append(shown(ident, style, article))
                truth[ident] = (one.id, source)
        found = self._judge(pages)
        right = named = asked = 0
        confused = Counter[tuple[str, str]]()
        for ident, (bulletin, source) in truth.items():
            verdict = next((v for v in found[ident] if v["bulletin"] == bulletin), None)
            got = verdict["attribution"] if verdict else "not found"
            right += got == source.expected
            if got != source.expected:
                confused[source.expected, got] += 1
                self.wrong.append(f"attribution {ident}: {source.expected} -> {got}")
            if source.named:
                asked += 1
                named += verdict is not None and verdict["source_name"] == source.named
                if verdict and verdict["source_name"] != source.named:
                    self.wrong.append(f"source name {ident}: {source.named} -> {verdict['source_name']}")
        self.wrong += [f"confusion: {wanted} taken for {got}: {times}" for (wanted, got), times in confused.items()]
        return [
            Right("attribution: verdict right", right, len(truth), 0.97),
            Right("attribution: name equal to the list", named, asked, 0.97),
        ]

    def seen(self) -> list[Right]:
        """What readers see and whose word it is, each case in every layout, by what it is about."""
        return [*self._seen("", FIRST, LAYOUTS), *self._seen("later, ", SECOND, SECOND_LAYOUTS)]

    def _seen(self, prefix: str, cases: Sequence[Case], layouts: Mapping[str, Layout]) -> list[Right]:
        pages, truth = [], {}
        for at, case in enumerate(cases):
            for kind, (layout, frame) in enumerate(layouts.items()):
                one = self.known[(at * 7 + kind) % 200]
                ident = f"{case.group}, {case.name}/{layout}"
                truth[ident] = (one.id, case)
                # Each case is a site of its own.
                made = enumerate(case.pages(one, frame))
                site = f"https://trang{at}-{kind}.example"
                pages += [Page(ident if not n else f"{ident} {n}", f"{site}/{n}.html", html) for n, html in made]
        found = self._judge(pages)
        right, asked, looked, over = Counter[str](), Counter[str](), Counter[str](), 0
        for ident, (bulletin, case) in truth.items():
            verdict = next((v for v in found[ident] if v["bulletin"] == bulletin and v["match"] in COUNTED), None)
            got = verdict["attribution"] if verdict else ""
            asked[case.group] += 1
            if verdict is not None and _wants_a_look(verdict):
                looked[case.group] += 1
                got = case.expected if case.group == "hidden text" else got
            right[case.group] += got == case.expected
            over += case.expected in {"", "none"} and got not in {"", "none", OTHER}
            if got != case.expected:
                self.wrong.append(f"seen {prefix}{ident}: {case.expected or 'no copy'} -> {got or 'no copy'}")
        rows = [Right(f"{prefix}{group}: right", right[group], count, 0.99) for group, count in asked.items()]
        shown = sum(count for group, count in asked.items() if group not in {"hidden text", "shown text"})
        honest = sum(count for group, count in looked.items() if group not in {"hidden text", "shown text"})
        rows.append(
            Right(
                f"{prefix}hidden text: for a look by a browser",
                looked["hidden text"],
                asked["hidden text"],
                1,
                most=True,
            )
        )
        rows.append(Right(f"{prefix}ordinary pages: for a look by a browser", honest, shown, 0.1, most=True))
        return [*rows, Right(f"{prefix}hidden or not the page's word: counted", over, len(truth), 0.0, most=True)]

    def hard_pages(self) -> list[Right]:
        """Whole pages of difficulties, each a site of its own: what counts, whose word it is, and the time."""
        return self._whole("hard pages", "hard page", hard_pages())

    def page_ends(self) -> list[Right]:
        """What a site says of itself and readers' comments behind an article, and what belongs to it."""
        return self._whole("ends of pages", "end of a page", end_pages())

    def _whole(self, name: str, one_name: str, hard: Sequence[HardPage]) -> list[Right]:
        pages = [Page(one.name, f"https://trang{at}.example/{at}.html", one.html) for at, one in enumerate(hard)]
        found = self.judged([*self.known, *BULLETINS], pages)
        right = over = 0
        for one in hard:
            mine = {verdict["bulletin"]: verdict for verdict in found[one.name] if verdict["match"] in COUNTED}
            if not one.counted:
                mine = {code: verdict for code, verdict in mine.items() if not _wants_a_look(verdict)}
            good = mine.keys() == one.counted.keys()
            good = good and all(mine[code]["attribution"] == named for code, named in one.counted.items())
            good = good and all(str(v["published_at"]).startswith(one.published) for v in mine.values())
            right += good
            over += bool(mine.keys() - one.counted.keys())
            over += any(
                named == "none" and code in mine and mine[code]["attribution"] not in {"none", OTHER}
                for code, named in one.counted.items()
            )
            if not good:
                got = {code: (v["attribution"], v["published_at"]) for code, v in mine.items()}
                self.wrong.append(f"{one_name} {one.name}: {one.counted} {one.published} -> {got}")
        return [
            Right(f"{name}: right", right, len(hard), 0.97),
            Right(f"{name}: counted though it is not seen, or not its word", over, len(hard), 0.0, most=True),
        ]

    def spellings(self) -> list[Right]:
        """Spellings of our names, and lines that look like a source, in every layout; page styles taken in turn."""
        pages, truth = [], {}
        for at, spelling in enumerate(SPELLINGS):
            one = self.known[at % 100]
            article = spelling.on(Article(one.title, one.lead, one.lines, others=_teasers(self.known, at, one.id, 6)))
            ident = f"{at}"
            pages.append(shown(ident, styled(at), article))
            truth[ident] = (one.id, spelling)
        found = self.judged(self.known, pages, OFFICES)
        right = accused = 0
        for ident, (bulletin, spelling) in truth.items():
            verdict = next((v for v in found[ident] if v["bulletin"] == bulletin), None)
            got = verdict["attribution"] if verdict else "not found"
            right += got == spelling.expected
            accused += got == OTHER != spelling.expected
            if got != spelling.expected:
                style = styled(int(ident))
                self.wrong.append(f"spelling {spelling.layout}/{style} {spelling.line}: {spelling.expected} -> {got}")
        return [
            Right("spellings of names and sources: verdict right", right, len(truth), 0.97),
            Right("spellings: falsely said to name another", accused, len(truth), 0.0, most=True),
        ]

    def times(self) -> list[Right]:
        """Every way of showing the time in every style: right to the minute."""
        pages, truth = [], {}
        for at, clock in enumerate(CLOCKS):
            for kind, style in enumerate(STYLES):
                one = self.known[(at * 5 + kind) % 200]
                when = moment(at * len(STYLES) + kind)
                if clock.name == "today":
                    when = when.replace(day=24, hour=when.hour % 12)
                ident = f"{clock.name}/{style}"
                others = _teasers(self.known, at, one.id, 6)
                pages.append(
                    shown(ident, style, clock.on(Article(one.title, one.lead, one.lines, others=others), when))
                )
                truth[ident] = (one.id, when.isoformat(timespec="minutes"), clock.origin)
        found = self._judge(pages)
        right = origin = 0
        for ident, (bulletin, minutes, read_from) in truth.items():
            verdict = next((v for v in found[ident] if v["bulletin"] == bulletin), None)
            got = (verdict or {}).get("published_at") or ""
            minute = got[:16] + got[19:]
            right += minute == minutes
            origin += verdict is not None and verdict["published_at_from"] == read_from
            if minute != minutes:
                where = verdict["published_at_from"] if verdict else "not found"
                self.wrong.append(f"time {ident}: {minutes} -> {minute} from {where}")
        return [
            Right("publication time right to the minute", right, len(truth), 0.95),
            Right("publication time read where it stands", origin, len(truth), 0.95),
        ]

    def revisions(self, count: int = 60) -> list[Right]:
        """Pages with a bulletin of which one number was corrected: it is found whichever was copied."""
        pages = [
            shown(f"r{number}", styled(number), Article(new.title, new.lead, new.lines))
            for number, new in enumerate(map(corrected, self.known[:count]))
        ]
        found = self._judge(pages)
        right = sum(
            any(v["bulletin"] == bulletin.id and v["match"] == "full" for v in found[page.id])
            for bulletin, page in zip(self.known, pages, strict=False)
        )
        return [Right("one number corrected: full", right, count, 0.99)]

    def clauses(self, count: int = 200) -> list[Right]:
        """Texts put together from the same few clauses: unrelated ones, and copies edited as leaves least."""
        ours = of_clauses(count, "k")
        news = of_clauses(count, "n")
        pages = [
            shown(bulletin.id, styled(at), Article(bulletin.title, bulletin.lead, bulletin.lines))
            for at, bulletin in enumerate(news)
        ]
        found = self.judged(ours, pages)
        wrong = [(page.id, v) for page in pages for v in found[page.id] if v["match"] in CREDITED]
        self.wrong += [f"clauses {page}: {v['bulletin']} {v['match']} {v['reasons'][0]}" for page, v in wrong]
        rows = [
            Right("same clauses, unrelated: credited", len({page for page, _ in wrong}), len(pages), 0.05, most=True)
        ]
        for edit in EDITS:
            if edit.name not in {
                "exact",
                "last 40 % trimmed",
                "half of the sentences dropped",
                "20 % of words replaced",
            }:
                continue
            copies = [
                (bulletin, edit.apply(bulletin, random.Random(f"{edit.name} {bulletin.id}"))) for bulletin in ours[:60]
            ]
            pages = [shown(bulletin.id, styled(at), _article(copy, ())) for at, (bulletin, copy) in enumerate(copies)]
            found = self.judged(ours, pages)
            right = sum(any(v["bulletin"] == p.id and v["match"] in COUNTED for v in found[p.id]) for p in pages)
            rows.append(Right(f"same clauses, {edit.name}: counted", right, len(pages), 0.91))
        return rows

    def disguises(self, each: int = 20) -> list[Right]:
        """Copies with letters that look like others or like nothing."""
        made = [(edit, bulletin) for edit in DISGUISES for bulletin in self.known[:each]]
        pages = [
            shown(f"{edit.name}/{bulletin.id}", styled(at), _article(edit.apply(bulletin, random.Random(at)), ()))
            for at, (edit, bulletin) in enumerate(made)
        ]
        found = self._judge(pages)
        right = Counter[str]()
        for (edit, bulletin), page in zip(made, pages, strict=True):
            match = next((v["match"] for v in found[page.id] if v["bulletin"] == bulletin.id), "none")
            right[edit.name] += match in edit.classes
            if match not in edit.classes:
                self.wrong.append(f"disguise {page.id}: {match}")
        return [Right(f"{edit.name}: full", right[edit.name], each, 0.95) for edit in DISGUISES]

    def page_data(self, each: int = 5) -> list[Right]:
        """Texts that only the page's data hold, each with the reason that says so; and texts behind megabytes of
        scripts."""
        made = [(case, self.known[(7 * at + turn) % 200]) for at, case in enumerate(CASES) for turn in range(each)]
        pages = [
            Page(
                f"{case.name}/{one.id}",
                f"https://tinvui.example/d{at}.html",
                case.html(one, _teasers(self.known, at, one.id)),
            )
            for at, (case, one) in enumerate(made)
        ]
        found = self._judge(pages)
        right = named = linked = asked = credited = strangers = 0
        for (case, one), page in zip(made, pages, strict=True):
            mine = next((v for v in found[page.id] if v["bulletin"] == one.id and v["match"] in COUNTED), None)
            others = [v for v in found[page.id] if v["bulletin"] != one.id and v["match"] in CREDITED]
            strangers += bool(others) or (mine is not None and not case.credited)
            if others or (mine is not None) != case.credited:
                self.wrong.append(f"page data {page.id}: {[(v['bulletin'], v['match']) for v in found[page.id]]}")
            if not case.credited:
                continue
            asked += 1
            right += mine is not None
            named += mine is not None and any(reason.startswith("page_data:") for reason in mine["reasons"])
            if case.linked:
                linked += 1
                credited += mine is not None and mine["attribution"] == "linked_at_end"
        return [
            Right("text in the page's data: counted", right, asked, 0.95),
            Right("text in the page's data: the reason says so", named, asked, 0.95),
            Right("text in the page's data: its link at the end", credited, linked, 0.95),
            Right("text in the page's data: others credited", strangers, len(pages), 0.01, most=True),
            *self._behind_scripts(),
        ]

    def _behind_scripts(self) -> list[Right]:
        pages = [
            Page(one.id, f"https://tinvui.example/s{at}.html", scripted(Article(one.title, one.lead, one.lines), size))
            for at, (one, size) in enumerate(zip(self.known, (3_000_000, 5_000_000, 9_000_000), strict=False))
        ]
        found = self._judge(pages)
        right = sum(any(v["bulletin"] == page.id and v["match"] == "full" for v in found[page.id]) for page in pages)
        return [Right("behind 3, 5 and 9 MB of scripts and styles: full", right, len(pages), 1.0)]

    def notices(self) -> list[Right]:
        """Notices that recur on one template: the right one, by its figures, the page's link and its day."""
        return self._notices("recurring notices", recurring_cases.cases())

    def unseen_notices(self) -> list[Right]:
        """The same on cases by which nothing was set."""
        return self._notices("unseen notices", recurring_unseen.cases())

    def _notices(self, name: str, cases: Sequence[NoticeCase]) -> list[Right]:
        by_index: dict[tuple[Bulletin, ...], list[tuple[int, NoticeCase]]] = defaultdict(list)
        for at, case in enumerate(cases):
            by_index[case.known].append((at, case))
        right, totals = Counter[str](), Counter[str]()
        for known, some in by_index.items():
            pages = [shown(f"n{at}", styled(at), case.article) for at, case in some]
            found, nothing = judged_with_reasons(known, pages)
            for (_, case), page in zip(some, pages, strict=True):
                totals[case.kind] += 1
                faults = _notice_faults(case, found[page.id], nothing[page.id])
                right[case.kind] += not faults
                self.wrong += [
                    f"notice {case.kind}, {case.name} ({styled(int(page.id[1:]))}): {text}" for text in faults
                ]
        return [Right(f"{name}, {kind}", right[kind], totals[kind], 0.95) for kind in totals]

    def written(self) -> list[Right]:
        """Texts written by hand in whole pages of each kind."""
        rows, wrong = measured()
        self.wrong += wrong
        return rows


def _wants_a_look(verdict: Verdict) -> bool:
    """Whether the copy says that only a browser tells whether it is seen."""
    return any(reason.startswith("unread_style:") for reason in verdict["reasons"])


def _notice_faults(case: NoticeCase, found: Sequence[Verdict], nothing: Sequence[str]) -> list[str]:
    """What is wrong with the verdicts on a page; ``nothing``: the reasons of the line of a page without a bulletin."""
    faults = []
    credited = {v["bulletin"]: v["match"] for v in found if v["match"] in CREDITED}
    counted = {ident for ident, match in credited.items() if match in COUNTED}
    if counted != case.counted or set(credited) != counted:
        faults.append(f"{credited}, expected {sorted(case.counted)}")
    reasons = [*nothing, *(reason for v in found for reason in v["reasons"])]
    if case.reason and not any(reason.startswith(f"{case.reason}:") for reason in reasons):
        faults.append(f"no reason {case.reason}: {reasons}")
    kinds = {v["attribution"] for v in found if v["bulletin"] in case.counted}
    if case.attributions and kinds != case.attributions:
        faults.append(f"attribution {sorted(kinds)}, expected {sorted(case.attributions)}")
    return faults


def _share(bulletin: Bulletin, copy: Copy) -> float:
    """The part of the bulletin's words that an editor left, by the longest common subsequence, part by part."""
    kept = total = 0
    shown_words = fold(" ".join((copy.title, copy.lead, *copy.paragraphs))).split()
    whole = fold(" ".join((bulletin.title, bulletin.lead, bulletin.text))).split()
    total = len(whole)
    kept = lcs(whole, shown_words)
    if copy.kept == 1.0 and kept < total:  # reordered: nothing of the body went
        head = len(fold(f"{bulletin.title} {bulletin.lead}").split())
        kept = total - head + lcs(whole[:head], fold(f"{copy.title} {copy.lead}").split())
    return kept / total


MEASUREMENTS = (
    "edits", "strangers", "days", "together", "revisions", "attribution", "seen", "spellings", "times", "clauses",
    "disguises", "page_data", "notices", "unseen_notices", "written", "hard_pages", "page_ends", "rewritten",
)  # fmt: skip


def _measured(name: str, judge: Judge) -> tuple[list[Right], list[str]]:
    measured = Accuracy(judge=judge)
    return getattr(measured, name)(), measured.wrong


def _all_measured(names: Sequence[str], judge: Judge) -> Iterator[tuple[list[Right], list[str]]]:
    """The rows and the wrong verdicts of each measurement, in this order, measured in a process for each core."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(_measured, names, repeat(judge))


def run() -> Iterator[Line]:
    """The table."""
    for rows, _ in _all_measured(MEASUREMENTS, judged):
        for right in rows:
            yield right.line


def main(names: Sequence[str]) -> None:
    """Print the table, or the named measurements, and every wrong verdict; ``!`` marks what misses its aim. With
    ``--plain`` the plain judge is measured."""
    judge = plain_judge.judged if "--plain" in names else judged
    wanted = [name for name in names if name != "--plain"] or MEASUREMENTS
    wrong: list[str] = []
    for rows, wrong_here in _all_measured(wanted, judge):
        wrong += wrong_here
        for row in rows:
            mark = "  " if row.reached else "! "
            print(f"{mark}{row.name:<60} {row.right:>5} of {row.of:>5} {row.line.value:6.1f} %  {row.line.aim}")
    print("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
