"""The register in figures: equal to counting by hand, balanced from period to period, known as of any moment."""

import random
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.clock import Period, day_start, parse_period
from campaigns.core.errors import Invalid
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import (
    Licence,
    LicenceContent,
    LicenceStanding,
    LicenceVersion,
    add_licence,
    change_licence,
    find_licence,
)
from campaigns.partners.partner_merge import merge, pair_version_tag
from campaigns.partners.register.register_reader import RegisterEntry
from campaigns.partners.register.register_writer import import_entries
from campaigns.partners.register_figures import (
    LicenceFilter,
    RegisterFigure,
    licence_list,
    licences_of_figure,
    licensed_companies,
    register_figures,
)
from tests import factories
from tests.conftest import seeds
from tests.factories import ADMIN, NOW

QUARTER = parse_period("2026-Q3")
NEXT = parse_period("2026-Q4")
LATER = day_start(date(2027, 2, 1))


def licence(
    session: Session,
    owner: Company,
    *,
    kind: SiteKind = SiteKind.AGGREGATOR,
    issued_on: date = date(2024, 1, 1),
    expires_on: date | None = None,
    withdrawn_on: date | None = None,
) -> Licence:
    """A licence, withdrawn by a decision where it has such a day."""
    number = f"{next(factories._numbers)}/GP-TTĐT"
    row = add_licence(
        session,
        "test",
        owner,
        number,
        LicenceContent(kind=kind, issuer="Sở", issued_on=issued_on, expires_on=expires_on),
        now=NOW,
    )
    if withdrawn_on is not None:
        withdraw(session, row, withdrawn_on)
    return row


def withdraw(session: Session, row: Licence, day: date, *, now: datetime = NOW) -> None:
    """Withdraw a licence from this day on."""
    change_licence(
        session,
        "test",
        row,
        LicenceStanding(
            kind=row.kind,
            issuer=row.issuer,
            issued_on=row.issued_on,
            expires_on=row.expires_on,
            withdrawn_on=day,
            withdrawal="Quyết định 12/QĐ-STTTT",
            domains=row.domains,
            scope=row.scope,
        ),
        now=now,
    )


def renew(session: Session, row: Licence, expires_on: date, *, now: datetime = NOW) -> None:
    """Give a licence another end."""
    change_licence(
        session,
        "test",
        row,
        LicenceStanding(
            kind=row.kind,
            issuer=row.issuer,
            issued_on=row.issued_on,
            expires_on=expires_on,
            domains=row.domains,
            scope=row.scope,
        ),
        now=now,
    )


def in_force(row: Licence, day: date) -> bool:
    return row.issued_on <= day and (row.last_day is None or day <= row.last_day)


@pytest.mark.parametrize("seed", seeds(5))
def test_figures_are_what_counting_licence_by_licence_comes_to(session: Session, seed: int) -> None:
    dice = random.Random(seed)
    owners = [factories.company(session) for _ in range(6)]
    around = [date(2026, 6, 28) + timedelta(days=number) for number in (0, 1, 2, 3, 4, 50, 93, 94, 95, 96, 97, 150)]
    rows = []
    for _ in range(60):
        issued = dice.choice([date(2024, 1, 1), *around])
        expires = dice.choice([None, *(day for day in around if day >= issued), date(2031, 1, 1)])
        withdrawn = dice.choice([None, None, *(day for day in around if day >= issued)])
        kind = dice.choice(list(SiteKind))
        rows.append(
            licence(
                session, dice.choice(owners), kind=kind, issued_on=issued, expires_on=expires, withdrawn_on=withdrawn
            )
        )
    for period in (QUARTER, NEXT):
        last = period.first - timedelta(days=1)
        before = register_figures(session, Period(last, last, ""), now=LATER)
        found = register_figures(session, period, now=LATER)
        for row in found.rows:
            mine = [one for one in rows if one.kind is row.kind]
            valid = [one for one in mine if in_force(one, period.last)]
            ended = [one for one in mine if one.last_day is not None and one.last_day + timedelta(days=1) in period]
            assert row.licences == len(valid)
            assert row.companies == len({one.company_id for one in valid})
            assert row.new == sum(one.issued_on in period for one in mine)
            assert row.ended == len(ended)
            assert row.withdrawn == sum(one.last_day != one.expires_on for one in ended)
            soon = period.last + timedelta(days=60)
            assert row.ending == sum(one.expires_on is not None and one.expires_on <= soon for one in valid)
            # What was there, and what came, less what ended, is there.
            assert before.of(row.kind).licences + row.new - row.ended == row.licences
            for figure, count in (
                (RegisterFigure.IN_FORCE, row.licences), (RegisterFigure.NEW, row.new),
                (RegisterFigure.EXPIRED, row.expired), (RegisterFigure.WITHDRAWN, row.withdrawn),
                (RegisterFigure.ENDED, row.ended), (RegisterFigure.ENDING, row.ending),
                (RegisterFigure.CHANGED, row.changed),
            ):  # fmt: skip
                assert len(licences_of_figure(session, period, figure, row.kind, now=LATER)) == count, figure
                listed = licence_list(session, LicenceFilter(kind=row.kind, figure=figure), period, now=LATER)
                assert listed.count(session) == count, figure
            assert len(licensed_companies(session, period, row.kind, now=LATER)) == row.companies
        assert len(licensed_companies(session, period, now=LATER)) == found.companies


def test_while_a_period_lasts_its_figures_are_those_of_today(session: Session) -> None:
    owner = factories.company(session)
    licence(session, owner, expires_on=date(2026, 12, 1))  # in force today, 24/11, and not at the end of the quarter
    licence(session, owner, issued_on=date(2026, 12, 5))
    row = register_figures(session, NEXT, now=NOW).of(SiteKind.AGGREGATOR)
    assert (row.licences, row.new, row.expired, row.ending) == (1, 0, 0, 1)
    over = register_figures(session, NEXT, now=LATER).of(SiteKind.AGGREGATOR)
    assert (over.licences, over.new, over.expired) == (1, 1, 1)
    ahead = register_figures(session, parse_period("2028"), now=NOW)
    assert (ahead.day, ahead.licences, ahead.of(SiteKind.AGGREGATOR).new) == (date(2026, 11, 24), 1, 0)


def test_a_change_counts_once_in_its_period_and_a_save_without_one_does_not(session: Session) -> None:
    row = licence(session, factories.company(session), expires_on=date(2027, 1, 1))
    for _ in range(2):
        renew(session, row, date(2031, 1, 1))
    change_licence(
        session,
        "test",
        row,
        LicenceStanding(
            kind=row.kind,
            issuer=row.issuer,
            issued_on=row.issued_on,
            expires_on=row.expires_on,
            domains=["moi.example"],
        ),
        now=NOW,
    )
    assert register_figures(session, NEXT, now=NOW).of(SiteKind.AGGREGATOR).changed == 1
    assert register_figures(session, QUARTER, now=NOW).of(SiteKind.AGGREGATOR).changed == 0
    versions = sa.select(sa.func.count()).select_from(LicenceVersion)
    assert session.execute(versions).scalar_one() == 3


def test_a_withdrawal_ends_a_licence_everywhere_and_can_be_undone(session: Session) -> None:
    row = licence(session, factories.company(session), expires_on=date(2030, 1, 1))
    withdraw(session, row, date(2026, 11, 20))
    assert row.last_day == date(2026, 11, 19)
    figures = register_figures(session, NEXT, now=NOW).of(SiteKind.AGGREGATOR)
    assert (figures.licences, figures.withdrawn, figures.changed) == (0, 1, 0)
    session.commit()
    assert [entry.act for entry in journal.history(session, "licence", row.number)][-1] == "licence.withdrawn"
    renew(session, row, date(2030, 1, 1))
    assert register_figures(session, NEXT, now=NOW).of(SiteKind.AGGREGATOR).licences == 1


def test_a_withdrawal_needs_its_day_and_its_decision(session: Session) -> None:
    row = licence(session, factories.company(session))
    for withdrawn_on, basis, fields in (
        (date(2023, 1, 1), " ", ["withdrawn_on", "withdrawal"]),
        (None, "Quyết định 1", ["withdrawn_on"]),
        (date(2026, 1, 1), "x" * 301, ["withdrawal"]),
    ):
        with pytest.raises(Invalid) as refused:
            change_licence(
                session,
                "test",
                row,
                LicenceStanding(
                    kind=row.kind, issuer="Sở", issued_on=row.issued_on, withdrawn_on=withdrawn_on, withdrawal=basis
                ),
                now=NOW,
            )
        assert [error.field for error in refused.value.errors] == fields
    assert row.withdrawn_on is None


def test_the_register_of_an_earlier_moment_stays_whatever_comes_later(session: Session) -> None:
    first, second = factories.company(session), factories.company(session)
    row, other = licence(session, first, expires_on=date(2027, 1, 1)), licence(session, second)
    moment = NOW + timedelta(hours=1)
    later = NOW + timedelta(days=2)
    session.flush()
    then = register_figures(session, NEXT, moment=moment, now=later)
    assert (then.licences, then.companies) == (2, 2)
    renew(session, row, date(2026, 11, 1), now=later)
    add_licence(
        session,
        "test",
        first,
        "999/GP",
        LicenceContent(kind=SiteKind.SOCIAL, issuer="Sở", issued_on=date(2026, 10, 2)),
        now=later,
    )
    seen = pair_version_tag(session, first, second)
    merge(
        session, ADMIN, keep=first.code, drop=second.code, name=first.name, tax_code="", seen=seen, now=later
    )  # fmt: skip
    assert register_figures(session, NEXT, moment=moment, now=later) == then
    assert len(licensed_companies(session, NEXT, moment=moment, now=later)) == 2
    now = register_figures(session, NEXT, now=later)
    assert (now.licences, now.companies) == (2, 1)
    assert now == register_figures(session, NEXT, moment=later, now=later)
    assert find_licence(session, other.number).company_id == first.id


def test_an_import_writes_versions_of_what_it_adds_and_widens(session: Session) -> None:
    def entry(number: int, *domains: str) -> RegisterEntry:
        return RegisterEntry(
            f"Công ty {number}", None, f"{number}/GP-TTĐT", SiteKind.SOCIAL, "Sở", date(2026, 10, 5), None, domains,
            (), ("Tin",), "", number + 2,
        )  # fmt: skip

    import_entries(session, "test", "run-1", [entry(number, f"t{number}.example") for number in range(700)], now=NOW)
    row = register_figures(session, NEXT, moment=NOW, now=NOW).of(SiteKind.SOCIAL)
    assert (row.licences, row.companies, row.new, row.changed) == (700, 700, 700, 0)
    import_entries(session, "test", "run-2", [entry(3, "t3.example", "m3.example")], now=NOW + timedelta(hours=1))
    assert register_figures(session, NEXT, now=LATER).of(SiteKind.SOCIAL).changed == 1
    assert register_figures(session, NEXT, moment=NOW, now=LATER).of(SiteKind.SOCIAL).changed == 0


def test_the_list_is_searched_without_marks_filtered_by_partner_and_ordered(session: Session) -> None:
    owner, other = factories.company(session, "Công ty Sông Hồng"), factories.company(session, "Anh Đào")
    mine = licence(session, owner, expires_on=date(2027, 1, 1))
    theirs = licence(session, other)

    def numbers(order: str = "number", *, newest: bool = False, **given: object) -> list[str]:
        listed = licence_list(
            session, LicenceFilter(**given), NEXT, order=order, newest=newest, now=NOW  # type: ignore[arg-type]
        )  # fmt: skip
        return [row.number for row, _company in listed.rows(session, 9)]

    assert numbers(q="song hong") == [mine.number]
    assert numbers(q=theirs.number.lower()) == [theirs.number]
    assert numbers(q="khong co") == []
    assert numbers(partner=other.code) == [theirs.number]
    assert numbers("partner") == [theirs.number, mine.number]
    assert numbers("ends") == [mine.number, theirs.number]
    assert numbers("ends", newest=True) == [theirs.number, mine.number]
    for number in ("10/GP-X", "9/GP-X", "0011/GP-X"):
        licence(session, owner).number = number
    session.flush()
    assert numbers(q="GP-X") == ["9/GP-X", "10/GP-X", "0011/GP-X"]
    assert numbers(q="GP-X", newest=True) == ["0011/GP-X", "10/GP-X", "9/GP-X"]
