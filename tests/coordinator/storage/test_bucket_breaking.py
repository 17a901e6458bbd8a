"""A bucket whose service fails during an upload: a page is stored whole, or not at all with an error."""

import os
from dataclasses import replace
from pathlib import Path

import obstore
import pytest

from campaigns.republications.republications import RepublicationStatus
from coordinator.db import Database
from coordinator.storage.blobs import StoreError
from coordinator.storage.bucket import BucketAddress, BucketStore
from coordinator.storage.pages import PageStore
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH
from tests.coordinator.jobs.republications.test_page_check_errors import claimed
from tests.coordinator.jobs.scripted_site import BODY, TITLE, ScriptedSite
from tests.coordinator.storage.breaking_proxy import BreakingProxy
from tests.coordinator.storage.conftest import Service
from tests.coordinator.storage.test_bucket import behind

pytestmark = pytest.mark.peer


def through(way: BreakingProxy, service: Service, prefix: str) -> BucketStore:
    """A store on the service, by that way."""
    return BucketStore(BucketAddress.parse(f"s3://bang-chung/{prefix}?endpoint={way.url}"), *service.keeper)


def there(service: Service, prefix: str) -> list[str]:
    return [str(one["path"]) for one in obstore.list(behind(service, prefix=prefix)).collect()]


def test_an_upload_that_is_cut_off_once_is_made_again_and_whole(service: Service) -> None:
    body = os.urandom(2_000_000)
    with BreakingProxy(service.url, times=1) as way:
        _, key = PageStore(through(way, service, "cat-mot")).keep(body)
        assert way.broken == 1
    assert PageStore(service.store(prefix="cat-mot")).read(key) == body


def test_an_upload_that_is_always_cut_off_leaves_nothing_and_says_so(service: Service) -> None:
    with BreakingProxy(service.url, times=1000) as way:
        with pytest.raises(StoreError) as exception_info:
            PageStore(through(way, service, "cat-mai")).keep(os.urandom(2_000_000))
        assert way.broken > 1
    assert service.keeper[1] not in str(exception_info.value)
    assert there(service, "cat-mai") == []


def test_a_copy_whose_proof_cannot_be_kept_is_counted_once_it_can(
    service: Service, sqlite: Database, tmp_path: Path
) -> None:
    with HostileServer() as server, BreakingProxy(service.url, times=1000, after=100) as way:
        scene = JobHarness(sqlite, tmp_path)
        scene.context = replace(scene.context, store=PageStore(through(way, service, "cat-bai")))
        site = ScriptedSite(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        site.carries(PATH, code)
        claimed(site, code)
        republication = site.copy()
        assert (republication.status, republication.evidence) == (RepublicationStatus.CANDIDATE, [])
        assert republication.page.error.startswith("the page could not be kept")
        assert republication.page.due_at is not None
        scene.context = replace(scene.context, store=PageStore(service.store(prefix="cat-bai")))
        scene.later("page_check", hours=1)
    republication = site.copy()
    assert (republication.status, len(republication.evidence), republication.page.error) == (
        RepublicationStatus.CONFIRMED,
        1,
        "",
    )
    assert there(service, "cat-bai") == [republication.evidence[0].capture_key]
