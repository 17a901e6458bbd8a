"""The web archive of a fetch, with the body only where it is new."""

import hashlib
import io
import threading
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from warcio.archiveiterator import ArchiveIterator

from campaigns.republications.republications import Evidence
from coordinator.storage.blobs import StoreError
from coordinator.storage.pages import PageStore
from tests.coordinator.hostile_server import HostileServer
from tests.coordinator.jobs.harness import JobHarness
from tests.coordinator.jobs.republications.test_page_check import PATH, found
from tests.coordinator.jobs.scripted_site import BODY, PARTS, TITLE, ScriptedSite


@pytest.fixture
def newsroom(scene: JobHarness, server: HostileServer) -> ScriptedSite:
    return ScriptedSite(scene, server)


@pytest.fixture
def code(scene: JobHarness) -> str:
    made = scene.publish(title=TITLE, body=BODY)
    scene.clock.forward(hours=1)
    return made


def test_a_counted_page_is_kept_with_its_headers_and_where_it_came_from(newsroom: ScriptedSite, code: str) -> None:
    url = newsroom.carries(PATH, code)
    found(newsroom)
    (proof,) = newsroom.copy().evidence
    assert proof.capture_key is not None
    assert proof.capture_key == proof.body_key
    archive = newsroom.scene.context.store.archive(proof.capture_key)
    kept = {item.rec_type: item for item in ArchiveIterator(io.BytesIO(archive))}
    answer = kept["response"].rec_headers
    assert answer.get_header("WARC-Target-URI") == url
    assert answer.get_header("WARC-IP-Address") == "127.0.0.1"
    assert answer.get_header("WARC-Payload-Digest") == f"sha256:{proof.body_hash}"
    assert datetime.fromisoformat(answer.get_header("WARC-Date")) == proof.at
    assert kept["request"].http_headers.get_header("User-Agent") is not None
    assert proof.headers is not None
    assert "text/html" in {name.lower(): value for name, value in proof.headers}["content-type"]


def test_the_same_page_fetched_again_is_a_revisit_and_reads_the_same(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    newsroom.scene.later("page_check", minutes=1)
    newsroom.carries(PATH, code, PARTS[:3])
    newsroom.scene.later("page_check", minutes=1)
    first, again, other = newsroom.copy().evidence
    assert first.body_hash == again.body_hash != other.body_hash
    assert again.body_key == first.capture_key != again.capture_key
    assert again.capture_key is not None
    store = newsroom.scene.context.store
    kept = {item.rec_type: item for item in ArchiveIterator(io.BytesIO(store.archive(again.capture_key)))}
    assert datetime.fromisoformat(kept["revisit"].rec_headers.get_header("WARC-Refers-To-Date")) == first.at
    for proof in (first, again, other):
        assert proof.body_key is not None
        assert hashlib.sha256(store.read(proof.body_key)).hexdigest() == proof.body_hash


def test_a_page_that_cannot_be_kept_is_not_counted_but_tried_again(
    newsroom: ScriptedSite, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = newsroom.scene
    newsroom.carries(PATH, code)
    with monkeypatch.context() as patch:
        patch.setattr(PageStore, "keep_capture", _refuses)
        found(newsroom)
    (page,) = newsroom.pages()
    assert "could not be kept: no space" in page.error
    assert newsroom.copies() == []
    scene.later("page_check", minutes=10)
    assert newsroom.copy().evidence[0].capture_key is not None


def _refuses(*_given: object) -> str:
    raise StoreError("no space")


@pytest.mark.parametrize("act", [sa.update(Evidence).values(share=1.0), sa.delete(Evidence)])
def test_the_database_refuses_to_change_or_remove_evidence(
    newsroom: ScriptedSite, code: str, act: sa.Update | sa.Delete
) -> None:
    newsroom.carries(PATH, code)
    found(newsroom)
    with pytest.raises(DatabaseError, match="kept as it was"), newsroom.scene.database.write() as session:
        session.execute(act)
    with newsroom.scene.database.read() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Evidence)).scalar_one() == 1


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_postgresql_refuses_to_empty_the_table_of_evidence(scene: JobHarness) -> None:
    with pytest.raises(DatabaseError, match="kept as it was"), scene.database.write() as session:
        session.execute(sa.text("TRUNCATE evidence CASCADE"))


def test_threads_that_keep_one_fetch_keep_it_once(newsroom: ScriptedSite, code: str) -> None:
    newsroom.carries(PATH, code)
    threads = [threading.Thread(target=found, args=(newsroom,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(newsroom.copy().evidence) == 1
