"""Addresses of uploads: every form of a video's address is one video, and an address is of one bulletin."""

import pytest

from campaigns.bulletins.library.video_addresses import video_key


@pytest.mark.quick
@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=5s", "youtube:dQw4w9WgXcQ"),
        ("https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
        ("https://YOUTU.BE/dQw4w9WgXcQ?si=abc", "youtube:dQw4w9WgXcQ"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "youtube:dQw4w9WgXcQ"),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0", "youtube:dQw4w9WgXcQ"),
        ("https://www.facebook.com/so/videos/lich-tiem/1234567890123456/", "facebook:1234567890123456"),
        ("https://www.facebook.com/watch/?v=1234567890123456", "facebook:1234567890123456"),
        ("https://m.facebook.com/reel/1234567890123456", "facebook:1234567890123456"),
        (
            "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Freel%2F1234567890123456",
            "facebook:1234567890123456",
        ),
        ("https://www.tiktok.com/@so/video/7300000000000000001?lang=vi", "tiktok:7300000000000000001"),
        ("https://www.tiktok.com/player/v1/7300000000000000001", "tiktok:7300000000000000001"),
        ("https://www.youtube.com/@sothongtin", None),
        ("https://www.youtube.com/watch?v=ngan", None),
        ("https://youtube.com.xau.example/watch?v=dQw4w9WgXcQ", None),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", None),
        ("https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fxau.example%2Freel%2F1234567890123456", None),
        ("https://www.facebook.com/sothongtin/posts/1234567890123456", None),
        ("https://www.tiktok.com/@so", None),
        ("https://[::1/watch?v=dQw4w9WgXcQ", None),
        ("", None),
    ],
)
def test_every_form_of_an_address_names_one_video(url: str, key: str | None) -> None:
    assert video_key(url) == key
