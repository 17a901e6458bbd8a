"""The trial of who receives: the same answer as the deliveries that are written afterwards."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.partners.agreements import add_agreement
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import add_licence
from campaigns.people.keys import add_key, revoke_key
from campaigns.publishing import channels, receiving, workflow
from campaigns.publishing.bulletins import Bulletin
from campaigns.publishing.channels import Channel, ChannelState
from campaigns.publishing.outbox import Delivery, Refusal
from campaigns.publishing.receiving import Answer, Doubt, Hindrance, Receiver
from coordinator.db import Database
from tests import factories
from tests.factories import ADMIN, APPROVER, NATURES, NOW

DAY = date(2026, 11, 24)


def run(session: Session, bulletin: Bulletin) -> dict[str, Receiver]:
    return {one.channel: one for one in receiving.dry_run(session, bulletin, NATURES, at=None, now=NOW)}


def licence(session: Session, owner: Company, number: str, **more: object) -> None:
    usual: dict[str, object] = {"issued_on": date(2026, 1, 1), "expires_on": None, "scope": []}
    add_licence(
        session, "test", owner, number=number, kind=SiteKind.AGGREGATOR, issuer="Bộ", domains=["x.example"], now=NOW,
        **{**usual, **more},  # type: ignore[arg-type]
    )  # fmt: skip


def agreement(session: Session, owner: Company, number: str, **more: object) -> None:
    usual: dict[str, object] = {"starts_on": date(2026, 1, 1), "ends_on": None, "topics": []}
    add_agreement(session, "test", owner, number=number, now=NOW, **{**usual, **more})  # type: ignore[arg-type]


def test_each_channel_says_yes_later_or_no_and_why(session: Session) -> None:
    plain = factories.channel(session)
    other_topic = factories.channel(session, topics=["kinh-te-xa-hoi"])
    paused, lost, retired = (factories.channel(session) for _one in range(3))
    channels.pause(session, ADMIN, paused, now=NOW)
    channels.set_state(session, lost, ChannelState.NEEDS_AUTHORISATION, "401", now=NOW)
    channels.set_state(session, retired, ChannelState.RETIRED, "410", now=NOW)
    found = run(session, factories.approved(session))
    told = {code: (one.answer, one.refusal, one.hindrance) for code, one in found.items()}
    assert told == {
        plain.code: (Answer.YES, None, None),
        other_topic.code: (Answer.NO, Refusal.TOPIC, None),
        paused.code: (Answer.LATER, None, Hindrance.PAUSED),
        lost.code: (Answer.LATER, None, Hindrance.NEEDS_AUTHORISATION),
        retired.code: (Answer.NO, Refusal.RETIRED, None),
    }
    assert found[plain.code].at == NOW


def test_a_bulletin_that_names_its_channels_goes_to_no_other(session: Session) -> None:
    chosen, other = factories.channel(session), factories.channel(session)
    found = run(session, factories.approved(session, channels=[chosen.code]))
    assert found[chosen.code].answer is Answer.YES
    assert found[other.code].refusal is Refusal.NOT_CHOSEN


def test_a_feed_without_a_living_key_is_read_by_nobody(session: Session) -> None:
    owner = factories.company(session)
    feed = factories.channel(session, "feed", company=owner)
    bulletin = factories.approved(session)
    assert run(session, bulletin)[feed.code].hindrance is Hindrance.NO_KEY
    ended = add_key(session, "test", name="cũ", company_id=owner.id, expires_on=DAY, now=NOW)
    assert run(session, bulletin)[feed.code].answer is Answer.YES
    later = receiving.dry_run(session, bulletin, NATURES, at=NOW + timedelta(days=2), now=NOW)
    assert [one.hindrance for one in later] == [Hindrance.KEY_ENDED]
    revoke_key(session, "test", ended.row.public, now=NOW)
    assert run(session, bulletin)[feed.code].hindrance is Hindrance.KEY_ENDED


@pytest.mark.parametrize(
    ("licences", "agreements", "doubts"),
    [
        ([], [], (Doubt.NO_LICENCE, Doubt.NO_AGREEMENT)),
        ([{}], [{}], ()),
        ([{"expires_on": date(2026, 11, 23)}], [{}], (Doubt.LICENCE_ENDED,)),
        ([{"scope": ["Kinh tế - xã hội"]}], [{}], (Doubt.LICENCE_SCOPE,)),
        ([{"scope": ["dich-benh"]}], [{}], ()),
        ([{"scope": ["tổng hợp tin tức"]}], [{}], ()),
        ([{"scope": ["Kinh tế - xã hội"]}, {"scope": ["DỊCH BỆNH"]}], [{}], ()),
        ([{}], [{"ends_on": date(2026, 11, 23)}], (Doubt.AGREEMENT_ENDED,)),
        ([{}], [{"topics": ["kinh-te-xa-hoi"]}], (Doubt.AGREEMENT_TOPICS,)),
        ([{}], [{"topics": ["kinh-te-xa-hoi"]}, {"topics": ["dich-benh"]}], ()),
    ],
)
def test_papers_that_are_not_in_order_are_told_and_bar_nothing(
    session: Session,
    licences: list[dict[str, object]],
    agreements: list[dict[str, object]],
    doubts: tuple[Doubt, ...],
) -> None:
    owner = factories.company(session)
    channel = factories.channel(session, company=owner)
    for number, one in enumerate(licences):
        licence(session, owner, f"GP-{number}", **one)
    for number, one in enumerate(agreements):
        agreement(session, owner, f"CT-{number}", **one)
    found = run(session, factories.approved(session))[channel.code]
    assert (found.answer, found.doubts) == (Answer.YES, doubts)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.lists(
        st.tuples(
            st.sampled_from([None, ("dich-benh",), ("kinh-te-xa-hoi",), ()]),
            st.sampled_from(list(ChannelState)),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    choosy=st.booleans(),
)
def test_deliveries_are_written_for_those_it_names_and_for_no_other(
    sqlite: Database, made: list[tuple[tuple[str, ...] | None, ChannelState, bool]], choosy: bool
) -> None:
    with sqlite.write() as session:
        session.execute(sa.delete(Delivery))
        session.execute(sa.delete(Channel))
        wanted = []
        for topics, state, chosen in made:
            channel = factories.channel(session, topics=topics)
            channels.set_state(session, channel, state, "thử", now=NOW)
            wanted += [channel.code] if chosen else []
        bulletin = factories.approved(session, channels=wanted if choosy else None)
        named = {code for code, one in run(session, bulletin).items() if one.answer is not Answer.NO}
        workflow.publish(session, APPROVER, bulletin.code, NATURES, now=NOW)
        query = sa.select(Channel.code).join(Delivery, Delivery.channel_id == Channel.id)
        assert set(session.execute(query.where(Delivery.bulletin_id == bulletin.id)).scalars()) == named
