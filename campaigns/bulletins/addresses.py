"""The public addresses of a bulletin, built here for feeds, channels, attribution and pages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublicAddresses:
    """Built on the product's base address, ``https://tin.thudo.example`` (no slash at the end).

    ``former``: earlier base addresses, which partners' pages still link to.
    """

    base: str
    former: tuple[str, ...] = ()

    @property
    def all_bases(self) -> tuple[str, ...]:
        """The present base address, then the former ones."""
        return (self.base, *self.former)

    def bulletin(self, code: str) -> str:
        """The canonical page, which a source link has to point to."""
        return f"{self.base}/bulletins/{code}"

    def everywhere(self, code: str) -> tuple[str, ...]:
        """The canonical page under the present and the former base addresses; a link to any of them counts."""
        return tuple(f"{base}/bulletins/{code}" for base in self.all_bases)

    def republish(self, code: str) -> str:
        """The copy kit."""
        return f"{self.base}/bulletins/{code}/republish"

    def ninjs(self, code: str) -> str:
        """The bulletin as ninjs."""
        return f"{self.base}/bulletins/{code}.json"

    def counter(self, token: str) -> str:
        """The counter image."""
        return f"{self.base}/i/{token}.gif"

    def picture(self, ident: str, suffix: str = "jpg", ratio: str | None = None) -> str:
        """A kept picture, or its crop to a ratio (``16x9``), which is always a JPEG."""
        return f"{self.base}/pictures/{ident}-{ratio}.jpg" if ratio else f"{self.base}/pictures/{ident}.{suffix}"

    def media(self, ident: str, suffix: str) -> str:
        """A kept video, audio, document or captions file."""
        return f"{self.base}/media/{ident}.{suffix}"

    def feed(self, name: str, key: str | None = None) -> str:
        """A public feed, or a partner's own when ``key`` is given. ``name`` is ``rss.xml`` and so on."""
        return f"{self.base}/feeds/{key}/{name}" if key else f"{self.base}/feeds/{name}"

    def leave(self, token: str) -> str:
        """The page to unsubscribe from bulletins by mail."""
        return f"{self.base}/unsubscribe/{token}"

    def calendar(self, key: str) -> str:
        """The release calendar as a file for calendar programs, with one person's key."""
        return f"{self.base}/calendars/{key}.ics"
