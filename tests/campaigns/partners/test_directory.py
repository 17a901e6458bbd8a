"""The owner of an address: hosts in one form, distinct sites, and no duplicate registration."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from campaigns.core import journal
from campaigns.core.contents import from_attributes
from campaigns.core.errors import Conflict, Invalid, NotFound
from campaigns.partners.directory import (
    CompanyContent,
    SiteContent,
    SiteKind,
    SiteStanding,
    add_company,
    add_site,
    change_company,
    change_site,
    find_company,
    find_site,
    host_key,
    site_of,
)
from tests.factories import NOW, company, site


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.TinVen.vn/", "tinven.vn"),
        ("http://tinven.vn:80", "tinven.vn"),
        ("https://tinven.vn:443/x", "tinven.vn"),
        ("https://tinven.vn:8443/", "tinven.vn:8443"),
        ("http://tinven.vn./", "tinven.vn"),
        ("https://phố-nhỏ.vn/", "xn--ph-nh-fqau0820d.vn"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
    ],
)
def test_a_host_has_one_form(url: str, host: str) -> None:
    if "xn--" in host:
        assert host_key(url) == host_key(url.upper().replace("HTTPS", "https"))
        assert host_key(url).isascii()
    else:
        assert host_key(url) == host


@pytest.mark.parametrize(
    "url",
    ["", "tinven.vn", "ftp://tinven.vn/", "https://", "https://u:p@tinven.vn/", "https://tin ven.vn/", "https://[::1",
     "javascript:alert(1)", "https://tinven.vn:99999/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        host_key(url)


@given(st.text(alphabet="abcxyzĐđôỏ019.-_:/?#@%[] ", max_size=40))
def test_the_form_of_any_address_is_its_own_form(text: str) -> None:
    try:
        host = host_key(f"https://{text}")
    except Invalid:
        return
    assert host_key(f"https://{host}") == host


def test_an_address_belongs_to_the_nearest_registered_host_above_it(session: Session) -> None:
    owner = company(session)
    whole = site(session, owner, "https://tinven.vn/")
    part = site(session, owner, "https://doisong.tinven.vn/")
    for url, wanted in (
        ("https://tinven.vn/a.html", whole),
        ("http://www.tinven.vn/a.html", whole),
        ("https://m.tinven.vn/a.html", whole),
        ("https://doisong.tinven.vn/a.html", part),
        ("https://m.doisong.tinven.vn/a.html", part),
    ):
        assert site_of(session, url) is wanted, url
    for url in ("https://xtinven.vn/", "https://tinven.vn.la.example/", "https://vn/", "https://tinven.vn:8443/", "x"):
        assert site_of(session, url) is None, url


def test_a_host_is_registered_once_in_any_spelling(session: Session) -> None:
    site(session, url="https://tinven.vn/")
    with pytest.raises(Conflict):
        site(session, url="http://www.TINVEN.vn:80/")


def test_lists_lie_on_the_sites_own_host_or_below(session: Session) -> None:
    made = site(session, url="https://tinven.vn/", feeds=["https://rss.tinven.vn/a.xml", "https://rss.tinven.vn/a.xml"])
    assert made.feeds == ["https://rss.tinven.vn/a.xml"]
    with pytest.raises(Invalid) as refused:
        add_site(
            session,
            "test",
            company(session),
            SiteContent(
                name=" ",
                url="https://khac.vn/",
                kind=SiteKind.AGGREGATOR,
                feeds=["https://khac.vn/rss.xml", "https://tinven.vn/rss.xml"],
                sitemaps=["x"],
            ),
            now=NOW,
        )
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("name", "required"), ("feeds.1", "other_host"), ("sitemaps.0", "url"),
    ]  # fmt: skip


def test_a_change_leaves_what_is_not_given_and_never_moves_the_host(session: Session) -> None:
    made = site(session, url="https://tinven.vn/", feeds=["https://tinven.vn/rss.xml"])
    change_site(
        session,
        "test",
        made,
        replace(from_attributes(SiteStanding, made), name="Tin Ven", url="http://www.tinven.vn/moi/"),
        now=NOW,
    )
    assert (made.name, made.host, made.feeds) == ("Tin Ven", "tinven.vn", ["https://tinven.vn/rss.xml"])
    with pytest.raises(Invalid) as refused:
        change_site(
            session, "test", made, replace(from_attributes(SiteStanding, made), url="https://khac.vn/"), now=NOW
        )
    assert refused.value.errors[0].code == "other_host"
    assert made.host == "tinven.vn"


def test_codes_are_made_from_names_and_are_free(session: Session) -> None:
    codes = [add_company(session, "test", CompanyContent(name="Công ty Đông Á"), now=NOW).code for _ in range(3)]
    assert codes == ["cong-ty-dong-a", "cong-ty-dong-a-2", "cong-ty-dong-a-3"]
    assert find_company(session, "cong-ty-dong-a-2").name == "Công ty Đông Á"
    with pytest.raises(Conflict):
        add_company(session, "test", CompanyContent(name="x"), code="cong-ty-dong-a", now=NOW)
    for find in (find_company, find_site):
        with pytest.raises(NotFound):
            find(session, "khong-co")


@pytest.mark.parametrize("tax_code", ["12345", "01001001001", "0100100100-1", "ma so thue"])
def test_a_tax_code_has_ten_digits_or_ten_and_three(session: Session, tax_code: str) -> None:
    owner = add_company(session, "test", CompanyContent(name="Công ty", tax_code="0100100100-001"), now=NOW)
    with pytest.raises(Invalid):
        change_company(
            session, "test", owner, replace(from_attributes(CompanyContent, owner), tax_code=tax_code), now=NOW
        )
    change_company(session, "test", owner, replace(from_attributes(CompanyContent, owner), tax_code=""), now=NOW)
    assert owner.tax_code is None


def test_the_journal_says_what_was_entered_of_a_partner_but_for_its_contact(session: Session) -> None:
    content = CompanyContent(name="Sao Mai", tax_code="0109876543", contact="Chị Hạnh 0900 000 000")
    owner = add_company(session, "test", content, now=NOW)
    change_company(session, "test", owner, replace(content, contact="Anh Nam 0911 111 111"), now=NOW)
    change_company(session, "test", owner, replace(content, name="Sao Khuê"), now=NOW)
    session.commit()  # the journal is written as the last thing
    entries = journal.history(session, "partner", owner.code)
    assert [(entry.act, journal.details_of(entry.details)) for entry in entries] == [
        ("partner.added", {"name": "Sao Mai", "tax_code": "0109876543"}),
        ("partner.changed", {}),
        ("partner.changed", {"name": "Sao Khuê"}),
    ]


def test_the_journal_says_what_was_entered_of_a_site_and_what_was_changed(session: Session) -> None:
    made = site(session, url="https://tinven.vn/", feeds=["https://tinven.vn/rss.xml"])
    content = from_attributes(SiteStanding, made)
    change_site(session, "test", made, replace(content, active=False, sitemaps=["https://tinven.vn/s.xml"]), now=NOW)
    session.commit()  # the journal is written as the last thing
    added, changed = (journal.details_of(entry.details) for entry in journal.history(session, "site", made.code))
    assert added == {
        "partner": made.company.code, "host": "tinven.vn", "name": "https://tinven.vn/", "url": "https://tinven.vn/",
        "kind": "aggregator", "feeds": ["https://tinven.vn/rss.xml"], "sitemaps": [], "listings": [], "searches": [],
        "needs_browser": False,
    }  # fmt: skip
    assert changed == {"active": False, "sitemaps": ["https://tinven.vn/s.xml"]}
