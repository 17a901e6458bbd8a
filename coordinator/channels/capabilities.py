"""The capabilities of each kind of channel: constants shared by the table in ``registry`` and the adapters."""

from campaigns.channels.transport import Capabilities, MediaLimit

_MP4, _PICTURES = frozenset({"video/mp4"}), frozenset({"image/jpeg", "image/png"})
_SOUND, _PDF = frozenset({"audio/mpeg", "audio/mp4"}), frozenset({"application/pdf"})
_LARGE = 50_000_000  # bytes; Zalo's and Telegram's limit of 50 MB, taken as the smaller of its two meanings
_ANY = 100_000_000  # bytes, where a platform takes more or does not say: an upload ends within the longest lease

# A partner's own receiver; where the standard has no limit, the values suit a small server.
WEBHOOK = Capabilities(
    idempotent=True, revise=True, withdraw=True, pull_beside=True, formatted=True, rate=120, burst=30, parallel=True,
    media_linked=True,
)  # fmt: skip

# Limits of Zalo's article interface: characters of title and description. Articles with exactly that many were refused
# in some accounts, so that less is sent unless a channel's settings allow more.
ZALO_MAX_TITLE, ZALO_MAX_LEAD = 150, 300
ZALO_TITLE_LENGTH, ZALO_LEAD_LENGTH = 140, 250
# Creating has no idempotency key, but the account's own list can be read, so that an article with an unknown outcome is
# looked up before anything is repeated. The limit of calls a minute is not published; an article takes two or three, so
# this stays below one call a second.
ZALO = Capabilities(
    max_title=ZALO_TITLE_LENGTH,
    max_lead=ZALO_LEAD_LENGTH,
    lookup=True,
    revise=True,
    withdraw=True,
    asynchronous=True,
    counts=True,
    needs_cover=True,
    fetches_pictures=True,
    max_picture_bytes=1_000_000,
    items=True,
    rate=20,
    burst=5,
    broadcasts=True,
    account=True,
    media=(MediaLimit("video", _MP4, most_bytes=_LARGE),),
)

# A second post with the same slug would be another post, so the slug is looked up before a post is created. Comments
# are the only count that WordPress gives.
WORDPRESS = Capabilities(
    lookup=True, revise=True, withdraw=True, counts=True, carries_cover=True, formatted=True, rate=60, burst=10,
    # The host's own limits are not known; what it refuses is left to the link.
    media=tuple(
        MediaLimit(kind, types, most_bytes=_ANY, most=10)
        for kind, types in (("video", _MP4), ("audio", _SOUND), ("document", _PDF), ("picture", _PICTURES))
    ),
)  # fmt: skip

# The limit of characters is read from the server; only some servers honour the idempotency key, and for an hour. The
# limit is 300 calls in five minutes; a post with its picture takes up to four. The sizes
# are those of the largest server; a smaller one refuses by itself.
MASTODON = Capabilities(
    lookup=True, revise=True, withdraw=True, counts=True, carries_cover=True, rate=12, burst=5,
    media=(
        MediaLimit("video", _MP4, most_bytes=99_000_000), MediaLimit("audio", _SOUND, most_bytes=99_000_000),
        MediaLimit("picture", _PICTURES, most_bytes=16_000_000, most=4),
    ),
)  # fmt: skip

# A bot cannot read its channel, so that a person settles a lost answer. The documentation asks bots to stay below a
# message a second, and 20 a minute in groups.
TELEGRAM = Capabilities(
    revise=True, withdraw=True, carries_cover=True, rate=20, burst=5,
    media=(
        MediaLimit("video", _MP4, most_bytes=_LARGE), MediaLimit("audio", _SOUND, most_bytes=_LARGE),
        MediaLimit("document", _PDF, most_bytes=_LARGE),
    ),
)  # fmt: skip

# Posts are looked up among the newest of the Page.
FACEBOOK = Capabilities(
    lookup=True, revise=True, withdraw=True, counts=True, carries_cover=True, rate=20, burst=5,
    media=(MediaLimit("video", _MP4, most_bytes=_ANY),),
)  # fmt: skip

# A sent mail cannot be withdrawn or looked up; a correction and a recall are separate mails.
EMAIL = Capabilities(revise=True, withdraw=True, mailed=True, irreversible=True, rate=30, burst=10, parallel=True)

# A feed has the newest text and marks withdrawn bulletins; the receiver fetches both.
FEED = Capabilities(pulled=True, idempotent=True, revise=True, withdraw=True, formatted=True, media_linked=True)
LOTUS = FEED

MANUAL = Capabilities(manual=True, revise=True, withdraw=True, media_linked=True)

MEMORY = Capabilities(lookup=True, revise=True, withdraw=True, asynchronous=True, counts=True)
WEBSUB = Capabilities(idempotent=True, revise=True, withdraw=True, rate=60, burst=20, media_linked=True)
