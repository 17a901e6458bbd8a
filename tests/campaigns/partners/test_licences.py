"""Licences: stored as issued, valid for their domains between their days."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Invalid, NotFound
from campaigns.partners.directory import Company, SiteKind
from campaigns.partners.licences import (
    Licence,
    LicenceContent,
    LicenceStanding,
    add_licence,
    change_licence,
    find_licence,
    licences_of,
)
from tests.factories import NOW, company


def _licence(session: Session, owner: Company | None = None, number: str = "118/GP-TTĐT", **changed: object) -> Licence:
    given = {
        "kind": SiteKind.AGGREGATOR, "issuer": "Sở Thông tin và Truyền thông", "issued_on": date(2024, 1, 10),
        "expires_on": date(2029, 1, 9), "domains": ["TinVen.vn", "https://www.khac.vn/"],
        "scope": ["dich-benh", "dich-benh"],
    }  # fmt: skip
    content = LicenceContent(**(given | changed))  # type: ignore[arg-type]
    return add_licence(session, "test", owner or company(session), number, content, now=NOW)


def test_a_licence_covers_its_domains_and_what_lies_below_them_on_its_days(session: Session) -> None:
    made = _licence(session)
    assert (made.domains, made.scope) == (["tinven.vn", "khac.vn"], ["dich-benh"])
    for host, day, good in (
        ("tinven.vn", date(2024, 1, 10), True),
        ("tinven.vn", date(2029, 1, 9), True),
        ("m.tinven.vn", date(2026, 11, 24), True),
        ("tinven.vn", date(2024, 1, 9), False),
        ("tinven.vn", date(2029, 1, 10), False),
        ("xtinven.vn", date(2026, 11, 24), False),
        ("la.vn", date(2026, 11, 24), False),
    ):
        assert made.covers(host, day) is good, (host, day)


def test_a_licence_without_an_end_does_not_end(session: Session) -> None:
    assert _licence(session, expires_on=None).covers("tinven.vn", date(2099, 1, 1))


def test_every_bad_field_is_named(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        _licence(session, number=" ", issuer="", expires_on=date(2023, 1, 1), domains=["tin ven", "ok.vn", "u@x"])
    assert [error.field for error in refused.value.errors] == [
        "number", "issuer", "expires_on", "domains.0", "domains.2",
    ]  # fmt: skip


def test_a_number_is_in_the_register_once(session: Session) -> None:
    _licence(session)
    with pytest.raises(Conflict):
        _licence(session, number=" 118/GP-TTĐT ")
    assert find_licence(session, "118/GP-TTĐT").issuer == "Sở Thông tin và Truyền thông"
    with pytest.raises(NotFound):
        find_licence(session, "0/GP")


def test_a_renewal_keeps_the_number(session: Session) -> None:
    owner = company(session)
    made = _licence(session, owner)
    older = _licence(session, owner, number="1/GP", issued_on=date(2019, 1, 1), expires_on=None)
    change_licence(
        session,
        "test",
        made,
        LicenceStanding(
            kind=made.kind,
            issuer="Sở Văn hóa",
            issued_on=made.issued_on,
            expires_on=date(2034, 1, 9),
            domains=["tinven.vn"],
        ),
        now=NOW,
    )
    assert (made.issuer, made.domains, made.covers("tinven.vn", date(2033, 1, 1))) == (
        "Sở Văn hóa",
        ["tinven.vn"],
        True,
    )
    with pytest.raises(Invalid):
        change_licence(
            session, "test", made, LicenceStanding(kind=made.kind, issuer=" ", issued_on=made.issued_on), now=NOW
        )
    assert [licence.number for licence in licences_of(session, owner)] == [made.number, older.number]
