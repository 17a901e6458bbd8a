"""How many receive a bulletin, in words, and the channels behind the number."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.channels.channels import Channel, ChannelState
from coordinator.translation import _, counted, language
from coordinator.web.kit.links import channel_url
from coordinator.web.kit.text import formats

HOLDING_STATES = (ChannelState.PAUSED, ChannelState.NEEDS_AUTHORISATION)


@dataclass(frozen=True)
class RecipientChannel:
    """One channel: its name, its partner (None = the department's own), and its state."""

    code: str
    name: str
    owner: str | None
    state: ChannelState

    @property
    def url(self) -> str | None:
        """Return the channel's address; built only for the channels that are shown, because there may be hundreds."""
        return channel_url(self.code)


@dataclass(frozen=True)
class Recipients:
    """The channels a bulletin goes to; the department's own come first."""

    places: tuple[RecipientChannel, ...]

    @property
    def partners(self) -> int:
        """Return the partners' channels."""
        return sum(place.owner is not None for place in self.places)

    @property
    def accounts(self) -> int:
        """Return the department's own channels."""
        return len(self.places) - self.partners

    @property
    def held(self) -> int:
        """Return the channels that wait to be resumed or authorised."""
        return sum(place.state in HOLDING_STATES for place in self.places)

    @property
    def words(self) -> str:
        """``214 kênh đối tác, 2 tài khoản``."""
        return recipient_counts(self.partners, self.accounts)

    @property
    def held_words(self) -> str:
        """Return what happens to the held channels; '' when there are none."""
        return held_recipients(self.held)


def held_recipients(held: int) -> str:
    """Return what happens to so many held channels; '' for none."""
    if not held:
        return ""
    return str(
        counted(
            "%(count)s nơi đang tạm dừng hoặc cần cấp quyền lại, sẽ nhận sau",
            held,
            count=formats.number(held, language()),
        )
    )


def recipient_counts(partners: int, accounts: int) -> str:
    """Return the numbers of partners' and own channels as labels; a kind without any is omitted."""
    parts = []
    if partners:
        count = formats.number(partners, language())
        parts.append(str(counted("%(count)s kênh đối tác", partners, count=count)))
    if accounts:
        count = formats.number(accounts, language())
        parts.append(str(counted("%(count)s tài khoản", accounts, count=count)))
    return ", ".join(parts) or str(_("chưa có nơi nhận nào"))


def recipients_of(channels: Iterable[Channel]) -> Recipients:
    """Return the channels for display, within the session they came from."""
    places = [
        RecipientChannel(channel.code, channel.name, channel.company.name if channel.company else None, channel.state)
        for channel in channels
    ]
    return Recipients(tuple(sorted(places, key=lambda place: (place.owner is not None, place.name))))
