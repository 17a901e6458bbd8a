"""Probe: ask a site once a day for an address that does not exist, to know its removed pages by their looks."""

import logging

from campaigns.tracking import probes
from campaigns.tracking.fingerprints import fingerprint
from campaigns.tracking.urls import host_of
from coordinator.discovery.page import Unreadable, parse_page
from coordinator.http import DoorError
from coordinator.jobs.workplace import Workplace

log = logging.getLogger(__name__)

CAP = 2_000_000  # bytes, decoded


def likeness(place: Workplace, url: str, text: str) -> float | None:
    """How much a page's main text is like what its host shows for an address that does not exist, 0–1.

    None when the host answers such an address as it should, or could not be asked today.
    """
    host = host_of(url)
    with place.database.read() as session:
        known = probes.fresh(session, host, now=place.now())
    if known is None:
        status, shown = _ask(place, url)
        with place.database.write() as session:
            known = probes.keep(session, host, status, shown, now=place.now())
    return probes.alike(known, fingerprint(text))


def _ask(place: Workplace, url: str) -> tuple[int | None, str]:
    sibling = probes.sibling_of(url)
    try:
        answer = place.door.get(sibling, cap=CAP, robots=True)
        if answer.status != 200:
            return answer.status, ""
        text = parse_page(answer.body, answer.url, content_type=answer.headers.get("Content-Type")).text
    except (DoorError, Unreadable) as error:
        log.info("probe %s: %s", sibling, error)
        return None, ""
    log.info("probe %s: the site answers 200 for an address that does not exist", sibling)
    return answer.status, text
