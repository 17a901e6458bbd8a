"""The preparation of every kind that is offered, common kinds first: the order of the page."""

from collections.abc import Mapping
from types import MappingProxyType

from coordinator.channels.email import labels as email
from coordinator.channels.facebook import labels as facebook
from coordinator.channels.feed import labels as feed
from coordinator.channels.lotus import labels as lotus
from coordinator.channels.manual import labels as manual
from coordinator.channels.mastodon import labels as mastodon
from coordinator.channels.setup_guide import SetupGuide
from coordinator.channels.telegram import labels as telegram
from coordinator.channels.webhook import labels as webhook
from coordinator.channels.websub import labels as websub
from coordinator.channels.wordpress import labels as wordpress
from coordinator.channels.zalo import labels as zalo

GUIDES: Mapping[str, SetupGuide] = MappingProxyType(
    {
        "zalo": zalo.GUIDE,
        "facebook": facebook.GUIDE,
        "feed": feed.GUIDE,
        "email": email.GUIDE,
        "wordpress": wordpress.GUIDE,
        "telegram": telegram.GUIDE,
        "webhook": webhook.GUIDE,
        "lotus": lotus.GUIDE,
        "manual": manual.GUIDE,
        "mastodon": mastodon.GUIDE,
        "websub": websub.GUIDE,
    }
)
