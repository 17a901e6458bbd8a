"""A bucket whose service fails in the middle of an upload: a page is kept whole, or not at all and said so."""

import os
from dataclasses import replace
from pathlib import Path

import obstore
import pytest

from campaigns.tracking.republications import Status
from coordinator.db import Database
from coordinator.keeping import PageStore, StoreError
from coordinator.keeping.bucket import BucketAddress, BucketStore
from tests.coordinator.hostile import HostileServer
from tests.coordinator.jobs.newsroom import BODY, TITLE, Newsroom
from tests.coordinator.jobs.scene import Scene
from tests.coordinator.jobs.test_check_pages import PATH
from tests.coordinator.jobs.test_check_trouble import claimed
from tests.coordinator.keeping.breaking import BreakingWay
from tests.coordinator.keeping.conftest import Service
from tests.coordinator.keeping.test_bucket import behind

pytestmark = pytest.mark.peer


def through(way: BreakingWay, service: Service, prefix: str) -> BucketStore:
    """A store on the service, by that way."""
    return BucketStore(BucketAddress.of(f"s3://bang-chung/{prefix}?endpoint={way.url}"), *service.keeper)


def there(service: Service, prefix: str) -> list[str]:
    return [str(one["path"]) for one in obstore.list(behind(service, prefix=prefix)).collect()]


def test_an_upload_that_is_cut_off_once_is_made_again_and_whole(service: Service) -> None:
    body = os.urandom(2_000_000)
    with BreakingWay(service.url, times=1) as way:
        _, key = PageStore(through(way, service, "cat-mot")).keep(body)
        assert way.broken == 1
    assert PageStore(service.store(prefix="cat-mot")).read(key) == body


def test_an_upload_that_is_always_cut_off_leaves_nothing_and_says_so(service: Service) -> None:
    with BreakingWay(service.url, times=1000) as way:
        with pytest.raises(StoreError) as caught:
            PageStore(through(way, service, "cat-mai")).keep(os.urandom(2_000_000))
        assert way.broken > 1
    assert service.keeper[1] not in str(caught.value)
    assert there(service, "cat-mai") == []


def test_a_copy_whose_proof_cannot_be_kept_is_counted_once_it_can(
    service: Service, sqlite: Database, tmp_path: Path
) -> None:
    with HostileServer() as server, BreakingWay(service.url, times=1000, after=100) as way:
        scene = Scene(sqlite, tmp_path)
        scene.place = replace(scene.place, store=PageStore(through(way, service, "cat-bai")))
        room = Newsroom(scene, server)
        code = scene.publish(title=TITLE, body=BODY)
        scene.clock.forward(hours=1)
        room.carries(PATH, code)
        claimed(room, code)
        one = room.copy()
        assert (one.status, one.evidence) == (Status.CANDIDATE, [])
        assert one.page.error.startswith("the page could not be kept")
        assert one.page.due_at is not None
        scene.place = replace(scene.place, store=PageStore(service.store(prefix="cat-bai")))
        scene.later("check", hours=1)
    one = room.copy()
    assert (one.status, len(one.evidence), one.page.error) == (Status.CONFIRMED, 1, "")
    assert there(service, "cat-bai") == [one.evidence[0].capture_key]
