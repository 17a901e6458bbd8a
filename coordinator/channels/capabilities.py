"""What each kind of channel can do: constants, one a kind, shared by the table in ``registry`` and the adapters."""

from campaigns.publishing.transport import Capabilities

# A partner's own receiver; what the standard says nothing of is kept within what a small server takes.
WEBHOOK = Capabilities(idempotent=True, revise=True, withdraw=True, pull_beside=True, rate=120, burst=30, parallel=True)

# Limits of Zalo's article interface: characters of title and description. Creating has no idempotency key, but the
# account's own list can be read, so that an article whose fate is unknown is looked for before anything is repeated.
# How many calls a minute it takes is not published; an article is two or three, so this stays below one call a second.
ZALO = Capabilities(
    max_title=150,
    max_lead=300,
    lookup=True,
    revise=True,
    withdraw=True,
    asynchronous=True,
    counts=True,
    needs_cover=True,
    rate=20,
    burst=5,
    broadcasts=True,
    account=True,
)

# A second post of the same slug would be another post, so the slug is looked for before anything is made. Comments are
# the only number that WordPress tells.
WORDPRESS = Capabilities(lookup=True, revise=True, withdraw=True, counts=True, carries_cover=True, rate=60, burst=10)

# The server's own limit of characters is asked for; the key is heeded by some servers only, and for an hour. It
# takes 300 calls in five minutes; a post with its picture is up to four.
MASTODON = Capabilities(lookup=True, revise=True, withdraw=True, counts=True, carries_cover=True, rate=12, burst=5)

# Nothing of a channel can be read back by a bot, so that a lost answer is for a person to settle. The picture is what
# the bulletin's own page shows. Bots are told to stay below a message a second, and 20 a minute in groups.
TELEGRAM = Capabilities(revise=True, withdraw=True, rate=20, burst=5)

# Posts are looked for among the newest of the Page; the picture is what the bulletin's own page shows.
FACEBOOK = Capabilities(lookup=True, revise=True, withdraw=True, counts=True, rate=20, burst=5)

# What was mailed cannot be taken back or looked up; a correction and a recall are letters of their own.
EMAIL = Capabilities(revise=True, withdraw=True, mailed=True, irreversible=True, rate=30, burst=10, parallel=True)

# A feed shows the newest text and marks what was withdrawn; the receiver fetches both.
FEED = Capabilities(pulled=True, idempotent=True, revise=True, withdraw=True)
LOTUS = Capabilities(pulled=True, idempotent=True, revise=True, withdraw=True)

MANUAL = Capabilities(manual=True, revise=True, withdraw=True)

MEMORY = Capabilities(lookup=True, revise=True, withdraw=True, asynchronous=True, counts=True)
WEBSUB = Capabilities(idempotent=True, revise=True, withdraw=True, rate=60, burst=20)
