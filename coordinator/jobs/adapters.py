"""From a channel's row to what speaks to it: its settings, its vault, and the ways out of this installation."""

from collections.abc import Mapping
from typing import Any

from campaigns.publishing.transport import ChannelSettings, Transport
from coordinator.channels import registry
from coordinator.jobs.mailing import MailRoom
from coordinator.jobs.workplace import ChannelVault, Workplace


def adapter_of(place: Workplace, ident: int, code: str, kind: str, settings: Mapping[str, Any]) -> Transport:
    """The adapter of the channel with this primary key. Raises ``Invalid`` for settings that are no longer right."""
    return registry.build(
        kind,
        ChannelSettings(code, settings),
        ChannelVault(place, ident),
        place.door,
        mail=MailRoom(place.mail),
        now=place.now,
    )
