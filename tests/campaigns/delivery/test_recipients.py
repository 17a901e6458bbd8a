"""The preview of recipients agrees with the deliveries that are written afterwards."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin
from campaigns.channels import channels
from campaigns.channels.channels import Channel, ChannelState
from campaigns.delivery import recipients
from campaigns.delivery.outbox import Delivery, RefusalReason
from campaigns.delivery.recipients import PartnerDoubt, Recipient, RecipientAnswer, RecipientHindrance
from campaigns.partners.agreements import AgreementContent, add_agreement
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.keys import add_key, revoke_key
from campaigns.release import workflow
from coordinator.db import Database
from tests import factories
from tests.factories import ADMIN, APPROVER, DELIVERY_MODES, NOW

DAY = date(2026, 11, 24)


def run(session: Session, bulletin: Bulletin) -> dict[str, Recipient]:
    return {
        recipient.channel: recipient
        for recipient in recipients.dry_run(session, bulletin, DELIVERY_MODES, at=None, now=NOW)
    }


def licence(session: Session, owner: Company, number: str, **more: object) -> None:
    usual = {"kind": SiteKind.AGGREGATOR, "issuer": "Bộ", "issued_on": date(2026, 1, 1), "domains": ["x.example"]}
    add_licence(session, "test", owner, number, LicenceContent(**{**usual, **more}), now=NOW)  # type: ignore[arg-type]


def agreement(session: Session, owner: Company, number: str, **more: object) -> None:
    content = AgreementContent(**{"starts_on": date(2026, 1, 1), **more})  # type: ignore[arg-type]
    add_agreement(session, "test", owner, number, content, now=NOW)


def test_each_channel_says_yes_later_or_no_and_why(session: Session) -> None:
    plain = factories.channel(session)
    other_topic = factories.channel(session, topics=["kinh-te-xa-hoi"])
    paused, lost, retired = (factories.channel(session) for _one in range(3))
    channels.pause(session, ADMIN, paused, now=NOW)
    channels.set_state(session, lost, ChannelState.NEEDS_AUTHORISATION, "401", now=NOW)
    channels.set_state(session, retired, ChannelState.RETIRED, "410", now=NOW)
    found = run(session, factories.approved(session))
    values = {code: (recipient.answer, recipient.refusal, recipient.hindrance) for code, recipient in found.items()}
    assert values == {
        plain.code: (RecipientAnswer.YES, None, None),
        other_topic.code: (RecipientAnswer.NO, RefusalReason.TOPIC, None),
        paused.code: (RecipientAnswer.LATER, None, RecipientHindrance.PAUSED),
        lost.code: (RecipientAnswer.LATER, None, RecipientHindrance.NEEDS_AUTHORISATION),
        retired.code: (RecipientAnswer.NO, RefusalReason.RETIRED, None),
    }
    assert found[plain.code].at == NOW


def test_a_bulletin_that_names_its_channels_goes_to_no_other(session: Session) -> None:
    chosen, other = factories.channel(session), factories.channel(session)
    found = run(session, factories.approved(session, channels=[chosen.code]))
    assert found[chosen.code].answer is RecipientAnswer.YES
    assert found[other.code].refusal is RefusalReason.NOT_CHOSEN


def test_a_feed_without_a_living_key_is_read_by_nobody(session: Session) -> None:
    owner = factories.company(session)
    feed = factories.channel(session, "feed", company=owner)
    bulletin = factories.approved(session)
    assert run(session, bulletin)[feed.code].hindrance is RecipientHindrance.NO_KEY
    ended = add_key(session, "test", name="cũ", company_id=owner.id, expires_on=DAY, now=NOW)
    assert run(session, bulletin)[feed.code].answer is RecipientAnswer.YES
    later = recipients.dry_run(session, bulletin, DELIVERY_MODES, at=NOW + timedelta(days=2), now=NOW)
    assert [recipient.hindrance for recipient in later] == [RecipientHindrance.KEY_ENDED]
    revoke_key(session, "test", ended.row.public, now=NOW)
    assert run(session, bulletin)[feed.code].hindrance is RecipientHindrance.KEY_ENDED


@pytest.mark.parametrize(
    ("licences", "agreements", "doubts"),
    [
        ([], [], (PartnerDoubt.NO_LICENCE, PartnerDoubt.NO_AGREEMENT)),
        ([{}], [{}], ()),
        ([{"expires_on": date(2026, 11, 23)}], [{}], (PartnerDoubt.LICENCE_ENDED,)),
        ([{"scope": ["Kinh tế - xã hội"]}], [{}], (PartnerDoubt.LICENCE_SCOPE,)),
        ([{"scope": ["dich-benh"]}], [{}], ()),
        ([{"scope": ["tổng hợp tin tức"]}], [{}], ()),
        ([{"scope": ["Kinh tế - xã hội"]}, {"scope": ["DỊCH BỆNH"]}], [{}], ()),
        ([{}], [{"ends_on": date(2026, 11, 23)}], (PartnerDoubt.AGREEMENT_ENDED,)),
        ([{}], [{"topics": ["kinh-te-xa-hoi"]}], (PartnerDoubt.AGREEMENT_TOPICS,)),
        ([{}], [{"topics": ["kinh-te-xa-hoi"]}, {"topics": ["dich-benh"]}], ()),
    ],
)
def test_papers_that_are_not_in_order_are_reported_and_bar_nothing(
    session: Session,
    licences: list[dict[str, object]],
    agreements: list[dict[str, object]],
    doubts: tuple[PartnerDoubt, ...],
) -> None:
    owner = factories.company(session)
    channel = factories.channel(session, company=owner)
    for number, values in enumerate(licences):
        licence(session, owner, f"GP-{number}", **values)
    for number, values in enumerate(agreements):
        agreement(session, owner, f"CT-{number}", **values)
    found = run(session, factories.approved(session))[channel.code]
    assert (found.answer, found.doubts) == (RecipientAnswer.YES, doubts)


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
        named = {
            code for code, recipient in run(session, bulletin).items() if recipient.answer is not RecipientAnswer.NO
        }
        workflow.publish(session, APPROVER, bulletin.code, DELIVERY_MODES, now=NOW)
        query = sa.select(Channel.code).join(Delivery, Delivery.channel_id == Channel.id)
        assert set(session.execute(query.where(Delivery.bulletin_id == bulletin.id)).scalars()) == named
