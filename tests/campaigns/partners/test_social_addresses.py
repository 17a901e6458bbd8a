"""Addresses on social networks: every form of a post's address is one, and names its network and account."""

import pytest

from campaigns.partners.social_addresses import (
    SocialAddress,
    SocialNetwork,
    network_name,
    network_of_key,
    read_address,
)

POST = "https://www.facebook.com/permalink.php?story_fbid="
VIDEO = "https://www.facebook.com/watch?v="
TIKTOK = "https://www.tiktok.com/share/video/7300000000000000000"
YOUTUBE = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


def read(url: str) -> SocialAddress:
    found = read_address(url)
    assert found is not None, url
    return found


@pytest.mark.parametrize(
    ("url", "account", "canonical"),
    [
        ("https://www.facebook.com/UBND.HaNoi/posts/123456789012", "ubndhanoi", f"{POST}123456789012"),
        ("https://facebook.com/ubndhanoi/posts/lich-tiem/123456789012/?__tn__=x", "ubndhanoi", f"{POST}123456789012"),
        ("https://m.facebook.com/story.php?story_fbid=123456789012&id=100064", "100064", f"{POST}123456789012"),
        ("https://fb.com/groups/HoiXom/permalink/123456789012/", "groups/hoixom", f"{POST}123456789012"),
        (
            "https://www.facebook.com/groups/hoixom?multi_permalinks=123456789012",
            "groups/hoixom",
            f"{POST}123456789012",
        ),
        ("https://www.facebook.com/ubndhn/posts/pfbid0AbC", "ubndhn", f"{POST}pfbid0AbC"),
        ("https://www.facebook.com/watch/?v=99999999&ref=sharing", "", f"{VIDEO}99999999"),
        ("https://www.facebook.com/ubndhn/videos/ten-bai/99999999/", "ubndhn", f"{VIDEO}99999999"),
        ("https://www.facebook.com/reel/99999999?fs=e", "", f"{VIDEO}99999999"),
        ("https://www.facebook.com/photo/?fbid=77777777&set=a.1", "", "https://www.facebook.com/photo?fbid=77777777"),
        ("https://www.facebook.com/ubnd/photos/a.1/77777777", "ubnd", "https://www.facebook.com/photo?fbid=77777777"),
        ("https://fb.watch/abC_1/?mibextid=Z", "", "https://fb.watch/abC_1"),
        ("https://www.facebook.com/share/p/1AbC/?mibextid=x", "", "https://www.facebook.com/share/p/1AbC"),
        ("https://www.facebook.com/share/1AbC/", "", "https://www.facebook.com/share/1AbC"),
        ("https://www.facebook.com/UBND.hn/", "ubndhn", ""),
        ("https://www.facebook.com/profile.php?id=61550000", "61550000", ""),
        ("https://www.facebook.com/people/Ten-Trang/61550000/", "61550000", ""),
        ("https://www.facebook.com/marketplace/item/1", "", ""),
        ("https://www.tiktok.com/@Lang.Moi/video/7300000000000000000?is_from_webapp=1", "@lang.moi", TIKTOK),
        ("https://m.tiktok.com/v/7300000000000000000.html", "", TIKTOK),
        ("https://vm.tiktok.com/ZMabc/", "", "https://vm.tiktok.com/ZMabc"),
        ("https://www.tiktok.com/t/ZMabc/", "", "https://www.tiktok.com/t/ZMabc"),
        ("https://www.tiktok.com/@langmoi", "@langmoi", ""),
        ("https://zalo.me/s/1234567890/?utm=a", "", "https://zalo.me/s/1234567890"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fyoutu.be%2FdQw4w9WgXcQ%3Fsi%3Da&h=x", "", YOUTUBE),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", "", YOUTUBE),
        ("https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=30s&feature=share", "", YOUTUBE),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "", YOUTUBE),
        ("https://www.youtube.com/live/dQw4w9WgXcQ?si=a", "", YOUTUBE),
        ("https://www.youtube.com/@KenhHaNoi/videos", "@kenhhanoi", ""),
        ("https://www.youtube.com/channel/UCabc", "channel/ucabc", ""),
        ("https://zalo.me/g/AbCdef", "g/AbCdef", "https://zalo.me/g/AbCdef"),
        ("https://zalo.me/3303944541600738024", "3303944541600738024", "https://zalo.me/3303944541600738024"),
        ("https://rd.zapps.vn/detail/330394?id=ab12&pageId=1", "330394", "https://rd.zapps.vn/detail/330394?id=ab12"),
    ],
)
def test_every_form_of_an_address_is_read_as_one(url: str, account: str, canonical: str) -> None:
    found = read(url)
    assert (found.account, found.canonical) == (account, canonical)
    if canonical:
        again = read(canonical)
        assert (again.canonical, again.post) == (canonical, found.post), "the canonical form is its own"


@pytest.mark.parametrize(
    "url",
    [
        "https://lotus.vn/w/1", "https://notfacebook.com/a/posts/123456", "https://facebook.com.evil.example/a",
        "ftp://facebook.com/a", "facebook.com/a", "https://[", "", "không phải địa chỉ",
    ],
)  # fmt: skip
def test_other_addresses_are_not_read(url: str) -> None:
    assert read_address(url) is None


def test_the_key_of_an_account_names_its_network() -> None:
    assert read("https://www.tiktok.com/@langmoi").account_key == "tiktok.com/@langmoi"
    assert read("https://youtu.be/dQw4w9WgXcQ").account_key == ""
    assert network_of_key("tiktok.com/@langmoi") is SocialNetwork.TIKTOK
    assert network_of_key("mxh.example") is None
    assert (network_name("zalo.me/g/a"), network_name("mxh.example")) == ("Zalo", "mxh.example")
