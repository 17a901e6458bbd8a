"""The audiences of notices, counted by the database, and groups of partners."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.messages import notice_readers, notice_workflow, notices
from campaigns.messages.notice_workflow import NoticeContent
from campaigns.messages.notices import Notice, NoticeAudience, NoticeCount, PartnerGroup, receivers_of
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.expiries import EXPIRES_SOON
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.people.staff import Actor
from campaigns.republications.republications import RepublicationStatus
from campaigns.republications.silent_partners import SILENT_DAYS
from tests import factories
from tests.campaigns.reporting.sample_republications import make_republication
from tests.factories import APPROVER, NOW, WRITER

TODAY = city_day(NOW)
EDITOR = Actor("key:abc", "Phòng nội dung", None)
DAY = timedelta(days=1)
SILENT = timedelta(days=SILENT_DAYS)


def licensed(session: Session, kind: SiteKind, ends: date | None = None, begins: date = date(2024, 1, 1)) -> Company:
    company = factories.company(session)
    add_licence(
        session,
        "test",
        company,
        f"{company.id}/GP",
        LicenceContent(
            kind=kind, issuer="Sở", issued_on=begins, expires_on=ends, domains=[f"trang-{company.id}.example"]
        ),
        now=NOW,
    )
    return company


def notice(session: Session, wanted: NoticeContent, form: str = "a") -> Notice:
    row = notice_workflow.draft_notice(session, WRITER, wanted, form, now=NOW)
    return notice_workflow.publish_notice(session, APPROVER, row.public, row.version, now=NOW)


def chosen(groups: list[PartnerGroup], partners: list[str] | None = None, *, keep: bool = False) -> NoticeContent:
    return NoticeContent("x", "<p>x</p>", NoticeAudience.CHOSEN, partners=partners or [], groups=groups, keep=keep)


def test_a_group_by_licence_has_those_whose_licence_is_in_force_today(session: Session) -> None:
    open_ended = licensed(session, SiteKind.AGGREGATOR)
    last_day = licensed(session, SiteKind.AGGREGATOR, ends=TODAY)
    licensed(session, SiteKind.AGGREGATOR, ends=TODAY - DAY)
    licensed(session, SiteKind.AGGREGATOR, begins=TODAY + DAY)
    social = licensed(session, SiteKind.SOCIAL, ends=TODAY + EXPIRES_SOON + DAY)
    factories.company(session)
    assert notices.companies_in_groups(session, [PartnerGroup.AGGREGATOR], now=NOW) == {open_ended.id, last_day.id}
    assert notices.companies_in_groups(session, [PartnerGroup.SOCIAL], now=NOW) == {social.id}
    assert notices.companies_in_groups(session, [PartnerGroup.ENDING], now=NOW) == {last_day.id}
    assert notices.companies_in_groups(session, [PartnerGroup.SOCIAL, PartnerGroup.ENDING], now=NOW) == {
        social.id,
        last_day.id,
    }
    assert notices.companies_in_groups(session, [], now=NOW) == set()


def test_the_silent_are_those_that_receive_bulletins_and_have_no_confirmed_copy_of_late(session: Session) -> None:
    owners = [factories.company(session) for _ in range(4)]
    for owner in owners:
        factories.channel(session, company=owner)
    factories.company(session)  # nothing is delivered to it
    bulletin = factories.published(session)
    session.execute(sa.update(Delivery).values(state=DeliveryState.DELIVERED))
    sites = [factories.site(session, owner) for owner in owners]
    for site, day, status in (
        (sites[0], TODAY, RepublicationStatus.CONFIRMED),
        (sites[1], TODAY - SILENT, RepublicationStatus.CONFIRMED),
        (sites[2], TODAY, RepublicationStatus.REVIEW),
    ):
        make_republication(session, bulletin, site, counted_on=day, status=status)
    assert notices.companies_in_groups(session, [PartnerGroup.SILENT], now=NOW) == {owner.id for owner in owners[1:]}
    # The last day that still counts as of late.
    make_republication(
        session, bulletin, sites[3], counted_on=TODAY - SILENT + DAY, status=RepublicationStatus.CONFIRMED
    )
    assert notices.companies_in_groups(session, [PartnerGroup.SILENT], now=NOW) == {owners[1].id, owners[2].id}


def test_a_group_is_settled_when_it_is_saved_and_single_partners_are_added_to_it(session: Session) -> None:
    social, other = licensed(session, SiteKind.SOCIAL), factories.company(session)
    row = notice_workflow.draft_notice(session, WRITER, chosen([PartnerGroup.SOCIAL], [other.code]), "a", now=NOW)
    assert receivers_of(session, row) == {social.id, other.id}
    later = licensed(session, SiteKind.SOCIAL)
    assert receivers_of(session, row) == {social.id, other.id}
    row = notice_workflow.revise_notice(session, WRITER, row.public, chosen([], keep=True), row.version, now=NOW)
    assert receivers_of(session, row) == {social.id, other.id}
    row = notice_workflow.revise_notice(
        session, WRITER, row.public, chosen([PartnerGroup.SOCIAL]), row.version, now=NOW
    )
    assert receivers_of(session, row) == {social.id, later.id}


def test_an_empty_group_is_nobody_and_that_is_refused(session: Session) -> None:
    factories.company(session)
    with pytest.raises(Invalid) as exception_info:
        notice_workflow.draft_notice(session, WRITER, chosen([PartnerGroup.SOCIAL]), "a", now=NOW)
    assert [(error.field, error.code) for error in exception_info.value.errors] == [("partners", "none_chosen_partner")]


def test_what_the_form_says_of_sizes_is_what_a_notice_then_counts(session: Session) -> None:
    licensed(session, SiteKind.SOCIAL)
    taker, stranger = licensed(session, SiteKind.AGGREGATOR), factories.company(session)
    factories.channel(session, company=taker, topics=["dich-benh"])
    factories.channel(session, company=stranger, topics=["kinh-te-xa-hoi"])
    sizes = notices.audience_sizes(session, ["dich-benh", "kinh-te-xa-hoi"], now=NOW)
    assert (sizes.every, dict(sizes.topics)) == (3, {"dich-benh": 2, "kinh-te-xa-hoi": 2})
    assert (
        sizes.groups[PartnerGroup.SOCIAL],
        sizes.groups[PartnerGroup.AGGREGATOR],
        sizes.groups[PartnerGroup.SILENT],
    ) == (1, 1, 0)
    rows = [
        notice(session, NoticeContent("x", "<p>x</p>", NoticeAudience.ALL), "a"),
        notice(session, NoticeContent("x", "<p>x</p>", NoticeAudience.TOPIC, "dich-benh"), "b"),
        notice(session, chosen([PartnerGroup.SOCIAL]), "c"),
    ]
    counted = notices.notice_counts(session, rows, now=NOW)
    assert [counted[one.id].receivers for one in rows] == [3, 2, 1]
    assert notices.notice_counts(session, [], now=NOW) == {}


@pytest.mark.parametrize("must_confirm", [False, True])
def test_the_figures_of_a_notice_are_those_of_its_list(session: Session, must_confirm: bool) -> None:
    companies = [factories.company(session, f"Công ty {name}") for name in "ĐCBA"]
    wanted = NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, deadline=TODAY, must_confirm=must_confirm)
    row = notice(session, wanted)
    notice_readers.mark_read(session, EDITOR, companies[0].id, row.public, 1, now=NOW)
    notice_readers.mark_read(session, EDITOR, companies[1].id, row.public, 1, now=NOW)
    notice_readers.confirm_notice(session, EDITOR, companies[1].id, row.public, 1, now=NOW)
    later = NOW + 2 * DAY
    factories.company(session, "Công ty Đến sau", now=later)
    lines = notice_readers.receiver_statuses(session, row, now=later)
    count = notices.notice_counts(session, [row], now=later)[row.id]
    assert count == NoticeCount(
        len(lines),
        sum(line.notice.read for line in lines),
        sum(line.notice.confirmed for line in lines),
        sum(line.notice.late for line in lines),
    )
    assert (count.receivers, count.read, count.late) == (5, 2, 3 if must_confirm else 2)
    assert notices.notice_counts(session, [row], now=NOW)[row.id].late == 0


def test_the_list_is_read_a_part_at_a_time_late_ones_first(session: Session) -> None:
    for name in "ABCDE":
        factories.company(session, f"Công ty {name}")
    row = notice(session, NoticeContent("x", "<p>x</p>", NoticeAudience.ALL, deadline=TODAY))
    later = NOW + 2 * DAY
    factories.company(session, "Công ty 0", now=later)
    whole = [line.name for line in notice_readers.receiver_statuses(session, row, now=later)]
    assert whole == [*(f"Công ty {name}" for name in "ABCDE"), "Công ty 0"]
    parts = [notice_readers.receiver_statuses(session, row, now=later, most=2, skip=skip) for skip in (0, 2, 4, 6)]
    assert [[line.name for line in part] for part in parts] == [whole[:2], whole[2:4], whole[4:], []]
