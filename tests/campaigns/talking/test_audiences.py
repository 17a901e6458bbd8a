"""Whom a notice is for, counted by the database; groups of partners named together."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import Invalid
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.ending import SOON
from campaigns.partners.licences import add_licence
from campaigns.people.staff import Actor
from campaigns.talking import audiences, readers, telling
from campaigns.talking.audiences import Count, Group
from campaigns.talking.notices import Audience, Notice, receivers_of
from campaigns.talking.telling import Wanted
from campaigns.tracking.republications import Status
from tests import factories
from tests.campaigns.reporting.copies import copy
from tests.factories import APPROVER, NOW, WRITER

TODAY = city_day(NOW)
EDITOR = Actor("key:abc", "Phòng nội dung", None)
DAY = timedelta(days=1)


def licensed(session: Session, kind: SiteKind, ends: date | None = None, begins: date = date(2024, 1, 1)) -> Company:
    company = factories.company(session)
    add_licence(
        session, "test", company, number=f"{company.id}/GP", kind=kind, issuer="Sở", issued_on=begins, expires_on=ends,
        domains=[f"trang-{company.id}.example"], scope=[], now=NOW,
    )  # fmt: skip
    return company


def notice(session: Session, wanted: Wanted, form: str = "a") -> Notice:
    row = telling.draft(session, WRITER, wanted, form, now=NOW)
    return telling.publish(session, APPROVER, row.public, row.version, now=NOW)


def chosen(groups: list[Group], partners: list[str] | None = None, *, keep: bool = False) -> Wanted:
    return Wanted("x", "<p>x</p>", Audience.CHOSEN, partners=partners or [], groups=groups, keep=keep)


def test_a_group_by_licence_has_those_whose_licence_is_in_force_today(session: Session) -> None:
    open_ended = licensed(session, SiteKind.AGGREGATOR)
    last_day = licensed(session, SiteKind.AGGREGATOR, ends=TODAY)
    licensed(session, SiteKind.AGGREGATOR, ends=TODAY - DAY)
    licensed(session, SiteKind.AGGREGATOR, begins=TODAY + DAY)
    social = licensed(session, SiteKind.SOCIAL, ends=TODAY + SOON + DAY)
    factories.company(session)
    assert audiences.in_groups(session, [Group.AGGREGATOR], now=NOW) == {open_ended.id, last_day.id}
    assert audiences.in_groups(session, [Group.SOCIAL], now=NOW) == {social.id}
    assert audiences.in_groups(session, [Group.ENDING], now=NOW) == {last_day.id}
    assert audiences.in_groups(session, [Group.SOCIAL, Group.ENDING], now=NOW) == {social.id, last_day.id}
    assert audiences.in_groups(session, [], now=NOW) == set()


def test_the_silent_are_those_without_a_confirmed_copy_of_late(session: Session) -> None:
    bulletin = factories.published(session)
    owners = [factories.company(session) for _ in range(4)]
    sites = [factories.site(session, owner) for owner in owners]
    for site, day, status in (
        (sites[0], TODAY, Status.CONFIRMED),
        (sites[1], TODAY - audiences.SILENT_FOR, Status.CONFIRMED),
        (sites[2], TODAY, Status.REVIEW),
    ):
        copy(session, bulletin, site, counted_on=day, status=status)
    assert audiences.in_groups(session, [Group.SILENT], now=NOW) == {owner.id for owner in owners[1:]}
    # The last day that still counts as of late.
    copy(session, bulletin, sites[3], counted_on=TODAY - audiences.SILENT_FOR + DAY, status=Status.CONFIRMED)
    assert audiences.in_groups(session, [Group.SILENT], now=NOW) == {owners[1].id, owners[2].id}


def test_a_group_is_settled_when_it_is_saved_and_single_partners_are_added_to_it(session: Session) -> None:
    social, other = licensed(session, SiteKind.SOCIAL), factories.company(session)
    row = telling.draft(session, WRITER, chosen([Group.SOCIAL], [other.code]), "a", now=NOW)
    assert receivers_of(session, row) == {social.id, other.id}
    later = licensed(session, SiteKind.SOCIAL)
    assert receivers_of(session, row) == {social.id, other.id}
    row = telling.revise(session, WRITER, row.public, chosen([], keep=True), row.version, now=NOW)
    assert receivers_of(session, row) == {social.id, other.id}
    row = telling.revise(session, WRITER, row.public, chosen([Group.SOCIAL]), row.version, now=NOW)
    assert receivers_of(session, row) == {social.id, later.id}


def test_an_empty_group_is_nobody_and_that_is_refused(session: Session) -> None:
    factories.company(session)
    with pytest.raises(Invalid) as told:
        telling.draft(session, WRITER, chosen([Group.SOCIAL]), "a", now=NOW)
    assert [(one.field, one.code) for one in told.value.errors] == [("partners", "none_chosen_partner")]


def test_what_the_form_says_of_sizes_is_what_a_notice_then_counts(session: Session) -> None:
    licensed(session, SiteKind.SOCIAL)
    taker, stranger = licensed(session, SiteKind.AGGREGATOR), factories.company(session)
    factories.channel(session, company=taker, topics=["dich-benh"])
    factories.channel(session, company=stranger, topics=["kinh-te-xa-hoi"])
    sizes = audiences.sizes(session, ["dich-benh", "kinh-te-xa-hoi"], now=NOW)
    assert (sizes.every, dict(sizes.topics)) == (3, {"dich-benh": 2, "kinh-te-xa-hoi": 2})
    assert (sizes.groups[Group.SOCIAL], sizes.groups[Group.AGGREGATOR], sizes.groups[Group.SILENT]) == (1, 1, 3)
    rows = [
        notice(session, Wanted("x", "<p>x</p>", Audience.ALL), "a"),
        notice(session, Wanted("x", "<p>x</p>", Audience.TOPIC, "dich-benh"), "b"),
        notice(session, chosen([Group.SOCIAL]), "c"),
    ]
    counted = audiences.counts(session, rows, now=NOW)
    assert [counted[one.id].receivers for one in rows] == [3, 2, 1]
    assert audiences.counts(session, [], now=NOW) == {}


@pytest.mark.parametrize("must_confirm", [False, True])
def test_the_figures_of_a_notice_are_those_of_its_list(session: Session, must_confirm: bool) -> None:
    companies = [factories.company(session, f"Công ty {name}") for name in "ĐCBA"]
    wanted = Wanted("x", "<p>x</p>", Audience.ALL, deadline=TODAY, must_confirm=must_confirm)
    row = notice(session, wanted)
    readers.read(session, EDITOR, companies[0].id, row.public, 1, now=NOW)
    readers.read(session, EDITOR, companies[1].id, row.public, 1, now=NOW)
    readers.confirm(session, EDITOR, companies[1].id, row.public, 1, now=NOW)
    later = NOW + 2 * DAY
    factories.company(session, "Công ty Đến sau", now=later)
    lines = readers.receiving(session, row, now=later)
    count = audiences.counts(session, [row], now=later)[row.id]
    assert count == Count(
        len(lines),
        sum(line.told.read for line in lines),
        sum(line.told.confirmed for line in lines),
        sum(line.told.late for line in lines),
    )
    assert (count.receivers, count.read, count.late) == (5, 2, 3 if must_confirm else 2)
    assert audiences.counts(session, [row], now=NOW)[row.id].late == 0


def test_the_list_is_read_a_part_at_a_time_late_ones_first(session: Session) -> None:
    for name in "ABCDE":
        factories.company(session, f"Công ty {name}")
    row = notice(session, Wanted("x", "<p>x</p>", Audience.ALL, deadline=TODAY))
    later = NOW + 2 * DAY
    factories.company(session, "Công ty 0", now=later)
    whole = [line.name for line in readers.receiving(session, row, now=later)]
    assert whole == [*(f"Công ty {name}" for name in "ABCDE"), "Công ty 0"]
    parts = [readers.receiving(session, row, now=later, most=2, skip=skip) for skip in (0, 2, 4, 6)]
    assert [[line.name for line in part] for part in parts] == [whole[:2], whole[2:4], whole[4:], []]
