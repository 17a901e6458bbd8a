"""Bulletins and others' news written by hand, in whole pages of every kind, with every kind of naming."""

from benchmarks.corpus.clocks import moment
from benchmarks.corpus.frames import FRAMES, KINDS, Shown
from benchmarks.corpus.written import OTHERS, OURS
from benchmarks.verdicts import Page, Right, judged


def measured() -> tuple[list[Right], list[str]]:
    """How many verdicts were right, and a line for each that was wrong."""
    pages, truth = [], {}
    wrong: list[str] = []
    for at, (frame, kind) in enumerate((frame, kind) for frame in FRAMES for kind in KINDS):
        for number, one in enumerate((*OURS, *OTHERS)):
            when = moment(at * 3 + number)
            others = [other for other in OURS if other.id != one.id]
            ident = f"{frame}/{kind}/{one.id}"
            html = FRAMES[frame](Shown(one.title, one.lead, one.lines, one.url, when, kind, others))
            pages.append(Page(ident, f"https://tinvui.example/{ident.replace('/', '-')}.html", html))
            truth[ident] = (one if one in OURS else None, KINDS[kind], when.isoformat(timespec="minutes"))
    found = judged(OURS, pages)
    full = attributed = timed = 0
    credited, asked = [], 0
    for ident, (bulletin, naming, minutes) in truth.items():
        asked += bulletin is not None
        credited += [(ident, v) for v in found[ident] if bulletin is None or v["bulletin"] != bulletin.id]
        verdict = next((v for v in found[ident] if bulletin is not None and v["bulletin"] == bulletin.id), None)
        if bulletin is None:
            continue
        got = verdict or {"match": "none", "attribution": "not found", "published_at": "", "published_at_from": ""}
        minute = got["published_at"][:16] + got["published_at"][19:]
        full += got["match"] == "full"
        attributed += got["attribution"] == naming
        timed += minute == minutes
        if (got["match"], got["attribution"], minute) != ("full", naming, minutes):
            wrong.append(
                f"written {ident}: {got['match']}, {naming} -> {got['attribution']},"
                f" {minutes} -> {minute} {got['published_at_from']}"
            )
    wrong += [f"written {ident}: {v['bulletin']} {v['match']} {v['reasons'][0]}" for ident, v in credited]
    rows = [
        Right("written by hand: full", full, asked, 0.99),
        Right("written by hand: others named", len(credited), len(pages), 0.01, most=True),
        Right("written by hand: verdict on the source right", attributed, asked, 0.97),
        Right("written by hand: time right to the minute", timed, asked, 0.95),
    ]
    return rows, wrong
