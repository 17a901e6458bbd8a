"""Canonical addresses: one per page; hosts are replaced only as the site's profile says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.core.errors import Invalid
from campaigns.discovery.urls import (
    SiteProfile,
    absolute,
    canonical_url,
    host_of,
    profile_of,
    registered_name,
    same_page,
    same_site,
)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Tin.VN:443/a", "https://tin.vn/a"),
        ("http://tin.vn:80", "http://tin.vn/"),
        ("http://tin.vn:8080/a", "http://tin.vn:8080/a"),
        ("https://tin.vn./a", "https://tin.vn/a"),
        ("https://tin.vn/a#binh-luan", "https://tin.vn/a"),
        ("https://tin.vn/a/", "https://tin.vn/a"),
        ("https://tin.vn/a?utm_source=x&utm_medium=y&fbclid=1&gclid=2", "https://tin.vn/a"),
        ("https://tin.vn/a?zarsrc=30&gidzl=abc&b=2&a=1", "https://tin.vn/a?a=1&b=2"),
        ("https://tin.vn/a?PHPSESSID=abc123", "https://tin.vn/a"),
        ("https://tin.vn/a;jsessionid=0A1B2C?x=1", "https://tin.vn/a?x=1"),
        ("https://tin.vn/a?sid=9f8e7d6c5b4a39281706abcd", "https://tin.vn/a"),
        ("https://tin.vn/modules.php?sid=1234", "https://tin.vn/modules.php?sid=1234"),
        ("https://tin.vn/x/../a/./b", "https://tin.vn/a/b"),
        ("https://tin.vn/%7Ea/%2e%2e/b", "https://tin.vn/b"),
        ("https://tin.vn/%c3%a1?q=%c3%a1+b", "https://tin.vn/%C3%A1?q=%C3%A1%20b"),
        ("https://tin.vn/đường phố", "https://tin.vn/%C4%91%C6%B0%E1%BB%9Dng%20ph%E1%BB%91"),
        ("https://tin.vn/100%", "https://tin.vn/100%25"),
        ("https://tin.vn/bai-1.html/amp", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/amp/bai-1.html", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.amp", "https://tin.vn/bai-1"),
        ("https://tin.vn/bai-1.amp.html", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?amp=1", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?amp", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/amp-la-gi.html", "https://tin.vn/amp-la-gi.html"),
        ("https://tin.vn/a?&&b=1&", "https://tin.vn/a?b=1"),
        ("https://tin.vn//thoi-su///bai-1.html", "https://tin.vn/thoi-su/bai-1.html"),
        ("https://tin.vn/bai-1.html?print=1", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?in=1", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html/print", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html/ban-in/", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?page=1", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?p=1&page=", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1/trang-1", "https://tin.vn/bai-1"),
        ("https://tin.vn/bai-1/page/1/amp", "https://tin.vn/bai-1"),
        ("https://tin.vn/bai-1.html?ref=home", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?share=zalo&from=mobile&v=20261124&_=17", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1.html?outputType=amp", "https://tin.vn/bai-1.html"),
        ("https://tin.vn/bai-1?gbraid=1&srsltid=x&_hsenc=y&mtm_campaign=z&__cft__[0]=q", "https://tin.vn/bai-1"),
        ("https://tin.vn/bai-1?a=1&amp;utm_source=x&a=1", "https://tin.vn/bai-1?a=1"),
        # What may select another article stays.
        ("https://tin.vn/bai-1.html?page=2", "https://tin.vn/bai-1.html?page=2"),
        ("https://tin.vn/bai-1/trang-12", "https://tin.vn/bai-1/trang-12"),
        ("https://tin.vn/?p=1", "https://tin.vn/?p=1"),
        ("https://tin.vn/index.php?page=1", "https://tin.vn/index.php?page=1"),
        ("https://tin.vn/tin-tuc.php?v=12&ref=3", "https://tin.vn/tin-tuc.php?ref=3&v=12"),
        ("https://tin.vn/watch?v=12", "https://tin.vn/watch?v=12"),
        ("https://tin.vn/bai-1.html?v=dQw4w9", "https://tin.vn/bai-1.html?v=dQw4w9"),
        ("https://tin.vn/bai-1.html?id=7", "https://tin.vn/bai-1.html?id=7"),
        ("https://tin.vn/print", "https://tin.vn/print"),
        ("https://tin.vn/trang-1", "https://tin.vn/trang-1"),
        ("https://báo.vn/a", "https://xn--bo-mia.vn/a"),
        ("  https://tin.vn/a\n", "https://tin.vn/a"),
    ],
)
def test_an_address_has_one_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tin.vn/a",
        "ftp://tin.vn/a",
        "javascript:alert(1)",
        "mailto:a@b.vn",
        "https://",
        "https:///a",
        "http://a b/c",
        "https://nguoi:mat@tin.vn/",
        "https://tin.vn:99999/",
        "http://[::1/",
        "http://-.vn/",
        "https://a..vn/",
        "https://tin.vn/" + "a" * 3000,
        "https://" + "á" * 80 + ".vn/",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        canonical_url(url)
    assert refused.value.errors[0].field == "url"


def test_without_a_profile_a_mobile_host_stays_its_own() -> None:
    assert canonical_url("https://m.tin.vn/a") == "https://m.tin.vn/a"
    assert canonical_url("https://www.tin.vn/a") == "https://www.tin.vn/a"


def test_a_registered_site_is_one_host_scheme_and_case() -> None:
    profile = profile_of("https://www.tin.vn/")
    same = {
        canonical_url(url, profile)
        for url in (
            "http://tin.vn/Bai-1.HTML",
            "https://www.tin.vn/bai-1.html",
            "https://m.tin.vn/bai-1.html?utm_source=zalo",
            "https://amp.tin.vn/bai-1.html?amp=1",
            "https://touch.tin.vn//bai-1.html?page=1&print=1",
            "https://print.tin.vn:443/bai-1.html/print?ref=zalo",
        )
    }
    assert same == {"https://www.tin.vn/bai-1.html"}
    assert canonical_url("https://the-thao.tin.vn/a", profile) == "https://the-thao.tin.vn/a"
    assert canonical_url("https://khac.vn/a", profile) == "https://khac.vn/a"


def test_a_profile_with_a_port_keeps_its_scheme_and_port() -> None:
    profile = profile_of("http://127.0.0.1:8801/")
    assert canonical_url("http://127.0.0.1:8801/A", profile) == "http://127.0.0.1:8801/a"
    assert canonical_url("http://127.0.0.1:8802/a", profile) == "http://127.0.0.1:8802/a"


def test_mobile_addresses_of_unknown_sites_become_www_when_asked() -> None:
    profile = SiteProfile(mobile_to_www=True)
    assert canonical_url("https://m.tin.vn/a", profile) == "https://www.tin.vn/a"
    assert canonical_url("https://m.vn/a", profile) == "https://m.vn/a"


def test_a_profile_may_name_more_parameters_to_drop() -> None:
    assert (
        canonical_url("https://tin.vn/a?ref=home&id=2", SiteProfile(drop=frozenset({"ref"}))) == "https://tin.vn/a?id=2"
    )


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.tin.vn", "tin.vn"),
        ("m.tin.com.vn", "tin.com.vn"),
        ("sotttt.hanoi.gov.vn", "hanoi.gov.vn"),
        ("a.b.co.uk", "b.co.uk"),
        ("blog.tin.com", "tin.com"),
        ("mot.blogspot.com", "mot.blogspot.com"),
        ("localhost", "localhost"),
        ("mot.localhost:8801", "mot.localhost:8801"),
        ("127.0.0.1:8801", "127.0.0.1:8801"),
    ],
)
def test_the_registered_name_is_what_somebody_registered(host: str, name: str) -> None:
    assert registered_name(host) == name


def test_sites_and_pages_are_compared_by_name_and_form() -> None:
    assert same_site("https://m.tin.vn/a", "http://www.tin.vn/b")
    assert not same_site("https://tin.com.vn/a", "https://khac.com.vn/a")
    assert not same_site("http://127.0.0.1:8801/", "http://127.0.0.1:8802/")
    assert not same_site("khong phai", "https://tin.vn")
    assert same_page("http://www.tin.vn/a/?utm_source=x", "https://tin.vn/a")
    assert not same_page("https://tin.vn/a", "https://tin.vn/b")


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("/a", "https://tin.vn/a"),
        ("b.html", "https://tin.vn/muc/b.html"),
        ("//khac.vn/a", "https://khac.vn/a"),
        ("https://khac.vn/a", "https://khac.vn/a"),
        ("#len", None),
        ("", None),
        ("mailto:a@b.vn", None),
        ("javascript:void(0)", None),
        ("http://[nonsense", None),
    ],
)
def test_links_are_made_absolute_or_passed_over(href: str, found: str | None) -> None:
    assert absolute(href, "https://tin.vn/muc/bai.html") == found


_PATHS = st.text(st.sampled_from("aÁđ/.%2Ff;=&?#+ ~_-amp\\\"'<>[]"), max_size=40)
_HOSTS = st.sampled_from(["tin.vn", "WWW.Tin.VN", "m.tin.vn", "báo.vn", "127.0.0.1", "tin.vn:8080", "a.b.c.gov.vn"])
_PROFILES = st.sampled_from([SiteProfile(), SiteProfile(mobile_to_www=True), profile_of("https://tin.vn")])


@given(st.sampled_from(["http", "https", "HTTP"]), _HOSTS, _PATHS, _PROFILES)
def test_the_canonical_form_is_its_own_canonical_form(scheme: str, host: str, rest: str, profile: SiteProfile) -> None:
    once = canonical_url(f"{scheme}://{host}/{rest}", profile)
    assert canonical_url(once, profile) == once


@given(_HOSTS, _PATHS)
def test_the_canonical_form_keeps_the_host(host: str, rest: str) -> None:
    url = f"https://{host}/{rest}"
    assert host_of(canonical_url(url)) == host_of(url) == host_of(f"https://{host}")


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        once = canonical_url(text)
    except Invalid:
        return
    assert canonical_url(once) == once
    assert once.isascii()
