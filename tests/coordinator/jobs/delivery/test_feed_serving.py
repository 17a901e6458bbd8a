"""A feed's address and its query are equivalent, so that the hub reads a topic as readers read its address."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.core.errors import Invalid, NotFound
from campaigns.people.keys import add_key, revoke_key
from coordinator.feeds.formats import FORMATS
from coordinator.jobs.delivery.feed_serving import FeedQuery, FeedState, parse_query, read_state, topic_query
from tests import factories
from tests.coordinator.jobs.harness import JobHarness

QUERIES = st.builds(
    FeedQuery,
    name=st.sampled_from(sorted(FORMATS)),
    key=st.none() | st.from_regex(r"lt_[0-9a-f]{10}_[0-9A-Za-z_-]{43}", fullmatch=True),
    topic=st.none() | st.text(alphabet="abc-đệ &?=#/%+", min_size=1, max_size=12),
    limit=st.integers(1, 200),
)


@given(QUERIES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_address_of_a_query_is_read_as_that_query(stage: JobHarness, query: FeedQuery) -> None:
    assert topic_query(stage.context, query.address(stage.context)) == query


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
def test_only_the_very_address_of_a_feed_is_a_topic(stage: JobHarness, topic: str) -> None:
    assert topic_query(stage.context, topic) is None


@given(st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_topic_or_none(stage: JobHarness, text: str) -> None:
    for topic in (text, f"{PublicAddresses('https://tin.example').base}/feeds/{text}"):
        query = topic_query(stage.context, topic)
        assert query is None or query.address(stage.context) == topic


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1e2", "٣"])
def test_a_limit_is_a_number_from_1_to_200(limit: str) -> None:
    with pytest.raises(Invalid):
        parse_query("atom.xml", None, {"limit": limit})
    with pytest.raises(NotFound):
        parse_query("atom", None, {})


def state_of(stage: JobHarness, query: FeedQuery) -> FeedState:
    with stage.database.read() as session:
        return read_state(stage.context, session, query, stage.context.now())


def test_an_unknown_topic_is_refused(stage: JobHarness) -> None:
    with pytest.raises(Invalid):
        state_of(stage, FeedQuery("rss.xml", topic="khong-co"))


def test_a_revoked_key_opens_nothing_and_no_reader_has_the_tag_of_anothers_feed(stage: JobHarness) -> None:
    stage.publish()
    with stage.database.write() as session:
        company = factories.company(session, "Nhịp Sông")
        key = add_key(session, "test", name="Máy", company_id=company.id, now=stage.context.now())
    query = FeedQuery("rss.xml", key=key.text)
    state = state_of(stage, query)
    assert state == state_of(stage, query)
    assert state.reader is not None
    assert state.reader.company_id == company.id
    assert state.etag != state_of(stage, FeedQuery("rss.xml")).etag
    with stage.database.write() as session:
        revoke_key(session, "test", key.text.split("_")[1], now=stage.context.now())
    with pytest.raises(NotFound):
        state_of(stage, query)
