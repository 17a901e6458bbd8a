"""A feed's address and its query are one thing written two ways, so that a hub's topic is read as readers read it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.core.errors import CampaignError, Invalid, NotFound
from campaigns.people.keys import add_key, revoke_key
from campaigns.publishing.addresses import Addresses
from campaigns.publishing.bulletins import Bulletin
from coordinator.db import Database
from coordinator.feeds.conditional import Asked, FeedReply
from coordinator.feeds.formats import FORMATS
from coordinator.jobs import serving
from coordinator.jobs.serving import FeedQuery, query_of, read_query
from tests import factories
from tests.coordinator.jobs.scene import Scene

QUERIES = st.builds(
    FeedQuery,
    name=st.sampled_from(sorted(FORMATS)),
    key=st.none() | st.from_regex(r"lt_[0-9a-f]{10}_[0-9A-Za-z_-]{43}", fullmatch=True),
    topic=st.none() | st.text(alphabet="abc-đệ &?=#/%+", min_size=1, max_size=12),
    limit=st.integers(1, 200),
)


@given(QUERIES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_address_of_a_query_is_read_as_that_query(stage: Scene, query: FeedQuery) -> None:
    assert query_of(stage.place, query.address(stage.place)) == query


@pytest.mark.parametrize(
    "topic",
    [
        "", "https://tin.example/", "https://tin.example/feeds/", "https://tin.example/feeds/x.xml",
        "https://la.example/feeds/atom.xml", "http://tin.example/feeds/atom.xml",
        "https://tin.example/feeds/atom.xml?", "https://tin.example/feeds/atom.xml?limit=50",
        "https://tin.example/feeds/atom.xml?limit=0", "https://tin.example/feeds/atom.xml?limit=²",
        "https://tin.example/feeds/atom.xml?after=", "https://tin.example/feeds/atom.xml?x=1",
        "https://tin.example/feeds/atom.xml#x", "https://tin.example/feeds/a/b/atom.xml",
        "https://tin.example/feeds/atom.xml?limit=7&topic=dich-benh",
    ],
)  # fmt: skip
def test_only_the_very_address_of_a_feed_is_a_topic(stage: Scene, topic: str) -> None:
    assert query_of(stage.place, topic) is None


@given(st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_topic_or_none(stage: Scene, text: str) -> None:
    for topic in (text, f"{Addresses('https://tin.example').base}/feeds/{text}"):
        query = query_of(stage.place, topic)
        assert query is None or query.address(stage.place) == topic


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1e2", "٣"])
def test_a_limit_is_a_number_from_1_to_200(limit: str) -> None:
    with pytest.raises(Invalid):
        read_query("atom.xml", None, {"limit": limit})
    with pytest.raises(NotFound):
        read_query("atom", None, {})


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_subscribers_are_sent_is_what_readers_get(stage: Scene, name: str) -> None:
    stage.publish()
    query = FeedQuery(name)
    with stage.database.read() as session:
        one = serving.serve(stage.place, session, stage.place.feeds, query, Asked(), stage.place.now())
        two = serving.serve(stage.place, session, stage.place.feeds, query, Asked(), stage.place.now())
    assert one.reply.body == two.reply.body
    assert len(one.carried) == 1
    with stage.database.read() as session, pytest.raises(CampaignError):
        serving.serve(
            stage.place, session, stage.place.feeds, FeedQuery(name, topic="khong-co"), Asked(), stage.place.now()
        )


class Questions:
    """How many statements reach the database."""

    def __init__(self, stage: Scene) -> None:
        self.asked = 0
        sa.event.listen(stage.database.engine, "before_cursor_execute", self._count)

    def _count(self, *_told: object) -> None:
        self.asked += 1


def told(stage: Scene, query: FeedQuery, known: str | None = None) -> FeedReply:
    return serving.answer(stage.place, query, Asked(known, None, "gzip")).reply


def test_within_a_second_a_feed_that_stands_as_it_did_asks_the_database_nothing(stage: Scene) -> None:
    stage.publish()
    query = FeedQuery("rss.xml")
    first = told(stage, query)
    etag = dict(first.headers)["ETag"]
    questions = Questions(stage)
    assert told(stage, query, etag).status == 304
    assert told(stage, query) == first
    assert questions.asked == 0
    stage.clock.forward(seconds=1)
    assert told(stage, query, etag).status == 304
    assert questions.asked > 0


def test_what_this_process_writes_is_in_the_next_read_and_what_another_writes_a_second_later(stage: Scene) -> None:
    stage.publish()
    query = FeedQuery("rss.xml")
    etag = dict(told(stage, query).headers)["ETag"]
    stage.clock.forward(milliseconds=1)
    recalled = stage.publish()
    assert told(stage, query, etag).status == 200
    etag = dict(told(stage, query).headers)["ETag"]
    elsewhere = Database(stage.database.url)
    with elsewhere.write() as session:
        at = stage.place.now() + timedelta(milliseconds=1)
        session.execute(
            sa.update(Bulletin)
            .where(Bulletin.code == recalled)
            .values(recalled_at=at, recall_reason="sai", changed_at=at)
        )
    elsewhere.dispose()
    stage.clock.forward(seconds=1)
    after = told(stage, query, etag)
    assert after.status == 200
    assert dict(after.headers)["ETag"] != etag


def test_a_key_that_was_revoked_opens_nothing_from_then_on_and_nobody_is_given_anothers_feed(stage: Scene) -> None:
    stage.publish()
    with stage.database.write() as session:
        company = factories.company(session, "Nhịp Sông")
        made = add_key(session, "test", name="Máy", company_id=company.id, now=stage.place.now())
    query = FeedQuery("rss.xml", key=made.text)
    served = serving.answer(stage.place, query, Asked())
    etag = dict(served.reply.headers)["ETag"]
    again = serving.answer(stage.place, query, Asked(etag))
    assert (again.reply.status, again.reader) == (304, served.reader)
    assert served.reader is not None
    assert dict(told(stage, FeedQuery("rss.xml"), etag).headers)["ETag"] != etag
    with stage.database.write() as session:
        revoke_key(session, "test", made.text.split("_")[1], now=stage.place.now())
    with pytest.raises(NotFound):
        serving.answer(stage.place, query, Asked(etag))
