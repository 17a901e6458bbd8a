"""Autocomplete: suggestions while typing, and the meaning of a submitted text."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from campaigns.channels.channels import ChannelState
from campaigns.core.contents import from_attributes
from campaigns.partners.directory import (
    Company,
    CompanyContent,
    SiteContent,
    SiteKind,
    add_site,
    change_company,
    find_company,
)
from campaigns.partners.licences import LicenceContent, add_licence
from campaigns.search import autocomplete
from campaigns.search.autocomplete import PickableKind, Suggestions
from coordinator.db import Database
from tests import factories
from tests.factories import ADMIN, NOW

pytestmark = pytest.mark.long


def found(database: Database, typed: str, thing: PickableKind = PickableKind.PARTNER, most: int = 12) -> list[str]:
    """The names offered while this is typed."""
    with database.read() as session:
        return names(autocomplete.suggest(session, thing, typed, most=most))


def meant(database: Database, typed: str, thing: PickableKind = PickableKind.PARTNER, most: int = 12) -> list[str]:
    """The names that may be meant by this."""
    with database.read() as session:
        return names(autocomplete.look_up(session, thing, typed, most=most))


def names(offers: Suggestions) -> list[str]:
    return [suggestion.name for suggestion in offers.rows]


@pytest.fixture
def city(database: Database) -> Database:
    """Four partners; one has a site and a licence that say nothing of its name."""
    with database.write() as session:
        partner(session, "Công ty Hồng Hà")
        partner(session, "Công ty Hồng Hà Media")
        partner(session, "Tập đoàn Sông Đà")
        owner = partner(session, "Nhà xuất bản Ánh Dương")
        factories.site(session, owner, "https://tin.kinhdo.example/")
        add_licence(
            session,
            "test",
            owner,
            "147/GP-TTĐT",
            LicenceContent(
                kind=SiteKind.AGGREGATOR, issuer="Sở", issued_on=date(2024, 1, 1), domains=["kinhdo.example"]
            ),
            now=NOW,
        )
    return database


def partner(session: Session, name: str) -> Company:
    return factories.company(session, name)


@pytest.mark.parametrize("typed", ["sông đà", "song da", "SONG D", "tap-doan-song-da"])
def test_a_name_is_found_with_marks_and_without_and_by_its_beginning(city: Database, typed: str) -> None:
    assert found(city, typed) == ["Tập đoàn Sông Đà"]


@pytest.mark.parametrize(
    "typed", ["kinhdo", "tin.kinhdo.example", "https://tin.kinhdo.example/a", "147/GP", "147/gp-ttdt"]
)
def test_a_partner_is_found_by_its_domain_and_by_its_licence(city: Database, typed: str) -> None:
    assert found(city, typed) == ["Nhà xuất bản Ánh Dương"]
    assert meant(city, typed) == ["Nhà xuất bản Ánh Dương"]


def test_a_whole_name_is_meant_although_another_begins_like_it(city: Database) -> None:
    assert set(found(city, "cong ty hong ha")) == {"Công ty Hồng Hà", "Công ty Hồng Hà Media"}
    assert meant(city, "cong ty hong ha") == ["Công ty Hồng Hà"]
    assert set(meant(city, "hong ha")) == {"Công ty Hồng Hà", "Công ty Hồng Hà Media"}


def test_two_of_one_name_are_both_offered(city: Database) -> None:
    with city.write() as session:
        partner(session, "Tập đoàn Sông Đà")
    assert meant(city, "tập đoàn sông đà") == ["Tập đoàn Sông Đà"] * 2
    assert meant(city, "tap-doan-song-da-2") == ["Tập đoàn Sông Đà"]


@pytest.mark.parametrize("typed", ["", "  ", "!", "không có ai", "'; drop table"])
def test_what_fits_nothing_offers_nothing(city: Database, typed: str) -> None:
    assert found(city, typed) == []
    assert meant(city, typed) == []


def test_more_than_are_shown_is_reported(city: Database) -> None:
    with city.read() as session:
        offers = autocomplete.suggest(session, PickableKind.PARTNER, "cong ty", most=1)
        assert (len(offers.rows), offers.more) == (1, True)
        offers = autocomplete.look_up(session, PickableKind.PARTNER, "cong ty", most=2)
        assert (len(offers.rows), offers.more) == (2, False)


def test_an_offer_says_what_tells_it_from_its_likes(city: Database) -> None:
    with city.read() as session:
        (suggestion,) = autocomplete.look_up(session, PickableKind.PARTNER, "ánh dương").rows
        assert (suggestion.code, suggestion.note) == ("nha-xuat-ban-anh-duong", "tin.kinhdo.example")


def test_a_site_is_found_by_its_host_and_by_its_company(city: Database) -> None:
    for typed in ("kinhdo", "ánh dương", "tin.kinhdo.example"):
        assert found(city, typed, PickableKind.SITE) == ["https://tin.kinhdo.example/"]


def test_only_accounts_of_a_network_are_offered_for_it(city: Database) -> None:
    with city.write() as session:
        owner = find_company(session, "tap-doan-song-da")
        for name, url in (
            ("Sông Đà trên Facebook", "https://facebook.com/SongDa"),
            ("Sông Đà TikTok", "https://tiktok.com/@songda"),
            ("Mạng riêng Sông Đà", "https://mxh.songda.example/"),
        ):
            add_site(session, "test", owner, SiteContent(name=name, url=url, kind=SiteKind.SOCIAL), now=NOW)
        factories.site(session, owner, "https://tin.songda.example/")
    for typed in ("sông đà", "facebook.com/songda", "tap doan"):
        assert found(city, typed, PickableKind.FACEBOOK) == ["Sông Đà trên Facebook"], typed
        assert meant(city, typed, PickableKind.FACEBOOK) == ["Sông Đà trên Facebook"], typed
    assert found(city, "facebook.com/songda", PickableKind.TIKTOK) == []
    assert found(city, "kinhdo", PickableKind.FACEBOOK) == []
    with city.read() as session:
        listed = autocomplete.all_if_few(session, PickableKind.TIKTOK, 50) or []
        assert [row.name for row in listed] == ["Sông Đà TikTok"]


def test_a_channel_is_found_by_its_name_by_its_company_and_not_when_it_is_retired(city: Database) -> None:
    with city.write() as session:
        own = factories.channel(session, "zalo")
        of_partner = factories.channel(session, company=partner(session, "Báo Tây Hồ"))
        retired = factories.channel(session, company=of_partner.company)
        retired.state = ChannelState.RETIRED
        own_name, name, gone = own.name, of_partner.name, retired.name
    assert meant(city, name, PickableKind.CHANNEL) == [name]
    assert meant(city, own_name, PickableKind.CHANNEL) == [own_name]
    assert found(city, "tay ho", PickableKind.CHANNEL) == [name]
    assert meant(city, gone, PickableKind.CHANNEL) == []


def test_few_are_listed_by_name_and_many_are_not(city: Database) -> None:
    with city.read() as session:
        listed = autocomplete.all_if_few(session, PickableKind.PARTNER, 4)
        assert [suggestion.name for suggestion in listed or []] == [
            "Công ty Hồng Hà", "Công ty Hồng Hà Media", "Nhà xuất bản Ánh Dương", "Tập đoàn Sông Đà",
        ]  # fmt: skip
        assert autocomplete.all_if_few(session, PickableKind.PARTNER, 3) is None


def test_names_are_given_for_codes_and_left_out_for_strangers(city: Database) -> None:
    with city.read() as session:
        known = autocomplete.find_by_codes(session, PickableKind.PARTNER, ["tap-doan-song-da", "khong-co"])
        assert {code: suggestion.name for code, suggestion in known.items()} == {"tap-doan-song-da": "Tập đoàn Sông Đà"}


def test_what_is_renamed_is_found_by_its_new_name_and_by_its_code_which_stays(city: Database) -> None:
    with city.write() as session:
        row = find_company(session, "tap-doan-song-da")
        change_company(
            session, ADMIN.id, row, replace(from_attributes(CompanyContent, row), name="Tập đoàn Bạch Đằng"), now=NOW
        )
    assert found(city, "bach dang") == ["Tập đoàn Bạch Đằng"]
    assert found(city, "tap-doan-song-da") == ["Tập đoàn Bạch Đằng"]
    assert found(city, "sông đà") == ["Tập đoàn Bạch Đằng"]  # the words of its code
