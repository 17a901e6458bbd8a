"""A feed's address and its query are one thing written two ways, so that a hub's topic is read as readers read it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.core.errors import CampaignError, Invalid, NotFound
from campaigns.publishing.addresses import Addresses
from coordinator.feeds.conditional import Asked
from coordinator.feeds.formats import FORMATS
from coordinator.jobs import serving
from coordinator.jobs.serving import FeedQuery, query_of, read_query
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
