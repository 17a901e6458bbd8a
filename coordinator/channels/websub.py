"""An outside WebSub hub: told that the public feeds have changed, it fetches them and tells its own subscribers.

Our own hub needs no such channel. The Recommendation leaves a publisher's ping open; by convention it is a form with
``hub.mode=publish``, and since some hubs read ``hub.url`` and others ``hub.topic``, both are sent.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from campaigns.publishing.transport import Message, Receipt, Vault
from coordinator.channels import capabilities
from coordinator.channels.calls import Door, Now, call, status_error
from coordinator.channels.settings import WebsubSettings

FEEDS = ("rss.xml", "atom.xml", "feed.json", "ninjs.json")


class WebsubTransport:
    """One ping for each chosen feed; a repeated ping does no harm, a hub only fetches once more."""

    capabilities = capabilities.WEBSUB

    def __init__(self, code: str, values: Mapping[str, Any], vault: Vault, door: Door, now: Now) -> None:
        self._settings = WebsubSettings.model_validate(dict(values))
        self._door = door

    def send(self, message: Message) -> Receipt:
        """Ping the hub for every public feed, whatever the act. Raises ``TransportError`` at the first refusal."""
        base = message.url.partition("/bulletins/")[0]
        status = None
        for topic in (f"{base}/feeds/{name}" for name in FEEDS):
            body = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = call(self._door, "POST", self._settings.hub_url, body=body, headers=headers, repeatable=True)
            if not 200 <= answer.status < 300:
                raise status_error(answer, repeatable=True)
            status = answer.status
        return Receipt(status=status, detail=f"the hub took notice of {len(FEEDS)} feeds")

    def test(self) -> Receipt:
        """Reach the hub without telling it anything; it may answer as it likes, but not with an error of its own, nor
        with another address, to which no ping would follow. Raises ``TransportError``."""
        answer = call(self._door, "GET", self._settings.hub_url, repeatable=True)
        if answer.status >= 500 or 300 <= answer.status < 400:
            raise status_error(answer, repeatable=True)
        return Receipt(status=answer.status, detail=f"the hub answered {answer.status}")
