"""Who gets a bulletin, as a sentence says it before a button: partners' channels, and accounts of our own."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from campaigns.publishing.channels import Channel, ChannelState
from coordinator.web import formats
from coordinator.web.desk.elsewhere import channel_page
from coordinator.web.look import language

HOLDING = (ChannelState.PAUSED, ChannelState.NEEDS_AUTHORISATION)


@dataclass(frozen=True)
class Place:
    """One channel: its name, whose it is (None = ours), and how it stands."""

    code: str
    name: str
    owner: str | None
    state: ChannelState

    @property
    def url(self) -> str | None:
        """Its page; made only for those that are shown, because a city has thousands."""
        return channel_page(self.code)


@dataclass(frozen=True)
class Receivers:
    """The places a bulletin goes to, partners' after our own."""

    places: tuple[Place, ...]

    @property
    def partners(self) -> int:
        """Channels of partners."""
        return sum(place.owner is not None for place in self.places)

    @property
    def accounts(self) -> int:
        """Accounts of the department."""
        return len(self.places) - self.partners

    @property
    def held(self) -> int:
        """Those that wait for somebody to resume or authorise them."""
        return sum(place.state in HOLDING for place in self.places)

    @property
    def words(self) -> str:
        """``214 kênh đối tác, 2 tài khoản``."""
        return how_many(self.partners, self.accounts)

    @property
    def held_words(self) -> str:
        """What becomes of those that hold; '' when none does."""
        if not self.held:
            return ""
        return str(
            ngettext(
                "%(count)s nơi đang tạm dừng hoặc cần cấp quyền lại, sẽ nhận sau",
                "%(count)s nơi đang tạm dừng hoặc cần cấp quyền lại, sẽ nhận sau",
                self.held,
                count=formats.number(self.held, language()),
            )
        )


def how_many(partners: int, accounts: int) -> str:
    """Numbers of partners' channels and own accounts in words; a kind without any is left out."""
    parts = []
    if partners:
        count = formats.number(partners, language())
        parts.append(str(ngettext("%(count)s kênh đối tác", "%(count)s kênh đối tác", partners, count=count)))
    if accounts:
        count = formats.number(accounts, language())
        parts.append(str(ngettext("%(count)s tài khoản", "%(count)s tài khoản", accounts, count=count)))
    return ", ".join(parts) or str(gettext("chưa có nơi nhận nào"))


def receivers_of(channels: Iterable[Channel]) -> Receivers:
    """Channels as pages name them; within the session they came from."""
    places = [Place(one.code, one.name, one.company.name if one.company else None, one.state) for one in channels]
    return Receivers(tuple(sorted(places, key=lambda place: (place.owner is not None, place.name))))
