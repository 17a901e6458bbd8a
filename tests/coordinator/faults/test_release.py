"""A release on a full second under load: no path has it before, every path from then on, and it is sent once."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from tests.coordinator.faults.workload import PATIENCE, SECRET, Workload, running_workload
from tests.coordinator.installation import own_postgresql, until

pytestmark = pytest.mark.minutes

AHEAD = 8  # seconds from being planned to being out: by then a busy machine too has answered that it is planned
PATHS = ("/bulletins/{code}", "/bulletins/{code}.json", "/feeds/rss.xml", "/feeds/feed.json", "/sitemap-news.xml")


class Readers:
    """One reader a path, asking as fast as it is answered; each answer with when it was asked for and when it came."""

    def __init__(self, base: str, code: str) -> None:
        self._base, self._code = base, code
        self.seen: list[tuple[str, datetime, datetime, bool]] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(http_client,)) for http_client in PATHS]

    def _read(self, http_client: str) -> None:
        path = http_client.format(code=self._code)
        with requests.Session() as session:
            while not self._stop.is_set():
                asked = datetime.now(UTC)
                answer = session.get(f"{self._base}{path}", timeout=PATIENCE)
                assert answer.status_code in {200, 404}, (path, answer.status_code)
                there = answer.status_code == 200 and self._code in answer.text
                self.seen.append((http_client, asked, datetime.now(UTC), there))

    def start(self) -> None:
        """Begin to look."""
        for thread in self._threads:
            thread.start()

    def saw(self, there: bool) -> set[str]:
        """The paths at which it was seen to be there, or not."""
        return {entry[0] for entry in list(self.seen) if entry[3] is there}

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()


def _approved(place: Workload) -> str:
    draft = place.staff.post("writer", "/bulletins", {
        "title": "Đúng giờ", "lead": "Tin.", "body_text": "Một đoạn văn.", "topic": "dich-benh",
    })  # fmt: skip
    path = f"/bulletins/{draft['code']}"
    place.staff.post("writer", f"{path}/submit")
    place.staff.post("approver", f"{path}/approve", {"revision_hash": draft["revision_hash"]})
    place.codes.append(str(draft["code"]))
    return str(draft["code"])


def _on_time(place: Workload, name: str) -> None:
    place.opens()
    code = _approved(place)
    readers = Readers(place.here.base, code)
    readers.start()
    try:
        until("everybody looks", lambda: readers.saw(False) == set(PATHS), PATIENCE)
        at = (datetime.now(UTC) + timedelta(seconds=AHEAD)).replace(microsecond=0)
        planned = place.staff.post("approver", f"/bulletins/{code}/publish", {"at": at.isoformat()})
        assert planned["state"] == "scheduled"
        until("every path is open", lambda: readers.saw(True) == set(PATHS), PATIENCE)
    finally:
        readers.stop()
    until("all is settled", place.settled, PATIENCE)
    early = [entry for entry in readers.seen if entry[3] and entry[2] < at]
    late = [entry for entry in readers.seen if not entry[3] and entry[1] >= at]
    assert early == []
    assert late == []
    pushed = [place.inbox.arrived[path, code] for path in place.paths]
    assert min(pushed) >= at
    found = place.counted()
    assert (found.lost, found.repeats, found.doubled, found.left) == (0, 0, 0, 0), place.here.log
    first = max(min(seen[2] for seen in readers.seen if seen[3] and seen[0] == http_client) for http_client in PATHS)
    found.noted(
        f"release on a full second under load, {name}",
        f"{len(readers.seen)} reads, none early or late; every path open after {(first - at).total_seconds():.2f} s, "
        f"pushed after {(max(pushed) - at).total_seconds():.2f} s",
    )


def test_in_one_process_everybody_has_it_from_the_second_on(tmp_path: Path) -> None:
    with running_workload(tmp_path / "data") as place:
        place.here.serve()
        until("the web answers", place.here.alive, PATIENCE)
        _on_time(place, "one process")


@pytest.mark.postgresql
def test_in_several_processes_everybody_has_it_from_the_second_on(tmp_path: Path) -> None:
    with own_postgresql() as url, running_workload(tmp_path / "data", database_url=url, secret_key=SECRET) as place:
        place.here.serve("web")
        for name in ("clock", "clock", "work", "work"):
            place.here.start(name)
        until("the web answers", place.here.alive, PATIENCE)
        _on_time(place, "PostgreSQL")
