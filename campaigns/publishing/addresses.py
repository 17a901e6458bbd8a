"""The public addresses of a bulletin, in one place: feeds, channels, attribution and pages all build them here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """Built on the product's base address, ``https://tin.thudo.example`` (no slash at the end)."""

    base: str

    def bulletin(self, code: str) -> str:
        """The canonical page; what a source link has to point to."""
        return f"{self.base}/bulletins/{code}"

    def republish(self, code: str) -> str:
        """The copy kit."""
        return f"{self.base}/bulletins/{code}/republish"

    def ninjs(self, code: str) -> str:
        """The bulletin as ninjs."""
        return f"{self.base}/bulletins/{code}.json"

    def counter(self, token: str) -> str:
        """The counter image."""
        return f"{self.base}/i/{token}.gif"

    def feed(self, name: str, key: str | None = None) -> str:
        """A public feed, or a partner's own when ``key`` is given. ``name`` is ``rss.xml`` and so on."""
        return f"{self.base}/feeds/{key}/{name}" if key else f"{self.base}/feeds/{name}"
