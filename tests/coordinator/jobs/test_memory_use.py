"""What the heaviest answers cost in memory, seen from outside: a process of its own reads them one after the other."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from campaigns.bulletins.bulletins import find_bulletin
from campaigns.core.clock import city_day
from campaigns.discovery import webmentions
from campaigns.discovery.sightings import SightingMethod, record_sighting
from campaigns.partners.directory import find_site
from campaigns.republications.republications import EvidenceLevel, claim_copy
from tests.conftest import need
from tests.coordinator import malformed_answers, oversized_bodies
from tests.coordinator.hostile_server import Call, HostileServer, Line
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite

# MB that one answer may cost, whatever it is: a page is two parsers' trees of it, each of sixty thousand elements.
MOST = 200.0
BOMBS = ("gzip-bomb", "deflate-bomb", "gzip-in-gzip-bomb", "gzip-five-deep", "bomb-on-the-way", "flood-on-the-way")
FLOODS = ("/fifty", "/endless", "/endless-header", "/chunk-line", "/continue")
PAGES = ("links-1000000", "links-120000", "anchors-left-open", "nested-spans", "source-lines", "noise", "data-wide")
FEEDS = ("billion-laughs", "billion-laughs-in-links", "quadratic-entity", "items-100000", "json-wide", "json-nested")
SITEMAPS = ("packed-bomb", "urls-90000", "one-url-of-many-parts", "quadratic-entity", "attributes")


def _body(make: Callable[[], bytes], kind: str) -> Line:
    made = make()

    def answer(call: Call) -> None:
        call.answer(made, Content_Type=kind)

    return answer


def test_no_answer_costs_more_memory_than_is_stated(stage: JobHarness, server: HostileServer) -> None:
    if not Path("/proc/self/clear_refs").exists():
        need("/proc/self/clear_refs", "Linux's account of a process's memory is read")
    malformed_answers.make_ready()
    site = ScriptedSite(stage, server)
    code = stage.publish(title=TITLE, body=BODY)
    now = stage.context.now()
    for name, line in {name: malformed_answers.BROKEN[name] for name in BOMBS}.items():
        server.ways[f"/{name}"] = line
    lists = {
        "pages": {name: _body(oversized_bodies.PAGES[name], "text/html") for name in PAGES},
        "feeds": {name: _body(oversized_bodies.FEEDS[name], "text/xml") for name in FEEDS},
        "sitemaps": {name: _body(oversized_bodies.SITEMAPS[name], "text/xml") for name in SITEMAPS},
    }
    for kind, lines in lists.items():
        server.ways |= {f"/{kind}/{name}": line for name, line in lines.items()}
    anywhere = [*(f"/{name}" for name in BOMBS), *FLOODS]
    paths = {kind: [f"/{kind}/{name}" for name in lines] for kind, lines in lists.items()}
    paths["sitemaps"] += (
        anywhere  # one kind of list may stand for the others: what is read ends before its kind matters
    )
    pages = [*paths["pages"], "/gzip-bomb", "/bomb-on-the-way"]
    site.watched(
        feeds=[server.url(f"{path}?feed=1") for path in paths["feeds"]],
        sitemaps=[server.url(f"{path}?map=1") for path in paths["sitemaps"]],
        listings=[server.url(f"{path}?list=1") for path in paths["pages"]],
    )
    site.carries("/binh-thuong.html", code)
    with stage.database.write() as session:
        bulletin, row = find_bulletin(session, code), find_site(session, site.code)
        for number, path in enumerate(["/binh-thuong.html", *pages]):
            seen, _ = record_sighting(
                session, row, server.url(path), SightingMethod.REPORTED, "key:1", bulletin=bulletin, now=now
            )
            seen.due_at = now - timedelta(hours=1) if not number else now  # the ordinary one comes first
            claim_copy(session, "key:1", bulletin, seen, EvidenceLevel.REPORTED, day=city_day(now), now=now)
        for path in ("/gzip-bomb", "/fifty", *paths["pages"]):
            webmentions.record_webmention(session, bulletin, server.url(path), now=now)
    folder = stage.app_context.settings.data_dir
    command = [sys.executable, "-m", "tests.coordinator.jobs.memory_use", stage.database.url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    weights = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [kind for kind, _ in weights]
    assert kinds.count("page_check") == 1 + len(pages)
    assert kinds.count("source_check") == sum(map(len, paths.values()))
    assert kinds.count("webmention") == 2 + len(paths["pages"])
    assert max(weight for _, weight in weights) < MOST, weights
